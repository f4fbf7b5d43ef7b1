// Payments row by row. One that succeeds is posted to the ledger here, and nowhere else.
#include "db/gather.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration::store {

std::optional<Id> next_payment_id(db::Tx& tx) {
  if (tx.engine() != db::Engine::postgresql) return std::nullopt;
  return tx.maybe<Id>("SELECT nextval('payment_id_seq')");
}

Id insert_payment(db::Tx& tx, const NewPayment& p) {
  static constexpr char sql[] =
      "INSERT INTO payment (id, order_id, conference_id, method, status, amount, currency, "
      "gateway_reference, failure, intent_id, charge_id, channel, reference, note, credit_id, created_by, "
      "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
      "$16, "
      "$17, $17) RETURNING id";
  std::optional<Id> id = next_payment_id(tx);
  if (!id)
    id = tx.one<Id>(sql, id, p.order_id, p.conference_id, to_text(p.method), to_text(p.status), p.amount,
                    p.currency, p.gateway_reference, p.failure, p.intent_id, p.charge_id, p.channel,
                    p.reference, p.note, p.credit_id, p.created_by, tx.now());
  else
    db::write_later(tx, sql, *id, p.order_id, p.conference_id, to_text(p.method), to_text(p.status), p.amount,
                    p.currency, p.gateway_reference, p.failure, p.intent_id, p.charge_id, p.channel,
                    p.reference, p.note, p.credit_id, p.created_by, tx.now());
  if (p.status == PaymentStatus::succeeded) {
    LedgerEntry entry;
    entry.conference_id = p.conference_id;
    entry.debit = account_of(p.method, p.channel);
    entry.credit = Account::receivable;
    entry.amount = p.amount;
    entry.currency = std::string(p.currency);
    entry.kind = EntryKind::payment;
    entry.is_test = p.is_test;
    entry.order_id = p.order_id;
    entry.payment_id = *id;
    entry.credit_id = p.credit_id;
    post(tx, entry);
  }
  return *id;
}

void set_payment_status(db::Tx& tx, Id payment_id, PaymentStatus status, std::string_view note) {
  const auto counts = [](PaymentStatus s) {
    return s == PaymentStatus::succeeded || s == PaymentStatus::refunded;
  };
  const std::optional<Payment> payment = payment_by_id(tx, payment_id);
  if (payment && counts(payment->status) != counts(status)) {
    LedgerEntry entry;
    entry.conference_id = payment->conference_id;
    entry.debit = account_of(payment->method, payment->channel);
    entry.credit = Account::receivable;
    entry.amount = counts(status) ? payment->amount : -payment->amount;
    entry.currency = payment->currency;
    entry.kind = EntryKind::payment;
    entry.is_test = tx.one<bool>("SELECT is_sandbox FROM orders WHERE id = $1", payment->order_id);
    entry.order_id = payment->order_id;
    entry.payment_id = payment->id;
    entry.credit_id = payment->credit_id;
    post(tx, entry);
  }
  // A note that staff wrote stays where there is nothing new to say.
  tx.exec_later(
      "UPDATE payment SET status = $1, note = CASE WHEN $2 = '' THEN note ELSE $2 END, updated_at = $3 WHERE "
      "id = "
      "$4",
      to_text(status), note, tx.now(), payment_id);
}

void set_payment_origin(db::Tx& tx, Id payment_id, Date received_on, std::string_view payer_name,
                        std::string_view payer_iban) {
  tx.exec_later("UPDATE payment SET received_on = $1, payer_name = $2, payer_iban = $3 WHERE id = $4",
                received_on.to_string(), payer_name, payer_iban, payment_id);
}

namespace {

using PaymentColumns =
    std::tuple<Id, Id, Id, std::string, std::string, std::int64_t, std::string, std::string, std::string,
               Instant, std::string, std::string, std::string, std::string, std::string, std::string,
               std::optional<Id>, std::optional<std::int64_t>, std::optional<Id>, std::string>;
#define PAYMENT_COLUMNS                                                                                 \
  "SELECT id, order_id, conference_id, method, status, amount, currency, reference, note, created_at, " \
  "intent_id, charge_id, channel, failure, card_brand, card_last4, credit_id, fee_amount, created_by, " \
  "fee_currency "                                                                                       \
  "FROM payment "

Payment payment_of(PaymentColumns&& row) {
  auto& [id, order, conference, method, status, amount, currency, reference, note, created, intent, charge,
         channel, failure, brand, last4, credit, fee, by, fee_currency] = row;
  Payment payment;
  payment.id = id;
  payment.order_id = order;
  payment.method = payment_method(method);
  payment.status = payment_status(status);
  payment.amount = amount;
  payment.reference = std::move(reference);
  payment.note = std::move(note);
  payment.created_at = created;
  payment.conference_id = conference;
  payment.currency = std::move(currency);
  payment.intent_id = std::move(intent);
  payment.charge_id = std::move(charge);
  payment.channel = std::move(channel);
  payment.failure = std::move(failure);
  payment.card_brand = std::move(brand);
  payment.card_last4 = std::move(last4);
  payment.credit_id = credit;
  payment.fee_amount = fee;
  payment.fee_currency = std::move(fee_currency);
  payment.created_by = by;
  return payment;
}

template <class... In>
std::vector<PaymentColumns> payment_rows_of(db::Tx& tx, const char* sql, const In&... in) {
  return tx.query<Id, Id, Id, std::string, std::string, std::int64_t, std::string, std::string, std::string,
                  Instant, std::string, std::string, std::string, std::string, std::string, std::string,
                  std::optional<Id>, std::optional<std::int64_t>, std::optional<Id>, std::string>(sql, in...);
}

}  // namespace

std::optional<Payment> payment_by_id(db::Tx& tx, Id payment_id) {
  auto rows = payment_rows_of(tx, PAYMENT_COLUMNS "WHERE id = $1", payment_id);
  if (rows.empty()) return std::nullopt;
  return payment_of(std::move(rows.front()));
}

std::optional<Payment> payment_by_intent(db::Tx& tx, Id conference_id, std::string_view intent_id) {
  if (intent_id.empty()) return std::nullopt;
  auto rows =
      payment_rows_of(tx, PAYMENT_COLUMNS "WHERE intent_id = $1 AND intent_id <> '' AND conference_id = $2",
                      intent_id, conference_id);
  if (rows.empty()) return std::nullopt;
  return payment_of(std::move(rows.front()));
}

std::vector<Payment> payments_of(db::Tx& tx, Id order_id) {
  std::vector<Payment> payments;
  for (auto& row : payment_rows_of(tx, PAYMENT_COLUMNS "WHERE order_id = $1 ORDER BY id DESC", order_id))
    payments.push_back(payment_of(std::move(row)));
  return payments;
}

std::vector<Payment> payments_of(db::Tx& tx, Id order_id, std::string_view reference) {
  if (tx.engine() == db::Engine::sqlite) return payments_of(tx, order_id);
  std::vector<Payment> payments;
  for (auto& row : payment_rows_of(
           tx,
           PAYMENT_COLUMNS "WHERE order_id = (SELECT id FROM orders WHERE reference = $1) ORDER BY id DESC",
           reference))
    payments.push_back(payment_of(std::move(row)));
  return payments;
}

#define PAID_SO_FAR                                                                                      \
  "SELECT CAST(COALESCE(SUM(CASE WHEN p.status = 'succeeded' THEN p.amount - COALESCE((SELECT "          \
  "SUM(r.amount) "                                                                                       \
  "FROM refund r WHERE r.payment_id = p.id AND r.status IN ('requested', 'succeeded')), 0) END), 0) AS " \
  "BIGINT), COUNT(CASE WHEN p.status = 'processing' THEN 1 END) FROM payment p WHERE p.order_id = "
PaidSoFar paid_so_far(db::Tx& tx, Id order_id) {
  const auto row = tx.maybe<std::int64_t, std::int64_t>(PAID_SO_FAR "$1", order_id);
  return row ? PaidSoFar{std::get<0>(*row), std::get<1>(*row) != 0} : PaidSoFar{};
}

PaidSoFar paid_so_far(db::Tx& tx, Id order_id, std::string_view reference) {
  if (tx.engine() == db::Engine::sqlite) return paid_so_far(tx, order_id);
  const auto row = tx.maybe<std::int64_t, std::int64_t>(
      PAID_SO_FAR "(SELECT id FROM orders WHERE reference = $1)", reference);
  return row ? PaidSoFar{std::get<0>(*row), std::get<1>(*row) != 0} : PaidSoFar{};
}
#undef PAID_SO_FAR

#undef PAYMENT_COLUMNS

}  // namespace plenary::registration::store
