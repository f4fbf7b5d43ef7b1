// Orders, their lines, payments and seats, and forms, as templates see them.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "site/values.hpp"
#include "templating/fields.hpp"

namespace plenary::site {

using registration::Catalogue;
using registration::OrderStatus;
using registration::PaymentStatus;
using templating::Field;
using templating::Value;

bool OrderPage::is_processing() const {
  return order.status == OrderStatus::pending &&
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

std::string_view label(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending:
      return "Pending";
    case OrderStatus::paid:
      return "Paid";
    case OrderStatus::refunded:
      return "Refunded";
    case OrderStatus::partially_refunded:
      return "Partially refunded";
    case OrderStatus::cancelled:
      return "Cancelled";
  }
  return {};
}

std::string_view label(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::pending:
      return "Pending";
    case PaymentStatus::processing:
      return "Processing";
    case PaymentStatus::succeeded:
      return "Succeeded";
    case PaymentStatus::failed:
      return "Failed";
    case PaymentStatus::refunded:
      return "Refunded";
  }
  return {};
}

std::string_view label(registration::PaymentMethod method) {
  switch (method) {
    case registration::PaymentMethod::stripe:
      return "Card";
    case registration::PaymentMethod::terminal:
      return "Card at the desk";
    case registration::PaymentMethod::comp:
      return "Complimentary";
    case registration::PaymentMethod::credit:
      return "Credit";
    case registration::PaymentMethod::manual:
      return "Manual";
    case registration::PaymentMethod::sandbox:
      return "Sandbox card";
  }
  return {};
}

struct OrderShown {
  const OrderPage* page;
  const Catalogue* catalogue;
  Value amount(std::int64_t minor) const { return amount_value(minor, catalogue->currency); }
  const registration::Order& order() const { return page->order; }
};
constexpr Field<OrderShown> order_fields[] = {
    {"reference", [](const OrderShown& o) { return text(o.order().reference); }},
    {"status", [](const OrderShown& o) { return Value::borrowed(registration::to_text(o.order().status)); }},
    {"get_status_display", [](const OrderShown& o) { return Value::borrowed(label(o.order().status)); }},
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
    {"voucher_code", [](const OrderShown&) { return Value(""); }},
    {"mail_problem", [](const OrderShown& o) { return text(o.order().mail_problem); }},
    {"currency", [](const OrderShown& o) { return text(o.order().currency); }},
    {"id", [](const OrderShown& o) { return Value(o.order().id); }},
    {"pk", [](const OrderShown& o) { return Value(o.order().id); }},
};

struct LineShown {
  const registration::OrderLine* line;
  const Catalogue* catalogue;
  Value amount(std::int64_t minor) const { return amount_value(minor, catalogue->currency); }
};
constexpr Field<LineShown> line_fields[] = {
    {"description", [](const LineShown& l) { return text(l.line->description); }},
    {"quantity", [](const LineShown& l) { return Value(l.line->quantity); }},
    {"unit_price", [](const LineShown& l) { return l.amount(l.line->unit_price); }},
    {"discount_amount",
     [](const LineShown& l) { return l.amount(l.line->condition_discount + l.line->voucher_discount); }},
    {"condition_name", [](const LineShown& l) { return text(l.line->condition_name); }},
    {"line_total", [](const LineShown& l) { return l.amount(l.line->line_total); }},
    {"id", [](const LineShown& l) { return Value(l.line->id); }},
};

struct PaymentShown {
  const registration::Payment* payment;
  const Catalogue* catalogue;
};
constexpr Field<PaymentShown> payment_fields[] = {
    {"method",
     [](const PaymentShown& p) { return Value::borrowed(registration::to_text(p.payment->method)); }},
    {"get_method_display", [](const PaymentShown& p) { return Value::borrowed(label(p.payment->method)); }},
    {"status",
     [](const PaymentShown& p) { return Value::borrowed(registration::to_text(p.payment->status)); }},
    {"get_status_display", [](const PaymentShown& p) { return Value::borrowed(label(p.payment->status)); }},
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

// {{ field }} prints the input alone, as templates written for Django expect.
class FieldObject : public templating::Object {
 public:
  explicit FieldObject(web::FieldView field) : field_(std::move(field)) {}

  Value get(std::string_view name) const override {
    if (name == "name" || name == "html_name") return site_text(field_.name);
    if (name == "id_for_label" || name == "id" || name == "auto_id") return site_text(field_.id);
    if (name == "label") return site_text(field_.label);
    if (name == "help_text") return site_text(field_.help);
    if (name == "error_id") return site_text(field_.error_id);
    if (name == "required") return field_.required;
    if (name == "invalid") return field_.invalid;
    if (name == "value") return site_text(field_.value);
    if (name == "errors") {
      std::vector<Value> errors;
      for (const std::string& error : field_.errors) errors.push_back(site_text(error));
      return Value::list(std::move(errors));
    }
    return Value::undefined();
  }

  Value text() const override {
    std::string out = "<input type=\"" + field_.kind + "\" name=\"" + html_escape(field_.name) + "\" id=\"" +
                      html_escape(field_.id) + "\" value=\"" + html_escape(field_.value) + "\"";
    if (field_.max_length > 0) out += " maxlength=\"" + std::to_string(field_.max_length) + "\"";
    if (!field_.autocomplete.empty()) out += " autocomplete=\"" + html_escape(field_.autocomplete) + "\"";
    if (field_.required) out += " required";
    if (field_.invalid) {
      out += " aria-invalid=\"true\" aria-describedby=\"" + html_escape(field_.error_id) + "\"";
    }
    out += ">";
    return Value::safe(out);
  }

 private:
  static Value site_text(const std::string& t) { return Value::borrowed(t); }
  web::FieldView field_;
};

class FormObject : public templating::Object {
 public:
  explicit FormObject(std::vector<web::FieldView> fields) {
    for (web::FieldView& field : fields) {
      names_.push_back(field.name);
      fields_.push_back(Value(templating::make<FieldObject>(std::move(field))));
    }
  }
  Value get(std::string_view name) const override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return fields_[i];
    }
    return Value::undefined();
  }
  bool is_sequence() const override { return true; }
  std::size_t size() const override { return fields_.size(); }
  Value at(std::size_t index) const override { return fields_[index]; }

 private:
  std::vector<std::string> names_;
  std::vector<Value> fields_;
};

}  // namespace

Value order_value(const OrderPage& page, const Catalogue& catalogue) {
  return owned(OrderShown{&page, &catalogue}, order_fields);
}
Value line_items_value(const OrderPage& page, const Catalogue& catalogue) {
  return each_with_catalogue<LineShown>(page.order.lines, catalogue, line_fields);
}
Value payments_value(const OrderPage& page, const Catalogue& catalogue) {
  return each_with_catalogue<PaymentShown>(page.payments, catalogue, payment_fields);
}
Value seats_value(const OrderPage& page, const Catalogue& catalogue) {
  return each_with_catalogue<SeatShown>(page.seats, catalogue, seat_fields);
}
Value form_value(std::vector<web::FieldView> fields) {
  return Value(templating::make<FormObject>(std::move(fields)));
}

}  // namespace plenary::site
