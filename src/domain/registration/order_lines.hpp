// What is left of an order: its lines are never edited, so a change adds lines that take earlier ones back,
// and sums over the lines are what the order is now. Here is the arithmetic: what is left of each line, how
// much of it some units or an amount take back, so that all parts of a line add up to it, its tax too. Pure;
// any thread. std::overflow_error out of range. source: registration 20, 3.5; taxes 25, 2.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domain/registration/types.hpp"

namespace plenary::registration {

// The ordered lines with what was taken back of them taken off, where units are left; by id.
std::vector<OrderLine> lines_left(std::span<const OrderLine> lines);
const OrderLine* find_line(std::span<const OrderLine> lines, Id line_id);  // null: none

// Units of tickets and add-ons; fees are not counted.
std::int64_t product_units(std::span<const OrderLine> lines);
std::int64_t ticket_units(std::span<const OrderLine> lines);

struct OrderSums {
  std::int64_t subtotal = 0, discount = 0, tax = 0, total = 0;
  friend bool operator==(const OrderSums&, const OrderSums&) = default;
};
OrderSums sums_of(std::span<const OrderLine> lines);

// The line that takes `units` of `left` back: 1 to what is left.
OrderLine reversal_of(const OrderLine& left, std::int64_t units);
// The line that takes `gross` of `left` back and leaves its units: a lower price. 1 to what is left.
OrderLine reduction_of(const OrderLine& left, std::int64_t gross);
// Lines that lower what is left by `gross` altogether, in proportion to what each costs.
std::vector<OrderLine> reductions_of(std::span<const OrderLine> left, std::int64_t gross);

// Gross, net and tax of a line from its total, by the tax terms that it carries already. `rate` in
// millionths: what a price contains that the buyer owes themselves (reverse charge), which the line does not
// say.
void tax_line(OrderLine& line, std::int64_t rate_of_reverse_charge = 0);
// The kept fee of a cancellation: `gross` with the tax in it, taxed as `like`.
OrderLine fee_line(const OrderLine& like, std::string description, std::int64_t gross);
// The dearest ticket; without tickets the dearest line. Null: nothing is left.
const OrderLine* dearest_ticket(std::span<const OrderLine> left);

}  // namespace plenary::registration
