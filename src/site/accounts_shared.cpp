// What the account pages share: their frame, links that are dead, passwords that are checked.
#include <array>
#include <utility>

#include "base/codes.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/passwords.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/conferences.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/text.hpp"

namespace plenary::site {

web::Response account_page(Site& site, web::Request& request, std::string_view file, const web::Form& form,
                           int status, std::string_view outcome) {
  Page page(site, request, "django_program/accounts/" + std::string(file));
  page.set("form", form_value(request, form));
  page.set("next", templating::Value(wanted_next(request)));
  page.faults(faults_of(request, form));
  return personal(page.html(status), outcome);
}

web::Response dead_link(Site& site, web::Request& request) {
  Page page(site, request, "django_program/accounts/dead_link.html");
  return personal(page.html(404), "dead_link");
}

std::string link_hash(const web::Request& request) {
  return token_hash(request.param("token"));
}

Task<std::optional<accounts::Link>> read_link(Site& site, web::Request& request, accounts::LinkKind kind) {
  const std::string hash = link_hash(request);
  auto find = [&](db::Tx& tx) { return accounts::find_usable_link(tx, kind, hash); };
  co_return co_await site.db.read(find);
}

Task<void> check_new_password(Site& site, web::Form& form, const std::vector<std::string>& own) {
  if (!form.errors("password").empty()) co_return;
  auto names = [](db::Tx& tx) { return conference::list_active(tx); };
  const auto conferences = co_await site.db.read(names);
  std::vector<std::string_view> guessed(own.begin(), own.end());
  for (const auto& one : conferences) guessed.insert(guessed.end(), {one.name, one.slug});
  if (const auto problem = accounts::password_problem(form.text("password"), guessed))
    form.add_error(*problem);
}

web::Field new_password_field() {
  return {.name = "password",
          .label = message("Password"),
          .kind = web::FieldKind::password,
          .max_length = accounts::longest_password,
          .help = message("At least 8 characters. Any characters will do; a few words in a row are good."),
          .autocomplete = "new-password"};
}

web::Field current_password_field() {
  return {.name = "current_password",
          .label = message("Your current password"),
          .kind = web::FieldKind::password,
          .max_length = accounts::longest_password,
          .autocomplete = "current-password"};
}

Task<accounts::User> signed_in_user(Site& site, web::Request& request) {
  const std::int64_t id = request.context<Visit>().session->user_id.value();
  auto find = [&](db::Tx& tx) { return accounts::find_user(tx, id); };
  std::optional<accounts::User> user = co_await site.db.read(find);
  if (!user) throw NotFound("the account is gone");
  co_return std::move(*user);
}

Task<web::Response> show_mail_sent(Site& site, web::Request& request) {
  Page page(site, request, "django_program/accounts/mail_sent.html");
  const std::string_view what = request.query("for").value_or("");
  page.set("purpose",
           templating::Value::borrowed(what == "reset" || what == "email" || what == "sign-up" ? what : ""));
  co_return personal(page.html(), "mail_sent");
}

}  // namespace plenary::site
