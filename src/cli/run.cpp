#include "cli/run.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <ostream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/version.hpp"

namespace plenary::cli {
namespace {

// All failures of an action, in the words meant for the person.
int perform(const std::function<int()>& action, std::ostream& err) {
  try {
    return action();
  } catch (const WrongUsage& e) {
    err << e.what() << '\n';
    return wrong_usage;
  } catch (const std::exception& e) {
    err << e.what() << '\n';
    return refused;
  }
}

// A mistyped command deserves better than "a subcommand is required". Empty: nothing is wrong with it.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  bool value_follows = false;
  for (const std::string& argument : arguments) {
    if (value_follows || argument.starts_with("-")) {
      value_follows = !value_follows && argument == "--settings";
      continue;
    }
    if (std::find(names.begin(), names.end(), argument) != names.end()) return "";
    std::string near = nearest(argument, names);
    return fmt::format("There is no command \"{}\".{} See: plenary --help", argument,
                       near.empty() ? "" : fmt::format(" Did you mean \"{}\"?", near));
  }
  return "";
}

}  // namespace

std::vector<std::string> normalized(std::vector<std::string> arguments) {
  bool command_seen = false, value_follows = false;
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (value_follows) {
      value_follows = false;
    } else if (argument.starts_with("--")) {
      auto end = std::find(argument.begin(), argument.end(), '=');
      std::replace(argument.begin(), end, '_', '-');
      // Before the command only --settings takes a value; after it nothing needs to be known: only names
      // change.
      value_follows = argument == "--settings";
    } else if (!argument.starts_with("-") && !command_seen) {
      std::replace(argument.begin(), argument.end(), '-', '_');
      command_seen = true;
    }
  }
  return arguments;
}

int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err,
        const site::Extensions& extensions, const DatabaseChange& database) {
  CLI::App app("Plenary: a conference-management server in one program.", "plenary");
  Context context(out, err, extensions, database);
  app.set_version_flag("--version", std::string("plenary ") + version);
  app.add_option(
         "--settings", context.settings_file,
         "Settings file; without it ./plenary.toml, then /etc/plenary/plenary.toml, else the defaults")
      ->type_name("FILE");
  app.require_subcommand(1);
  app.fallthrough();
  add_api_tokens(app, context);
  add_audit(app, context);
  add_backup(app, context);
  add_bootstrap_conference(app, context);
  add_check(app, context);
  add_config(app, context);
  add_counterparts(app, context);
  add_doctor(app, context);
  add_export_conference(app, context);
  add_features(app, context);
  add_keys(app, context);
  add_mail(app, context);
  add_manual(app, context);
  add_migrate(app, context);
  add_restore(app, context);
  add_second_factor(app, context);
  add_setup_groups(app, context);
  add_stripe(app, context);
  add_serve(app, context);
  add_superusers(app, context);
  add_template(app, context);
  add_verify(app, context);
  add_vouchers(app, context);
  add_invoices(app, context);

  std::vector<std::string> reversed = normalized(std::move(arguments));
  if (std::string message = unknown_command(app, reversed); !message.empty()) {
    err << message << '\n';
    return wrong_usage;
  }
  std::reverse(reversed.begin(), reversed.end());  // how CLI11 takes a vector
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& e) {
    return app.exit(e, out, err) == 0 ? done : wrong_usage;
  }
  return context.action ? perform(context.action, err) : done;
}

int main_program(int argc, char** argv, const site::Extensions& extensions) {
  return run(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr, extensions);
}

}  // namespace plenary::cli
