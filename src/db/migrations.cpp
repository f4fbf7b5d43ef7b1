#include "db/migrations.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "db/migration_connection.hpp"

namespace plenary {
const EmbeddedTree& embedded_migrations();  // made by plenary_embed
}

namespace plenary::db {
namespace {

constexpr std::string_view command = "plenary migrate";

struct Half {
  int version = 0;
  std::string name;
  bool is_sqlite = false;
};

// "0003_registration.sqlite.sql"
std::optional<Half> parse_name(std::string_view path) {
  Half half;
  if (path.ends_with(".sqlite.sql")) {
    half.is_sqlite = true;
    path.remove_suffix(11);
  } else if (path.ends_with(".postgresql.sql")) {
    path.remove_suffix(15);
  } else {
    return std::nullopt;
  }
  if (path.size() < 6 || path[4] != '_') return std::nullopt;
  auto [end, error] = std::from_chars(path.data(), path.data() + 4, half.version);
  if (error != std::errc() || end != path.data() + 4 || half.version < 1) return std::nullopt;
  half.name = path.substr(5);
  const bool plain = std::all_of(half.name.begin(), half.name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain) return std::nullopt;
  return half;
}

std::string checksum_of(const Migration& step, Engine engine) {
  return token_hash(step.sql(engine));
}

std::string engine_name(Engine engine) {
  return engine == Engine::sqlite ? "sqlite" : "postgresql";
}

// What was applied, held against the steps of this binary.
SchemaState compare(const std::vector<AppliedStep>& applied, std::span<const Migration> steps,
                    Engine engine) {
  SchemaState state;
  state.expected = static_cast<int>(steps.size());
  if (applied.empty()) {
    state.message = fmt::format("the database has no tables yet; run: {}", command);
    return state;
  }
  state.version = applied.back().version;
  if (state.version > state.expected) {
    state.kind = SchemaState::Kind::newer;
    state.message = fmt::format(
        "the database is at step {}, this release knows steps up to {}: a later release was here. Run that "
        "release, "
        "or restore the backup taken before it; \"{}\" of the later release shows what it did",
        state.version, state.expected, command);
    return state;
  }
  for (const AppliedStep& step : applied) {
    const Migration& ours = steps[static_cast<std::size_t>(step.version - 1)];
    if (ours.name == step.name && checksum_of(ours, engine) == step.checksum) continue;
    state.kind = SchemaState::Kind::edited;
    state.message = fmt::format(
        "step {:04}_{} was changed after it was applied to this database (its file is now {}.{}.sql, "
        "checksum {} "
        "instead of {}). A step is never edited: restore the file, and put the change into a new step. A "
        "database "
        "that holds nothing worth keeping may be removed and made anew with: {}",
        step.version, step.name, ours.label(), engine_name(engine), checksum_of(ours, engine).substr(0, 12),
        step.checksum.substr(0, 12), command);
    return state;
  }
  if (static_cast<int>(applied.size()) != state.version) {
    state.kind = SchemaState::Kind::edited;
    state.message = fmt::format(
        "the database says it is at step {}, but has a record of {} steps only; restore the table "
        "schema_migration "
        "from a backup",
        state.version, applied.size());
    return state;
  }
  state.kind = state.version < state.expected ? SchemaState::Kind::older : SchemaState::Kind::current;
  if (state.kind == SchemaState::Kind::older) {
    state.message =
        fmt::format("the database is at step {} of {}; run: {}", state.version, state.expected, command);
  }
  return state;
}

bool has_record(Tx& tx) {
  if (tx.engine() == Engine::sqlite) {
    return tx.one<std::int64_t>(
               "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'") > 0;
  }
  return tx.one<bool>("SELECT CASE WHEN to_regclass('schema_migration') IS NULL THEN 0 ELSE 1 END");
}

}  // namespace

std::string Migration::label() const {
  return fmt::format("{:04}_{}", version, name);
}

std::vector<Migration> migrations_from(const EmbeddedTree& files) {
  std::map<int, Migration> steps;
  std::vector<std::string> faults;
  for (const EmbeddedFile& file : files.files()) {
    const auto half = parse_name(file.path);
    if (!half) {
      faults.push_back(
          fmt::format("{}: not named like 0001_name.sqlite.sql or 0001_name.postgresql.sql", file.path));
      continue;
    }
    Migration& step = steps[half->version];
    step.version = half->version;
    if (step.name.empty()) step.name = half->name;
    if (step.name != half->name) {
      faults.push_back(
          fmt::format("{}: step {} is called {} in another file", file.path, step.version, step.name));
    }
    (half->is_sqlite ? step.sqlite : step.postgresql) = file.bytes;
  }
  std::vector<Migration> list;
  for (auto& [version, step] : steps) {
    const int expected = static_cast<int>(list.size()) + 1;
    if (version != expected)
      faults.push_back(fmt::format("step {:04} is missing before {}", expected, step.label()));
    if (step.sqlite.empty()) faults.push_back(fmt::format("{}.sqlite.sql is missing or empty", step.label()));
    if (step.postgresql.empty())
      faults.push_back(fmt::format("{}.postgresql.sql is missing or empty", step.label()));
    list.push_back(std::move(step));
  }
  if (!faults.empty()) throw MigrationError(fmt::format("the migration files: {}", fmt::join(faults, "; ")));
  return list;
}

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> steps = migrations_from(embedded_migrations());
  return steps;
}

SchemaState schema_state(Database& database) {
  return schema_state(database, migrations());
}

SchemaState schema_state(Database& database, std::span<const Migration> steps) {
  std::vector<AppliedStep> applied;
  database.read_now([&](Tx& tx) {
    applied.clear();
    if (!has_record(tx)) return;
    for (auto& [version, name, checksum] : tx.query<int, std::string, std::string>(
             "SELECT version, name, checksum FROM schema_migration ORDER BY version")) {
      applied.push_back({version, std::move(name), std::move(checksum)});
    }
  });
  return compare(applied, steps, database.engine());
}

std::vector<std::string> migrate(Database& database) {
  return migrate(database, migrations());
}

std::vector<std::string> migrate(Database& database, std::span<const Migration> steps,
                                 const MigrationProgress& progress) {
  const Engine engine = database.engine();
  const DatabaseOptions& options = database.options();
  const auto connection = MigrationConnection::open(options, engine);
  connection->create_record();
  const SchemaState state = compare(connection->applied(), steps, engine);
  if (state.kind == SchemaState::Kind::newer || state.kind == SchemaState::Kind::edited) {
    throw MigrationError(state.message);
  }
  std::vector<std::string> done;
  const int total = state.expected - state.version;
  for (const Migration& step : steps.subspan(static_cast<std::size_t>(state.version))) {
    if (progress) progress(step.label(), static_cast<int>(done.size()), total);
    const Instant now = options.clock ? options.clock->now() : Instant::system_now();
    try {
      connection->apply(step, checksum_of(step, engine), now);
    } catch (const MigrationError& error) {
      throw MigrationError(
          fmt::format("migrations/{}.{}.sql failed and was undone: {}. The database is at step {}; mend the "
                      "cause, then run: {}",
                      step.label(), engine_name(engine), error.what(), step.version - 1, command));
    }
    done.push_back(step.label());
  }
  return done;
}

std::unique_ptr<MigrationConnection> MigrationConnection::open(const DatabaseOptions& options,
                                                               Engine engine) {
  return engine == Engine::sqlite ? open_sqlite_migration(options) : open_postgresql_migration(options);
}

}  // namespace plenary::db
