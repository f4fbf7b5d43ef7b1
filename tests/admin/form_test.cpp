// Adding and changing through the pages: what is stored, what is recorded, what is refused. On both engines.
// source: configuration 10, 5.
#include "admin/form_reader.hpp"
#include "domain/conference/conferences.hpp"

namespace plenary::admin::testing {
namespace {

class Forms : public FormTest {
 protected:
  std::int64_t ticket(const std::string& slug) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT id FROM ticket_type WHERE slug = $1 AND conference_id = $2", slug,
                                  conference_id());
    });
  }
  std::int64_t other_conference(const std::string& currency = "USD", const std::string& zone = "UTC") {
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      conference::Conference other;
      other.name = "Other";
      other.slug = "other";
      other.start_date = *Date::parse("2028-01-01");
      other.end_date = *Date::parse("2028-01-02");
      other.currency = currency;
      other.timezone = zone;
      return conference::create(tx, other).value();
    });
  }
};
ON_BOTH_ENGINES(Forms);

TEST_P(Forms, AConferenceIsAddedWithItsFlagsAndSections) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, conferences);
  ASSERT_TRUE(form.found());
  form.set("name", "PyÇon Zürich").set("start_date", "2027-09-01").set("end_date", "2027-09-03");
  form.set("timezone", "Europe/Zurich").set("currency", "CHF").set("revenue_budget", "1234.50");
  form.set("feature_flags-0-sponsors_enabled", "0");
  form.set("section-0-name", "Talks").set("section-0-start_date", "2027-09-01");
  form.set("section-0-end_date", "2027-09-02");
  const HttpResponse saved = send_add(root, conferences, form);
  EXPECT_EQ(saved.status, 303) << saved.body;
  EXPECT_EQ(text("SELECT slug FROM conference WHERE name LIKE 'Py%'"), "pycon-zurich");
  EXPECT_EQ(count("SELECT revenue_budget FROM conference WHERE slug = 'pycon-zurich'"), 123450);
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags f JOIN conference c ON c.id = f.conference_id WHERE "
                  "c.slug = 'pycon-zurich' AND f.sponsors_enabled = 0 AND f.programs_enabled IS NULL"),
            1);
  EXPECT_EQ(text("SELECT s.slug FROM section s JOIN conference c ON c.id = s.conference_id WHERE c.slug = "
                 "'pycon-zurich'"),
            "talks");
  EXPECT_NE(recorded("conference").find("Revenue budget:  → CHF 1,234.50"), std::string::npos)
      << recorded("conference");
  EXPECT_NE(root.get("/admin/").body.find("PyÇon Zürich"), std::string::npos);
}

TEST_P(Forms, OnlyWhatWasChangedIsRecordedWithOldAndNew) {
  Buyer root = superuser_browser();
  const std::int64_t id = ticket("individual");
  PageForm form = open_change(root, ticket_types, id);
  EXPECT_EQ(form.get("price"), "100.00");
  form.set("price", "12");
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
  EXPECT_EQ(count("SELECT price FROM ticket_type WHERE slug = 'individual'"), 1200);
  EXPECT_EQ(recorded("ticket_type"), "root@example.org: Price: $100.00 → $12.00; ");
}

TEST_P(Forms, AFormThatChangesNothingWritesNothing) {
  Buyer root = superuser_browser();
  const std::int64_t id = ticket("individual");
  const std::int64_t version = count("SELECT version FROM ticket_type WHERE slug = 'individual'");
  const PageForm form = open_change(root, ticket_types, id);
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
  EXPECT_EQ(count("SELECT version FROM ticket_type WHERE slug = 'individual'"), version);
  EXPECT_EQ(recorded("ticket_type"), "nothing");
  PageForm conference = open_change(root, conferences, conference_id());
  EXPECT_EQ(send_change(root, conferences, conference_id(), conference).status, 303);
  EXPECT_EQ(recorded("conference"), "nothing");
  EXPECT_EQ(count("SELECT count(*) FROM feature_flags"), 1);
}

TEST_P(Forms, EveryErrorOfThePageIsToldAtOnceAndNothingIsWritten) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, conferences, conference_id());
  form.set("name", "").set("end_date", "2026-01-01").set("timezone", "Europe/Nowhere");
  form.set("grant_budget", "CHF 1,234.50").set("website_url", "no address");
  form.set("section-0-name", "Talks").set("section-0-start_date", "2027-05-21");
  form.set("section-0-end_date", "2027-05-20");
  const HttpResponse page = send_change(root, conferences, conference_id(), form);
  EXPECT_EQ(page.status, 422);
  for (const char* told :
       {"Name is required.", "The conference ends before it starts.", "No such time zone", "digits alone",
        "complete web address", "The section ends before it starts.", "Sections, row 1", "<title>Error:"}) {
    EXPECT_TRUE(contains(page, told)) << told;
  }
  // What was typed stays.
  const PageForm again(page, address(conferences, conference_id(), "change"));
  EXPECT_EQ(again.get("grant_budget"), "CHF 1,234.50");
  EXPECT_EQ(again.get("timezone"), "Europe/Nowhere");
  EXPECT_EQ(again.get("section-0-name"), "Talks");
  EXPECT_EQ(count("SELECT count(*) FROM section"), 0);
  EXPECT_EQ(text("SELECT name FROM conference"), "Fair");
}

TEST_P(Forms, ASecondSubmitOfTheSameFormMakesNoSecondRow) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, sections, "?conference_id=" + std::to_string(conference_id()));
  EXPECT_EQ(form.get("conference_id"), std::to_string(conference_id()));
  form.set("name", "Sprints").set("start_date", "2027-05-20").set("end_date", "2027-05-21");
  EXPECT_EQ(send_add(root, sections, form).status, 303);
  EXPECT_EQ(send_add(root, sections, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section"), 1);
  // Another form of the same name gets a slug of its own.
  PageForm another = open_add(root, sections, "?conference_id=" + std::to_string(conference_id()));
  another.set("name", "Sprints").set("start_date", "2027-05-20").set("end_date", "2027-05-21");
  EXPECT_EQ(send_add(root, sections, another).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE slug = 'sprints-2'"), 1);
}

TEST_P(Forms, WhoeverGoesBackAndTypesSomethingElseMeansIt) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, sections, "?conference_id=" + std::to_string(conference_id()));
  form.set("name", "One").set("start_date", "2027-05-20").set("end_date", "2027-05-21");
  EXPECT_EQ(send_add(root, sections, form).status, 303);
  form.set("name", "Two");
  EXPECT_EQ(send_add(root, sections, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE slug IN ('one', 'two')"), 2);
  const std::int64_t id = count("SELECT id FROM section WHERE slug = 'one'");
  PageForm change = open_change(root, sections, id);
  change.set("name", "Once");
  EXPECT_EQ(send_change(root, sections, id, change).status, 303);
  EXPECT_EQ(send_change(root, sections, id, change).status, 303);  // the same again: a repeat
  change.set("name", "Twice");
  EXPECT_EQ(send_change(root, sections, id, change).status, 409);  // something else: from an old page
  EXPECT_EQ(text("SELECT name FROM section WHERE slug = 'one'"), "Once");
}

TEST_P(Forms, WhereOneGoesAfterSavingIsChosen) {
  Buyer root = superuser_browser();
  const std::string preset = "?conference_id=" + std::to_string(conference_id());
  PageForm form = open_add(root, sections, preset);
  form.set("name", "A").set("start_date", "2027-05-20").set("end_date", "2027-05-21").set("_another", "1");
  EXPECT_EQ(send_add(root, sections, form).header("Location"), add_address(sections) + preset);
  form = open_add(root, sections, preset);
  form.set("name", "B").set("start_date", "2027-05-20").set("end_date", "2027-05-21").set("_continue", "1");
  const std::string location = send_add(root, sections, form).header("Location");
  EXPECT_TRUE(location.ends_with("/change/")) << location;
  EXPECT_TRUE(contains(root.get(location), "Section “B” was added."));
}

TEST_P(Forms, InlineRowsAreAddedChangedAndDeletedWithThePage) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, conferences, conference_id());
  form.set("section-rows", "2");
  form.set("section-0-name", "Talks")
      .set("section-0-start_date", "2027-05-20")
      .set("section-0-end_date", "2027-05-21");
  form.set("section-1-name", "Sprints").set("section-1-start_date", "2027-05-22");
  form.set("section-1-end_date", "2027-05-22").set("section-1-sort_order", "2");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section"), 2);
  form = open_change(root, conferences, conference_id());
  EXPECT_EQ(form.get("section-0-name"), "Talks");
  form.set("section-0-_delete", "1").set("section-1-name", "Sprinting");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  EXPECT_EQ(text("SELECT name FROM section"), "Sprinting");
  EXPECT_EQ(text("SELECT slug FROM section"), "sprints");  // never follows the name
  EXPECT_NE(recorded("conference").find("Sprints → Sprinting"), std::string::npos) << recorded("conference");
}

TEST_P(Forms, TwoNewRowsWithTheSameSlugAreToldApart) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, conferences, conference_id());
  form.set("section-rows", "2");
  for (const char* row : {"section-0-", "section-1-"}) {
    form.set(std::string(row) + "name", "Talks").set(std::string(row) + "slug", "talks");
    form.set(std::string(row) + "start_date", "2027-05-20").set(std::string(row) + "end_date", "2027-05-21");
  }
  const HttpResponse page = send_change(root, conferences, conference_id(), form);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "Another section has this slug."));
  EXPECT_EQ(count("SELECT count(*) FROM section"), 0);
}

TEST_P(Forms, AChangedConsentTextCountsItsVersionUp) {
  Buyer root = superuser_browser();
  PageForm form = open_add(root, consents, "?conference_id=" + std::to_string(conference_id()));
  form.set("slug", "photos").set("text", "I may be seen\r\nin pictures.");
  EXPECT_EQ(send_add(root, consents, form).status, 303);
  EXPECT_EQ(text("SELECT text FROM consent_text"), "I may be seen\nin pictures.");
  const std::int64_t id = count("SELECT id FROM consent_text");
  form = open_change(root, consents, id);
  form.set("text", "I may not be seen.").set("is_required", "1");
  EXPECT_EQ(send_change(root, consents, id, form).status, 303);
  EXPECT_EQ(count("SELECT text_version FROM consent_text WHERE is_required = 1"), 2);
}

TEST_P(Forms, ColumnsThatNoFieldShowsAreNotTaken) {
  Buyer root = superuser_browser();
  const std::int64_t id = ticket("individual");
  const std::int64_t other = other_conference();
  PageForm form = open_change(root, ticket_types, id);
  EXPECT_FALSE(form.has("conference_id"));
  form.set("name", "Person").set("conference_id", std::to_string(other)).set("id", "999");
  form.set("created_at", "2001-01-01T00:00").set("version", "77").set("updated_at", "2001-01-01T00:00");
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
  EXPECT_EQ(count("SELECT conference_id FROM ticket_type WHERE name = 'Person'"), conference_id());
  EXPECT_EQ(count("SELECT id FROM ticket_type WHERE name = 'Person'"), id);
  EXPECT_LT(count("SELECT version FROM ticket_type WHERE name = 'Person'"), 77);
  PageForm conference = open_change(root, conferences, conference_id());
  conference.set("currency", "JPY").set("catalogue_version", "1").set("stripe_secret_key_sealed", "x");
  EXPECT_EQ(send_change(root, conferences, conference_id(), conference).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE currency = 'JPY'"), 0);
}

TEST_P(Forms, AnotherConferencesRowsCannotBeChosen) {
  Buyer root = superuser_browser();
  const std::int64_t other = other_conference();
  PageForm made = open_add(root, ticket_types, "?conference_id=" + std::to_string(other));
  made.set("name", "Theirs").set("price", "5");
  EXPECT_EQ(send_add(root, ticket_types, made).status, 303);
  const std::int64_t theirs = count("SELECT id FROM ticket_type WHERE name = 'Theirs'");
  const std::int64_t shirt = count("SELECT id FROM addon WHERE slug = 'shirt'");
  PageForm form = open_change(root, addons, shirt);
  form.add("requires_ticket_types", std::to_string(theirs));
  const HttpResponse page = send_change(root, addons, shirt, form);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "This entry belongs to another conference."));
  EXPECT_FALSE(contains(root.get(address(addons, shirt, "change")), "Theirs"));
  form = open_change(root, addons, shirt);
  form.add("requires_ticket_types", std::to_string(ticket("student")));
  EXPECT_EQ(send_change(root, addons, shirt, form).status, 303);
  EXPECT_EQ(
      count("SELECT count(*) FROM addon_requires a JOIN addon b ON b.id = a.addon_id WHERE b.slug = 'shirt'"),
      1);
  EXPECT_EQ(recorded("addon"), "root@example.org: Required ticket types:  → Ticket student; ");
}

TEST_P(Forms, AnInlineRowOfAnotherConferenceIsNotReached) {
  Buyer root = superuser_browser();
  const std::int64_t other = other_conference();
  db().write_now(other, "test", [&](db::Tx& tx) {
    conference::Section section;
    section.conference_id = other;
    section.name = section.slug = "theirs";
    section.start_date = section.end_date = *Date::parse("2028-01-01");
    return conference::create_section(tx, section);
  });
  const std::int64_t theirs = count("SELECT id FROM section");
  PageForm form = open_change(root, conferences, conference_id());
  form.set("section-0-_key", std::to_string(theirs)).set("section-0-_delete", "1");
  send_change(root, conferences, conference_id(), form);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE name = 'theirs'"), 1);
}

TEST_P(Forms, ASlugOfTheServersOwnIsRefused) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, conferences, conference_id());
  form.set("slug", "Admin");
  const HttpResponse page = send_change(root, conferences, conference_id(), form);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "is an address of this server"));
}

TEST_P(Forms, WhatIsOnlyReadHasNoFormAndSaysWhy) {
  Buyer root = superuser_browser();
  PageForm form = open_change(root, ticket_types, ticket("individual"));
  form.set("name", "X");
  send_change(root, ticket_types, ticket("individual"), form);
  const std::int64_t entry = count("SELECT max(id) FROM audit_entry");
  const std::string path = address("operation/change", entry, "change");
  const HttpResponse page = root.get(path);
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "only ever added to"));
  EXPECT_FALSE(contains(page, "name=\"_save\""));
  PageForm other = open_change(root, ticket_types, ticket("individual"));
  EXPECT_EQ(send(root, path, other.set("object", "x")).status, 403);
  EXPECT_EQ(root.get("/admin/operation/change/add/").status, 403);
}

TEST_P(Forms, WhatIsNotThereIsNotFound) {
  Buyer root = superuser_browser();
  for (const char* path :
       {"/admin/program_conference/section/999/change/", "/admin/program_conference/section/x/change/",
        "/admin/program_conference/section/99999999999999999999/change/",
        "/admin/program_conference/nothing/1/change/", "/admin/nothing/section/add/",
        "/admin/program_conference/section/999/history/", "/admin/program_conference/section/999/delete/"}) {
    EXPECT_EQ(root.get(path).status, 404) << path;
  }
  Buyer stranger = buyer();
  EXPECT_EQ(stranger.get(add_address(sections)).status, 303);
}

TEST_P(Forms, TheHistoryTellsWhoChangedWhat) {
  Buyer root = superuser_browser();
  const std::int64_t id = ticket("individual");
  PageForm form = open_change(root, ticket_types, id);
  form.set("name", "Person <b>").set("available_from", "2027-01-02T03:04");
  send_change(root, ticket_types, id, form);
  const HttpResponse page = root.get(address(ticket_types, id, "history"));
  EXPECT_EQ(page.status, 200);
  for (const char* told : {"Person &lt;b&gt;", "Ticket individual", "root", "Europe/Berlin",
                           "in the administration", "2 January 2027, 03:04 CET"}) {
    EXPECT_TRUE(contains(page, told)) << told << page.body;
  }
}

}  // namespace
}  // namespace plenary::admin::testing
