// plenary backup FILE|-: everything in one file, also while the server runs; plenary backup --verify FILE
// reads one to its end. source: ground rules 15, 8.1; docs/backup.md.
#include "backup/backup.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/stored_places.hpp"
#include "cli/terminal.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file;
  bool verify = false, with_keys = false, force = false;
};

void tell_about_keys(std::ostream& to, const backup::Manifest& manifest, const fs::path& key_file) {
  if (manifest.has_keys()) {
    to << "The key file is inside: whoever has this backup can make valid links and sessions and read the "
          "stored secrets. Keep it as safe as the key itself.\n";
    return;
  }
  to << fmt::format(
      "The key file is not inside. Keep a copy of {} apart from the backups: without it, links that were "
      "mailed stop working after a restore, and stored secrets cannot be read.\n",
      key_file.string());
}

void tell(std::ostream& to, const backup::Manifest& manifest) {
  std::string slugs;
  for (const backup::StoredConference& one : manifest.conferences)
    slugs += (slugs.empty() ? "" : ", ") + backup::shown(one.slug);
  to << fmt::format("  taken       {} from {}, by plenary {}\n", manifest.taken_at.to_string(),
                    manifest.engine == db::Engine::sqlite ? "SQLite" : "PostgreSQL",
                    backup::shown(manifest.program));
  to << fmt::format("  conferences {}\n", slugs.empty() ? "none" : slugs);
  to << fmt::format("  rows        {} in {} tables, schema {}\n", manifest.rows(), manifest.tables.size(),
                    manifest.schema_version);
  to << fmt::format("  uploads     {}\n",
                    manifest.with_uploads
                        ? fmt::format("{} files, {} bytes", manifest.uploads.size(), manifest.upload_bytes())
                        : std::string("left out"));
}

int verify(Context& context, const Options& options) {
  StagedProgress progress(context);
  const backup::Manifest manifest = backup::verify_backup(options.file, progress.callback());
  progress.finish();
  context.out << fmt::format("{} is whole: every checksum agrees, every row can be read.\n", options.file);
  tell(context.out, manifest);
  context.out << fmt::format("  keys        {}\n", manifest.has_keys() ? "inside" : "not inside");
  return done;
}

int write(Context& context, const Options& options) {
  const config::Settings& settings = context.settings();
  const bool to_output = options.file == "-";
  if (to_output && &context.out == &std::cout && ::isatty(STDOUT_FILENO))
    throw WrongUsage("A backup is no text for a terminal: plenary backup - > FILE, or plenary backup FILE");
  backup::BackupRequest request;
  request.database = database_options(settings);
  request.database.clock = context.clock();
  request.uploads = uploads_folder(settings);
  if (options.with_keys) {
    request.keys = key_files(settings);
    for (const backup::NamedFile& key : request.keys) {
      if (!fs::exists(key.path))
        throw CommandFailed(
            fmt::format("There is no key file {} to put into the backup.", key.path.string()));
    }
  }
  StagedProgress progress(context);
  request.progress = progress.callback();
  std::ostream& words = to_output ? context.err : context.out;
  backup::Manifest manifest;
  if (to_output) {
    const char* folder = std::getenv("TMPDIR");
    request.spool_folder = folder && *folder ? folder : "/var/tmp";
    const backup::Sink sink = [&](std::string_view bytes) {
      context.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      if (!context.out)
        throw CommandFailed("Standard output cannot be written any more; the backup is not whole.");
    };
    manifest = backup::write_backup(request, sink);
    context.out << std::flush;
    if (!context.out)
      throw CommandFailed("Standard output cannot be written any more; the backup is not whole.");
  } else {
    manifest = backup::backup_to_file(request, options.file,
                                      options.force ? backup::Existing::replace : backup::Existing::refuse);
  }
  progress.finish();
  words << fmt::format(
      "Backed up {}{}.\n", settings.database.display(),
      to_output ? std::string() : fmt::format(" to {}, {} bytes", options.file, fs::file_size(options.file)));
  tell(words, manifest);
  tell_about_keys(words, manifest, key_files(settings).front().path);
  return done;
}

}  // namespace

void add_backup(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("backup", "Write everything into one file, also while the server runs");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "Where to; - is standard output")->required()->type_name("FILE");
  command->add_flag("--verify", options->verify, "Read FILE and check it; write and restore nothing");
  command->add_flag("--with-keys", options->with_keys,
                    "Put the key file in; keep the backup like the key then");
  command->add_flag("--force", options->force, "Overwrite FILE");
  command->callback([&context, options] {
    context.action = [&context, options] {
      if (!options->verify) return write(context, *options);
      if (options->with_keys || options->force || options->file == "-")
        throw WrongUsage("--verify goes with a file, and with no other option.");
      return verify(context, *options);
    };
  });
}

}  // namespace plenary::cli
