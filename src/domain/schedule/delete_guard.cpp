#include "domain/schedule/delete_guard.hpp"

namespace plenary::schedule {
namespace {

// 100 * part / whole, half up to one decimal, in whole numbers.
Decimal percentage_of(std::int64_t part, std::int64_t whole) {
  const __int128 thousandths =
      (static_cast<__int128>(part) * 2000 + whole) / (2 * static_cast<__int128>(whole));
  return Decimal::scaled(thousandths, 1);
}

}  // namespace

DeleteVerdict may_delete(std::int64_t existing, std::int64_t stale, const DeleteGuard& guard,
                         bool allow_large_deletions) {
  DeleteVerdict verdict;
  verdict.removed = stale;
  verdict.existing = existing;
  if (existing > 0) verdict.percentage = percentage_of(stale, existing);
  const bool looked_at = guard.enabled && !allow_large_deletions && existing > 0 && stale > 0 &&
                         existing >= guard.min_existing_slots;
  if (!looked_at || Decimal(stale) <= guard.max_fraction_removed * Decimal(existing)) return verdict;
  verdict.proceed = false;
  verdict.text = plenary::message(
      "This sync would remove {removed} of {existing} stored schedule slots ({percentage} %); at most "
      "{limit} % "
      "may go at once. Nothing was changed. If the schedule really shrank that much, run the sync again and "
      "allow large deletions.");
  verdict.arguments = {
      {"removed", std::to_string(stale)},
      {"existing", std::to_string(existing)},
      {"percentage", verdict.percentage.to_string()},
      {"limit", (guard.max_fraction_removed * Decimal(100)).normalized().to_string()},
  };
  return verdict;
}

}  // namespace plenary::schedule
