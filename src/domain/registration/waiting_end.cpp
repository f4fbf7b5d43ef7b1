#include "domain/registration/waiting_end.hpp"

#include <fmt/format.h>

#include "domain/accounts/letters.hpp"
#include "domain/registration/waiting_list.hpp"
#include "jobs/outbox.hpp"

namespace plenary::registration {

std::int64_t tell_waiting_of_cancellation(db::Tx& tx, Id conference_id, int limit) {
  const auto waiting = tx.query<Id, std::int64_t>(
      "SELECT id, link_version FROM waiting_entry WHERE conference_id = $1 AND status IN ('waiting', "
      "'offered') "
      "ORDER BY id LIMIT $2",
      conference_id, limit);
  for (const auto& [id, link_version] : waiting) {
    // An offer whose time is over and that nobody swept yet ends here all the same.
    if (!remove_entry(tx, id))
      tx.exec(
          "UPDATE waiting_entry SET status = 'removed', version = version + 1, updated_at = $1 WHERE id = $2",
          tx.now(), id);
    jobs::enqueue(
        tx, accounts::mail_kind, conference_id,
        jobs::payload({{"message", "waiting_cancelled"}, {"waiting", id}, {"link_version", link_version}}),
        fmt::format("waiting_cancelled-{}", id));
  }
  return static_cast<std::int64_t>(waiting.size());
}

}  // namespace plenary::registration
