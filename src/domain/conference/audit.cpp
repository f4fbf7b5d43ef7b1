#include "domain/conference/audit.hpp"

#include <nlohmann/json.hpp>

namespace plenary::conference {

void record(db::Tx& tx, const Actor& actor, AuditAction action, const AuditObject& object,
            const std::vector<AuditChange>& changes) {
  nlohmann::json list = nlohmann::json::array();
  for (const AuditChange& change : changes) {
    list.push_back({{"field", change.field},
                    {"label", change.label},
                    {"old", change.old_text},
                    {"new", change.new_text}});
  }
  const std::string changes_json = list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const char* verb = action == AuditAction::add      ? "add"
                     : action == AuditAction::change ? "change"
                     : action == AuditAction::remove ? "delete"
                                                     : "other";
  // Nobody waits for it: on PostgreSQL it costs no round trip.
  tx.exec_later(
      "INSERT INTO audit_entry (conference_id, actor_id, actor, source, action, entity, object_id, object, "
      "object_version, changes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      object.conference_id, actor.user_id, actor.name, actor.source, verb, object.entity, object.id,
      object.name, object.version, changes_json, tx.now());
}

std::vector<AuditChange> changes_of(const AuditEntry& entry) {
  std::vector<AuditChange> changes;
  const auto list = nlohmann::json::parse(entry.changes, nullptr, false);
  if (!list.is_array()) return changes;
  for (const auto& item : list) {
    const auto text = [&](const char* name) {
      const auto found = item.find(name);
      return found != item.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    changes.push_back({text("field"), text("label"), text("old"), text("new")});
  }
  return changes;
}

std::vector<AuditEntry> history_of(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                   std::int64_t limit, std::int64_t before) {
  return audit_entry_table().select(
      tx, "WHERE entity = $1 AND object_id = $2 AND ($3 = 0 OR id < $3) ORDER BY id DESC LIMIT $4", entity,
      object_id, before, limit);
}

std::vector<AuditEntry> newest_changes(db::Tx& tx, std::optional<std::int64_t> actor_id, std::int64_t limit) {
  if (!actor_id) return audit_entry_table().select(tx, "ORDER BY id DESC LIMIT $1", limit);
  return audit_entry_table().select(tx, "WHERE actor_id = $1 ORDER BY id DESC LIMIT $2", *actor_id, limit);
}

std::vector<AuditEntry> changes_since(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                      std::int64_t version) {
  return audit_entry_table().select(
      tx, "WHERE entity = $1 AND object_id = $2 AND object_version > $3 ORDER BY id", entity, object_id,
      version);
}

const db::Entity<AuditEntry>& audit_entry_table() {
  using E = AuditEntry;
  static const db::Entity<E> table(
      "audit_entry",
      {
          db::column("id", &E::id).generated_key(),
          db::column("conference_id", &E::conference_id)
              .references("conference", db::OnDelete::set_null)
              .read_only(),
          db::column("actor_id", &E::actor_id).references("user_account", db::OnDelete::set_null).read_only(),
          db::column("actor", &E::actor).read_only(),
          db::column("source", &E::source).read_only(),
          db::column("action", &E::action).choices({"add", "change", "delete", "other"}).read_only(),
          db::column("entity", &E::entity).read_only(),
          db::column("object_id", &E::object_id).read_only(),
          db::column("object", &E::object).read_only(),
          db::column("object_version", &E::object_version).read_only(),
          db::column("changes", &E::changes).format(db::TextFormat::json).read_only(),
          db::column("created_at", &E::created_at).created(),
      },
      db::Rules<E>().titled("Change", "Changes").ordered_by("id DESC"));
  return table;
}

}  // namespace plenary::conference
