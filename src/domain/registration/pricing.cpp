#include "domain/registration/pricing.hpp"

#include <stdexcept>

namespace plenary::registration {
namespace {

std::int64_t times(std::int64_t price, std::int64_t quantity) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(price, quantity, &product)) throw std::overflow_error("line total out of range");
  return product;
}

void add_to(std::int64_t& sum, std::int64_t amount) {
  if (__builtin_add_overflow(sum, amount, &sum)) throw std::overflow_error("total out of range");
}

}  // namespace

Quote quote(const Catalogue& catalogue, std::span<const CartItem> items) {
  Quote quote;
  quote.lines.reserve(items.size());
  for (const CartItem& item : items) {
    QuoteLine line;
    line.item_id = item.id;
    line.kind = item.kind;
    line.product_id = item.product_id;
    line.quantity = item.quantity;
    if (item.kind == ProductKind::ticket_type) {
      const TicketType* type = catalogue.ticket_type(item.product_id);
      if (!type) continue;
      line.description = type->name;
      line.unit_price = type->price;
      quote.tickets += item.quantity;
    } else {
      const AddOn* addon = catalogue.addon(item.product_id);
      if (!addon) continue;
      line.description = addon->name;
      line.unit_price = addon->price;
    }
    const std::int64_t full = times(line.unit_price, line.quantity);
    line.line_total = full;
    // No tax rule applies yet: what is paid is net and gross alike.
    line.gross = line.net = line.line_total;
    add_to(quote.subtotal, full);
    add_to(quote.total, line.line_total);
    quote.lines.push_back(std::move(line));
  }
  quote.discount = quote.subtotal - quote.total;
  return quote;
}

}  // namespace plenary::registration
