#include "domain/payments/cancellation.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/shares.hpp"
#include "domain/registration/taxes.hpp"
#include "domain/registration/waiting_end.hpp"
#include "jobs/outbox.hpp"

namespace plenary::payments {
namespace {

using registration::Order;
using registration::OrderMoney;
using registration::OrderStatus;
using registration::RefundDestination;

constexpr std::array<std::string_view, 3> ways{"full", "less_fee", "credit"};
constexpr std::array<std::string_view, 3> states{"running", "stopped", "done"};
constexpr std::size_t longest_note = 2000;
constexpr int orders_a_look = 100;
constexpr std::int64_t whole = 1'000'000;  // 100 percent in millionths

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

void check(const CancellationTerms& terms) {
  if (registration::millionths(terms.fee_percent) < 0 ||
      registration::millionths(terms.fee_percent) > whole || terms.fee_amount < 0)
    throw Refused("fee", "The fee is between 0 and 100 percent, and no amount below zero.", {}, "fee");
  if (terms.way == CancellationWay::less_fee && terms.fee_percent.is_zero() && terms.fee_amount == 0)
    throw Refused("fee", "Enter the fee that is kept, in percent or as an amount.", {}, "fee");
  if (character_count(terms.note) > longest_note)
    throw Refused("note", "The note has at most {limit} characters.",
                  {{"limit", std::to_string(longest_note)}}, "note");
}

// What an order would cost and give back.
struct Share {
  std::int64_t card = 0, credit = 0, by_hand = 0, kept = 0, fee = 0;
};
Share share_of(const OrderMoney& money, const Order& order, CancellationWay way, const Decimal& percent,
               std::int64_t amount) {
  Share share;
  const registration::CancellationFee fee = way == CancellationWay::less_fee
                                                ? registration::CancellationFee{percent, amount}
                                                : registration::CancellationFee{};
  const auto decided = registration::money_of_cancellation(order, money, fee);
  share.kept = share.fee = decided.fee;
  const std::int64_t back = decided.comes_back;
  if (back == 0) return share;
  const bool to_credit = way == CancellationWay::credit && order.user_id;
  for (const auto& part : registration::split_refund(
           money, back, to_credit ? registration::RefundWay::credit : registration::RefundWay::original,
           Currency::of(order.currency)))
    (part.destination == RefundDestination::card     ? share.card
     : part.destination == RefundDestination::credit ? share.credit
                                                     : share.by_hand) += part.amount;
  return share;
}

std::vector<Id> open_orders(db::Tx& tx, Id conference_id, Id run_id, int limit) {
  return tx.query<Id>(
      "SELECT o.id FROM orders o WHERE o.conference_id = $1 AND o.status IN ('pending', 'paid', "
      "'partially_refunded') AND NOT EXISTS (SELECT 1 FROM cancelled_order c WHERE c.run_id = $2 AND "
      "c.order_id = "
      "o.id) ORDER BY o.id LIMIT $3",
      conference_id, run_id, limit);
}

// How many orders there are to cancel and what can go back of them: alike when nothing happened since the
// preview.
std::tuple<std::int64_t, std::int64_t> open_sums(db::Tx& tx, Id conference_id) {
  return tx.one<std::int64_t, std::int64_t>(
      "SELECT (SELECT COUNT(*) FROM orders WHERE conference_id = $1 AND status IN ('pending', 'paid', "
      "'partially_refunded')), CAST((SELECT COALESCE(SUM(CASE WHEN free > 0 THEN free ELSE 0 END), 0) FROM "
      "(SELECT "
      "p.amount - p.disputed - COALESCE((SELECT SUM(r.amount) FROM refund r WHERE r.payment_id = p.id AND "
      "r.status IN "
      "('requested', 'succeeded')), 0) AS free FROM payment p JOIN orders o ON o.id = p.order_id WHERE "
      "p.conference_id = $1 AND p.status = 'succeeded' AND p.method <> 'comp' AND o.status IN ('pending', "
      "'paid', "
      "'partially_refunded')) money) AS BIGINT)",
      conference_id);
}

conference::AuditObject object_of(const CancellationRun& run) {
  conference::AuditObject object;
  object.conference_id = run.conference_id;
  object.entity = "cancellation_run";
  object.id = std::to_string(run.id);
  object.name = "Cancelled conference";
  return object;
}

void wake(db::Tx& tx, const CancellationRun& run) {
  jobs::enqueue(tx, cancellation_kind, run.conference_id, jobs::payload({{"run", run.id}}),
                fmt::format("cancel-{}-{}", run.id, tx.now().micros));
}

void set_state(db::Tx& tx, const CancellationRun& run, RunState state, const conference::Actor& actor) {
  tx.exec("UPDATE cancellation_run SET state = $1, finished_at = NULL, updated_at = $2 WHERE id = $3",
          to_text(state), tx.now(), run.id);
  conference::record(tx, actor, conference::AuditAction::change, object_of(run),
                     {{"state", "State", std::string(to_text(run.state)), std::string(to_text(state))}});
}

// What a write did with one order.
enum class Step { done, skipped, halted };

Step cancel_one(db::Tx& tx, const registration::Shop& shop, Id conference_id, Id order_id) {
  const auto run = cancellation_run(tx, conference_id);
  if (!run || run->state != RunState::running) return Step::halted;
  auto order = registration::find_order(tx, order_id);
  const bool is_open = order && (order->status == OrderStatus::pending || is_sold(order->status));
  if (!is_open ||
      cancelled_order_table().count(tx, "WHERE run_id = $1 AND order_id = $2", run->id, order_id) > 0)
    return Step::skipped;

  const OrderMoney before = registration::money_of(tx, *order);
  const Share planned = share_of(before, *order, run->way, run->fee_percent, run->fee_amount);
  std::int64_t last_refund = 0;
  for (const registration::Refund& refund : registration::refunds_of(tx, order_id)) last_refund = refund.id;
  registration::StaffCancellation cancellation;
  cancellation.fee = planned.fee;
  cancellation.money = run->way == CancellationWay::credit && order->user_id
                           ? registration::StaffCancellation::Money::credit
                           : registration::StaffCancellation::Money::original;
  cancellation.reason = run->note.empty() ? std::string("the conference does not take place") : run->note;
  cancellation.created_by = run->created_by;
  cancellation.tells_buyer = false;  // one mail, and it is the one below
  const registration::Cause cause{"cancelled conference", run->actor.empty() ? "system" : run->actor,
                                  cancellation.reason};
  registration::cancel_by_staff(tx, shop, registration::SandboxGateway(), *order, cancellation,
                                order->version, cause);

  CancelledOrder row;
  row.run_id = run->id;
  row.order_id = order_id;
  for (const registration::Refund& refund : registration::refunds_of(tx, order_id)) {
    if (refund.id <= last_refund) continue;
    (refund.destination == RefundDestination::card     ? row.card_amount
     : refund.destination == RefundDestination::credit ? row.credit_amount
                                                       : row.by_hand_amount) += refund.amount;
  }
  row.kept_amount = before.refundable - row.card_amount - row.credit_amount - row.by_hand_amount;
  cancelled_order_table().insert(tx, row);
  tx.exec(
      "UPDATE cancellation_run SET done = done + 1, card_amount = card_amount + $1, credit_amount = "
      "credit_amount + "
      "$2, by_hand_amount = by_hand_amount + $3, kept_amount = kept_amount + $4, updated_at = $5 WHERE id = "
      "$6",
      row.card_amount, row.credit_amount, row.by_hand_amount, row.kept_amount, tx.now(), run->id);
  registration::publish_no_longer_due(tx, order_id);
  registration::mail_conference_cancelled(tx, *order);
  return Step::done;
}

void note_failed(db::Tx& tx, Id conference_id, Id order_id, const std::string& why) {
  const auto run = cancellation_run(tx, conference_id);
  if (!run || run->state != RunState::running) return;
  CancelledOrder row;
  row.run_id = run->id;
  row.order_id = order_id;
  row.state = CancelledState::failed;
  row.failure = why;
  const bool added = tx.attempt([&] { cancelled_order_table().insert(tx, row); });
  if (added)
    tx.exec("UPDATE cancellation_run SET failed = failed + 1, updated_at = $1 WHERE id = $2", tx.now(),
            run->id);
}

}  // namespace

std::string_view to_text(CancellationWay way) {
  return ways.at(static_cast<std::size_t>(way));
}
std::optional<CancellationWay> cancellation_way(std::string_view text) {
  for (std::size_t at = 0; at < ways.size(); ++at)
    if (ways[at] == text) return static_cast<CancellationWay>(at);
  return std::nullopt;
}
std::string_view to_text(RunState state) {
  return states.at(static_cast<std::size_t>(state));
}

CancellationPreview preview_conference_cancellation(db::Tx& tx, Id conference_id,
                                                    const CancellationTerms& terms) {
  check(terms);
  CancellationPreview preview;
  const auto conference = conference::load(tx, conference_id);
  if (!conference) throw NotFound("no such conference");
  preview.currency = conference->currency.value_or("");
  for (const Id id :
       tx.query<Id>("SELECT id FROM orders WHERE conference_id = $1 AND status IN ('pending', 'paid', "
                    "'partially_refunded') ORDER BY id",
                    conference_id)) {
    const Order order = registration::find_order(tx, id).value();
    const OrderMoney money = registration::money_of(tx, order);
    if (preview.currency.empty()) preview.currency = order.currency;
    const Share share = share_of(money, order, terms.way, terms.fee_percent, terms.fee_amount);
    const auto count = [](CancellationSums& sums, std::int64_t amount) {
      if (amount <= 0) return;
      ++sums.orders;
      sums.amount += amount;
    };
    count(preview.card, share.card);
    count(preview.credit, share.credit);
    count(preview.by_hand, share.by_hand);
    count(preview.kept, share.kept);
    ++preview.orders;
    preview.unpaid += order.status == OrderStatus::pending && money.refundable == 0;
    preview.free += order.status != OrderStatus::pending && money.refundable == 0;
    preview.processing += money.is_processing;
  }
  preview.waiting = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM waiting_entry WHERE conference_id = $1 AND status IN ('waiting', 'offered')",
      conference_id);
  return preview;
}

std::optional<CancellationRun> cancellation_run(db::Tx& tx, Id conference_id) {
  return cancellation_run_table().maybe(tx, "WHERE conference_id = $1", conference_id);
}

std::vector<FailedOrder> failed_orders(db::Tx& tx, Id run_id, int limit) {
  std::vector<FailedOrder> failed;
  for (auto& [order, reference, why] : tx.query<Id, std::string, std::string>(
           "SELECT c.order_id, o.reference, c.failure FROM cancelled_order c JOIN orders o ON o.id = "
           "c.order_id "
           "WHERE c.run_id = $1 AND c.state = 'failed' ORDER BY c.id LIMIT $2",
           run_id, limit))
    failed.push_back({order, std::move(reference), std::move(why)});
  return failed;
}

CancellationRun start_cancellation(db::Tx& tx, Id conference_id, const CancellationTerms& terms,
                                   const CancellationPreview& expected, const conference::Actor& actor) {
  check(terms);
  if (cancellation_run(tx, conference_id))
    throw Refused("running", "This conference is being cancelled already.");
  auto conference = conference::load(tx, conference_id);
  if (!conference) throw NotFound("no such conference");
  const auto [orders, refundable] = open_sums(tx, conference_id);
  if (orders != expected.orders || refundable != expected.total_back() + expected.kept.amount)
    throw Refused(
        "changed_meanwhile",
        "Orders came or changed in the meantime. Please look at the figures again, as they are now.");

  if (conference->sales_open) {
    conference->sales_open = false;
    if (!conference::update(tx, *conference))
      throw Refused("changed_meanwhile", "The conference was changed in the meantime. Please try again.");
    conference::AuditObject object;
    object.conference_id = conference_id;
    object.entity = "conference";
    object.id = std::to_string(conference_id);
    object.name = conference->name;
    object.version = conference->version + 1;
    conference::record(tx, actor, conference::AuditAction::change, object,
                       {{"sales_open", "Sales open", "yes", "no", "true", "false"}});
  }
  CancellationRun run;
  run.conference_id = conference_id;
  run.way = terms.way;
  run.fee_percent = terms.way == CancellationWay::less_fee ? terms.fee_percent : Decimal();
  run.fee_amount = terms.way == CancellationWay::less_fee ? terms.fee_amount : 0;
  run.note = std::string(trimmed(terms.note));
  run.orders = orders;
  run.currency = expected.currency;
  run.created_by = actor.user_id;
  run.actor = actor.name;
  run = cancellation_run_table().insert(tx, run);
  conference::record(tx, actor, conference::AuditAction::add, object_of(run),
                     {{"way", "What goes back", "", std::string(to_text(run.way))},
                      {"orders", "Orders", "", std::to_string(run.orders)}});
  wake(tx, run);
  return run;
}

void stop_cancellation(db::Tx& tx, Id conference_id, const conference::Actor& actor) {
  const auto run = cancellation_run(tx, conference_id);
  if (!run || run->state != RunState::running) return;
  set_state(tx, *run, RunState::stopped, actor);
}

void continue_cancellation(db::Tx& tx, Id conference_id, const conference::Actor& actor) {
  const auto run = cancellation_run(tx, conference_id);
  if (!run || run->state == RunState::running) return;
  tx.exec("DELETE FROM cancelled_order WHERE run_id = $1 AND state = 'failed'", run->id);
  tx.exec("UPDATE cancellation_run SET failed = 0 WHERE id = $1", run->id);
  set_state(tx, *run, RunState::running, actor);
  wake(tx, *run);
}

std::int64_t run_cancellation(db::Database& database, const registration::Shop& shop, Id conference_id,
                              const std::function<bool()>& goes_on) {
  std::int64_t done = 0;
  for (;;) {
    auto look = [&](db::Tx& tx) {
      const auto run = cancellation_run(tx, conference_id);
      if (!run || run->state != RunState::running) return std::optional<std::vector<Id>>();
      return std::optional(open_orders(tx, conference_id, run->id, orders_a_look));
    };
    const auto orders = database.read_now(look);
    if (!orders) return done;
    if (orders->empty()) {
      if (!goes_on()) return done;
      auto tell = [&](db::Tx& tx) {
        const auto run = cancellation_run(tx, conference_id);
        if (!run || run->state != RunState::running) return std::int64_t{0};
        return registration::tell_waiting_of_cancellation(tx, conference_id);
      };
      if (database.write_now(conference_id, "tell who waits", tell) > 0) continue;
      auto finish = [&](db::Tx& tx) {
        const auto run = cancellation_run(tx, conference_id);
        if (!run || run->state != RunState::running || !open_orders(tx, conference_id, run->id, 1).empty())
          return false;
        tx.exec("UPDATE cancellation_run SET state = 'done', finished_at = $1, updated_at = $1 WHERE id = $2",
                tx.now(), run->id);
        return true;
      };
      if (database.write_now(conference_id, "end cancellation", finish)) return done;
      continue;
    }
    for (const Id order : *orders) {
      if (!goes_on()) return done;
      auto work = [&](db::Tx& tx) { return cancel_one(tx, shop, conference_id, order); };
      std::string why;
      try {
        const Step step = database.write_now(conference_id, "cancel order", work);
        if (step == Step::halted) return done;
        done += step == Step::done;
      } catch (const Refused& refused) {
        why = refused.message();
      }
      if (why.empty()) continue;
      auto note = [&](db::Tx& tx) { note_failed(tx, conference_id, order, why); };
      database.write_now(conference_id, "order not cancelled", note);
    }
  }
}

std::vector<Id> conferences_being_cancelled(db::Tx& tx) {
  return tx.query<Id>(
      "SELECT conference_id FROM cancellation_run WHERE state = 'running' ORDER BY conference_id");
}

}  // namespace plenary::payments
