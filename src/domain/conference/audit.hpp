// The record of changes: who changed what, when, old and new value. Written in the same transaction as the
// change, only ever added to. Secrets are masked before they come here. Functions of a transaction: one
// thread at a time. source: configuration 10, Do better 23.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::conference {

enum class AuditAction { add, change, remove, other };

struct AuditChange {
  std::string field;     // column name; "requires_ticket_types" for a set
  std::string label;     // for people, English
  std::string old_text;  // as people read it, with the currency or in the conference's zone
  std::string new_text;
};

// Who acts, and where from.
struct Actor {
  std::optional<std::int64_t> user_id;
  std::string name;          // how to call them: user name or address, "command"
  std::string source;        // "admin", "command", "bootstrap", "demo"
  std::string address = {};  // of the browser; empty: none
};

struct AuditObject {
  std::optional<std::int64_t> conference_id;
  std::string entity;                   // table
  std::string id;                       // key as text
  std::string name;                     // what it is called, "Individual"
  std::optional<std::int64_t> version;  // after the change
};

struct AuditEntry {
  std::int64_t id = 0;
  std::optional<std::int64_t> conference_id, actor_id;
  std::string actor, source;
  AuditAction action = AuditAction::change;
  std::string entity, object_id, object;
  std::optional<std::int64_t> object_version;
  std::string changes = "[]";  // JSON; parsed by changes_of()
  Instant created_at;
};

void record(db::Tx& tx, const Actor& actor, AuditAction action, const AuditObject& object,
            const std::vector<AuditChange>& changes = {});

std::vector<AuditChange> changes_of(const AuditEntry& entry);

// Of one object, newest first, from before entry `before` on (0: from the newest).
std::vector<AuditEntry> history_of(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                   std::int64_t limit, std::int64_t before = 0);
// Of everything, newest first; with `actor_id` what that person changed.
std::vector<AuditEntry> newest_changes(db::Tx& tx, std::optional<std::int64_t> actor_id, std::int64_t limit);
// Of one object, oldest first: what was recorded of it after its version `version`.
std::vector<AuditEntry> changes_since(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                      std::int64_t version);

const db::Entity<AuditEntry>& audit_entry_table();

}  // namespace plenary::conference
