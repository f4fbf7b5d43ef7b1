// The whole API in front of a database in memory: whatever is sent, nothing answers 5xx, and every answer is
// JSON. The first line of the input is "FLAGS METHOD TARGET": flags t (with a token), c (with the cart's
// secret), k (with an idempotency key), x (not as JSON), - (none); the rest is the body. "@c", "@i", "@v",
// "@d", "@o" and "@p" in the target stand for a cart, its item, a voucher, a discount, an order and a paid
// one.
#include <semaphore>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <unistd.h>

#include "api/service.hpp"
#include "base/embedded.hpp"
#include "db/migrations.hpp"
#include "domain/accounts/api_tokens.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/vouchers.hpp"
#include "web/errors.hpp"
#include "web/request_access.hpp"
#include "web/routes.hpp"
#include "web/services.hpp"

using namespace plenary;

namespace plenary {
// No account is made by choosing a password here.
const EmbeddedTree& embedded_passwords() {
  static const EmbeddedTree none(std::vector<EmbeddedFile>{});
  return none;
}
}  // namespace plenary

namespace {

constexpr int inputs_for_one_world = 2'000;

void require(bool fact, const char* what, std::string_view shown) {
  if (fact) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(shown.size()), shown.data());
  std::abort();
}

class FixedClock : public Clock {
 public:
  Instant now() const override { return Instant{1'810'285'200'000'000}; }
};

// A folder of its own, in memory where there is such a place, that goes with its owner.
struct Folder {
  std::string path =
      (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/plenary-api-fuzz-XXXXXX");
  Folder() { require(::mkdtemp(path.data()) != nullptr, "no folder", path); }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file() const { return path + "/api.db"; }
};

db::DatabaseOptions options_of(const Folder& folder, const Clock& clock) {
  db::DatabaseOptions options;
  options.url = "sqlite://" + folder.file();
  options.clock = &clock;
  options.relaxed_durability = true;
  options.slow_write = Duration::hours(1);
  return options;
}

// The database with its tables and no rows, made once: its migrations take seconds where the machine has
// other work, and would count as the time of the input that begins a new world.
struct Migrated {
  Folder folder;
  Migrated() {
    const FixedClock clock;
    db::migrate(*db::Database::open(options_of(folder, clock)));
  }
};
const Migrated& migrated() {
  static const Migrated once;
  return once;
}

struct World {
  Folder folder;
  FixedClock clock;
  SeededRandom random{1};
  config::Settings settings;
  std::unique_ptr<db::Database> database;
  registration::Catalogues catalogues{settings.program};
  registration::SandboxGateway gateway;
  registration::Shop shop{settings.program, catalogues, random, {.enabled = false}};
  std::unique_ptr<api::Service> service;
  std::unique_ptr<web::Router> router;
  web::Services services;
  std::int64_t conference = 0, voucher = 0, condition = 0;
  std::string token, cart, item, secret, order, paid;

  World() {
    std::filesystem::copy_file(migrated().folder.file(), folder.file());
    settings.security.limits = false;
    database = db::Database::open(options_of(folder, clock));
    service = std::make_unique<api::Service>(*database, parts(), nullptr);
    web::RouteTable table;
    for (const api::Endpoint& endpoint : api::endpoints()) {
      web::Route route;
      route.name = endpoint.operations.front()->id;
      route.pattern = "/api/v1" + endpoint.path;
      route.methods = endpoint.methods();
      route.guard = web::public_();
      route.csrf = web::Csrf::none;
      route.handler = [this, &endpoint](web::Request& request) {
        return service->answer(endpoint, request, "");
      };
      table.push_back(std::move(route));
    }
    router = std::make_unique<web::Router>(std::vector<web::RouteTable>{std::move(table)});
    services.clock = &clock;
    services.random = &random;
    sell();
  }
  ~World() {
    service.reset();
    database.reset();
  }

  api::Parts parts() {
    api::Parts made{shop, settings,
                    SigningKey(Secret("a key of at least thirty-two bytes, for fuzzing"), "links")};
    made.gateway = &gateway;
    made.features = [this] { return conference::FeatureDefaults(settings.program.features); };
    return made;
  }

  void sell() {
    const accounts::ApiTokenText text = accounts::new_api_token(random);
    token = text.whole().reveal();
    database->write_now(db::global_lane, "fuzz", [&](db::Tx& tx) {
      conference::Conference fair;
      fair.name = "Fair";
      fair.slug = "fair";
      fair.start_date = *Date::parse("2027-05-20");
      fair.end_date = *Date::parse("2027-05-22");
      conference = conference::create(tx, fair).value();
      registration::set_conference_capacity(tx, conference, 0);
      registration::TicketType type;
      type.conference_id = conference;
      type.name = "Individual";
      type.slug = "individual";
      type.price = 10'000;
      type.limit_per_user = 1'000;
      registration::save(tx, type);
      registration::AddOn shirt;
      shirt.conference_id = conference;
      shirt.name = "Shirt";
      shirt.slug = "shirt";
      shirt.price = 2'500;
      registration::save(tx, shirt);
      registration::Voucher half;
      half.conference_id = conference;
      half.code = "HALF";
      half.max_uses = 1'000'000;
      voucher = registration::save(tx, half);
      registration::Condition early;
      early.conference_id = conference;
      early.name = "Early";
      early.percent = Decimal(10);
      condition = registration::save_condition(tx, early);
      const std::int64_t root = accounts::create_superuser(tx, {"root", "root@example.org", "", "x"}).id;
      accounts::NewApiToken all{root, std::nullopt, "fuzz", {}, std::nullopt};
      for (const accounts::ApiScope& scope : accounts::api_scopes()) all.scopes.emplace_back(scope.name);
      accounts::create_api_token(tx, all, text);
      return 0;
    });
    const std::string items = R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":1}]})";
    order = buy(items);
    paid = buy(items);
    database->write_now(conference, "fuzz", [&](db::Tx& tx) {
      const auto row = registration::find_order_row(tx, conference, paid);
      registration::Order sold = registration::find_order(tx, row->id).value();
      registration::ManualPayment payment;
      payment.amount = sold.total;
      return registration::record_manual_payment(tx, shop, sold, payment, {"fuzz", "fuzz", "paid"})
          .payment_id;
    });
    take(ask("- POST /api/v1/conferences/fair/carts\n" + items));
  }
  // The reference of an order of these items.
  std::string buy(const std::string& items) {
    take(ask("- POST /api/v1/conferences/fair/carts\n" + items));
    const std::string made =
        ask("c POST /api/v1/conferences/fair/carts/" + cart +
            "/checkout\n{\"billing\":{\"name\":\"A\",\"email\":\"a@example.org\"},\"total\":\"90.00\"}");
    const std::size_t at = made.find("\"reference\":\"");
    require(at != std::string::npos, "no order", made);
    return made.substr(at + 13, made.find('"', at + 13) - at - 13);
  }
  void take(const std::string& made) {
    api::Json body;
    api::JsonFault fault;
    require(api::read_json(made, body, fault) && body.has("secret"), "no cart", made);
    cart = body.find("id")->dump();
    secret = body.find("secret")->text();
    item = body.find("lines")->items().front().find("item")->dump();
  }

  std::string filled(std::string target) const {
    for (const auto& [mark, value] : {std::pair<std::string, std::string>{"@c", cart},
                                      {"@i", item},
                                      {"@v", std::to_string(voucher)},
                                      {"@d", std::to_string(condition)},
                                      {"@o", order},
                                      {"@p", paid}})
      for (std::size_t at = 0; (at = target.find(mark, at)) != std::string::npos; at += value.size())
        target.replace(at, mark.size(), value);
    return target;
  }

  // The answer's body; empty where the input is no request or leads nowhere.
  std::string ask(const std::string& input) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string line = input.substr(0, end), body = end < input.size() ? input.substr(end + 1) : "";
    const std::size_t one = line.find(' '), two = one == std::string::npos ? one : line.find(' ', one + 1);
    if (two == std::string::npos) return {};
    const std::string flags = line.substr(0, one), method = line.substr(one + 1, two - one - 1);
    const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
    std::string wire = method + " " + filled(line.substr(two + 1)) + " HTTP/1.1\r\nHost: localhost\r\n";
    if (has('t')) wire += "Authorization: Bearer " + token + "\r\n";
    if (has('c')) wire += "Cart-Secret: " + secret + "\r\n";
    if (has('k')) wire += "Idempotency-Key: the-key-of-this-call\r\n";
    if (!has('x')) wire += "Content-Type: application/json\r\n";
    wire += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    std::optional<web::OwnedRequest> request;
    try {
      request.emplace(std::move(wire), &services);
    } catch (const web::HttpError& error) {
      require(error.status() < 500 || error.status() == 501 || error.status() == 505, "refused",
              error.message());
      return {};
    }
    web::Request& asked = **request;
    web::Match match;
    router->match(asked.method(), asked.path(), match);
    if (match.kind != web::Match::Kind::found) return {};
    web::Request::Access::match(asked, match);
    std::binary_semaphore done(0);
    std::exception_ptr error;
    std::optional<web::Response> response;
    start(match.route->handler(asked), [&](std::exception_ptr thrown, std::optional<web::Response> made) {
      error = thrown;
      response = std::move(made);
      done.release();
    });
    done.acquire();
    if (error) {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& thrown) {
        require(false, "a 500", thrown.what());
      }
    }
    const std::string answer(response->body());
    require(response->status < 500, "5xx", answer);
    if (!answer.empty()) {
      api::Json value;
      api::JsonFault fault;
      const bool is_description = asked.path() == "/api/v1/openapi.json";  // nested deeper than what we read
      require(is_description || api::read_json(answer, value, fault), "no JSON", answer);
    }
    return answer;
  }
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  migrated();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::unique_ptr<World> world;
  static int inputs = 0;
  if (!world || ++inputs % inputs_for_one_world == 0) {
    world.reset();
    world = std::make_unique<World>();
  }
  world->ask(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
