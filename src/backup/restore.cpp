#include "backup/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "backup/as_migrated.hpp"
#include "backup/placed_files.hpp"
#include "backup/reading.hpp"
#include "db/bulk_load.hpp"
#include "db/database_url.hpp"
#include "db/serve_lock.hpp"

namespace plenary::backup {
namespace {

namespace fs = std::filesystem;

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{} MB", bytes / 1'000'000 + 1);
}

// The rows on their way into the database, the files on theirs beside it.
class Loading final : public Contents {
 public:
  Loading(const RestoreRequest& request, db::BulkLoad& load, PlacedFiles& files)
      : request_(request), load_(load), files_(files) {}

  void table(const StoredTable& stored) override { load_.begin_table(stored.table); }
  void row(std::span<const db::RawValue> values) override { load_.row(values); }
  void end_table() override { load_.end_table(); }

  bool wants_file(const StoredFile& file, Part part) override {
    const auto place = part == Part::upload ? upload_place(request_, file) : key_place(request_, file);
    if (!place || !PlacedFiles::is_wanted(*place, file)) return false;
    files_.begin(*place);
    ++(part == Part::upload ? uploads : keys);
    return true;
  }
  void piece(std::string_view bytes) override { files_.piece(bytes); }
  void end_file() override { files_.end(); }

  static std::optional<fs::path> upload_place(const RestoreRequest& request, const StoredFile& file) {
    if (!request.uploads) return std::nullopt;
    return *request.uploads / file.path;
  }
  static std::optional<fs::path> key_place(const RestoreRequest& request, const StoredFile& file) {
    if (!request.with_keys) return std::nullopt;
    for (const NamedFile& key : request.keys) {
      if (key.name == file.path) return key.path;
    }
    throw BackupError(fmt::format("The backup holds a key called \"{}\", which this program does not know.",
                                  shown(file.path)));
  }

  std::size_t uploads = 0, keys = 0;

 private:
  const RestoreRequest& request_;
  db::BulkLoad& load_;
  PlacedFiles& files_;
};

class Restore {
 public:
  Restore(const RestoreRequest& request, const fs::path& file)
      : request_(request), backup_(file), manifest_(backup_.manifest()), name_(file.string()) {}

  Restored run() {
    refuse_what_cannot_be_read();
    refuse_files_in_the_way();
    const db::ServeLock lock(request_.database);
    refuse_running_servers();
    auto options = request_.database;
    options.checkpoint_thread = false;
    const auto database = db::Database::open(options);
    refuse_space();
    refuse_data();
    prepare(*database);
    Restored restored;
    restored.manifest = manifest_;
    load(restored);
    restored.applied = db::migrate(*database, request_.steps);
    restored.faults = request_.check(*database);
    return restored;
  }

 private:
  void refuse_what_cannot_be_read() const {
    const auto known = static_cast<int>(request_.steps.size());
    if (manifest_.schema_version < 1 || manifest_.schema_version > known) {
      throw BackupError(
          fmt::format("{} was made by plenary {} with a database at step {}; this program knows steps up to "
                      "{}. Restore it "
                      "with that release or a later one.",
                      name_, shown(manifest_.program), manifest_.schema_version, known));
    }
    const db::Migration& step = request_.steps[static_cast<std::size_t>(manifest_.schema_version) - 1];
    if (step.name != manifest_.schema_name) {
      throw BackupError(
          fmt::format("{} comes from a database whose step {} is called \"{}\"; here it is \"{}\". It was "
                      "made by another "
                      "program.",
                      name_, step.version, shown(manifest_.schema_name), step.name));
    }
    if (request_.with_keys && !manifest_.has_keys()) {
      throw BackupError(fmt::format(
          "{} holds no keys: it was made without --with-keys. Restore without --with-keys and bring the key "
          "file from your own copy.",
          name_));
    }
  }

  // Before anything is read: nobody wants to wait for that.
  void refuse_files_in_the_way() const {
    for (const StoredFile& file : manifest_.uploads) {
      if (const auto place = Loading::upload_place(request_, file)) PlacedFiles::is_wanted(*place, file);
    }
    for (const StoredFile& file : manifest_.keys) {
      if (const auto place = Loading::key_place(request_, file)) PlacedFiles::is_wanted(*place, file);
    }
  }

  void refuse_running_servers() const {
    const auto until = std::chrono::steady_clock::now() + request_.patience;
    int others = 0;
    while ((others = db::foreign_connections(request_.database)) > 0) {
      if (std::chrono::steady_clock::now() >= until) {
        throw BackupError(fmt::format(
            "{} connection{} of plenary to this database {} open: stop every server and command on it first.",
            others, others == 1 ? "" : "s", others == 1 ? "is" : "are"));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  // What the manifest announces must fit; a file that would unfold beyond every bound is refused here.
  void refuse_space() const {
    const db::DatabaseUrl url = db::parse_database_url(request_.database);
    const auto refuse = [&](const fs::path& folder, std::uint64_t needed, const char* what) {
      const std::uint64_t free = free_bytes(folder);
      if (needed <= free) return;
      throw BackupError(fmt::format("{} holds {} of {}, and {} has {} free: there is no room for it.", name_,
                                    megabytes(needed), what, folder.string(), megabytes(free)));
    };
    if (url.engine == db::Engine::sqlite)
      refuse(fs::path(url.path).parent_path(), manifest_.table_bytes(), "rows");
    if (request_.uploads) refuse(*request_.uploads, manifest_.upload_bytes(), "uploads");
  }

  void refuse_data() const {
    const RowCounts counts = rows_held(request_.database);
    if (is_as_migrated(request_.database, counts, request_.steps)) return;
    std::string list;
    std::size_t named = 0;
    for (const auto& [table, rows] : counts) {
      if (++named > 8) break;
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", table, rows);
    }
    if (counts.size() > 8) list += fmt::format(" and {} more tables", counts.size() - 8);
    throw BackupError(fmt::format(
        "The database holds data, in {}. A restore deletes nothing: let [database] url name a new, empty "
        "database, and restore into that.",
        list));
  }

  // The tables as they were when the backup was taken.
  void prepare(db::Database& database) {
    const db::SchemaState state = db::schema_state(database, request_.steps);
    using Kind = db::SchemaState::Kind;
    if (state.kind == Kind::newer || state.kind == Kind::edited) throw BackupError(state.message + ".");
    if (state.version > manifest_.schema_version) {
      throw BackupError(
          fmt::format("The database is empty but at step {} already, and the backup comes from step {}: its "
                      "rows need the "
                      "tables of that step. Give it a database without tables (an SQLite file that is not "
                      "there yet, a new "
                      "PostgreSQL database); the later steps follow by themselves.",
                      state.version, manifest_.schema_version));
    }
    const auto steps = request_.steps.subspan(0, static_cast<std::size_t>(manifest_.schema_version));
    db::migrate(database, steps);
    brought_ = rows_held(request_.database);
  }

  void load(Restored& restored) {
    PlacedFiles files;
    const auto load = db::BulkLoad::open(request_.database);
    refuse_other_tables(load->tables());
    // Nobody has come in between; then what the steps themselves have put into their tables makes room.
    for (const db::RawTable& table : load->tables()) {
      const auto found = brought_.find(table.name);
      if (load->count(table.name) != (found == brought_.end() ? 0 : found->second))
        throw BackupError("Somebody wrote into the database meanwhile; nothing was restored.");
      if (found != brought_.end()) load->empty(table.name);
    }
    Loading loading(request_, *load, files);
    backup_.read(loading, request_.progress);
    load->finish();
    for (const StoredTable& stored : manifest_.tables) {
      const std::int64_t rows = load->count(stored.table.name);
      if (rows != stored.rows) {
        throw BackupError(fmt::format("{} has {} rows after the restore, the backup {}; nothing was kept.",
                                      stored.table.name, rows, stored.rows));
      }
    }
    files.place();
    load->commit();
    files.keep();
    restored.uploads = loading.uploads;
    restored.keys = loading.keys;
  }

  // The archive and the schema of its step name the same tables and columns.
  void refuse_other_tables(const std::vector<db::RawTable>& ours) const {
    std::map<std::string, std::vector<std::string>> known;
    for (const db::RawTable& table : ours) known[table.name] = sorted_columns(table);
    std::vector<std::string> faults;
    for (const StoredTable& stored : manifest_.tables) {
      const auto found = known.find(stored.table.name);
      if (found == known.end()) {
        faults.push_back(fmt::format("its table \"{}\" is unknown", shown(stored.table.name)));
        continue;
      }
      if (found->second != sorted_columns(stored.table))
        faults.push_back(fmt::format("the columns of {} are others", stored.table.name));
      known.erase(found);
    }
    for (const auto& [table, columns] : known)
      faults.push_back(fmt::format("the table {} is missing", table));
    if (faults.empty()) return;
    throw BackupError(fmt::format("{} does not go with step {} of the schema: {}. Nothing was restored.",
                                  name_, manifest_.schema_version, fmt::join(faults, "; ")));
  }

  static std::vector<std::string> sorted_columns(const db::RawTable& table) {
    std::vector<std::string> names;
    for (const db::RawColumn& column : table.columns) names.push_back(column.name);
    std::sort(names.begin(), names.end());
    return names;
  }

  const RestoreRequest& request_;
  BackupFile backup_;
  const Manifest& manifest_;
  std::string name_;
  RowCounts brought_;  // by the steps themselves
};

}  // namespace

Restored restore(const RestoreRequest& request, const fs::path& file) {
  return Restore(request, file).run();
}

}  // namespace plenary::backup
