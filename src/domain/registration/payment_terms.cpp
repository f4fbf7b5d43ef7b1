#include "domain/registration/payment_terms.hpp"

#include <fmt/format.h>

#include "base/iban.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

Instant end_of_term(const Catalogue& catalogue, Instant now) {
  const Date today = catalogue.zone.local(now).date;
  return catalogue.zone.day_end(today.plus_days(static_cast<std::int32_t>(catalogue.payment.term_days)));
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
      },
      db::Rules<T>()
          .titled("Payment term", "Payment terms")
          .ordered_by("id DESC")
          .unique({"order_id"}, "This order has its term already."));
  return table;
}

std::optional<PaymentTerm> payment_term_of(db::Tx& tx, Id order_id) {
  return payment_term_table().maybe(tx, "WHERE order_id = $1", order_id);
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

TransferChosen choose_transfer(db::Tx& tx, const Shop& shop, Order& order, const Cause& cause) {
  if (order.status != OrderStatus::pending)
    throw Refused("not_payable", "This order is {status}; there is nothing to pay.",
                  {{"status", std::string(to_text(order.status))}});
  if (!order.hold_is_live(tx.now()))
    throw Refused("hold_elapsed",
                  "The time to pay this order is over. Your tickets are free again: please order anew.");
  if (const auto before = payment_term_of(tx, order.id)) return {*before, false};
  const auto so_far = store::paid_so_far(tx, order.id);
  if (so_far.processing)
    throw Refused("payment_running", "A payment for this order is being processed already.");
  if (order.total - so_far.amount <= 0) throw Refused("not_payable", "This order is paid already.");
  const auto state = conference::find_state(tx, order.conference_id);
  const auto catalogue = shop.catalogues.at(tx, order.conference_id, state->catalogue_version);
  const std::optional<Instant> until = transfer_term(*catalogue, tx.now());
  if (!until)
    throw Refused("no_transfer",
                  "This order can no longer be paid by bank transfer: the money would come too late.");

  PaymentTerm term;
  term.order_id = order.id;
  term.conference_id = order.conference_id;
  term.chosen_at = tx.now();
  term.ends_at = *until;
  const std::int64_t days = catalogue->payment.reminder_days;
  // Only what comes noticeably after the mail with the account is a reminder.
  if (days > 0 && *until - Duration::days(days) > tx.now() + Duration::hours(12))
    term.remind_at = *until - Duration::days(days);
  term = payment_term_table().insert(tx, term);
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
    const bool waits = order && order->hold_is_live(tx.now()) && !order->billing.email.empty() &&
                       order->total > store::paid_so_far(tx, id).amount;
    // Counted in whole days: what a mail says must be true when it is read.
    const std::int64_t days =
        waits ? (*order->hold_expires_at - tx.now()).micros / Duration::days(1).micros : 0;
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
