// Signing in and out. source: ground rules 15, 5.1, 5.4 and 5.5.
#include "base/text.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/users.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/text.hpp"
#include "web/csrf.hpp"
#include "web/flash.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

const web::FormSpec& spec() {
  static const web::FormSpec spec({
      {.name = "username",
       .label = message("E-mail address or user name"),
       .max_length = 254,
       .autocomplete = "username"},
      {.name = "password",
       .label = message("Password"),
       .kind = web::FieldKind::password,
       .max_length = accounts::longest_password,
       .autocomplete = "current-password"},
  });
  return spec;
}

struct Attempt {
  std::optional<Instant> again_at;
  std::optional<accounts::User> user;
  std::vector<accounts::Rate> rates;  // the first one counts this account, or this browser of its owner
};

// Counts it, or says when the next one is possible. `known`: in a browser in which this person signed in
// before; strangers' attempts do not count there.
Attempt begin_attempt(db::Tx& tx, const Site& site, const std::string& typed, const Device& device,
                      const std::string& network) {
  const config::RateLimits& limits = site.settings.security.rates;
  Attempt attempt;
  attempt.user = accounts::find_for_sign_in(tx, typed);
  const bool is_known = attempt.user && device.knows(attempt.user->id);
  // By what was typed, so that the name of no account counts like that of one.
  const std::string by =
      is_known ? device.id + "." + std::to_string(attempt.user->id) : normalized_email(typed);
  attempt.rates = attempt_rates(site, {{is_known ? "device" : "account", by, limits.sign_in_per_account},
                                       {"network", network, limits.sign_in_per_network}});
  if (attempt.rates.empty()) return attempt;
  attempt.again_at = accounts::too_often(tx, sign_in_rate, attempt.rates);
  if (!attempt.again_at) attempt.again_at = accounts::count_attempt(tx, attempt.rates.front().counted_by);
  if (!attempt.again_at) attempt.again_at = accounts::count_rate(tx, sign_in_rate, attempt.rates);
  return attempt;
}

Task<web::Response> attempt_sign_in(Site& site, web::Request& request) {
  web::Form form = web::Form::bind(spec(), request.form());
  if (!form.valid()) co_return account_page(site, request, "sign_in.html", form, 422, "invalid");
  const std::string typed = form.text("username"), password = form.text("password");
  const NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::password);
  const std::string network = network_of(site, request);
  auto begin = [&](db::Tx& tx) { return begin_attempt(tx, site, typed, sign_in.device, network); };
  const Attempt attempt = co_await site.db.write(db::global_lane, "attempt to sign in", begin);
  if (attempt.again_at) {
    log_attempt(site, request, "sign-in refused, too many attempts", {});
    co_return too_often(site, request, *attempt.again_at);
  }

  const std::optional<accounts::User>& user = attempt.user;
  const std::vector<accounts::Rate>& rates = attempt.rates;
  std::optional<std::string> hash;
  if (user) hash = user->password_hash;
  const bool is_right = co_await site.hashing.verify(hash, password);
  if (!is_right || !accounts::may_sign_in(*user, site.is_development())) {
    log_attempt(site, request, is_right ? "sign-in refused, account closed" : "sign-in refused",
                user ? std::optional(user->id) : std::nullopt);
    accounts::SignInEvent event = event_of(request, user ? user->id : 0, accounts::happened::refused);
    // The same work for an account that does not exist.
    auto tell = [&](db::Tx& tx) {
      if (!rates.empty() && accounts::is_waiting(tx, rates.front().counted_by))
        event.what = accounts::happened::locked_out;
      if (user) {
        accounts::record_sign_in_event(tx, event);
      } else {
        accounts::forget_attempts(tx, "nobody");
      }
    };
    co_await site.db.write(db::global_lane, "sign-in refused", tell);
    form.add_error(
        "", "wrong",
        message("That name and password do not belong together. If you have just signed up, open the link "
                "in our mail first."));
    co_return account_page(site, request, "sign_in.html", form, 422, "wrong");
  }
  std::string renewed;
  if (site.hashing.is_outdated(*user->password_hash)) renewed = co_await site.hashing.hash(password);

  auto finish = [&](db::Tx& tx) {
    // Whatever happened to the account while the password was verified counts.
    const std::optional<accounts::User> now = accounts::find_user(tx, user->id);
    if (!now || now->password_hash != user->password_hash ||
        !accounts::may_sign_in(*now, site.is_development()))
      throw Refused("changed_meanwhile", "This account was changed meanwhile. Please try again.");
    if (!renewed.empty()) accounts::set_password(tx, now->id, renewed);
    if (!rates.empty()) {
      accounts::forget_rate(tx, sign_in_rate, rates.front());
      accounts::forget_attempts(tx, rates.front().counted_by);
    }
    return begin_session(tx, site, sign_in, *now);
  };
  const SignedIn signed_in = co_await site.db.write(db::global_lane, "sign in", finish);
  const std::string next = wanted_next(request);
  co_return co_await go_on_signed_in(site, request, sign_in, signed_in, next, "signed_in");
}

}  // namespace

Task<web::Response> sign_in(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await attempt_sign_in(site, request);
  const Visit* visit = request.find_context<Visit>();
  if (visit && visit->session && visit->session->user_id) {
    std::string next = wanted_next(request);
    co_return see_other(next.empty() ? site.router->url("accounts:home", {}) : std::move(next), "signed_in");
  }
  if (visit && visit->asleep && visit->asleep->state == accounts::SessionState::locked &&
      !request.query("other")) {
    const std::string next = wanted_next(request);
    co_return see_other(site.router->url("accounts:unlock", {}) +
                            (next.empty() ? std::string() : "?next=" + web::percent_encode(next)),
                        "locked");
  }
  co_return account_page(site, request, "sign_in.html", web::Form(spec()));
}

Task<web::Response> sign_out(Site& site, web::Request& request) {
  const std::string hash = web::session_hash(request);
  if (!hash.empty()) {
    const Visit* visit = request.find_context<Visit>();
    std::optional<std::int64_t> user;
    if (visit && visit->session) user = visit->session->user_id;
    if (visit && visit->asleep) user = visit->asleep->session.user_id;
    const accounts::SignInEvent event = event_of(request, user.value_or(0), accounts::happened::signed_out);
    auto end = [&](db::Tx& tx) {
      const bool done = accounts::end_session(tx, hash);
      if (done && user) accounts::record_sign_in_event(tx, event);
      return done;
    };
    co_await site.db.write(db::global_lane, "sign out", end);
  }
  web::renew_csrf(request);
  web::flash(request, "success", tr(request, "You are signed out."));
  std::string next = wanted_next(request);
  web::Response response = see_other(next.empty() ? "/" : std::move(next), "signed_out");
  response.set_cookie(web::expired_session_cookie(request));
  co_return response;
}

}  // namespace plenary::site
