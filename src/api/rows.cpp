#include "api/rows.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "api/problem.hpp"
#include "domain/registration/discounts.hpp"

namespace plenary::api {
namespace {

const db::Column& column_of(const db::Table& table, std::string_view name) {
  if (const db::Column* column = table.find_column(name)) return *column;
  throw std::logic_error(fmt::format("the table {} has no column {}", table.name(), name));
}

Shape shape_of(const db::Column& column, bool is_answer) {
  Shape shape = Shape::any();
  switch (column.type) {
    case db::ColumnType::integer:
      shape = column.is_money ? Shape::money(is_answer)
                              : Shape::integer(is_answer ? INT64_MIN : column.minimum.value_or(INT64_MIN),
                                               is_answer ? INT64_MAX : column.maximum.value_or(INT64_MAX));
      break;
    case db::ColumnType::flag:
      shape = Shape::flag();
      break;
    case db::ColumnType::decimal:
    case db::ColumnType::real:
      shape = Shape::decimal();
      break;
    case db::ColumnType::instant:
      shape = Shape::instant();
      break;
    case db::ColumnType::date:
      shape = Shape::date();
      break;
    case db::ColumnType::choice: {
      std::vector<std::string> choices;
      for (const db::Choice& choice : column.choices) choices.emplace_back(choice.value);
      shape = Shape::text().one_of(std::move(choices));
      break;
    }
    case db::ColumnType::text:
      shape = Shape::text(column.max_length > 0 ? static_cast<std::size_t>(column.max_length) : 10'000);
      if (column.is_required && !is_answer) shape.at_least(1);
      break;
  }
  if (column.nullable) shape.nullable();
  return shape;
}

std::string shown_text(const db::Column& column, const std::optional<std::string>& text, Currency currency) {
  if (!text) return {};
  if (!column.is_money) return *text;
  std::int64_t minor = 0;
  std::from_chars(text->data(), text->data() + text->size(), minor);
  return Money(minor, currency).display();
}

}  // namespace

std::vector<Field> answer_fields(const db::Table& table, const Columns& columns) {
  std::vector<Field> fields;
  for (const Shown& shown : columns) {
    const db::Column& column = column_of(table, shown.column);
    fields.push_back(required(std::string(shown.name()), shape_of(column, true), std::string(column.help)));
  }
  return fields;
}

std::vector<Field> input_fields(const db::Table& table, const Columns& columns,
                                std::initializer_list<std::string_view> needed) {
  std::vector<Field> fields;
  for (const Shown& shown : columns) {
    const db::Column& column = column_of(table, shown.column);
    const bool is_needed = std::find(needed.begin(), needed.end(), shown.name()) != needed.end();
    fields.push_back(
        {std::string(shown.name()), shape_of(column, false), is_needed, std::string(column.help)});
  }
  return fields;
}

void add_row(Json& object, const db::Table& table, const void* row, const Columns& columns,
             Currency currency) {
  for (const Shown& shown : columns) {
    const db::Column& column = column_of(table, shown.column);
    const std::optional<std::string> text = column.text(row);
    Json value;
    if (text) {
      if (column.type == db::ColumnType::integer) {
        std::int64_t number = 0;
        std::from_chars(text->data(), text->data() + text->size(), number);
        value = column.is_money ? Json(money_text(number, currency)) : Json(number);
      } else if (column.type == db::ColumnType::flag) {
        value = Json(*text == "true");
      } else {
        value = Json(*text);
      }
    }
    object.set(shown.name(), std::move(value));
  }
}

void set_row(const Json& body, const db::Table& table, void* row, const Columns& columns, Currency currency,
             Faults& faults) {
  for (const Shown& shown : columns) {
    const Json* value = body.find(shown.name());
    if (!value) continue;
    const db::Column& column = column_of(table, shown.column);
    const std::string pointer = pointer_to("", shown.name());
    std::string text;
    if (value->is_null()) {
      text = "";
    } else if (column.is_money) {
      const auto minor = money_of(*value, currency, pointer, faults);
      if (!minor) continue;
      text = std::to_string(*minor);
    } else if (value->is_text()) {
      text = value->text();
    } else {
      text = value->dump();
    }
    if (!column.set_text(row, text))
      faults.push_back({pointer, "format", fmt::format("This is no value for {}.", shown.name())});
  }
}

void check_row(const std::vector<db::FieldError>& errors, const Columns& columns, Faults& faults) {
  Faults found;
  for (const db::FieldError& error : errors) {
    std::string pointer;
    if (!error.field.empty()) {
      pointer = pointer_to("", error.field);
      for (const Shown& shown : columns)
        if (shown.column == error.field) pointer = pointer_to("", shown.name());
    }
    found.push_back({std::move(pointer), error.code, error.message()});
  }
  add_elsewhere(faults, std::move(found));
}

std::vector<conference::AuditChange> changes_between(const db::Table& table, const void* before,
                                                     const void* after, Currency currency) {
  std::vector<conference::AuditChange> changes;
  for (const db::Column& column : table.columns()) {
    if (column.is_key || column.is_version || column.is_created || column.is_updated || column.is_secret)
      continue;
    const auto old_text = before ? column.text(before) : std::nullopt, new_text = column.text(after);
    if (before ? old_text == new_text : !new_text || *new_text == column.text(table.defaults())) continue;
    conference::AuditChange change;
    change.field = std::string(column.name);
    change.label = column.label;
    change.old_text = shown_text(column, old_text, currency);
    change.new_text = shown_text(column, new_text, currency);
    change.old_value = conference::audit_value(old_text);
    change.new_value = conference::audit_value(new_text);
    changes.push_back(std::move(change));
  }
  return changes;
}

std::string money_text(std::int64_t minor, Currency currency) {
  return Money(minor, currency).to_string();
}

std::optional<std::int64_t> money_of(const Json& value, Currency currency, const std::string& pointer,
                                     Faults& faults) {
  const std::optional<Decimal> amount = Decimal::parse(value.text());
  if (!amount || !amount->fits_scale(currency.exponent())) {
    faults.push_back(
        {pointer, "format", fmt::format("{} has {} decimals.", currency.code(), currency.exponent())});
    return std::nullopt;
  }
  const Decimal most = Decimal::scaled(registration::largest_amount, currency.exponent());
  if (*amount > most || *amount < -most) {
    faults.push_back({pointer, "range", fmt::format("Write at most {}.", most.to_string())});
    return std::nullopt;
  }
  return Money::exact(*amount, currency).minor();
}

Json money_or_null(const std::optional<std::int64_t>& minor, Currency currency) {
  return minor ? Json(money_text(*minor, currency)) : Json();
}
Json instant_or_null(const std::optional<Instant>& instant) {
  return instant ? Json(instant->to_string()) : Json();
}
Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json();
}

}  // namespace plenary::api
