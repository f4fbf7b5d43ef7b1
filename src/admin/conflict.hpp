// Two people on one page: a row whose version is no longer the one that the page had shown is never written
// over. What this person did not touch takes the stored value; what both touched keeps what was typed and
// tells what it is now, by whom and when. Functions of a transaction: one thread at a time. source:
// configuration 10, Do better 17.
#pragma once

#include "admin/form.hpp"

namespace plenary::admin {

// Marks rows that were changed meanwhile and merges them. True: nothing may be written.
bool find_conflicts(db::Tx& tx, FormState& form);

// What was typed for a row that is not there any more, as a form that adds it anew.
FormState form_of_gone(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                       const std::string& key, const web::FormData& posted);

}  // namespace plenary::admin
