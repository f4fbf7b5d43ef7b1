#include <ostream>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "db/clock_file.hpp"
#include "db/migrations.hpp"

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

const Clock* Context::clock() {
  const std::filesystem::path& file = settings().server.clock_file;
  if (!clock_ && is_development() && !file.empty()) {
    clock_ = std::make_shared<db::ClockFile>((settings().base_directory / file).string(),
                                             Duration::milliseconds(10));
  }
  return clock_.get();
}

db::DatabaseOptions database_options(const config::Settings& settings) {
  db::DatabaseOptions options;
  options.url = settings.database.url.reveal();
  options.base_directory = settings.base_directory.empty() ? "." : settings.base_directory.string();
  options.development = settings.server.is_development();
  options.max_connections = static_cast<int>(settings.database.max_connections);
  return options;
}

std::unique_ptr<db::Database> open_database(Context& context, bool checkpoint_thread) {
  db::DatabaseOptions options = database_options(context.settings());
  options.checkpoint_thread = checkpoint_thread;
  options.clock = context.clock();
  options.slow_write = Duration::hours(1);  // a command's write is its whole work; nothing to warn of
  return db::Database::open(options);
}

void make_ready(Context& context, db::Database& database) {
  db::SchemaState state = db::schema_state(database);
  if (state.is_current()) return;
  using Kind = db::SchemaState::Kind;
  bool can_migrate = state.kind == Kind::empty || state.kind == Kind::older;
  if (!context.is_development() || !can_migrate) throw CommandFailed(state.message);
  for (const std::string& step : db::migrate(database)) {
    context.err << fmt::format("Applied migration {} to {}.\n", step, context.settings().database.display());
  }
}

std::unique_ptr<db::Database> open_ready_database(Context& context, bool checkpoint_thread) {
  std::unique_ptr<db::Database> database = open_database(context, checkpoint_thread);
  make_ready(context, *database);
  return database;
}

}  // namespace plenary::cli
