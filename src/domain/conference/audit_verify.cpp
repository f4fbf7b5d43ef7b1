#include "domain/conference/audit_verify.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "domain/conference/audit_chain.hpp"

namespace plenary::conference {
namespace {

using db::ColumnKind;
using Text = std::optional<std::string>;

constexpr std::int64_t piece = 1000;

Text text_of(const db::Field& field) {
  if (field.is_null) return std::nullopt;
  return std::string(field.text);
}

template <class F>
void each_row(db::Tx& tx, const char* sql, std::span<const db::Param> in, std::span<const ColumnKind> out,
              F&& use) {
  tx.run(
      sql, in, out,
      [](void* f, const db::Field* fields) { (*static_cast<std::remove_reference_t<F>*>(f))(fields); }, &use);
}

// Everything is read as text: SQLite would read "17x" as the number 17.
struct StoredEntry {
  ChainedEntry entry;
  std::string hash;
};
struct StoredText {
  Text position, salt, label, text, old_text, value, old_value;
};

// The table is named in ORDER BY: a name alone is the text above it on PostgreSQL.
constexpr const char* entries_sql =
    "SELECT CAST(id AS TEXT), CAST(chain AS TEXT), CAST(seq AS TEXT), CAST(conference_id AS TEXT), "
    "CAST(actor_id AS TEXT), actor_digest, address_digest, source, action, entity, object_id, object_digest, "
    "CAST(object_version AS TEXT), changes, CAST(undoes AS TEXT), CAST(created_at AS TEXT), previous_hash, "
    "hash FROM audit_entry WHERE chain = $1 AND seq > $2 ORDER BY audit_entry.seq LIMIT $3";
constexpr const char* texts_sql =
    "SELECT CAST(v.entry_id AS TEXT), CAST(v.position AS TEXT), v.salt, v.label, v.text, v.old_text, "
    "v.value, "
    "v.old_value FROM audit_entry e JOIN audit_value v ON v.entry_id = e.id WHERE e.chain = $1 AND e.seq > "
    "$2 "
    "AND e.seq <= $3";

std::vector<StoredEntry> read_entries(db::Tx& tx, std::int64_t chain, std::int64_t after) {
  static constexpr std::size_t width = 18;
  static const std::vector<ColumnKind> kinds(width, ColumnKind::text);
  const db::Param in[] = {db::Param(chain), db::Param(after), db::Param(piece)};
  std::vector<StoredEntry> entries;
  each_row(tx, entries_sql, in, kinds, [&](const db::Field* f) {
    const auto text = [&](int i) { return std::string(f[i].text); };
    StoredEntry row;
    row.entry = {text(0),        text(1),  text(2),        text_of(f[3]), text_of(f[4]), text(5),
                 text(6),        text(7),  text(8),        text(9),       text(10),      text(11),
                 text_of(f[12]), text(13), text_of(f[14]), text(15),      text(16)};
    row.hash = text(17);
    entries.push_back(std::move(row));
  });
  return entries;
}

using TextsByEntry = std::unordered_map<std::string, std::vector<StoredText>>;

TextsByEntry read_texts(db::Tx& tx, std::int64_t chain, std::int64_t after, std::int64_t last) {
  static const std::vector<ColumnKind> kinds(8, ColumnKind::text);
  const db::Param in[] = {db::Param(chain), db::Param(after), db::Param(last)};
  TextsByEntry texts;
  each_row(tx, texts_sql, in, kinds, [&](const db::Field* f) {
    texts[std::string(f[0].text)].push_back({text_of(f[1]), text_of(f[2]), text_of(f[3]), text_of(f[4]),
                                             text_of(f[5]), text_of(f[6]), text_of(f[7])});
  });
  return texts;
}

// Digests by position, and the fields that an entry of an erasure names.
struct Digests {
  std::map<std::string, std::string> by_position;
  std::vector<std::string> fields;
};

std::optional<Digests> digests_of(const ChainedEntry& entry) {
  Digests found;
  const auto add = [&](std::int64_t position, const std::string& digest) {
    if (!digest.empty()) found.by_position.emplace(std::to_string(position), digest);
  };
  add(actor_place, entry.actor_digest);
  add(address_place, entry.address_digest);
  add(object_place, entry.object_digest);
  if (entry.changes == "[]") return found;
  const auto list = nlohmann::json::parse(entry.changes, nullptr, false);
  if (!list.is_array()) return std::nullopt;
  std::int64_t position = first_change_place;
  for (const auto& item : list) {
    if (!item.is_object() || !item.contains("digest") || !item["digest"].is_string() ||
        !item.contains("field") || !item["field"].is_string())
      return std::nullopt;
    add(position++, item["digest"].get<std::string>());
    found.fields.push_back(item["field"].get<std::string>());
  }
  return found;
}

std::string place_name(const std::string& position, const std::vector<std::string>& fields) {
  if (position == std::to_string(actor_place)) return "the actor's name";
  if (position == std::to_string(address_place)) return "the address";
  if (position == std::to_string(object_place)) return "the object's name";
  const std::size_t at = static_cast<std::size_t>(std::atoll(position.c_str()) - first_change_place);
  return at < fields.size() ? fmt::format("the change of \"{}\"", fields[at]) : "position " + position;
}

class ChainWalk {
 public:
  ChainWalk(db::Tx& tx, std::int64_t chain, const AuditQuestion& question, AuditReport& all)
      : tx_(tx), question_(question), all_(all) {
    report_.chain = chain;
  }

  template <class Progress>
  ChainReport run(Progress&& progress) {
    report_.unchained = tx_.one<std::int64_t>(
        "SELECT count(*) FROM audit_entry WHERE chain = $1 AND seq IS NULL", report_.chain);
    report_.hash = chain_genesis(tx_, report_.chain);
    note_kept(report_.hash);
    while (report_.fault.empty()) {
      const std::vector<StoredEntry> entries = read_entries(tx_, report_.chain, report_.seq);
      if (entries.empty()) break;
      // As long as nothing is broken, the last one's place is known without reading it.
      const std::int64_t last = report_.seq + static_cast<std::int64_t>(entries.size());
      TextsByEntry texts = read_texts(tx_, report_.chain, report_.seq, last);
      for (const StoredEntry& stored : entries) {
        look_at(stored, texts[stored.entry.id]);
        if (!report_.fault.empty()) break;
        ++report_.entries;
      }
      progress(static_cast<std::int64_t>(entries.size()));
      if (static_cast<std::int64_t>(entries.size()) < piece) break;
    }
    if (report_.fault.empty()) look_at_end();
    if (report_.fault.empty() && !missing_.empty()) {
      const auto& [id, position] = *missing_.begin();
      report_.fault = fmt::format(
          "entry {}: {} is gone, and no entry records that it was erased ({} text{} of this chain in all)",
          id, place_name(position, {}), missing_.size(), missing_.size() == 1 ? "" : "s");
    }
    return std::move(report_);
  }

 private:
  void note_kept(const std::string& hash) {
    if (question_.kept_head.empty() || hash != question_.kept_head) return;
    all_.kept_chain = report_.chain;
    all_.kept_seq = report_.seq;
  }

  void broken(const StoredEntry& stored, std::string_view what) {
    report_.fault =
        fmt::format("entry {} (place {} of its chain): {}", stored.entry.id, stored.entry.seq, what);
  }

  void look_at(const StoredEntry& stored, const std::vector<StoredText>& texts) {
    const ChainedEntry& entry = stored.entry;
    const std::string expected = std::to_string(report_.seq + 1);
    if (entry.seq != expected)
      return broken(
          stored,
          fmt::format("place {} was expected here: an entry was taken out, or this one put in", expected));
    if (entry.previous_hash != report_.hash)
      return broken(stored, "its previous_hash is not the hash of the entry before it");
    if (stored.hash != entry.hash()) return broken(stored, "its hash is not that of its columns");
    if (entry.chain != entry.conference_id.value_or("0"))
      return broken(stored, "it stands in the chain of another conference");
    const std::optional<Digests> digests = digests_of(entry);
    if (!digests) return broken(stored, "its list of changes cannot be read");
    look_at_texts(stored, *digests, texts);
    if (!report_.fault.empty()) return;
    if (entry.action == "erase") take_in_erasure(stored, digests->fields);
    report_.hash = stored.hash;
    ++report_.seq;
    note_kept(report_.hash);
  }

  void look_at_texts(const StoredEntry& stored, const Digests& digests,
                     const std::vector<StoredText>& texts) {
    std::set<std::string> seen;
    for (const StoredText& text : texts) {
      const std::string position = text.position.value_or("");
      const auto wanted = digests.by_position.find(position);
      const std::string name = place_name(position, digests.fields);
      if (wanted == digests.by_position.end() || !seen.insert(position).second)
        return broken(stored, fmt::format("beside it stands a text that it does not know ({})", name));
      if (!text.salt && !text.label && !text.text && !text.old_text && !text.value && !text.old_value) {
        ++report_.erased;
        missing_.emplace(stored.entry.id, position);
        continue;
      }
      if (!text.salt || !text.label || !text.text || !text.old_text)
        return broken(stored, fmt::format("{} is gone in part", name));
      const AuditText whole{0,          *text.salt,    *text.label, *text.text, *text.old_text,
                            text.value, text.old_value};
      if (whole.digest() != wanted->second)
        return broken(stored, fmt::format("{} is not what was recorded: its digest differs", name));
    }
    for (const auto& [position, digest] : digests.by_position) {
      if (!seen.contains(position))
        return broken(stored, fmt::format("{} is missing", place_name(position, digests.fields)));
    }
  }

  // Its fields are "<entry>:<position>".
  void take_in_erasure(const StoredEntry& stored, const std::vector<std::string>& fields) {
    for (const std::string& field : fields) {
      const auto colon = field.find(':');
      if (colon == std::string::npos) continue;
      const std::pair<std::string, std::string> place{field.substr(0, colon), field.substr(colon + 1)};
      if (missing_.erase(place) == 0 && stands_again(place))
        return broken(stored, fmt::format("it records that {} of entry {} was erased, but that stands there",
                                          place_name(place.second, {}), place.first));
    }
  }

  bool stands_again(const std::pair<std::string, std::string>& place) {
    return tx_
        .maybe<std::int64_t>(
            "SELECT 1 FROM audit_value WHERE CAST(entry_id AS TEXT) = $1 AND CAST(position AS TEXT) = $2 "
            "AND text IS NOT NULL",
            place.first, place.second)
        .has_value();
  }

  void look_at_end() {
    const auto head = tx_.maybe<std::string, std::string>(
        "SELECT CAST(seq AS TEXT), hash FROM audit_head WHERE chain = $1", report_.chain);
    if (!head) {
      if (report_.seq > 0) report_.fault = "the chain has no head: the row in audit_head is gone";
      return;
    }
    const auto& [seq, hash] = *head;
    if (seq != std::to_string(report_.seq)) {
      report_.fault = fmt::format(
          "the head says that the chain has {} entries, found were {}: the end is cut off", seq, report_.seq);
    } else if (hash != report_.hash) {
      report_.fault =
          fmt::format("entry at place {}: the head holds another hash than the last entry", report_.seq);
    }
  }

  db::Tx& tx_;
  const AuditQuestion& question_;
  AuditReport& all_;
  ChainReport report_;
  std::set<std::pair<std::string, std::string>> missing_;  // erased, and no entry has said so yet
};

std::map<std::int64_t, std::string> slugs(db::Tx& tx) {
  std::map<std::int64_t, std::string> all;
  for (auto& [id, slug] : tx.query<std::int64_t, std::string>("SELECT id, slug FROM conference"))
    all.emplace(id, std::move(slug));
  return all;
}

}  // namespace

bool AuditReport::is_sound() const {
  return faults.empty() &&
         std::all_of(chains.begin(), chains.end(), [](const ChainReport& c) { return c.fault.empty(); });
}

std::vector<ChainHead> audit_heads(db::Tx& tx) {
  const auto names = slugs(tx);
  std::vector<ChainHead> heads;
  for (auto& [chain, seq, hash] : tx.query<std::int64_t, std::int64_t, std::string>(
           "SELECT chain, seq, hash FROM audit_head WHERE seq > 0 ORDER BY chain")) {
    const auto name = names.find(chain);
    heads.push_back({chain, name == names.end() ? "" : name->second, seq, std::move(hash)});
  }
  return heads;
}

AuditReport verify_audit(db::Tx& tx, const AuditQuestion& question) {
  AuditReport report;
  const auto names = slugs(tx);
  const auto total = tx.one<std::int64_t>("SELECT count(*) FROM audit_entry");
  std::int64_t done = 0, seen = 0;
  const auto progress = [&](std::int64_t more) {
    done += more;
    if (question.progress) question.progress(done, total);
  };
  for (const std::int64_t chain : tx.query<std::int64_t>(
           "SELECT chain FROM audit_entry UNION SELECT chain FROM audit_head ORDER BY 1")) {
    if (question.chain && *question.chain != chain) continue;
    ChainReport one = ChainWalk(tx, chain, question, report).run(progress);
    const auto name = names.find(chain);
    if (name != names.end()) one.conference = name->second;
    seen += one.entries + one.unchained;
    report.chains.push_back(std::move(one));
  }
  if (question.chain || !report.is_sound()) return report;
  if (seen != total)
    report.faults.push_back(fmt::format(
        "{} of {} entries stand in no chain: their chain or place is no number", total - seen, total));
  const auto alone = tx.one<std::int64_t>(
      "SELECT count(*) FROM audit_value v WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = "
      "v.entry_id)");
  if (alone > 0)
    report.faults.push_back(
        fmt::format("{} text{} of entries that do not exist", alone, alone == 1 ? "" : "s"));
  return report;
}

}  // namespace plenary::conference
