// The record of changes read forward, for programs that follow what staff do: of one conference, from a
// position on. Positions are those of the conference's chain, which grows at its end alone, so nobody who
// goes on from the last one misses an entry. A function of a transaction: one thread at a time. source:
// docs/audit.md; docs/api.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::conference {

struct RecordedChange {
  std::int64_t seq = 0;
  std::string entity, object_id;  // table and key
  AuditAction action = AuditAction::change;
  Instant created_at;
};
// At most `limit` entries of whatever entity after `seq`, in their order.
std::vector<RecordedChange> recorded_after(db::Tx& tx, std::int64_t conference_id, std::int64_t seq,
                                           std::int64_t limit);

}  // namespace plenary::conference
