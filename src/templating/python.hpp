// The part of Python's behaviour that the template language shows: str() and repr(), int() and float(),
// comparison, membership, length and iteration. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templating/value.hpp"

namespace plenary::templating::python {

void append_str(const Value& value, std::string& out);
void append_repr(const Value& value, std::string& out);
std::string repr(const Value& value);
void append_string_repr(std::string_view text, std::string& out);
// Shortest text that reads back as the same double, in Python's form: 1.0, 0.1, 1e+16, inf, nan.
std::string float_repr(double d);
// Scientific below 1E-6, as Python's Decimal prints.
std::string decimal_str(const Decimal& d);
std::string isoformat(const Value& date_time_or_datetime, char separator = 'T');

enum class Failure : unsigned char { none, value, type, overflow };

struct Integer {
  std::int64_t value = 0;
  Failure failure = Failure::none;
  bool ok() const { return failure == Failure::none; }
};
struct Real {
  double value = 0;
  Failure failure = Failure::none;
  bool ok() const { return failure == Failure::none; }
};
Integer to_int(const Value& value);  // int(value)
Real to_float(const Value& value);   // float(value)
// int(value) with more room than 64 bits, as Python's whole numbers have no end. Empty: not a number or too
// large.
std::optional<__int128> to_wide_int(const Value& value);
Integer parse_int(std::string_view text);
Real parse_float(std::string_view text);

enum class Order : unsigned char { less, equal, greater, unordered, not_comparable };
Order order(const Value& a, const Value& b);
bool equal(const Value& a, const Value& b);
bool is_number(const Value& value);  // bool, int, float, Decimal

// `item in container`; empty: a type that has no membership.
std::optional<bool> contains(const Value& container, const Value& item);
// len(value); empty: a type without length.
std::optional<std::size_t> length(const Value& value);
// The items that iteration gives (characters of a string, keys of a dict); empty: not iterable.
std::optional<std::vector<Value>> items(const Value& value);
// The key or attribute `name` of a value, or the item at that index; undefined when there is none. Ignores
// Object::get's side effects. `index` is the number `name` spells, or -1.
Value attribute(const Value& value, std::string_view name, std::int64_t index);
// A character of a string by number; empty outside of it.
std::string_view character(std::string_view text, std::size_t index);
// What `name` means for error messages: "str", "int", "NoneType".
std::string_view type_name(const Value& value);

}  // namespace plenary::templating::python
