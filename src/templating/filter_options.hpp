// Short ways to say what a built-in filter takes.
#pragma once

#include <fmt/format.h>

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

// int(argument), or an error that says which filter got what.
inline std::int64_t whole_number(const Value& argument, std::string_view filter) {
  const python::Integer n = python::to_int(argument);
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

}  // namespace plenary::templating
