#include "mail/status.hpp"

#include <fmt/format.h>

#include "domain/accounts/letters.hpp"
#include "mail/post.hpp"

namespace plenary::mail {

MailStatus status(db::Tx& tx) {
  MailStatus status;
  const auto [waiting, oldest] = tx.one<std::int64_t, std::optional<Instant>>(
      "SELECT COUNT(*), MIN(created_at) FROM outbox WHERE kind = $1 AND done_at IS NULL AND is_dead = 0",
      accounts::mail_kind);
  status.waiting = waiting;
  status.oldest = oldest;
  for (const auto& [refused, count] :
       tx.query<bool, std::int64_t>("SELECT CASE WHEN last_error LIKE $2 THEN 1 ELSE 0 END AS refused, "
                                    "COUNT(*) FROM outbox WHERE kind = $1 "
                                    "AND is_dead = 1 GROUP BY refused",
                                    accounts::mail_kind, fmt::format("{}%", refused_mark))) {
    (refused ? status.refused : status.dead) = count;
  }
  status.last_error =
      tx.maybe<std::string>(
            "SELECT last_error FROM outbox WHERE kind = $1 AND done_at IS NULL AND last_error IS NOT "
            "NULL AND last_error NOT LIKE $2 ORDER BY id DESC LIMIT 1",
            accounts::mail_kind, fmt::format("{}%", refused_mark))
          .value_or("");
  return status;
}

std::optional<std::string> stuck(db::Tx& tx) {
  const MailStatus now = status(tx);
  std::string why;
  if (now.oldest && tx.now() - *now.oldest > stuck_after) {
    why = fmt::format("{} {} since {}.", now.waiting, now.waiting == 1 ? "mail waits" : "mails wait",
                      now.oldest->to_string());
  }
  if (now.dead > 0) {
    why += fmt::format("{}{} given up.", why.empty() ? "" : " ",
                       now.dead == 1 ? std::string("1 mail was") : fmt::format("{} mails were", now.dead));
  }
  if (why.empty()) return std::nullopt;
  if (!now.last_error.empty()) why += " " + now.last_error;
  return why;
}

StuckMail stuck_mail(db::Tx& tx, std::int64_t conference_id) {
  StuckMail found;
  // A mail that failed waits for a later moment: then it counts from when it was written.
  const auto [waiting, since] = tx.one<std::int64_t, std::optional<Instant>>(
      "SELECT COUNT(*), MIN(CASE WHEN attempts > 0 THEN created_at ELSE run_at END) FROM outbox WHERE "
      "done_at IS NULL AND is_dead = 0 AND conference_id = $1 AND kind = $2 AND (run_at <= $3 OR "
      "(attempts > 0 AND created_at <= $3))",
      conference_id, accounts::mail_kind, tx.now() - stuck_after);
  found.waiting = waiting;
  found.since = since;
  found.dead = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM outbox WHERE is_dead = 1 AND conference_id = $1 AND kind = $2 AND "
      "COALESCE(last_error, '') NOT LIKE $3",
      conference_id, accounts::mail_kind, fmt::format("{}%", refused_mark));
  return found;
}

}  // namespace plenary::mail
