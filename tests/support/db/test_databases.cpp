#include "support/db/test_databases.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "db/migrations.hpp"
#include "support/db/reused_database.hpp"

namespace plenary::test {

namespace {

namespace fs = std::filesystem;

// One connection to the server's maintenance database.
class Server {
 public:
  Server() : connection_(PQconnectdb(postgres_server().c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      throw std::runtime_error(std::string("PLENARY_TEST_POSTGRES: ") + PQerrorMessage(connection_.get()));
    }
  }
  void run(const std::string& sql) {
    std::lock_guard lock(mutex_);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection_.get(), sql.c_str()),
                                                                PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
    }
  }
  bool has(const std::string& name) {
    std::lock_guard lock(mutex_);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexec(connection_.get(), ("SELECT 1 FROM pg_database WHERE datname = '" + name + "'").c_str()),
        PQclear);
    return PQntuples(result.get()) == 1;
  }
  // Databases of processes that have not ended well: the children of death tests.
  std::vector<std::string> leftovers() {
    std::lock_guard lock(mutex_);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexec(connection_.get(),
               "SELECT datname, split_part(datname, '_', 2) FROM pg_database WHERE datname ~ "
               "'^test_[0-9]+_[0-9]+_[0-9]+$'"),
        PQclear);
    std::vector<std::string> names;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      const auto process = static_cast<pid_t>(std::atol(PQgetvalue(result.get(), row, 1)));
      if (::kill(process, 0) != 0 && errno == ESRCH) names.emplace_back(PQgetvalue(result.get(), row, 0));
    }
    return names;
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

// The server's URL with another database name.
std::string url_of_database(const std::string& name) {
  const std::string server = postgres_server();
  const std::size_t authority = server.find("://");
  const std::size_t slash = server.find('/', authority + 3);
  const std::size_t query = server.find('?', authority);
  std::string url = server.substr(0, std::min(slash, query));
  url += "/" + name;
  if (query != std::string::npos) url += server.substr(query);
  return url;
}

std::string fresh_name() {
  static std::atomic<int> counter{0};
  static const std::string process =
      std::to_string(::getpid()) + "_" + std::to_string(Instant::system_now().micros % 1'000'000'000);
  return "test_" + process + "_" + std::to_string(++counter);
}

fs::path fresh_folder() {
  std::string pattern = (fs::temp_directory_path() / "plenary-test.XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder " + pattern);
  return pattern;
}

db::DatabaseOptions plain_options(const std::string& url) {
  db::DatabaseOptions options;
  options.url = url;
  options.relaxed_durability = true;
  options.max_connections = 6;
  return options;
}

// The database with this binary's schema and nothing else, to be copied: made by the first process that asks
// and kept by the server, as migrating takes seconds there.
std::string migrated_original(Server& server) {
  std::string steps;
  for (const db::Migration& step : db::migrations()) steps += step.postgresql;
  const std::string name = "migrated_" + std::to_string(std::hash<std::string>{}(steps)),
                    unready = name + "_unready";
  server.run("SELECT pg_advisory_lock(27)");
  if (!server.has(name)) {
    server.run("DROP DATABASE IF EXISTS " + unready);
    server.run("CREATE DATABASE " + unready);
    migrated(*db::Database::open(plain_options(url_of_database(unready))));
    server.run("ALTER DATABASE " + unready + " RENAME TO " + name);
  }
  server.run("SELECT pg_advisory_unlock(27)");
  return name;
}

// Prepared databases of this process. On SQLite their file is copied for each test. On PostgreSQL a copy
// takes longer than most tests, so that few are made: what a test used is renewed while the next one runs,
// and another copy is made, likewise beside a test, only where that cannot be. All is removed at the end of
// the process.
class Templates {
 public:
  static Templates& instance() {
    static Templates templates;
    return templates;
  }
  ~Templates() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      work_changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  fs::path file(Prepare prepare) {
    std::lock_guard lock(mutex_);
    fs::path& path = files_[prepare];
    if (path.empty()) {
      if (folder_.empty()) folder_ = fresh_folder();
      const fs::path made = folder_ / (std::to_string(files_.size()) + ".db");
      prepare(*db::Database::open(plain_options("sqlite://" + made.string())));
      path = made;
    }
    return path;
  }

  // A database as it was prepared, the caller's until it is given back.
  std::unique_ptr<ReusedDatabase> take(Prepare prepare) {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable()) {
      Server();  // says what is wrong when there is none
      thread_ = std::thread([this] { work(); });
    }
    Kind& kind = kinds_[prepare];
    ++kind.waiting;
    work_changed_.notify_all();
    work_changed_.wait(lock, [&] { return !kind.ready.empty() || !kind.error.empty(); });
    --kind.waiting;
    if (kind.ready.empty()) throw std::runtime_error(kind.error);
    std::unique_ptr<ReusedDatabase> database = std::move(kind.ready.back());
    kind.ready.pop_back();
    work_changed_.notify_all();
    return database;
  }
  void give_back(Prepare prepare, std::unique_ptr<ReusedDatabase> database) {
    std::lock_guard lock(mutex_);
    used_.emplace_back(prepare, std::move(database));
    work_changed_.notify_all();
  }

 private:
  struct Kind {
    int waiting = 0, alive = 0;
    std::vector<std::unique_ptr<ReusedDatabase>> ready;
    std::string original, error;
    std::optional<ReusedDatabase::Contents> contents;
    // One for the test that runs, one for the next.
    bool needs_more() const { return error.empty() && ready.empty() && (waiting > 0 || alive < 2); }
  };

  void work() {
    Server server;
    std::unique_lock lock(mutex_);
    for (;;) {
      const auto next = std::find_if(kinds_.begin(), kinds_.end(),
                                     [](const auto& entry) { return entry.second.needs_more(); });
      if (!used_.empty()) {
        auto [prepare, database] = std::move(used_.front());
        used_.pop_front();
        renew(server, kinds_[prepare], std::move(database), lock);
      } else if (stopping_) {
        break;
      } else if (next != kinds_.end()) {
        make(server, next->first, next->second, lock);
      } else {
        work_changed_.wait(lock);
      }
    }
    for (auto& [prepare, kind] : kinds_) {
      for (auto& database : kind.ready) drop(server, std::move(database));
      if (!kind.original.empty() && prepare != migrated) drop(server, kind.original);
    }
    for (const std::string& name : server.leftovers()) drop(server, name);
  }

  void renew(Server& server, Kind& kind, std::unique_ptr<ReusedDatabase> database,
             std::unique_lock<std::mutex>& lock) {
    // Who waits for another one is not helped by one that cannot be renewed: that is seen soon.
    const bool wanted = !stopping_;
    lock.unlock();
    const bool renewed = wanted && database->renew(*kind.contents);
    if (!renewed) drop(server, std::move(database));
    lock.lock();
    if (renewed) {
      kind.ready.push_back(std::move(database));
    } else {
      --kind.alive;
    }
    work_changed_.notify_all();
  }

  void make(Server& server, Prepare prepare, Kind& kind, std::unique_lock<std::mutex>& lock) {
    std::string original = kind.original, error;
    std::optional<ReusedDatabase::Contents> contents = kind.contents;
    std::unique_ptr<ReusedDatabase> copy;
    lock.unlock();
    try {
      if (original.empty() && prepare == migrated) {
        original = migrated_original(server);
      } else if (original.empty()) {
        original = fresh_name();
        server.run("CREATE DATABASE " + original);
        prepare(*db::Database::open(plain_options(url_of_database(original))));
      }
      const std::string name = fresh_name();
      server.run("CREATE DATABASE " + name + " TEMPLATE " + original + " STRATEGY FILE_COPY");
      copy = ReusedDatabase::connect(name, url_of_database(name));
      if (!copy) throw std::runtime_error(name + " was made and cannot be connected to");
      if (!contents) contents = copy->contents();
    } catch (const std::exception& e) {
      error = e.what();
    }
    lock.lock();
    kind.original = original;
    kind.error = error;
    kind.contents = std::move(contents);
    if (error.empty()) {
      kind.ready.push_back(std::move(copy));
      ++kind.alive;
    }
    work_changed_.notify_all();
  }

  static void drop(Server& server, std::unique_ptr<ReusedDatabase> database) {
    const std::string name = database->name();
    database.reset();
    drop(server, name);
  }
  static void drop(Server& server, const std::string& name) {
    try {
      server.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    } catch (const std::exception&) {
      // A test of a lost server has none to tidy up.
    }
  }

  std::mutex mutex_;
  std::condition_variable work_changed_;
  std::thread thread_;
  bool stopping_ = false;
  fs::path folder_;
  std::map<Prepare, fs::path> files_;
  std::map<Prepare, Kind> kinds_;  // never erased: a reference holds
  std::deque<std::pair<Prepare, std::unique_ptr<ReusedDatabase>>> used_;
};

}  // namespace

void nothing(db::Database&) {}
void migrated(db::Database& database) {
  db::migrate(database);
}

std::string postgres_server() {
  const char* url = std::getenv("PLENARY_TEST_POSTGRES");
  if (!url || !*url) {
    throw std::runtime_error(
        "PLENARY_TEST_POSTGRES is not set: run the tests with ./dev test, or start a private server "
        "yourself: "
        "export PLENARY_TEST_POSTGRES=\"$(tests/support/postgres.sh start build/postgres)\"");
  }
  return url;
}

struct TestDatabase::Place {
  fs::path folder;
  Prepare prepare = nullptr;
  std::unique_ptr<ReusedDatabase> database;
  ~Place() {
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
    if (database) Templates::instance().give_back(prepare, std::move(database));
  }
};

TestDatabase::TestDatabase(db::Engine engine, Prepare prepare, const Change& change)
    : place_(std::make_unique<Place>()) {
  if (engine == db::Engine::sqlite) {
    place_->folder = fresh_folder();
    const fs::path file = place_->folder / "test.db";
    if (prepare != nothing) fs::copy_file(Templates::instance().file(prepare), file);
    options_ = plain_options("sqlite://" + file.string());
  } else {
    place_->prepare = prepare;
    place_->database = Templates::instance().take(prepare);
    options_ = plain_options(url_of_database(place_->database->name()));
  }
  if (change) change(options_);
  database_ = db::Database::open(options_);
}

TestDatabase::~TestDatabase() {
  database_.reset();
}

void TestDatabase::reopen(const Change& change) {
  database_.reset();
  if (change) change(options_);
  database_ = db::Database::open(options_);
}

std::string engine_name(const ::testing::TestParamInfo<db::Engine>& info) {
  return info.param == db::Engine::sqlite ? "Sqlite" : "Postgresql";
}

struct Loop::State {
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<std::coroutine_handle<>> handles;
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::post(std::coroutine_handle<> handle) {
  std::lock_guard lock(state_->mutex);
  state_->handles.push_back(handle);
  state_->ready.notify_one();
}

void Loop::run_until(const std::function<bool()>& done) {
  const Scope scope(this);
  while (!done()) {
    std::unique_lock lock(state_->mutex);
    state_->ready.wait(lock, [&] { return !state_->handles.empty(); });
    const std::coroutine_handle<> handle = state_->handles.front();
    state_->handles.pop_front();
    lock.unlock();
    handle.resume();
  }
}

}  // namespace plenary::test
