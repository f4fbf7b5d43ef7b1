#include "domain/registration/purchase_rules.hpp"

#include <algorithm>
#include <set>

#include "base/amounts.hpp"
#include "base/text.hpp"
#include "domain/registration/discounts.hpp"
#include "domain/registration/open_cart.hpp"

namespace plenary::registration {
namespace {

std::string number(std::int64_t n) {
  return std::to_string(n);
}

std::int64_t units_of(std::span<const CartItem> items, ProductKind kind, Id id) {
  std::int64_t units = 0;
  for (const CartItem& item : items)
    if (item.kind == kind && item.product_id == id) units += item.quantity;
  return units;
}

std::int64_t tickets_for(const AddOn& addon, const std::map<Id, std::int64_t>& ticket_types) {
  const auto& needed = addon.requires_ticket_types;
  std::int64_t tickets = 0;
  for (const auto& [type, units] : ticket_types)
    if (needed.empty() || std::find(needed.begin(), needed.end(), type) != needed.end()) tickets += units;
  return tickets;
}

void check_addon(const AddOn& addon, std::span<const CartItem> items, const Bought& bought, Asked asked,
                 std::vector<Refused>& broken) {
  if (!addon.max_per_ticket && addon.min_per_ticket == 0) return;
  const std::int64_t units = units_of(items, ProductKind::addon, addon.id);
  std::int64_t tickets = registration::tickets_for(addon, items), before = 0;
  // Tickets that are not paid open nothing here, as for prerequisites: they bear add-ons of their own order
  // alone. What an unpaid order has beyond that counts. source: 20, D7 and D20.
  for (const Bought::Order& order : bought.orders) {
    const std::int64_t own = tickets_for(addon, order.ticket_types);
    const auto there = order.addons.find(addon.id);
    const std::int64_t had = there == order.addons.end() ? 0 : there->second;
    if (order.is_sold) {
      tickets += own;
      before += had;
    } else if (addon.max_per_ticket) {
      before += std::max<std::int64_t>(had - own * *addon.max_per_ticket, 0);
    }
  }
  if (addon.max_per_ticket && units + before > tickets * *addon.max_per_ticket)
    broken.push_back(Refused(
        "limit", "At most {limit} of {name} for each ticket; you have {tickets}.",
        {{"limit", number(*addon.max_per_ticket)}, {"name", addon.name}, {"tickets", number(tickets)}},
        "quantity"));
  if (asked == Asked::ordering && units > 0 && units + before < tickets * addon.min_per_ticket)
    broken.push_back(
        Refused("minimum", "At least {limit} of {name} for each ticket; you have {tickets}.",
                {{"limit", number(addon.min_per_ticket)}, {"name", addon.name}, {"tickets", number(tickets)}},
                "quantity"));
}

}  // namespace

std::int64_t Bought::of(ProductKind kind, Id id) const {
  const auto& units = kind == ProductKind::ticket_type ? ticket_types : addons;
  const auto found = units.find(id);
  return found == units.end() ? 0 : found->second;
}

const Variation* chosen_variation(const Catalogue& catalogue, const Product& product, std::string_view slug) {
  const auto sold = catalogue.variations_of(product.kind, product.id);
  if (slug.empty()) {
    if (sold.empty()) return nullptr;
    throw Refused("variation", "Choose which {name} you want.", {{"name", *product.name}}, "variation");
  }
  const Variation* variation = catalogue.variation(product.kind, product.id, slug);
  if (!variation)
    throw Refused("variation", "There is no such kind of {name}.", {{"name", *product.name}}, "variation");
  if (!variation->is_active)
    throw Refused("unavailable", "{name} is not available.",
                  {{"name", *product.name + ", " + variation->name}}, "variation");
  return variation;
}

std::optional<std::int64_t> chosen_price(const Catalogue& catalogue, const Product& product,
                                         std::optional<std::int64_t> price) {
  if (!product.free_price) return std::nullopt;
  const std::int64_t chosen = price.value_or(product.price);
  if (chosen < product.minimum_price)
    throw Refused(
        "price", "{name}: the least is {least}.",
        {{"name", *product.name},
         {"least", marked(Money(product.minimum_price, catalogue.currency), catalogue.currency_symbol)}},
        "price");
  if (chosen > largest_amount)
    throw Refused("price", "{name}: name a smaller price.", {{"name", *product.name}}, "price");
  return chosen;
}

bool admits(std::string_view domains, std::string_view email) {
  if (trimmed(domains).empty()) return true;
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string domain = ascii_lower(trimmed(email.substr(at + 1)));
  std::size_t from = 0;
  while (from < domains.size()) {
    const std::size_t end = std::min(domains.find(' ', from), domains.size());
    const std::string one = ascii_lower(domains.substr(from, end - from));
    if (!one.empty() && (domain == one || domain.ends_with("." + one))) return true;
    from = end + 1;
  }
  return false;
}

std::vector<Refused> broken_rules(const Catalogue& catalogue, std::span<const CartItem> items,
                                  const Bought& bought, std::string_view email, Asked asked) {
  std::vector<Refused> broken;
  std::set<std::pair<ProductKind, Id>> seen;
  for (const CartItem& item : items) {
    const auto product = catalogue.product(item.kind, item.product_id);
    if (!product) continue;
    if (asked == Asked::ordering && !item.variation_id &&
        !catalogue.variations_of(item.kind, item.product_id).empty())
      broken.push_back(Refused("variation", "{name}: choose which one you want. Add it anew to choose.",
                               {{"name", *product->name}}));
    if (!seen.insert({item.kind, item.product_id}).second) continue;
    const std::int64_t units = units_of(items, item.kind, item.product_id);
    if (product->max_per_order && units > *product->max_per_order)
      broken.push_back(Refused("limit", "At most {limit} of {name} in one order.",
                               {{"limit", number(*product->max_per_order)}, {"name", *product->name}},
                               "quantity"));
    if (item.kind == ProductKind::addon && product->limit_per_user &&
        units + bought.of(item.kind, item.product_id) > *product->limit_per_user)
      broken.push_back(Refused("limit",
                               "At most {limit} of {name} for each person; you asked for {requested}.",
                               {{"limit", number(*product->limit_per_user)},
                                {"name", *product->name},
                                {"requested", number(units + bought.of(item.kind, item.product_id))}},
                               "quantity"));
    if (item.kind == ProductKind::addon)
      if (const AddOn* addon = catalogue.addon(item.product_id))
        check_addon(*addon, items, bought, asked, broken);
    if (asked != Asked::ordering) continue;
    if (units < product->min_per_order)
      broken.push_back(Refused("minimum", "At least {limit} of {name} in one order.",
                               {{"limit", number(product->min_per_order)}, {"name", *product->name}},
                               "quantity"));
    if (!email.empty() && !admits(*product->email_domains, email))
      broken.push_back(Refused("email_domain", "{name} is only for e-mail addresses of: {domains}.",
                               {{"name", *product->name}, {"domains", *product->email_domains}},
                               "billing_email"));
  }
  return broken;
}

std::vector<Refused> why_not_orderable(const Catalogue& catalogue, const std::vector<CartItem>& items,
                                       const AppliedVoucher* voucher, std::string_view email, Instant now) {
  std::vector<Refused> reasons;
  std::set<std::pair<ProductKind, Id>> seen;
  std::int64_t tickets = 0;
  for (const CartItem& item : items) {
    if (item.kind == ProductKind::ticket_type) tickets += item.quantity;
    const auto product = catalogue.product(item.kind, item.product_id);
    if (!product || !seen.insert({item.kind, item.product_id}).second) continue;
    const Refused::Arguments name{{"name", *product->name}};
    if (!product->is_active)
      reasons.push_back(Refused("unavailable", "{name} is not available.", name));
    else if (product->available_from && now < *product->available_from)
      reasons.push_back(Refused("unavailable", "{name} is not on sale yet.", name));
    else if (product->available_until && now > *product->available_until)
      reasons.push_back(Refused("unavailable", "The sale of {name} has ended.", name));
    if (product->requires_voucher && !(voucher && voucher->unlocks(item.kind, item.product_id)))
      reasons.push_back(Refused("voucher_required", "{name} needs a voucher that unlocks it.", name));
    if (const TicketType* type =
            item.kind == ProductKind::ticket_type ? catalogue.ticket_type(item.product_id) : nullptr) {
      const std::int64_t units = units_of(items, item.kind, item.product_id);
      if (units > type->limit_per_user)
        reasons.push_back(Refused(
            "limit", "At most {limit} of {name} for each person; you asked for {requested}.",
            {{"limit", number(type->limit_per_user)}, {"name", type->name}, {"requested", number(units)}},
            "quantity"));
    }
    if (const AddOn* addon = item.kind == ProductKind::addon ? catalogue.addon(item.product_id) : nullptr;
        addon && !prerequisites_met(*addon, items))
      reasons.push_back(Refused("requires_ticket",
                                "{name} needs one of these tickets in the cart: {tickets}.",
                                {{"name", addon->name}, {"tickets", names_of_required(catalogue, *addon)}}));
  }
  if (const std::int64_t most = catalogue.conference.max_tickets_per_cart; tickets > most)
    reasons.push_back(
        Refused("limit", "At most {limit} tickets in one order.", {{"limit", number(most)}}, "quantity"));
  for (Refused& broken : broken_rules(catalogue, items, {}, email, Asked::ordering))
    reasons.push_back(std::move(broken));
  return reasons;
}

std::int64_t tickets_for(const AddOn& addon, std::span<const CartItem> items) {
  std::int64_t tickets = 0;
  for (const CartItem& item : items) {
    if (item.kind != ProductKind::ticket_type) continue;
    const auto& needed = addon.requires_ticket_types;
    if (needed.empty() || std::find(needed.begin(), needed.end(), item.product_id) != needed.end())
      tickets += item.quantity;
  }
  return tickets;
}

}  // namespace plenary::registration
