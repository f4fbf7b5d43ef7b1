// Orders, their lines, payments and seats, and forms, as templates see them.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "domain/registration/order_lines.hpp"
#include "i18n/languages.hpp"
#include "site/values.hpp"
#include "templating/fields.hpp"

namespace plenary::site {

using registration::Catalogue;
using registration::OrderStatus;
using registration::PaymentStatus;
using templating::Field;
using templating::Value;

bool OrderPage::is_processing() const {
  return (order.status == OrderStatus::pending || is_sold()) &&
         std::any_of(payments.begin(), payments.end(), [](const registration::Payment& payment) {
           return payment.status == PaymentStatus::processing;
         });
}

namespace {

Value text(const std::string& t) {
  return Value::borrowed(t);
}
Value moment(const std::optional<Instant>& at) {
  return at ? Value(*at) : Value();
}

const char* label(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending:
      return message("Pending");
    case OrderStatus::paid:
      return message("Paid");
    case OrderStatus::refunded:
      return message("Refunded");
    case OrderStatus::partially_refunded:
      return message("Partially refunded");
    case OrderStatus::cancelled:
      return message("Cancelled");
  }
  return "";
}

const char* label(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::pending:
      return message("Pending");
    case PaymentStatus::processing:
      return message("Processing");
    case PaymentStatus::succeeded:
      return message("Succeeded");
    case PaymentStatus::failed:
      return message("Failed");
    case PaymentStatus::refunded:
      return message("Refunded");
  }
  return "";
}

const char* channel_label(std::string_view channel) {
  if (channel == "transfer") return message("Bank transfer");
  if (channel == "cash") return message("Cash");
  if (channel == "cheque") return message("Cheque");
  return message("Manual");
}

const char* label(registration::PaymentMethod method) {
  switch (method) {
    case registration::PaymentMethod::stripe:
      return message("Card");
    case registration::PaymentMethod::terminal:
      return message("Card at the desk");
    case registration::PaymentMethod::comp:
      return message("Complimentary");
    case registration::PaymentMethod::credit:
      return message("Credit");
    case registration::PaymentMethod::manual:
      return message("Manual");
    case registration::PaymentMethod::sandbox:
      return message("Sandbox card");
  }
  return "";
}

struct OrderShown {
  const OrderPage* page;
  const Catalogue* catalogue;
  std::string_view language;
  Value amount(std::int64_t minor) const { return amount_value(minor, catalogue->currency); }
  const registration::Order& order() const { return page->order; }
};
constexpr Field<OrderShown> order_fields[] = {
    {"reference", [](const OrderShown& o) { return text(o.order().reference); }},
    {"status", [](const OrderShown& o) { return Value::borrowed(registration::to_text(o.order().status)); }},
    {"get_status_display",
     [](const OrderShown& o) { return Value(i18n::translated(o.language, label(o.order().status))); }},
    {"subtotal", [](const OrderShown& o) { return o.amount(o.order().subtotal); }},
    {"discount_amount", [](const OrderShown& o) { return o.amount(o.order().discount); }},
    {"total", [](const OrderShown& o) { return o.amount(o.order().total); }},
    {"amount_paid", [](const OrderShown& o) { return o.amount(o.page->paid); }},
    {"amount_due", [](const OrderShown& o) { return o.amount(o.page->due()); }},
    {"is_processing", [](const OrderShown& o) { return Value(o.page->is_processing()); }},
    {"is_sandbox", [](const OrderShown& o) { return Value(o.order().is_sandbox); }},
    {"hold_expires_at", [](const OrderShown& o) { return moment(o.order().hold_expires_at); }},
    {"created_at", [](const OrderShown& o) { return Value(o.order().created_at); }},
    {"paid_at", [](const OrderShown& o) { return moment(o.order().paid_at); }},
    {"cancelled_at", [](const OrderShown& o) { return moment(o.order().cancelled_at); }},
    {"billing_name", [](const OrderShown& o) { return text(o.order().billing.name); }},
    {"billing_email", [](const OrderShown& o) { return text(o.order().billing.email); }},
    {"billing_company", [](const OrderShown& o) { return text(o.order().billing.company); }},
    {"billing_is_business", [](const OrderShown& o) { return Value(o.order().billing.is_business); }},
    {"billing_street", [](const OrderShown& o) { return text(o.order().billing.street); }},
    {"billing_postcode", [](const OrderShown& o) { return text(o.order().billing.postcode); }},
    {"billing_city", [](const OrderShown& o) { return text(o.order().billing.city); }},
    {"billing_region", [](const OrderShown& o) { return text(o.order().billing.region); }},
    {"billing_country", [](const OrderShown& o) { return text(o.order().billing.country); }},
    {"billing_vat_id", [](const OrderShown& o) { return text(o.order().billing.vat_id); }},
    {"billing_reference", [](const OrderShown& o) { return text(o.order().billing.reference); }},
    {"vat_confirmed", [](const OrderShown& o) { return Value(o.order().vat_confirmed); }},
    {"tax", [](const OrderShown& o) { return o.amount(o.order().tax); }},
    {"voucher_code", [](const OrderShown& o) { return text(o.order().voucher_code); }},
    {"mail_problem", [](const OrderShown& o) { return text(o.order().mail_problem); }},
    {"currency", [](const OrderShown& o) { return text(o.order().currency); }},
    {"id", [](const OrderShown& o) { return Value(o.order().id); }},
    {"pk", [](const OrderShown& o) { return Value(o.order().id); }},
};

// A line of its own: what was taken back of it is off it already.
struct LineShown {
  registration::OrderLine line;
  const OrderPage* page;
  const Catalogue* catalogue;
  Value amount(std::int64_t minor) const { return amount_value(minor, catalogue->currency); }
  std::int64_t discount() const { return line.condition_discount + line.voucher_discount; }
};
constexpr Field<LineShown> line_fields[] = {
    {"description", [](const LineShown& l) { return text(l.line.description); }},
    {"quantity", [](const LineShown& l) { return Value(l.line.quantity); }},
    {"units", [](const LineShown& l) { return Value(std::abs(l.line.quantity)); }},
    {"unit_price", [](const LineShown& l) { return l.amount(l.line.unit_price); }},
    {"discount_amount", [](const LineShown& l) { return l.amount(l.discount()); }},
    {"discount_signed", [](const LineShown& l) { return l.amount(-l.discount()); }},
    {"discounts",
     [](const LineShown& l) {
       return line_discounts_value(l.line.condition_name, l.line.condition_discount,
                                   l.page->order.voucher_code, l.line.voucher_discount,
                                   l.catalogue->currency);
     }},
    {"has_more", [](const LineShown& l) { return Value(l.discount() != 0); }},
    {"condition_name", [](const LineShown& l) { return text(l.line.condition_name); }},
    {"line_total", [](const LineShown& l) { return l.amount(l.line.line_total); }},
    {"final_total", [](const LineShown& l) { return l.amount(l.line.line_total); }},
    {"gross", [](const LineShown& l) { return l.amount(l.line.gross); }},
    {"tax", [](const LineShown& l) { return l.amount(l.line.tax); }},
    {"id", [](const LineShown& l) { return Value(l.line.id); }},
};

struct PaymentShown {
  const registration::Payment* payment;
  const Catalogue* catalogue;
  std::string_view language;
};
constexpr Field<PaymentShown> payment_fields[] = {
    {"method",
     [](const PaymentShown& p) { return Value::borrowed(registration::to_text(p.payment->method)); }},
    {"get_method_display",
     [](const PaymentShown& p) {
       const bool by_hand = p.payment->method == registration::PaymentMethod::manual;
       return Value(i18n::translated(p.language,
                                     by_hand ? channel_label(p.payment->channel) : label(p.payment->method)));
     }},
    {"card_brand", [](const PaymentShown& p) { return text(p.payment->card_brand); }},
    {"card_last4", [](const PaymentShown& p) { return text(p.payment->card_last4); }},
    {"status",
     [](const PaymentShown& p) { return Value::borrowed(registration::to_text(p.payment->status)); }},
    {"get_status_display",
     [](const PaymentShown& p) { return Value(i18n::translated(p.language, label(p.payment->status))); }},
    {"amount", [](const PaymentShown& p) { return amount_value(p.payment->amount, p.catalogue->currency); }},
    {"reference", [](const PaymentShown& p) { return text(p.payment->reference); }},
    {"created_at", [](const PaymentShown& p) { return Value(p.payment->created_at); }},
};

struct SeatShown {
  const registration::Seat* seat;
  const Catalogue* catalogue;
};
constexpr Field<SeatShown> seat_fields[] = {
    {"ticket_type",
     [](const SeatShown& s) {
       const auto* type = s.catalogue->ticket_type(s.seat->ticket_type_id);
       return type ? text(type->name) : Value("");
     }},
    {"position", [](const SeatShown& s) { return Value(s.seat->position); }},
    {"access_code", [](const SeatShown& s) { return text(s.seat->access_code); }},
    {"name", [](const SeatShown& s) { return text(s.seat->name); }},
    {"email", [](const SeatShown& s) { return text(s.seat->email); }},
};

template <class Shown, class T, std::size_t N>
Value each_with_catalogue(const std::vector<T>& items, const Catalogue& catalogue,
                          const Field<Shown> (&fields)[N]) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const T& item : items) values.push_back(owned(Shown{&item, &catalogue}, fields));
  return Value::list(std::move(values));
}

}  // namespace

Value order_value(const OrderPage& page, const Catalogue& catalogue, std::string_view language) {
  return owned(OrderShown{&page, &catalogue, language}, order_fields);
}
Value line_items_value(const OrderPage& page, const Catalogue& catalogue) {
  std::vector<Value> values;
  for (registration::OrderLine& line : registration::lines_left(page.order.lines)) {
    values.push_back(owned(LineShown{std::move(line), &page, &catalogue}, line_fields));
  }
  return Value::list(std::move(values));
}
Value taken_back_value(const OrderPage& page, const Catalogue& catalogue) {
  std::vector<Value> values;
  for (const registration::OrderLine& line : page.order.lines) {
    if (line.reverses_line_id) values.push_back(owned(LineShown{line, &page, &catalogue}, line_fields));
  }
  return Value::list(std::move(values));
}
Value payments_value(const OrderPage& page, const Catalogue& catalogue, std::string_view language) {
  std::vector<Value> values;
  values.reserve(page.payments.size());
  for (const registration::Payment& payment : page.payments) {
    values.push_back(owned(PaymentShown{&payment, &catalogue, language}, payment_fields));
  }
  return Value::list(std::move(values));
}
Value seats_value(const OrderPage& page, const Catalogue& catalogue) {
  return each_with_catalogue<SeatShown>(page.seats, catalogue, seat_fields);
}

}  // namespace plenary::site
