#include "domain/registration/checkout.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/codes.hpp"
#include "base/countries.hpp"
#include "base/text.hpp"
#include "domain/accounts/guests.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/vat_checks.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t reference_length = 8;
constexpr int reference_draws = 10;

// Everything in the cart could be bought now; what it holds is already its own. source: 20, 10.4 and D3.
void check_items(db::Tx& tx, const Visitor& visitor, const OpenCart& open, const Bought& all_bought,
                 std::string_view email) {
  const Instant now = tx.now();
  const std::map<Id, std::int64_t>& bought = all_bought.ticket_types;
  const AppliedVoucher* voucher = open.valid_voucher(now);
  Prerequisites prerequisites(tx, visitor, email);
  for (const CartItem& item : open.items) {
    if (item.kind == ProductKind::ticket_type) {
      const TicketType* type = open.catalogue->ticket_type(item.product_id);
      if (!type || !type->is_active || !in_window(type->available_from, type->available_until, now))
        throw Refused("unavailable", "{name} is no longer available. Remove it from the cart to go on.",
                      {{"name", type ? type->name : "A ticket"}});
      if (type->requires_voucher && !(voucher && voucher->unlocks(item.kind, type->id)))
        throw Refused("voucher_required", "{name} needs a voucher that unlocks it.", {{"name", type->name}});
      const auto already = bought.find(type->id);
      const std::int64_t units =
          open.units(item.kind, type->id) + (already == bought.end() ? 0 : already->second);
      if (units > type->limit_per_user)
        throw Refused(
            "limit",
            "At most {limit} of {name} for each person; with earlier orders this would be {requested}.",
            {{"limit", std::to_string(type->limit_per_user)},
             {"name", type->name},
             {"requested", std::to_string(units)}});
    } else {
      const AddOn* addon = open.catalogue->addon(item.product_id);
      if (!addon || !addon->is_active || !in_window(addon->available_from, addon->available_until, now))
        throw Refused("unavailable", "{name} is no longer available. Remove it from the cart to go on.",
                      {{"name", addon ? addon->name : "An add-on"}});
      if (!prerequisites.are_met(*addon, open.items))
        throw Refused("requires_ticket", "{name} needs one of these tickets: {tickets}.",
                      {{"name", addon->name}, {"tickets", names_of_required(*open.catalogue, *addon)}});
    }
    if (item.variation_id) {
      const Variation* variation = open.catalogue->variation(*item.variation_id);
      if (!variation || !variation->is_active)
        throw Refused("unavailable", "{name} is no longer available. Remove it from the cart to go on.",
                      {{"name", variation ? variation->name : "An item"}});
    }
  }
  for (const Refused& broken : broken_rules(*open.catalogue, open.items, all_bought, email, Asked::ordering))
    throw Refused(broken);
}

// What the order uses of its voucher and of discounts, held for it as long as its tickets. Every quantity was
// priced by what is left at this very moment; somebody else's write of this moment may still come first.
void hold_rules(db::Tx& tx, Id conference_id, Id order_id, const Quote& quote, const AppliedVoucher* voucher,
                const StockLevels& levels, const StockLevels& voucher_levels, Instant until) {
  std::vector<HoldChange> uses;
  const auto row = [&](StockKind kind, Id id, std::optional<std::int64_t> capacity) {
    const StockLevel* level = voucher_levels.find(kind, id);
    return level ? level->stock_id : ensure_stock(tx, conference_id, kind, id, capacity);
  };
  const auto use = [&](Id stock, std::int64_t quantity) {
    for (HoldChange& one : uses)
      if (one.stock_id == stock) {
        one.quantity += quantity;
        return;
      }
    uses.push_back({stock, quantity});
  };
  for (const QuoteLine& line : quote.lines)
    if (line.condition_id && line.condition_units > 0)
      if (const StockLevel* level = levels.find(StockKind::condition, *line.condition_id))
        use(level->stock_id, line.condition_units);
  if (voucher) {
    const Voucher& v = voucher->voucher;
    use(row(StockKind::voucher, v.id, v.max_uses), 1);
    if (v.budget) {
      // There from the first order on, for what is added to it later.
      const Id budget = row(StockKind::voucher_budget, v.id, *v.budget);
      if (quote.voucher_discount > 0) use(budget, quote.voucher_discount);
    }
  }
  if (!hold_for(tx, conference_id, HoldOwner::order, order_id, uses, until))
    throw Refused("used_up", "A discount was used up by others meanwhile. Please look at the price again.");
  // What this use leaves of its units is nobody's any more.
  if (voucher && voucher->voucher.reserves) reserve_for(tx, voucher->voucher, voucher->products);
}

// source: 20, 10: the voucher as it was, for who looks at the order later.
std::string snapshot_of(const AppliedVoucher& applied, Currency currency) {
  const Voucher& v = applied.voucher;
  const auto ids = [](const std::vector<Id>& list) {
    std::string text;
    for (const Id id : list) text += (text.empty() ? "" : ",") + std::to_string(id);
    return "[" + text + "]";
  };
  const auto scope = [](Scope s) {
    return s == Scope::all ? "all" : s == Scope::selected ? "selected" : "none";
  };
  const std::string value = v.type == VoucherType::percentage     ? v.percent.to_string(2)
                            : v.type == VoucherType::fixed_amount ? Money(v.amount, currency).to_string()
                                                                  : std::string("0.00");
  // A code has letters, digits, - and _ only.
  return fmt::format(
      R"({{"id": {}, "code": "{}", "voucher_type": "{}", "discount_value": "{}", "unlocks_hidden_tickets": {}, )"
      R"("ticket_scope": "{}", "addon_scope": "{}", "ticket_types": {}, "addons": {}}})",
      v.id, v.code, to_text(v.type), value, v.unlocks_hidden_tickets, scope(v.ticket_scope),
      scope(v.addon_scope), ids(applied.products.ticket_types), ids(applied.products.addons));
}

void check_held_by_email(db::Tx& tx, const Shop& shop, const Visitor& visitor, const OpenCart& open,
                         std::string_view email) {
  if (!shop.limits.enabled) return;
  std::int64_t wanted = 0;
  for (const CartItem& item : open.items) wanted += item.quantity;
  if (wanted + store::held_by_orders_of_email(tx, visitor.conference_id, email) > shop.limits.per_email)
    throw Refused(
        "too_many_held",
        "Too many tickets are held for this address at the moment. Pay or cancel an open order first.");
}

}  // namespace

std::vector<FieldFault> check_billing(const Billing& billing) {
  std::vector<FieldFault> faults;
  const auto text = [&](const std::string& field, const std::string& value, bool required,
                        std::size_t longest) {
    if (required && is_blank(value))
      faults.push_back({field, message("Please fill in this field.")});
    else if (character_count(value) > longest)
      faults.push_back({field, message("Use at most {max} characters."), {{"max", std::to_string(longest)}}});
    else if (has_control_characters(value) || !is_valid_utf8(value))
      faults.push_back({field, message("Remove line breaks and other control characters.")});
  };
  text("billing_name", billing.name, true, 200);
  if (is_blank(billing.email))
    faults.push_back({"billing_email", message("Please fill in this field.")});
  else if (!is_email(trimmed(billing.email)))
    faults.push_back({"billing_email", message("Enter an e-mail address like name@example.com.")});
  text("billing_company", billing.company, false, 200);
  text("billing_street", billing.street, false, 300);
  text("billing_postcode", billing.postcode, false, 20);
  text("billing_city", billing.city, false, 200);
  text("billing_region", billing.region, false, 200);
  text("billing_vat_id", billing.vat_id, false, 50);
  text("billing_reference", billing.reference, false, 200);
  if (!billing.country.empty() && !is_country(billing.country))
    faults.push_back({"billing_country", message("Choose a country.")});
  if (!billing.is_business) return faults;
  // What an invoice to a company must name. source: taxes 25, 3 and 4.
  const auto must = [&](const std::string& field, const std::string& value) {
    if (is_blank(value)) faults.push_back({field, message("An invoice to a company needs this.")});
  };
  must("billing_company", billing.company);
  must("billing_street", billing.street);
  must("billing_city", billing.city);
  if (billing.country.empty()) faults.push_back({"billing_country", message("Choose a country.")});
  const std::string vat_id = normal_vat_id(billing.vat_id);
  if (!vat_id.empty() && is_country(billing.country) && !is_vat_id_shaped(billing.country, vat_id))
    faults.push_back({"billing_vat_id",
                      message("This is no VAT number of that country. It begins with the country's letters, "
                              "such as DE123456789.")});
  return faults;
}

void look_at_checkout(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view email) {
  look_at_cart(tx, visitor);
  stock_levels(tx, visitor.conference_id);
  store::next_order_id(tx);
  const std::string normalized = normalized_email(email);
  store::bought_units(tx, visitor, normalized);
  if (shop.limits.enabled) store::held_by_orders_of_email(tx, visitor.conference_id, normalized);
  accounts::look_at_rates(tx, order_rate, order_rates(shop, visitor, normalized));
}

PlacedOrder place_order(db::Tx& tx, const Shop& shop, const Visitor& visitor, const CheckoutForm& form) {
  tx.ask_ahead([&] { look_at_checkout(tx, shop, visitor, form.billing.email); });
  OpenCart open = load_open_cart(tx, shop, visitor, false);
  // What is left of discounts, where the catalogue has some.
  const bool knows_levels = !open.catalogue->discounts.empty();
  if (knows_levels) open.levels = stock_levels(tx, visitor.conference_id);
  if (!open.cart || open.items.empty()) throw Refused("empty_cart", "Your cart is empty.");

  require_consents(open.catalogue->consents, form.consents);

  PlacedOrder placed;
  if (open.cart->lapsed(tx.now())) {
    placed.gone = take_again(tx, shop, visitor, open);
    if (!placed.gone.empty()) return placed;  // said first; nothing is ordered behind the buyer's back
  }

  const std::string email = normalized_email(form.billing.email);
  const Bought bought = bought_by(tx, *open.catalogue, visitor, email);
  const Instant now = tx.now();
  if (open.cart->voucher_id && !open.valid_voucher(now))
    throw Refused("voucher_invalid",
                  "The voucher {code} can no longer be used. Remove it from the cart to go on.",
                  {{"code", open.voucher ? open.voucher->voucher.code : std::string("?")}});
  check_items(tx, visitor, open, bought, email);
  check_held_by_email(tx, shop, visitor, open, email);
  const bool vat_confirmed =
      form.vat_check_id && form.billing.is_business &&
      store::is_vat_confirmed(tx, visitor.conference_id, *form.vat_check_id, form.billing.vat_id);
  const Person person = load_person(tx, *open.catalogue, visitor.user_id);
  PricingInput input;
  input.items = open.items;
  input.person = &person;
  input.voucher = open.valid_voucher(now);
  input.levels = &open.levels;
  input.party = {form.billing.is_business, form.billing.country, vat_confirmed};
  input.now = now;
  const Quote quote = registration::quote(*open.catalogue, input);
  if (quote.lines.size() != open.items.size())
    throw Refused("unavailable", "Something in the cart is no longer sold. Remove it to go on.");
  if (quote.total != form.shown_total)
    throw Refused(
        "price_changed", "The total is now {total}. Please look at it again before you order.",
        {{"total", marked(Money(quote.total, open.catalogue->currency), open.catalogue->currency_symbol)}});

  const std::vector<CheckedAnswer> answers = accept_answers(tx, *open.catalogue, open.items, form.answers);

  const bool is_free = quote.total == 0;
  const Instant hold_until = now + Duration::minutes(shop.program.pending_order_expiry_minutes);
  if (const auto again = accounts::count_rate(tx, order_rate, order_rates(shop, visitor, email)))
    throw too_many("too_many_orders", now, *again);
  accounts::ensure_guest(tx, form.billing.email, form.billing.name);

  const AppliedVoucher* voucher = open.valid_voucher(now);
  const std::string voucher_details =
      voucher ? snapshot_of(*voucher, open.catalogue->currency) : std::string();
  Id order_id = 0;
  std::string reference;
  for (int draw = 0; order_id == 0; ++draw) {
    if (draw == reference_draws) throw std::runtime_error("no unused order reference was drawn");
    reference = shop.program.order_reference_prefix + "-" + random_code(shop.random, reference_length);
    const store::NewOrder order{.visitor = visitor,
                                .form = form,
                                .quote = quote,
                                .cart_id = open.cart->id,
                                .voucher = voucher ? &voucher->voucher : nullptr,
                                .voucher_details = voucher_details,
                                .vat_confirmed = vat_confirmed,
                                .currency = open.catalogue->currency.code(),
                                .reference = reference,
                                .secret_hash = order_link_hash(*form.link_key, reference, 1),
                                .email_normalized = email,
                                .status = OrderStatus::pending,
                                .hold_expires_at = hold_until,
                                .paid_at = std::nullopt};
    order_id = store::insert_order(tx, order, store::next_order_id(tx)).value_or(0);
  }
  store::insert_lines(tx, order_id, quote);
  record_consents(tx, order_id, open.catalogue->consents, form.consents);
  record_answers(tx, order_id, answers);
  move_holds(tx, open.cart->id, order_id, hold_until);
  if (voucher || quote.condition_discount > 0) {
    const bool had_voucher = !open.voucher_levels.all().empty();
    if (had_voucher ? open.any_elapsed : !knows_levels || open.levels.any_elapsed())
      take_back_elapsed(tx, visitor.conference_id);
    hold_rules(tx, visitor.conference_id, order_id, quote, voucher, open.levels, open.voucher_levels,
               hold_until);
  }
  store::set_cart_status(tx, open.cart->id, CartStatus::checked_out);
  const Cause cause{"checkout", "buyer", ""};
  store::insert_event(tx, order_id, "", to_text(OrderStatus::pending), cause);

  placed.order_id = order_id;
  placed.reference = reference;
  // Who invoices at payment costs the order nothing.
  const conference::Conference& fair = open.catalogue->conference;
  if (fair.seller_id && fair.invoice_moment == conference::InvoiceMoment::order && !is_free)
    publish(OrderEvent::placed, tx, store::order_by_id(tx, order_id).value());
  if (is_free) {  // source: 20, D16; 21, 5.2
    auto order = store::order_by_id(tx, order_id);
    store::insert_payment(tx, {.order_id = order_id,
                               .conference_id = visitor.conference_id,
                               .method = PaymentMethod::comp,
                               .status = PaymentStatus::succeeded,
                               .amount = 0,
                               .currency = order->currency,
                               .gateway_reference = {},
                               .failure = {},
                               .is_test = order->is_sandbox});
    apply(tx, shop, *order, Transition::paid, {"checkout", "buyer", "nothing to pay"});
    placed.is_paid = true;
  }
  return placed;
}

}  // namespace plenary::registration
