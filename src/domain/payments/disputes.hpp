// Disputes: money that a buyer's bank takes back while it is argued about. Each is a row that follows what
// Stripe tells, whichever event comes first; the order says so to staff, the money that is held back cannot
// be refunded, and the ledger knows where it is. Functions of a transaction, in the conference's lane.
// source: payments 21, 10.5 and P20.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/entity.hpp"
#include "domain/payments/stripe.hpp"
#include "domain/registration/provider_payments.hpp"

namespace plenary::payments {

using registration::Id;

struct Dispute {
  Id id = 0, conference_id = 0, order_id = 0, payment_id = 0;
  std::string provider_id, charge_id;
  std::int64_t amount = 0;  // minor units
  std::string currency, reason, status;
  std::optional<Instant> evidence_due_at;  // until when Stripe takes evidence
  std::int64_t held_back = 0;              // of it, at this moment: taken away or lost
  std::int64_t fee_amount = 0;
  std::string fee_currency;  // empty: the dispute's
  Instant told_at, opened_at;
  std::optional<Instant> closed_at;
  Instant created_at, updated_at;
  bool is_open() const { return !closed_at; }
};
const db::Entity<Dispute>& dispute_table();

std::vector<Dispute> disputes_of(db::Tx& tx, Id order_id);                    // oldest first
std::vector<Dispute> open_disputes(db::Tx& tx, Id conference_id, int limit);  // the most urgent first
// In this currency.
std::int64_t dispute_fees_of(db::Tx& tx, Id payment_id, std::string_view currency);
// Recounts the disputes' entries of the ledger and what they hold back of payments: every difference, for
// people. Reads only.
std::vector<std::string> verify_disputes(db::Tx& tx, Id conference_id);

// `told_at`: when Stripe said so. Older news than what is known changes nothing. What came of it, for staff;
// nothing: no payment of this conference.
std::optional<std::string> take_dispute(db::Tx& tx, Id conference_id, const StripeDispute& dispute,
                                        Instant told_at);

}  // namespace plenary::payments
