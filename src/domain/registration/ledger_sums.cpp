#include "domain/registration/ledger_sums.hpp"

#include <algorithm>
#include <functional>
#include <map>

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

}  // namespace

LedgerOverview ledger_overview(db::Tx& tx, Id conference_id, const LedgerRange& range) {
  LedgerOverview overview;
  std::map<std::string, AccountFigure, std::less<>> figures;
  for (auto& [debit, credit, kind, is_test, in_period, amount, entries] :
       tx.query<std::string, std::string, std::string, bool, bool, std::int64_t, std::int64_t>(
           "SELECT debit, credit, kind, is_test, CAST(CASE WHEN created_at >= $2 THEN 1 ELSE 0 END AS "
           "BIGINT) "
           "AS in_period, "
           "CAST(SUM(amount) AS BIGINT), CAST(COUNT(*) AS BIGINT) FROM ledger_entry WHERE conference_id = $1 "
           "AND created_at < $3 GROUP BY debit, credit, kind, is_test, in_period ORDER "
           "BY debit, credit, kind",
           conference_id, from_of(range), until_of(range))) {
    overview.has_test = overview.has_test || is_test;
    if (is_test != range.is_test) continue;
    figures[debit].debit += amount;
    figures[credit].credit += amount;
    if (in_period)
      overview.flows.push_back({std::move(debit), std::move(credit), std::move(kind), amount, entries});
  }
  for (const std::string_view account : ledger_accounts)
    if (const auto found = figures.find(account); found != figures.end()) {
      found->second.account = std::string(account);
      overview.balance.push_back(found->second);
    }
  if (!overview.has_test && range.until)
    overview.has_test =
        !tx.query<Id>(
               "SELECT id FROM ledger_entry WHERE conference_id = $1 AND created_at >= $2 AND "
               "is_test = 1 LIMIT 1",
               conference_id, until_of(range))
             .empty();
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
           "SELECT l.tax_rate, l.tax_category, l.reverse_charge, CAST(SUM(CASE WHEN e.credit = 'tax' OR "
           "e.debit = 'tax' THEN 0 WHEN e.debit = 'receivable' THEN e.amount ELSE -e.amount END) AS BIGINT), "
           "CAST(SUM(CASE WHEN e.credit = 'tax' THEN e.amount WHEN e.debit = 'tax' THEN -e.amount ELSE 0 "
           "END) "
           "AS BIGINT) FROM ledger_entry e JOIN order_line l ON l.id = e.order_line_id WHERE e.conference_id "
           "= "
           "$1 AND e.created_at >= $2 AND e.created_at < $3 AND e.is_test = $4 AND e.kind IN ('sale', "
           "'change') GROUP BY l.tax_rate, l.tax_category, l.reverse_charge",
           conference_id, from_of(range), until_of(range), range.is_test))
    sums.push_back({std::move(rate), std::move(category), reverse_charge, base, tax});
  std::sort(sums.begin(), sums.end(), [](const LedgerTax& a, const LedgerTax& b) {
    const Decimal first = Decimal::parse(a.rate).value_or(Decimal()),
                  second = Decimal::parse(b.rate).value_or(Decimal());
    if (first > second) return true;
    if (second > first) return false;
    return a.category != b.category ? a.category < b.category : a.reverse_charge < b.reverse_charge;
  });
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
      "($5 = '' OR debit = $5 OR credit = $5) AND ($6 = 0 OR order_id = $6) AND ($7 = '' OR kind = $7)",
      conference_id, from_of(filter.range), until_of(filter.range), filter.range.is_test, filter.account,
      order, kind);
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
