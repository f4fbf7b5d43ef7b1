#include "domain/export.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "config/conference_file.hpp"
#include "config/settings.hpp"
#include "config/toml_text.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/currency.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/export_text.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/question_setup.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/sponsors/levels.hpp"

namespace plenary::domain {
namespace {

using config::toml_line;

class Exporter : private ConferenceText {
 public:
  Exporter(db::Tx& tx, const conference::Conference& conference, const config::ProgramSettings& settings)
      : ConferenceText(TimeZone::find(conference.timezone).value_or(TimeZone::utc()),
                       conference::currency_of(conference.currency, settings)),
        tx_(tx),
        c_(conference) {}

  ConferenceExport run(const std::string& head) {
    head_comment(head);
    write_conference();
    write_seller();
    write_payment();
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
    for (const registration::AddOn& addon : registration::addons_of(tx_, c_.id))
      addon_slugs_[addon.id] = addon.slug;
    for (const registration::Quota& quota : registration::quotas_of(tx_, c_.id)) write(quota);
    for (const registration::Condition& discount : registration::conditions_of(tx_, c_.id)) write(discount);
    write_questions();
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

  void write_payment() {
    const registration::PaymentSetup setup = registration::payment_setup_of(tx_, c_.id);
    if (setup.id == 0) return;
    result_.toml += "\n[conference.payment]\n";
    flag("offers_card", setup.offers_card);
    flag("offers_transfer", setup.offers_transfer);
    flag("offers_credit", setup.offers_credit);
    text("account_holder", setup.account_holder);
    text("iban", setup.iban);
    text("bic", setup.bic);
    text("bank_name", setup.bank_name);
    paragraphs("instructions", setup.instructions);
    number("term_days", setup.term_days);
    number("ends_days_before", setup.ends_days_before);
    number("reminder_days", setup.reminder_days);
    amount("card_fee_amount", setup.card_fee_amount);
    line("card_fee_percent", setup.card_fee_percent.normalized().to_string());
    amount("transfer_fee_amount", setup.transfer_fee_amount);
    line("transfer_fee_percent", setup.transfer_fee_percent.normalized().to_string());
    std::string tax;
    for (const registration::ReckonedRule& rule : registration::tax_rules_of(tx_, c_.id))
      if (setup.fee_tax_rule_id == std::optional(rule.rule.id)) tax = rule.rule.slug;
    text("fee_tax", tax);
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

  void write(const registration::Quota& quota) {
    std::vector<std::string> variations;
    for (const registration::Variation& one : variations_)
      if (std::find(quota.variations.begin(), quota.variations.end(), one.id) != quota.variations.end())
        variations.push_back((one.ticket_type_id ? ticket_slugs_.at(*one.ticket_type_id)
                                                 : addon_slugs_.at(one.addon_id.value())) +
                             "/" + one.slug);
    table("quotas");
    text("name", quota.name);
    number("size", quota.size);
    line("tickets", listed(quota.ticket_types, ticket_slugs_));
    line("addons", listed(quota.addons, addon_slugs_));
    line("variations", listed(std::move(variations)));
  }

  void write(const registration::Condition& discount) {
    using Kind = registration::ConditionKind;
    using registration::Scope;
    const registration::ConditionLinks links = registration::links_of_condition(tx_, discount.id);
    const db::Table& described = registration::condition_table();
    table("discounts");
    text("name", discount.name);
    word(described, "kind", &discount);
    if (discount.discount_type == registration::DiscountType::percentage)
      line("percent", discount.percent.normalized().to_string());
    else
      amount("amount", discount.amount);
    paragraphs("description", discount.description);
    flag("active", discount.is_active);
    number("priority", discount.priority);
    number("per_line", discount.max_quantity);
    if (registration::has_window(discount.kind)) {
      number("quantity", discount.usage_limit);
      window(discount.start_time, discount.end_time);
    }
    const auto scope = [&](const char* key, Scope scope, const std::vector<registration::Id>& ids,
                           const std::map<registration::Id, std::string>& slugs) {
      line(key, scope == Scope::selected ? listed(ids, slugs)
                : scope == Scope::none   ? "\"none\""
                                         : "\"all\"");
    };
    scope("tickets", discount.ticket_scope, links.products.ticket_types, ticket_slugs_);
    scope("addons", discount.addon_scope, links.products.addons, addon_slugs_);
    if (discount.kind == Kind::included_product)
      line("requires", listed(links.enabling_ticket_types, ticket_slugs_));
    if (discount.kind == Kind::group_member) {
      std::map<registration::Id, std::string> groups;
      for (const accounts::UserGroup& group : accounts::user_group_table().select(tx_, "ORDER BY name"))
        groups[group.id] = group.name;
      line("groups", listed(links.groups, groups));
    }
    if (discount.kind == Kind::speaker) {
      flag("presenters", discount.is_presenter);
      flag("copresenters", discount.is_copresenter);
    }
  }

  void write_questions() {
    const std::vector<registration::QuestionSetup> all = registration::question_setups(tx_, c_.id);
    std::map<registration::Id, std::string> slugs;
    for (const registration::QuestionSetup& one : all) slugs[one.question.id] = one.question.slug;
    const db::Table& described = registration::question_table();
    for (const registration::QuestionSetup& one : all) {
      const registration::Question& row = one.question;
      table("questions");
      text("slug", row.slug);
      paragraphs("text", row.label);
      word(described, "kind", &row);
      word(described, "target", &row);
      paragraphs("help", row.help);
      flag("required", row.is_required);
      flag("active", row.is_active);
      word(described, "ask_at", &row);
      text("minimum", row.minimum);
      text("maximum", row.maximum);
      line("tickets", row.ticket_scope == registration::QuestionScope::all
                          ? "\"all\""
                          : listed(one.ticket_types, ticket_slugs_));
      line("addons", row.addon_scope == registration::QuestionScope::all ? "\"all\""
                                                                         : listed(one.addons, addon_slugs_));
      line("only_if", row.depends_on_question_id
                          ? fmt::format("{{ question = {}, answer = {} }}",
                                        toml_line(slugs.at(*row.depends_on_question_id)),
                                        toml_line(row.depends_on_value))
                          : std::string("{}"));
      const bool has_choices =
          row.kind == registration::QuestionKind::choice || row.kind == registration::QuestionKind::several;
      for (const registration::QuestionOption& option : one.options) {
        if (!has_choices) break;
        table("questions.choices");
        text("name", option.label);
        text("slug", option.slug);
        flag("active", option.is_active);
      }
    }
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
    if (categories > 0) left_out("expense categories ({}): set in the admin", categories);
  }

  db::Tx& tx_;
  const conference::Conference& c_;
  std::map<registration::Id, std::string> ticket_slugs_, addon_slugs_, tax_slugs_;
  std::vector<registration::Variation> variations_;
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
