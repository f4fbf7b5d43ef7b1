// The texts of the enumerations, one table each.
#include "domain/registration/types.hpp"

#include <array>
#include <stdexcept>

namespace plenary::registration {
namespace {

template <class E, std::size_t N>
E parse(std::string_view text, const std::array<std::string_view, N>& names, const char* what) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  throw std::invalid_argument(std::string("unknown ") + what + " \"" + std::string(text) + "\"");
}

constexpr std::array<std::string_view, 2> product_kinds{"ticket_type", "addon"};
constexpr std::array<std::string_view, 3> line_kinds{"ticket", "addon", "fee"};
constexpr std::array<std::string_view, 5> tax_categories{"standard", "reduced", "zero", "exempt", "outside"};
constexpr std::array<std::string_view, 4> cart_statuses{"open", "checked_out", "expired", "abandoned"};
constexpr std::array<std::string_view, 5> order_statuses{"pending", "paid", "refunded", "partially_refunded",
                                                         "cancelled"};
constexpr std::array<std::string_view, 5> payment_statuses{"pending", "processing", "succeeded", "failed",
                                                           "refunded"};
constexpr std::array<std::string_view, 6> payment_methods{"stripe", "terminal", "comp",
                                                          "credit", "manual",   "sandbox"};

}  // namespace

std::string_view to_text(ProductKind v) {
  return product_kinds[static_cast<std::size_t>(v)];
}
std::string_view to_text(LineKind v) {
  return line_kinds[static_cast<std::size_t>(v)];
}
std::string_view to_text(TaxCategory v) {
  return tax_categories[static_cast<std::size_t>(v)];
}
std::string_view to_text(CartStatus v) {
  return cart_statuses[static_cast<std::size_t>(v)];
}
std::string_view to_text(OrderStatus v) {
  return order_statuses[static_cast<std::size_t>(v)];
}
std::string_view to_text(PaymentStatus v) {
  return payment_statuses[static_cast<std::size_t>(v)];
}
std::string_view to_text(PaymentMethod v) {
  return payment_methods[static_cast<std::size_t>(v)];
}

ProductKind product_kind(std::string_view t) {
  return parse<ProductKind>(t, product_kinds, "product kind");
}
LineKind line_kind(std::string_view t) {
  return parse<LineKind>(t, line_kinds, "line kind");
}
TaxCategory tax_category(std::string_view t) {
  return parse<TaxCategory>(t, tax_categories, "tax category");
}
CartStatus cart_status(std::string_view t) {
  return parse<CartStatus>(t, cart_statuses, "cart status");
}
OrderStatus order_status(std::string_view t) {
  return parse<OrderStatus>(t, order_statuses, "order status");
}
PaymentStatus payment_status(std::string_view t) {
  return parse<PaymentStatus>(t, payment_statuses, "payment status");
}
PaymentMethod payment_method(std::string_view t) {
  return parse<PaymentMethod>(t, payment_methods, "payment method");
}

}  // namespace plenary::registration
