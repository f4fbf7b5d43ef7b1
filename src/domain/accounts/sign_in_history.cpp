#include "domain/accounts/sign_in_history.hpp"

#include <algorithm>

#include "domain/accounts/store_sign_in.hpp"

namespace plenary::accounts {

const db::Entity<SignInEvent>& sign_in_event_table() {
  using E = SignInEvent;
  static const db::Entity<E> table(
      "sign_in_event",
      {
          db::column("id", &E::id).generated_key(),
          db::column("user_id", &E::user_id).references("user_account", db::OnDelete::cascade).fixed(),
          db::column("happened_at", &E::happened_at).read_only(),
          db::column("what", &E::what).max_length(40).read_only(),
          db::column("way", &E::way).max_length(40).read_only(),
          db::column("address", &E::address).max_length(45).personal().read_only(),
          db::column("user_agent", &E::user_agent).max_length(200).personal().read_only(),
          db::column("device", &E::device).choices({"", "known", "new"}).read_only(),
      },
      db::Rules<E>().titled("Sign-in event", "Sign-in history").ordered_by("id DESC"));
  return table;
}

const db::Entity<SignInWait>& sign_in_wait_table() {
  using W = SignInWait;
  static const db::Entity<W> table(
      "sign_in_wait",
      {
          db::column("counted_by", &W::counted_by).key().secret(),
          db::column("attempts", &W::attempts).read_only(),
          db::column("last_at", &W::last_at).read_only(),
          db::column("open_at", &W::open_at).read_only(),
      },
      db::Rules<W>().titled("Wait before a sign-in", "Waits before a sign-in").ordered_by("last_at"));
  return table;
}

void record_sign_in_event(db::Tx& tx, const SignInEvent& event) {
  store::insert_sign_in_event(tx, event);
}

std::vector<SignInEvent> sign_in_history(db::Tx& tx, std::int64_t user_id, std::int64_t limit) {
  return sign_in_event_table().select(tx, "WHERE user_id = $1 ORDER BY id DESC LIMIT $2", user_id, limit);
}

std::int64_t sweep_sign_in_events(db::Tx& tx, std::int64_t limit) {
  return store::delete_old_sign_in_events(tx, tx.now() - sign_in_history_life, limit);
}

Duration wait_after(std::int64_t attempts) {
  if (attempts < free_attempts) return {};
  const std::int64_t doublings = std::min<std::int64_t>(attempts - free_attempts, 20);
  return std::min(first_wait * (std::int64_t{1} << doublings), longest_wait);
}

std::optional<Instant> count_attempt(db::Tx& tx, std::string_view counted_by) {
  const auto found = sign_in_wait_table().maybe(tx, "WHERE counted_by = $1", counted_by);
  if (found && found->open_at > tx.now()) return found->open_at;
  const bool goes_on = found && tx.now() - found->last_at < attempts_forgotten_after;
  const std::int64_t attempts = (goes_on ? found->attempts : 0) + 1;
  store::upsert_sign_in_wait(tx, counted_by, attempts, tx.now() + wait_after(attempts));
  return std::nullopt;
}

bool is_waiting(db::Tx& tx, std::string_view counted_by) {
  const auto found = sign_in_wait_table().maybe(tx, "WHERE counted_by = $1", counted_by);
  return found && found->open_at > tx.now();
}

void forget_attempts(db::Tx& tx, std::string_view counted_by) {
  store::delete_sign_in_wait(tx, counted_by);
}

std::int64_t sweep_sign_in_waits(db::Tx& tx, std::int64_t limit) {
  return store::delete_old_sign_in_waits(tx, tx.now() - attempts_forgotten_after, limit);
}

}  // namespace plenary::accounts
