// Who may not, which forms are no forms, what is kept although somebody asked for its end, and that no secret
// comes out anywhere. On both engines. source: ground rules 15, 1, 5 and 5.8; configuration 10, 5, 8.1 and Do
// better 1, 23.
#include "admin/hostile_admin.hpp"

namespace plenary::admin::testing {
namespace {

class HostileRights : public HostileAdmin {
 protected:
  std::string conference() const { return std::to_string(conference_id()); }
  std::vector<std::string> pages() {
    const std::string type = std::to_string(id_of("ticket_type", "free"));
    return {list_of(conferences),
            list_of(ticket_types) + "export/",
            list_of(ticket_types) + "export/?format=xlsx",
            list_of(accounts_of) + "choices/?q=root",
            list_of(accounts_of),
            add_address(accounts_of),
            list_of(ticket_types) + type + "/change/",
            list_of(ticket_types) + type + "/delete/",
            list_of(ticket_types) + type + "/history/",
            "/admin/accounts/"};
  }
  std::vector<std::string> forms() {
    const std::string type = std::to_string(id_of("ticket_type", "free"));
    return {add_address(conferences), add_address(accounts_of), list_of(ticket_types) + type + "/change/",
            list_of(ticket_types) + type + "/delete/", list_of(ticket_types) + "action/"};
  }
  void set(const char* sql) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      tx.exec(sql);
      return 0;
    });
  }
  // What a superuser would send to delete, to switch off, to make a superuser.
  Fields destructive() {
    return {{"action", "delete"},         {"key", std::to_string(id_of("ticket_type", "free"))},
            {"confirmed", "1"},           {"touches", "1"},
            {"username", "intruder"},     {"is_superuser", "1"},
            {"name", "Taken over"},       {"slug", "taken-over"},
            {"start_date", "2027-01-01"}, {"end_date", "2027-01-01"}};
  }
  void expect_kept_out(Buyer& who, std::initializer_list<int> allowed) {
    const std::string before = everything();
    const auto is_allowed = [&](int status) {
      return std::find(allowed.begin(), allowed.end(), status) != allowed.end();
    };
    for (const std::string& page : pages()) {
      const HttpResponse answer = who.get(page);
      EXPECT_TRUE(is_allowed(answer.status)) << page << " " << answer.status;
      for (const char* told : {"Ticket free", "root@example.org", "Fair"})
        EXPECT_FALSE(contains(answer, told)) << page << " tells " << told;
    }
    for (const std::string& form : forms()) {
      const HttpResponse answer = who.post(form, destructive());
      EXPECT_TRUE(is_allowed(answer.status)) << form << " " << answer.status;
      EXPECT_FALSE(answer.header("Location").starts_with("/admin/")) << form;
    }
    EXPECT_EQ(everything(), before);
  }
};
ON_BOTH_ENGINES(HostileRights);

TEST_P(HostileRights, WhoIsNoSuperuserSeesAndChangesNothing) {
  {
    SCOPED_TRACE("nobody");
    Buyer nobody = buyer();
    nobody.tickets();
    expect_kept_out(nobody, {302, 303, 403});
  }
  {
    SCOPED_TRACE("a member");
    person("ada@example.org");
    Buyer ada = buyer();
    sign_in(ada, "ada@example.org");
    ada.tickets();
    expect_kept_out(ada, {403, 404});
    EXPECT_EQ(ada.get("/admin/").status, 404);
  }
  {
    SCOPED_TRACE("staff without a role");
    person("bob@example.org");
    set("UPDATE user_account SET is_staff = 1 WHERE email = 'bob@example.org'");
    Buyer bob = buyer();
    sign_in(bob, "bob@example.org");
    bob.tickets();
    expect_kept_out(bob, {403, 404});
    EXPECT_FALSE(contains(bob.get("/admin/"), "root@example.org"));
  }
  {
    SCOPED_TRACE("a demo account, which is staff");
    seed();
    Buyer alice = buyer();
    sign_in(alice, "attendee_alice", std::string(domain::demo_password));
    alice.tickets();
    expect_kept_out(alice, {403, 404});
  }
  {
    SCOPED_TRACE("a session made up");
    Buyer eve = buyer();
    eve.tickets();
    eve.client().cookies()["plenary_session"] = std::string(43, 'E');
    expect_kept_out(eve, {302, 303, 403});
  }
}

TEST_P(HostileRights, RightsEndWithTheNextRequest) {
  const char* const ends[] = {
      "UPDATE user_account SET is_superuser = 0 WHERE username = 'second'",
      "UPDATE user_account SET is_active = 0, is_superuser = 1 WHERE username = 'second'",
      "DELETE FROM user_account WHERE username = 'second'"};
  Buyer second = superuser_browser("second");
  const std::int64_t type = id_of("ticket_type", "free");
  const std::string path = address(ticket_types, type, "change");
  PageForm form(second.get(path), path);
  form.set("name", "Too late");
  for (const char* end : ends) {
    SCOPED_TRACE(end);
    set(end);
    EXPECT_NE(send(second, path, form).header("Location"), list_of(ticket_types));
    EXPECT_NE(second.get(list_of(conferences)).status, 200);
    EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE name = 'Too late'"), 0);
  }
  Buyer again = buyer();
  sign_in(again, "second");
  EXPECT_FALSE(is_signed_in(again));
}

TEST_P(HostileRights, NoFormIsTakenWithoutItsTokenOrFromElsewhere) {
  const std::string before = everything();
  Buyer eve = buyer();
  eve.tickets();
  root().get(list_of(ticket_types));
  for (const std::string& form : forms()) {
    SCOPED_TRACE(form);
    for (const std::string& token :
         {std::string(), std::string(43, 'A'), eve.client().csrf_token(), std::string("'; --")}) {
      Fields fields = destructive();
      fields.emplace_back("csrfmiddlewaretoken", token);
      EXPECT_EQ(root().post(form, fields).status, 403);
    }
    EXPECT_EQ(root().client().post(form, destructive(), {{"Origin", "https://evil.example"}}).status, 403);
    EXPECT_EQ(root().client().request("POST", form).status, 403);
  }
  EXPECT_EQ(everything(), before);
}

TEST_P(HostileRights, OnlyTheMethodsThatAPageHas) {
  const std::string before = everything();
  root().get(list_of(ticket_types));
  for (const std::string& page : pages()) {
    const std::string path = page.substr(0, page.find('?'));
    for (const char* method : {"PUT", "DELETE", "PATCH", "TRACE", "BREW"}) {
      const int status = root().client().request(method, path).status;
      EXPECT_TRUE(status == 405 || status == 400 || status == 403 || status == 501)
          << method << path << status;
    }
  }
  for (const std::string& path : {list_of(ticket_types), list_of(ticket_types) + "export/",
                                  list_of(ticket_types) + "choices/", std::string("/admin/")}) {
    EXPECT_EQ(root().post(path, destructive()).status, 405) << path;
  }
  EXPECT_EQ(root().get(list_of(ticket_types) + "action/?action=delete&confirmed=1&key=1").status, 405);
  EXPECT_EQ(everything(), before);
}

TEST_P(HostileRights, ASubmitCountsOnceHoweverOftenItComes) {
  PageForm form = open_add(root(), sections);
  form.set("conference_id", conference()).set("name", "Talks");
  form.set("start_date", "2027-05-20").set("end_date", "2027-05-20");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send_add(root(), sections, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section"), 1);
  // A token made up or another's is none: the slug is taken by now, so another is proposed, but only once.
  form.set("submission", "forged");
  expect_sound(send_add(root(), sections, form));
  EXPECT_LE(count("SELECT count(*) FROM section"), 2);
  // A confirmation sent again and again, after the rows came back.
  const std::string id = std::to_string(id_of("ticket_type", "free"));
  const HttpResponse asked = mark(ticket_types, "is_active.off", {id});
  const std::string path = list_of(ticket_types) + "action/";
  const Fields fields = Buyer::form(asked, path, {}, "1");
  root().post(path, fields);
  set("UPDATE ticket_type SET is_active = 1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(root().post(path, fields).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE is_active = 0"), 0);
}

TEST_P(HostileRights, AConfirmationIsForTheRowsThatWereShown) {
  const auto add = [&](const char* slug) {
    write([&](db::Tx& tx) {
      conference::Section section;
      section.conference_id = conference_id();
      section.name = section.slug = slug;
      section.start_date = section.end_date = *Date::parse("2027-05-20");
      return conference::section_table().insert(tx, section).id;
    });
  };
  add("one");
  add("two");
  const HttpResponse asked = mark(sections, "delete", {}, {{"across", "1"}, {"query", ""}});
  EXPECT_TRUE(contains(asked, "2 rows"));
  // As many as before, but not the same.
  set("DELETE FROM section WHERE slug = 'one'");
  add("precious");
  const HttpResponse again = confirm(asked, sections);
  EXPECT_EQ(again.status, 200);
  EXPECT_TRUE(contains(again, "The list has changed since you looked"));
  EXPECT_EQ(count("SELECT count(*) FROM section"), 2);
  EXPECT_EQ(confirm(again, sections).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM section"), 0);
}

TEST_P(HostileRights, TheLastSuperuserStaysWhateverIsTried) {
  const std::int64_t me = count("SELECT id FROM user_account WHERE username = 'root'");
  // Others who look like one and could never come in.
  superuser("closed");
  superuser("seeded");
  superuser("nokey");
  superuser("unproven");
  set("UPDATE user_account SET is_active = 0 WHERE username = 'closed'");
  set("UPDATE user_account SET is_demo = 1 WHERE username = 'seeded'");
  set("UPDATE user_account SET password_hash = NULL WHERE username = 'nokey'");
  set("UPDATE user_account SET email_verified_at = NULL WHERE username = 'unproven'");
  const auto is_there = [&] {
    return count(
        "SELECT count(*) FROM user_account WHERE username = 'root' AND is_superuser = 1 AND is_active = 1");
  };
  const std::string id = std::to_string(me);
  for (const char* field : {"is_superuser", "is_active"}) {
    SCOPED_TRACE(field);
    PageForm form = open_change(root(), accounts_of, me);
    form.set(field, "0");
    EXPECT_EQ(send_change(root(), accounts_of, me, form).status, 422);
    confirm(mark(accounts_of, std::string(field) + ".off", {id}), accounts_of);
    EXPECT_EQ(is_there(), 1);
  }
  PageForm form = open_change(root(), accounts_of, me);
  form.set("email", "mistyped@example.org");
  EXPECT_EQ(send_change(root(), accounts_of, me, form).status, 422);
  form.set("email", "ROOT@example.org");  // the same one
  EXPECT_EQ(send_change(root(), accounts_of, me, form).status, 303);
  Buyer again = buyer();
  sign_in(again, "root");
  EXPECT_TRUE(is_signed_in(again));
  const std::string path = address(accounts_of, me, "delete");
  const HttpResponse page = root().get(path);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(root().post(path, PageForm(page, path).fields()).status, 409);
  EXPECT_EQ(is_there(), 1);
  const HttpResponse done = confirm(mark(accounts_of, "delete", {id}), accounts_of);
  EXPECT_EQ(is_there(), 1);
  EXPECT_TRUE(contains(root().get(done.header("Location")), "last superuser"));
}

TEST_P(HostileRights, WhatMoneyHangsOnIsNotDeletedByTheHundredEither) {
  seed();
  Buyer guest = buyer();
  guest.add("individual");
  guest.order();
  const std::string before = everything();
  for (const std::string& entity :
       {ticket_types, addons, conferences, accounts_of, std::string("program_registration/order"),
        std::string("program_registration/payment"), std::string("program_registration/credit"),
        std::string("program_programs/travelgrant"), std::string("operation/change")}) {
    SCOPED_TRACE(entity);
    const HttpResponse asked = mark(entity, "delete", {}, {{"across", "1"}, {"query", ""}});
    expect_sound(asked);
    if (asked.status == 200 && contains(asked, "name=\"confirmed\"")) expect_sound(confirm(asked, entity));
  }
  const std::string after = everything();
  for (const char* kept :
       {"orders", "payment", "credit", "order_line", "seat", "travel_grant", "conference"}) {
    const auto rows_in = [&](const std::string& text) {
      const std::size_t at = text.find(fmt::format("\n# {}\n", kept));
      const std::string part = text.substr(at, text.find("\n# ", at + 3) - at);
      return std::count(part.begin(), part.end(), '\n');
    };
    EXPECT_GT(rows_in(before), 2) << kept;
    EXPECT_EQ(rows_in(after), rows_in(before)) << kept;
  }
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE slug = 'individual'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE username = 'attendee_alice'"), 1);
}

TEST_P(HostileRights, AnAccountWithAFullCartTakesNoStockAlong) {
  const std::int64_t id = person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  ada.add("individual", "3");
  ASSERT_EQ(count("SELECT count(*) FROM cart_item"), 1);
  const std::string path = address(accounts_of, id, "delete");
  const PageForm form(root().get(path), path);
  const HttpResponse refused = root().post(path, form.fields());
  EXPECT_EQ(refused.status, 409);
  EXPECT_TRUE(contains(refused, "tickets in a cart at this moment"));
  confirm(mark(accounts_of, "delete", {std::to_string(id)}), accounts_of);
  EXPECT_EQ(count("SELECT count(*) FROM cart_item"), 1);
  EXPECT_EQ(stock_faults(), "");
  // The cart lapses, and nothing is held any more.
  clock().advance(Duration::hours(2));
  sweep();
  sign_in(root(), "root");
  EXPECT_EQ(confirm(mark(accounts_of, "delete", {std::to_string(id)}), accounts_of).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM user_account WHERE email = 'ada@example.org'"), 0);
  EXPECT_EQ(stock_faults(), "");
}

TEST_P(HostileRights, ACapacityBelowWhatIsSoldIsRefused) {
  Buyer ada = buyer();
  ada.add("individual", "3");
  PageForm form = open_change(root(), conferences, conference_id());
  form.set("total_capacity", "2");
  const HttpResponse refused = send_change(root(), conferences, conference_id(), form);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "3 are in carts"));
  for (const char* enough : {"3", "0"}) {
    form = open_change(root(), conferences, conference_id());
    form.set("total_capacity", enough);
    EXPECT_EQ(send_change(root(), conferences, conference_id(), form).status, 303) << enough;
  }
}

// A rule that only speaks after the row was written leaves nothing of it behind.
TEST_P(HostileRights, WhatIsRefusedLateInAnActionIsUndone) {
  const std::int64_t type = id_of("ticket_type", "free");
  write([&](db::Tx& tx) {
    for (const char* code : {"BROKEN", "GOOD"}) {
      tx.exec(
          "INSERT INTO voucher (conference_id, code, voucher_type, ticket_scope, addon_scope, created_at, "
          "updated_at) VALUES ($1, $2, 'comp', 'selected', 'none', 0, 0)",
          conference_id(), code);
    }
    tx.exec(
        "INSERT INTO voucher_ticket_type (voucher_id, ticket_type_id) SELECT id, $1 FROM voucher WHERE code "
        "= "
        "'GOOD'",
        type);
    return 0;
  });
  const std::vector<std::string> keys{std::to_string(count("SELECT id FROM voucher WHERE code = 'BROKEN'")),
                                      std::to_string(count("SELECT id FROM voucher WHERE code = 'GOOD'"))};
  const HttpResponse done = confirm(mark(vouchers, "is_active.off", keys), vouchers);
  EXPECT_TRUE(contains(root().get(done.header("Location")), "BROKEN:"));
  EXPECT_EQ(count("SELECT is_active FROM voucher WHERE code = 'BROKEN'"), 1);
  EXPECT_EQ(count("SELECT is_active FROM voucher WHERE code = 'GOOD'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM audit_entry WHERE entity = 'voucher'"), 1);
}

TEST_P(HostileRights, NoSecretComesOutAnywhere) {
  const std::string secret = "sk_live_51NEVERSHOWNANYWHERE";
  const std::string path = address(conferences, conference_id(), "change");
  // Beside another field's fault, over a conflict, over a fault of its own.
  PageForm form = open_change(root(), conferences, conference_id());
  form.set("stripe_secret_key", secret).set("start_date", "never");
  const HttpResponse refused = root().post(path, form.fields());
  EXPECT_EQ(refused.status, 422);
  EXPECT_FALSE(contains(refused, secret));
  form.set("start_date", "2027-05-20").set("stripe_secret_key", secret + std::string(300, 'x'));
  EXPECT_FALSE(contains(root().post(path, form.fields()), secret));
  form.set("_version", "0").set("stripe_secret_key", secret);
  EXPECT_FALSE(contains(root().post(path, form.fields()), secret));
  form = open_change(root(), conferences, conference_id());
  form.set("stripe_secret_key", secret);
  ASSERT_EQ(root().post(path, form.fields()).status, 303);
  const std::string hash = text("SELECT password_hash FROM user_account WHERE username = 'root'");
  const std::string sealed = text("SELECT stripe_secret_key FROM conference");
  ASSERT_FALSE(sealed.empty());
  std::vector<std::string> paths{"/admin/"};
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      paths.push_back(list_url(*model));
      for (const char* format : {"csv", "json"}) paths.push_back(export_url(*model) + "?format=" + format);
      for (const char* asked : {"NEVERSHOWN", "argon2", "sk_live"}) {
        paths.push_back(list_url(*model) + "?q=" + asked);
        paths.push_back(choices_url(*model) + "?q=" + asked);
      }
      const std::string key = first_key(*model);
      if (key.empty()) continue;
      for (const std::string& page :
           {change_url(*model, key), history_url(*model, key), delete_url(*model, key)})
        paths.push_back(page);
    }
  }
  for (const std::string& page : paths) {
    const HttpResponse answer = root().get(page);
    EXPECT_EQ(answer.status, 200) << page;
    for (const std::string& never : {std::string("NEVERSHOWNANY"), hash, sealed})
      EXPECT_FALSE(contains(answer, never)) << page;
    EXPECT_TRUE(answer.header("Cache-Control").find("public") == std::string::npos) << page;
  }
  EXPECT_EQ(count("SELECT count(*) FROM audit_value WHERE coalesce(text, '') || coalesce(value, '') LIKE "
                  "'%NEVERSHOWNANY%'"),
            0);
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE payload LIKE '%NEVERSHOWN%'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM one_use_token WHERE result LIKE '%NEVERSHOWN%'"), 0);
}

TEST_P(HostileRights, NoAddressOfAFormLeadsAway) {
  const std::string id = std::to_string(id_of("ticket_type", "free"));
  for (const char* target : {"https://evil.example/", "//evil.example/", "/\\evil.example/",
                             "?next=https://evil.example/", "?q=x%0d%0aX-Injected:%201", "\r\nX-Injected: 1",
                             "@evil.example", ".evil.example/", "javascript:alert(1)"}) {
    SCOPED_TRACE(target);
    for (const char* action : {"", "is_active.on", "nonsense"}) {
      const HttpResponse answer =
          mark(ticket_types, action, {}, {{"query", target}, {"next", target}, {"return", target}});
      expect_sound(answer);
      EXPECT_TRUE(answer.header("Location").starts_with(list_of(ticket_types))) << answer.header("Location");
      EXPECT_EQ(answer.header("Location").find("://"), std::string::npos);
    }
    PageForm form = open_add(root(), sections);
    form.set("conference_id", target).set("_another", "1").set("next", target).set("name", "x");
    expect_sound(send_add(root(), sections, form));
    PageForm same = open_change(root(), ticket_types, std::stoll(id));
    same.set("_continue", target).set("next", target).set("_another", target).set("conference_id", target);
    const HttpResponse saved = send_change(root(), ticket_types, std::stoll(id), same);
    expect_sound(saved);
    EXPECT_TRUE(saved.header("Location").starts_with(list_of(ticket_types))) << saved.header("Location");
  }
}

}  // namespace
}  // namespace plenary::admin::testing
