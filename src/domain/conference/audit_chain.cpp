#include "domain/conference/audit_chain.hpp"

#include <charconv>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "db/entity_table.hpp"

namespace plenary::conference {
namespace {

// The first field of everything that is hashed: a later encoding would begin with another.
constexpr std::string_view entry_mark = "plenary audit entry 1";
constexpr std::string_view text_mark = "plenary audit text 1";
constexpr std::string_view genesis_mark = "plenary audit chain 1";

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<std::int64_t> number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return number(*text);
}

struct Head {
  std::int64_t seq = 0;
  std::string hash;
};

// Nobody else adds to the chain until this transaction ends. SQLite has one writer anyway.
std::optional<Head> locked_head(db::Tx& tx, std::int64_t chain) {
  const char* sql = tx.engine() == db::Engine::postgresql
                        ? "SELECT seq, hash FROM audit_head WHERE chain = $1 FOR UPDATE"
                        : "SELECT seq, hash FROM audit_head WHERE chain = $1";
  const auto row = tx.maybe<std::int64_t, std::string>(sql, chain);
  if (!row) return std::nullopt;
  return Head{std::get<0>(*row), std::get<1>(*row)};
}

Head lock_head(db::Tx& tx, std::int64_t chain) {
  if (auto head = locked_head(tx, chain)) return *std::move(head);
  tx.exec("INSERT INTO audit_head (chain, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (chain) DO NOTHING",
          chain, chain_genesis(tx, chain));
  return locked_head(tx, chain).value();
}

// Known before the entries are written, because they are hashed.
std::vector<std::int64_t> new_ids(db::Tx& tx, std::int64_t count) {
  if (tx.engine() == db::Engine::postgresql) {
    return tx.query<std::int64_t>(
        "SELECT nextval(pg_get_serial_sequence('audit_entry', 'id')) FROM generate_series(1, $1)", count);
  }
  const auto last = tx.one<std::int64_t>("SELECT coalesce(max(id), 0) FROM audit_entry");
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 1; i <= count; ++i) ids.push_back(last + i);
  return ids;
}

// Rows of the same columns in few statements of few different lengths.
class Rows {
 public:
  Rows(db::Tx& tx, std::string_view into, std::size_t width) : tx_(tx), into_(into), width_(width) {}

  void add(std::initializer_list<db::Param> row) {
    params_.insert(params_.end(), row);
    if (params_.size() == most * width_) send(most);
  }
  // Texts that were added must live until then.
  void flush() {
    const std::vector<db::Param> rest = std::move(params_);
    params_.clear();
    std::size_t at = 0;
    for (std::size_t count : {32u, 8u, 2u, 1u}) {
      for (; (at + count) * width_ <= rest.size(); at += count)
        run(std::span(rest).subspan(at * width_, count * width_), count);
    }
  }

 private:
  static constexpr std::size_t most = 32;

  void send(std::size_t count) {
    run(params_, count);
    params_.clear();
  }
  void run(std::span<const db::Param> params, std::size_t count) {
    std::string sql = fmt::format("INSERT INTO {} VALUES ", into_);
    std::size_t n = 0;
    for (std::size_t row = 0; row < count; ++row) {
      sql += row == 0 ? "(" : ", (";
      for (std::size_t i = 0; i < width_; ++i) sql += fmt::format("{}${}", i == 0 ? "" : ", ", ++n);
      sql += ")";
    }
    tx_.run_later(db::intern_sql(std::move(sql)), params);
  }

  db::Tx& tx_;
  std::string_view into_;
  std::size_t width_;
  std::vector<db::Param> params_;
};

}  // namespace

HashText& HashText::add(std::string_view text) {
  text_ += fmt::format("{}:{},", text.size(), text);
  return *this;
}
HashText& HashText::add(std::int64_t number) {
  return add(std::string_view(std::to_string(number)));
}
HashText& HashText::null() {
  text_ += "-,";
  return *this;
}
std::string HashText::hash() const {
  return sha256_hex(text_);
}

std::string AuditText::digest() const {
  return HashText()
      .add(text_mark)
      .add(std::string_view(salt))
      .add(std::string_view(label))
      .add(std::string_view(text))
      .add(std::string_view(old_text))
      .add(value)
      .add(old_value)
      .hash();
}

std::string ChainedEntry::hash() const {
  HashText all;
  all.add(entry_mark);
  for (const std::string* text : {&id, &chain, &seq}) all.add(std::string_view(*text));
  all.add(conference_id).add(actor_id);
  for (const std::string* text :
       {&actor_digest, &address_digest, &source, &action, &entity, &object_id, &object_digest})
    all.add(std::string_view(*text));
  all.add(object_version).add(std::string_view(changes)).add(undoes);
  return all.add(std::string_view(created_at)).add(std::string_view(previous_hash)).hash();
}

std::string chain_genesis(db::Tx& tx, std::int64_t chain) {
  HashText all;
  all.add(genesis_mark).add(chain);
  using Text = std::optional<std::string>;
  constexpr std::int64_t piece = 1000;
  std::int64_t after = 0;
  while (true) {
    const auto rows = tx.query<std::int64_t, Text, Text, std::string, std::string, std::string, std::string,
                               Text, std::string>(
        "SELECT id, CAST(conference_id AS TEXT), CAST(actor_id AS TEXT), source, action, entity, object_id, "
        "CAST(object_version AS TEXT), CAST(created_at AS TEXT) FROM audit_entry WHERE chain = $1 AND seq IS "
        "NULL AND id > $2 ORDER BY id LIMIT $3",
        chain, after, piece);
    for (const auto& row : rows) {
      const auto& [id, conference, actor, source, action, entity, object, version, at] = row;
      all.add(id).add(conference).add(actor);
      for (const std::string* text : {&source, &action, &entity, &object}) all.add(std::string_view(*text));
      all.add(version).add(std::string_view(at));
      after = id;
    }
    if (static_cast<std::int64_t>(rows.size()) < piece) return all.hash();
  }
}

void append_entries(db::Tx& tx, std::int64_t chain, std::span<const std::shared_ptr<const void>> items) {
  Head head = lock_head(tx, chain);
  const std::vector<std::int64_t> ids = new_ids(tx, static_cast<std::int64_t>(items.size()));
  Rows texts(tx, "audit_value (entry_id, position, salt, label, text, old_text, value, old_value)", 8);
  Rows entries(tx,
               "audit_entry (id, chain, seq, conference_id, actor_id, actor_digest, address_digest, source, "
               "action, entity, object_id, object_digest, object_version, changes, undoes, created_at, "
               "previous_hash, hash)",
               18);
  std::vector<std::string> hashes;  // bound below
  hashes.reserve(items.size() + 1);
  hashes.push_back(head.hash);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& pending = *static_cast<const PendingEntry*>(items[i].get());
    ChainedEntry entry = pending.entry;
    entry.id = std::to_string(ids[i]);
    entry.seq = std::to_string(++head.seq);
    entry.previous_hash = hashes.back();
    const std::string& previous = hashes.back();
    const std::string& hash = hashes.emplace_back(entry.hash());
    for (const AuditText& text : pending.texts)
      texts.add({ids[i], text.position, text.salt, text.label, text.text, text.old_text, text.value,
                 text.old_value});
    const ChainedEntry& e = pending.entry;
    entries.add({ids[i], chain, head.seq, number(e.conference_id), number(e.actor_id), e.actor_digest,
                 e.address_digest, e.source, e.action, e.entity, e.object_id, e.object_digest,
                 number(e.object_version), e.changes, number(e.undoes), number(e.created_at), previous,
                 hash});
  }
  texts.flush();
  entries.flush();
  tx.exec_later("UPDATE audit_head SET seq = $2, hash = $3 WHERE chain = $1", chain, head.seq, hashes.back());
}

}  // namespace plenary::conference
