// The operations of the API: one table, from which the routes, the checks of what is sent, the description at
// /api/v1/openapi.json and its test are made. Each runs inside one transaction and calls the domain; what it
// returns is sent by the service (service.hpp). Constant after the first use, any thread. source:
// docs/api.md; OpenAPI 3.1.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/problem.hpp"
#include "api/shape.hpp"
#include "base/secret.hpp"
#include "base/signing.hpp"
#include "config/settings.hpp"
#include "db/tx.hpp"
#include "domain/accounts/api_tokens.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/payments.hpp"
#include "web/method.hpp"
#include "web/request.hpp"

namespace plenary::api {

// What every operation may use. All must outlive the service.
struct Parts {
  const registration::Shop& shop;
  const config::Settings& settings;
  SigningKey link_key;                                         // of secret links and of carts' secrets
  std::function<conference::FeatureDefaults()> features = {};  // as they are now
  // Whether orders made now are for trying out. Empty: they are.
  std::function<bool(db::Tx&, const registration::Catalogue&)> makes_test_orders = {};
  std::string public_url = {};  // of links in answers; empty: paths alone
  // The page of an order behind its secret link: a path. Empty: there are no pages.
  std::function<std::string(std::string_view slug, std::string_view reference, std::string_view token)>
      order_path = {};
  const registration::PaymentGateway* gateway = nullptr;  // who is asked for money back; null: no refunds
};

struct Operation;

// One call, once it is known who makes it.
struct Call {
  const Parts& parts;
  const Operation& operation;
  const web::Request& request;
  Json query = Json::object(), body = Json::object();
  std::string network = {};          // for limits; empty: not limited by it
  std::string idempotency_key = {};  // empty: none was given
  // A secret that nobody else can know, the same again for a call that is repeated with its key.
  std::string fresh_secret = {};
  std::optional<conference::ConferenceState> conference = {};
  std::shared_ptr<const registration::Catalogue> catalogue = {};
  std::optional<accounts::FoundApiToken> token = {};
  accounts::Rights rights = {};   // of the token's owner
  std::string cart_session = {};  // whose cart it is: the hash of its secret

  std::string_view param(std::string_view name) const { return request.param(name); }
  std::int64_t id(std::string_view name) const { return request.param_int(name); }
  std::int64_t conference_id() const { return conference->id; }
  Currency currency() const { return catalogue->currency; }
  bool may(std::string_view permission) const;  // superusers and full access always
  // Of the query or the body, which were checked: what is not there is nothing, empty or the fallback.
  const Json* asked(std::string_view name) const { return query.find(name); }
  std::int64_t limit() const;  // of a list
  registration::Visitor visitor() const;
  conference::Actor actor() const;
};

struct Answer {
  int status = 200;
  Json body = {};
  std::string next = {};      // of a list: `after` of the next page; empty: this was the last one
  std::string location = {};  // of what was made: a path below the conference's
  std::string cache = {};     // Cache-Control; empty: no-store
  // The call is refused, but what it wrote (a try that counts) stays. Never kept with a key.
  std::optional<Problem> refused = {};
};

enum class Access : unsigned char {
  open,  // anybody
  cart,  // whoever has the cart's secret
  token  // a token with the scope, whose owner has one of the permissions
};

struct Operation {
  std::string id;  // "orders.list"
  web::Method method = web::Method::get;
  std::string path;  // below /api/v1; {slug} is the conference
  std::string summary, description = {};
  Access access = Access::token;
  std::string scope = {};
  std::vector<std::string_view> permissions = {};
  std::vector<Field> query = {};
  std::optional<Shape> body = {};
  std::optional<Shape> answer = {};
  int status = 200;
  bool writes = false;  // runs in the conference's lane
  // Of one that writes: whether this call changes nothing, so that it is a read like any other.
  bool (*only_reads)(const Call& call) = nullptr;
  bool is_paged = false;  // takes `after` and `limit`, answers with a Link to the next page
  Answer (*run)(Call& call, db::Tx& tx) = nullptr;
  // Of a body that has a value of a wrong shape somewhere: adds what else is wrong with it, so that all is
  // told together. Those values are no longer in it: anything may be missing.
  void (*examine)(Call& call, db::Tx& tx, Faults& faults) = nullptr;
  // Adds what is never stored (secret links) to an answer, be it new or kept. Outside of transactions.
  void (*finish)(const Call& call, Answer& answer) = nullptr;

  bool has_conference() const { return path.find("{slug}") != std::string::npos; }
  Shape query_shape() const;
};

const std::vector<Operation>& operations();

// One function a subject, in *_operations.cpp.
std::vector<Operation> shop_operations();
std::vector<Operation> cart_operations();
std::vector<Operation> order_operations();
std::vector<Operation> order_change_operations();
std::vector<Operation> refund_operations();
std::vector<Operation> voucher_operations();
std::vector<Operation> condition_operations();
std::vector<Operation> waiting_operations();
std::vector<Operation> change_operations();

// The header that carries a cart's secret, and what its visitor is known by.
inline constexpr std::string_view cart_header = "Cart-Secret";
std::string cart_session_of(std::string_view secret);

// "https://…/api/v1/conferences/fair/orders": of this call's conference.
std::string address_of(const Call& call, std::string_view below);

}  // namespace plenary::api
