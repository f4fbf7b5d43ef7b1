// A conference that does not take place: sales stop, every order is cancelled and its money goes back, all of
// it, less a fee, or as a credit; each order once and with one mail, however often the run is cut off.
// Started in one write, done by the worker, an order a write. Functions of a transaction: in the conference's
// lane. source: payments 21, P34; docs/payments.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/entity.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/money_in.hpp"

namespace plenary::payments {

using Id = std::int64_t;

// credit: to the buyer's account; guests get the money the way they paid.
enum class CancellationWay { full, less_fee, credit };
std::string_view to_text(CancellationWay way);
std::optional<CancellationWay> cancellation_way(std::string_view text);

struct CancellationTerms {
  CancellationWay way = CancellationWay::full;
  // less_fee: the larger of the two is kept, at most what was paid.
  Decimal fee_percent = {};
  std::int64_t fee_amount = 0;
  std::string note = {};  // told to the buyers in the mail; at most 2000 characters
};

// How a preview counts: by where the money goes.
struct CancellationSums {
  std::int64_t orders = 0, amount = 0;
};
struct CancellationPreview {
  std::string currency;
  CancellationSums card, credit, by_hand;  // what goes back; orders that go two ways count in both
  CancellationSums kept;                   // as fees
  std::int64_t orders = 0;                 // to be cancelled, all of them
  std::int64_t unpaid = 0;                 // of them: pending, nothing came in
  std::int64_t free = 0;                   // of them: sold, and no money came in
  std::int64_t processing = 0;             // wait for a provider's answer: not cancelled until it is there
  std::int64_t waiting = 0;  // people on the waiting list: with the sale they get no more offers
  std::int64_t total_back() const { return card.amount + credit.amount + by_hand.amount; }
};
// Reads every open order of the conference: slow pool. Refused("fee") for terms out of range, "note".
CancellationPreview preview_conference_cancellation(db::Tx& tx, Id conference_id,
                                                    const CancellationTerms& terms);

enum class RunState { running, stopped, done };
std::string_view to_text(RunState state);

struct CancellationRun {
  Id id = 0, conference_id = 0;
  CancellationWay way = CancellationWay::full;
  Decimal fee_percent;
  std::int64_t fee_amount = 0;
  std::string note;
  RunState state = RunState::running;
  std::int64_t orders = 0;            // when it was started
  std::int64_t done = 0, failed = 0;  // so far
  std::int64_t card_amount = 0, credit_amount = 0, by_hand_amount = 0, kept_amount = 0;
  std::string currency;
  std::optional<Id> created_by;
  std::string actor;  // how the record of changes calls who started it
  Instant created_at, updated_at;
  std::optional<Instant> finished_at;
};
const db::Entity<CancellationRun>& cancellation_run_table();

// An order that a run has seen.
enum class CancelledState { done, failed };
struct CancelledOrder {
  Id id = 0, run_id = 0, order_id = 0;
  CancelledState state = CancelledState::done;
  std::int64_t card_amount = 0, credit_amount = 0, by_hand_amount = 0, kept_amount = 0;
  std::string failure;  // English, for staff
  Instant created_at, updated_at;
};
const db::Entity<CancelledOrder>& cancelled_order_table();

// The conference's run, if there is one; there is never a second.
std::optional<CancellationRun> cancellation_run(db::Tx& tx, Id conference_id);
struct FailedOrder {
  Id order_id = 0;
  std::string order_reference, failure;
};
std::vector<FailedOrder> failed_orders(db::Tx& tx, Id run_id, int limit = 200);

// Stops the sale and begins the run. `expected`: as the preview said; Refused("changed_meanwhile") when the
// number of orders or the sum is another by now, so that nobody starts what they did not see. Refused: fee,
// note, running (there is a run).
CancellationRun start_cancellation(db::Tx& tx, Id conference_id, const CancellationTerms& terms,
                                   const CancellationPreview& expected, const conference::Actor& actor);
// Staff halt it between two orders, and let it go on. Repeats change nothing.
void stop_cancellation(db::Tx& tx, Id conference_id, const conference::Actor& actor);
// Also tries again what failed, and takes orders that came into the conference since.
void continue_cancellation(db::Tx& tx, Id conference_id, const conference::Actor& actor);

// The worker's part: orders one after the other until none is left or `goes_on` says no; how many it did.
// Several at once, or again after a kill, are harmless. A progress bar reads `cancellation_run`.
std::int64_t run_cancellation(db::Database& database, const registration::Shop& shop, Id conference_id,
                              const std::function<bool()>& goes_on);
// Outbox kind that wakes it; payload {}; its conference says which.
inline constexpr std::string_view cancellation_kind = "cancel_conference";
// Conferences whose run goes on: for the periodic look that finds one whose worker died.
std::vector<Id> conferences_being_cancelled(db::Tx& tx);

}  // namespace plenary::payments
