// plenary export_conference SLUG [--output FILE] [--stamp] [--force]: a conference as the file that would
// recreate it. The file goes to standard output or FILE; what it cannot say goes to standard error as well.
// source: configuration 10, 6.
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/output_file.hpp"
#include "db/migrations.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/export.hpp"

namespace plenary::cli {
namespace {

struct Options {
  std::string slug;
  std::filesystem::path output;
  bool stamp = false;
  bool force = false;
};

int export_to(Context& context, const Options& options) {
  std::unique_ptr<db::Database> database = open_database(context);
  const db::SchemaState state = db::schema_state(*database);
  if (!state.is_current()) throw CommandFailed(state.message);  // an export changes nothing, a schema neither
  const std::string head =
      options.stamp ? fmt::format("Written {}.", Instant::system_now().to_string()) : std::string();
  const domain::ConferenceExport result = database->read_now([&](db::Tx& tx) {
    if (!conference::find_state(tx, options.slug)) {
      std::string known;
      for (const auto& key : conference::list_keys(tx)) known += (known.empty() ? "" : ", ") + key.slug;
      throw CommandFailed(fmt::format("There is no conference \"{}\". Conferences: {}.", options.slug,
                                      known.empty() ? "none" : known));
    }
    return domain::export_conference(tx, options.slug, context.settings().program,
                                     reserved_slugs(context.extensions), head);
  });
  if (options.output.empty()) {
    context.out << result.toml << std::flush;
  } else {
    write_output(options.output, result.toml, options.force, Readable::as_usual);
    context.err << fmt::format("Wrote {}.\n", options.output.string());
  }
  for (const std::string& line : result.left_out) context.err << "not in the file: " << line << '\n';
  if (!result.problems.empty()) {
    context.err << "bootstrap_conference would refuse this file as it is; correct it, or the stored data:\n";
    for (const std::string& problem : result.problems) context.err << problem << '\n';
  }
  return done;
}

}  // namespace

void add_export_conference(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("export_conference", "Write the file that would recreate a conference");
  auto options = std::make_shared<Options>();
  command->add_option("slug", options->slug, "The conference")->required()->type_name("SLUG");
  command->add_option("--output,-o", options->output, "Where to; without it standard output")
      ->type_name("FILE");
  command->add_flag("--force", options->force, "Overwrite FILE");
  command->add_flag("--stamp", options->stamp, "Say in the file when it was written");
  command->callback(
      [&context, options] { context.action = [&context, options] { return export_to(context, *options); }; });
}

}  // namespace plenary::cli
