// What somebody types, sends twice, makes up or leaves out, against the data admin: everything is text on the
// page or refused beside what was typed; nothing breaks, leaks or is lost. On both engines. source: ground
// rules 15, 2 and 5; configuration 10, 5.
#include "admin/hostile_admin.hpp"

namespace plenary::admin::testing {
namespace {

ON_BOTH_ENGINES(HostileAdmin);

// What no number, day, choice or reference is; and what a text may be.
const std::vector<std::string> values{
    "",
    "   ",
    "abc",
    "-1",
    "+",
    "-",
    ".",
    "+-5",
    "1e3",
    "0x10",
    "1,000.00",
    "NaN",
    "999999999999999",
    "-999999999999999",
    "2147483648",
    "9223372036854775808",
    "0.0000000000000000000000000001",
    std::string(400, '9'),
    "2027-02-30",
    "0000-00-00",
    "9999-12-31",
    "2027-03-28T02:30",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "Mars/Olympus",
    "(#)",
    "x (#9223372036854775807)",
    std::string(300, 'a'),
    "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9",
    "a\x1b[31m\x7f",
    "a\r\nX-Injected: 1",
    "javascript:alert(1)",
    "<script>alert(1)</script>",
};

// One field after the other in an otherwise good form.
TEST_P(HostileAdmin, NoFieldBreaksOnWhatItCannotHold) {
  seed();
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      if (!model->may_change || model->table->name() == "user_account") continue;
      const std::string key = first_key(*model);
      if (key.empty()) continue;
      const std::string path = change_url(*model, key);
      PageForm page(root().get(path), path);
      std::vector<std::string> names;
      for (const auto& [name, value] : page.fields()) {
        const bool is_own = name.find('_') == 0 || name.ends_with("-_was") || name == "csrfmiddlewaretoken";
        if (!is_own && name.find('-') == std::string::npos) names.push_back(name);
      }
      for (const std::string& name : names) {
        for (const std::string& value : values) {
          PageForm form = page;
          form.set(name, value);
          const HttpResponse answer = root().post(path, form.fields());
          SCOPED_TRACE(fmt::format("{} {}={}: {}", path, name, value, answer.status));
          expect_sound(answer);
          EXPECT_TRUE(answer.status == 303 || answer.status == 422 || answer.status == 400);
          // What was taken changes what the page shows.
          if (answer.status == 303) page = PageForm(root().get(path), path);
        }
      }
    }
  }
}

// All fields of a new row at once.
TEST_P(HostileAdmin, NoNewRowIsMadeOfNonsense) {
  const std::string before = everything();
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      if (!model->may_add) continue;
      const std::string path = add_url(*model);
      const PageForm page(root().get(path), path);
      for (const std::string& value : values) {
        PageForm form = page;
        for (const auto& [name, stood] : page.fields()) {
          if (name.find('_') != 0 && name != "csrfmiddlewaretoken" && !name.ends_with("_was"))
            form.set(name, value);
        }
        const HttpResponse answer = root().post(path, form.fields());
        SCOPED_TRACE(fmt::format("{} {}: {}", path, value, answer.status));
        expect_sound(answer);
        // A name is all that some entities need.
        if (model->table->name() != "user_group" && model->table->name() != "user_account") {
          EXPECT_TRUE(answer.status == 422 || answer.status == 409 || answer.status == 400);
        }
      }
    }
  }
  const auto without_people = [](std::string all) { return all.substr(0, all.find("\n# user_account")); };
  EXPECT_EQ(without_people(everything()), without_people(before));
}

TEST_P(HostileAdmin, KeysThatAreNoneLeadNowhere) {
  seed();
  const std::string before = everything();
  const std::array<std::string, 13> keys{"abc",
                                         "-1",
                                         "0",
                                         "1e3",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "99999999999999999999999999",
                                         "1%20OR%201=1",
                                         "%00",
                                         "%FF%FE",
                                         "%E2%80%AE1",
                                         "..%2f..%2f1",
                                         "'"};
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      for (const std::string& key : keys) {
        for (const char* page : {"change/", "delete/", "history/"}) {
          const std::string path = list_url(*model) + key + "/" + page;
          SCOPED_TRACE(path);
          const HttpResponse answer = root().get(path);
          EXPECT_TRUE(answer.status == 404 || answer.status == 400) << answer.status;
          if (std::string_view(page) == "history/") continue;
          const HttpResponse posted = root().post(path, {{"touches", "1"}, {"name", "x"}});
          expect_sound(posted);
          EXPECT_GE(posted.status, 400);
        }
      }
    }
  }
  for (const char* path : {"/admin/nothing/", "/admin/program_conference/nothing/",
                           "/admin/program_registration/conference/", "/admin/../admin/accounts/password/",
                           "/admin/operation/session/", "/admin/program_conference/conference//change/"}) {
    const int status = root().get(path).status;
    EXPECT_TRUE(status == 404 || status == 400) << path << " " << status;
  }
  EXPECT_EQ(everything(), before);
}

// The key of a ticket type is no key of a voucher, and the number alone opens no other conference's door.
TEST_P(HostileAdmin, WhatIsManagedOrSecretIsNeverAssigned) {
  seed();
  const Fields managed{{"id", "4711"},
                       {"version", "99"},
                       {"catalogue_version", "99"},
                       {"created_at", "2001-01-01T00:00"},
                       {"updated_at", "2001-01-01T00:00"},
                       {"password_hash", "$argon2id$forged"},
                       {"email_normalized", "forged@example.org"},
                       {"email_verified_at", "2001-01-01T00:00"},
                       {"last_sign_in_at", "2001-01-01T00:00"},
                       {"is_demo", "1"},
                       {"times_used", "4711"},
                       {"remaining_amount", "4711"},
                       {"status", "forged"},
                       {"text_version", "4711"},
                       {"external_id", "forged"},
                       {"created_by", "1"},
                       {"approved_amount", "4711"}};
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      const std::string key = first_key(*model);
      if (key.empty() || !model->may_change) continue;
      const std::string path = change_url(*model, key);
      const std::string before = everything();
      PageForm form(root().get(path), path);
      for (const auto& [name, value] : managed) {
        const db::Column* column = model->table->find_column(name);
        if (!form.has(name) || (column && model->is_read_only(*column))) form.set(name, value);
      }
      SCOPED_TRACE(path);
      EXPECT_EQ(root().post(path, form.fields()).status, 303);
      EXPECT_EQ(everything(), before);
    }
  }
  // A stored key is no plain column.
  PageForm form = open_change(root(), flags, conference_id());
  form.set("stripe_secret_key", "sk_forged").set("qbo_access_token", "forged");
  EXPECT_EQ(send_change(root(), flags, conference_id(), form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM conference WHERE stripe_secret_key IS NOT NULL"), 0);
  // Locked entities take nothing at all.
  for (const char* entity : {"program_registration/order", "program_registration/payment",
                             "program_registration/cart", "operation/change", "operation/outbox"}) {
    const Model* model = nullptr;
    for (const Area& area : areas())
      for (const Model* one : area.models)
        if (area.name + "/" + one->name == entity) model = one;
    ASSERT_NE(model, nullptr) << entity;
    const std::string before = everything(), key = first_key(*model);
    const std::string row = list_of(entity) + (key.empty() ? "1" : key);
    EXPECT_EQ(root().post(list_of(entity) + "add/", {{"status", "paid"}, {"total", "0"}}).status, 403);
    EXPECT_EQ(root().post(row + "/change/", {{"status", "paid"}, {"total", "0"}}).status, 403);
    const HttpResponse removed = root().post(row + "/delete/", {{"touches", ""}});
    EXPECT_GE(removed.status, 400) << entity;
    EXPECT_EQ(everything(), before) << entity;
  }
}

TEST_P(HostileAdmin, NothingOfAnotherConferenceIsTakenIn) {
  const std::int64_t other = other_conference();
  const auto of_other = [&](const char* sql) { return std::to_string(count(sql)); };
  const std::string their_type = of_other("SELECT id FROM ticket_type WHERE slug = 'foreign'");
  const std::string their_section = of_other("SELECT id FROM section WHERE slug = 'foreign'");
  const std::int64_t dinner = id_of("addon", "dinner");
  const std::string before = everything();

  // By number, by number behind a name, by name, among good ones.
  for (const std::string& typed : {their_type, "Foreign ticket (#" + their_type + ")",
                                   std::string("Foreign ticket"), their_type + "," + their_type}) {
    SCOPED_TRACE(typed);
    PageForm form = open_change(root(), addons, dinner);
    form.add("requires_ticket_types", typed);
    EXPECT_EQ(send_change(root(), addons, dinner, form).status, 422);
    PageForm voucher = open_add(root(), vouchers);
    voucher.set("conference_id", std::to_string(conference_id())).set("code", "FOREIGN").set("percent", "10");
    voucher.set("voucher_type", "percentage").set("ticket_scope", "selected").add("ticket_types", typed);
    EXPECT_EQ(send_add(root(), vouchers, voucher).status, 422);
  }
  // Which conference an existing row belongs to is no field of it.
  PageForm moved = open_change(root(), addons, dinner);
  moved.set("conference_id", std::to_string(other));
  EXPECT_EQ(send_change(root(), addons, dinner, moved).status, 303);
  // A row of another conference is no row of this page, whether it is changed or deleted there.
  PageForm inlined = open_change(root(), conferences, conference_id());
  inlined.set("section-rows", "1").set("section-0-_key", their_section).set("section-0-name", "Stolen");
  inlined.set("section-0-start_date", "2027-05-20").set("section-0-end_date", "2027-05-20");
  inlined.set("section-0-slug", "stolen");
  EXPECT_EQ(send_change(root(), conferences, conference_id(), inlined).status, 409);
  inlined.set("section-0-_delete", "1");
  EXPECT_NE(send_change(root(), conferences, conference_id(), inlined).status, 500);
  // Nor is that of another entity.
  for (const std::string& key : {std::to_string(dinner), std::string("abc"), std::string("-1")}) {
    inlined.clear("section-0-_delete").set("section-0-_key", key);
    const HttpResponse answer = send_change(root(), conferences, conference_id(), inlined);
    EXPECT_TRUE(answer.status == 409 || answer.status == 422) << answer.status;
  }
  EXPECT_EQ(everything(), before);
  // A sponsor of a level elsewhere, an expense of a category elsewhere.
  const std::string their_level = std::to_string(db().write_now(other, "test", [&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO sponsor_level (conference_id, name, slug, cost, created_at, updated_at) VALUES ($1, "
        "'Gold', 'gold', 0, 0, 0)",
        other);
    return tx.one<std::int64_t>("SELECT id FROM sponsor_level WHERE slug = 'gold'");
  }));
  PageForm sponsor = open_add(root(), sponsors_of);
  sponsor.set("conference_id", std::to_string(conference_id())).set("name", "Acme");
  sponsor.set("level_id", their_level);
  EXPECT_EQ(send_add(root(), sponsors_of, sponsor).status, 422);
  EXPECT_EQ(count("SELECT count(*) FROM sponsor"), 0);
  // Choices of one conference tell nothing of the other.
  const std::string choices =
      list_of(ticket_types) + "choices/?conference=" + std::to_string(conference_id());
  EXPECT_FALSE(contains(root().get(choices), "Foreign"));
  EXPECT_FALSE(contains(root().get(choices + "&q=foreign"), "Foreign"));
}

// Rows of a page belong to the conference of the row they hang on, whatever the form says.
TEST_P(HostileAdmin, AnInlineRowIsOfItsParentsConference) {
  seed();
  const std::int64_t other = other_conference();
  const std::string categories = "program_conference/expensecategory";
  const std::int64_t venue = id_of("expense_category", "venue");
  PageForm form = open_change(root(), categories, venue);
  form.set("expense-rows", "2").set("expense-1-_key", "").set("expense-1-description", "Chairs");
  form.set("expense-1-amount", "12.50").set("expense-1-date", "2027-05-20").set("expense-1-vendor", "");
  form.set("expense-1-receipt_reference", "").set("expense-1-conference_id", std::to_string(other));
  const HttpResponse answer = send_change(root(), categories, venue, form);
  EXPECT_EQ(answer.status, 303) << answer.body.substr(0, 6000);
  EXPECT_EQ(count("SELECT conference_id FROM expense WHERE description = 'Chairs'"), conference_id());
  // With a category that is only being added.
  PageForm fresh = open_add(root(), categories);
  fresh.set("conference_id", std::to_string(other)).set("name", "Print");
  fresh.set("expense-0-description", "Posters")
      .set("expense-0-amount", "3")
      .set("expense-0-date", "2028-01-01");
  EXPECT_EQ(send_add(root(), categories, fresh).status, 303);
  EXPECT_EQ(count("SELECT conference_id FROM expense WHERE description = 'Posters'"), other);
}

TEST_P(HostileAdmin, NoQueryBreaksAListOrLeavesIt) {
  seed();
  std::vector<std::string> queries{"?p=0",
                                   "?p=-1",
                                   "?p=99999999999999999999",
                                   "?p=1e3",
                                   "?p=abc&p=2",
                                   "?all=1&p=7",
                                   "?all=yes",
                                   "?o=password_hash",
                                   "?o=-password_hash",
                                   "?o=name;DROP",
                                   "?o=--name",
                                   "?o=1",
                                   "?o=-",
                                   "?y=9999&m=12&d=31",
                                   "?y=1&m=1&d=1",
                                   "?y=2027&m=2&d=30",
                                   "?y=0",
                                   "?m=13",
                                   "?d=1",
                                   "?y=2027&d=5",
                                   "?conference_id=abc",
                                   "?conference_id=-1",
                                   "?conference_id=9223372036854775808",
                                   "?conference_id=9223372036854775807",
                                   "?conference_id=none",
                                   "?is_active=maybe",
                                   "?is_active=yes&is_active=no",
                                   "?password_hash=x",
                                   "?status=%27",
                                   "?created_at=yesterday",
                                   "?created_at=today&created_at=year",
                                   "?pick=conference_id&pick_q=%25%27%22",
                                   "?pick=password_hash",
                                   "?pick=%00",
                                   "?q=%00",
                                   "?q=%FF%FE",
                                   "?q=%ED%A0%80",
                                   "?next=//evil.example",
                                   "?format=../../etc/passwd",
                                   "?%5B%5D=1&a%5Bb%5D%5Bc%5D=2",
                                   "?=&&&===;;;",
                                   "?before=-9223372036854775808",
                                   "?page=-1",
                                   "?page=99999999999&conference=-1"};
  for (const Hostile& hostile : live_texts) {
    for (const char* name : {"q", "o", "p", "y", "conference_id", "is_active", "pick_q", "nonsense"})
      queries.push_back(fmt::format("?{}={}", name, web::percent_encode(hostile.text)));
  }
  std::string deep = "?q=x", words = "?q=";
  for (int i = 0; i < 300; ++i) deep += fmt::format("&is_active[{}]=yes", i);
  for (int i = 0; i < 500; ++i) words += "w%20";
  queries.push_back(deep);
  queries.push_back(words);
  queries.push_back("?q=" + std::string(6000, 'q'));
  const std::string before = everything();
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      for (const std::string& query : queries) {
        SCOPED_TRACE(model->name + query.substr(0, 80));
        const HttpResponse page = root().get(list_url(*model) + query);
        expect_sound(page);
        EXPECT_TRUE(page.status == 200 || page.status == 400 || page.status == 414 || page.status == 431)
            << page.status;
        EXPECT_FALSE(contains(page, "argon2"));
      }
    }
  }
  for (const std::string& query : queries) {
    SCOPED_TRACE(query.substr(0, 80));
    for (const char* page : {"choices/", "export/"})
      expect_sound(root().get(list_of(ticket_types) + page + query));
    expect_sound(root().get(list_of(conferences) + query));
    expect_sound(root().get(address(conferences, conference_id(), "history") + query));
    expect_sound(root().get(add_address(sections) + query));
    expect_sound(root().get("/admin/" + query));
  }
  EXPECT_EQ(everything(), before);
}

TEST_P(HostileAdmin, DaysAtTheEndOfTheCalendarCanBeDrilledInto) {
  write([&](db::Tx& tx) {
    tx.exec("UPDATE conference SET start_date = '9999-12-31', end_date = '9999-12-31'");
    return 0;
  });
  for (const char* query : {"", "?y=9999", "?y=9999&m=12", "?y=9999&m=12&d=31"}) {
    const HttpResponse page = root().get(list_of(conferences) + query);
    EXPECT_EQ(page.status, 200) << query;
    EXPECT_TRUE(contains(page, "Fair")) << query;
  }
}

TEST_P(HostileAdmin, LiveTextIsTextOnEveryPageAndInEveryFile) {
  const std::string type = std::to_string(id_of("ticket_type", "free"));
  for (const Hostile& hostile : live_texts) {
    SCOPED_TRACE(hostile.what);
    PageForm form = open_change(root(), ticket_types, std::stoll(type));
    form.set("name", hostile.text).set("description", hostile.text);
    expect_sound(send_change(root(), ticket_types, std::stoll(type), form));
    EXPECT_EQ(open_change(root(), ticket_types, std::stoll(type)).get("name"), hostile.text);
    EXPECT_EQ(open_change(root(), ticket_types, std::stoll(type)).get("description"), hostile.text);
    const std::string row = list_of(ticket_types) + type;
    for (const std::string& path :
         {list_of(ticket_types), row + "/change/", row + "/history/", row + "/delete/",
          std::string("/admin/"), list_of(ticket_types) + "?q=" + web::percent_encode(hostile.text),
          list_of("operation/change"), list_of(addons) + "add/?name=" + web::percent_encode(hostile.text)}) {
      SCOPED_TRACE(path);
      const HttpResponse page = root().get(path);
      EXPECT_EQ(page.status, 200);
      expect_sound(page);
    }
    const HttpResponse asked = mark(ticket_types, "is_active.off", {type});
    EXPECT_EQ(asked.status, 200);
    expect_sound(asked);
    const HttpResponse found =
        root().get(list_of(ticket_types) + "choices/?q=" + web::percent_encode(hostile.text));
    EXPECT_EQ(found.status, 200);
    EXPECT_TRUE(found.header("Content-Type").starts_with("application/json"));
    const HttpResponse csv = root().get(list_of(ticket_types) + "export/?format=csv");
    EXPECT_EQ(csv.body.find(",=HYPERLINK"), std::string::npos);
    EXPECT_EQ(csv.body.find(",\"=HYPERLINK"), std::string::npos);
    EXPECT_TRUE(csv.header("Content-Disposition").starts_with("attachment; filename=\"tickettype-"));
    for (const char* format : {"json", "xlsx"})
      EXPECT_EQ(root().get(list_of(ticket_types) + "export/?format=" + format).status, 200);
  }
  // What the address says is no part of the file's name.
  const HttpResponse file = root().get(
      list_of(ticket_types) + "export/?format=csv&filename=x%22%0d%0aX-Injected:%201&q=%0d%0aX-Injected:1");
  expect_sound(file);
  EXPECT_EQ(file.header("Content-Disposition").find("Injected"), std::string::npos);
  EXPECT_EQ(root().get(list_of(ticket_types) + "export/?format=csv%0d%0aX-Injected:%201").status, 404);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type"), 4);
}

TEST_P(HostileAdmin, NamesOfEveryScriptAreKeptToTheByte) {
  const std::int64_t type = id_of("ticket_type", "free");
  for (const std::string& name :
       {std::string("👩‍👩‍👧‍👦 Family"), std::string("عادة ‏كاملة"),
        std::string("zero\u200bwidth\ufeff"), std::string("𝒜𝒹𝒶 𐍈"), std::string("e\u0301 é"),
        std::string("a  b"), std::string("愛"), std::string("\u202eevil\u202c"),
        std::string(50, 'W') + std::string("\u00a0x")}) {
    SCOPED_TRACE(name);
    PageForm form = open_change(root(), ticket_types, type);
    form.set("name", name);
    ASSERT_EQ(send_change(root(), ticket_types, type, form).status, 303);
    EXPECT_EQ(text("SELECT name FROM ticket_type WHERE slug = 'free'"), name);
    EXPECT_TRUE(contains(root().get(list_of(ticket_types)), name));
    EXPECT_TRUE(contains(root().get(list_of(ticket_types) + "export/?format=json"), name));
  }
}

TEST_P(HostileAdmin, WhatIsTooMuchIsRefusedWhole) {
  const std::string before = everything();
  const std::string path = address(conferences, conference_id(), "change");
  PageForm form = open_change(root(), conferences, conference_id());
  form.set("section-rows", "10000");
  PageForm many = form;
  for (int i = 0; i < 10'000; ++i) {
    many.add(fmt::format("section-{}-name", i), fmt::format("S{}", i));
    many.add(fmt::format("section-{}-slug", i), fmt::format("s{}", i));
  }
  const HttpResponse rows = root().post(path, many.fields());
  expect_sound(rows);
  EXPECT_TRUE(rows.status == 413 || rows.status == 400) << rows.status;
  // The number alone makes no rows.
  for (const char* number : {"99999999999999999999", "-1", "abc", "1e9", ""}) {
    PageForm alone = form;
    alone.set("section-rows", number);
    expect_sound(root().post(path, alone.fields()));
  }
  std::vector<std::string> keys;
  for (int i = 0; i < 5'000; ++i) keys.push_back(std::to_string(i));
  const HttpResponse marked = mark(ticket_types, "delete", keys);
  expect_sound(marked);
  EXPECT_TRUE(marked.status == 413 || marked.status == 400) << marked.status;
  for (const std::size_t size : {std::size_t{300'000}, std::size_t{3'000'000}}) {
    PageForm long_text = form;
    long_text.set("terms", std::string(size, 'x'));
    const HttpResponse answer = root().post(path, long_text.fields());
    expect_sound(answer);
    EXPECT_GE(answer.status, 400) << size;
  }
  EXPECT_EQ(root().post(path, {{std::string(5'000, 'n'), "x"}}).status / 100, 4);
  for (const char* type : {"application/json", "text/plain", "multipart/form-data", ""}) {
    const HttpResponse answer =
        root().client().request("POST", path, "{\"name\":\"x\"}", {{"Content-Type", type}});
    EXPECT_EQ(answer.status / 100, 4) << type << answer.status;
  }
  EXPECT_EQ(everything(), before);
}

TEST_P(HostileAdmin, DoubledFieldsAreOneFieldAndTheLastOneCounts) {
  const std::int64_t type = id_of("ticket_type", "free");
  PageForm form = open_change(root(), ticket_types, type);
  form.add("name", "Second").add("price", "1.00").add("_version", "99").add("_was", "name=forged");
  const HttpResponse answer = send_change(root(), ticket_types, type, form);
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(text("SELECT name FROM ticket_type WHERE slug = 'free'"), "Second");
  EXPECT_EQ(count("SELECT price FROM ticket_type WHERE slug = 'free'"), 100);
  const HttpResponse asked = mark(ticket_types, "is_active.off", {std::to_string(type)},
                                  {{"action", "delete"}, {"key", std::to_string(type)}});
  EXPECT_TRUE(contains(asked, "1 row"));
  confirm(asked, ticket_types);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE is_active = 0"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type"), 4);
}

}  // namespace
}  // namespace plenary::admin::testing
