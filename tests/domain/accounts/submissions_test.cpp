// One-use tokens of forms, and guests' accounts, on both engines.
#include "domain/accounts/submissions.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "db/errors.hpp"
#include "domain/accounts/guests.hpp"
#include "domain/accounts/types.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

class Submissions : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    conference_ = write([](db::Tx& tx) {
      return tx.one<std::int64_t>(
          "INSERT INTO conference (name, slug, start_date, end_date, created_at, updated_at)"
          " VALUES ('C', 'c', '2027-05-14', '2027-05-22', 0, 0) RETURNING id");
    });
  }
  std::optional<std::string> result_of(std::string_view hash) {
    return db().read_now([&](db::Tx& tx) { return first_result(tx, hash); });
  }
  void record(std::string_view hash, std::string_view result, Duration life = submission_life) {
    write([&](db::Tx& tx) { record_result(tx, hash, conference_, "checkout", result, tx.now() + life); });
  }

  std::int64_t conference_ = 0;
};
ON_BOTH_ENGINES(Submissions);

TEST_P(Submissions, ARepeatHearsTheFirstResult) {
  EXPECT_EQ(result_of("token"), std::nullopt);
  record("token", "/pycon/register/orders/ORD-1/");
  EXPECT_EQ(result_of("token"), "/pycon/register/orders/ORD-1/");
}

TEST_P(Submissions, TheSecondUseUndoesItsWholeWrite) {
  record("token", "first");
  try {
    write([&](db::Tx& tx) {
      tx.exec("UPDATE conference SET venue = 'moved' WHERE id = $1", conference_);
      record_result(tx, "token", conference_, "checkout", "second", tx.now());
    });
    FAIL() << "the token was used twice";
  } catch (const db::DatabaseError& e) {
    EXPECT_EQ(e.kind(), db::ErrorKind::unique);
  }
  EXPECT_EQ(result_of("token"), "first");
  EXPECT_EQ(db().read_now([&](db::Tx& tx) {
    return tx.one<std::string>("SELECT venue FROM conference WHERE id = $1", conference_);
  }),
            "");
}

TEST_P(Submissions, ARefusedSubmitLeavesItsTokenUnused) {
  EXPECT_THROW(write([&](db::Tx& tx) {
                 record_result(tx, "token", conference_, "checkout", "never", tx.now());
                 throw std::runtime_error("sold out");
               }),
               std::runtime_error);
  EXPECT_EQ(result_of("token"), std::nullopt);
}

TEST_P(Submissions, TheSweepTakesElapsedTokensInPieces) {
  record("one", "", Duration::hours(1));
  record("two", "", Duration::hours(1));
  record("three", "kept", Duration::hours(2));
  clock().advance(Duration::hours(1));
  EXPECT_EQ(write([](db::Tx& tx) { return sweep_submissions(tx, 1); }), 1);
  EXPECT_EQ(write([](db::Tx& tx) { return sweep_submissions(tx); }), 1);
  EXPECT_EQ(write([](db::Tx& tx) { return sweep_submissions(tx); }), 0);
  EXPECT_EQ(result_of("three"), "kept");
}

class Guests : public Submissions {
 protected:
  std::vector<User> accounts() {
    return db().read_now([](db::Tx& tx) { return user_table().select(tx, "ORDER BY id"); });
  }
};
ON_BOTH_ENGINES(Guests);

TEST_P(Guests, AnUnknownAddressGetsAnAccountWithoutAPassword) {
  write([](db::Tx& tx) { ensure_guest(tx, " Ada@Example.org ", "Ada Lovelace"); });
  auto all = accounts();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].email, "Ada@Example.org");
  EXPECT_EQ(all[0].email_normalized, "ada@example.org");
  EXPECT_EQ(all[0].name, "Ada Lovelace");
  EXPECT_EQ(all[0].username, std::nullopt);
  EXPECT_EQ(all[0].password_hash, std::nullopt);
  EXPECT_EQ(all[0].email_verified_at, std::nullopt);
  EXPECT_TRUE(all[0].is_active);
  EXPECT_FALSE(all[0].is_staff);
}

TEST_P(Guests, AKnownAddressIsLeftAsItIs) {
  write([](db::Tx& tx) {
    User owner;
    owner.username = "ada";
    owner.email = owner.email_normalized = "ada@example.org";
    owner.name = "Ada";
    owner.password_hash = "hash";
    user_table().insert(tx, owner);
    ensure_guest(tx, "ADA@example.org", "Somebody else");
    ensure_guest(tx, "grace@example.org", "Grace");
    ensure_guest(tx, "Grace@Example.Org", "Grace again");
  });
  auto all = accounts();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "Ada");
  EXPECT_EQ(all[0].password_hash, "hash");
  EXPECT_EQ(all[1].name, "Grace");
}

}  // namespace
}  // namespace plenary::accounts
