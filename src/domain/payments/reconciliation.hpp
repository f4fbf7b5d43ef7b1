// The comparison with Stripe: payments, refunds and disputes of the last days there and here. What the
// webhooks should have told and did not is brought in; what cannot be brought together is reported. Blocking,
// for a worker or a command. Errors: ProviderDown, ProviderRefused; what was repaired by then stays. source:
// payments 21, P27.
#pragma once

#include <string>
#include <vector>

#include "db/entity.hpp"
#include "domain/payments/provider.hpp"

namespace plenary::payments {

struct Difference {
  std::string reference;  // of the order; empty: of none
  std::string number;     // Stripe's
  std::string text;       // what differs, for staff
  bool repaired = false;
};

struct ReconciliationRun {
  std::int64_t id = 0, conference_id = 0;
  Instant since;
  std::int64_t checked = 0, repaired = 0, unsolved = 0;
  std::string report = "[]", problem;
  Instant created_at;
};
const db::Entity<ReconciliationRun>& reconciliation_table();

struct Reconciled {
  std::int64_t checked = 0;
  std::vector<Difference> differences;
  bool has_account = true;  // false: no keys; nothing was compared
};
inline constexpr Duration reconciled_days = Duration::days(7);
// `repairs` false: reports only.
Reconciled reconcile(const Provider& provider, std::int64_t conference_id, Duration back = reconciled_days,
                     bool repairs = true);

// Newest first.
std::vector<ReconciliationRun> reconciliation_runs(db::Tx& tx, std::int64_t conference_id, int limit);
std::vector<Difference> differences_of(const ReconciliationRun& run);

}  // namespace plenary::payments
