// Two at once, where one takes away what the other is about to use: whatever the order, what comes out is
// one that both could have stood in line for. Real threads, on both engines; docs/security.md lists them.
// source: docs/transactions.md; configuration 10, 8.
#include "embed/attacks.hpp"

#include "domain/conference/audit_verify.hpp"

namespace plenary::embed::testing {
namespace {

class Races : public AttackTest {
 protected:
  static constexpr int rounds = 4;
  void TearDown() override {
    EXPECT_TRUE(db().read_now([](db::Tx& tx) { return conference::verify_audit(tx); }).is_sound());
    AttackTest::TearDown();
  }
  std::string invited(Buyer& head, const std::string& email) {
    const HttpResponse page = head.get(team);
    EXPECT_EQ(outcome(head.post(invite_url, Buyer::form(page, invite_url, invitation_to(email)))), "invited");
    return link_of(newest_invitation());
  }
};
ON_BOTH_ENGINES(Races);

TEST_P(Races, RevokingARoleWhileItsHolderActsLetsNothingThroughAfterwards) {
  Buyer root = superuser_browser();
  for (int i = 0; i < rounds; ++i) {
    const std::string who = "head" + std::to_string(i) + "@example.org";
    Buyer head = organizer(who);
    const HttpResponse page = head.get(team);
    const Fields fields =
        Buyer::form(page, invite_url, invitation_to("guest" + std::to_string(i) + "@example.org"));
    const std::string end = role_url(role_of(who)) + "end/";
    const Fields ending = Buyer::form(root.get(role_url(role_of(who))), end);
    HttpResponse acted, revoked;
    together([&] { acted = head.post(invite_url, fields); }, [&] { revoked = root.post(end, ending); });
    EXPECT_EQ(outcome(revoked), "ended");
    // It came before, or it was refused: never after.
    const bool was_first = outcome(acted) == "invited";
    EXPECT_EQ(
        number("SELECT count(*) FROM invitation WHERE email = 'guest" + std::to_string(i) + "@example.org'"),
        was_first ? 1 : 0)
        << acted.status;
    if (was_first) {
      EXPECT_LT(number("SELECT max(id) FROM audit_entry WHERE entity = 'invitation'"),
                number("SELECT max(id) FROM audit_entry WHERE entity = 'role_assignment'"));
    }
    EXPECT_EQ(forge(head, invite_url, invitation_to("late@example.org")).status, 404);
  }
  EXPECT_EQ(number("SELECT count(*) FROM invitation WHERE email = 'late@example.org'"), 0);
}

TEST_P(Races, OfTwoWhoEndEachOthersRolesOneStays) {
  for (int i = 0; i < rounds; ++i) {
    const std::string a = "a" + std::to_string(i) + "@example.org",
                      b = "b" + std::to_string(i) + "@example.org";
    Buyer one = organizer(a), two = organizer(b);
    const std::string end_a = role_url(role_of(a)) + "end/", end_b = role_url(role_of(b)) + "end/";
    const Fields of_one = Buyer::form(one.get(role_url(role_of(b))), end_b),
                 of_two = Buyer::form(two.get(role_url(role_of(a))), end_a);
    together([&] { one.post(end_b, of_one); }, [&] { two.post(end_a, of_two); });
    EXPECT_EQ((current_roles(a) > 0) + (current_roles(b) > 0), 1) << "the second had lost the right to";
    run("UPDATE role_assignment SET ends_at = 1");
  }
}

TEST_P(Races, OfTwoSuperusersWhoDemoteEachOtherOneStays) {
  Buyer one = superuser_browser("one"), two = superuser_browser("two");
  const std::int64_t a = user_id("one@example.org"), b = user_id("two@example.org");
  run("UPDATE user_account SET email_verified_at = created_at");
  PageForm of_one = open_change(one, accounts_of, b), of_two = open_change(two, accounts_of, a);
  of_one.set("is_superuser", "0");
  of_two.set("is_superuser", "0");
  HttpResponse first, second;
  together([&] { first = send_change(one, accounts_of, b, of_one); },
           [&] { second = send_change(two, accounts_of, a, of_two); });
  EXPECT_EQ((first.status == 303) + (second.status == 303), 1) << first.status << " " << second.status;
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE is_superuser = 1"), 1);
}

TEST_P(Races, AcceptingTwiceAtOnceGivesOneRoleAndOneEntry) {
  Buyer head = organizer();
  person("ada@example.org");
  const std::string link = invited(head, "ada@example.org");
  Buyer one = signed_in("ada@example.org"), two = signed_in("ada@example.org");
  const Fields first = Buyer::form(one.get(link), ""), second = Buyer::form(two.get(link), "");
  HttpResponse a, b;
  together([&] { a = one.post(link, first); }, [&] { b = two.post(link, second); });
  EXPECT_EQ((outcome(a) == "accepted") + (outcome(b) == "accepted"), 1) << a.status << " " << b.status;
  EXPECT_EQ(number("SELECT count(*) FROM role_assignment WHERE user_id = " +
                   std::to_string(user_id("ada@example.org"))),
            1);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'role_assignment'"), 1);
}

TEST_P(Races, WithdrawingWhileItIsAcceptedDoesOneOfTheTwo) {
  Buyer head = organizer();
  for (int i = 0; i < rounds; ++i) {
    const std::string email = "ada" + std::to_string(i) + "@example.org";
    person(email);
    const std::string link = invited(head, email);
    const std::string withdraw =
        team + "invitations/" + std::to_string(newest_invitation().id) + "/withdraw/";
    Buyer ada = signed_in(email);
    const Fields accepting = Buyer::form(ada.get(link), ""),
                 withdrawing = Buyer::form(head.get(team), withdraw);
    HttpResponse accepted, withdrawn;
    together([&] { accepted = ada.post(link, accepting); },
             [&] { withdrawn = head.post(withdraw, withdrawing); });
    EXPECT_EQ((outcome(accepted) == "accepted") + (outcome(withdrawn) == "withdrawn"), 1)
        << accepted.status << " " << outcome(withdrawn);
    EXPECT_EQ(current_roles(email) > 0, outcome(accepted) == "accepted");
  }
}

TEST_P(Races, RevokingTheInviterWhileTheInvitationIsAcceptedLeavesNoneForLater) {
  Buyer root = superuser_browser();
  for (int i = 0; i < rounds; ++i) {
    const std::string inviter = "head" + std::to_string(i) + "@example.org",
                      email = "ada" + std::to_string(i) + "@example.org";
    Buyer head = organizer(inviter);
    person(email);
    const std::string link = invited(head, email);
    Buyer ada = signed_in(email);
    const std::string end = role_url(role_of(inviter)) + "end/";
    const Fields accepting = Buyer::form(ada.get(link), ""),
                 ending = Buyer::form(root.get(role_url(role_of(inviter))), end);
    HttpResponse accepted, ended;
    together([&] { accepted = ada.post(link, accepting); }, [&] { ended = root.post(end, ending); });
    EXPECT_EQ(outcome(ended), "ended");
    EXPECT_EQ(current_roles(email) > 0, outcome(accepted) == "accepted") << accepted.status;
    EXPECT_EQ(forge(ada, link).status, 404);
  }
}

TEST_P(Races, InvitingOneAddressTwiceAtOnceMailsItOnce) {
  Buyer one = organizer("one@example.org"), two = organizer("two@example.org");
  const Fields first = Buyer::form(one.get(team), invite_url, invitation_to("ada@example.org")),
               second = Buyer::form(two.get(team), invite_url, invitation_to("ADA@example.org"));
  HttpResponse a, b;
  together([&] { a = one.post(invite_url, first); }, [&] { b = two.post(invite_url, second); });
  EXPECT_EQ((outcome(a) == "invited") + (outcome(b) == "invited"), 1) << a.status << " " << b.status;
  EXPECT_EQ(invitations(), 1);
}

TEST_P(Races, TakingAChangeBackTwiceAtOnceIsDoneOnce) {
  Buyer one = superuser_browser("one"), two = superuser_browser("two");
  const std::int64_t id = number("SELECT min(id) FROM ticket_type WHERE conference_id = " + fair());
  PageForm form = open_change(one, admin::testing::ticket_types, id);
  form.set("price", "1.00");
  ASSERT_EQ(send_change(one, admin::testing::ticket_types, id, form).status, 303);
  const std::int64_t entry = newest_entry();
  one.get("/accessibility/");
  two.get("/accessibility/");
  HttpResponse a, b;
  together([&] { a = one.post(undo_url(entry), {}); }, [&] { b = two.post(undo_url(entry), {}); });
  EXPECT_EQ((a.status == 303) + (b.status == 303), 1) << a.status << " " << b.status;
  EXPECT_EQ(number("SELECT count(*) FROM audit_entry WHERE undoes = " + std::to_string(entry)), 1);
}

TEST_P(Races, EndingSomebodysSessionsWhileTheyActLeavesThemSignedOut) {
  Buyer root = superuser_browser();
  for (int i = 0; i < rounds; ++i) {
    const std::string who = "head" + std::to_string(i) + "@example.org";
    Buyer head = organizer(who);
    const Fields fields =
        Buyer::form(head.get(team), invite_url, invitation_to("guest" + std::to_string(i) + "@example.org"));
    const std::string door = address(accounts_of, user_id(who), "sign-in");
    Fields ending = Buyer::form(root.get(door), door);
    ending.emplace_back("action", "end");
    HttpResponse acted, ended;
    together([&] { acted = head.post(invite_url, fields); }, [&] { ended = root.post(door, ending); });
    EXPECT_EQ(ended.status, 303);
    EXPECT_TRUE(head.get(team).header("Location").starts_with("/accounts/login/"));
    EXPECT_FALSE(is_signed_in(head));
  }
}

}  // namespace
}  // namespace plenary::embed::testing
