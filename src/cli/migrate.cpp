// plenary migrate: brings the database's schema up to this program's. Says what it applied; repeats are
// harmless.
#include <ostream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "db/migrations.hpp"

namespace plenary::cli {

void add_migrate(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("migrate", "Bring the database's schema up to date");
  auto check = std::make_shared<bool>(false);
  command->add_flag("--check", *check, "Change nothing; exit with 1 when something is to be applied");
  command->callback([&context, check] {
    context.action = [&context, check] {
      std::unique_ptr<db::Database> database = open_database(context);
      std::string where = context.settings().database.display();
      db::SchemaState state = db::schema_state(*database);
      if (state.is_current()) {
        context.out << fmt::format("{} is up to date (version {}).\n", where, state.version);
        return done;
      }
      if (*check) throw CommandFailed(state.message);
      auto progress = [&](std::string_view label, int applied, int total) {
        context.out << fmt::format("[{}/{}] {}\n", applied + 1, total, label) << std::flush;
      };
      std::vector<std::string> applied = db::migrate(*database, db::migrations(), progress);
      context.out << fmt::format("{} is up to date now: {} step{} applied.\n", where, applied.size(),
                                 applied.size() == 1 ? "" : "s");
      return done;
    };
  });
}

}  // namespace plenary::cli
