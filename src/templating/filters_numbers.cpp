// Filters on numbers: add, divisibleby, get_digit, floatformat, filesizeformat.
#include <algorithm>
#include <cmath>
#include <limits>

#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/formats.hpp"
#include "templating/render_state.hpp"
#include "templating/translation.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating {
namespace {

Value whole_value(__int128 n) {
  const bool fits =
      n >= std::numeric_limits<std::int64_t>::min() && n <= std::numeric_limits<std::int64_t>::max();
  return fits ? Value(static_cast<std::int64_t>(n)) : Value(Decimal::scaled(n, 0));
}

Value add(const Value& v, const Value* argument, Context& context) {
  const auto a = python::to_wide_int(v), b = python::to_wide_int(*argument);
  if (a && b) {
    __int128 sum = 0;
    if (__builtin_add_overflow(*a, *b, &sum))
      throw TemplateError("the filter 'add' has left the range of numbers");
    return whole_value(sum);
  }
  if (v.is_string() && argument->is_string()) {
    check_value_size(context, v.str().size() + argument->str().size());
    Value text(std::string(v.str()) + std::string(argument->str()));
    return v.is_safe() && argument->is_safe() ? std::move(text).marked_safe() : text;
  }
  if (v.kind() == Value::Kind::list && argument->kind() == Value::Kind::list &&
      v.list().form() == argument->list().form() && v.list().form() <= List::Form::tuple) {
    std::vector<Value> items = v.list().items();
    check_value_size(context, (items.size() + argument->list().size()) * sizeof(Value));
    items.insert(items.end(), argument->list().items().begin(), argument->list().items().end());
    return Value(make<List>(std::move(items), v.list().form()));
  }
  return Value::borrowed("");
}

Value divisibleby(const Value& v, const Value* argument, Context&) {
  const auto a = python::to_wide_int(v), b = python::to_wide_int(*argument);
  if (!a || !b) return Value(whole_number(a ? *argument : v, "divisibleby"));  // tells what is wrong
  if (*b == 0) throw TemplateError("the filter 'divisibleby' cannot divide by zero");
  return Value(*b == -1 || *a % *b == 0);
}

Value get_digit(const Value& v, const Value* argument, Context&) {
  for (const Value* each : {argument, &v}) {
    if (python::to_int(*each).failure == python::Failure::type)
      wrong_type(*each, "get_digit", "a whole number");
  }
  const auto place = python::to_wide_int(*argument), number = python::to_wide_int(v);
  if (!place || !number) return v;
  if (*place < 1) return whole_value(*number);
  const std::string digits = fmt::format("{}", *number);
  if (*place > static_cast<__int128>(digits.size())) return Value(0);
  const char digit = digits[digits.size() - static_cast<std::size_t>(*place)];
  if (digit == '-') throw TemplateError("the filter 'get_digit' has reached the minus sign");
  return Value(digit - '0');
}

// A decimal number of any length, as Python's Decimal reads it.
struct Digits {
  enum class Kind { number, special, none } kind = Kind::none;
  bool negative = false;
  std::string digits;  // without leading zeros, at least one
  std::int64_t exponent = 0;
};

Digits parse_digits(std::string_view text) {
  Digits out;
  std::string t;
  for (const char c : unicode::strip(text)) {
    if (c != '_') t += c;
  }
  std::size_t at = 0;
  if (at < t.size() && (t[at] == '-' || t[at] == '+')) out.negative = t[at++] == '-';
  const std::string rest = unicode::lower(std::string_view(t).substr(at));
  if (rest == "inf" || rest == "infinity" || rest == "nan" || rest == "snan") {
    out.kind = Digits::Kind::special;
    return out;
  }
  std::int64_t fraction = 0;
  bool any = false, dot = false;
  for (; at < t.size(); ++at) {
    if (t[at] >= '0' && t[at] <= '9') {
      any = true;
      out.digits += t[at];
      if (dot) ++fraction;
    } else if (t[at] == '.' && !dot) {
      dot = true;
    } else {
      break;
    }
  }
  if (!any) return out;
  std::int64_t exponent = 0;
  if (at < t.size() && (t[at] == 'e' || t[at] == 'E')) {
    const python::Integer e = python::parse_int(std::string_view(t).substr(at + 1));
    if (!e.ok() || std::abs(e.value) > 1'000'000'000) return out;
    exponent = e.value;
    at = t.size();
  }
  if (at != t.size()) return out;
  const std::size_t leading = out.digits.find_first_not_of('0');
  out.digits = leading == std::string::npos ? "0" : out.digits.substr(leading);
  out.exponent = exponent - fraction;
  out.kind = Digits::Kind::number;
  return out;
}

// The usual kinds of number, without going through text. Kind::none for the others.
Digits exact_digits(const Value& v) {
  Digits out;
  if (v.kind() != Value::Kind::integer && v.kind() != Value::Kind::decimal) return out;
  const Decimal d = v.kind() == Value::Kind::decimal ? v.decimal() : Decimal(v.integer());
  out.kind = Digits::Kind::number;
  out.negative = d.is_negative();
  out.exponent = -d.scale();
  unsigned __int128 rest = out.negative ? -static_cast<unsigned __int128>(d.coefficient())
                                        : static_cast<unsigned __int128>(d.coefficient());
  char buffer[40];
  char* begin = buffer + sizeof buffer;
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  out.digits.assign(begin, buffer + sizeof buffer);
  return out;
}

// Plain text with `places` decimals, halves away from zero. Sizes were checked before.
std::string rounded(const Digits& number, std::int64_t places) {
  std::string whole = number.digits;
  std::string fraction;
  if (number.exponent >= 0) {
    whole.append(static_cast<std::size_t>(number.exponent), '0');
  } else {
    const auto n = static_cast<std::size_t>(-number.exponent);
    if (whole.size() <= n) whole.insert(0, n + 1 - whole.size(), '0');
    fraction = whole.substr(whole.size() - n);
    whole.erase(whole.size() - n);
  }
  const auto keep = static_cast<std::size_t>(places);
  const bool up = fraction.size() > keep && fraction[keep] >= '5';
  fraction.resize(keep, '0');
  std::string all = whole + fraction;
  if (up) {
    std::size_t i = all.size();
    while (i > 0 && all[i - 1] == '9') all[--i] = '0';
    if (i == 0) {
      all.insert(0, "1");
    } else {
      ++all[i - 1];
    }
  }
  const std::size_t begin = std::min(all.find_first_not_of('0'), all.size() - keep - 1);
  const bool zero = all.find_first_not_of('0') == std::string::npos;
  std::string out = number.negative && !zero ? "-" : "";
  out += all.substr(begin, all.size() - keep - begin);
  if (keep > 0) out += "." + all.substr(all.size() - keep);
  return out;
}

bool is_whole(const Digits& number) {
  if (number.exponent >= 0) return true;
  const auto n = static_cast<std::size_t>(-number.exponent);
  const std::size_t from = number.digits.size() > n ? number.digits.size() - n : 0;
  return number.digits.find_first_not_of('0', from) == std::string::npos;
}

// "2", "-3", "2g" (grouped), "2u" (not localized), "2gu".
Value floatformat(const Value& v, const Value* argument, Context& context) {
  bool group = false, localize = true;
  Value places(-1);
  if (argument) {
    places = *argument;
    if (argument->is_string()) {
      std::string_view text = argument->str();
      if (text.empty()) throw TemplateError("the filter 'floatformat' needs a number of decimals; found ''");
      const std::string_view both = text.size() >= 2 ? text.substr(text.size() - 2) : std::string_view();
      std::size_t suffix = 0;
      if (both == "gu" || both == "ug") {
        suffix = 2;
        group = true;
        localize = false;
      } else if (text.back() == 'g') {
        suffix = 1;
        group = true;
      } else if (text.back() == 'u') {
        suffix = 1;
        localize = false;
      }
      text.remove_suffix(suffix);
      places = suffix != 0 && text.empty() ? Value(-1) : Value(text);
    }
  }
  Digits number = exact_digits(v);
  if (number.kind == Digits::Kind::none) number = parse_digits(v.to_text());
  if (number.kind == Digits::Kind::none) {
    const python::Real real = python::to_float(v);
    if (!real.ok()) return Value::borrowed("");
    number = parse_digits(python::float_repr(real.value));
  }
  const python::Integer p = python::to_int(places);
  if (p.failure == python::Failure::type) wrong_type(places, "floatformat", "a number of decimals");
  if (!p.ok() || number.kind == Digits::Kind::special) return Value(v.to_text());
  // Numbers beyond 200 digits are shown as they are; a short "1e1000000000" must not fill the memory.
  if (static_cast<std::int64_t>(number.digits.size()) + std::abs(number.exponent) > 200)
    return Value(v.to_text());
  const formats::Locale& locale = localize ? formats::locale_of(context.locale) : formats::unlocalized();
  if (p.value <= 0 && is_whole(number))
    return Value::safe(formats::number(rounded(number, 0), locale, 0, group));
  const std::int64_t decimals = p.value < 0 ? -(p.value + 1) + 1 : p.value;
  check_value_size(context, static_cast<std::size_t>(decimals));
  return Value::safe(formats::number(rounded(number, decimals), locale, static_cast<int>(decimals), group));
}

Value filesizeformat(const Value& v, const Value*, Context& context) {
  const auto given = python::to_wide_int(v);
  if (!given && python::to_int(v).failure == python::Failure::overflow && !v.is_string()) {
    throw TemplateError("the filter 'filesizeformat' cannot use infinity");
  }
  __int128 bytes = given.value_or(0);
  const bool negative = bytes < 0;
  if (negative) bytes = -bytes;
  std::string text;
  if (bytes < 1024) {
    text = ngettext(context, {}, "%(size)d byte", "%(size)d bytes", static_cast<std::int64_t>(bytes));
    const std::size_t at = text.find("%(size)d");
    if (at != std::string::npos) text.replace(at, 8, fmt::format("{}", static_cast<int>(bytes)));
  } else {
    static constexpr std::string_view units[] = {"%s KB", "%s MB", "%s GB", "%s TB", "%s PB"};
    std::size_t unit = 0;
    double size = static_cast<double>(bytes) / 1024;
    __int128 limit = 1024 * 1024;
    while (unit + 1 < std::size(units) && bytes >= limit) {
      ++unit;
      limit *= 1024;
      size /= 1024;
    }
    text = gettext(context, {}, units[unit]);
    const std::size_t at = text.find("%s");
    const std::string number =
        formats::number(fmt::format("{:.1f}", size), formats::locale_of(context.locale), 1, false);
    if (at != std::string::npos) text.replace(at, 2, number);
  }
  std::string out = negative ? "-" : "";
  for (const char c : text) {
    if (c == ' ') {
      out += "\xC2\xA0";
    } else {
      out += c;
    }
  }
  return Value(out);
}

}  // namespace

void add_number_filters(Library& library) {
  library.filter("add", add, options(Argument::required));
  library.filter("divisibleby", divisibleby, options(Argument::required));
  library.filter("get_digit", get_digit, options(Argument::required));
  library.filter("floatformat", floatformat, options(Argument::optional, true));
  library.filter("filesizeformat", filesizeformat, options(Argument::none, true));
}

}  // namespace plenary::templating
