#include "domain/registration/ledger.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "db/many_rows.hpp"

namespace plenary::registration {
namespace {

std::string_view revenue_of(LineKind kind) {
  switch (kind) {
    case LineKind::ticket:
      return Account::tickets;
    case LineKind::addon:
      return Account::addons;
    case LineKind::fee:
      break;
  }
  return Account::fees;
}

struct Flowing {
  std::string_view debit, credit;
  std::int64_t amount = 0;
  std::optional<Id> order_line_id;
};

// What flows for one reason, at most db::rows_at_once of them; what is nothing is left out, what is negative
// flows the other way.
void write(db::Tx& tx, const LedgerEntry& entry, std::span<const Flowing> flows) {
  static const db::ManyRows insert(
      "INSERT INTO ledger_entry (conference_id, currency, kind, is_test, order_id, payment_id, refund_id, "
      "credit_id, reference, created_at, debit, credit, amount, order_line_id) VALUES ",
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ?, ?, ?, ?)", 10);
  std::vector<db::Param> values{entry.conference_id, entry.currency,   to_text(entry.kind), entry.is_test,
                                entry.order_id,      entry.payment_id, entry.refund_id,     entry.credit_id,
                                entry.reference,     tx.now()};
  values.reserve(values.size() + 4 * flows.size());
  for (const Flowing& flow : flows) {
    if (flow.amount == 0) continue;
    const bool back = flow.amount < 0;
    values.insert(values.end(), {back ? flow.credit : flow.debit, back ? flow.debit : flow.credit,
                                 back ? -flow.amount : flow.amount, flow.order_line_id});
  }
  insert.run_later(tx, values);
}

void write(db::Tx& tx, const LedgerEntry& entry, std::string_view debit, std::string_view credit,
           std::int64_t amount) {
  const Flowing one[] = {{debit, credit, amount, entry.order_line_id}};
  write(tx, entry, one);
}

LedgerEntry of_order(const Order& order, EntryKind kind) {
  LedgerEntry entry;
  entry.conference_id = order.conference_id;
  entry.currency = order.currency;
  entry.kind = kind;
  entry.is_test = order.is_sandbox;
  entry.order_id = order.id;
  return entry;
}

}  // namespace

std::string_view to_text(EntryKind kind) {
  static constexpr std::array<std::string_view, 9> texts{"sale", "change",  "payment", "refund",    "credit",
                                                         "fee",  "dispute", "payout",  "correction"};
  return texts[static_cast<std::size_t>(kind)];
}

const db::Entity<LedgerEntry>& ledger_table() {
  using L = LedgerEntry;
  static const db::Entity<L> table(
      "ledger_entry",
      {
          db::column("id", &L::id).generated_key(),
          db::column("conference_id", &L::conference_id).references("conference").fixed().read_only(),
          db::column("debit", &L::debit).fixed().read_only().label("To"),
          db::column("credit", &L::credit).fixed().read_only().label("From"),
          db::column("amount", &L::amount).money().minimum(1).fixed().read_only(),
          db::column("currency", &L::currency).max_length(3).fixed().read_only(),
          db::column("kind", &L::kind)
              .choices(
                  {"sale", "change", "payment", "refund", "credit", "fee", "dispute", "payout", "correction"})
              .fixed()
              .read_only(),
          db::column("is_test", &L::is_test).fixed().read_only().label("Of a test order"),
          db::column("order_id", &L::order_id).references("orders").fixed().read_only(),
          db::column("order_line_id", &L::order_line_id).fixed().read_only().label("Line"),
          db::column("payment_id", &L::payment_id).fixed().read_only().label("Payment"),
          db::column("refund_id", &L::refund_id).fixed().read_only().label("Refund"),
          db::column("credit_id", &L::credit_id).fixed().read_only().label("Store credit"),
          db::column("reference", &L::reference).fixed().read_only().label("Provider's number"),
          db::column("created_at", &L::created_at).created(),
      },
      db::Rules<L>().titled("Ledger entry", "Ledger").ordered_by("id DESC"));
  return table;
}

void post(db::Tx& tx, const LedgerEntry& entry) {
  write(tx, entry, entry.debit, entry.credit, entry.amount);
}

void post_lines(db::Tx& tx, const Order& order, std::span<const OrderLine> lines, EntryKind kind) {
  const LedgerEntry entry = of_order(order, kind);
  for (const OrderLine& line : lines) {
    const std::int64_t discount = line.condition_discount + line.voucher_discount;
    const Flowing flows[] = {
        {Account::receivable, revenue_of(line.kind), line.gross - line.tax + discount, line.id},
        {Account::discounts, Account::receivable, discount, line.id},
        {Account::receivable, Account::tax, line.tax, line.id}};
    write(tx, entry, flows);
  }
}

std::string_view account_of(PaymentMethod method, std::string_view channel) {
  switch (method) {
    case PaymentMethod::stripe:
      return Account::stripe;
    case PaymentMethod::terminal:
      return Account::terminal;
    case PaymentMethod::comp:
      return Account::waived;
    case PaymentMethod::credit:
      return Account::credits;
    case PaymentMethod::sandbox:
      return Account::sandbox;
    case PaymentMethod::manual:
      break;
  }
  if (channel == "cash") return Account::cash;
  if (channel == "cheque") return Account::cheque;
  if (channel == "card") return Account::terminal;
  return Account::bank;
}

void post_provider_fee(db::Tx& tx, const Order& order, Id payment_id, std::int64_t amount,
                       std::string_view currency, std::string_view reference) {
  LedgerEntry entry = of_order(order, EntryKind::fee);
  entry.currency = std::string(currency);
  entry.payment_id = payment_id;
  entry.reference = std::string(reference);
  write(tx, entry, Account::provider_fees, Account::stripe, amount);
}

void post_dispute(db::Tx& tx, const Order& order, Id payment_id, std::int64_t amount, DisputeStep step,
                  std::string_view reference) {
  LedgerEntry entry = of_order(order, EntryKind::dispute);
  entry.payment_id = payment_id;
  entry.reference = std::string(reference);
  switch (step) {
    case DisputeStep::opened:
      write(tx, entry, Account::disputed, Account::stripe, amount);
      break;
    case DisputeStep::won:
      write(tx, entry, Account::stripe, Account::disputed, amount);
      break;
    case DisputeStep::lost:
      write(tx, entry, Account::dispute_losses, Account::disputed, amount);
      break;
  }
}

void post_payout(db::Tx& tx, Id conference_id, std::string_view from_account, std::int64_t amount,
                 std::string_view currency, std::string_view reference, bool is_test) {
  LedgerEntry entry;
  entry.conference_id = conference_id;
  entry.currency = std::string(currency);
  entry.kind = EntryKind::payout;
  entry.is_test = is_test;
  entry.reference = std::string(reference);
  write(tx, entry, Account::bank, from_account, amount);
}

void post_gift_tried_out(db::Tx& tx, const Order& order, Id credit_id, std::int64_t amount) {
  LedgerEntry real;
  real.conference_id = order.conference_id;
  real.currency = order.currency;
  real.kind = EntryKind::credit;
  real.credit_id = credit_id;
  real.reference = order.reference;
  write(tx, real, Account::credits, Account::goodwill, amount);
  LedgerEntry test = of_order(order, EntryKind::credit);
  test.credit_id = credit_id;
  test.reference = order.reference;
  write(tx, test, Account::goodwill, Account::credits, amount);
}

void post_credit_expired(db::Tx& tx, Id conference_id, Id credit_id, std::int64_t amount,
                         std::string_view currency) {
  LedgerEntry entry;
  entry.conference_id = conference_id;
  entry.currency = std::string(currency);
  entry.kind = EntryKind::credit;
  entry.credit_id = credit_id;
  // It leaves the books in which it came: those of test orders, when it stems from one.
  entry.is_test = tx.maybe<bool>(
                        "SELECT o.is_sandbox FROM credit c JOIN orders o ON o.id = c.source_order_id WHERE "
                        "c.id = $1",
                        credit_id)
                      .value_or(false);
  write(tx, entry, Account::credits, Account::expired_credits, amount);
}

std::vector<LedgerEntry> ledger_of_order(db::Tx& tx, Id order_id) {
  return ledger_table().select(tx, "WHERE order_id = $1 ORDER BY id", order_id);
}

namespace {
constexpr std::int64_t earliest = 0, latest = 9'000'000'000'000'000'000;

std::int64_t from_of(const LedgerRange& range) {
  return range.from ? range.from->micros : earliest;
}
std::int64_t until_of(const LedgerRange& range) {
  return range.until ? range.until->micros : latest;
}
}  // namespace

std::vector<Flow> ledger_flows(db::Tx& tx, Id conference_id, const LedgerRange& range) {
  std::vector<Flow> flows;
  for (auto& [debit, credit, amount, entries] :
       tx.query<std::string, std::string, std::int64_t, std::int64_t>(
           "SELECT debit, credit, CAST(SUM(amount) AS BIGINT), CAST(COUNT(*) AS BIGINT) FROM ledger_entry "
           "WHERE conference_id = $1 AND created_at >= $2 AND created_at < $3 AND is_test = $4 AND ($5 = '' "
           "OR "
           "currency = $5) GROUP BY debit, credit ORDER BY debit, credit",
           conference_id, from_of(range), until_of(range), range.is_test, range.currency))
    flows.push_back({std::move(debit), std::move(credit), amount, entries});
  return flows;
}

std::vector<AccountFigure> ledger_figures(db::Tx& tx, Id conference_id, const LedgerRange& range) {
  const std::vector<Flow> flows = ledger_flows(tx, conference_id, range);
  std::vector<AccountFigure> figures;
  for (const std::string_view account : ledger_accounts) {
    AccountFigure figure{std::string(account), 0, 0};
    for (const Flow& flow : flows) {
      if (flow.debit == account) figure.debit += flow.amount;
      if (flow.credit == account) figure.credit += flow.amount;
    }
    if (figure.debit != 0 || figure.credit != 0) figures.push_back(std::move(figure));
  }
  return figures;
}

std::vector<LedgerEntry> ledger_entries(db::Tx& tx, Id conference_id, const LedgerFilter& filter,
                                        std::optional<Id> before_id, int limit) {
  const std::string_view kind = filter.kind ? to_text(*filter.kind) : std::string_view();
  const std::int64_t order = filter.order_id.value_or(0);
  return ledger_table().select(
      tx,
      "WHERE conference_id = $1 AND created_at >= $2 AND created_at < $3 AND is_test = $4 AND id < $5 AND "
      "($6 = '' OR debit = $6 OR credit = $6) AND ($7 = 0 OR order_id = $7) AND ($8 = '' OR kind = $8) AND "
      "($9 "
      "= '' OR currency = $9) ORDER BY created_at DESC, id DESC LIMIT $10",
      conference_id, from_of(filter.range), until_of(filter.range), filter.range.is_test,
      before_id.value_or(latest), filter.account, order, kind, filter.range.currency, limit);
}

}  // namespace plenary::registration
