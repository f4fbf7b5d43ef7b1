#include "site/products.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/errors.hpp"
#include "domain/registration/tax_words.hpp"
#include "i18n/formats.hpp"
#include "i18n/languages.hpp"

namespace plenary::site {
namespace {

using registration::ProductKind;
constexpr ProductKind ticket = ProductKind::ticket_type;

constexpr std::int64_t most_in_one_submit = 10;  // source: 20, 12.2

// First match wins. source: 20, 4.
Availability availability_of(bool is_active, const std::optional<Instant>& from,
                             const std::optional<Instant>& until, std::optional<std::int64_t> remaining,
                             Instant now) {
  if (!is_active) return Availability::unavailable;
  if (from && now < *from) return Availability::coming_soon;
  if (until && now > *until) return Availability::ended;
  if (!remaining) return Availability::available;
  return *remaining <= 0 ? Availability::sold_out : Availability::limited;
}

std::optional<std::int64_t> remaining_of(const Showing& showing, ProductKind kind,
                                         registration::Id product_id,
                                         std::optional<registration::Id> variation_id) {
  return registration::remaining_of(showing.catalogue, showing.levels, kind, product_id, variation_id,
                                    showing.voucher ? &showing.voucher->reserve : nullptr);
}

// What a stranger pays for one unit: the engine says it.
struct Reckoned {
  PriceTag tag;
  std::optional<registration::Id> condition_id;
  registration::AppliedTax tax;
};
Reckoned reckoned(const Showing& showing, const registration::Product& product,
                  const registration::Variation* variation) {
  registration::CartItem item{.id = 1, .kind = product.kind, .product_id = product.id, .quantity = 1};
  if (variation) item.variation_id = variation->id;
  if (showing.catalogue.discounts.empty()) {  // the same without a quote: the page of a rush
    Reckoned plain;
    plain.tag.price = registration::unit_price_of(product, variation, item);
    plain.tax = registration::applied_tax(showing.catalogue.tax_rule(product.tax_rule_id), {},
                                          showing.catalogue.seller_country(),
                                          showing.catalogue.conference.event_country);
    return plain;
  }
  registration::PricingInput input;
  input.items = std::span(&item, 1);
  input.levels = &showing.levels;
  input.now = showing.now;
  const registration::Quote quote = registration::quote(showing.catalogue, input);
  Reckoned one;
  if (quote.lines.empty()) return one;
  const registration::QuoteLine& line = quote.lines.front();
  one.tag.price = line.unit_price;
  if (line.condition_discount > 0) one.tag.reduced = line.unit_price - line.condition_discount;
  one.condition_id = line.condition_id;
  one.tax = line.applied_tax;
  return one;
}

const registration::Condition* condition_of(const registration::Catalogue& catalogue,
                                            std::optional<registration::Id> id) {
  for (const registration::DiscountRule& rule : catalogue.discounts)
    if (id && rule.condition.id == *id) return &rule.condition;
  return nullptr;
}

Offer offer_of(const Showing& showing, const registration::Product& product) {
  Offer offer;
  offer.catalogue = &showing.catalogue;
  offer.free_price = product.free_price;
  offer.minimum_price = product.minimum_price;
  Reckoned least;
  const auto variations = showing.catalogue.variations_of(product.kind, product.id);
  if (variations.empty()) least = reckoned(showing, product, nullptr);
  for (const registration::Variation* variation : variations) {
    VariationCard card;
    card.variation = variation;
    card.catalogue = &showing.catalogue;
    card.remaining = remaining_of(showing, product.kind, product.id, variation->id);
    card.is_available = !card.remaining || *card.remaining > 0;
    Reckoned one = reckoned(showing, product, variation);
    card.tag = one.tag;
    card.is_first =
        card.is_available && std::none_of(offer.variations.begin(), offer.variations.end(),
                                          [](const VariationCard& other) { return other.is_available; });
    if (!offer.variations.empty() && one.tag.now() != least.tag.now()) offer.has_several_prices = true;
    if (offer.variations.empty() || one.tag.now() < least.tag.now()) least = std::move(one);
    offer.variations.push_back(std::move(card));
  }
  offer.tag = least.tag;
  if (const registration::Condition* condition = condition_of(showing.catalogue, least.condition_id)) {
    offer.discount_name = condition->name;
    offer.discount_units = condition->max_quantity;
  }
  const registration::TaxWords note = registration::price_note(least.tax);
  if (!note.text.empty())
    offer.tax_note =
        i18n::translated(showing.language, note.text, {{"rate", i18n::number(showing.language, note.rate)}});
  return offer;
}

void add_limit(Offer& offer, const Showing& showing, const char* text, std::int64_t n) {
  offer.limits.push_back(
      i18n::translated(showing.language, text, {{"n", i18n::number(showing.language, n)}}));
}

// What would be refused later is said before. source: 20, D37.
void add_limits(Offer& offer, const Showing& showing, const registration::Product& product) {
  const std::int64_t most = showing.catalogue.conference.max_tickets_per_cart;
  if (product.limit_per_user && *product.limit_per_user > 0 &&
      (product.kind == ProductKind::addon || *product.limit_per_user < most))
    add_limit(offer, showing, message("At most {n} for each person."), *product.limit_per_user);
  if (product.max_per_order)
    add_limit(offer, showing, message("At most {n} in one order."), *product.max_per_order);
  if (product.min_per_order > 1)
    add_limit(offer, showing, message("At least {n} in one order."), product.min_per_order);
  if (product.email_domains && !product.email_domains->empty())
    offer.limits.push_back(i18n::translated(showing.language,
                                            message("Only for e-mail addresses at: {domains}."),
                                            {{"domains", *product.email_domains}}));
}

void add_limits_per_ticket(Offer& offer, const Showing& showing, const registration::AddOn& addon) {
  if (addon.max_per_ticket)
    add_limit(offer, showing, message("At most {n} for each ticket."), *addon.max_per_ticket);
  if (addon.min_per_ticket > 0)
    add_limit(offer, showing, message("At least {n} for each ticket."), addon.min_per_ticket);
}

// A product is sold out when each of its variations is.
Availability with_variations(Availability availability, const Offer& offer) {
  if (!is_sold(availability) || offer.variations.empty()) return availability;
  const bool any = std::any_of(offer.variations.begin(), offer.variations.end(),
                               [](const VariationCard& card) { return card.is_available; });
  return any ? availability : Availability::sold_out;
}

}  // namespace

std::vector<TicketCard> ticket_cards(const Showing& showing) {
  const registration::Catalogue& catalogue = showing.catalogue;
  std::vector<TicketCard> cards;
  cards.reserve(catalogue.ticket_types.size());
  for (const registration::TicketType& type : catalogue.ticket_types) {
    if (!registration::is_visible(type, showing.voucher)) continue;
    TicketCard card;
    card.type = &type;
    card.catalogue = &catalogue;
    card.remaining = remaining_of(showing, ticket, type.id, std::nullopt);
    card.availability = availability_of(type.is_active, type.available_from, type.available_until,
                                        card.remaining, showing.now);
    card.offer = offer_of(showing, *catalogue.product(ticket, type.id));
    add_limits(card.offer, showing, *catalogue.product(ticket, type.id));
    card.availability = with_variations(card.availability, card.offer);
    card.max_quantity = std::min(
        {most_in_one_submit, type.limit_per_user, catalogue.conference.max_tickets_per_cart,
         type.max_per_order.value_or(most_in_one_submit), card.remaining.value_or(most_in_one_submit)});
    if (card.is_available() && card.max_quantity <= 0) card.availability = Availability::unavailable;
    card.offer.first_quantity =
        std::clamp<std::int64_t>(type.min_per_order, 1, std::max<std::int64_t>(card.max_quantity, 1));
    cards.push_back(std::move(card));
  }
  return cards;
}

std::optional<Instant> next_opening(const std::vector<TicketCard>& cards) {
  std::optional<Instant> first;
  for (const TicketCard& card : cards) {
    if (card.is_available()) return std::nullopt;
    if (card.availability != Availability::coming_soon) continue;
    if (!first || *card.type->available_from < *first) first = card.type->available_from;
  }
  return first;
}

std::vector<AddOnCard> addon_cards(const Showing& showing,
                                   const std::vector<registration::CartItem>& in_cart) {
  const registration::Catalogue& catalogue = showing.catalogue;
  std::vector<AddOnCard> cards;
  for (const registration::AddOn& addon : catalogue.addons) {
    if (!addon.is_active) continue;
    AddOnCard card;
    card.addon = &addon;
    card.catalogue = &catalogue;
    card.remaining = remaining_of(showing, ProductKind::addon, addon.id, std::nullopt);
    card.availability = availability_of(addon.is_active, addon.available_from, addon.available_until,
                                        card.remaining, showing.now);
    card.offer = offer_of(showing, *catalogue.product(ProductKind::addon, addon.id));
    add_limits(card.offer, showing, *catalogue.product(ProductKind::addon, addon.id));
    add_limits_per_ticket(card.offer, showing, addon);
    card.availability = with_variations(card.availability, card.offer);
    card.max_quantity = std::min({most_in_one_submit, addon.limit_per_user.value_or(most_in_one_submit),
                                  addon.max_per_order.value_or(most_in_one_submit),
                                  card.remaining.value_or(most_in_one_submit)});
    card.offer.first_quantity =
        std::clamp<std::int64_t>(addon.min_per_order, 1, std::max<std::int64_t>(card.max_quantity, 1));
    if (!addon.requires_ticket_types.empty()) {
      card.has_ticket = std::any_of(in_cart.begin(), in_cart.end(), [&](const registration::CartItem& item) {
        return item.kind == ticket &&
               std::find(addon.requires_ticket_types.begin(), addon.requires_ticket_types.end(),
                         item.product_id) != addon.requires_ticket_types.end();
      });
    }
    cards.push_back(std::move(card));
  }
  return cards;
}

std::string availability_text(std::string_view language, Availability availability,
                              std::optional<std::int64_t> remaining) {
  switch (availability) {
    case Availability::unavailable:
      return i18n::translated(language, "Unavailable");
    case Availability::coming_soon:
      return i18n::translated(language, "Coming Soon");
    case Availability::ended:
      return i18n::translated(language, "Ended");
    case Availability::sold_out:
      return i18n::translated(language, "Sold Out");
    case Availability::limited:
      return i18n::translated_n(language, "{n} remaining", "{n} remaining", remaining.value_or(0));
    case Availability::available:
      return i18n::translated(language, "Available");
  }
  return {};
}

std::string_view availability_name(Availability availability) {
  switch (availability) {
    case Availability::unavailable:
      return "unavailable";
    case Availability::coming_soon:
      return "coming_soon";
    case Availability::ended:
      return "ended";
    case Availability::sold_out:
      return "sold_out";
    case Availability::limited:
      return "limited";
    case Availability::available:
      return "available";
  }
  return {};
}

}  // namespace plenary::site
