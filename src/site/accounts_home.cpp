// A person's own account: name and language, where they are signed in, and another address.
// source: ground rules 15, 5.1, 5.2 and 6.
#include <map>
#include <utility>

#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/accounts/users.hpp"
#include "i18n/languages.hpp"
#include "site/accounts.hpp"
#include "site/browser_name.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/signing_in.hpp"
#include "site/site_links.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using accounts::Link;
using accounts::LinkKind;
using templating::Value;

web::FormSpec profile_spec(bool is_development) {
  web::Field language{.name = "language",
                      .label = message("Language"),
                      .kind = web::FieldKind::choice,
                      .required = false,
                      .help = message("Of these pages and of our mail."),
                      .autocomplete = "language"};
  language.choices.push_back({"", message("As my browser asks")});
  for (const i18n::Language& one : i18n::languages().all()) {
    if (i18n::is_offered(one, is_development)) language.choices.push_back({one.code, one.name});
  }
  return web::FormSpec(
      {{.name = "name", .label = message("Name"), .max_length = 200, .autocomplete = "name"}, language});
}

const web::FormSpec& email_spec() {
  static const web::FormSpec spec({
      {.name = "email",
       .label = message("New e-mail address"),
       .kind = web::FieldKind::email,
       .max_length = 254,
       .help = message("We send a link to it; the address changes when you open the link."),
       .autocomplete = "email"},
      current_password_field(),
  });
  return spec;
}

web::Response home_page(Site& site, web::Request& request, const accounts::User& user, const web::Form& form,
                        int status) {
  Page page(site, request, "django_program/accounts/home.html");
  page.set("form", form_value(request, form));
  page.set("account", Value::dict({{"name", Value::borrowed(user.name)},
                                   {"email", Value::borrowed(user.email)},
                                   {"username", user.username ? Value::borrowed(*user.username) : Value()},
                                   {"is_superuser", user.is_superuser},
                                   {"is_staff", user.is_staff}}));
  const Visit& visit = request.context<Visit>();
  const std::string manage = visit.rights.any_role() ? link_to(site, &visit, "manage:conference-list") : "";
  page.set("manage_url", manage.empty() ? Value() : Value(manage));
  page.faults(faults_of(request, form));
  return personal(page.html(status), status == 200 ? "" : "invalid");
}

}  // namespace

Task<web::Response> account(Site& site, web::Request& request) {
  const accounts::User user = co_await signed_in_user(site, request);
  const web::FormSpec spec = profile_spec(site.is_development());
  if (web::is_safe(request.method())) {
    // Built before: GCC 12 destroys a braced list inside of co_return twice.
    std::map<std::string, std::string> kept;
    kept["name"] = user.name;
    kept["language"] = user.language;
    const web::Form form(spec, std::move(kept));
    co_return home_page(site, request, user, form, 200);
  }
  const web::Form form = web::Form::bind(spec, request.form());
  if (!form.valid()) co_return home_page(site, request, user, form, 422);
  auto write = [&](db::Tx& tx) {
    accounts::set_profile(tx, user.id, form.text("name"), form.text("language"));
  };
  co_await site.db.write(db::global_lane, "set profile", write);
  web::flash(request, "success", tr(request, "Your account is changed."));
  co_return see_other(site.router->url("accounts:home", {}), "changed");
}

Task<web::Response> sessions(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t user_id = visit.session->user_id.value();
  const std::string url = site.router->url("accounts:sessions", {});
  if (!web::is_safe(request.method())) {
    if (auto asked = co_await asks_for_proof(site, request)) co_return std::move(*asked);
    const bool all_others = request.form()["action"] == "end_others";
    const std::string id(request.form()["session"]);
    const accounts::SignInEvent event = event_of(request, user_id, accounts::happened::sessions_ended);
    auto end = [&](db::Tx& tx) -> std::int64_t {
      accounts::record_sign_in_event(tx, event);
      if (all_others) return accounts::end_sessions(tx, user_id, visit.session_hash);
      return accounts::end_session_of(tx, user_id, id) ? 1 : 0;
    };
    co_await site.db.write(db::global_lane, "end sessions", end);
    web::flash(
        request, "success",
        all_others ? tr(request, "You are signed out everywhere else.") : tr(request, "Signed out there."));
    co_return see_other(url, "ended");
  }
  auto list = [&](db::Tx& tx) { return accounts::list_sessions(tx, user_id, visit.session_hash); };
  const std::vector<accounts::SessionSummary> found = co_await site.db.read(list);
  std::vector<Value> shown;
  for (const accounts::SessionSummary& one : found) {
    const BrowserName name = browser_name(one.user_agent);
    shown.push_back(Value::dict({{"id", Value::borrowed(one.id)},
                                 {"address", Value::borrowed(one.address)},
                                 {"user_agent", Value::borrowed(one.user_agent)},
                                 {"browser", Value::borrowed(name.browser)},
                                 {"system", Value::borrowed(name.system)},
                                 {"created_at", Value(one.created_at)},
                                 {"last_seen_at", Value(one.last_seen_at)},
                                 {"is_current", one.is_current}}));
  }
  Page page(site, request, "django_program/accounts/sessions.html");
  page.set("sessions", Value::list(std::move(shown)));
  page.set("has_others", found.size() > 1);
  co_return personal(page.html(), "");
}

Task<web::Response> change_email(Site& site, web::Request& request) {
  if (web::is_safe(request.method()))
    co_return account_page(site, request, "email_change.html", web::Form(email_spec()));
  const accounts::User user = co_await signed_in_user(site, request);
  web::Form form = web::Form::bind(email_spec(), request.form());
  if (form.errors("email").empty()) {
    if (!is_email(form.text("email"))) {
      form.add_error("email", "invalid", message("Enter an e-mail address like name@example.com."));
    } else if (form.text("email") == user.email) {
      form.add_error("email", "same", message("This is your address already."));
    }
  }
  if (!form.valid()) co_return account_page(site, request, "email_change.html", form, 422, "invalid");

  const std::string email = form.text("email"), normalized = normalized_email(email);
  const config::RateLimits& limits = site.settings.security.rates;
  const auto tries = attempt_rates(site, {{"user", std::to_string(user.id), limits.sign_in_per_account}});
  const auto mails =
      attempt_rates(site, {{"email", normalized, limits.password_reset_per_account},
                           {"user", std::to_string(user.id), limits.password_reset_per_account},
                           {"network", network_of(site, request), limits.password_reset_per_network}});
  auto count = [&](db::Tx& tx) { return accounts::count_rate(tx, sign_in_rate, tries); };
  if (const auto again_at = co_await site.db.write(db::global_lane, "attempt to change address", count))
    co_return too_often(site, request, *again_at);
  const bool is_right = co_await site.hashing.verify(user.password_hash, form.text("current_password"));
  if (!is_right) {
    log_attempt(site, request, "change of address refused", user.id);
    if (auto locked = co_await count_wrong_password(site, request)) co_return std::move(*locked);
    form.add_error("current_password", "wrong", message("This is not your current password."));
    co_return account_page(site, request, "email_change.html", form, 422, "wrong");
  }
  const accounts::LinkSecret secret =
      accounts::new_link_secret(random_of(request), site.link_key, LinkKind::change_email);
  const std::string language(language_of(request));
  auto write = [&](db::Tx& tx) {
    if (const auto again_at = accounts::count_rate(tx, account_mail_rate, mails)) return again_at;
    const std::optional<accounts::User> other = accounts::find_by_email(tx, normalized);
    const bool is_taken = other && other->password_hash && other->id != user.id;
    accounts::void_links(tx, LinkKind::change_email, user.id);
    Link link;
    link.kind = LinkKind::change_email;
    link.user_id = user.id;
    link.email = email;
    link.language = language;
    if (is_taken) link.expires_at = tx.now();  // opens nothing and is mailed to nobody
    const std::int64_t id = accounts::create_link(tx, secret, link);
    if (is_taken) {
      accounts::mail_account(tx, "already_registered", other->id, language);
    } else {
      accounts::mail_link(tx, "change_email", id, language);
    }
    return std::optional<Instant>();
  };
  if (const auto again_at = co_await site.db.write(db::global_lane, "mail change of address", write))
    co_return too_often(site, request, *again_at);
  co_return see_other(site.router->url("accounts:mail-sent", {}) + "?for=email", "mail_sent");
}

Task<web::Response> confirm_email(Site& site, web::Request& request) {
  const std::optional<Link> link = co_await read_link(site, request, LinkKind::change_email);
  if (!link || !link->user_id) co_return dead_link(site, request);
  if (web::is_safe(request.method())) {
    Page page(site, request, "django_program/accounts/email_confirm.html");
    page.set("email", Value::borrowed(link->email));
    co_return personal(page.html(), "");
  }
  auto write = [&](db::Tx& tx) {
    const std::optional<Link> now = accounts::find_usable_link(tx, LinkKind::change_email, link->token_hash);
    std::optional<accounts::User> user;
    if (now) user = accounts::find_user(tx, now->user_id.value());
    if (!user || !user->is_active) return false;
    const std::string old_email = user->email;
    accounts::set_email(tx, user->id, now->email);
    accounts::use_link(tx, now->id);
    accounts::void_links(tx, LinkKind::change_email, user->id);
    // A reset that went to the old address must not come back.
    accounts::void_links(tx, LinkKind::reset, user->id);
    if (!old_email.empty()) accounts::mail_email_changed(tx, user->id, old_email, user->language);
    return true;
  };
  bool done = false;
  try {
    done = co_await site.db.write(db::global_lane, "change address", write);
  } catch (const Refused&) {
    // Another account has the address by now.
  }
  if (!done) co_return dead_link(site, request);
  web::flash(request, "success", tr(request, "Your address is changed."));
  co_return see_other(site.router->url("accounts:home", {}), "changed");
}

}  // namespace plenary::site
