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

// source: ground rules 15, 5.2.
TEST_P(Sessions, OfAPersonWithARightEndAfterHalfAnHourWithoutAVisit) {
  made("staff", user(true), Duration::days(30));
  clock().advance(Duration::minutes(29));
  ASSERT_TRUE(found("staff"));
  write([&](db::Tx& tx) { touch_sessions(tx, std::vector<SessionVisit>{{"staff", clock().now()}}); });
  clock().advance(Duration::minutes(29));
  EXPECT_TRUE(found("staff"));
  clock().advance(Duration::minutes(1));
  EXPECT_FALSE(found("staff"));
}

TEST_P(Sessions, OfAPersonWithARightEndAfterTwelveHoursWhateverHappens) {
  made("staff", user(true), Duration::days(30));
  for (int i = 0; i < 47; ++i) {
    clock().advance(Duration::minutes(15));
    ASSERT_TRUE(found("staff")) << i;
    write([&](db::Tx& tx) { touch_sessions(tx, std::vector<SessionVisit>{{"staff", clock().now()}}); });
  }
  clock().advance(Duration::minutes(15));
  EXPECT_FALSE(found("staff"));
}

TEST_P(Sessions, OfABuyerLiveFromTheLastVisitOn) {
  made("ada", user(), Duration::days(30));
  clock().advance(Duration::days(20));
  ASSERT_TRUE(found("ada"));
  write([&](db::Tx& tx) { touch_sessions(tx, std::vector<SessionVisit>{{"ada", clock().now()}}); });
  clock().advance(Duration::days(29));
  EXPECT_TRUE(found("ada"));
  clock().advance(Duration::days(1));
  EXPECT_FALSE(found("ada"));
}

TEST_P(Sessions, ArePersonsOwnToListAndToEnd) {
  const std::int64_t ada = user();
  const std::string here = token_hash("here"), there = token_hash("there");
  write([&](db::Tx& tx) {
    create_session(tx, {.token_hash = here, .user_id = ada, .address = "192.0.2.7", .user_agent = "Firefox"});
    create_session(tx, {.token_hash = there, .user_id = ada});
  });
  auto list = [&](db::Tx& tx) { return list_sessions(tx, ada, here); };
  auto sessions = db().read_now(list);
  ASSERT_EQ(sessions.size(), 2u);
  const auto& current = sessions[0].is_current ? sessions[0] : sessions[1];
  const auto& other = sessions[0].is_current ? sessions[1] : sessions[0];
  EXPECT_TRUE(current.is_current);
  EXPECT_FALSE(other.is_current);
  EXPECT_EQ(current.address, "192.0.2.7");
  EXPECT_EQ(current.user_agent, "Firefox");
  EXPECT_LT(other.id.size(), there.size());
  EXPECT_FALSE(write([&](db::Tx& tx) { return end_session_of(tx, ada + 1, other.id); }));  // somebody else's
  EXPECT_TRUE(write([&](db::Tx& tx) { return end_session_of(tx, ada, other.id); }));
  EXPECT_FALSE(found(there));
  EXPECT_TRUE(found(here));
}

TEST_P(Sessions, TellThePersonsNameForThePage) {
  made("ada", user());
  EXPECT_EQ(found("ada")->user_email, "ada@example.org");
  made("guest");
  EXPECT_EQ(found("guest")->user_email, "");
  EXPECT_FALSE(found("guest")->has_right());
}

}  // namespace
}  // namespace plenary::accounts
