// Which tickets may lack an answer that is required of them, as a condition of SQL over `seat s`: so the
// database passes over the hundred thousand that answered everything. It finds every ticket that lacks one,
// and hardly any other: whoever uses it asks check_answers. Private to the room. Pure, but for the values,
// which belong to their query.
#pragma once

#include <deque>
#include <string>

#include "domain/registration/catalogue.hpp"
#include "domain/registration/word_search.hpp"

namespace plenary::registration {

// Empty: nothing is required of any ticket. `texts` holds what the query's values refer to.
std::string may_lack_answers(Bound& bound, std::deque<std::string>& texts, const Catalogue& catalogue);

}  // namespace plenary::registration
