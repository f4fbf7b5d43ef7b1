// The security of one's own account: the second factor set up, replaced and switched off, recovery codes.
// source: ground rules 15, 5.2 and 5.3.
#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "documents/qr_code.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/second_factor.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/sign_in_history.hpp"
#include "domain/accounts/totp.hpp"
#include "domain/accounts/users.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/signing_in.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

using templating::Value;

constexpr Duration set_up_life = Duration::hours(1);
constexpr std::string_view set_up_field = "set_up";

// A secret that is shown and not confirmed yet travels in its page, sealed for this sign-in of this person:
// nobody else can choose it.
std::string set_up_place(const accounts::FoundSession& session) {
  return fmt::format("factor_set_up.{}.{}", session.user_id.value(), session.created_at.micros);
}

struct SetUp {
  std::string secret;  // bytes
  std::string sealed;  // with its moment, for the form
};

SetUp new_set_up(const Site& site, web::Request& request, const accounts::FoundSession& session) {
  SetUp set_up;
  set_up.secret = accounts::new_totp_secret(random_of(request));
  const std::int64_t now = request.services().clock->now().micros;
  set_up.sealed = site.sealing_key.seal(Secret(fmt::format("{}:", now) + set_up.secret),
                                        set_up_place(session), random_of(request));
  return set_up;
}

// Nothing: it is not one of ours for this sign-in, or too old.
std::optional<SetUp> set_up_of(const Site& site, web::Request& request,
                               const accounts::FoundSession& session) {
  SetUp set_up;
  set_up.sealed = request.form()[set_up_field];
  try {
    const Secret plain = site.sealing_key.open(set_up.sealed, set_up_place(session));
    const std::string& text = plain.reveal();
    const std::size_t colon = text.find(':');
    const Instant made{std::stoll(text.substr(0, colon))};
    if (request.services().clock->now() - made >= set_up_life) return std::nullopt;
    set_up.secret = text.substr(colon + 1);
  } catch (const SealBroken&) {
    return std::nullopt;
  }
  return set_up;
}

// "ABCD EFGH …": in groups of four, to be typed.
std::string in_groups(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += ' ';
    out += text[i];
  }
  return out;
}

web::Response set_up_page(Site& site, web::Request& request, const accounts::FoundSession& session,
                          const SetUp& set_up, std::string_view fault) {
  const std::string issuer = request.host().empty() ? "Plenary" : "Plenary " + std::string(request.host());
  const std::string uri = accounts::totp_uri(
      set_up.secret, issuer, session.user_email.empty() ? session.user_name : session.user_email);
  Page page(site, request, "django_program/accounts/factor_set_up.html");
  page.set("is_proven", true);
  page.set("replaces", session.has_factor);
  page.set("is_required", site.settings.requires_second_factor() && session.has_right());
  page.set("next", Value(wanted_next(request)));
  page.set("qr_code", Value::safe(documents::qr_svg(uri)));
  page.set("typed_secret", Value(in_groups(accounts::base32(set_up.secret))));
  page.set("set_up", Value::borrowed(set_up.sealed));
  page.set("fault", fault.empty() ? Value() : Value(std::string(fault)));
  std::vector<Fault> faults;
  if (!fault.empty()) faults.push_back({"code", std::string(fault)});
  page.faults(std::move(faults));
  return personal(page.html(fault.empty() ? 200 : 422), fault.empty() ? "" : "wrong");
}

web::Response codes_page(Site& site, web::Request& request, const std::vector<std::string>& codes,
                         const std::string& next) {
  std::vector<Value> shown;
  std::string file;
  for (const std::string& code : codes) {
    shown.push_back(Value::borrowed(code));
    file += code + "\r\n";
  }
  Page page(site, request, "django_program/accounts/recovery_codes.html");
  page.set("codes", Value::list(std::move(shown)));
  page.set("file", Value(web::percent_encode(file)));
  page.set("next", Value::borrowed(next));
  return personal(page.html(), "recovery_codes");
}

// Code of the new app given: it is the factor from now on.
Task<web::Response> confirm(Site& site, web::Request& request) {
  Visit& visit = *request.find_context<Visit>();
  const accounts::FoundSession session = *visit.session;
  const std::int64_t user_id = session.user_id.value();
  const std::optional<SetUp> set_up = set_up_of(site, request, session);
  if (!set_up) {
    const SetUp fresh = new_set_up(site, request, session);
    co_return set_up_page(site, request, session, fresh,
                          tr(request, "That took too long. Here is a new picture: scan it once more."));
  }
  auto find = [&](db::Tx& tx) { return accounts::find_second_factor(tx, user_id); };
  const std::optional<accounts::SecondFactor> before = co_await site.db.read(find);
  const std::string code(request.form()["code"]);
  const auto step = accounts::matching_totp_step(set_up->secret, code, request.services().clock->now(),
                                                 before ? before->last_step : 0);
  if (!step) {
    co_return set_up_page(site, request, session, *set_up,
                          tr(request,
                             "This code is not right. Is the clock of your phone right? Wait for "
                             "the next code and try again."));
  }
  const std::string sealed = site.sealing_key.seal(
      Secret(set_up->secret), accounts::second_factor_place(user_id), random_of(request));
  const std::vector<std::string> codes = accounts::new_recovery_codes(random_of(request));
  const bool ends_others = request.form().has("end_others");
  const web::NewSession fresh = web::new_session(random_of(request));
  const accounts::SignInEvent event = event_of(request, user_id, accounts::happened::factor_on);
  const std::string language(language_of(request));
  auto write = [&](db::Tx& tx) {
    const auto now = accounts::find_second_factor(tx, user_id);
    if (now.has_value() != before.has_value() || (now && now->secret != before->secret)) return false;
    if (!accounts::prove_session(tx, visit.session_hash, fresh.hash, true)) return false;
    accounts::set_second_factor(tx, user_id, sealed, *step);
    accounts::set_recovery_codes(tx, user_id, codes);
    if (ends_others) {
      accounts::end_sessions(tx, user_id, fresh.hash);
    } else {
      accounts::lock_other_sessions(tx, user_id, fresh.hash);
    }
    accounts::record_sign_in_event(tx, event);
    accounts::mail_second_factor_changed(tx, user_id, "on", language);
    return true;
  };
  const bool done = co_await site.db.write(db::global_lane, "set second factor", write);
  if (!done) throw Refused("changed_meanwhile", "This account was changed meanwhile. Please try again.");
  visit.session_hash = fresh.hash;
  request.send_cookie(web::session_cookie(request, fresh.token, session_seconds(site, session.has_right())));
  const std::string next = wanted_next(request);
  co_return codes_page(site, request, codes, next);
}

}  // namespace

Task<web::Response> set_up_factor(Site& site, web::Request& request) {
  const accounts::FoundSession session = *request.context<Visit>().session;
  if (!web::is_safe(request.method())) {
    if (auto asked = co_await asks_for_proof(site, request)) co_return std::move(*asked);
    if (request.form().has(set_up_field)) co_return co_await confirm(site, request);
    const std::string next = wanted_next(request);
    co_return see_other(site.router->url("accounts:factor", {}) +
                            (next.empty() ? std::string() : "?next=" + web::percent_encode(next)),
                        "proven");
  }
  if (!is_freshly_proven(site, request)) {
    // The secret is shown to nobody who merely found the browser open.
    Page page(site, request, "django_program/accounts/factor_set_up.html");
    page.set("is_proven", false);
    page.set("replaces", session.has_factor);
    page.set("is_required", site.settings.requires_second_factor() && session.has_right());
    page.set("next", Value(wanted_next(request)));
    co_return personal(page.html(), "");
  }
  const SetUp set_up = new_set_up(site, request, session);
  co_return set_up_page(site, request, session, set_up, {});
}

Task<web::Response> security(Site& site, web::Request& request) {
  const accounts::FoundSession session = *request.context<Visit>().session;
  const std::int64_t user_id = session.user_id.value();
  const bool is_required = site.settings.requires_second_factor() && session.has_right();
  if (!web::is_safe(request.method())) {
    if (auto asked = co_await asks_for_proof(site, request)) co_return std::move(*asked);
    const bool renews = request.form()["action"] == "new_codes";
    const bool ends = request.form()["action"] == "off";
    if (!renews && !ends) throw Refused("no_action", "There is no such button here.");
    if (ends && is_required)
      throw Refused(
          "factor_required",
          "Everybody with a right needs a second factor here. You can replace it with another one.");
    const std::vector<std::string> codes = accounts::new_recovery_codes(random_of(request));
    const accounts::SignInEvent event = event_of(
        request, user_id, renews ? accounts::happened::codes_renewed : accounts::happened::factor_off);
    const bool ends_others = request.form().has("end_others");
    const std::string language(language_of(request));
    const std::string session_hash = request.context<Visit>().session_hash;
    auto write = [&](db::Tx& tx) {
      if (!accounts::find_second_factor(tx, user_id)) return false;
      if (renews) {
        accounts::set_recovery_codes(tx, user_id, codes);
      } else {
        accounts::remove_second_factor(tx, user_id);
      }
      if (ends_others) accounts::end_sessions(tx, user_id, session_hash);
      accounts::record_sign_in_event(tx, event);
      accounts::mail_second_factor_changed(tx, user_id, renews ? "codes" : "off", language);
      return true;
    };
    const bool done = co_await site.db.write(db::global_lane, "change second factor", write);
    const std::string url = site.router->url("accounts:security", {});
    if (!done) co_return see_other(url, "no_factor");
    if (renews) co_return codes_page(site, request, codes, url);
    web::flash(request, "success", tr(request, "The second factor is switched off."));
    co_return see_other(url, "off");
  }
  struct State {
    std::optional<accounts::SecondFactor> factor;
    std::int64_t codes_left = 0;
  };
  auto find = [&](db::Tx& tx) {
    return State{accounts::find_second_factor(tx, user_id), accounts::recovery_codes_left(tx, user_id)};
  };
  const State state = co_await site.db.read(find);
  Page page(site, request, "django_program/accounts/security.html");
  page.set("has_factor", state.factor.has_value());
  page.set("since",
           state.factor && state.factor->confirmed_at ? Value(*state.factor->confirmed_at) : Value());
  page.set("codes_left", Value(state.codes_left));
  page.set("is_required", is_required);
  co_return personal(page.html(), "");
}

}  // namespace plenary::site
