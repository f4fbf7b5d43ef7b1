// The sponsors that public pages show, as one immutable snapshot in memory, keyed by
// conference.catalogue_version: sponsors, levels and benefits are part of the catalogue, so every change of
// them raises it in its own transaction, and the next request of every process sees it. Only active sponsors
// are here, without contacts, notes and what was delivered. Threads: snapshots are shared by all; one thread
// reads a new one while the others use the old. source: docs/transactions.md, section 2; sponsors 50, 7 and
// Do better 33, 34.
#pragma once

#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "db/tx.hpp"
#include "domain/sponsors/types.hpp"

namespace plenary::sponsors {

struct ShownBenefit {
  std::int64_t id = 0;
  std::string name, description;
};

struct ShownSponsor {
  std::int64_t id = 0;
  std::string name, slug, website_url, logo_url, description;
  std::size_t level = 0;               // index in Lineup::levels
  std::vector<ShownBenefit> benefits;  // by name
};

struct Lineup {
  std::int64_t version = 0;
  std::vector<SponsorLevel> levels;    // by order, then name; those without sponsors too
  std::vector<ShownSponsor> sponsors;  // by level, then name

  const ShownSponsor* find(std::string_view slug) const;  // whatever its case; nullptr: none
};

std::shared_ptr<const Lineup> load_lineup(db::Tx& tx, std::int64_t conference_id, std::int64_t version);

class Lineups {
 public:
  // The snapshot of that version; read from `tx` when this process does not have it yet, and kept when `tx`
  // is a read.
  std::shared_ptr<const Lineup> at(db::Tx& tx, std::int64_t conference_id, std::int64_t version);

 private:
  std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, std::shared_ptr<const Lineup>> snapshots_;
};

}  // namespace plenary::sponsors
