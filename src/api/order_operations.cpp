// Orders for programs of the staff: lists, one with all that belongs to it, notes, cancelling. source:
// registration 20, 11 and 13.
#include "api/order_values.hpp"

#include "domain/registration/listing.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/self_service.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

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
  for (const reg::OrderRow& row : rows) list.push(order_summary(call, row));
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
  record_order(call, tx, before, *after);
  Answer answer;
  answer.body = order_value(call, tx, *after);
  return answer;
}

Answer cancel_order(Call& call, db::Tx& tx) {
  const reg::OrderRow before = found_order(call, tx);
  require_version(call, before.version);
  reg::Order order = found_whole_order(call, tx);
  if (order.status == reg::OrderStatus::cancelled)
    throw Refused("already_done", "This order is cancelled already.");
  using Way = reg::StaffCancellation::Money;
  reg::StaffCancellation asked;
  Faults faults;
  if (const Json* fee = call.body.find("fee"))
    asked.fee = money_of(*fee, currency_of(call, before), "/fee", faults).value_or(0);
  throw_if_any(std::move(faults));
  if (const Json* money = call.body.find("money"))
    asked.money = money->text() == "credit"  ? Way::credit
                  : money->text() == "later" ? Way::later
                                             : Way::original;
  if (const Json* reason = call.body.find("reason")) asked.reason = reason->text();
  if (const Json* tells = call.body.find("tell_buyer")) asked.tells_buyer = tells->flag();
  asked.created_by = call.actor().user_id;
  // Money that goes back has a scope of its own.
  if (order.status != reg::OrderStatus::pending || reg::money_of(tx, order).refundable > 0)
    require_scope(call, "refunds:write");
  try {
    reg::cancel_by_staff(tx, call.parts.shop, gateway_of(call), order, asked, order.version,
                         {"api", call.actor().name, asked.reason.empty() ? "cancelled" : asked.reason});
  } catch (const Refused& refused) {
    throw of(refused, {{"fee", "/fee"}, {"money", "/money"}});
  }
  const reg::OrderRow after = found_order(call, tx);
  record_order(call, tx, before, after);
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
  all.answer = page_shape("OrderPage", "orders", order_summary_shape());
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
      "OrderNotes", {optional("comment", Shape::text(2'000)),
                     optional("attention", Shape::text(500), "Empty: nobody needs to."), version_field()});
  note.writes = true;
  note.run = note_order;
  list.push_back(note);

  Operation cancel = one;
  cancel.id = "orders.cancel";
  cancel.method = Method::post;
  cancel.path = "/conferences/{slug}/orders/{reference}/cancel";
  cancel.summary = "Cancels an order: what it held or sold is free";
  cancel.description =
      "An unpaid order is cancelled as it is. Of a paid one every line is taken back and its money goes "
      "back, "
      "less "
      "a fee; that needs the scope refunds:write as well, as does an unpaid one of which a part came in.";
  cancel.scope = "orders:write";
  cancel.permissions = may_change;
  cancel.body = Shape::object(
      "Cancellation",
      {optional("reason", Shape::text(200), "Told to the buyer."),
       optional("fee", Shape::money(), "Kept of what was paid."),
       optional("money", Shape::text().one_of({"original", "credit", "later"}),
                "Where the rest goes: back the way it was paid, if nothing is said; to the buyer's account; "
                "nowhere yet."),
       optional("tell_buyer", Shape::flag(), "By mail; yes, if nothing is said."), version_field()});
  cancel.writes = true;
  cancel.run = cancel_order;
  list.push_back(std::move(cancel));
  return list;
}

}  // namespace plenary::api
