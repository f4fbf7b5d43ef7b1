// A database of the size of a large organiser, for benchmarks: three conferences of five tickets each, and
// 100,000 orders over three years with whatever belongs to them; the pages of a site over it, asked without a
// network; and both engines, PostgreSQL when PLENARY_BENCH_POSTGRES or PLENARY_TEST_POSTGRES names a server.
// One thread; errors are exceptions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "site/application.hpp"
#include "web/dispatch.hpp"

namespace plenary::bench {

inline constexpr int orders = 100'000, conferences = 3;

// The conferences, the first one's id lowest; the last one is still to come.
std::vector<std::int64_t> make_conferences(db::Tx& tx);
void make_orders(db::Tx& tx, std::int64_t first_conference);

// One browser, with a session's token or as a stranger.
class Browser {
 public:
  Browser(site::Application& application, std::string token);
  web::Response get(const std::string& target);

 private:
  site::Application& application_;
  web::Dispatcher dispatcher_;
  std::string token_;
};

double cpu_milliseconds();  // of this process

// Prints the best of five answers of a page beside its budget in milliseconds: what else runs on the machine
// counts as little as may be. Besides, the CPU time of this process, which on SQLite is all of the work.
void measure(Browser& browser, const std::string& what, const std::string& target, double budget);
int& over_budget();  // how many were

// Runs `act` over two empty, migrated databases of each engine: one to fill and one to compare it with.
// `which`: "sqlite", "postgresql" or both. `durable`: commits reach the disk.
using Measure = std::function<void(db::Database& database, db::Database& empty)>;
void on_both_engines(std::string_view which, bool durable, const Measure& act);

}  // namespace plenary::bench
