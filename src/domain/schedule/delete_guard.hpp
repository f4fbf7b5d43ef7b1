// The guard against mass deletion: a sync whose source suddenly knows much less than is stored is stopped
// before anything is changed. A pure function; any thread; no errors. source: configuration 10, 2.6.
#pragma once

#include <cstdint>
#include <string>

#include "base/decimal.hpp"
#include "base/errors.hpp"

namespace plenary::schedule {

struct DeleteGuard {
  bool enabled = true;
  std::int64_t min_existing_slots = 5;                   // fewer stored slots than this: not looked at
  Decimal max_fraction_removed = Decimal::scaled(4, 1);  // of the stored slots, 0 to 1
};

struct DeleteVerdict {
  bool proceed = true;
  std::int64_t removed = 0, existing = 0;
  Decimal percentage;  // removed of existing, one decimal, for people
  // Where it is stopped: what was found, what is allowed and how to override; {name} placeholders.
  std::string text;
  Refused::Arguments arguments;
  std::string message() const { return fill(text, arguments); }
};

// `existing`: stored slots before the sync; `stale`: those of them that the fresh payload does not have.
// Stopped when stale > fraction * existing, in exact decimals: exactly the fraction is let through.
DeleteVerdict may_delete(std::int64_t existing, std::int64_t stale, const DeleteGuard& guard,
                         bool allow_large_deletions = false);

}  // namespace plenary::schedule
