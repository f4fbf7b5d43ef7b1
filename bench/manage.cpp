// The organisers' lists of orders and attendees and the overview of the money with 100,000 orders in one
// conference: searches of every kind, filters, the oldest page, the page of an order and of an attendee, as
// their handlers answer, on both engines. Budget: 100 ms a list, 50 ms one of them (staff pages 70, 11).
// PostgreSQL is measured when PLENARY_BENCH_POSTGRES or PLENARY_TEST_POSTGRES names a server.
#include <fmt/format.h>

#include <string>

#include "at_size.hpp"
#include "base/codes.hpp"
#include "config/settings.hpp"
#include "db/entity_table.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/registration/payments.hpp"
#include "manage/routes.hpp"

using namespace plenary;
using bench::Browser;
using bench::measure;

namespace {

void measure_all(db::Database& database, db::Database&) {
  database.write_now(db::global_lane, "bench",
                     [](db::Tx& tx) { bench::make_orders(tx, bench::make_conferences(tx).front()); });
  database.write_now(db::global_lane, "bench", [](db::Tx& tx) {
    for (const char* table : {"orders", "payment", "seat"})
      tx.exec(db::intern_sql(fmt::format("UPDATE {} SET conference_id = 1 WHERE conference_id <> 1", table)));
    tx.exec("UPDATE payment SET card_last4 = CAST(1000 + id % 9000 AS TEXT)");
    tx.exec("UPDATE orders SET billing_company = 'Company ' || id WHERE id % 3 = 0");
    // Everybody answered, but for the first hundred.
    tx.exec(
        "INSERT INTO question (conference_id, slug, target, kind, label, is_required, sort_order, "
        "created_at, "
        "updated_at) VALUES (1, 'food', 'attendee', 'text', 'What do you eat?', 1, 0, 0, 0)");
    tx.exec(
        "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, text_version, "
        "answered_at) SELECT s.order_id, s.position, q.id, 'Fish', 'Fish', q.label, 1, 0 FROM seat s, "
        "question "
        "q WHERE s.id > 100");
    // What the sale of them would have posted.
    tx.exec(
        "INSERT INTO ledger_entry (conference_id, order_id, order_line_id, kind, debit, credit, amount, "
        "currency, created_at) SELECT o.conference_id, o.id, l.id, 'sale', 'receivable', 'tickets', 8403, "
        "'USD', "
        "o.created_at FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.status = 'paid'");
    tx.exec(
        "INSERT INTO ledger_entry (conference_id, order_id, order_line_id, kind, debit, credit, amount, "
        "currency, created_at) SELECT o.conference_id, o.id, l.id, 'sale', 'receivable', 'tax', 1597, 'USD', "
        "o.created_at FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.status = 'paid'");
    tx.exec(
        "INSERT INTO ledger_entry (conference_id, order_id, payment_id, kind, debit, credit, amount, "
        "currency, "
        "created_at) SELECT conference_id, order_id, id, 'payment', 'bank', 'receivable', amount, currency, "
        "created_at FROM payment");
    if (tx.engine() == db::Engine::postgresql) tx.exec("ANALYZE");
  });
  const web::NewSession session = web::new_session(Random::system());
  const std::int64_t order = database.write_now(db::global_lane, "bench", [&](db::Tx& tx) {
    tx.exec(
        "UPDATE user_account SET is_superuser = 1, is_staff = 1, password_hash = 'none' WHERE id = (SELECT "
        "min(id) FROM user_account)");
    accounts::create_session(tx, {.token_hash = session.hash,
                                  .user_id = tx.one<std::int64_t>("SELECT min(id) FROM user_account")});
    return tx.one<std::int64_t>("SELECT max(id) FROM orders");
  });
  config::Settings settings;
  registration::Catalogues catalogues(settings.program);
  const registration::Shop shop{settings.program, catalogues, Random::system(),
                                registration::HoldLimits{.enabled = false}};
  registration::SandboxGateway gateway;
  const SystemClock clock;
  const site::Parts parts{.db = database,
                          .shop = shop,
                          .settings = settings,
                          .gateway = gateway,
                          .clock = clock,
                          .random = Random::system(),
                          .more_pages = {manage::add_pages}};
  site::Application application(parts, Secret("a secret of the benchmark, long enough for a key"));
  Browser browser(application, session.token);
  const std::string list = "/manage/conference-1/orders/";
  measure(browser, "All, the newest", list, 100);
  measure(browser, "By address", list + "?q=person77777@example.org", 100);
  measure(browser, "By the last four digits", list + "?q=4242", 100);
  measure(browser, "By a ticket's code", list + "?q=A10077777", 100);
  measure(browser, "By two words", list + "?q=person+7777", 100);
  // The slowest: every name is looked at.
  measure(browser, "By a name that nobody has", list + "?q=nobody", 100);
  measure(browser, "Pending", list + "?status=pending", 100);
  measure(browser, "Refunded: none", list + "?status=refunded", 100);
  measure(browser, "Paid in cash: none", list + "?payment=cash", 100);
  measure(browser, "Paid by card: none", list + "?payment=stripe", 100);
  measure(browser, "The oldest", list + "?after=1735700000000000-99999999", 100);
  const std::string people = "/manage/conference-1/attendees/";
  measure(browser, "Attendees, the newest", people, 100);
  measure(browser, "Attendee by address", people + "?q=person77777@example.org", 100);
  measure(browser, "Attendee by code", people + "?q=A10077777", 100);
  measure(browser, "Attendees by two words", people + "?q=person+7777", 100);
  measure(browser, "Attendees by a name that nobody has", people + "?q=nobody", 100);
  measure(browser, "Attendees by company", people + "?q=company+77", 100);
  measure(browser, "Checked in: none", people + "?filter=checked_in", 100);
  measure(browser, "Void: none", people + "?filter=void", 100);
  measure(browser, "Of one ticket, confirmed: none", people + "?filter=confirmed&ticket=1", 100);
  measure(browser, "Answers are missing", people + "?filter=missing", 100);
  measure(browser, "The oldest attendees", people + "?after=40", 100);
  measure(browser, "An attendee", people + "77777/", 50);
  const std::string money = "/manage/conference-1/financial/";
  measure(browser, "Money, everything", money, 100);
  measure(browser, "Money, one month", money + "?from=2026-03-01&to=2026-03-31", 100);
  measure(browser, "An order", fmt::format("{}{}/", list, order), 50);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // What is measured only reads.
    bench::on_both_engines(argc > 1 ? argv[1] : "", false, measure_all);
    fmt::print("{} over their budget\n", bench::over_budget());
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_manage: {}\n", error.what());
    return 1;
  }
}
