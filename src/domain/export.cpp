#include "domain/export.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "config/conference_file.hpp"
#include "config/settings.hpp"
#include "config/toml_text.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/currency.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/sponsors/levels.hpp"

namespace plenary::domain {
namespace {

using config::toml_line;
using config::toml_paragraphs;

// The smallest number of digits that keeps it, so that the same instant has one form.
std::string moment_text(Instant t) {
  return t.to_string();
}

class Exporter {
 public:
  Exporter(db::Tx& tx, const conference::Conference& conference, const config::ProgramSettings& settings)
      : tx_(tx),
        c_(conference),
        zone_(TimeZone::find(conference.timezone).value_or(TimeZone::utc())),
        currency_(conference::currency_of(conference.currency, settings)) {}

  ConferenceExport run(const std::string& head) {
    head_comment(head);
    write_conference();
    write_seller();
    write_features();
    for (const conference::Section& section : conference::sections(tx_, c_.id)) write(section);
    for (const registration::ReckonedRule& rule : registration::tax_rules_of(tx_, c_.id)) {
      tax_slugs_[rule.rule.id] = rule.rule.slug;
      write(rule);
    }
    variations_ = registration::variations_of(tx_, c_.id);
    const std::vector<registration::TicketType> tickets = registration::ticket_types_of(tx_, c_.id);
    for (const registration::TicketType& ticket : tickets) ticket_slugs_[ticket.id] = ticket.slug;
    for (const registration::TicketType& ticket : tickets) write(ticket);
    for (const registration::AddOn& addon : registration::addons_of(tx_, c_.id)) write(addon);
    for (const sponsors::SponsorLevel& level : sponsors::levels(tx_, c_.id)) write(level);
    for (const conference::ConsentText& consent : conference::consent_texts(tx_, c_.id)) write(consent);
    note_secrets();
    note_targets();
    if (!result_.left_out.empty()) {
      result_.toml += "\n# Not in this file:\n";
      for (const std::string& line : result_.left_out) result_.toml += "# - " + line + "\n";
    }
    return std::move(result_);
  }

 private:
  void head_comment(const std::string& head) {
    result_.toml = fmt::format(
        "# The conference \"{}\", as plenary export_conference wrote it.\n"
        "# It is made again with: plenary bootstrap_conference --config FILE; every key is explained in\n"
        "# docs/configuration.md. Orders, people, vouchers, sponsors and activities are data and stay in "
        "the\n"
        "# database.\n",
        c_.slug);
    if (!head.empty()) result_.toml += "# " + head + "\n";
  }

  void line(const char* key, const std::string& value) {
    result_.toml += key;
    result_.toml += " = ";
    result_.toml += value;
    result_.toml += '\n';
  }
  void text(const char* key, const std::string& value) { line(key, toml_line(value)); }
  void paragraphs(const char* key, const std::string& value) { line(key, toml_paragraphs(value)); }
  void flag(const char* key, bool value) { line(key, value ? "true" : "false"); }
  void number(const char* key, std::int64_t value) { line(key, std::to_string(value)); }
  void amount(const char* key, std::int64_t minor) { line(key, Money(minor, currency_).to_string()); }
  void table(const char* name) { result_.toml += fmt::format("\n[[conference.{}]]\n", name); }

  void write_conference() {
    result_.toml += "\n[conference]\n";
    text("name", c_.name);
    text("slug", c_.slug);
    line("start", c_.start_date.to_string());
    line("end", c_.end_date.to_string());
    text("timezone", c_.timezone);
    text("currency", std::string(currency_.code()));
    flag("active", c_.is_active);
    text("venue", c_.venue);
    text("address", c_.address);
    text("website_url", c_.website_url);
    text("pretalx_event_slug", c_.pretalx_event_slug);
    number("total_capacity", c_.total_capacity);
    if (c_.target_attendance) number("target_attendance", *c_.target_attendance);
    if (c_.revenue_budget) amount("revenue_budget", *c_.revenue_budget);
    if (c_.grant_budget) amount("grant_budget", *c_.grant_budget);
    flag("sales_open", c_.sales_open);
    flag("require_account", c_.require_account);
    number("max_tickets_per_cart", c_.max_tickets_per_cart);
    paragraphs("contact", c_.contact);
    paragraphs("imprint", c_.imprint);
    paragraphs("terms", c_.terms);
    paragraphs("privacy", c_.privacy);
    paragraphs("code_of_conduct", c_.code_of_conduct);
    paragraphs("refund_policy", c_.refund_policy);
    paragraphs("withdrawal_note", c_.withdrawal_note);
    text("accent_color", c_.accent_color);
    text("logo_url", c_.logo_url);
    if (c_.transfer_until)
      line(end_key("transfer_until", *c_.transfer_until).c_str(), end_value(*c_.transfer_until));
    write_sales();
  }

  void moment(const std::string& key, const std::optional<Instant>& t) {
    if (t) line(end_key(key, *t).c_str(), end_value(*t));
  }
  // The word that a column has for an enumeration.
  void word(const db::Table& table, const char* column, const void* row) {
    text(column, table.find_column(column)->text(row).value_or(""));
  }

  void write_sales() {
    const db::Table& table = conference::conference_table();
    text("event_country", c_.event_country);
    word(table, "tax_rounding", &c_);
    word(table, "discount_choice", &c_);
    word(table, "invoice_moment", &c_);
    moment("self_change_until", c_.self_change_until);
    moment("self_cancel_until", c_.self_cancel_until);
    line("cancel_fee_percent", c_.cancel_fee_percent.normalized().to_string());
    amount("cancel_fee_amount", c_.cancel_fee_amount);
    word(table, "cancel_refund", &c_);
    moment("answers_until", c_.answers_until);
    number("offer_hours", c_.offer_hours);
  }

  void write_seller() {
    const auto seller = c_.seller_id ? conference::find_seller(tx_, *c_.seller_id) : std::nullopt;
    if (!seller) return;
    result_.toml += "\n[conference.seller]\n";
    text("name", seller->name);
    text("street", seller->street);
    text("postcode", seller->postcode);
    text("city", seller->city);
    text("region", seller->region);
    text("country", seller->country);
    text("email", seller->email);
    text("vat_id", seller->vat_id);
    text("register_number", seller->register_number);
    text("bank_holder", seller->bank_holder);
    text("bank_iban", seller->bank_iban);
    text("bank_bic", seller->bank_bic);
    text("small_business_note", seller->small_business_note);
    text("currency", seller->currency);
    text("invoice_prefix", seller->invoice_prefix);
    text("credit_note_prefix", seller->credit_note_prefix);
    flag("restarts_yearly", seller->restarts_yearly);
    text("datev_consultant", seller->datev_consultant);
    text("datev_client", seller->datev_client);
  }

  void write(const registration::ReckonedRule& rule) {
    const registration::TaxRule& row = rule.rule;
    const db::Table& described = registration::tax_rule_table();
    table("taxes");
    text("slug", row.slug);
    text("name", row.name);
    line("rate", row.rate.normalized().to_string());
    flag("includes_tax", row.includes_tax);
    word(described, "place_of_supply", &row);
    word(described, "category", &row);
    flag("reverse_charge", row.reverse_charge);
    paragraphs("legal_text", row.legal_text);
    paragraphs("reverse_charge_text", row.reverse_charge_text);
    text("account", row.account);
    std::string countries;
    for (const auto& [country, rate] : rule.countries)
      countries += fmt::format("{}{} = {}", countries.empty() ? " " : ", ", country,
                               registration::percent_of(rate).normalized().to_string());
    line("countries", "{" + countries + (countries.empty() ? "}" : " }"));
  }

  // Behind the keys of its product: a table of its own begins here.
  void write_variations(const char* list, registration::ProductKind kind, registration::Id product_id) {
    for (const registration::Variation& variation : variations_) {
      const auto& owner =
          kind == registration::ProductKind::ticket_type ? variation.ticket_type_id : variation.addon_id;
      if (owner != std::optional(product_id)) continue;
      table(fmt::format("{}.variations", list).c_str());
      text("name", variation.name);
      text("slug", variation.slug);
      if (variation.price) amount("price", *variation.price);
      number("quantity", variation.total_quantity);
      paragraphs("description", variation.description);
      flag("active", variation.is_active);
    }
  }

  // Only what is overridden: the rest follows the settings, there as here.
  void write_features() {
    const conference::FeatureOverrides flags = conference::load_overrides(tx_, c_.id);
    bool begun = false;
    for (const conference::Feature feature : conference::all_features()) {
      if (!flags[feature]) continue;
      if (!begun) result_.toml += "\n[conference.features]\n";
      begun = true;
      flag(std::string(conference::feature_key(feature)).c_str(), *flags[feature]);
    }
  }

  void write(const conference::Section& section) {
    table("sections");
    text("name", section.name);
    text("slug", section.slug);
    line("start", section.start_date.to_string());
    line("end", section.end_date.to_string());
    number("order", section.order);
  }

  void write(const registration::TicketType& ticket) {
    table("tickets");
    text("name", ticket.name);
    text("slug", ticket.slug);
    amount("price", ticket.price);
    number("quantity", ticket.total_quantity);
    if (ticket.limit_per_user > 0) {
      number("per_user", ticket.limit_per_user);
    } else {
      left_out("ticket type {}: per_user 0 (nobody may buy it); the file knows 1 and more", ticket.slug);
    }
    flag("voucher_required", ticket.requires_voucher);
    window(ticket);
    product(ticket);
    write_variations("tickets", registration::ProductKind::ticket_type, ticket.id);
  }

  void write(const registration::AddOn& addon) {
    table("addons");
    text("name", addon.name);
    text("slug", addon.slug);
    amount("price", addon.price);
    number("quantity", addon.total_quantity);
    std::vector<std::string> required;
    for (const registration::Id id : addon.requires_ticket_types) required.push_back(ticket_slugs_.at(id));
    std::sort(required.begin(), required.end());
    std::string list;
    for (const std::string& slug : required) list += (list.empty() ? "" : ", ") + toml_line(slug);
    line("requires", "[" + list + "]");
    window(addon);
    product(addon);
    if (addon.limit_per_user != std::optional<std::int64_t>(0))
      number("per_user", addon.limit_per_user.value_or(0));
    else
      left_out("add-on {}: per_user 0 (nobody may buy it); the file knows 1 and more", addon.slug);
    number("min_per_ticket", addon.min_per_ticket);
    number("max_per_ticket", addon.max_per_ticket.value_or(0));
    write_variations("addons", registration::ProductKind::addon, addon.id);
  }

  template <class Product>
  void product(const Product& product) {
    paragraphs("description", product.description);
    flag("active", product.is_active);
    flag("bulk", product.bulk_enabled);
    text("tax", product.tax_rule_id ? tax_slugs_.at(*product.tax_rule_id) : "");
    flag("free_price", product.free_price);
    amount("minimum_price", product.minimum_price);
    number("min_per_order", product.min_per_order);
    number("max_per_order", product.max_per_order.value_or(0));
    std::string domains;
    for (std::size_t at = 0; at < product.email_domains.size();) {
      const std::size_t end = std::min(product.email_domains.find(' ', at), product.email_domains.size());
      if (end > at)
        domains += (domains.empty() ? "" : ", ") + toml_line(product.email_domains.substr(at, end - at));
      at = end + 1;
    }
    line("email_domains", "[" + domains + "]");
    flag("waiting_list", product.waiting_list);
  }

  template <class Product>
  void window(const Product& product) {
    std::string window;
    if (const auto& from = product.available_from) {
      const Date day = zone_.local(*from).date;
      window =
          zone_.day_start(day) == *from ? "opens = " + day.to_string() : "opens_at = " + moment_text(*from);
    }
    if (const auto& until = product.available_until) {
      window +=
          fmt::format("{}{} = {}", window.empty() ? "" : ", ", end_key("closes", *until), end_value(*until));
    }
    if (!window.empty()) line("available", "{ " + window + " }");
  }

  bool is_day_end(Instant t) const { return zone_.day_end(zone_.local(t).date) == t; }
  std::string end_key(const std::string& key, Instant t) const { return is_day_end(t) ? key : key + "_at"; }
  std::string end_value(Instant t) const {
    return is_day_end(t) ? zone_.local(t).date.to_string() : moment_text(t);
  }

  void write(const sponsors::SponsorLevel& level) {
    table("sponsor_levels");
    text("name", level.name);
    text("slug", level.slug);
    amount("cost", level.cost);
    number("comp_tickets", level.comp_ticket_count);
    paragraphs("description", level.description);
    paragraphs("benefits_summary", level.benefits_summary);
  }

  void write(const conference::ConsentText& consent) {
    table("consents");
    text("slug", consent.slug);
    paragraphs("text", consent.text);
    flag("required", consent.is_required);
    flag("active", consent.is_active);
  }

  template <class... Args>
  void left_out(fmt::format_string<Args...> format, Args&&... args) {
    result_.left_out.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void note_secrets() {
    const auto [stripe, quickbooks] = tx_.one<std::int64_t, std::int64_t>(
        "SELECT CASE WHEN COALESCE(stripe_secret_key, '') <> '' OR COALESCE(stripe_publishable_key, '') <> "
        "'' OR "
        "COALESCE(stripe_webhook_secret, '') <> '' THEN 1 ELSE 0 END, "
        "CASE WHEN qbo_realm_id <> '' OR qbo_client_id <> '' OR COALESCE(qbo_client_secret, '') <> '' OR "
        "COALESCE(qbo_access_token, '') <> '' OR COALESCE(qbo_refresh_token, '') <> '' THEN 1 ELSE 0 END "
        "FROM conference WHERE id = $1",
        c_.id);
    if (stripe) left_out("the Stripe keys of the conference: secrets are entered in the admin");
    if (quickbooks) left_out("the QuickBooks connection: secrets are entered in the admin");
  }

  void note_targets() {
    if (tx_.one<std::int64_t>("SELECT count(*) FROM kpi_target WHERE conference_id = $1", c_.id) > 0)
      left_out("KPI targets: set in the admin");
    const std::int64_t categories =
        tx_.one<std::int64_t>("SELECT count(*) FROM expense_category WHERE conference_id = $1", c_.id);
    const std::int64_t quotas =
        tx_.one<std::int64_t>("SELECT count(*) FROM quota WHERE conference_id = $1", c_.id);
    if (quotas > 0) left_out("quotas that products share ({}): set in the admin", quotas);
    const std::int64_t discounts =
        tx_.one<std::int64_t>("SELECT count(*) FROM discount_condition WHERE conference_id = $1", c_.id);
    if (discounts > 0) left_out("automatic discounts ({}): set in the admin", discounts);
    if (categories > 0) left_out("expense categories ({}): set in the admin", categories);
  }

  db::Tx& tx_;
  const conference::Conference& c_;
  TimeZone zone_;
  Currency currency_;
  std::map<registration::Id, std::string> ticket_slugs_, tax_slugs_;
  std::vector<registration::Variation> variations_;
  ConferenceExport result_;
};

}  // namespace

ConferenceExport export_conference(db::Tx& tx, std::string_view slug, const config::ProgramSettings& settings,
                                   const std::vector<std::string>& reserved_slugs, const std::string& head) {
  const std::optional<conference::Conference> conference = conference::find(tx, slug);
  if (!conference) throw NotFound(fmt::format("there is no conference \"{}\"", slug));
  ConferenceExport result = Exporter(tx, *conference, settings).run(head);
  // Whoever edits rows by hand may have broken a rule of the file; better told now than when it is needed.
  try {
    config::parse_conference_file(result.toml, conference->slug + ".toml",
                                  {settings.currency, reserved_slugs});
  } catch (const config::ConfigError& error) {
    for (const config::Problem& problem : error.problems()) result.problems.push_back(problem.message());
  }
  return result;
}

}  // namespace plenary::domain
