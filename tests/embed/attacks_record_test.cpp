// Attacks on the record of changes: taking a change back as a way to rights that one does not hold, entries
// of another conference, histories that tell too much, and writing into the record. On both engines;
// docs/security.md lists them. source: docs/audit.md; configuration 10, Do better 23.
#include "embed/attacks.hpp"

#include "domain/conference/audit_verify.hpp"

namespace plenary::embed::testing {
namespace {

class RecordAttacks : public AttackTest {
 protected:
  void SetUp() override {
    AttackTest::SetUp();
    root_.emplace(superuser_browser());
  }
  void TearDown() override {
    EXPECT_TRUE(db().read_now([](db::Tx& tx) { return conference::verify_audit(tx); }).is_sound());
    AttackTest::TearDown();
  }
  Buyer& root() { return *root_; }
  // A form of the superuser; the entry it was recorded as.
  std::int64_t changed(const std::string& entity, std::int64_t id,
                       const std::vector<std::pair<std::string, std::string>>& fields) {
    PageForm form = open_change(root(), entity, id);
    for (const auto& [name, value] : fields) form.set(name, value);
    EXPECT_EQ(send_change(root(), entity, id, form).status, 303);
    return newest_entry();
  }
  HttpResponse take_back(Buyer& who, std::int64_t entry) { return forge(who, undo_url(entry)); }
  std::int64_t ticket() { return number("SELECT min(id) FROM ticket_type WHERE conference_id = " + fair()); }

 private:
  std::optional<Buyer> root_;
};
ON_BOTH_ENGINES(RecordAttacks);

TEST_P(RecordAttacks, ALostSuperuserFlagIsNotTakenBackByClerks) {
  const std::int64_t fallen = person("fallen@example.org");
  run("UPDATE user_account SET email_verified_at = created_at");
  run("UPDATE user_account SET is_superuser = 1 WHERE id = " + std::to_string(fallen));
  const std::int64_t entry = changed(accounts_of, fallen, {{"is_superuser", "0"}});
  ASSERT_EQ(count("SELECT count(*) FROM user_account WHERE is_superuser = 1"), 1);
  group("Clerks", {"accounts.change_user", "accounts.view_user", "operation.view_change"});
  give(person("clerk@example.org"), "Clerks", std::nullopt);
  Buyer clerk = signed_in("clerk@example.org");
  EXPECT_EQ(clerk.get(undo_url(entry)).status, 200) << "seen";
  EXPECT_EQ(take_back(clerk, entry).status, 409) << "and not taken back";
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE is_superuser = 1"), 1);
}

TEST_P(RecordAttacks, ALostRightOfAGroupIsNotTakenBackByItsMembers) {
  const std::int64_t id =
      group("Clerks", {"accounts.change_group", "operation.view_change", "accounts.change_user"});
  give(person("clerk@example.org"), "Clerks", std::nullopt);
  PageForm form = open_change(root(), groups_of_people, id);
  form.clear("permissions").add("permissions", "accounts.change_group");
  form.add("permissions", "operation.view_change");
  ASSERT_EQ(send_change(root(), groups_of_people, id, form).status, 303);
  const std::int64_t entry = newest_entry();
  Buyer clerk = signed_in("clerk@example.org");
  EXPECT_EQ(take_back(clerk, entry).status, 409);
  EXPECT_EQ(count("SELECT count(*) FROM user_group_permission WHERE permission = 'accounts.change_user'"), 0);
}

TEST_P(RecordAttacks, TheEndOfARoleIsNotTakenBackBeyondOnesOwn) {
  Buyer head = organizer("head@example.org", *Instant::parse("2027-06-30T22:00:00Z"));
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  const std::int64_t entry = changed(roles_of_people, role, {{"ends_at", "2027-06-01T00:00"}});
  EXPECT_EQ(take_back(head, entry).status, 409);
  EXPECT_EQ(number("SELECT count(*) FROM role_assignment WHERE ends_at IS NULL"), 0);
}

TEST_P(RecordAttacks, TheEndOfOnesOwnRoleIsNotTakenBack) {
  Buyer head = organizer();
  give(user_id("head@example.org"), "Conference Organizer", std::nullopt);
  const std::int64_t own = give(user_id("head@example.org"), "Finance Team", conference_id());
  const std::int64_t entry = changed(roles_of_people, own, {{"ends_at", "2027-06-01T00:00"}});
  EXPECT_EQ(take_back(head, entry).status, 409);
  EXPECT_EQ(number("SELECT count(*) FROM role_assignment WHERE ends_at IS NOT NULL"), 1);
}

TEST_P(RecordAttacks, TakingBackTakesTheRightToChangeAndNotOnlyToSee) {
  const std::int64_t entry = changed(admin::testing::ticket_types, ticket(), {{"price", "1.00"}});
  group("Auditors", {"operation.view_change", "program_registration.view_tickettype"});
  Buyer auditor = colleague("auditor@example.org", "Auditors");
  EXPECT_EQ(auditor.get(undo_url(entry)).status, 200);
  EXPECT_EQ(take_back(auditor, entry).status, 409);
  EXPECT_EQ(number("SELECT price FROM ticket_type WHERE id = " + std::to_string(ticket())), 100);
}

TEST_P(RecordAttacks, ARoleTakenAwayBetweenThePreviewAndTakingBackRefuses) {
  const std::int64_t entry = changed(admin::testing::ticket_types, ticket(), {{"price", "1.00"}});
  Buyer head = organizer();
  const HttpResponse page = head.get(undo_url(entry));
  ASSERT_TRUE(contains(page, "100.00"));
  take_all("head@example.org");
  EXPECT_EQ(head.post(undo_url(entry), PageForm(page, undo_url(entry)).fields()).status, 404);
  EXPECT_EQ(number("SELECT price FROM ticket_type WHERE id = " + std::to_string(ticket())), 100);
}

TEST_P(RecordAttacks, RolesAreTakenBackWithProofAlone) {
  const std::int64_t role = give(person("ada@example.org"), "Finance Team", conference_id());
  const std::int64_t entry = changed(roles_of_people, role, {{"ends_at", "2027-06-01T00:00"}});
  clock().advance(Duration::minutes(11));
  EXPECT_EQ(outcome(take_back(root(), entry)), "proof_needed");
  EXPECT_EQ(number("SELECT count(*) FROM role_assignment WHERE ends_at IS NULL"), 0);
}

// SQLite gives the highest number out again.
TEST_P(RecordAttacks, ARowWithTheNumberOfADeletedOneIsNotChangedByItsRecord) {
  run("INSERT INTO ticket_type (id, conference_id, name, slug, price, created_at, updated_at) SELECT 900, "
      "conference_id, 'Old', 'old', 5000, created_at, updated_at FROM ticket_type WHERE slug = 'free'");
  const std::int64_t entry = changed(admin::testing::ticket_types, 900, {{"price", "60.00"}});
  const std::string path = address(admin::testing::ticket_types, 900, "delete");
  ASSERT_EQ(root().post(path, PageForm(root().get(path), path).fields()).status, 303);
  run("INSERT INTO ticket_type (id, conference_id, name, slug, price, created_at, updated_at) SELECT 900, "
      "conference_id, 'New', 'new', 6000, created_at, updated_at FROM ticket_type WHERE slug = 'free'");
  EXPECT_EQ(take_back(root(), entry).status, 409);
  EXPECT_EQ(count("SELECT price FROM ticket_type WHERE id = 900"), 6000);
}

TEST_P(RecordAttacks, AHistoryTellsNothingOfTheConferenceThatANumberCameFrom) {
  Buyer head = organizer();
  const std::int64_t id = ticket();
  on_global([&](db::Tx& tx) {
    conference::AuditObject object;
    object.conference_id = other();
    object.entity = "ticket_type";
    object.id = std::to_string(id);
    object.name = "Foreign name";
    conference::record(tx, {std::nullopt, "Foreign person", "admin", "192.0.2.99"},
                       conference::AuditAction::change, object, {{"price", "Price", "12.34", "56.78"}});
    return 0;
  });
  changed(admin::testing::ticket_types, id, {{"price", "1.00"}});
  const HttpResponse page = head.get(address(admin::testing::ticket_types, id, "history"));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "1.00"));
  for (const char* foreign : {"Foreign name", "Foreign person", "12.34", "56.78", "192.0.2.99"})
    EXPECT_FALSE(contains(page, foreign)) << foreign;
  EXPECT_TRUE(contains(root().get(address(admin::testing::ticket_types, id, "history")), "56.78"));
}

TEST_P(RecordAttacks, NoFilterOrFileOfTheRecordLeavesTheConference) {
  on_global([&](db::Tx& tx) {
    conference::AuditObject object;
    object.conference_id = other();
    object.entity = "ticket_type";
    object.id = "77";
    object.name = "Foreign name";
    conference::record(tx, {7, "Foreign person", "admin", "192.0.2.99"}, conference::AuditAction::change,
                       object, {{"price", "Price", "12.34", "56.78"}});
    object.conference_id.reset();
    conference::record(tx, {7, "Foreign person", "command", ""}, conference::AuditAction::change, object,
                       {{"price", "Price", "12.34", "56.78"}});
    return 0;
  });
  const std::int64_t entry = newest_entry();
  Buyer head = organizer();
  const std::string list = "/admin/operation/change/", far = std::to_string(other());
  for (const std::string& path :
       {list, list + "?conference_id=" + far, list + "?conference_id=none", list + "?entity=ticket_type",
        list + "?q=foreign", list + "?actor_id=7", list + "?source=command", list + "?o=-change",
        list + "export/?format=json", list + "export/?format=csv&conference_id=" + far,
        list + "choices/?q=foreign", address(record_of, entry, "change"),
        address(record_of, entry, "history"), undo_url(entry), address(record_of, entry - 1, "change"),
        undo_url(entry - 1)}) {
    const HttpResponse answer = head.get(path);
    for (const char* foreign : {"Foreign name", "Foreign person", "12.34", "56.78", "192.0.2.99"})
      EXPECT_FALSE(contains(answer, foreign)) << path << " " << foreign;
  }
  // Chains are written in ascending order: that of no conference first.
  EXPECT_EQ(take_back(head, entry).status, 404);
  EXPECT_EQ(take_back(head, entry - 1).status, 403);
}

TEST_P(RecordAttacks, NobodyWritesIntoTheRecord) {
  const std::int64_t entry = changed(admin::testing::ticket_types, ticket(), {{"price", "1.00"}});
  const std::int64_t entries = count("SELECT count(*) FROM audit_entry");
  EXPECT_EQ(forge(root(), address(record_of, entry, "change"), {{"actor_id", "1"}}).status, 403);
  EXPECT_GE(forge(root(), address(record_of, entry, "delete"), {{"touches", ""}}).status, 400);
  EXPECT_EQ(forge(root(), "/admin/operation/change/add/", {{"action", "add"}}).status, 403);
  forge(root(), "/admin/operation/change/action/",
        {{"action", "delete"}, {"key", std::to_string(entry)}, {"confirmed", "1"}});
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry"), entries);
  EXPECT_ANY_THROW(run("DELETE FROM audit_entry"));
  EXPECT_ANY_THROW(run("UPDATE audit_entry SET actor_id = 1"));
}

TEST_P(RecordAttacks, WhatIsSentWithTakingBackChangesNothingOfIt) {
  const std::int64_t id = ticket();
  const std::int64_t entry = changed(admin::testing::ticket_types, id, {{"price", "1.00"}});
  Buyer head = organizer();
  ASSERT_EQ(
      forge(head, undo_url(entry),
            {{"price", "0.01"}, {"name", "Mine"}, {"conference_id", std::to_string(other())}, {"key", "1"}})
          .status,
      303);
  EXPECT_EQ(number("SELECT price FROM ticket_type WHERE id = " + std::to_string(id)), 10000);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE name = 'Mine'"), 0);
}

}  // namespace
}  // namespace plenary::embed::testing
