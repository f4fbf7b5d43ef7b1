// plenary restore FILE: a backup into the empty database of the settings, of either engine. source: ground
// rules 15, 8.1; docs/backup.md.
#include "backup/restore.hpp"

#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/stored_places.hpp"

namespace plenary::cli {
namespace {

struct Options {
  std::string file;
  bool with_keys = false;
};

void tell_what_next(Context& context, const backup::Restored& restored) {
  const config::Settings& settings = context.settings();
  const auto key_file = key_files(settings).front().path;
  const backup::Manifest& manifest = restored.manifest;
  context.out << "What to do next:\n";
  if (restored.keys > 0) {
    context.out << fmt::format("  - The key file is back: {}.\n", key_file.string());
  } else if (manifest.has_keys()) {
    context.out << "  - The key file of the backup was left inside; restored with --with-keys only.\n";
  }
  if (!std::filesystem::exists(key_file)) {
    context.out << fmt::format(
        "  - Bring {} from your own copy before the server starts: a new key would void every link that was "
        "mailed, and stored secrets could not be read.\n",
        key_file.string());
  }
  if (!manifest.with_uploads) {
    context.out << "  - This backup was taken without the uploads; they are where they were, or in another "
                   "backup.\n";
  }
  context.out << fmt::format(
      "  - Everything after {} is not in it: orders paid since then are known to the payment provider.\n"
      "  - Mail that was waiting then may have gone out already, and goes out with the server's start.\n"
      "  - Look with: plenary check; then start the server.\n",
      manifest.taken_at.to_string());
}

int restore_from(Context& context, const Options& options) {
  const config::Settings& settings = context.settings();
  backup::RestoreRequest request;
  request.database = database_options(settings);
  request.database.clock = context.clock();
  request.database.slow_write = Duration::hours(1);
  request.uploads = uploads_folder(settings);
  request.with_keys = options.with_keys;
  request.keys = key_files(settings);
  StagedProgress progress(context);
  request.progress = progress.callback();
  request.database.read_limit = Duration::hours(1);
  request.check = [](db::Database& database) {
    std::vector<std::string> faults = recount_stock(database).faults;
    for (std::string& fault : recount_ledger(database).faults) faults.push_back(std::move(fault));
    for (std::string& fault : audit_faults(database)) faults.push_back(std::move(fault));
    return faults;
  };
  const backup::Restored restored = backup::restore(request, options.file);
  progress.finish();
  context.out << fmt::format("Restored {} rows and {} uploads of {} into {}, as of {}.\n",
                             restored.manifest.rows(), restored.uploads, options.file,
                             settings.database.display(), restored.manifest.taken_at.to_string());
  if (!restored.applied.empty()) {
    context.out << fmt::format("The schema was at step {}; applied: {}.\n", restored.manifest.schema_version,
                               fmt::join(restored.applied, ", "));
  }
  for (const std::string& fault : restored.faults) context.out << fault << '\n';
  if (restored.faults.empty()) {
    context.out << "Counts, references, stock and the record of changes agree.\n";
  } else {
    context.out << "The data is as the backup holds it, but the counts above do not agree with each other.\n";
  }
  tell_what_next(context, restored);
  return restored.faults.empty() ? done : refused;
}

}  // namespace

void add_restore(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("restore", "Bring a backup into an empty database");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "What plenary backup wrote")->required()->type_name("FILE");
  command->add_flag("--with-keys", options->with_keys, "Bring the key file back too, where none is");
  command->callback([&context, options] {
    context.action = [&context, options] { return restore_from(context, *options); };
  });
}

}  // namespace plenary::cli
