// What is done to many rows at once: asked first, done once, recorded row by row, and what was refused told.
// source: configuration 10, 5 and Do better 23.
#include <gtest/gtest.h>

#include "admin/back_office.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/products.hpp"

namespace plenary::admin::testing {
namespace {

const std::string types = "/admin/program_registration/tickettype/";
const std::string sections = "/admin/program_conference/section/";

class ActionsTest : public AdminTest {
 protected:
  void SetUp() override {
    AdminTest::SetUp();
    root_.emplace(superuser_browser());
  }
  std::int64_t type(const std::string& slug) {
    return db().read_now(
        [&](db::Tx& tx) { return registration::find_ticket_type(tx, conference_id(), slug).value().id; });
  }
  void add_sections(int n) {
    write([&](db::Tx& tx) {
      for (int i = 0; i < n; ++i) {
        tx.exec(
            "INSERT INTO section (conference_id, name, slug, start_date, end_date, sort_order, created_at, "
            "updated_at) VALUES ($1, $2, $2, '2027-05-20', '2027-05-20', $3, 0, 0)",
            conference_id(), "s" + std::to_string(i), i);
      }
    });
  }
  // The form of the list as a browser sends it, with these rows marked.
  HttpResponse mark(const std::string& list, const std::string& action, const std::vector<std::int64_t>& keys,
                    const std::string& query = {}, bool across = false) {
    const HttpResponse page = root_->get(list + query);
    Fields fields;
    for (auto& field : Buyer::form(page, list + "action/"))
      if (field.first == "csrfmiddlewaretoken" || field.first == "query") fields.push_back(field);
    fields.emplace_back("action", action);
    if (across) fields.emplace_back("across", "1");
    for (const std::int64_t key : keys) fields.emplace_back("key", std::to_string(key));
    return root_->post(list + "action/", fields);
  }
  HttpResponse confirm(const HttpResponse& page, const std::string& list) {
    return root_->post(list + "action/", Buyer::form(page, list + "action/", {}, "1"));
  }
  HttpResponse follow(const HttpResponse& response) { return root_->get(response.header("Location")); }
  std::int64_t active() { return count("SELECT count(*) FROM ticket_type WHERE is_active = 1"); }
  std::int64_t recorded() { return count("SELECT count(*) FROM audit_entry"); }

  std::optional<Buyer> root_;
};
ON_BOTH_ENGINES(ActionsTest);

TEST_P(ActionsTest, MarkedRowsAreChangedAfterAConfirmationAndRecorded) {
  const HttpResponse page = mark(types, "is_active.off", {type("individual"), type("student")});
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Ticket individual"));
  EXPECT_TRUE(contains(page, "2 rows"));
  EXPECT_EQ(active(), 4);
  const HttpResponse done = confirm(page, types);
  ASSERT_EQ(done.status, 303);
  EXPECT_EQ(done.header("Location"), types);
  EXPECT_TRUE(contains(follow(done), "Deactivate: 2 rows were changed."));
  EXPECT_EQ(active(), 2);
  const auto entries =
      db().read_now([](db::Tx& tx) { return conference::newest_changes(tx, std::nullopt, 9); });
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].entity, "ticket_type");
  EXPECT_EQ(entries[0].actor, "root@example.org");
  EXPECT_EQ(entries[0].object_version, 2);
  const auto changes = conference::changes_of(entries[0]);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].field + changes[0].old_text + changes[0].new_text, "is_activeyesno");
}

TEST_P(ActionsTest, ASecondSubmitOfTheSameFormDoesNothing) {
  const HttpResponse page = mark(types, "is_active.off", {type("individual")});
  confirm(page, types);
  EXPECT_EQ(recorded(), 1);
  write([&](db::Tx& tx) { tx.exec("UPDATE ticket_type SET is_active = 1"); });
  const HttpResponse again = confirm(page, types);
  EXPECT_EQ(again.status, 303);
  EXPECT_TRUE(contains(follow(again), "This was sent twice and done once."));
  EXPECT_EQ(active(), 4);
  EXPECT_EQ(recorded(), 1);
}

TEST_P(ActionsTest, AllThatMatchAreMeantWhereThatIsAsked) {
  add_sections(1'203);
  const HttpResponse page = mark(sections, "delete", {}, "?q=s1", true);
  ASSERT_EQ(page.status, 200);
  // s1, s10…s19, s100…s199, s1000…s1202.
  EXPECT_TRUE(contains(page, "314 rows")) << page.body;
  const HttpResponse done = confirm(page, sections);
  EXPECT_EQ(done.header("Location"), sections + "?q=s1");
  EXPECT_EQ(count("SELECT count(*) FROM section"), 1'203 - 314);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE action = 'delete'"), 314);
}

TEST_P(ActionsTest, WhatMatchesNowIsAskedForAgainWhenItIsNotWhatWasShown) {
  add_sections(3);
  const HttpResponse page = mark(sections, "delete", {}, "?q=s", true);
  write([&](db::Tx& tx) { tx.exec("DELETE FROM section WHERE slug = 's1'"); });
  const HttpResponse asked = confirm(page, sections);
  EXPECT_EQ(asked.status, 200);
  EXPECT_TRUE(contains(asked, "The list has changed since you looked"));
  EXPECT_EQ(count("SELECT count(*) FROM section"), 2);
}

TEST_P(ActionsTest, WhatIsRefusedStaysAndIsTold) {
  Buyer ada = buyer();
  ada.add(std::to_string(type("individual")));
  ASSERT_EQ(count("SELECT count(*) FROM cart_item"), 1);
  const HttpResponse page = mark(types, "delete", {type("individual"), type("free")});
  ASSERT_EQ(page.status, 200);
  const HttpResponse done = confirm(page, types);
  const HttpResponse list = follow(done);
  EXPECT_TRUE(contains(list, "1 row was deleted.")) << list.body;
  EXPECT_TRUE(contains(list, "Ticket individual: Ticket individual is in a cart at this moment."))
      << list.body;
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE slug = 'individual'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE slug = 'free'"), 0);
}

TEST_P(ActionsTest, WithoutRowsOrAnActionNothingHappens) {
  EXPECT_TRUE(contains(follow(mark(types, "is_active.off", {})), "Mark at least one row first."));
  EXPECT_TRUE(contains(follow(mark(types, "", {type("free")})), "Choose what is to be done"));
  EXPECT_TRUE(contains(follow(mark(types, "price.on", {type("free")})), "Choose what is to be done"));
  EXPECT_TRUE(contains(follow(mark(types, "is_active.off", {987'654'321})), "These rows are gone."));
  EXPECT_EQ(active(), 4);
}

TEST_P(ActionsTest, AFormOfAnotherSiteOrPersonIsRefused) {
  const HttpResponse page = mark(types, "is_active.off", {type("individual")});
  Fields fields = Buyer::form(page, types + "action/", {}, "1");
  Buyer nobody = buyer();
  EXPECT_NE(nobody.post(types + "action/", fields).status, 200);
  person("ada@example.org");
  Buyer member = buyer();
  sign_in(member, "ada@example.org");
  EXPECT_NE(member.post(types + "action/", fields).status, 303);
  for (auto& [name, value] : fields)
    if (name == "csrfmiddlewaretoken") value = "forged";
  EXPECT_EQ(root_->post(types + "action/", fields).status, 403);
  EXPECT_EQ(active(), 4);
}

TEST_P(ActionsTest, FlagsOfSeveralConferencesAreSetEachInItsOwnLane) {
  const std::string flags = "/admin/program_conference/featureflags/";
  const HttpResponse page = mark(flags, "sponsors_enabled.off", {conference_id()});
  ASSERT_EQ(page.status, 200);
  confirm(page, flags);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags WHERE sponsors_enabled = 0"), 1);
  confirm(mark(flags, "sponsors_enabled.usual", {conference_id()}), flags);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags WHERE sponsors_enabled IS NULL"), 1);
}

}  // namespace
}  // namespace plenary::admin::testing
