// Browser sessions on both engines.
#include "domain/accounts/sessions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/codes.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

class Sessions : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  std::optional<FoundSession> found(const std::string& hash) {
    return db().read_now([&](db::Tx& tx) { return find_session(tx, hash); });
  }
  void made(const std::string& hash, std::optional<std::int64_t> user = {},
            Duration life = guest_session_life) {
    write([&](db::Tx& tx) {
      create_session(tx, {.token_hash = hash, .user_id = user, .conference_id = {}, .life = life});
    });
  }
  std::int64_t user(bool staff = false) {
    return write([&](db::Tx& tx) {
      User u;
      u.email = u.email_normalized = "ada@example.org";
      u.is_staff = staff;
      return user_table().insert(tx, u).id;
    });
  }
};
ON_BOTH_ENGINES(Sessions);

TEST_P(Sessions, AGuestsSessionIsFoundByTheHashOfItsToken) {
  std::string hash = token_hash("secret");
  EXPECT_FALSE(found(hash));
  made(hash);
  auto session = found(hash);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->user_id, std::nullopt);
  EXPECT_EQ(session->created_at, clock().now());
  EXPECT_EQ(session->last_seen_at, clock().now());
  EXPECT_EQ(session->expires_at, clock().now() + guest_session_life);
  EXPECT_FALSE(session->user_is_active);
  EXPECT_FALSE(session->is_staff);
}

TEST_P(Sessions, ARepeatedFirstWriteLeavesItAsItIs) {
  made("hash");
  clock().advance(Duration::hours(1));
  made("hash");
  EXPECT_EQ(found("hash")->created_at, clock().now() - Duration::hours(1));
}

TEST_P(Sessions, OneIsOverExactlyWhenItsTimeIsUp) {
  made("hash", {}, Duration::hours(1));
  clock().advance(Duration::hours(1) - Duration::microseconds(1));
  EXPECT_TRUE(found("hash"));
  clock().advance(Duration::microseconds(1));
  EXPECT_FALSE(found("hash"));
}

TEST_P(Sessions, OneOfAPersonSaysWhatGuardsAskAndEndsWithTheAccount) {
  std::int64_t id = user(true);
  made("hash", id);
  auto session = found("hash");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->user_id, id);
  EXPECT_TRUE(session->user_is_active);
  EXPECT_TRUE(session->is_staff);
  EXPECT_FALSE(session->is_superuser);
  write([&](db::Tx& tx) { tx.exec("UPDATE user_account SET is_active = 0 WHERE id = $1", id); });
  EXPECT_FALSE(found("hash"));
}

TEST_P(Sessions, SigningOutWorksAtOnceHereAndEverywhere) {
  std::int64_t id = user();
  made("phone", id);
  made("laptop", id);
  made("kiosk", id);
  made("stranger");
  EXPECT_TRUE(write([](db::Tx& tx) { return end_session(tx, "kiosk"); }));
  EXPECT_FALSE(write([](db::Tx& tx) { return end_session(tx, "kiosk"); }));
  EXPECT_FALSE(found("kiosk"));
  EXPECT_EQ(write([&](db::Tx& tx) { return end_sessions(tx, id, "phone"); }), 1);
  EXPECT_TRUE(found("phone"));
  EXPECT_FALSE(found("laptop"));
  EXPECT_EQ(write([&](db::Tx& tx) { return end_sessions(tx, id); }), 1);
  EXPECT_FALSE(found("phone"));
  EXPECT_TRUE(found("stranger"));
}

TEST_P(Sessions, VisitsAreWrittenTogetherAndNeverBack) {
  made("a");
  made("b");
  Instant start = clock().now();
  clock().advance(Duration::minutes(4));
  EXPECT_FALSE(found("a")->wants_touch(clock().now()));
  clock().advance(Duration::minutes(1));
  EXPECT_TRUE(found("a")->wants_touch(clock().now()));
  std::vector<SessionVisit> visits{
      {"a", clock().now()}, {"gone", clock().now()}, {"b", start - Duration::hours(1)}};
  write([&](db::Tx& tx) { touch_sessions(tx, visits); });
  EXPECT_EQ(found("a")->last_seen_at, clock().now());
  EXPECT_FALSE(found("a")->wants_touch(clock().now()));
  EXPECT_EQ(found("b")->last_seen_at, start);
  EXPECT_FALSE(found("gone"));
}

TEST_P(Sessions, TheSweepTakesElapsedOnesInPieces) {
  made("one", {}, Duration::hours(1));
  made("two", {}, Duration::hours(1));
  made("three", {}, Duration::hours(2));
  clock().advance(Duration::hours(1));
  EXPECT_EQ(write([](db::Tx& tx) { return sweep_sessions(tx, 1); }), 1);
  EXPECT_EQ(write([](db::Tx& tx) { return sweep_sessions(tx, 500); }), 1);
  EXPECT_EQ(write([](db::Tx& tx) { return sweep_sessions(tx, 500); }), 0);
  EXPECT_TRUE(found("three"));
}

}  // namespace
}  // namespace plenary::accounts
