// The first superuser, made by whoever holds the one-time link that `serve` prints. source: ground rules
// 15, 1.3.
#include "base/text.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/conference/audit.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

const web::FormSpec& spec() {
  static const web::FormSpec spec({
      {.name = "username",
       .label = message("User name"),
       .max_length = 150,
       .help = message("Letters, digits and . + - _"),
       .autocomplete = "username"},
      {.name = "email",
       .label = message("E-mail address"),
       .kind = web::FieldKind::email,
       .required = false,
       .max_length = 254,
       .help = message("For a forgotten password."),
       .autocomplete = "email"},
      new_password_field(),
  });
  return spec;
}

}  // namespace

Task<web::Response> set_up(Site& site, web::Request& request) {
  const std::optional<accounts::Link> link = co_await read_link(site, request, accounts::LinkKind::set_up);
  if (!link) co_return dead_link(site, request);
  if (web::is_safe(request.method())) co_return account_page(site, request, "set_up.html", web::Form(spec()));

  web::Form form = web::Form::bind(spec(), request.form());
  std::vector<std::string> own;
  for (const char* field : {"username", "email"}) {
    if (form.errors(field).empty()) own.push_back(form.text(field));
  }
  if (form.errors("username").empty()) {
    if (const auto problem = accounts::username_problem(form.text("username"))) form.add_error(*problem);
  }
  if (form.errors("email").empty() && !form.text("email").empty() && !is_email(form.text("email")))
    form.add_error("email", "invalid", message("Enter an e-mail address like name@example.com."));
  co_await check_new_password(site, form, own);
  if (!form.valid()) co_return account_page(site, request, "set_up.html", form, 422, "invalid");

  const std::string hash = co_await site.hashing.hash(form.text("password"));
  const NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::set_up);
  const std::string address(request.client_address());
  auto write = [&](db::Tx& tx) -> std::optional<SignedIn> {
    const auto now = accounts::find_usable_link(tx, accounts::LinkKind::set_up, link->token_hash);
    if (!now || accounts::has_superuser(tx)) return std::nullopt;
    const accounts::User user =
        accounts::create_superuser(tx, {form.text("username"), form.text("email"), {}, hash});
    accounts::use_link(tx, now->id);
    conference::record(tx, {user.id, form.text("username"), "set-up", address}, conference::AuditAction::add,
                       {std::nullopt, "user_account", std::to_string(user.id), form.text("username"), {}},
                       {{"is_superuser", "Superuser", "", "yes", {}, conference::audit_value("true")},
                        {"password_hash", "Password", "", "set"}});
    return begin_session(tx, site, sign_in, user);
  };
  std::optional<SignedIn> signed_in;
  std::optional<Refused> refused;
  try {
    signed_in = co_await site.db.write(db::global_lane, "set up", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    form.add_error(*refused);
    co_return account_page(site, request, "set_up.html", form, 422, refused->code());
  }
  if (!signed_in) co_return dead_link(site, request);
  web::flash(request, "success", tr(request, "You are the first superuser of this server."));
  const std::string next;  // the account's page
  co_return co_await go_on_signed_in(site, request, sign_in, *signed_in, next, "set_up");
}

}  // namespace plenary::site
