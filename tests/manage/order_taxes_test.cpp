// Staff have a VAT number asked about again that nobody could confirm when it was ordered, and take the tax
// off: the lines, what is owed back, the documents, the record. source: taxes and invoices 25, 1.
#include <gtest/gtest.h>

#include "domain/conference/sellers.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/tax_rules.hpp"
#include "manage/order_pages.hpp"
#include "support/site/selling.hpp"

namespace plenary::manage::testing {
namespace {

using registration::VatStatus;

class OrderTaxes : public OrderPagesTest {
 protected:
  registration::VatService* vat_service() override { return &vat_; }

  // The ticket is attended from elsewhere, its seller is in Germany, and a French company has paid its tax.
  std::int64_t taxed() {
    write([&](db::Tx& tx) {
      conference::Seller seller;
      seller.name = "Fair e.V.";
      seller.country = "DE";
      seller.currency = "USD";
      seller.vat_id = "DE136695976";
      seller.invoice_prefix = "F-";
      seller.credit_note_prefix = "FC-";
      conference::Conference fair = *conference::load(tx, conference_id());
      fair.seller_id = conference::save(tx, seller);
      EXPECT_TRUE(conference::update(tx, fair));
      registration::TaxRule online;
      online.conference_id = conference_id();
      online.name = online.slug = "online";
      online.rate = Decimal(19);
      online.place_of_supply = registration::PlaceOfSupply::customer;
      online.reverse_charge = true;
      online.reverse_charge_text = "Reverse charge: the recipient owes the tax.";
      const auto rule = registration::save(tx, online);
      auto type = registration::find_ticket_type(tx, conference_id(), "individual").value();
      type.tax_rule_id = rule;
      return registration::save(tx, type);
    });
    const std::int64_t id = paid();
    write([&](db::Tx& tx) {
      tx.exec(
          "UPDATE orders SET billing_is_business = 1, billing_company = 'ACME SARL', billing_country = 'FR', "
          "billing_vat_id = 'FR12345678901' WHERE id = $1",
          id);
      return invoicing::settle(tx, id).size();
    });
    return id;
  }
  HttpResponse step(Buyer& who, std::int64_t id, const char* what) {
    return send(who, page(id, "taxes"), {{"step", what}});
  }
  std::int64_t number_of(const char* sql, std::int64_t id) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql, id); });
  }

  site::testing::VatStandIn vat_;
};
ON_BOTH_ENGINES(OrderTaxes);

TEST_P(OrderTaxes, AConfirmedNumberTakesTheTaxOff) {
  const std::int64_t id = taxed();
  Buyer who = registrar();
  EXPECT_TRUE(contains(who.get(page(id)), page(id, "taxes")));
  HttpResponse shown = who.get(page(id, "taxes"));
  EXPECT_TRUE(contains(shown, "FR12345678901"));
  EXPECT_FALSE(contains(shown, "Take ")) << "nobody has asked yet";
  EXPECT_EQ(step(who, id, "ask").status, 303);
  EXPECT_EQ(vat_.last_requester, "DE136695976");
  shown = who.get(page(id, "taxes"));
  EXPECT_TRUE(contains(shown, "Analytical Engines GmbH"));
  EXPECT_TRUE(contains(shown, "WAPI-1"));
  EXPECT_TRUE(contains(shown, "The service confirms the number."));
  EXPECT_TRUE(contains(shown, "<dt>The order is billed to</dt><dd>ACME SARL")) << "both names side by side";
  EXPECT_TRUE(contains(shown, "Take $15.97 of tax off")) << "100.00 hold 15.97";
  EXPECT_EQ(number_of("SELECT total FROM orders WHERE id = $1", id), 100'00) << "nothing happened yet";
  EXPECT_EQ(step(who, id, "do").status, 303);
  EXPECT_EQ(number_of("SELECT total FROM orders WHERE id = $1", id), 84'03);
  EXPECT_EQ(number_of("SELECT vat_confirmed FROM orders WHERE id = $1", id), 1);
  EXPECT_TRUE(contains(who.get(page(id)), "The tax was taken off"));
  EXPECT_FALSE(contains(who.get(page(id)), page(id, "taxes")));
  EXPECT_TRUE(contains(who.get(page(id, "taxes")), "No tax of this order"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'orders' AND changes LIKE "
                  "'%vat_confirmed%'"),
            1);
  write([&](db::Tx& tx) { return invoicing::settle(tx, id).size(); });
  const auto documents = db().read_now([&](db::Tx& tx) { return invoicing::documents_of(tx, id); });
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents[1].gross, -100'00);
  EXPECT_EQ(documents[1].corrects_id, documents[0].id);
  EXPECT_EQ(documents[2].gross, 84'03);
  EXPECT_EQ(documents[2].tax, 0);
  EXPECT_EQ(invoicing::read_snapshot(documents[2].snapshot).texts,
            std::vector<std::string>{"Reverse charge: the recipient owes the tax."});
}

TEST_P(OrderTaxes, WithoutAConfirmationTheTaxStays) {
  const std::int64_t id = taxed();
  Buyer who = registrar();
  vat_.answers = VatStatus::unavailable;
  EXPECT_EQ(step(who, id, "ask").status, 503);
  vat_.answers = VatStatus::invalid;
  EXPECT_EQ(step(who, id, "ask").status, 303);
  const HttpResponse shown = who.get(page(id, "taxes"));
  EXPECT_TRUE(contains(shown, "There is no such number"));
  EXPECT_TRUE(contains(shown, "The service does not know the number."));
  EXPECT_FALSE(contains(shown, "value=\"do\""));
  const Fields made_up = Buyer::form(shown, page(id, "taxes"), {{"step", "do"}});
  EXPECT_EQ(who.post(page(id, "taxes"), made_up).status, 422);
  EXPECT_EQ(number_of("SELECT total FROM orders WHERE id = $1", id), 100'00);
  // An answer counts for a day.
  vat_.answers = VatStatus::valid;
  EXPECT_EQ(step(who, id, "ask").status, 303);
  EXPECT_TRUE(contains(who.get(page(id, "taxes")), "value=\"do\""));
  clock().advance(Duration::hours(25));
  Buyer later = signed_in("desk@example.org");
  EXPECT_FALSE(contains(later.get(page(id, "taxes")), "value=\"do\""));
}

TEST_P(OrderTaxes, AreForWhoMayChangeOrders) {
  const std::int64_t id = taxed();
  Buyer viewer = browser("eve@example.org", "Finance Team", "Eve");
  EXPECT_EQ(viewer.get(page(id, "taxes")).status, 403);
}

}  // namespace
}  // namespace plenary::manage::testing
