#include "site/tags.hpp"

#include <optional>
#include <utility>

#include "base/money.hpp"
#include "base/text.hpp"
#include "i18n/formats.hpp"
#include "i18n/library.hpp"
#include "site/programs.hpp"
#include "site/values.hpp"

namespace plenary::site {
namespace {

using templating::Arguments;
using templating::Context;
using templating::Value;

// What Django would pass on as a number; nothing for the rest.
std::optional<Decimal> number_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::decimal:
      return value.decimal();
    case Value::Kind::integer:
      return Decimal(value.integer());
    case Value::Kind::real:
    case Value::Kind::string:
      return Decimal::parse(trimmed(value.to_text()));
    default:
      return std::nullopt;
  }
}

// Amounts of ours come with as many decimals as the currency has.
std::optional<Money> money_of(const Value& amount, Currency currency) {
  if (amount.kind() != Value::Kind::decimal) return std::nullopt;
  const Decimal number = amount.decimal();
  const auto minor = static_cast<std::int64_t>(number.coefficient());
  if (number.scale() != currency.exponent() || minor != number.coefficient()) return std::nullopt;
  return Money(minor, currency);
}

Value format_currency(const Value& amount, const Value* code, Context& context,
                      const config::ProgramSettings& program) {
  const registration::Catalogue* const catalogue = code ? nullptr : catalogue_of(context);
  if (catalogue) {
    if (const auto money = money_of(amount, catalogue->currency))
      return Value(i18n::money(context.locale, *money, catalogue->currency_symbol));
  }
  const Decimal number = number_of(amount).value_or(Decimal());  // a missing amount prints as zero
  if (!code) {
    if (catalogue) {
      const int exponent = catalogue->currency.exponent();
      const Decimal rounded = number.rounded(exponent);
      return Value(i18n::money(context.locale, Money::exact(rounded, catalogue->currency),
                               catalogue->currency_symbol));
    }
  }
  return Value(currency_text(number, code ? code->to_text() : std::string(), program, context.locale));
}

// Sum of undiscounted line totals, of our cart or of anything with `items` that have a `line_total`.
Value cart_total(const Value& cart, Context& context) {
  if (const CartPage* page = cart_page(cart)) {
    const registration::Catalogue* catalogue = catalogue_of(context);
    return amount_value(page->view.quote.subtotal, catalogue ? catalogue->currency : Currency::of("USD"));
  }
  if (cart.kind() != Value::Kind::dict) return Value(Decimal());
  Decimal sum;
  const Value* items = cart.dict().find("items");
  if (items && items->kind() == Value::Kind::list) {
    for (const Value& item : items->list().items()) {
      const Value* total = item.kind() == Value::Kind::dict ? item.dict().find("line_total") : nullptr;
      if (total) sum = sum + number_of(*total).value_or(Decimal());
    }
  }
  return Value(sum);
}

Value ticket_availability(const Value& ticket, const Context& context) {
  const TicketCard* card = ticket_card(ticket);
  if (!card) return Value(availability_text(context.locale, Availability::unavailable, {}));
  return Value(availability_text(context.locale, card->availability, card->remaining));
}

}  // namespace

std::string currency_text(const Decimal& amount, std::string_view code,
                          const config::ProgramSettings& program, std::string_view language) {
  const std::string upper = ascii_upper(trimmed(code));
  const std::optional<Currency> currency = upper.empty() ? program.currency : Currency::find(upper);
  if (!currency) return upper + " " + amount.to_string(2);
  const Money money = Money::exact(amount.rounded(currency->exponent()), *currency);
  return i18n::money(language, money, program.symbol_for(*currency));
}

std::map<std::string, templating::Library> tag_libraries(const config::ProgramSettings& program) {
  templating::Library registration;
  registration.filter("format_currency",
                      [&program](const Value& amount, const Value* code, Context& context) {
                        return format_currency(amount, code, context, program);
                      },
                      {.argument = templating::FilterOptions::Argument::optional});
  registration.simple_tag("cart_total", {{"cart"}, 1},
                          [](const Arguments& a, Context& context) { return cart_total(a[0], context); });
  registration.simple_tag(
      "ticket_availability", {{"ticket_type"}, 1},
      [](const Arguments& a, Context& context) { return ticket_availability(a[0], context); });

  templating::Library stripe;
  stripe.simple_tag("stripe_public_key", {{"conference"}, 1}, [&program](const Arguments&, Context&) {
    return Value(program.stripe.publishable_key ? program.stripe.publishable_key->reveal() : std::string());
  });

  std::map<std::string, templating::Library> libraries;
  libraries.emplace("formats", i18n::formats_library());
  libraries.emplace("registration_tags", std::move(registration));
  libraries.emplace("stripe_tags", std::move(stripe));
  libraries.emplace("sponsor_tags", sponsor_tags());
  return libraries;
}

}  // namespace plenary::site
