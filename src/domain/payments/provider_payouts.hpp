// What a provider pays out to the bank, in the ledger once: told by its events, and by the daily comparison
// where an event was lost. Functions of a transaction, in the conference's lane: one thread at a time. source:
// payments 21, P27; docs/payments.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "domain/payments/stripe.hpp"

namespace plenary::payments {

struct PostedPayout {
  std::int64_t first = 0, left = 0;  // minor units: as it was paid out, and after what came back of it
  std::string currency;
};
std::optional<PostedPayout> posted_payout(db::Tx& tx, std::int64_t conference_id, std::string_view payout_id);

// Of one that is paid, or failed after that. What came of it, for staff; nothing: it was never paid out.
std::optional<std::string> post_payout_of(db::Tx& tx, std::int64_t conference_id, const StripePayout& payout);

}  // namespace plenary::payments
