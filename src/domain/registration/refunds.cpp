#include "domain/registration/refunds.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/provider_payments.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/store_changes.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {
namespace {

PaymentMethod method_of(const OrderMoney& money, Id payment_id) {
  for (const PaymentMoney& payment : money.payments)
    if (payment.id == payment_id) return payment.method;
  throw std::logic_error("a refund is of a payment of its order");
}

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

RefundDestination destination_of(PaymentMethod method) {
  switch (method) {
    case PaymentMethod::stripe:
    case PaymentMethod::sandbox:
      return RefundDestination::card;
    case PaymentMethod::credit:
      return RefundDestination::credit;
    case PaymentMethod::terminal:
    case PaymentMethod::manual:
    case PaymentMethod::comp:
      break;
  }
  return RefundDestination::manual;
}

// Lines are lowered so that the order is worth `less` less: all of it, or a price reduction.
void lower_lines(db::Tx& tx, const Shop& shop, Order& order, std::int64_t less, const Cause& cause) {
  const ChangeBasis basis = load_change_basis(tx, shop, order);
  ChangePlan plan;
  if (less == order.total) {
    plan = plan_change(basis, order, all_of(order), tx.now());
  } else {
    plan = plan_lines(basis, order, reductions_of(lines_left(order.lines), less), {});
  }
  WritingOfChange writing{cause};
  writing.may_void_checked_in = true;
  writing.event.reset();  // the refund tells
  write_change(tx, shop, basis, order, plan, writing);
}

Id insert(db::Tx& tx, const Order& order, const RefundShare& share, const RefundAsked& asked) {
  Refund refund;
  refund.conference_id = order.conference_id;
  refund.order_id = order.id;
  refund.payment_id = share.payment_id;
  refund.destination = share.destination;
  refund.amount = share.amount;
  refund.currency = order.currency;
  refund.reason_code = asked.reason;
  refund.note = asked.note;
  refund.created_by = asked.created_by;
  // The key names the refund, whose id is known only now; until then it is unique all the same.
  refund.idempotency_key =
      fmt::format("payment-{}-at-{}-of-{}", share.payment_id, tx.now().micros, share.amount);
  refund.id = store::insert_refund(tx, refund);
  refund.idempotency_key = fmt::format("refund-{}", refund.id);
  store::set_refund(tx, refund);
  return refund.id;
}

// Money that went back, or that did not after all.
void post_refund(db::Tx& tx, const Order& order, const Refund& refund, bool succeeded) {
  const Payment payment = store::payment_by_id(tx, refund.payment_id).value();
  LedgerEntry entry;
  entry.conference_id = order.conference_id;
  entry.debit = Account::receivable;
  // By hand, what a provider has stays there and the bank pays.
  const bool is_from_bank =
      refund.destination == RefundDestination::manual &&
      (payment.method == PaymentMethod::stripe || payment.method == PaymentMethod::terminal);
  entry.credit = refund.destination == RefundDestination::credit ? Account::credits
                 : is_from_bank                                  ? Account::bank
                                : account_of(payment.method, payment.channel);
  entry.amount = succeeded ? refund.amount : -refund.amount;
  entry.currency = refund.currency;
  entry.kind = EntryKind::refund;
  entry.is_test = order.is_sandbox;
  entry.order_id = order.id;
  entry.payment_id = payment.id;
  entry.refund_id = refund.id;
  entry.credit_id = refund.credit_id;
  entry.reference = refund.provider_id;
  post(tx, entry);
}

std::int64_t back_to_credit(db::Tx& tx, const Order& order, Id credit_id, std::int64_t amount) {
  const std::int64_t restored = restore_credit(tx, credit_id, amount);
  const std::optional<Credit> credit = credit_table().find(tx, credit_id);
  if (restored > 0 && order.is_sandbox && credit && is_gift(*credit))
    post_gift_tried_out(tx, order, credit_id, -restored);
  return restored;
}

// What was paid with a credit goes back to that very credit; all else, and what it has no room for, becomes a
// new one. The credit that the money is in now. source: 21, 7 and P15.
Id give_back_credit(db::Tx& tx, const Order& order, const Refund& refund) {
  const Payment payment = store::payment_by_id(tx, refund.payment_id).value();
  std::int64_t missing = refund.amount;
  if (payment.method == PaymentMethod::credit && payment.credit_id)
    missing -= back_to_credit(tx, order, *payment.credit_id, missing);
  if (missing == 0) return payment.credit_id.value();
  Credit credit;
  credit.conference_id = order.conference_id;
  credit.user_id = order.user_id.value();
  credit.amount = missing;
  credit.source_order_id = order.id;
  credit.note = refund.note.empty() ? fmt::format("Order {}", order.reference)
                                    : fmt::format("Order {}: {}", order.reference, refund.note);
  return credit_for_refund(tx, credit).id;
}

// What staff wrote down, each part against its payment. Its field is "amount-PAYMENT" or "way-PAYMENT".
void check_shares(const OrderMoney& money, std::span<const RefundShare> shares, const Order& order) {
  for (const RefundShare& share : shares) {
    const auto payment =
        std::find_if(money.payments.begin(), money.payments.end(),
                     [&](const PaymentMoney& one) { return one.id == share.payment_id && one.is_money(); });
    if (payment == money.payments.end()) throw NotFound("this order has no such payment");
    const Currency currency = Currency::of(order.currency);
    std::int64_t others = 0;  // of the same payment: it may go back two ways
    for (const RefundShare& other : shares)
      if (&other < &share && other.payment_id == share.payment_id) others += other.amount;
    if (share.amount < 1 || share.amount > payment->refundable() - others)
      throw Refused("amount", "{amount} is more than can go back: {refundable}.",
                    {{"amount", marked(Money(share.amount, currency))},
                     {"refundable", marked(Money(payment->refundable() - others, currency))}},
                    fmt::format("amount-{}", share.payment_id));
    const auto ways = ways_back(payment->method, order.user_id.has_value());
    if (std::find(ways.begin(), ways.end(), share.destination) == ways.end())
      throw Refused("way", "This payment cannot go back that way.", {},
                    fmt::format("way-{}", share.payment_id));
  }
}

// What a gateway is asked for a refund to a card.
RefundRequest request_for(db::Tx& tx, const Refund& refund) {
  RefundRequest request;
  request.provider_reference = tx.one<std::string>(
      "SELECT COALESCE(NULLIF(intent_id, ''), gateway_reference) FROM payment WHERE id = $1",
      refund.payment_id);
  request.amount = refund.amount;
  request.currency = refund.currency;
  request.idempotency_key = refund.idempotency_key;
  request.reason = std::string(to_text(refund.reason_code));
  return request;
}

}  // namespace

std::string_view to_text(RefundDestination destination) {
  static constexpr std::array<std::string_view, 3> texts{"card", "credit", "manual"};
  return texts[static_cast<std::size_t>(destination)];
}
std::string_view to_text(RefundStatus status) {
  static constexpr std::array<std::string_view, 3> texts{"requested", "succeeded", "failed"};
  return texts[static_cast<std::size_t>(status)];
}
std::string_view to_text(RefundReason reason) {
  static constexpr std::array<std::string_view, 3> texts{"requested_by_customer", "duplicate", "fraudulent"};
  return texts[static_cast<std::size_t>(reason)];
}

std::vector<Refund> refunds_of(db::Tx& tx, Id order_id) {
  return store::refunds_of(tx, order_id);
}
std::optional<Refund> find_refund(db::Tx& tx, Id refund_id) {
  return store::refund_by_id(tx, refund_id);
}

OrderMoney money_of(db::Tx& tx, const Order& order) {
  OrderMoney money;
  money.owed = order.status == OrderStatus::cancelled ? 0 : order.total;
  money.is_over = order.status == OrderStatus::refunded;
  money.payments = store::payments_money(tx, order.id);
  for (const PaymentMoney& payment : money.payments) {
    if (payment.is_money() || !money.is_over) money.kept += payment.left();
    money.refundable += payment.refundable();
    money.refunded += payment.refunded;
    money.requested += payment.requested;
    money.is_processing = money.is_processing || payment.status == PaymentStatus::processing;
  }
  return money;
}

std::vector<RefundShare> split_refund(const OrderMoney& money, std::int64_t amount, RefundWay way,
                                      const Currency& currency) {
  if (amount < 1) throw Refused("amount", "Enter an amount above zero.", {}, "amount");
  if (amount > money.refundable)
    throw Refused("amount", "{amount} is more than can go back: {refundable}.",
                  {{"amount", marked(Money(amount, currency))},
                   {"refundable", marked(Money(money.refundable, currency))}},
                  "amount");
  std::vector<RefundShare> shares;
  std::int64_t missing = amount;
  for (auto payment = money.payments.rbegin(); payment != money.payments.rend() && missing > 0; ++payment) {
    if (payment->refundable() <= 0) continue;
    const std::int64_t part = std::min(missing, payment->refundable());
    const RefundDestination to =
        way == RefundWay::credit ? RefundDestination::credit : destination_of(payment->method);
    shares.push_back({payment->id, to, part});
    missing -= part;
  }
  return shares;
}

namespace {

void send_rest_back(db::Tx& tx, const Shop& shop, Order& order, Id payment_id);

}  // namespace

std::vector<RefundDestination> ways_back(PaymentMethod method, bool has_account) {
  const RefundDestination usual = destination_of(method);
  std::vector<RefundDestination> ways;
  if (usual != RefundDestination::credit || has_account) ways.push_back(usual);
  if (usual == RefundDestination::credit) return ways;
  if (has_account) ways.push_back(RefundDestination::credit);
  if (usual != RefundDestination::manual) ways.push_back(RefundDestination::manual);
  return ways;
}

RefundPlan plan_refund(const OrderMoney& money, const Order& order, const RefundAsked& asked) {
  RefundPlan plan;
  if (asked.shares.empty()) {
    plan.amount = asked.amount;
    plan.shares = split_refund(money, asked.amount, asked.way, Currency::of(order.currency));
  } else {
    check_shares(money, asked.shares, order);
    plan.shares = asked.shares;
    for (const RefundShare& share : plan.shares) plan.amount += share.amount;
  }
  for (const RefundShare& share : plan.shares)
    if (share.destination == RefundDestination::credit && !order.user_id)
      throw Refused(
          "no_account",
          "This order belongs to no account, so there is nobody to give a credit to. Choose the way "
          "it was paid.",
          {}, "way");
  plan.lowers_by = std::max<std::int64_t>(plan.amount - money.overpaid(), 0);
  if (plan.lowers_by > 0 && !is_sold(order.status))
    throw Refused("not_refundable", "This order is {status}; only what was paid too much can go back.",
                  {{"status", std::string(to_text(order.status))}});
  plan.takes_all = plan.lowers_by > 0 && plan.lowers_by == order.total;
  return plan;
}

std::vector<Id> refund(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                       const RefundAsked& asked, const Cause& cause) {
  const OrderMoney money = money_of(tx, order);
  const RefundPlan plan = plan_refund(money, order, asked);
  if (plan.lowers_by > 0) lower_lines(tx, shop, order, plan.lowers_by, cause);

  std::vector<Id> ids;
  for (const RefundShare& share : plan.shares) ids.push_back(insert(tx, order, share, asked));
  if (asked.tells_buyer)
    for (const Id id : ids) mail_refund(tx, order, id);
  // Payments that were played go back in play; another provider is asked after the commit.
  for (const Id id : ids) {
    const Refund refund = store::refund_by_id(tx, id).value();
    if (refund.destination != RefundDestination::card) {
      settle_refund(tx, shop, id, {RefundOutcome::succeeded, {}, {}}, cause);
    } else if (gateway.answers_at_once() && gateway.method() == method_of(money, refund.payment_id)) {
      settle_refund(tx, shop, id, gateway.refund(request_for(tx, refund)), cause);
    } else {
      jobs::enqueue(tx, refund_kind, order.conference_id, jobs::payload({{"refund", id}}),
                    refund.idempotency_key);
    }
  }
  const bool tells_buyer = order.tells_buyer;
  order = find_order(tx, order.id).value();
  order.tells_buyer = tells_buyer;
  note_balance(tx, order);
  return ids;
}

bool has_lost_value(db::Tx& tx, Id order_id) {
  // Sold lines by their entries: what was sold at first, and after that each line of a change. A change takes
  // back first and adds then, so that the most it ever was worth is seen at the end of one.
  std::int64_t worth = 0, most = 0;
  Id line = 0;
  for (const auto& [kind, line_id, amount] : tx.query<std::string, Id, std::int64_t>(
           "SELECT kind, COALESCE(order_line_id, 0), CASE WHEN debit = 'receivable' THEN amount ELSE -amount "
           "END "
           "FROM ledger_entry WHERE order_id = $1 AND kind IN ('sale', 'change') AND (debit = 'receivable' "
           "OR "
           "credit = 'receivable') ORDER BY CASE WHEN kind = 'sale' THEN 0 ELSE 1 END, id",
           order_id)) {
    if (kind == "change" && line_id != line) most = std::max(most, worth);
    line = kind == "sale" ? 0 : line_id;
    worth += amount;
  }
  return worth < std::max(most, worth);
}

bool settle_refund(db::Tx& tx, const Shop& shop, Id refund_id, const RefundAnswer& answer,
                   const Cause& cause) {
  std::optional<Refund> refund = store::refund_by_id(tx, refund_id);
  if (!refund) throw NotFound("no such refund");
  const bool succeeded = answer.outcome == RefundOutcome::succeeded;
  if (answer.outcome == RefundOutcome::pending || refund->status == RefundStatus::failed ||
      (succeeded && refund->status == RefundStatus::succeeded))
    return false;
  const bool had_succeeded = refund->status == RefundStatus::succeeded;
  Order order = find_order(tx, refund->order_id).value();
  refund->status = succeeded ? RefundStatus::succeeded : RefundStatus::failed;
  refund->settled_at = tx.now();
  refund->failure = succeeded ? std::string() : answer.message;
  if (!answer.provider_id.empty()) refund->provider_id = answer.provider_id;
  if (succeeded && refund->destination == RefundDestination::credit)
    refund->credit_id = give_back_credit(tx, order, *refund);
  store::set_refund(tx, *refund);
  if (succeeded || had_succeeded) post_refund(tx, order, *refund, succeeded);

  const OrderMoney money = money_of(tx, order);
  for (const PaymentMoney& payment : money.payments) {
    if (payment.id != refund->payment_id) continue;
    const bool wholly = payment.refunded >= payment.amount;
    if (wholly && payment.status == PaymentStatus::succeeded)
      store::set_payment_status(tx, payment.id, PaymentStatus::refunded, "");
    if (!succeeded && payment.status == PaymentStatus::refunded)
      store::set_payment_status(tx, payment.id, PaymentStatus::succeeded, "");
  }
  if (succeeded) {
    if (is_sold(order.status) && has_lost_value(tx, order.id)) {
      apply(tx, shop, order, Transition::partially_refunded, cause);
    } else if (is_sold(order.status)) {
      store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                          {cause.source, cause.actor, std::string(excess_gone_back)});
    }
    order = find_order(tx, order.id).value();
    publish(OrderEvent::refunded, tx, order);
  } else {
    if (is_sold(order.status) || order.status == OrderStatus::refunded)
      apply(tx, shop, order, Transition::refund_failed,
            {cause.source, cause.actor, "a refund failed: " + answer.message});
    store::set_attention(tx, order.id, "a refund failed: " + answer.message);
    send_rest_back(tx, shop, order, refund->payment_id);
  }
  return true;
}

namespace {

// Money goes back by itself for an order that needs none; meanwhile somebody sent back a part at the
// provider, so that all of it was too much to ask for. What is left is asked for then.
void send_rest_back(db::Tx& tx, const Shop& shop, Order& order, Id payment_id) {
  const OrderMoney money = money_of(tx, order);
  std::int64_t left = 0;
  for (const PaymentMoney& payment : money.payments)
    if (payment.id == payment_id && payment.requested == 0)
      left = std::min(payment.left(), money.to_refund());
  if (left <= 0) return;
  const std::vector<Refund> refunds = store::refunds_of(tx, order.id);
  for (auto last = refunds.rbegin(); last != refunds.rend(); ++last) {
    if (last->payment_id != payment_id || last->reason_code != RefundReason::duplicate || last->created_by)
      continue;
    if (last->status == RefundStatus::failed && last->amount > left) {
      store::set_attention(tx, order.id, last->note);
      send_back(tx, shop, order, payment_id, last->note, left);
    }
    return;
  }
}

}  // namespace

void send_back(db::Tx& tx, const Shop& shop, Order& order, Id payment_id, std::string_view note,
               std::optional<std::int64_t> at_most) {
  const OrderMoney money = money_of(tx, order);
  for (const PaymentMoney& payment : money.payments) {
    if (payment.id != payment_id || payment.left() <= 0) continue;
    const std::int64_t amount = std::min(payment.left(), at_most.value_or(payment.left()));
    RefundAsked asked;
    asked.reason = RefundReason::duplicate;
    asked.note = std::string(note);
    const Id id = insert(tx, order, {payment.id, destination_of(payment.method), amount}, asked);
    // Payments that were played go back in play, credits to their credit; whatever a provider has is asked
    // for.
    if (payment.method == PaymentMethod::sandbox || payment.method == PaymentMethod::manual ||
        payment.method == PaymentMethod::credit) {
      settle_refund(tx, shop, id, {RefundOutcome::succeeded, {}, {}},
                    {"payment", "system", std::string(note)});
    } else {
      jobs::enqueue(tx, refund_kind, order.conference_id, jobs::payload({{"refund", id}}),
                    fmt::format("refund-{}", id));
    }
  }
}

TakenRefund take_refund(db::Tx& tx, const Shop& shop, const Payment& payment, const ProviderRefund& told,
                        const Cause& cause) {
  const RefundAnswer answer{told.outcome, told.provider_id, told.failure};
  std::optional<Refund> known =
      refund_table().maybe(tx, "WHERE provider_id = $1 AND provider_id <> ''", told.provider_id);
  if (!known && told.refund_id) {
    known = store::refund_by_id(tx, *told.refund_id);
    if (known && (known->payment_id != payment.id || !known->provider_id.empty())) known.reset();
  }
  // What was to go back by itself went back in the provider's own pages, before it was asked for.
  if (!known && !told.refund_id && told.outcome != RefundOutcome::failed)
    known =
        refund_table().maybe(tx,
                             "WHERE payment_id = $1 AND status = 'requested' AND destination = 'card' AND "
                             "provider_id = '' AND reason_code = 'duplicate' AND created_by IS NULL AND "
                             "amount = $2 ORDER BY id LIMIT 1",
                             payment.id, told.amount);
  TakenRefund taken;
  if (known) {
    if (known->payment_id != payment.id) throw std::logic_error("a refund belongs to one payment");
    taken.refund_id = known->id;
    if (known->provider_id.empty()) note_refund_number(tx, known->id, told.provider_id);
    taken.changed = settle_refund(tx, shop, known->id, answer, cause);
    return taken;
  }
  if (told.outcome == RefundOutcome::failed || told.amount < 1) return taken;  // nothing came of it
  Order order = find_order(tx, payment.order_id).value();
  const std::int64_t less = std::min(told.amount - money_of(tx, order).overpaid(), order.total);
  if (less > 0 && is_sold(order.status)) lower_lines(tx, shop, order, less, cause);
  RefundAsked asked;
  asked.note = "made at the payment provider";
  taken.refund_id = insert(tx, order, {payment.id, RefundDestination::card, told.amount}, asked);
  taken.is_new = taken.changed = true;
  note_refund_number(tx, taken.refund_id, told.provider_id);
  settle_refund(tx, shop, taken.refund_id, answer, cause);
  order = find_order(tx, order.id).value();
  send_rest_back(tx, shop, order, payment.id);
  note_balance(tx, order);
  return taken;
}

void note_balance(db::Tx& tx, Order& order) {
  if (!order.attention.empty() && order.attention != attention_due && order.attention != attention_owed)
    return;
  std::string_view note;
  if (is_sold(order.status) || order.status == OrderStatus::refunded ||
      order.status == OrderStatus::cancelled) {
    const OrderMoney money = money_of(tx, order);
    if (money.due() > 0) note = attention_due;
    if (money.to_refund() > 0) note = attention_owed;
  }
  if (order.attention == note) return;
  store::set_attention(tx, order.id, note);
  order.attention = std::string(note);
}

}  // namespace plenary::registration
