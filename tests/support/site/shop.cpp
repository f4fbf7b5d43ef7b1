#include "support/site/shop.hpp"

#include "domain/conference/conferences.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/orders.hpp"

namespace plenary::site::testing {

using registration::AddOn;
using registration::TicketType;

namespace {

TicketType ticket(std::string slug, std::int64_t price, std::int64_t quantity) {
  TicketType type;
  type.name = "Ticket " + slug;
  type.slug = std::move(slug);
  type.price = price;
  type.total_quantity = quantity;
  return type;
}

std::string unescaped(std::string text) {
  for (const auto& [from, to] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#x27;", "'"}, {"&amp;", "&"}}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
      text.replace(at, std::string_view(from).size(), to);
    }
  }
  return text;
}

std::string attribute(std::string_view tag, std::string_view name) {
  const std::string start = " " + std::string(name) + "=\"";
  const std::size_t at = tag.find(start);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + start.size();
  return unescaped(std::string(tag.substr(from, tag.find('"', from) - from)));
}

}  // namespace

std::string outcome(const HttpResponse& response) {
  return response.header("Plenary-Outcome");
}
bool contains(const HttpResponse& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

Fields Buyer::form(const HttpResponse& page, std::string_view action, Fields typed, std::string_view marker) {
  const std::string& html = page.body;
  for (std::size_t at = 0; (at = html.find("<form", at)) != std::string::npos; ++at) {
    const std::size_t end = html.find("</form>", at);
    const std::string_view tag(html.data() + at, html.find('>', at) - at);
    if (attribute(tag, "action") != action) continue;
    Fields fields;
    bool marked = marker.empty();
    for (std::size_t in = at + 1; (in = html.find('<', in)) < end; ++in) {
      const std::string_view rest(html.data() + in, end - in);
      const std::string_view input = rest.substr(0, rest.find('>'));
      if (input.find(" disabled") != std::string_view::npos) continue;
      if (input.starts_with("<input ")) {
        const std::string type = attribute(input, "type");
        const bool is_box = type == "checkbox" || type == "radio";
        if (is_box && input.find(" checked") == std::string_view::npos) continue;
        if (type == "submit" || type == "file" || type == "button") continue;
        fields.emplace_back(attribute(input, "name"), attribute(input, "value"));
        if (is_box && input.find(" value=") == std::string_view::npos) fields.back().second = "on";
      } else if (input.starts_with("<textarea ")) {
        std::string_view text = rest.substr(input.size() + 1, rest.find("</textarea>") - input.size() - 1);
        if (text.starts_with("\n")) text.remove_prefix(1);
        fields.emplace_back(attribute(input, "name"), unescaped(std::string(text)));
      } else if (input.starts_with("<select ")) {
        const std::string_view options = rest.substr(0, rest.find("</select>"));
        const std::string name = attribute(input, "name");
        std::optional<std::string> first;
        bool any = false;
        for (std::size_t o = 0; (o = options.find("<option", o)) != std::string_view::npos; ++o) {
          const std::string_view option = options.substr(o, options.find('>', o) - o);
          std::string value = attribute(option, "value");
          if (option.find(" selected") != std::string_view::npos) {
            fields.emplace_back(name, std::move(value));
            any = true;
          } else if (!first) {
            first = std::move(value);
          }
        }
        if (!any && first && input.find(" multiple") == std::string_view::npos)
          fields.emplace_back(name, std::move(*first));
      } else {
        continue;
      }
      if (!fields.empty()) marked |= fields.back().second == marker;
    }
    if (!marked) continue;
    for (auto& [name, value] : typed) {
      const auto same =
          std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == name; });
      if (same == fields.end()) {
        fields.emplace_back(name, value);
      } else {
        same->second = value;
      }
    }
    return fields;
  }
  ADD_FAILURE() << "no form for " << action << " " << marker << " in\n" << html;
  return typed;
}

HttpResponse Buyer::add(std::string_view ticket, std::string quantity) {
  const HttpResponse page = tickets();
  return post(base_ + "cart/", form(page, base_ + "cart/", {{"quantity", std::move(quantity)}}, ticket));
}

HttpResponse Buyer::review(std::string name, std::string email) {
  const HttpResponse page = get(base_ + "checkout/");
  return post(base_ + "checkout/review/",
              form(page, base_ + "checkout/review/",
                   {{"billing_name", std::move(name)}, {"billing_email", std::move(email)}}));
}

HttpResponse Buyer::order(std::string email) {
  const HttpResponse page = review("Ada Lovelace", std::move(email));
  return post(base_ + "checkout/", form(page, base_ + "checkout/"));
}

HttpResponse Buyer::pay(std::string_view path, std::string card) {
  const HttpResponse page = get(path);
  return post(path, form(page, path,
                         {{"card_number", std::move(card)}, {"card_expiry", "12/39"}, {"card_cvc", "123"}}));
}

plenary::test::TestDatabase::Change ShopTest::change() {
  return [clock = DatabaseTest::change()](db::DatabaseOptions& options) {
    clock(options);
    options.slow_write = Duration::hours(1);  // these tests are about pages
  };
}

void ShopTest::SetUp() {
  DatabaseTest::SetUp();
  open({});
}

void ShopTest::TearDown() {
  server_.reset();
  application_.reset();
  if (!HasFatalFailure() && conference_id_ != 0) {
    EXPECT_EQ(stock_faults(), "");
  }
  DatabaseTest::TearDown();
}

void ShopTest::open(const ShopPlan& plan) {
  server_.reset();
  application_.reset();
  settings_ = {};
  settings_.security.limits = false;
  plan.settings(settings_);
  catalogues_ = std::make_unique<registration::Catalogues>(settings_.program);
  const registration::HoldLimits limits{.enabled = settings_.security.limits,
                                        .rates = settings_.security.rates};
  shop_.reset(new registration::Shop{settings_.program, *catalogues_, Random::system(), limits});
  conference_id_ = db().write_now(db::global_lane, "make shop", [&](db::Tx& tx) {
    conference::Conference fair;
    fair.name = plan.name;
    fair.slug = "fair";
    fair.start_date = *Date::parse("2027-05-20");
    fair.end_date = *Date::parse("2027-05-22");
    fair.timezone = "Europe/Berlin";
    fair.total_capacity = plan.capacity;
    if (const auto existing = conference::find(tx, "fair")) {
      // The test wants another plan than SetUp's: the old conference makes room for it.
      tx.exec("UPDATE conference SET slug = $1, is_active = 0 WHERE id = $2",
              "gone-" + std::to_string(existing->id), existing->id);
    }
    const std::int64_t id = conference::create(tx, fair).value();
    registration::set_conference_capacity(tx, id, plan.capacity);
    std::vector<TicketType> tickets{ticket("individual", 10'000, 5), ticket("student", 4'000, 0),
                                    ticket("free", 0, 0), ticket("hidden", 1'000, 0)};
    tickets.back().requires_voucher = true;
    plan.tickets(tickets);
    std::int64_t individual = 0, order = 0;
    for (TicketType& type : tickets) {
      type.conference_id = id;
      type.order = order++;
      const std::int64_t saved = registration::save(tx, type);
      if (type.slug == "individual") individual = saved;
    }
    AddOn shirt;
    shirt.conference_id = id;
    shirt.name = "Shirt";
    shirt.slug = "shirt";
    shirt.price = 2'500;
    registration::save(tx, shirt);
    AddOn dinner = shirt;
    dinner.name = "Dinner";
    dinner.slug = "dinner";
    dinner.price = 6'000;
    dinner.requires_ticket_types = {individual};
    registration::save(tx, dinner);
    return id;
  });
  if (!pool_) pool_ = std::make_unique<Pool>(1, 16);
  application_ =
      std::make_unique<Application>(Parts{.db = db(),
                                          .shop = *shop_,
                                          .settings = settings_,
                                          .gateway = gateway_,
                                          .clock = clock(),
                                          .random = Random::system(),
                                          .pool = pool_.get(),
                                          .hash_cost = {8 * 1024, 1},
                                          .more_pages = more_pages(),
                                          .vat_service = vat_service()},
                                    Secret("a key of at least thirty-two bytes, for tests"), more_tables());
  web::ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.log = [](web::LogLevel level, std::string_view line) {
    if (level == web::LogLevel::error) ADD_FAILURE() << line;
  };
  server_ = std::make_unique<web::Server>(options, application_->services());
  server_->start();
}

std::string ShopTest::stock_faults() {
  std::string text;
  const auto faults =
      db().read_now([&](db::Tx& tx) { return registration::verify_stock(tx, conference_id_); });
  for (const auto& fault : faults) text += fault.what + "\n";
  for (const auto& fault :
       db().read_now([&](db::Tx& tx) { return registration::verify_ledger(tx, conference_id_); }))
    text += fault + "\n";
  return text;
}

std::int64_t ShopTest::count(const char* sql) {
  return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
}

void ShopTest::settle_all(bool success) {
  const auto waiting = db().read_now([](db::Tx& tx) {
    return tx.query<std::int64_t>("SELECT id FROM payment WHERE status = 'processing'");
  });
  for (const std::int64_t id : waiting) {
    write([&](db::Tx& tx) {
      registration::settle(tx, *shop_, id, success, {"sandbox", "system", "late answer"});
    });
  }
}

void ShopTest::sweep() {
  write([&](db::Tx& tx) { registration::sweep_expired(tx, *shop_, conference_id_); });
}

}  // namespace plenary::site::testing
