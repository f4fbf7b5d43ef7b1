#include "templating/json_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "templating/error.hpp"
#include "templating/python.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

void append_string(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = unicode::next(text, at);
    switch (c) {
      case '"':
        out += "\\\"";
        continue;
      case '\\':
        out += "\\\\";
        continue;
      case '\n':
        out += "\\n";
        continue;
      case '\r':
        out += "\\r";
        continue;
      case '\t':
        out += "\\t";
        continue;
      case '\b':
        out += "\\b";
        continue;
      case '\f':
        out += "\\f";
        continue;
      default:
        break;
    }
    if (c >= 0x20 && c < 0x7F) {
      out += static_cast<char>(c);
    } else if (c < 0x10000) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      const unsigned rest = static_cast<unsigned>(c) - 0x10000;
      fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10),
                     0xDC00 + (rest & 0x3FF));
    }
  }
  out += '"';
}

void append(const Value& value, std::string& out);

template <class At>
void append_list(std::size_t size, At at, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < size; ++i) {
    if (i != 0) out += ", ";
    append(at(i), out);
  }
  out += ']';
}

// To the millisecond; UTC as Z.
std::string moment_text(const Value& value) {
  std::string text = python::isoformat(value);
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos) text.erase(dot + 4, 3);
  if (text.size() > 6 && text.substr(text.size() - 6) == "+00:00") text.replace(text.size() - 6, 6, "Z");
  return text;
}

std::string clock_text(const Value& value) {
  std::string text = python::isoformat(value);
  if (text.size() > 12) text.resize(12);
  return text;
}

void append(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Value::Kind::undefined:
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Value::Kind::integer:
      value.append_text(out);
      return;
    case Value::Kind::real:
      if (std::isfinite(value.real())) {
        value.append_text(out);
      } else {
        out += std::isnan(value.real()) ? "NaN" : value.real() < 0 ? "-Infinity" : "Infinity";
      }
      return;
    case Value::Kind::string:
      append_string(value.str(), out);
      return;
    case Value::Kind::decimal:
    case Value::Kind::date:
      append_string(value.to_text(), out);
      return;
    case Value::Kind::datetime:
      append_string(moment_text(value), out);
      return;
    case Value::Kind::time:
      append_string(clock_text(value), out);
      return;
    case Value::Kind::list:
      append_list(
          value.list().size(), [&](std::size_t i) { return value.list()[i]; }, out);
      return;
    case Value::Kind::dict: {
      out += '{';
      bool first = true;
      for (const Dict::Entry& entry : value.dict().entries()) {
        if (!first) out += ", ";
        first = false;
        append_string(entry.key, out);
        out += ": ";
        append(entry.value, out);
      }
      out += '}';
      return;
    }
    case Value::Kind::object:
      if (!value.object().is_sequence()) {
        throw TemplateError("JSON can hold texts, numbers, dates, lists and mappings; found an object");
      }
      append_list(
          value.object().size(), [&](std::size_t i) { return value.object().at(i); }, out);
  }
}

}  // namespace

std::string json_text(const Value& value) {
  std::string out;
  append(value, out);
  return out;
}

}  // namespace plenary::templating
