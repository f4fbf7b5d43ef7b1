#include "domain/accounts/submissions.hpp"

#include "domain/accounts/store.hpp"

namespace plenary::accounts {

std::optional<std::string> first_result(db::Tx& tx, std::string_view token_hash) {
  return store::submission_result(tx, token_hash);
}

void record_result(db::Tx& tx, std::string_view token_hash, std::optional<std::int64_t> conference_id,
                   std::string_view kind, std::string_view result, Instant expires_at) {
  store::insert_submission(tx, token_hash, conference_id, kind, result, expires_at);
}

std::int64_t sweep_submissions(db::Tx& tx, std::int64_t limit) {
  return store::delete_elapsed_submissions(tx, limit);
}

}  // namespace plenary::accounts
