// Forgotten and changed passwords. source: ground rules 15, 5.1, 5.3 and 5.4.
#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/claims.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/signing_in.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using accounts::Link;
using accounts::LinkKind;

const web::FormSpec& forgot_spec() {
  static const web::FormSpec spec({
      {.name = "email",
       .label = message("E-mail address"),
       .kind = web::FieldKind::email,
       .max_length = 254,
       .autocomplete = "email"},
  });
  return spec;
}

const web::FormSpec& reset_spec() {
  static const web::FormSpec spec({new_password_field()});
  return spec;
}

const web::FormSpec& change_spec() {
  static const web::FormSpec spec = [] {
    web::Field password = new_password_field();
    password.label = message("New password");
    return web::FormSpec({current_password_field(), password});
  }();
  return spec;
}

// The way out of a locked door: whoever has the mailbox begins anew.
void forget_failed_attempts(db::Tx& tx, const accounts::User& user) {
  for (const std::string& typed : {user.email_normalized, normalized_email(user.username.value_or(""))}) {
    if (typed.empty()) continue;
    const accounts::Rate rate = accounts::rate("account", 0, typed, {});
    accounts::forget_rate(tx, sign_in_rate, rate);
    accounts::forget_attempts(tx, rate.counted_by);
  }
}

Task<web::Response> mail_reset(Site& site, web::Request& request) {
  web::Form form = web::Form::bind(forgot_spec(), request.form());
  if (form.valid() && !is_email(form.text("email")))
    form.add_error("email", "invalid", message("Enter an e-mail address like name@example.com."));
  if (!form.valid()) co_return account_page(site, request, "password_forgot.html", form, 422, "invalid");

  const std::string email = form.text("email"), normalized = normalized_email(email);
  const config::RateLimits& limits = site.settings.security.rates;
  const auto rates =
      attempt_rates(site, {{"email", normalized, limits.password_reset_per_account},
                           {"network", network_of(site, request), limits.password_reset_per_network}});
  const accounts::LinkSecret secret =
      accounts::new_link_secret(random_of(request), site.link_key, LinkKind::reset);
  const std::string language(language_of(request)), next = wanted_next(request);
  auto write = [&](db::Tx& tx) {
    if (const auto again_at = accounts::count_rate(tx, account_mail_rate, rates)) return again_at;
    const std::optional<accounts::User> user = accounts::find_by_email(tx, normalized);
    Link link;
    link.kind = LinkKind::reset;
    link.language = language;
    link.conference_id = conference_of_path(tx, next);
    if (user && user->is_active) {
      link.user_id = user->id;
      link.email = user->email;
    } else {
      link.expires_at = tx.now();  // opens nothing and is mailed to nobody
    }
    accounts::mail_link(tx, "reset_password", accounts::create_link(tx, secret, link), language);
    return std::optional<Instant>();
  };
  if (const auto again_at = co_await site.db.write(db::global_lane, "mail reset", write))
    co_return too_often(site, request, *again_at);
  co_return see_other(site.router->url("accounts:mail-sent", {}) + "?for=reset", "mail_sent");
}

}  // namespace

Task<web::Response> forgot_password(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await mail_reset(site, request);
  co_return account_page(site, request, "password_forgot.html", web::Form(forgot_spec()));
}

Task<web::Response> reset_password(Site& site, web::Request& request) {
  const std::optional<Link> link = co_await read_link(site, request, LinkKind::reset);
  if (!link || !link->user_id) co_return dead_link(site, request);
  if (web::is_safe(request.method()))
    co_return account_page(site, request, "password_reset.html", web::Form(reset_spec()));

  web::Form form = web::Form::bind(reset_spec(), request.form());
  std::vector<std::string> own(1, link->email);
  co_await check_new_password(site, form, own);
  if (!form.valid()) co_return account_page(site, request, "password_reset.html", form, 422, "invalid");
  const std::string hash = co_await site.hashing.hash(form.text("password"));
  const NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::reset);
  const std::string language(language_of(request));

  const accounts::SignInEvent changed = event_of(request, 0, accounts::happened::password_changed);

  struct Reset {
    bool done = false;
    std::optional<SignedIn> signed_in;  // not for accounts that may not sign in here
  };
  auto write = [&](db::Tx& tx) {
    Reset reset;
    const std::optional<Link> now = accounts::find_usable_link(tx, LinkKind::reset, link->token_hash);
    std::optional<accounts::User> user;
    if (now) user = accounts::find_user(tx, now->user_id.value());
    // The address the mail went to must still be the account's.
    if (!user || !user->is_active || user->email_normalized != now->email_normalized) return reset;
    if (user->password_hash) {
      accounts::set_password(tx, user->id, hash);
      if (!user->email_verified_at) accounts::set_email(tx, user->id, user->email);
    } else {
      // A guest takes the account that checkout made, with its orders.
      const accounts::User person = accounts::become_account(tx, {user->email, {}, language, hash});
      registration::attach_orders(tx, person.id, person.email_normalized);
      user = person;
    }
    accounts::use_link(tx, now->id);
    accounts::void_links(tx, LinkKind::reset, user->id);
    accounts::end_sessions(tx, user->id);
    accounts::mail_account(tx, "password_changed", user->id, language);
    accounts::SignInEvent event = changed;
    event.user_id = user->id;
    accounts::record_sign_in_event(tx, event);
    forget_failed_attempts(tx, *user);
    user = accounts::find_user(tx, user->id);
    reset.done = true;
    if (accounts::may_sign_in(*user, site.is_development()))
      reset.signed_in = begin_session(tx, site, sign_in, *user);
    return reset;
  };
  Reset reset;
  try {
    reset = co_await site.db.write(db::global_lane, "reset password", write);
  } catch (const Refused&) {
    // The address has got an account by another link meanwhile.
  }
  if (!reset.done) co_return dead_link(site, request);
  if (!reset.signed_in) co_return see_other(site.router->url("accounts:login", {}), "reset");
  web::flash(request, "success",
             reset.signed_in->needs_code
                 ? tr(request, "Your password is set.")
                 : tr(request, "Your password is set. You are signed in here and nowhere else."));
  const std::string next;  // the account's page
  co_return co_await go_on_signed_in(site, request, sign_in, *reset.signed_in, next, "reset");
}

Task<web::Response> change_password(Site& site, web::Request& request) {
  if (web::is_safe(request.method()))
    co_return account_page(site, request, "password_change.html", web::Form(change_spec()));
  const accounts::User user = co_await signed_in_user(site, request);
  web::Form form = web::Form::bind(change_spec(), request.form());
  std::vector<std::string> own;
  for (const std::string& text : {user.email, user.name, user.username.value_or("")}) own.push_back(text);
  co_await check_new_password(site, form, own);
  if (!form.valid()) co_return account_page(site, request, "password_change.html", form, 422, "invalid");

  const config::RateLimits& limits = site.settings.security.rates;
  const auto rates = attempt_rates(site, {{"user", std::to_string(user.id), limits.sign_in_per_account}});
  auto count = [&](db::Tx& tx) { return accounts::count_rate(tx, sign_in_rate, rates); };
  if (const auto again_at = co_await site.db.write(db::global_lane, "attempt to change password", count))
    co_return too_often(site, request, *again_at);
  const bool is_right = co_await site.hashing.verify(user.password_hash, form.text("current_password"));
  if (!is_right) {
    log_attempt(site, request, "change of password refused", user.id);
    if (auto locked = co_await count_wrong_password(site, request)) co_return std::move(*locked);
    form.add_error("current_password", "wrong", message("This is not your current password."));
    co_return account_page(site, request, "password_change.html", form, 422, "wrong");
  }
  const std::string hash = co_await site.hashing.hash(form.text("password"));
  NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::password);
  sign_in.renews = true;
  sign_in.has_second_factor = request.context<Visit>().session->second_factor_at.has_value();
  const accounts::SignInEvent changed = event_of(request, user.id, accounts::happened::password_changed);
  const std::string language(language_of(request));
  auto write = [&](db::Tx& tx) {
    const std::optional<accounts::User> now = accounts::find_user(tx, user.id);
    if (!now || now->password_hash != user.password_hash)
      throw Refused("changed_meanwhile", "This account was changed meanwhile. Please try again.");
    accounts::set_password(tx, user.id, hash);
    accounts::void_links(tx, LinkKind::reset, user.id);
    accounts::end_sessions(tx, user.id);
    if (!rates.empty()) accounts::forget_rate(tx, sign_in_rate, rates.front());
    if (!now->email.empty()) accounts::mail_account(tx, "password_changed", user.id, language);
    accounts::record_sign_in_event(tx, changed);
    return begin_session(tx, site, sign_in, *now);
  };
  const SignedIn signed_in = co_await site.db.write(db::global_lane, "change password", write);
  web::flash(request, "success",
             tr(request, "Your password is changed. You are signed out everywhere else."));
  const std::string next;  // the account's page
  co_return co_await go_on_signed_in(site, request, sign_in, signed_in, next, "changed");
}

}  // namespace plenary::site
