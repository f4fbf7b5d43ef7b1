// Recounting the ledger from the rows that it accounts for.
#include <fmt/format.h>

#include "domain/registration/ledger.hpp"

namespace plenary::registration {
namespace {

using Faults = std::vector<std::string>;

// Sold lines: what each order is worth, its tax and its discounts.
void check_orders(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const auto& [reference, worth, tax, discounts, total, posted, posted_tax, posted_discounts] :
       tx.query<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                std::int64_t, std::int64_t>(
           "SELECT o.reference, l.worth, l.tax, l.discounts, o.total, e.worth, e.tax, e.discounts FROM "
           "orders o "
           "JOIN (SELECT x.id AS order_id, CAST(COALESCE(SUM(CASE WHEN x.paid_at IS NOT NULL THEN l.gross "
           "END), "
           "0) AS BIGINT) AS worth, CAST(COALESCE(SUM(CASE WHEN x.paid_at IS NOT NULL THEN l.tax END), 0) AS "
           "BIGINT) AS tax, CAST(COALESCE(SUM(CASE WHEN x.paid_at IS NOT NULL THEN l.condition_discount + "
           "l.voucher_discount END), 0) AS BIGINT) AS discounts FROM orders x LEFT JOIN order_line l ON "
           "l.order_id = x.id WHERE x.conference_id = $1 GROUP BY x.id) l ON l.order_id = o.id JOIN (SELECT "
           "x.id "
           "AS order_id, CAST(COALESCE(SUM(CASE WHEN e.kind NOT IN ('sale', 'change') THEN 0 WHEN e.debit = "
           "'receivable' THEN e.amount WHEN e.credit = 'receivable' THEN -e.amount ELSE 0 END), 0) AS "
           "BIGINT) AS "
           "worth, CAST(COALESCE(SUM(CASE WHEN e.kind NOT IN ('sale', 'change') THEN 0 WHEN e.credit = 'tax' "
           "THEN e.amount WHEN e.debit = 'tax' THEN -e.amount ELSE 0 END), 0) AS BIGINT) AS tax, "
           "CAST(COALESCE(SUM(CASE WHEN e.debit = 'discounts' THEN e.amount WHEN e.credit = 'discounts' THEN "
           "-e.amount ELSE 0 END), 0) AS BIGINT) AS discounts FROM orders x LEFT JOIN ledger_entry e ON "
           "e.order_id = x.id WHERE x.conference_id = $1 GROUP BY x.id) e ON e.order_id = o.id WHERE "
           "o.conference_id = $1 AND (l.worth <> e.worth OR l.tax <> e.tax OR l.discounts <> e.discounts OR "
           "(o.paid_at IS NOT NULL AND o.total <> l.worth)) ORDER BY o.id",
           conference_id))
    faults.push_back(
        fmt::format("order {}: total {}, lines {} (tax {}, discounts {}), ledger {} (tax {}, discounts {})",
                    reference, total, worth, tax, discounts, posted, posted_tax, posted_discounts));
}

// Every payment that counts is there once, with its amount, and no other.
void check_payments(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const auto& [id, reference, status, amount, posted] :
       tx.query<Id, std::string, std::string, std::int64_t, std::int64_t>(
           "SELECT p.id, o.reference, p.status, p.amount, e.posted FROM payment p JOIN orders o ON o.id = "
           "p.order_id JOIN (SELECT q.id AS payment_id, CAST(COALESCE(SUM(CASE WHEN e.credit = 'receivable' "
           "THEN "
           "e.amount ELSE -e.amount END), 0) AS BIGINT) AS posted FROM payment q LEFT JOIN ledger_entry e ON "
           "e.order_id = q.order_id AND e.payment_id = q.id AND e.kind = 'payment' WHERE q.conference_id = "
           "$1 "
           "GROUP BY q.id) e ON e.payment_id = p.id WHERE p.conference_id = $1 AND e.posted <> CASE WHEN "
           "p.status "
           "IN ('succeeded', 'refunded') THEN p.amount ELSE 0 END ORDER BY p.id",
           conference_id))
    faults.push_back(
        fmt::format("payment {} of order {}: {} {}, ledger {}", id, reference, status, amount, posted));
}

void check_refunds(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const auto& [id, reference, status, amount, posted] :
       tx.query<Id, std::string, std::string, std::int64_t, std::int64_t>(
           "SELECT r.id, o.reference, r.status, r.amount, e.posted FROM refund r JOIN orders o ON o.id = "
           "r.order_id JOIN (SELECT q.id AS refund_id, CAST(COALESCE(SUM(CASE WHEN e.debit = 'receivable' "
           "THEN "
           "e.amount ELSE -e.amount END), 0) AS BIGINT) AS posted FROM refund q LEFT JOIN ledger_entry e ON "
           "e.order_id = q.order_id AND e.refund_id = q.id AND e.kind = 'refund' WHERE q.conference_id = $1 "
           "GROUP "
           "BY q.id) e ON e.refund_id = r.id WHERE r.conference_id = $1 AND e.posted <> CASE WHEN r.status = "
           "'succeeded' THEN r.amount ELSE 0 END ORDER BY r.id",
           conference_id))
    faults.push_back(
        fmt::format("refund {} of order {}: {} {}, ledger {}", id, reference, status, amount, posted));
}

// What was waived is void once no unit of its order is left, and only then.
void check_waived(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const auto& [id, reference, status, amount, posted] :
       tx.query<Id, std::string, std::string, std::int64_t, std::int64_t>(
           "SELECT w.id, w.reference, w.status, w.amount, w.posted FROM (SELECT p.id, o.reference, o.status, "
           "CASE WHEN o.status = 'refunded' AND p.status = 'succeeded' THEN p.amount - COALESCE((SELECT "
           "CAST(SUM(r.amount) AS BIGINT) FROM refund r WHERE r.payment_id = p.id AND (r.status = "
           "'requested' "
           "OR r.status = 'succeeded')), 0) ELSE 0 END AS amount, COALESCE((SELECT CAST(SUM(e.amount) AS "
           "BIGINT) FROM ledger_entry e WHERE e.order_id = o.id AND e.payment_id = p.id AND e.kind = "
           "'correction'), 0) AS posted FROM payment p JOIN orders o ON o.id = p.order_id WHERE "
           "p.conference_id = $1 AND p.method = 'comp') w WHERE w.amount <> w.posted ORDER BY w.id",
           conference_id))
    faults.push_back(fmt::format("payment {} of the {} order {}: {} waived that is void, ledger {}", id,
                                 status, reference, amount, posted));
}

// What is owed as store credit is what remains of the credits: those that stem from test orders in their
// books, all others in the real ones.
void check_credits(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const bool is_test : {false, true}) {
    const auto remains = tx.one<std::int64_t>(
        "SELECT CAST(COALESCE(SUM(c.remaining_amount), 0) AS BIGINT) FROM credit c LEFT JOIN orders o ON "
        "o.id = "
        "c.source_order_id WHERE c.conference_id = $1 AND c.status <> 'expired' AND COALESCE(o.is_sandbox, "
        "0) = "
        "$2",
        conference_id, is_test);
    const auto posted = tx.one<std::int64_t>(
        "SELECT CAST(COALESCE(SUM(CASE WHEN credit = 'credits' THEN amount ELSE -amount END), 0) AS BIGINT) "
        "FROM "
        "ledger_entry WHERE conference_id = $1 AND is_test = $2 AND (credit = 'credits' OR debit = "
        "'credits')",
        conference_id, is_test);
    if (remains != posted)
      faults.push_back(fmt::format("credits{}: {} remain to be spent, ledger {}",
                                   is_test ? " of test orders" : "", remains, posted));
  }
}

// What disputes hold back of a payment, or have taken.
void check_disputed(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const auto& [id, reference, amount, posted] : tx.query<Id, std::string, std::int64_t, std::int64_t>(
           "SELECT p.id, o.reference, p.disputed, e.posted FROM payment p JOIN orders o ON o.id = p.order_id "
           "JOIN "
           "(SELECT q.id AS payment_id, CAST(COALESCE(SUM(CASE WHEN e.debit IN ('disputed', "
           "'dispute_losses') "
           "THEN e.amount ELSE 0 END - CASE WHEN e.credit IN ('disputed', 'dispute_losses') THEN e.amount "
           "ELSE 0 "
           "END), 0) AS BIGINT) AS posted FROM payment q LEFT JOIN ledger_entry e ON e.order_id = q.order_id "
           "AND "
           "e.payment_id = q.id AND e.kind = 'dispute' WHERE q.conference_id = $1 GROUP BY q.id) e ON "
           "e.payment_id = p.id WHERE p.conference_id = $1 AND e.posted <> p.disputed ORDER BY p.id",
           conference_id))
    faults.push_back(
        fmt::format("payment {} of order {}: {} in disputes, ledger {}", id, reference, amount, posted));
}

void check_fees(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const auto& [id, amount, posted] : tx.query<Id, std::int64_t, std::int64_t>(
           "SELECT p.id, COALESCE(p.fee_amount, 0), e.posted FROM payment p JOIN (SELECT q.id AS payment_id, "
           "CAST(COALESCE(SUM(CASE WHEN e.debit = 'provider_fees' THEN e.amount ELSE -e.amount END), 0) AS "
           "BIGINT) AS posted FROM payment q LEFT JOIN ledger_entry e ON e.order_id = q.order_id AND "
           "e.payment_id "
           "= q.id AND e.kind = 'fee' AND e.currency = CASE WHEN q.fee_currency = '' THEN q.currency ELSE "
           "q.fee_currency END WHERE q.conference_id = $1 GROUP BY q.id) e ON e.payment_id = p.id WHERE "
           "p.conference_id = $1 AND e.posted <> COALESCE(p.fee_amount, 0) ORDER BY p.id",
           conference_id))
    faults.push_back(fmt::format("payment {}: fee {}, ledger {}", id, amount, posted));
  // In currencies in which it has none (any more), nothing is left.
  for (const auto& [id, currency, posted] :
       tx.query<Id, std::string, std::int64_t>("SELECT p.id, e.currency, CAST(SUM(CASE WHEN e.debit = "
                                               "'provider_fees' THEN e.amount ELSE -e.amount END) "
                                               "AS BIGINT) FROM ledger_entry e JOIN payment p ON p.id = "
                                               "e.payment_id WHERE e.conference_id = $1 AND "
                                               "e.kind = 'fee' AND e.currency <> CASE WHEN p.fee_currency = "
                                               "'' THEN p.currency ELSE p.fee_currency END "
                                               "GROUP BY p.id, e.currency HAVING SUM(CASE WHEN e.debit = "
                                               "'provider_fees' THEN e.amount ELSE -e.amount "
                                               "END) <> 0 ORDER BY p.id",
                                               conference_id))
    faults.push_back(fmt::format("payment {}: no fee in {}, ledger {}", id, currency, posted));
}

// Entries of orders that are not of this conference, or in another currency than their order.
void check_places(db::Tx& tx, Id conference_id, Faults& faults) {
  for (const Id id : tx.query<Id>("SELECT e.id FROM ledger_entry e JOIN orders o ON o.id = e.order_id WHERE "
                                  "(e.conference_id = $1 OR "
                                  "o.conference_id = $1) AND (e.conference_id <> o.conference_id OR "
                                  "(e.currency <> o.currency AND e.kind <> "
                                  "'fee') OR "
                                  "e.is_test <> o.is_sandbox) ORDER BY e.id",
                                  conference_id))
    faults.push_back(fmt::format("entry {}: its conference, currency or test mark is not its order's", id));
}

}  // namespace

std::vector<std::string> verify_ledger(db::Tx& tx, Id conference_id) {
  Faults faults;
  check_orders(tx, conference_id, faults);
  check_payments(tx, conference_id, faults);
  check_refunds(tx, conference_id, faults);
  check_waived(tx, conference_id, faults);
  check_credits(tx, conference_id, faults);
  check_fees(tx, conference_id, faults);
  check_disputed(tx, conference_id, faults);
  check_places(tx, conference_id, faults);
  return faults;
}

}  // namespace plenary::registration
