// Variations of products, and quotas that several products share: their rows and the stock that counts them.
// Whoever changes which products a quota is for has it counted anew in the same write. Functions of a
// transaction: one thread at a time; Refused before anything is written. source: registration 20, 4 and D37.
#pragma once

#include <vector>

#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

const db::Entity<Variation>& variation_table();
const db::Entity<Quota>& quota_table();

std::vector<Variation> variations_of(db::Tx& tx, Id conference_id);  // by (order, name)
std::vector<Quota> quotas_of(db::Tx& tx, Id conference_id);          // with their products, by name

// Inserts (id == 0) or updates, with the stock row. Refused: the first rule that does not hold, with its
// field; "no_such" for a product of another conference; "changed_meanwhile". Returns the id.
Id save(db::Tx& tx, const Variation& variation);
Id save(db::Tx& tx, const Quota& quota);

// For who writes rows by other ways (the data admin): call it when row and links are there.
void written(db::Tx& tx, const Variation& variation);
void written(db::Tx& tx, const Quota& quota);

// Refused("in_use"): it was ordered, or is in a cart; switch it off instead.
void remove(db::Tx& tx, const Variation& variation);
void remove(db::Tx& tx, const Quota& quota);

}  // namespace plenary::registration
