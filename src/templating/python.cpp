#include "templating/python.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>

#include "templating/unicode.hpp"

namespace plenary::templating::python {
namespace {

using Kind = Value::Kind;

void append_int(std::string& out, std::int64_t n) {
  fmt::format_to(std::back_inserter(out), "{}", n);
}

void append_time(std::string& out, int hour, int minute, int second, int micro) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", hour, minute, second);
  if (micro != 0) fmt::format_to(std::back_inserter(out), ".{:06}", micro);
}

void append_offset(std::string& out, int seconds) {
  const int s = std::abs(seconds);
  fmt::format_to(std::back_inserter(out), "{}{:02}:{:02}", seconds < 0 ? '-' : '+', s / 3600, s / 60 % 60);
  if (s % 60 != 0) fmt::format_to(std::back_inserter(out), ":{:02}", s % 60);
}

void append_date(std::string& out, Date d) {
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", d.year(), d.month(), d.day());
}

void append_time_repr(std::string& out, int hour, int minute, int second, int micro) {
  fmt::format_to(std::back_inserter(out), "{}, {}", hour, minute);
  if (second != 0 || micro != 0) fmt::format_to(std::back_inserter(out), ", {}", second);
  if (micro != 0) fmt::format_to(std::back_inserter(out), ", {}", micro);
}

void append_datetime_repr(const Value& value, std::string& out) {
  const LocalTime t = value.local();
  fmt::format_to(std::back_inserter(out), "datetime.datetime({}, {}, {}, ", t.date.year(), t.date.month(),
                 t.date.day());
  append_time_repr(out, t.hour, t.minute, t.second, t.microsecond);
  if (value.has_fixed_offset()) {
    const int seconds = t.offset_seconds;
    const int days = seconds < 0 ? -1 : 0;
    out += ", tzinfo=datetime.timezone(datetime.timedelta(";
    if (days != 0) out += "days=-1, ";
    fmt::format_to(std::back_inserter(out), "seconds={})))", seconds - days * 86400);
  } else if (value.zone() == TimeZone::utc()) {
    out += ", tzinfo=datetime.timezone.utc)";
  } else {
    fmt::format_to(std::back_inserter(out), ", tzinfo=zoneinfo.ZoneInfo(key='{}'))", value.zone().name());
  }
}

void append_list_repr(const List& list, std::string& out) {
  std::string_view before = "[", after = "]";
  switch (list.form()) {
    case List::Form::list:
      break;
    case List::Form::tuple:
      before = "(", after = list.size() == 1 ? ",)" : ")";
      break;
    case List::Form::keys:
      before = "dict_keys([", after = "])";
      break;
    case List::Form::values:
      before = "dict_values([", after = "])";
      break;
    case List::Form::items:
      before = "dict_items([", after = "])";
      break;
    case List::Form::group:
      out += "GroupedResult(grouper=";
      append_repr(list[0], out);
      out += ", list=";
      append_repr(list[1], out);
      out += ")";
      return;
  }
  out += before;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i != 0) out += ", ";
    append_repr(list[i], out);
  }
  out += after;
}

void append_dict_repr(const Dict& dict, std::string& out) {
  out += '{';
  bool first = true;
  for (const Dict::Entry& entry : dict.entries()) {
    if (!first) out += ", ";
    first = false;
    append_string_repr(entry.key, out);
    out += ": ";
    append_repr(entry.value, out);
  }
  out += '}';
}

}  // namespace

std::string float_repr(double d) {
  if (std::isnan(d)) return "nan";
  if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  std::string out;
  if (text.front() == '-') {
    out = "-";
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  const int n = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out += digits[0];
    if (n > 1) out += "." + digits.substr(1);
    out += fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  } else if (exponent < 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  } else if (n <= exponent + 1) {
    out += digits + std::string(static_cast<std::size_t>(exponent + 1 - n), '0') + ".0";
  } else {
    out += digits.substr(0, static_cast<std::size_t>(exponent + 1)) + "." +
           digits.substr(static_cast<std::size_t>(exponent + 1));
  }
  return out;
}

std::string decimal_str(const Decimal& d) {
  std::string plain = d.to_string();
  std::string digits;
  for (char c : plain) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::size_t leading = digits.find_first_not_of('0');
  digits = leading == std::string::npos ? "0" : digits.substr(leading);
  const int adjusted = static_cast<int>(digits.size()) - 1 - d.scale();
  if (adjusted >= -6) return plain;
  std::string out = d.is_negative() ? "-" : "";
  out += digits[0];
  if (digits.size() > 1) out += "." + digits.substr(1);
  return out + fmt::format("E{}", adjusted);
}

std::string isoformat(const Value& value, char separator) {
  std::string out;
  if (value.kind() == Kind::date) {
    append_date(out, value.date());
  } else if (value.kind() == Kind::time) {
    const TimeOfDay t = value.time();
    append_time(out, t.hour, t.minute, t.second, t.microsecond);
  } else if (value.kind() == Kind::datetime) {
    const LocalTime t = value.local();
    append_date(out, t.date);
    out += separator;
    append_time(out, t.hour, t.minute, t.second, t.microsecond);
    append_offset(out, t.offset_seconds);
  }
  return out;
}

void append_string_repr(std::string_view text, std::string& out) {
  const bool single = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = single ? '"' : '\'';
  out += quote;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = unicode::next(text, at);
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0x100 && !unicode::is_printable(c))) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(c));
    } else if (unicode::is_printable(c)) {
      out += text.substr(begin, at - begin);
    } else if (c < 0x10000) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<unsigned>(c));
    }
  }
  out += quote;
}

void append_str(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::string:
      out += value.str();
      return;
    case Kind::datetime:
      out += isoformat(value, ' ');
      return;
    case Kind::date:
    case Kind::time:
      out += isoformat(value);
      return;
    case Kind::decimal:
      out += decimal_str(value.decimal());
      return;
    case Kind::object: {
      const Value text = value.object().text();
      if (text.kind() != Kind::object) append_str(text, out);
      return;
    }
    default:
      append_repr(value, out);
  }
}

void append_repr(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::undefined:
      return;
    case Kind::null:
      out += "None";
      return;
    case Kind::boolean:
      out += value.boolean() ? "True" : "False";
      return;
    case Kind::integer:
      append_int(out, value.integer());
      return;
    case Kind::real:
      out += float_repr(value.real());
      return;
    case Kind::decimal:
      // A whole number beyond 64 bits is kept as a decimal without decimals and prints as the number it
      // stands for.
      out += "Decimal('" + decimal_str(value.decimal()) + "')";
      return;
    case Kind::string:
      append_string_repr(value.str(), out);
      return;
    case Kind::date:
      fmt::format_to(std::back_inserter(out), "datetime.date({}, {}, {})", value.date().year(),
                     value.date().month(), value.date().day());
      return;
    case Kind::datetime:
      append_datetime_repr(value, out);
      return;
    case Kind::time: {
      const TimeOfDay t = value.time();
      out += "datetime.time(";
      append_time_repr(out, t.hour, t.minute, t.second, t.microsecond);
      out += ")";
      return;
    }
    case Kind::list:
      append_list_repr(value.list(), out);
      return;
    case Kind::dict:
      append_dict_repr(value.dict(), out);
      return;
    case Kind::object:
      if (value.object().is_sequence()) {
        out += '[';
        for (std::size_t i = 0; i < value.object().size(); ++i) {
          if (i != 0) out += ", ";
          append_repr(value.object().at(i), out);
        }
        out += ']';
        return;
      }
      out += '<';
      append_str(value, out);
      out += '>';
  }
}

std::string repr(const Value& value) {
  std::string out;
  append_repr(value, out);
  return out;
}

namespace {

// Python allows single underscores between digits in numbers. Empty: misplaced ones.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    const auto digit = [&](std::size_t k) { return k < text.size() && text[k] >= '0' && text[k] <= '9'; };
    if (i == 0 || !digit(i - 1) || !digit(i + 1)) return std::nullopt;
  }
  return out;
}

}  // namespace

Integer parse_int(std::string_view text) {
  const auto plain = without_underscores(unicode::strip(text));
  if (!plain) return {0, Failure::value};
  std::string_view t = *plain;
  const bool negative = !t.empty() && t[0] == '-';
  if (!t.empty() && (t[0] == '-' || t[0] == '+')) t.remove_prefix(1);
  if (t.empty()) return {0, Failure::value};
  for (char c : t) {
    if (c < '0' || c > '9') return {0, Failure::value};
  }
  std::string signed_text = (negative ? "-" : "") + std::string(t);
  std::int64_t n = 0;
  const auto result = std::from_chars(signed_text.data(), signed_text.data() + signed_text.size(), n);
  if (result.ec != std::errc{}) return {0, Failure::overflow};
  return {n, Failure::none};
}

Real parse_float(std::string_view text) {
  const auto plain = without_underscores(unicode::strip(text));
  if (!plain || plain->empty()) return {0, Failure::value};
  std::string_view t = *plain;
  const bool negative = t[0] == '-';
  if (t[0] == '-' || t[0] == '+') t.remove_prefix(1);
  const std::string low = unicode::lower(t);
  double d = 0;
  if (low == "inf" || low == "infinity") {
    d = std::numeric_limits<double>::infinity();
  } else if (low == "nan") {
    d = std::numeric_limits<double>::quiet_NaN();
  } else {
    bool digits = false;
    for (char c : low) {
      if ((c < '0' || c > '9') && c != '.' && c != 'e' && c != '-' && c != '+') return {0, Failure::value};
      digits = digits || (c >= '0' && c <= '9');
    }
    if (!digits || low[0] == '-' || low[0] == '+') return {0, Failure::value};
    const auto result = std::from_chars(low.data(), low.data() + low.size(), d);
    if (result.ptr != low.data() + low.size()) return {0, Failure::value};
    if (result.ec == std::errc::result_out_of_range) {
      // Too small gives zero, too large infinity; from_chars leaves the value alone for both.
      const std::size_t e = low.find("e-");
      d = e != std::string::npos ? 0.0 : std::numeric_limits<double>::infinity();
    } else if (result.ec != std::errc{}) {
      return {0, Failure::value};
    }
  }
  return {negative ? -d : d, Failure::none};
}

Integer to_int(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
    case Kind::integer:
      return {value.integer(), Failure::none};
    case Kind::real: {
      const double d = value.real();
      if (std::isnan(d)) return {0, Failure::value};
      if (!(d > -9.2233720368547758e18 && d < 9.2233720368547758e18)) return {0, Failure::overflow};
      return {static_cast<std::int64_t>(d), Failure::none};
    }
    case Kind::decimal: {
      const Decimal d = value.decimal();
      __int128 c = d.coefficient();
      for (int i = 0; i < d.scale(); ++i) c /= 10;
      if (c < std::numeric_limits<std::int64_t>::min() || c > std::numeric_limits<std::int64_t>::max()) {
        return {0, Failure::overflow};
      }
      return {static_cast<std::int64_t>(c), Failure::none};
    }
    case Kind::string:
      return parse_int(value.str());
    default:
      return {0, Failure::type};
  }
}

Real to_float(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
    case Kind::integer:
      return {static_cast<double>(value.integer()), Failure::none};
    case Kind::real:
      return {value.real(), Failure::none};
    case Kind::decimal:
      return {value.decimal().to_double(), Failure::none};
    case Kind::string:
      return parse_float(value.str());
    default:
      return {0, Failure::type};
  }
}

std::optional<__int128> to_wide_int(const Value& v) {
  const Integer n = to_int(v);
  if (n.ok()) return n.value;
  if (n.failure != Failure::overflow) return std::nullopt;
  if (v.kind() == Kind::real) {
    if (std::fabs(v.real()) < 1e37) return static_cast<__int128>(v.real());
    return std::nullopt;
  }
  const auto d =
      v.is_string() ? Decimal::parse(unicode::strip(v.str())) : std::optional<Decimal>(v.decimal());
  if (!d) return std::nullopt;
  __int128 whole = d->coefficient();
  for (int i = 0; i < d->scale(); ++i) whole /= 10;
  return whole;
}

bool is_number(const Value& value) {
  return value.kind() == Kind::boolean || value.kind() == Kind::integer || value.kind() == Kind::real ||
         value.kind() == Kind::decimal;
}

}  // namespace plenary::templating::python
