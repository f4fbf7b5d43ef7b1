#include "site/billing.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <utility>

#include "base/countries.hpp"
#include "base/text.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/vat_checks.hpp"
#include "i18n/countries.hpp"
#include "site/forms.hpp"
#include "site/text.hpp"
#include "site/values.hpp"

namespace plenary::site {
namespace {

using registration::Billing;
using templating::Value;

constexpr std::string_view business_field = "billing_is_business", country_field = "billing_country";

struct TextField {
  const char* name;
  std::string Billing::*member;
};
constexpr std::array<TextField, 10> text_fields{{
    {"billing_name", &Billing::name},
    {"billing_email", &Billing::email},
    {"billing_company", &Billing::company},
    {"billing_vat_id", &Billing::vat_id},
    {"billing_street", &Billing::street},
    {"billing_postcode", &Billing::postcode},
    {"billing_city", &Billing::city},
    {"billing_region", &Billing::region},
    {"billing_country", &Billing::country},
    {"billing_reference", &Billing::reference},
}};

std::vector<web::Field> contact_fields() {
  return {
      {.name = "billing_name", .label = message("Name"), .max_length = 200, .autocomplete = "name"},
      {.name = "billing_email",
       .label = message("E-mail address"),
       .kind = web::FieldKind::email,
       .max_length = 254,
       .help = message("The confirmation and your tickets go to this address."),
       .autocomplete = "email"},
  };
}

std::vector<web::Choice> country_choices() {
  std::vector<web::Choice> choices{{"", message("Choose a country")}};
  for (const std::string& code : country_codes()) choices.push_back({code, code});
  return choices;
}

std::vector<web::Field> all_fields() {
  std::vector<web::Field> fields = contact_fields();
  const auto add = [&](const char* name, const char* label, std::size_t longest, const char* autocomplete,
                       const char* help = "") {
    fields.push_back({.name = name,
                      .label = label,
                      .required = false,
                      .max_length = longest,
                      .help = help,
                      .autocomplete = autocomplete});
  };
  fields.push_back({.name = std::string(business_field),
                    .label = message("I order for a company or an organisation"),
                    .kind = web::FieldKind::checkbox,
                    .required = false});
  add("billing_company", message("Company"), 200, "organization");
  add("billing_vat_id", message("VAT number"), 50, "off",
      message("With the letters of the country, such as DE123456789. It is checked before you order."));
  add("billing_street", message("Street and number"), 300, "address-line1");
  add("billing_postcode", message("Postcode"), 20, "postal-code");
  add("billing_city", message("City"), 200, "address-level2");
  add("billing_region", message("State or region"), 200, "address-level1");
  fields.push_back({.name = std::string(country_field),
                    .label = message("Country"),
                    .kind = web::FieldKind::choice,
                    .required = false,
                    .choices = country_choices(),
                    .is_long_list = true,
                    .autocomplete = "country"});
  add("billing_reference", message("Your own reference"), 200, "off",
      message("A purchase order number, for example. It is printed on the invoice."));
  return fields;
}

std::vector<web::Field> all_fields_but(std::initializer_list<std::string_view> names) {
  std::vector<web::Field> fields = all_fields();
  std::erase_if(fields, [&](const web::Field& field) {
    return std::find(names.begin(), names.end(), field.name) != names.end();
  });
  return fields;
}

std::map<std::string, std::string> values_of(const Billing& billing) {
  std::map<std::string, std::string> values;
  for (const TextField& field : text_fields) values[field.name] = billing.*field.member;
  std::string& business = values[std::string(business_field)];
  if (billing.is_business) business = '1';  // GCC 12 takes a choice of literals for an overflow at -O2
  return values;
}

// Some 250 options of a page that everybody who buys looks at: written once for each language.
std::shared_ptr<const std::string> country_options(std::string_view language) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const std::string>, std::less<>> written;
  std::lock_guard lock(mutex);
  if (const auto found = written.find(language); found != written.end()) return found->second;
  std::string options;
  for (const i18n::NamedCountry& country : i18n::countries(language))
    options += "<option value=\"" + country.code + "\">" + html_escape(country.name) + "</option>";
  auto made = std::make_shared<const std::string>(std::move(options));
  written.emplace(std::string(language), made);
  return made;
}

// "10115 Berlin, Germany" below the street.
std::vector<Value> address_lines(const Billing& billing, const std::string& country) {
  std::vector<Value> lines;
  const auto add = [&](std::string line) {
    if (!line.empty()) lines.emplace_back(std::move(line));
  };
  add(billing.street);
  std::string city = billing.postcode;
  if (!billing.city.empty()) city += (city.empty() ? "" : " ") + billing.city;
  if (!billing.region.empty()) city += (city.empty() ? "" : ", ") + billing.region;
  add(std::move(city));
  add(country);
  return lines;
}

}  // namespace

const web::FormSpec& billing_spec(BillingDetail detail) {
  static const web::FormSpec contact(contact_fields()), full(all_fields()),
      later(all_fields_but({"billing_email"})),
      but_taxes(all_fields_but({"billing_email", business_field, "billing_vat_id", country_field}));
  switch (detail) {
    case BillingDetail::contact:
      return contact;
    case BillingDetail::full:
      return full;
    case BillingDetail::later:
      return later;
    case BillingDetail::but_taxes:
      return but_taxes;
  }
  return full;
}

BillingForm bind_billing(web::Request& request, BillingDetail detail, const Billing& kept) {
  const web::FormSpec& spec = billing_spec(detail);
  BillingForm bound{web::Form::bind(spec, request.form()), kept};
  // What the form itself has found is told; the rules look at the rest of it all the same.
  for (const TextField& field : text_fields) {
    if (spec.find(field.name) && bound.form.errors(field.name).empty())
      bound.billing.*field.member = bound.form.text(field.name);
  }
  bound.billing.vat_id = registration::normal_vat_id(bound.billing.vat_id);
  if (spec.find(business_field)) bound.billing.is_business = bound.form.checked(business_field);
  for (const registration::FieldFault& fault : registration::check_billing(bound.billing)) {
    if (!spec.find(fault.field) || bound.form.errors(fault.field).empty())
      bound.form.add_error(fault.field, "invalid", fault.text, fault.arguments);
  }
  return bound;
}

web::Form billing_form(BillingDetail detail, const Billing& known) {
  return web::Form(billing_spec(detail), values_of(known));
}

Billing typed_billing(const web::FormData& form) {
  Billing typed;
  for (const TextField& field : text_fields) {
    const web::Field& declared = *billing_spec(BillingDetail::full).find(field.name);
    const std::string_view text = form[field.name];
    if (declared.max_length == 0 || character_count(text) <= declared.max_length)
      typed.*field.member = std::string(text);
  }
  typed.is_business = !form[business_field].empty();
  return typed;
}

Value billing_form_value(const web::Request& request, const web::Form& form) {
  std::vector<web::FieldView> views = translated_views(request, form);
  for (web::FieldView& view : views) {
    if (view.name == country_field) view.more_options = country_options(language_of(request));
  }
  return form_value(std::move(views));
}

Value billing_value(const web::Request& request, const Billing& billing) {
  const std::string country =
      billing.country.empty() ? std::string() : i18n::country_name(language_of(request), billing.country);
  std::vector<Value> fields;
  for (const auto& [name, value] : values_of(billing)) {
    if (!value.empty()) fields.push_back(Value::dict({{"name", Value(name)}, {"value", Value(value)}}));
  }
  return Value::dict({{"name", Value(billing.name)},
                      {"email", Value(billing.email)},
                      {"company", Value(billing.company)},
                      {"is_business", billing.is_business},
                      {"vat_id", Value(billing.vat_id)},
                      {"country_name", Value(country)},
                      {"address", Value::list(address_lines(billing, country))},
                      {"reference", Value(billing.reference)},
                      {"fields", Value::list(std::move(fields))}});
}

}  // namespace plenary::site
