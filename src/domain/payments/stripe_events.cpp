#include "domain/payments/stripe_events.hpp"

#include <array>
#include <limits>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "base/errors.hpp"
#include "domain/payments/event_kinds.hpp"
#include "domain/payments/stripe_json_impl.hpp"

namespace plenary::payments {
namespace {

constexpr std::size_t longest_error = 1000, longest_id = 200;

std::string cut(std::string_view text, std::size_t most) {
  return std::string(beginning(text, most));
}

Json object_of(const StoredEvent& event) {
  const Json json = Json::parse(event.payload, nullptr, false);
  return object_at(object_at(json, "data"), "object");
}

// The key's mode and the event's. Test events that come late into a live shop concern nobody.
enum class Mode { same, stray_test, stray_live, unknown };
Mode mode_of(db::Tx& tx, const Provider& provider, const StoredEvent& event) {
  const auto credentials = provider.find_credentials(tx, event.conference_id);
  if (!credentials) return Mode::unknown;
  if (is_test_key(credentials->secret_key) != event.livemode) return Mode::same;
  return event.livemode ? Mode::stray_live : Mode::stray_test;
}

void set_state(db::Tx& tx, const StoredEvent& event, EventState state, std::string_view outcome) {
  tx.exec(
      "UPDATE stripe_event SET state = $1, outcome = $2, attempts = attempts + 1, last_error = '', "
      "processed_at "
      "= $3 WHERE id = $4",
      to_text(state), cut(outcome, longest_error), tx.now(), event.id);
}

EventState state_of(std::string_view text) {
  if (text == "processed") return EventState::processed;
  if (text == "ignored") return EventState::ignored;
  return text == "failed" ? EventState::failed : EventState::fresh;
}

}  // namespace

std::string_view to_text(EventState state) {
  static constexpr std::array<std::string_view, 4> texts{"new", "processed", "ignored", "failed"};
  return texts[static_cast<std::size_t>(state)];
}

const db::Entity<StoredEvent>& stripe_event_table() {
  using E = StoredEvent;
  static const db::Entity<E> table(
      "stripe_event",
      {
          db::column("id", &E::id).generated_key(),
          db::column("conference_id", &E::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("stripe_id", &E::stripe_id).fixed().read_only().label("Stripe's number"),
          db::column("kind", &E::kind).fixed().read_only(),
          db::column("livemode", &E::livemode).fixed().read_only().label("Live"),
          db::column("api_version", &E::api_version).fixed().read_only().label("Version"),
          db::column("object_id", &E::object_id).fixed().read_only().label("Object"),
          db::column("intent_id", &E::intent_id).fixed().read_only().label("Payment intent"),
          db::column("customer_id", &E::customer_id).fixed().read_only().label("Customer"),
          db::column("payload", &E::payload)
              .read_only()
              .personal(90)
              .help("The event as it came; emptied after a time."),
          db::column("state", &E::state)
              .choice("new", "New")
              .choice("processed", "Processed")
              .choice("ignored", "Ignored")
              .choice("failed", "Failed")
              .read_only(),
          db::column("attempts", &E::attempts).minimum(0).read_only(),
          db::column("last_error", &E::last_error).read_only().label("Last error"),
          db::column("outcome", &E::outcome).read_only().help("What came of it."),
          db::column("happened_at", &E::happened_at).fixed().read_only().label("At Stripe"),
          db::column("processed_at", &E::processed_at).read_only(),
          db::column("redacted_at", &E::redacted_at).read_only().help("When its payload was emptied."),
          db::column("created_at", &E::created_at).created().label("Came"),
      },
      db::Rules<E>()
          .titled("Stripe event", "Stripe events")
          .ordered_by("id DESC")
          .unique({"conference_id", "stripe_id"}));
  return table;
}

StripeEvent read_event(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  StripeEvent event;
  try {
    if (!json.is_object() || text_at(json, "object") != "event") throw std::invalid_argument("no event");
    event = event_of(json);
  } catch (const std::invalid_argument&) {
    throw Refused("json", "This is no event of Stripe's.");
  }
  if (event.kind.empty() || event.id.size() > longest_id || event.kind.size() > longest_id)
    throw Refused("json", "This is no event of Stripe's.");
  return event;
}

Stored store_event(db::Tx& tx, Id conference_id, const StripeEvent& event) {
  const auto find = [&]() -> std::optional<Stored> {
    const auto row = tx.maybe<Id, std::string>(
        "SELECT id, state FROM stripe_event WHERE conference_id = $1 AND stripe_id = $2", conference_id,
        event.id);
    if (!row) return std::nullopt;
    return Stored{std::get<0>(*row), state_of(std::get<1>(*row)), false};
  };
  if (const auto known = find()) return *known;
  StoredEvent row;
  row.conference_id = conference_id;
  row.stripe_id = event.id;
  row.kind = event.kind;
  row.livemode = event.livemode;
  row.api_version = cut(event.api_version, 50);
  row.payload = event.payload;
  row.happened_at = event.created_at;
  const Json object = object_of(row);
  row.object_id = cut(text_at(object, "id"), longest_id);
  row.intent_id = text_at(object, "object") == "payment_intent"
                      ? row.object_id
                      : cut(id_at(object, "payment_intent"), longest_id);
  row.customer_id = cut(id_at(object, "customer"), longest_id);
  return {stripe_event_table().insert(tx, row).id, EventState::fresh, true};
}

EventState process_event(db::Tx& tx, const Provider& provider, Id event_id) {
  const std::optional<StoredEvent> event = stripe_event_table().find(tx, event_id);
  if (!event) throw NotFound("no such event");
  if (!event->is_open()) return event->state;
  switch (mode_of(tx, provider, *event)) {
    case Mode::stray_test:
      set_state(tx, *event, EventState::ignored, "of the test mode, while the keys are of the live mode");
      return EventState::ignored;
    case Mode::stray_live:
      throw std::runtime_error("an event of the live mode, while the keys are of the test mode");
    case Mode::same:
    case Mode::unknown:
      break;
  }
  const HandledEvent handled = handle_event(tx, provider, *event, object_of(*event));
  const EventState state = handled.concerns_us ? EventState::processed : EventState::ignored;
  set_state(tx, *event, state, handled.outcome);
  return state;
}

void note_failure(db::Tx& tx, Id event_id, std::string_view why) {
  tx.exec(
      "UPDATE stripe_event SET state = 'failed', attempts = attempts + 1, last_error = $1 WHERE id = $2 AND "
      "state IN ('new', 'failed')",
      cut(why, longest_error), event_id);
}

EventState process_now(const Provider& provider, Id conference_id, Id event_id) {
  std::string why;
  try {
    auto process = [&](db::Tx& tx) { return process_event(tx, provider, event_id); };
    return provider.db.write_now(conference_id, "stripe event", process);
  } catch (const std::exception& error) {
    why = error.what();
  }
  auto note = [&](db::Tx& tx) { note_failure(tx, event_id, why); };
  provider.db.write_now(conference_id, "stripe event failed", note);
  return EventState::failed;
}

std::vector<StoredEvent> list_events(db::Tx& tx, Id conference_id, const EventFilter& filter,
                                     std::optional<Id> before_id, int limit) {
  const Id before = before_id.value_or(std::numeric_limits<Id>::max());
  const std::string_view state = filter.state ? to_text(*filter.state) : std::string_view();
  if (filter.open_only)
    return stripe_event_table().select(
        tx,
        "WHERE conference_id = $1 AND state IN ('new', 'failed') AND id < $2 AND ($3 = '' OR kind = $3) AND "
        "($4 = '' OR stripe_id = $4 OR object_id = $4 OR intent_id = $4 OR customer_id = $4) ORDER BY id "
        "DESC "
        "LIMIT $5",
        conference_id, before, filter.kind, filter.search, limit);
  return stripe_event_table().select(
      tx,
      "WHERE conference_id = $1 AND id < $2 AND ($3 = '' OR kind = $3) AND ($4 = '' OR stripe_id = $4 OR "
      "object_id = $4 OR intent_id = $4 OR customer_id = $4) AND ($6 = '' OR state = $6) ORDER BY id DESC "
      "LIMIT $5",
      conference_id, before, filter.kind, filter.search, limit, state);
}

std::optional<StoredEvent> find_event(db::Tx& tx, Id conference_id, Id event_id) {
  auto found = stripe_event_table().find(tx, event_id);
  if (found && found->conference_id != conference_id) found.reset();
  return found;
}

EventCounts count_events(db::Tx& tx, Id conference_id) {
  EventCounts counts;
  for (const auto& [state, number] : tx.query<std::string, std::int64_t>(
           "SELECT state, COUNT(*) FROM stripe_event WHERE conference_id = $1 AND state IN ('new', 'failed') "
           "GROUP BY state",
           conference_id))
    (state == "failed" ? counts.failed : counts.fresh) = number;
  const auto last = tx.query<Instant>(
      "SELECT created_at FROM stripe_event WHERE conference_id = $1 ORDER BY id DESC LIMIT 1", conference_id);
  if (!last.empty()) counts.last_at = last.front();
  return counts;
}

Replayed replay_open(const Provider& provider, Id conference_id, int limit) {
  auto find = [&](db::Tx& tx) {
    return tx.query<Id>(
        "SELECT id FROM stripe_event WHERE conference_id = $1 AND state IN ('new', 'failed') ORDER BY id "
        "LIMIT "
        "$2",
        conference_id, limit);
  };
  Replayed replayed;
  for (const Id id : provider.db.read_now(find))
    ++(process_now(provider, conference_id, id) == EventState::failed ? replayed.open : replayed.done);
  return replayed;
}

EventState replay(const Provider& provider, Id conference_id, Id event_id) {
  auto reopen = [&](db::Tx& tx) {
    const auto event = find_event(tx, conference_id, event_id);
    if (!event) throw NotFound("no such event");
    if (event->redacted_at)
      throw Refused("redacted", "What this event said was removed after some time. It cannot be done again.");
    tx.exec("UPDATE stripe_event SET state = 'new' WHERE id = $1", event_id);
  };
  provider.db.write_now(conference_id, "replay stripe event", reopen);
  return process_now(provider, conference_id, event_id);
}

std::int64_t redact_payloads(db::Tx& tx, Instant before, int limit) {
  return tx.exec(
      "UPDATE stripe_event SET payload = '{}', redacted_at = $1 WHERE id IN (SELECT id FROM stripe_event "
      "WHERE "
      "redacted_at IS NULL AND created_at < $2 AND state IN ('processed', 'ignored') ORDER BY created_at "
      "LIMIT "
      "$3)",
      tx.now(), before, limit);
}

}  // namespace plenary::payments
