// The conferences that somebody runs: what the organisers' list and their switch of conferences show. A
// function of a transaction: one thread at a time. source: configuration 10, 8.2 and 9.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "db/tx.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"

namespace plenary::conference {

struct ManagedConference : ListedConference {
  bool is_active = true;
  FeatureOverrides flags = {};  // only those that the organisers' pages hang on
};

// Those that `shows` lets pass, newest start date first.
std::vector<ManagedConference> list_managed(
    db::Tx& tx, const std::function<bool(std::int64_t id, bool is_active)>& shows);

}  // namespace plenary::conference
