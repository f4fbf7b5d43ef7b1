// Expense categories, expenses and targets on both engines.
#include "domain/conference/budget.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::conference {
namespace {

class Budget : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    for (auto [slug, id] : {std::pair("one", &one_), std::pair("two", &two_)}) {
      Conference c;
      c.name = c.slug = slug;
      c.start_date = c.end_date = *Date::of(2027, 5, 14);
      *id = write([&](db::Tx& tx) { return create(tx, c); }).value();
    }
  }
  std::int64_t category(std::int64_t conference_id, std::string slug, std::int64_t order) {
    ExpenseCategory c;
    c.conference_id = conference_id;
    c.name = c.slug = std::move(slug);
    c.budget_amount = 100'000;
    c.order = order;
    return write([&](db::Tx& tx) { return expense_category_table().insert(tx, c).id; });
  }
  Expense expense(std::int64_t conference_id, std::int64_t category_id, std::int64_t amount, unsigned day) {
    Expense e;
    e.conference_id = conference_id;
    e.category_id = category_id;
    e.description = "Chairs";
    e.amount = amount;
    e.date = *Date::of(2027, 5, day);
    return e;
  }
  std::int64_t one_ = 0, two_ = 0;
};
ON_BOTH_ENGINES(Budget);

TEST_P(Budget, SpendingIsSummedByCategoryInTheirOrder) {
  const std::int64_t food = category(one_, "food", 1), venue = category(one_, "venue", 0);
  const std::int64_t elsewhere = category(two_, "venue", 0);
  write([&](db::Tx& tx) {
    create_expense(tx, expense(one_, food, 1'250, 2));
    create_expense(tx, expense(one_, food, 999'999'999'999, 4));
    create_expense(tx, expense(two_, elsewhere, 7, 3));
  });
  const auto sums = db().read_now([&](db::Tx& tx) { return spending(tx, one_); });
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].category.id, venue);
  EXPECT_EQ(sums[0].spent, 0);
  EXPECT_EQ(sums[0].expenses, 0);
  EXPECT_EQ(sums[1].category.id, food);
  EXPECT_EQ(sums[1].spent, 1'000'000'001'249);
  EXPECT_EQ(sums[1].expenses, 2);
  const auto all = db().read_now([&](db::Tx& tx) { return expenses(tx, one_); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].amount, 999'999'999'999);
  EXPECT_EQ(all[0].date, *Date::of(2027, 5, 4));
}

TEST_P(Budget, ACategoryOfAnotherConferenceIsRefusedOnItsField) {
  const std::int64_t own = category(one_, "food", 0), foreign = category(two_, "food", 0);
  try {
    write([&](db::Tx& tx) { create_expense(tx, expense(one_, foreign, 100, 1)); });
    FAIL() << "it was taken";
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.field(), "category_id");
  }
  Expense stored = write([&](db::Tx& tx) { return create_expense(tx, expense(one_, own, 100, 1)); });
  stored.category_id = foreign;
  EXPECT_THROW(write([&](db::Tx& tx) { update_expense(tx, stored); }), Refused);
  EXPECT_EQ(db().read_now([&](db::Tx& tx) { return expenses(tx, one_); }).at(0).category_id, own);
}

TEST_P(Budget, AnExpenseIsMoreThanNothing) {
  const Expense nothing = expense(one_, category(one_, "food", 0), 0, 1);
  const auto errors = db().read_now([&](db::Tx& tx) { return expense_table().validate(tx, nothing); });
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field, "amount");
}

TEST_P(Budget, RatesArePercentsWithTwoDecimals) {
  KpiTarget target;
  target.conference_id = one_;
  target.target_conversion_rate = *Decimal::parse("100.01");
  target.target_refund_rate = *Decimal::parse("-0.01");
  target.target_checkin_rate = *Decimal::parse("1.005");
  target.target_room_utilization = *Decimal::parse("100.00");
  target.target_revenue_per_attendee = -1;
  std::vector<std::string> fields;
  for (const auto& error : kpi_target_table().validate(target)) fields.push_back(error.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"target_revenue_per_attendee", "target_conversion_rate",
                                              "target_refund_rate", "target_checkin_rate"}));
}

TEST_P(Budget, OneTargetLeavesTheOthersAtTheirUsualValues) {
  EXPECT_FALSE(db().read_now([&](db::Tx& tx) { return kpi_target(tx, one_); }));
  KpiTarget target;
  target.conference_id = one_;
  target.target_refund_rate = *Decimal::parse("2.50");
  write([&](db::Tx& tx) { kpi_target_table().insert(tx, target); });
  const KpiValues values = kpi_values(db().read_now([&](db::Tx& tx) { return kpi_target(tx, one_); }));
  EXPECT_EQ(values.refund_rate, *Decimal::parse("2.5"));
  EXPECT_EQ(values.conversion_rate, *Decimal::parse("3.0"));
  EXPECT_EQ(values.checkin_rate, *Decimal::parse("80.0"));
  EXPECT_EQ(values.fulfillment_rate, *Decimal::parse("90.0"));
  EXPECT_EQ(values.room_utilization, *Decimal::parse("28.0"));
  EXPECT_FALSE(values.revenue_per_attendee);
}

}  // namespace
}  // namespace plenary::conference
