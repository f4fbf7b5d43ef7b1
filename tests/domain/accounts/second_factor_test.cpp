// Codes of authenticator apps and recovery codes: the RFC's own examples, and that each counts once, against
// a model, on both engines. source: RFC 6238, appendix B; ground rules 15, 5.3.
#include "domain/accounts/second_factor.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/codes.hpp"
#include "domain/accounts/drafts.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/totp.hpp"
#include "domain/accounts/types.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

const std::string rfc_secret = "12345678901234567890";

Instant at_second(std::int64_t seconds) {
  return {seconds * 1'000'000};
}

TEST(Totp, AgreesWithTheExamplesOfTheRfc) {
  const std::pair<std::int64_t, const char*> examples[] = {{59, "94287082"},
                                                           {1'111'111'109, "07081804"},
                                                           {1'111'111'111, "14050471"},
                                                           {1'234'567'890, "89005924"},
                                                           {2'000'000'000, "69279037"},
                                                           {20'000'000'000, "65353130"}};
  for (const auto& [seconds, code] : examples)
    EXPECT_EQ(totp_code(rfc_secret, totp_step(at_second(seconds)), 8), code) << seconds;
}

TEST(Totp, WritesSecretsAsAppsReadThem) {
  // RFC 4648, section 10, without padding.
  EXPECT_EQ(base32(""), "");
  EXPECT_EQ(base32("f"), "MY");
  EXPECT_EQ(base32("foob"), "MZXW6YQ");
  EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(totp_uri("foobar", "Plenary A&B", "ada@example.org"),
            "otpauth://totp/Plenary%20A%26B:ada%40example.org?secret=MZXW6YTBOI&issuer=Plenary%20A%26B"
            "&algorithm=SHA1&digits=6&period=30");
}

TEST(Totp, AClockMayBeOffByHalfAMinuteAndNoMore) {
  const Instant now = at_second(1'000'000'005);
  const std::int64_t step = totp_step(now);
  for (int off = -3; off <= 3; ++off) {
    const auto found = matching_totp_step(rfc_secret, totp_code(rfc_secret, step + off), now, 0);
    EXPECT_EQ(found.has_value(), off >= -1 && off <= 1) << off;
    EXPECT_EQ(found.value_or(step + off), step + off);
  }
}

TEST(Totp, WhatIsNoCodeIsNone) {
  const Instant now = at_second(59);
  const std::string right = totp_code(rfc_secret, totp_step(now));
  EXPECT_TRUE(matching_totp_step(rfc_secret, right.substr(0, 3) + " " + right.substr(3), now, 0));
  for (const std::string& typed : {std::string(), right.substr(1), right + "0", "x" + right.substr(1)})
    EXPECT_FALSE(matching_totp_step(rfc_secret, typed, now, 0)) << typed;
  EXPECT_FALSE(matching_totp_step(rfc_secret, right, now, totp_step(now))) << "taken before";
}

class SecondFactors : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  std::int64_t user(const std::string& email) {
    return write([&](db::Tx& tx) {
      User u;
      u.email = u.email_normalized = email;
      return user_table().insert(tx, u).id;
    });
  }
  SecondFactor given(std::int64_t user, std::int64_t step = 0) {
    return write([&](db::Tx& tx) {
      set_second_factor(tx, user, "sealed", step);
      return *find_second_factor(tx, user);
    });
  }
};
ON_BOTH_ENGINES(SecondFactors);

// What a code may still do, in plain words: a step counts when it is later than all that counted before.
TEST_P(SecondFactors, CodesCountOnceWhateverTheirOrder) {
  const std::int64_t ada = user("ada@example.org");
  SeededRandom random(14);
  const SecondFactor factor = given(ada);
  std::int64_t latest = 0;
  for (int i = 0; i < 200; ++i) {
    const auto step = static_cast<std::int64_t>(random.below(60)) + latest - 20;
    const bool expected = step > latest;
    EXPECT_EQ(write([&](db::Tx& tx) { return take_code(tx, factor, step); }), expected) << step;
    if (expected) latest = step;
  }
}

TEST_P(SecondFactors, OfTwoWhoUseACodeAtTheSameMomentOneGetsIn) {
  const std::int64_t ada = user("ada@example.org");
  const SecondFactor factor = given(ada);
  for (std::int64_t step = 1; step <= 20; ++step) {
    int taken[2] = {0, 0};
    std::thread other(
        [&] { taken[1] = write([&](db::Tx& tx) { return take_code(tx, factor, step) ? 1 : 0; }); });
    taken[0] = write([&](db::Tx& tx) { return take_code(tx, factor, step) ? 1 : 0; });
    other.join();
    EXPECT_EQ(taken[0] + taken[1], 1) << step;
  }
}

TEST_P(SecondFactors, ACodeOfAReplacedSecretCountsForNothing) {
  const std::int64_t ada = user("ada@example.org");
  const SecondFactor before = given(ada);
  write([&](db::Tx& tx) { set_second_factor(tx, ada, "another", 0); });
  EXPECT_FALSE(write([&](db::Tx& tx) { return take_code(tx, before, 5); }));
}

TEST_P(SecondFactors, RecoveryCodesCountOnceAndForTheirOwnerAlone) {
  const std::int64_t ada = user("ada@example.org"), bob = user("bob@example.org");
  given(ada);
  given(bob);
  const std::vector<std::string> codes = new_recovery_codes(Random::system());
  ASSERT_EQ(codes.size(), 10u);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10u);
  write([&](db::Tx& tx) { set_recovery_codes(tx, ada, codes); });
  for (const std::string& code : codes) EXPECT_TRUE(is_recovery_code(code)) << code;
  EXPECT_FALSE(write([&](db::Tx& tx) { return take_recovery_code(tx, bob, codes[0]); }));
  std::string typed = codes[0];  // small letters, no dashes
  std::erase(typed, '-');
  for (char& c : typed) c = static_cast<char>(std::tolower(c));
  EXPECT_TRUE(write([&](db::Tx& tx) { return take_recovery_code(tx, ada, typed); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return take_recovery_code(tx, ada, codes[0]); }));
  EXPECT_EQ(write([&](db::Tx& tx) { return recovery_codes_left(tx, ada); }), 9);
  EXPECT_EQ(write([&](db::Tx& tx) {
              return tx.one<std::int64_t>("SELECT count(*) FROM recovery_code WHERE code_hash = $1",
                                          codes[1]);
            }),
            0)
      << "kept as hashes";
  // New ones end the old ones; so does another factor.
  write([&](db::Tx& tx) { set_recovery_codes(tx, ada, new_recovery_codes(Random::system())); });
  EXPECT_FALSE(write([&](db::Tx& tx) { return take_recovery_code(tx, ada, codes[1]); }));
  write([&](db::Tx& tx) { set_second_factor(tx, ada, "another", 0); });
  EXPECT_EQ(write([&](db::Tx& tx) { return recovery_codes_left(tx, ada); }), 0);
}

TEST_P(SecondFactors, AStartedSignInTakesFiveTriesAndAQuarterOfAnHour) {
  const std::int64_t ada = user("ada@example.org");
  const auto begin = [&](const std::string& hash) {
    write([&](db::Tx& tx) {
      Challenge challenge;
      challenge.token_hash = hash;
      challenge.user_id = ada;
      create_challenge(tx, challenge);
    });
  };
  begin("one");
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(write([&](db::Tx& tx) { return count_challenge_try(tx, "one"); })) << i;
  EXPECT_FALSE(write([&](db::Tx& tx) { return count_challenge_try(tx, "one"); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return find_challenge(tx, "one").has_value(); }));
  begin("two");
  clock().advance(challenge_life);
  EXPECT_FALSE(write([&](db::Tx& tx) { return find_challenge(tx, "two").has_value(); }));
  EXPECT_EQ(write([&](db::Tx& tx) { return sweep_challenges(tx); }), 2);
  begin("three");
  write([&](db::Tx& tx) { end_sessions(tx, ada); });
  EXPECT_FALSE(write([&](db::Tx& tx) { return find_challenge(tx, "three").has_value(); }))
      << "a new password ends what was started with the old one";
}

TEST_P(SecondFactors, ASessionWithoutTheFactorOfItsPersonIsLocked) {
  const std::int64_t ada = user("ada@example.org");
  write([&](db::Tx& tx) { create_session(tx, {.token_hash = "before", .user_id = ada}); });
  given(ada);
  const auto known = write([&](db::Tx& tx) { return look_up_session(tx, "before"); });
  ASSERT_TRUE(known);
  EXPECT_EQ(known->state, SessionState::locked);
  EXPECT_FALSE(write([&](db::Tx& tx) { return find_session(tx, "before").has_value(); }));
  // The password alone does not open it, a code does, and gives it another token.
  write([&](db::Tx& tx) { prove_session(tx, "before", "between", false); });
  EXPECT_FALSE(write([&](db::Tx& tx) { return find_session(tx, "between").has_value(); }));
  write([&](db::Tx& tx) { prove_session(tx, "between", "after", true); });
  EXPECT_TRUE(write([&](db::Tx& tx) { return find_session(tx, "after").has_value(); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return look_up_session(tx, "before").has_value(); }));
}

TEST_P(SecondFactors, FiveWrongAnswersLockASessionAndFiveMoreEndIt) {
  const std::int64_t ada = user("ada@example.org");
  write([&](db::Tx& tx) { create_session(tx, {.token_hash = "s", .user_id = ada}); });
  const auto wrong = [&] { return write([&](db::Tx& tx) { return count_wrong_answer(tx, "s"); }); };
  for (int i = 0; i < 4; ++i) EXPECT_EQ(wrong(), WrongAnswer::counted);
  EXPECT_EQ(wrong(), WrongAnswer::locked);
  EXPECT_FALSE(write([&](db::Tx& tx) { return find_session(tx, "s").has_value(); }));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(wrong(), WrongAnswer::counted);
  EXPECT_EQ(wrong(), WrongAnswer::ended);
  EXPECT_FALSE(write([&](db::Tx& tx) { return look_up_session(tx, "s").has_value(); }));
}

TEST_P(SecondFactors, TheWaitDoublesAndIsForgotten) {
  EXPECT_EQ(wait_after(free_attempts - 1), Duration());
  EXPECT_EQ(wait_after(free_attempts), Duration::minutes(1));
  EXPECT_EQ(wait_after(free_attempts + 3), Duration::minutes(8));
  EXPECT_EQ(wait_after(1'000'000), longest_wait);
  const auto attempt = [&] { return write([&](db::Tx& tx) { return count_attempt(tx, "key"); }); };
  for (std::int64_t i = 0; i < free_attempts; ++i) EXPECT_FALSE(attempt()) << i;
  for (int doubled = 1; doubled <= 4; doubled *= 2) {
    const auto again = attempt();
    ASSERT_TRUE(again);
    EXPECT_EQ(*again - clock().now(), Duration::minutes(doubled));
    clock().advance(*again - clock().now());
    EXPECT_FALSE(attempt());
  }
  write([&](db::Tx& tx) { forget_attempts(tx, "key"); });
  EXPECT_FALSE(attempt());
  clock().advance(attempts_forgotten_after + Duration::seconds(1));
  EXPECT_EQ(write([&](db::Tx& tx) { return sweep_sign_in_waits(tx); }), 1);
}

TEST_P(SecondFactors, KeptFormsAreTheirOwnersAndOneForEachPath) {
  const std::int64_t ada = user("ada@example.org"), bob = user("bob@example.org");
  write([&](db::Tx& tx) {
    keep_draft(tx, ada, "/a/", "first");
    keep_draft(tx, ada, "/a/", "second");
  });
  const auto find = [&](std::int64_t who) {
    return write([&](db::Tx& tx) { return find_draft(tx, who, "/a/"); });
  };
  ASSERT_TRUE(find(ada));
  EXPECT_EQ(find(ada)->body, "second");
  EXPECT_FALSE(find(bob));
  const std::int64_t id = find(ada)->id;
  EXPECT_FALSE(write([&](db::Tx& tx) { return end_draft(tx, bob, id); }));
  clock().advance(draft_life);
  EXPECT_FALSE(find(ada));
  EXPECT_EQ(write([&](db::Tx& tx) { return sweep_drafts(tx); }), 1);
  for (int i = 0; i < 30; ++i)
    write([&](db::Tx& tx) { keep_draft(tx, ada, "/" + std::to_string(i) + "/", "x"); });
  EXPECT_EQ(write([&](db::Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM form_draft"); }),
            drafts_at_most);
}

TEST_P(SecondFactors, TheHistoryIsKeptForNinetyDays) {
  const std::int64_t ada = user("ada@example.org");
  const auto tell = [&](std::string_view what) {
    write([&](db::Tx& tx) {
      SignInEvent event;
      event.user_id = ada;
      event.what = what;
      record_sign_in_event(tx, event);
    });
  };
  tell(happened::signed_in);
  clock().advance(Duration::days(60));
  tell(happened::signed_out);
  clock().advance(Duration::days(31));
  EXPECT_EQ(write([&](db::Tx& tx) { return sweep_sign_in_events(tx); }), 1);
  const auto left = write([&](db::Tx& tx) { return sign_in_history(tx, ada); });
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].what, happened::signed_out);
}

}  // namespace
}  // namespace plenary::accounts
