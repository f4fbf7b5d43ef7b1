// The SQL of the limits' counters.
#include "domain/accounts/store.hpp"

namespace plenary::accounts::store {

std::vector<RateRow> rate_rows(db::Tx& tx, std::string_view kind, std::span<const Rate> rates) {
  // Always four values, so that it is one prepared statement.
  const auto key = [&](std::size_t i) -> std::string_view {
    return rates.empty() ? std::string_view() : rates[i < rates.size() ? i : 0].counted_by;
  };
  std::vector<RateRow> rows;
  for (auto& [counted_by, start, now, before] : tx.query<std::string, Instant, std::int64_t, std::int64_t>(
           "SELECT counted_by, window_start, in_window, in_window_before FROM rate_count"
           " WHERE kind = $1 AND counted_by IN ($2, $3, $4, $5)",
           kind, key(0), key(1), key(2), key(3)))
    rows.push_back({std::move(counted_by), start, now, before});
  return rows;
}

// The row of the window before becomes "before"; an older one is forgotten. Decided here and not by what was
// read, so that two processes count right.
#define COUNT_INTO "INSERT INTO rate_count (kind, counted_by, window_start, in_window) VALUES "
#define COUNT_MORE                                                                                 \
  " ON CONFLICT (kind, counted_by) DO UPDATE SET in_window = CASE WHEN rate_count.window_start = " \
  "excluded.window_start THEN rate_count.in_window + 1 ELSE 1 END, in_window_before = CASE WHEN "  \
  "rate_count.window_start = excluded.window_start THEN rate_count.in_window_before WHEN "         \
  "rate_count.window_start = excluded.window_start - $3 THEN rate_count.in_window ELSE 0 END, "    \
  "window_start = excluded.window_start"

void add_to_rates(db::Tx& tx, std::string_view kind, std::span<const std::string_view> counted_by,
                  Instant window_start, Duration window) {
  const auto& by = counted_by;
  switch (by.size()) {
    case 0:
      return;
    case 1:
      return tx.exec_later(COUNT_INTO "($1, $4, $2, 1)" COUNT_MORE, kind, window_start, window.micros, by[0]);
    case 2:
      return tx.exec_later(COUNT_INTO "($1, $4, $2, 1), ($1, $5, $2, 1)" COUNT_MORE, kind, window_start,
                           window.micros, by[0], by[1]);
    case 3:
      return tx.exec_later(COUNT_INTO "($1, $4, $2, 1), ($1, $5, $2, 1), ($1, $6, $2, 1)" COUNT_MORE, kind,
                           window_start, window.micros, by[0], by[1], by[2]);
    case 4:
      return tx.exec_later(COUNT_INTO
                           "($1, $4, $2, 1), ($1, $5, $2, 1), ($1, $6, $2, 1), ($1, $7, $2, 1)" COUNT_MORE,
                           kind, window_start, window.micros, by[0], by[1], by[2], by[3]);
    default:
      throw std::logic_error("too many limits for one action");
  }
}

#undef COUNT_INTO
#undef COUNT_MORE

void delete_rate(db::Tx& tx, std::string_view kind, std::string_view counted_by) {
  tx.exec_later("DELETE FROM rate_count WHERE kind = $1 AND counted_by = $2", kind, counted_by);
}

std::int64_t delete_old_rates(db::Tx& tx, Instant before, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM rate_count WHERE (kind, counted_by) IN"
      " (SELECT kind, counted_by FROM rate_count WHERE window_start < $1 ORDER BY window_start LIMIT $2)",
      before, limit);
}

}  // namespace plenary::accounts::store
