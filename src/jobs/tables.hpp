// The entity tables of the jobs room: outbox rows and periodic jobs, for the data admin and the schema test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "db/entity.hpp"

namespace plenary::jobs {

struct OutboxRow {
  std::int64_t id = 0;
  std::string kind;
  std::optional<std::int64_t> conference_id;
  std::optional<std::string> dedup_key;
  std::string payload = "{}";
  Instant run_at;
  int attempts = 0;
  std::optional<Instant> leased_until;
  std::optional<std::string> lease_token;
  std::optional<std::string> last_error;
  bool is_dead = false;
  Instant created_at;
  std::optional<Instant> done_at;
};
const db::Entity<OutboxRow>& outbox_table();

struct ScheduleRow {
  std::int64_t id = 0;
  std::string name;
  int every_seconds = 60;
  Instant next_run_at;
  int attempts = 0;  // since the last success
  std::optional<Instant> leased_until;
  std::optional<std::string> lease_token;
  std::optional<std::string> last_error;
  std::optional<Instant> last_run_at;
};
const db::Entity<ScheduleRow>& schedule_table();

}  // namespace plenary::jobs
