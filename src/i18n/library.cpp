#include "i18n/library.hpp"

#include <optional>
#include <utility>

#include "i18n/formats.hpp"

namespace plenary::i18n {
namespace {

using templating::Context;
using templating::FilterOptions;
using templating::Value;
using Kind = templating::Value::Kind;

// The wall clock a moment is shown by: its own where the template pinned it, else the page's.
TimeZone zone_of(const Value& value, const Context& context) {
  if (value.is_pinned() && !value.has_fixed_offset()) return value.zone();
  return context.time_zone;
}

std::optional<Date> date_of(const Value& value, const Context& context) {
  if (value.kind() == Kind::date) return value.date();
  if (value.kind() == Kind::datetime) return zone_of(value, context).local(value.instant()).date;
  return std::nullopt;
}

// Nothing for nothing; anything else that is no moment stays what it is.
Value unchanged(const Value& value) {
  return value.is_null() || value.is_undefined() ? Value::borrowed("") : value;
}

Value moment_filter(const Value& value, const Value*, Context& context) {
  if (value.kind() == Kind::datetime)
    return Value(moment(context.locale, value.instant(), zone_of(value, context)));
  if (value.kind() == Kind::date) return Value(day(context.locale, value.date()));
  return unchanged(value);
}

Value clock_filter(const Value& value, const Value*, Context& context) {
  if (value.kind() == Kind::datetime)
    return Value(clock(context.locale, value.instant(), zone_of(value, context)));
  return unchanged(value);
}

Value day_filter(const Value& value, const Value*, Context& context) {
  const auto date = date_of(value, context);
  return date ? Value(day(context.locale, *date)) : unchanged(value);
}

// From something with start_date and end_date, or from one date to the argument.
Value days_filter(const Value& value, const Value* argument, Context& context) {
  std::optional<Date> from, to;
  if (value.kind() == Kind::object) {
    from = date_of(value.object().get("start_date"), context);
    to = date_of(value.object().get("end_date"), context);
  } else if (value.kind() == Kind::dict) {
    if (const Value* found = value.dict().find("start_date")) from = date_of(*found, context);
    if (const Value* found = value.dict().find("end_date")) to = date_of(*found, context);
  } else {
    from = date_of(value, context);
    if (argument) to = date_of(*argument, context);
  }
  if (!from && !to) return unchanged(value);
  return Value(days(context.locale, from.value_or(*to), to.value_or(*from)));
}

Value iso_filter(const Value& value, const Value*, Context&) {
  if (value.kind() == Kind::datetime) return Value(value.instant().to_string());
  if (value.kind() == Kind::date) return Value(value.date().to_string());
  return unchanged(value);
}

std::optional<Decimal> decimal_of(const Value& value) {
  if (value.kind() == Kind::decimal) return value.decimal();
  if (value.kind() == Kind::integer) return Decimal(value.integer());
  if (value.kind() == Kind::real || value.kind() == Kind::string) return Decimal::parse(value.to_text());
  return std::nullopt;
}

Value figure_filter(const Value& value, const Value*, Context& context) {
  const auto decimal = decimal_of(value);
  return decimal ? Value(number(context.locale, *decimal)) : unchanged(value);
}

Value money_filter(const Value& value, const Value* code, Context& context) {
  const auto decimal = decimal_of(value);
  const auto currency = Currency::find(code ? code->to_text() : std::string());
  if (!decimal || !currency) return unchanged(value);
  return Value(money(context.locale, Money::exact(decimal->rounded(currency->exponent()), *currency)));
}

}  // namespace

templating::Library formats_library() {
  constexpr FilterOptions plain{.argument = FilterOptions::Argument::none};
  templating::Library library;
  library.filter("moment", moment_filter, plain);
  library.filter("clock", clock_filter, plain);
  library.filter("day", day_filter, plain);
  library.filter("days", days_filter, {.argument = FilterOptions::Argument::optional});
  library.filter("iso", iso_filter, plain);
  library.filter("figure", figure_filter, plain);
  library.filter("money", money_filter, {.argument = FilterOptions::Argument::required});
  return library;
}

}  // namespace plenary::i18n
