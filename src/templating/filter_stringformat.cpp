// stringformat: one value through Python's % operator. "05.1f", "s", "r", "x", "-10s".
#include <cmath>
#include <cstdio>

#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/render_state.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

struct Spec {
  bool alternate = false, zero = false, left = false, blank = false, plus = false;
  std::int64_t width = 0, precision = -1;
};

std::string padded(std::string sign, std::string prefix, std::string body, const Spec& spec, bool numeric) {
  const auto length =
      static_cast<std::int64_t>(unicode::count(sign) + unicode::count(prefix) + unicode::count(body));
  const std::int64_t fill = spec.width - length;
  if (fill <= 0) return sign + prefix + body;
  const std::string blanks(static_cast<std::size_t>(fill), spec.zero && numeric && !spec.left ? '0' : ' ');
  if (spec.left) return sign + prefix + body + blanks;
  if (spec.zero && numeric) return sign + prefix + blanks + body;
  return blanks + sign + prefix + body;
}

std::string sign_of(bool negative, const Spec& spec) {
  return negative ? "-" : spec.plus ? "+" : spec.blank ? " " : "";
}

std::string repr_text(const Value& v, char type) {
  std::string out = type == 's' ? v.to_text() : python::repr(v);
  if (type != 'a') return out;
  std::string ascii;
  for (std::size_t at = 0; at < out.size();) {
    const char32_t c = unicode::next(out, at);
    if (c < 128) {
      ascii += static_cast<char>(c);
    } else if (c < 256) {
      ascii += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else if (c < 0x10000) {
      ascii += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      ascii += fmt::format("\\U{:08x}", static_cast<unsigned>(c));
    }
  }
  return ascii;
}

// Python's number text for e, f and g, with the sign taken off. Empty: not a number.
std::string real_text(double d, char type, const Spec& spec) {
  const std::int64_t precision = spec.precision < 0 ? 6 : spec.precision;
  const bool upper = type >= 'A' && type <= 'Z';
  if (!std::isfinite(d)) return std::isnan(d) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
  const std::string format = fmt::format("%{}.*{}", spec.alternate ? "#" : "", type);
  const int size = std::snprintf(nullptr, 0, format.c_str(), static_cast<int>(precision), std::fabs(d));
  std::string out(static_cast<std::size_t>(size), '\0');
  std::snprintf(out.data(), out.size() + 1, format.c_str(), static_cast<int>(precision), std::fabs(d));
  return out;
}

bool integral(const Value& v) {
  return v.kind() == Value::Kind::integer || v.kind() == Value::Kind::boolean;
}

// One conversion; false: the value does not go with the type.
bool convert(const Value& v, char type, const Spec& spec, std::string& out) {
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      std::string text = repr_text(v, type);
      if (spec.precision >= 0) text.resize(unicode::position(text, static_cast<std::size_t>(spec.precision)));
      out += padded("", "", std::move(text), spec, false);
      return true;
    }
    case 'c': {
      std::string text;
      if (integral(v)) {
        if (v.integer() < 0 || v.integer() > 0x10FFFF) return false;
        unicode::append(text, static_cast<char32_t>(v.integer()));
      } else if (v.is_string() && unicode::count(v.str()) == 1) {
        text = v.str();
      } else {
        return false;
      }
      out += padded("", "", std::move(text), spec, false);
      return true;
    }
    case 'd':
    case 'i':
    case 'u': {
      if (!python::is_number(v)) return false;
      const auto n = python::to_wide_int(v);
      if (!n) return false;
      std::string digits = fmt::format("{}", *n);
      const bool negative = *n < 0;
      if (negative) digits.erase(0, 1);
      if (spec.precision > static_cast<std::int64_t>(digits.size())) {
        digits.insert(0, static_cast<std::size_t>(spec.precision) - digits.size(), '0');
      }
      out += padded(sign_of(negative, spec), "", std::move(digits), spec, true);
      return true;
    }
    case 'x':
    case 'X':
    case 'o': {
      if (!integral(v)) return false;
      const bool negative = v.integer() < 0;
      const std::uint64_t n =
          negative ? 0 - static_cast<std::uint64_t>(v.integer()) : static_cast<std::uint64_t>(v.integer());
      std::string digits = type == 'x'   ? fmt::format("{:x}", n)
                           : type == 'X' ? fmt::format("{:X}", n)
                                         : fmt::format("{:o}", n);
      if (spec.precision > static_cast<std::int64_t>(digits.size())) {
        digits.insert(0, static_cast<std::size_t>(spec.precision) - digits.size(), '0');
      }
      const std::string prefix = spec.alternate ? std::string("0") + type : "";
      out += padded(sign_of(negative, spec), prefix, std::move(digits), spec, true);
      return true;
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      if (!python::is_number(v)) return false;
      const python::Real d = python::to_float(v);
      Spec real = spec;
      if (!std::isfinite(d.value)) real.zero = false;
      out += padded(sign_of(std::signbit(d.value) && !std::isnan(d.value), spec), "",
                    real_text(d.value, type, spec), real, true);
      return true;
    }
    default:
      return false;
  }
}

// The whole format; false where Python raises.
bool format_value(std::string_view format, const Value& value, const Context& context, std::string& out) {
  const auto number = [&](std::size_t& at) {
    std::int64_t n = 0;
    while (at < format.size() && format[at] >= '0' && format[at] <= '9') {
      n = std::min<std::int64_t>(n * 10 + (format[at++] - '0'), 1'000'000'000);
    }
    return n;
  };
  bool used = false;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    ++at;
    const Value* input = &value;
    bool by_key = false;
    if (at < format.size() && format[at] == '(') {
      const std::size_t close = format.find(')', at);
      if (close == std::string_view::npos || value.kind() != Value::Kind::dict) return false;
      input = value.dict().find(format.substr(at + 1, close - at - 1));
      if (!input)
        throw TemplateError(
            fmt::format("the mapping has no key '{}'", format.substr(at + 1, close - at - 1)));
      by_key = true;
      at = close + 1;
    }
    Spec spec;
    for (; at < format.size(); ++at) {
      const char c = format[at];
      if (c == '#') {
        spec.alternate = true;
      } else if (c == '0') {
        spec.zero = true;
      } else if (c == '-') {
        spec.left = true;
      } else if (c == ' ') {
        spec.blank = true;
      } else if (c == '+') {
        spec.plus = true;
      } else {
        break;
      }
    }
    spec.width = number(at);
    if (at < format.size() && format[at] == '.') {
      ++at;
      spec.precision = number(at);
    }
    while (at < format.size() && (format[at] == 'h' || format[at] == 'l' || format[at] == 'L')) ++at;
    if (at >= format.size()) return false;
    const char type = format[at++];
    if (type == '%') {
      out += '%';
      continue;
    }
    if (used && !by_key) return false;
    check_value_size(context, static_cast<std::size_t>(std::max(spec.width, spec.precision)));
    if (!convert(*input, type, spec, out)) return false;
    used = true;
  }
  return used || value.kind() == Value::Kind::dict || value.kind() == Value::Kind::list;
}

Value stringformat(const Value& v, const Value* argument, Context& context) {
  std::string out;
  const bool tuple = v.kind() == Value::Kind::list && v.list().form() == List::Form::tuple;
  const Value input = tuple ? Value(v.to_text()) : v;
  if (!format_value("%" + argument->to_text(), input, context, out)) return Value::borrowed("");
  return Value(out);
}

}  // namespace

void add_stringformat_filter(Library& library) {
  library.filter("stringformat", stringformat, options(Argument::required, true));
}

}  // namespace plenary::templating
