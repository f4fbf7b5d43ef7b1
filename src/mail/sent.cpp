#include "mail/sent.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "jobs/outbox.hpp"

namespace plenary::mail {

std::vector<SentMail> mails_of_order(db::Tx& tx, std::int64_t conference_id, std::int64_t order_id,
                                     std::int64_t limit) {
  std::vector<SentMail> mails;
  for (auto& [message, recipient, status, detail, at] :
       tx.query<std::string, std::string, std::string, std::string, Instant>(
           "SELECT kind, recipient, status, detail, updated_at FROM mail_message WHERE order_id = $1 OR "
           "seat_id IN (SELECT id FROM seat WHERE order_id = $1) ORDER BY id DESC LIMIT $2",
           order_id, limit))
    mails.push_back({std::move(message), std::move(recipient), std::move(status), std::move(detail), at});
  // Rows that are not done are few, and indexes of their own have them.
  const std::string last = fmt::format("%\"order\":{}}}%", order_id),
                    inside = fmt::format("%\"order\":{},%", order_id);
  const auto unsent = tx.query<std::string, bool, std::string, Instant>(
      "SELECT payload, is_dead, COALESCE(last_error, ''), run_at FROM outbox WHERE done_at IS NULL AND "
      "is_dead "
      "= 0 AND kind = 'mail' AND conference_id = $1 AND (payload LIKE $2 OR payload LIKE $3) UNION ALL "
      "SELECT "
      "payload, is_dead, COALESCE(last_error, ''), run_at FROM outbox WHERE is_dead = 1 AND kind = 'mail' "
      "AND "
      "conference_id = $1 AND (payload LIKE $2 OR payload LIKE $3)",
      conference_id, last, inside);
  for (const auto& [payload, is_dead, error, at] : unsent) {
    jobs::Delivery delivery;
    delivery.payload = payload;
    mails.push_back({delivery.text("message"), {}, is_dead ? "dead" : "waiting", error, at});
  }
  std::stable_sort(mails.begin(), mails.end(),
                   [](const SentMail& a, const SentMail& b) { return a.at > b.at; });
  return mails;
}

}  // namespace plenary::mail
