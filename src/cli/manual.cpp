// plenary manual: the manual page, and plenary completion SHELL: what the shell needs to complete commands;
// both made from the commands as they are, so that neither can be wrong. source: ground rules 15, 8.3.
#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/time.hpp"
#include "cli/commands.hpp"
#include "cli/version.hpp"

namespace plenary::cli {
namespace {

std::vector<const CLI::App*> below(const CLI::App& app) {
  std::vector<const CLI::App*> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty() && !command->get_group().empty()) commands.push_back(command);
  }
  return commands;
}

// Those worth telling: not --help, which every command has.
std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  std::vector<const CLI::Option*> options;
  for (const CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    if (option != app.get_help_ptr() && !option->get_group().empty()) options.push_back(option);
  }
  return options;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() != 0;
}

std::string path_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent ? path_of(*parent) + " " + app.get_name() : app.get_name();
}

// ---- the manual page

// Text for troff: what it would take for its own stays what it is.
std::string troff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

void write_option(std::ostream& out, const CLI::Option& option) {
  std::string head = "\\fB" + troff(option.get_name(option.get_positional(), true)) + "\\fR";
  const std::string type = option.get_type_name();
  if (takes_value(option) && !type.empty()) head += " \\fI" + troff(type) + "\\fR";
  out << ".TP\n" << head << "\n" << troff(option.get_description()) << "\n";
}

void write_command(std::ostream& out, const CLI::App& command) {
  std::string line = path_of(command);
  for (const CLI::Option* option : options_of(command)) {
    std::string word = option->get_name(option->get_positional());
    if (takes_value(*option) && !option->get_positional()) word += " " + option->get_type_name();
    line += option->get_required() ? " " + word : " [" + word + "]";
  }
  out << ".SS " << troff(line) << "\n" << troff(command.get_description()) << ".\n";
  for (const CLI::Option* option : options_of(command)) write_option(out, *option);
  for (const CLI::App* deeper : below(command)) write_command(out, *deeper);
}

void write_manual(std::ostream& out, const CLI::App& app) {
  out << fmt::format(".TH PLENARY 1 \"\" \"Plenary {}\" \"Plenary\"\n", version)
      << ".SH NAME\nplenary \\- sell, run and account for conferences\n"
      << ".SH SYNOPSIS\n\\fBplenary\\fR [\\fB\\-\\-settings\\fR \\fIFILE\\fR] \\fICOMMAND\\fR "
         "[\\fIOPTIONS\\fR]\n"
      << ".SH DESCRIPTION\nPlenary is a conference\\-management server in one program: ticket sales, people, "
         "program, sponsors and the back office, on an embedded SQLite database or on PostgreSQL. Commands "
         "take hyphens and underscores alike. On a server run them as the service's user: \\fBsudo \\-u "
         "plenary plenary\\fR \\fICOMMAND\\fR.\n"
      << ".SH OPTIONS\n";
  for (const CLI::Option* option : options_of(app)) write_option(out, *option);
  out << ".SH COMMANDS\n";
  for (const CLI::App* command : below(app)) write_command(out, *command);
  out << ".SH EXIT STATUS\n.TP\n\\fB0\\fR\nDone.\n.TP\n\\fB1\\fR\nRefused: a wrong input, a rule, a missing "
         "database; checks that found a problem.\n.TP\n\\fB2\\fR\nA wrong command line.\n"
      << ".SH ENVIRONMENT\n.TP\n\\fBPLENARY_SUPERUSER_PASSWORD\\fR\nThe password for \\fBcreatesuperuser "
         "\\-\\-no\\-input\\fR and \\fBchangepassword \\-\\-no\\-input\\fR.\n.PP\nEvery secret in the "
         "settings may name a variable of its own (\\fIkey\\fR_env).\n"
      << ".SH FILES\n.TP\n\\fI/etc/plenary/plenary.toml\\fR\nSettings, where no plenary.toml lies in the "
         "working directory.\n.TP\n\\fI/var/lib/plenary\\fR\nDatabase, key file and uploads of the "
         "service.\n.TP\n\\fI/var/backups/plenary\\fR\nThe daily backups.\n.TP\n\\fI/var/log/plenary\\fR\n"
         "What the service writes; rotated daily.\n"
      << ".SH SEE ALSO\n\\fI/usr/share/doc/plenary/operations.md\\fR\n";
}

// ---- completion

struct Words {
  std::string path;  // " mail test"
  std::string words;
};

void collect(const CLI::App& command, const std::string& path, std::vector<Words>& all,
             std::vector<std::string>& with_value) {
  Words here{path, ""};
  for (const CLI::App* deeper : below(command)) here.words += deeper->get_name() + " ";
  for (const CLI::Option* option : options_of(command)) {
    for (const std::string& name : option->get_lnames()) {
      here.words += "--" + name + " ";
      if (takes_value(*option)) with_value.push_back("--" + name);
    }
  }
  here.words += "--help";
  all.push_back(std::move(here));
  for (const CLI::App* deeper : below(command))
    collect(*deeper, path + " " + deeper->get_name(), all, with_value);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

void write_bash(std::ostream& out, const CLI::App& app) {
  std::vector<Words> all;
  std::vector<std::string> with_value, paths;
  collect(app, "", all, with_value);
  std::sort(with_value.begin(), with_value.end());
  with_value.erase(std::unique(with_value.begin(), with_value.end()), with_value.end());
  for (const Words& one : all) {
    if (!one.path.empty()) paths.push_back('"' + one.path + '"');
  }
  out << "_plenary() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= word words=\n"
         "  COMPREPLY=()\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \"$path $word\" in\n      "
      << joined(paths, " | ") << ") path=\"$path $word\" ;;\n    esac\n  done\n"
      << "  case $previous in\n    " << joined(with_value, " | ")
      << ")\n      mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n      return ;;\n  esac\n"
      << "  case $path in\n";
  for (const Words& one : all) out << fmt::format("    \"{}\") words=\"{}\" ;;\n", one.path, one.words);
  out << "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "}\n"
         "complete -o filenames -F _plenary plenary\n";
}

std::string quoted_for_fish(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

void write_fish(std::ostream& out, const CLI::App& app) {
  std::string first;
  for (const CLI::App* command : below(app)) first += command->get_name() + " ";
  out << "complete -c plenary -n 'not __fish_seen_subcommand_from " << first << "' -f\n";
  for (const CLI::App* command : below(app)) {
    out << "complete -c plenary -n '__fish_use_subcommand' -a " << command->get_name() << " -d "
        << quoted_for_fish(command->get_description()) << "\n";
    for (const CLI::App* deeper : below(*command))
      out << "complete -c plenary -n '__fish_seen_subcommand_from " << command->get_name() << "' -a "
          << deeper->get_name() << " -d " << quoted_for_fish(deeper->get_description()) << "\n";
    for (const CLI::Option* option : options_of(*command)) {
      for (const std::string& name : option->get_lnames())
        out << "complete -c plenary -n '__fish_seen_subcommand_from " << command->get_name() << "' -l "
            << name << (takes_value(*option) ? " -r" : "") << " -d "
            << quoted_for_fish(option->get_description()) << "\n";
    }
  }
}

void write_completion(std::ostream& out, const CLI::App& app, const std::string& shell) {
  if (shell == "fish") return write_fish(out, app);
  // zsh reads bash's completions once it is asked to.
  if (shell == "zsh") out << "#compdef plenary\nautoload -U +X bashcompinit && bashcompinit\n";
  write_bash(out, app);
}

}  // namespace

void add_manual(CLI::App& app, Context& context) {
  CLI::App* manual = app.add_subcommand("manual", "Print the manual page (troff)");
  manual->callback([&app, &context] {
    context.action = [&app, &context] {
      write_manual(context.out, app);
      return done;
    };
  });
  CLI::App* completion = app.add_subcommand("completion", "Print completions for a shell");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}));
  completion->callback([&app, &context, shell] {
    context.action = [&app, &context, shell] {
      write_completion(context.out, app, *shell);
      return done;
    };
  });
}

}  // namespace plenary::cli
