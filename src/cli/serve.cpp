// plenary serve: makes the program of the settings (embed/program.hpp) and serves until SIGTERM or SIGINT,
// then drains. SIGHUP reads templates, static files, the key file and the certificate again. source: ground
// rules 15, 1 and 8.2.
#include <signal.h>

#include <ostream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "base/codes.hpp"
#include "cli/commands.hpp"
#include "cli/superusers.hpp"
#include "cli/version.hpp"
#include "domain/conference/conferences.hpp"
#include "embed/program.hpp"

namespace plenary::cli {
namespace {

// Blocked in every thread that is started from here on; the main thread waits for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void say_what_to_open(Context& context, db::Database& database, const std::string& base) {
  auto list = [](db::Tx& tx) { return conference::list_active(tx); };
  const auto conferences = database.read_now(list);
  context.out << fmt::format("Open {}/\n", base);
  for (const auto& one : conferences) context.out << fmt::format("  {}: {}/{}/\n", one.name, base, one.slug);
  if (conferences.empty()) {
    context.out << "  There is no active conference yet: plenary bootstrap_conference --config FILE\n";
  }
  context.out << std::flush;
}

void reload(embed::Program& program) {
  const std::vector<std::string> problems = program.reload();
  for (const std::string& problem : problems) spdlog::error("reload: {}; what was there stays", problem);
  if (problems.empty()) spdlog::info("templates, static files, key file and certificate were read again");
}

int serve(Context& context) {
  const config::Settings& settings = context.settings();
  const bool development = settings.server.is_development();
  spdlog::set_level(spdlog::level::from_str(settings.server.log_level));
  context.out << fmt::format("Plenary {}, {} mode, settings: {}, database: {}\n", version,
                             development ? "development" : "production",
                             settings.file.empty() ? "defaults" : settings.file.string(),
                             settings.database.display())
              << std::flush;
  if (!development) context.out << "Payments: the sandbox only. Its orders are marked, and no money moves.\n";
  const sigset_t signals = block_signals();

  embed::ProgramOptions options{.clock = context.clock(), .notice = context.notice()};
  if (context.database) options.database = context.database;
  embed::Program program(context.extensions, std::move(options));
  program.start();
  say_what_to_open(context, program.database(), program.base_url());
  context.out << how_to_begin(program.database(), program.site().link_key, Random::system(),
                              program.base_url(), development)
              << std::flush;

  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (signal != SIGHUP) break;
    reload(program);
  }
  context.out << "Stopping: what was accepted is still answered.\n" << std::flush;
  program.stop();
  return done;
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("serve", "Serve the conferences of this database");
  command->callback([&context] { context.action = [&context] { return serve(context); }; });
}

}  // namespace plenary::cli
