// The outbox: what must happen after a commit is a row written in the same transaction, with a kind, ids and
// a key, and no rendered text. A Worker (jobs/worker.hpp) delivers it at least once; the key makes repeats
// harmless: it is the same at each delivery and names the mail's Message-ID or the provider's idempotency
// key. Rows that failed for good stay as dead letters until somebody retries or discards them. Functions of a
// transaction: one thread at a time. source: docs/transactions.md, section 6.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::jobs {

// A flat JSON object: payload({{"payment", 17}, {"success", true}}).
using PayloadValue = std::variant<bool, std::int64_t, std::string>;
struct PayloadItem {
  PayloadItem(std::string_view n, bool v) : name(n), value(v) {}
  PayloadItem(std::string_view n, int v) : name(n), value(std::int64_t{v}) {}
  PayloadItem(std::string_view n, std::int64_t v) : name(n), value(v) {}
  PayloadItem(std::string_view n, std::string_view v) : name(n), value(std::string(v)) {}
  PayloadItem(std::string_view n, const std::string& v) : name(n), value(v) {}
  PayloadItem(std::string_view n, const char* v) : name(n), value(std::string(v)) {}
  std::string name;
  PayloadValue value;
};
std::string payload(std::initializer_list<PayloadItem> items);

// Writes a row. `key` non-empty: the same kind and key is written once only, for as long as the row is kept
// (30 days after it was done); false then. `run_at` nothing: at once. conference_id 0: none.
bool enqueue(db::Tx& tx, std::string_view kind, std::int64_t conference_id, std::string_view payload,
             std::string_view key = {}, std::optional<Instant> run_at = {});

// As enqueue with a key, due at once, for the writes of the sale: one statement whose answer nobody waits
// for, and no worker is woken. It is found at the worker's next look (WorkerOptions::poll).
void enqueue_later(db::Tx& tx, std::string_view kind, std::int64_t conference_id, std::string_view payload,
                   std::string_view key);

// One delivery, as its handler sees it.
struct Delivery {
  std::int64_t id = 0;
  std::string kind;
  std::int64_t conference_id = 0;  // 0: none
  std::string key;                 // as enqueued, or "outbox-<id>"; the same at each delivery
  std::string payload;             // JSON
  int attempt = 1;                 // counts from 1
  Instant now;                     // when it was leased
  std::string lease;               // token of this delivery

  // From the payload; std::invalid_argument naming the kind and the field when it is missing or of another
  // type.
  std::int64_t integer(std::string_view field) const;
  bool flag(std::string_view field) const;
  std::string text(std::string_view field) const;
};

// Marks the delivery done inside the handler's own write, so that its work and the mark are one commit.
// False: the lease was lost to another worker; throw, so that the work is undone. The worker marks all others
// by itself.
bool complete(db::Tx& tx, const Delivery& delivery);

// Rows as an organiser sees them.
struct Letter {
  std::int64_t id = 0;
  std::string kind, key, payload, last_error;
  std::int64_t conference_id = 0;
  int attempts = 0;
  Instant created_at, run_at;
};
// Newest first, below `before_id` (0: from the newest).
std::vector<Letter> dead_letters(db::Tx& tx, std::int64_t before_id = 0, int limit = 100);
// Due again at once, with its attempts forgotten. False: no such dead letter.
bool retry(db::Tx& tx, std::int64_t id);
// All dead letters of a kind, at most 500; how many.
std::int64_t retry_all(db::Tx& tx, std::string_view kind);
// Removes a dead letter. False: no such dead letter.
bool discard(db::Tx& tx, std::int64_t id);

// For /metrics and the dashboard.
struct Backlog {
  std::string kind;
  std::int64_t waiting = 0;  // due now or leased
  std::int64_t later = 0;
  std::int64_t dead = 0;
  Instant oldest_due;  // run_at of the oldest waiting one
};
std::vector<Backlog> backlog(db::Tx& tx);

// Removes rows done before `before`, at most `limit`; how many.
std::int64_t prune(db::Tx& tx, Instant before, int limit = 500);

}  // namespace plenary::jobs
