#include "domain/accounts/kept_answers.hpp"

namespace plenary::accounts {

const db::Entity<KeptAnswer>& kept_answer_table() {
  using A = KeptAnswer;
  static const db::Entity<A> table("api_answer",
                                   {
                                       db::column("caller", &A::caller).key(),
                                       db::column("idempotency_key", &A::key).key(),
                                       db::column("request_hash", &A::request_hash).read_only(),
                                       db::column("status", &A::status).read_only(),
                                       db::column("body", &A::body).format(db::TextFormat::json).read_only(),
                                       db::column("created_at", &A::created_at).created(),
                                   },
                                   db::Rules<A>().titled("Kept answer", "Kept answers"));
  return table;
}

std::optional<KeptAnswer> find_kept_answer(db::Tx& tx, std::string_view caller, std::string_view key) {
  // An elapsed one that was not swept yet counts no more.
  return kept_answer_table().maybe(tx, "WHERE caller = $1 AND idempotency_key = $2 AND created_at > $3",
                                   caller, key, tx.now() - kept_answer_life);
}

void keep_answer(db::Tx& tx, const KeptAnswer& answer) {
  tx.exec_later(
      "INSERT INTO api_answer (caller, idempotency_key, request_hash, status, body, created_at) VALUES ($1, "
      "$2, $3, "
      "$4, $5, $6) ON CONFLICT (caller, idempotency_key) DO UPDATE SET request_hash = excluded.request_hash, "
      "status = excluded.status, body = excluded.body, created_at = excluded.created_at WHERE "
      "api_answer.created_at <= $7",
      answer.caller, answer.key, answer.request_hash, answer.status, answer.body, tx.now(),
      tx.now() - kept_answer_life);
}

std::int64_t sweep_kept_answers(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM api_answer WHERE (caller, idempotency_key) IN (SELECT caller, idempotency_key FROM "
      "api_answer WHERE "
      "created_at <= $1 LIMIT $2)",
      tx.now() - kept_answer_life, limit);
}

}  // namespace plenary::accounts
