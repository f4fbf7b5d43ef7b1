// What a list can be narrowed by: the choices of each filter with their addresses, and the dates to go down
// to. Options of a reference are its rows while they are few; else they are looked for. Functions of a
// transaction, then plain values for the page. source: configuration 10, 5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/list_query.hpp"
#include "admin/list_state.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"

namespace plenary::admin {

inline constexpr std::int64_t options_at_most = 50;

// What had to be read for one filter by reference.
struct ReferenceOptions {
  std::string column;
  std::vector<std::pair<std::string, std::string>> rows;  // key and label
  bool has_more = false;
  std::string chosen_label;
};
std::vector<ReferenceOptions> read_options(db::Tx& tx, const Person& person, const Model& model,
                                           const ListState& state);

// For the template: filters with title, is_chosen, chosen, options, search.
templating::Value filters_value(const web::Request& request, const Model& model, const ListState& state,
                                const std::vector<ReferenceOptions>& read);
// For the template: title, up (label and url), steps (label and url), zone. Null where there is nothing to go
// down to.
templating::Value dates_value(const web::Request& request, const Model& model, const ListState& state,
                              const ListQuery& query, const DateSpan& span);

}  // namespace plenary::admin
