// Orders of guests: finding one's own by mail, adding one to an account, correcting its address. No page
// tells whether an address is known, and every answer about one is a mail to it. source: registration 20, D29
// and D34; ground rules 15, 5.4 and 6.3.
#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/accounts/links.hpp"
#include "domain/accounts/users.hpp"
#include "domain/registration/claims.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"
#include "site/accounts.hpp"
#include "site/pages.hpp"
#include "site/signing_in.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::site {
namespace {

using accounts::Link;
using accounts::LinkKind;
using templating::Value;

const web::FormSpec& find_spec() {
  static const web::FormSpec spec({
      {.name = "email",
       .label = message("E-mail address"),
       .kind = web::FieldKind::email,
       .max_length = 254,
       .help = message("The one you gave when you ordered."),
       .autocomplete = "email"},
  });
  return spec;
}

const web::FormSpec& claim_spec() {
  static const web::FormSpec spec(
      {{.name = "name", .label = message("Name"), .max_length = 200, .autocomplete = "name"},
       new_password_field()});
  return spec;
}

Task<web::Response> mail_found(Site& site, web::Request& request) {
  web::Form form = web::Form::bind(find_spec(), request.form());
  if (form.valid() && !is_email(form.text("email")))
    form.add_error("email", "invalid", message("Enter an e-mail address like name@example.com."));
  if (!form.valid()) co_return account_page(site, request, "find_order.html", form, 422, "invalid");
  const Visit& visit = request.context<Visit>();
  const std::string email = form.text("email");
  const auto rates = registration::order_mail_rates(site.shop, visit.visitor(request, site.settings.security),
                                                    normalized_email(email));
  const accounts::LinkSecret secret =
      accounts::new_link_secret(random_of(request), site.link_key, LinkKind::find_orders);
  const std::string language(language_of(request));
  auto write = [&](db::Tx& tx) {
    if (const auto again_at = accounts::count_rate(tx, registration::order_mail_rate, rates)) return again_at;
    Link link;
    link.kind = LinkKind::find_orders;
    link.conference_id = visit.conference->id;
    link.email = email;
    link.language = language;
    accounts::mail_link(tx, "found_orders", accounts::create_link(tx, secret, link), language,
                        visit.conference->id);
    return std::optional<Instant>();
  };
  if (const auto again_at = co_await site.db.write(visit.conference->id, "find orders", write))
    co_return too_often(site, request, *again_at);
  Page page(site, request, "django_program/accounts/find_order_sent.html");
  co_return personal(page.html(), "mail_sent");
}

// What a claim's page knows: the link, its order, and who is looking.
struct Claim {
  Link link;
  registration::Order order;
  std::optional<accounts::User> owner;  // the account with a password of the order's address
  std::optional<accounts::User> visitor;
  bool is_owner() const { return visitor && owner && visitor->id == owner->id; }
};

std::optional<Claim> find_claim(db::Tx& tx, const std::string& hash, std::optional<std::int64_t> user_id) {
  const std::optional<Link> link = accounts::find_usable_link(tx, LinkKind::claim, hash);
  if (!link || !link->order_id) return std::nullopt;
  std::optional<registration::Order> order = registration::find_order(tx, *link->order_id);
  if (!order || order->user_id || order->email_normalized != link->email_normalized) return std::nullopt;
  Claim claim{*link, std::move(*order), accounts::find_by_email(tx, link->email_normalized), {}};
  if (claim.owner && !claim.owner->password_hash) claim.owner.reset();
  if (user_id) claim.visitor = accounts::find_user(tx, *user_id);
  return claim;
}

web::Response claim_page(Site& site, web::Request& request, const Claim& claim, const web::Form& form,
                         int status) {
  Page page(site, request, "django_program/accounts/claim.html");
  page.set("email", Value::borrowed(claim.link.email));
  page.set("reference", Value::borrowed(claim.order.reference));
  page.set("is_owner", claim.is_owner());
  page.set("has_account", claim.owner.has_value());
  page.set("is_somebody_else", claim.visitor && !claim.is_owner());
  page.set("sign_in_url",
           Value(site.router->url("accounts:login", {}) + "?next=" + web::percent_encode(request.path())));
  page.set("form", form_value(request, form));
  page.faults(faults_of(request, form));
  return personal(page.html(status), status == 200 ? "" : "invalid");
}

std::optional<std::int64_t> visitor_id(const web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  return visit && visit->session ? visit->session->user_id : std::nullopt;
}

// Signed in as the account of that address: the order joins it.
Task<web::Response> add_to_account(Site& site, web::Request& request, const Claim& claim) {
  const std::int64_t user_id = claim.visitor->id;
  const std::string hash = claim.link.token_hash;
  auto write = [&](db::Tx& tx) {
    const std::optional<Claim> now = find_claim(tx, hash, user_id);
    if (!now || !now->is_owner()) return false;
    registration::attach_order(tx, now->order, user_id, now->visitor->email_normalized);
    return accounts::use_link(tx, now->link.id);
  };
  if (!co_await site.db.write(claim.order.conference_id, "claim order", write))
    co_return dead_link(site, request);
  web::flash(
      request, "success",
      tr(request, "The order {reference} is in your account.", {{"reference", claim.order.reference}}));
  co_return see_other(site.router->url("accounts:home", {}), "claimed");
}

// Nobody has an account with this address: one comes to be, with all orders of the address.
Task<web::Response> make_account(Site& site, web::Request& request, const Claim& claim) {
  web::Form form = web::Form::bind(claim_spec(), request.form());
  std::vector<std::string> own(1, claim.link.email);
  if (form.errors("name").empty()) own.push_back(form.text("name"));
  co_await check_new_password(site, form, own);
  if (!form.valid()) co_return claim_page(site, request, claim, form, 422);
  const std::string password_hash = co_await site.hashing.hash(form.text("password"));
  const NewSignIn sign_in = new_sign_in(site, request, accounts::SignInWay::claim);
  const std::string hash = claim.link.token_hash, language(language_of(request));
  auto write = [&](db::Tx& tx) -> std::optional<SignedIn> {
    const std::optional<Claim> now = find_claim(tx, hash, {});
    if (!now || now->owner) return std::nullopt;
    const accounts::User person =
        accounts::become_account(tx, {now->link.email, form.text("name"), language, password_hash});
    accounts::use_link(tx, now->link.id);
    registration::attach_orders(tx, person.id, person.email_normalized);
    return begin_session(tx, site, sign_in, person);
  };
  const std::optional<SignedIn> signed_in = co_await site.db.write(db::global_lane, "claim address", write);
  if (!signed_in) co_return dead_link(site, request);
  web::flash(request, "success", tr(request, "This is your account now, with your orders."));
  const std::string next;  // the account's page
  co_return co_await go_on_signed_in(site, request, sign_in, *signed_in, next, "claimed");
}

// An order of this page, for a form of it: by secret link or of its owner.
struct Correction {
  std::string reference;
  std::int64_t link_version = 1;
};

}  // namespace

Task<web::Response> find_order(Site& site, web::Request& request) {
  if (!web::is_safe(request.method())) co_return co_await mail_found(site, request);
  co_return account_page(site, request, "find_order.html", web::Form(find_spec()));
}

Task<web::Response> claim(Site& site, web::Request& request) {
  const std::string hash = link_hash(request);
  const std::optional<std::int64_t> user_id = visitor_id(request);
  auto find = [&](db::Tx& tx) { return find_claim(tx, hash, user_id); };
  const std::optional<Claim> found = co_await site.db.read(find);
  if (!found) co_return dead_link(site, request);
  if (web::is_safe(request.method())) {
    co_return claim_page(site, request, *found,
                         web::Form(claim_spec(), {{"name", found->order.billing.name}}), 200);
  }
  if (found->is_owner()) co_return co_await add_to_account(site, request, *found);
  if (!found->owner) co_return co_await make_account(site, request, *found);
  co_return see_other(site.router->url("accounts:login", {}) + "?next=" + web::percent_encode(request.path()),
                      "sign_in");
}

Task<web::Response> mail_claim(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  const accounts::LinkSecret secret =
      accounts::new_link_secret(random_of(request), site.link_key, LinkKind::claim);
  const std::string language(language_of(request));
  auto write = [&](db::Tx& tx) {
    const std::optional<registration::Order> order = plenary::site::find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    const auto rates = registration::order_mail_rates(site.shop, visitor, order->email_normalized);
    if (const auto again_at = accounts::count_rate(tx, registration::order_mail_rate, rates)) return again_at;
    Link link;
    link.kind = LinkKind::claim;
    link.order_id = order->id;
    link.conference_id = order->conference_id;
    link.email = order->billing.email;
    link.language = language;
    if (order->user_id) link.expires_at = tx.now();  // it is somebody's already: nothing is mailed
    accounts::mail_link(tx, "claim_order", accounts::create_link(tx, secret, link), language,
                        order->conference_id);
    return std::optional<Instant>();
  };
  if (const auto again_at = co_await site.db.write(visit.conference->id, "mail claim", write))
    co_return too_often(site, request, *again_at);
  web::flash(request, "success",
             tr(request,
                "We have sent a mail to the address of this order. Open the link in it to add the order to "
                "your account."));
  co_return see_other(order_url(site, request, OrderLink::detail), "mail_sent");
}

Task<web::Response> correct_order_email(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Visitor visitor = visit.visitor(request, site.settings.security);
  const std::string email(trimmed(request.form()["email"]));
  auto write = [&](db::Tx& tx) {
    std::optional<registration::Order> order = plenary::site::find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    registration::correct_email(tx, site.shop, site.link_key, visitor, *order, email);
    return Correction{order->reference, order->link_version};
  };
  std::optional<Refused> refused;
  Correction corrected;
  try {
    corrected = co_await site.db.write(visit.conference->id, "correct address", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    co_return see_other(order_url(site, request, OrderLink::detail), refused->code());
  }
  web::flash(request, "success",
             tr(request,
                "The address is corrected. We have sent the link of this order to it; the old link opens "
                "nothing any more."));
  std::string token;
  if (request.find_param("token"))
    token = registration::order_link_token(site.link_key, corrected.reference, corrected.link_version);
  co_return see_other(order_url(site, visit, OrderLink::detail, corrected.reference, token), "corrected");
}

void set_order_account_links(Page& page, const Site& site, const OrderPage& order, const Visit& visit) {
  registration::Visitor visitor;
  visitor.session_hash = visit.session_hash;
  if (visit.session) visitor.user_id = visit.session->user_id;
  const auto path = [&](std::string_view route) {
    return order.token.empty() ? url(site, visit, route, order.order.reference)
                               : url(site, visit, route, order.order.reference, order.token);
  };
  const bool by_link = !order.token.empty();
  if (registration::may_correct_email(order.order, visitor, visit.now))
    page.set("correct_email_url",
             Value(path(by_link ? "registration:order-secret-email" : "registration:order-email")));
  if (by_link && !order.order.user_id)
    page.set("claim_order_url", Value(path("registration:order-secret-claim")));
}

Task<std::optional<Refused>> count_voucher_try(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const auto rates = registration::voucher_rates(site.shop, visit.visitor(request, site.settings.security));
  if (rates.empty()) co_return std::nullopt;
  auto count = [&](db::Tx& tx) -> std::optional<Refused> {
    if (const auto again_at = accounts::count_rate(tx, registration::voucher_rate, rates))
      return registration::too_many("too_many_tries", tx.now(), *again_at);
    return std::nullopt;
  };
  co_return co_await site.db.write(visit.conference->id, "voucher try", count);
}

}  // namespace plenary::site
