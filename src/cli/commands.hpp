// The commands of `plenary`: each add_… registers one command with its options; when the person chose it, it
// puts what is to be done into Context::action, which run() (run.hpp) performs and turns into an exit code.
// One file a command. Actions run on the main thread and may block. They throw for a refusal: run() prints
// the message, exit code 1. source: ground rules 15, 1.1 and 1.2; configuration 10, 6.1.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "db/database.hpp"
#include "embed/opening.hpp"
#include "site/extensions.hpp"

namespace CLI {
class App;
}

namespace plenary::cli {

// Exit codes of every command.
inline constexpr int done = 0;
inline constexpr int refused = 1;      // a wrong input, a rule, a missing database
inline constexpr int wrong_usage = 2;  // an unknown command, option or value

// A message for the person and exit code 1.
class CommandFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The same with exit code 2: what was asked for makes no sense as a command line.
class WrongUsage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Context {
 public:
  Context(std::ostream& output, std::ostream& errors, const site::Extensions& added = {},
          std::function<void(db::DatabaseOptions&)> change = {})
      : out(output), err(errors), extensions(added), database(std::move(change)) {}

  std::ostream& out;
  std::ostream& err;
  const site::Extensions extensions;  // of the program that has these commands
  const std::function<void(db::DatabaseOptions&)>
      database;                                        // how databases are opened, for tests; may be empty
  std::optional<std::filesystem::path> settings_file;  // --settings FILE
  std::function<int()> action;                         // what the chosen command does; its exit code

  // The settings in force, read once. Throws config::ConfigError.
  const config::Settings& settings();
  bool is_development() { return settings().server.is_development(); }
  // Prints a line on `err`.
  std::function<void(std::string_view line)> notice();
  // The clock of [server] clock_file, which development alone knows: a command lives in the time of the
  // server beside it. nullptr: the usual time.
  const Clock* clock();

 private:
  std::shared_ptr<const Clock> clock_;
  std::shared_ptr<const config::Settings> settings_;
};

// The database of the settings, opened as it is. Throws db::DatabaseError.
std::unique_ptr<db::Database> open_database(Context& context, bool checkpoint_thread = false);
// The same with its schema up to date: in development it is migrated when it is empty or older, which is said
// on `err`; otherwise CommandFailed names the command to run.
std::unique_ptr<db::Database> open_ready_database(Context& context, bool checkpoint_thread = false);
// For a database that is open already.
void make_ready(Context& context, db::Database& database);
using embed::database_options;

// First path segments that no conference may be called: ours, and those of added pages.
std::vector<std::string> reserved_slugs(const site::Extensions& extensions = {});

void add_api_tokens(CLI::App& app, Context& context);  // api_token create, list, revoke
void add_audit(CLI::App& app, Context& context);       // audit verify, head, erase
// What is wrong with the record of changes, a line each; empty: it is as it was written.
std::vector<std::string> audit_faults(db::Database& database);
// The same for the database of the settings, however long it takes.
std::vector<std::string> audit_faults(Context& context);

void add_backup(CLI::App& app, Context& context);
void add_bootstrap_conference(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_config(CLI::App& app, Context& context);  // config show, config import
void add_doctor(CLI::App& app, Context& context);
void add_export_conference(CLI::App& app, Context& context);
void add_features(CLI::App& app, Context& context);
void add_keys(CLI::App& app, Context& context);  // keys create, show, rotate, prune
void add_mail(CLI::App& app, Context& context);
void add_manual(CLI::App& app, Context& context);  // manual, completion
void add_migrate(CLI::App& app, Context& context);
void add_restore(CLI::App& app, Context& context);
void add_second_factor(CLI::App& app, Context& context);  // second_factor reset
void add_setup_groups(CLI::App& app, Context& context);
void add_stripe(CLI::App& app, Context& context);  // stripe check, events, replay, reconcile
void add_serve(CLI::App& app, Context& context);
void add_superusers(CLI::App& app, Context& context);  // createsuperuser, changepassword
void add_template(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_vouchers(CLI::App& app, Context& context);  // vouchers generate, export, import
void add_invoices(CLI::App& app, Context& context);
// runserver, collectstatic, makemigrations, shell: they say what to use here, or why none is needed.
void add_counterparts(CLI::App& app, Context& context);

}  // namespace plenary::cli
