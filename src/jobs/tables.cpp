#include "jobs/tables.hpp"

namespace plenary::jobs {

const db::Entity<OutboxRow>& outbox_table() {
  using T = OutboxRow;
  static const db::Entity<T> table(
      "outbox",
      {
          db::column("id", &T::id).generated_key(),
          db::column("kind", &T::kind).required().max_length(100).read_only(),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("dedup_key", &T::dedup_key)
              .max_length(200)
              .label("Key")
              .help("The same at each delivery: it makes repeats harmless.")
              .read_only(),
          db::column("payload", &T::payload).format(db::TextFormat::json).read_only(),
          db::column("run_at", &T::run_at).help("Not before this time."),
          db::column("attempts", &T::attempts).minimum(0).read_only(),
          db::column("leased_until", &T::leased_until).read_only(),
          db::column("lease_token", &T::lease_token).secret(),
          db::column("last_error", &T::last_error).format(db::TextFormat::paragraph).read_only(),
          db::column("is_dead", &T::is_dead)
              .label("Dead")
              .help("Given up; waits for a retry by hand.")
              .read_only(),
          db::column("created_at", &T::created_at).created(),
          db::column("done_at", &T::done_at).read_only(),
      },
      db::Rules<T>()
          .titled("Outbox row", "Outbox")
          .ordered_by("id DESC")
          .unique({"kind", "dedup_key"}, "This kind and key is in the outbox already."));
  return table;
}

const db::Entity<ScheduleRow>& schedule_table() {
  using T = ScheduleRow;
  static const db::Entity<T> table(
      "schedule",
      {
          db::column("id", &T::id).generated_key(),
          db::column("name", &T::name).required().max_length(100).read_only(),
          db::column("every_seconds", &T::every_seconds).minimum(1).read_only(),
          db::column("next_run_at", &T::next_run_at),
          db::column("attempts", &T::attempts).minimum(0).help("Since the last success.").read_only(),
          db::column("leased_until", &T::leased_until).read_only(),
          db::column("lease_token", &T::lease_token).secret(),
          db::column("last_error", &T::last_error).format(db::TextFormat::paragraph).read_only(),
          db::column("last_run_at", &T::last_run_at).read_only(),
      },
      db::Rules<T>().titled("Periodic job", "Periodic jobs").ordered_by("name").unique({"name"}));
  return table;
}

}  // namespace plenary::jobs
