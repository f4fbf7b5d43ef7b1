#include "support/site/selling.hpp"

#include "domain/conference/conferences.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::site::testing {

registration::VatCheck VatStandIn::check(const std::string& vat_id, const std::string& requester) {
  ++asked;
  last_id = vat_id;
  last_requester = requester;
  registration::VatCheck check;
  check.vat_id = vat_id;
  check.status = answers;
  if (answers == registration::VatStatus::valid) {
    check.name = "Analytical Engines GmbH";
    check.consultation_number = "WAPI-1";
  }
  return check;
}

void SellingTest::SetUp() {
  ShopTest::SetUp();
  open({.settings = [this](config::Settings& settings) { set(settings); },
        .tickets =
            [](std::vector<registration::TicketType>& tickets) {
              registration::TicketType online;
              online.name = "Ticket online";
              online.slug = "online";
              online.price = 11'900;
              tickets.push_back(online);
              registration::TicketType give;
              give.name = "Ticket give";
              give.slug = "give";
              give.price = 4'000;
              give.free_price = true;
              give.minimum_price = 1'000;
              tickets.push_back(give);
            }});
  write([&](db::Tx& tx) {
    conference::Seller seller;
    seller.name = "Fair e.V.";
    seller.street = "Allee 1";
    seller.city = "Berlin";
    seller.country = "DE";
    seller.vat_id = "DE136695976";
    seller.invoice_prefix = "F-";
    seller.credit_note_prefix = "FC-";
    conference::Conference fair = *conference::load(tx, conference_id());
    fair.seller_id = conference::save(tx, seller);
    fair.event_country = "DE";
    EXPECT_TRUE(conference::update(tx, fair));

    const auto rule = [&](std::string name, std::string slug, std::int64_t percent) {
      registration::TaxRule made;
      made.conference_id = conference_id();
      made.name = std::move(name);
      made.slug = std::move(slug);
      made.rate = Decimal(percent);
      return made;
    };
    registration::TaxRule standard = rule("VAT", "standard", 19);
    const auto standard_id = registration::save(tx, standard);
    registration::TaxRule online = rule("VAT online", "online", 19);
    online.place_of_supply = registration::PlaceOfSupply::customer;
    online.reverse_charge = true;
    online.reverse_charge_text = "Reverse charge: the recipient owes the tax.";
    const auto online_id = registration::save(tx, online);
    registration::set_country_rate(tx, online_id, "AT", Decimal(20));
    registration::TaxRule reduced = rule("VAT reduced", "reduced", 7);
    reduced.category = registration::TaxCategory::reduced;
    reduced.includes_tax = false;
    const auto reduced_id = registration::save(tx, reduced);

    registration::Id individual_id = 0;
    for (registration::TicketType type : registration::ticket_types_of(tx, conference_id())) {
      if (type.slug == "individual") {
        type.limit_per_user = 5;
        type.tax_rule_id = standard_id;
        individual_id = type.id;
      } else if (type.slug == "online") {
        type.tax_rule_id = online_id;
      } else {
        continue;
      }
      registration::save(tx, type);
    }
    registration::AddOn shirt = *registration::find_addon(tx, conference_id(), "shirt");
    shirt.tax_rule_id = reduced_id;
    registration::save(tx, shirt);
    const auto size = [&](const char* name, const char* slug, std::int64_t order) {
      registration::Variation variation;
      variation.conference_id = conference_id();
      variation.addon_id = shirt.id;
      variation.name = name;
      variation.slug = slug;
      variation.order = order;
      return variation;
    };
    registration::Variation small = size("S", "s", 0), medium = size("M", "m", 1), large = size("L", "l", 2);
    medium.total_quantity = 1;
    large.price = 3'000;
    for (const auto& variation : {small, medium, large}) registration::save(tx, variation);

    registration::Condition early;
    early.conference_id = conference_id();
    early.name = "Early bird";
    early.discount_type = registration::DiscountType::fixed_amount;
    early.amount = 2'000;
    early.ticket_scope = registration::Scope::selected;
    early.addon_scope = registration::Scope::none;
    registration::ConditionLinks links;
    links.products.ticket_types = {individual_id};
    registration::save_condition(tx, early, links);
    registration::Condition speakers = early;
    speakers.kind = registration::ConditionKind::speaker;
    speakers.name = "Speakers";
    speakers.priority = -1;
    registration::save_condition(tx, speakers, links);

    registration::Voucher friends;
    friends.conference_id = conference_id();
    friends.code = "FRIENDS";
    friends.type = registration::VoucherType::percentage;
    friends.percent = Decimal(10);
    friends.max_uses = 20;
    friends.max_units = std::nullopt;
    friends.unlocks_hidden_tickets = true;
    registration::save(tx, friends);
  });
}

HttpResponse SellingTest::apply(Buyer& buyer, std::string code) {
  const HttpResponse page = buyer.tickets();
  return buyer.post(
      buyer.base() + "cart/",
      Buyer::form(page, buyer.base() + "cart/", {{"voucher_code", std::move(code)}}, "apply_voucher"));
}

HttpResponse SellingTest::review_with(Buyer& buyer, Fields typed) {
  const HttpResponse page = buyer.get(buyer.base() + "checkout/");
  const std::string action = buyer.base() + "checkout/review/";
  typed.emplace_back("billing_name", "Ada Lovelace");
  typed.emplace_back("billing_email", "ada@example.org");
  return buyer.post(action, Buyer::form(page, action, typed));
}

Fields SellingTest::company(std::string country, std::string vat_id) {
  return {{"billing_is_business", "1"},
          {"billing_company", "Analytical Engines"},
          {"billing_street", "Ring 5"},
          {"billing_postcode", "1010"},
          {"billing_city", "Vienna"},
          {"billing_country", std::move(country)},
          {"billing_vat_id", std::move(vat_id)},
          {"billing_reference", "PO 77"}};
}

}  // namespace plenary::site::testing
