#include "embed/program.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/pool.hpp"
#include "db/serve_lock.hpp"
#include "domain/events.hpp"
#include "domain/invoicing/vies.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/payments.hpp"
#include "embed/background.hpp"
#include "embed/key_file.hpp"
#include "embed/opening.hpp"
#include "embed/paid_orders.hpp"
#include "embed/route_tables.hpp"
#include "embed/server_options.hpp"
#include "mail/post.hpp"
#include "site/application.hpp"
#include "web/metrics.hpp"

namespace plenary::embed {
namespace {

void refuse_what_blocks(const config::Settings& settings) {
  std::string problems;
  for (const config::Finding& finding : config::review(settings)) {
    if (finding.blocks) problems += fmt::format("\n  {}: {}", finding.key, finding.text);
  }
  if (!problems.empty()) throw std::runtime_error("The settings do not allow to serve:" + problems);
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

std::shared_ptr<const config::Settings> settings_to_serve() {
  std::shared_ptr<const config::Settings> settings = config::get_settings();
  refuse_what_blocks(*settings);
  return settings;
}

std::unique_ptr<db::Database> ready_database(const config::Settings& settings, db::DatabaseOptions options,
                                             const ProgramOptions& wishes) {
  std::unique_ptr<db::Database> database = db::Database::open(options);
  bring_up_to_date(settings, *database, wishes.notice);
  return database;
}

}  // namespace

// In the order in which they are made; they end in the opposite one.
struct Program::Parts {
  std::shared_ptr<const config::Settings> settings = settings_to_serve();
  std::shared_ptr<const Clock> clock_file;
  SystemClock system_clock;
  db::DatabaseOptions options;
  db::ServeLock lock;
  std::unique_ptr<db::Database> database;
  KeyRing keys;
  SealingKeys sealing;
  registration::Catalogues catalogues;
  registration::Shop shop;
  registration::SandboxGateway gateway;
  invoicing::Vies vies;
  payments::StripeLines stripe_lines;
  Pool provider_pool;  // the threads of the pages that ask Stripe
  payments::CardPayments cards;
  Pool pool, hashing;
  PaidSubscribers paid_subscribers;
  web::Metrics metrics;
  api::SeenTokens seen_tokens;
  site::Application application;
  web::Server server;
  mail::Post post;
  std::optional<Background> background;
  bool stopped = false;

  Parts(Extensions extensions, const ProgramOptions& wishes)
      : clock_file(wishes.clock ? nullptr : clock_of(*settings)),
        options(options_with(wishes)),
        lock(options),
        database(ready_database(*settings, options, wishes)),
        keys(load_keys(*settings, Random::system(), wishes.notice)),
        sealing(sealing_keys(*settings)),
        catalogues(settings->program),
        shop{settings->program, catalogues, Random::system(), hold_limits(*settings)},
        vies({.url = settings->program.vies.url}),
        provider_pool(payments::provider_threads, payments::provider_queue),
        cards({*database, shop, sealing, stripe_lines}, provider_pool),
        pool(static_cast<std::size_t>(settings->server.slow_threads),
             static_cast<std::size_t>(settings->server.slow_queue)),
        hashing(site::hashing_threads, site::hashing_queue),
        paid_subscribers(extensions.paid_subscribers),
        application({.db = *database,
                     .shop = shop,
                     .settings = *settings,
                     .gateway = gateway,
                     .clock = options.clock ? *options.clock : system_clock,
                     .random = Random::system(),
                     .pool = &pool,
                     .hashing = &hashing,
                     .metrics = &metrics,
                     .more_pages = room_pages(&seen_tokens),
                     .extensions = std::move(extensions),
                     .sealing_keys = &sealing,
                     .vat_service = &vies,
                     .cards = &cards,
                     .settings_in_force = true},
                    keys.signing, tables()),
        server(server_options(*settings), application.services()),
        post({.db = *database,
              .engine = application.site().engine,
              .catalogues = catalogues,
              .settings = *settings,
              .link_key = application.site().link_key},
             mail::make_transport(*settings), jobs::WorkerOptions().max_attempts) {
    count_database(metrics, *database);
    domain::connect_rooms();
    write_paid_orders_for(paid_subscribers);
  }

  db::DatabaseOptions options_with(const ProgramOptions& wishes) const {
    db::DatabaseOptions made = database_options(*settings);
    made.clock = wishes.clock ? wishes.clock : clock_file.get();
    wishes.database(made);
    return made;
  }

  std::vector<web::RouteTable> tables() {
    std::vector<web::RouteTable> all = other_rooms();
    all.push_back(web::health_routes(readiness_of(*database)));
    if (settings->server.metrics_token)
      all.push_back(web::metrics_routes(settings->server.metrics_token->reveal()));
    return all;
  }
};

Program::Program(Extensions extensions, ProgramOptions options)
    : parts_(std::make_unique<Parts>(std::move(extensions), options)) {}

Program::~Program() {
  stop();
}

void Program::start() {
  parts_->background.emplace(*parts_->database, parts_->shop, parts_->application.site().seen,
                             parts_->seen_tokens, parts_->post, parts_->cards.provider(),
                             parts_->paid_subscribers);
  parts_->server.start();
}

void Program::stop() {
  if (!parts_->background || std::exchange(parts_->stopped, true)) return;
  parts_->server.stop();
  parts_->background->stop();
}

std::vector<std::string> Program::reload() {
  std::vector<std::string> problems = parts_->application.reload();
  try {
    parts_->sealing.reload();
  } catch (const std::exception& error) {
    problems.emplace_back(error.what());
  }
  if (parts_->settings->server.has_tls()) {
    try {
      parts_->server.reload_tls();
    } catch (const std::exception& error) {
      problems.emplace_back(error.what());
    }
  }
  return problems;
}

std::uint16_t Program::port() const {
  return parts_->server.port();
}

std::string Program::base_url() const {
  const config::ServerSettings& server = parts_->settings->server;
  if (!server.public_url.empty()) return server.public_url;
  const std::string& host = server.listen.host;
  return fmt::format("{}://{}:{}", server.has_tls() ? "https" : "http",
                     host.find(':') == std::string::npos ? host : "[" + host + "]", port());
}

const config::Settings& Program::settings() const {
  return *parts_->settings;
}
db::Database& Program::database() {
  return *parts_->database;
}
site::Site& Program::site() {
  return parts_->application.site();
}

}  // namespace plenary::embed
