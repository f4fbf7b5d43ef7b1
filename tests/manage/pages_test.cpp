// The organisers' list of conferences, their frame and the dashboard. source: configuration 10, 8 and 9.
#include <gtest/gtest.h>

#include "domain/conference/features.hpp"
#include "manage/organisers.hpp"
#include "support/site/page_text.hpp"

namespace plenary::manage::testing {
namespace {

class Pages : public ManageTest {
 protected:
  // Each link below /manage/ of a page opens; those of the data admin are another room's.
  void expect_links_open(Buyer& who, const HttpResponse& page) {
    for (const std::string& link : site::testing::links_of(page.body)) {
      if (link.starts_with("/admin/") || link.starts_with("/static/")) continue;
      EXPECT_LT(who.get(link).status, 400) << link;
    }
  }
};
ON_BOTH_ENGINES(Pages);

TEST_P(Pages, TheListShowsTheConferencesOfOnesRolesAndNoOther) {
  Buyer ada = browser("ada@example.org", "Check-in Staff");
  const HttpResponse page = ada.get("/manage/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "href=\"/manage/fair/\""));
  EXPECT_FALSE(contains(page, "The other"));
  expect_links_open(ada, page);

  superuser("root");
  Buyer root = signed_in("root");
  EXPECT_TRUE(contains(root.get("/manage/"), "href=\"/manage/other/\""));
}

TEST_P(Pages, AreHiddenFromWhoeverHasNoRoleThere) {
  Buyer nobody = buyer();
  const HttpResponse asked = nobody.get("/manage/fair/");
  EXPECT_EQ(asked.status, 303);
  EXPECT_EQ(asked.header("Location"), "/accounts/login/?next=%2Fmanage%2Ffair%2F");
  Buyer member = browser("member@example.org");
  Buyer desk = browser("desk@example.org", "Check-in Staff");
  for (const char* path : {"/manage/", "/manage/fair/", "/manage/fair/team/"})
    EXPECT_EQ(member.get(path).status, 404) << path;
  EXPECT_EQ(desk.get("/manage/other/").status, 404);
  EXPECT_EQ(desk.get("/manage/other/team/").status, 404);
  EXPECT_EQ(desk.get("/manage/fair/").status, 200);
  EXPECT_EQ(desk.get("/manage/fair/team/").status, 403);
  EXPECT_FALSE(contains(desk.get("/manage/fair/"), "/manage/fair/team/"));
}

TEST_P(Pages, AnInactiveConferenceIsListedForFullAccessOnly) {
  const std::int64_t old = conference("old", false);
  const std::int64_t ada = person("ada@example.org"), bob = person("bob@example.org");
  give(ada, "Conference Organizer", old);
  give(bob, "Check-in Staff", old);
  Buyer organizer = signed_in("ada@example.org"), desk = signed_in("bob@example.org");
  EXPECT_TRUE(contains(organizer.get("/manage/"), "href=\"/manage/old/\""));
  EXPECT_TRUE(contains(organizer.get("/manage/"), "Not active"));
  const HttpResponse empty = desk.get("/manage/");
  EXPECT_EQ(empty.status, 200);
  EXPECT_TRUE(contains(empty, "There is no conference here yet."));
  EXPECT_EQ(organizer.get("/manage/old/").status, 200);
}

TEST_P(Pages, TheListIsPaged) {
  superuser("root");
  for (int i = 0; i < 30; ++i) conference("many-" + std::to_string(i));
  Buyer root = signed_in("root");
  const auto cards = [&](const std::string& path) {
    const HttpResponse page = root.get(path);
    EXPECT_EQ(page.status, 200) << path;
    std::size_t n = 0;
    for (std::size_t at = 0; (at = page.body.find("<li class=\"card conference\">", at)) != std::string::npos;
         ++at)
      ++n;
    return n;
  };
  EXPECT_EQ(cards("/manage/"), 25U);
  EXPECT_EQ(cards("/manage/?page=2"), 7U);
  EXPECT_EQ(cards("/manage/?page=last"), 7U);
  for (const char* wrong : {"0", "3", "-1", "x", "1x", "99999999999999999999", "%27"})
    EXPECT_EQ(root.get(std::string("/manage/?page=") + wrong).status, 404) << wrong;
}

TEST_P(Pages, AConferenceWhoseOrganisersPagesAreOffIsNoLink) {
  Buyer ada = browser("ada@example.org", "Conference Organizer");
  write([&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::manage_ui, false);
  });
  const HttpResponse page = ada.get("/manage/");
  EXPECT_FALSE(contains(page, "href=\"/manage/fair/\""));
  EXPECT_TRUE(contains(page, "switched off"));
  EXPECT_EQ(ada.get("/manage/fair/").status, 404);
}

TEST_P(Pages, TheDashboardShowsEachFigureOnlyToWhoeverMaySeeItsRows) {
  Buyer shopper = buyer();
  shopper.add("individual");
  const HttpResponse order = shopper.order();
  shopper.pay(order.header("Location"));
  write([&](db::Tx& tx) {
    tx.exec("UPDATE orders SET is_sandbox = 0");
    tx.exec("UPDATE ledger_entry SET is_test = 0");
    tx.exec(
        "UPDATE conference SET revenue_budget = 1000000, target_attendance = 50, catalogue_version = "
        "catalogue_version + 1 WHERE slug = 'fair'");
  });
  Buyer organizer = browser("o@example.org", "Conference Organizer"),
        sponsors = browser("s@example.org", "Sponsor Manager"),
        finance = browser("f@example.org", "Finance Team"), desk = browser("d@example.org", "Check-in Staff");
  const HttpResponse all = organizer.get("/manage/fair/");
  ASSERT_EQ(all.status, 200);
  for (const char* label :
       {"Orders", "Paid orders", "Ticket types", "Add-ons", "Vouchers", "Sections", "Sponsors",
        "Sponsor levels", "Activities", "Travel grants", "Attendees", "Revenue"})
    EXPECT_TRUE(contains(all, label)) << label;
  EXPECT_TRUE(contains(all, "$100.00 of $10,000.00 (1.00 %)")) << all.body;
  EXPECT_TRUE(contains(all, "1 of 50 (2.0 %)"));
  expect_links_open(organizer, all);

  const HttpResponse seen_by_sponsors = sponsors.get("/manage/fair/");
  EXPECT_TRUE(contains(seen_by_sponsors, "Sponsor levels"));
  for (const char* label : {"Orders", "Ticket types", "Revenue", "Attendance", "$100.00", "/team/"})
    EXPECT_FALSE(contains(seen_by_sponsors, label)) << label;
  expect_links_open(sponsors, seen_by_sponsors);
  EXPECT_TRUE(contains(finance.get("/manage/fair/"), "$100.00 of"));
  const HttpResponse seen_by_desk = desk.get("/manage/fair/");
  EXPECT_TRUE(contains(seen_by_desk, "Your role shows no figures here."));
  EXPECT_FALSE(contains(seen_by_desk, "$"));
}

TEST_P(Pages, AModuleThatIsOffShowsNeitherFigureNorEntry) {
  Buyer organizer = browser("o@example.org", "Conference Organizer");
  EXPECT_TRUE(contains(organizer.get("/manage/fair/"), "/admin/program_sponsors/sponsor/"));
  write([&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::sponsors, false);
  });
  const HttpResponse page = organizer.get("/manage/fair/");
  EXPECT_FALSE(contains(page, "program_sponsors"));
  EXPECT_FALSE(contains(page, "Sponsor levels"));
}

TEST_P(Pages, LeadNowhereThatIsNotBuilt) {
  Buyer organizer = browser("o@example.org", "Conference Organizer");
  const HttpResponse page = organizer.get("/manage/fair/");
  for (const char* missing :
       {"/manage/fair/rooms/", "/manage/fair/letters/", "/manage/fair/checkin/", "Terminal"})
    EXPECT_FALSE(contains(page, missing)) << missing;
  const std::string id = std::to_string(conference_id());
  EXPECT_TRUE(contains(page, "/admin/program_registration/tickettype/?conference_id=" + id + "\""));
  EXPECT_TRUE(contains(page, "href=\"/manage/fair/attendees/\""));
  EXPECT_TRUE(contains(page, "href=\"/manage/fair/orders/\""));
  EXPECT_TRUE(contains(page, "href=\"/manage/fair/orders/?status=paid\""));
  EXPECT_TRUE(contains(page, "/admin/program_conference/conference/" + id + "/change/"));
}

TEST_P(Pages, ArePersonalAndHaveOneHeadingAndTheirLandmarks) {
  Buyer organizer = browser("o@example.org", "Conference Organizer");
  for (const char* path : {"/manage/", "/manage/fair/", "/manage/fair/team/"}) {
    const HttpResponse page = organizer.get(path);
    EXPECT_EQ(page.header("Cache-Control"), "no-store") << path;
    const auto times = [&](std::string_view what) {
      std::size_t n = 0;
      for (std::size_t at = 0; (at = page.body.find(what, at)) != std::string::npos; ++at) ++n;
      return n;
    };
    EXPECT_EQ(times("<h1"), 1U) << path;
    EXPECT_EQ(times("<main "), 1U) << path;
    EXPECT_EQ(times("style=\""), 0U) << path;
    EXPECT_TRUE(contains(page, "class=\"skip\" href=\"#content\"")) << path;
    EXPECT_TRUE(contains(page, "action=\"/accounts/logout/\"")) << path;
  }
}

TEST_P(Pages, TheSwitchOffersOnesOtherConferences) {
  Buyer ada = browser("ada@example.org", "Check-in Staff");
  EXPECT_FALSE(contains(ada.get("/manage/fair/"), "/manage/other/"));
  give(user_id("ada@example.org"), "Check-in Staff", other());
  EXPECT_TRUE(contains(ada.get("/manage/fair/"), "<a href=\"/manage/other/\">The other</a>"));
}

TEST_P(Pages, ARoleThatEndedOpensNothingWithTheNextClick) {
  const std::int64_t ada = person("ada@example.org");
  give(ada, "Conference Organizer", conference_id(), clock().now() + Duration::minutes(10));
  Buyer browser = signed_in("ada@example.org");
  EXPECT_EQ(browser.get(team).status, 200);
  clock().advance(Duration::minutes(10));
  EXPECT_EQ(browser.get(team).status, 404);
  EXPECT_EQ(browser.get("/manage/").status, 404);
}

TEST_P(Pages, ThePublicPagesShowTheWayInToWhoeverMayGo) {
  Buyer desk = browser("d@example.org", "Check-in Staff"), member = browser("m@example.org");
  EXPECT_TRUE(contains(desk.get("/fair/"), "href=\"/manage/fair/\""));
  EXPECT_FALSE(contains(member.get("/fair/"), "/manage/"));
  EXPECT_FALSE(contains(desk.get("/other/"), "/manage/"));
  EXPECT_TRUE(contains(desk.get("/accounts/"), "href=\"/manage/\""));
  EXPECT_FALSE(contains(member.get("/accounts/"), "/manage/"));
}

}  // namespace
}  // namespace plenary::manage::testing
