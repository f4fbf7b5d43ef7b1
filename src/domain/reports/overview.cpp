#include "domain/reports/overview.hpp"

#include <tuple>

namespace plenary::reports {

Overview overview(db::Tx& tx, std::int64_t conference_id) {
  using I = std::int64_t;
  Overview o;
  std::tie(o.sections, o.activities, o.travel_grants, o.sponsor_levels, o.sponsors, o.ticket_types, o.addons,
           o.vouchers, o.orders, o.paid_orders, o.sandbox_orders, o.attendees, o.revenue, o.granted,
           o.disbursed) = tx.one<I, I, I, I, I, I, I, I, I, I, I, I, I, I,
                                 I>(
      "SELECT (SELECT count(*) FROM section WHERE conference_id = $1),"
      " (SELECT count(*) FROM activity WHERE conference_id = $1),"
      " (SELECT count(*) FROM travel_grant WHERE conference_id = $1),"
      " (SELECT count(*) FROM sponsor_level WHERE conference_id = $1),"
      " (SELECT count(*) FROM sponsor WHERE conference_id = $1),"
      " (SELECT count(*) FROM ticket_type WHERE conference_id = $1),"
      " (SELECT count(*) FROM addon WHERE conference_id = $1),"
      " (SELECT count(*) FROM voucher WHERE conference_id = $1),"
      " o.orders, o.paid, o.sandbox,"
      " (SELECT count(*) FROM seat s JOIN orders b ON b.id = s.order_id WHERE s.conference_id = $1 AND"
      "   s.status = 'active' AND b.is_sandbox = 0 AND b.status IN ('paid', 'partially_refunded')),"
      " CAST(o.revenue - COALESCE((SELECT sum(p.amount) FROM payment p JOIN orders b ON b.id = p.order_id"
      "   WHERE p.conference_id = $1 AND p.status = 'refunded' AND b.is_sandbox = 0 AND"
      "   b.status = 'partially_refunded'), 0) AS BIGINT),"
      " g.granted, g.disbursed"
      " FROM (SELECT COALESCE(sum(CASE WHEN is_sandbox = 0 THEN 1 ELSE 0 END), 0) AS orders,"
      "   COALESCE(sum(CASE WHEN is_sandbox = 0 AND status IN ('paid', 'partially_refunded') THEN 1 ELSE 0"
      "   END), 0) AS paid,"
      "   COALESCE(sum(CASE WHEN is_sandbox = 1 THEN 1 ELSE 0 END), 0) AS sandbox,"
      "   CAST(COALESCE(sum(CASE WHEN is_sandbox = 0 AND status IN ('paid', 'partially_refunded') THEN"
      "   total ELSE 0 END), 0) AS BIGINT) AS revenue FROM orders WHERE conference_id = $1) o"
      " CROSS JOIN (SELECT CAST(COALESCE(sum(CASE WHEN status IN ('offered', 'accepted', 'disbursed') THEN"
      "   COALESCE(approved_amount, 0) ELSE 0 END), 0) AS BIGINT) AS granted,"
      "   CAST(COALESCE(sum(CASE WHEN status = 'disbursed' THEN COALESCE(disbursed_amount, 0) ELSE 0 END),"
      "   0) AS BIGINT) AS disbursed FROM travel_grant WHERE conference_id = $1) g",
      conference_id);
  return o;
}

Decimal Measure::percent(int decimals) const {
  if (target <= 0) return {};
  __int128 unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  const __int128 doubled = static_cast<__int128>(actual) * 200 * unit / target;
  return Decimal::scaled((doubled + (doubled < 0 ? -1 : 1)) / 2, decimals);
}

Budget budget(const Overview& overview, const Targets& targets) {
  const auto measure = [](std::int64_t actual, std::optional<std::int64_t> target) {
    std::optional<Measure> one;
    if (target && *target > 0) one = Measure{actual, *target};
    return one;
  };
  Budget budget;
  budget.revenue = measure(overview.revenue, targets.revenue);
  budget.attendance = measure(overview.attendees, targets.attendance);
  budget.grants = measure(overview.granted, targets.grants);
  budget.disbursed = overview.disbursed;
  return budget;
}

}  // namespace plenary::reports
