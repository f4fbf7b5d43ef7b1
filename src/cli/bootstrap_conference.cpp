// plenary bootstrap_conference --config FILE [--update] [--dry-run] [--seed-demo] [--force] [--verbosity N].
// With --seed-demo standard output holds the voucher codes alone, after the commit; everything else is said
// on standard error. source: configuration 10, 6.1, 6.7, 6.8, 6.10.10 and 7.
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "config/conference_file.hpp"
#include "db/errors.hpp"
#include "db/migrations.hpp"
#include "domain/bootstrap.hpp"
#include "domain/demo.hpp"
#include "domain/registration/catalogue.hpp"
#include "embed/key_file.hpp"

namespace plenary::cli {
namespace {

struct Options {
  std::filesystem::path file;
  domain::BootstrapOptions apply;
  bool dry_run = false;
  bool seed_demo = false;
  bool confirm_demo_data = false;
  int verbosity = 1;
  std::string color = "auto";
};

// A preview reads the database where there is a usable one, and never makes or changes one.
struct ExistingDatabase {
  std::unique_ptr<db::Database> database;  // null: see `why_not`
  std::string why_not;
};

ExistingDatabase open_existing(Context& context) {
  const config::DatabaseSettings& settings = context.settings().database;
  constexpr const char* empty = "the preview is made against an empty one";
  if (settings.engine == config::DatabaseEngine::sqlite && !std::filesystem::exists(settings.sqlite_path)) {
    return {nullptr, fmt::format("There is no database yet ({}): {}.", settings.display(), empty)};
  }
  try {
    std::unique_ptr<db::Database> database = open_database(context);
    db::SchemaState state = db::schema_state(*database);
    if (state.is_current()) return {std::move(database), ""};
    return {nullptr, fmt::format("The database {} is not up to date: {}. ({})", settings.display(), empty,
                                 state.message)};
  } catch (const db::DatabaseError& e) {
    return {nullptr,
            fmt::format("The database {} cannot be read: {}. ({})", settings.display(), empty, e.what())};
  }
}

int preview(Context& context, const Options& options) {
  const config::ProgramSettings& program = context.settings().program;
  ExistingDatabase existing = open_existing(context);
  config::ConferenceFile file = domain::read_conference_file(existing.database.get(), options.file,
                                                             reserved_slugs(context.extensions), program);
  domain::BootstrapReport report = domain::preview_conference_file(existing.database.get(), existing.why_not,
                                                                   file, program, options.apply);
  context.out << domain::preview_text(report, options.verbosity, use_color(context, options.color));
  for (const std::string& problem : report.problems) context.err << problem << '\n';
  if (options.seed_demo && report.problems.empty())
    context.err << "--seed-demo would add demo data after this; a dry run adds none.\n";
  return report.problems.empty() ? done : refused;
}

// Accounts with a password that everybody knows do not get into a real installation by accident.
void check_demo_is_wanted(Context& context, const Options& options) {
  if (!options.seed_demo || options.confirm_demo_data || context.is_development()) return;
  throw CommandFailed(fmt::format(
      "--seed-demo is refused outside development: it makes staff accounts ({}) with the password \"{}\", "
      "which "
      "everybody knows, and orders, payments and grants that never were. Nothing was changed. Such accounts "
      "cannot sign in here; to have the data all the same, for a demonstration, add --confirm-demo-data.",
      fmt::join(domain::demo_usernames(), ", "), domain::demo_password));
}

// What --seed-demo writes behind the file, and what came of it.
class Demo {
 public:
  explicit Demo(Context& context)
      : program_(context.settings().program),
        catalogues_(program_),
        key_(embed::load_key(context.settings(), Random::system(), context.notice()), "site-links"),
        // The password is hashed while the file is read and the database made ready.
        inputs_(std::async(std::launch::async, [] { return domain::prepare_demo(Random::system()); })) {}

  void plan(domain::BootstrapOptions& how) {
    how.afterwards = [this, inputs = inputs_.get()](db::Tx& tx, std::int64_t conference_id) {
      const registration::Shop shop{program_, catalogues_, Random::system(), {}};
      report_ = domain::seed_demo(tx, conference_id, shop, key_, inputs, command_actor("demo"));
    };
  }
  const domain::DemoReport& report() const { return report_; }

 private:
  const config::ProgramSettings& program_;
  registration::Catalogues catalogues_;
  SigningKey key_;
  std::future<domain::DemoInputs> inputs_;
  domain::DemoReport report_;
};

int apply(Context& context, const Options& options) {
  const config::ProgramSettings& program = context.settings().program;
  check_demo_is_wanted(context, options);
  auto read = [&](db::Database* database) {
    return domain::read_conference_file(database, options.file, reserved_slugs(context.extensions), program);
  };
  std::optional<Demo> demo;
  if (options.seed_demo) demo.emplace(context);
  ExistingDatabase existing = open_existing(context);
  config::ConferenceFile file = read(existing.database.get());
  // A file that is wrong by itself has made no database by now.
  if (!existing.database) {
    existing.database = open_ready_database(context);
    file = read(existing.database.get());
  }
  Progress progress(context, "items");
  domain::BootstrapOptions how = options.apply;
  how.actor = command_actor("bootstrap");
  how.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
  if (demo) demo->plan(how);
  domain::BootstrapReport report = domain::apply_conference_file(*existing.database, file, program, how);
  progress.finish();
  if (demo) {
    context.err << domain::report_text(report, options.verbosity, options.color == "always")
                << domain::demo_text(demo->report());
    context.out << domain::codes_text(demo->report());
  } else {
    context.out << domain::report_text(report, options.verbosity, use_color(context, options.color));
  }
  return done;
}

}  // namespace

void add_bootstrap_conference(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("bootstrap_conference", "Create or update a conference from a TOML file");
  auto options = std::make_shared<Options>();
  command->add_option("--config", options->file, "The conference file")->required()->type_name("FILE");
  command->add_flag("--update", options->apply.update, "Change the conference when it exists already");
  command->add_flag("--dry-run", options->dry_run, "Show what would be done; write nothing");
  auto* seed_demo =
      command->add_flag("--seed-demo", options->seed_demo,
                        "Add demo data (development): vouchers, whose codes are printed, people, "
                        "orders, grants");
  command
      ->add_flag("--confirm-demo-data", options->confirm_demo_data,
                 "Let --seed-demo work outside development, too")
      ->needs(seed_demo);
  command->add_flag("--force", options->apply.force,
                    "Let quantities and the capacity fall below what is sold and held");
  add_color_option(*command, options->color);
  command
      ->add_option("--verbosity,-v", options->verbosity,
                   "0: problems only, 1: what changes, 2 and 3: what stays as it is, too")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
  command->callback([&context, options] {
    context.action = [&context, options] {
      return options->dry_run ? preview(context, *options) : apply(context, *options);
    };
  });
}

}  // namespace plenary::cli
