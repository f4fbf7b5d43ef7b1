#include "config/conference_sales.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "base/countries.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "config/conference_moments.hpp"
#include "config/conference_texts.hpp"

namespace plenary::config {
namespace {

constexpr std::size_t longest_slug = 200;
constexpr std::size_t longest_law = 500;
constexpr std::size_t longest_domain = 200;

// Two capital letters; "" is a value.
std::optional<std::string> country(TableReader& table, std::string_view key) {
  const auto text = table.text(key, {50, true, "a country"});
  if (!text || text->empty() || is_country(*text)) return text;
  const std::string likely = ascii_upper(*text);
  table.wrong_value(key, in_quotes(*text), "the two letters of a country, in capitals, such as \"DE\"",
                    is_country(likely) ? "write \"" + likely + "\"" : "");
  return std::nullopt;
}

DayOrMoment day_or_moment(TableReader& table, const std::string& key, TimeZone zone) {
  DayOrMoment entry;
  entry.day = table.date(key);
  entry.at = read_moment(table, key + "_at", zone);
  if (table.has(key) && table.has(key + "_at"))
    table.wrong_value(key + "_at", "a second " + key, "one of " + key + " and " + key + "_at",
                      "keep one of them");
  return entry;
}

SellerEntry read_seller(TableReader& table) {
  SellerEntry entry;
  table.require({"name", "invoice_prefix", "credit_note_prefix"},
                "a seller has name, invoice_prefix and credit_note_prefix");
  const auto text = [&](std::string_view key, std::size_t most) {
    return table.text(key, {most, true, "a text"});
  };
  entry.name = table.text("name", {200, false, "a text"}).value_or("");
  entry.street = text("street", 300);
  entry.postcode = text("postcode", 20);
  entry.city = text("city", 200);
  entry.region = text("region", 200);
  entry.country = country(table, "country");
  entry.email = text("email", 254);
  entry.vat_id = text("vat_id", 50);
  entry.register_number = text("register_number", 200);
  entry.bank_holder = text("bank_holder", 200);
  entry.bank_iban = text("bank_iban", 34);
  entry.bank_bic = text("bank_bic", 11);
  entry.small_business_note = text("small_business_note", 500);
  entry.currency = read_currency(table);
  for (const auto& [key, value] : {std::pair("invoice_prefix", &entry.invoice_prefix),
                                   std::pair("credit_note_prefix", &entry.credit_note_prefix)}) {
    const auto prefix = table.text(key, {20, false, "a prefix"});
    if (!prefix) continue;
    *value = *prefix;
    const bool is_plain = std::all_of(prefix->begin(), prefix->end(), [](unsigned char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '/' || c == '.' || c == '_';
    });
    if (!is_plain)
      table.wrong_value(key, in_quotes(*prefix), "letters, digits and - / . _ only, such as \"PY27-\"");
  }
  if (!entry.invoice_prefix.empty() && entry.invoice_prefix == entry.credit_note_prefix)
    table.wrong_value("credit_note_prefix", in_quotes(entry.credit_note_prefix),
                      "a prefix that invoices do not have", "write \"" + entry.invoice_prefix + "C-\"");
  entry.restarts_yearly = table.boolean("restarts_yearly");
  entry.datev_consultant = text("datev_consultant", 7);
  entry.datev_client = text("datev_client", 5);
  table.finish();
  return entry;
}

std::optional<std::vector<std::string>> email_domains(TableReader& item) {
  const toml::node* node = item.find("email_domains");
  if (!node) return std::nullopt;
  const std::string allowed = "a list of domains, such as [\"example.org\", \"uni.example\"]";
  const auto* array = node->as_array();
  if (!array) {
    item.wrong_type("email_domains", *node, allowed, node->is_string() ? "put it in brackets" : "");
    return std::nullopt;
  }
  std::vector<std::string> domains;
  std::size_t index = 0;
  for (const toml::node& element : *array) {
    const std::string suffix = "[" + std::to_string(index++) + "]";
    const auto* text = element.as_string();
    if (!text) {
      item.wrong_element_type("email_domains", suffix, element, "a domain in quotes");
      continue;
    }
    const std::string domain = ascii_lower(trimmed(text->get()));
    const bool is_one = domain.size() <= longest_domain && is_email("someone@" + domain);
    if (is_one) {
      if (std::find(domains.begin(), domains.end(), domain) == domains.end()) domains.push_back(domain);
      continue;
    }
    item.report().add(ProblemKind::value, place_of(element), item.path_of("email_domains") + suffix,
                      item.item(), in_quotes(text->get()), "a domain, such as \"example.org\"",
                      domain.find('@') == std::string::npos ? "" : "leave out what stands before the @");
  }
  return domains;
}

}  // namespace

std::optional<std::string> read_word(TableReader& table, std::string_view key,
                                     std::initializer_list<std::string_view> words) {
  const auto text = table.text(key, {50, false, "a word"});
  if (!text) return std::nullopt;
  if (std::find(words.begin(), words.end(), *text) != words.end()) return text;
  std::string all;
  std::vector<std::string> known;
  for (const std::string_view one : words) {
    all += (all.empty() ? "" : ", ") + in_quotes(std::string(one));
    known.emplace_back(one);
  }
  const std::string likely = nearest(ascii_lower(*text), known);
  table.wrong_value(key, in_quotes(*text), "one of " + all, likely.empty() ? "" : "write \"" + likely + "\"");
  return std::nullopt;
}

std::optional<Decimal> read_percent(TableReader& table, std::string_view key, int decimals) {
  const std::string allowed =
      "a percentage from 0 to 100 with at most " + std::to_string(decimals) + " decimals";
  const auto number = table.number(key, allowed);
  if (!number) return std::nullopt;
  if (!number->is_negative() && *number <= Decimal(100) && number->fits_scale(decimals))
    return number->normalized();
  table.wrong_value(key, shown(table.document(), *table.find(key)), allowed);
  return std::nullopt;
}

std::optional<Money> read_amount(TableReader& table, std::string_view key, std::int64_t max_minor,
                                 Currency currency) {
  const int decimals = currency.exponent();
  const std::string allowed =
      "an amount in " + std::string(currency.code()) + " from 0 to " +
      Money(max_minor, currency).to_string() +
      (decimals == 0 ? " without decimals" : " with at most " + std::to_string(decimals) + " decimals");
  const auto number = table.number(key, allowed);
  if (!number) return std::nullopt;
  const std::string found = shown(table.document(), *table.find(key));
  if (number->is_negative()) {
    table.wrong_value(key, found, allowed);
    return std::nullopt;
  }
  if (!number->fits_scale(decimals)) {
    table.wrong_value(key, found, allowed,
                      std::string(currency.code()) + " has " +
                          (decimals == 0 ? "no" : std::to_string(decimals)) + " decimals");
    return std::nullopt;
  }
  if (*number > Money(max_minor, currency).amount()) {
    table.wrong_value(key, found, allowed);
    return std::nullopt;
  }
  return Money::exact(*number, currency);
}

void read_sales(TableReader& conference, ConferenceFile& file, Currency currency) {
  file.event_country = country(conference, "event_country");
  file.tax_rounding = read_word(conference, "tax_rounding", {"per_rate", "per_line"});
  file.discount_choice = read_word(conference, "discount_choice", {"first_match", "best_match"});
  file.invoice_moment = read_word(conference, "invoice_moment", {"payment", "order", "request", "never"});
  file.self_change_until = day_or_moment(conference, "self_change_until", file.timezone);
  file.self_cancel_until = day_or_moment(conference, "self_cancel_until", file.timezone);
  file.answers_until = day_or_moment(conference, "answers_until", file.timezone);
  file.cancel_fee_percent = read_percent(conference, "cancel_fee_percent", 2);
  file.cancel_fee_amount = read_amount(conference, "cancel_fee_amount", max_price_minor, currency);
  file.cancel_refund = read_word(conference, "cancel_refund", {"original", "credit"});
  file.offer_hours = conference.integer("offer_hours", 1, 24 * 60);
  if (conference.has("seller") && conference.is_table_or_absent("seller")) {
    TableReader seller = conference.table("seller");
    file.seller = read_seller(seller);
    file.seller->place = seller.place();
  }
}

PaymentEntry read_payment(TableReader& table, Currency currency) {
  PaymentEntry entry;
  entry.offers_card = table.boolean("offers_card");
  entry.offers_transfer = table.boolean("offers_transfer");
  entry.offers_credit = table.boolean("offers_credit");
  const auto text = [&](const char* key, std::size_t longest, bool has_lines = false) {
    return table.text(key, {longest, true, "a text", has_lines});
  };
  entry.account_holder = text("account_holder", 70);
  entry.iban = text("iban", 42);
  entry.bic = text("bic", 14);
  entry.bank_name = text("bank_name", 200);
  entry.instructions = text("instructions", 2000, true);
  entry.term_days = table.integer("term_days", 1, 90);
  entry.ends_days_before = table.integer("ends_days_before", 0, 90);
  entry.reminder_days = table.integer("reminder_days", 0, 89);
  entry.card_fee_amount = read_amount(table, "card_fee_amount", max_price_minor, currency);
  entry.card_fee_percent = read_percent(table, "card_fee_percent", 2);
  entry.transfer_fee_amount = read_amount(table, "transfer_fee_amount", max_price_minor, currency);
  entry.transfer_fee_percent = read_percent(table, "transfer_fee_percent", 2);
  if (const auto slug = table.text("fee_tax", {200, true, "the slug of a tax"}))
    entry.fee_tax = NamedSlug{*slug, table.place_of_key("fee_tax")};
  return entry;
}

TaxEntry read_tax(TableReader& item) {
  item.require({"slug", "name", "rate"}, "a tax has slug, name and rate");
  TaxEntry entry;
  entry.name = item.text("name", {200, false, "a text"}).value_or("");
  entry.rate = read_percent(item, "rate", 4).value_or(Decimal());
  entry.includes_tax = item.boolean("includes_tax");
  entry.place_of_supply = read_word(item, "place_of_supply", {"event", "customer", "exempt"});
  entry.category = read_word(item, "category", {"standard", "reduced", "zero", "exempt", "outside"});
  entry.reverse_charge = item.boolean("reverse_charge");
  entry.legal_text = item.text("legal_text", {longest_law, true, "a text", true});
  entry.reverse_charge_text = item.text("reverse_charge_text", {longest_law, true, "a text", true});
  entry.account = item.text("account", {20, true, "a text"});
  if (item.has("countries") && item.is_table_or_absent("countries")) {
    TableReader countries = item.table("countries");
    entry.countries.emplace();
    if (const toml::table* table = countries.raw()) {
      for (const auto& [key, node] : *table) {
        const std::string code(key.str());
        const auto rate = read_percent(countries, code, 4);
        if (!is_country(code)) {
          countries.report().add(ProblemKind::value, place_of(node), countries.path_of(code), item.item(),
                                 in_quotes(code), "the two letters of a country, in capitals, such as DE");
        } else if (rate) {
          entry.countries->emplace_back(code, *rate);
        }
      }
    }
    countries.finish();
    std::sort(entry.countries->begin(), entry.countries->end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  return entry;
}

SellingEntry read_selling(TableReader& item, Currency currency) {
  SellingEntry entry;
  if (const auto slug = item.text("tax", {longest_slug, true, "the slug of a tax"})) {
    if (slug->empty() || is_slug(*slug))
      entry.tax = NamedSlug{*slug, item.place_of_key("tax")};
    else
      item.wrong_value("tax", in_quotes(*slug), "the slug of a tax, or \"\" for none",
                       "write the tax's slug, not its name");
  }
  entry.free_price = item.boolean("free_price");
  entry.minimum_price = read_amount(item, "minimum_price", max_price_minor, currency);
  entry.min_per_order = item.integer("min_per_order", 0);
  entry.max_per_order = item.integer("max_per_order", 0);
  if (entry.min_per_order && entry.max_per_order && *entry.max_per_order != 0 &&
      *entry.max_per_order < *entry.min_per_order)
    item.wrong_value("max_per_order", std::to_string(*entry.max_per_order),
                     "0 (no limit) or at least min_per_order, " + std::to_string(*entry.min_per_order));
  entry.email_domains = email_domains(item);
  entry.waiting_list = item.boolean("waiting_list");
  return entry;
}

VariationEntry read_variation(TableReader& item, Currency currency) {
  item.require({"name"}, "a variation has a name");
  VariationEntry entry;
  entry.name = item.text("name", {200, false, "a text"}).value_or("");
  entry.price = read_amount(item, "price", max_price_minor, currency);
  entry.quantity = item.integer("quantity", 0);
  entry.description = read_description(item, "description");
  entry.active = item.boolean("active");
  return entry;
}

}  // namespace plenary::config
