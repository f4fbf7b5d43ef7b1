// Rows of a model to choose from, by what they are called: for filters, pickers and autocompletion. One
// transaction, one thread. source: configuration 10, 5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/access.hpp"
#include "admin/model.hpp"
#include "db/tx.hpp"

namespace plenary::admin {

struct LookingFor {
  Reach reach = {};                           // rows that may be told of
  std::vector<std::string> words;             // each in the label or in what the model's list searches
  std::optional<std::int64_t> conference_id;  // only rows of that conference, and those of none
};

// Key and label, in the model's usual order.
std::vector<std::pair<std::string, std::string>> choices_of(db::Tx& tx, const Model& model,
                                                            const LookingFor& wanted, std::int64_t offset,
                                                            std::int64_t limit);

}  // namespace plenary::admin
