// default, default_if_none, yesno, pluralize.
#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/translation.hpp"

namespace plenary::templating {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t comma = text.find(',', begin);
    parts.emplace_back(text.substr(begin, comma == std::string_view::npos ? comma : comma - begin));
    if (comma == std::string_view::npos) return parts;
    begin = comma + 1;
  }
}

Value yesno(const Value& v, const Value* argument, Context& context) {
  std::string words;
  if (argument && !argument->is_null()) {
    if (!argument->is_string()) wrong_type(*argument, "yesno", "two or three words with commas between");
    words = argument->str();
  } else {
    words = gettext(context, {}, "yes,no,maybe");
  }
  const std::vector<std::string> bits = split(words);
  if (bits.size() < 2) return v;
  const std::string& maybe = bits.size() == 3 ? bits[2] : bits[1];
  return Value(v.is_null() ? maybe : v.truth() ? bits[0] : bits[1]);
}

Value pluralize(const Value& v, const Value* argument, Context&) {
  std::string words = "s";
  if (argument) {
    if (!argument->is_string()) wrong_type(*argument, "pluralize", "one or two endings");
    words = argument->str();
  }
  if (words.find(',') == std::string::npos) words.insert(0, ",");
  const std::vector<std::string> endings = split(words);
  if (endings.size() > 2) return Value::borrowed("");
  const auto ending = [&](bool one) { return Value(endings[one ? 0 : 1]); };
  const python::Real number = python::to_float(v);
  if (number.ok()) return ending(number.value == 1);
  if (number.failure == python::Failure::value) return Value::borrowed("");
  const auto length = python::length(v);
  return length ? ending(*length == 1) : Value::borrowed("");
}

}  // namespace

void add_logic_filters(Library& library) {
  library.filter(
      "default", [](const Value& v, const Value* other, Context&) { return v.truth() ? v : *other; },
      options(Argument::required));
  library.filter(
      "default_if_none",
      [](const Value& v, const Value* other, Context&) { return v.is_null() ? *other : v; },
      options(Argument::required));
  library.filter("yesno", yesno, options(Argument::optional));
  library.filter("pluralize", pluralize, options(Argument::optional));
  add_pprint_filter(library);
}

}  // namespace plenary::templating
