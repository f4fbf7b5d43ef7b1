// What must hold for a discount together with what it names, before it is written or tried out.
// source: registration 20, 3.7 and D9.
#pragma once

#include "domain/registration/conditions.hpp"

namespace plenary::registration {

// Of its scopes and its kind; links that it does not use do not count. Reads alone. Refused: as
// save_condition.
void check_condition(db::Tx& tx, const Condition& condition, const ConditionLinks& links);

}  // namespace plenary::registration
