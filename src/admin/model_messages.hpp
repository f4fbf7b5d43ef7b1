// The texts of the data admin that stand in descriptions of entities instead of in calls of tr(): titles,
// labels (also those made from column names), help, words of choices, messages of rules, and what the models
// add. Behind `plenary template entity-messages`, for translators. Any thread, no errors.
#pragma once

#include <string>

namespace plenary::admin {

// Each text once, sorted, as the text of a .pot file without a header.
std::string model_messages();

}  // namespace plenary::admin
