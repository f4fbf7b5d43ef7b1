// Random shops and carts as rows of a database: what a buyer's cart page says of them is what the literal
// model says of the same shop in memory. So every rule is stored, found and reckoned alike on both engines.
// PLENARY_RANDOM_CARTS sets how many carts; the sanitizers take fewer. source: registration 20, 6 and 8.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "domain/conference/conferences.hpp"
#include "domain/registration/buyer.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/fair.hpp"
#include "domain/registration/literal_pricing.hpp"
#include "domain/registration/random_shop.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::registration {
namespace {

using namespace testing;

constexpr int carts_of_a_shop = 50;
constexpr std::int64_t uses = 5;  // of every voucher

int random_carts() {
  const char* wanted = std::getenv("PLENARY_RANDOM_CARTS");
  return wanted ? std::atoi(wanted) : 100'000;
}

// Ids that were given to what is drawn, whose own count from 1.
using Ids = std::vector<Id>;
Id given(const Ids& ids, Id drawn) {
  return ids.at(static_cast<std::size_t>(drawn - 1));
}
std::optional<Id> given(const Ids& ids, std::optional<Id> drawn) {
  return drawn ? std::optional(given(ids, *drawn)) : std::nullopt;
}

struct StoredShop {
  Id conference = 0;
  Ids groups, rules, tickets, addons, variations, conditions;
};

// What is drawn counts microseconds from nothing, in windows that may end before they begin.
void make_storable(std::optional<Instant>& start, std::optional<Instant>& end, Instant day) {
  if (start && end && *end < *start) std::swap(start, end);
  for (auto* moment : {&start, &end})
    if (*moment) (*moment)->micros += day.micros;
}

class StoredCarts : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F&& fn) {
    clock().set(day_);
    return db().write_now(db::global_lane, "test", std::forward<F>(fn));
  }

  void SetUp() override {
    DatabaseTest::SetUp();
    // Who speaks is the schedule's to know.
    ask_speaker_roles([this](db::Tx&, std::int64_t, std::int64_t user) { return roles_.at(user); });
    day_ = clock().now();
    seller_ = write([&](db::Tx& tx) {
      conference::Seller seller;
      seller.name = "Fair Ltd";
      seller.country = "DE";
      seller.invoice_prefix = "I";
      seller.credit_note_prefix = "C";
      return conference::seller_table().insert(tx, seller).id;
    });
  }

  StoredShop store(db::Tx& tx, const Catalogue& shop, int number) {
    StoredShop stored;
    conference::Conference conference;
    conference.name = "Fair";
    conference.slug = "fair-" + std::to_string(number);
    conference.start_date = *Date::parse("2027-05-14");
    conference.end_date = *Date::parse("2027-05-16");
    conference.event_country = shop.conference.event_country;
    conference.discount_choice = shop.conference.discount_choice;
    conference.tax_rounding = shop.conference.tax_rounding;
    if (shop.seller) conference.seller_id = seller_;
    stored.conference = conference::conference_table().insert(tx, conference).id;
    for (int i = 1; i <= 3; ++i)
      stored.groups.push_back(
          tx.one<Id>("INSERT INTO user_group (name, created_at, updated_at) VALUES ($1, 0, 0) RETURNING id",
                     std::to_string(number) + " " + std::to_string(i)));
    store_taxes(tx, shop, stored);
    store_products(tx, shop, stored);
    for (const DiscountRule& rule : shop.discounts) store_discount(tx, rule, stored);
    return stored;
  }

  void store_taxes(db::Tx& tx, const Catalogue& shop, StoredShop& stored) {
    for (const ReckonedRule& rule : shop.tax_rules) {
      TaxRule row = rule.rule;
      row.id = 0;
      row.conference_id = stored.conference;
      row.slug = "rule-" + std::to_string(rule.rule.id);
      stored.rules.push_back(tax_rule_table().insert(tx, row).id);
      for (const auto& [country, rate] : rule.countries) {
        TaxRuleCountry own;
        own.tax_rule_id = stored.rules.back();
        own.country = country;
        own.rate = percent_of(rate);
        tax_rule_country_table().insert(tx, own);
      }
    }
  }

  void store_products(db::Tx& tx, const Catalogue& shop, StoredShop& stored) {
    for (TicketType row : shop.ticket_types) {
      row.id = 0;
      row.conference_id = stored.conference;
      row.tax_rule_id = given(stored.rules, row.tax_rule_id);
      stored.tickets.push_back(ticket_type_table().insert(tx, row).id);
    }
    for (AddOn row : shop.addons) {
      row.id = 0;
      row.conference_id = stored.conference;
      row.tax_rule_id = given(stored.rules, row.tax_rule_id);
      stored.addons.push_back(addon_table().insert(tx, row).id);
    }
    for (Variation row : shop.variations) {
      row.id = 0;
      row.conference_id = stored.conference;
      row.ticket_type_id = given(stored.tickets, row.ticket_type_id);
      row.addon_id = given(stored.addons, row.addon_id);
      stored.variations.push_back(variation_table().insert(tx, row).id);
    }
  }

  void store_scope(db::Tx& tx, const char* of_ticket, const char* of_addon, Id owner,
                   const ScopedProducts& products, const StoredShop& stored) {
    for (const Id id : products.ticket_types) tx.exec_later(of_ticket, owner, given(stored.tickets, id));
    for (const Id id : products.addons) tx.exec_later(of_addon, owner, given(stored.addons, id));
  }

  // The ids of conditions are drawn in the order of the ids, but stand in that of their priority.
  void store_discount(db::Tx& tx, const DiscountRule& rule, StoredShop& stored) {
    Condition row = rule.condition;
    row.id = 0;
    row.conference_id = stored.conference;
    const Id id = condition_table().insert(tx, row).id;
    const auto place = static_cast<std::size_t>(rule.condition.id);
    if (stored.conditions.size() < place) stored.conditions.resize(place);
    stored.conditions[place - 1] = id;
    store_scope(tx, "INSERT INTO condition_ticket_type (condition_id, ticket_type_id) VALUES ($1, $2)",
                "INSERT INTO condition_addon (condition_id, addon_id) VALUES ($1, $2)", id,
                rule.links.products, stored);
    for (const Id ticket : rule.links.enabling_ticket_types)
      tx.exec_later(
          "INSERT INTO condition_enabling_ticket_type (condition_id, ticket_type_id) VALUES ($1, $2)", id,
          given(stored.tickets, ticket));
    for (const Id group : rule.links.groups)
      tx.exec_later("INSERT INTO condition_group (condition_id, group_id) VALUES ($1, $2)", id,
                    given(stored.groups, group));
  }

  // What everybody in the shop has used of its limited discounts.
  void store_levels(db::Tx& tx, const Catalogue& shop, const StockLevels& levels, const StoredShop& stored) {
    for (const DiscountRule& rule : shop.discounts) {
      const StockLevel* level = levels.find(StockKind::condition, rule.condition.id);
      if (!level) continue;
      const Id condition = given(stored.conditions, rule.condition.id);
      const Id stock = tx.one<Id>(
          "INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held) VALUES ($1, "
          "'condition', "
          "$2, NULLIF($3, 0), $4, $5) RETURNING id",
          stored.conference, condition, rule.condition.usage_limit, level->sold, level->held);
      const auto hold = [&](std::int64_t quantity, Instant until) {
        if (quantity > 0)
          tx.exec_later(
              "INSERT INTO hold (conference_id, stock_id, owner_kind, owner_id, quantity, expires_at) VALUES "
              "($1, $2, 'cart', $3, $4, $5)",
              stored.conference, stock, next_owner_--, quantity, until);
      };
      hold(level->elapsed, day_);
      hold(level->held - level->elapsed, never);
    }
  }

  std::optional<Id> store_person(db::Tx& tx, const Person& person, const StoredShop& stored) {
    if (!person.user_id) return std::nullopt;
    const Id user = tx.one<Id>(
        "INSERT INTO user_account (name, created_at, updated_at) VALUES ('Ada', 0, 0) RETURNING id");
    roles_[user] = {person.presents, person.co_presents};
    for (const Id group : person.groups)
      tx.exec_later(
          "INSERT INTO role_assignment (user_id, group_id, conference_id, created_at, updated_at) VALUES "
          "($1, "
          "$2, $3, 0, 0)",
          user, given(stored.groups, group), stored.conference);
    if (person.bought.empty()) return user;
    const Id order = tx.one<Id>(
        "INSERT INTO orders (conference_id, user_id, status, reference, currency, created_at, updated_at) "
        "VALUES "
        "($1, $2, 'paid', $3, 'USD', 0, 0) RETURNING id",
        stored.conference, user, std::to_string(next_code_++));
    for (const Id ticket : person.bought)
      tx.exec_later(
          "INSERT INTO order_line (order_id, ticket_type_id, kind, description, unit_price, line_total, "
          "gross, "
          "net) VALUES ($1, $2, 'ticket', 'Ticket', 0, 0, 0, 0)",
          order, given(stored.tickets, ticket));
    return user;
  }

  std::optional<Id> store_voucher(db::Tx& tx, const RandomCart& cart, const StoredShop& stored) {
    if (!cart.voucher) return std::nullopt;
    Voucher row = cart.voucher->voucher;
    row.id = 0;
    row.conference_id = stored.conference;
    row.code = "CODE-" + std::to_string(next_code_++);
    row.max_uses = uses;
    constexpr std::int64_t spent = 70;
    if (cart.voucher->budget_left) row.budget = *cart.voucher->budget_left + spent;
    const Id id = voucher_table().insert(tx, row).id;
    store_scope(tx, "INSERT INTO voucher_ticket_type (voucher_id, ticket_type_id) VALUES ($1, $2)",
                "INSERT INTO voucher_addon (voucher_id, addon_id) VALUES ($1, $2)", id,
                cart.voucher->products, stored);
    const auto stock = [&](const char* kind, std::int64_t capacity, std::int64_t sold) {
      tx.exec_later(
          "INSERT INTO stock (conference_id, kind, product_id, capacity, sold) VALUES ($1, $2, $3, $4, $5)",
          stored.conference, kind, id, capacity, sold);
    };
    stock("voucher", uses, uses - cart.voucher->uses_left);
    if (row.budget) stock("voucher_budget", *row.budget, spent);
    return id;
  }

  Visitor store_cart(db::Tx& tx, const RandomCart& cart, const StoredShop& stored) {
    const Visitor visitor{stored.conference, store_person(tx, cart.person, stored),
                          token_hash(std::to_string(next_code_++)), ""};
    const Id id = tx.one<Id>(
        "INSERT INTO cart (conference_id, user_id, session_hash, voucher_id, expires_at, created_at, "
        "updated_at) "
        "VALUES ($1, $2, $3, $4, $5, 0, 0) RETURNING id",
        stored.conference, visitor.user_id,
        visitor.user_id ? std::nullopt : std::optional(visitor.session_hash), store_voucher(tx, cart, stored),
        never);
    for (const CartItem& item : cart.items) {
      const bool is_ticket = item.kind == ProductKind::ticket_type;
      const Id product = given(is_ticket ? stored.tickets : stored.addons, item.product_id);
      const char* sql = is_ticket
                            ? "INSERT INTO cart_item (cart_id, ticket_type_id, variation_id, chosen_price, "
                              "quantity, created_at) VALUES ($1, $2, $3, $4, $5, 0)"
                            : "INSERT INTO cart_item (cart_id, addon_id, variation_id, chosen_price, "
                              "quantity, created_at) VALUES ($1, $2, $3, $4, $5, 0)";
      tx.exec_later(sql, id, product, given(stored.variations, item.variation_id), item.chosen_price,
                    item.quantity);
    }
    return visitor;
  }

  void compare(const Catalogue& drawn, const RandomCart& cart, const Catalogue& loaded,
               const Visitor& visitor, const StoredShop& stored) {
    clock().set(cart.now);
    const PricingInput input = cart.input();
    const Quote q = db().read_now([&](db::Tx& tx) {
      return quote_for(loaded, view_cart(tx, loaded, visitor), input.party, tx.now(), false);
    });
    const auto model = literal_prices(drawn, input);
    ASSERT_EQ(q.lines.size(), model.size());
    for (std::size_t i = 0; i < model.size(); ++i) {
      SCOPED_TRACE("line " + std::to_string(i));
      const QuoteLine& line = q.lines[i];
      ASSERT_EQ(line.condition_discount, model[i].condition);
      ASSERT_EQ(line.condition_id.value_or(0),
                model[i].condition_id == 0 ? 0 : given(stored.conditions, model[i].condition_id));
      ASSERT_EQ(line.voucher_discount, model[i].voucher);
      ASSERT_EQ(line.line_total, model[i].total);
      ASSERT_EQ(std::tie(line.net, line.tax, line.gross),
                std::tie(model[i].net, model[i].tax, model[i].gross));
      ASSERT_EQ(line.applied_tax.country, model[i].tax_country);
      ASSERT_EQ(line.applied_tax.category, model[i].category);
    }
  }

  test::TestDatabase::Change change() override {
    return [before = DatabaseTest::change()](db::DatabaseOptions& options) {
      before(options);
      options.slow_write = Duration::seconds(10);  // a whole shop with its carts is one write
    };
  }
  void TearDown() override {
    ask_speaker_roles({});
    DatabaseTest::TearDown();
  }

  Instant day_;

 private:
  std::map<Id, SpeakerRole> roles_;
  std::int64_t seller_ = 0, next_code_ = 1, next_owner_ = -1;
};

// As it can stand in rows: a window ends after it began, and a cart has a product once.
void make_storable(Catalogue& shop, Instant day) {
  for (DiscountRule& rule : shop.discounts)
    make_storable(rule.condition.start_time, rule.condition.end_time, day);
}
void make_storable(RandomCart& cart, Instant day) {
  cart.now.micros += day.micros;
  if (cart.voucher) make_storable(cart.voucher->voucher.valid_from, cart.voucher->voucher.valid_until, day);
  std::sort(cart.items.begin(), cart.items.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::set<std::tuple<ProductKind, Id, std::optional<Id>, std::optional<std::int64_t>>> seen;
  std::erase_if(cart.items, [&](const CartItem& item) {
    return !seen.emplace(item.kind, item.product_id, item.variation_id, item.chosen_price).second;
  });
}

TEST_P(StoredCarts, OfRandomShopsCostWhatTheLiteralModelSays) {
  Draw draw(20'270'515);
  const int shops = (random_carts() + carts_of_a_shop - 1) / carts_of_a_shop;
  for (int number = 0; number < shops; ++number) {
    Catalogue shop = random_catalogue(draw);
    make_storable(shop, day_);
    std::vector<RandomCart> carts;
    for (int i = 0; i < carts_of_a_shop; ++i) {
      carts.push_back(random_cart(shop, draw));
      make_storable(carts.back(), day_);
      carts.back().levels = carts.front().levels;
    }
    StoredShop stored;
    std::vector<Visitor> visitors;
    write([&](db::Tx& tx) {
      stored = store(tx, shop, number);
      store_levels(tx, shop, carts.front().levels, stored);
      visitors.clear();
      for (const RandomCart& cart : carts) visitors.push_back(store_cart(tx, cart, stored));
      return 0;
    });
    const config::ProgramSettings settings;
    const auto loaded =
        db().read_now([&](db::Tx& tx) { return load_catalogue(tx, stored.conference, settings); });
    for (std::size_t i = 0; i < carts.size(); ++i) {
      SCOPED_TRACE("shop " + std::to_string(number) + ", cart " + std::to_string(i));
      compare(shop, carts[i], *loaded, visitors[i], stored);
      if (HasFatalFailure()) return;
    }
  }
}
ON_BOTH_ENGINES(StoredCarts);

}  // namespace
}  // namespace plenary::registration
