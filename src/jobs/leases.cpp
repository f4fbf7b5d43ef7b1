#include "jobs/leases.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "db/entity_table.hpp"

namespace plenary::jobs {
namespace {

// A list of SQL literals; never empty, so that IN () stays valid. Kinds and names come from our own code.
std::string literals(std::span<const std::string> values) {
  std::string list = "''";
  for (const std::string& value : values) {
    list += ", '";
    for (char c : value) list += c == '\'' ? std::string("''") : std::string(1, c);
    list += '\'';
  }
  return list;
}

constexpr std::string_view due = "run_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)";
constexpr std::string_view turn_due = "next_run_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)";

}  // namespace

Leases::Leases(db::Database& database, std::span<const std::string> kinds, std::span<const std::string> names)
    : database_(database) {
  const std::string kind_list = literals(kinds), name_list = literals(names);
  // Locked rows belong to another worker's transaction that is under way: PostgreSQL passes over them, SQLite
  // has one writer anyway. The subselect in ARRAY() runs once; under IN it might run again for each row and
  // take too many.
  const bool skips = database.engine() == db::Engine::postgresql;
  const auto picked = [&](std::string_view select) {
    return skips ? fmt::format("id = ANY (ARRAY({} FOR UPDATE SKIP LOCKED))", select)
                 : fmt::format("id IN ({})", select);
  };
  look_sql_ =
      db::intern_sql(fmt::format("SELECT CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE done_at IS NULL AND "
                                 "is_dead = 0 AND {} AND kind IN ({})) "
                                 "THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM schedule WHERE {} AND "
                                 "name IN ({})) THEN 1 ELSE 0 END",
                                 due, kind_list, turn_due, name_list));
  take_sql_ = db::intern_sql(fmt::format(
      "UPDATE outbox SET leased_until = $2, lease_token = $3, attempts = attempts + 1 WHERE {} "
      "RETURNING id, kind, COALESCE(conference_id, 0), COALESCE(dedup_key, ''), payload, attempts, run_at",
      picked(
          fmt::format("SELECT id FROM outbox WHERE done_at IS NULL AND is_dead = 0 AND {} AND kind IN ({}) "
                      "ORDER BY run_at LIMIT $4",
                      due, kind_list))));
  take_turn_sql_ = db::intern_sql(fmt::format(
      "UPDATE schedule SET leased_until = $2, lease_token = $3, attempts = attempts + 1 WHERE {} "
      "RETURNING id, name, every_seconds, next_run_at, attempts",
      picked(fmt::format("SELECT id FROM schedule WHERE {} AND name IN ({}) ORDER BY next_run_at LIMIT 1",
                         turn_due, name_list))));
}

Leases::Due Leases::look(std::optional<Instant> at) {
  return database_.read_now([&](db::Tx& tx) {
    const auto [outbox, schedule] = tx.one<bool, bool>(look_sql_, at.value_or(tx.now()));
    return Due{outbox, schedule};
  });
}

std::vector<Delivery> Leases::take(int limit, const std::string& token, Duration lease,
                                   std::optional<Instant> at) {
  return database_.write_now(db::global_lane, "outbox lease", [&](db::Tx& tx) {
    const Instant now = at.value_or(tx.now());
    auto rows = tx.query<std::int64_t, std::string, std::int64_t, std::string, std::string, int, Instant>(
        take_sql_, now, now + lease, token, limit);
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::pair(std::get<6>(a), std::get<0>(a)) < std::pair(std::get<6>(b), std::get<0>(b));
    });
    std::vector<Delivery> deliveries;
    for (auto& [id, kind, conference, key, payload, attempt, run_at] : rows) {
      if (key.empty()) key = fmt::format("outbox-{}", id);
      deliveries.push_back(
          {id, std::move(kind), conference, std::move(key), std::move(payload), attempt, now, token});
    }
    return deliveries;
  });
}

void Leases::settle(std::span<const Outcome> outcomes, std::optional<Instant> at) {
  if (outcomes.empty()) return;
  database_.write_now(db::global_lane, "outbox settle", [&](db::Tx& tx) {
    const Instant now = at.value_or(tx.now());
    // A row whose lease was lost meanwhile does not match and stays as it is.
    for (const Outcome& outcome : outcomes) {
      switch (outcome.kind) {
        case Outcome::Kind::done:
          tx.exec_later(
              "UPDATE outbox SET done_at = $1, leased_until = NULL, lease_token = NULL, last_error = NULL "
              "WHERE id = $2 AND lease_token = $3",
              now, outcome.id, outcome.token);
          break;
        case Outcome::Kind::retry:
          tx.exec_later(
              "UPDATE outbox SET run_at = $1, leased_until = NULL, lease_token = NULL, last_error = $4 "
              "WHERE id = $2 AND lease_token = $3",
              now + outcome.delay, outcome.id, outcome.token, outcome.error);
          break;
        case Outcome::Kind::dead:
          tx.exec_later(
              "UPDATE outbox SET is_dead = 1, leased_until = NULL, lease_token = NULL, "
              "last_error = CASE WHEN $3 = '' THEN last_error ELSE $3 END WHERE id = $1 AND lease_token = $2",
              outcome.id, outcome.token, outcome.error);
          break;
        case Outcome::Kind::returned:
          tx.exec_later(
              "UPDATE outbox SET attempts = attempts - 1, leased_until = NULL, lease_token = NULL "
              "WHERE id = $1 AND lease_token = $2",
              outcome.id, outcome.token);
          break;
      }
    }
  });
}

std::size_t Leases::extend(std::span<const std::int64_t> ids, const std::string& token, Duration lease) {
  return database_.write_now(db::global_lane, "outbox extend", [&](db::Tx& tx) {
    std::size_t kept = 0;
    for (std::int64_t id : ids) {
      kept += static_cast<std::size_t>(
          tx.exec("UPDATE outbox SET leased_until = $1 WHERE id = $2 AND lease_token = $3", tx.now() + lease,
                  id, token));
    }
    return kept;
  });
}

void Leases::announce(std::span<const std::pair<std::string, int>> jobs, std::optional<Instant> at) {
  if (jobs.empty()) return;
  database_.write_now(db::global_lane, "schedule announce", [&](db::Tx& tx) {
    const Instant now = at.value_or(tx.now());
    for (const auto& [name, seconds] : jobs) {
      tx.exec(
          "INSERT INTO schedule (name, every_seconds, next_run_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO "
          "UPDATE SET "
          "every_seconds = excluded.every_seconds, next_run_at = CASE WHEN schedule.next_run_at > $4 THEN $4 "
          "ELSE schedule.next_run_at END "
          "WHERE schedule.every_seconds <> excluded.every_seconds",
          name, seconds, now, now + Duration::seconds(seconds));
    }
  });
}

std::optional<Turn> Leases::take_turn(const std::string& token, Duration lease, std::optional<Instant> at) {
  return database_.write_now(db::global_lane, "schedule lease", [&](db::Tx& tx) -> std::optional<Turn> {
    const Instant now = at.value_or(tx.now());
    auto row =
        tx.maybe<std::int64_t, std::string, int, Instant, int>(take_turn_sql_, now, now + lease, token);
    if (!row) return std::nullopt;
    auto& [id, name, seconds, next_run_at, attempt] = *row;
    return Turn{id, std::move(name), token, Duration::seconds(seconds), next_run_at, attempt};
  });
}

void Leases::settle_turn(const Turn& turn, const std::string& error, Duration delay,
                         std::optional<Instant> at) {
  database_.write_now(db::global_lane, "schedule settle", [&](db::Tx& tx) {
    const Instant now = at.value_or(tx.now());
    if (error.empty()) {
      // Keeps its beat, unless it was missed.
      const Instant next = turn.due + turn.every > now ? turn.due + turn.every : now + turn.every;
      tx.exec(
          "UPDATE schedule SET next_run_at = $1, attempts = 0, leased_until = NULL, lease_token = NULL, "
          "last_error = NULL, last_run_at = $2 WHERE id = $3 AND lease_token = $4",
          next, now, turn.id, turn.token);
    } else {
      tx.exec(
          "UPDATE schedule SET next_run_at = $1, leased_until = NULL, lease_token = NULL, last_error = $2, "
          "last_run_at = $3 WHERE id = $4 AND lease_token = $5",
          now + std::min(delay, turn.every), error, now, turn.id, turn.token);
    }
  });
}

bool Leases::extend_turn(const Turn& turn, Duration lease) {
  return database_.write_now(db::global_lane, "schedule extend", [&](db::Tx& tx) {
    return tx.exec("UPDATE schedule SET leased_until = $1 WHERE id = $2 AND lease_token = $3",
                   tx.now() + lease, turn.id, turn.token) > 0;
  });
}

}  // namespace plenary::jobs
