// Names in a text that its message does not have, with where they stand and what was probably meant: a
// misspelt variable would only leave a gap in a buyer's mail. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "mail/text_language.hpp"

namespace plenary::mail {

// Of a text that compiles.
void find_unknown_names(const Message& message, std::string_view part, std::string_view source,
                        std::vector<TextProblem>& problems);

}  // namespace plenary::mail
