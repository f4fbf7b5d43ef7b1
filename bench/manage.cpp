// The organisers' list of orders with 100,000 orders in one conference: searches of every kind, filters, the
// oldest page, and the page of an order, as its handlers answer, on both engines. Budget: 100 ms a list, 50
// ms the order (staff pages 70, 11.3). PostgreSQL is measured when PLENARY_BENCH_POSTGRES or
// PLENARY_TEST_POSTGRES names a server.
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
