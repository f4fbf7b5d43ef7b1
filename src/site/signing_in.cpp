#include "site/signing_in.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/codes.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/merge.hpp"
#include "site/browser_name.hpp"
#include "site/history.hpp"
#include "site/language.hpp"
#include "site/page.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/csrf.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

Duration session_life(const Site& site, bool has_right) {
  const config::SecuritySettings& security = site.settings.security;
  return has_right ? std::min(security.session_absolute, security.visitor_session) : security.visitor_session;
}

}  // namespace

std::int64_t session_seconds(const Site& site, bool has_right) {
  return session_life(site, has_right).micros / 1'000'000;
}

namespace {

std::string challenge_cookie(const web::Request& request) {
  return web::cookie_name("challenge", request.services().secure);
}

void send_challenge(web::Request& request, const std::string& value, std::int64_t seconds) {
  web::SetCookie cookie;
  cookie.name = challenge_cookie(request);
  cookie.value = value;
  cookie.secure = request.services().secure;
  cookie.max_age_seconds = seconds;
  request.send_cookie(std::move(cookie));
}

// What the mail about a new device says of it.
std::string device_text(const NewSignIn& sign_in) {
  const BrowserName name = browser_name(sign_in.user_agent);
  std::string text(name.browser.empty() ? std::string_view("?") : name.browser);
  if (!name.system.empty()) text += fmt::format(", {}", name.system);
  return text + ", " + sign_in.address;
}

}  // namespace

std::string challenge_hash(const web::Request& request) {
  const std::string_view token = request.cookie(challenge_cookie(request));
  return web::is_form_token(token) ? token_hash(token) : std::string();
}

void forget_challenge(web::Request& request) {
  send_challenge(request, "", 0);
}

NewSignIn new_sign_in(const Site& site, web::Request& request, accounts::SignInWay way) {
  NewSignIn sign_in;
  const web::NewSession session = web::new_session(random_of(request));
  sign_in.token = session.token;
  sign_in.token_hash = session.hash;
  const Visit* visit = request.find_context<Visit>();
  // A session that gave itself a new token in this request is known by that.
  sign_in.old_hash = visit && !visit->session_hash.empty() ? visit->session_hash : web::session_hash(request);
  sign_in.challenge = web::new_form_token(random_of(request));
  sign_in.challenge_hash = token_hash(sign_in.challenge);
  sign_in.device = device_of(site, request);
  sign_in.way = way;
  sign_in.address = std::string(request.client_address().substr(0, 45));
  sign_in.user_agent = shown_user_agent(request.header("User-Agent"));
  return sign_in;
}

SignedIn begin_session(db::Tx& tx, const Site& site, const NewSignIn& sign_in, const accounts::User& user) {
  SignedIn signed_in;
  signed_in.user_id = user.id;
  signed_in.email = user.email_normalized;
  signed_in.has_right =
      user.is_staff || user.is_superuser || accounts::rights_of(tx, user.id, false).any_role();
  if (!sign_in.has_second_factor && accounts::find_second_factor(tx, user.id)) {
    signed_in.needs_code = true;
    accounts::Challenge challenge;
    challenge.token_hash = sign_in.challenge_hash;
    challenge.user_id = user.id;
    challenge.way = sign_in.way;
    accounts::create_challenge(tx, challenge);
    return signed_in;
  }
  if (!sign_in.old_hash.empty()) {
    signed_in.conferences = registration::conferences_of_guest(tx, sign_in.old_hash);
    accounts::end_session(tx, sign_in.old_hash);
  }
  accounts::create_session(tx, {.token_hash = sign_in.token_hash,
                                .user_id = user.id,
                                .life = session_life(site, signed_in.has_right),
                                .address = sign_in.address,
                                .user_agent = sign_in.user_agent,
                                .is_proven = true,
                                .by_second_factor = sign_in.has_second_factor});
  if (sign_in.renews) return signed_in;
  const bool is_known = sign_in.device.knows(user.id);
  accounts::SignInEvent event;
  event.user_id = user.id;
  event.what = accounts::happened::signed_in;
  event.way = accounts::to_text(sign_in.way);
  event.address = sign_in.address;
  event.user_agent = sign_in.user_agent;
  event.device = is_known ? "known" : "new";
  accounts::record_sign_in_event(tx, event);
  if (signed_in.has_right && !is_known && user.last_sign_in_at && !user.email.empty())
    accounts::mail_new_device(tx, user.id, device_text(sign_in));
  accounts::set_signed_in(tx, user.id);
  return signed_in;
}

Task<web::Response> go_on_signed_in(Site& site, web::Request& request, const NewSignIn& sign_in,
                                    const SignedIn& signed_in, const std::string& next,
                                    std::string_view outcome) {
  if (signed_in.needs_code) {
    send_challenge(request, sign_in.challenge, accounts::challenge_life.micros / 1'000'000);
    std::string location = site.router->url("accounts:code", {});
    if (!next.empty()) location += "?next=" + web::percent_encode(next);
    co_return see_other(std::move(location), "code_needed");
  }
  if (!challenge_hash(request).empty()) forget_challenge(request);
  remember_device(site, request, signed_in.user_id);
  for (const std::int64_t conference : signed_in.conferences) {
    registration::Visitor guest, owner;
    guest.conference_id = owner.conference_id = conference;
    guest.session_hash = sign_in.old_hash;
    owner.session_hash = sign_in.token_hash;
    owner.user_id = signed_in.user_id;
    owner.email = signed_in.email;
    auto merge = [&](db::Tx& tx) {
      registration::move_orders(tx, guest, owner);
      return registration::merge_carts(tx, site.shop, guest, owner);
    };
    try {
      const registration::MergedCart merged = co_await site.db.write(conference, "merge carts", merge);
      if (merged.moved) web::flash(request, "success", tr(request, "Your cart is now in your account."));
      for (const std::string& message : gone_messages(request, merged.gone))
        web::flash(request, "warning", message);
    } catch (const std::exception& error) {
      // The sign-in itself is done and stays so.
      spdlog::warn("a cart could not be moved into an account: {}", error.what());
      web::flash(request, "warning",
                 tr(request, "Your cart could not be moved into your account. Please fill it again."));
    }
  }
  web::renew_csrf(request);
  web::Response response = see_other(next.empty() ? site.router->url("accounts:home", {}) : next, outcome);
  request.send_cookie(
      web::session_cookie(request, sign_in.token, session_seconds(site, signed_in.has_right)));
  co_return response;
}

std::string wanted_next(web::Request& request) {
  std::string_view wanted = request.query("next").value_or("");
  if (!web::is_safe(request.method()) && request.form().has("next")) wanted = request.form()["next"];
  std::string next = path_of_ours(wanted);
  return next == wanted ? next : std::string();
}

std::optional<std::int64_t> conference_of_path(db::Tx& tx, std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  const std::string_view slug = path.substr(1, path.find_first_of("/?#", 1) - 1);
  if (!is_slug(slug)) return std::nullopt;
  const auto found = conference::find_state(tx, slug);
  return found && found->is_active ? std::optional(found->id) : std::nullopt;
}

std::vector<accounts::Rate> attempt_rates(const Site& site, const std::vector<Limit>& limits) {
  std::vector<accounts::Rate> rates;
  if (!site.settings.security.limits) return rates;
  for (const Limit& limit : limits) {
    if (!limit.value.empty()) rates.push_back(accounts::rate(limit.scope, 0, limit.value, limit.limit));
  }
  return rates;
}

std::string network_of(const Site& site, const web::Request& request) {
  return network_of(request.client_address(), site.settings.security);
}

web::Response too_often(Site& site, web::Request& request, Instant again_at) {
  const Instant now = request.services().clock->now();
  const Refused refused = accounts::too_many_attempts(now, again_at);
  Page page(site, request, "django_program/accounts/too_often.html");
  page.set("reason", templating::Value(tr(request, refused)));
  web::Response response = personal(page.html(429), refused.code());
  const std::int64_t seconds = std::max<std::int64_t>((again_at - now).micros / 1'000'000 + 1, 1);
  response.set("Retry-After", std::to_string(seconds));
  return response;
}

void log_attempt(const Site& site, const web::Request& request, std::string_view what,
                 std::optional<std::int64_t> user_id) {
  spdlog::info("{}: account={} network={} request={}", what, user_id ? std::to_string(*user_id) : "-",
               site.link_key.mac("log." + network_of(site, request)).substr(0, 12), request.id());
}

}  // namespace plenary::site
