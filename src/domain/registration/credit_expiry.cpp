#include "domain/registration/credit_expiry.hpp"

#include "domain/registration/ledger.hpp"

namespace plenary::registration {

std::int64_t expire_credits(db::Tx& tx, Id conference_id, int limit) {
  std::int64_t expired = 0;
  for (const auto& [id, remaining, currency] : tx.query<Id, std::int64_t, std::string>(
           "SELECT id, remaining_amount, currency FROM credit WHERE conference_id = $1 AND status = "
           "'available' AND "
           "expires_at IS NOT NULL AND expires_at <= $2 ORDER BY id LIMIT $3",
           conference_id, tx.now(), limit)) {
    tx.exec("UPDATE credit SET status = 'expired', version = version + 1, updated_at = $1 WHERE id = $2",
            tx.now(), id);
    post_credit_expired(tx, conference_id, id, remaining, currency);
    ++expired;
  }
  return expired;
}

std::vector<Id> conferences_with_expired_credits(db::Tx& tx) {
  return tx.query<Id>(
      "SELECT DISTINCT conference_id FROM credit WHERE status = 'available' AND expires_at IS NOT NULL AND "
      "expires_at <= $1 ORDER BY conference_id",
      tx.now());
}

std::vector<OutstandingCredit> outstanding_credit(db::Tx& tx, Id conference_id) {
  std::vector<OutstandingCredit> result;
  for (auto& [currency, credits, people, amount, ending] :
       tx.query<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
           "SELECT currency, COUNT(*), COUNT(DISTINCT user_id), CAST(SUM(remaining_amount) AS BIGINT), "
           "CAST(SUM(CASE WHEN expires_at IS NULL THEN 0 ELSE remaining_amount END) AS BIGINT) FROM credit "
           "WHERE "
           "conference_id = $1 AND status = 'available' AND (expires_at IS NULL OR expires_at > $2) GROUP BY "
           "currency ORDER BY currency",
           conference_id, tx.now()))
    result.push_back({std::move(currency), credits, people, amount, ending});
  return result;
}

}  // namespace plenary::registration
