#include <ostream>

#include <fmt/format.h>

#include "cli/commands.hpp"

namespace plenary::cli {

const config::Settings& Context::settings() {
  if (!settings_) {
    config::use_settings_file(settings_file);
    settings_ = config::get_settings();
    // The first line that a newcomer sees. source: ground rules 15, 1.1.
    if (settings_->file.empty()) {
      err << fmt::format("No settings file: development mode, database {}, address {}.\n",
                         settings_->database.display(), settings_->server.listen.to_string());
    }
  }
  return *settings_;
}

std::function<void(std::string_view)> Context::notice() {
  return [this](std::string_view line) { err << line << '\n'; };
}

const Clock* Context::clock() {
  if (!clock_) clock_ = embed::clock_of(settings());
  return clock_.get();
}

std::unique_ptr<db::Database> open_database(Context& context, bool checkpoint_thread) {
  db::DatabaseOptions options = database_options(context.settings());
  options.checkpoint_thread = checkpoint_thread;
  options.clock = context.clock();
  options.slow_write = Duration::hours(1);  // a command's write is its whole work; nothing to warn of
  if (context.database) context.database(options);
  return db::Database::open(options);
}

void make_ready(Context& context, db::Database& database) {
  embed::bring_up_to_date(context.settings(), database, context.notice());
}

std::unique_ptr<db::Database> open_ready_database(Context& context, bool checkpoint_thread) {
  std::unique_ptr<db::Database> database = open_database(context, checkpoint_thread);
  make_ready(context, *database);
  return database;
}

}  // namespace plenary::cli
