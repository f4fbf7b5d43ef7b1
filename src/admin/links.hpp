// References and links: which rows can be chosen, what they are called, and what somebody meant who typed a
// name. Only rows of the same conference count where both have one. Functions of a transaction: one thread at
// a time. Errors: FieldError for what was typed. source: configuration 10, 5.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/form.hpp"

namespace plenary::admin {

inline constexpr std::size_t most_options = 200;

// Who chooses, for a field of which row; only what they may know of can be chosen.
struct Choosing {
  const Person& person;
  const Model& model;  // of the row
  Right right;         // add or change
  std::optional<std::int64_t> conference;
};

// Rows of `other` that a row of that conference may refer to; nothing: too many to offer, or none that may be
// listed. Without a conference all are offered, each with its conference's name behind its own.
std::optional<std::vector<Option>> options_of(db::Tx& tx, const Choosing& choosing, const Model& other);
// "Ada Lovelace (#17)": what a search field holds; the key alone of what may not be told. `is_told`: the row
// holds it already, or its name was typed.
std::string named_key(db::Tx& tx, const Choosing& choosing, const Model& other, const std::string& key,
                      bool is_told);
// The key that was typed: itself, with a name before it, or an entry's whole name. A FieldError when there is
// none, when there are several, or when it belongs to another conference.
struct Resolved {
  std::string key;
  std::optional<db::FieldError> error;
};
Resolved resolve(db::Tx& tx, const Choosing& choosing, const FieldPlan& plan, const Model* other,
                 std::string_view typed);

// Chosen rows of a link, as keys in order, "3,17".
std::string stored_links(db::Tx& tx, const Model& model, const Link& link, const std::string& key);
std::vector<std::string> keys_in(std::string_view list);
std::string joined_keys(std::vector<std::string> keys);
// Writes the difference. Names of the rows before and after, for the record of changes.
void write_links(db::Tx& tx, const Model& model, const Link& link, const std::string& key,
                 std::string_view before, std::string_view after);
std::string names_of(db::Tx& tx, const Model& other, std::string_view list);
// Of a link to rows or to permissions, which are called by their ids.
std::string names_of(db::Tx& tx, const FieldState& field, std::string_view list);

}  // namespace plenary::admin
