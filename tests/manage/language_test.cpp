// Every text of the organisers' pages goes through the translation: in the pseudo-locale each is decorated.
// source: ground rules 15, 3.2.
#include <gtest/gtest.h>

#include "manage/organisers.hpp"
#include "support/site/page_text.hpp"

namespace plenary::manage::testing {
namespace {

// What the fixture and people's names bring in.
const std::vector<std::string> data{"fair",
                                    "Fair",
                                    "The other",
                                    "other",
                                    "Grace Hopper",
                                    "Dora",
                                    "head@example.org",
                                    "desk@example.org",
                                    "new@example.org",
                                    "old@example.org",
                                    "root",
                                    "Plenary",
                                    "English",
                                    "Deutsch",
                                    "Europe/Berlin",
                                    "bad",
                                    "name@example.com",
                                    "en-XA"};

class ManageLanguage : public ManageTest {
 protected:
  static void choose(Buyer& who) {
    const HttpResponse page = who.get("/fair/");
    ASSERT_EQ(who.post("/language/", Buyer::form(page, "/language/", {{"language", "en-XA"}})).status, 303);
  }
  static void read(const HttpResponse& page, std::string_view what) {
    EXPECT_EQ(page.header("Content-Language"), "en-XA") << what;
    std::size_t decorated = 0;
    for (const std::string& text : site::testing::texts_of(page.body)) {
      decorated += text.find(" ~") != std::string::npos;
      EXPECT_EQ(site::testing::plain_rest(text, data), "") << what << " says without translation: " << text;
    }
    EXPECT_GE(decorated, 3U) << what;
  }
};
ON_BOTH_ENGINES(ManageLanguage);

TEST_P(ManageLanguage, IsSpokenByEveryPage) {
  superuser("root");
  Buyer head = browser("head@example.org", "Conference Organizer", "Grace Hopper");
  choose(head);
  const std::int64_t desk = person("desk@example.org", good_password, "Dora");
  const std::int64_t role = give(desk, "Check-in Staff", conference_id(), clock().now() + Duration::days(3));
  give(person("old@example.org", good_password, "Dora"), "Check-in Staff", conference_id(),
       clock().now() + Duration::minutes(1));
  clock().advance(Duration::minutes(2));
  write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE conference SET revenue_budget = 1000000, target_attendance = 50, grant_budget = 100, "
        "catalogue_version = catalogue_version + 1 WHERE slug = 'fair'");
  });
  read(head.get("/manage/"), "the list");
  read(head.get("/manage/fair/"), "the dashboard");
  read(invite(head, "bad"), "the team with faults");
  read(invite(head, "head@example.org", "Conference Organizer"), "the team with another fault");
  ASSERT_EQ(outcome(invite(head, "new@example.org")), "invited");
  read(head.get(team), "the team");
  const std::string page = "/manage/fair/team/roles/" + std::to_string(role) + "/";
  read(head.get(page), "a role");
  read(head.post(page, Buyer::form(head.get(page), "", {{"ends_on", "x"}})), "a role with a fault");
  const std::int64_t self = user_id("head@example.org");
  const std::int64_t own =
      db().read_now([&](db::Tx& tx) { return accounts::roles_of(tx, self).front().role.id; });
  const std::string mine = "/manage/fair/team/roles/" + std::to_string(own) + "/";
  read(press(head, mine + "end/", {}, mine), "the question before one's own end");

  const std::string link = link_of(newest_invitation());
  read(head.get(link), "an invitation for somebody else");
  Buyer stranger = buyer();
  choose(stranger);
  read(stranger.get(link), "an invitation without account");
  read(stranger.post(link, Buyer::form(stranger.get(link), "", {{"password", "x"}})), "with faults");
  person("new@example.org", good_password, "Dora");
  read(stranger.get(link), "an invitation with account");
  Buyer invited = signed_in("new@example.org");
  choose(invited);
  read(invited.get(link), "an invitation to accept");
  EXPECT_EQ(invited.post(link, Buyer::form(invited.get(link), "")).status, 303);
  read(invited.get("/manage/fair/"), "the dashboard of the desk");
  read(invited.get(link), "an accepted invitation");
  read(stranger.get("/accounts/invitation/nothing/"), "no invitation");
}

}  // namespace
}  // namespace plenary::manage::testing
