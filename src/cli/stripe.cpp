// plenary stripe check: what is set up, what Stripe says to it, which webhook it needs and when it last sent
// something. events: what came, replay: what failed is done again, reconcile: payments, refunds and disputes
// of the last days against Stripe's own. No key is ever printed. source: payments 21, P27 and P31.
#include <algorithm>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/errors.hpp"
#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "cli/findings.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/payments/reconciliation.hpp"
#include "domain/payments/stripe_events.hpp"
#include "embed/key_file.hpp"
#include "embed/opening.hpp"
#include "embed/server_options.hpp"

namespace plenary::cli {
namespace {

using Level = Findings::Level;

struct Wanted {
  std::string conference, event;
  int days = 7, limit = 50;
  bool open_only = false, offline = false, report_only = false, json = false;
};

// The database and what asks Stripe for it.
struct Desk {
  explicit Desk(Context& context)
      : settings(context.settings()),
        database(open_ready_database(context)),
        catalogues(settings.program),
        shop{settings.program, catalogues, Random::system(), embed::hold_limits(settings)},
        provider{*database, shop, embed::sealing_keys(settings), lines} {}

  std::vector<conference::ConferenceKey> conferences(const std::string& slug) const {
    auto read = [](db::Tx& tx) { return conference::list_keys(tx); };
    std::vector<conference::ConferenceKey> all = database->read_now(read);
    if (slug.empty()) return all;
    std::string known;
    for (const auto& one : all) {
      if (one.slug == slug) return {one};
      known += "\n  " + one.slug;
    }
    throw CommandFailed(fmt::format("There is no conference {}. {}{}", slug,
                                    known.empty() ? "There is none yet." : "There are:", known));
  }

  const config::Settings& settings;
  std::unique_ptr<db::Database> database;
  registration::Catalogues catalogues;
  registration::Shop shop;
  payments::StripeLines lines;
  payments::Provider provider;
};

std::string moment(Instant at) {
  return at.to_string().substr(0, 19) + "Z";
}

// ---- check

class Check {
 public:
  Check(Desk& desk, Findings& findings, const conference::ConferenceKey& key, bool offline)
      : desk_(desk), findings_(findings), key_(key), offline_(offline) {}

  // False: there are no keys.
  bool run() {
    auto load = [&](db::Tx& tx) { return desk_.provider.credentials(tx, key_.id); };
    std::optional<conference::StripeCredentials> credentials;
    try {
      credentials = desk_.database->read_now(load);
    } catch (const conference::CredentialFault& fault) {
      if (fault.kind() == conference::CredentialFault::Kind::missing) {
        findings_.warning(key_.slug, "no Stripe keys: no card payment can be made");
        return false;
      }
      findings_.problem(key_.slug, fault.what());
      return true;
    }
    const bool is_test = payments::is_test_key(credentials->secret_key);
    findings_.good(key_.slug, fmt::format("{} keys of {}, version {}", is_test ? "test" : "live",
                                          credentials->source == conference::CredentialSource::conference
                                              ? "its own"
                                              : "the settings",
                                          credentials->api_version));
    bool blocked = false;
    for (const conference::CredentialAdvice& advice :
         conference::review(*credentials, desk_.settings.server.is_development())) {
      blocked = blocked || advice.blocks;
      const std::string text = advice.field + " " + advice.text;
      advice.blocks ? findings_.problem(key_.slug, text) : findings_.warning(key_.slug, text);
    }
    const std::string base = desk_.settings.server.base_url();
    const std::string url = base + "/" + key_.slug + "/register/webhooks/stripe/";
    if (!base.starts_with("https://"))
      findings_.warning(key_.slug, fmt::format("webhooks: Stripe reaches no address such as {}: set [server] "
                                               "public_url",
                                               url));
    if (!blocked && !offline_) ask(*credentials, url);
    events(url);
    return true;
  }

 private:
  void ask(const conference::StripeCredentials& credentials, const std::string& url) {
    try {
      payments::Stripe stripe = desk_.provider.stripe(credentials);
      stripe.balance_currencies();
      findings_.good(key_.slug, "Stripe accepts the secret key and the version");
      endpoints(stripe.webhook_endpoints(), url);
    } catch (const payments::ProviderRefused& refused) {
      if (refused.status() == 403)
        return findings_.warning(key_.slug,
                                 std::string("the key may not be asked about this: ") + refused.what());
      findings_.problem(key_.slug, refused.what());
    } catch (const payments::ProviderDown& down) {
      findings_.problem(key_.slug, down.what());
    }
  }

  void endpoints(const std::vector<payments::WebhookEndpoint>& all, const std::string& url) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.url == url; });
    if (found == all.end())
      return findings_.warning(
          key_.slug, fmt::format("Stripe sends no events here: add a webhook for {} with the events {}", url,
                                 fmt::join(payments::wanted_event_kinds(), ", ")));
    if (found->status != "enabled")
      findings_.problem(key_.slug, fmt::format("the webhook {} is {} at Stripe", url, found->status));
    const std::set<std::string> ticked(found->events.begin(), found->events.end());
    std::vector<std::string> missing;
    for (const std::string& kind : payments::wanted_event_kinds())
      if (!ticked.contains(kind) && !ticked.contains("*")) missing.push_back(kind);
    if (!missing.empty())
      return findings_.warning(key_.slug,
                               fmt::format("the webhook lacks the events {}", fmt::join(missing, ", ")));
    findings_.good(key_.slug, "the webhook is there, with every event that is needed");
  }

  void events(const std::string& url) {
    auto read = [&](db::Tx& tx) { return payments::count_events(tx, key_.id); };
    const payments::EventCounts counts = desk_.database->read_now(read);
    if (counts.last_at) {
      findings_.good(key_.slug, "the last event came at " + moment(*counts.last_at));
    } else {
      findings_.warning(key_.slug, "no event has come yet to " + url);
    }
    const auto open = counts.failed + counts.fresh;
    if (open > 0)
      findings_.problem(
          key_.slug, fmt::format("{} not processed: plenary stripe events {} --open",
                                 open == 1 ? "1 event is" : fmt::format("{} events are", open), key_.slug));
  }

  Desk& desk_;
  Findings& findings_;
  const conference::ConferenceKey& key_;
  bool offline_;
};

int check(Context& context, const Wanted& wanted) {
  Desk desk(context);
  Findings findings(context.out, wanted.json);
  bool any = false;
  for (const auto& key : desk.conferences(wanted.conference))
    any = Check(desk, findings, key, wanted.offline).run() || any;
  return findings.close(any ? "Stripe is set up" : "Stripe is not set up");
}

// ---- events, replay, reconcile

int events(Context& context, const Wanted& wanted) {
  Desk desk(context);
  const auto key = desk.conferences(wanted.conference).at(0);
  auto read = [&](db::Tx& tx) {
    payments::EventFilter filter;
    filter.open_only = wanted.open_only;
    filter.search = wanted.event;
    return payments::list_events(tx, key.id, filter, std::nullopt, wanted.limit);
  };
  const std::vector<payments::StoredEvent> found = desk.database->read_now(read);
  for (const payments::StoredEvent& event : found) {
    context.out << fmt::format("{}  {:<9}  {:<36}  {}  {}{}\n", moment(event.created_at),
                               payments::to_text(event.state), event.kind, event.stripe_id,
                               event.last_error.empty() ? event.outcome : event.last_error,
                               event.livemode ? "" : "  (test)");
  }
  context.out << fmt::format("{} event{}.\n", found.size(), found.size() == 1 ? "" : "s");
  return done;
}

void record_replay(Desk& desk, const conference::ConferenceKey& key, const std::string& what) {
  const conference::Actor actor = command_actor();
  conference::AuditObject object;
  object.entity = "stripe_event";
  object.conference_id = key.id;
  object.name = what;
  auto write = [&](db::Tx& tx) { conference::record(tx, actor, conference::AuditAction::other, object, {}); };
  desk.database->write_now(key.id, "replay", write);
}

int replay(Context& context, const Wanted& wanted) {
  Desk desk(context);
  const auto key = desk.conferences(wanted.conference).at(0);
  if (wanted.event.empty()) {
    const payments::Replayed result = payments::replay_open(desk.provider, key.id);
    if (result.done + result.open > 0) record_replay(desk, key, "all that were open");
    context.out << fmt::format("{} processed, {} still open.\n", result.done, result.open);
    return result.open == 0 ? done : refused;
  }
  auto read = [&](db::Tx& tx) {
    return tx.maybe<std::int64_t>("SELECT id FROM stripe_event WHERE conference_id = $1 AND stripe_id = $2",
                                  key.id, wanted.event);
  };
  const auto id = desk.database->read_now(read);
  if (!id) throw CommandFailed(fmt::format("{} has no event {}.", key.slug, wanted.event));
  try {
    const payments::EventState state = payments::replay(desk.provider, key.id, *id);
    record_replay(desk, key, wanted.event);
    auto again = [&](db::Tx& tx) { return payments::find_event(tx, key.id, *id); };
    const auto event = desk.database->read_now(again);
    context.out << fmt::format("{}: {}. {}\n", wanted.event, payments::to_text(state),
                               event->last_error.empty() ? event->outcome : event->last_error);
    return state == payments::EventState::failed ? refused : done;
  } catch (const Refused& told) {
    throw CommandFailed(told.message());
  }
}

int reconcile(Context& context, const Wanted& wanted) {
  Desk desk(context);
  int unsolved = 0;
  for (const auto& key : desk.conferences(wanted.conference)) {
    try {
      const payments::Reconciled result =
          payments::reconcile(desk.provider, key.id, Duration::days(wanted.days), !wanted.report_only);
      if (!result.has_account) {
        context.out << fmt::format("{}: no Stripe keys.\n", key.slug);
        continue;
      }
      for (const payments::Difference& one : result.differences) {
        context.out << fmt::format("{}: {} {}: {}{}\n", key.slug, one.reference, one.number, one.text,
                                   one.repaired ? " (repaired)" : "");
        unsolved += !one.repaired;
      }
      context.out << fmt::format("{}: {} compared, {} different.\n", key.slug, result.checked,
                                 result.differences.size());
    } catch (const payments::ProviderDown& down) {
      throw CommandFailed(fmt::format("{}: {}", key.slug, down.what()));
    } catch (const payments::ProviderRefused& told) {
      throw CommandFailed(fmt::format("{}: {}", key.slug, told.what()));
    }
  }
  return unsolved == 0 ? done : refused;
}

}  // namespace

void add_stripe(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("stripe", "Card payments: what is set up, events, comparison with Stripe");
  command->require_subcommand(1);
  auto wanted = std::make_shared<Wanted>();
  const auto add = [&](const char* name, const char* help, int (*act)(Context&, const Wanted&)) {
    CLI::App* one = command->add_subcommand(name, help);
    one->callback([&context, wanted, act] {
      context.action = [&context, wanted, act] { return act(context, *wanted); };
    });
    return one;
  };
  CLI::App* look = add("check", "Keys, version, webhook, and whether Stripe accepts them", check);
  look->add_option("conference", wanted->conference, "Its slug; else all");
  look->add_flag("--offline", wanted->offline, "Do not ask Stripe");
  look->add_flag("--json", wanted->json, "For a monitor");
  CLI::App* list = add("events", "What Stripe sent, newest first", events);
  list->add_option("conference", wanted->conference, "Its slug")->required();
  list->add_flag("--open", wanted->open_only, "Only what is not processed");
  list->add_option("--search", wanted->event, "An id of Stripe's: event, intent, object or customer");
  list->add_option("--limit", wanted->limit, "At most so many")->check(CLI::Range(1, 1000));
  CLI::App* again = add("replay", "Events that are not processed, or one of them, are done again", replay);
  again->add_option("conference", wanted->conference, "Its slug")->required();
  again->add_option("--event", wanted->event, "evt_…: this one, whatever became of it before");
  CLI::App* compare = add("reconcile", "Compares payments, refunds and disputes with Stripe's", reconcile);
  compare->add_option("conference", wanted->conference, "Its slug; else all");
  compare->add_option("--days", wanted->days, "So many days back")->check(CLI::Range(1, 90));
  compare->add_flag("--report-only", wanted->report_only, "Change nothing");
}

}  // namespace plenary::cli
