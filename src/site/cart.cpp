// The cart page and everything that can be done to a cart. Each action answers with a redirect and one
// message. source: registration 20, 7 and 12.2; D29-D32.
#include "site/accounts.hpp"
#include "site/billing.hpp"
#include "site/forms.hpp"
#include "site/gathering.hpp"
#include "site/pages.hpp"
#include "site/posted_files.hpp"
#include "site/questions.hpp"

#include <algorithm>

#include "base/amounts.hpp"
#include "base/beginning.hpp"
#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/buyer.hpp"
#include "domain/registration/draft.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/sessions.hpp"

namespace plenary::site {
namespace {

const web::FormSpec& voucher_spec() {
  static const web::FormSpec spec(
      {{.name = "voucher_code", .label = message("Voucher code"), .max_length = 100}});
  return spec;
}

enum class Action {
  add_ticket,
  add_addon,
  remove_item,
  update_quantity,
  apply_voucher,
  remove_voucher,
  renew,
  keep  // what was typed at checkout, on the way back to the cart
};

struct Asked {
  Action action = Action::renew;
  std::string slug, name;  // of the product to add
  std::string variation;   // of it, by slug; empty: none is named
  std::optional<std::int64_t> chosen_price;
  std::string code;  // of the voucher; of something to add: the one of the link that led here
  std::int64_t quantity = 1;
  registration::Id item_id = 0;
  // What stood in the billing form when it was left for more time, or for the cart.
  std::optional<registration::Billing> typed;
  std::vector<registration::GivenAnswer> answers;
  bool adds() const { return action == Action::add_ticket || action == Action::add_addon; }
  bool makes_cart() const { return adds() || action == Action::apply_voucher; }
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

// A price that the buyer names, in units of the currency: "12.50", and "12,50" as others write it.
std::optional<std::int64_t> price_of(const web::FormData& form, const registration::Catalogue& catalogue) {
  const std::string_view typed = trimmed(form["price"]);
  if (typed.empty()) return std::nullopt;
  const std::optional<Money> amount = typed_money(typed, catalogue.currency);
  if (!amount || amount->is_negative())
    throw Refused("price", "Write the price as a number, such as 12.50.", {}, "price");
  return amount->minor();
}

template <class Product>
Asked add(Action action, const Product& product, const web::FormData& form,
          const registration::Catalogue& catalogue) {
  Asked asked;
  asked.action = action;
  asked.slug = product.slug;
  asked.name = product.name;
  asked.quantity = quantity_of(form, 1);
  asked.variation = std::string(trimmed(form["variation"]));
  asked.code = std::string(beginning(trimmed(form["voucher_code"]), 100));
  if (product.free_price) asked.chosen_price = price_of(form, catalogue);
  return asked;
}

// "t-shirt/m": the list of the cart's page names both at once.
Asked add_named(Action action, std::string_view named, const web::FormData& form,
                const registration::Catalogue& catalogue) {
  const std::size_t slash = named.find('/');
  const std::string_view slug = named.substr(0, slash);
  const std::string_view variation =
      slash == std::string_view::npos ? std::string_view() : named.substr(slash + 1);
  Asked asked;
  if (action == Action::add_ticket) {
    const auto* type = catalogue.ticket_type(slug);
    if (!type) throw Refused("unknown_product", "There is no such ticket.");
    asked = add(action, *type, form, catalogue);
  } else {
    const auto* addon = catalogue.addon(slug);
    if (!addon) throw Refused("unknown_product", "There is no such add-on.");
    asked = add(action, *addon, form, catalogue);
  }
  if (!variation.empty()) asked.variation = std::string(variation);
  return asked;
}

// By id, as the reference's add_item form sends it: exactly one of both.
Asked add_item(const web::FormData& form, const registration::Catalogue& catalogue) {
  const auto ticket_id = whole_number(form["ticket_type_id"]), addon_id = whole_number(form["addon_id"]);
  if (form["ticket_type_id"].empty() == form["addon_id"].empty() || (!ticket_id && !addon_id)) {
    throw Refused("invalid", "Choose one ticket or one add-on.");
  }
  if (ticket_id) {
    const auto* type = catalogue.ticket_type(*ticket_id);
    if (!type || !type->is_active) throw NotFound("no such ticket type");
    return add(Action::add_ticket, *type, form, catalogue);
  }
  const auto* addon = catalogue.addon(*addon_id);
  if (!addon || !addon->is_active) throw NotFound("no such add-on");
  return add(Action::add_addon, *addon, form, catalogue);
}

// What the form asks for. Throws Refused for what cannot be understood.
Asked asked_by(const web::FormData& form, const registration::Catalogue& catalogue) {
  const std::string_view action = form["action"];
  if (action == "add_ticket") return add_named(Action::add_ticket, form["ticket_type"], form, catalogue);
  if (action == "add_addon") return add_named(Action::add_addon, form["addon_slug"], form, catalogue);
  if (action == "add_item") return add_item(form, catalogue);
  Asked asked;
  if (action == "renew" || action == "keep") {
    // Without JavaScript the button sends the billing form along, so that nothing typed is lost.
    if (form.has("billing_name")) asked.typed = typed_billing(form);
    if (!catalogue.questions.empty()) asked.answers = given_answers(form);
    if (action == "keep") asked.action = Action::keep;
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
    asked.action = Action::apply_voucher;
    asked.code = std::string(beginning(code, 100));
    return asked;
  }
  if (action == "remove_voucher") {
    asked.action = Action::remove_voucher;
    return asked;
  }
  throw Refused("unknown_action", "This form asks for something that cannot be done with a cart.");
}

struct Done {
  std::string outcome;
  std::string guest;  // noted_guest, where this submit made a session
  bool repeated = false;
  registration::CartChange change;
};

Done perform(db::Tx& tx, const Site& site, const Asked& asked, const registration::Visitor& visitor) {
  Done done;
  const registration::AddItem item{asked.slug, asked.quantity, asked.variation, asked.chosen_price,
                                   asked.code};
  switch (asked.action) {
    case Action::add_ticket:
      done.change = registration::add_ticket(tx, site.shop, visitor, item);
      done.outcome = "added";
      break;
    case Action::add_addon:
      done.change = registration::add_addon(tx, site.shop, visitor, item);
      done.outcome = "added";
      break;
    case Action::apply_voucher:
      done.change = registration::apply_voucher(tx, site.shop, visitor, asked.code);
      done.outcome = "voucher_applied";
      break;
    case Action::remove_voucher:
      done.change = registration::remove_voucher(tx, site.shop, visitor);
      done.outcome = "voucher_removed";
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
      done.outcome = "renewed";
      break;
    case Action::keep:
      done.outcome = "kept";
      break;
  }
  if (asked.typed) registration::keep_draft(tx, visitor, *asked.typed);
  if (!asked.answers.empty()) registration::keep_answers(tx, visitor, asked.answers);
  return done;
}

std::string voucher_applied(const web::Request& request, const Asked& asked) {
  return tr(request, "The voucher {code} is applied.", {{"code", registration::normal_code(asked.code)}});
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
  } else if (done.outcome == "voucher_applied") {
    text = voucher_applied(request, asked);
  } else if (done.outcome == "voucher_removed") {
    text = tr(request, "The voucher was removed.");
  } else if (done.outcome == "removed") {
    text = tr(request, "Removed from your cart.");
  } else if (done.outcome == "updated") {
    text = tr(request, "Your cart was updated.");
  } else {
    text = tr(request, "Your tickets are held for longer.");
  }
  web::flash(request, "success", text);
  if (!asked.adds()) return;
  if (done.change.has_linked_voucher) web::flash(request, "success", voucher_applied(request, asked));
  if (done.change.voucher_problem) web::flash(request, "warning", tr(request, *done.change.voucher_problem));
}

Task<web::Response> change_cart(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  if (!request.form().files().empty()) co_await store_posted_files(site, request);
  const web::FormData& form = request.form();
  const std::string cart_url = url(site, visit, "registration:cart");
  const bool from_tickets = form["from"] == "tickets";

  std::optional<Refused> refused;
  if (form["action"] == "apply_voucher") refused = co_await count_voucher_try(site, request);
  Asked asked;
  std::optional<Refused> no_more_codes;
  if (form["action"] != "apply_voucher" && !form["voucher_code"].empty())
    no_more_codes = co_await count_voucher_try(site, request);
  try {
    if (!refused) asked = asked_by(form, *visit.catalogue);
    if (no_more_codes) asked.code.clear();
    // Without a session there is no cart that could be changed.
    if (!refused && !asked.makes_cart() && visit.session_hash.empty())
      throw Refused("empty_cart", "Your cart is empty.");
  } catch (const Refused& reason) {
    refused = reason;
  }

  const std::optional<Submission> submission = Submission::of(request, site.link_key);
  registration::Visitor visitor;
  std::optional<web::NewGuest> guest;  // whose session is born with this cart
  Done done;
  if (!refused) {
    visitor = visit.visitor(request, site.settings.security);
    if (visitor.session_hash.empty()) {
      guest = new_guest(request, submission, site.link_key);
      visitor.session_hash = guest->hash;
    }
    const std::string account = account_key(visitor), form = submission ? submission->hash() : std::string();
    auto asks = [&](db::Tx& tx) {
      if (submission) accounts::first_result(tx, submission->hash());
      registration::look_at_cart_and_stock(tx, site.shop, visitor);
      if (asked.adds() && !asked.code.empty())
        registration::find_applied_voucher(tx, visitor.conference_id, asked.code);
    };
    auto fn = [&](db::Tx& tx) {
      db::gather_for(tx, {form, visitor.session_hash, account});
      tx.ask_ahead([&] { asks(tx); });
      if (submission) {
        if (const auto first = accounts::first_result(tx, submission->hash())) {
          auto [outcome, rest] = split_result(*first);
          return Done{std::move(outcome), std::move(rest), true, {}};
        }
      }
      Done result = perform(tx, site, asked, visitor);
      if (guest) result.guest = noted_guest(*guest);
      if (submission) {
        accounts::record_result(tx, submission->hash(), visitor.conference_id, "cart",
                                guest ? result.outcome + " " + result.guest : result.outcome,
                                tx.now() + accounts::submission_life);
      }
      return result;
    };
    try {
      done = co_await site.db.write(visit.conference->id, "change cart", asks, fn);
    } catch (const Refused& reason) {
      refused = reason;
    } catch (const NotFound&) {
      refused = Refused("unknown_item", "This is not in your cart any more.");
    }
  }
  std::string back =
      asked.typed && asked.action == Action::renew ? url(site, visit, "registration:checkout") : cart_url;
  // What a voucher unlocks is listed on the tickets' page.
  const bool is_voucher = asked.action == Action::apply_voucher || asked.action == Action::remove_voucher;
  if (from_tickets && (refused || is_voucher)) {
    back = url(site, visit, "registration:ticket-select");
    if (asked.adds() && !asked.code.empty()) back += "?voucher=" + web::percent_encode(asked.code);
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    // What was typed stays in its field.
    const std::string_view tried = beginning(trimmed(form["voucher_code"]), 100);
    if (form["action"] == "apply_voucher" && !tried.empty()) back += "?tried=" + web::percent_encode(tried);
    co_return see_other(back, refused->code());
  }

  if (!done.repeated && asked.action != Action::keep) tell(request, asked, done);
  if (no_more_codes) web::flash(request, "warning", tr(request, *no_more_codes));
  // A browser that keeps no cookies would find an empty cart there: the address says that there should be
  // one.
  const auto began_at = noted_guest(done.guest);
  web::Response response = see_other(began_at ? back + "?added=1" : back, done.outcome);
  if (began_at && guest) {
    if (done.repeated) guest = submission->guest(*began_at);  // that of the first submit
    const std::int64_t seconds = site.settings.security.visitor_session.micros / 1'000'000;
    response.set_cookie(web::session_cookie(request, guest->token, seconds));
  }
  co_return response;
}

web::Response show_cart(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  const CartPage& cart = request.context<CartPage>();
  const bool unlocks = cart.view.voucher && cart.view.voucher->valid_at(visit.now);
  std::vector<TicketCard> tickets;
  std::vector<AddOnCard> addons, waited;  // waited: sold out, with a waiting list
  if (cart.levels) {
    const Showing showing{catalogue, *cart.levels, unlocks ? &*cart.view.voucher : nullptr, visit.language,
                          visit.now};
    tickets = ticket_cards(showing);
    std::erase_if(tickets, [](const TicketCard& card) { return !card.is_available(); });
    addons = addon_cards(showing, cart.view.items);
    for (const AddOnCard& card : addons)
      if (card.availability == Availability::sold_out && card.addon->waiting_list) waited.push_back(card);
    std::erase_if(addons, [](const AddOnCard& card) { return !card.is_available() || !card.has_ticket; });
  }
  std::vector<std::string> tokens = new_submissions(request, addons.size() + 2);
  for (std::size_t i = 0; i < addons.size(); ++i) addons[i].submission = std::move(tokens[i + 2]);

  Page page(site, request, "django_program/registration/cart.html");
  // Minimums count when it is ordered; the address is not known yet.
  const std::vector<Refused> broken =
      registration::broken_rules(catalogue, cart.view.items, {}, "", registration::Asked::ordering);
  set_cart(page, cart, visit, broken);
  page.set("available_tickets", tickets_value(tickets));
  page.set("available_addons", addons_value(addons));
  page.set("waiting_addons", addons_value(waited));
  page.set("voucher_form", form_value(request, web::Form(voucher_spec())));
  if (const auto tried = request.query("tried"))
    page.set("tried_code", std::string(beginning(trimmed(*tried), 100)));
  page.set("submission", templating::Value(tokens[0]));
  page.set("voucher_submission", templating::Value(tokens[1]));
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
