// Exact values: money in the row's currency, instants in its zone, numbers, days, choices; what is typed
// wrongly, too long or as a script. On both engines. source: configuration 10, 5; ground rules 15, 3.
#include "admin/form_reader.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/types.hpp"

namespace plenary::admin::testing {
namespace {

class FormValues : public FormTest {
 protected:
  // A ticket type of a conference of its own.
  std::int64_t ticket_of(const std::string& currency, const std::string& zone, Instant from = {}) {
    return db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      conference::Conference other;
      other.name = "Other " + currency;
      other.slug = "other-" + currency;
      other.start_date = other.end_date = *Date::parse("2028-01-02");
      other.currency = currency;
      other.timezone = zone;
      registration::TicketType type;
      type.conference_id = conference::create(tx, other).value();
      type.name = type.slug = "one";
      type.price = 5'000;
      if (from.micros != 0) type.available_from = from;
      return registration::save(tx, type);
    });
  }
  std::int64_t price(std::int64_t id) {
    return db().read_now(
        [&](db::Tx& tx) { return tx.one<std::int64_t>("SELECT price FROM ticket_type WHERE id = $1", id); });
  }
  std::int64_t from(std::int64_t id) {
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT available_from FROM ticket_type WHERE id = $1", id);
    });
  }
};
ON_BOTH_ENGINES(FormValues);

struct Amount {
  const char* currency;
  const char* shown;  // of 5000 minor units
  const char* typed;
  std::int64_t minor;  // -1: refused
};

TEST_P(FormValues, MoneyIsReadExactlyInItsCurrency) {
  Buyer root = superuser_browser();
  const Amount amounts[] = {
      {"USD", "50.00", "12.34", 1234},
      {"USD", "50.00", "12", 1200},
      {"USD", "50.00", "0.1", 10},
      {"USD", "50.00", "12.345", -1},
      {"USD", "50.00", "12,34", 1234},
      {"USD", "50.00", "1,234.50", 123450},
      {"USD", "50.00", "1.234,50", 123450},
      {"USD", "50.00", "1,234", -1},
      {"USD", "50.00", "1,2,3", -1},
      {"USD", "50.00", "1 234", -1},
      {"USD", "50.00", "$5", -1},
      {"USD", "50.00", "1e3", -1},
      {"USD", "50.00", "1.2.3", -1},
      {"USD", "50.00", "-1", -1},
      {"USD", "50.00", "", -1},
      {"USD", "50.00", "1_000", -1},
      {"USD", "50.00", "99999999999999999999", -1},
      {"USD", "50.00", ".5", -1},
      {"USD", "50.00", "5.", -1},
      {"USD", "50.00", "nan", -1},
      {"JPY", "5000", "7000", 7000},
      {"JPY", "5000", "7000.5", -1},
      {"KWD", "5.000", "1.234", 1234},
      {"KWD", "5.000", "1.2345", -1},
      {"KWD", "5.000", "1.23", 1230},
  };
  std::map<std::string, std::int64_t> tickets;
  for (const Amount& amount : amounts) {
    SCOPED_TRACE(std::string(amount.currency) + " " + amount.typed);
    if (!tickets.contains(amount.currency)) tickets[amount.currency] = ticket_of(amount.currency, "UTC");
    const std::int64_t id = tickets[amount.currency];
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      return tx.exec("UPDATE ticket_type SET price = 5000 WHERE id = $1", id);
    });
    PageForm form = open_change(root, ticket_types, id);
    EXPECT_EQ(form.get("price"), amount.shown);
    form.set("price", amount.typed);
    const HttpResponse answer = send_change(root, ticket_types, id, form);
    EXPECT_EQ(answer.status, amount.minor < 0 ? 422 : 303) << answer.body;
    EXPECT_EQ(price(id), amount.minor < 0 ? 5000 : amount.minor);
  }
}

TEST_P(FormValues, ThePriceThatIsTooHighIsToldTheHighestInItsCurrency) {
  Buyer root = superuser_browser();
  const std::pair<const char*, const char*> highest[] = {{"USD", "$99,999,999.99"},
                                                         {"JPY", "¥9,999,999,999"}};
  for (const auto& [currency, told] : highest) {
    const std::int64_t id = ticket_of(currency, "UTC");
    PageForm form = open_change(root, ticket_types, id);
    form.set("price", "99999999999");
    const HttpResponse answer = send_change(root, ticket_types, id, form);
    EXPECT_EQ(answer.status, 422);
    EXPECT_TRUE(contains(answer, told)) << answer.body;
    EXPECT_FALSE(contains(answer, "between 0 and 9999999999."));
  }
}

TEST_P(FormValues, AnUntouchedInstantKeepsItsValueToTheMicrosecond) {
  Buyer root = superuser_browser();
  // Clocks go back on 7 November 2027: 01:30 comes twice. Forward on 14 March: 02:30 never comes.
  const Instant first = *Instant::parse("2027-11-07T05:30:00Z"),
                second = *Instant::parse("2027-11-07T06:30:12.345678Z");
  for (const Instant at : {first, second, *Instant::parse("2027-03-14T07:00:00.000001Z")}) {
    SCOPED_TRACE(at.to_string());
    const std::int64_t id = ticket_of("USD", "America/New_York", at);
    const HttpResponse page = root.get(address(ticket_types, id, "change"));
    EXPECT_TRUE(contains(page, "America/New_York"));
    PageForm form(page, address(ticket_types, id, "change"));
    form.set("name", "changed");
    EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
    EXPECT_EQ(from(id), at.micros);
    // A browser may write the seconds differently.
    form = open_change(root, ticket_types, id);
    if (form.get("available_from").size() == 16)
      form.set("available_from", form.get("available_from") + ":00.000");
    form.set("name", "changed again");
    EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
    EXPECT_EQ(from(id), at.micros);
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      return tx.exec("UPDATE conference SET slug = slug || '-' || id, name = slug WHERE currency = 'USD'");
    });
  }
}

TEST_P(FormValues, ATimeThatTheClockSkipsIsRefusedAndADoubledOneIsTheFirst) {
  Buyer root = superuser_browser();
  const std::int64_t id = ticket_of("USD", "America/New_York", *Instant::parse("2027-01-01T00:00:00Z"));
  PageForm form = open_change(root, ticket_types, id);
  EXPECT_EQ(form.get("available_from"), "2026-12-31T19:00");
  form.set("available_from", "2027-03-14T02:30");
  const HttpResponse page = send_change(root, ticket_types, id, form);
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "the clocks go forward"));
  form.set("available_from", "2027-11-07T01:30");
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
  EXPECT_EQ(from(id), Instant::parse("2027-11-07T05:30:00Z")->micros);
  form = open_change(root, ticket_types, id);
  form.set("available_from", "");
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM ticket_type WHERE slug = 'one' AND available_from IS NULL"), 1);
}

TEST_P(FormValues, TypesAreCheckedAndWhatWasTypedStays) {
  Buyer root = superuser_browser();
  const std::pair<const char*, const char*> wrong[] = {{"total_quantity", "many"},
                                                       {"total_quantity", "1.5"},
                                                       {"total_quantity", "99999999999999999999"},
                                                       {"total_quantity", "-1"},
                                                       {"sort_order", "0x10"},
                                                       {"available_from", "tomorrow"},
                                                       {"available_from", "2027-02-30T10:00"},
                                                       {"available_from", "2027-02-03T25:00"},
                                                       {"slug", "with blanks"},
                                                       {"name", "  "},
                                                       {"is_active", "perhaps"},
                                                       {"available_from", "2027-02-03"},
                                                       {"sort_order", "4294967296"}};
  const std::int64_t id = ticket_of("USD", "UTC");
  for (const auto& [name, typed] : wrong) {
    SCOPED_TRACE(std::string(name) + " " + typed);
    PageForm form = open_change(root, ticket_types, id);
    form.set(name, typed);
    const HttpResponse page = send_change(root, ticket_types, id, form);
    if (page.status == 303 && std::string(typed) == "4294967296") continue;  // where the column holds it
    EXPECT_EQ(page.status, 422);
    EXPECT_TRUE(contains(page, "aria-invalid=\"true\""));
    const std::string kept = PageForm(page, address(ticket_types, id, "change")).get(name);
    if (std::string(name) != "is_active") {
      EXPECT_EQ(kept, std::string(typed) == "  " ? "" : typed);
    }
  }
  EXPECT_EQ(count("SELECT version FROM ticket_type WHERE slug = 'one'"), 1);
}

TEST_P(FormValues, AScriptIsTextInEveryField) {
  Buyer root = superuser_browser();
  const std::string script = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'";
  for (const std::string& entity : {conferences, ticket_types, consents, sections, flags}) {
    SCOPED_TRACE(entity);
    PageForm form = open_add(root, entity);
    const Fields before = form.fields();
    for (const auto& [name, value] : before) {
      if (name.starts_with("_") || name.find("-_") != std::string::npos || name == "csrfmiddlewaretoken" ||
          name == "submission" || name.ends_with("-rows"))
        continue;
      form.set(name, script);
    }
    const HttpResponse page = send_add(root, entity, form);
    EXPECT_EQ(page.status, 422) << page.status;
    EXPECT_FALSE(contains(page, "<script>alert"));
    EXPECT_FALSE(contains(page, "<img src=x"));
  }
  // Where it is allowed, it is stored and shown as it is.
  const std::int64_t id = ticket_of("USD", "UTC");
  PageForm form = open_change(root, ticket_types, id);
  form.set("name", script).set("description", script);
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 303);
  const HttpResponse page = root.get(address(ticket_types, id, "change"));
  EXPECT_EQ(PageForm(page, address(ticket_types, id, "change")).get("description"), script);
  for (const char* which : {"change", "history", "delete"}) {
    const HttpResponse shown = root.get(address(ticket_types, id, which));
    EXPECT_EQ(shown.status, 200);
    EXPECT_FALSE(contains(shown, "<script>alert")) << which;
    EXPECT_FALSE(contains(shown, "<img src=x")) << which;
  }
}

TEST_P(FormValues, TooMuchIsRefusedWithoutHarm) {
  Buyer root = superuser_browser();
  const std::int64_t id = ticket_of("USD", "UTC");
  PageForm form = open_change(root, ticket_types, id);
  form.set("name", std::string(201, 'x'));
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 422);
  form = open_change(root, ticket_types, id);
  form.set("description", std::string(3 * 1024 * 1024, 'x'));
  EXPECT_EQ(send_change(root, ticket_types, id, form).status, 413);
  form = open_change(root, conferences, conference_id());
  form.set("section-rows", "99999999999");
  EXPECT_NE(send_change(root, conferences, conference_id(), form).status, 500);
  form = open_change(root, conferences, conference_id());
  form.set("section-rows", "-3").set("_version", "x").set("_was", "= = == name=");
  EXPECT_EQ(send_change(root, conferences, conference_id(), form).status, 409);
  EXPECT_EQ(root.get(address(ticket_types, id, "history") + "?before=-1x").status, 200);
}

}  // namespace
}  // namespace plenary::admin::testing
