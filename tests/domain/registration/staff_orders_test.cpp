// Orders and carts made for somebody: no gate of the buyers', the same stock. source: registration 20, 9
// to 11.
#include "domain/registration/staff_orders.hpp"

#include <gtest/gtest.h>

#include "domain/accounts/types.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

using testing::addon;
using testing::test_link_key;
using testing::ticket;

class StaffOrders : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    TicketType hidden = ticket("hidden", 10'000, 2, 0);  // nobody may buy it, not even with a voucher
    hidden.requires_voucher = true;
    hidden.is_active = false;
    hidden.available_until = Instant{1};
    open({.ticket_types = {hidden}, .addons = {addon("shirt", 2'500, 3)}});
    type_ = fair().read([&](db::Tx& tx) { return find_ticket_type(tx, fair().conference_id, "hidden")->id; });
    shirt_ = fair().read([&](db::Tx& tx) { return find_addon(tx, fair().conference_id, "shirt")->id; });
  }
  Order make(std::int64_t tickets) {
    return fair().write([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      StaffOrder order;
      order.billing = {"Ada Lovelace", "Ada@example.org", ""};
      order.items = {{ProductKind::ticket_type, type_, tickets, "Desk: a ticket"},
                     {ProductKind::addon, shirt_}};
      order.link_key = &test_link_key();
      return make_order(tx, fair().shop, *catalogue, order, {"desk", "eve", "by hand"});
    });
  }
  Id type_ = 0, shirt_ = 0;
};
ON_BOTH_ENGINES(StaffOrders);

TEST_P(StaffOrders, ItHoldsUntilItIsPaid) {
  Order order = make(1);
  EXPECT_EQ(order.status, OrderStatus::pending);
  EXPECT_EQ(order.total, 12'500);
  EXPECT_EQ(order.lines.at(0).description, "Desk: a ticket");
  EXPECT_EQ(order.lines.at(1).description, "Extra shirt");
  EXPECT_EQ(fair().remaining("hidden"), 1);
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, order.id).value();
    return pay_in_full(tx, fair().shop, now, {.method = PaymentMethod::manual, .reference = "R-1"},
                       {"desk", "eve", "cash"});
  });
  EXPECT_EQ(fair().get(order.id).status, OrderStatus::paid);
  fair().read([&](db::Tx& tx) {
    EXPECT_EQ(amount_paid(tx, order.id), 12'500);
    EXPECT_EQ(payments_of(tx, order.id).at(0).reference, "R-1");
    EXPECT_EQ(seats_of(tx, order.id).size(), 1u);
    return 0;
  });
  // Twice is once.
  EXPECT_EQ(fair().refusal([&] {
    fair().write([&](db::Tx& tx) {
      Order now = find_order(tx, order.id).value();
      return pay_in_full(tx, fair().shop, now, {}, {"desk", "eve", "cash"});
    });
  }),
            "illegal_transition");
}

TEST_P(StaffOrders, ALimitedDiscountIsUsedLikeByAnyOther) {
  const Id last = fair().write([&](db::Tx& tx) {
    Condition condition;
    condition.conference_id = fair().conference_id;
    condition.name = "Last";
    condition.percent = Decimal(20);
    condition.ticket_scope = Scope::none;
    condition.usage_limit = 1;
    return save_condition(tx, condition);
  });
  const auto left = [&] {
    return fair().read([&](db::Tx& tx) {
      return *stock_levels(tx, fair().conference_id).find(StockKind::condition, last)->remaining();
    });
  };
  const Order first = make(1);
  EXPECT_EQ(first.total, 12'000);
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(make(1).total, 12'500) << "it is used up";
  clock().advance(Duration::minutes(15));
  EXPECT_EQ(left(), 1);
  fair().sweep();
  const Order paid = make(1);
  EXPECT_EQ(paid.total, 12'000);
  fair().write([&](db::Tx& tx) {
    Order now = find_order(tx, paid.id).value();
    return pay_in_full(tx, fair().shop, now, {}, {"desk", "eve", "cash"});
  });
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(fair().stock_faults(), "");
}

TEST_P(StaffOrders, AnUnpaidOneLapsesLikeAnyOther) {
  make(2);
  EXPECT_EQ(fair().remaining("hidden"), 0);
  fair().clock.advance(Duration::minutes(15));
  EXPECT_EQ(fair().remaining("hidden"), 2);
  EXPECT_GT(fair().sweep(), 0);
}

TEST_P(StaffOrders, StockIsTheOneGate) {
  EXPECT_EQ(fair().refusal([&] { make(3); }), "sold_out");
  EXPECT_EQ(fair().refusal([&] { make(0); }), "quantity");
  EXPECT_EQ(fair().read([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM orders"); }), 0);
  make(2);
  EXPECT_EQ(fair().refusal([&] { make(1); }), "sold_out");
}

TEST_P(StaffOrders, ACartIsFilledOnceAndHoldsItsItems) {
  const Id user = fair().write([](db::Tx& tx) {
    accounts::User person;
    person.username = "ada";
    return accounts::user_table().insert(tx, person).id;
  });
  const Visitor visitor = fair().user(user, "ada");
  const StaffItem items[] = {{ProductKind::ticket_type, type_, 1}, {ProductKind::addon, shirt_, 2}};
  const auto fill = [&] {
    return fair().write([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      return fill_cart(tx, fair().shop, *catalogue, visitor, items);
    });
  };
  fill();
  EXPECT_EQ(fair().cart(visitor).quote.total, 15'000);
  EXPECT_EQ(fair().remaining("hidden"), 1);
  EXPECT_EQ(fair().remaining("shirt"), 1);
  EXPECT_EQ(fair().refusal([&] { fill(); }), "has_cart");
}

}  // namespace
}  // namespace plenary::registration
