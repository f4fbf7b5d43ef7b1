// Money of an order by hand: a payment that came in, a balance that is waived, money going back part by part,
// a cancellation. source: staff pages 70, 11.5 and 14.1; payments 21, 5.2, 5.3 and 9.3.
// One subject, a little over 500 lines: its forms read an order's money the same way and share their pages.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/self_service.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "manage/team.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/shown_amount.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::manage {
namespace {

using registration::ManualChannel;
using registration::Order;
using registration::OrderStatus;
using registration::PaymentRow;
using registration::RefundDestination;
using registration::RefundReason;
using site::Fault;
using site::tr;
using templating::Value;

constexpr std::size_t longest_reference = 200, longest_note = 2000, longest_reason = 500;

Fault fault_of(const web::Request& request, const Refused& refused) {
  return {refused.field(), tr(request, refused)};
}

Value option(std::string_view value, const std::string& label, std::string_view chosen) {
  return Value::dict({{"value", Value(value)}, {"label", Value(label)}, {"chosen", Value(value == chosen)}});
}

// ---- money in

struct Payable {
  Order order;
  std::int64_t due = 0;
  std::vector<registration::Credit> credits;  // of the buyer, that can be spent on it
  std::int64_t by_credit = 0;                 // due, when it is paid with them
};
Payable payable_here(db::Tx& tx, const Visit& visit, std::int64_t id) {
  Payable payable;
  payable.order = order_here(tx, visit, id);
  payable.due = registration::payable_by_hand(tx, *visit.catalogue, payable.order);
  payable.credits = registration::spendable_credits(tx, *visit.catalogue, payable.order);
  payable.by_credit = registration::payable_by_credit(tx, payable.order);
  return payable;
}

web::Response payment_page(Site& site, web::Request& request, const Payable& payable,
                           std::vector<Fault> faults, int status) {
  const Visit& visit = request.context<Visit>();
  const Order& order = payable.order;
  site::Page page(site, request, "django_program/manage/order_payment.html");
  order_frame(page, site, request, order, tr(request, message("Record a payment")));
  const bool is_sent = !web::is_safe(request.method());
  const std::string chosen(is_sent ? request.form()["channel"] : std::string_view("transfer"));
  std::vector<Value> channels;
  for (const ManualChannel channel :
       {ManualChannel::transfer, ManualChannel::cash, ManualChannel::cheque, ManualChannel::card_reader}) {
    const std::string_view stored = registration::to_text(channel);
    channels.push_back(
        option(stored, tr(request, method_word(registration::PaymentMethod::manual, stored)), chosen));
  }
  std::vector<Value> credits;
  for (const registration::Credit& credit : payable.credits)
    credits.push_back(Value::dict(
        {{"id", Value(credit.id)},
         {"remaining", Value(amount_text(request, order, credit.remaining))},
         {"used", Value(amount_text(request, order, std::min(credit.remaining, payable.by_credit)))},
         {"note", Value(credit.note)}}));
  page.set("credits", Value::list(std::move(credits)));
  page.set("channels", Value::list(std::move(channels)))
      .set("due", Value(amount_text(request, order, payable.due)))
      .set("shown_due", Value(payable.due))
      .set("is_payable", Value(payable.due > 0))
      .set("currency", Value(order.currency))
      .set("has_account", Value(order.user_id.has_value()))
      .set("today", Value(visit.catalogue->zone.local(visit.now).date.to_string()))
      .set("amount", Value(plain_amount(payable.due, order.currency)))
      .set("received_on", Value(visit.catalogue->zone.local(visit.now).date.to_string()))
      .set("hold_is_over", Value(order.status == OrderStatus::pending && !order.hold_is_live(visit.now)))
      .set("excess", Value(is_sent && request.form()["excess"] == "1"));
  keep_typed(page, request, {"amount", "received_on", "reference", "note"});
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

registration::ManualPayment payment_of(const web::Request& request, const web::FormData& form,
                                       const Order& order, std::vector<Fault>& faults) {
  registration::ManualPayment payment;
  const auto amount = typed_amount(form["amount"], order.currency);
  if (!amount || *amount == 0)
    faults.push_back({"amount", tr(request, message("Enter an amount like 12.50."))});
  payment.amount = amount.value_or(0);
  if (const auto channel = registration::manual_channel(form["channel"]))
    payment.channel = *channel;
  else
    faults.push_back({"channel", tr(request, message("Choose how the money came."))});
  if (const std::string_view day = trimmed(form["received_on"]); !day.empty()) {
    payment.received_on = Date::parse(day);
    if (!payment.received_on)
      faults.push_back({"received_on", tr(request, message("Write the day like 2027-05-31."))});
  }
  payment.reference = typed_text(request, form, "reference", longest_reference, faults);
  payment.note = typed_text(request, form, "note", longest_note, faults);
  payment.excess_as_credit = form["excess"] == "1";
  payment.created_by = user_of(request.context<Visit>());
  return payment;
}

// A credit of the buyer's account is spent on the order, as the buyer would. source: staff pages 70, 11.5.
Task<web::Response> spend_credit(Site& site, web::Request& request, std::int64_t id, std::int64_t credit) {
  const Visit& visit = request.context<Visit>();
  registration::AppliedCredit applied;
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    applied =
        registration::apply_credit(tx, site.shop, order, credit, cause_of(request, "paid with a credit"));
    // A card form that is open somewhere asks for more than is due now.
    if (site.cards) site.cards->cancel_later(tx, order.id);
    return std::vector<conference::AuditChange>{
        noted("payment", "Payment", "",
              fmt::format("{} {}, credit {}", plain_amount(applied.amount, order.currency), order.currency,
                          credit))};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: spend a credit", work);
  auto read = [&](db::Tx& tx) { return payable_here(tx, visit, id); };
  const Payable payable = co_await site.db.read(read);
  if (done.refused) {
    std::vector<Fault> faults{fault_of(request, *done.refused)};
    co_return payment_page(site, request, payable, std::move(faults), 422);
  }
  std::string text = tr(request, message("The credit was used, and order {reference} is paid."),
                        {{"reference", payable.order.reference}});
  if (!applied.became_paid && applied.due == 0)
    text = tr(request, message("The credit was used. Nothing is due any more."));
  else if (!applied.became_paid)
    text = tr(request, message("The credit was used. {amount} is still due."),
              {{"amount", amount_text(request, payable.order, applied.due)}});
  co_return back_to_order(site, request, id, done, text);
}

// ---- money back

struct Refundable {
  Order order;
  registration::OrderMoney money;
  std::vector<PaymentRow> payments;  // as money.payments
};
Refundable refundable_here(db::Tx& tx, const Visit& visit, std::int64_t id) {
  Refundable refundable;
  refundable.order = order_here(tx, visit, id);
  refundable.money = registration::money_of(tx, refundable.order);
  refundable.payments = registration::payment_rows(tx, id);
  return refundable;
}

const PaymentRow* row_of(const Refundable& refundable, std::int64_t payment_id) {
  for (const PaymentRow& row : refundable.payments)
    if (row.id == payment_id) return &row;
  return nullptr;
}

std::string payment_name(const web::Request& request, const PaymentRow& row) {
  std::string name = tr(request, method_word(row.method, row.channel));
  if (!row.card_last4.empty()) name += fmt::format(", {} •••• {}", row.card_brand, row.card_last4);
  if (!row.reference.empty()) name += ", " + row.reference;
  return name;
}

constexpr std::array<RefundReason, 3> reasons{RefundReason::requested_by_customer, RefundReason::duplicate,
                                              RefundReason::fraudulent};
constexpr std::array<RefundDestination, 3> destinations{RefundDestination::card, RefundDestination::credit,
                                                        RefundDestination::manual};

registration::RefundAsked refund_of(const web::Request& request, const web::FormData& form,
                                    const Refundable& refundable, std::vector<Fault>& faults) {
  registration::RefundAsked asked;
  const Order& order = refundable.order;
  for (const registration::PaymentMoney& payment : refundable.money.payments) {
    const std::string amount_field = fmt::format("amount-{}", payment.id),
                      way_field = fmt::format("way-{}", payment.id);
    const std::string_view typed = trimmed(form[amount_field]);
    if (typed.empty() || payment.refundable() <= 0) continue;
    const auto amount = typed_amount(typed, order.currency);
    if (!amount) {
      faults.push_back({amount_field, tr(request, message("Enter an amount like 12.50."))});
      continue;
    }
    if (*amount == 0) continue;
    if (*amount > payment.refundable()) {
      faults.push_back({amount_field, tr(request, message("At most {amount} of this payment can go back."),
                                         {{"amount", amount_text(request, order, payment.refundable())}})});
      continue;
    }
    const auto way = std::find_if(destinations.begin(), destinations.end(), [&](RefundDestination one) {
      return registration::to_text(one) == form[way_field];
    });
    if (way == destinations.end()) {
      faults.push_back({way_field, tr(request, message("Choose where the money goes."))});
      continue;
    }
    asked.shares.push_back({payment.id, *way, *amount});
    asked.amount += *amount;
  }
  if (asked.shares.empty() && faults.empty()) {
    std::string first;
    for (const registration::PaymentMoney& payment : refundable.money.payments)
      if (first.empty() && payment.refundable() > 0) first = fmt::format("amount-{}", payment.id);
    faults.push_back({first, tr(request, message("Enter how much goes back, of at least one payment."))});
  }
  const auto reason = std::find_if(reasons.begin(), reasons.end(), [&](RefundReason one) {
    return registration::to_text(one) == form["reason"];
  });
  if (reason == reasons.end())
    faults.push_back({"reason", tr(request, message("Choose a reason."))});
  else
    asked.reason = *reason;
  asked.note = typed_text(request, form, "note", longest_reason, faults);
  asked.tells_buyer = form["tell"] == "1";
  asked.created_by = user_of(request.context<Visit>());
  return asked;
}

web::Response refund_page(Site& site, web::Request& request, const Refundable& refundable,
                          const registration::RefundAsked* review, std::vector<Fault> faults, int status) {
  const Order& order = refundable.order;
  site::Page page(site, request, "django_program/manage/order_refund.html");
  const char* title = review ? message("Send this back?") : message("Send money back");
  order_frame(page, site, request, order, tr(request, title));
  const web::FormData* form = web::is_safe(request.method()) ? nullptr : &request.form();
  const auto typed = [&](const std::string& field) {
    return form ? std::string((*form)[field]) : std::string();
  };
  std::vector<Value> payments, kept, reason_options;
  std::int64_t of_card = 0;
  for (const registration::PaymentMoney& payment : refundable.money.payments) {
    const PaymentRow* row = row_of(refundable, payment.id);
    if (!row || payment.refundable() <= 0) continue;
    std::vector<Value> ways;
    for (const RefundDestination way : registration::ways_back(payment.method, order.user_id.has_value()))
      ways.push_back(option(registration::to_text(way), tr(request, word_of(way)),
                            typed(fmt::format("way-{}", payment.id))));
    payments.push_back(Value::dict({{"id", Value(payment.id)},
                                    {"name", Value(payment_name(request, *row))},
                                    {"at", Value(moment_text(request, row->created_at))},
                                    {"amount", Value(amount_text(request, order, payment.amount))},
                                    {"left", Value(amount_text(request, order, payment.refundable()))},
                                    {"plain_left", Value(plain_amount(payment.refundable(), order.currency))},
                                    {"typed", Value(typed(fmt::format("amount-{}", payment.id)))},
                                    {"ways", Value::list(std::move(ways))}}));
  }
  for (const RefundReason reason : reasons)
    reason_options.push_back(
        option(registration::to_text(reason), tr(request, word_of(reason)), typed("reason")));
  page.set("payments", Value::list(std::move(payments)))
      .set("reasons", Value::list(std::move(reason_options)))
      .set("tell", Value(!form || (*form)["tell"] == "1"))
      .set("currency", Value(order.currency))
      .set("refundable", Value(amount_text(request, order, refundable.money.refundable)))
      .set("owed", refundable.money.to_refund() > 0
                       ? Value(amount_text(request, order, refundable.money.to_refund()))
                       : Value(""));
  keep_typed(page, request, {"note"});
  if (review) {
    std::vector<Value> shares;
    for (const registration::RefundShare& share : review->shares) {
      const PaymentRow* row = row_of(refundable, share.payment_id);
      shares.push_back(Value::dict({{"id", Value(share.payment_id)},
                                    {"name", Value(row ? payment_name(request, *row) : std::string())},
                                    {"amount", Value(amount_text(request, order, share.amount))},
                                    {"way", Value(tr(request, word_of(share.destination)))}}));
      if (share.destination == RefundDestination::card) of_card += share.amount;
      for (const char* field : {"amount", "way"}) {
        const std::string name = fmt::format("{}-{}", field, share.payment_id);
        kept.push_back(Value::dict({{"name", Value(name)}, {"value", Value(typed(name))}}));
      }
    }
    for (const char* field : {"reason", "note", "tell", "version"})
      kept.push_back(Value::dict({{"name", Value(field)}, {"value", Value(typed(field))}}));
    const std::int64_t less = review->amount - refundable.money.overpaid();
    page.set("shares", Value::list(std::move(shares)))
        .set("kept", Value::list(std::move(kept)))
        .set("sum", Value(amount_text(request, order, review->amount)))
        .set("reason_word", Value(tr(request, word_of(review->reason))))
        .set("to_card", Value(of_card > 0))
        .set("takes_all", Value(less > 0 && less == order.total))
        .set("lowers_by",
             less > 0 && less < order.total ? Value(amount_text(request, order, less)) : Value(""))
        .set("is_review", true);
  }
  page.faults(std::move(faults));
  return site::personal(page.html(status), status != 200 ? "invalid" : review ? "review" : "");
}

// ---- cancelling

web::Response cancel_page(Site& site, web::Request& request, const Refundable& refundable,
                          std::vector<Fault> faults, int status) {
  const Order& order = refundable.order;
  site::Page page(site, request, "django_program/manage/order_cancel.html");
  order_frame(page, site, request, order, tr(request, message("Cancel the order")));
  const bool sold = order.status == OrderStatus::paid || order.status == OrderStatus::partially_refunded;
  const std::string chosen(web::is_safe(request.method()) ? std::string_view("original")
                                                          : request.form()["money"]);
  std::vector<Value> ways{option("original", tr(request, message("Goes back the way it was paid")), chosen)};
  if (order.user_id) ways.push_back(option("credit", tr(request, message("Becomes a store credit")), chosen));
  ways.push_back(option("later", tr(request, message("Is sent back later, by hand")), chosen));
  page.set("may_cancel", Value(sold || order.status == OrderStatus::pending))
      .set("was_paid", Value(refundable.money.refundable > 0))
      .set("takes_fee", Value(sold && refundable.money.refundable > 0))
      .set("refundable", Value(amount_text(request, order, refundable.money.refundable)))
      .set("currency", Value(order.currency))
      .set("ways", Value::list(std::move(ways)));
  keep_typed(page, request, {"reason", "fee"});
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

}  // namespace

Task<web::Response> take_payment(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  auto read = [&](db::Tx& tx) { return payable_here(tx, visit, id); };
  Payable payable = co_await site.db.read(read);
  if (web::is_safe(request.method())) co_return payment_page(site, request, payable, {}, 200);
  if (const auto credit = site::whole_number(request.form()["credit"]))
    co_return co_await spend_credit(site, request, id, *credit);
  std::vector<Fault> faults;
  const registration::ManualPayment payment = payment_of(request, request.form(), payable.order, faults);
  if (!faults.empty()) co_return payment_page(site, request, payable, std::move(faults), 422);
  registration::MoneyIn in;
  const auto shown_due = site::shown_amount(request.form()["shown_due"]);
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    // Two people with the same bank statement: what the other one entered is seen before it is entered again.
    if (const std::int64_t due = registration::payable_by_hand(tx, *visit.catalogue, order);
        due > 0 && shown_due != due)
      throw Refused("changed_meanwhile",
                    "What is due is another amount by now: {due}. Perhaps somebody else has entered the same "
                    "payment. Please look at the order before you enter it again.",
                    {{"due", marked(Money(due, Currency::of(order.currency)))}});
    in = registration::record_manual_payment(tx, site.shop, order, payment,
                                             cause_of(request, "payment by hand"));
    std::vector<conference::AuditChange> changes{
        noted("payment", "Payment", "",
              fmt::format("{} {}, {}", plain_amount(payment.amount, order.currency), order.currency,
                          registration::to_text(payment.channel)))};
    if (!payment.reference.empty()) changes.push_back(noted("reference", "Reference", "", payment.reference));
    if (!payment.note.empty()) changes.push_back(noted("note", "Note", "", payment.note));
    return changes;
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: payment by hand", work);
  if (done.refused) {
    payable = co_await site.db.read(read);
    faults.push_back(fault_of(request, *done.refused));
    co_return payment_page(site, request, payable, std::move(faults), 422);
  }
  std::string text = tr(request, message("The payment was recorded."));
  if (in.became_paid)
    text = tr(request, message("The payment was recorded, and order {reference} is paid."),
              {{"reference", payable.order.reference}});
  else if (in.due > 0)
    text = tr(request, message("The payment was recorded. {amount} is still due."),
              {{"amount", amount_text(request, payable.order, in.due)}});
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> waive_balance(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  auto read = [&](db::Tx& tx) { return payable_here(tx, visit, id); };
  Payable payable = co_await site.db.read(read);
  const auto shown = [&](std::vector<Fault> faults, int status) {
    site::Page page(site, request, "django_program/manage/order_waive.html");
    order_frame(page, site, request, payable.order, tr(request, message("Waive what is due")));
    page.set("due", Value(amount_text(request, payable.order, payable.due)))
        .set("is_payable", Value(payable.due > 0));
    keep_typed(page, request, {"note"});
    page.faults(std::move(faults));
    return site::personal(page.html(status), status == 200 ? "" : "invalid");
  };
  if (web::is_safe(request.method())) co_return shown({}, 200);
  std::vector<Fault> faults;
  registration::Waiver waiver;
  waiver.note = typed_text(request, request.form(), "note", longest_note, faults);
  waiver.created_by = user_of(visit);
  if (waiver.note.empty() && faults.empty())
    faults.push_back({"note", tr(request, message("Say why nothing has to be paid."))});
  if (!faults.empty()) co_return shown(std::move(faults), 422);
  const std::int64_t version = shown_version(request.form());
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    registration::require_version(order, version);
    const std::int64_t due = registration::payable_by_hand(tx, *visit.catalogue, order);
    registration::waive_balance(tx, site.shop, order, waiver, cause_of(request, waiver.note));
    return std::vector<conference::AuditChange>{
        noted("waived", "Waived", "",
              fmt::format("{} {}", plain_amount(due, order.currency), order.currency)),
        noted("note", "Note", "", waiver.note)};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: waive", work);
  if (done.refused) {
    payable = co_await site.db.read(read);
    faults.push_back(fault_of(request, *done.refused));
    co_return shown(std::move(faults), 422);
  }
  const std::string text = tr(request, message("The balance was waived."));
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> refund_order(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  const bool is_sent = !web::is_safe(request.method());
  if (is_sent && (request.form().has(site::proof_kept_field) || request.form()["step"] == "do")) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  auto read = [&](db::Tx& tx) { return refundable_here(tx, visit, id); };
  Refundable refundable = co_await site.db.read(read);
  if (!is_sent) co_return refund_page(site, request, refundable, nullptr, {}, 200);
  const web::FormData& form = request.form();
  if (form["step"] == "back") co_return refund_page(site, request, refundable, nullptr, {}, 200);
  std::vector<Fault> faults;
  const registration::RefundAsked asked = refund_of(request, form, refundable, faults);
  if (!faults.empty()) co_return refund_page(site, request, refundable, nullptr, std::move(faults), 422);
  if (form["step"] != "do") co_return refund_page(site, request, refundable, &asked, {}, 200);
  const std::int64_t version = shown_version(form);
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    registration::require_version(order, version);
    registration::refund(tx, site.shop, site.gateway, order, asked,
                         cause_of(request, asked.note.empty() ? "refund by staff" : asked.note));
    std::vector<conference::AuditChange> changes{
        noted("reason", "Reason", "", std::string(registration::to_text(asked.reason)))};
    if (!asked.note.empty()) changes.push_back(noted("note", "Note", "", asked.note));
    return changes;
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: refund", work);
  if (done.refused) {
    refundable = co_await site.db.read(read);
    faults.push_back(fault_of(request, *done.refused));
    co_return refund_page(site, request, refundable, nullptr, std::move(faults), 422);
  }
  const std::string text = tr(request, message("{amount} goes back."),
                              {{"amount", amount_text(request, refundable.order, asked.amount)}});
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> cancel_order(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  if (!web::is_safe(request.method())) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  auto read = [&](db::Tx& tx) { return refundable_here(tx, visit, id); };
  Refundable refundable = co_await site.db.read(read);
  if (web::is_safe(request.method())) co_return cancel_page(site, request, refundable, {}, 200);
  const web::FormData& form = request.form();
  std::vector<Fault> faults;
  registration::StaffCancellation cancellation;
  cancellation.reason = typed_text(request, form, "reason", longest_reason, faults);
  if (cancellation.reason.empty() && faults.empty())
    faults.push_back({"reason", tr(request, message("Say why the order is cancelled."))});
  if (const std::string_view fee = trimmed(form["fee"]); !fee.empty()) {
    const auto amount = typed_amount(fee, refundable.order.currency);
    if (!amount) faults.push_back({"fee", tr(request, message("Enter an amount like 12.50."))});
    cancellation.fee = amount.value_or(0);
  }
  using Money = registration::StaffCancellation::Money;
  cancellation.money = form["money"] == "credit"  ? Money::credit
                       : form["money"] == "later" ? Money::later
                                                  : Money::original;
  cancellation.created_by = user_of(visit);
  if (!faults.empty()) co_return cancel_page(site, request, refundable, std::move(faults), 422);
  const std::int64_t version = shown_version(form);
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    registration::cancel_by_staff(tx, site.shop, site.gateway, order, cancellation, version,
                                  cause_of(request, cancellation.reason));
    return std::vector<conference::AuditChange>{noted("reason", "Reason", "", cancellation.reason)};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: cancel", work);
  if (done.refused) {
    refundable = co_await site.db.read(read);
    faults.push_back(fault_of(request, *done.refused));
    co_return cancel_page(site, request, refundable, std::move(faults), 422);
  }
  const std::string text = tr(request, message("The order was cancelled."));
  co_return back_to_order(site, request, id, done, text);
}

}  // namespace plenary::manage
