#include "domain/registration/payment_terms.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/iban.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/provider_payments.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

Instant end_of_term(const Catalogue& catalogue, Instant now) {
  const Date today = catalogue.zone.local(now).date;
  return catalogue.zone.day_end(today.plus_days(static_cast<std::int32_t>(catalogue.payment.term_days)));
}

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

// The first characters of a text: what a field of the code may hold.
std::string cut(std::string_view text, std::size_t most) {
  std::string kept;
  for (std::size_t i = 0, count = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && ++count > most) break;
    kept += text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
  }
  return kept;
}

}  // namespace

const db::Entity<PaymentTerm>& payment_term_table() {
  using T = PaymentTerm;
  static const db::Entity<T> table(
      "payment_term",
      {
          db::column("id", &T::id).generated_key(),
          db::column("order_id", &T::order_id)
              .references("orders", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("conference_id", &T::conference_id).references("conference").fixed().read_only(),
          db::column("chosen_at", &T::chosen_at).read_only().help("When the buyer chose bank transfer."),
          db::column("ends_at", &T::ends_at).read_only().help("The money is expected by then."),
          db::column("remind_at", &T::remind_at).read_only().help("Empty: no reminder is to be sent."),
          db::column("reminded_at", &T::reminded_at).read_only(),
          db::column("is_balance", &T::is_balance)
              .read_only()
              .help("For what is due of an order that was sold already."),
          db::column("fee", &T::fee).money().read_only().help("What the transfer costs; empty: not fixed."),
          db::column("balance", &T::balance)
              .money()
              .read_only()
              .help("Of a sold order: what was due when it was chosen, without the fee."),
          db::column("paid_before", &T::paid_before).money().read_only().help("What had come in by then."),
          db::column("has_fee_line", &T::has_fee_line)
              .read_only()
              .help("Of a sold order: the fee is one of its lines by now."),
      },
      db::Rules<T>()
          .titled("Payment term", "Payment terms")
          .ordered_by("id DESC")
          .unique({"order_id"}, "This order has its term already."));
  return table;
}

namespace {

// Whether this is due of the sold order that the transfer was chosen for, parts that came in meanwhile aside.
// `owed`: its total, with the change that waits.
bool is_same_balance(const PaymentTerm& term, std::int64_t owed) {
  if (!term.balance) return true;
  const std::int64_t fee = term.has_fee_line ? term.fee.value_or(0) : 0;
  return owed - fee - term.paid_before == *term.balance;
}

std::int64_t owed_with_change(const Order& order, const std::optional<OrderChange>& change) {
  return order.total + (change ? change->difference : 0);
}

}  // namespace

std::optional<PaymentTerm> payment_term_of(db::Tx& tx, const Order& order) {
  auto term = payment_term_table().maybe(tx, "WHERE order_id = $1", order.id);
  const bool sold = is_sold(order.status);
  if (!term || term->is_balance != sold) return std::nullopt;
  if (sold && (term->ends_at <= tx.now() ||
               !is_same_balance(*term, owed_with_change(order, waiting_change(tx, order.id)))))
    return std::nullopt;
  return term;
}

std::optional<Instant> transfer_term(const Catalogue& catalogue, Instant now) {
  const PaymentSetup& setup = catalogue.payment;
  if (!setup.offers_transfer) return std::nullopt;
  const Date last =
      catalogue.conference.start_date.plus_days(-static_cast<std::int32_t>(setup.ends_days_before));
  const Instant end = end_of_term(catalogue, now);
  if (end > catalogue.zone.day_end(last)) return std::nullopt;
  return end;
}

namespace {

// Only what comes noticeably after the mail with the account is a reminder.
std::optional<Instant> reminder_of(const Catalogue& catalogue, Instant until, Instant now) {
  const std::int64_t days = catalogue.payment.reminder_days;
  if (days > 0 && until - Duration::days(days) > now + Duration::hours(12))
    return until - Duration::days(days);
  return std::nullopt;
}

}  // namespace

std::int64_t announced_fee(const Catalogue& catalogue, const Order& order, const PaymentTerm& term) {
  if (term.fee) return *term.fee;
  const std::int64_t base =
      term.is_balance ? order.total - term.paid_before : due_without_fee(order, term.paid_before);
  return payment_fee(catalogue, order, PayWay::transfer, base);
}

std::int64_t balance_of(const Catalogue& catalogue, const Order& order, const PaymentTerm* term,
                        std::int64_t owed, std::int64_t kept) {
  if (is_sold(order.status)) {
    const std::int64_t due = std::max<std::int64_t>(owed - kept, 0);
    return due == 0 || !term || term->has_fee_line ? due : due + announced_fee(catalogue, order, *term);
  }
  if (order.status != OrderStatus::pending && order.status != OrderStatus::cancelled) return 0;
  const std::int64_t due = due_without_fee(order, kept);
  if (term) return std::max<std::int64_t>(due + announced_fee(catalogue, order, *term), 0);
  return std::max<std::int64_t>(due > 0 ? due : order.total - kept, 0);
}

std::int64_t balance_of(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  const bool sold = is_sold(order.status);
  if (!sold && order.status != OrderStatus::pending) return 0;
  const std::int64_t kept = money_of(tx, order).kept;
  const std::int64_t owed = sold ? owed_with_change(order, waiting_change(tx, order.id)) : order.total;
  if (sold && owed <= kept) return 0;
  const auto term = payment_term_of(tx, order);
  return balance_of(catalogue, order, term ? &*term : nullptr, owed, kept);
}

void settle_fee_by_hand(db::Tx& tx, const Catalogue& catalogue, Order& order, std::int64_t kept,
                        const Cause& cause) {
  if (order.status != OrderStatus::pending && order.status != OrderStatus::cancelled) return;
  const auto term = payment_term_of(tx, order);
  if (term)
    set_known_fee(tx, catalogue, order, PayWay::transfer, announced_fee(catalogue, order, *term), cause);
  else if (due_without_fee(order, kept) > 0)
    set_known_fee(tx, catalogue, order, PayWay::transfer, 0, cause);
}

std::int64_t bring_announced_fee(db::Tx& tx, const Shop& shop, Order& order, std::int64_t came,
                                 const Cause& cause) {
  auto term = payment_term_table().maybe(tx, "WHERE order_id = $1", order.id);
  if (!term || !term->is_balance || term->has_fee_line || !is_sold(order.status)) return 0;
  const std::int64_t due = money_of(tx, order).due();
  if (due <= 0 || !is_same_balance(*term, order.total)) return 0;
  const auto catalogue = catalogue_now(tx, shop, order.conference_id);
  const std::int64_t fee = announced_fee(*catalogue, order, *term);
  if (fee <= 0 || (term->ends_at <= tx.now() && came < due + fee)) return 0;
  add_transfer_fee(tx, shop, *catalogue, order, fee, cause);
  tx.exec("UPDATE payment_term SET has_fee_line = 1, fee = $1 WHERE id = $2", fee, term->id);
  return fee;
}

TransferChosen choose_transfer(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause) {
  if (const auto before = payment_term_of(tx, order);
      before && (order.status != OrderStatus::pending || order.hold_is_live(tx.now())))
    return {*before, false};
  const Payable payable = payable_now(tx, shop, order);  // refuses what cannot be paid
  const auto catalogue = catalogue_now(tx, shop, order.conference_id);
  const std::optional<Instant> until = transfer_term(*catalogue, tx.now());
  if (!until)
    throw Refused("no_transfer",
                  "This order can no longer be paid by bank transfer: the money would come too late.");
  set_payment_fee(tx, *catalogue, order, PayWay::transfer, cause);

  const bool sold = is_sold(order.status);
  tx.exec("DELETE FROM payment_term WHERE order_id = $1", order.id);  // one of before, which is over
  PaymentTerm term;
  term.order_id = order.id;
  term.conference_id = order.conference_id;
  term.chosen_at = tx.now();
  term.ends_at = *until;
  term.remind_at = reminder_of(*catalogue, *until, tx.now());
  term.is_balance = sold;
  term.paid_before = money_of(tx, order).kept;
  if (sold) term.balance = payable.amount;
  term.fee = sold ? payment_fee(*catalogue, order, PayWay::transfer, payable.amount) : payment_fee_in(order);
  term = payment_term_table().insert(tx, term);
  if (!sold)
    extend_hold(tx, order, *until);
  else if (const auto change = waiting_change(tx, order.id))
    keep_change(tx, *change, *until);
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                      {cause.source, cause.actor, "bank transfer chosen"});
  mail_order_placed(tx, order);
  return {term, true};
}

TransferDetails transfer_details(const Catalogue& catalogue, const Order& order, std::int64_t amount) {
  const PaymentSetup& setup = catalogue.payment;
  TransferDetails details;
  details.account_holder = setup.account_holder;
  details.iban = normal_iban(setup.iban);
  details.bic = normal_iban(setup.bic);
  details.bank_name = setup.bank_name;
  details.instructions = setup.instructions;
  details.reference = order.reference;
  details.amount = amount;
  details.currency = order.currency;
  return details;
}

std::string epc_text(const TransferDetails& details) {
  if (details.currency != "EUR" || details.amount < 1 || details.amount > 99'999'999'999 ||
      !is_iban(details.iban) || details.account_holder.empty())
    return {};
  // Service tag, version, character set (UTF-8), SEPA credit transfer; no purpose code, no structured
  // remittance. source: EPC069-12, section 4.
  return fmt::format("BCD\n002\n1\nSCT\n{}\n{}\n{}\nEUR{}.{:02}\n\n\n{}", details.bic,
                     cut(details.account_holder, 70), details.iban, details.amount / 100,
                     details.amount % 100, cut(details.reference, 140));
}

namespace {

bool is_due_of_sold(db::Tx& tx, const Order& order) {
  return owed_with_change(order, waiting_change(tx, order.id)) > money_of(tx, order).kept;
}

}  // namespace

std::int64_t remind_of_transfers(db::Tx& tx, Id conference_id, int limit) {
  const auto due = tx.query<Id>(
      "SELECT order_id FROM payment_term WHERE conference_id = $1 AND remind_at <= $2 ORDER BY remind_at, id "
      "LIMIT $3",
      conference_id, tx.now(), limit);
  for (const Id id : due) {
    const auto order = store::order_by_id(tx, id);
    const auto term = order ? payment_term_of(tx, *order) : std::nullopt;
    const bool waits = term && !order->billing.email.empty() &&
                       (term->is_balance ? is_due_of_sold(tx, *order)
                                         : order->hold_is_live(tx.now()) &&
                                               order->total > store::paid_so_far(tx, id).amount);
    // Counted in whole days: what a mail says must be true when it is read.
    const Instant ends = waits && !term->is_balance ? *order->hold_expires_at
                         : waits                    ? term->ends_at
                                                    : tx.now();
    const std::int64_t days = waits ? (ends - tx.now()).micros / Duration::days(1).micros : 0;
    if (waits) mail_payment_reminder(tx, *order, days);
    tx.exec_later("UPDATE payment_term SET remind_at = NULL, reminded_at = $1 WHERE order_id = $2",
                  waits ? std::optional(tx.now()) : std::nullopt, id);
  }
  return static_cast<std::int64_t>(due.size());
}

std::vector<Id> conferences_to_remind(db::Tx& tx) {
  return tx.query<Id>(
      "SELECT DISTINCT conference_id FROM payment_term WHERE remind_at <= $1 ORDER BY conference_id",
      tx.now());
}

#define LAPSES_PARTLY_PAID                                                                                 \
  "o.status = 'pending' AND o.hold_expires_at > $1 AND o.hold_expires_at <= $2 AND EXISTS (SELECT 1 FROM " \
  "payment p WHERE p.order_id = o.id AND p.status = 'succeeded' AND p.method NOT IN ('credit', 'comp'))"

std::int64_t keep_partly_paid(db::Tx& tx, Id conference_id, int limit) {
  const auto lapsing = tx.query<Id>("SELECT o.id FROM orders o WHERE " LAPSES_PARTLY_PAID
                                    " AND o.conference_id = $3 ORDER BY o.id LIMIT $4",
                                    tx.now(), tx.now() + kept_ahead, conference_id, limit);
  for (const Id id : lapsing) {
    Order order = store::order_by_id(tx, id).value();
    extend_hold(tx, order, tx.now() + kept_for_staff);
    if (order.attention.empty()) store::set_attention(tx, id, attention_partly_paid);
    store::insert_event(tx, id, to_text(order.status), to_text(order.status),
                        {"sweep", "system", "paid in part"});
  }
  return static_cast<std::int64_t>(lapsing.size());
}

std::vector<Id> conferences_with_partly_paid(db::Tx& tx) {
  return tx.query<Id>("SELECT DISTINCT o.conference_id FROM orders o WHERE " LAPSES_PARTLY_PAID, tx.now(),
                      tx.now() + kept_ahead);
}

#undef LAPSES_PARTLY_PAID

}  // namespace plenary::registration
