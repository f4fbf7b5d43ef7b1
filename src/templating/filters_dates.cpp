// date, time, timesince, timeuntil.
#include "templating/builtins.hpp"
#include "templating/filter_options.hpp"
#include "templating/formats.hpp"

namespace plenary::templating {
namespace {

bool is_nothing(const Value& v) {
  return v.is_null() || (v.is_string() && v.str().empty());
}

std::string format_of(const Value* argument, std::string_view usual, const Context& context) {
  const formats::Locale& locale = formats::locale_of(context.locale);
  const std::string wanted = argument && argument->truth() ? argument->to_text() : std::string(usual);
  return std::string(formats::named_format(wanted, locale));
}

// Django tries a second time with the argument as it was given, also when that counts as nothing: 0 and []
// are formats without letters then.
bool has_second_try(const Value* argument) {
  return argument && !argument->truth() && !argument->is_string();
}

Value date(const Value& v, const Value* argument, Context& context) {
  if (is_nothing(v)) return Value::borrowed("");
  std::string out;
  char letter = 0;
  switch (formats::date(v, format_of(argument, "DATE_FORMAT", context), context, out, letter)) {
    case formats::Outcome::done:
      return Value(out);
    case formats::Outcome::unknown_letter: {
      out.clear();
      if (!has_second_try(argument)) return Value::borrowed("");
      const auto again = formats::date(v, argument->to_text(), context, out, letter);
      return again == formats::Outcome::done ? Value(out) : Value::borrowed("");
    }
    case formats::Outcome::needs_date:
      throw TemplateError(
          fmt::format("the format letter '{}' needs a date; found {}", letter, python::repr(v)));
    case formats::Outcome::time_in_date:
      break;
  }
  throw TemplateError(fmt::format("a date has no time of day; the format letter '{}' needs one", letter));
}

Value time(const Value& v, const Value* argument, Context& context) {
  if (is_nothing(v)) return Value::borrowed("");
  std::string out;
  auto outcome = formats::time(v, format_of(argument, "TIME_FORMAT", context), context, out);
  if (outcome != formats::Outcome::done && has_second_try(argument)) {
    out.clear();
    outcome = formats::time(v, argument->to_text(), context, out);
  }
  return outcome == formats::Outcome::done ? Value(out) : Value::borrowed("");
}

// A reading of the clock that both ends are compared on. A day alone is its midnight and knows no zone.
struct Reading {
  LocalTime t;
  bool zoned = false;
};

std::optional<Reading> reading(const Value& v) {
  if (v.kind() == Value::Kind::date) {
    LocalTime t;
    t.date = v.date();
    return Reading{t, false};
  }
  if (v.kind() == Value::Kind::datetime) return Reading{v.local(), true};
  return std::nullopt;
}

LocalTime in_zone_of(const Value& zoned, Instant moment) {
  if (zoned.has_fixed_offset())
    return Value::datetime_with_offset(moment, zoned.local().offset_seconds).local();
  return zoned.zone().local(moment);
}

Value distance(const Value& v, const Value* other, Context& context, bool until, std::string_view filter) {
  if (!v.truth()) return Value::borrowed("");
  const auto here = reading(v);
  if (!here) {
    throw TemplateError(fmt::format("the filter '{}' needs a date; found {}", filter, python::repr(v)));
  }
  LocalTime there;
  if (other && other->truth()) {
    const auto given = reading(*other);
    if (!given) {
      throw TemplateError(
          fmt::format("the filter '{}' compares with a date; found {}", filter, python::repr(*other)));
    }
    // A day without zone and a moment cannot be compared.
    if (given->zoned != here->zoned) return Value::borrowed("");
    there = given->zoned ? in_zone_of(v, other->instant()) : given->t;
  } else {
    const Instant now = context.current_time();
    there = here->zoned ? in_zone_of(v, now) : context.default_time_zone.local(now);
  }
  return Value(until ? formats::elapsed(there, here->t, context) : formats::elapsed(here->t, there, context));
}

}  // namespace

void add_date_filters(Library& library) {
  library.filter("date", date, options(Argument::optional, false, false, true));
  library.filter("time", time, options(Argument::optional, false, false, true));
  library.filter(
      "timesince",
      [](const Value& v, const Value* other, Context& c) {
        return distance(v, other, c, false, "timesince");
      },
      options(Argument::optional));
  library.filter(
      "timeuntil",
      [](const Value& v, const Value* other, Context& c) { return distance(v, other, c, true, "timeuntil"); },
      options(Argument::optional));
}

}  // namespace plenary::templating
