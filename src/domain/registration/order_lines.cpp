#include "domain/registration/order_lines.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "domain/registration/shares.hpp"
#include "domain/registration/taxes.hpp"

namespace plenary::registration {
namespace {

std::int64_t times(std::int64_t price, std::int64_t quantity) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(price, quantity, &product)) throw std::overflow_error("line total out of range");
  return product;
}

// The amounts in which a line and those that take it back add up.
constexpr std::int64_t OrderLine::*added[] = {&OrderLine::quantity,
                                              &OrderLine::condition_discount,
                                              &OrderLine::condition_units,
                                              &OrderLine::line_total,
                                              &OrderLine::voucher_discount,
                                              &OrderLine::gross,
                                              &OrderLine::net,
                                              &OrderLine::tax};

// `wanted` as near as the two halves of something allow: the other half, `whole` less it, must be there too.
std::int64_t half_of(std::int64_t whole, std::int64_t wanted, std::int64_t left, std::int64_t other_left) {
  return std::clamp(wanted, std::max<std::int64_t>(whole - other_left, 0), std::min(whole, left));
}

// Net, tax and gross of a part whose total is known.
void split_tax(OrderLine& part, const OrderLine& left, std::int64_t total, std::int64_t tax,
               std::int64_t net) {
  part.line_total = total;
  if (left.gross == left.line_total) {
    part.gross = total;
    part.tax = half_of(total, tax, left.tax, left.net);
    part.net = part.gross - part.tax;
  } else {
    part.net = left.net == left.line_total ? total : net;
    part.tax = tax;
    part.gross = part.net + part.tax;
  }
}

OrderLine taking_back(const OrderLine& left) {
  OrderLine line = left;
  line.id = 0;
  line.reverses_line_id = left.id;
  return line;
}

OrderLine negated(OrderLine line) {
  for (const auto field : added) line.*field = -(line.*field);
  return line;
}

}  // namespace

std::vector<OrderLine> lines_left(std::span<const OrderLine> lines) {
  std::vector<OrderLine> left;
  for (const OrderLine& line : lines)
    if (!line.reverses_line_id) left.push_back(line);
  for (const OrderLine& line : lines) {
    if (!line.reverses_line_id) continue;
    for (OrderLine& ordered : left)
      if (ordered.id == *line.reverses_line_id)
        for (const auto field : added) ordered.*field += line.*field;
  }
  std::erase_if(left, [](const OrderLine& line) { return line.quantity <= 0; });
  return left;
}

const OrderLine* find_line(std::span<const OrderLine> lines, Id line_id) {
  for (const OrderLine& line : lines)
    if (line.id == line_id) return &line;
  return nullptr;
}

std::int64_t product_units(std::span<const OrderLine> lines) {
  std::int64_t units = 0;
  for (const OrderLine& line : lines)
    if (line.kind != LineKind::fee) units += line.quantity;
  return units;
}

std::int64_t ticket_units(std::span<const OrderLine> lines) {
  std::int64_t units = 0;
  for (const OrderLine& line : lines)
    if (line.kind == LineKind::ticket) units += line.quantity;
  return units;
}

OrderSums sums_of(std::span<const OrderLine> lines) {
  OrderSums sums;
  for (const OrderLine& line : lines) {
    sums.subtotal += times(line.unit_price, line.quantity);
    sums.discount += line.condition_discount + line.voucher_discount;
    sums.tax += line.tax;
    sums.total += line.gross;
  }
  return sums;
}

OrderLine reversal_of(const OrderLine& left, std::int64_t units) {
  const auto part = [&](std::int64_t whole) { return part_of(whole, left.quantity, 0, units); };
  OrderLine line = taking_back(left);
  line.quantity = units;
  const std::int64_t total = part(left.line_total);
  const std::int64_t discount = times(left.unit_price, units) - total;
  line.condition_discount =
      half_of(discount, part(left.condition_discount), left.condition_discount, left.voucher_discount);
  line.voucher_discount = discount - line.condition_discount;
  line.condition_units = part(left.condition_units);
  split_tax(line, left, total, part(left.tax), part(left.net));
  return negated(std::move(line));
}

OrderLine reduction_of(const OrderLine& left, std::int64_t gross) {
  OrderLine line = taking_back(left);
  line.quantity = 0;
  line.unit_price = 0;
  line.condition_id.reset();
  line.condition_name.clear();
  line.condition_units = 0;
  line.voucher_discount = 0;
  line.gross = gross;
  line.tax = half_of(gross, part_of(left.tax, left.gross, 0, gross), left.tax, left.net);
  line.net = gross - line.tax;
  line.line_total = left.gross == left.line_total ? line.gross : line.net;
  // A discount given later: it counts as one, so that prices less discounts stay the total.
  line.condition_discount = -line.line_total;
  return negated(std::move(line));
}

std::vector<OrderLine> reductions_of(std::span<const OrderLine> left, std::int64_t gross) {
  std::vector<std::int64_t> weights, parts(left.size());
  for (const OrderLine& line : left) weights.push_back(std::max<std::int64_t>(line.gross, 0));
  share(gross, weights, parts);
  std::vector<OrderLine> lines;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (parts[i] > 0) lines.push_back(reduction_of(left[i], parts[i]));
  return lines;
}

void tax_line(OrderLine& line, std::int64_t rate_of_reverse_charge) {
  TaxedAmount amount;
  amount.amount = line.line_total;
  amount.applied.rate = line.reverse_charge ? rate_of_reverse_charge
                                            : millionths(Decimal::parse(line.tax_rate).value_or(Decimal()));
  amount.applied.category = line.tax_category;
  amount.applied.inclusive = line.tax_inclusive;
  amount.applied.reverse_charge = line.reverse_charge;
  reckon({&amount, 1}, TaxRounding::per_line);
  line.gross = amount.gross;
  line.net = amount.net;
  line.tax = amount.tax;
}

OrderLine fee_line(const OrderLine& like, std::string description, std::int64_t gross) {
  OrderLine line;
  line.kind = LineKind::fee;
  line.description = std::move(description);
  line.quantity = 1;
  line.unit_price = line.line_total = line.gross = gross;
  line.tax_rate = like.tax_rate;
  line.tax_category = like.tax_category;
  line.reverse_charge = like.reverse_charge;
  line.tax_rule_id = like.tax_rule_id;
  line.tax_rule_version = like.tax_rule_version;
  line.tax_country = like.tax_country;
  line.tax_text = like.tax_text;
  line.tax_inclusive = true;  // what is kept is fixed; its tax is part of it
  if (line.reverse_charge) {
    line.net = gross;
    line.tax = 0;
  } else {
    tax_line(line);
  }
  return line;
}

const OrderLine* dearest_ticket(std::span<const OrderLine> left) {
  const OrderLine* dearest = nullptr;
  for (const OrderLine& line : left) {
    if (line.kind == LineKind::fee) continue;
    const bool better = !dearest || (line.kind == LineKind::ticket && dearest->kind != LineKind::ticket) ||
                        (line.kind == dearest->kind && line.unit_price > dearest->unit_price);
    if (better) dearest = &line;
  }
  return dearest;
}

}  // namespace plenary::registration
