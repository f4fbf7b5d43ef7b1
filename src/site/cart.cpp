// The cart page and everything that can be done to a cart. Each action answers with a redirect and one
// message. source: registration 20, 7 and 12.2; D29-D32.
#include "site/accounts.hpp"
#include "site/pages.hpp"

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/draft.hpp"
#include "domain/registration/links.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

enum class Action { add_ticket, add_addon, remove_item, update_quantity, renew };

struct Asked {
  Action action = Action::renew;
  std::string slug, name;  // of the product to add
  std::int64_t quantity = 1;
  registration::Id item_id = 0;
  std::optional<registration::Billing> typed;  // what stood in the billing form when more time was asked for
  bool adds() const { return action == Action::add_ticket || action == Action::add_addon; }
};

std::int64_t quantity_of(const web::FormData& form, std::int64_t least) {
  const std::string_view typed = trimmed(form["quantity"]);
  if (typed.empty() && !form.has("quantity")) return 1;
  const auto quantity = whole_number(typed);
  if (!quantity || *quantity < least) {
    throw Refused("quantity", "Choose a quantity of at least {least}.", {{"least", std::to_string(least)}},
                  "quantity");
  }
  return *quantity;
}

template <class Product>
Asked add(Action action, const Product& product, std::int64_t quantity) {
  Asked asked;
  asked.action = action;
  asked.slug = product.slug;
  asked.name = product.name;
  asked.quantity = quantity;
  return asked;
}

// By id, as the reference's add_item form sends it: exactly one of both.
Asked add_item(const web::FormData& form, const registration::Catalogue& catalogue) {
  const auto ticket_id = whole_number(form["ticket_type_id"]), addon_id = whole_number(form["addon_id"]);
  if (form["ticket_type_id"].empty() == form["addon_id"].empty() || (!ticket_id && !addon_id)) {
    throw Refused("invalid", "Choose one ticket or one add-on.");
  }
  const std::int64_t quantity = quantity_of(form, 1);
  if (ticket_id) {
    const auto* type = catalogue.ticket_type(*ticket_id);
    if (!type || !type->is_active) throw NotFound("no such ticket type");
    return add(Action::add_ticket, *type, quantity);
  }
  const auto* addon = catalogue.addon(*addon_id);
  if (!addon || !addon->is_active) throw NotFound("no such add-on");
  return add(Action::add_addon, *addon, quantity);
}

// What the form asks for. Throws Refused for what cannot be understood.
Asked asked_by(const web::FormData& form, const registration::Catalogue& catalogue) {
  const std::string_view action = form["action"];
  if (action == "add_ticket") {
    const std::int64_t quantity = quantity_of(form, 1);
    const auto* type = catalogue.ticket_type(form["ticket_type"]);
    if (!type) throw Refused("unknown_product", "There is no such ticket.");
    return add(Action::add_ticket, *type, quantity);
  }
  if (action == "add_addon") {
    const std::int64_t quantity = quantity_of(form, 1);
    const auto* addon = catalogue.addon(form["addon_slug"]);
    if (!addon) throw Refused("unknown_product", "There is no such add-on.");
    return add(Action::add_addon, *addon, quantity);
  }
  if (action == "add_item") return add_item(form, catalogue);
  Asked asked;
  if (action == "renew") {
    // Without JavaScript the button sends the billing form along, so that nothing typed is lost.
    constexpr std::size_t longest = 254;
    const auto text = [&](std::string_view field) {
      const std::string_view typed = form[field];
      return character_count(typed) <= longest ? std::string(typed) : std::string();
    };
    if (form.has("billing_name"))
      asked.typed =
          registration::Billing{text("billing_name"), text("billing_email"), text("billing_company")};
    return asked;
  }
  if (action == "remove_item" || action == "update_quantity") {
    asked.action = action == "remove_item" ? Action::remove_item : Action::update_quantity;
    const auto id = whole_number(form["item_id"]);
    if (!id) throw Refused("unknown_item", "Choose what to change in your cart.");
    asked.item_id = *id;
    if (asked.action == Action::update_quantity) asked.quantity = quantity_of(form, 0);
    return asked;
  }
  if (action == "apply_voucher") {
    const std::string_view code = trimmed(form.has("voucher_code") ? form["voucher_code"] : form["code"]);
    if (code.empty()) throw Refused("invalid", "Enter a voucher code.", {}, "voucher_code");
    throw Refused("unknown_code", "The code {code} is unknown or can no longer be used.",
                  {{"code", std::string(code.substr(0, 100))}}, "voucher_code");
  }
  if (action == "remove_voucher") throw Refused("unknown_code", "There is no voucher in your cart.");
  throw Refused("unknown_action", "This form asks for something that cannot be done with a cart.");
}

struct Done {
  std::string outcome;
  bool new_session = false;
  bool repeated = false;
  registration::CartChange change;
};

Done perform(db::Tx& tx, const Site& site, const Asked& asked, const registration::Visitor& visitor) {
  Done done;
  switch (asked.action) {
    case Action::add_ticket:
      done.change = registration::add_ticket(tx, site.shop, visitor, asked.slug, asked.quantity);
      done.outcome = "added";
      break;
    case Action::add_addon:
      done.change = registration::add_addon(tx, site.shop, visitor, asked.slug, asked.quantity);
      done.outcome = "added";
      break;
    case Action::remove_item:
      done.change = registration::remove_item(tx, site.shop, visitor, asked.item_id);
      done.outcome = "removed";
      break;
    case Action::update_quantity:
      done.change = registration::set_quantity(tx, site.shop, visitor, asked.item_id, asked.quantity);
      done.outcome = asked.quantity == 0 ? "removed" : "updated";
      break;
    case Action::renew:
      done.change = registration::renew(tx, site.shop, visitor);
      if (asked.typed) registration::keep_draft(tx, visitor, *asked.typed);
      done.outcome = "renewed";
      break;
  }
  return done;
}

void tell(web::Request& request, const Asked& asked, const Done& done) {
  for (const std::string& text : gone_messages(request, done.change.gone))
    web::flash(request, "warning", text);
  for (const std::string& name : done.change.also_removed) {
    web::flash(request, "info",
               tr(request, "{name} was removed as well: it needs a ticket in the cart.", {{"name", name}}));
  }
  std::string text;
  if (asked.adds()) {
    text = tr(request, "{quantity} × {name} added to your cart.",
              {{"quantity", std::to_string(asked.quantity)}, {"name", asked.name}});
  } else if (done.outcome == "removed") {
    text = tr(request, "Removed from your cart.");
  } else if (done.outcome == "updated") {
    text = tr(request, "Your cart was updated.");
  } else {
    text = tr(request, "Your tickets are held for longer.");
  }
  web::flash(request, "success", text);
}

Task<web::Response> change_cart(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const web::FormData& form = request.form();
  const std::string cart_url = url(site, visit, "registration:cart");
  const bool from_tickets = form["from"] == "tickets";

  std::optional<Refused> refused;
  if (form["action"] == "apply_voucher") refused = co_await count_voucher_try(site, request);
  Asked asked;
  try {
    if (!refused) asked = asked_by(form, *visit.catalogue);
    // Without a session there is no cart that could be changed.
    if (!refused && !asked.adds() && visit.session_hash.empty())
      throw Refused("empty_cart", "Your cart is empty.");
  } catch (const Refused& reason) {
    refused = reason;
  }

  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  registration::Visitor visitor;
  std::string new_token;  // of the session that is born with this cart
  Done done;
  if (!refused) {
    visitor = visit.visitor(request, site.settings.security);
    if (visitor.session_hash.empty()) {
      new_token = submission ? submission->session_token() : random_token(random_of(request), 32);
      visitor.session_hash = token_hash(new_token);
    }
    auto fn = [&](db::Tx& tx) {
      tx.ask_ahead([&] {
        if (submission) accounts::first_result(tx, submission->hash());
        registration::look_at_cart_and_stock(tx, site.shop, visitor);
      });
      if (submission) {
        if (const auto first = accounts::first_result(tx, submission->hash())) {
          const auto [outcome, rest] = split_result(*first);
          return Done{outcome, rest == "new", true, {}};
        }
      }
      Done result = perform(tx, site, asked, visitor);
      if (!new_token.empty()) {
        result.new_session = true;
        accounts::create_session(tx, {.token_hash = visitor.session_hash,
                                      .conference_id = visitor.conference_id,
                                      .life = site.settings.security.visitor_session});
      }
      if (submission) {
        accounts::record_result(tx, submission->hash(), visitor.conference_id, "cart",
                                result.new_session ? result.outcome + " new" : result.outcome,
                                tx.now() + accounts::submission_life);
      }
      return result;
    };
    try {
      done = co_await site.db.write(visit.conference->id, "change cart", fn);
    } catch (const Refused& reason) {
      refused = reason;
    } catch (const NotFound&) {
      refused = Refused("unknown_item", "This is not in your cart any more.");
    }
  }
  const std::string back = asked.typed ? url(site, visit, "registration:checkout") : cart_url;
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    co_return see_other(from_tickets ? url(site, visit, "registration:ticket-select") : back,
                        refused->code());
  }

  if (!done.repeated) tell(request, asked, done);
  // A browser that keeps no cookies would find an empty cart there: the address says that there should be
  // one.
  web::Response response = see_other(done.new_session ? cart_url + "?added=1" : back, done.outcome);
  if (done.new_session && !new_token.empty()) {
    const std::int64_t seconds = site.settings.security.visitor_session.micros / 1'000'000;
    response.set_cookie(web::session_cookie(request, new_token, seconds));
  }
  co_return response;
}

web::Response show_cart(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  const CartPage& cart = request.context<CartPage>();
  std::vector<TicketCard> tickets;
  std::vector<AddOnCard> addons;
  if (cart.levels) {
    tickets = ticket_cards(catalogue, *cart.levels, visit.now);
    std::erase_if(tickets, [](const TicketCard& card) { return !card.is_available(); });
    addons = addon_cards(catalogue, *cart.levels, cart.view.items, visit.now);
    std::erase_if(addons, [](const AddOnCard& card) { return !card.is_available() || !card.has_ticket; });
  }
  std::vector<std::string> tokens = new_submissions(request, addons.size() + 1);
  for (std::size_t i = 0; i < addons.size(); ++i) addons[i].submission = std::move(tokens[i + 1]);

  Page page(site, request, "django_program/registration/cart.html");
  page.set("cart", cart_value(cart, catalogue));
  page.set("items", cart_items_value(cart, catalogue));
  page.set("subtotal", amount_value(cart.view.quote.subtotal, catalogue.currency));
  page.set("discount", amount_value(cart.view.quote.discount, catalogue.currency));
  page.set("total", amount_value(cart.view.quote.total, catalogue.currency));
  page.set("available_tickets", tickets_value(tickets));
  page.set("available_addons", addons_value(addons));
  page.set("voucher_form", templating::Value());
  page.set("submission", templating::Value(tokens.front()));
  if (cart.latest_order) {
    const std::string token = registration::order_link_token(site.link_key, cart.latest_order->reference,
                                                             cart.latest_order->link_version);
    const OrderLink to = cart.latest_order->is_pending ? OrderLink::pay : OrderLink::detail;
    page.set("latest_order_url",
             templating::Value(order_url(site, visit, to, cart.latest_order->reference, token)));
    page.set("latest_order_reference", templating::Value::borrowed(cart.latest_order->reference));
    page.set("latest_order_is_pending", cart.latest_order->is_pending);
  }
  page.set("cookies_missing", request.query("added").has_value() && !visit.session);
  return personal(page.html(), "");
}

}  // namespace

Task<web::Response> cart(Site& site, web::Request& request) {
  if (auto answer = sign_in_first(request)) co_return std::move(*answer);
  if (!web::is_safe(request.method())) co_return co_await change_cart(site, request);
  co_return show_cart(site, request);
}

}  // namespace plenary::site
