// The only file that sees SOCI's SQLite half. SOCI declares the C API inside namespace sqlite_api.
#include "db/sqlite_connection.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "db/statement_key.hpp"

namespace plenary::db {

namespace api = sqlite_api;

namespace {

ErrorKind kind_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return ErrorKind::unique;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ErrorKind::foreign_key;
    case SQLITE_CONSTRAINT_CHECK:
      return ErrorKind::check;
    case SQLITE_CONSTRAINT_NOTNULL:
      return ErrorKind::not_null;
    default:
      break;
  }
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::busy;
    case SQLITE_FULL:
      return ErrorKind::full;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::io;
    case SQLITE_NOMEM:
      return ErrorKind::memory;
    case SQLITE_INTERRUPT:
      return ErrorKind::interrupted;
    case SQLITE_READONLY:
      return ErrorKind::read_only;
    case SQLITE_CANTOPEN:
      return ErrorKind::connection;
    case SQLITE_ERROR:
      return ErrorKind::schema;
    default:
      return ErrorKind::other;
  }
}

// "UNIQUE constraint failed: t.a, t.b" names the constraint.
std::string constraint_of(int extended, const std::string& message) {
  if ((extended & 0xff) != SQLITE_CONSTRAINT) return {};
  const std::size_t colon = message.find("failed: ");
  return colon == std::string::npos ? std::string() : message.substr(colon + 8);
}

// Once a process, before the first connection: no global lock for memory statistics, no mutex per call (a
// connection of ours is used by one thread at a time), savepoint journals in memory.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Refused (harmlessly) when somebody else has already started the library.
    api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    api::sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
    api::sqlite3_config(SQLITE_CONFIG_URI, 1);
  });
}

std::string percent_encoded(const std::string& path) {
  std::string out;
  for (const unsigned char c : path) {
    if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_') {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

// RETURNING makes SQLite keep the row in a temporary table and a copy of each page that the statement
// changes. Of one new row in a table whose id is its rowid the id is known without.
constexpr std::string_view insert_into = "INSERT INTO ", returning_id = " RETURNING id";
bool returns_a_rowid(api::sqlite3* native, std::string_view sql) {
  if (!sql.starts_with(insert_into) || !sql.ends_with(returning_id)) return false;
  if (sql.find(" SELECT ") != sql.npos || sql.find("), (") != sql.npos || sql.find("DO UPDATE") != sql.npos)
    return false;
  const std::size_t end = sql.find_first_of(" (", insert_into.size());
  const std::string table(sql.substr(insert_into.size(), end - insert_into.size()));
  const char* type = nullptr;
  int is_key = 0;
  const int code = api::sqlite3_table_column_metadata(native, "main", table.c_str(), "id", &type, nullptr,
                                                      nullptr, &is_key, nullptr);
  return code == SQLITE_OK && is_key != 0 && type && std::string_view(type) == "INTEGER";
}

int bind(api::sqlite3_stmt* statement, int place, const Param& param) {
  switch (param.kind) {
    case Param::Kind::integer:
      return api::sqlite3_bind_int64(statement, place, param.integer);
    case Param::Kind::real:
      return api::sqlite3_bind_double(statement, place, param.real);
    case Param::Kind::text:
      return api::sqlite3_bind_text(statement, place, param.text.data() ? param.text.data() : "",
                                    static_cast<int>(param.text.size()), nullptr);
    case Param::Kind::null_integer:
    case Param::Kind::null_text:
      break;
  }
  return api::sqlite3_bind_null(statement, place);
}

// Text is SQLite's until the next step.
void read(api::sqlite3_stmt* statement, int place, ColumnKind kind, Field& field) {
  field = Field{};
  // A null reads as nothing or zero: only then is it asked for.
  const auto is_null = [&] { return api::sqlite3_column_type(statement, place) == SQLITE_NULL; };
  switch (kind) {
    case ColumnKind::integer:
      field.integer = api::sqlite3_column_int64(statement, place);
      field.is_null = field.integer == 0 && is_null();
      break;
    case ColumnKind::real:
      field.real = api::sqlite3_column_double(statement, place);
      field.is_null = field.real == 0 && is_null();
      break;
    case ColumnKind::text: {
      const unsigned char* text = api::sqlite3_column_text(statement, place);
      field.is_null = !text && is_null();
      if (text)
        field.text = {reinterpret_cast<const char*>(text),
                      static_cast<std::size_t>(api::sqlite3_column_bytes(statement, place))};
      break;
    }
  }
}

}  // namespace

struct SqliteConnection::Statement {
  explicit Statement(soci::session& session) : soci(session) {}
  std::string sql;  // the literal's text when it was prepared: guards against a reused address
  std::vector<Field> fields;
  soci::sqlite3_statement_backend* backend = nullptr;
  bool writes = false;
  bool gives_id = false;  // its RETURNING id was left out
  bool in_use = false;
  soci::statement soci;
};

struct SqliteConnection::State {
  Options options;
  soci::session session;
  api::sqlite3* native = nullptr;
  StatementCache<Statement> statements;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  int wal_pages = 0;
};

SqliteConnection::SqliteConnection(const Options& options) : state_(std::make_unique<State>()) {
  configure_library();
  state_->options = options;
  // SOCI 4.0.3 knows no VFS parameter; SQLite takes it in a URI.
  const std::string name =
      options.vfs ? fmt::format("file:{}?vfs={}", percent_encoded(options.path), options.vfs) : options.path;
  if (name.find('"') != std::string::npos) {
    throw DatabaseError(ErrorKind::connection,
                        fmt::format("{}: a database path must not contain a double quote", options.path));
  }
  try {
    state_->session.open(soci::sqlite3, fmt::format("dbname=\"{}\"", name));
  } catch (const soci::soci_error& error) {
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("{}: the database cannot be opened: {} The folder must exist and be writable for "
                    "this user.",
                    options.path, error.get_error_message()));
  }
  state_->native = static_cast<soci::sqlite3_session_backend*>(state_->session.get_backend())->conn_;
  api::sqlite3_extended_result_codes(state_->native, 1);
  // Beginning the log again waits for readers with the writers locked out: only shortly, it is tried again
  // later.
  api::sqlite3_busy_timeout(state_->native, options.use == Use::checkpoint ? 20 : 5000);
  if (options.use == Use::writer) {
    // EXTRA for the change to WAL: it is written with a rollback journal, and a journal whose deletion is not
    // on disk would, after a power cut, take the database back to before WAL, and what is in the log would be
    // lost.
    script("PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL");
  }
  script(options.relaxed_durability ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
  script(
      "PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; "
      "PRAGMA journal_size_limit = 67108864;");
  script(options.use == Use::schema ? "PRAGMA foreign_keys = OFF" : "PRAGMA foreign_keys = ON");
  if (options.use == Use::writer) script("PRAGMA cache_size = -16000");
  if (options.use == Use::reader) {
    script("PRAGMA query_only = ON");
    api::sqlite3_progress_handler(
        state_->native, 4000,
        [](void* state) -> int {
          const auto deadline = static_cast<State*>(state)->deadline;
          return deadline != std::chrono::steady_clock::time_point::max() &&
                 std::chrono::steady_clock::now() > deadline;
        },
        state_.get());
  }
  api::sqlite3_wal_hook(
      state_->native,
      [](void* state, api::sqlite3*, const char*, int pages) {
        static_cast<State*>(state)->wal_pages = pages;
        return SQLITE_OK;
      },
      state_.get());
}

SqliteConnection::~SqliteConnection() {
  state_->statements.clear();
  try {
    state_->session.close();
  } catch (const soci::soci_error&) {
    // Nothing can be done about a close that fails; what was committed is durable already.
  }
}

void SqliteConnection::fail(int code, const char* sql) const {
  const int extended = code == SQLITE_OK ? api::sqlite3_extended_errcode(state_->native) : code;
  const std::string message = api::sqlite3_errmsg(state_->native);
  ErrorKind kind = kind_of(extended);
  throw DatabaseError(kind, fmt::format("{} (SQLite code {}; in: {})", message, extended, sql),
                      constraint_of(extended, message));
}

SqliteConnection::Statement& SqliteConnection::prepared(const char* sql, std::span<const Param> in,
                                                        std::span<const ColumnKind> out) {
  std::unique_ptr<Statement>& entry = state_->statements.at(sql, statement_signature(in, out));
  if (entry && entry->sql == sql) return *entry;
  entry.reset();
  if (placeholder_count(sql) != in.size()) {
    throw std::logic_error(
        fmt::format("{} values for {} placeholders in: {}", in.size(), placeholder_count(sql), sql));
  }
  auto made = std::make_unique<Statement>(state_->session);
  made->sql = sql;
  made->fields.resize(out.size());
  try {
    std::string text = sqlite_placeholders(sql);
    made->gives_id = out.size() == 1 && returns_a_rowid(state_->native, text);
    if (made->gives_id) text.resize(text.size() - returning_id.size());
    made->soci.alloc();
    made->soci.prepare(text);
  } catch (const soci::soci_error&) {
    fail(SQLITE_OK, sql);
  }
  made->backend = static_cast<soci::sqlite3_statement_backend*>(made->soci.get_backend());
  made->writes = !api::sqlite3_stmt_readonly(made->backend->stmt_);
  const auto columns = static_cast<std::size_t>(api::sqlite3_column_count(made->backend->stmt_));
  if (!out.empty() && columns != out.size() && !made->gives_id) {
    throw std::logic_error(fmt::format("{} columns read from {} in: {}", out.size(), columns, sql));
  }
  entry = std::move(made);
  return *entry;
}

bool SqliteConnection::writes(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out) {
  return prepared(sql, in, out).writes;
}

std::int64_t SqliteConnection::run(const char* sql, std::span<const Param> in,
                                   std::span<const ColumnKind> out, Tx::RowCallback each_row, void* context) {
  if (state_->options.faults) inject(sql);
  Statement& statement = prepared(sql, in, out);
  if (statement.in_use)
    throw std::logic_error(fmt::format("a statement run inside its own row callback: {}", sql));
  // The reset ends the statement whatever happens, and with it the read transaction of one that was not read
  // to its end.
  struct End {
    Statement& statement;
    explicit End(Statement& s) : statement(s) { statement.in_use = true; }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() {
      statement.in_use = false;
      api::sqlite3_reset(statement.backend->stmt_);
    }
  };
  std::optional<End> end(std::in_place, statement);
  api::sqlite3_stmt* const native = statement.backend->stmt_;
  // Bound without a copy: it is the caller's and outlives the steps.
  for (std::size_t i = 0; i < in.size(); ++i) {
    const int code = bind(native, static_cast<int>(i) + 1, in[i]);
    if (code != SQLITE_OK) fail(code, sql);
  }
  const auto changes_before = api::sqlite3_total_changes(state_->native);
  std::int64_t rows = 0;
  int code = api::sqlite3_step(native);
  for (; code == SQLITE_ROW; code = api::sqlite3_step(native)) {
    if (out.empty()) continue;
    ++rows;
    if (!each_row) continue;
    for (std::size_t i = 0; i < out.size(); ++i)
      read(native, static_cast<int>(i), out[i], statement.fields[i]);
    each_row(context, statement.fields.data());
  }
  if (code != SQLITE_DONE) fail(code, sql);
  if (statement.gives_id) {
    if (api::sqlite3_total_changes(state_->native) == changes_before) return 0;  // ON CONFLICT DO NOTHING
    statement.fields[0] = Field{};
    statement.fields[0].integer = api::sqlite3_last_insert_rowid(state_->native);
    if (each_row) each_row(context, statement.fields.data());
    return 1;
  }
  if (!out.empty()) return rows;
  end.reset();  // changes of a statement with RETURNING count from its end
  return api::sqlite3_total_changes(state_->native) == changes_before ? 0
                                                                      : api::sqlite3_changes(state_->native);
}

void SqliteConnection::script(const std::string& text) {
  const int code = api::sqlite3_exec(state_->native, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, text.c_str());
}

bool SqliteConnection::in_transaction() const {
  return !api::sqlite3_get_autocommit(state_->native);
}

void SqliteConnection::check_closed() const {
  if (api::sqlite3_txn_state(state_->native, nullptr) != SQLITE_TXN_NONE) {
    throw std::logic_error("a statement was left open after its transaction: later reads would be stale");
  }
}

std::uint32_t SqliteConnection::data_version() const {
  unsigned version = 0;
  api::sqlite3_file_control(state_->native, "main", SQLITE_FCNTL_DATA_VERSION, &version);
  return version;
}

void SqliteConnection::set_deadline(std::chrono::steady_clock::time_point deadline) {
  state_->deadline = deadline;
}

int SqliteConnection::wal_pages() const {
  return state_->wal_pages;
}

SqliteConnection::Checkpoint SqliteConnection::checkpoint(bool restart) {
  Checkpoint result;
  const int code = api::sqlite3_wal_checkpoint_v2(
      state_->native, "main", restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
      &result.log_pages, &result.moved_pages);
  if ((code & 0xff) == SQLITE_BUSY) {
    result.busy = true;
  } else if (code != SQLITE_OK) {
    fail(code, "checkpoint");
  }
  return result;
}

void SqliteConnection::inject(const char* sql) {
  const Fault fault = state_->options.faults->before(sql);
  const auto raise = [&](ErrorKind kind, const char* what, bool rolled_back) {
    if (rolled_back && in_transaction()) {
      api::sqlite3_exec(state_->native, "ROLLBACK", nullptr, nullptr, nullptr);
    }
    throw DatabaseError(kind, fmt::format("{} (injected; in: {})", what, sql));
  };
  switch (fault) {
    case Fault::none:
      return;
    case Fault::busy:
      raise(ErrorKind::busy, "database is locked", false);
      break;
    case Fault::serialization:
      raise(ErrorKind::serialization, "could not serialize", false);
      break;
    case Fault::deadlock:
      raise(ErrorKind::deadlock, "deadlock detected", false);
      break;
    case Fault::full:
      raise(ErrorKind::full, "database or disk is full", false);
      break;
    case Fault::full_rolled_back:
      raise(ErrorKind::full, "database or disk is full", true);
      break;
    case Fault::io:
      raise(ErrorKind::io, "disk I/O error", false);
      break;
    case Fault::io_rolled_back:
    case Fault::connection_lost:
    case Fault::connection_lost_after:
      raise(ErrorKind::io, "disk I/O error", true);
      break;
    case Fault::memory:
      raise(ErrorKind::memory, "out of memory", false);
      break;
    case Fault::interrupted:
      raise(ErrorKind::interrupted, "interrupted", true);
      break;
  }
}

}  // namespace plenary::db
