#include "db/entity_column.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"

namespace plenary::db {
namespace {

// "total_quantity" -> "Total quantity", "conference_id" -> "Conference", "logo_url" -> "Logo URL".
std::string shown(std::string_view name) {
  if (name.size() > 3 && name.ends_with("_id")) name.remove_suffix(3);
  std::string label;
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t end = std::min(name.find('_', from), name.size());
    std::string word(name.substr(from, end - from));
    if (word == "url" || word == "ui" || word == "id" || word == "vat" || word == "utm")
      word = ascii_upper(word);
    if (!label.empty()) label += ' ';
    label += word;
    from = end + 1;
  }
  if (!label.empty()) label[0] = ascii_upper(label.substr(0, 1))[0];
  return label;
}

template <class N>
std::optional<N> number(std::string_view text) {
  N value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

[[noreturn]] void unreadable(const Column& column, std::string_view text) {
  throw std::logic_error(
      fmt::format("column {} holds \"{}\", which is no value of its type", column.name, text));
}

}  // namespace

ColumnDraft& ColumnDraft::choices(std::initializer_list<std::string_view> values) {
  for (std::string_view value : values) column_.choices.push_back({value, shown(value)});
  return *this;
}

bool Column::is_null(const void* row) const {
  std::string scratch;
  const Param value = get(row, scratch);
  return value.kind == Param::Kind::null_integer || value.kind == Param::Kind::null_text;
}

std::optional<std::string> Column::text(const void* row) const {
  std::string scratch;
  const Param value = get(row, scratch);
  switch (value.kind) {
    case Param::Kind::null_integer:
    case Param::Kind::null_text:
      return std::nullopt;
    case Param::Kind::real:
      return fmt::format("{}", value.real);
    case Param::Kind::text:
      return std::string(value.text);
    case Param::Kind::integer:
      break;
  }
  if (type == ColumnType::flag) return value.integer != 0 ? "true" : "false";
  if (type == ColumnType::instant) return Instant{value.integer}.to_string();
  return fmt::format("{}", value.integer);
}

bool Column::set_text(void* row, std::string_view text) const {
  Field field;
  const bool empty_is_a_value = type == ColumnType::text && !nullable;
  if (text.empty() && nullable && !empty_is_a_value) {
    field.is_null = true;
    set(row, field);
    return true;
  }
  field.text = text;
  switch (type) {
    case ColumnType::text:
      break;
    case ColumnType::choice:
      if (column_detail::choice_index(*this, text, std::nothrow) == column_detail::no_choice) return false;
      break;
    case ColumnType::date:
      if (!Date::parse(text)) return false;
      break;
    case ColumnType::decimal:
      if (!Decimal::parse(text)) return false;
      break;
    case ColumnType::integer: {
      const auto value = number<std::int64_t>(text);
      if (!value) return false;
      field.integer = *value;
      break;
    }
    case ColumnType::real: {
      const auto value = number<double>(text);
      if (!value) return false;
      field.real = *value;
      break;
    }
    case ColumnType::flag:
      if (text != "true" && text != "false" && text != "1" && text != "0" && text != "on") return false;
      field.integer = text == "true" || text == "1" || text == "on";
      break;
    case ColumnType::instant: {
      const auto value = Instant::parse(text);
      if (!value) return false;
      field.integer = value->micros;
      break;
    }
  }
  set(row, field);
  return true;
}

namespace column_detail {

Column described(std::string_view name, std::size_t offset, const Codec& codec) {
  Column column;
  column.name = name;
  column.type = codec.type;
  column.nullable = codec.nullable;
  column.label = shown(name);
  column.offset = offset;
  column.codec = &codec;
  return column;
}

std::size_t choice_index(const Column& column, std::string_view text, std::nothrow_t) {
  for (std::size_t i = 0; i < column.choices.size(); ++i) {
    if (column.choices[i].value == text) return i;
  }
  return no_choice;
}

std::size_t choice_index(const Column& column, std::string_view text) {
  const std::size_t index = choice_index(column, text, std::nothrow);
  if (index == no_choice) unreadable(column, text);
  return index;
}

std::string_view choice_text(const Column& column, std::size_t index) {
  if (index >= column.choices.size()) {
    throw std::logic_error(fmt::format("column {} has no choice for enumerator {}", column.name, index));
  }
  return column.choices[index].value;
}

Date Value<Date>::read(const Column& column, const Field& field) {
  const auto date = Date::parse(field.text);
  if (!date) unreadable(column, field.text);
  return *date;
}

Decimal Value<Decimal>::read(const Column& column, const Field& field) {
  const auto decimal = Decimal::parse(field.text);
  if (!decimal) unreadable(column, field.text);
  return *decimal;
}

}  // namespace column_detail
}  // namespace plenary::db
