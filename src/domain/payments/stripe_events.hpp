// What Stripe tells by webhooks: each event is stored as it came, then processed once, in whatever order they
// come; what failed is done again when Stripe sends it again or staff want it. An event that concerns nobody
// is marked so, and "new" or "failed" always means trouble. Processing asks nobody outside: what has to be
// asked of Stripe becomes a job. Functions of a transaction are in the conference's lane; process_now and
// replay block and are for pools, workers and commands. source: payments 21, 10 and P5, P7, P24.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/entity.hpp"
#include "domain/payments/provider.hpp"

namespace plenary::payments {

using Id = std::int64_t;

enum class EventState { fresh, processed, ignored, failed };
std::string_view to_text(EventState);  // "new", "processed", "ignored", "failed"

struct StoredEvent {
  Id id = 0, conference_id = 0;
  std::string stripe_id, kind;
  bool livemode = false;
  std::string api_version, object_id, intent_id, customer_id;
  std::string payload = "{}";  // "{}" once it is redacted
  EventState state = EventState::fresh;
  int attempts = 0;
  std::string last_error;  // of the last attempt, for staff
  std::string outcome;     // what came of it, for staff
  Instant happened_at;     // at Stripe
  std::optional<Instant> processed_at, redacted_at;
  Instant created_at;  // when it came
  bool is_open() const { return state == EventState::fresh || state == EventState::failed; }
};
const db::Entity<StoredEvent>& stripe_event_table();

// What the bytes of a webhook say. Refused("json") when they are no event of Stripe's.
StripeEvent read_event(std::string_view body);

struct Stored {
  Id id = 0;
  EventState state = EventState::fresh;
  bool is_new = false;
};
// Raw, first of all. The same event again is the row that is there.
Stored store_event(db::Tx& tx, Id conference_id, const StripeEvent& event);

// What an event does, once; processed and ignored ones do nothing more. Throws what goes wrong: the caller
// notes it (note_failure) after this transaction is undone. The state it is in then.
EventState process_event(db::Tx& tx, const Provider& provider, Id event_id);
void note_failure(db::Tx& tx, Id event_id, std::string_view why);
// Both, each in a write of its own. Throws only what keeps the failure from being noted.
EventState process_now(const Provider& provider, Id conference_id, Id event_id);

// Newest first, below `before_id`. `open_only`: new and failed ones.
struct EventFilter {
  bool open_only = false;
  std::string kind = {};    // "charge.refunded"; empty: any
  std::string search = {};  // an id of Stripe's: of the event, an intent, an object or a customer; empty: any
  std::optional<EventState> state = {};
};
std::vector<StoredEvent> list_events(db::Tx& tx, Id conference_id, const EventFilter& filter,
                                     std::optional<Id> before_id, int limit);
std::optional<StoredEvent> find_event(db::Tx& tx, Id conference_id, Id event_id);
struct EventCounts {
  std::int64_t fresh = 0, failed = 0;
  std::optional<Instant> last_at;  // when the last event came
};
EventCounts count_events(db::Tx& tx, Id conference_id);

// All that is open, oldest first: how many were done, and how many are still open.
struct Replayed {
  int done = 0, open = 0;
};
Replayed replay_open(const Provider& provider, Id conference_id, int limit = 500);
// One again, whatever became of it before: a processed one changes nothing that is right already. Redacted
// ones are refused ("redacted").
EventState replay(const Provider& provider, Id conference_id, Id event_id);

// Other rooms' events: checkout.session.… and invoice.…. Register at start only (domain/events.cpp).
// `prefix`: "invoice.". The subscriber writes rows alone; what it answers is kept as the outcome, nothing:
// not its own.
struct EventFacts {
  Id conference_id = 0, event_id = 0;
  std::string stripe_id, kind;
  bool livemode = false;
  std::string object_json;  // data.object; "{}" where it is no map
  Instant happened_at;
};
using OnEvent = std::function<std::optional<std::string>(db::Tx&, const EventFacts&)>;
void subscribe_events(std::string prefix, OnEvent subscriber);

// Payloads hold names and addresses: they are emptied after so long. How many. source: P24.
inline constexpr Duration payload_kept = Duration::days(90);
std::int64_t redact_payloads(db::Tx& tx, Instant before, int limit = 500);

// The kinds an endpoint at Stripe has to be subscribed to.
const std::vector<std::string>& wanted_event_kinds();

}  // namespace plenary::payments
