#include "domain/registration/credits.hpp"

#include <algorithm>

#include "domain/conference/conferences.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {

const db::Entity<Credit>& credit_table() {
  using C = Credit;
  static const db::Entity<C> table(
      "credit",
      {
          db::column("id", &C::id).generated_key(),
          db::column("conference_id", &C::conference_id).references("conference").fixed(),
          db::column("user_id", &C::user_id).references("user_account").fixed().personal().label("Person"),
          db::column("amount", &C::amount).money().minimum(1).maximum(largest_amount).fixed(),
          db::column("remaining_amount", &C::remaining)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .read_only()
              .label("Remaining")
              .help("What is left of it to spend."),
          db::column("currency", &C::currency).max_length(3).fixed().read_only(),
          db::column("status", &C::status).choices({"available", "applied", "expired"}).read_only(),
          db::column("source_order_id", &C::source_order_id)
              .references("orders")
              .fixed()
              .help("The refunded order that it stems from."),
          db::column("expires_at", &C::expires_at).help("Empty: never."),
          db::column("note", &C::note)
              .max_length(2000)
              .format(db::TextFormat::paragraph)
              .help("Why it was given."),
          db::column("version", &C::version).version(),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>()
          .titled("Credit", "Credits")
          .ordered_by("created_at DESC, id DESC")
          .must("remaining_amount", "More remains than was given.",
                [](const C& c) { return c.remaining <= c.amount; }));
  return table;
}

Credit give_credit(db::Tx& tx, const Credit& credit) {
  Credit given = credit_for_refund(tx, credit);
  LedgerEntry entry;
  entry.conference_id = given.conference_id;
  entry.debit = Account::goodwill;
  entry.credit = Account::credits;
  entry.amount = given.amount;
  entry.currency = given.currency;
  entry.kind = EntryKind::credit;
  entry.credit_id = given.id;
  entry.is_test =
      given.source_order_id &&
      tx.maybe<bool>("SELECT is_sandbox FROM orders WHERE id = $1", *given.source_order_id).value_or(false);
  post(tx, entry);
  return given;
}

Credit credit_for_refund(db::Tx& tx, const Credit& credit) {
  Credit given = credit;
  given.id = 0;
  given.remaining = credit.amount;
  given.status = CreditStatus::available;
  const auto conference = conference::load(tx, credit.conference_id);
  if (conference && conference->currency) given.currency = *conference->currency;
  refuse_first(credit_table().validate(tx, given));
  return credit_table().insert(tx, given);
}

bool is_gift(const Credit& credit) {
  return !credit.source_order_id;
}

namespace {

bool is_spendable(const Credit& credit, Instant now) {
  return credit.status == CreditStatus::available && credit.remaining > 0 &&
         !(credit.expires_at && *credit.expires_at <= now);
}

// Money that was played buys nothing real, and the other way round. A credit without an order was given by
// staff: that may be tried out.
bool is_of_its_kind(db::Tx& tx, const Credit& credit, const Order& order) {
  if (!credit.source_order_id) return true;
  const auto test = tx.maybe<bool>("SELECT is_sandbox FROM orders WHERE id = $1", *credit.source_order_id);
  return !test || *test == order.is_sandbox;
}

void set_remaining(db::Tx& tx, Credit credit, std::int64_t remaining) {
  credit.remaining = remaining;
  credit.status = remaining > 0 ? CreditStatus::available : CreditStatus::applied;
  credit_table().update_only(tx, credit, {"remaining_amount", "status", "expires_at"});
}

bool is_sold(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::partially_refunded;
}

// The credit is gone before the fee: of an unpaid order it pays what its lines cost, and the fee that another
// way was to cost goes with the last of it. What came in of an announced transfer stays reckoned as that.
void settle_fee(db::Tx& tx, const Catalogue& catalogue, Order& order, std::int64_t credit, std::int64_t kept,
                const Cause& cause) {
  const std::int64_t due = due_without_fee(order, kept);
  if (due <= 0) return;
  if (credit >= due)
    set_known_fee(tx, catalogue, order, PayWay::transfer, 0, cause);
  else
    settle_fee_by_hand(tx, catalogue, order, kept, cause);
}

}  // namespace

std::int64_t payable_by_credit(db::Tx& tx, const Order& order) {
  if (is_sold(order.status)) return money_of(tx, order).due();
  if (order.status != OrderStatus::pending) return 0;
  const std::int64_t paid = store::paid_so_far(tx, order.id).amount;
  const std::int64_t due = due_without_fee(order, paid);
  return std::max<std::int64_t>(due > 0 ? due : order.total - paid, 0);
}

std::vector<Credit> spendable_credits(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  if (!catalogue.payment.offers_credit || !order.user_id || payable_by_credit(tx, order) <= 0) return {};
  std::vector<Credit> credits = credit_table().select(
      tx,
      "WHERE user_id = $1 AND conference_id = $2 AND status = 'available' AND remaining_amount > 0 ORDER BY "
      "COALESCE(expires_at, $3), id",
      *order.user_id, order.conference_id, never);
  std::erase_if(credits, [&](const Credit& credit) {
    return !is_spendable(credit, tx.now()) || !is_of_its_kind(tx, credit, order);
  });
  return credits;
}

AppliedCredit apply_credit(db::Tx& tx, const Shop& shop, Order& order, Id credit_id, const Cause& cause) {
  const bool sold = is_sold(order.status);
  if (!sold && order.status != OrderStatus::pending)
    throw Refused("not_payable", "This order is {status}; there is nothing to pay.",
                  {{"status", std::string(to_text(order.status))}});
  if (!sold && !order.hold_is_live(tx.now()))
    throw Refused("hold_elapsed",
                  "The time to pay this order is over. Your tickets are free again: please order anew.");
  const OrderMoney money = money_of(tx, order);
  const std::optional<Credit> credit = credit_table().find(tx, credit_id);
  if (!credit || !order.user_id || credit->user_id != *order.user_id ||
      credit->conference_id != order.conference_id || !is_of_its_kind(tx, *credit, order))
    throw Refused("no_credit", "This credit cannot be used for this order.");
  if (!is_spendable(*credit, tx.now()))
    throw Refused("no_credit", "Nothing is left of this credit, or its time is over.");
  const auto state = conference::find_state(tx, order.conference_id);
  const auto catalogue = shop.catalogues.at(tx, order.conference_id, state->catalogue_version);
  if (!catalogue->payment.offers_credit)
    throw Refused("no_credits", "Orders of this conference cannot be paid with credits.");
  if (money.due() <= 0) throw Refused("not_payable", "This order is paid already.");
  // Its answer may come at any moment, and would then be too much.
  if (money.is_processing)
    throw Refused("payment_running", "A payment for this order is being processed already.");
  if (!sold) settle_fee(tx, *catalogue, order, credit->remaining, money.kept, cause);
  const std::int64_t balance = order.total - money.kept;

  AppliedCredit applied;
  applied.amount = std::min(credit->remaining, balance);
  applied.remaining = credit->remaining - applied.amount;
  applied.due = balance - applied.amount;
  applied.became_paid = !sold && applied.due == 0;
  applied.payment_id = store::insert_payment(tx, {.order_id = order.id,
                                                  .conference_id = order.conference_id,
                                                  .method = PaymentMethod::credit,
                                                  .status = PaymentStatus::succeeded,
                                                  .amount = applied.amount,
                                                  .currency = order.currency,
                                                  .gateway_reference = {},
                                                  .failure = {},
                                                  .is_test = order.is_sandbox,
                                                  .credit_id = credit->id});
  set_remaining(tx, *credit, applied.remaining);
  if (order.is_sandbox && is_gift(*credit)) post_gift_tried_out(tx, order, credit->id, applied.amount);
  if (applied.due == 0) publish_no_longer_due(tx, order.id);
  if (applied.became_paid)
    apply(tx, shop, order, Transition::paid, cause);
  else
    store::insert_event(tx, order.id, to_text(order.status), to_text(order.status),
                        {cause.source, cause.actor, "credit spent"});
  if (sold) {
    note_balance(tx, order);
    publish(OrderEvent::changed, tx, order);
    mail_payment_received(tx, order, applied.payment_id);
  }
  return applied;
}

std::int64_t restore_credit(db::Tx& tx, Id credit_id, std::int64_t amount) {
  std::optional<Credit> credit = credit_table().find(tx, credit_id);
  if (!credit) return 0;
  const std::int64_t restored = std::min(amount, credit->amount - credit->remaining);
  if (restored <= 0) return 0;
  // What was left when it expired was written off and does not come back.
  const std::int64_t before = credit->status == CreditStatus::expired ? 0 : credit->remaining;
  if (credit->expires_at && *credit->expires_at <= tx.now()) credit->expires_at = tx.now() + restored_for;
  set_remaining(tx, *credit, before + restored);
  return restored;
}

void give_back_gifts(db::Tx& tx, Id order_id) {
  const std::optional<Order> order = store::order_by_id(tx, order_id);
  if (!order || !order->is_sandbox) return;
  for (const auto& [credit_id, amount] :
       tx.query<Id, std::int64_t>("SELECT p.credit_id, p.amount - COALESCE((SELECT CAST(SUM(r.amount) AS "
                                  "BIGINT) FROM refund r WHERE "
                                  "r.payment_id = p.id AND r.status = 'succeeded' AND r.credit_id = "
                                  "p.credit_id), 0) FROM payment p JOIN "
                                  "credit c ON c.id = p.credit_id WHERE p.order_id = $1 AND p.status IN "
                                  "('succeeded', 'refunded') AND "
                                  "c.source_order_id IS NULL",
                                  order_id)) {
    const std::int64_t restored = restore_credit(tx, credit_id, amount);
    if (restored > 0) post_gift_tried_out(tx, *order, credit_id, -restored);
  }
}

std::vector<CreditStatement> credit_statements(db::Tx& tx, Id conference_id, Id user_id) {
  std::vector<CreditStatement> statements;
  for (Credit& credit : credits_of_user(tx, conference_id, user_id)) {
    CreditStatement statement;
    if (credit.source_order_id)
      statement.source_reference =
          tx.maybe<std::string>("SELECT reference FROM orders WHERE id = $1", *credit.source_order_id)
              .value_or("");
    statement.spent_on = tx.query<std::string>(
        "SELECT o.reference FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.credit_id = $1 AND "
        "p.status = 'succeeded' ORDER BY p.id",
        credit.id);
    statement.credit = std::move(credit);
    statements.push_back(std::move(statement));
  }
  return statements;
}

std::vector<Credit> credits_of_user(db::Tx& tx, Id conference_id, Id user_id) {
  return credit_table().select(tx,
                               "WHERE user_id = $1 AND conference_id = $2 ORDER BY created_at DESC, id DESC",
                               user_id, conference_id);
}

std::vector<Credit> credits_of(db::Tx& tx, Id conference_id) {
  return credit_table().select(tx, "WHERE conference_id = $1 ORDER BY created_at DESC, id DESC",
                               conference_id);
}

}  // namespace plenary::registration
