// The data admin with 100,000 orders in the database: each list, a search, a filter, the last page and a
// change page, as its handlers answer, on both engines. Budget: 100 ms a list, 50 ms the change page
// (configuration 10, 5). PostgreSQL is measured when PLENARY_BENCH_POSTGRES or PLENARY_TEST_POSTGRES names a
// server.
#include <fmt/format.h>

#include <string>

#include "admin/model.hpp"
#include "admin/routes.hpp"
#include "at_size.hpp"
#include "base/codes.hpp"
#include "config/settings.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/registration/payments.hpp"

using namespace plenary;
using bench::Browser;
using bench::measure;

namespace {

void measure_all(db::Database& database, db::Database&) {
  database.write_now(db::global_lane, "bench",
                     [](db::Tx& tx) { bench::make_orders(tx, bench::make_conferences(tx).front()); });
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
                          .more_pages = {admin::add_pages}};
  site::Application application(parts, Secret("a secret of the benchmark, long enough for a key"));
  Browser browser(application, session.token);
  for (const admin::Area& area : admin::areas()) {
    for (const admin::Model* model : area.models) {
      const std::string list = fmt::format("/admin/{}/{}/", area.name, model->name);
      measure(browser, model->many(), list, 100);
      if (!model->search.empty()) measure(browser, model->many() + ", search", list + "?q=77", 100);
    }
  }
  const std::string list = "/admin/program_registration/order/";
  measure(browser, "Orders, search of two words", list + "?q=person+7777", 100);
  measure(browser, "Orders, search that finds nothing", list + "?q=nobody-at-all", 100);
  measure(browser, "Orders of a conference, paid", list + "?conference_id=1&status=paid", 100);
  measure(browser, "Orders of a conference, in May 2026", list + "?conference_id=1&y=2026&m=5", 100);
  measure(browser, "Orders, page 500 of 1000", list + "?p=500", 100);
  measure(browser, "Orders, last page", list + "?p=1000", 100);
  measure(browser, "Orders of a conference, last page", list + "?conference_id=1&p=334", 100);
  measure(browser, "Orders by total", list + "?o=-total", 100);
  measure(browser, "Orders by conference", list + "?o=conference_id", 100);
  measure(browser, "Accounts, choices by name", "/admin/accounts/user/choices/?q=777", 100);
  measure(browser, "The first page", "/admin/", 100);
  measure(browser, "Order, change page", fmt::format("{}{}/change/", list, order), 50);

  // The same for somebody with full access in one of the conferences.
  database.write_now(db::global_lane, "bench", [&](db::Tx& tx) {
    tx.exec("UPDATE user_account SET is_superuser = 0");
    const auto user = tx.one<std::int64_t>("SELECT min(id) FROM user_account");
    const auto first = tx.one<std::int64_t>("SELECT min(id) FROM conference");
    const std::int64_t group = accounts::ensure_group(tx, "Organizers");
    accounts::set_permissions_of_group(tx, group, {std::string(accounts::full_access)});
    accounts::give_role(tx, {user, group, first, std::nullopt, std::nullopt});
  });
  for (const admin::Area& area : admin::areas()) {
    for (const admin::Model* model : area.models) {
      if (model->conference_sql.empty()) continue;
      const std::string own = fmt::format("/admin/{}/{}/", area.name, model->name);
      measure(browser, model->many() + ", of one's own", own, 100);
    }
  }
  measure(browser, "Orders of one's own, search", list + "?q=77", 100);
  measure(browser, "Orders of one's own, last page", list + "?p=334", 100);
  measure(browser, "The first page, with a role", "/admin/", 100);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // What is measured only reads.
    bench::on_both_engines(argc > 1 ? argv[1] : "", false, measure_all);
    fmt::print("{} over their budget\n", bench::over_budget());
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_admin: {}\n", error.what());
    return 1;
  }
}
