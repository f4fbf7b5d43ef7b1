#include "domain/bootstrap_sales.hpp"

#include <algorithm>

#include "base/iban.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::domain {
namespace {

std::string percent_text(const Decimal& percent) {
  return percent.normalized().to_string() + " %";
}

std::string countries_text(const std::map<std::string, Decimal>& countries) {
  std::string text;
  for (const auto& [country, rate] : countries)
    text += (text.empty() ? "" : ", ") + country + " " + percent_text(rate);
  return text.empty() ? "(none)" : text;
}

}  // namespace

void SalesPlanning::problem(config::Place place, std::string path, const std::string& name, std::string found,
                            std::string allowed, std::string advice) const {
  config::Problem p =
      file.problem(place, std::move(path), std::move(found), std::move(allowed), std::move(advice));
  p.item = name;
  plan.problems.push_back(p.message());
}

void SalesPlanning::check(const db::Table& table, const void* row, const config::Places& places,
                          const std::string& path, const std::string& name, const Keys& keys) const {
  for (const db::FieldError& error : table.validate_row(row)) {
    // Of a new conference, which gets its number later; and what the window's own check says better.
    if (error.field == "conference_id" || error.field == "available_until") continue;
    std::string_view key = error.field;
    for (const auto& [column, called] : keys)
      if (column == error.field) key = called;
    problem(places.of(key), path, name, "what does not go together", error.message(), "");
  }
}

void set_word(AppliedItem& item, const db::Table& table, void* row, const char* column,
              const std::string& word, const char* key) {
  const db::Column& described = *table.find_column(column);
  const std::string before = described.text(row).value_or("");
  if (before == word) return;
  if (!item.created)
    item.changes.push_back(
        {key, before, word, {}, {}, conference::audit_value(before), conference::audit_value(word)});
  described.set_text(row, word);
}

void plan_seller(const SalesPlanning& sales) {
  if (!sales.file.seller) return;
  const config::SellerEntry& entry = *sales.file.seller;
  AppliedItem item;
  item.kind = ItemKind::seller;
  conference::Seller row;
  if (sales.stored.seller) row = *sales.stored.seller;
  item.created = !sales.stored.seller;
  row.invoice_prefix = entry.invoice_prefix;
  Overwrite overwrite(item);
  overwrite.set(row.name, entry.name, "name", or_empty);
  const auto text = [&](std::string& field, const std::optional<std::string>& value, const char* key) {
    if (value) overwrite.set(field, *value, key, or_empty);
  };
  text(row.street, entry.street, "street");
  text(row.postcode, entry.postcode, "postcode");
  text(row.city, entry.city, "city");
  text(row.region, entry.region, "region");
  text(row.country, entry.country, "country");
  text(row.email, entry.email, "email");
  text(row.vat_id, entry.vat_id, "vat_id");
  text(row.register_number, entry.register_number, "register_number");
  text(row.bank_holder, entry.bank_holder, "bank_holder");
  text(row.bank_iban, entry.bank_iban, "bank_iban");
  text(row.bank_bic, entry.bank_bic, "bank_bic");
  text(row.small_business_note, entry.small_business_note, "small_business_note");
  if (entry.currency) overwrite.set(row.currency, std::string(entry.currency->code()), "currency", or_empty);
  overwrite.set(row.credit_note_prefix, entry.credit_note_prefix, "credit_note_prefix", or_empty);
  if (entry.restarts_yearly)
    overwrite.set(row.restarts_yearly, *entry.restarts_yearly, "restarts_yearly", yes_no);
  text(row.datev_consultant, entry.datev_consultant, "datev_consultant");
  text(row.datev_client, entry.datev_client, "datev_client");
  config::Places places;
  places.item = entry.place;
  sales.check(conference::seller_table(), &row, places, "conference.seller", row.name);
  item.name = row.name;
  item.slug = row.invoice_prefix;
  item.detail = row.country;
  const bool write = item.created || !item.changes.empty();
  sales.plan.report.items.push_back(std::move(item));
  sales.plan.seller = Planned<conference::Seller>{std::move(row), write, sales.plan.report.items.size() - 1};
}

void set_conference_sales(const SalesPlanning& sales, AppliedItem& item, conference::Conference& row) {
  const config::ConferenceFile& file = sales.file;
  const db::Table& table = conference::conference_table();
  Overwrite overwrite(item);
  if (file.event_country) overwrite.set(row.event_country, *file.event_country, "event_country", or_empty);
  const auto word = [&](const std::optional<std::string>& value, const char* column) {
    if (value) set_word(item, table, &row, column, *value, column);
  };
  word(file.tax_rounding, "tax_rounding");
  word(file.discount_choice, "discount_choice");
  word(file.invoice_moment, "invoice_moment");
  word(file.cancel_refund, "cancel_refund");
  const auto moment = [&](std::optional<Instant>& field, const config::DayOrMoment& value, const char* key) {
    const auto shown = [&](const std::optional<Instant>& t) { return shown_moment(t, sales.zone); };
    if (value.day) overwrite.set(field, std::optional(sales.zone.day_end(*value.day)), key, shown);
    if (value.at) overwrite.set(field, value.at, key, shown);
  };
  moment(row.self_change_until, file.self_change_until, "self_change_until");
  moment(row.self_cancel_until, file.self_cancel_until, "self_cancel_until");
  moment(row.answers_until, file.answers_until, "answers_until");
  if (file.cancel_fee_percent)
    overwrite.set(row.cancel_fee_percent, *file.cancel_fee_percent, "cancel_fee_percent", percent_text);
  if (file.cancel_fee_amount)
    overwrite.set(row.cancel_fee_amount, sales.minor_of(*file.cancel_fee_amount), "cancel_fee_amount",
                  [&](std::int64_t minor) { return sales.show(minor); });
  if (file.offer_hours) overwrite.set(row.offer_hours, *file.offer_hours, "offer_hours", number);
  // Another prefix is another seller: what was invoiced stays with the first one.
  if (file.seller && !item.created &&
      (!sales.stored.seller || row.seller_id != std::optional(sales.stored.seller->id)))
    item.changes.push_back({"seller", row.seller_id ? "another one" : "(none)", file.seller->name, {}, {}});
}

void plan_taxes(const SalesPlanning& sales) {
  const registration::TaxRule fresh;
  for (std::size_t i = 0; i < sales.file.taxes.size(); ++i) {
    const config::TaxEntry& entry = sales.file.taxes[i];
    const registration::ReckonedRule* stored = nullptr;
    for (const registration::ReckonedRule& rule : sales.stored.taxes) {
      if (slug_key(rule.rule.slug) == slug_key(entry.slug)) stored = &rule;
    }
    AppliedItem item;
    item.kind = ItemKind::tax;
    item.created = !stored;
    PlannedTax planned;
    planned.row = stored ? stored->rule : fresh;
    registration::TaxRule& row = planned.row;
    if (!stored) {
      row.slug = entry.slug;
      row.conference_id = sales.plan.conference.row.id;
    }
    const db::Table& table = registration::tax_rule_table();
    Overwrite overwrite(item);
    overwrite.set(row.name, entry.name, "name", or_empty);
    overwrite.set(row.rate, entry.rate, "rate", percent_text);
    if (entry.includes_tax) overwrite.set(row.includes_tax, *entry.includes_tax, "includes_tax", yes_no);
    if (entry.place_of_supply)
      set_word(item, table, &row, "place_of_supply", *entry.place_of_supply, "place_of_supply");
    if (entry.category) set_word(item, table, &row, "category", *entry.category, "category");
    if (entry.reverse_charge)
      overwrite.set(row.reverse_charge, *entry.reverse_charge, "reverse_charge", yes_no);
    if (entry.legal_text) overwrite.set(row.legal_text, *entry.legal_text, "legal_text", beginning);
    if (entry.reverse_charge_text)
      overwrite.set(row.reverse_charge_text, *entry.reverse_charge_text, "reverse_charge_text", beginning);
    if (entry.account) overwrite.set(row.account, *entry.account, "account", or_empty);
    if (stored) {
      for (const auto& [country, rate] : stored->countries)
        planned.countries.emplace(country, registration::percent_of(rate));
    }
    if (entry.countries) {
      std::map<std::string, Decimal> wanted(entry.countries->begin(), entry.countries->end());
      planned.write_countries = wanted != planned.countries;
      if (planned.write_countries && !item.created)
        item.changes.push_back(
            {"countries", countries_text(planned.countries), countries_text(wanted), {}, {}});
      planned.countries = std::move(wanted);
    }
    sales.check(table, &row, entry.places, "conference.taxes[" + std::to_string(i) + "]", row.name);
    item.name = row.name;
    item.slug = row.slug;
    item.detail = percent_text(row.rate);
    planned.write = item.created || !item.changes.empty();
    sales.plan.report.items.push_back(std::move(item));
    planned.item = sales.plan.report.items.size() - 1;
    sales.plan.taxes.push_back(std::move(planned));
  }
  for (const registration::ReckonedRule& rule : sales.stored.taxes) {
    const auto& taxes = sales.file.taxes;
    const bool is_there = std::any_of(taxes.begin(), taxes.end(), [&](const config::TaxEntry& entry) {
      return slug_key(entry.slug) == slug_key(rule.rule.slug);
    });
    if (!is_there) sales.plan.report.absent.push_back({ItemKind::tax, rule.rule.name, rule.rule.slug});
  }
}

void plan_payment(const SalesPlanning& sales) {
  if (!sales.file.payment) return;
  const config::PaymentEntry& entry = *sales.file.payment;
  AppliedItem item;
  item.kind = ItemKind::payment;
  item.created = !sales.stored.payment;
  PlannedPayment planned;
  registration::PaymentSetup& row = planned.row;
  if (sales.stored.payment) row = *sales.stored.payment;
  row.conference_id = sales.plan.conference.row.id;
  Overwrite overwrite(item);
  const auto flag = [&](bool& field, const std::optional<bool>& value, const char* key) {
    if (value) overwrite.set(field, *value, key, yes_no);
  };
  const auto text = [&](std::string& field, const std::optional<std::string>& value, const char* key) {
    if (value) overwrite.set(field, *value, key, or_empty);
  };
  const auto days = [&](std::int64_t& field, const std::optional<std::int64_t>& value, const char* key) {
    if (value) overwrite.set(field, *value, key, number);
  };
  const auto amount = [&](std::int64_t& field, const std::optional<Money>& value, const char* key) {
    if (value)
      overwrite.set(field, sales.minor_of(*value), key,
                    [&](std::int64_t minor) { return sales.show(minor); });
  };
  const auto percent = [&](Decimal& field, const std::optional<Decimal>& value, const char* key) {
    if (value) overwrite.set(field, *value, key, percent_text);
  };
  flag(row.offers_card, entry.offers_card, "offers_card");
  flag(row.offers_transfer, entry.offers_transfer, "offers_transfer");
  flag(row.offers_credit, entry.offers_credit, "offers_credit");
  text(row.account_holder, entry.account_holder, "account_holder");
  // As they are stored, so that blanks in the file are no change.
  text(row.iban, entry.iban ? std::optional(normal_iban(*entry.iban)) : std::nullopt, "iban");
  text(row.bic, entry.bic ? std::optional(normal_iban(*entry.bic)) : std::nullopt, "bic");
  text(row.bank_name, entry.bank_name, "bank_name");
  text(row.instructions, entry.instructions, "instructions");
  days(row.term_days, entry.term_days, "term_days");
  days(row.ends_days_before, entry.ends_days_before, "ends_days_before");
  days(row.reminder_days, entry.reminder_days, "reminder_days");
  amount(row.card_fee_amount, entry.card_fee_amount, "card_fee_amount");
  percent(row.card_fee_percent, entry.card_fee_percent, "card_fee_percent");
  amount(row.transfer_fee_amount, entry.transfer_fee_amount, "transfer_fee_amount");
  percent(row.transfer_fee_percent, entry.transfer_fee_percent, "transfer_fee_percent");
  if (entry.fee_tax) {
    config::SellingEntry selling;
    selling.tax = entry.fee_tax;
    planned.tax_slug = plan_tax_of_product(sales, item, row.fee_tax_rule_id, selling, "conference.payment",
                                           "payment set-up", "fee_tax");
  }
  sales.check(registration::payment_setup_table(), &row, entry.places, "conference.payment",
              "payment set-up");
  item.name = "payment set-up";
  item.slug = "payment";
  planned.write = item.created || !item.changes.empty();
  sales.plan.report.items.push_back(std::move(item));
  planned.item = sales.plan.report.items.size() - 1;
  sales.plan.payment = std::move(planned);
}

std::optional<std::string> plan_tax_of_product(const SalesPlanning& sales, AppliedItem& item,
                                               const std::optional<registration::Id>& stored_rule,
                                               const config::SellingEntry& entry, const std::string& path,
                                               const std::string& name, const char* key) {
  if (!entry.tax) return std::nullopt;
  std::string before, slug;
  for (const registration::ReckonedRule& rule : sales.stored.taxes) {
    if (stored_rule == std::optional(rule.rule.id)) before = rule.rule.slug;
    if (slug_key(rule.rule.slug) == slug_key(entry.tax->slug)) slug = rule.rule.slug;
  }
  for (const config::TaxEntry& tax : sales.file.taxes) {
    if (slug.empty() && slug_key(tax.slug) == slug_key(entry.tax->slug)) slug = tax.slug;
  }
  if (slug.empty() && !entry.tax->slug.empty()) {
    sales.problem(entry.tax->place, path + "." + key, name, "unknown tax \"" + entry.tax->slug + "\"",
                  "the slug of a tax of this conference", "correct it, or add [[conference.taxes]] with it");
    return std::nullopt;
  }
  if (before == slug) return std::nullopt;
  if (!item.created) item.changes.push_back({key, or_empty(before), or_empty(slug), {}, {}});
  return slug;
}

void plan_variations(const SalesPlanning& sales, registration::ProductKind kind, registration::Id product_id,
                     const std::string& product_slug, const config::SellingEntry& entry,
                     const std::string& path) {
  const bool is_ticket = kind == registration::ProductKind::ticket_type;
  std::vector<const registration::Variation*> stored;
  for (const registration::Variation& variation : sales.stored.variations) {
    const auto& owner = is_ticket ? variation.ticket_type_id : variation.addon_id;
    if (product_id != 0 && owner == std::optional(product_id)) stored.push_back(&variation);
  }
  for (std::size_t i = 0; i < entry.variations.size(); ++i) {
    const config::VariationEntry& wanted = entry.variations[i];
    const auto found =
        std::find_if(stored.begin(), stored.end(), [&](const registration::Variation* variation) {
          return slug_key(variation->slug) == slug_key(wanted.slug);
        });
    AppliedItem item;
    item.kind = ItemKind::variation;
    item.created = found == stored.end();
    PlannedVariation planned;
    planned.kind = kind;
    planned.product_slug = product_slug;
    if (!item.created) planned.row = **found;
    registration::Variation& row = planned.row;
    if (item.created) {
      row.slug = wanted.slug;
      row.conference_id = sales.plan.conference.row.id;
    }
    Overwrite overwrite(item);
    overwrite.set(row.name, wanted.name, "name", or_empty);
    if (wanted.price)
      overwrite.set(row.price, std::optional(sales.minor_of(*wanted.price)), "price",
                    [&](const std::optional<std::int64_t>& minor) {
                      return minor ? sales.show(*minor) : std::string("the product's");
                    });
    if (wanted.quantity) overwrite.set(row.total_quantity, *wanted.quantity, "quantity", count_or_unlimited);
    if (wanted.description) overwrite.set(row.description, *wanted.description, "description", beginning);
    if (wanted.active) overwrite.set(row.is_active, *wanted.active, "active", yes_no);
    overwrite.set(row.order, static_cast<std::int64_t>(i), "order", number);
    item.name = row.name;
    item.slug = product_slug + "/" + row.slug;
    item.detail = row.price ? sales.show(*row.price) : "the product's price";
    planned.write = item.created || !item.changes.empty();
    sales.plan.report.items.push_back(std::move(item));
    planned.item = sales.plan.report.items.size() - 1;
    sales.plan.variations.push_back(std::move(planned));
  }
  for (const registration::Variation* variation : stored) {
    const bool is_there = std::any_of(entry.variations.begin(), entry.variations.end(),
                                      [&](const config::VariationEntry& wanted) {
                                        return slug_key(wanted.slug) == slug_key(variation->slug);
                                      });
    if (!is_there)
      sales.plan.report.absent.push_back(
          {ItemKind::variation, variation->name, product_slug + "/" + variation->slug});
  }
  (void)path;
}

}  // namespace plenary::domain
