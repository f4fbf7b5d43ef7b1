#include "manage/payment_events.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/payments/reconciliation.hpp"
#include "domain/payments/shown_payload.hpp"
#include "domain/payments/stripe_events.hpp"
#include "domain/registration/listing.hpp"
#include "i18n/formats.hpp"
#include "manage/money.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using payments::EventState;
using payments::StoredEvent;
using site::tr;
using templating::Value;

constexpr int shown_at_once = 50, shown_runs = 20, most_replayed = 200;
constexpr std::size_t longest_search = 200;
constexpr std::string_view see = "view_registration", act = "change_registration";

std::string state_name(const web::Request& request, EventState state) {
  switch (state) {
    case EventState::fresh:
      return tr(request, message("not processed"));
    case EventState::processed:
      return tr(request, message("processed"));
    case EventState::ignored:
      return tr(request, message("ignored on purpose"));
    case EventState::failed:
      return tr(request, message("failed"));
  }
  return {};
}

std::string_view badge_of(EventState state) {
  switch (state) {
    case EventState::fresh:
      return "text-bg-warning";
    case EventState::processed:
      return "text-bg-success";
    case EventState::failed:
      return "text-bg-danger";
    case EventState::ignored:
      break;
  }
  return "";
}

Value event_value(const Site& site, const web::Request& request, const StoredEvent& event) {
  const std::string key = std::to_string(event.id);
  return Value::dict(
      {{"id", Value(event.id)},
       {"stripe_id", Value(event.stripe_id)},
       {"kind", Value(event.kind)},
       {"is_test", Value(!event.livemode)},
       {"version", Value(event.api_version)},
       {"object_id", Value(event.object_id)},
       {"intent_id", Value(event.intent_id)},
       {"customer_id", Value(event.customer_id)},
       {"state", Value(state_name(request, event.state))},
       {"badge", Value(std::string(badge_of(event.state)))},
       {"is_open", Value(event.is_open())},
       {"attempts", Value(event.attempts)},
       {"error", Value(event.last_error)},
       {"outcome", Value(event.outcome)},
       {"happened", Value(moment_text(request, event.happened_at))},
       {"came", Value(moment_text(request, event.created_at))},
       {"processed", event.processed_at ? Value(moment_text(request, *event.processed_at)) : Value()},
       {"is_redacted", Value(event.redacted_at.has_value())},
       {"url", Value(page_of(site, request, "payment-event", key))}});
}

payments::CardPayments& cards_of(const Site& site) {
  if (!site.cards) throw Refused("no_provider", "This server is not connected to a payment provider.");
  return *site.cards;
}

void record_replay(db::Tx& tx, const conference::Actor& actor, std::int64_t conference, const std::string& id,
                   const std::string& name, const std::string& outcome) {
  conference::record(tx, actor, conference::AuditAction::other, {conference, "stripe_event", id, name, {}},
                     {{"replayed", "Done again", "", outcome}});
}

}  // namespace

Task<web::Response> show_payment_events(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  payments::EventFilter filter;
  const std::string state(request.query("state").value_or(""));
  filter.open_only = state == "open";
  if (!state.empty() && !filter.open_only) {
    for (const EventState one : {EventState::processed, EventState::ignored, EventState::failed})
      if (payments::to_text(one) == state) filter.state = one;
    if (!filter.state) throw NotFound("there is no such list");
  }
  filter.kind = std::string(request.query("kind").value_or(""));
  filter.search = std::string(trimmed(request.query("q").value_or("")));
  if (filter.search.size() > longest_search || !is_valid_utf8(filter.search)) filter.search.clear();
  const std::int64_t before = before_of(request);
  std::vector<StoredEvent> events;
  payments::EventCounts counts;
  auto read = [&](db::Tx& tx) {
    const auto from = before > 0 ? std::optional(before) : std::nullopt;
    events = payments::list_events(tx, conference, filter, from, shown_at_once + 1);
    counts = payments::count_events(tx, conference);
  };
  co_await site.db.read(read);
  const bool has_more = events.size() > static_cast<std::size_t>(shown_at_once);
  if (has_more) events.pop_back();

  const std::string base = page_of(site, request, "payment-event-list");
  std::vector<Value> rows, kinds{option("", tr(request, message("All kinds")), filter.kind)};
  for (const StoredEvent& event : events) rows.push_back(event_value(site, request, event));
  for (const std::string& kind : payments::wanted_event_kinds())
    kinds.push_back(option(kind, kind, filter.kind));
  const std::vector<Value> states{option("", tr(request, message("All")), state),
                                  option("open", tr(request, message("Not processed")), state),
                                  option("failed", tr(request, message("Failed")), state),
                                  option("ignored", tr(request, message("Ignored on purpose")), state),
                                  option("processed", tr(request, message("Processed")), state)};
  site::Page page(site, request, "django_program/manage/payment_events.html");
  frame(page, site, request, tr(request, message("Payment events")), "payment-events");
  page.set("events", Value::list(std::move(rows)))
      .set("kinds", Value::list(std::move(kinds)))
      .set("states", Value::list(states))
      .set("q", Value(filter.search))
      .set("list_url", Value(base))
      .set("open_count", Value(counts.fresh + counts.failed))
      .set("last", counts.last_at ? Value(moment_text(request, *counts.last_at)) : Value())
      .set("reconciliation_url", Value(page_of(site, request, "payment-reconciliation")));
  if (may(request, act) && site.cards && counts.fresh + counts.failed > 0)
    page.set("replay_url", Value(page_of(site, request, "payment-events-replay")));
  if (has_more)
    page.set("older_url", Value(base + query_of({{"state", state},
                                                 {"kind", filter.kind},
                                                 {"q", filter.search},
                                                 {"before", std::to_string(events.back().id)}})));
  co_return site::personal(page.html(), "");
}

Task<web::Response> show_payment_event(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id, id = request.param_int("pk");
  auto read = [&](db::Tx& tx) { return payments::find_event(tx, conference, id); };
  const std::optional<StoredEvent> event = co_await site.db.read(read);
  if (!event) throw NotFound("there is no such event");
  const bool acts = may(request, act);
  site::Page page(site, request, "django_program/manage/payment_event.html");
  frame(page, site, request, event->kind, "payment-events",
        {{tr(request, message("Payment events")), page_of(site, request, "payment-event-list")}});
  page.set("event", event_value(site, request, *event));
  // It holds names and addresses of buyers.
  if (acts && !event->redacted_at) page.set("payload", Value(payments::shown_payload(event->payload)));
  if (acts && site.cards && !event->redacted_at)
    page.set("replay_url", Value(page_of(site, request, "payment-event-replay", std::to_string(id))));
  co_return site::personal(page.html(), "");
}

Task<web::Response> replay_payment_event(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id, id = request.param_int("pk");
  const std::string back = page_of(site, request, "payment-event", std::to_string(id));
  const conference::Actor actor = actor_of(request);
  payments::CardPayments& cards = cards_of(site);
  auto read = [&](db::Tx& tx) { return payments::find_event(tx, conference, id); };
  const std::optional<StoredEvent> event = co_await site.db.read(read);
  if (!event) throw NotFound("there is no such event");
  auto work = [&] { return payments::replay(cards.provider(), conference, id); };
  EventState state = EventState::failed;
  std::optional<Refused> refused;
  try {
    state = co_await cards.pool().run(work);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) co_return back_to(request, back, refused->code(), "error", tr(request, *refused));
  auto note = [&](db::Tx& tx) {
    record_replay(tx, actor, conference, std::to_string(id), event->stripe_id,
                  std::string(payments::to_text(state)));
  };
  co_await site.db.write(conference, "payment event done again", note);
  const bool failed = state == EventState::failed;
  co_return back_to(request, back, failed ? "failed" : "replayed", failed ? "error" : "success",
                    failed ? tr(request, message("It failed again. What went wrong stands below."))
                           : tr(request, message("It was done again.")));
}

Task<web::Response> replay_open_events(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const std::string back = page_of(site, request, "payment-event-list");
  const conference::Actor actor = actor_of(request);
  payments::CardPayments& cards = cards_of(site);
  auto work = [&] { return payments::replay_open(cards.provider(), conference, most_replayed); };
  const payments::Replayed replayed = co_await cards.pool().run(work);
  auto note = [&](db::Tx& tx) {
    record_replay(tx, actor, conference, "0", "all that was open",
                  fmt::format("{} done, {} open", replayed.done, replayed.open));
  };
  co_await site.db.write(conference, "payment events done again", note);
  std::string text =
      site::tr_n(request, "{n} event was processed.", "{n} events were processed.", replayed.done);
  if (replayed.open > 0)
    text += " " + site::tr_n(request, "{n} is still open.", "{n} are still open.", replayed.open);
  co_return back_to(request, back, "replayed", replayed.open > 0 ? "warning" : "success", text);
}

Task<web::Response> show_reconciliations(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  auto read = [&](db::Tx& tx) { return payments::reconciliation_runs(tx, conference, shown_runs); };
  const std::vector<payments::ReconciliationRun> runs = co_await site.db.read(read);
  std::vector<Value> rows;
  for (const payments::ReconciliationRun& run : runs) {
    std::vector<Value> differences;
    for (const payments::Difference& one : payments::differences_of(run))
      differences.push_back(Value::dict({{"order", Value(one.reference)},
                                         {"number", Value(one.number)},
                                         {"text", Value(tr(request, one.text))},
                                         {"is_repaired", Value(one.repaired)}}));
    rows.push_back(Value::dict({{"at", Value(moment_text(request, run.created_at))},
                                {"since", Value(moment_text(request, run.since))},
                                {"checked", Value(run.checked)},
                                {"repaired", Value(run.repaired)},
                                {"unsolved", Value(run.unsolved)},
                                {"problem", Value(run.problem)},
                                {"differences", Value::list(std::move(differences))}}));
  }
  site::Page page(site, request, "django_program/manage/reconciliations.html");
  frame(page, site, request, tr(request, message("Compared with Stripe")), "payment-events",
        {{tr(request, message("Payment events")), page_of(site, request, "payment-event-list")}});
  page.set("runs", Value::list(std::move(rows)));
  if (may(request, act) && site.cards)
    page.set("run_url", Value(page_of(site, request, "payment-reconcile")));
  co_return site::personal(page.html(), "");
}

Task<web::Response> reconcile_now(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const std::string back = page_of(site, request, "payment-reconciliation");
  const conference::Actor actor = actor_of(request);
  payments::CardPayments& cards = cards_of(site);
  auto work = [&] { return payments::reconcile(cards.provider(), conference); };
  payments::Reconciled found;
  std::string problem;
  try {
    found = co_await cards.pool().run(work);
  } catch (const payments::ProviderDown& down) {
    problem = tr(request, message("Stripe does not answer at the moment. Please try again later."));
  } catch (const payments::ProviderRefused& refused) {
    problem = tr(request, message("Stripe refused: {what}"), {{"what", refused.message()}});
  }
  if (!problem.empty()) co_return back_to(request, back, "provider", "error", problem);
  if (!found.has_account)
    co_return back_to(request, back, "no_keys", "info", tr(request, message("No keys are stored.")));
  auto note = [&](db::Tx& tx) {
    record_replay(tx, actor, conference, "0", "comparison with Stripe",
                  fmt::format("{} compared, {} differences", found.checked, found.differences.size()));
  };
  co_await site.db.write(conference, "compared with the provider", note);
  co_return back_to(request, back, "compared", "success",
                    tr(request, message("{n} payments and refunds were compared."),
                       {{"n", std::to_string(found.checked)}}));
}

void add_payment_event_pages(site::PageTable& table) {
  using web::Method;
  const std::string here = "/manage/{conference}/payments/", events = here + "events/";
  const web::Guard on = web::features({"manage_ui", "registration"});
  const web::Guard look = web::permission(see) & on, acts = web::permission(act) & on;
  table.add("manage:payment-event-list", events, Method::get, look, show_payment_events, load_frame);
  table.add("manage:payment-events-replay", events + "replay/", Method::post, acts, replay_open_events);
  table.add("manage:payment-event", events + "{pk:int}/", Method::get, look, show_payment_event, load_frame);
  table.add("manage:payment-event-replay", events + "{pk:int}/replay/", Method::post, acts,
            replay_payment_event);
  table.add("manage:payment-reconciliation", here + "reconciliation/", Method::get, look,
            show_reconciliations, load_frame);
  table.add("manage:payment-reconcile", here + "reconciliation/run/", Method::post, acts, reconcile_now);
}

}  // namespace plenary::manage
