// Batches: up to 10,000 vouchers that are alike, made by a job in pieces of 500. How far a batch is stands in
// its row, raised in the write that makes the piece: whoever is stopped in the middle goes on exactly there,
// and a batch never has more or fewer codes than it wants. Functions of a transaction: one thread at a time;
// Refused before anything is written. source: registration 20, 5.4; docs/transactions.md, section 3.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "db/database.hpp"
#include "db/entity.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {

inline constexpr std::int64_t most_in_a_batch = 10'000;
inline constexpr std::int64_t batch_piece = 500;
inline constexpr std::size_t longest_prefix = 20;                // that people give a batch. source: 20, 5.4
inline constexpr std::string_view batch_kind = "voucher.batch";  // of its job; payload: {"batch": id}

enum class BatchStatus { running, done, stopped };

struct VoucherBatch {
  Id id = 0, conference_id = 0;
  std::string prefix;  // normal_code(); may be empty
  std::int64_t wanted = 1, made = 0;
  std::string model = "{}";  // JSON: what each of its vouchers is like
  BatchStatus status = BatchStatus::running;
  std::string problem;  // why it stopped by itself; English
  std::optional<Id> created_by;
  std::optional<Instant> finished_at;
  Instant created_at, updated_at;
};

const db::Entity<VoucherBatch>& voucher_batch_table();

// What a batch copies: everything but code, id and times.
struct VoucherModel {
  Voucher voucher;
  ScopedProducts products;
};
VoucherModel model_of(const VoucherBatch& batch);

// The row, its job and its entry in the record of changes. Refused: "range" on "count", "format" or
// "too_long" on "prefix", and as create_vouchers would for a voucher like `model` (its code does not matter).
VoucherBatch start_batch(db::Tx& tx, const VoucherModel& model, std::string_view prefix, std::int64_t count,
                         const conference::Actor& actor);

std::optional<VoucherBatch> find_batch(db::Tx& tx, Id batch_id);
std::vector<VoucherBatch> batches_of(db::Tx& tx, Id conference_id, int limit);  // newest first

// Makes the next piece: its codes come from generate_codes, outside of the transaction; `before` is what was
// made when they were drawn. What the batch is afterwards; unchanged when it is not running, or is further
// than `before`. A batch that cannot go on, because a product is gone, stops and says why.
VoucherBatch make_piece(db::Tx& tx, Random& random, Id batch_id, std::int64_t before,
                        std::vector<std::string> codes);

// Stops one that runs; lets one that was stopped go on. False: it was no such one.
bool stop_batch(db::Tx& tx, Id batch_id, const conference::Actor& actor);
bool resume_batch(db::Tx& tx, Id batch_id, const conference::Actor& actor);

// The job: makes pieces until the batch is done or stopped. `go_on` false: it throws, and the next delivery
// goes on. Blocks.
void run_batch(db::Database& database, Random& random, Id batch_id, const std::function<bool()>& go_on);

}  // namespace plenary::registration
