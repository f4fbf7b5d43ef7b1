#include "domain/registration/changes.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "domain/conference/audit_feed.hpp"

namespace plenary::registration {
namespace {

constexpr std::int64_t rows_at_once = 2'000;
// Other conferences' rows may be passed once nobody can still be writing one of this conference before them.
constexpr Duration settled_after = Duration::minutes(2);

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> entities{{
    {"orders", "order"},
    {"voucher", "voucher"},
    {"discount_condition", "condition"},
    {"ticket_type", "ticket_type"},
    {"addon", "addon"},
    {"variation", "variation"},
    {"quota", "quota"},
    {"tax_rule", "tax_rule"},
    {"waiting_entry", "waiting_entry"},
    {"conference", "conference"},
}};

std::string_view entity_of(std::string_view table) {
  for (const auto& [name, entity] : entities)
    if (name == table) return entity;
  return {};
}

std::string_view kind_of(std::string_view from, std::string_view to) {
  if (from.empty()) return "created";
  if (from == to) return "changed";
  if (to == "paid") return "paid";
  if (to == "cancelled") return "cancelled";
  return to == "refunded" || to == "partially_refunded" ? "refunded" : "changed";
}

// What one source has after a position: at most `limit` changes, and where it stands behind them.
struct Found {
  std::vector<std::pair<std::int64_t, Change>> changes;
  std::int64_t last = 0;
  bool more = false;
};

Found order_events_after(db::Tx& tx, Id conference_id, std::int64_t after, std::int64_t limit) {
  Found found{{}, after, false};
  const auto rows = tx.query<std::int64_t, Id, std::string, std::string, std::string, Instant>(
      "SELECT e.id, o.conference_id, o.reference, e.from_status, e.to_status, e.created_at FROM order_event "
      "e JOIN "
      "orders o ON o.id = e.order_id WHERE e.id > $1 ORDER BY e.id LIMIT $2",
      after, rows_at_once);
  for (const auto& [id, conference, reference, from, to, at] : rows) {
    if (conference != conference_id) continue;
    if (static_cast<std::int64_t>(found.changes.size()) == limit) {
      found.more = true;
      return found;
    }
    found.changes.push_back(
        {id, {fmt::format("o{}", id), std::string(kind_of(from, to)), "order", reference, at}});
    found.last = id;
  }
  if (static_cast<std::int64_t>(rows.size()) < rows_at_once) return found;
  for (const auto& [id, conference, reference, from, to, at] : rows)
    if (at < tx.now() - settled_after && id > found.last) found.last = id;
  found.more = found.last > after;
  return found;
}

Found records_after(db::Tx& tx, Id conference_id, std::int64_t after, std::int64_t limit) {
  Found found{{}, after, false};
  const auto rows = conference::recorded_after(tx, conference_id, after, rows_at_once);
  for (const conference::RecordedChange& row : rows) {
    if (const std::string_view entity = entity_of(row.entity); !entity.empty()) {
      if (static_cast<std::int64_t>(found.changes.size()) == limit) {
        found.more = true;
        return found;
      }
      const char* kind = row.action == conference::AuditAction::add      ? "created"
                         : row.action == conference::AuditAction::remove ? "deleted"
                                                                         : "changed";
      found.changes.push_back(
          {row.seq, {fmt::format("r{}", row.seq), kind, std::string(entity), row.object_id, row.created_at}});
    }
    found.last = row.seq;
  }
  found.more = static_cast<std::int64_t>(rows.size()) == rows_at_once;
  return found;
}

// Orders are called by their references everywhere.
void name_orders(db::Tx& tx, std::vector<Change>& changes) {
  for (Change& change : changes) {
    if (change.entity != "order" || !change.id.starts_with('r')) continue;
    std::int64_t id = 0;
    std::from_chars(change.entity_id.data(), change.entity_id.data() + change.entity_id.size(), id);
    if (auto reference = tx.maybe<std::string>("SELECT reference FROM orders WHERE id = $1", id))
      change.entity_id = std::move(*reference);
  }
}

}  // namespace

std::string ChangePosition::to_string() const {
  return fmt::format("{}.{}", order_event, record);
}

std::optional<ChangePosition> ChangePosition::parse(std::string_view text) {
  ChangePosition position;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, position.order_event);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, position.record);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  if (position.order_event < 0 || position.record < 0) return std::nullopt;
  return position;
}

Changes changes_after(db::Tx& tx, Id conference_id, const ChangePosition& position, std::int64_t limit,
                      bool orders, bool others) {
  const Found events = order_events_after(tx, conference_id, position.order_event, limit);
  const Found records = records_after(tx, conference_id, position.record, limit);
  Changes result;
  result.next = position;
  std::size_t e = 0, r = 0, taken = 0;
  while (static_cast<std::int64_t>(taken) < limit &&
         (e < events.changes.size() || r < records.changes.size())) {
    const bool event = r == records.changes.size() ||
                       (e < events.changes.size() &&
                        events.changes[e].second.happened_at <= records.changes[r].second.happened_at);
    const auto& [at, change] = event ? events.changes[e++] : records.changes[r++];
    (event ? result.next.order_event : result.next.record) = at;
    ++taken;
    if (change.entity == "order" ? orders : others) result.changes.push_back(change);
  }
  if (e == events.changes.size()) result.next.order_event = events.last;
  if (r == records.changes.size()) result.next.record = records.last;
  result.more = events.more || records.more || e < events.changes.size() || r < records.changes.size();
  name_orders(tx, result.changes);
  return result;
}

}  // namespace plenary::registration
