#include "api/order_values.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "domain/registration/listing.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/refunds.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

const Columns order_columns{{"reference"},
                            {"status"},
                            {"currency"},
                            {"subtotal"},
                            {"discount_amount", "discount"},
                            {"tax"},
                            {"total"},
                            {"voucher_code"},
                            {"billing_name"},
                            {"billing_email"},
                            {"billing_company"},
                            {"billing_is_business"},
                            {"billing_street"},
                            {"billing_postcode"},
                            {"billing_city"},
                            {"billing_region"},
                            {"billing_country"},
                            {"billing_vat_id"},
                            {"billing_reference"},
                            {"vat_confirmed"},
                            {"language"},
                            {"utm_source"},
                            {"utm_medium"},
                            {"utm_campaign"},
                            {"is_sandbox"},
                            {"attention"},
                            {"comment"},
                            {"mail_problem"},
                            {"hold_expires_at"},
                            {"paid_at"},
                            {"cancelled_at"},
                            {"version"},
                            {"created_at"},
                            {"updated_at"}};
const Columns line_columns{{"id"},
                           {"kind"},
                           {"description"},
                           {"quantity"},
                           {"unit_price"},
                           {"condition_name", "condition"},
                           {"condition_discount"},
                           {"voucher_discount"},
                           {"line_total"},
                           {"gross"},
                           {"net"},
                           {"tax"},
                           {"tax_rate"},
                           {"tax_category"},
                           {"tax_inclusive", "tax_is_included"},
                           {"tax_country"},
                           {"reverse_charge"},
                           {"reverses_line_id", "reverses_line"}};
const Columns payment_columns{{"id"},       {"method"},    {"status"}, {"amount"},
                              {"currency"}, {"reference"}, {"note"},   {"created_at"}};
const Columns seat_columns{{"id"},    {"position"},     {"status"},       {"name"},
                           {"email"}, {"confirmed_at"}, {"checked_in_at"}};

}  // namespace

Shape order_summary_shape() {
  return Shape::object("OrderSummary", answer_fields(reg::order_table(), order_columns));
}

Shape order_shape() {
  std::vector<Field> fields = answer_fields(reg::order_table(), order_columns);
  fields.push_back(required(
      "lines",
      Shape::list(Shape::object("OrderLine", answer_fields(reg::order_line_table(), line_columns)), 100'000),
      "Sums over them are what the order is now: a line that takes another one back is below "
      "zero."));
  fields.push_back(required(
      "payments",
      Shape::list(Shape::object("Payment", answer_fields(reg::payment_table(), payment_columns)), 100'000)));
  fields.push_back(required(
      "seats", Shape::list(Shape::object("Seat", answer_fields(reg::seat_table(), seat_columns)), 100'000)));
  const Shape answer = Shape::object(
      "Answer",
      {required("position", Shape::integer(0, INT64_MAX), "0: the order's; else the ticket's."),
       required("question", Shape::text(10'000), "As it was asked."), required("value", Shape::text(100'000)),
       required("shown", Shape::text(100'000), "For people."), required("answered_at", Shape::instant())});
  fields.push_back(required("answers", Shape::list(answer, 100'000)));
  return Shape::object("Order", std::move(fields));
}

namespace {

template <class Row>
Json rows_value(const db::Table& table, const std::vector<Row>& rows, const Columns& columns,
                Currency currency) {
  Json list = Json::list();
  for (const Row& row : rows) {
    Json value = Json::object();
    add_row(value, table, &row, columns, currency);
    list.push(std::move(value));
  }
  return list;
}

}  // namespace

Currency currency_of(const Call& call, const reg::OrderRow& row) {
  return Currency::find(row.currency).value_or(call.currency());
}

Json order_summary(const Call& call, const reg::OrderRow& row) {
  Json value = Json::object();
  add_row(value, reg::order_table(), &row, order_columns, currency_of(call, row));
  return value;
}

Json order_value(const Call& call, db::Tx& tx, const reg::OrderRow& row) {
  const Currency currency = currency_of(call, row);
  Json value = Json::object();
  add_row(value, reg::order_table(), &row, order_columns, currency);
  value.set("lines",
            rows_value(reg::order_line_table(), reg::order_line_rows(tx, row.id), line_columns, currency));
  value.set("payments",
            rows_value(reg::payment_table(), reg::payment_rows(tx, row.id), payment_columns, currency));
  value.set("seats", rows_value(reg::seat_table(), reg::seat_rows(tx, row.id), seat_columns, currency));
  Json answers = Json::list();
  for (const reg::KeptAnswer& one : reg::answers_of(tx, row.id))
    answers.push(Json::object({{"position", one.position},
                               {"question", one.text},
                               {"value", one.value},
                               {"shown", one.shown},
                               {"answered_at", one.answered_at.to_string()}}));
  value.set("answers", std::move(answers));
  return value;
}

reg::OrderRow found_order(const Call& call, db::Tx& tx) {
  auto row = reg::find_order_row(tx, call.conference_id(), call.param("reference"));
  if (!row) throw NotFound("no such order");
  return std::move(*row);
}

reg::Order found_whole_order(const Call& call, db::Tx& tx) {
  auto order = reg::find_order(tx, found_order(call, tx).id);
  if (!order) throw NotFound("no such order");
  return std::move(*order);
}

void record_order(const Call& call, db::Tx& tx, const reg::OrderRow& before, const reg::OrderRow& after,
                  const std::vector<conference::AuditChange>& more) {
  std::vector<conference::AuditChange> changes =
      changes_between(reg::order_table(), &before, &after, currency_of(call, after));
  changes.insert(changes.end(), more.begin(), more.end());
  record(call, tx, conference::AuditAction::change, {"orders", after.id, after.reference, after.version},
         changes);
}

void require_scope(const Call& call, std::string_view scope) {
  if (!call.token || !call.token->token.has_scope(scope))
    throw Problem(403, "scope_needed", fmt::format("This needs a token with the scope {}, too.", scope));
}

const reg::PaymentGateway& gateway_of(const Call& call) {
  if (!call.parts.gateway) throw std::logic_error("the service was made without a payment gateway");
  return *call.parts.gateway;
}

Shape order_money_shape() {
  const Shape payment = Shape::object(
      "PaymentMoney",
      {required("id", Shape::integer(0, INT64_MAX)), required("method", Shape::text(50)),
       required("status", Shape::text(50)), required("amount", Shape::money()),
       required("refunded", Shape::money()), required("requested", Shape::money(), "Not answered yet."),
       required("refundable", Shape::money()),
       required("ways", Shape::list(Shape::text(50)), "Where it can go back to, the usual one first.")});
  return Shape::object(
      "OrderMoney",
      {required("currency", Shape::text(3)), required("owed", Shape::money(), "By the buyer, altogether."),
       required("kept", Shape::money(), "Came in and did not go back."),
       required("due", Shape::money(), "Still to be paid."),
       required("to_refund", Shape::money(), "Was paid too much and can go back."),
       required("refundable", Shape::money(), "All that can go back."), required("refunded", Shape::money()),
       required("requested", Shape::money()), required("payments", Shape::list(payment, 10'000))});
}

Json order_money_value(const Call& call, db::Tx& tx, const reg::Order& order) {
  const Currency currency = Currency::find(order.currency).value_or(call.currency());
  const reg::OrderMoney money = reg::money_of(tx, order);
  Json payments = Json::list();
  for (const reg::PaymentMoney& one : money.payments) {
    Json ways = Json::list();
    if (one.refundable() > 0)
      for (const reg::RefundDestination way : reg::ways_back(one.method, order.user_id.has_value()))
        ways.push(std::string(reg::to_text(way)));
    payments.push(Json::object({{"id", one.id},
                                {"method", reg::to_text(one.method)},
                                {"status", reg::to_text(one.status)},
                                {"amount", money_text(one.amount, currency)},
                                {"refunded", money_text(one.refunded, currency)},
                                {"requested", money_text(one.requested, currency)},
                                {"refundable", money_text(one.refundable(), currency)},
                                {"ways", std::move(ways)}}));
  }
  return Json::object({{"currency", order.currency},
                       {"owed", money_text(money.owed, currency)},
                       {"kept", money_text(money.kept, currency)},
                       {"due", money_text(money.due(), currency)},
                       {"to_refund", money_text(money.to_refund(), currency)},
                       {"refundable", money_text(money.refundable, currency)},
                       {"refunded", money_text(money.refunded, currency)},
                       {"requested", money_text(money.requested, currency)},
                       {"payments", std::move(payments)}});
}

}  // namespace plenary::api
