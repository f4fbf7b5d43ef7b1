#include "domain/conference/audit_erase.hpp"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "domain/conference/audit_chain.hpp"

namespace plenary::conference {
namespace {

constexpr std::size_t places_an_entry = 500;

struct Found {
  std::int64_t id = 0, chain = 0;
  bool is_chained = false;
  std::string entity, object_id, changes;
};

class Erasing {
 public:
  Erasing(db::Tx& tx, std::int64_t user_id, const PersonalColumns& columns)
      : tx_(tx), user_id_(user_id), user_(std::to_string(user_id)), columns_(columns) {}

  // Chain to "<entry>:<position>", of texts that are still there.
  std::map<std::int64_t, std::vector<std::string>> run() {
    for (const Found& entry : entries("actor_id = $1", user_id_)) {
      erase(entry, actor_place);
      erase(entry, address_place);
    }
    for (const Found& entry : entries("entity = 'user_account' AND object_id = $1", user_)) erase_all(entry);
    look_at_values();
    for (const auto& [entity, object_id] : theirs_) {
      for (const Found& entry : entries("entity = $1 AND object_id = $2", entity, object_id))
        erase_personal(entry);
    }
    return std::move(erased_);
  }

  std::int64_t texts() const { return texts_; }
  std::int64_t entries_touched() const { return static_cast<std::int64_t>(touched_.size()); }

 private:
  template <class... In>
  std::vector<Found> entries(std::string_view condition, const In&... in) {
    const char* sql = db::intern_sql(fmt::format(
        "SELECT id, chain, CASE WHEN seq IS NULL THEN 0 ELSE 1 END, entity, object_id, changes FROM "
        "audit_entry WHERE {} ORDER BY id",
        condition));
    std::vector<Found> found;
    for (auto& [id, chain, chained, entity, object, changes] :
         tx_.query<std::int64_t, std::int64_t, bool, std::string, std::string, std::string>(sql, in...))
      found.push_back({id, chain, chained, std::move(entity), std::move(object), std::move(changes)});
    return found;
  }

  // Wherever their number is the value of a column that holds accounts: their name stood there, and where the
  // row is theirs, it is about them.
  void look_at_values() {
    const std::string value = audit_value(user_);
    const auto rows = tx_.query<std::int64_t, std::int64_t>(
        "SELECT entry_id, position FROM audit_value WHERE value = $1 OR old_value = $1 ORDER BY 1, 2", value);
    for (const auto& [id, position] : rows) {
      for (const Found& entry : entries("id = $1", id)) {
        const std::string field = field_at(entry, position);
        const PersonalColumn what = column(entry.entity, field);
        if (what != PersonalColumn::owner && what != PersonalColumn::person) continue;
        erase(entry, position);
        if (what == PersonalColumn::owner && field.find('.') == std::string::npos)
          theirs_.emplace(entry.entity, entry.object_id);
      }
    }
  }

  // Of an inline row the field is "section.name".
  PersonalColumn column(const std::string& entity, const std::string& field) const {
    const auto dot = field.find('.');
    if (dot == std::string::npos) return columns_(entity, field);
    return columns_(field.substr(0, dot), field.substr(dot + 1));
  }

  static std::vector<std::string> fields_of(const Found& entry) {
    std::vector<std::string> fields;
    const auto list = nlohmann::json::parse(entry.changes, nullptr, false);
    if (!list.is_array()) return fields;
    for (const auto& item : list) fields.push_back(item.value("field", ""));
    return fields;
  }

  static std::string field_at(const Found& entry, std::int64_t position) {
    const std::vector<std::string> fields = fields_of(entry);
    const auto at = static_cast<std::size_t>(position - first_change_place);
    return position >= first_change_place && at < fields.size() ? fields[at] : std::string();
  }

  void erase_personal(const Found& entry) {
    erase(entry, object_place);
    std::int64_t position = first_change_place;
    for (const std::string& field : fields_of(entry)) {
      if (column(entry.entity, field) != PersonalColumn::none) erase(entry, position);
      ++position;
    }
  }

  void erase_all(const Found& entry) {
    erase(entry, object_place);
    // Of entries from before the chain all changes stand at one place.
    const std::size_t changes = entry.is_chained ? fields_of(entry).size() : 1;
    for (std::size_t i = 0; i < changes; ++i) erase(entry, first_change_place + static_cast<std::int64_t>(i));
  }

  void erase(const Found& entry, std::int64_t position) {
    const std::int64_t changed = tx_.exec(
        "UPDATE audit_value SET salt = NULL, label = NULL, text = NULL, old_text = NULL, value = NULL, "
        "old_value = NULL WHERE entry_id = $1 AND position = $2 AND text IS NOT NULL",
        entry.id, position);
    if (changed == 0) return;
    ++texts_;
    touched_.insert(entry.id);
    std::vector<std::string>& places = erased_[entry.chain];
    if (entry.is_chained) places.push_back(fmt::format("{}:{}", entry.id, position));
  }

  db::Tx& tx_;
  std::int64_t user_id_;
  std::string user_;
  const PersonalColumns& columns_;
  std::set<std::pair<std::string, std::string>> theirs_;  // entity and key
  std::map<std::int64_t, std::vector<std::string>> erased_;
  std::set<std::int64_t> touched_;
  std::int64_t texts_ = 0;
};

}  // namespace

Erased erase_personal_values(db::Tx& tx, std::int64_t user_id, const Actor& actor,
                             const PersonalColumns& columns) {
  Erasing erasing(tx, user_id, columns);
  for (const auto& [chain, places] : erasing.run()) {
    AuditObject object;
    if (chain != 0) object.conference_id = chain;
    object.entity = "user_account";
    object.id = std::to_string(user_id);
    std::size_t at = 0;
    do {
      std::vector<AuditChange> changes;
      for (; at < places.size() && changes.size() < places_an_entry; ++at)
        changes.push_back({.field = places[at], .label = {}, .old_text = {}, .new_text = {}});
      record(tx, actor, AuditAction::erase, object, changes);
    } while (at < places.size());
  }
  return {erasing.texts(), erasing.entries_touched()};
}

}  // namespace plenary::conference
