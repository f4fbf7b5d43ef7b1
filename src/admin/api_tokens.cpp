#include "admin/api_tokens.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "admin/desk.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/api_tokens.hpp"
#include "domain/conference/conferences.hpp"
#include "site/page.hpp"
#include "site/proof.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using site::tr;
using templating::Value;

constexpr std::int64_t longest_life = 3650;  // days

// What was typed; shown again where something is wrong with it.
struct Typed {
  std::string name, conference, days = "365";
  std::vector<std::string> scopes;
};

struct Found {
  std::vector<accounts::ApiToken> tokens;
  std::vector<conference::ConferenceKey> conferences;  // where the person has a role
};

Found find(db::Tx& tx, const accounts::Rights& rights, std::int64_t user_id) {
  Found found;
  found.tokens = accounts::api_tokens_of(tx, user_id);
  for (conference::ConferenceKey& key : conference::list_keys(tx))
    if (rights.any_role_in(key.id)) found.conferences.push_back(std::move(key));
  return found;
}

const char* state_of(const accounts::ApiToken& token, Instant now) {
  if (token.revoked_at) return message("Revoked");
  return token.is_valid(now) ? message("Valid") : message("Ended");
}

web::Response show(site::Site& site, web::Request& request, const Found& found, const Typed& typed,
                   std::vector<site::Fault> faults, const std::string& made, int status = 200) {
  const Instant now = request.context<site::Visit>().now;
  site::Page page(site, request, "admin/api_tokens.html");
  frame(page, tr(request, message("API tokens")), {});
  std::vector<Value> tokens, scopes, conferences;
  for (const accounts::ApiToken& token : found.tokens) {
    const auto where = std::find_if(found.conferences.begin(), found.conferences.end(),
                                    [&](const auto& one) { return one.id == token.conference_id; });
    tokens.push_back(Value::dict({{"id", Value(token.id)},
                                  {"name", Value(token.name)},
                                  {"prefix", Value(token.prefix)},
                                  {"scopes", Value(token.scopes)},
                                  {"conference", !token.conference_id               ? Value()
                                                 : where == found.conferences.end() ? Value("—")
                                                                                    : Value(where->slug)},
                                  {"expires_at", token.expires_at ? Value(*token.expires_at) : Value()},
                                  {"last_used_at", token.last_used_at ? Value(*token.last_used_at) : Value()},
                                  {"state", Value(tr(request, state_of(token, now)))},
                                  {"is_valid", Value(token.is_valid(now))}}));
  }
  for (const accounts::ApiScope& scope : accounts::api_scopes()) {
    const bool chosen = std::find(typed.scopes.begin(), typed.scopes.end(), scope.name) != typed.scopes.end();
    scopes.push_back(Value::dict({{"name", Value(scope.name)},
                                  {"label", Value(tr(request, std::string(scope.label)))},
                                  {"is_chosen", Value(chosen)}}));
  }
  for (const conference::ConferenceKey& one : found.conferences)
    conferences.push_back(
        Value::dict({{"slug", Value(one.slug)}, {"is_chosen", Value(one.slug == typed.conference)}}));
  page.set("tokens", Value::list(std::move(tokens)))
      .set("scopes", Value::list(std::move(scopes)))
      .set("conferences", Value::list(std::move(conferences)))
      .set("token_name", Value(typed.name))
      .set("days", Value(typed.days))
      .set("made", Value(made));
  page.faults(std::move(faults));
  return std::move(page.html(status).personal());
}

conference::AuditObject object_of(const accounts::ApiToken& token) {
  conference::AuditObject object;
  object.conference_id = token.conference_id;
  object.entity = "api_token";
  object.id = std::to_string(token.id);
  object.name = token.name;
  return object;
}

Task<web::Response> revoke(site::Site& site, web::Request& request, std::int64_t user_id) {
  const std::string typed = std::string(request.form()["token"]);
  std::int64_t id = 0;
  std::from_chars(typed.data(), typed.data() + typed.size(), id);
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    for (const accounts::ApiToken& token : accounts::api_tokens_of(tx, user_id)) {
      if (token.id != id) continue;
      if (!accounts::revoke_api_token(tx, id)) return true;
      conference::record(tx, actor, conference::AuditAction::change, object_of(token),
                         {{"revoked_at", message("Revoked"), "", tx.now().to_string()}});
      return true;
    }
    return false;
  };
  const bool found = co_await site.db.write(db::global_lane, "admin: revoke token", write);
  if (!found) throw NotFound("no such token of this person");
  web::flash(request, "success", tr(request, message("The token is revoked: its next call is refused.")));
  co_return web::Response::redirect(std::string(request.path()));
}

Task<web::Response> make(site::Site& site, web::Request& request, std::int64_t user_id) {
  const site::Visit& visit = request.context<site::Visit>();
  Typed typed;
  typed.name = trimmed(request.form()["name"]);
  typed.conference = std::string(request.form()["conference"]);
  typed.days = trimmed(request.form()["days"]);
  for (const accounts::ApiScope& scope : accounts::api_scopes())
    if (request.form().has("scope_" + std::string(scope.name))) typed.scopes.emplace_back(scope.name);
  auto look = [&](db::Tx& tx) { return find(tx, visit.rights, user_id); };
  Found found = co_await site.db.read(look);

  std::vector<site::Fault> faults;
  accounts::NewApiToken token;
  token.user_id = user_id;
  token.name = typed.name;
  token.scopes = typed.scopes;
  std::int64_t days = 0;
  if (!typed.days.empty()) {
    const auto [end, error] = std::from_chars(typed.days.data(), typed.days.data() + typed.days.size(), days);
    if (error != std::errc() || end != typed.days.data() + typed.days.size() || days < 1 ||
        days > longest_life)
      faults.push_back(
          {"days", tr(request, message("Days: write a number from 1 to {most}, or leave it empty."),
                      {{"most", std::to_string(longest_life)}})});
    else
      token.expires_at = visit.now + Duration::days(days);
  }
  if (!typed.conference.empty()) {
    for (const conference::ConferenceKey& one : found.conferences)
      if (one.slug == typed.conference) token.conference_id = one.id;
    if (!token.conference_id)
      faults.push_back({"conference", tr(request, message("Choose one of the conferences."))});
  }
  for (const Refused& problem : accounts::check_api_token(token, visit.now))
    faults.push_back({problem.field(), tr(request, problem)});
  if (!faults.empty()) co_return show(site, request, found, typed, std::move(faults), {}, 422);

  const accounts::ApiTokenText text = accounts::new_api_token(site::random_of(request));
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    const accounts::ApiToken made = accounts::create_api_token(tx, token, text);
    conference::record(tx, actor, conference::AuditAction::add, object_of(made),
                       {{"scopes", message("Scopes"), "", made.scopes}});
  };
  std::optional<Refused> refused;
  try {
    co_await site.db.write(db::global_lane, "admin: make token", write);
  } catch (const Refused& problem) {
    refused = problem;
  }
  if (refused) {
    std::vector<site::Fault> problem{{"", tr(request, *refused)}};
    co_return show(site, request, found, typed, std::move(problem), {}, 422);
  }
  found = co_await site.db.read(look);
  const Typed blank;
  const std::string whole = text.whole().reveal();
  co_return show(site, request, found, blank, {}, whole);
}

Task<web::Response> api_tokens(site::Site& site, web::Request& request) {
  const std::int64_t user_id = request.context<site::Visit>().session->user_id.value();
  if (!web::is_safe(request.method())) {
    if (auto asked = co_await site::asks_for_proof(site, request)) co_return std::move(*asked);
    if (request.form()["action"] == "revoke") co_return co_await revoke(site, request, user_id);
    if (request.form()["action"] == "make") co_return co_await make(site, request, user_id);
    throw Refused("no_action", "There is no such button here.");
  }
  auto look = [&](db::Tx& tx) { return find(tx, request.context<site::Visit>().rights, user_id); };
  const Found found = co_await site.db.read(look);
  const Typed blank;
  co_return show(site, request, found, blank, {}, {});
}

}  // namespace

void add_api_tokens(site::PageTable& table) {
  table.add("admin:api-tokens", "/admin/api-tokens/", web::Method::get | web::Method::post, web::any_role(),
            api_tokens);
}

}  // namespace plenary::admin
