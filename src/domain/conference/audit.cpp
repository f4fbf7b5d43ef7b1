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
  AuditEntry entry;
  entry.conference_id = object.conference_id;
  entry.actor_id = actor.user_id;
  entry.actor = actor.name;
  entry.source = actor.source;
  entry.action = action;
  entry.entity = object.entity;
  entry.object_id = object.id;
  entry.object = object.name;
  entry.object_version = object.version;
  entry.changes = list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  audit_entry_table().insert(tx, std::move(entry));
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
