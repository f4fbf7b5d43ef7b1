// What has to be paid out by hand: refunds whose way back is a transfer or cash.
#include "base/iban.hpp"
#include "base/text.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

constexpr std::size_t longest_reference = 200, longest_name = 200;

Refund manual_refund(db::Tx& tx, Id conference_id, Id refund_id) {
  const auto refund = find_refund(tx, refund_id);
  if (!refund || refund->conference_id != conference_id || refund->destination != RefundDestination::manual)
    throw NotFound("no such refund to pay out in this conference");
  return *refund;
}

}  // namespace

std::optional<std::string> checked_iban(std::string_view typed) {
  std::string iban = normal_iban(typed);
  if (!is_iban(iban)) return std::nullopt;
  return iban;
}

std::vector<PayOut> payouts_to_make(db::Tx& tx, Id conference_id, Id after_id, int limit) {
  std::vector<PayOut> payouts;
  for (
      auto& [refund, order, payment, reference, name, email, channel, payment_reference, payer, iban, amount,
             currency, note, created, is_test] :
      tx.query<Id, Id, Id, std::string, std::string, std::string, std::string, std::string, std::string,
               std::string, std::int64_t, std::string, std::string, Instant, bool>(
          "SELECT r.id, r.order_id, r.payment_id, o.reference, o.billing_name, o.billing_email, p.channel, "
          "p.reference, p.payer_name, p.payer_iban, r.amount, r.currency, r.note, r.created_at, o.is_sandbox "
          "FROM refund r JOIN orders o ON o.id = r.order_id JOIN payment p ON p.id = r.payment_id WHERE "
          "r.conference_id = $1 AND r.destination = 'manual' AND r.status = 'succeeded' AND r.paid_out_at IS "
          "NULL AND r.id > $2 ORDER BY r.id LIMIT $3",
          conference_id, after_id, limit))
    payouts.push_back({refund, order, payment, std::move(reference), std::move(name), std::move(email),
                       std::move(channel), std::move(payment_reference), std::move(payer), std::move(iban),
                       amount, std::move(currency), std::move(note), created, is_test});
  return payouts;
}

PayOutSum payouts_open(db::Tx& tx, Id conference_id) {
  PayOutSum sum;
  for (const auto& [is_test, count, amount] :
       tx.query<bool, std::int64_t, std::int64_t>("SELECT o.is_sandbox, COUNT(*), CAST(SUM(r.amount) AS "
                                                  "BIGINT) FROM refund r JOIN orders o ON o.id = "
                                                  "r.order_id WHERE r.conference_id = $1 AND r.destination = "
                                                  "'manual' AND r.status = 'succeeded' AND "
                                                  "r.paid_out_at IS NULL GROUP BY o.is_sandbox",
                                                  conference_id)) {
    (is_test ? sum.test_count : sum.count) = count;
    if (!is_test) sum.amount = amount;
  }
  return sum;
}

void set_payout_account(db::Tx& tx, Id conference_id, Id refund_id, std::string_view name,
                        std::string_view iban) {
  const Refund refund = manual_refund(tx, conference_id, refund_id);
  std::string account;
  if (!is_blank(iban)) {
    const auto checked = checked_iban(iban);
    if (!checked)
      throw Refused("iban", "“{iban}” is no IBAN: its length or its check digits are wrong.",
                    {{"iban", std::string(trimmed(iban))}}, "iban");
    account = *checked;
  }
  if (character_count(name) > longest_name)
    throw Refused("name", "The name has at most {limit} characters.",
                  {{"limit", std::to_string(longest_name)}}, "name");
  tx.exec("UPDATE payment SET payer_name = $1, payer_iban = $2, updated_at = $3 WHERE id = $4", trimmed(name),
          account, tx.now(), refund.payment_id);
}

bool mark_paid_out(db::Tx& tx, Id conference_id, Id refund_id, const PaidOut& paid, const Cause& cause) {
  const Refund refund = manual_refund(tx, conference_id, refund_id);
  if (refund.status != RefundStatus::succeeded)
    throw NotFound("a refund that did not succeed is not paid out");
  if (character_count(paid.reference) > longest_reference)
    throw Refused("reference", "The reference has at most {limit} characters.",
                  {{"limit", std::to_string(longest_reference)}}, "reference");
  const std::int64_t marked = tx.exec(
      "UPDATE refund SET paid_out_at = $1, paid_out_by = $2, paid_out_reference = $3, updated_at = $1 WHERE "
      "id = "
      "$4 AND paid_out_at IS NULL",
      tx.now(), paid.created_by, paid.reference, refund_id);
  if (marked == 0) return false;
  const Order order = find_order(tx, refund.order_id).value();
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                      {cause.source, cause.actor, "paid out"});
  return true;
}

}  // namespace plenary::registration
