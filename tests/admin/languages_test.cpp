// The administration in other languages: what comes from descriptions of entities is translated where it is
// shown. In the pseudo-locale every translated text is decorated; whatever still reads plainly is data or was
// forgotten. source: ground rules 15, 3.2; configuration 10, 5.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "admin/desk.hpp"
#include "admin/form_reader.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/types.hpp"
#include "support/site/page_text.hpp"

namespace plenary::admin::testing {
namespace {

using site::testing::plain_rest;
using site::testing::texts_of;

// What the fixture, the superuser and the program's own names bring in, and codes that are the same in every
// language; what the events of an order keep as the program wrote it (source, actor, reason).
const std::vector<std::string> data{"Ticket individual",
                                    "Ticket student",
                                    "Ticket free",
                                    "Ticket hidden",
                                    "Shirt",
                                    "Dinner",
                                    "Fair",
                                    "Europe/Berlin",
                                    "Ada Lovelace",
                                    "ada@example.org",
                                    "root@example.org",
                                    "root",
                                    "Plenary",
                                    "English",
                                    "Deutsch",
                                    "fair",
                                    "UTC",
                                    "CEST",
                                    "CET",
                                    "USD",
                                    "individual",
                                    "student",
                                    "hidden",
                                    "free",
                                    "Cheaper",
                                    "CSV",
                                    "nothing to pay",
                                    "checkout",
                                    "buyer",
                                    "JSON"};

class AdminLanguages : public FormTest {
 protected:
  HttpResponse german(Buyer& who, const std::string& path) {
    HttpResponse page = who.client().get(path, {{"Accept-Language", "de"}});
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.header("Content-Language"), "de") << path;
    return page;
  }

  static void expect_words(const HttpResponse& page, const std::vector<std::string>& shown,
                           const std::vector<std::string>& not_shown) {
    const std::vector<std::string> texts = texts_of(page.body);
    const auto has = [&](const std::string& word) {
      return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return text == word || text.starts_with(word + ":");
      });
    };
    for (const std::string& word : shown) EXPECT_TRUE(has(word)) << word;
    for (const std::string& word : not_shown) EXPECT_FALSE(has(word)) << word;
  }

  Buyer pseudo_browser() {
    Buyer browser = superuser_browser();
    const HttpResponse page = browser.get("/fair/");
    const HttpResponse chosen =
        browser.post("/language/", Buyer::form(page, "/language/", {{"language", "en-XA"}}));
    EXPECT_EQ(chosen.status, 303);
    return browser;
  }

  static bool is_access_code(const std::string& text) {
    constexpr std::size_t length = 8;
    return text.size() == length && std::all_of(text.begin(), text.end(), [](unsigned char c) {
             return std::isupper(c) != 0 || std::isdigit(c) != 0;
           });
  }

  static void read(const HttpResponse& page, std::string_view what) {
    EXPECT_EQ(page.header("Content-Language"), "en-XA") << what;
    std::size_t decorated = 0;
    for (const std::string& text : texts_of(page.body)) {
      decorated += text.find(" ~") != std::string::npos;
      // Languages and access codes are known by their codes.
      if (text == "en" || is_access_code(text)) continue;
      std::string rest = plain_rest(text, data);
      if (const std::size_t at = rest.find("ORD-"); at != std::string::npos)
        rest.erase(at, rest.find(' ', at) - at);
      EXPECT_EQ(plain_rest(rest, data), "") << what << " says without translation: " << text;
    }
    EXPECT_GE(decorated, 10u) << what;
  }
};
ON_BOTH_ENGINES(AdminLanguages);

TEST_P(AdminLanguages, AGermanFormAndListHaveNoEnglishLabels) {
  Buyer guest = buyer();
  guest.add("free");
  ASSERT_FALSE(guest.order().header("Location").empty());
  Buyer root = superuser_browser();
  const std::int64_t id = count("SELECT id FROM ticket_type WHERE slug = 'individual'");
  expect_words(german(root, address(ticket_types, id, "change")),
               {"Preis", "Gesamtmenge", "Höchstens je Person", "Verfügbarkeit", "Ticketarten"},
               {"Price", "Total quantity", "Limit per user", "Availability", "Ticket types", "Name of"});
  expect_words(german(root, "/admin/program_registration/order/"),
               {"Bestellnummer", "Konferenz", "Bestellungen", "Storniert", "Angelegt am"},
               {"Reference", "Conference", "Orders", "Cancelled", "Created at"});
}

TEST_P(AdminLanguages, GermanFaultsNameTheirFieldInGerman) {
  Buyer root = superuser_browser();
  const std::int64_t id = count("SELECT id FROM ticket_type WHERE slug = 'individual'");
  const std::string path = address(ticket_types, id, "change");
  german(root, path);
  PageForm form = open_change(root, ticket_types, id);
  form.set("price", "-1").set("name", "").set("slug", "student");
  std::string body;
  for (const auto& [name, value] : form.fields())
    body += (body.empty() ? "" : "&") + web::percent_encode(name) + "=" + web::percent_encode(value);
  const HttpResponse page = root.client().request(
      "POST", path, body, {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept-Language", "de"}});
  EXPECT_EQ(page.status, 422);
  for (const char* told : {"Preis muss zwischen ", "Name: Bitte füllen Sie dieses Feld aus.",
                           "Eine andere Ticketart hat bereits diesen Slug."})
    EXPECT_TRUE(contains(page, told)) << told;
}

TEST_P(AdminLanguages, ThePseudoLocaleIsSpokenByEveryKindOfPage) {
  Buyer guest = buyer();
  guest.add("free");
  ASSERT_FALSE(guest.order().header("Location").empty());
  Buyer root = pseudo_browser();
  const std::int64_t id = count("SELECT id FROM ticket_type WHERE slug = 'individual'");
  PageForm form = open_change(root, ticket_types, id);
  form.set("name", "Cheaper").set("is_active", "0");
  ASSERT_EQ(send_change(root, ticket_types, id, form).status, 303);
  form = open_change(root, conferences, conference_id());
  form.set("section-0-name", "Cheaper").set("section-0-start_date", "2027-05-20");
  form.set("section-0-end_date", "2027-05-21").set("section-0-slug", "free");
  ASSERT_EQ(send_change(root, conferences, conference_id(), form).status, 303);
  read(root.get("/admin/"), "index");
  read(root.get("/admin/program_registration/"), "subject");
  const std::pair<std::string, const char*> pages[] = {
      {ticket_types, "SELECT max(id) FROM ticket_type"},
      {"program_registration/order", "SELECT max(id) FROM orders"},
      {sections, "SELECT max(id) FROM section"},
      {flags, "SELECT max(conference_id) FROM feature_flags"},
      {"program_registration/condition", nullptr}};
  for (const auto& [entity, newest] : pages) {
    read(root.get("/admin/" + entity + "/"), entity + ", list");
    if (entity != "program_registration/order" && entity != flags)
      read(root.get(add_address(entity)), entity + ", add");
    if (!newest) continue;
    const std::int64_t key = count(newest);
    for (const char* page : {"change", "delete", "history"})
      read(root.get(address(entity, key, page)), entity + ", " + page);
  }
  // What is done to marked rows: the question, and what is told afterwards.
  const std::string list = "/admin/" + ticket_types + "/";
  for (const char* action : {"is_active.off", "delete"}) {
    Fields fields;
    for (auto& field : Buyer::form(root.get(list), list + "action/"))
      if (field.first == "csrfmiddlewaretoken" || field.first == "query") fields.push_back(field);
    fields.emplace_back("action", action);
    for (const char* slug : {"free", "hidden"})
      fields.emplace_back("key", std::to_string(db().read_now([&](db::Tx& tx) {
                            return registration::find_ticket_type(tx, conference_id(), slug).value().id;
                          })));
    const HttpResponse asked = root.post(list + "action/", fields);
    ASSERT_EQ(asked.status, 200) << action;
    read(asked, std::string(action) + ", asked");
    const HttpResponse done = root.post(list + "action/", Buyer::form(asked, list + "action/", {}, "1"));
    ASSERT_EQ(done.status, 303) << action;
    read(root.get(done.header("Location")), std::string(action) + ", done");
  }
  read(root.get(address(ticket_types, id, "history")), "history of a change");
  read(root.get(address(conferences, conference_id(), "history")), "history of a conference");
  form = open_change(root, ticket_types, id);
  form.set("price", "many").set("name", "");
  read(send_change(root, ticket_types, id, form), "form with faults");
}

TEST_P(AdminLanguages, ThePseudoLocaleIsSpokenByEveryModel) {
  Buyer guest = buyer();
  guest.add("free");
  ASSERT_FALSE(guest.order().header("Location").empty());
  Buyer root = pseudo_browser();
  for (const Area& area : areas()) {
    for (const Model* model : area.models) {
      read(root.get(list_url(*model)), model->name + ", list");
      if (model->may_add) read(root.get(add_url(*model)), model->name + ", add");
    }
  }
}

}  // namespace
}  // namespace plenary::admin::testing
