// Ticket types and add-ons as a page shows them: the catalogue's product together with its price, its stock
// and its limits at this moment, and what can be done with it. Cards point into the catalogue, which must
// outlive them. Pure; any thread. source: registration 20, 4 and 12.1, D37; taxes 25, 1.
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
inline bool is_sold(Availability availability) {
  return availability == Availability::limited || availability == Availability::available;
}

// What one unit costs whoever comes by now. A reduced price is one that everybody gets at this moment.
struct PriceTag {
  std::int64_t price = 0;  // minor units, as prices are written: before discounts
  std::optional<std::int64_t> reduced;
  std::int64_t now() const { return reduced.value_or(price); }
};

struct VariationCard {
  const registration::Variation* variation = nullptr;
  const registration::Catalogue* catalogue = nullptr;
  PriceTag tag;
  std::optional<std::int64_t> remaining;  // none: unlimited
  bool is_available = true;
  bool is_first = false;  // of those that can be had: chosen to begin with
};

// How a product is sold, of either kind.
struct Offer {
  const registration::Catalogue* catalogue = nullptr;
  PriceTag tag;  // of the cheapest variation where there are some
  bool has_several_prices = false;
  std::string discount_name;        // whose doing the reduced price is
  std::int64_t discount_units = 0;  // units of an order that it reaches; 0: all
  std::string tax_note;             // "incl. 19 % VAT"
  bool free_price = false;          // the buyer names it
  std::int64_t minimum_price = 0;
  std::int64_t first_quantity = 1;  // what the form proposes
  std::vector<std::string> limits;  // "At most 4 for each person."
  std::vector<VariationCard> variations;
};

struct TicketCard {
  const registration::TicketType* type = nullptr;
  const registration::Catalogue* catalogue = nullptr;
  Availability availability = Availability::unavailable;
  std::optional<std::int64_t> remaining;  // none: unlimited
  std::int64_t max_quantity = 0;          // of one submit
  std::string submission;                 // for its form; empty where nothing can be bought
  Offer offer = {};
  bool is_available() const { return is_sold(availability); }
};

struct AddOnCard {
  const registration::AddOn* addon = nullptr;
  const registration::Catalogue* catalogue = nullptr;
  Availability availability = Availability::unavailable;
  std::optional<std::int64_t> remaining;
  std::int64_t max_quantity = 0;
  std::string submission;
  Offer offer = {};
  bool has_ticket = true;  // one of the tickets it asks for is in the cart
  bool is_available() const { return is_sold(availability); }
};

struct Showing {
  const registration::Catalogue& catalogue;
  const registration::StockLevels& levels;
  const registration::AppliedVoucher* voucher = nullptr;  // of the visitor's cart
  std::string_view language;
  Instant now;
};

// Listed: active ones, also those out of their window or sold out; voucher-only ones while the cart's voucher
// unlocks them.
std::vector<TicketCard> ticket_cards(const Showing& showing);
// When the sale begins: the earliest moment ahead, while none of the cards can be bought yet. source: ground
// rules 15, 7.1.
std::optional<Instant> next_opening(const std::vector<TicketCard>& cards);
std::vector<AddOnCard> addon_cards(const Showing& showing,
                                   const std::vector<registration::CartItem>& in_cart);

// "Sold Out", "12 remaining" in a language: what the tag ticket_availability yields. source: 20, 14.
std::string availability_text(std::string_view language, Availability availability,
                              std::optional<std::int64_t> remaining);
// "sold_out", for class names.
std::string_view availability_name(Availability availability);

}  // namespace plenary::site
