#include "embed/opening.hpp"

#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "backup/before_migration.hpp"
#include "db/clock_file.hpp"
#include "db/migrations.hpp"

namespace plenary::embed {

db::DatabaseOptions database_options(const config::Settings& settings) {
  db::DatabaseOptions options;
  options.url = settings.database.url.reveal();
  options.base_directory = settings.base_directory.empty() ? "." : settings.base_directory.string();
  options.development = settings.server.is_development();
  options.max_connections = static_cast<int>(settings.database.max_connections);
  return options;
}

std::shared_ptr<const Clock> clock_of(const config::Settings& settings) {
  const std::filesystem::path& file = settings.server.clock_file;
  if (!settings.server.is_development() || file.empty()) return nullptr;
  return std::make_shared<db::ClockFile>((settings.base_directory / file).string(),
                                         Duration::milliseconds(10));
}

void bring_up_to_date(const config::Settings& settings, db::Database& database,
                      const std::function<void(std::string_view line)>& notice) {
  const db::SchemaState state = db::schema_state(database);
  if (state.is_current()) return;
  using Kind = db::SchemaState::Kind;
  const bool can_migrate = state.kind == Kind::empty || state.kind == Kind::older;
  if (!settings.server.is_development() || !can_migrate) throw std::runtime_error(state.message);
  const std::string where = settings.database.display();
  const backup::BeforeMigration before = backup::backup_before_migration(database.options());
  if (before.file) notice(fmt::format("Backed up {} to {} first.", where, before.file->string()));
  if (before.needed && !before.file) {
    notice(fmt::format(
        "{}: no backup was taken before this change of the schema; plenary backup FILE takes one.", where));
  }
  for (const std::string& step : db::migrate(database))
    notice(fmt::format("Applied migration {} to {}.", step, where));
}

}  // namespace plenary::embed
