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
      },
      db::Rules<T>()
          .titled("Payment term", "Payment terms")
          .ordered_by("id DESC")
          .unique({"order_id"}, "This order has its term already."));
  return table;
}

std::optional<PaymentTerm> payment_term_of(db::Tx& tx, const Order& order) {
  auto term = payment_term_table().maybe(tx, "WHERE order_id = $1", order.id);
  const bool sold = is_sold(order.status);
  if (!term || term->is_balance != sold || (sold && term->ends_at <= tx.now())) return std::nullopt;
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

// What is due of an order that is sold, and a change that waits: its stock is kept as long as the term.
void keep_change(db::Tx& tx, const Order& order, Instant until) {
  const auto change = waiting_change(tx, order.id);
  if (!change || change->expires_at >= until) return;
  keep_holds(tx, HoldOwner::change, change->id, until);
  tx.exec("UPDATE order_change SET expires_at = $1 WHERE id = $2", until, change->id);
}

}  // namespace

std::int64_t balance_without_fee(db::Tx& tx, const Order& order) {
  const OrderMoney money = money_of(tx, order);
  if (order.status == OrderStatus::pending)
    return std::max<std::int64_t>(due_without_fee(order, money.kept), 0);
  if (!is_sold(order.status)) return 0;
  const auto change = waiting_change(tx, order.id);
  if (!change) return money.due();
  return std::max<std::int64_t>(order.total + change->difference - money.kept, 0);
}

std::int64_t balance_of(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  const std::int64_t balance = balance_without_fee(tx, order);
  if (balance == 0 || !payment_term_of(tx, order)) return balance;
  return balance + payment_fee(catalogue, order, PayWay::transfer, balance);
}

TransferChosen choose_transfer(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause) {
  if (const auto before = payment_term_of(tx, order);
      before && (order.status != OrderStatus::pending || order.hold_is_live(tx.now())))
    return {*before, false};
  payable_now(tx, shop, order);  // refuses what cannot be paid
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
  term = payment_term_table().insert(tx, term);
  if (sold)
    keep_change(tx, order, *until);
  else
    extend_hold(tx, order, *until);
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

std::int64_t remind_of_transfers(db::Tx& tx, Id conference_id, int limit) {
  const auto due = tx.query<Id>(
      "SELECT order_id FROM payment_term WHERE conference_id = $1 AND remind_at <= $2 ORDER BY remind_at, id "
      "LIMIT $3",
      conference_id, tx.now(), limit);
  for (const Id id : due) {
    const auto order = store::order_by_id(tx, id);
    const auto term = order ? payment_term_of(tx, *order) : std::nullopt;
    const bool waits = term && !order->billing.email.empty() &&
                       (term->is_balance ? balance_without_fee(tx, *order) > 0
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
