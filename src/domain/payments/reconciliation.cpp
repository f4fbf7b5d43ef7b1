#include "domain/payments/reconciliation.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "domain/payments/disputes.hpp"
#include "domain/payments/intents.hpp"
#include "domain/payments/provider_payouts.hpp"
#include "domain/payments/stripe_amounts.hpp"
#include "domain/payments/stripe_json_impl.hpp"

namespace plenary::payments {
namespace {

namespace reg = registration;

constexpr const char* source = "reconciliation";
constexpr std::size_t most_reported = 500;

bool is_settled(const reg::Payment& payment) {
  return payment.status == reg::PaymentStatus::succeeded || payment.status == reg::PaymentStatus::refunded;
}

class Comparison {
 public:
  Comparison(const Provider& provider, Id conference_id, Instant since, bool repairs)
      : provider_(provider),
        conference_id_(conference_id),
        since_(since),
        repairs_(repairs),
        stripe_(provider.stripe_of(conference_id)) {}

  Reconciled run() {
    each_page<StripeIntent>(&Stripe::intents_since, [&](const StripeIntent& one) { intent(one); });
    each_page<StripeRefund>(&Stripe::refunds_since, [&](const StripeRefund& one) { refund(one); });
    each_page<StripeDispute>(&Stripe::disputes_since, [&](const StripeDispute& one) { dispute(one); });
    ours();
    our_refunds();
    // What an account pays out belongs to a conference only where the account is the conference's own.
    auto own = [&](db::Tx& tx) {
      return provider_.credentials(tx, conference_id_).source == conference::CredentialSource::conference;
    };
    if (!provider_.db.read_now(own)) return std::move(result_);
    try {
      each_page<StripePayout>(&Stripe::payouts_since, [&](const StripePayout& one) { payout(one); });
    } catch (const ProviderRefused& refused) {
      if (refused.status() != 403) throw;
      report({}, {}, "the secret key may not read payouts, so they were not compared", false);
    }
    return std::move(result_);
  }

 private:
  template <class T, class Each>
  void each_page(StripePage<T> (Stripe::*list)(Instant, std::string_view), Each each) {
    std::string after;
    for (bool more = true; more;) {
      const StripePage<T> page = (stripe_.*list)(since_, after);
      for (const T& row : page.rows) each(row);
      more = page.has_more && page.last_id != after;
      after = page.last_id;
    }
  }

  // In whole units, with its currency: "12.50 EUR".
  static std::string shown(std::int64_t minor, const std::string& currency) {
    const auto known = Currency::find(currency);
    return known ? Money(minor, *known).to_string() + " " + currency : fmt::format("{} {}", minor, currency);
  }
  static std::int64_t minor_of(std::int64_t amount, const std::string& currency) {
    const auto known = Currency::find(currency);
    return known ? from_stripe(amount, *known).minor() : amount;
  }

  void report(std::string reference, const std::string& number, std::string text, bool repaired) {
    result_.differences.push_back({std::move(reference), number, std::move(text), repaired});
  }

  std::string reference_of(Id order_id) {
    auto find = [&](db::Tx& tx) { return reg::find_order(tx, order_id); };
    const auto order = provider_.db.read_now(find);
    return order ? order->reference : std::string();
  }

  void intent(const StripeIntent& listed) {
    auto look = [&](db::Tx& tx) {
      const bool is_ours = owner_of(tx, conference_id_, listed) == IntentOwner::ours;
      return std::pair(is_ours, reg::payment_of_intent(tx, conference_id_, listed.id));
    };
    const auto [is_ours, payment] = provider_.db.read_now(look);
    if (!is_ours) return stranger(listed);
    ++result_.checked;
    seen_.insert(listed.id);
    const bool says_succeeded = listed.status == "succeeded";
    if (says_succeeded && payment && is_settled(*payment)) {
      const std::int64_t came = minor_of(listed.amount_received, listed.currency);
      if (came != payment->amount || listed.currency != payment->currency)
        report(reference_of(payment->order_id), listed.id,
               fmt::format("at Stripe {} came in, here {}", shown(came, listed.currency),
                           shown(payment->amount, payment->currency)),
               false);
      return;
    }
    const bool agrees =
        payment && (says_succeeded                  ? is_settled(*payment)
                    : listed.status == "processing" ? payment->status == reg::PaymentStatus::processing
                    : listed.status == "canceled"   ? payment->failure == reg::closed_intent
                                                    : !is_settled(*payment));
    if (agrees) return;
    // Intents that wait for their payer are no difference; one that we think is paid is.
    if (listed.waits_for_payer() && !payment) return;
    if (payment && is_settled(*payment)) {
      report(reference_of(payment->order_id), listed.id,
             fmt::format("here it is paid, at Stripe it is {}", listed.status), false);
      return;
    }
    std::string text = fmt::format("at Stripe it is {}, here it is {}", listed.status,
                                   payment ? std::string(to_text(payment->status)) : "unknown");
    if (!repairs_) return report(listed.order_reference, listed.id, std::move(text), false);
    const StripeIntent whole = says_succeeded ? stripe_.find_intent(listed.id) : listed;
    auto repair = [&](db::Tx& tx) {
      const auto now = payment_of(tx, conference_id_, whole);
      if (!now) return std::pair(std::string(), false);
      std::string outcome = take_intent(tx, provider_.shop, now->id, whole, {source, "Stripe", whole.id});
      const bool is_right = !says_succeeded || is_settled(reg::find_payment(tx, now->id).value());
      return std::pair(std::move(outcome), is_right);
    };
    const auto [outcome, is_right] = provider_.db.write_now(conference_id_, "reconcile intent", repair);
    report(listed.order_reference, listed.id, text + (outcome.empty() ? "" : ": " + outcome), is_right);
  }

  // Money that says it is for an order of this conference, and is not: a person has to look.
  void stranger(const StripeIntent& listed) {
    if (listed.status != "succeeded" || listed.conference_id != std::to_string(conference_id_)) return;
    ++result_.checked;
    report(listed.order_reference, listed.id,
           fmt::format("{} came in at Stripe for an order that is not here",
                       shown(minor_of(listed.amount_received, listed.currency), listed.currency)),
           false);
  }

  void refund(const StripeRefund& listed) {
    auto look = [&](db::Tx& tx) {
      auto payment = reg::payment_of_intent(tx, conference_id_, listed.intent_id);
      std::optional<reg::Refund> known;
      if (payment) {
        for (reg::Refund& one : reg::refunds_of(tx, payment->order_id))
          if (one.provider_id == listed.id ||
              (one.provider_id.empty() && listed.refund_id == std::to_string(one.id)))
            known = std::move(one);
      }
      return std::pair(std::move(payment), std::move(known));
    };
    const auto [payment, known] = provider_.db.read_now(look);
    if (!payment) return;
    ++result_.checked;
    seen_.insert(listed.id);
    const reg::ProviderRefund told = refund_of_ours(listed);
    if (known && (known->amount != told.amount || known->currency != listed.currency)) {
      report(reference_of(payment->order_id), listed.id,
             fmt::format("a refund is of {} at Stripe, here of {}", shown(told.amount, listed.currency),
                         shown(known->amount, known->currency)),
             false);
      return;
    }
    const auto expected = told.outcome == reg::RefundOutcome::succeeded ? reg::RefundStatus::succeeded
                          : told.outcome == reg::RefundOutcome::failed  ? reg::RefundStatus::failed
                                                                        : reg::RefundStatus::requested;
    if (known ? known->status == expected && !known->provider_id.empty()
              : expected == reg::RefundStatus::failed)
      return;
    std::string text = fmt::format("a refund is {} at Stripe, here it is {}", listed.status,
                                   known ? std::string(to_text(known->status)) : "unknown");
    const std::string reference = reference_of(payment->order_id);
    const bool can = is_settled(*payment) || !repairs_;
    bool repaired = false;
    if (repairs_ && can) {
      auto repair = [&, id = payment->id](db::Tx& tx) {
        const auto now = reg::find_payment(tx, id).value();
        return reg::take_refund(tx, provider_.shop, now, told, {source, "Stripe", listed.id}).changed;
      };
      repaired = provider_.db.write_now(conference_id_, "reconcile refund", repair);
    }
    report(reference, listed.id, std::move(text), repaired);
  }

  void dispute(const StripeDispute& listed) {
    auto look = [&](db::Tx& tx) {
      auto payment = reg::payment_of_intent(tx, conference_id_, listed.intent_id);
      std::optional<Dispute> known;
      if (payment) {
        for (Dispute& one : disputes_of(tx, payment->order_id))
          if (one.provider_id == listed.id) known = std::move(one);
      }
      return std::pair(std::move(payment), std::move(known));
    };
    const auto [payment, known] = provider_.db.read_now(look);
    if (!payment) return;
    ++result_.checked;
    const std::string reference = reference_of(payment->order_id);
    const std::int64_t amount = minor_of(listed.amount, listed.currency);
    if (listed.currency != payment->currency || (known && known->amount != amount)) {
      report(reference, listed.id,
             fmt::format("a dispute is over {} at Stripe, here over {}", shown(amount, listed.currency),
                         shown(known ? known->amount : payment->amount, payment->currency)),
             false);
      return;
    }
    if (known && known->status == listed.status) return;
    std::string text = fmt::format("a dispute is {} at Stripe, here it is {}", listed.status,
                                   known ? known->status : "unknown");
    if (repairs_) {
      auto repair = [&](db::Tx& tx) { take_dispute(tx, conference_id_, listed, tx.now()); };
      provider_.db.write_now(conference_id_, "reconcile dispute", repair);
    }
    report(reference, listed.id, std::move(text), repairs_);
  }

  // Ours of these days that Stripe's lists did not name: asked one by one.
  void ours() {
    auto find = [&](db::Tx& tx) {
      return tx.query<Id>(
          "SELECT id FROM payment WHERE conference_id = $1 AND method = 'stripe' AND intent_id <> '' AND "
          "created_at >= $2 AND (status IN ('succeeded', 'refunded', 'processing', 'pending')) ORDER BY id",
          conference_id_, since_ + Duration::hours(1));
    };
    for (const Id id : provider_.db.read_now(find)) {
      auto load = [&](db::Tx& tx) { return reg::find_payment(tx, id); };
      const auto payment = provider_.db.read_now(load);
      if (!payment || seen_.contains(payment->intent_id)) continue;
      ++result_.checked;
      try {
        intent(stripe_.find_intent(payment->intent_id));
      } catch (const ProviderRefused& refused) {
        if (refused.status() != 404) throw;
        report(reference_of(payment->order_id), payment->intent_id,
               fmt::format("here it is {}, Stripe's account does not know it", to_text(payment->status)),
               false);
      }
    }
  }

  // Refunds of these days that Stripe's lists did not name.
  void our_refunds() {
    auto find = [&](db::Tx& tx) {
      return reg::refund_table().select(tx,
                                        "WHERE conference_id = $1 AND destination = 'card' AND status = "
                                        "'succeeded' AND provider_id <> '' AND "
                                        "created_at >= $2 AND EXISTS (SELECT 1 FROM payment p WHERE p.id = "
                                        "refund.payment_id AND p.method = "
                                        "'stripe') ORDER BY id",
                                        conference_id_, since_ + Duration::hours(1));
    };
    for (const reg::Refund& one : provider_.db.read_now(find)) {
      if (seen_.contains(one.provider_id)) continue;
      ++result_.checked;
      try {
        refund(stripe_.find_refund(one.provider_id));
      } catch (const ProviderRefused& refused) {
        if (refused.status() != 404) throw;
        report(reference_of(one.order_id), one.provider_id,
               fmt::format("here {} went back, Stripe's account does not know the refund",
                           shown(one.amount, one.currency)),
               false);
      }
    }
  }

  // What is in the ledger of it, and whether what it consists of adds up to it.
  void payout(const StripePayout& listed) {
    if (listed.status != "paid" && listed.status != "failed") return;
    ++result_.checked;
    const std::int64_t amount = minor_of(listed.amount, listed.currency);
    const bool failed = listed.status == "failed";
    auto look = [&](db::Tx& tx) { return posted_payout(tx, conference_id_, listed.id); };
    const std::optional<PostedPayout> posted = provider_.db.read_now(look);
    const std::int64_t expected = failed ? 0 : amount;
    if (posted && posted->first != 0 && (posted->currency != listed.currency || posted->first != amount)) {
      report({}, listed.id,
             fmt::format("{} was paid out by Stripe, here {}", shown(amount, listed.currency),
                         shown(posted->first, posted->currency)),
             false);
    } else if (posted ? posted->left != expected : !failed) {
      if (repairs_) {
        auto repair = [&](db::Tx& tx) { post_payout_of(tx, conference_id_, listed); };
        provider_.db.write_now(conference_id_, "reconcile payout", repair);
      }
      report({}, listed.id,
             failed ? fmt::format("a payout of {} failed at Stripe, here it is paid",
                                  shown(amount, listed.currency))
                    : fmt::format("{} was paid out by Stripe, here it is unknown",
                                  shown(amount, listed.currency)),
             repairs_);
    }
    if (!failed && listed.is_automatic) add_up(listed);
  }

  void add_up(const StripePayout& listed) {
    std::int64_t sum = 0;
    std::string after;
    for (bool more = true; more;) {
      const StripePage<StripeMovement> page = stripe_.movements_of_payout(listed.id, after);
      for (const StripeMovement& one : page.rows)
        if (!one.type.starts_with("payout")) sum += one.net;
      more = page.has_more && page.last_id != after;
      after = page.last_id;
    }
    if (sum == listed.amount) return;
    report({}, listed.id,
           fmt::format("{} was paid out by Stripe, but what it consists of adds up to {}",
                       shown(minor_of(listed.amount, listed.currency), listed.currency),
                       shown(minor_of(sum, listed.currency), listed.currency)),
           false);
  }

  const Provider& provider_;
  Id conference_id_;
  Instant since_;
  bool repairs_;
  Stripe stripe_;
  Reconciled result_;
  std::set<std::string> seen_;
};

std::string json_of(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (const Difference& one : differences) {
    if (list.size() == most_reported) break;
    list.push_back({{"reference", one.reference},
                    {"number", one.number},
                    {"text", one.text},
                    {"repaired", one.repaired}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void note_run(const Provider& provider, Id conference_id, Instant since, const Reconciled& result,
              const std::string& problem) {
  ReconciliationRun run;
  run.conference_id = conference_id;
  run.since = since;
  run.checked = result.checked;
  run.repaired = std::count_if(result.differences.begin(), result.differences.end(),
                               [](const Difference& one) { return one.repaired; });
  run.unsolved = static_cast<std::int64_t>(result.differences.size()) - run.repaired;
  run.report = json_of(result.differences);
  run.problem = problem;
  auto store = [&](db::Tx& tx) { reconciliation_table().insert(tx, run); };
  provider.db.write_now(conference_id, "note reconciliation", store);
}

}  // namespace

const db::Entity<ReconciliationRun>& reconciliation_table() {
  using R = ReconciliationRun;
  static const db::Entity<R> table(
      "reconciliation",
      {
          db::column("id", &R::id).generated_key(),
          db::column("conference_id", &R::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("since", &R::since).fixed().read_only(),
          db::column("checked", &R::checked).fixed().read_only().help("Payments, refunds and disputes."),
          db::column("repaired", &R::repaired).fixed().read_only(),
          db::column("unsolved", &R::unsolved).fixed().read_only(),
          db::column("report", &R::report).fixed().read_only().help("What was found, as JSON."),
          db::column("problem", &R::problem).fixed().read_only().help("Why it could not be finished."),
          db::column("created_at", &R::created_at).created(),
      },
      db::Rules<R>().titled("Comparison with Stripe", "Comparisons with Stripe").ordered_by("id DESC"));
  return table;
}

Reconciled reconcile(const Provider& provider, std::int64_t conference_id, Duration back, bool repairs) {
  struct Start {
    bool has_account = false, has_orders = false;
    Instant since;
  };
  auto look = [&](db::Tx& tx) {
    Start start;
    start.has_account = provider.find_credentials(tx, conference_id).has_value();
    start.since = tx.now() - back;
    // Of orders, not of payments: the first one may be the one that is not known here.
    start.has_orders =
        !tx.query<Id>("SELECT id FROM orders WHERE conference_id = $1 LIMIT 1", conference_id).empty();
    return start;
  };
  const Start start = provider.db.read_now(look);
  if (!start.has_account || !start.has_orders) {
    Reconciled none;
    none.has_account = start.has_account;
    return none;
  }
  Reconciled result;
  try {
    result = Comparison(provider, conference_id, start.since, repairs).run();
  } catch (const std::exception& error) {
    note_run(provider, conference_id, start.since, result, error.what());
    throw;
  }
  note_run(provider, conference_id, start.since, result, {});
  return result;
}

std::vector<ReconciliationRun> reconciliation_runs(db::Tx& tx, std::int64_t conference_id, int limit) {
  return reconciliation_table().select(tx, "WHERE conference_id = $1 ORDER BY id DESC LIMIT $2",
                                       conference_id, limit);
}

std::vector<Difference> differences_of(const ReconciliationRun& run) {
  std::vector<Difference> differences;
  const Json list = Json::parse(run.report, nullptr, false);
  if (!list.is_array()) return differences;
  for (const Json& one : list)
    differences.push_back(
        {text_at(one, "reference"), text_at(one, "number"), text_at(one, "text"), flag_at(one, "repaired")});
  return differences;
}

}  // namespace plenary::payments
