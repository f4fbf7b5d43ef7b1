// Orders for programs of the staff: lists, one with all that belongs to it, notes, cancelling. source:
// registration 20, 11 and 13.
#include "api/staff_values.hpp"

#include "domain/registration/listing.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/records.hpp"

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

Shape summary_shape() {
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

Currency currency_of(const Call& call, const reg::OrderRow& row) {
  return Currency::find(row.currency).value_or(call.currency());
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

Answer list_orders(Call& call, db::Tx& tx) {
  reg::OrderFilter filter;
  if (const Json* one = call.asked("status")) filter.status = one->text();
  if (const Json* one = call.asked("email")) filter.email = one->text();
  if (const Json* one = call.asked("voucher")) filter.voucher_code = one->text();
  if (const Json* one = call.asked("needs_attention")) filter.needs_attention = one->flag();
  if (const Json* one = call.asked("created_from")) filter.created_from = Instant::parse(one->text());
  if (const Json* one = call.asked("created_until")) filter.created_until = Instant::parse(one->text());
  auto rows = reg::orders_page(tx, call.conference_id(), filter, after_id(call), call.limit() + 1);
  Answer answer;
  cut_page(call, rows, answer);
  Json list = Json::list();
  for (const reg::OrderRow& row : rows) {
    Json value = Json::object();
    add_row(value, reg::order_table(), &row, order_columns, currency_of(call, row));
    list.push(std::move(value));
  }
  answer.body = Json::object({{"orders", std::move(list)}});
  return answer;
}

Answer show_order(Call& call, db::Tx& tx) {
  Answer answer;
  answer.body = order_value(call, tx, found_order(call, tx));
  return answer;
}

Answer note_order(Call& call, db::Tx& tx) {
  const reg::OrderRow before = found_order(call, tx);
  require_version(call, before.version);
  const Json* comment = call.body.find("comment");
  const Json* attention = call.body.find("attention");
  const auto after = reg::note_order(tx, before, comment ? comment->text() : before.comment,
                                     attention ? attention->text() : before.attention);
  if (!after) throw Refused("changed_meanwhile", "Somebody else changed it meanwhile: read it again.");
  record(call, tx, conference::AuditAction::change, {"orders", after->id, after->reference, after->version},
         changes_between(reg::order_table(), &before, &*after, currency_of(call, *after)));
  Answer answer;
  answer.body = order_value(call, tx, *after);
  return answer;
}

Answer cancel_order(Call& call, db::Tx& tx) {
  const reg::OrderRow before = found_order(call, tx);
  require_version(call, before.version);
  auto order = reg::find_order(tx, before.id);
  if (!order) throw NotFound("no such order");
  if (order->status == reg::OrderStatus::cancelled)
    throw Refused("already_done", "This order is cancelled already.");
  const Json* reason = call.body.find("reason");
  reg::apply(tx, call.parts.shop, *order, reg::Transition::cancelled_by_staff,
             {"api", call.actor().name, reason ? reason->text() : "cancelled"});
  const reg::OrderRow after = found_order(call, tx);
  record(call, tx, conference::AuditAction::change, {"orders", after.id, after.reference, after.version},
         changes_between(reg::order_table(), &before, &after, currency_of(call, after)));
  Answer answer;
  answer.body = order_value(call, tx, after);
  return answer;
}

}  // namespace

std::vector<Operation> order_operations() {
  using web::Method;
  const std::vector<std::string_view> may_see{"view_registration", "change_registration"},
      may_change{"change_registration"};
  std::vector<Operation> list;

  Operation all;
  all.id = "orders.list";
  all.path = "/conferences/{slug}/orders";
  all.summary = "Orders, the oldest first";
  all.scope = "orders:read";
  all.permissions = may_see;
  all.query = {optional("status", Shape::text().one_of(
                                      {"pending", "paid", "refunded", "partially_refunded", "cancelled"})),
               optional("email", Shape::text(254), "The buyer's."),
               optional("voucher", Shape::text(100), "Its code."),
               optional("needs_attention", Shape::flag()),
               optional("created_from", Shape::instant()),
               optional("created_until", Shape::instant())};
  all.is_paged = true;
  all.answer = page_shape("OrderPage", "orders", summary_shape());
  all.run = list_orders;
  list.push_back(std::move(all));

  Operation one;
  one.id = "orders.get";
  one.path = "/conferences/{slug}/orders/{reference}";
  one.summary = "An order with its lines, payments and seats";
  one.scope = "orders:read";
  one.permissions = may_see;
  one.answer = order_shape();
  one.run = show_order;
  list.push_back(one);

  Operation note = one;
  note.id = "orders.update";
  note.method = Method::patch;
  note.summary = "Staff's own comment, and why somebody should look at it";
  note.scope = "orders:write";
  note.permissions = may_change;
  note.body = Shape::object(
      "OrderNotes", {optional("comment", Shape::text(5'000)),
                     optional("attention", Shape::text(200), "Empty: nobody needs to."), version_field()});
  note.writes = true;
  note.run = note_order;
  list.push_back(note);

  Operation cancel = one;
  cancel.id = "orders.cancel";
  cancel.method = Method::post;
  cancel.path = "/conferences/{slug}/orders/{reference}/cancel";
  cancel.summary = "Cancels an unpaid order: what it held is free";
  cancel.scope = "orders:write";
  cancel.permissions = may_change;
  cancel.body = Shape::object("Cancellation", {optional("reason", Shape::text(200)), version_field()});
  cancel.writes = true;
  cancel.run = cancel_order;
  list.push_back(std::move(cancel));
  return list;
}

}  // namespace plenary::api
