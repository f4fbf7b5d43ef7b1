#include "jobs/outbox.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "db/gather.hpp"
#include "jobs/wakeup.hpp"

namespace plenary::jobs {
namespace {

constexpr int longest_list = 500;

nlohmann::json field_of(const Delivery& delivery, std::string_view field) {
  const auto object = nlohmann::json::parse(delivery.payload, nullptr, false);
  if (!object.is_object() || !object.contains(field)) {
    throw std::invalid_argument(
        fmt::format("outbox row {} ({}): its payload has no \"{}\"", delivery.id, delivery.kind, field));
  }
  return object[field];
}

[[noreturn]] void wrong_type(const Delivery& delivery, std::string_view field, std::string_view expected) {
  throw std::invalid_argument(fmt::format("outbox row {} ({}): \"{}\" of its payload is not {}", delivery.id,
                                          delivery.kind, field, expected));
}

}  // namespace

std::string payload(std::initializer_list<PayloadItem> items) {
  nlohmann::json object = nlohmann::json::object();
  for (const PayloadItem& item : items) {
    std::visit([&](const auto& value) { object[item.name] = value; }, item.value);
  }
  return object.dump();
}

bool enqueue(db::Tx& tx, std::string_view kind, std::int64_t conference_id, std::string_view payload,
             std::string_view key, std::optional<Instant> run_at) {
  std::optional<std::int64_t> conference;
  if (conference_id != 0) conference = conference_id;
  const Instant due = run_at.value_or(tx.now());
  bool is_new = true;
  if (key.empty()) {
    tx.exec_later(
        "INSERT INTO outbox (kind, conference_id, payload, run_at, created_at) VALUES ($1, $2, $3, $4, $5)",
        kind, conference, payload, due, tx.now());
  } else {
    is_new = tx.exec(
                 "INSERT INTO outbox (kind, conference_id, dedup_key, payload, run_at, created_at) "
                 "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, dedup_key) WHERE dedup_key IS NOT NULL "
                 "DO NOTHING",
                 kind, conference, key, payload, due, tx.now()) > 0;
  }
  // Before the commit, and harmless if it never comes: a worker looks again until the commit is through.
  if (is_new && due <= tx.now()) Wakeup::notify_all();
  return is_new;
}

void enqueue_later(db::Tx& tx, std::string_view kind, std::int64_t conference_id, std::string_view payload,
                   std::string_view key) {
  std::optional<std::int64_t> conference;
  if (conference_id != 0) conference = conference_id;
  db::write_later(
      tx,
      "INSERT INTO outbox (kind, conference_id, dedup_key, payload, run_at, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (kind, dedup_key) WHERE dedup_key IS NOT NULL DO NOTHING",
      kind, conference, key, payload, tx.now());
}

std::int64_t Delivery::integer(std::string_view field) const {
  const auto value = field_of(*this, field);
  if (!value.is_number_integer()) wrong_type(*this, field, "an integer");
  return value.get<std::int64_t>();
}

bool Delivery::flag(std::string_view field) const {
  const auto value = field_of(*this, field);
  if (!value.is_boolean()) wrong_type(*this, field, "true or false");
  return value.get<bool>();
}

std::string Delivery::text(std::string_view field) const {
  const auto value = field_of(*this, field);
  if (!value.is_string()) wrong_type(*this, field, "a text");
  return value.get<std::string>();
}

bool complete(db::Tx& tx, const Delivery& delivery) {
  return tx.exec(
             "UPDATE outbox SET done_at = $1, leased_until = NULL, lease_token = NULL, last_error = NULL "
             "WHERE id = $2 AND lease_token = $3 AND done_at IS NULL",
             tx.now(), delivery.id, delivery.lease) > 0;
}

std::vector<Letter> dead_letters(db::Tx& tx, std::int64_t before_id, int limit) {
  std::vector<Letter> letters;
  for (auto& [id, kind, key, payload, error, conference, attempts, created_at, run_at] :
       tx.query<std::int64_t, std::string, std::string, std::string, std::string, std::int64_t, int, Instant,
                Instant>(
           "SELECT id, kind, COALESCE(dedup_key, ''), payload, COALESCE(last_error, ''), "
           "COALESCE(conference_id, 0), "
           "attempts, created_at, run_at FROM outbox WHERE is_dead = 1 AND id < $1 ORDER BY id DESC "
           "LIMIT $2",
           before_id > 0 ? before_id : std::numeric_limits<std::int64_t>::max(),
           std::min(limit, longest_list))) {
    letters.push_back({id, std::move(kind), std::move(key), std::move(payload), std::move(error), conference,
                       attempts, created_at, run_at});
  }
  return letters;
}

bool retry(db::Tx& tx, std::int64_t id) {
  const bool found = tx.exec(
                         "UPDATE outbox SET is_dead = 0, attempts = 0, run_at = $1, leased_until = NULL, "
                         "lease_token = NULL WHERE id = $2 AND is_dead = 1",
                         tx.now(), id) > 0;
  if (found) Wakeup::notify_all();
  return found;
}

std::int64_t retry_all(db::Tx& tx, std::string_view kind) {
  const auto count = tx.exec(
      "UPDATE outbox SET is_dead = 0, attempts = 0, run_at = $1, leased_until = NULL, lease_token = NULL "
      "WHERE id IN (SELECT id FROM outbox WHERE is_dead = 1 AND kind = $2 ORDER BY id LIMIT $3)",
      tx.now(), kind, longest_list);
  if (count > 0) Wakeup::notify_all();
  return count;
}

bool discard(db::Tx& tx, std::int64_t id) {
  return tx.exec("DELETE FROM outbox WHERE id = $1 AND is_dead = 1", id) > 0;
}

std::vector<Backlog> backlog(db::Tx& tx) {
  std::map<std::string, Backlog> kinds;
  for (const auto& [kind, waiting, later, oldest] :
       tx.query<std::string, std::int64_t, std::int64_t, Instant>(
           "SELECT kind, SUM(CASE WHEN run_at <= $1 THEN 1 ELSE 0 END), SUM(CASE WHEN run_at > $1 THEN 1 "
           "ELSE 0 END), "
           "MIN(run_at) FROM outbox WHERE done_at IS NULL AND is_dead = 0 GROUP BY kind",
           tx.now())) {
    kinds[kind] = {kind, waiting, later, 0, waiting > 0 ? oldest : Instant{}};
  }
  for (const auto& [kind, dead] : tx.query<std::string, std::int64_t>(
           "SELECT kind, COUNT(*) FROM outbox WHERE is_dead = 1 GROUP BY kind")) {
    kinds[kind].kind = kind;
    kinds[kind].dead = dead;
  }
  std::vector<Backlog> list;
  for (auto& [kind, entry] : kinds) list.push_back(std::move(entry));
  return list;
}

std::int64_t prune(db::Tx& tx, Instant before, int limit) {
  return tx.exec(
      "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE done_at IS NOT NULL AND done_at < $1 "
      "LIMIT $2)",
      before, std::min(limit, longest_list));
}

}  // namespace plenary::jobs
