// What is recorded or refused in English, for the reader of one page: field names, words of choices and the
// lists of entries in the record of changes, and refusals that name entries. Text that is none of ours comes
// out as it went in. Pure functions, any thread, no errors. source: configuration 10, Do better 23; ground
// rules 15, 3.2.
#pragma once

#include <string>
#include <string_view>

#include "admin/model.hpp"
#include "base/errors.hpp"
#include "web/request.hpp"

namespace plenary::admin {

// Of a deletion in its own record: what went along.
inline constexpr const char* deleted_with_it = message("Deleted with it");

// `model`: whose history it is; a change of one of its inline rows has the field "section.name" and the label
// "Section Keynotes: Name".
std::string told_label(const web::Request& request, std::string_view field, const std::string& label);
// The old or the new value of such a change.
std::string told_value(const web::Request& request, const Model& model, std::string_view field,
                       const std::string& text);

// "Orders: 3, Carts: 1"
std::string told_entries(const web::Request& request, std::string_view list);
// Why something was refused; its argument {what} is a list of entries.
std::string told_refusal(const web::Request& request, const Refused& refused);

}  // namespace plenary::admin
