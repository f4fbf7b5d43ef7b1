#include "site/card_modes.hpp"

#include "domain/payments/card_payments.hpp"

namespace plenary::site {

CardMode CardModes::at(db::Tx& tx, const payments::CardPayments* cards, std::int64_t conference_id,
                       std::int64_t catalogue_version) const {
  if (!cards) return {};
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(conference_id);
        found != kept_.end() && found->second.version == catalogue_version)
      return found->second.mode;
  }
  CardMode mode;
  mode.is_offered = cards->is_offered(tx, conference_id);
  mode.is_test = mode.is_offered && cards->is_test(tx, conference_id);
  if (!tx.sees_only_committed()) return mode;
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[conference_id];
  if (kept.version <= catalogue_version) kept = {catalogue_version, mode};
  return mode;
}

}  // namespace plenary::site
