#include "api/service.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "base/codes.hpp"
#include "db/errors.hpp"
#include "domain/accounts/kept_answers.hpp"
#include "domain/conference/features.hpp"
#include "web/errors.hpp"
#include "web/routes.hpp"

namespace plenary::api {
namespace {

// Only this much of it: other sites' pages send no token of ours.
constexpr const char* open_headers = "Content-Type, Cart-Secret, Idempotency-Key";

void open_to_all(web::Response& response) {
  response.set("Access-Control-Allow-Origin", "*");
  response.set("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, Idempotency-Replayed");
}

Problem no_such_conference(const web::Request& request) {
  return Problem(404, "no_such_conference",
                 fmt::format("There is no conference \"{}\" here.", beginning(request.param("slug"), 100)));
}

Problem wrong_token() {
  return Problem(401, "wrong_token", "This token is unknown, has ended or was revoked.");
}

std::string names_of(web::Methods methods) {
  std::string text;
  for (const web::Method method :
       {web::Method::get, web::Method::post, web::Method::put, web::Method::patch, web::Method::delete_}) {
    if (!methods.has(method)) continue;
    if (!text.empty()) text += ", ";
    text += web::to_string(method);
  }
  return text;
}

Json kept_body(const std::string& text) {
  Json body;
  JsonFault fault;
  if (!text.empty()) read_json(text, body, fault);
  return body;
}

}  // namespace

web::Methods Endpoint::methods() const {
  web::Methods methods = operations.front()->method;
  for (const Operation* one : operations) methods = methods | one->method;
  if (is_open()) methods = methods | web::Method::options;
  return methods;
}

bool Endpoint::is_open() const {
  return std::any_of(operations.begin(), operations.end(),
                     [](const Operation* one) { return one->access != Access::token; });
}

const std::vector<Endpoint>& endpoints() {
  static const std::vector<Endpoint> all = [] {
    std::vector<Endpoint> list;
    for (const Operation& operation : operations()) {
      if (!operation.run) continue;  // another room's page answers
      const auto at = std::find_if(list.begin(), list.end(),
                                   [&](const Endpoint& one) { return one.path == operation.path; });
      if (at == list.end())
        list.push_back({operation.path, {&operation}});
      else
        at->operations.push_back(&operation);
    }
    return list;
  }();
  return all;
}

Service::Service(db::Database& db, Parts parts, SeenTokens* seen)
    : db_(db), parts_(std::move(parts)), seen_(seen) {}

Task<web::Response> Service::answer(const Endpoint& endpoint, web::Request& request, std::string network) {
  const Operation* operation = nullptr;
  for (const Operation* one : endpoint.operations) {
    if (one->method == request.method() ||
        (one->method == web::Method::get && request.method() == web::Method::head))
      operation = one;
  }
  web::Response response(204);
  if (!operation) {  // OPTIONS of an open one: the router has refused everything else
    web::Methods open;
    for (const Operation* one : endpoint.operations)
      if (one->access != Access::token) open = open | one->method;
    response.set("Access-Control-Allow-Methods", names_of(open));
    response.set("Access-Control-Allow-Headers", open_headers);
    response.set("Access-Control-Max-Age", "86400");
    open_to_all(response);
    co_return response;
  }
  std::optional<Problem> problem;
  try {
    response = co_await perform(*operation, request, network);
  } catch (const Problem& one) {
    problem = one;
  } catch (const Refused& refused) {
    problem = of(refused);
  } catch (const NotFound&) {
    problem = Problem(404, "not_found", "There is nothing at this address.");
  } catch (const web::HttpError& error) {
    problem = Problem(error.status(), error.code().empty() ? "refused" : error.code(), error.message());
  } catch (const Overloaded& busy) {
    problem = Problem(503, "overloaded", "Very busy right now. Nothing was changed; try again in a moment.");
    problem->retry_after(busy.retry_after_seconds);
  } catch (const db::OutcomeUnknown&) {
    problem = Problem(500, "outcome_unknown",
                      "The connection to the database broke at the last moment: it is not known whether this "
                      "was done. Look before you send it again; with an Idempotency-Key it is safe to.");
  }
  if (problem) response = answer_of(*problem);
  if (operation->access != Access::token) open_to_all(response);
  co_return response;
}

Task<web::Response> Service::perform(const Operation& operation, web::Request& request,
                                     const std::string& network) {
  Call call{parts_, operation, request};
  call.network = network;
  Faults faults;
  call.query = read_query(operation, request, faults);
  call.body = read_body(operation, request, faults);
  call.idempotency_key = read_idempotency_key(request, faults);
  take_out(call.body, faults);

  Answer answer;
  bool replayed = false, writes = operation.writes;
  auto look = [&](db::Tx& tx) {
    find_out_who(call, tx);
    find_conference(call, tx);
    if (!faults.empty()) {
      Faults all = faults;
      if (operation.examine) operation.examine(call, tx, all);
      throw invalid(std::move(all));
    }
    writes = operation.writes && !(operation.only_reads && operation.only_reads(call));
    if (!writes) answer = operation.run(call, tx);
    return tx.now();
  };
  const Instant now = co_await db_.read(look);
  if (call.token) {
    const auto seconds =
        parts_.settings.security.limits ? rates_.take(call.token->token.id, now) : std::nullopt;
    if (seconds) {
      Problem problem(429, "too_many_calls",
                      fmt::format("This token calls too often. Try again in {} seconds.", *seconds));
      throw problem.retry_after(*seconds);
    }
    if (seen_) seen_->add(call.token->token.id, now);
  }
  if (writes) {
    std::string who = "anonymous\n" + call.network;
    if (!call.cart_session.empty()) who = "cart\n" + call.cart_session;
    if (call.token) who = fmt::format("token\n{}", call.token->token.id);
    const std::string caller = token_hash(fmt::format("{}\n{}", call.conference_id(), who));
    const std::string request_hash = token_hash(
        fmt::format("{}\n{}\n{}", web::to_string(request.method()), request.target(), request.body()));
    call.fresh_secret = call.idempotency_key.empty()
                            ? random_token(parts_.shop.random, 32)
                            : parts_.link_key.mac("api\n" + caller + "\n" + call.idempotency_key);
    auto change = [&](db::Tx& tx) { return act(call, tx, caller, request_hash); };
    answer = co_await db_.write(call.conference_id(), operation.id.c_str(), change);
    replayed = answer.body.remove("$kept");
  }
  if (answer.refused) throw *answer.refused;
  if (operation.finish) operation.finish(call, answer);

  web::Response response(answer.status);
  if (answer.status != 204) response = web::Response::json(answer.body.dump(), answer.status);
  if (answer.cache.empty())
    response.no_store();
  else
    response.set("Cache-Control", answer.cache);
  if (!answer.location.empty()) response.set("Location", address_of(call, answer.location));
  if (!answer.next.empty()) {
    std::string link = parts_.public_url + std::string(request.path()) + "?";
    for (const Json::Member& one : call.query.members()) {
      if (one.first == "after") continue;
      link += one.first + "=" +
              web::percent_encode(one.second.is_text() ? one.second.text() : one.second.dump()) + "&";
    }
    response.set("Link", "<" + link + "after=" + web::percent_encode(answer.next) + ">; rel=\"next\"");
  }
  if (replayed) response.set("Idempotency-Replayed", "true");
  co_return response;
}

void Service::find_out_who(Call& call, db::Tx& tx) const {
  call.token.reset();
  call.rights = {};
  const std::string_view sent = bearer_of(call.request);
  if (!sent.empty()) {
    call.token = accounts::find_api_token(tx, sent, parts_.settings.server.is_development());
    if (!call.token) throw wrong_token();
    call.rights = accounts::rights_of(tx, call.token->token.user_id, call.token->owner_is_superuser);
  } else if (call.operation.access == Access::token) {
    throw Problem(401, "token_needed", "This needs a token: send it as \"Authorization: Bearer …\".");
  }
  if (call.operation.access == Access::token && !call.token->token.has_scope(call.operation.scope))
    throw Problem(403, "scope_needed",
                  fmt::format("This needs a token with the scope {}.", call.operation.scope));
  const std::string_view secret = call.request.header(cart_header);
  call.cart_session.clear();
  if (call.operation.access != Access::cart) return;
  if (!secret.empty()) call.cart_session = cart_session_of(secret);
  if (secret.empty())
    throw Problem(
        401, "cart_secret_needed",
        fmt::format("Send the cart's secret in the header {}: making the cart gave it.", cart_header));
}

void Service::find_conference(Call& call, db::Tx& tx) const {
  if (!call.operation.has_conference()) return;
  call.conference = conference::find_state(tx, call.request.param("slug"));
  if (!call.conference) throw no_such_conference(call.request);
  const std::int64_t id = call.conference->id;
  // A token of another conference, or of somebody who has nothing to do with this one, learns nothing of it.
  const bool elsewhere =
      call.token && call.token->token.conference_id && *call.token->token.conference_id != id;
  if (call.operation.access == Access::token) {
    if (elsewhere || !call.rights.any_role_in(id)) throw no_such_conference(call.request);
    const auto& codes = call.operation.permissions;
    const bool may = codes.empty() || std::any_of(codes.begin(), codes.end(),
                                                  [&](std::string_view code) { return call.may(code); });
    if (!may) throw Problem(403, "forbidden", "The token's owner does not have the right to do this.");
  } else {
    if (elsewhere) throw no_such_conference(call.request);
    if (!call.conference->is_active ||
        !conference::is_feature_enabled("registration", parts_.features(), call.conference->flags))
      throw no_such_conference(call.request);
  }
  call.catalogue = parts_.shop.catalogues.at(tx, id, call.conference->catalogue_version);
}

Answer Service::act(Call& call, db::Tx& tx, const std::string& caller,
                    const std::string& request_hash) const {
  const std::string& key = call.idempotency_key;
  if (!key.empty()) {
    if (const auto kept = accounts::find_kept_answer(tx, caller, key)) {
      if (kept->request_hash != request_hash)
        throw Problem(422, "key_used", "This Idempotency-Key was used for another call already.",
                      {{"#Idempotency-Key", "key_used", "Use a new key for each different call."}});
      Answer answer;
      answer.status = static_cast<int>(kept->status);
      answer.body = kept_body(kept->body);
      if (const Json* place = answer.body.find("$location")) answer.location = std::string(place->text());
      answer.body.remove("$location");
      answer.body.set("$kept", true);
      return answer;
    }
  }
  Answer answer = call.operation.run(call, tx);
  if (!key.empty() && !answer.refused) {
    accounts::KeptAnswer kept;
    kept.caller = caller;
    kept.key = key;
    kept.request_hash = request_hash;
    kept.status = answer.status;
    if (answer.status != 204) kept.body = answer.body.dump();
    if (!answer.location.empty()) {
      Json with_place = answer.body;
      with_place.set("$location", answer.location);
      kept.body = with_place.dump();
    }
    accounts::keep_answer(tx, kept);
  }
  return answer;
}

}  // namespace plenary::api
