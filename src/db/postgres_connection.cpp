// The only file that sees SOCI's PostgreSQL half. One subject, a little over 500 lines: the pipeline of one
// connection, whose every part needs its state.
#include "db/postgres_connection.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "db/gathered_rows.hpp"
#include "db/postgres_errors.hpp"
#include "db/statement_key.hpp"

namespace plenary::db {

namespace {

// Beyond every limit the server keeps itself (statement_timeout), the connection is taken for dead.
constexpr std::chrono::seconds kAnswerLimit{30};
constexpr std::chrono::seconds kGrace{2};
constexpr std::chrono::seconds kStandbyTime{5};
constexpr Oid kInt8 = 20, kText = 25, kFloat8 = 701;

using Result = std::shared_ptr<PGresult>;

template <class Number>
Number parse(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Field field_of(const PGresult* result, int row, int column, ColumnKind kind) {
  Field field;
  field.is_null = PQgetisnull(result, row, column) != 0;
  if (field.is_null) return field;
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  switch (kind) {
    case ColumnKind::text:
      field.text = text;
      break;
    case ColumnKind::real:
      field.real = parse<double>(text);
      break;
    case ColumnKind::integer:
      // A boolean expression arrives as t or f, a sum of BIGINT as NUMERIC.
      field.integer = text == "t" ? 1 : parse<std::int64_t>(text);
      break;
  }
  return field;
}

// Adds the client's own limits to the address; what the address says itself wins.
std::string with_limits(const std::string& url) {
  std::string out = url;
  const auto add = [&](const char* key, const char* value) {
    if (url.find(fmt::format("{}=", key)) != std::string::npos) return;
    out += out.find('?') == std::string::npos ? '?' : '&';
    out += fmt::format("{}={}", key, value);
  };
  add("connect_timeout", "5");
  add("keepalives_idle", "10");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "30000");
  add("application_name", "plenary");
  return out;
}

}  // namespace

struct PostgresConnection::Statement {
  std::string sql;  // the literal's text when it was prepared: guards against a reused address
  std::string name;
  bool prepared = false;
  bool writes = false;
  bool draws = false;      // another answer each time
  std::string_view table;  // that is written; empty: nobody knows which
};

// A query sent before its answer is wanted.
struct PostgresConnection::Question {
  std::string key;  // the literal's address and the values
  const char* sql;
  Result result;
};

struct PostgresConnection::State {
  Options options;
  soci::session session;
  PGconn* native = nullptr;
  StatementCache<Statement> statements;
  std::vector<std::unique_ptr<Statement>> retired;
  int next_name = 0;
  bool dead = false;
  bool standby = false, write_refused = false;
  std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();
  bool in_healthy_transaction = false;
  bool cut_after = false;  // an injected fault: the answer is lost
  // Of begin_read: begun, nothing sent yet; open, within BEGIN; ending, what is asked is all.
  enum class Read { none, begun, open, ending, ended } read = Read::none;
  std::uint64_t round_trips = 0;
  std::vector<std::string_view> written;  // tables, since begin_asking
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

  struct Pending {
    enum class Kind { prepare, execute, sync } kind;
    Statement* statement;
    const char* sql;
    std::shared_ptr<Question> asked{};
    std::int64_t at_least = 0;  // rows that are to be changed
  };
  std::deque<Pending> pending;
  Result last;
  std::vector<std::shared_ptr<Question>> asked;
  std::unordered_map<std::string_view, std::shared_ptr<Question>> shared;  // of a batch, by their keys
  bool shares = false;
  // Parameters on their way into libpq.
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  std::vector<Oid> types;
  std::vector<std::uint64_t> numbers;
  std::vector<std::string> texts;
};

PostgresConnection::PostgresConnection(const Options& options) : state_(std::make_unique<State>()) {
  state_->options = options;
  try {
    state_->session.open(soci::postgresql, with_limits(options.url));
  } catch (const soci::soci_error& error) {
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("PostgreSQL cannot be reached: {} Check [database] url and that the server runs.",
                    as_sentence(without_password(error.get_error_message(), options.url))));
  }
  state_->native = static_cast<soci::postgresql_session_backend*>(state_->session.get_backend())->conn_;
  PQsetNoticeProcessor(
      state_->native, [](void*, const char* text) { spdlog::debug("db: PostgreSQL: {}", text); }, nullptr);
  const std::string limit = fmt::format("{}", std::max<std::int64_t>(1, options.read_limit.count() / 1000));
  std::string settings =
      "SET TIME ZONE 'UTC'; SET jit = off; SET client_min_messages = warning; "
      "SET idle_in_transaction_session_timeout = '30s'; ";
  // A write finds its rows by an index, also with a plan from when the table was empty.
  settings += options.use == Use::reader
                  ? "SET default_transaction_read_only = on; SET default_transaction_isolation = 'repeatable "
                    "read'; SET statement_timeout = " +
                        limit + "; "
                  : "SET enable_seqscan = off; SET statement_timeout = '20s'; ";
  settings +=
      "SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
      "current_setting('server_version_num'), pg_is_in_recovery()";
  const Result result(PQexec(state_->native, settings.c_str()), PQclear);
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw postgres_error(result.get(), "SET");
  const std::string_view fsync = PQgetvalue(result.get(), 0, 0), commit = PQgetvalue(result.get(), 0, 1);
  if (!options.relaxed_durability && (fsync == "off" || commit == "off")) {
    throw DatabaseError(
        ErrorKind::connection,
        fmt::format("PostgreSQL runs with fsync={} and synchronous_commit={}: orders would be lost with "
                    "the power. Set both to on in postgresql.conf.",
                    fsync, commit));
  }
  if (parse<int>(PQgetvalue(result.get(), 0, 2)) < 150000) {
    throw DatabaseError(ErrorKind::connection, "PostgreSQL 15 or newer is needed");
  }
  state_->standby = std::strcmp(PQgetvalue(result.get(), 0, 3), "t") == 0;
  if (!PQenterPipelineMode(state_->native)) {
    throw DatabaseError(ErrorKind::connection, "PostgreSQL: pipeline mode is not available");
  }
}

PostgresConnection::~PostgresConnection() {
  try {
    state_->session.close();
  } catch (const soci::soci_error&) {
    // A connection that is lost cannot be closed better.
  }
}

bool PostgresConnection::usable() const {
  return !state_->dead && PQstatus(state_->native) == CONNECTION_OK;
}

bool PostgresConnection::takes_no_writes() const {
  return state_->standby || state_->write_refused;
}

bool PostgresConnection::is_worn() const {
  return state_->standby && std::chrono::steady_clock::now() - state_->made > kStandbyTime;
}

// As of the last answers: libpq itself says "active" as soon as something is queued.
bool PostgresConnection::in_healthy_transaction() const {
  return usable() && state_->in_healthy_transaction;
}

bool PostgresConnection::answered(const char* command) const {
  return state_->last && std::strcmp(PQcmdStatus(state_->last.get()), command) == 0;
}

std::uint64_t PostgresConnection::round_trips() const {
  return state_->round_trips;
}

void PostgresConnection::set_deadline(std::chrono::steady_clock::time_point deadline) {
  state_->deadline = deadline;
}

void PostgresConnection::lost(const char* sql) {
  state_->dead = true;
  state_->pending.clear();
  throw DatabaseError(ErrorKind::connection,
                      fmt::format("the connection to PostgreSQL was lost (in: {})", sql));
}

PostgresConnection::Statement& PostgresConnection::prepared(const char* sql, std::span<const Param> in,
                                                            std::span<const ColumnKind> out) {
  std::unique_ptr<Statement>& entry = state_->statements.at(sql, statement_signature(in, {}));
  (void)out;  // results arrive as text, whatever they are read as
  if (entry && entry->sql == sql) return *entry;
  if (placeholder_count(sql) != in.size()) {
    throw std::logic_error(
        fmt::format("{} values for {} placeholders in: {}", in.size(), placeholder_count(sql), sql));
  }
  // An entry whose text has changed may still be named by what is queued.
  if (entry) state_->retired.push_back(std::move(entry));
  entry = std::make_unique<Statement>();
  entry->sql = sql;
  entry->name = fmt::format("s{}", state_->next_name++);
  entry->writes = postgres_writes(sql);
  if (!entry->sql.starts_with("DELETE ")) entry->table = table_written(entry->sql);  // that may cascade
  entry->draws = entry->sql.find("nextval(") != entry->sql.npos;
  return *entry;
}

bool PostgresConnection::writes(const char* sql, std::span<const Param> in, std::span<const ColumnKind> out) {
  return prepared(sql, in, out).writes;
}

// Puts the statement into libpq's output buffer; nothing is sent before send() or exchange().
void PostgresConnection::queue(const char* sql, Statement& statement, std::span<const Param> in,
                               std::shared_ptr<Question> asked, std::int64_t at_least) {
  if (!usable()) lost(sql);
  State& s = *state_;
  if (s.options.faults) {
    const Fault fault = s.options.faults->before(sql);
    if (fault == Fault::connection_lost) {
      ::shutdown(PQsocket(s.native), SHUT_RDWR);
    } else if (fault == Fault::connection_lost_after) {
      s.cut_after = true;
    } else if (fault != Fault::none) {
      const std::string raise = fmt::format(
          "DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{}'; END $$", sqlstate_of(fault));
      if (!PQsendQueryParams(s.native, raise.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0)) lost(sql);
      s.pending.push_back({State::Pending::Kind::execute, nullptr, sql});
      return;
    }
  }
  if (statement.writes && std::find(s.written.begin(), s.written.end(), statement.table) == s.written.end())
    s.written.push_back(statement.table);
  const std::size_t n = in.size();
  s.values.resize(n);
  s.lengths.resize(n);
  s.formats.assign(n, 1);
  s.types.resize(n);
  s.numbers.resize(n);
  s.texts.resize(std::max(s.texts.size(), n));
  for (std::size_t i = 0; i < n; ++i) {
    const Param& p = in[i];
    switch (p.kind) {
      case Param::Kind::integer:
      case Param::Kind::real:
        s.numbers[i] =
            __builtin_bswap64(p.kind == Param::Kind::integer ? static_cast<std::uint64_t>(p.integer)
                                                             : std::bit_cast<std::uint64_t>(p.real));
        s.types[i] = p.kind == Param::Kind::integer ? kInt8 : kFloat8;
        s.values[i] = reinterpret_cast<const char*>(&s.numbers[i]);
        s.lengths[i] = 8;
        break;
      case Param::Kind::text:
        s.types[i] = kText;
        s.values[i] = p.text.data() ? p.text.data() : "";
        s.lengths[i] = static_cast<int>(p.text.size());
        break;
      case Param::Kind::null_integer:
      case Param::Kind::null_text:
        s.types[i] = p.kind == Param::Kind::null_text ? kText : kInt8;
        s.values[i] = nullptr;
        s.lengths[i] = 0;
        break;
    }
  }
  static_assert(std::endian::native == std::endian::little);
  if (!statement.prepared) {
    if (!PQsendPrepare(s.native, statement.name.c_str(), sql, static_cast<int>(n), s.types.data())) lost(sql);
    s.pending.push_back({State::Pending::Kind::prepare, &statement, sql});
    statement.prepared = true;
  }
  if (!PQsendQueryPrepared(s.native, statement.name.c_str(), static_cast<int>(n), s.values.data(),
                           s.lengths.data(), s.formats.data(), 0)) {
    lost(sql);
  }
  s.pending.push_back({State::Pending::Kind::execute, &statement, sql, std::move(asked), at_least});
}

void PostgresConnection::send() {
  if (state_->pending.empty() || state_->pending.back().kind == State::Pending::Kind::sync) return;
  if (!PQpipelineSync(state_->native)) lost(state_->pending.back().sql);
  state_->pending.push_back({State::Pending::Kind::sync, nullptr, state_->pending.back().sql});
  ++state_->round_trips;
}

void PostgresConnection::wait_readable() {
  State& s = *state_;
  const auto began = std::chrono::steady_clock::now();
  const auto ends =
      s.deadline == std::chrono::steady_clock::time_point::max() ? began + kAnswerLimit : s.deadline + kGrace;
  while (PQisBusy(s.native)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(ends - std::chrono::steady_clock::now());
    if (left.count() <= 0) lost(s.pending.front().sql);
    pollfd wait{PQsocket(s.native), POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready > 0 && !PQconsumeInput(s.native)) lost(s.pending.front().sql);
  }
}

// What a read sends between two syncs is one transaction by itself; BEGIN, behind its first statements as
// well, makes it last beyond.
void PostgresConnection::keep_open() {
  State& s = *state_;
  if (s.read != State::Read::begun && s.read != State::Read::ending) return;
  run_later("BEGIN", {});
  s.read = State::Read::open;
}

// Sends what is queued and reads every answer. The last statement's result is kept; the first error is
// thrown, after everything has been read, so that the connection is in step again.
void PostgresConnection::exchange() {
  State& s = *state_;
  if (s.read == State::Read::ending)
    s.read = State::Read::ended;
  else
    keep_open();
  send();
  std::optional<DatabaseError> error;
  while (!s.pending.empty()) {
    wait_readable();
    Result result(PQgetResult(s.native), PQclear);
    const State::Pending now = s.pending.front();
    if (!result) lost(now.sql);
    const ExecStatusType status = PQresultStatus(result.get());
    if (now.kind == State::Pending::Kind::sync) {
      if (status != PGRES_PIPELINE_SYNC) lost(now.sql);
      s.pending.pop_front();
      continue;
    }
    if (status == PGRES_PIPELINE_ABORTED || status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      if (now.statement && now.kind == State::Pending::Kind::prepare) now.statement->prepared = false;
      if (status != PGRES_PIPELINE_ABORTED && !error) error = postgres_error(result.get(), now.sql);
      if (error && error->kind() == ErrorKind::read_only) s.write_refused = true;
      if (PQstatus(s.native) != CONNECTION_OK) lost(now.sql);
      if (error && error->kind() == ErrorKind::connection) {
        s.dead = true;
        s.pending.clear();
        throw *error;
      }
    } else if (now.kind == State::Pending::Kind::execute) {
      if (now.at_least > 0 && parse<std::int64_t>(PQcmdTuples(result.get())) < now.at_least && !error)
        error.emplace(ErrorKind::other, fmt::format("fewer rows than expected were changed by: {}", now.sql));
      (now.asked ? now.asked->result : s.last) = std::move(result);
    }
    // The null after each statement's results.
    wait_readable();
    while (PGresult* more = PQgetResult(s.native)) {
      PQclear(more);
      wait_readable();
    }
    s.pending.pop_front();
  }
  s.in_healthy_transaction = PQtransactionStatus(s.native) == PQTRANS_INTRANS;
  if (s.cut_after) {
    s.cut_after = false;
    ::shutdown(PQsocket(s.native), SHUT_RDWR);
    lost("injected");
  }
  if (error) throw *error;
}

std::int64_t PostgresConnection::run(const char* sql, std::span<const Param> in,
                                     std::span<const ColumnKind> out, Tx::RowCallback each_row,
                                     void* context) {
  State& s = *state_;
  if (s.deadline != std::chrono::steady_clock::time_point::max() &&
      std::chrono::steady_clock::now() > s.deadline) {
    throw DatabaseError(ErrorKind::interrupted,
                        fmt::format("the read took longer than its limit (in: {})", sql));
  }
  Result result;
  if (const auto asked = take_asked(sql, in)) {
    if (!asked->result) exchange();
    result = asked->result;
  }
  // Also when it was asked ahead together with a statement that failed and was undone: it has no answer.
  if (!result) {
    if (s.read == State::Read::ended) throw ReadAgain();
    keep_open();  // also where this was asked for before anything was sent
    queue(sql, prepared(sql, in, out), in);
    exchange();
    // Kept out of the state while rows are read: a callback may run another statement.
    result = std::move(s.last);
  }
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK || out.empty()) {
    const auto changed = parse<std::int64_t>(PQcmdTuples(result.get()));
    s.last = std::move(result);
    return changed;
  }
  const int rows = PQntuples(result.get()), columns = PQnfields(result.get());
  if (static_cast<std::size_t>(columns) != out.size()) {
    throw std::logic_error(fmt::format("{} columns read from {} in: {}", out.size(), columns, sql));
  }
  std::vector<Field> fields(out.size());
  for (int row = 0; row < rows && each_row; ++row) {
    for (std::size_t i = 0; i < out.size(); ++i)
      fields[i] = field_of(result.get(), row, static_cast<int>(i), out[i]);
    each_row(context, fields.data());
  }
  return rows;
}

void PostgresConnection::run_later(const char* sql, std::span<const Param> in) {
  queue(sql, prepared(sql, in, {}), in);
}

void PostgresConnection::run_later_for(std::int64_t rows, const char* sql, std::span<const Param> in) {
  queue(sql, prepared(sql, in, {}), in, {}, rows);
}

void PostgresConnection::settle_expected() {
  const auto& pending = state_->pending;
  if (std::any_of(pending.begin(), pending.end(), [](const auto& p) { return p.at_least > 0; })) exchange();
}

namespace {

std::string key_of(const char* sql, std::span<const Param> in) {
  std::string key(reinterpret_cast<const char*>(&sql), sizeof sql);
  for (const Param& p : in) {
    key += static_cast<char>(p.kind);
    if (p.kind == Param::Kind::text) {
      key += std::to_string(p.text.size());
      key += ':';
      key += p.text;
    } else {
      key.append(reinterpret_cast<const char*>(&p.integer), sizeof p.integer);
      key.append(reinterpret_cast<const char*>(&p.real), sizeof p.real);
    }
  }
  return key;
}

}  // namespace

void PostgresConnection::ask(const char* sql, std::span<const Param> in) {
  State& s = *state_;
  std::string key = key_of(sql, in);
  for (const auto& asked : s.asked)
    if (asked->key == key) return;
  if (s.read == State::Read::ended) throw ReadAgain();
  Statement& statement = prepared(sql, in, {});
  const bool shares = s.shares && !statement.draws;
  if (shares) {
    if (const auto same = s.shared.find(key); same != s.shared.end()) {
      s.asked.push_back(same->second);
      return;
    }
  }
  auto asked = std::make_shared<Question>();
  asked->key = std::move(key);
  asked->sql = sql;
  queue(sql, statement, in, asked);
  if (shares) s.shared.emplace(asked->key, asked);
  s.asked.push_back(std::move(asked));
}

void PostgresConnection::begin_asking() {
  state_->shares = true;
  state_->written.clear();
}

void PostgresConnection::end_asking() {
  state_->shares = false;
  state_->shared.clear();
}

std::shared_ptr<PostgresConnection::Question> PostgresConnection::take_asked(const char* sql,
                                                                             std::span<const Param> in) {
  auto& all = state_->asked;
  if (all.empty()) return nullptr;
  const std::string key = key_of(sql, in);
  for (auto at = all.begin(); at != all.end(); ++at) {
    if ((*at)->key != key) continue;
    auto found = std::move(*at);
    all.erase(at);
    return found;
  }
  return nullptr;
}

void PostgresConnection::forget_asked() {
  state_->asked.clear();
}

Connection::Asked PostgresConnection::put_asked_aside() {
  Connection::Asked aside(state_->asked.begin(), state_->asked.end());
  state_->asked.clear();
  return aside;
}

void PostgresConnection::take_up_asked(Connection::Asked asked) {
  State& s = *state_;
  s.asked.clear();
  for (auto& one : asked) {
    auto question = std::static_pointer_cast<Question>(std::move(one));
    const bool is_true = std::none_of(s.written.begin(), s.written.end(), [&](std::string_view table) {
      return table.empty() || names_table(question->sql, table);
    });
    if (is_true) s.asked.push_back(std::move(question));
  }
}

void PostgresConnection::begin_read() {
  state_->read = State::Read::begun;
}

void PostgresConnection::end_with_answers() {
  // With nothing asked there would be nothing to end with.
  if (state_->read == State::Read::begun && !state_->asked.empty()) state_->read = State::Read::ending;
}

void PostgresConnection::end_read() {
  // What was asked and never read may be answered with an error, which is not the next read's.
  const auto& pending = state_->pending;
  if (std::any_of(pending.begin(), pending.end(), [](const auto& p) { return p.asked != nullptr; })) {
    try {
      exchange();
    } catch (const DatabaseError& error) {
      spdlog::debug("db: a query that nobody read the answer of failed: {}", error.what());
      if (!usable()) return;
    }
  }
  if (state_->read == State::Read::open) {
    run_later("COMMIT", {});
    send();
    --state_->round_trips;  // nobody waits
  }
  state_->read = State::Read::none;
}

void PostgresConnection::settle() {
  if (!state_->pending.empty()) exchange();
}

}  // namespace plenary::db
