#include "domain/conference/audit_feed.hpp"

namespace plenary::conference {
namespace {

AuditAction action_of(std::string_view text) {
  if (text == "add") return AuditAction::add;
  if (text == "delete") return AuditAction::remove;
  if (text == "erase") return AuditAction::erase;
  return text == "other" ? AuditAction::other : AuditAction::change;
}

}  // namespace

std::vector<RecordedChange> recorded_after(db::Tx& tx, std::int64_t conference_id, std::int64_t seq,
                                           std::int64_t limit) {
  std::vector<RecordedChange> changes;
  for (auto& [at, entity, object, action, created] :
       tx.query<std::int64_t, std::string, std::string, std::string, Instant>(
           "SELECT seq, entity, object_id, action, created_at FROM audit_entry WHERE chain = $1 AND seq > $2 "
           "ORDER "
           "BY seq LIMIT $3",
           conference_id, seq, limit))
    changes.push_back({at, std::move(entity), std::move(object), action_of(action), created});
  return changes;
}

}  // namespace plenary::conference
