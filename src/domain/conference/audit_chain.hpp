// What an entry of the record of changes is hashed over, and how it is added to its chain. The encoding is
// part of the contract: somebody with other tools must come to the same hashes. Internal to this room. Pure
// functions, any thread; chain_genesis is one of a transaction. source: docs/audit.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/tx.hpp"

namespace plenary::conference {

// Fields one behind the other, each as "<length in bytes>:<bytes>,"; null is "-,".
class HashText {
 public:
  HashText& add(std::string_view text);
  HashText& add(std::int64_t number);
  HashText& null();
  template <class T>
  HashText& add(const std::optional<T>& value) {
    return value ? add(*value) : null();
  }
  std::string hash() const;  // hex of SHA-256

 private:
  std::string text_;
};

// Where a text of an entry stands.
inline constexpr std::int64_t actor_place = 0, address_place = 1, object_place = 2, first_change_place = 3;

struct AuditText {
  std::int64_t position = 0;
  std::string salt, label, text, old_text;
  std::optional<std::string> value, old_value;
  std::string digest() const;
};

// An entry's columns as they are hashed: integers in decimal.
struct ChainedEntry {
  std::string id, chain, seq;
  std::optional<std::string> conference_id, actor_id;
  std::string actor_digest, address_digest, source, action, entity, object_id, object_digest;
  std::optional<std::string> object_version;
  std::string changes;
  std::optional<std::string> undoes;
  std::string created_at, previous_hash;
  std::string hash() const;
};

// What the first entry of a chain has as its previous hash: over the entries from before the chain.
std::string chain_genesis(db::Tx& tx, std::int64_t chain);

// An entry on its way to its chain: everything but its place there.
struct PendingEntry {
  ChainedEntry entry;
  std::vector<AuditText> texts;
};
// db::Tx::AtEnd::Run for PendingEntry; the place is the chain.
void append_entries(db::Tx& tx, std::int64_t chain, std::span<const std::shared_ptr<const void>> items);

}  // namespace plenary::conference
