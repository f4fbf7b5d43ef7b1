// plenary keys: the key ring of secrets at rest. create makes the key file, show tells what each key has
// sealed, rotate adds a key and seals everything anew, prune takes out keys that nothing uses. No key is ever
// printed. source: configuration 10, 4.5 and Do better 31; docs/keys.md.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "db/migrations.hpp"
#include "domain/conference/audit.hpp"
#include "domain/sealed_columns.hpp"
#include "embed/key_file.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using domain::SealUse;

// A server that has just sealed something with the key before may still be writing it.
constexpr std::chrono::seconds grace{30};

std::string plural(std::int64_t n, const char* word) {
  return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
}

// Nothing: there is no database yet.
std::unique_ptr<db::Database> database_of(Context& context) {
  const config::DatabaseSettings& settings = context.settings().database;
  if (settings.engine == config::DatabaseEngine::sqlite && !fs::exists(settings.sqlite_path)) return nullptr;
  std::unique_ptr<db::Database> database = open_database(context);
  const db::SchemaState state = db::schema_state(*database);
  if (state.kind == db::SchemaState::Kind::empty) return nullptr;
  if (!state.is_current()) throw CommandFailed(state.message);
  return database;
}

void record_it(db::Database& database, const std::string& id, const std::string& what,
               const std::vector<conference::AuditChange>& changes) {
  const conference::Actor actor = command_actor();
  conference::AuditObject object;
  object.entity = "key_file";
  object.id = id;
  object.name = what;
  auto write = [&](db::Tx& tx) {
    conference::record(tx, actor, conference::AuditAction::other, object, changes);
  };
  database.write_now(db::global_lane, "keys", write);
}

std::int64_t used_by(const SealUse& use, const std::string& id) {
  const auto found = use.by_key.find(id);
  return found == use.by_key.end() ? 0 : found->second;
}

bool is_in(const KeyRing& ring, const std::string& id) {
  return std::any_of(ring.sealing.begin(), ring.sealing.end(),
                     [&](const RingKey& key) { return key.id() == id; });
}

int create(Context& context) {
  const fs::path file = embed::key_file_path(context.settings());
  if (!embed::create_key_file(file, new_key_ring(Random::system(), embed::today())))
    throw CommandFailed(
        fmt::format("{} is there already and stays. plenary keys rotate adds a key to it.", file.string()));
  context.out << fmt::format(
      "Made the key file {}. Keep a copy of it in a safe place, apart from the database and its backups.\n",
      file.string());
  return done;
}

int show(Context& context) {
  const fs::path file = embed::key_file_path(context.settings());
  const KeyRing ring = embed::read_key_file(file);
  const std::unique_ptr<db::Database> database = database_of(context);
  const SealUse use = database ? domain::seal_use(*database) : SealUse();
  context.out << fmt::format("Key file: {}\n", file.string());
  for (const RingKey& key : ring.sealing) {
    const bool seals = &key == &ring.sealing.front();
    context.out << fmt::format("  {}  {:<10}  {:<15}  {}\n", key.id(), key.made.empty() ? "-" : key.made,
                               seals ? "seals and opens" : "opens",
                               database ? plural(used_by(use, key.id()), "value") : "no database yet");
  }
  int faults = 0;
  for (const auto& [id, count] : use.by_key) {
    if (is_in(ring, id)) continue;
    ++faults;
    context.out << fmt::format(
        "  {}  is not in the key file; {} cannot be opened. Put the file back that has "
        "it.\n",
        id, plural(count, "value"));
  }
  for (const std::string& place : use.readable) {
    ++faults;
    context.out << fmt::format("  {} stands there readable; plenary keys rotate seals it.\n", place);
  }
  if (const auto exposure = embed::key_file_exposure(file); !exposure.text.empty())
    context.out << fmt::format("  {}\n", exposure.text);
  return faults ? refused : done;
}

struct Rotation {
  bool add_only = false;
};

bool has_older(const KeyRing& ring, const SealUse& use) {
  return std::any_of(ring.sealing.begin() + 1, ring.sealing.end(),
                     [&](const RingKey& key) { return used_by(use, key.id()) > 0; });
}

int seal_all(Context& context, db::Database& database, const std::string& newest) {
  const SealingKeys keys = embed::sealing_keys(context.settings());
  auto progress = [&](const domain::SealedColumn& column, std::int64_t count) {
    context.err << fmt::format("  {}.{}: {}\n", column.table, column.column, count);
  };
  const domain::Resealed result = domain::reseal(database, keys, Random::system(), progress);
  if (result.sealed + result.were_readable > 0) {
    record_it(database, newest, "Stored secrets sealed anew",
              {{"sealed", "Values sealed with this key", "", std::to_string(result.sealed)},
               {"readable", "Values that stood readable before", "", std::to_string(result.were_readable)}});
  }
  context.out << fmt::format("{} sealed with the key {}.\n",
                             plural(result.sealed + result.were_readable, "value"), newest);
  if (result.were_readable > 0)
    context.out << fmt::format(
        "{} of them stood readable in the database, and in its backups: replace such a key at its "
        "provider.\n",
        result.were_readable);
  for (const std::string& why : result.broken) context.err << fmt::format("Left as it is: {}.\n", why);
  for (const std::string& place : result.restless)
    context.err << fmt::format("{} was changed again and again meanwhile: run the command once more.\n",
                               place);
  return result.broken.empty() && result.restless.empty() ? done : refused;
}

int rotate(Context& context, const Rotation& wish) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const fs::path file = embed::key_file_path(context.settings());
  std::string newest;
  bool continued = false;
  {
    embed::KeyFileEdit edit(file);
    const SealUse use = domain::seal_use(*database);
    continued = !wish.add_only && has_older(edit.ring(), use);
    if (!continued) {
      const std::string before = edit.ring().sealing.front().id();
      edit.replace(with_new_key(edit.ring(), Random::system(), embed::today()));
      newest = edit.ring().sealing.front().id();
      record_it(*database, newest, "Key added", {{"key", "Sealing key", before, newest}});
    } else {
      newest = edit.ring().sealing.front().id();
    }
  }
  if (continued) {
    context.out << fmt::format(
        "Older keys still seal something: this run goes on with the key {} and adds none. Run it again for a "
        "new key.\n",
        newest);
  } else {
    context.out << fmt::format("The key {} was added to {}. Keep a new copy of the file.\n", newest,
                               file.string());
  }
  if (wish.add_only) {
    context.out << "Copy the file to every node, then run: plenary keys rotate\n";
    return done;
  }
  return seal_all(context, *database, newest);
}

void wait_for_late_writes(Context& context, const fs::path& file) {
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(file);
  if (age >= grace || age < age.zero()) return;
  const auto rest = std::chrono::ceil<std::chrono::seconds>(grace - age);
  context.err << fmt::format("The file was changed just now: waiting {} for writes under way.\n",
                             plural(rest.count(), "second"));
  std::this_thread::sleep_for(rest);
}

int prune(Context& context) {
  const std::unique_ptr<db::Database> database = open_ready_database(context);
  const fs::path file = embed::key_file_path(context.settings());
  embed::KeyFileEdit edit(file);
  if (edit.ring().sealing.size() == 1) {
    context.out << fmt::format("There is one key, {}, and it seals: nothing to take out.\n",
                               edit.ring().sealing.front().id());
    return done;
  }
  wait_for_late_writes(context, file);
  const SealUse use = domain::seal_use(*database);
  KeyRing kept{edit.ring().signing, {edit.ring().sealing.front()}};
  std::vector<std::string> removed, used;
  for (std::size_t i = 1; i < edit.ring().sealing.size(); ++i) {
    const RingKey& key = edit.ring().sealing[i];
    if (used_by(use, key.id()) > 0) {
      kept.sealing.push_back(key);
      used.push_back(fmt::format("{} ({})", key.id(), plural(used_by(use, key.id()), "value")));
    } else {
      removed.push_back(key.id());
    }
  }
  if (!removed.empty()) {
    const std::string text = fmt::format("{}", fmt::join(removed, ", "));
    edit.replace(std::move(kept));
    record_it(*database, edit.ring().sealing.front().id(), "Keys taken out",
              {{"key", "Sealing keys", text, ""}});
    context.out << fmt::format("Taken out: {}. Keep the older copy of the file as long as backups need it.\n",
                               text);
  }
  if (!used.empty())
    throw CommandFailed(fmt::format(
        "Still used, so kept: {}. Seal their values anew first: plenary keys rotate", fmt::join(used, ", ")));
  return done;
}

}  // namespace

void add_keys(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("keys", "The keys of secrets at rest");
  command->require_subcommand(1);
  command->add_subcommand("create", "Make the key file of a new installation")->callback([&context] {
    context.action = [&context] { return create(context); };
  });
  command->add_subcommand("show", "The keys and how many values each has sealed; never a key itself")
      ->callback([&context] { context.action = [&context] { return show(context); }; });
  auto wish = std::make_shared<Rotation>();
  CLI::App* rotation =
      command->add_subcommand("rotate", "Add a new key and seal every stored secret with it; repeatable");
  rotation->add_flag("--add-only", wish->add_only,
                     "Only add the key, where several nodes have copies of the file");
  rotation->callback(
      [&context, wish] { context.action = [&context, wish] { return rotate(context, *wish); }; });
  command->add_subcommand("prune", "Take out the keys that no stored secret uses")->callback([&context] {
    context.action = [&context] { return prune(context); };
  });
}

}  // namespace plenary::cli
