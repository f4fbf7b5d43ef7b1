#include "site/pages.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "domain/registration/waiting_stock.hpp"
#include "i18n/languages.hpp"
#include "mail/line_name.hpp"
#include "site/accounts.hpp"
#include "site/text.hpp"
#include "web/routes.hpp"

namespace plenary::site {

std::string url(const Site& site, const Visit& visit, std::string_view route, std::string_view first,
                std::string_view second) {
  const std::string_view slug = visit.conference->slug;
  if (first.empty()) return site.router->url(route, {slug});
  if (second.empty()) return site.router->url(route, {slug, first});
  return site.router->url(route, {slug, first, second});
}

std::string order_url(const Site& site, const Visit& visit, OrderLink link, std::string_view reference,
                      std::string_view token) {
  const bool secret = !token.empty();
  const auto path = [&](std::string_view of_secret, std::string_view of_owner) {
    return url(site, visit, secret ? of_secret : of_owner, reference, token);
  };
  switch (link) {
    case OrderLink::detail:
      return path("registration:order-secret", "registration:order-detail");
    case OrderLink::confirmation:
      return path("registration:order-secret-confirmation", "registration:order-confirmation");
    case OrderLink::pay:
      return path("registration:order-secret-pay", "registration:order-pay");
    case OrderLink::pay_intent:
      return path("registration:order-secret-pay-intent", "registration:order-pay-intent");
    case OrderLink::pay_transfer:
      return path("registration:order-secret-pay-transfer", "registration:order-pay-transfer");
    case OrderLink::apply_credit:
      return url(site, visit, "registration:order-apply-credit", reference);
    case OrderLink::cancel:
      return path("registration:order-secret-cancel", "registration:order-cancel");
    case OrderLink::change:
      return path("registration:order-secret-change", "registration:order-change");
    case OrderLink::resend:
      return path("registration:order-secret-resend", "registration:order-resend");
    case OrderLink::billing:
      return path("registration:order-secret-billing", "registration:order-billing");
  }
  return {};
}

std::string order_url(const Site& site, const web::Request& request, OrderLink link) {
  return order_url(site, request.context<Visit>(), link, request.param("reference"),
                   request.find_param("token").value_or(""));
}

web::Response see_other(std::string location, std::string_view outcome) {
  web::Response response = web::Response::redirect(std::move(location));
  if (!outcome.empty()) response.set(outcome_header, std::string(outcome));
  response.no_store();
  return response;
}

std::optional<web::Response> sign_in_first(const web::Request& request) {
  const Visit& visit = request.context<Visit>();
  if (!visit.catalogue->conference.require_account || (visit.session && visit.session->user_id))
    return std::nullopt;
  // A form cannot be sent again by a redirect: its page is where to go on.
  const std::string_view target = web::is_safe(request.method()) ? request.target() : request.path();
  return see_other("/accounts/login/?next=" + web::percent_encode(target), "sign_in");
}

web::Response personal(web::Response response, std::string_view outcome) {
  response.personal();
  if (!outcome.empty()) response.set(outcome_header, std::string(outcome));
  return response;
}

std::vector<std::string> gone_messages(const web::Request& request,
                                       const std::vector<registration::Gone>& gone) {
  std::vector<std::string> messages;
  for (const registration::Gone& one : gone) {
    const std::string name = one.name.empty() ? tr(request, "An item") : one.name;
    if (one.kept == 0) {
      messages.push_back(
          tr(request, "{name} is no longer available and was taken out of your cart.", {{"name", name}}));
    } else {
      messages.push_back(tr_n(request, "Only {n} of {wanted} {name} is left; your cart was adjusted.",
                              "Only {n} of {wanted} {name} are left; your cart was adjusted.", one.kept,
                              {{"wanted", std::to_string(one.wanted)}, {"name", name}}));
    }
  }
  return messages;
}

namespace {

CartPage cart_page_of(db::Tx& tx, const Visit& visit) {
  CartPage page;
  registration::Visitor visitor;
  visitor.conference_id = visit.conference->id;
  if (visit.session) visitor.user_id = visit.session->user_id;
  visitor.session_hash = visit.session_hash;
  if (visitor.user_id || !visitor.session_hash.empty()) {
    page.view = registration::view_cart(tx, *visit.catalogue, visitor);
  }
  if (page.view.items.empty() && !visit.session_hash.empty()) {
    page.latest_order = registration::latest_order_of_session(tx, visit.conference->id, visit.session_hash);
  }
  return page;
}

std::optional<OrderPage> order_page_of(db::Tx& tx, const web::Request& request, const Visit& visit) {
  std::optional<registration::Order> order = find_order(tx, request, visit);
  if (!order) return std::nullopt;
  OrderPage page;
  const std::string_view route = request.route()->name;
  const bool is_pay_page = route == "registration:order-pay" || route == "registration:order-secret-pay";
  const bool with_seats = route == "registration:order-secret" || route == "registration:order-detail";
  const bool with_billing = with_seats || route.ends_with("-billing");
  tx.ask_ahead([&] {
    registration::payments_of(tx, order->id, order->reference);
    if (with_billing) registration::billing_change(tx, *visit.catalogue, *order);
  });
  page.payments = registration::payments_of(tx, order->id, order->reference);
  for (const registration::Payment& payment : page.payments) {
    if (payment.status == registration::PaymentStatus::succeeded) page.paid += payment.amount;
  }
  if (with_billing) page.billing_change = registration::billing_change(tx, *visit.catalogue, *order);
  if ((with_seats || route.ends_with("-tickets-pdf")) &&
      order->status != registration::OrderStatus::pending) {
    page.seats = registration::seats_of(tx, order->id);
  }
  if (with_seats) page.consents = registration::consents_of(tx, order->id);
  if (with_seats) page.answers = registration::answers_of(tx, order->id);
  // Nothing goes back of unpaid orders; the confirmation, in the rush of a sale, asks for none of it.
  if (order->status != registration::OrderStatus::pending && !route.ends_with("-confirmation")) {
    page.money = registration::money_of(tx, *order);
    page.paid = page.money->kept;
    page.waiting = registration::waiting_change(tx, order->id);
  }
  if (with_seats || route.ends_with("-cancel") || route.ends_with("-change")) {
    page.cancellation = registration::preview_cancellation(tx, *visit.catalogue, *order);
    page.change = registration::change_offer(*visit.catalogue, *order, tx.now());
  }
  // A hold of minutes is no term; most orders are asked nothing.
  if ((is_pay_page || with_seats) && order->hold_is_live(tx.now()) &&
      *order->hold_expires_at - order->created_at > Duration::hours(12))
    page.term = registration::payment_term_of(tx, *order);
  // What became due later, and a change that waits, may be transferred too.
  if ((is_pay_page || with_seats) && page.money && (page.waiting || page.money->due() > 0))
    page.term = registration::payment_term_of(tx, *order);
  // The order's link may be anybody's; the credits are its buyer's.
  if (is_pay_page && order->user_id && visit.session && visit.session->user_id == order->user_id)
    page.credits = registration::spendable_credits(tx, *visit.catalogue, *order);
  if (order->status == registration::OrderStatus::cancelled && with_seats)
    page.is_lapsed = registration::is_lapsed(tx, order->id);
  if (with_seats) page.history = registration::order_history(tx, *visit.catalogue, *order);
  page.order = std::move(*order);
  for (registration::OrderLine& line : page.order.lines)  // this copy is only shown
    line.description = mail::line_name(visit.language, line.description);
  page.token = request.find_param("token").value_or("");
  return page;
}

// The stock for the page of a cart whose prices may have asked for it already.
registration::StockLevels stock_beside(db::Tx& tx, const Visit& visit, const CartPage& page) {
  return page.view.levels ? registration::stock_for_everybody(tx, *visit.catalogue, *page.view.levels)
                          : registration::stock_for_everybody(tx, *visit.catalogue);
}

}  // namespace

void load_tickets(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!web::is_safe(request.method())) return;
  // A voucher in the cart unlocks hidden tickets. Who comes for the first time has none.
  if (visit.session) {
    CartPage page = cart_page_of(tx, visit);
    request.attach(stock_beside(tx, visit, page));
    request.attach(std::move(page));
  } else {
    request.attach(registration::stock_for_everybody(tx, *visit.catalogue));
  }
}

void load_cart(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  request.attach(cart_page_of(tx, visit));
}

void load_cart_for_form(const Site& site, db::Tx& tx, web::Request& request, Visit& visit) {
  if (web::is_safe(request.method())) load_cart(site, tx, request, visit);
}

void load_cart_and_stock(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!web::is_safe(request.method())) return;
  CartPage page = cart_page_of(tx, visit);
  if (visit.conference->sells()) page.levels = stock_beside(tx, visit, page);
  request.attach(std::move(page));
}

void load_order(const Site&, db::Tx& tx, web::Request& request, Visit& visit) {
  if (!web::is_safe(request.method())) return;
  if (std::optional<OrderPage> page = order_page_of(tx, request, visit)) request.attach(std::move(*page));
}

namespace {

void ask_for_cart(db::Tx& tx, std::int64_t conference, std::string_view session_hash) {
  registration::Visitor visitor;
  visitor.conference_id = conference;
  visitor.session_hash = session_hash;
  registration::look_at_cart_page(tx, visitor);
}

// A loader and what it asks; those that look at the request's method do so alike.
bool ask_for_tickets(db::Tx& tx, const web::Request& request, std::int64_t conference,
                     std::string_view session_hash) {
  if (!web::is_safe(request.method())) return true;
  if (session_hash.empty())
    registration::stock_levels(tx, conference);
  else
    ask_for_cart(tx, conference, session_hash);
  return true;
}

bool ask_for_any_cart(db::Tx& tx, const web::Request&, std::int64_t conference,
                      std::string_view session_hash) {
  if (!session_hash.empty()) ask_for_cart(tx, conference, session_hash);
  return true;
}

bool ask_for_form_of_cart(db::Tx& tx, const web::Request& request, std::int64_t conference,
                          std::string_view session_hash) {
  return !web::is_safe(request.method()) || ask_for_any_cart(tx, request, conference, session_hash);
}

// The order with its lines and payments: all that paying it and having paid it shows. What hangs on the
// order's id is asked for behind.
bool ask_for_order(db::Tx& tx, const web::Request& request, std::int64_t conference, std::string_view) {
  if (!web::is_safe(request.method())) return true;
  const auto token = request.find_param("token");
  if (!token) return false;
  const std::string_view reference = request.param("reference"), route = request.route()->name;
  registration::find_by_secret(tx, conference, reference, token_hash(*token));
  registration::payments_of(tx, 0, reference);
  return route == "registration:order-secret-pay" || route.ends_with("-confirmation");
}

}  // namespace

Asker asker_of(Loader loader) {
  if (loader == load_tickets || loader == load_cart_and_stock) return ask_for_tickets;
  if (loader == load_cart) return ask_for_any_cart;
  if (loader == load_cart_for_form) return ask_for_form_of_cart;
  if (loader == load_order) return ask_for_order;
  return nullptr;
}

Task<CartPage> read_cart(Site& site, web::Request& request) {
  Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    visit.now = tx.now();
    return cart_page_of(tx, visit);
  };
  co_return co_await site.db.read(fn);
}

Task<std::optional<OrderPage>> read_order(Site& site, web::Request& request) {
  Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    visit.now = tx.now();
    return order_page_of(tx, request, visit);
  };
  co_return co_await site.db.read(fn);
}

std::optional<registration::Order> find_order(db::Tx& tx, const web::Request& request, const Visit& visit) {
  const std::string_view reference = request.param("reference");
  if (const auto token = request.find_param("token")) {
    return registration::find_by_secret(tx, visit.conference->id, reference, token_hash(*token));
  }
  if (!visit.session || !visit.session->user_id) return std::nullopt;
  return registration::find_of_user(tx, visit.conference->id, reference, *visit.session->user_id);
}

void set_cart(Page& page, const CartPage& cart, const Visit& visit, std::span<const Refused> broken) {
  const registration::Catalogue& catalogue = *visit.catalogue;
  const registration::Quote& quote = cart.view.quote;
  const auto amount = [&](std::int64_t minor) { return amount_value(minor, catalogue.currency); };
  page.set("cart", cart_value(cart, catalogue));
  page.set("items", cart_items_value(cart, catalogue, visit.language, broken));
  page.set("subtotal", amount(quote.subtotal));
  page.set("discount", amount(quote.discount));
  page.set("total", amount(quote.total));
  page.set("voucher", voucher_value(cart.view));
  const std::string_view code =
      cart.view.voucher ? std::string_view(cart.view.voucher->voucher.code) : std::string_view();
  page.set("discount_rows", discount_rows_value(quote, code, catalogue.currency, visit.language));
  const auto taxes = registration::tax_words(registration::tax_sums(quote));
  page.set("taxes", taxes_value(taxes, catalogue.currency, visit.language));
  page.set("adds_taxes", std::any_of(taxes.begin(), taxes.end(), [](const auto& tax) { return tax.counts; }));
  std::vector<templating::Value> problems;
  for (const Refused& one : broken) problems.emplace_back(i18n::translated(visit.language, one));
  page.set("problems", templating::Value::list(std::move(problems)));
}

void set_order(Page& page, const Site& site, const OrderPage& order, const Visit& visit) {
  const registration::Catalogue& catalogue = *visit.catalogue;
  page.set("order", order_value(order, catalogue, visit.language));
  page.set("line_items", line_items_value(order, catalogue));
  const auto taxes = registration::tax_words(registration::tax_sums(order.order.lines));
  page.set("taxes", taxes_value(taxes, catalogue.currency, visit.language));
  page.set("adds_taxes", std::any_of(taxes.begin(), taxes.end(), [](const auto& tax) { return tax.counts; }));
  page.set("discount_rows", discount_rows_value(order.order.lines, order.order.voucher_code,
                                                catalogue.currency, visit.language));
  page.set("taken_back", taken_back_value(order, catalogue));
  page.set("seats", seats_value(order, catalogue));
  const bool is_open = order.order.hold_is_live(visit.now) || order.is_sold();
  page.set("is_payable", is_open && !order.is_processing() && order.due() > 0);
  page.set("transfer_chosen", order.term.has_value());
  if (order.term) page.set("transfer_ends", templating::Value(order.term->ends_at));
  page.set("is_lapsed", order.is_lapsed);
  if (order.waiting) page.set("change_until", templating::Value(order.waiting->expires_at));
  const auto link = [&](std::string_view name, OrderLink to) {
    page.set(name, templating::Value(order_url(site, visit, to, order.order.reference, order.token)));
  };
  link("order_url", OrderLink::detail);
  link("confirmation_url", OrderLink::confirmation);
  link("pay_url", OrderLink::pay);
  link("cancel_url", OrderLink::cancel);
  link("change_url", OrderLink::change);
  link("resend_url", OrderLink::resend);
  if (order.billing_change != registration::BillingChange::none) link("billing_url", OrderLink::billing);
  set_order_account_links(page, site, order, visit);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::pair<std::string, std::string> split_result(const std::string& result) {
  const std::size_t blank = result.find(' ');
  if (blank == std::string::npos) return {result, {}};
  return {result.substr(0, blank), result.substr(blank + 1)};
}

}  // namespace plenary::site
