// plenary check: can this installation serve? Settings, database, time zone data, key file; for each finding
// how to mend it. Changes nothing. Exit code 0 when `serve` may start (warnings included), else 1. source:
// ground rules 15, 1 and 2.1; configuration 10, 2.4.
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/check_credentials.hpp"
#include "cli/findings.hpp"
#include "config/errors.hpp"
#include "db/errors.hpp"
#include "db/migrations.hpp"
#include "embed/key_file.hpp"
#include "net/http_client.hpp"

namespace plenary::cli {
namespace {

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

// The database, where everything else about it can be looked at; else nullptr.
std::unique_ptr<db::Database> check_database(Context& context, const config::Settings& settings,
                                             Findings& findings) {
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
    return nullptr;
  }
  try {
    std::unique_ptr<db::Database> database = open_database(context);
    db::SchemaState state = db::schema_state(*database);
    using Kind = db::SchemaState::Kind;
    if (state.is_current()) {
      findings.good("database", fmt::format("{} (schema {})", where, state.version));
      return database;
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
  return nullptr;
}

void check_key_file(const config::Settings& settings, Findings& findings) {
  const std::filesystem::path file = embed::key_file_path(settings);
  const std::string name = file.string();
  const bool development = settings.server.is_development();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    if (development) {
      findings.good("key file", name + " is made at the first start");
    } else {
      findings.problem("key file",
                       name +
                           " does not exist; restore it from your copy, or for a new installation make one "
                           "and keep a copy in a safe place: plenary keys create");
    }
    return;
  }
  try {
    const KeyRing ring = embed::read_key_file(file);
    const embed::KeyFileExposure exposure = embed::key_file_exposure(file);
    if (!exposure.text.empty()) {
      exposure.blocks && !development ? findings.problem("key file", exposure.text)
                                      : findings.warning("key file", exposure.text);
    } else {
      const std::size_t keys = ring.sealing.size();
      findings.good("key file", fmt::format("{} ({} sealing key{})", name, keys, keys == 1 ? "" : "s"));
    }
  } catch (const std::exception& fault) {
    findings.problem("key file", fault.what());
  }
}

}  // namespace

const config::Settings* check_installation(Context& context, Findings& findings, bool online) {
  const config::Settings* settings = check_settings(context, findings);
  check_time_zones(findings);
  if (settings) {
    const std::unique_ptr<db::Database> database = check_database(context, *settings, findings);
    check_key_file(*settings, findings);
    if (database) {
      net::HttpOptions options;
      options.timeout = Duration::seconds(10);
      net::HttpClient client(options);
      check_credentials(*settings, *database, online ? &client : nullptr, findings);
    }
  }
  return settings;
}

void add_check(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("check", "Look at settings, database, time zone data, key file and credentials");
  auto online = std::make_shared<bool>(false);
  command->add_flag("--online", *online, "Also ask Stripe and Pretalx whether they accept the credentials");
  command->callback([&context, online] {
    context.action = [&context, online] {
      Findings findings(context.out);
      check_installation(context, findings, *online);
      return findings.close("Ready to serve");
    };
  });
}

}  // namespace plenary::cli
