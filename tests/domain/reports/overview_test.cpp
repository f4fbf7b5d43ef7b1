// Figures of a conference beside their targets. source: configuration 10, 4.6.
#include "domain/reports/overview.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/db/test_databases.hpp"

namespace plenary::reports {
namespace {

class Figures : public test::DatabaseTest {
 protected:
  std::int64_t conference(const std::string& slug) {
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      tx.exec(
          "INSERT INTO conference (name, slug, start_date, end_date, currency, created_at, updated_at) "
          "VALUES "
          "($1, $1, '2027-05-14', '2027-05-22', 'USD', $2, $2)",
          slug, tx.now());
      return tx.one<std::int64_t>("SELECT id FROM conference WHERE slug = $1", slug);
    });
  }
  void order(std::int64_t conference, const std::string& reference, const std::string& status,
             std::int64_t total, bool is_sandbox = false, std::int64_t refunded = 0) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      tx.exec(
          "INSERT INTO orders (conference_id, status, reference, currency, subtotal, total, is_sandbox, "
          "created_at, updated_at) VALUES ($1, $2, $3, 'USD', $4, $4, $5, $6, $6)",
          conference, status, reference, total, is_sandbox, tx.now());
      if (refunded > 0)
        tx.exec(
            "INSERT INTO payment (order_id, conference_id, method, status, amount, currency, created_at, "
            "updated_at) SELECT id, conference_id, 'manual', 'refunded', $2, 'USD', $3, $3 FROM orders WHERE "
            "reference = $1",
            reference, refunded, tx.now());
    });
  }
  void grant(std::int64_t conference, const std::string& status, std::optional<std::int64_t> approved,
             std::optional<std::int64_t> disbursed = {}) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      const std::string who = status + std::to_string(approved.value_or(0));
      tx.exec(
          "INSERT INTO user_account (email, email_normalized, created_at, updated_at) VALUES ($1, $1, $2, "
          "$2)",
          who, tx.now());
      tx.exec(
          "INSERT INTO travel_grant (conference_id, user_id, status, travel_from, requested_amount, "
          "approved_amount, disbursed_amount, currency, reason, created_at, updated_at) SELECT $1, id, $2, "
          "'x', "
          "1, $3, $4, 'USD', 'x', $5, $5 FROM user_account WHERE email = $6",
          conference, status, approved, disbursed, tx.now(), who);
    });
  }
  Overview read(std::int64_t conference) {
    return db().read_now([&](db::Tx& tx) { return overview(tx, conference); });
  }
};
ON_BOTH_ENGINES(Figures);

TEST_P(Figures, OfAnEmptyConferenceAreNoughts) {
  const Overview none = read(conference("fair"));
  EXPECT_EQ(none.orders + none.paid_orders + none.attendees + none.revenue + none.granted + none.sections, 0);
}

TEST_P(Figures, CountRealOrdersOfThisConferenceAndMoneyThatStayed) {
  const std::int64_t fair = conference("fair"), other = conference("other");
  order(fair, "A", "paid", 12'500);
  order(fair, "B", "partially_refunded", 40'000, false, 5'000);
  order(fair, "C", "pending", 99'900);
  order(fair, "D", "refunded", 7'000, false, 7'000);
  order(fair, "E", "paid", 1'000'000, true);
  order(other, "F", "paid", 2'000'000);
  const Overview o = read(fair);
  EXPECT_EQ(o.orders, 4);
  EXPECT_EQ(o.paid_orders, 2);
  EXPECT_EQ(o.sandbox_orders, 1);
  EXPECT_EQ(o.revenue, 47'500);
}

TEST_P(Figures, GrantsThatWerePaidOutStayAmongThoseGranted) {
  const std::int64_t fair = conference("fair");
  grant(fair, "accepted", 50'000);
  grant(fair, "offered", 120'000);
  grant(fair, "disbursed", 30'000, 29'000);
  grant(fair, "declined", 90'000);
  grant(fair, "submitted", {});
  const Overview o = read(fair);
  EXPECT_EQ(o.travel_grants, 5);
  EXPECT_EQ(o.granted, 200'000);
  EXPECT_EQ(o.disbursed, 29'000);
}

TEST(BudgetFigures, AreThoseOfTheChaptersExample) {
  Overview o;
  o.revenue = 47'500;
  o.attendees = 3;
  o.granted = 170'000;
  const Budget b = budget(o, {5'000'000, 150, 1'500'000});
  ASSERT_TRUE(b.revenue && b.attendance && b.grants);
  EXPECT_EQ(b.revenue->percent(2).to_string(), "0.95");
  EXPECT_EQ(b.attendance->percent(1).to_string(), "2.0");
  EXPECT_EQ(b.grants->percent(2).to_string(), "11.33");
}

TEST(BudgetFigures, StandOnlyBesideATarget) {
  const Budget b = budget({}, {{}, 0, {}});
  EXPECT_FALSE(b.revenue || b.attendance || b.grants);
  EXPECT_EQ((Measure{1, 3}).percent(2).to_string(), "33.33");
  EXPECT_EQ((Measure{2, 3}).percent(2).to_string(), "66.67");
  EXPECT_EQ((Measure{5, 4}).percent(0).to_string(), "125");
}

}  // namespace
}  // namespace plenary::reports
