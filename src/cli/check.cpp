// plenary check: can this installation serve? Settings, database, time zone data, key file; for each finding
// how to mend it. Changes nothing. Exit code 0 when `serve` may start (warnings included), else 1. source:
// ground rules 15, 1 and 2.1; configuration 10, 2.4.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/findings.hpp"
#include "config/errors.hpp"
#include "db/errors.hpp"
#include "db/migrations.hpp"

namespace plenary::cli {
namespace {

// What signatures and stored secrets need at least.
constexpr std::uintmax_t least_key_bytes = 32;

// Nullptr: the settings are wrong, and nothing else can be looked at.
const config::Settings* check_settings(Context& context, Findings& findings) {
  try {
    const config::Settings& settings = context.settings();
    std::string source =
        settings.file.empty() ? "no settings file: the defaults hold" : settings.file.string();
    findings.good("settings", fmt::format("{} ({} mode)", source,
                                          settings.server.is_development() ? "development" : "production"));
    for (const config::Finding& finding : config::review(settings)) {
      std::string text = finding.key + ": " + finding.text;
      finding.blocks ? findings.problem("settings", text) : findings.warning("settings", text);
    }
    return &settings;
  } catch (const config::ConfigError& e) {
    findings.problem("settings", e.what());
    return nullptr;
  }
}

void check_time_zones(Findings& findings) {
  if (TimeZone::database_available() && TimeZone::find("America/New_York")) {
    findings.good("time zones", "the system's time zone data is there");
  } else {
    findings.problem("time zones",
                     "no time zone data in /usr/share/zoneinfo; install it with: apt-get install tzdata");
  }
}

void check_database(Context& context, const config::Settings& settings, Findings& findings) {
  std::string where = settings.database.display();
  bool development = settings.server.is_development();
  if (settings.database.engine == config::DatabaseEngine::sqlite &&
      !std::filesystem::exists(settings.database.sqlite_path)) {
    std::filesystem::path folder = settings.database.sqlite_path.parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder)) {
      findings.problem("database", fmt::format("{}: the folder {} does not exist; make it with: mkdir -p {}",
                                               where, folder.string(), folder.string()));
    } else if (development) {
      findings.good("database", where + " is made at the first start");
    } else {
      findings.problem("database", where + " does not exist; make it with: plenary migrate");
    }
    return;
  }
  try {
    std::unique_ptr<db::Database> database = open_database(context);
    db::SchemaState state = db::schema_state(*database);
    using Kind = db::SchemaState::Kind;
    if (state.is_current()) {
      findings.good("database", fmt::format("{} (schema {})", where, state.version));
    } else if (development && (state.kind == Kind::empty || state.kind == Kind::older)) {
      findings.good("database", where + " is migrated at the next start");
    } else {
      findings.problem("database", fmt::format("{}: {}", where, state.message));
    }
  } catch (const db::DatabaseError& e) {
    findings.problem("database",
                     fmt::format("{}: {}\nLook at [database] url, and whether the server runs and lets "
                                 "this user in.",
                                 where, e.what()));
  }
}

void check_key_file(const config::Settings& settings, Findings& findings) {
  const std::filesystem::path& file = settings.security.key_file;
  std::string name = file.string();
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (settings.server.is_development()) {
      findings.good("key file", name + " is made at the first start");
    } else {
      findings.problem("key file",
                       fmt::format("{} does not exist; make one and keep a copy in a safe place:\n"
                                   "(umask 077 && head -c 32 /dev/urandom | base64 > {})",
                                   name, name));
    }
    return;
  }
  if (!S_ISREG(status.st_mode)) {
    findings.problem("key file", name + " is no file; [security] key_file must name one");
  } else if (static_cast<std::uintmax_t>(status.st_size) < least_key_bytes) {
    findings.problem("key file",
                     fmt::format("{} holds {} bytes; a key has at least {}. Restore it from your copy.", name,
                                 status.st_size, least_key_bytes));
  } else if (::access(file.c_str(), R_OK) != 0) {
    findings.problem("key file",
                     fmt::format("{} cannot be read by this user; give it to them with: chown", name));
  } else if (status.st_mode & (S_IRWXG | S_IRWXO)) {
    std::string text = fmt::format("{} can be read by others; mend it with: chmod 600 {}", name, name);
    settings.server.is_development() ? findings.warning("key file", text)
                                     : findings.problem("key file", text);
  } else {
    findings.good("key file", name);
  }
}

}  // namespace

const config::Settings* check_installation(Context& context, Findings& findings) {
  const config::Settings* settings = check_settings(context, findings);
  check_time_zones(findings);
  if (settings) {
    check_database(context, *settings, findings);
    check_key_file(*settings, findings);
  }
  return settings;
}

void add_check(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("check", "Look at settings, database, time zone data and key file");
  command->callback([&context] {
    context.action = [&context] {
      Findings findings(context.out);
      check_installation(context, findings);
      return findings.close("Ready to serve");
    };
  });
}

}  // namespace plenary::cli
