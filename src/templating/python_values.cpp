// Comparison, membership, length, iteration and attributes.
#include <cmath>

#include "templating/python.hpp"
#include "templating/unicode.hpp"

namespace plenary::templating::python {
namespace {

using Kind = Value::Kind;

template <class T>
Order order_of(const T& a, const T& b) {
  return a < b ? Order::less : b < a ? Order::greater : a == b ? Order::equal : Order::unordered;
}

Decimal as_decimal(const Value& v) {
  return v.kind() == Kind::decimal ? v.decimal() : Decimal(v.integer());
}

Order number_order(const Value& a, const Value& b) {
  const bool real = a.kind() == Kind::real || b.kind() == Kind::real;
  if (real) {
    // 64 bits of mantissa hold every integer exactly, and keep Decimal("0.1") apart from the double 0.1.
    const auto wide = [](const Value& v) -> long double {
      if (v.kind() == Kind::real) return v.real();
      if (v.kind() != Kind::decimal) return static_cast<long double>(v.integer());
      long double d = static_cast<long double>(v.decimal().coefficient());
      long double power = 1;
      for (int i = 0; i < v.decimal().scale(); ++i) power *= 10;
      return d / power;
    };
    return order_of(wide(a), wide(b));
  }
  if (a.kind() == Kind::decimal || b.kind() == Kind::decimal) return order_of(as_decimal(a), as_decimal(b));
  return order_of(a.integer(), b.integer());
}

// Sequences of the same form, item by item.
Order list_order(const List& a, const List& b) {
  const auto is_tuple = [](const List& l) {
    return l.form() == List::Form::tuple || l.form() == List::Form::group;
  };
  if (is_tuple(a) != is_tuple(b)) return Order::not_comparable;
  const std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (!equal(a[i], b[i])) return order(a[i], b[i]);
  }
  return order_of(a.size(), b.size());
}

bool dict_equal(const Dict& a, const Dict& b) {
  if (a.size() != b.size()) return false;
  for (const Dict::Entry& entry : a.entries()) {
    const Value* other = b.find(entry.key);
    if (!other || !equal(entry.value, *other)) return false;
  }
  return true;
}

}  // namespace

Order order(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return number_order(a, b);
  if (a.kind() != b.kind()) return Order::not_comparable;
  switch (a.kind()) {
    case Kind::string:
      return order_of(a.str(), b.str());
    case Kind::date:
      return order_of(a.date(), b.date());
    case Kind::datetime:
      return order_of(a.instant(), b.instant());
    case Kind::time:
      return order_of(a.time(), b.time());
    case Kind::list:
      return list_order(a.list(), b.list());
    default:
      return Order::not_comparable;
  }
}

bool equal(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return number_order(a, b) == Order::equal;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::undefined:
    case Kind::null:
      return true;
    case Kind::list: {
      if (a.list().size() != b.list().size()) return false;
      return list_order(a.list(), b.list()) == Order::equal;
    }
    case Kind::dict:
      return dict_equal(a.dict(), b.dict());
    case Kind::object:
      return a.object().equals(b.object());
    default:
      return order(a, b) == Order::equal;
  }
}

std::optional<bool> contains(const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::string:
      if (!item.is_string()) return std::nullopt;
      return container.str().find(item.str()) != std::string_view::npos;
    case Kind::list:
      for (const Value& each : container.list().items()) {
        if (equal(each, item)) return true;
      }
      return false;
    case Kind::dict:
      if (item.kind() == Kind::list || item.kind() == Kind::dict) return std::nullopt;  // not hashable
      return item.is_string() && container.dict().find(item.str()) != nullptr;
    case Kind::object:
      if (!container.object().is_sequence()) return std::nullopt;
      for (std::size_t i = 0; i < container.object().size(); ++i) {
        if (equal(container.object().at(i), item)) return true;
      }
      return false;
    default:
      return std::nullopt;
  }
}

std::optional<std::size_t> length(const Value& value) {
  switch (value.kind()) {
    case Kind::string:
      return unicode::count(value.str());
    case Kind::list:
      return value.list().size();
    case Kind::dict:
      return value.dict().size();
    case Kind::object:
      if (value.object().is_sequence()) return value.object().size();
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<Value>> items(const Value& value) {
  std::vector<Value> out;
  switch (value.kind()) {
    case Kind::string:
      for (std::size_t at = 0; at < value.str().size();) {
        const std::size_t n = unicode::width(value.str(), at);
        out.emplace_back(value.str().substr(at, n));
        at += n;
      }
      return out;
    case Kind::list:
      return value.list().items();
    case Kind::dict:
      for (const Dict::Entry& entry : value.dict().entries()) out.emplace_back(entry.key);
      return out;
    case Kind::object:
      if (!value.object().is_sequence()) return std::nullopt;
      for (std::size_t i = 0; i < value.object().size(); ++i) out.push_back(value.object().at(i));
      return out;
    default:
      return std::nullopt;
  }
}

std::string_view character(std::string_view text, std::size_t index) {
  const std::size_t at = unicode::position(text, index);
  return at < text.size() ? text.substr(at, unicode::width(text, at)) : std::string_view();
}

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
      return "undefined";
    case Kind::null:
      return "NoneType";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::real:
      return "float";
    case Kind::decimal:
      return "Decimal";
    case Kind::string:
      return "str";
    case Kind::date:
      return "date";
    case Kind::datetime:
      return "datetime";
    case Kind::time:
      return "time";
    case Kind::list:
      return value.list().form() == List::Form::tuple ? "tuple" : "list";
    case Kind::dict:
      return "dict";
    case Kind::object:
      return "object";
  }
  return "?";
}

namespace {

// The methods without arguments that templates call on strings.
Value string_attribute(std::string_view s, std::string_view name) {
  if (name == "upper") return Value(unicode::upper(s));
  if (name == "lower" || name == "casefold") return Value(unicode::lower(s));
  if (name == "title") return Value(unicode::title(s));
  if (name == "strip") return Value(unicode::strip(s));
  if (name == "lstrip") {
    const std::string_view t = unicode::strip(s);
    return Value(t.empty() ? t : s.substr(static_cast<std::size_t>(t.data() - s.data())));
  }
  if (name == "rstrip") {
    const std::string_view t = unicode::strip(s);
    return Value(t.empty() ? t : s.substr(0, static_cast<std::size_t>(t.data() - s.data()) + t.size()));
  }
  if (name == "capitalize") {
    if (s.empty()) return Value(s);
    const std::size_t n = unicode::width(s, 0);
    return Value(unicode::title(s.substr(0, n)) + unicode::lower(s.substr(n)));
  }
  if (name == "split" || name == "splitlines") {
    auto list = make<List>();
    const auto parts = name == "split" ? unicode::split_words(s) : unicode::split_lines(s);
    for (std::string_view part : parts) list->add(Value(part));
    return Value(std::move(list));
  }
  const auto all = [&](auto test) {
    bool any = false;
    for (std::size_t at = 0; at < s.size();) {
      if (!test(unicode::next(s, at))) return Value(false);
      any = true;
    }
    return Value(any);
  };
  const auto is_digit = [](char32_t c) { return c >= '0' && c <= '9'; };
  if (name == "isdigit" || name == "isnumeric" || name == "isdecimal") return all(is_digit);
  if (name == "isalnum") return all([](char32_t c) { return unicode::is_word(c) && c != '_'; });
  if (name == "isalpha") {
    return all([&](char32_t c) { return unicode::is_word(c) && c != '_' && !is_digit(c); });
  }
  if (name == "isspace") return all([](char32_t c) { return unicode::is_space(c); });
  return Value::undefined();
}

Value dict_attribute(const Dict& dict, std::string_view name) {
  const auto build = [&](List::Form form, auto item) {
    std::vector<Value> items;
    items.reserve(dict.size());
    for (const Dict::Entry& entry : dict.entries()) items.push_back(item(entry));
    return Value(make<List>(std::move(items), form));
  };
  if (name == "items") {
    return build(List::Form::items, [](const Dict::Entry& e) {
      return Value(make<List>(std::vector<Value>{Value(e.key), e.value}, List::Form::tuple));
    });
  }
  if (name == "keys") return build(List::Form::keys, [](const Dict::Entry& e) { return Value(e.key); });
  if (name == "values") return build(List::Form::values, [](const Dict::Entry& e) { return e.value; });
  return Value::undefined();
}

Value date_attribute(Date d, std::string_view name) {
  if (name == "year") return d.year();
  if (name == "month") return d.month();
  if (name == "day") return d.day();
  if (name == "weekday") return (d.weekday() + 6) % 7;
  if (name == "isoweekday") return (d.weekday() + 6) % 7 + 1;
  if (name == "toordinal") return d.days_since_1970() + 719163;
  return Value::undefined();
}

Value time_attribute(TimeOfDay t, std::string_view name) {
  if (name == "hour") return t.hour;
  if (name == "minute") return t.minute;
  if (name == "second") return t.second;
  if (name == "microsecond") return t.microsecond;
  return Value::undefined();
}

Value datetime_attribute(const Value& value, std::string_view name) {
  const LocalTime t = value.local();
  const TimeOfDay clock{t.hour, t.minute, t.second, t.microsecond};
  if (name == "date") return t.date;
  if (name == "time") return clock;
  if (name == "tzname") return Value(t.abbreviation);
  if (name == "timestamp") return static_cast<double>(value.instant().micros) / 1e6;
  Value v = date_attribute(t.date, name);
  return v.is_undefined() ? time_attribute(clock, name) : v;
}

Value number_attribute(const Value& value, std::string_view name) {
  if (name == "real") return value.kind() == Kind::boolean ? Value(value.integer()) : value;
  if (name == "imag") return value.kind() == Kind::real ? Value(0.0) : Value(0);
  if (name == "is_integer" && value.kind() == Kind::real)
    return Value(std::floor(value.real()) == value.real());
  if (value.kind() == Kind::integer && name == "numerator") return value;
  if (value.kind() == Kind::integer && name == "denominator") return Value(1);
  return Value::undefined();
}

}  // namespace

Value attribute(const Value& value, std::string_view name, std::int64_t index) {
  switch (value.kind()) {
    case Kind::dict: {
      if (const Value* found = value.dict().find(name)) return *found;
      return dict_attribute(value.dict(), name);
    }
    case Kind::list: {
      const List& list = value.list();
      if (list.form() == List::Form::group) {
        if (name == "grouper") return list[0];
        if (name == "list") return list[1];
      }
      const bool view = list.form() == List::Form::keys || list.form() == List::Form::values ||
                        list.form() == List::Form::items;
      if (view || index < 0 || static_cast<std::size_t>(index) >= list.size()) return Value::undefined();
      return list[static_cast<std::size_t>(index)];
    }
    case Kind::string: {
      if (index < 0) return string_attribute(value.str(), name);
      const std::string_view c = character(value.str(), static_cast<std::size_t>(index));
      return c.empty() ? Value::undefined() : Value(c);
    }
    case Kind::object: {
      Value v = value.object().get(name);
      if (!v.is_undefined() || index < 0 || !value.object().is_sequence()) return v;
      if (static_cast<std::size_t>(index) >= value.object().size()) return v;
      return value.object().at(static_cast<std::size_t>(index));
    }
    case Kind::date:
      if (name == "isoformat") return Value(isoformat(value));
      return date_attribute(value.date(), name);
    case Kind::time:
      if (name == "isoformat") return Value(isoformat(value));
      return time_attribute(value.time(), name);
    case Kind::datetime:
      if (name == "isoformat") return Value(isoformat(value));
      return datetime_attribute(value, name);
    case Kind::boolean:
    case Kind::integer:
    case Kind::real:
    case Kind::decimal:
      return number_attribute(value, name);
    default:
      return Value::undefined();
  }
}

}  // namespace plenary::templating::python
