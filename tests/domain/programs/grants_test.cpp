// Travel grants: transitions, applications and figures, on both engines.
#include "domain/programs/grants.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/errors.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::programs {
namespace {

using enum GrantStatus;

constexpr GrantStatus all_statuses[] = {submitted, withdrawn, info_needed, offered,  accepted,
                                        declined,  rejected,  need_more,   disbursed};

TEST(GrantTransitions, AreThoseOfTheChapterAndNoOthers) {
  const std::set<std::pair<GrantStatus, GrantStatus>> allowed{
      {submitted, info_needed}, {info_needed, submitted}, {submitted, withdrawn}, {info_needed, withdrawn},
      {submitted, offered},     {info_needed, offered},   {submitted, rejected},  {info_needed, rejected},
      {offered, accepted},      {offered, declined},      {offered, need_more},   {need_more, accepted},
      {need_more, withdrawn},   {need_more, offered},     {need_more, rejected},  {accepted, disbursed}};
  for (const GrantStatus from : all_statuses) {
    for (const GrantStatus to : all_statuses) {
      EXPECT_EQ(may_go(from, to), allowed.contains({from, to})) << to_text(from) << " to " << to_text(to);
    }
  }
  EXPECT_EQ(grant_transitions().size(), allowed.size());
}

TEST(GrantTransitions, NothingRevivesWhatHasEnded) {
  for (const GrantStatus end : {withdrawn, declined, rejected, disbursed}) {
    for (const GrantStatus to : all_statuses) EXPECT_FALSE(may_go(end, to)) << to_text(end);
  }
}

TEST(GrantTransitions, EachBelongsToOneSide) {
  EXPECT_TRUE(may_go(offered, accepted, GrantActor::applicant));
  EXPECT_FALSE(may_go(offered, accepted, GrantActor::reviewer));
  EXPECT_FALSE(may_go(submitted, offered, GrantActor::applicant));
  EXPECT_TRUE(may_go(accepted, disbursed, GrantActor::finance));
  EXPECT_FALSE(may_go(accepted, disbursed, GrantActor::reviewer));
}

class Grants : public test::DatabaseTest {
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
    conference::Conference c;
    c.name = c.slug = "one";
    c.start_date = c.end_date = *Date::of(2027, 5, 14);
    c.currency = "EUR";
    one_ = write([&](db::Tx& tx) { return conference::create(tx, c); }).value();
  }
  std::int64_t person() {
    const std::string address = "p" + std::to_string(++people_) + "@example.org";
    return write([&](db::Tx& tx) { return accounts::become_account(tx, {address, "P", "en", "x"}).id; });
  }
  TravelGrant grant(std::int64_t requested = 95'000) {
    TravelGrant g;
    g.conference_id = one_;
    g.user_id = person();
    g.travel_from = "Chicago, IL";
    g.reason = "I want to come.";
    g.requested_amount = requested;
    return g;
  }
  TravelGrant create(const TravelGrant& g) {
    return write([&](db::Tx& tx) { return create_grant(tx, g); });
  }
  std::string refused_field(const TravelGrant& g) {
    try {
      create(g);
    } catch (const Refused& refused) {
      return refused.field();
    }
    return "nothing was refused";
  }
  std::int64_t one_ = 0;
  int people_ = 0;
};
ON_BOTH_ENGINES(Grants);

// source: programs 60, 6.6, the demo data.
TEST_P(Grants, FiguresCountEachGrantOnce) {
  const auto with = [&](std::int64_t requested, GrantStatus status, std::optional<std::int64_t> approved,
                        std::optional<std::int64_t> paid = {}) {
    TravelGrant g = grant(requested);
    g.status = status;
    g.approved_amount = approved;
    g.disbursed_amount = paid;
    return create(g);
  };
  with(95'000, submitted, {});
  TravelGrant bob = with(70'000, accepted, 50'000);
  with(171'000, offered, 120'000);
  with(40'000, rejected, {});
  with(75'000, withdrawn, 75'000);
  GrantFigures figures = read([&](db::Tx& tx) { return grant_figures(tx, one_); });
  EXPECT_EQ(figures.requested, 451'000);
  EXPECT_EQ(figures.committed, 170'000);
  EXPECT_EQ(figures.disbursed, 0);
  EXPECT_EQ(figures.total(), 5);
  EXPECT_EQ(figures.by_status[submitted], 1);
  // The accepted one is paid out at 480: what was committed for it no longer is.
  write([&](db::Tx& tx) {
    bob.status = disbursed;
    bob.disbursed_amount = 48'000;
    travel_grant_table().update(tx, bob);
  });
  figures = read([&](db::Tx& tx) { return grant_figures(tx, one_); });
  EXPECT_EQ(figures.committed, 120'000);
  EXPECT_EQ(figures.disbursed, 48'000);
  EXPECT_EQ(figures.exposure(), 168'000);
}

TEST_P(Grants, OneApplicationForEachPersonInTheConferencesCurrency) {
  const TravelGrant first = create(grant());
  EXPECT_EQ(first.currency, "EUR");
  EXPECT_EQ(first.status, submitted);
  TravelGrant again = grant();
  again.user_id = first.user_id;
  EXPECT_EQ(refused_field(again), "user_id");
  EXPECT_EQ(read([&](db::Tx& tx) { return grant_of(tx, one_, first.user_id); }).value().id, first.id);
  EXPECT_EQ(read([&](db::Tx& tx) { return grants_of(tx, one_); }).size(), 1u);
}

TEST_P(Grants, AChangeTouchesNeitherStatusNorDecisionNorPayment) {
  TravelGrant stored = create(grant());
  TravelGrant typed = stored;
  typed.status = disbursed;
  typed.approved_amount = 1;
  typed.disbursed_amount = 1;
  typed.currency = "USD";
  typed.travel_from = "Boston, MA";
  const auto changed = write([&](db::Tx& tx) { return update_grant(tx, typed); });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->travel_from, "Boston, MA");
  EXPECT_EQ(changed->status, submitted);
  EXPECT_FALSE(changed->approved_amount);
  EXPECT_FALSE(changed->disbursed_amount);
  EXPECT_EQ(changed->currency, "EUR");
  EXPECT_FALSE(write([&](db::Tx& tx) { return update_grant(tx, typed); })) << "an old version was written";
}

TEST_P(Grants, WrongValuesAreRefusedOnTheirField) {
  TravelGrant g = grant(-1);
  EXPECT_EQ(refused_field(g), "requested_amount");
  g = grant();
  g.visa_amount = 100'000'000;
  EXPECT_EQ(refused_field(g), "visa_amount");
  g = grant();
  for (const char* days : {"tomorrow", "2027-05-14,", "2027-05-14 2027-05-15", "2027-02-30"}) {
    g.days_attending = days;
    EXPECT_EQ(refused_field(g), "days_attending") << days;
  }
  g.days_attending = "2027-05-14,2027-05-15";
  EXPECT_EQ(create(g).days_attending, g.days_attending);
}

TEST_P(Grants, TheTotalOfTheTravelPlansHasAllFourItems) {
  TravelGrant g = grant();
  g.airfare_amount = 80'000;
  g.lodging_amount = 75'000;
  g.visa_amount = 16'000;
  EXPECT_EQ(create(g).travel_plans_total(), 171'000);
}

}  // namespace
}  // namespace plenary::programs
