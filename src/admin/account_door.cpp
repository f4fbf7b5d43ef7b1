#include "admin/account_door.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "admin/access.hpp"
#include "admin/desk.hpp"
#include "admin/pages.hpp"
#include "base/errors.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/users.hpp"
#include "site/page.hpp"
#include "site/proof.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

constexpr std::string_view change_accounts = "accounts.change_user";

bool may_end_some(const accounts::Rights& rights) {
  return rights.is_superuser() || rights.may_everywhere(change_accounts);
}

// Superusers are beyond the reach of everybody else.
bool may_end(const accounts::Rights& rights, const accounts::User& user) {
  return rights.is_superuser() || (rights.may_everywhere(change_accounts) && !user.is_superuser);
}

std::string name_of(const accounts::User& user) {
  if (user.username) return *user.username;
  return user.email.empty() ? fmt::format("#{}", user.id) : user.email;
}

struct Found {
  std::optional<accounts::User> user;
  std::size_t sessions = 0;
  bool has_factor = false;
};

Found find(db::Tx& tx, std::int64_t id) {
  Found found;
  found.user = accounts::find_user(tx, id);
  if (!found.user) return found;
  found.sessions = accounts::list_sessions(tx, id, {}).size();
  found.has_factor = accounts::find_second_factor(tx, id).has_value();
  return found;
}

conference::AuditChange ended(std::int64_t count) {
  return {"sessions", message("Sessions"), std::to_string(count), "0"};
}

}  // namespace

std::string account_door_url(const web::Request& request, const Model& model, std::string_view key) {
  if (model.area != "accounts" || model.name != "user" || key.empty() ||
      !may_end_some(request.context<site::Visit>().rights))
    return {};
  return fmt::format("/admin/accounts/user/{}/sign-in/", key);
}

Task<web::Response> account_door(site::Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("id");
  auto look = [&](db::Tx& tx) { return find(tx, id); };
  const Found found = co_await site.db.read(look);
  const Person person = person_of(request);
  if (!may_end_some(person.rights) || !found.user) throw NotFound("no such account for this person");
  if (!may_end(person.rights, *found.user)) {
    co_return web::Response::error(
        403, site::tr(request, message("Only a superuser ends the sessions of a superuser.")));
  }
  const bool is_superuser = person.rights.is_superuser();
  const bool is_oneself = request.context<site::Visit>().session->user_id == id;
  const std::string url = std::string(request.path());
  if (!web::is_safe(request.method())) {
    if (auto asked = co_await site::asks_for_proof(site, request)) co_return std::move(*asked);
    const bool resets = request.form()["action"] == "reset_factor";
    const bool ends = request.form()["action"] == "end";
    if (!resets && !ends) throw Refused("no_action", "There is no such button here.");
    if (resets && (!is_superuser || is_oneself)) {
      co_return web::Response::error(
          403, is_oneself
                   ? site::tr(request, message("Your own second factor is changed on your account's page."))
                   : site::tr(request, message("Only a superuser removes somebody's second factor.")));
    }
    const conference::Actor actor = actor_of(request);
    const std::string keep = is_oneself ? request.context<site::Visit>().session_hash : std::string();
    // Whose account it is, and whether this person may, is asked again: both may have changed meanwhile.
    auto write = [&](db::Tx& tx) {
      const Found now = find(tx, id);
      if (!now.user) throw NotFound("the account is gone");
      const Person still = person_now(tx, actor.user_id);
      if (!may_end_some(still.rights) || (resets && !still.rights.is_superuser())) forbid();
      if (!may_end(still.rights, *now.user))
        throw Refused("superuser", "Only a superuser ends the sessions of a superuser.");
      std::vector<conference::AuditChange> changes;
      if (resets) {
        if (!accounts::remove_second_factor(tx, id)) return false;
        changes.push_back({"second_factor", message("Second factor"), "set up", "removed"});
        accounts::mail_second_factor_changed(tx, id, "reset", now.user->language);
      }
      const std::int64_t count = accounts::end_sessions(tx, id, keep);
      changes.push_back(ended(count));
      accounts::SignInEvent event;
      event.user_id = id;
      event.what = resets ? accounts::happened::factor_reset : accounts::happened::ended_by_staff;
      accounts::record_sign_in_event(tx, event);
      conference::AuditObject object;
      object.entity = "user_account";
      object.id = std::to_string(id);
      object.name = name_of(*now.user);
      object.version = now.user->version;
      conference::record(tx, actor, conference::AuditAction::change, object, changes);
      return true;
    };
    const bool done = co_await site.db.write(db::global_lane, "admin: end sessions", write);
    if (!done) {
      web::flash(request, "info",
                 site::tr(request, message("There is no second factor; nothing was changed.")));
    } else if (resets) {
      web::flash(
          request, "success",
          site::tr(request, message("The second factor is removed, every session ended, and the person "
                                    "is told by mail.")));
    } else {
      web::flash(request, "success", site::tr(request, message("Every session of this account is ended.")));
    }
    co_return web::Response::redirect(url);
  }
  site::Page page(site, request, "admin/account_door.html");
  frame(page, site::tr(request, message("Sign-in of {name}"), {{"name", name_of(*found.user)}}), {});
  page.set("session_count", Value(static_cast<std::int64_t>(found.sessions)))
      .set("has_factor", Value(found.has_factor))
      .set("may_reset", Value(is_superuser && !is_oneself))
      .set("action", Value(url))
      .set("account_url", Value(fmt::format("/admin/accounts/user/{}/change/", id)));
  co_return std::move(page.html().personal());
}

void add_account_door(site::PageTable& table) {
  table.add("admin:account-door", "/admin/accounts/user/{id:int}/sign-in/",
            web::Method::get | web::Method::post, web::any_role(), account_door);
}

}  // namespace plenary::admin
