#include "support/db/test_databases.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>

#include "db/migrations.hpp"

namespace plenary::test {

namespace {

namespace fs = std::filesystem;

// Runs one statement on the server's maintenance database.
void on_server(const std::string& sql) {
  static std::mutex mutex;
  static const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(postgres_server().c_str()),
                                                                     PQfinish);
  std::lock_guard lock(mutex);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    throw std::runtime_error(std::string("PLENARY_TEST_POSTGRES: ") + PQerrorMessage(connection.get()));
  }
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
}

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

// Prepared databases of this process, to be copied. Removed at its end.
class Templates {
 public:
  static Templates& instance() {
    static Templates templates;
    return templates;
  }
  ~Templates() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
    for (const auto& [key, name] : databases_) {
      try {
        on_server("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
      } catch (const std::exception&) {
        // The server may be gone already.
      }
    }
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
  std::string database(Prepare prepare) {
    std::lock_guard lock(mutex_);
    std::string& name = databases_[prepare];
    if (name.empty()) {
      const std::string made = fresh_name();
      on_server("CREATE DATABASE " + made);
      name = made;
      prepare(*db::Database::open(plain_options(url_of_database(made))));
    }
    return name;
  }

 private:
  // The connection to the server is made first, so that it is closed last.
  Templates() {
    if (std::getenv("PLENARY_TEST_POSTGRES")) on_server("SELECT");
  }
  std::mutex mutex_;
  fs::path folder_;
  std::map<Prepare, fs::path> files_;
  std::map<Prepare, std::string> databases_;
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
  std::string database;
  ~Place() {
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
    try {
      if (!database.empty()) on_server("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    } catch (const std::exception&) {
      // A test of a lost server has none to tidy up.
    }
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
    postgres_server();
    const std::string name = fresh_name();
    if (prepare == nothing) {
      on_server("CREATE DATABASE " + name);
    } else {
      on_server("CREATE DATABASE " + name + " TEMPLATE " + Templates::instance().database(prepare) +
                " STRATEGY FILE_COPY");
    }
    place_->database = name;
    options_ = plain_options(url_of_database(name));
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
