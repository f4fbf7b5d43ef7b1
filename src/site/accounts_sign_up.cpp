// Signing up: the account comes to be when its address was proven by the mailed link and not before, and only
// for whoever knows the password it was asked with. Whether an address is known shows nowhere. source: ground
// rules 15, 5.1 and 5.4; registration 20, D34.
#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/claims.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using accounts::Link;
using accounts::LinkKind;

const web::FormSpec& sign_up_spec() {
  static const web::FormSpec spec({
      {.name = "name", .label = message("Name"), .max_length = 200, .autocomplete = "name"},
      {.name = "email",
       .label = message("E-mail address"),
       .kind = web::FieldKind::email,
       .max_length = 254,
       .help = message("We send a link to this address to confirm it."),
       .autocomplete = "email"},
      new_password_field(),
  });
  return spec;
}

// In another browser than the one that signed up, the password tells that it is the same person: somebody
// else may have signed up with this address.
const web::FormSpec& verify_spec() {
  static const web::FormSpec spec({
      {.name = "password",
       .label = message("The password you chose"),
       .kind = web::FieldKind::password,
       .max_length = accounts::longest_password,
       .autocomplete = "current-password"},
  });
  return spec;
}

std::string browser_mark(const Site& site, std::string_view nonce) {
  return site.link_key.mac("sign-up." + std::string(nonce));
}

std::string mark_cookie(const web::Request& request) {
  return web::cookie_name("sign_up", request.services().secure);
}

web::SetCookie set_mark(const web::Request& request, std::string value, std::int64_t seconds) {
  web::SetCookie cookie;
  cookie.name = mark_cookie(request);
  cookie.value = std::move(value);
  cookie.secure = request.services().secure;
  cookie.max_age_seconds = seconds;
  return cookie;
}

bool is_same_browser(const Site& site, const web::Request& request, const Link& link) {
  return Secret(browser_mark(site, link.nonce)).equals(request.cookie(mark_cookie(request)));
}

Task<web::Response> attempt_sign_up(Site& site, web::Request& request) {
  web::Form form = web::Form::bind(sign_up_spec(), request.form());
  if (form.errors("email").empty() && !is_email(form.text("email")))
    form.add_error("email", "invalid", message("Enter an e-mail address like name@example.com."));
  std::vector<std::string> own;
  for (const char* field : {"name", "email"}) {
    if (form.errors(field).empty()) own.push_back(form.text(field));
  }
  co_await check_new_password(site, form, own);
  if (!form.valid()) co_return account_page(site, request, "sign_up.html", form, 422, "invalid");

  const std::string email = form.text("email"), normalized = normalized_email(email);
  const std::string network = network_of(site, request), next = wanted_next(request);
  const config::RateLimits& limits = site.settings.security.rates;
  const auto by_network = attempt_rates(site, {{"network", network, limits.sign_up_per_network}});
  const auto by_address = attempt_rates(site, {{"email", normalized, limits.password_reset_per_account}});
  auto count = [&](db::Tx& tx) {
    const auto mails = accounts::too_often(tx, account_mail_rate, by_address);
    const auto again = accounts::too_often(tx, sign_up_rate, by_network);
    if (mails || again) return std::max(mails, again);
    accounts::count_rate(tx, account_mail_rate, by_address);
    return accounts::count_rate(tx, sign_up_rate, by_network);
  };
  if (const auto again_at = co_await site.db.write(db::global_lane, "count sign-up", count))
    co_return too_often(site, request, *again_at);

  const std::string hash = co_await site.hashing.hash(form.text("password"));
  const accounts::LinkSecret secret =
      accounts::new_link_secret(random_of(request), site.link_key, LinkKind::verify);
  const std::string language(language_of(request));
  auto write = [&](db::Tx& tx) {
    const std::optional<accounts::User> user = accounts::find_by_email(tx, normalized);
    const bool is_known = user && (user->password_hash || !user->is_active);
    Link link;
    link.kind = LinkKind::verify;
    link.email = email;
    link.name = form.text("name");
    link.password_hash = hash;
    link.language = language;
    link.next_path = next;
    link.conference_id = conference_of_path(tx, next);
    // For a known address the same row, which opens nothing and is mailed to nobody.
    if (is_known) link.expires_at = tx.now();
    const std::int64_t id = accounts::create_link(tx, secret, link);
    if (is_known && user->is_active) {
      accounts::mail_account(tx, "already_registered", user->id, language, link.conference_id.value_or(0));
    } else {
      accounts::mail_link(tx, "verify_address", id, language);
    }
  };
  co_await site.db.write(db::global_lane, "sign up", write);
  web::Response response =
      see_other(site.router->url("accounts:mail-sent", {}) + "?for=sign-up", "mail_sent");
  response.set_cookie(set_mark(request, browser_mark(site, secret.nonce),
                               accounts::link_life(LinkKind::verify).micros / 1'000'000));
  co_return response;
}

web::Response verify_page(Site& site, web::Request& request, const Link& link, const web::Form& form,
                          int status) {
  Page page(site, request, "django_program/accounts/verify.html");
  page.set("email", templating::Value::borrowed(link.email));
  page.set("name", templating::Value::borrowed(link.name));
  page.set("asks_password", !is_same_browser(site, request, link));
  page.set("form", form_value(request, form));
  page.faults(faults_of(request, form));
  return personal(page.html(status), status == 200 ? "" : "wrong");
}

}  // namespace

Task<web::Response> sign_up(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await attempt_sign_up(site, request);
  co_return account_page(site, request, "sign_up.html", web::Form(sign_up_spec()));
}

Task<web::Response> verify(Site& site, web::Request& request) {
  const std::optional<Link> link = co_await read_link(site, request, LinkKind::verify);
  if (!link || !link->password_hash) co_return dead_link(site, request);
  // A mail scanner that follows links reads this page and changes nothing.
  if (web::is_safe(request.method()))
    co_return verify_page(site, request, *link, web::Form(verify_spec()), 200);

  if (!is_same_browser(site, request, *link)) {
    web::Form form = web::Form::bind(verify_spec(), request.form());
    if (!form.valid()) co_return verify_page(site, request, *link, form, 422);
    const config::RateLimits& limits = site.settings.security.rates;
    const auto rates =
        attempt_rates(site, {{"account", link->email_normalized, limits.sign_in_per_account},
                             {"network", network_of(site, request), limits.sign_in_per_network}});
    auto count = [&](db::Tx& tx) { return accounts::count_rate(tx, sign_in_rate, rates); };
    if (const auto again_at = co_await site.db.write(db::global_lane, "attempt to verify", count))
      co_return too_often(site, request, *again_at);
    const bool is_right = co_await site.hashing.verify(link->password_hash, form.text("password"));
    if (!is_right) {
      log_attempt(site, request, "verification refused", {});
      form.add_error(
          "password", "wrong",
          message("This is not the password that was chosen. If you did not sign up, do nothing; to have "
                  "an account of your own, choose “Forgotten password”."));
      co_return verify_page(site, request, *link, form, 422);
    }
  }

  const NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::verify);
  auto write = [&](db::Tx& tx) -> std::optional<SignedIn> {
    const std::optional<Link> now = accounts::find_usable_link(tx, LinkKind::verify, link->token_hash);
    if (!now) return std::nullopt;
    const accounts::User user =
        accounts::become_account(tx, {now->email, now->name, now->language, now->password_hash.value()});
    accounts::use_link(tx, now->id);
    registration::attach_orders(tx, user.id, user.email_normalized);
    return begin_session(tx, site, sign_in, user);
  };
  std::optional<SignedIn> signed_in;
  try {
    signed_in = co_await site.db.write(db::global_lane, "verify address", write);
  } catch (const Refused&) {
    // The address has got an account by another link meanwhile.
  }
  if (!signed_in) co_return dead_link(site, request);
  web::flash(request, "success", tr(request, "Your address is confirmed. Welcome!"));
  web::Response response =
      co_await go_on_signed_in(site, request, sign_in, *signed_in, link->next_path, "verified");
  response.set_cookie(set_mark(request, "", 0));
  co_return response;
}

}  // namespace plenary::site
