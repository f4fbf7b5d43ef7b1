// The record of changes on pages: browsing, an entry's page, taking changes back, and who may not.
// source: docs/audit.md; configuration 10, Do better 23.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/form_reader.hpp"
#include "admin/groups.hpp"
#include "domain/conference/audit_verify.hpp"

namespace plenary::admin::testing {
namespace {

class Record : public GroupsTest {
 protected:
  void SetUp() override {
    GroupsTest::SetUp();
    id_ = count("SELECT min(id) FROM ticket_type WHERE slug = 'individual' AND conference_id = " +
                std::to_string(conference_id()));
  }
  void TearDown() override {
    const auto report = db().read_now([](db::Tx& tx) { return conference::verify_audit(tx); });
    EXPECT_TRUE(report.is_sound());
    GroupsTest::TearDown();
  }
  using GroupsTest::count;
  std::int64_t count(const std::string& sql) { return GroupsTest::count(db::intern_sql(sql)); }
  std::int64_t change_price(const std::string& price) {
    PageForm form(root().get(address(ticket_types, id_, "change")), address(ticket_types, id_, "change"));
    form.set("price", price);
    EXPECT_EQ(root().post(address(ticket_types, id_, "change"), form.fields()).status, 303);
    return newest();
  }
  std::int64_t newest() { return count("SELECT max(id) FROM audit_entry"); }
  std::int64_t price() { return count("SELECT price FROM ticket_type WHERE id = " + std::to_string(id_)); }
  static std::string page_of(std::int64_t entry) { return address("operation/change", entry, "change"); }
  static std::string undo_of(std::int64_t entry) { return address("operation/change", entry, "undo"); }
  HttpResponse take_back(Buyer& who, std::int64_t entry) {
    PageForm form(who.get(undo_of(entry)), undo_of(entry));
    return who.post(undo_of(entry), form.fields());
  }
  // Without a form on the page: with the token of another one.
  HttpResponse force(Buyer& who, std::int64_t entry, const std::string& form_page,
                     const std::string& action) {
    PageForm form(who.get(form_page), action);
    return who.post(undo_of(entry), form.fields());
  }
  std::int64_t id_ = 0;
};
ON_BOTH_ENGINES(Record);

TEST_P(Record, IsBrowsedByWhoWhatAndWhere) {
  const std::int64_t entry = change_price("90.00");
  const HttpResponse list = root().get("/admin/operation/change/");
  EXPECT_EQ(list.status, 200);
  EXPECT_TRUE(contains(list, "href=\"" + page_of(entry) + "\""));
  EXPECT_TRUE(contains(list, "href=\"" + address(ticket_types, id_, "history") + "\""));
  EXPECT_TRUE(contains(list, "in the administration"));
  EXPECT_TRUE(contains(list, "Ticket type"));
  EXPECT_TRUE(contains(list, "→ "));
  for (const char* filter : {"?entity=ticket_type", "?source=admin", "?action=change", "?q=Individual"})
    EXPECT_TRUE(contains(root().get(std::string("/admin/operation/change/") + filter), page_of(entry)))
        << filter;
  for (const char* filter : {"?entity=section", "?source=command", "?action=add", "?q=nobodyhasthis"})
    EXPECT_FALSE(contains(root().get(std::string("/admin/operation/change/") + filter), page_of(entry)))
        << filter;
  const HttpResponse file = root().get("/admin/operation/change/export/?format=csv");
  EXPECT_TRUE(contains(file, "Ticket individual")) << file.status << file.body;
}

TEST_P(Record, AnEntryHasAPageWithWhoWhereAndItsPlace) {
  const std::int64_t entry = change_price("90.00");
  const HttpResponse page = root().get(page_of(entry));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "127.0.0.1"));
  EXPECT_TRUE(contains(page, "90.00"));
  EXPECT_TRUE(contains(page, "Undo this change"));
  EXPECT_TRUE(contains(page, "only ever added to"));
  EXPECT_TRUE(
      contains(page, text(("SELECT hash FROM audit_entry WHERE id = " + std::to_string(entry)).c_str())));
  EXPECT_EQ(root().get(page_of(999999)).status, 404);
  EXPECT_TRUE(contains(root().get(address(ticket_types, id_, "history")), page_of(entry)));
}

TEST_P(Record, AChangeIsTakenBackWithAPreviewAndTheRecordKeepsBoth) {
  const std::int64_t before = price();
  const std::int64_t entry = change_price("90.00");
  ASSERT_EQ(price(), 9000);
  const std::int64_t version = count("SELECT version FROM ticket_type WHERE id = " + std::to_string(id_));
  const std::int64_t catalogue =
      count("SELECT catalogue_version FROM conference WHERE id = " + std::to_string(conference_id()));
  const HttpResponse preview = root().get(undo_of(entry));
  EXPECT_EQ(preview.status, 200);
  EXPECT_TRUE(contains(preview, "After undoing"));
  EXPECT_EQ(price(), 9000) << "a preview writes nothing";
  EXPECT_EQ(take_back(root(), entry).status, 303);
  EXPECT_EQ(price(), before);
  EXPECT_GT(count("SELECT version FROM ticket_type WHERE id = " + std::to_string(id_)), version);
  EXPECT_GT(count("SELECT catalogue_version FROM conference WHERE id = " + std::to_string(conference_id())),
            catalogue);
  EXPECT_EQ(count("SELECT undoes FROM audit_entry WHERE id = " + std::to_string(newest())), entry);
  EXPECT_TRUE(contains(root().get(page_of(entry)), "Was taken back by change"));
  EXPECT_TRUE(contains(root().get(page_of(newest())), "Takes back change"));
  // And the undoing itself.
  EXPECT_EQ(take_back(root(), newest()).status, 303);
  EXPECT_EQ(price(), 9000);
}

TEST_P(Record, WhatWasChangedAgainSinceIsNotTakenBack) {
  const std::int64_t first = change_price("90.00");
  change_price("80.00");
  const HttpResponse page = root().get(undo_of(first));
  EXPECT_TRUE(contains(page, "was changed again since"));
  EXPECT_FALSE(contains(page, "Yes, undo it"));
  const std::string form_page = address(ticket_types, id_, "change");
  EXPECT_EQ(force(root(), first, form_page, form_page).status, 409);
  EXPECT_EQ(price(), 8000);
}

TEST_P(Record, TwiceTakenBackIsOnceTakenBack) {
  const std::int64_t before = price();
  const std::int64_t entry = change_price("90.00");
  PageForm form(root().get(undo_of(entry)), undo_of(entry));
  EXPECT_EQ(root().post(undo_of(entry), form.fields()).status, 303);
  EXPECT_EQ(root().post(undo_of(entry), form.fields()).status, 409);
  EXPECT_EQ(price(), before);
}

TEST_P(Record, TheRulesHoldForOldValuesToo) {
  // Two were allowed, then unlimited; meanwhile more are sold than two.
  write([&](db::Tx& tx) {
    tx.exec("UPDATE stock SET capacity = 2 WHERE kind = 'ticket_type' AND product_id = $1", id_);
    return tx.exec("UPDATE ticket_type SET total_quantity = 2 WHERE id = $1", id_);
  });
  const std::string path = address(ticket_types, id_, "change");
  PageForm form(root().get(path), path);
  form.set("total_quantity", "500");
  ASSERT_EQ(root().post(path, form.fields()).status, 303);
  const std::int64_t entry = newest();
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE stock SET sold = sold + 3 WHERE kind = 'ticket_type' AND product_id = $1", id_);
  });
  const HttpResponse page = root().get(undo_of(entry));
  EXPECT_TRUE(contains(page, "not allowed any more"));
  EXPECT_EQ(force(root(), entry, path, path).status, 409);
  EXPECT_EQ(count("SELECT total_quantity FROM ticket_type WHERE id = " + std::to_string(id_)), 500);
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE stock SET sold = sold - 3 WHERE kind = 'ticket_type' AND product_id = $1", id_);
  });
}

TEST_P(Record, SecretsDoNotComeBackAndAdditionsLeadToTheirDeletion) {
  const std::string path = address(conferences, conference_id(), "change");
  PageForm form(root().get(path), path);
  form.set("stripe_secret_key", "sk_live_somethinglong1234");
  ASSERT_EQ(root().post(path, form.fields()).status, 303);
  const std::int64_t secret = newest();
  EXPECT_TRUE(contains(root().get(undo_of(secret)), "Stored keys are never brought back"));
  EXPECT_EQ(force(root(), secret, path, path).status, 409);
  EXPECT_EQ(
      count("SELECT count(*) FROM audit_value WHERE value LIKE '%sk_live%' OR old_value LIKE '%sk_live%'"),
      0);

  PageForm added(root().get("/admin/" + sections + "/add/?conference_id=" + std::to_string(conference_id())),
                 "/admin/" + sections + "/add/");
  added.set("name", "Talks").set("start_date", "2027-05-20").set("end_date", "2027-05-20");
  ASSERT_EQ(root().post("/admin/" + sections + "/add/", added.fields()).status, 303);
  const HttpResponse page = root().get(page_of(newest()));
  EXPECT_TRUE(contains(page, "Delete what was added"));
  EXPECT_FALSE(contains(page, "Undo this change"));
}

TEST_P(Record, OnlyWhoMayDoEverythingThereSeesAConferencesEntries) {
  const std::int64_t entry = change_price("90.00");
  Buyer organiser = colleague("organiser@example.org", "Conference Organizer");
  Buyer cashier = colleague("cashier@example.org", "Registration Manager");
  EXPECT_EQ(organiser.get("/admin/operation/change/").status, 200);
  EXPECT_EQ(organiser.get(page_of(entry)).status, 200);
  for (const std::string& path : {page_of(entry), undo_of(entry)}) {
    const int status = cashier.get(path).status;
    EXPECT_TRUE(status == 403 || status == 404) << path << " " << status;
  }
  // Of no conference: superusers alone.
  write([&](db::Tx& tx) {
    conference::record(tx, {std::nullopt, "x", "command"}, conference::AuditAction::other,
                       {std::nullopt, "user_account", "1", "root", {}});
  });
  const int status = organiser.get(page_of(newest())).status;
  EXPECT_TRUE(status == 403 || status == 404) << status;
  EXPECT_FALSE(contains(organiser.get("/admin/operation/change/?entity=user_account"), page_of(newest())));
}

TEST_P(Record, AForeignConferencesEntryIsNeitherShownNorTakenBack) {
  const std::int64_t before = price();
  const std::int64_t entry = change_price("90.00");
  const std::int64_t eve = person("eve@example.org");
  group("All", {"program_conference.change_conference", "operation.view_change"});
  give(eve, "All", foreign());
  Buyer stranger = buyer();
  sign_in(stranger, "eve@example.org");
  EXPECT_EQ(stranger.get(page_of(entry)).status, 404);
  EXPECT_EQ(stranger.get(undo_of(entry)).status, 404);
  const std::string own = address(conferences, foreign(), "change");
  PageForm form(stranger.get(own), own);
  EXPECT_EQ(stranger.post(undo_of(entry), form.fields()).status, 404);
  EXPECT_EQ(price(), 9000);
  // Forged: what the form says changes nothing of what is taken back.
  PageForm mine(root().get(undo_of(entry)), undo_of(entry));
  mine.set("price", "1.00").set("field", "name").set("conference_id", std::to_string(foreign()));
  EXPECT_EQ(root().post(undo_of(entry), mine.fields()).status, 303);
  EXPECT_EQ(price(), before);
  EXPECT_EQ(root().get(address(ticket_types, id_, "undo")).status, 404) << "only entries are taken back";
  EXPECT_EQ(root().get("/admin/operation/change/x/undo/").status, 404);
}

TEST_P(Record, ErasedTextsAreShownAsSuch) {
  const std::int64_t entry = change_price("90.00");
  write([&](db::Tx& tx) {
    return tx.exec(
        "UPDATE audit_value SET salt = NULL, label = NULL, text = NULL, old_text = NULL, value = NULL, "
        "old_value = "
        "NULL WHERE entry_id = $1",
        entry);
  });
  const HttpResponse page = root().get(page_of(entry));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "erased"));
  EXPECT_TRUE(contains(root().get(undo_of(entry)), "were erased"));
  EXPECT_EQ(root().get("/admin/operation/change/").status, 200);
  // Without an entry that says so it counts as tampering.
  const auto report = db().read_now([](db::Tx& tx) { return conference::verify_audit(tx); });
  EXPECT_FALSE(report.is_sound());
  write([&](db::Tx& tx) {
    std::vector<conference::AuditChange> places;
    for (const auto position : tx.query<std::int64_t>(
             "SELECT position FROM audit_value WHERE entry_id = $1 ORDER BY position", entry))
      places.push_back({std::to_string(entry) + ":" + std::to_string(position), {}, {}, {}});
    conference::record(tx, {std::nullopt, "x", "command"}, conference::AuditAction::erase,
                       {conference_id(), "user_account", "1", {}, {}}, places);
  });
}

}  // namespace
}  // namespace plenary::admin::testing
