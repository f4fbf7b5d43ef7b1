// Ticket types and add-ons as a page shows them: the catalogue's product together with its stock at this
// moment and what can be done with it. Cards point into the catalogue, which must outlive them. Pure; any
// thread. source: registration 20, 4 and 12.1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/cart.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::site {

enum class Availability { unavailable, coming_soon, ended, sold_out, limited, available };

struct TicketCard {
  const registration::TicketType* type = nullptr;
  const registration::Catalogue* catalogue = nullptr;
  Availability availability = Availability::unavailable;
  std::optional<std::int64_t> remaining;  // none: unlimited
  std::int64_t max_quantity = 0;          // of one submit
  std::string submission;                 // for its form; empty where nothing can be bought
  bool is_available() const {
    return availability == Availability::limited || availability == Availability::available;
  }
};

struct AddOnCard {
  const registration::AddOn* addon = nullptr;
  const registration::Catalogue* catalogue = nullptr;
  Availability availability = Availability::unavailable;
  std::optional<std::int64_t> remaining;
  std::int64_t max_quantity = 0;
  std::string submission;
  bool has_ticket = true;  // one of the tickets it asks for is in the cart
  bool is_available() const {
    return availability == Availability::limited || availability == Availability::available;
  }
};

// Listed: active and not voucher-only, also those out of their window or sold out.
std::vector<TicketCard> ticket_cards(const registration::Catalogue& catalogue,
                                     const registration::StockLevels& levels, Instant now);
// When the sale begins: the earliest moment ahead, while none of the cards can be bought yet. source: ground
// rules 15, 7.1.
std::optional<Instant> next_opening(const std::vector<TicketCard>& cards);
std::vector<AddOnCard> addon_cards(const registration::Catalogue& catalogue,
                                   const registration::StockLevels& levels,
                                   const std::vector<registration::CartItem>& in_cart, Instant now);

// "Sold Out", "12 remaining" in a language: what the tag ticket_availability yields. source: 20, 14.
std::string availability_text(std::string_view language, Availability availability,
                              std::optional<std::int64_t> remaining);
// "sold_out", for class names.
std::string_view availability_name(Availability availability);

}  // namespace plenary::site
