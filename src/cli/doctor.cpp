// plenary doctor: what a person on call runs first. Everything that `check` looks at, and then whether the
// installation is well at this moment: does the server answer, is there room on the disks, does the
// background work keep up, does mail get out, do the counts of stock agree, is the record of changes whole,
// how old is the newest backup. Changes nothing. Exit code 1 when something must be mended.
// docs/operations.md. source: ground rules 15, 8.3.
#include <sys/statvfs.h>
#include <sys/timex.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/findings.hpp"
#include "db/errors.hpp"
#include "db/migrations.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/stock.hpp"
#include "jobs/outbox.hpp"
#include "jobs/status.hpp"
#include "mail/status.hpp"
#include "net/http_client.hpp"
#include "web/tls.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t megabyte = 1024 * 1024;
constexpr std::uintmax_t too_little_room = 200 * megabyte, little_room = 1024 * megabyte;
constexpr std::uintmax_t large_log = 256 * megabyte;
constexpr Duration late_job = Duration::minutes(5);
constexpr std::int64_t backup_days = 2, certificate_problem_days = 3, certificate_warning_days = 14;
const fs::path usual_backups = "/var/backups/plenary";

std::string megabytes(std::uintmax_t bytes) {
  return fmt::format("{} MB", bytes / megabyte);
}

std::string days_and_hours(Duration time) {
  const std::int64_t hours = time.micros / 3'600'000'000;
  return hours < 48 ? fmt::format("{} hours", hours) : fmt::format("{} days", hours / 24);
}

fs::path existing_parent(fs::path path) {
  std::error_code error;
  while (!path.empty() && !fs::exists(path, error)) {
    const fs::path parent = path.parent_path();
    if (parent == path) break;
    path = parent;
  }
  return path.empty() ? fs::path(".") : path;
}

void look_at_disks(const config::Settings& settings, Findings& findings) {
  std::set<std::string> seen;
  const bool sqlite = settings.database.engine == config::DatabaseEngine::sqlite;
  for (const fs::path& place :
       {sqlite ? settings.database.sqlite_path : fs::path(), settings.server.media_dir,
        settings.mail.smtp_url ? fs::path() : settings.mail.folder}) {
    if (place.empty()) continue;
    const fs::path folder = existing_parent(place);
    struct statvfs room {};
    if (::statvfs(folder.c_str(), &room) != 0) continue;
    if (!seen.insert(std::to_string(room.f_fsid)).second) continue;
    const std::uintmax_t free = static_cast<std::uintmax_t>(room.f_bavail) * room.f_frsize;
    const std::string text = fmt::format("{} free where {} lies", megabytes(free), place.string());
    if (free < too_little_room) {
      findings.problem("disk", text + "; without room nothing can be sold. Make some, or move it.");
    } else if (free < little_room) {
      findings.warning("disk", text + "; make some room.");
    } else {
      findings.good("disk", text);
    }
  }
  if (!sqlite) return;
  std::error_code error;
  const std::uintmax_t log = fs::file_size(settings.database.sqlite_path.string() + "-wal", error);
  if (!error && log > large_log)
    findings.warning("database",
                     fmt::format("its log has grown to {}: a reader holds on for long, or no server "
                                 "runs to write it back.",
                                 megabytes(log)));
}

// Does the server of these settings answer, and is it ready?
void look_at_server(const config::Settings& settings, Findings& findings) {
  const std::string at = settings.server.listen.to_string();
  if (settings.server.has_tls()) {
    findings.good("server",
                  fmt::format("listens on {} with TLS; not asked, its certificate is for another name", at));
    return;
  }
  net::HttpClient client;
  net::HttpRequest request;
  request.url = fmt::format("http://{}/readyz", at);
  request.headers = {
      {"Host", settings.server.public_url.empty()
                   ? at
                   : settings.server.public_url.substr(settings.server.public_url.find("//") + 2)}};
  const auto begun = std::chrono::steady_clock::now();
  try {
    const net::HttpAnswer response = client.send(request);
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (response.status == 200) {
      findings.good("server", fmt::format("{} is ready ({} ms)", at, took.count()));
    } else {
      std::string said = response.body.substr(0, 200);
      while (!said.empty() && said.back() == '\n') said.pop_back();
      findings.problem("server", fmt::format("{} answers {}: {}", at, response.status, said));
    }
  } catch (const std::exception& error) {
    findings.problem("server",
                     fmt::format("nothing answers at {} ({}).\nStart it: systemctl start plenary; the "
                                 "last lines of its log say why it ended.",
                                 at, error.what()));
  }
}

void look_at_clock(Findings& findings) {
  timex state{};
  if (::adjtimex(&state) < 0) return;
  if (state.status & STA_UNSYNC) {
    findings.warning("clock", "the system's clock follows no time server: sales open and holds end by it.");
  } else {
    findings.good("clock", "follows a time server");
  }
}

void look_at_certificate(const config::Settings& settings, Instant now, Findings& findings) {
  if (!settings.server.has_tls()) return;
  const std::string file = settings.server.tls_certificate_file.string();
  try {
    const Instant end = web::certificate_end(file);
    const std::int64_t days = (end - now).micros / Duration::days(1).micros;
    const std::string text = end <= now ? fmt::format("{} has expired", file)
                                        : fmt::format("{} is valid for {} days more", file, days);
    if (end <= now || days < certificate_problem_days) {
      findings.problem("certificate", text + "; renew it, then: systemctl reload plenary");
    } else if (days < certificate_warning_days) {
      findings.warning("certificate", text + "; renew it, then: systemctl reload plenary");
    } else {
      findings.good("certificate", text);
    }
  } catch (const std::exception& error) {
    findings.problem("certificate", error.what());
  }
}

void look_at_jobs(db::Tx& tx, Findings& findings) {
  const std::vector<jobs::LateJob> late = jobs::late_jobs(tx, late_job);
  for (const jobs::LateJob& job : late) {
    findings.problem(
        "background",
        fmt::format("{} is due since {}{}. A running server does it; restart that if it runs.", job.name,
                    job.due.to_string(),
                    job.last_error.empty() ? std::string() : "; its last error: " + job.last_error));
  }
  const std::size_t dead = jobs::dead_letters(tx).size();
  if (dead > 0)
    findings.warning("background",
                     fmt::format("{} given up; look in the administration, Operation, Outbox.",
                                 dead == 1 ? "1 task was" : fmt::format("{} tasks were", dead)));
  if (late.empty() && dead == 0) findings.good("background", "the periodic work is up to date");
}

void look_at_mail(db::Tx& tx, Findings& findings) {
  if (const auto stuck = mail::stuck(tx)) {
    findings.problem("mail", *stuck + "\nTry: plenary mail test ADDRESS");
    return;
  }
  const mail::MailStatus status = mail::status(tx);
  findings.good("mail", fmt::format("{} waiting, {} refused by their recipients' servers", status.waiting,
                                    status.refused));
}

void look_at_stock(db::Tx& tx, Findings& findings) {
  std::size_t wrong = 0, conferences = 0;
  for (const conference::ConferenceKey& key : conference::list_keys(tx)) {
    ++conferences;
    for (const registration::StockFault& fault : registration::verify_stock(tx, key.id)) {
      if (fault.is_remark) continue;  // somebody wanted that
      if (++wrong <= 5) findings.problem("stock", fmt::format("{}: {}", key.slug, fault.what));
    }
  }
  if (wrong > 5)
    findings.problem("stock", fmt::format("{} more; all of them: plenary verify stock", wrong - 5));
  if (wrong == 0) findings.good("stock", fmt::format("every count agrees, {} conferences", conferences));
}

void look_at_record(Context& context, Findings& findings) {
  const std::vector<std::string> faults = audit_faults(context);
  for (const std::string& fault : faults)
    findings.problem("record", fault + "\nKeep a copy of the database first.");
  if (faults.empty()) findings.good("record", "the record of changes is as it was written");
}

void look_at_people(db::Tx& tx, const config::Settings& settings, Findings& findings) {
  if (!accounts::has_superuser(tx)) {
    settings.server.is_development()
        ? findings.warning("people", "there is no superuser; make one with: plenary createsuperuser")
        : findings.problem("people", "there is no superuser; make one with: plenary createsuperuser");
  }
}

void look_at_backups(const config::Settings& settings, const fs::path& given, Findings& findings) {
  std::error_code error;
  fs::path folder = given;
  if (folder.empty())
    folder = fs::is_directory(usual_backups, error) ? usual_backups : settings.base_directory;
  if (folder.empty()) folder = ".";
  fs::file_time_type newest = fs::file_time_type::min();
  fs::path file;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".backup" || !entry.is_regular_file(error)) continue;
    const fs::file_time_type written = entry.last_write_time(error);
    if (written > newest) {
      newest = written;
      file = entry.path();
    }
  }
  const bool development = settings.server.is_development();
  if (file.empty()) {
    const std::string text =
        fmt::format("there is none in {}; make one with: plenary backup FILE", folder.string());
    development ? findings.good("backup", text) : findings.problem("backup", text);
    return;
  }
  const auto age =
      std::chrono::duration_cast<std::chrono::microseconds>(fs::file_time_type::clock::now() - newest);
  const Duration old{age.count()};
  const std::string text = fmt::format("the newest, {}, is {} old", file.string(), days_and_hours(old));
  if (old > Duration::days(backup_days) && !development) {
    findings.problem("backup", text + "; does the timer run? systemctl status plenary-backup");
  } else {
    findings.good("backup", text);
  }
}

// What is read from the database; a failure of one look does not hide the others.
void look_into_database(Context& context, const config::Settings& settings, Findings& findings) {
  std::unique_ptr<db::Database> database;
  try {
    database = open_database(context);
    if (!db::schema_state(*database).is_current()) return;  // check has said so
  } catch (const db::DatabaseError&) {
    return;  // likewise
  }
  const auto look = [&](const char* subject, const std::function<void(db::Tx&)>& at) {
    try {
      database->read_now(at);
    } catch (const std::exception& error) {
      findings.problem(subject, error.what());
    }
  };
  look("background", [&](db::Tx& tx) { look_at_jobs(tx, findings); });
  look("mail", [&](db::Tx& tx) { look_at_mail(tx, findings); });
  look("stock", [&](db::Tx& tx) { look_at_stock(tx, findings); });
  try {
    look_at_record(context, findings);
  } catch (const std::exception& error) {
    findings.problem("record", error.what());
  }
  look("people", [&](db::Tx& tx) { look_at_people(tx, settings, findings); });
}

int examine(Context& context, bool json, bool without_server, const fs::path& backups) {
  Findings findings(context.out, json);
  const config::Settings* settings = check_installation(context, findings);
  if (settings) {
    const Instant now = context.clock() ? context.clock()->now() : SystemClock().now();
    look_at_disks(*settings, findings);
    look_at_clock(findings);
    look_at_certificate(*settings, now, findings);
    if (!without_server) look_at_server(*settings, findings);
    look_into_database(context, *settings, findings);
    look_at_backups(*settings, backups, findings);
  }
  return findings.close("All is well");
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("doctor", "Is this installation well? What to run first when on call");
  struct Options {
    bool json = false, without_server = false;
    fs::path backups;
  };
  auto options = std::make_shared<Options>();
  command->add_flag("--json", options->json, "For a monitor: findings as JSON");
  command->add_flag("--no-server", options->without_server, "Do not ask the running server");
  command->add_option("--backups", options->backups, "Where backups lie; usually /var/backups/plenary")
      ->type_name("FOLDER");
  command->callback([&context, options] {
    context.action = [&context, options] {
      return examine(context, options->json, options->without_server, options->backups);
    };
  });
}

}  // namespace plenary::cli
