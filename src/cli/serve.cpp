// plenary serve: opens the database, wires every room together, serves until SIGTERM or SIGINT, and drains.
// SIGHUP reads templates, static files and the certificate again. source: ground rules 15, 1 and 8.2;
// design 3.
#include "cli/serve.hpp"

#include <arpa/inet.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include "base/codes.hpp"
#include "base/pool.hpp"
#include "cli/background.hpp"
#include "cli/commands.hpp"
#include "cli/key_file.hpp"
#include "cli/route_tables.hpp"
#include "cli/superusers.hpp"
#include "cli/version.hpp"
#include "db/serve_lock.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/events.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/payments.hpp"
#include "mail/post.hpp"
#include "site/application.hpp"
#include "site/hashing.hpp"
#include "web/metrics.hpp"

namespace plenary::cli {
namespace {

std::string text_of(const config::Network& network) {
  static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const bool is_v4 = network.prefix >= 96 && std::equal(mapped, mapped + 12, network.address.begin());
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4 ? AF_INET : AF_INET6, network.address.data() + (is_v4 ? 12 : 0), text, sizeof text);
  return fmt::format("{}/{}", text, is_v4 ? network.prefix - 96 : network.prefix);
}

std::chrono::milliseconds milliseconds(Duration duration) {
  return std::chrono::milliseconds(duration.micros / 1000);
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  std::string host = start == std::string::npos ? url : url.substr(start + 3);
  host = host.substr(0, host.find('/'));
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host = host.substr(0, colon);
  return host;
}

// Blocked in every thread that is started from here on; the main thread waits for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void refuse_what_blocks(const config::Settings& settings) {
  std::string problems;
  for (const config::Finding& finding : config::review(settings)) {
    if (finding.blocks) problems += fmt::format("\n  {}: {}", finding.key, finding.text);
  }
  if (!problems.empty()) throw CommandFailed("The settings do not allow to serve:" + problems);
}

web::Readiness readiness_of(db::Database& database) {
  web::Readiness readiness;
  readiness.problem = [&database]() -> Task<std::string> {
    auto ask = [](db::Tx& tx) { return tx.one<std::int64_t>("SELECT 1"); };
    std::string problem;
    try {
      co_await database.read(ask);
    } catch (const std::exception&) {
      problem = "the database does not answer";
    }
    co_return problem;
  };
  return readiness;
}

void count_database(web::Metrics& metrics, db::Database& database) {
  const auto figure = [&](const char* name, const char* help, std::uint64_t db::DatabaseStats::*member) {
    metrics.counter(name, help,
                    [&database, member] { return static_cast<double>(database.stats().*member); });
  };
  figure("plenary_db_writes_total", "Writes committed", &db::DatabaseStats::writes);
  figure("plenary_db_batches_total", "Group commits", &db::DatabaseStats::batches);
  figure("plenary_db_retries_total", "Writes run again", &db::DatabaseStats::retries);
  figure("plenary_db_refused_total", "Writes refused because of a long queue", &db::DatabaseStats::refused);
  figure("plenary_db_reads_total", "Read transactions", &db::DatabaseStats::reads);
  metrics.gauge("plenary_db_queued", "Writes waiting now",
                [&database] { return static_cast<double>(database.stats().queued); });
}

std::string base_of(const config::Settings& settings, const web::Server& server) {
  if (!settings.server.public_url.empty()) return settings.server.public_url;
  const std::string& host = settings.server.listen.host;
  return fmt::format("{}://{}:{}", settings.server.has_tls() ? "https" : "http",
                     host.find(':') == std::string::npos ? host : "[" + host + "]", server.port());
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

void reload(site::Application& application, web::Server& server, bool has_tls) {
  std::vector<std::string> problems = application.reload();
  if (has_tls) {
    try {
      server.reload_tls();
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
    }
  }
  for (const std::string& problem : problems) spdlog::error("reload: {}; what was there stays", problem);
  if (problems.empty()) spdlog::info("templates, static files and certificate were read again");
}

int serve(Context& context) {
  const config::Settings& settings = context.settings();
  const bool development = settings.server.is_development();
  refuse_what_blocks(settings);
  spdlog::set_level(spdlog::level::from_str(settings.server.log_level));
  context.out << fmt::format("Plenary {}, {} mode, settings: {}, database: {}\n", version,
                             development ? "development" : "production",
                             settings.file.empty() ? "defaults" : settings.file.string(),
                             settings.database.display())
              << std::flush;
  if (!development) context.out << "Payments: the sandbox only. Its orders are marked, and no money moves.\n";
  const sigset_t signals = block_signals();

  const SystemClock system_clock;
  const Clock& clock = context.clock() ? *context.clock() : static_cast<const Clock&>(system_clock);

  db::DatabaseOptions options = database_options(settings);
  options.clock = context.clock();
  const db::ServeLock lock(options);
  const std::unique_ptr<db::Database> database = db::Database::open(options);
  make_ready(context, *database);

  Random& random = Random::system();
  const Secret key = load_key(settings, random, context.err);
  registration::Catalogues catalogues(settings.program);
  const registration::Shop shop{settings.program, catalogues, random, hold_limits(settings)};
  const registration::SandboxGateway gateway;
  Pool pool(static_cast<std::size_t>(settings.server.slow_threads),
            static_cast<std::size_t>(settings.server.slow_queue));
  Pool hashing(site::hashing_threads, site::hashing_queue);
  web::Metrics metrics;
  count_database(metrics, *database);

  std::vector<web::RouteTable> tables = other_rooms();
  tables.push_back(web::health_routes(readiness_of(*database)));
  if (settings.server.metrics_token)
    tables.push_back(web::metrics_routes(settings.server.metrics_token->reveal()));
  site::Application application({.db = *database,
                                 .shop = shop,
                                 .settings = settings,
                                 .gateway = gateway,
                                 .clock = clock,
                                 .random = random,
                                 .pool = &pool,
                                 .hashing = &hashing,
                                 .metrics = &metrics,
                                 .more_pages = room_pages()},
                                key, std::move(tables));
  web::Server server(server_options(settings), application.services());
  domain::connect_rooms();
  mail::Post post({.db = *database,
                   .engine = application.site().engine,
                   .catalogues = catalogues,
                   .settings = settings,
                   .link_key = application.site().link_key},
                  mail::make_transport(settings), jobs::WorkerOptions().max_attempts);
  Background background(*database, shop, application.site().seen, post);
  server.start();
  const std::string base = base_of(settings, server);
  say_what_to_open(context, *database, base);
  context.out << how_to_begin(*database, application.site().link_key, random, base, development)
              << std::flush;

  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (signal != SIGHUP) break;
    reload(application, server, settings.server.has_tls());
  }
  context.out << "Stopping: what was accepted is still answered.\n" << std::flush;
  server.stop();
  background.stop();
  return done;
}

}  // namespace

web::ServerOptions server_options(const config::Settings& settings) {
  const config::ServerSettings& server = settings.server;
  web::ServerOptions options;
  options.listen = server.listen.to_string();
  if (server.metrics_listen) options.metrics_listen = server.metrics_listen->to_string();
  if (server.metrics_token) options.metrics_token = server.metrics_token->reveal();
  options.threads = server.threads > 0 ? static_cast<std::size_t>(server.threads)
                                       : std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  for (const std::string& host : server.allowed_hosts) {
    options.allowed_hosts.push_back(host.starts_with("*.") ? host.substr(1) : host);
  }
  if (!server.public_url.empty()) options.allowed_hosts.push_back(host_of(server.public_url));
  if (server.is_development() && !options.allowed_hosts.empty()) {
    for (const char* host : {"localhost", "127.0.0.1", "[::1]"}) options.allowed_hosts.emplace_back(host);
    options.allowed_hosts.push_back(server.listen.host);
  }
  for (const config::Network& network : server.trusted_proxies)
    options.trusted_proxies.push_back(text_of(network));
  if (server.has_tls()) {
    options.tls = web::TlsFiles{settings.base_directory / server.tls_certificate_file,
                                settings.base_directory / server.tls_key_file};
  }
  options.max_connections = static_cast<std::size_t>(server.max_connections);
  options.max_connections_per_network = static_cast<std::size_t>(server.max_connections_per_network);
  options.max_head = static_cast<std::size_t>(server.max_header_bytes);
  options.max_body = static_cast<std::size_t>(server.max_body_bytes);
  options.form.file_bytes = static_cast<std::size_t>(server.max_upload_bytes);
  options.header_time = milliseconds(server.header_timeout);
  options.body_time = milliseconds(server.body_timeout);
  options.write_time = milliseconds(server.write_timeout);
  options.idle_time = milliseconds(server.idle_timeout);
  options.drain_time = milliseconds(server.drain_timeout);
  if (server.access_log) options.access_log = std::make_shared<web::AccessLog>(web::AccessLog::to_stdout());
  return options;
}

registration::HoldLimits hold_limits(const config::Settings& settings) {
  registration::HoldLimits limits;
  limits.enabled = settings.security.limits;
  limits.rates = settings.security.rates;
  limits.per_session = settings.security.holds.per_session;
  limits.per_account = settings.security.holds.per_account;
  limits.per_email = settings.security.holds.per_email;
  limits.per_network = settings.security.holds.per_network;
  return limits;
}

void add_serve(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("serve", "Serve the conferences of this database");
  command->callback([&context] { context.action = [&context] { return serve(context); }; });
}

}  // namespace plenary::cli
