// Forged forms, rows moved to a foreign conference, rights that end between the look and the write, bulk
// actions over several conferences, secrets and what one may not see. On both engines. source: configuration
// 10, 8; Do better 3, 27 and 28.
#include "admin/deletion.hpp"
#include "admin/groups.hpp"
#include "admin/save.hpp"
#include "web/errors.hpp"

namespace plenary::admin::testing {
namespace {

class RightsOfWrites : public GroupsTest {
 protected:
  std::string fair() const { return std::to_string(conference_id()); }
  std::string far() const { return std::to_string(foreign()); }
  std::string first_voucher() { return std::to_string(count("SELECT min(id) FROM voucher")); }
};
ON_BOTH_ENGINES(RightsOfWrites);

TEST_P(RightsOfWrites, AConferenceThatOneMayNotWriteToCannotBeChosen) {
  Buyer who = colleague("commerce@example.org", "Registration Manager");
  const HttpResponse page = who.get(add_address(vouchers) + "?conference_id=" + far());
  EXPECT_TRUE(contains(page, ">Fair</option>"));
  EXPECT_FALSE(contains(page, "Elsewhere"));
  for (const std::string& typed : {far(), std::string("Elsewhere"), "Elsewhere (#" + far() + ")"}) {
    PageForm form(page, add_address(vouchers));
    form.set("conference_id", typed).set("code", "FORGED").set("voucher_type", "comp");
    EXPECT_EQ(send_add(who, vouchers, form).status, 422) << typed;
  }
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE code = 'FORGED'"), 0);
  PageForm form(page, add_address(vouchers));
  form.set("conference_id", fair()).set("code", "MINE").set("voucher_type", "comp");
  EXPECT_EQ(send_add(who, vouchers, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM voucher WHERE code = 'MINE'"), 1);
}

TEST_P(RightsOfWrites, ARowIsNotMovedWhereOneMayNotWrite) {
  Buyer who = colleague("program@example.org", "Program Committee");
  const std::int64_t id = id_of("section", "talks");
  PageForm form = open_change(who, sections, id);
  form.set("conference_id", far()).set("name", "Moved");
  send_change(who, sections, id, form);
  EXPECT_EQ(count("SELECT count(*) FROM section s JOIN conference c ON c.id = s.conference_id WHERE c.slug = "
                  "'other'"),
            1);
  // With a role in both, but to see only in one.
  give(id_of_colleague(), "Read-Only Staff", foreign());
  form = open_change(who, sections, id);
  form.set("conference_id", far()).set("name", "Moved");
  send_change(who, sections, id, form);
  EXPECT_EQ(count("SELECT count(*) FROM section s JOIN conference c ON c.id = s.conference_id WHERE c.slug = "
                  "'other'"),
            1);
}

TEST_P(RightsOfWrites, WhatOneMaySeeOnlyIsShownWithoutButtons) {
  Buyer who = colleague("reader@example.org", "Read-Only Staff");
  const std::int64_t id = id_of("ticket_type", "free");
  const HttpResponse page = who.get(address(ticket_types, id, "change"));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "You may look at this, but not change it."));
  for (const char* button : {"name=\"_save\"", "name=\"_continue\"", "name=\"price\"", "Delete …"})
    EXPECT_FALSE(contains(page, button)) << button;
  const HttpResponse list = who.get(list_of(ticket_types));
  for (const char* button : {"name=\"action\"", "format=csv", "/add/\""})
    EXPECT_FALSE(contains(list, button)) << button;
  EXPECT_EQ(who.post(list_of(ticket_types) + "action/",
                     {{"action", "is_active.off"}, {"key", std::to_string(id)}, {"confirmed", "1"}})
                .status,
            403);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE is_active = 0"), 0);
}

TEST_P(RightsOfWrites, ARoleTakenAwayBetweenThePageAndTheFormRefuses) {
  Buyer who = colleague("late@example.org", "Program Committee");
  const std::int64_t id = id_of("section", "talks");
  PageForm form = open_change(who, sections, id);
  form.set("name", "Too late");
  take_all(id_of_colleague());
  EXPECT_EQ(send_change(who, sections, id, form).status, 404);
  give(id_of_colleague(), "Check-in Staff", conference_id());
  EXPECT_EQ(send_change(who, sections, id, form).status, 403);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE name = 'Too late'"), 0);
}

// The guard has looked, the write has not begun.
TEST_P(RightsOfWrites, ARoleTakenAwayBetweenTheGuardAndTheWriteRefuses) {
  Buyer who = colleague("race@example.org", "Program Committee");
  const std::int64_t id = id_of("section", "talks");
  PageForm form = open_change(who, sections, id);
  form.set("name", "Too late");
  std::string body;
  for (const auto& [name, value] : form.fields())
    body += (body.empty() ? "" : "&") + web::percent_encode(name) + "=" + web::percent_encode(value);
  const web::FormData posted = web::FormData::parse_urlencoded(body);
  const Model& model = *model_of_table("section");
  const conference::Actor actor{id_of_colleague(), "race", "admin"};
  const auto save = [&](const std::string& key) {
    db().write_now(conference_id(), "test", [&](db::Tx& tx) {
      return save_form(tx, {application().site(), model, key, posted, actor, "", Random::system()}).kind;
    });
  };
  const auto remove = [&] {
    db().write_now(conference_id(), "test", [&](db::Tx& tx) {
      const db::Param key(id);
      const Person now = person_now(tx, actor.user_id);
      return delete_rows(tx, application().site(), now, model, {&key, 1}, actor);
    });
  };
  take_all(id_of_colleague());
  EXPECT_THROW(save(std::to_string(id)), NotFound);
  EXPECT_THROW(save(""), web::HttpError);
  EXPECT_THROW(remove(), Refused);
  give(id_of_colleague(), "Check-in Staff", conference_id());
  EXPECT_THROW(save(std::to_string(id)), web::HttpError);
  give(id_of_colleague(), "Program Committee", conference_id());
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec("UPDATE user_account SET is_active = 0 WHERE id = $1", id_of_colleague());
    return 0;
  });
  EXPECT_THROW(save(std::to_string(id)), NotFound);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE name = 'Too late'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE slug = 'talks'"), 1);
}

TEST_P(RightsOfWrites, ABulkActionLooksAtEachRow) {
  Buyer who = colleague("bulk@example.org", "Registration Manager");
  const std::string mine = std::to_string(id_of("ticket_type", "free"));
  const std::string theirs = std::to_string(foreign_row("ticket_type"));
  const std::string path = list_of(ticket_types) + "action/";
  const auto act = [&](const std::string& action) {
    who.get(list_of(ticket_types));
    const HttpResponse asked = who.post(path, {{"action", action}, {"key", mine}, {"key", theirs}});
    EXPECT_EQ(asked.status, 200);
    return std::pair{asked, who.post(path, Buyer::form(asked, path, {}, "1"))};
  };
  // A row of a conference without any role is none.
  const auto [asked, done] = act("is_active.off");
  EXPECT_TRUE(contains(asked, "1 row"));
  EXPECT_FALSE(contains(asked, "Foreign ticket"));
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE is_active = 0"), 1);
  // With a role to see there: it stays behind, and why is told.
  give(id_of_colleague(), "Read-Only Staff", foreign());
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec("UPDATE ticket_type SET is_active = 0");
    return 0;
  });
  const auto [last, end] = act("is_active.on");
  EXPECT_TRUE(contains(who.get(end.header("Location")), "Foreign ticket: You do not have the right"));
  EXPECT_EQ(count("SELECT is_active FROM ticket_type WHERE slug = 'foreign'"), 0);
  EXPECT_EQ(count("SELECT is_active FROM ticket_type WHERE slug = 'free'"), 1);
}

TEST_P(RightsOfWrites, AFileHoldsOwnRowsAlone) {
  Buyer who = colleague("files@example.org", "Registration Manager");
  const std::string path = list_of(ticket_types) + "export/?format=json";
  EXPECT_TRUE(contains(who.get(path), "Ticket free"));
  EXPECT_FALSE(contains(who.get(path), "Foreign ticket"));
  give(id_of_colleague(), "Read-Only Staff", foreign());
  EXPECT_TRUE(contains(who.get(list_of(ticket_types)), "Foreign ticket"));
  EXPECT_FALSE(contains(who.get(path), "Foreign ticket"));
  give(id_of_colleague(), "Registration Manager", foreign());
  EXPECT_TRUE(contains(who.get(path), "Foreign ticket"));
}

TEST_P(RightsOfWrites, KeysAreForFullAccess) {
  const std::int64_t id = conference_id();
  PageForm keys = open_change(root(), conferences, id);
  keys.set("stripe_secret_key", "sk_test_51ABCDEFGH");
  ASSERT_EQ(send_change(root(), conferences, id, keys).status, 303);
  const std::string sealed = text("SELECT stripe_secret_key FROM conference WHERE slug = 'fair'");
  group("Settings", {"program_conference.view_conference", "program_conference.manage_conference_settings"});
  Buyer who = colleague("settings@example.org", "Settings");
  const std::string path = address(conferences, id, "change");
  EXPECT_FALSE(contains(who.get(path), "stripe_secret_key"));
  EXPECT_FALSE(contains(who.get(address(conferences, id, "history")), "Stripe secret key"));
  PageForm form = open_change(who, conferences, id);
  form.set("venue", "Town hall")
      .set("stripe_secret_key", "sk_test_51FORGED")
      .set("stripe_secret_key_do", "replace");
  EXPECT_EQ(send_change(who, conferences, id, form).status, 303);
  EXPECT_EQ(text("SELECT venue FROM conference WHERE slug = 'fair'"), "Town hall");
  EXPECT_EQ(text("SELECT stripe_secret_key FROM conference WHERE slug = 'fair'"), sealed);
  // Its sections and targets are somebody else's.
  EXPECT_FALSE(contains(who.get(path), "section-rows"));
  form = open_change(who, conferences, id);
  form.set("section-rows", "1").set("section-0-name", "Forged").set("section-0-slug", "forged");
  form.set("section-0-start_date", "2027-05-20").set("section-0-end_date", "2027-05-20").set("venue", "Hall");
  EXPECT_EQ(send_change(who, conferences, id, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section WHERE name = 'Forged'"), 0);
}

TEST_P(RightsOfWrites, AnAccountIsChosenByItsNameNeverByANumber) {
  const std::int64_t customer = person("customer@example.org");
  Buyer who = colleague("credit@example.org", "Registration Manager");
  const std::string credit = "program_registration/credit";
  EXPECT_FALSE(contains(who.get(add_address(credit)), "customer@example.org"));
  EXPECT_FALSE(contains(who.get(add_address(credit) + "?user_id=" + std::to_string(customer)),
                        "customer@example.org"));
  const auto give_to = [&](const std::string& user) {
    PageForm form = open_add(who, credit);
    form.set("conference_id", fair()).set("user_id", user).set("amount", "5.00");
    return send_add(who, credit, form);
  };
  const HttpResponse guessed = give_to(std::to_string(customer));
  EXPECT_EQ(guessed.status, 422);
  EXPECT_FALSE(contains(guessed, "customer@example.org"));
  EXPECT_EQ(give_to("customer@example.org").status, 303);
}

TEST_P(RightsOfWrites, ADeletionTellsOfOthersRowsOnlyHowMany) {
  // Commerce without sponsors: a sponsor's voucher goes with the sponsor, but not the other way round.
  group("Sponsors only", {"program_conference.change_sponsors"});
  Buyer who = colleague("sponsors@example.org", "Sponsors only");
  const std::int64_t sponsor = id_of("sponsor", "acme");
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec(
        "UPDATE voucher SET sponsor_id = $1, code = 'HIDDENCODE' WHERE id = (SELECT min(id) FROM voucher)",
        sponsor);
    return 0;
  });
  const HttpResponse page = who.get(address(sponsors_of, sponsor, "delete"));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Voucher"));
  EXPECT_FALSE(contains(page, "HIDDENCODE"));
  EXPECT_TRUE(contains(page, "Booth"));
  EXPECT_TRUE(contains(root().get(address(sponsors_of, sponsor, "delete")), "HIDDENCODE"));
}

TEST_P(RightsOfWrites, AConferenceEndsByAPermissionOfItsOwn) {
  group("All but the end", {"program_conference.change_conference"});
  Buyer who = colleague("nearly@example.org", "All but the end");
  EXPECT_EQ(who.get(address(conferences, conference_id(), "change")).status, 200);
  EXPECT_EQ(who.get(address(conferences, conference_id(), "delete")).status, 403);
  EXPECT_EQ(who.get(add_address(conferences)).status, 403);
}

}  // namespace
}  // namespace plenary::admin::testing
