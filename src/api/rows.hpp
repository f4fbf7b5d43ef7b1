// Rows of entity tables as JSON and back, and their schemas: from the one description of each column. Money
// is a decimal text in the conference's currency, an instant RFC 3339, a rate a decimal text. Pure, any
// thread. source: design 5.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/shape.hpp"
#include "base/money.hpp"
#include "db/entity_table.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::api {

// A column under another name in JSON: {"discount_condition", …}; the same one when `as` is empty.
struct Shown {
  std::string_view column;
  std::string_view as = {};
  std::string_view name() const { return as.empty() ? column : as; }
};
using Columns = std::vector<Shown>;

// Fields of an answer: all of them are always there.
std::vector<Field> answer_fields(const db::Table& table, const Columns& columns);
// Fields of an input; `needed` are required.
std::vector<Field> input_fields(const db::Table& table, const Columns& columns,
                                std::initializer_list<std::string_view> needed = {});

void add_row(Json& object, const db::Table& table, const void* row, const Columns& columns,
             Currency currency);
// Sets what `body`, which was checked against the shape, has of the columns.
void set_row(const Json& body, const db::Table& table, void* row, const Columns& columns, Currency currency,
             Faults& faults);
// What the table itself says about the values, where nothing is wrong already; pointers by the names in JSON.
void check_row(const std::vector<db::FieldError>& errors, const Columns& columns, Faults& faults);

// Old and new of every column that differs, for the record of changes.
std::vector<conference::AuditChange> changes_between(const db::Table& table, const void* before,
                                                     const void* after, Currency currency);

std::string money_text(std::int64_t minor, Currency currency);
// Nothing, and a fault, for more decimals than the currency has or an amount out of range.
std::optional<std::int64_t> money_of(const Json& value, Currency currency, const std::string& pointer,
                                     Faults& faults);
Json money_or_null(const std::optional<std::int64_t>& minor, Currency currency);
Json instant_or_null(const std::optional<Instant>& instant);
Json text_or_null(const std::optional<std::string>& text);

}  // namespace plenary::api
