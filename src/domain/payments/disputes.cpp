#include "domain/payments/disputes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "domain/payments/stripe_amounts.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_letters.hpp"

namespace plenary::payments {
namespace {

namespace reg = registration;

// Where the money of a dispute is.
enum class Place { with_us, held, lost };

Place place_of(std::string_view status) {
  if (status == "lost") return Place::lost;
  // Inquiries take no money away; what was won is back.
  if (status == "won" || status.starts_with("warning_") || status == "prevented") return Place::with_us;
  return Place::held;
}

bool is_closed(std::string_view status) {
  return status == "won" || status == "lost" || status == "warning_closed" || status == "prevented";
}

// Two events may be of one second: the later state of a dispute counts.
int rank_of(std::string_view status) {
  if (is_closed(status)) return 3;
  if (status.ends_with("under_review")) return 2;
  return 1;
}

void move_money(db::Tx& tx, const reg::Order& order, const Dispute& dispute, Place from, Place to) {
  using Step = reg::DisputeStep;
  if (from == to || dispute.amount == 0) return;
  const auto post = [&](std::int64_t amount, Step step) {
    reg::post_dispute(tx, order, dispute.payment_id, amount, step, dispute.provider_id);
  };
  if (from == Place::with_us) post(dispute.amount, Step::opened);
  if (from == Place::lost) post(-dispute.amount, Step::lost);
  if (to == Place::with_us) post(dispute.amount, Step::won);
  if (to == Place::lost) post(dispute.amount, Step::lost);
}

std::string note_of(const Dispute& dispute) {
  const std::string amount = Money(dispute.amount, Currency::of(dispute.currency)).to_string();
  if (dispute.status == "won") return fmt::format("a dispute over {} {} was won", amount, dispute.currency);
  if (dispute.status == "lost") return fmt::format("a dispute over {} {} was lost", amount, dispute.currency);
  if (is_closed(dispute.status)) return "an inquiry of the buyer's bank is closed";
  std::string text = fmt::format("the buyer's bank disputes {} {}", amount, dispute.currency);
  if (dispute.evidence_due_at)
    text += ": answer at Stripe until " + dispute.evidence_due_at->to_string().substr(0, 10);
  return text;
}

}  // namespace

const db::Entity<Dispute>& dispute_table() {
  using D = Dispute;
  static const db::Entity<D> table(
      "dispute",
      {
          db::column("id", &D::id).generated_key(),
          db::column("conference_id", &D::conference_id).references("conference").fixed().read_only(),
          db::column("order_id", &D::order_id).references("orders").fixed().read_only(),
          db::column("payment_id", &D::payment_id).references("payment").fixed().read_only(),
          db::column("provider_id", &D::provider_id).fixed().read_only().label("Stripe's number"),
          db::column("charge_id", &D::charge_id).fixed().read_only().label("Charge"),
          db::column("amount", &D::amount).money().minimum(0).read_only(),
          db::column("currency", &D::currency).max_length(3).fixed().read_only(),
          db::column("reason", &D::reason).read_only().help("As the buyer's bank named it."),
          db::column("status", &D::status).read_only().help("As Stripe names it."),
          db::column("evidence_due_at", &D::evidence_due_at)
              .read_only()
              .label("Answer until")
              .help("Until then Stripe takes evidence."),
          db::column("held_back", &D::held_back)
              .money()
              .minimum(0)
              .read_only()
              .help("Taken away or lost at this moment; it cannot be refunded."),
          db::column("fee_amount", &D::fee_amount).money().read_only().label("Fee"),
          db::column("fee_currency", &D::fee_currency)
              .max_length(3)
              .read_only()
              .help("In which the fee was kept. Empty: the dispute's."),
          db::column("told_at", &D::told_at).read_only().label("Last news"),
          db::column("opened_at", &D::opened_at).fixed().read_only(),
          db::column("closed_at", &D::closed_at).read_only(),
          db::column("created_at", &D::created_at).created(),
          db::column("updated_at", &D::updated_at).updated(),
      },
      db::Rules<D>().titled("Dispute", "Disputes").ordered_by("id DESC").unique({"provider_id"}));
  return table;
}

std::vector<Dispute> disputes_of(db::Tx& tx, Id order_id) {
  return dispute_table().select(tx, "WHERE order_id = $1 ORDER BY id", order_id);
}

std::vector<Dispute> open_disputes(db::Tx& tx, Id conference_id, int limit) {
  return dispute_table().select(tx,
                                "WHERE conference_id = $1 AND closed_at IS NULL ORDER BY "
                                "COALESCE(evidence_due_at, 9000000000000000), id LIMIT $2",
                                conference_id, limit);
}

std::int64_t dispute_fees_of(db::Tx& tx, Id payment_id, std::string_view currency) {
  return tx.one<std::int64_t>(
      "SELECT CAST(COALESCE(SUM(fee_amount), 0) AS BIGINT) FROM dispute WHERE payment_id = $1 AND CASE WHEN "
      "fee_currency = '' THEN currency ELSE fee_currency END = $2",
      payment_id, currency);
}

std::vector<std::string> verify_disputes(db::Tx& tx, Id conference_id) {
  std::vector<std::string> faults;
  for (const auto& [number, status, amount, held_back, held, lost] :
       tx.query<std::string, std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT d.provider_id, d.status, d.amount, d.held_back, CAST(COALESCE(SUM(CASE WHEN e.debit = "
           "'disputed' THEN e.amount WHEN e.credit = 'disputed' THEN -e.amount ELSE 0 END), 0) AS BIGINT), "
           "CAST(COALESCE(SUM(CASE WHEN e.debit = 'dispute_losses' THEN e.amount WHEN e.credit = "
           "'dispute_losses' THEN -e.amount ELSE 0 END), 0) AS BIGINT) FROM dispute d LEFT JOIN ledger_entry "
           "e "
           "ON e.order_id = d.order_id AND e.payment_id = d.payment_id AND e.kind = 'dispute' AND "
           "e.reference = "
           "d.provider_id WHERE d.conference_id = $1 GROUP BY d.id, d.provider_id, d.status, d.amount, "
           "d.held_back ORDER BY d.id",
           conference_id)) {
    const Place place = place_of(status);
    const std::int64_t is_held = place == Place::held ? amount : 0,
                       is_lost = place == Place::lost ? amount : 0;
    if (held == is_held && lost == is_lost && held_back == is_held + is_lost) continue;
    faults.push_back(fmt::format("dispute {}: {} over {}, {} held back, ledger {} held back and {} lost",
                                 number, status, amount, held_back, held, lost));
  }
  for (const auto& [id, disputed, held] : tx.query<Id, std::int64_t, std::int64_t>(
           "SELECT p.id, p.disputed, CAST(COALESCE(d.held, 0) AS BIGINT) FROM payment p LEFT JOIN (SELECT "
           "payment_id, SUM(held_back) AS held FROM dispute WHERE conference_id = $1 GROUP BY payment_id) d "
           "ON "
           "d.payment_id = p.id WHERE p.conference_id = $1 AND p.disputed <> COALESCE(d.held, 0) ORDER BY "
           "p.id",
           conference_id))
    faults.push_back(
        fmt::format("payment {}: {} in disputes, its disputes hold back {}", id, disputed, held));
  return faults;
}

std::optional<std::string> take_dispute(db::Tx& tx, Id conference_id, const StripeDispute& told,
                                        Instant told_at) {
  std::optional<Dispute> known = dispute_table().maybe(tx, "WHERE provider_id = $1", told.id);
  if (known && known->conference_id != conference_id) return std::nullopt;
  // A dispute is of one payment for good, whatever a later message names: its money was moved there.
  std::optional<reg::Payment> payment = known ? reg::find_payment(tx, known->payment_id) : std::nullopt;
  if (!payment) payment = reg::payment_of_intent(tx, conference_id, told.intent_id);
  if (!payment) payment = reg::payment_of_charge(tx, conference_id, told.charge_id);
  if (!payment) return std::nullopt;
  const auto currency = Currency::find(told.currency);
  if (!currency || told.currency != payment->currency)
    throw std::runtime_error("the dispute is in another currency than the payment");
  const reg::Order order = reg::find_order(tx, payment->order_id).value();

  if (known && (told_at < known->told_at ||
                (told_at == known->told_at && rank_of(told.status) < rank_of(known->status))))
    return "older than what is known";
  Dispute dispute = known.value_or(Dispute{});
  const Place before = known ? place_of(known->status) : Place::with_us;
  dispute.conference_id = conference_id;
  dispute.order_id = order.id;
  dispute.payment_id = payment->id;
  dispute.provider_id = told.id;
  dispute.charge_id = told.charge_id;
  if (!known) dispute.amount = from_stripe(told.amount, *currency).minor();
  dispute.currency = told.currency;
  dispute.reason = told.reason;
  dispute.status = told.status;
  dispute.evidence_due_at = told.evidence_due_at;
  dispute.told_at = told_at;
  if (!known) dispute.opened_at = told.created_at;
  const Place now = place_of(told.status);
  dispute.held_back = now == Place::with_us ? 0 : dispute.amount;
  if (is_closed(told.status) && !dispute.closed_at) dispute.closed_at = told_at;
  if (!is_closed(told.status)) dispute.closed_at.reset();
  const std::int64_t fee_before = dispute.fee_amount;
  // The account may be kept in another currency than the payment: the fee is one of its currency.
  const auto balance = Currency::find(told.balance_currency);
  if (balance) {
    dispute.fee_amount = from_stripe(told.fee, *balance).minor();
    dispute.fee_currency = told.balance_currency == payment->currency ? "" : told.balance_currency;
  }
  if (known) {
    dispute_table().update(tx, dispute);
  } else {
    dispute = dispute_table().insert(tx, dispute);
    if (!is_closed(dispute.status))
      reg::mail_dispute_opened(
          tx, order,
          {dispute.provider_id, dispute.amount, dispute.currency, dispute.reason, dispute.evidence_due_at});
  }
  move_money(tx, order, dispute, before, now);
  if (payment->fee_amount && dispute.fee_amount != fee_before && balance &&
      payment->fee_in() == told.balance_currency)
    reg::set_fee(tx, payment->id, *payment->fee_amount + dispute.fee_amount - fee_before,
                 told.balance_currency, told.id);
  const auto held = tx.one<std::int64_t>(
      "SELECT CAST(COALESCE(SUM(held_back), 0) AS BIGINT) FROM dispute WHERE payment_id = $1", payment->id);
  reg::set_disputed(tx, payment->id, held);
  const std::string note = note_of(dispute);
  if (!known || known->status != dispute.status) {
    reg::flag_order(tx, order.id, note);
    reg::note_in_history(tx, order, {"webhook", "Stripe", note});
  }
  return note;
}

}  // namespace plenary::payments
