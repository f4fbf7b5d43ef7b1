// Short ways to say what a built-in filter takes.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "templating/error.hpp"
#include "templating/library.hpp"
#include "templating/python.hpp"

namespace plenary::templating {

using Argument = FilterOptions::Argument;

constexpr FilterOptions options(Argument argument, bool is_safe = false, bool text_only = false,
                                bool expects_local_time = false) {
  FilterOptions o;
  o.argument = argument;
  o.is_safe = is_safe;
  o.text_only = text_only;
  o.expects_local_time = expects_local_time;
  return o;
}

// int(argument), cut to 64 bits, or an error that says which filter got what.
inline std::int64_t whole_number(const Value& argument, std::string_view filter) {
  const python::Integer n = python::to_int(argument);
  const python::Real wide = python::to_float(argument);
  if (n.failure == python::Failure::overflow && std::isfinite(wide.value)) {
    return wide.value < 0 ? std::numeric_limits<std::int64_t>::min()
                          : std::numeric_limits<std::int64_t>::max();
  }
  if (!n.ok()) {
    throw TemplateError(
        fmt::format("the filter '{}' needs a whole number; found {}", filter, python::repr(argument)));
  }
  return n.value;
}

[[noreturn]] inline void wrong_type(const Value& value, std::string_view filter, std::string_view wanted) {
  throw TemplateError(
      fmt::format("the filter '{}' needs {}; found {}", filter, wanted, python::type_name(value)));
}

// The length that a truncate filter cuts at; empty for a text that is no number, which leaves the input as it
// is.
inline std::optional<std::int64_t> cut_length(const Value& argument, std::string_view filter) {
  const python::Integer n = python::to_int(argument);
  if (n.ok()) return n.value;
  if (n.failure == python::Failure::type) wrong_type(argument, filter, "a number");
  if (n.failure == python::Failure::value) return std::nullopt;
  return whole_number(argument, filter);
}

}  // namespace plenary::templating
