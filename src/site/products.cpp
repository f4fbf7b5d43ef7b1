#include "site/products.hpp"

#include <algorithm>

#include "i18n/languages.hpp"

namespace plenary::site {
namespace {

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

std::optional<std::int64_t> least(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

}  // namespace

std::vector<TicketCard> ticket_cards(const registration::Catalogue& catalogue,
                                     const registration::StockLevels& levels, Instant now) {
  std::vector<TicketCard> cards;
  cards.reserve(catalogue.ticket_types.size());
  const auto places = levels.conference().remaining();
  for (const registration::TicketType& type : catalogue.ticket_types) {
    if (!type.is_active || type.requires_voucher) continue;
    TicketCard card;
    card.type = &type;
    card.catalogue = &catalogue;
    card.remaining = least(levels.of(registration::ProductKind::ticket_type, type.id).remaining(), places);
    card.availability =
        availability_of(type.is_active, type.available_from, type.available_until, card.remaining, now);
    card.max_quantity =
        std::min({most_in_one_submit, type.limit_per_user, catalogue.conference.max_tickets_per_cart,
                  card.remaining.value_or(most_in_one_submit)});
    if (card.is_available() && card.max_quantity <= 0) card.availability = Availability::unavailable;
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

std::vector<AddOnCard> addon_cards(const registration::Catalogue& catalogue,
                                   const registration::StockLevels& levels,
                                   const std::vector<registration::CartItem>& in_cart, Instant now) {
  std::vector<AddOnCard> cards;
  for (const registration::AddOn& addon : catalogue.addons) {
    if (!addon.is_active) continue;
    AddOnCard card;
    card.addon = &addon;
    card.catalogue = &catalogue;
    card.remaining = levels.of(registration::ProductKind::addon, addon.id).remaining();
    card.availability =
        availability_of(addon.is_active, addon.available_from, addon.available_until, card.remaining, now);
    card.max_quantity = std::min(most_in_one_submit, card.remaining.value_or(most_in_one_submit));
    if (!addon.requires_ticket_types.empty()) {
      card.has_ticket = std::any_of(in_cart.begin(), in_cart.end(), [&](const registration::CartItem& item) {
        return item.kind == registration::ProductKind::ticket_type &&
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
