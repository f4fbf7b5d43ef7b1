// plenary config show [KEY] [--json]: the settings in force with the origin of each value, secrets masked.
// plenary config import SETTINGS.PY [--output FILE]: the customer's DJANGO_PROGRAM as plenary.toml.
// source: configuration 10, 2.4; ground rules 15, 1.7.
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/output_file.hpp"
#include "config/settings_import.hpp"
#include "config/settings_origin.hpp"

namespace plenary::cli {
namespace {

using config::EffectiveSetting;

struct ShowOptions {
  std::string key;
  bool json = false;
};

// "program.currency", "currency", "stripe.secret_key", or a table: "program.stripe", "stripe".
bool is_meant(const EffectiveSetting& setting, const std::string& key) {
  const std::string path = "." + setting.path + ".", wanted = "." + key + ".";
  return path.find(wanted) != std::string::npos;
}

std::vector<EffectiveSetting> chosen(std::vector<EffectiveSetting> all, const std::string& key) {
  if (key.empty()) return all;
  std::vector<EffectiveSetting> found;
  std::vector<std::string> names;
  for (EffectiveSetting& setting : all) {
    names.push_back(setting.path);
    names.push_back(setting.path.substr(setting.path.rfind('.') + 1));
    if (is_meant(setting, key)) found.push_back(std::move(setting));
  }
  if (!found.empty()) return found;
  const std::string near = nearest(key, names);
  throw WrongUsage(fmt::format("There is no setting \"{}\".{} All of them: plenary config show", key,
                               near.empty() ? "" : fmt::format(" Did you mean \"{}\"?", near)));
}

nlohmann::ordered_json value_of(const EffectiveSetting& setting) {
  if (!setting.is_set) return nullptr;
  if (setting.kind == EffectiveSetting::Kind::list) return setting.items;
  if (setting.kind == EffectiveSetting::Kind::literal) return nlohmann::ordered_json::parse(setting.text);
  return setting.text;
}

int show(Context& context, const ShowOptions& options) {
  const std::vector<EffectiveSetting> settings =
      chosen(config::effective_settings(context.settings()), options.key);
  if (!options.json) {
    context.out << config::effective_toml(settings);
    return done;
  }
  constexpr const char* sources[] = {"default", "file", "environment", "secret_file"};
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const EffectiveSetting& setting : settings) {
    all[setting.path] = {{"value", value_of(setting)},
                         {"source", sources[static_cast<int>(setting.source)]},
                         {"origin", setting.origin}};
  }
  context.out << all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return done;
}

struct ImportOptions {
  std::filesystem::path input, output;
  bool force = false;
};

int import(Context& context, const ImportOptions& options) {
  const config::ImportedSettings imported = config::import_settings(options.input);
  if (options.output.empty()) {
    context.out << imported.toml << std::flush;
  } else {
    // Keys that stood in the Python file stand in this one.
    write_output(options.output, imported.toml, options.force, Readable::by_owner);
    context.err << fmt::format("Wrote {}.\n", options.output.string());
  }
  for (const std::string& note : imported.notes) context.err << note << '\n';
  context.err << fmt::format(
      "{} {} carried over{}.\n", imported.keys, imported.keys == 1 ? "setting" : "settings",
      imported.notes.empty() ? "" : fmt::format("; {} to look at, see above", imported.notes.size()));
  return done;
}

}  // namespace

void add_config(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("config", "Show the settings in force, or take over a Django project's");
  command->require_subcommand(1);

  CLI::App* showing = command->add_subcommand("show", "Every setting with where its value comes from");
  auto shown = std::make_shared<ShowOptions>();
  showing->add_option("key", shown->key, "One setting or table: currency, program.stripe");
  showing->add_flag("--json", shown->json, "As JSON");
  showing->callback(
      [&context, shown] { context.action = [&context, shown] { return show(context, *shown); }; });

  CLI::App* importing = command->add_subcommand("import", "Write plenary.toml from DJANGO_PROGRAM = {…}");
  auto imported = std::make_shared<ImportOptions>();
  importing->add_option("settings", imported->input, "The Python settings module")
      ->required()
      ->type_name("SETTINGS.PY");
  importing->add_option("--output,-o", imported->output, "Where to; without it standard output")
      ->type_name("FILE");
  importing->add_flag("--force", imported->force, "Overwrite FILE");
  importing->callback(
      [&context, imported] { context.action = [&context, imported] { return import(context, *imported); }; });
}

}  // namespace plenary::cli
