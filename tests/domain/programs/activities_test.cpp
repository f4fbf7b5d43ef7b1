// Activities and their counts on both engines.
#include "domain/programs/activities.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/errors.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::programs {
namespace {

class Activities : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  template <class F>
  auto read(F fn) {
    return db().read_now(fn);
  }
  void SetUp() override {
    DatabaseTest::SetUp();
    for (auto [slug, id] : {std::pair("one", &one_), std::pair("two", &two_)}) {
      conference::Conference c;
      c.name = c.slug = slug;
      c.start_date = c.end_date = *Date::of(2027, 5, 14);
      *id = write([&](db::Tx& tx) { return conference::create(tx, c); }).value();
    }
  }
  Activity create(std::int64_t conference_id, std::string name,
                  const std::function<void(Activity&)>& change = {}) {
    Activity a;
    a.conference_id = conference_id;
    a.name = std::move(name);
    if (change) change(a);
    return write([&](db::Tx& tx) { return create_activity(tx, a); });
  }
  void sign_up(const Activity& activity, SignupStatus status) {
    const std::string address = "p" + std::to_string(++people_) + "@example.org";
    write([&](db::Tx& tx) {
      ActivitySignup signup;
      signup.activity_id = activity.id;
      signup.user_id = accounts::become_account(tx, {address, "P", "en", "x"}).id;
      signup.status = status;
      activity_signup_table().insert(tx, signup);
    });
  }
  std::vector<std::string> names(std::int64_t conference_id, std::optional<ActivityType> type = {}) {
    std::vector<std::string> all;
    for (const auto& found : read([&](db::Tx& tx) { return find_activities(tx, conference_id, type); }))
      all.push_back(found.activity.name);
    return all;
  }
  std::string refused_field(const std::function<void(Activity&)>& change) {
    try {
      create(one_, "Sprint", change);
    } catch (const Refused& refused) {
      return refused.field();
    }
    return "nothing was refused";
  }
  std::int64_t one_ = 0, two_ = 0;
  int people_ = 0;
};
ON_BOTH_ENGINES(Activities);

using Names = std::vector<std::string>;

TEST_P(Activities, TheyAreListedByStartThenNameThoseWithoutOneLast) {
  const auto at = [](std::string_view text) {
    return [text](Activity& a) { a.start_time = Instant::parse(text); };
  };
  create(one_, "Some day");
  create(one_, "Bravo", at("2027-05-15T09:00:00Z"));
  create(one_, "Alpha", at("2027-05-15T09:00:00Z"));
  create(one_, "First", at("2027-05-14T09:00:00Z"));
  create(one_, "Hidden", [](Activity& a) { a.is_active = false; });
  create(two_, "Foreign");
  EXPECT_EQ(names(one_), (Names{"First", "Alpha", "Bravo", "Some day"}));
}

TEST_P(Activities, TheListIsNarrowedToOneType) {
  create(one_, "Dinner", [](Activity& a) { a.activity_type = ActivityType::social; });
  create(one_, "Sprint", [](Activity& a) { a.activity_type = ActivityType::sprint; });
  EXPECT_EQ(names(one_, ActivityType::social), (Names{"Dinner"}));
  EXPECT_TRUE(names(one_, ActivityType::summit).empty());
}

TEST_P(Activities, CountsDoNotMultiplyAndLeaveCancelledOut) {
  const Activity capped = create(one_, "Workshop", [](Activity& a) { a.max_participants = 2; });
  const Activity open = create(one_, "Sprint");
  for (int i = 0; i < 3; ++i) sign_up(capped, SignupStatus::confirmed);
  for (int i = 0; i < 2; ++i) sign_up(capped, SignupStatus::waitlisted);
  sign_up(capped, SignupStatus::cancelled);
  sign_up(open, SignupStatus::confirmed);
  const auto all = read([&](db::Tx& tx) { return find_activities(tx, one_); });
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].activity.id, open.id);
  EXPECT_EQ(all[0].confirmed, 1);
  EXPECT_EQ(all[0].waitlisted, 0);
  EXPECT_FALSE(all[0].spots_remaining());
  EXPECT_EQ(all[1].confirmed, 3);
  EXPECT_EQ(all[1].waitlisted, 2);
  EXPECT_EQ(all[1].spots_remaining(), 0) << "never below nothing";
  const auto one = read([&](db::Tx& tx) { return find_activity(tx, one_, "WORKSHOP"); });
  ASSERT_TRUE(one);
  EXPECT_EQ(one->confirmed, 3);
  EXPECT_EQ(one->waitlisted, 2);
}

TEST_P(Activities, OneIsFoundInItsConferenceWhileItIsActive) {
  create(one_, "Sprint");
  create(one_, "Hidden", [](Activity& a) { a.is_active = false; });
  EXPECT_TRUE(read([&](db::Tx& tx) { return find_activity(tx, one_, "sprint"); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_activity(tx, two_, "sprint"); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_activity(tx, one_, "hidden"); }));
}

TEST_P(Activities, ProposedSlugsAreFreeAndStay) {
  EXPECT_EQ(create(one_, "Workshop Day").slug, "workshop-day");
  Activity second = create(one_, "Workshop day");
  EXPECT_EQ(second.slug, "workshop-day-2");
  EXPECT_EQ(create(one_, "???").slug, "activity");
  EXPECT_EQ(create(one_, "Travel Grants").slug, "travel-grants-2");
  EXPECT_EQ(create(two_, "Workshop Day").slug, "workshop-day");
  second.name = "Another name";
  EXPECT_EQ(write([&](db::Tx& tx) { return update_activity(tx, second); }).value().slug, "workshop-day-2");
  EXPECT_FALSE(write([&](db::Tx& tx) { return update_activity(tx, second); }))
      << "an old version was written";
}

TEST_P(Activities, WrongValuesAreRefusedOnTheirField) {
  EXPECT_EQ(refused_field([](Activity& a) {
              a.start_time = Instant::parse("2027-05-15T09:00:00Z");
              a.end_time = Instant::parse("2027-05-15T08:59:59Z");
            }),
            "end_time");
  EXPECT_EQ(refused_field([](Activity& a) { a.max_participants = -1; }), "max_participants");
  EXPECT_EQ(refused_field([](Activity& a) { a.external_url = "javascript:alert(1)"; }), "external_url");
  EXPECT_EQ(refused_field([](Activity& a) { a.slug = "Travel-Grants"; }), "slug");
  EXPECT_EQ(refused_field([](Activity& a) { a.name = " "; }), "name");
}

TEST(ActivityTypes, EveryOneHasItsTextAndLabel) {
  EXPECT_EQ(all_activity_types().size(), 8u);
  for (const ActivityType type : all_activity_types()) {
    EXPECT_EQ(activity_type(to_text(type)), type);
    EXPECT_FALSE(label(type).empty());
  }
  EXPECT_EQ(to_text(ActivityType::lightning_talk), "lightning_talk");
  EXPECT_EQ(label(ActivityType::lightning_talk), "Lightning talk");
  EXPECT_FALSE(activity_type("Sprint"));
  EXPECT_FALSE(activity_type(""));
}

}  // namespace
}  // namespace plenary::programs
