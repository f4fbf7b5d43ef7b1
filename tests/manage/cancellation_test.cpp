// A conference that does not take place, on the pages: the choice, the preview, who may start it and how, the
// page that shows how far it is. source: payments 21, P34.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/payments/cancellation.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* here = "/manage/fair/cancellation/";

class CancellationPages : public ManageTest {
 protected:
  void bought() {
    Buyer who = buyer();
    who.add("individual");
    EXPECT_EQ(who.pay(who.order().header("location")).status, 303);
  }
  Buyer head() { return browser("head@example.org", "Conference Organizer", "Grace Hopper"); }
  HttpResponse previewed(Buyer& who, Fields typed = {{"way", "full"}}) {
    const HttpResponse page = who.get(here);
    typed.emplace_back("action", "preview");
    return who.post(here, Buyer::form(page, here, typed));
  }
  // The answer to the form that confirms.
  HttpResponse start(Buyer& who, const HttpResponse& preview, const std::string& slug) {
    return who.post(here, Buyer::form(preview, here, {{"slug", slug}, {"action", "start"}}));
  }
  std::optional<payments::CancellationRun> run() {
    return db().read_now([&](db::Tx& tx) { return payments::cancellation_run(tx, conference_id()); });
  }
};
ON_BOTH_ENGINES(CancellationPages);

TEST_P(CancellationPages, OnlyFullAccessOpensThem) {
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  for (Buyer* one : {&registrar, &finance}) {
    EXPECT_EQ(one->get(here).status, 403);
    EXPECT_EQ(forge(*one, here, {{"action", "start"}, {"slug", "fair"}, {"way", "full"}}).status, 403);
    EXPECT_EQ(forge(*one, std::string(here) + "steer/", {{"action", "continue"}}).status, 403);
  }
  EXPECT_FALSE(run());
}

TEST_P(CancellationPages, APreviewCountsAndSumsAndChangesNothing) {
  bought();
  Buyer pending = buyer();
  pending.add("individual");
  pending.order("b@example.org");
  Buyer who = head();
  const HttpResponse nothing = previewed(who, {});
  EXPECT_EQ(nothing.status, 422);
  EXPECT_TRUE(contains(nothing, "Choose what becomes of the money."));
  const HttpResponse page = previewed(who);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "2 orders are cancelled, $100.00 go back."));
  EXPECT_TRUE(contains(page, "1 order is not paid and just ends."));
  const HttpResponse fee = previewed(who, {{"way", "less_fee"}, {"fee_percent", "10"}, {"fee_amount", ""}});
  EXPECT_TRUE(contains(fee, "$90.00 go back"));
  EXPECT_TRUE(contains(fee, "$10.00"));
  EXPECT_EQ(previewed(who, {{"way", "less_fee"}, {"fee_percent", "101"}}).status, 422);
  EXPECT_EQ(previewed(who, {{"way", "less_fee"}, {"fee_percent", "7,5"}}).status, 200);
  EXPECT_EQ(previewed(who, {{"way", "less_fee"}}).status, 422);
  EXPECT_FALSE(run());
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE status = 'cancelled'"), 0);
}

TEST_P(CancellationPages, WhoIsSureTypesTheNameAndTheRunGoesOnByItself) {
  bought();
  bought();
  Buyer who = head();
  const HttpResponse preview = previewed(who, {{"way", "full"}, {"note", "The hall burnt down."}});
  const HttpResponse wrong = start(who, preview, "fare");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "Type fair to confirm."));
  EXPECT_FALSE(run());
  EXPECT_EQ(start(who, preview, "fair").status, 303);
  ASSERT_TRUE(run());
  const HttpResponse running = who.get(here);
  EXPECT_TRUE(contains(running, "0 of 2 orders are done."));
  EXPECT_TRUE(contains(running, "The hall burnt down."));
  EXPECT_THAT(running.header("cache-control"), HasSubstr("no-store"));

  const std::string steer = std::string(here) + "steer/";
  EXPECT_EQ(outcome(press(who, steer, {{"action", "stop"}}, here)), "stopped");
  EXPECT_TRUE(contains(who.get(here), "Stopped"));
  EXPECT_EQ(outcome(press(who, steer, {{"action", "continue"}}, here)), "continued");
  payments::run_cancellation(db(), shop(), conference_id(), [] { return true; });
  const HttpResponse done = who.get(here);
  EXPECT_TRUE(contains(done, "2 of 2 orders are done."));
  EXPECT_TRUE(contains(done, "$200.00"));
  EXPECT_TRUE(contains(done, "Done"));
  const HttpResponse events = who.get(std::string(here) + "progress/");
  EXPECT_TRUE(contains(events, "2/2"));
  EXPECT_TRUE(contains(events, "end"));
  EXPECT_EQ(start(who, preview, "fair").status, 303) << "a second start shows the first";
}

TEST_P(CancellationPages, WhatChangedSinceThePreviewIsNotStarted) {
  bought();
  Buyer who = head();
  const HttpResponse preview = previewed(who);
  bought();
  const HttpResponse refused = start(who, preview, "fair");
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "2 orders are cancelled")) << "the preview as it is now";
  EXPECT_FALSE(run());
}

TEST_P(CancellationPages, WhoWasAwayProvesWhoTheyAre) {
  bought();
  Buyer who = head();
  const HttpResponse preview = previewed(who);
  on_global([](db::Tx& tx) { return tx.exec("UPDATE session SET proven_at = NULL"); });
  const HttpResponse question = start(who, preview, "fair");
  EXPECT_EQ(outcome(question), "proof_needed");
  EXPECT_FALSE(run());
  const HttpResponse done = who.post(here, Buyer::form(question, here, {{"proof_password", good_password}}));
  EXPECT_EQ(done.status, 303);
  EXPECT_TRUE(run());
}

}  // namespace
}  // namespace plenary::manage::testing
