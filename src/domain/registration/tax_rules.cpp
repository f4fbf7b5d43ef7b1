#include "domain/registration/tax_rules.hpp"

#include "base/countries.hpp"
#include "base/errors.hpp"
#include "domain/registration/discounts.hpp"

namespace plenary::registration {
namespace {

bool is_rate(const Decimal& rate) {
  return !rate.is_negative() && rate <= Decimal(100) && rate.fits_scale(4);
}

constexpr const char* bad_rate = message("A rate is between 0 and 100 percent, with at most four decimals.");

}  // namespace

const db::Entity<TaxRule>& tax_rule_table() {
  using T = TaxRule;
  static const db::Entity<T> table(
      "tax_rule",
      {
          db::column("id", &T::id).generated_key(),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &T::name).required().max_length(200),
          db::column("slug", &T::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("rate", &T::rate).help("Percent, with up to four decimals: 19, or 8.875."),
          db::column("includes_tax", &T::includes_tax)
              .label("Prices include it")
              .help("Off: it is added to the price."),
          db::column("place_of_supply", &T::place_of_supply)
              .choice("event", "Where the event is")
              .choice("customer", "Where the customer is")
              .choice("exempt", "Exempt")
              .help(
                  "Admission is taxed where the event is, whoever buys. Attending online is taxed where the "
                  "customer is."),
          db::column("category", &T::category)
              .choice("standard", "Standard rate")
              .choice("reduced", "Reduced rate")
              .choice("zero", "Zero rate")
              .choice("exempt", "Exempt")
              .choice("outside", "Outside the scope of tax"),
          db::column("reverse_charge", &T::reverse_charge)
              .help(
                  "Businesses of another country whose VAT number is confirmed owe the tax themselves. Only "
                  "where the customer's place counts."),
          db::column("legal_text", &T::legal_text)
              .max_length(500)
              .help("What invoices must say about it, such as why it is exempt."),
          db::column("reverse_charge_text", &T::reverse_charge_text)
              .max_length(500)
              .help("What invoices say when the customer owes the tax."),
          db::column("account", &T::account)
              .max_length(20)
              .help(
                  "Of the bookkeeping, for exports. Behind a / DATEV's tax key, where it is another than the "
                  "usual one, and the key of reverse charge: 8400/3/173. 8400/0: none."),
          db::column("version", &T::version).version(),
          db::column("created_at", &T::created_at).created(),
          db::column("updated_at", &T::updated_at).updated(),
      },
      db::Rules<T>()
          .titled("Tax rule", "Tax rules")
          .ordered_by("name, id")
          .unique({"conference_id", "lower(slug)"}, "Another tax rule has this slug.")
          .in_catalogue("conference_id")
          .must("rate", bad_rate, [](const T& t) { return is_rate(t.rate); })
          .must("rate", "Exempt sales, and those outside the scope of tax, have no rate: write 0.",
                [](const T& t) {
                  return t.rate.is_zero() ||
                         (t.place_of_supply != PlaceOfSupply::exempt && t.category != TaxCategory::exempt &&
                          t.category != TaxCategory::outside);
                })
          .must("rate", "A zero rate is 0 percent.",
                [](const T& t) { return t.category != TaxCategory::zero || t.rate.is_zero(); })
          .must("legal_text", "Say why it is exempt: invoices must.",
                [](const T& t) {
                  return !t.legal_text.empty() ||
                         (t.place_of_supply != PlaceOfSupply::exempt && t.category != TaxCategory::exempt);
                })
          .must("reverse_charge", "Reverse charge needs a place of supply where the customer is.",
                [](const T& t) { return !t.reverse_charge || t.place_of_supply == PlaceOfSupply::customer; })
          .must("reverse_charge_text", "Say what invoices print when the customer owes the tax.",
                [](const T& t) { return !t.reverse_charge || !t.reverse_charge_text.empty(); }));
  return table;
}

const db::Entity<TaxRuleCountry>& tax_rule_country_table() {
  using T = TaxRuleCountry;
  static const db::Entity<T> table(
      "tax_rule_country",
      {
          db::column("id", &T::id).generated_key(),
          db::column("tax_rule_id", &T::tax_rule_id).references("tax_rule", db::OnDelete::cascade).fixed(),
          db::column("country", &T::country).required().max_length(2).help("Two letters, such as FR."),
          db::column("rate", &T::rate).help("Percent that consumers of this country pay."),
          db::column("created_at", &T::created_at).created(),
          db::column("updated_at", &T::updated_at).updated(),
      },
      db::Rules<T>()
          .titled("Rate of a country", "Rates of countries")
          .ordered_by("tax_rule_id, country")
          .unique({"tax_rule_id", "country"}, "This rule has a rate for that country already.")
          .in_catalogue("tax_rule_id", "tax_rule")
          .must("country", "Write the two capital letters of a country, such as FR.",
                [](const T& t) { return is_country(t.country); })
          .must("rate", bad_rate, [](const T& t) { return is_rate(t.rate); }));
  return table;
}

std::vector<ReckonedRule> tax_rules_of(db::Tx& tx, Id conference_id) {
  std::vector<ReckonedRule> rules;
  for (TaxRule& rule :
       tax_rule_table().select(tx, "WHERE conference_id = $1 ORDER BY name, id", conference_id)) {
    const std::int64_t rate = millionths(rule.rate);
    rules.push_back({std::move(rule), rate, {}});
  }
  for (TaxRuleCountry& country : tax_rule_country_table().select(
           tx, "WHERE tax_rule_id IN (SELECT id FROM tax_rule WHERE conference_id = $1) ORDER BY country",
           conference_id))
    for (ReckonedRule& rule : rules)
      if (rule.rule.id == country.tax_rule_id)
        rule.countries.emplace_back(std::move(country.country), millionths(country.rate));
  return rules;
}

Id save(db::Tx& tx, const TaxRule& typed) {
  TaxRule rule = typed;
  rule.rate = typed.rate.normalized();
  refuse_first(tax_rule_table().validate(tx, rule));
  if (rule.id == 0) return tax_rule_table().insert(tx, rule).id;
  if (!tax_rule_table().update(tx, rule))
    throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.",
                  {{"name", rule.name}});
  return rule.id;
}

void set_country_rate(db::Tx& tx, Id tax_rule_id, std::string_view country, const Decimal& rate) {
  TaxRuleCountry row;
  row.tax_rule_id = tax_rule_id;
  row.country = std::string(country);
  row.rate = rate.normalized();
  refuse_first(tax_rule_country_table().validate(row));
  tx.exec("DELETE FROM tax_rule_country WHERE tax_rule_id = $1 AND country = $2", tax_rule_id, country);
  tax_rule_country_table().insert(tx, row);
}

void set_country_rates(db::Tx& tx, Id tax_rule_id,
                       const std::vector<std::pair<std::string, Decimal>>& rates) {
  tx.exec("DELETE FROM tax_rule_country WHERE tax_rule_id = $1", tax_rule_id);
  for (const auto& [country, rate] : rates) set_country_rate(tx, tax_rule_id, country, rate);
}

}  // namespace plenary::registration
