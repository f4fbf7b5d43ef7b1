#include "domain/conference/audit.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "domain/conference/audit_chain.hpp"

namespace plenary::conference {
namespace {

using nlohmann::json;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// What both engines keep as it is: UTF-8 without the character 0.
std::string storable(std::string text) {
  if (!is_valid_utf8(text)) text = json::parse(dumped(json(text))).get<std::string>();
  std::string::size_type at = 0;
  while ((at = text.find('\0', at)) != std::string::npos) text.replace(at, 1, "\xEF\xBF\xBD");
  return text;
}

std::optional<std::string> storable(std::optional<std::string> text) {
  if (text) text = storable(std::move(*text));
  return text;
}

const char* action_text(AuditAction action) {
  switch (action) {
    case AuditAction::add:
      return "add";
    case AuditAction::change:
      return "change";
    case AuditAction::remove:
      return "delete";
    case AuditAction::erase:
      return "erase";
    default:
      return "other";
  }
}

std::string new_salt() {
  unsigned char bytes[16];
  Random::system().fill(bytes);
  return to_hex(bytes);
}

std::optional<std::string> decimal(const std::optional<std::int64_t>& number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

// The digest of one more text; nothing stands beside where there is none.
std::string put(PendingEntry& pending, AuditText text) {
  if (text.label.empty() && text.text.empty() && text.old_text.empty() && !text.value && !text.old_value)
    return {};
  text.salt = new_salt();
  std::string digest = text.digest();
  pending.texts.push_back(std::move(text));
  return digest;
}

std::string put(PendingEntry& pending, std::int64_t position, const std::string& text) {
  AuditText one;
  one.position = position;
  one.text = storable(text);
  return put(pending, std::move(one));
}

// What was written before there was a chain: {"field", "label", "old", "new"}.
std::vector<AuditChange> old_changes(const std::string& text) {
  std::vector<AuditChange> changes;
  const auto list = json::parse(text, nullptr, false);
  if (!list.is_array()) return changes;
  for (const auto& item : list) {
    const auto part = [&](const char* name) {
      const auto found = item.find(name);
      return found != item.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    changes.push_back({part("field"), part("label"), part("old"), part("new")});
  }
  return changes;
}

std::vector<AuditChange> fields_of(const AuditEntry& entry) {
  std::vector<AuditChange> changes;
  const auto list = json::parse(entry.changes, nullptr, false);
  if (!list.is_array()) return changes;
  for (const auto& item : list) {
    const auto field = item.is_object() ? item.find("field") : item.end();
    changes.push_back({});
    if (item.is_object() && field != item.end() && field->is_string())
      changes.back().field = field->get<std::string>();
  }
  return changes;
}

struct StoredText {
  std::int64_t entry = 0, position = 0;
  std::optional<std::string> label, text, old_text, value, old_value;
};

void put_text(AuditEntry& entry, StoredText row) {
  const bool erased = !row.text;
  const std::string text = row.text.value_or("");
  if (row.position == actor_place) {
    entry.actor = text;
    entry.actor_erased = erased;
  } else if (row.position == address_place) {
    entry.address = text;
    entry.address_erased = erased;
  } else if (row.position == object_place) {
    entry.object = text;
    entry.object_erased = erased;
  } else if (!entry.seq) {
    entry.told = old_changes(text);
  } else {
    const auto place = static_cast<std::size_t>(row.position - first_change_place);
    if (place >= entry.told.size()) return;
    AuditChange& change = entry.told[place];
    change.label = row.label.value_or("");
    change.new_text = text;
    change.old_text = row.old_text.value_or("");
    change.new_value = std::move(row.value);
    change.old_value = std::move(row.old_value);
    change.is_erased = erased;
  }
}

// Reads what stands beside. The entries are few: those of one page.
std::vector<AuditEntry> with_texts(db::Tx& tx, std::vector<AuditEntry> entries) {
  if (entries.empty()) return entries;
  std::unordered_map<std::int64_t, AuditEntry*> by_id;
  std::vector<db::Param> ids;
  for (AuditEntry& entry : entries) {
    if (entry.seq) entry.told = fields_of(entry);
    by_id.emplace(entry.id, &entry);
    ids.emplace_back(entry.id);
  }
  constexpr std::size_t sizes[] = {1, 10, 100, 500};
  for (std::size_t start = 0; start < ids.size(); start += 500) {
    std::vector<db::Param> piece(
        ids.begin() + static_cast<std::ptrdiff_t>(start),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(start + 500, ids.size())));
    const std::size_t size = *std::find_if(std::begin(sizes), std::end(sizes),
                                           [&](std::size_t least) { return least >= piece.size(); });
    piece.resize(size, piece.back());
    std::string places = "$1";
    for (std::size_t i = 2; i <= size; ++i) places += fmt::format(", ${}", i);
    using db::ColumnKind;
    constexpr ColumnKind kinds[] = {ColumnKind::integer, ColumnKind::integer, ColumnKind::text,
                                    ColumnKind::text,    ColumnKind::text,    ColumnKind::text,
                                    ColumnKind::text};
    tx.run(
        db::intern_sql(fmt::format("SELECT entry_id, position, label, text, old_text, value, old_value "
                                   "FROM audit_value WHERE entry_id IN ({})",
                                   places)),
        piece, kinds,
        [](void* context, const db::Field* f) {
          auto& known = *static_cast<std::unordered_map<std::int64_t, AuditEntry*>*>(context);
          const auto found = known.find(f[0].integer);
          if (found == known.end()) return;
          const auto text = [&](int i) {
            return f[i].is_null ? std::nullopt : std::optional<std::string>(f[i].text);
          };
          put_text(*found->second, {f[0].integer, f[1].integer, text(2), text(3), text(4), text(5), text(6)});
        },
        &by_id);
  }
  return entries;
}

}  // namespace

std::string audit_value(const std::optional<std::string>& text) {
  return text ? dumped(json(*text)) : "null";
}

std::optional<std::optional<std::string>> read_audit_value(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto value = json::parse(*text, nullptr, false);
  if (value.is_null()) return std::optional<std::string>();
  if (!value.is_string()) return std::nullopt;
  return std::optional<std::string>(value.get<std::string>());
}

void record(db::Tx& tx, const Actor& actor, AuditAction action, const AuditObject& object,
            const std::vector<AuditChange>& changes) {
  auto pending = std::make_shared<PendingEntry>();
  ChainedEntry& entry = pending->entry;
  const std::int64_t chain = object.conference_id.value_or(0);
  entry.chain = std::to_string(chain);
  entry.conference_id = decimal(object.conference_id);
  entry.actor_id = decimal(actor.user_id);
  entry.actor_digest = put(*pending, actor_place, actor.name);
  entry.address_digest = put(*pending, address_place, actor.address);
  entry.source = storable(actor.source);
  entry.action = action_text(action);
  entry.entity = storable(object.entity);
  entry.object_id = storable(object.id);
  entry.object_digest = put(*pending, object_place, object.name);
  entry.object_version = decimal(object.version);
  json list = json::array();
  std::int64_t position = first_change_place;
  for (const AuditChange& change : changes) {
    AuditText text;
    text.position = position++;
    text.label = storable(change.label);
    text.text = storable(change.new_text);
    text.old_text = storable(change.old_text);
    text.value = storable(change.new_value);
    text.old_value = storable(change.old_value);
    list.push_back({{"field", storable(change.field)}, {"digest", put(*pending, std::move(text))}});
  }
  entry.changes = dumped(list);
  entry.undoes = decimal(object.undoes);
  entry.created_at = std::to_string(tx.now().micros);
  tx.at_end({append_entries, chain, std::move(pending)});
}

std::vector<AuditEntry> history_of(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                   std::int64_t limit, std::int64_t before) {
  return with_texts(tx, audit_entry_table().select(tx,
                                                   "WHERE entity = $1 AND object_id = $2 AND ($3 = 0 OR id < "
                                                   "$3) ORDER BY id DESC LIMIT $4",
                                                   entity, object_id, before, limit));
}

#define SINCE_ITS_DELETION                                                                                   \
  "id > COALESCE((SELECT MAX(gone.id) FROM audit_entry gone WHERE gone.entity = $1 AND gone.object_id = $2 " \
  "AND gone.action = 'delete'), 0)"

std::vector<AuditEntry> history_of_row(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                       std::int64_t limit, std::int64_t before) {
  return with_texts(tx,
                    audit_entry_table().select(
                        tx,
                        "WHERE entity = $1 AND object_id = $2 AND ($3 = 0 OR id < $3) AND " SINCE_ITS_DELETION
                        " ORDER BY id DESC LIMIT $4",
                        entity, object_id, before, limit));
}

bool has_history(db::Tx& tx, std::string_view entity, std::string_view object_id) {
  return tx
      .maybe<std::int64_t>(
          "SELECT id FROM audit_entry WHERE entity = $1 AND object_id = $2 AND " SINCE_ITS_DELETION
          " LIMIT 1",
          entity, object_id)
      .has_value();
}

std::vector<AuditEntry> newest_changes(db::Tx& tx, std::optional<std::int64_t> actor_id, std::int64_t limit) {
  if (!actor_id) return with_texts(tx, audit_entry_table().select(tx, "ORDER BY id DESC LIMIT $1", limit));
  return with_texts(
      tx, audit_entry_table().select(tx, "WHERE actor_id = $1 ORDER BY id DESC LIMIT $2", *actor_id, limit));
}

std::vector<AuditEntry> changes_since(db::Tx& tx, std::string_view entity, std::string_view object_id,
                                      std::int64_t version) {
  return with_texts(tx,
                    audit_entry_table().select(
                        tx,
                        "WHERE entity = $1 AND object_id = $2 AND object_version > $3 AND " SINCE_ITS_DELETION
                        " ORDER BY id",
                        entity, object_id, version));
}

std::optional<AuditEntry> find_entry(db::Tx& tx, std::int64_t id) {
  std::vector<AuditEntry> found = with_texts(tx, audit_entry_table().select(tx, "WHERE id = $1", id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<std::int64_t> undone_by(db::Tx& tx, const AuditEntry& entry) {
  return tx.query<std::int64_t>(
      "SELECT id FROM audit_entry WHERE entity = $1 AND object_id = $2 AND undoes = $3 ORDER BY id",
      entry.entity, entry.object_id, entry.id);
}

const db::Entity<AuditEntry>& audit_entry_table() {
  using E = AuditEntry;
  static const db::Entity<E> table(
      "audit_entry",
      {
          db::column("id", &E::id).generated_key().label("Change"),
          db::column("chain", &E::chain).read_only(),
          db::column("seq", &E::seq).read_only().label("Place in the chain"),
          db::column("conference_id", &E::conference_id).points_to("conference").read_only(),
          db::column("actor_id", &E::actor_id).points_to("user_account").read_only().label("Person"),
          db::column("actor_digest", &E::actor_digest).read_only(),
          db::column("address_digest", &E::address_digest).read_only(),
          db::column("source", &E::source).read_only().label("Where"),
          db::column("action", &E::action).choices({"add", "change", "delete", "other", "erase"}).read_only(),
          db::column("entity", &E::entity).read_only().label("Kind"),
          db::column("object_id", &E::object_id).read_only(),
          db::column("object_digest", &E::object_digest).read_only(),
          db::column("object_version", &E::object_version).read_only(),
          db::column("changes", &E::changes).format(db::TextFormat::json).read_only(),
          db::column("undoes", &E::undoes).read_only().label("Takes back"),
          db::column("created_at", &E::created_at).created().label("When"),
          db::column("previous_hash", &E::previous_hash).read_only(),
          db::column("hash", &E::hash).read_only(),
      },
      db::Rules<E>().titled("Change", "Changes").ordered_by("id DESC").unique({"chain", "seq"}));
  return table;
}

}  // namespace plenary::conference
