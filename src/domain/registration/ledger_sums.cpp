#include "domain/registration/ledger_sums.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "base/decimal.hpp"

namespace plenary::registration {
namespace {

constexpr std::int64_t earliest = 0, latest = 9'000'000'000'000'000'000;

std::int64_t from_of(const LedgerRange& range) {
  return range.from ? range.from->micros : earliest;
}
std::int64_t until_of(const LedgerRange& range) {
  return range.until ? range.until->micros : latest;
}

#define TAX_SUMS                                                                                     \
  "CAST(SUM(CASE WHEN e.credit = 'tax' OR e.debit = 'tax' THEN 0 WHEN e.debit = 'receivable' THEN "  \
  "e.amount ELSE -e.amount END) AS BIGINT), CAST(SUM(CASE WHEN e.credit = 'tax' THEN e.amount WHEN " \
  "e.debit = 'tax' THEN -e.amount ELSE 0 END) AS BIGINT)"

void sort(std::vector<LedgerTax>& sums) {
  std::sort(sums.begin(), sums.end(), [](const LedgerTax& a, const LedgerTax& b) {
    const Decimal first = Decimal::parse(a.rate).value_or(Decimal()),
                  second = Decimal::parse(b.rate).value_or(Decimal());
    if (first > second) return true;
    if (second > first) return false;
    return a.category != b.category ? a.category < b.category : a.reverse_charge < b.reverse_charge;
  });
}

// Sums over the entries of one currency, real or test ones.
struct Side {
  std::map<std::tuple<std::string, std::string, std::string>, KindFlow> flows;  // by debit, credit and kind
  std::map<std::tuple<std::string, std::string, bool>, LedgerTax> taxes;  // by rate, category, reverse charge

  void add(KindFlow flow) {
    KindFlow& sum = flows[{flow.debit, flow.credit, flow.kind}];
    flow.amount += sum.amount;
    flow.entries += sum.entries;
    sum = std::move(flow);
  }
  void add(LedgerTax tax) {
    LedgerTax& sum = taxes[{tax.rate, tax.category, tax.reverse_charge}];
    tax.base += sum.base;
    tax.tax += sum.tax;
    sum = std::move(tax);
  }
};
struct Book {
  Id last_id = 0;   // of the entries that are in it
  Instant last_at;  // when that one was written: SQLite gives the number of a deleted last row again
  std::int64_t entries = 0;
  std::map<std::pair<std::string, bool>, Side> sides;  // by currency, and whether of test orders

  // What a range asks for, whenever it was.
  Side side_of(const LedgerRange& range) const {
    Side side;
    for (const auto& [key, one] : sides) {
      if (key.second != range.is_test || (!range.currency.empty() && key.first != range.currency)) continue;
      for (const auto& [name, flow] : one.flows) side.add(flow);
      for (const auto& [name, tax] : one.taxes) side.add(tax);
    }
    return side;
  }
};

// What came after the last entry of the book, added to it. "+ 0": by the entries' numbers, which are few.
void read_on(db::Tx& tx, Id conference_id, Book& book) {
  const Id behind = book.last_id;
  for (auto& [currency, debit, credit, kind, is_test, amount, entries, last_id] :
       tx.query<std::string, std::string, std::string, std::string, bool, std::int64_t, std::int64_t, Id>(
           "SELECT currency, debit, credit, kind, is_test, CAST(SUM(amount) AS BIGINT), CAST(COUNT(*) AS "
           "BIGINT), MAX(id) FROM ledger_entry WHERE conference_id + 0 = $1 AND id > $2 GROUP BY currency, "
           "debit, credit, kind, is_test",
           conference_id, behind)) {
    book.last_id = std::max(book.last_id, last_id);
    book.entries += entries;
    book.sides[{currency, is_test}].add(
        KindFlow{std::move(debit), std::move(credit), std::move(kind), amount, entries});
  }
  if (book.last_id == behind) return;
  book.last_at = tx.one<Instant>("SELECT created_at FROM ledger_entry WHERE id = $1", book.last_id);
  for (auto& [currency, rate, category, reverse_charge, is_test, base, tax] :
       tx.query<std::string, std::string, std::string, bool, bool, std::int64_t, std::int64_t>(
           "SELECT e.currency, l.tax_rate, l.tax_category, l.reverse_charge, e.is_test, " TAX_SUMS
           " FROM ledger_entry e JOIN order_line l ON l.id = e.order_line_id WHERE e.conference_id + 0 = $1 "
           "AND e.id > $2 AND e.kind IN ('sale', 'change') GROUP BY e.currency, l.tax_rate, l.tax_category, "
           "l.reverse_charge, e.is_test",
           conference_id, behind))
    book.sides[{currency, is_test}].add(
        LedgerTax{std::move(rate), std::move(category), reverse_charge, base, tax});
}

// Of the range's currency and side, between two moments of their own.
std::vector<KindFlow> flows_of(db::Tx& tx, Id conference_id, std::int64_t from, std::int64_t until,
                               const LedgerRange& range) {
  std::vector<KindFlow> flows;
  for (auto& [debit, credit, kind, amount, entries] :
       tx.query<std::string, std::string, std::string, std::int64_t, std::int64_t>(
           "SELECT debit, credit, kind, CAST(SUM(amount) AS BIGINT), CAST(COUNT(*) AS BIGINT) FROM "
           "ledger_entry WHERE conference_id = $1 AND created_at >= $2 AND created_at < $3 AND is_test = $4 "
           "AND ($5 = '' OR currency = $5) GROUP BY debit, credit, kind ORDER BY debit, credit, kind",
           conference_id, from, until, range.is_test, range.currency))
    flows.push_back({std::move(debit), std::move(credit), std::move(kind), amount, entries});
  return flows;
}

}  // namespace

struct LedgerBooks::Kept {
  std::mutex mutex;
  std::map<Id, Book> books;  // by conference
};
LedgerBooks::LedgerBooks() : kept_(std::make_unique<Kept>()) {}
LedgerBooks::~LedgerBooks() = default;

LedgerOverview LedgerBooks::overview(db::Tx& tx, Id conference_id, const LedgerRange& range) {
  Book book;
  {
    const std::lock_guard lock(kept_->mutex);
    book = kept_->books[conference_id];
  }
  const std::int64_t entries = tx.one<std::int64_t>(
      "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE conference_id = $1", conference_id);
  const auto last_at =
      tx.maybe<Instant>("SELECT created_at FROM ledger_entry WHERE id = $1 AND conference_id + 0 = $2",
                        book.last_id, conference_id);
  if (book.last_id != 0 && last_at != std::optional(book.last_at)) book = {};
  if (book.entries <= entries) read_on(tx, conference_id, book);
  if (book.entries != entries) {
    book = {};
    read_on(tx, conference_id, book);
  }
  {
    const std::lock_guard lock(kept_->mutex);
    kept_->books[conference_id] = book;
  }

  Side side = book.side_of(range);
  LedgerOverview overview;
  for (const auto& [key, one] : book.sides) {
    overview.has_test = overview.has_test || key.second;
    if (key.second == range.is_test) overview.currencies.push_back(key.first);
  }
  if (range.from || range.until) {
    overview.flows = flows_of(tx, conference_id, from_of(range), until_of(range), range);
    overview.taxes = ledger_taxes(tx, conference_id, range);
  } else {
    for (const auto& [key, flow] : side.flows) overview.flows.push_back(flow);
    for (const auto& [key, tax] : side.taxes) overview.taxes.push_back(tax);
    sort(overview.taxes);
  }
  // How it stood then is how it stands, without what came since.
  if (range.until)
    for (KindFlow& later : flows_of(tx, conference_id, until_of(range), latest, range)) {
      later.amount = -later.amount;
      later.entries = -later.entries;
      side.add(std::move(later));
    }
  for (const std::string_view account : ledger_accounts) {
    AccountFigure figure{std::string(account), 0, 0};
    for (const auto& [key, flow] : side.flows) {
      if (flow.debit == account) figure.debit += flow.amount;
      if (flow.credit == account) figure.credit += flow.amount;
    }
    if (figure.debit != 0 || figure.credit != 0) overview.balance.push_back(std::move(figure));
  }
  return overview;
}

std::int64_t moved(const std::vector<KindFlow>& flows, std::string_view account, std::string_view kind) {
  std::int64_t sum = 0;
  for (const KindFlow& flow : flows) {
    if (!kind.empty() && flow.kind != kind) continue;
    if (flow.debit == account) sum += flow.amount;
    if (flow.credit == account) sum -= flow.amount;
  }
  return sum;
}

std::vector<LedgerTax> ledger_taxes(db::Tx& tx, Id conference_id, const LedgerRange& range) {
  // Between a buyer and the books: sales make the buyer owe, discounts owe less; tax itself is no base.
  std::vector<LedgerTax> sums;
  for (auto& [rate, category, reverse_charge, base, tax] :
       tx.query<std::string, std::string, bool, std::int64_t, std::int64_t>(
           "SELECT l.tax_rate, l.tax_category, l.reverse_charge, " TAX_SUMS
           " FROM ledger_entry e JOIN order_line l ON l.id = e.order_line_id WHERE e.conference_id = $1 AND "
           "e.created_at >= $2 AND e.created_at < $3 AND e.is_test = $4 AND e.kind IN ('sale', 'change') "
           "AND ($5 = '' OR e.currency = $5) GROUP BY l.tax_rate, l.tax_category, l.reverse_charge",
           conference_id, from_of(range), until_of(range), range.is_test, range.currency))
    sums.push_back({std::move(rate), std::move(category), reverse_charge, base, tax});
  sort(sums);
  return sums;
}

LedgerSum ledger_sum(db::Tx& tx, Id conference_id, const LedgerFilter& filter) {
  const std::string_view kind = filter.kind ? to_text(*filter.kind) : std::string_view();
  const std::int64_t order = filter.order_id.value_or(0);
  const auto [entries, debit, credit] = tx.one<std::int64_t, std::int64_t, std::int64_t>(
      "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN $5 = '' OR debit = $5 THEN amount END), "
      "0) "
      "AS BIGINT), CAST(COALESCE(SUM(CASE WHEN $5 = '' OR credit = $5 THEN amount END), 0) AS BIGINT) FROM "
      "ledger_entry WHERE conference_id = $1 AND created_at >= $2 AND created_at < $3 AND is_test = $4 AND "
      "($5 = '' OR debit = $5 OR credit = $5) AND ($6 = 0 OR order_id = $6) AND ($7 = '' OR kind = $7) "
      "AND ($8 = '' OR currency = $8)",
      conference_id, from_of(filter.range), until_of(filter.range), filter.range.is_test, filter.account,
      order, kind, filter.range.currency);
  return {entries, debit, credit};
}

OpenOrders open_orders(db::Tx& tx, Id conference_id, bool is_test) {
  OpenOrders open;
  const auto [count, amount] = tx.one<std::int64_t, std::int64_t>(
      "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(o.total - COALESCE((SELECT SUM(p.amount) FROM "
      "payment "
      "p WHERE p.order_id = o.id AND p.status = 'succeeded'), 0)), 0) AS BIGINT) FROM orders o WHERE "
      "o.conference_id = $1 AND o.status = 'pending' AND o.is_sandbox = $2 AND o.hold_expires_at > $3",
      conference_id, is_test, tx.now());
  open.count = count;
  open.amount = amount;
  return open;
}

}  // namespace plenary::registration
