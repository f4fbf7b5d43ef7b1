#include "domain/payments/provider_payouts.hpp"

#include <fmt/format.h>

#include "domain/payments/stripe_amounts.hpp"
#include "domain/registration/ledger.hpp"

namespace plenary::payments {
namespace {

std::string reference_of_failure(std::string_view payout_id) {
  return fmt::format("{} failed", payout_id);
}

}  // namespace

std::optional<PostedPayout> posted_payout(db::Tx& tx, std::int64_t conference_id,
                                          std::string_view payout_id) {
  std::optional<PostedPayout> posted;
  for (auto& [debit, amount, currency, reference] :
       tx.query<std::string, std::int64_t, std::string, std::string>(
           "SELECT debit, amount, currency, reference FROM ledger_entry WHERE conference_id = $1 AND kind = "
           "'payout' AND reference IN ($2, $3) ORDER BY id",
           conference_id, payout_id, reference_of_failure(payout_id))) {
    const std::int64_t moved = debit == registration::Account::bank ? amount : -amount;
    if (!posted) posted = PostedPayout{moved, 0, std::move(currency)};
    posted->left += moved;
  }
  return posted;
}

std::optional<std::string> post_payout_of(db::Tx& tx, std::int64_t conference_id,
                                          const StripePayout& payout) {
  const auto currency = Currency::find(payout.currency);
  if (payout.id.empty() || !currency || payout.amount == 0) return std::nullopt;
  const bool failed = payout.status == "failed";
  const std::optional<PostedPayout> posted = posted_payout(tx, conference_id, payout.id);
  if (failed && !posted) return std::nullopt;
  if (posted && (!failed || posted->left == 0)) return "known already";
  const std::int64_t minor = failed ? -posted->left : from_stripe(payout.amount, *currency).minor();
  registration::post_payout(tx, conference_id, registration::Account::stripe, minor,
                            failed ? posted->currency : payout.currency,
                            failed ? reference_of_failure(payout.id) : payout.id, !payout.livemode);
  return failed ? "a payout failed and is back at Stripe" : "paid out to the bank";
}

}  // namespace plenary::payments
