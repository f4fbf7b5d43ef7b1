// The public pages of activities: the list and its choice by type, one page each, and what they keep to
// themselves.
#include <functional>

#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "domain/programs/activities.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

using programs::Activity;
using programs::ActivityType;
using programs::SignupStatus;

class ActivityPages : public ShopTest {
 protected:
  Activity activity(std::string name, const std::function<void(Activity&)>& change = {}) {
    Activity a;
    a.conference_id = conference_id();
    a.name = std::move(name);
    if (change) change(a);
    return write([&](db::Tx& tx) { return programs::create_activity(tx, a); });
  }
  void sign_up(const Activity& a, SignupStatus status) {
    const std::string number = std::to_string(++people_);
    write([&](db::Tx& tx) {
      programs::ActivitySignup signup;
      signup.activity_id = a.id;
      signup.user_id =
          accounts::become_account(tx, {"p" + number + "@example.org", "Participant " + number, "en", "x"})
              .id;
      signup.status = status;
      signup.note = "private note";
      programs::activity_signup_table().insert(tx, signup);
    });
  }
  HttpResponse get(std::string_view path) { return buyer().get(path); }
  void set(conference::Feature feature, bool on) {
    write([&](db::Tx& tx) { conference::set_feature(tx, conference_id(), feature, on); });
  }
  int people_ = 0;
};
ON_BOTH_ENGINES(ActivityPages);

TEST_P(ActivityPages, TheListShowsKindTimePlaceAndPlaces) {
  const Activity sprint = activity("Django Sprint", [](Activity& a) {
    a.activity_type = ActivityType::sprint;
    a.max_participants = 50;
    a.start_time = Instant::parse("2027-05-15T10:00:00Z");
    a.location = "Hall 2";
    a.description = "Write code together.";
  });
  activity("Lightning Talks", [](Activity& a) { a.activity_type = ActivityType::lightning_talk; });
  activity("Dinner", [](Activity& a) { a.max_participants = 0; });
  activity("Gone", [](Activity& a) { a.is_active = false; });
  sign_up(sprint, SignupStatus::confirmed);
  sign_up(sprint, SignupStatus::confirmed);
  sign_up(sprint, SignupStatus::waitlisted);
  sign_up(sprint, SignupStatus::cancelled);
  const HttpResponse page = get("/fair/programs/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<a href=\"/fair/programs/django-sprint/\">Django Sprint</a>"));
  EXPECT_TRUE(contains(page, "<span class=\"badge\">Lightning talk</span>"));
  EXPECT_TRUE(
      contains(page, "<time datetime=\"2027-05-15T10:00:00Z\">15 May 2027, 12:00 CEST</time> · Hall 2"));
  EXPECT_TRUE(contains(page, "2 of 50 places taken, 1 person waiting"));
  EXPECT_TRUE(contains(page, "<progress max=\"50\" value=\"2\""));
  EXPECT_TRUE(contains(page, "Waiting list only")) << "no places is not any number of places";
  EXPECT_FALSE(contains(page, "Gone"));
  EXPECT_FALSE(contains(page, "signup")) << "what does not work yet is not offered";
}

TEST_P(ActivityPages, TheListIsNarrowedByATypeThatExists) {
  activity("Sprint", [](Activity& a) { a.activity_type = ActivityType::sprint; });
  activity("Dinner", [](Activity& a) { a.activity_type = ActivityType::social; });
  HttpResponse page = get("/fair/programs/?type=sprint");
  EXPECT_TRUE(contains(page, "/fair/programs/sprint/"));
  EXPECT_FALSE(contains(page, "/fair/programs/dinner/"));
  EXPECT_TRUE(contains(page, "href=\"/fair/programs/?type=sprint\" aria-current=\"true\""));
  page = get("/fair/programs/?type=summit");
  EXPECT_TRUE(contains(page, "There is no activity of this kind."));
  for (const char* type : {"", "Sprint", "sprints", "%3Cscript%3E", "sprint&type=social&type="}) {
    page = get(std::string("/fair/programs/?type=") + type);
    EXPECT_EQ(page.status, 200) << type;
    EXPECT_FALSE(contains(page, "<script>"));
  }
  page = get("/fair/programs/?type=sprints");
  EXPECT_TRUE(contains(page, "/fair/programs/sprint/"));
  EXPECT_TRUE(contains(page, "/fair/programs/dinner/"));
  EXPECT_TRUE(contains(page, "href=\"/fair/programs/\" aria-current=\"true\""));
}

TEST_P(ActivityPages, LongDescriptionsAreCutOnTheListAndWholeOnThePage) {
  std::string words;
  for (int i = 1; i <= 40; ++i) words += "word" + std::to_string(i) + " ";
  activity("Sprint", [&](Activity& a) { a.description = words + "\n\nThe end."; });
  const HttpResponse list = get("/fair/programs/"), page = get("/fair/programs/sprint/");
  EXPECT_TRUE(contains(list, "word30"));
  EXPECT_FALSE(contains(list, "word31"));
  EXPECT_TRUE(contains(page, "word40"));
  EXPECT_TRUE(contains(page, "<p>The end.</p>"));
}

TEST_P(ActivityPages, OneShowsCountsButNobodysName) {
  const Activity workshop = activity("Workshop", [](Activity& a) {
    a.activity_type = ActivityType::workshop;
    a.max_participants = 2;
    a.requires_ticket = true;
    a.start_time = Instant::parse("2027-05-15T10:00:00Z");
    a.end_time = Instant::parse("2027-05-15T12:30:00Z");
    a.external_url = "https://example.org/?a=1&b=2";
  });
  for (int i = 0; i < 3; ++i) sign_up(workshop, SignupStatus::confirmed);
  for (int i = 0; i < 2; ++i) sign_up(workshop, SignupStatus::waitlisted);
  const HttpResponse page = get("/fair/programs/WORKSHOP/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "<h1>Workshop</h1>"));
  EXPECT_TRUE(contains(page, "15 May 2027, 12:00 CEST"));
  EXPECT_TRUE(contains(page, "15 May 2027, 14:30 CEST"));
  EXPECT_TRUE(contains(page, "0 of 2 left, 2 people waiting"));
  EXPECT_TRUE(contains(page, "people with a ticket of this conference"));
  EXPECT_TRUE(contains(page, "href=\"https://example.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\""));
  for (const char* hidden : {"Participant", "@example.org", "private note"}) {
    EXPECT_FALSE(contains(page, hidden)) << hidden;
  }
}

TEST_P(ActivityPages, HostileTextIsText) {
  const std::string hostile = "<script>alert(1)</script>\"'&{{ conference }}";
  const Activity bad = activity(hostile, [&](Activity& a) {
    a.slug = "bad";
    a.location = hostile;
    a.description = hostile + "\n\n</p><img src=x onerror=alert(1)>";
  });
  // As another system may have stored it.
  write([&](db::Tx& tx) {
    tx.exec("UPDATE activity SET external_url = $1 WHERE id = $2", "javascript:alert(1)", bad.id);
  });
  for (const char* path : {"/fair/programs/", "/fair/programs/bad/"}) {
    const HttpResponse page = get(path);
    ASSERT_EQ(page.status, 200) << path;
    EXPECT_TRUE(contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;{{ conference }}"));
    for (const char* wrong : {"<script>", "<img", "javascript:", "style="}) {
      EXPECT_FALSE(contains(page, wrong)) << path << ": " << wrong;
    }
  }
}

TEST_P(ActivityPages, WhatIsSwitchedOffOrElsewhereIsNotFound) {
  activity("Sprint");
  activity("Gone", [](Activity& a) { a.is_active = false; });
  for (const char* path : {"/fair/programs/", "/fair/programs/sprint/"}) EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(get("/fair/programs/gone/").status, 404);
  for (const auto feature :
       {conference::Feature::programs, conference::Feature::public_ui, conference::Feature::all_ui}) {
    set(feature, false);
    for (const char* path : {"/fair/programs/", "/fair/programs/sprint/"}) EXPECT_EQ(get(path).status, 404);
    set(feature, true);
  }
  conference::Conference other;
  other.name = other.slug = "other";
  other.start_date = other.end_date = *Date::of(2027, 5, 14);
  write([&](db::Tx& tx) { return conference::create(tx, other); });
  EXPECT_TRUE(contains(get("/other/programs/"), "The activities of this conference will be shown here."));
  for (const char* path : {"/other/programs/sprint/", "/fair/programs/nothing/", "/nowhere/programs/"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_P(ActivityPages, TheNavigationLeadsThereWhileTheyAreSwitchedOn) {
  EXPECT_TRUE(contains(get("/fair/"), "<a href=\"/fair/programs/\">Programs</a>"));
  set(conference::Feature::programs, false);
  EXPECT_FALSE(contains(get("/fair/"), "/fair/programs/"));
}

}  // namespace
}  // namespace plenary::site::testing
