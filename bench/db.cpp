// What the database path costs: durable writes and snapshot reads a second, CPU and round trips for each, on
// both engines, beside the budgets of docs/transactions.md, section 8.
//
//   bench_db [seconds for each line]
//
// SQLite's file lies in TMPDIR. PostgreSQL is measured when PLENARY_BENCH_POSTGRES names a durable server:
//   export PLENARY_BENCH_POSTGRES="$(tests/support/postgres.sh start build/postgres-durable --durable)"
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "db/database.hpp"

namespace plenary::db {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kIoThreads = 2;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// An I/O thread as the server has them: runs coroutines that suspend for their commit.
class IoThread final : public Executor {
 public:
  IoThread() : thread_([this] { work(); }) {}
  ~IoThread() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      ready_.notify_one();
    }
    thread_.join();
  }
  void post(std::coroutine_handle<> handle) override { post_many({&handle, 1}); }
  void post_many(std::span<const std::coroutine_handle<>> handles) override {
    std::lock_guard lock(mutex_);
    if (handles_.empty()) ready_.notify_one();
    handles_.insert(handles_.end(), handles.begin(), handles.end());
  }

 private:
  void work() {
    const Scope scope(this);
    std::vector<std::coroutine_handle<>> now;
    std::unique_lock lock(mutex_);
    for (;;) {
      ready_.wait(lock, [&] { return stopping_ || !handles_.empty(); });
      if (handles_.empty()) return;
      now.swap(handles_);
      lock.unlock();
      for (std::coroutine_handle<> handle : now) handle.resume();
      now.clear();
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<std::coroutine_handle<>> handles_;
  bool stopping_ = false;
  std::thread thread_;
};

// Moves a coroutine to an I/O thread.
struct Hop {
  IoThread& to;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) { to.post(handle); }
  void await_resume() const noexcept {}
};

struct Run {
  Database& db;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> done{0}, ids{1};
  std::atomic<int> running{0};
};

void prepare(Database& db) {
  db.write_now(global_lane, "tables", [](Tx& tx) {
    tx.exec(
        "CREATE TABLE conference (id BIGINT PRIMARY KEY, slug TEXT NOT NULL, settings TEXT NOT NULL, "
        "catalogue_version BIGINT NOT NULL, last_commit_at BIGINT NOT NULL DEFAULT 0)");
    tx.exec(
        "CREATE TABLE stock (id BIGINT PRIMARY KEY, conference BIGINT NOT NULL REFERENCES conference (id), "
        "capacity BIGINT NOT NULL, sold BIGINT NOT NULL, held BIGINT NOT NULL)");
    tx.exec(
        "CREATE TABLE hold (id BIGINT PRIMARY KEY, conference BIGINT NOT NULL, stock BIGINT NOT NULL "
        "REFERENCES stock (id), quantity BIGINT NOT NULL, expires_at BIGINT NOT NULL)");
    tx.exec("CREATE INDEX hold_expiry ON hold (conference, expires_at)");
    tx.exec(
        "CREATE TABLE orders (id BIGINT PRIMARY KEY, conference BIGINT NOT NULL REFERENCES conference (id), "
        "reference TEXT NOT NULL, email TEXT NOT NULL, total BIGINT NOT NULL, created_at BIGINT NOT NULL)");
    tx.exec("CREATE UNIQUE INDEX order_reference ON orders (reference)");
    tx.exec(
        "CREATE TABLE line (id BIGINT PRIMARY KEY, orders BIGINT NOT NULL REFERENCES orders (id), name TEXT "
        "NOT NULL, price BIGINT NOT NULL)");
    tx.exec("CREATE INDEX line_order ON line (orders)");
    tx.exec(
        "CREATE TABLE payment (id BIGINT PRIMARY KEY, orders BIGINT NOT NULL REFERENCES orders (id), amount "
        "BIGINT NOT NULL, status TEXT NOT NULL)");
    tx.exec("CREATE TABLE token (token TEXT PRIMARY KEY, used_at BIGINT NOT NULL)");
    tx.exec(
        "CREATE TABLE outbox (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, subject BIGINT NOT NULL, due_at "
        "BIGINT NOT NULL)");
    tx.exec(
        "INSERT INTO conference (id, slug, settings, catalogue_version) VALUES (1, 'plenary-demo', $1, 7)",
        std::string(400, 's'));
    tx.exec("INSERT INTO stock (id, conference, capacity, sold, held) VALUES (1, 1, 1000000000, 0, 0)");
  });
}

void one_statement(Tx& tx, std::int64_t id) {
  tx.exec("INSERT INTO outbox (id, kind, subject, due_at) VALUES ($1, 'mail', $2, $3)", id, id, tx.now());
}

// A write of eight statements, as a journey has up to three: what is sent later costs no trip on PostgreSQL.
void journey(Tx& tx, std::int64_t id) {
  const std::string text = fmt::format("ABCD{:08}", id);
  tx.exec_later("DELETE FROM hold WHERE conference = $1 AND expires_at < $2", 1, tx.now());
  tx.exec_later("INSERT INTO token (token, used_at) VALUES ($1, $2)", text, tx.now());
  if (tx.exec("UPDATE stock SET held = held + $2 WHERE id = $1 AND sold + held + $2 <= capacity", 1, 1) == 0)
    return;
  tx.exec_later("INSERT INTO hold (id, conference, stock, quantity, expires_at) VALUES ($1, 1, 1, 1, $2)", id,
                tx.now() + Duration::hours(1));
  tx.exec_later(
      "INSERT INTO orders (id, conference, reference, email, total, created_at) VALUES ($1, 1, $2, $3, "
      "15000000, $4)",
      id, text, "somebody@example.org", tx.now());
  tx.exec_later("INSERT INTO line (id, orders, name, price) VALUES ($1, $1, 'Individual', 15000000)", id);
  tx.exec_later("INSERT INTO payment (id, orders, amount, status) VALUES ($1, $1, 15000000, 'started')", id);
  tx.exec_later("INSERT INTO outbox (id, kind, subject, due_at) VALUES ($1, 'mail', $2, $3)", id, id,
                tx.now());
}

plenary::detail::Detached caller(Run& run, IoThread& io, void (*write)(Tx&, std::int64_t)) {
  co_await Hop{io};
  while (!run.stop.load(std::memory_order_relaxed)) {
    const auto id = static_cast<std::int64_t>(run.ids.fetch_add(1, std::memory_order_relaxed));
    auto fn = [id, write](Tx& tx) { write(tx, id); };
    co_await run.db.write(1, "bench", fn);
    run.done.fetch_add(1, std::memory_order_relaxed);
  }
  run.running.fetch_sub(1);
  run.running.notify_one();
}

std::int64_t read_row(Tx& tx) {
  const auto row = tx.one<std::int64_t, std::string, std::string, std::int64_t, std::int64_t>(
      "SELECT id, slug, settings, catalogue_version, last_commit_at FROM conference WHERE slug = $1",
      "plenary-demo");
  return std::get<3>(row);
}

plenary::detail::Detached reader(Run& run, IoThread& io) {
  co_await Hop{io};
  while (!run.stop.load(std::memory_order_relaxed)) {
    auto fn = [](Tx& tx) { return read_row(tx); };
    co_await run.db.read(fn);
    run.done.fetch_add(1, std::memory_order_relaxed);
  }
  run.running.fetch_sub(1);
  run.running.notify_one();
}

// As in a journey: several snapshot reads of rows that change all the time, then a write.
plenary::detail::Detached buyer(Run& run, IoThread& io) {
  co_await Hop{io};
  while (!run.stop.load(std::memory_order_relaxed)) {
    for (int i = 0; i < 8; ++i) {
      auto read = [](Tx& tx) { return read_row(tx); };
      co_await run.db.read(read);
    }
    const auto id = static_cast<std::int64_t>(run.ids.fetch_add(1, std::memory_order_relaxed));
    auto write = [id](Tx& tx) { journey(tx, id); };
    co_await run.db.write(1, "bench", write);
    run.done.fetch_add(1, std::memory_order_relaxed);
  }
  run.running.fetch_sub(1);
  run.running.notify_one();
}

const char* name_of(Engine engine) {
  return engine == Engine::sqlite ? "SQLite" : "PostgreSQL";
}

std::uint64_t next_id = 1;

template <class Start>
void measure(Database& db, const char* what, int callers, double seconds, const char* budget, Start start) {
  Run run{db};
  run.ids = next_id;
  {
    std::deque<IoThread> io;
    for (int i = 0; i < kIoThreads; ++i) io.emplace_back();
    const auto before = db.stats();
    const double cpu_before = cpu_seconds();
    const auto began = SteadyClock::now();
    run.running = callers;
    for (int i = 0; i < callers; ++i) start(run, io[static_cast<std::size_t>(i % kIoThreads)]);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    run.stop = true;
    for (int left = run.running; left > 0; left = run.running) run.running.wait(left);
    const double took = std::chrono::duration<double>(SteadyClock::now() - began).count();
    const double cpu = cpu_seconds() - cpu_before;
    const auto after = db.stats();
    const auto done = static_cast<double>(run.done.load());
    const auto batches = static_cast<double>(after.batches - before.batches);
    std::string line = fmt::format("{:<10} {:<24} {:>4} callers {:>9.0f}/s {:>7.1f} µs CPU each",
                                   name_of(db.engine()), what, callers, done / took, cpu / done * 1e6);
    if (batches > 0) line += fmt::format(" {:>6.1f} a batch", done / batches);
    if (db.engine() == Engine::postgresql) {
      line += fmt::format(" {:>5.2f} round trips each",
                          static_cast<double>(after.round_trips - before.round_trips) / done);
    }
    fmt::print("{}{}\n", line, *budget ? fmt::format("   (budget {})", budget) : "");
    std::fflush(stdout);
  }
  next_id = run.ids;
}

void measure_all(Database& db, double seconds) {
  prepare(db);
  const bool sqlite = db.engine() == Engine::sqlite;
  for (const int callers : {1, 64, 256}) {
    measure(db, "write, 1 statement", callers, seconds, "",
            [](Run& run, IoThread& io) { caller(run, io, one_statement); });
  }
  for (const int callers : {1, 64, 256}) {
    measure(db, "write, 8 statements", callers, seconds,
            callers == 1 ? ""
            : sqlite     ? "75 µs"
                         : "3 round trips",
            [](Run& run, IoThread& io) { caller(run, io, journey); });
  }
  measure(db, "read, 1 query", kIoThreads, seconds, sqlite ? "12 µs" : "1 round trip",
          [](Run& run, IoThread& io) { reader(run, io); });
  measure(db, "read, 1 query", 64, seconds, sqlite ? "12 µs" : "1 round trip",
          [](Run& run, IoThread& io) { reader(run, io); });
  measure(db, "8 reads beside a write", 256, seconds, "", [](Run& run, IoThread& io) { buyer(run, io); });
}

void with_sqlite(double seconds) {
  std::string folder = (std::filesystem::temp_directory_path() / "plenary-bench.XXXXXX").string();
  if (!::mkdtemp(folder.data())) throw std::runtime_error("no temporary folder " + folder);
  {
    DatabaseOptions options;
    options.url = "sqlite://" + folder + "/bench.db";
    measure_all(*Database::open(options), seconds);
  }
  std::filesystem::remove_all(folder);
}

void with_postgresql(const std::string& server, double seconds) {
  const auto on_server = [&](const std::string& sql) {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(server.c_str()), PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                                PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
      throw std::runtime_error(PQerrorMessage(connection.get()));
  };
  const std::string name = fmt::format("bench_{}", ::getpid());
  on_server("CREATE DATABASE " + name);
  {
    DatabaseOptions options;
    const std::size_t slash = server.find('/', server.find("://") + 3), query = server.find('?');
    options.url = server.substr(0, std::min(slash, query)) + "/" + name +
                  (query == std::string::npos ? "" : server.substr(query));
    measure_all(*Database::open(options), seconds);
  }
  on_server("DROP DATABASE " + name + " WITH (FORCE)");
}

}  // namespace
}  // namespace plenary::db

int main(int argc, char** argv) {
  try {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
    const char* which = argc > 2 ? argv[2] : "";
    if (std::string_view(which) != "postgresql") plenary::db::with_sqlite(seconds);
    if (const char* server = std::getenv("PLENARY_BENCH_POSTGRES")) {
      if (std::string_view(which) != "sqlite") plenary::db::with_postgresql(server, seconds);
    } else {
      fmt::print("PostgreSQL: not measured, PLENARY_BENCH_POSTGRES is not set\n");
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_db: {}\n", error.what());
    return 1;
  }
}
