// The record of changes: who changed what, when, from where, old and new value. Written in the transaction of
// the change, only ever added to, each entry chained to the one before it in its conference. Texts stand
// beside as salted digests, so that they can be erased and the chain still holds (audit_verify.hpp,
// audit_erase.hpp). Secrets are masked before they come here. Functions of a transaction: one thread at a
// time. source: docs/audit.md; configuration 10, Do better 23.
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

enum class AuditAction { add, change, remove, other, erase };

struct AuditChange {
  std::string field;     // column name; "requires_ticket_types" for a set
  std::string label;     // for people, English
  std::string old_text;  // as people read it, with the currency or in the conference's zone
  std::string new_text;
  // The same for programs, as JSON (audit_value); nothing: not kept, as for secrets, and the change cannot be
  // undone.
  std::optional<std::string> old_value = {}, new_value = {};
  bool is_erased = false;  // when read: its texts are gone
};

// A value as it is kept beside a change: a text of db::Column::text as a JSON string, nothing as null.
std::string audit_value(const std::optional<std::string>& text);
// The other way round: outer nothing where it is no such value.
std::optional<std::optional<std::string>> read_audit_value(const std::optional<std::string>& json);

// Who acts, and where from.
struct Actor {
  std::optional<std::int64_t> user_id;
  std::string name;          // how to call them: user name or address, of a command the system's login name
  std::string source;        // "admin", "manage", "command", "bootstrap", "demo"
  std::string address = {};  // of the browser; empty: none
};

struct AuditObject {
  std::optional<std::int64_t> conference_id;
  std::string entity;                       // table
  std::string id;                           // key as text
  std::string name;                         // what it is called, "Individual"
  std::optional<std::int64_t> version;      // after the change
  std::optional<std::int64_t> undoes = {};  // the entry that this change takes back
};

struct AuditEntry {
  std::int64_t id = 0;
  std::int64_t chain = 0;                               // the conference's id; 0: no conference
  std::optional<std::int64_t> seq;                      // nothing: from before there was a chain
  std::optional<std::int64_t> conference_id, actor_id;  // numbers alone: what they name may be gone
  std::string actor_digest, address_digest;
  std::string source;
  AuditAction action = AuditAction::change;
  std::string entity, object_id;
  std::string object_digest;
  std::optional<std::int64_t> object_version;
  std::string changes = "[]";  // fields and digests; the texts are in `told`
  std::optional<std::int64_t> undoes;
  Instant created_at;
  std::string previous_hash, hash;
  // What stands beside; filled by the functions below.
  std::string actor, address, object;
  bool actor_erased = false, address_erased = false, object_erased = false;
  std::vector<AuditChange> told;
};

// The entry is added at the end of the transaction (db::Tx::at_end): the transaction itself does not see it.
void record(db::Tx& tx, const Actor& actor, AuditAction action, const AuditObject& object,
            const std::vector<AuditChange>& changes = {});

inline const std::vector<AuditChange>& changes_of(const AuditEntry& entry) {
  return entry.told;
}

// Of one object, newest first, from before entry `before` on (0: from the newest).
std::vector<AuditEntry> history_of(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                   std::int64_t limit, std::int64_t before = 0);
// Of everything, newest first; with `actor_id` what that person changed.
std::vector<AuditEntry> newest_changes(db::Tx& tx, std::optional<std::int64_t> actor_id, std::int64_t limit);
// Of one object, oldest first: what was recorded of it after its version `version`.
std::vector<AuditEntry> changes_since(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                      std::int64_t version);
std::optional<AuditEntry> find_entry(db::Tx& tx, std::int64_t id);
// The entries that took this one back, oldest first.
std::vector<std::int64_t> undone_by(db::Tx& tx, const AuditEntry& entry);

const db::Entity<AuditEntry>& audit_entry_table();

}  // namespace plenary::conference
