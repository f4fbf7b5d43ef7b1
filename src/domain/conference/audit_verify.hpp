// Whether the record of changes is as it was written: every entry's hash, every digest, every link to the
// entry before, every text that is gone, each chain's end. Reads in pieces inside one snapshot. Functions of
// a transaction: one thread at a time; what is wrong is returned, not thrown. source: docs/audit.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/tx.hpp"

namespace plenary::conference {

struct ChainHead {
  std::int64_t chain = 0;
  std::string conference;  // slug; empty: of no conference, or of one that is gone
  std::int64_t seq = 0;
  std::string hash;
};
// Ascending by chain; those without entries are left out.
std::vector<ChainHead> audit_heads(db::Tx& tx);

struct ChainReport {
  std::int64_t chain = 0;
  std::string conference;
  std::int64_t entries = 0;    // that were looked at; up to the first broken one
  std::int64_t erased = 0;     // texts
  std::int64_t unchained = 0;  // entries from before the chain
  std::int64_t seq = 0;        // of the last entry
  std::string hash;            // of the last entry
  std::string fault;           // what is wrong first; empty: nothing. Names the entry
};

struct AuditReport {
  std::vector<ChainReport> chains;
  std::vector<std::string> faults;  // beyond the chains
  // Where the head that was kept elsewhere stands.
  std::optional<std::int64_t> kept_chain, kept_seq;
  bool is_sound() const;
};

struct AuditQuestion {
  std::optional<std::int64_t> chain;  // only this one
  std::string kept_head;              // also look for this hash; empty: do not
  std::function<void(std::int64_t done, std::int64_t total)> progress;
};
AuditReport verify_audit(db::Tx& tx, const AuditQuestion& question = {});

}  // namespace plenary::conference
