// Store credit. source: payments 21, 2.2.
#include "domain/registration/credits.hpp"

#include <gtest/gtest.h>

#include "domain/accounts/types.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration {
namespace {

class Credits : public testing::Sale {
 protected:
  void SetUp() override {
    testing::Sale::SetUp();
    open({});
    user_ = fair().write([](db::Tx& tx) {
      accounts::User user;
      user.username = "ada";
      return accounts::user_table().insert(tx, user).id;
    });
  }
  Credit credit(std::int64_t amount) {
    Credit c;
    c.conference_id = fair().conference_id;
    c.user_id = user_;
    c.amount = amount;
    c.currency = "EUR";
    c.note = "for a tutorial that did not take place";
    return c;
  }
  Credit give(const Credit& c) {
    return fair().write([&](db::Tx& tx) { return give_credit(tx, c); });
  }
  Id user_ = 0;
};
ON_BOTH_ENGINES(Credits);

TEST_P(Credits, ANewOneIsWholeAndAvailable) {
  Credit asked = credit(2'500);
  asked.remaining = 7;
  asked.status = CreditStatus::expired;
  const Credit given = give(asked);
  EXPECT_GT(given.id, 0);
  EXPECT_EQ(given.remaining, 2'500);
  EXPECT_EQ(given.status, CreditStatus::available);
  const auto all = fair().read([&](db::Tx& tx) { return credits_of_user(tx, fair().conference_id, user_); });
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].amount, 2'500);
  EXPECT_EQ(all[0].note, asked.note);
  EXPECT_EQ(fair().read([&](db::Tx& tx) { return credits_of(tx, fair().conference_id); }).size(), 1u);
}

TEST_P(Credits, NothingAndNobodyAreRefused) {
  EXPECT_EQ(fair().refusal([&] { give(credit(0)); }), "range");
  EXPECT_EQ(fair().refusal([&] { give(credit(-1)); }), "range");
  Credit c = credit(100);
  c.user_id = 999'999;
  EXPECT_EQ(fair().refusal([&] { give(c); }), "no_such");
  EXPECT_TRUE(fair().read([&](db::Tx& tx) { return credits_of(tx, fair().conference_id); }).empty());
}

TEST_P(Credits, OnlySpendingTouchesWhatRemains) {
  Credit given = give(credit(2'500));
  given.amount = 9'999;
  given.note = "corrected";
  fair().write([&](db::Tx& tx) { return credit_table().update(tx, given).has_value(); });
  const auto stored = fair().read([&](db::Tx& tx) { return credit_table().find(tx, given.id); }).value();
  EXPECT_EQ(stored.amount, 2'500);  // fixed once given
  EXPECT_EQ(stored.note, "corrected");
}

}  // namespace
}  // namespace plenary::registration
