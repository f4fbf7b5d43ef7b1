// Money going back, by programs of the staff: what could, what it would come to, doing it whole or in parts,
// and noting what was paid out by hand. source: payments 21, 9.3 and 9.4; docs/orders.md.
#include <algorithm>

#include <fmt/format.h>

#include "api/order_values.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/refunds.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

constexpr std::size_t most_shares = 100;

const Columns refund_columns{{"id"},
                             {"payment_id", "payment"},
                             {"destination", "way"},
                             {"amount"},
                             {"currency"},
                             {"reason_code", "reason"},
                             {"note"},
                             {"status"},
                             {"failure"},
                             {"settled_at"},
                             {"paid_out_at"},
                             {"paid_out_reference"},
                             {"created_at"}};

Shape refund_shape() {
  return Shape::object("Refund", answer_fields(reg::refund_table(), refund_columns));
}

Json refund_value(const Call& call, const reg::Refund& refund) {
  Json value = Json::object();
  add_row(value, reg::refund_table(), &refund, refund_columns,
          Currency::find(refund.currency).value_or(call.currency()));
  return value;
}

Json refunds_value(const Call& call, db::Tx& tx, const reg::Order& order) {
  Json list = Json::list();
  for (const reg::Refund& one : reg::refunds_of(tx, order.id)) list.push(refund_value(call, one));
  return Json::object({{"money", order_money_value(call, tx, order)}, {"refunds", std::move(list)}});
}

Answer list_refunds(Call& call, db::Tx& tx) {
  Answer answer;
  answer.body = refunds_value(call, tx, found_whole_order(call, tx));
  return answer;
}

reg::RefundAsked asked_for(const Call& call, const reg::Order& order) {
  const Currency currency = Currency::find(order.currency).value_or(call.currency());
  reg::RefundAsked asked;
  Faults faults;
  const Json* amount = call.body.find("amount");
  const Json* shares = call.body.find("shares");
  if ((amount != nullptr) == (shares != nullptr))
    faults.push_back({"", "rule", "Give an amount, or how much of which payment goes back as `shares`."});
  if (amount) asked.amount = money_of(*amount, currency, "/amount", faults).value_or(0);
  if (const Json* way = call.body.find("way")) {
    if (shares) faults.push_back({"/way", "rule", "Each of `shares` says its own way."});
    asked.way = way->text() == "credit" ? reg::RefundWay::credit : reg::RefundWay::original;
  }
  for (std::size_t i = 0; shares && i < shares->items().size(); ++i) {
    const Json& share = shares->items()[i];
    const std::string pointer = pointer_to(pointer_to("/shares", i), "amount");
    const std::string& way = share.find("way")->text();
    asked.shares.push_back({share.find("payment")->integer(),
                            way == "card"     ? reg::RefundDestination::card
                            : way == "credit" ? reg::RefundDestination::credit
                                              : reg::RefundDestination::manual,
                            money_of(*share.find("amount"), currency, pointer, faults).value_or(0)});
  }
  throw_if_any(std::move(faults));
  return asked;
}

// Where the body has what the rules name as "amount-PAYMENT" and "way-PAYMENT".
Problem told(const Refused& refused, const reg::RefundAsked& asked) {
  for (std::size_t i = 0; i < asked.shares.size(); ++i)
    for (const char* field : {"amount", "way"})
      if (refused.field() == fmt::format("{}-{}", field, asked.shares[i].payment_id)) {
        const std::string place = pointer_to(pointer_to("/shares", i), field);
        return of(refused, {{refused.field(), place}});
      }
  return of(refused);
}

reg::RefundPlan plan_of(db::Tx& tx, const reg::Order& order, const reg::RefundAsked& asked) {
  const reg::OrderMoney money = reg::money_of(tx, order);
  for (std::size_t i = 0; i < asked.shares.size(); ++i) {
    const bool known = std::any_of(money.payments.begin(), money.payments.end(), [&](const auto& one) {
      return one.id == asked.shares[i].payment_id && one.is_money();
    });
    if (!known)
      throw invalid({{pointer_to(pointer_to("/shares", i), "payment"), "no_such",
                      "The order has no such payment of money."}});
  }
  try {
    return reg::plan_refund(money, order, asked);
  } catch (const Refused& refused) {
    throw told(refused, asked);
  }
}

Answer preview_refund(Call& call, db::Tx& tx) {
  const reg::Order order = found_whole_order(call, tx);
  const reg::RefundAsked asked = asked_for(call, order);
  const reg::RefundPlan plan = plan_of(tx, order, asked);
  const Currency currency = Currency::find(order.currency).value_or(call.currency());
  Json shares = Json::list();
  for (const reg::RefundShare& share : plan.shares)
    shares.push(Json::object({{"payment", share.payment_id},
                              {"amount", money_text(share.amount, currency)},
                              {"way", reg::to_text(share.destination)}}));
  Answer answer;
  answer.body = Json::object({{"amount", money_text(plan.amount, currency)},
                              {"shares", std::move(shares)},
                              {"lowers_by", money_text(plan.lowers_by, currency)},
                              {"takes_all_back", plan.takes_all},
                              {"version", order.version}});
  return answer;
}

Answer create_refund(Call& call, db::Tx& tx) {
  reg::Order order = found_whole_order(call, tx);
  const reg::OrderRow before = found_order(call, tx);
  require_version(call, order.version);
  reg::RefundAsked asked = asked_for(call, order);
  const reg::RefundPlan plan = plan_of(tx, order, asked);
  if (const Json* reason = call.body.find("reason"))
    asked.reason = reason->text() == "duplicate"    ? reg::RefundReason::duplicate
                   : reason->text() == "fraudulent" ? reg::RefundReason::fraudulent
                                                    : reg::RefundReason::requested_by_customer;
  if (const Json* note = call.body.find("note")) asked.note = note->text();
  if (const Json* tells = call.body.find("tell_buyer")) asked.tells_buyer = tells->flag();
  asked.created_by = call.actor().user_id;
  reg::refund(tx, call.parts.shop, gateway_of(call), order, asked,
              {"api", call.actor().name, asked.note.empty() ? "refund by a program" : asked.note});
  const reg::OrderRow after = found_order(call, tx);
  std::vector<conference::AuditChange> more;
  more.push_back({"refund", message("Refund"), "", Money(plan.amount, currency_of(call, after)).display()});
  record_order(call, tx, before, after, more);
  Answer answer;
  answer.status = 201;
  answer.body = refunds_value(call, tx, order);
  return answer;
}

Answer settle_refund(Call& call, db::Tx& tx) {
  const reg::OrderRow row = found_order(call, tx);
  auto refund = reg::find_refund(tx, call.id("refund"));
  if (!refund || refund->order_id != row.id) throw NotFound("no such refund");
  if (refund->destination != reg::RefundDestination::manual)
    throw Problem(409, "settled_by_itself",
                  "Only money that is paid back by hand is settled here; this refund is settled by itself.");
  const Json* reference = call.body.find("reference");
  reg::PaidOut paid;
  if (reference) paid.reference = reference->text();
  paid.created_by = call.actor().user_id;
  if (!reg::mark_paid_out(tx, call.conference_id(), refund->id, paid, {"api", call.actor().name, "paid out"}))
    throw Refused("already_done", "This refund was paid out before.");
  std::vector<conference::AuditChange> more;
  more.push_back(
      {"paid_out", message("Paid out"), "", Money(refund->amount, currency_of(call, row)).display()});
  record_order(call, tx, row, found_order(call, tx), more);
  Answer answer;
  answer.body = refund_value(call, reg::find_refund(tx, refund->id).value());
  return answer;
}

std::vector<Field> asked_fields() {
  const Shape share = Shape::object(
      "RefundShare", {required("payment", Shape::integer(1, INT64_MAX)), required("amount", Shape::money()),
                      required("way", Shape::text().one_of({"card", "credit", "manual"}))});
  return {optional("amount", Shape::money(), "Newest payments first."),
          optional("way", Shape::text().one_of({"original", "credit"}),
                   "Of the amount: each payment the way it came, if nothing is said."),
          optional("shares", Shape::list(share, most_shares, 1),
                   "Instead of an amount: how much of which payment goes which way.")};
}

}  // namespace

std::vector<Operation> refund_operations() {
  std::vector<Operation> list;
  const std::string path = "/conferences/{slug}/orders/{reference}/refunds";
  const Shape all = Shape::object("OrderRefunds", {required("money", order_money_shape()),
                                                   required("refunds", Shape::list(refund_shape(), 10'000))});
  Operation see;
  see.id = "refunds.list";
  see.path = path;
  see.summary = "What was paid for an order, what went back, and what can";
  see.scope = "refunds:read";
  see.permissions = {"view_registration", "change_registration"};
  see.answer = all;
  see.run = list_refunds;
  list.push_back(std::move(see));

  Operation change;
  change.method = web::Method::post;
  change.scope = "refunds:write";
  change.permissions = {"change_registration"};
  change.writes = true;

  Operation preview = change;
  preview.id = "refunds.preview";
  preview.path = "/conferences/{slug}/orders/{reference}/refund-preview";
  preview.summary = "What a refund would come to; nothing is written";
  preview.body = Shape::object("AskedRefund", asked_fields());
  const Shape planned =
      Shape::object("PlannedShare", {required("payment", Shape::integer(0, INT64_MAX)),
                                     required("amount", Shape::money()), required("way", Shape::text(50))});
  preview.answer = Shape::object(
      "RefundPreview",
      {required("amount", Shape::money()), required("shares", Shape::list(planned, 10'000)),
       required("lowers_by", Shape::money(),
                "Beyond what was paid too much: the lines are lowered by it, with its tax."),
       required("takes_all_back", Shape::flag(), "No ticket or extra is left of the order then."),
       required("version", Shape::integer(1, INT64_MAX), "Of the order.")});
  preview.run = preview_refund;
  list.push_back(std::move(preview));

  Operation create = change;
  create.id = "refunds.create";
  create.path = path;
  create.summary = "Sends money back, whole or in parts";
  create.description =
      "Each part succeeds at once, or when its provider has answered: see its `status`. What goes back by "
      "hand "
      "is "
      "to be transferred by somebody, and settled then.";
  create.status = 201;
  std::vector<Field> fields = asked_fields();
  Field version = version_field();
  version.required = true;
  fields.push_back(std::move(version));
  fields.push_back(optional("reason",
                            Shape::text().one_of({"requested_by_customer", "duplicate", "fraudulent"}),
                            "The first, if "
                            "nothing is said."));
  fields.push_back(optional("note", Shape::text(500), "For staff and the order's history."));
  fields.push_back(optional("tell_buyer", Shape::flag(), "By mail; yes, if nothing is said."));
  create.body = Shape::object("NewRefund", std::move(fields));
  create.answer = all;
  create.run = create_refund;
  list.push_back(std::move(create));

  Operation settle = change;
  settle.id = "refunds.settle";
  settle.path = path + "/{refund:int}/settle";
  settle.summary = "Notes that money which goes back by hand was paid out";
  settle.body = Shape::object(
      "PaidOut", {optional("reference", Shape::text(200), "Of the transfer, as the bank knows it.")});
  settle.answer = refund_shape();
  settle.run = settle_refund;
  list.push_back(std::move(settle));
  return list;
}

}  // namespace plenary::api
