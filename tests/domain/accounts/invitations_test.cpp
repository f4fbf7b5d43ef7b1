// Asking a colleague to take a role: who may, what a link opens, and when it opens nothing any more. source:
// configuration 10, Do better 3.
#include "domain/accounts/invitations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/errors.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/team.hpp"
#include "domain/accounts/users.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::accounts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Invitations : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn, std::int64_t lane = db::global_lane) {
    return db().write_now(lane, "test", fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    write([](db::Tx& tx) { return set_up_groups(tx, [](std::string_view) { return true; }); });
    fair_ = conference("fair");
    other_ = conference("other");
    head_ = person("head@example.org");
    give(head_, "Conference Organizer", fair_);
  }
  std::int64_t person(const std::string& email) {
    return write([&](db::Tx& tx) { return become_account(tx, {email, "Ada", "en", "x"}).id; });
  }
  std::int64_t conference(const std::string& slug) {
    return write([&](db::Tx& tx) {
      tx.exec(
          "INSERT INTO conference (name, slug, start_date, end_date, currency, created_at, updated_at) "
          "VALUES "
          "($1, $1, '2027-05-14', '2027-05-22', 'USD', $2, $2)",
          slug, tx.now());
      return tx.one<std::int64_t>("SELECT id FROM conference WHERE slug = $1", slug);
    });
  }
  std::int64_t group(const std::string& name) {
    return db().read_now([&](db::Tx& tx) { return find_group(tx, name).value().id; });
  }
  RoleAssignment give(std::int64_t user, const std::string& name, std::optional<std::int64_t> where,
                      std::optional<Instant> until = {}) {
    const std::int64_t id = group(name);
    return write([&](db::Tx& tx) { return give_role(tx, {user, id, where, until, {}}); });
  }
  NewInvitation to(const std::string& email, const std::string& role = "Check-in Staff") {
    NewInvitation wanted;
    wanted.conference_id = fair_;
    wanted.group_id = group(role);
    wanted.email = email;
    wanted.invited_by = head_;
    return wanted;
  }
  Invitation send(const NewInvitation& wanted) {
    const LinkSecret secret = new_invitation_secret(Random::system(), key_);
    return write([&](db::Tx& tx) { return invite(tx, secret, wanted); });
  }
  std::string problem(const NewInvitation& wanted, const InvitationLimits& limits = {}) {
    const auto found = db().read_now([&](db::Tx& tx) { return invitation_problem(tx, wanted, limits); });
    return found ? found->code() : "";
  }
  InvitationState state(const Invitation& invitation) {
    return db().read_now(
        [&](db::Tx& tx) { return state_of(tx, find_invitation(tx, invitation.id).value()); });
  }
  bool accept(const Invitation& invitation, std::int64_t user) {
    return write([&](db::Tx& tx) { return accept_invitation(tx, invitation.id, user).has_value(); }, fair_);
  }
  std::vector<std::string> roles(std::int64_t user) {
    std::vector<std::string> names;
    const auto held = db().read_now([&](db::Tx& tx) { return roles_of(tx, user); });
    for (const RoleOfPerson& one : held) names.push_back(one.group_name);
    return names;
  }
  std::int64_t count(const char* sql) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }

  SigningKey key_{Secret("a key of the tests, long enough to sign"), "site-links"};
  std::int64_t fair_ = 0, other_ = 0, head_ = 0;
};
ON_BOTH_ENGINES(Invitations);

TEST_P(Invitations, AreMailedOnceAndFoundByTheirTokenAlone) {
  const Invitation made = send(to(" Ada@Example.org "));
  EXPECT_EQ(made.email, "Ada@Example.org");
  EXPECT_EQ(made.email_normalized, "ada@example.org");
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE kind = 'mail' AND payload LIKE '%\"invitation\"%'"), 1);
  EXPECT_EQ(made.expires_at - made.created_at, Duration::days(14));

  const std::string token = token_of(key_, made);
  const auto by = [&](const std::string& hash) {
    return db().read_now([&](db::Tx& tx) { return find_invitation(tx, std::string_view(hash)).has_value(); });
  };
  EXPECT_TRUE(by(token_hash(token)));
  EXPECT_FALSE(by(token)) << "the row knows the hash, so the hash opens nothing";
  EXPECT_FALSE(by(token_hash(token + "x")));
  EXPECT_EQ(made.token_hash.find(token), std::string::npos);
  EXPECT_NE(token_of(key_, send(to("b@example.org"))), token);
}

TEST_P(Invitations, GiveTheirRoleToTheirAddressOnceAndUntilItsDay) {
  NewInvitation wanted = to("ada@example.org");
  wanted.role_ends_at = clock().now() + Duration::days(30);
  const Invitation made = send(wanted);
  const std::int64_t ada = person("ADA@example.org"), eve = person("eve@example.org");

  EXPECT_THROW(accept(made, eve), NotFound);
  EXPECT_THAT(roles(eve), IsEmpty());
  EXPECT_EQ(state(made), InvitationState::open) << "somebody else's try uses nothing up";

  EXPECT_TRUE(accept(made, ada));
  EXPECT_THAT(roles(ada), ElementsAre("Check-in Staff"));
  const auto held = db().read_now([&](db::Tx& tx) { return roles_of(tx, ada); });
  EXPECT_EQ(held.front().role.conference_id, fair_);
  EXPECT_EQ(held.front().role.ends_at, wanted.role_ends_at);
  EXPECT_EQ(held.front().role.granted_by, head_);
  EXPECT_EQ(state(made), InvitationState::accepted);
  EXPECT_FALSE(accept(made, ada));
  EXPECT_THAT(roles(ada), ElementsAre("Check-in Staff"));
}

TEST_P(Invitations, AGuestsAccountOrAClosedOneAcceptsNothing) {
  const Invitation made = send(to("ada@example.org"));
  const std::int64_t ada = person("ada@example.org");
  write([&](db::Tx& tx) { tx.exec("UPDATE user_account SET password_hash = NULL WHERE id = $1", ada); });
  EXPECT_THROW(accept(made, ada), NotFound);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE user_account SET password_hash = 'x', email_verified_at = NULL WHERE id = $1", ada);
  });
  EXPECT_THROW(accept(made, ada), NotFound);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE user_account SET email_verified_at = 1, is_active = 0 WHERE id = $1", ada);
  });
  EXPECT_THROW(accept(made, ada), NotFound);
  EXPECT_THAT(roles(ada), IsEmpty());
}

TEST_P(Invitations, TwoAcceptancesAtOnceMakeOneRole) {
  const std::int64_t ada = person("ada@example.org");
  for (int round = 0; round < 10; ++round) {
    const Invitation made = send(to("ada@example.org"));
    std::atomic<int> accepted{0};
    const auto run = [&](std::int64_t lane) {
      const bool done = db().write_now(
          lane, "test", [&](db::Tx& tx) { return accept_invitation(tx, made.id, ada).has_value(); });
      if (done) ++accepted;
    };
    // Not even two lanes get it twice.
    std::thread one(run, fair_), two(run, db::global_lane), three(run, other_);
    one.join();
    two.join();
    three.join();
    EXPECT_EQ(accepted, 1);
    EXPECT_THAT(roles(ada), ElementsAre("Check-in Staff"));
    write([&](db::Tx& tx) { tx.exec("DELETE FROM role_assignment WHERE user_id = $1", ada); });
  }
}

TEST_P(Invitations, AreVoidWhenWithdrawnOrExpired) {
  const std::int64_t ada = person("ada@example.org");
  const Invitation withdrawn = send(to("ada@example.org"));
  EXPECT_TRUE(write([&](db::Tx& tx) { return withdraw_invitation(tx, withdrawn.id); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return withdraw_invitation(tx, withdrawn.id); }));
  EXPECT_EQ(state(withdrawn), InvitationState::withdrawn);
  EXPECT_FALSE(accept(withdrawn, ada));

  NewInvitation short_lived = to("ada@example.org", "Finance Team");
  short_lived.role_ends_at = clock().now() + Duration::days(3);
  const Invitation late = send(to("ada@example.org")), later = send(short_lived);
  clock().advance(Duration::days(3));
  EXPECT_EQ(state(later), InvitationState::expired) << "its role would have ended";
  EXPECT_EQ(state(late), InvitationState::open);
  clock().advance(Duration::days(11));
  EXPECT_EQ(state(late), InvitationState::expired);
  EXPECT_FALSE(accept(late, ada));
  EXPECT_FALSE(accept(later, ada));
  EXPECT_THAT(roles(ada), IsEmpty());
}

TEST_P(Invitations, AreVoidOnceWhoeverInvitedMayNoLongerGiveTheRole) {
  const std::int64_t ada = person("ada@example.org");
  const Invitation made = send(to("ada@example.org"));
  const auto expect_powerless = [&](const char* why) {
    EXPECT_EQ(state(made), InvitationState::powerless) << why;
    EXPECT_FALSE(accept(made, ada)) << why;
  };
  const auto set = [&](const char* sql) { write([&](db::Tx& tx) { tx.exec(sql, head_); }); };
  set("UPDATE role_assignment SET ends_at = 1 WHERE user_id = $1");
  expect_powerless("the role of the inviter has ended");
  set("UPDATE role_assignment SET ends_at = NULL WHERE user_id = $1");
  EXPECT_EQ(state(made), InvitationState::open);
  set("UPDATE user_account SET is_active = 0 WHERE id = $1");
  expect_powerless("the account of the inviter was closed");
  set("UPDATE user_account SET is_active = 1 WHERE id = $1");
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO user_group_permission (group_id, permission) SELECT id, 'program_conference.more' FROM "
        "user_group WHERE name = 'Check-in Staff'");
  });
  expect_powerless("the role has got a right that the inviter does not hold");
  set("DELETE FROM user_account WHERE id = $1");
  expect_powerless("the account of the inviter is gone");
  EXPECT_THAT(roles(ada), IsEmpty());
}

TEST_P(Invitations, OfARoleAboveOnesOwnOrOfAnotherConferenceAreNeverOpen) {
  const std::int64_t ada = person("ada@example.org");
  const std::int64_t desk = person("desk@example.org");
  give(desk, "Check-in Staff", fair_);
  NewInvitation above = to("ada@example.org", "Conference Organizer");
  above.invited_by = desk;
  NewInvitation same = to("ada@example.org");
  same.invited_by = desk;  // holds the role, but without full access gives none
  NewInvitation foreign = to("ada@example.org");
  foreign.conference_id = other_;
  NewInvitation everywhere = to("ada@example.org");
  everywhere.conference_id.reset();
  for (const NewInvitation& wanted : {above, same, foreign, everywhere}) {
    const Invitation made = send(wanted);
    EXPECT_EQ(state(made), InvitationState::powerless);
    EXPECT_FALSE(accept(made, ada));
  }
  EXPECT_THAT(roles(ada), IsEmpty());
}

TEST_P(Invitations, AreGoneWithTheirConferenceOrGroup) {
  const Invitation of_other = [&] {
    give(head_, "Conference Organizer", other_);
    NewInvitation wanted = to("ada@example.org");
    wanted.conference_id = other_;
    return send(wanted);
  }();
  const Invitation of_group = send(to("ada@example.org"));
  write([&](db::Tx& tx) {
    tx.exec("DELETE FROM conference WHERE id = $1", other_);
    tx.exec("DELETE FROM user_group WHERE name = 'Check-in Staff'");
  });
  const auto found = [&](const Invitation& one) {
    return db().read_now([&](db::Tx& tx) { return find_invitation(tx, one.id).has_value(); });
  };
  EXPECT_FALSE(found(of_other));
  EXPECT_FALSE(found(of_group));
  EXPECT_FALSE(accept(of_group, person("ada@example.org")));
}

TEST_P(Invitations, ARoleThatIsThereIsNeverMadeShorter) {
  const std::int64_t ada = person("ada@example.org");
  NewInvitation wanted = to("ada@example.org");
  wanted.role_ends_at = clock().now() + Duration::days(5);
  const Invitation made = send(wanted);
  give(ada, "Check-in Staff", fair_, clock().now() + Duration::days(50));
  EXPECT_TRUE(accept(made, ada));
  const auto held = db().read_now([&](db::Tx& tx) { return roles_of(tx, ada); });
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held.front().role.ends_at, clock().now() + Duration::days(50));
}

TEST_P(Invitations, TellsWhatIsWrongWithAnAddress) {
  for (const char* wrong : {"", "ada", "ada@", "@example.org", "ada@example.org, eve@example.org",
                            "ada@example.org\r\nBcc: x@y.org", "ada@example.org\nSubject: hi",
                            "Ada <ada@example.org>", "ada@exam ple.org"})
    EXPECT_EQ(problem(to(wrong)), "email") << wrong;
  EXPECT_EQ(problem(to(std::string(300, 'a') + "@example.org")), "email");
  EXPECT_EQ(problem(to("ada@example.org")), "");

  const std::int64_t ada = person("ada@example.org");
  give(ada, "Check-in Staff", fair_);
  EXPECT_EQ(problem(to("ADA@example.org")), "has_role");
  EXPECT_EQ(problem(to("ada@example.org", "Finance Team")), "");
  send(to("eve@example.org"));
  EXPECT_EQ(problem(to("Eve@example.org")), "invited");
  clock().advance(Duration::days(14));
  EXPECT_EQ(problem(to("eve@example.org")), "") << "the old one has expired";
}

TEST_P(Invitations, ALimitHoldsForEachAddressAndEachInviter) {
  const InvitationLimits limits{.enabled = true, .per_inviter = 4, .per_address = 2};
  const auto left = [&] {
    return db().read_now([&](db::Tx& tx) { return invitations_left(tx, head_, limits); });
  };
  EXPECT_EQ(left(), 4);
  for (const char* role : {"Finance Team", "Reports Viewer"}) send(to("ada@example.org", role));
  EXPECT_EQ(problem(to("ada@example.org"), limits), "too_many");
  EXPECT_EQ(problem(to("ada@example.org"), {.enabled = false}), "");
  EXPECT_EQ(left(), 2);
  const Invitation third = send(to("c@example.org"));
  send(to("d@example.org"));
  EXPECT_EQ(left(), 0);
  // Withdrawing gives no mail back.
  write([&](db::Tx& tx) { return withdraw_invitation(tx, third.id); });
  EXPECT_EQ(left(), 0);
  clock().advance(Duration::days(1));
  EXPECT_EQ(left(), 4);
  EXPECT_EQ(problem(to("ada@example.org"), limits), "");
}

TEST_P(Invitations, SendingAgainEndsTheOldLink) {
  const Invitation made = send(to("ada@example.org"));
  const LinkSecret secret = new_invitation_secret(Random::system(), key_);
  const auto again = [&](std::int64_t by) {
    return write([&](db::Tx& tx) { return resend_invitation(tx, secret, made, by, {}); });
  };
  const auto code = [&](auto fn) -> std::string {
    try {
      fn();
    } catch (const Refused& refused) {
      return refused.code();
    }
    return "";
  };
  EXPECT_EQ(code([&] { again(head_); }), "wait");
  clock().advance(Duration::days(20));
  EXPECT_EQ(state(made), InvitationState::expired);
  const Invitation changed = again(head_);
  EXPECT_EQ(state(made), InvitationState::open);
  EXPECT_NE(token_of(key_, changed), token_of(key_, made));
  EXPECT_GT(changed.version, made.version);
  EXPECT_FALSE(db().read_now(
      [&](db::Tx& tx) { return find_invitation(tx, std::string_view(made.token_hash)).has_value(); }));
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE kind = 'mail'"), 2);

  EXPECT_TRUE(accept(changed, person("ada@example.org")));
  clock().advance(Duration::days(1));
  EXPECT_EQ(code([&] { again(head_); }), "over");
}

TEST_P(Invitations, AreForgottenThreeMonthsAfterTheyExpired) {
  send(to("ada@example.org"));
  clock().advance(Duration::days(103));
  send(to("eve@example.org"));
  const auto sweep = [&] { return write([](db::Tx& tx) { return sweep_invitations(tx); }); };
  EXPECT_EQ(sweep(), 0);
  clock().advance(Duration::days(1));
  EXPECT_EQ(sweep(), 1);
  EXPECT_EQ(count("SELECT count(*) FROM invitation"), 1);
}

TEST_P(Invitations, TheTeamListsRolesOfThisConferenceAndNoOther) {
  const std::int64_t ada = person("ada@example.org"), boss = person("boss@example.org");
  const RoleAssignment desk = give(ada, "Check-in Staff", fair_);
  give(ada, "Finance Team", other_);
  give(boss, "Conference Organizer", {});
  const auto team = [&](Instant since) {
    return db().read_now([&](db::Tx& tx) { return team_of(tx, fair_, since); });
  };
  ASSERT_EQ(team({}).size(), 2U);
  const auto above = db().read_now([](db::Tx& tx) { return team_everywhere(tx); });
  ASSERT_EQ(above.size(), 1U);
  EXPECT_EQ(above.front().email, "boss@example.org");
  const auto of_other = [&] {
    return db().read_now([&](db::Tx& tx) { return team_member(tx, other_, desk.id); });
  };
  EXPECT_FALSE(of_other()) << "a role is reached through its conference only";

  EXPECT_TRUE(write([&](db::Tx& tx) { return end_role(tx, desk.id); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return end_role(tx, desk.id); }));
  const auto after = team({});
  ASSERT_EQ(after.size(), 2U);
  for (const TeamMember& one : after) EXPECT_EQ(one.is_current(clock().now()), one.role.user_id == head_);
  EXPECT_EQ(team(clock().now()).size(), 1U);
  const Rights rights = db().read_now([&](db::Tx& tx) { return rights_of(tx, ada, false); });
  EXPECT_FALSE(rights.any_role_in(fair_));
}

TEST_P(Invitations, WhoKeepsFullAccessIsAskedWithoutTheRoleThatGoes) {
  const auto mine = db().read_now([&](db::Tx& tx) { return roles_of(tx, head_); }).front().role;
  const auto keeps = [&] {
    return db().read_now([&](db::Tx& tx) { return keeps_full_access_without(tx, head_, mine.id, fair_); });
  };
  const auto others = [&] {
    return db().read_now([&](db::Tx& tx) { return others_have_full_access(tx, head_, fair_); });
  };
  EXPECT_FALSE(keeps());
  EXPECT_FALSE(others());
  const RoleAssignment elsewhere = give(head_, "Conference Organizer", other_);
  EXPECT_FALSE(keeps());
  give(person("ada@example.org"), "Conference Organizer", fair_);
  EXPECT_TRUE(others());
  give(head_, "Conference Organizer", {});
  EXPECT_TRUE(keeps());
  EXPECT_NE(elsewhere.id, mine.id);
}

TEST_P(Invitations, OnlyRolesWithinOnesOwnRightsAreOffered) {
  const auto offered = [&](const Rights& rights) {
    std::vector<std::string> names;
    const auto groups = db().read_now([&](db::Tx& tx) { return groups_to_grant(tx, rights, fair_); });
    for (const UserGroup& one : groups) {
      names.push_back(one.name);
      EXPECT_TRUE(db().read_now([&](db::Tx& tx) { return may_grant(tx, rights, one.id, fair_); }))
          << one.name;
    }
    return names;
  };
  EXPECT_EQ(offered(Rights(true, {})).size(), 10U);
  EXPECT_THAT(offered(Rights(false, {})), IsEmpty());
  EXPECT_THAT(offered(Rights(false, {{other_, std::string(full_access)}})), IsEmpty());
  EXPECT_EQ(offered(db().read_now([&](db::Tx& tx) { return rights_of(tx, head_, false); })).size(), 10U);
  // Full access and nothing by name: none of the ten fits into it.
  EXPECT_THAT(offered(Rights(false, {{fair_, std::string(full_access)}})), IsEmpty());
}

TEST_P(Invitations, AnEndIsChangedOnlyByWhoeverSawTheRoleAsItIs) {
  const std::int64_t ada = person("ada@example.org");
  const RoleAssignment seen = give(ada, "Check-in Staff", fair_);
  const auto change = [&](std::optional<Instant> end) {
    return write([&](db::Tx& tx) { return change_role_end(tx, seen, end); });
  };
  EXPECT_THROW(change(clock().now()), Refused);
  EXPECT_EQ(change(clock().now() + Duration::days(1)).ends_at, clock().now() + Duration::days(1));
  EXPECT_THROW(change({}), Refused) << "it was changed since";
}

}  // namespace
}  // namespace plenary::accounts
