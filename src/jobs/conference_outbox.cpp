#include "jobs/conference_outbox.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <nlohmann/json.hpp>

#include "jobs/wakeup.hpp"

namespace plenary::jobs {
namespace {

constexpr int most_at_once = 500;

// `id + 0`: by the small index of what is open, never along the whole table. docs/transactions.md, section 9.
constexpr const char* open_rows =
    "SELECT id, kind, COALESCE(dedup_key, ''), payload, COALESCE(last_error, ''), conference_id, attempts, "
    "created_at, run_at FROM outbox WHERE done_at IS NULL AND is_dead = 0 AND conference_id = $1 AND "
    "run_at >= $2 AND run_at <= $3 AND ($4 = '' OR kind = $4) AND id + 0 < $5 ORDER BY id + 0 DESC LIMIT $6";
constexpr const char* dead_rows =
    "SELECT id, kind, COALESCE(dedup_key, ''), payload, COALESCE(last_error, ''), conference_id, attempts, "
    "created_at, run_at FROM outbox WHERE is_dead = 1 AND conference_id = $1 AND ($2 = '' OR kind = $2) AND "
    "id < $3 AND id >= $4 ORDER BY id DESC LIMIT $5";

template <class Rows>
std::vector<ConferenceRow> listed(Rows rows, RowState state) {
  std::vector<ConferenceRow> list;
  for (auto& [id, kind, key, payload, error, conference, attempts, created_at, run_at] : rows) {
    ConferenceRow row;
    row.id = id;
    row.kind = std::move(kind);
    row.key = std::move(key);
    row.payload = std::move(payload);
    row.last_error = std::move(error);
    row.conference_id = conference;
    row.attempts = attempts;
    row.created_at = created_at;
    row.run_at = run_at;
    row.state = state;
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace

std::string_view to_text(RowState state) {
  switch (state) {
    case RowState::waiting:
      return "waiting";
    case RowState::later:
      return "later";
    case RowState::dead:
      return "dead";
  }
  return {};
}

std::optional<RowState> row_state(std::string_view text) {
  for (const RowState state : {RowState::waiting, RowState::later, RowState::dead})
    if (to_text(state) == text) return state;
  return std::nullopt;
}

std::vector<ConferenceRow> rows_of(db::Tx& tx, std::int64_t conference_id, const WantedRows& wanted) {
  constexpr std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  const std::int64_t before = wanted.before_id > 0 ? wanted.before_id : newest;
  const int limit = std::min(wanted.limit, most_at_once);
  using std::int64_t;
  using std::string;
  if (wanted.state == RowState::dead)
    return listed(tx.query<int64_t, string, string, string, string, int64_t, int, Instant, Instant>(
                      dead_rows, conference_id, wanted.kind, before, std::int64_t{0}, limit),
                  wanted.state);
  const bool is_later = wanted.state == RowState::later;
  const Instant from = is_later ? tx.now() + Duration::microseconds(1) : Instant{0};
  const Instant to = is_later ? Instant{newest} : tx.now();
  return listed(tx.query<int64_t, string, string, string, string, int64_t, int, Instant, Instant>(
                    open_rows, conference_id, from, to, wanted.kind, before, limit),
                wanted.state);
}

std::vector<Backlog> backlog_of(db::Tx& tx, std::int64_t conference_id) {
  std::map<std::string, Backlog> kinds;
  for (const auto& [kind, waiting, later, oldest] :
       tx.query<std::string, std::int64_t, std::int64_t, std::optional<Instant>>(
           "SELECT kind, SUM(CASE WHEN run_at <= $2 THEN 1 ELSE 0 END), SUM(CASE WHEN run_at > $2 THEN 1 "
           "ELSE 0 END), MIN(CASE WHEN run_at <= $2 THEN run_at END) FROM outbox WHERE done_at IS NULL AND "
           "is_dead = 0 AND conference_id = $1 GROUP BY kind",
           conference_id, tx.now())) {
    kinds[kind] = {kind, waiting, later, 0, oldest.value_or(Instant{})};
  }
  for (const auto& [kind, dead] : tx.query<std::string, std::int64_t>(
           "SELECT kind, COUNT(*) FROM outbox WHERE is_dead = 1 AND conference_id = $1 GROUP BY kind",
           conference_id)) {
    kinds[kind].kind = kind;
    kinds[kind].dead = dead;
  }
  std::vector<Backlog> list;
  for (auto& [kind, entry] : kinds) list.push_back(std::move(entry));
  return list;
}

std::optional<ConferenceRow> find_dead(db::Tx& tx, std::int64_t conference_id, std::int64_t id) {
  if (id < 1 || id == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  using std::int64_t;
  using std::string;
  auto found = listed(tx.query<int64_t, string, string, string, string, int64_t, int, Instant, Instant>(
                          dead_rows, conference_id, "", id + 1, id, 1),
                      RowState::dead);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::int64_t retry_all_of(db::Tx& tx, std::int64_t conference_id, std::string_view kind,
                          std::int64_t newest_id) {
  const auto count = tx.exec(
      "UPDATE outbox SET is_dead = 0, attempts = 0, run_at = $1, leased_until = NULL, lease_token = NULL "
      "WHERE id IN (SELECT id FROM outbox WHERE is_dead = 1 AND conference_id = $2 AND kind = $3 AND id <= "
      "$4 "
      "ORDER BY id LIMIT $5)",
      tx.now(), conference_id, kind, newest_id, most_at_once);
  if (count > 0) Wakeup::notify_all();
  return count;
}

std::int64_t discard_all_of(db::Tx& tx, std::int64_t conference_id, std::string_view kind,
                            std::int64_t newest_id) {
  return tx.exec(
      "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE is_dead = 1 AND conference_id = $1 AND "
      "kind = $2 AND id <= $3 ORDER BY id LIMIT $4)",
      conference_id, kind, newest_id, most_at_once);
}

std::optional<std::int64_t> integer_in(std::string_view payload, std::string_view field) {
  const auto object = nlohmann::json::parse(payload, nullptr, false);
  if (!object.is_object() || !object.contains(field) || !object[field].is_number_integer())
    return std::nullopt;
  return object[field].get<std::int64_t>();
}

std::optional<std::string> text_in(std::string_view payload, std::string_view field) {
  const auto object = nlohmann::json::parse(payload, nullptr, false);
  if (!object.is_object() || !object.contains(field) || !object[field].is_string()) return std::nullopt;
  return object[field].get<std::string>();
}

}  // namespace plenary::jobs
