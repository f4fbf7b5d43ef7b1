// plenary migrate: brings the database's schema up to this program's, on SQLite after a backup. Says what it
// applied; repeats are harmless. source: ground rules 15, 8.1.
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "backup/before_migration.hpp"
#include "cli/commands.hpp"
#include "cli/stored_places.hpp"
#include "db/migrations.hpp"

namespace plenary::cli {
namespace {

struct Options {
  bool check = false, no_backup = false;
  std::string backup;
};

// A backup that fails ends the command: nothing is migrated then.
void back_up(Context& context, const Options& options) {
  const db::DatabaseOptions database = [&] {
    db::DatabaseOptions made = database_options(context.settings());
    made.clock = context.clock();
    return made;
  }();
  if (options.no_backup || !backup::needs_backup_before_migration(database)) return;
  if (!options.backup.empty()) {
    StagedProgress progress(context);
    backup::BackupRequest request;
    request.database = database;
    request.uploads = uploads_folder(context.settings());
    request.progress = progress.callback();
    backup::backup_to_file(request, options.backup, backup::Existing::refuse);
    progress.finish();
    context.out << fmt::format("Backed up to {} first.\n", options.backup);
    return;
  }
  const backup::BeforeMigration before = backup::backup_before_migration(database);
  context.out << (before.file ? fmt::format("Backed up to {} first.\n", before.file->string())
                              : std::string("No backup was taken: on PostgreSQL that is done with \"plenary "
                                            "backup FILE\", or with \"plenary migrate --backup FILE\".\n"))
              << std::flush;
}

int migrate(Context& context, const Options& options) {
  std::unique_ptr<db::Database> database = open_database(context);
  std::string where = context.settings().database.display();
  db::SchemaState state = db::schema_state(*database);
  if (state.is_current()) {
    context.out << fmt::format("{} is up to date (version {}).\n", where, state.version);
    return done;
  }
  if (options.check) throw CommandFailed(state.message);
  if (state.kind == db::SchemaState::Kind::older) back_up(context, options);
  auto progress = [&](std::string_view label, int applied, int total) {
    context.out << fmt::format("[{}/{}] {}\n", applied + 1, total, label) << std::flush;
  };
  std::vector<std::string> applied = db::migrate(*database, db::migrations(), progress);
  context.out << fmt::format("{} is up to date now: {} step{} applied.\n", where, applied.size(),
                             applied.size() == 1 ? "" : "s");
  return done;
}

}  // namespace

void add_migrate(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("migrate", "Bring the database's schema up to date");
  auto options = std::make_shared<Options>();
  command->add_flag("--check", options->check, "Change nothing; exit with 1 when something is to be applied");
  CLI::Option* none =
      command->add_flag("--no-backup", options->no_backup, "Take no backup before changing the schema");
  command
      ->add_option("--backup", options->backup,
                   "Take the backup as FILE; without it SQLite's lies beside the database")
      ->type_name("FILE")
      ->excludes(none);
  command->callback(
      [&context, options] { context.action = [&context, options] { return migrate(context, *options); }; });
}

}  // namespace plenary::cli
