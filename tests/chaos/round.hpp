// One round: a sale begins, the server is killed or stopped at a random moment in the middle of it, the rows
// are looked at, the server starts again, and every buyer who was left without an answer sends the very same
// request once more. In the end everything must be exact: every order a buyer was told of is there, none is
// half done, and all tickets found exactly one buyer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace plenary::chaos {

namespace fs = std::filesystem;

struct Setup {
  fs::path plenary, recount;  // the server's binary; bench/onsale/recount.sh
  fs::path folder;            // of this run
  std::string postgres;       // URL of a PostgreSQL whose databases may be made and dropped; empty: SQLite
  std::int64_t stock = 800;
  int connections = 64;
};

// Makes the database every round begins with: migrated, one conference. Once, before the first round.
void prepare(const Setup& setup);

struct RoundResult {
  std::vector<std::string> faults;  // empty: the round passed
  std::int64_t answers_before = 0, told_before = 0, in_flight = 0, sold = 0;
  fs::path folder;  // kept when there are faults
};

// `signal`: SIGKILL or SIGTERM. The moment and the buyers' behaviour come from `seed`.
RoundResult run_round(const Setup& setup, int number, int signal, std::uint64_t seed);

}  // namespace plenary::chaos
