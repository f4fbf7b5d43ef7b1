#include "at_size.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>

#include "db/migrations.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/products.hpp"

namespace plenary::bench {

std::vector<std::int64_t> make_conferences(db::Tx& tx) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < conferences; ++i) {
    conference::Conference one;
    one.name = fmt::format("Conference {}", i + 1);
    one.slug = fmt::format("conference-{}", i + 1);
    one.start_date = one.end_date = *Date::of(2025 + i, 5, 14);
    one.timezone = "Europe/Berlin";
    ids.push_back(conference::create(tx, one).value());
    registration::set_conference_capacity(tx, ids.back(), 0);
    for (int k = 0; k < 5; ++k) {
      registration::TicketType type;
      type.conference_id = ids.back();
      type.name = fmt::format("Ticket {}", k + 1);
      type.slug = fmt::format("ticket-{}", k + 1);
      type.price = 10'000;
      registration::save(tx, type);
    }
  }
  return ids;
}

void make_orders(db::Tx& tx, std::int64_t first) {
  const std::string numbers = fmt::format(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT ", orders);
  const auto insert = [&](const std::string& into, const std::string& select) {
    tx.exec(db::intern_sql(fmt::format("INSERT INTO {} {}", into, select)));
  };
  // Three years of orders, every half hour or so.
  const std::string at = "1735689600000000 + CAST(i AS BIGINT) * 900000000";
  insert("user_account (email, email_normalized, name, created_at, updated_at)",
         numbers +
             "'person' || i || '@example.org', 'person' || i || '@example.org', 'Person ' || i, 0, 0 FROM n "
             "WHERE i % 5 = 0");
  insert(
      "orders (conference_id, status, reference, currency, subtotal, total, billing_name, billing_email, "
      "email_normalized, billing_street, billing_city, created_at, updated_at, paid_at)",
      numbers + fmt::format("{0} + i % {1}, CASE WHEN i % 10 = 0 THEN 'cancelled' WHEN i % 17 = 0 THEN "
                            "'pending' ELSE 'paid' END, 'ORD-' || (10000000 + i), 'USD', 10000, 10000, "
                            "'Person ' || i, 'person' || i || '@example.org', 'person' || i || "
                            "'@example.org', 'Some Street 17', 'Some City', {2}, {2}, {2} FROM n",
                            first, conferences, at));
  insert(
      "order_line (order_id, ticket_type_id, kind, description, quantity, unit_price, line_total, gross, "
      "net)",
      "SELECT id, 1 + id % 15, 'ticket', 'Ticket', 1, 10000, 10000, 10000, 10000 FROM orders");
  insert(
      "payment (order_id, conference_id, method, status, amount, currency, created_at, updated_at)",
      "SELECT id, conference_id, 'manual', 'succeeded', total, currency, created_at, created_at FROM orders "
      "WHERE status = 'paid'");
  insert(
      "seat (order_id, order_line_id, conference_id, ticket_type_id, position, access_code, name, email, "
      "created_at, updated_at)",
      "SELECT o.id, l.id, o.conference_id, l.ticket_type_id, 1, 'A' || (10000000 + o.id), o.billing_name, "
      "o.billing_email, o.created_at, o.created_at FROM orders o JOIN order_line l ON l.order_id = o.id");
  insert("order_event (order_id, created_at, to_status, source, actor)",
         "SELECT id, created_at, status, 'checkout', 'buyer' FROM orders");
  insert("cart (conference_id, session_hash, status, created_at, updated_at)",
         numbers +
             fmt::format("{0} + i % {1}, 's' || i, 'checked_out', {2}, {2} FROM n", first, conferences, at));
  insert("voucher (conference_id, code, created_at, updated_at)",
         numbers + fmt::format("{0} + i % {1}, 'CODE' || (10000000 + i), {2}, {2} FROM n WHERE i % 10 = 0",
                               first, conferences, at));
  insert(
      "audit_entry (chain, conference_id, source, action, entity, object_id, created_at)",
      numbers + fmt::format("{0} + i % {1}, {0} + i % {1}, 'admin', 'change', 'voucher', '' || i, {2} FROM n",
                            first, conferences, at));
  for (const char* text : {"0, 'admin'", "2, 'CODE' || id"})
    insert("audit_value (entry_id, position, text, label, old_text)",
           fmt::format("SELECT id, {}, '', '' FROM audit_entry", text));
  insert(
      "outbox (kind, conference_id, payload, run_at, created_at, done_at)",
      numbers + fmt::format("'mail', {0} + i % {1}, '{{}}', {2}, {2}, {2} FROM n", first, conferences, at));
  if (tx.engine() == db::Engine::postgresql) tx.exec("ANALYZE");
}

Browser::Browser(site::Application& application, std::string token)
    : application_(application),
      dispatcher_(application.services(), [](web::LogLevel, std::string_view) {}),
      token_(std::move(token)) {}

web::Response Browser::get(const std::string& target) {
  const std::string cookie = token_.empty() ? "" : "Cookie: plenary_session=" + token_ + "\r\n";
  web::OwnedRequest request(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, cookie),
                            &application_.services());
  const web::Match match = application_.router().match(request->method(), request->path());
  std::promise<web::Response> promise;
  start(dispatcher_.respond(*request, match),
        [&](std::exception_ptr error, std::optional<web::Response> response) {
          if (error) {
            promise.set_exception(error);
          } else {
            promise.set_value(std::move(*response));
          }
        });
  return promise.get_future().get();
}

double cpu_milliseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

namespace {

std::unique_ptr<db::Database> opened(const std::string& url, bool durable) {
  db::DatabaseOptions options;
  options.url = url;
  options.relaxed_durability = !durable;
  options.slow_write = Duration::hours(1);
  auto database = db::Database::open(options);
  db::migrate(*database);
  return database;
}

void run(const char* engine, const std::string& url, const std::string& other_url, bool durable,
         const Measure& act) {
  fmt::print("{}, {} orders\n", engine, orders);
  const auto database = opened(url, durable), empty = opened(other_url, durable);
  act(*database, *empty);
  std::fflush(stdout);
}

void on_sqlite(bool durable, const Measure& act) {
  std::string folder = (std::filesystem::temp_directory_path() / "plenary-bench.XXXXXX").string();
  if (!::mkdtemp(folder.data())) throw std::runtime_error("no temporary folder " + folder);
  run("SQLite", "sqlite://" + folder + "/bench.db", "sqlite://" + folder + "/empty.db", durable, act);
  std::filesystem::remove_all(folder);
}

void on_postgresql(const std::string& server, bool durable, const Measure& act) {
  const auto on_server = [&](const std::string& sql) {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(server.c_str()), PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                                PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
      throw std::runtime_error(PQerrorMessage(connection.get()));
  };
  const std::string name = fmt::format("bench_{}", ::getpid()), other = name + "_empty";
  const std::size_t slash = server.find('/', server.find("://") + 3), query = server.find('?');
  const auto url = [&](const std::string& database) {
    return server.substr(0, std::min(slash, query)) + "/" + database +
           (query == std::string::npos ? "" : server.substr(query));
  };
  on_server("CREATE DATABASE " + name);
  on_server("CREATE DATABASE " + other);
  run("PostgreSQL", url(name), url(other), durable, act);
  on_server("DROP DATABASE " + name + " WITH (FORCE)");
  on_server("DROP DATABASE " + other + " WITH (FORCE)");
}

}  // namespace

void on_both_engines(std::string_view which, bool durable, const Measure& act) {
  if (which != "postgresql") on_sqlite(durable, act);
  const char* server = std::getenv("PLENARY_BENCH_POSTGRES");
  if (!server) server = std::getenv("PLENARY_TEST_POSTGRES");
  if (server && which != "sqlite") on_postgresql(server, durable, act);
  if (!server) fmt::print("PostgreSQL: not measured, PLENARY_BENCH_POSTGRES is not set\n");
}

int& over_budget() {
  static int count = 0;
  return count;
}

void measure(Browser& browser, const std::string& what, const std::string& target, double budget) {
  double best = 1e9, best_cpu = 1e9;
  int status = 0;
  std::size_t size = 0;
  for (int i = 0; i < 5; ++i) {
    const double cpu = cpu_milliseconds();
    const auto begin = std::chrono::steady_clock::now();
    const web::Response response = browser.get(target);
    best = std::min(
        best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    best_cpu = std::min(best_cpu, cpu_milliseconds() - cpu);
    status = response.status;
    size = response.body().size();
  }
  over_budget() += best > budget;
  fmt::print("  {:<40} {:>7.1f} ms (CPU {:>5.1f})  budget {:>3.0f} ms  {}{}\n", what, best, best_cpu, budget,
             best > budget ? "OVER " : "",
             status == 200 ? fmt::format("{} KB", size / 1024) : fmt::format("status {}", status));
}

}  // namespace plenary::bench
