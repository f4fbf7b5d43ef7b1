// What selling needs beside products: taxes, sellers, variations, shared quotas, and the evidence of VAT ids.
// source: taxes 25, 1 and 3; registration 20, 13, D37.
#include "admin/model.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "domain/registration/vat_checks.hpp"
#include "domain/registration/voucher_batches.hpp"

namespace plenary::admin {
namespace {

using registration::Quota;
using registration::StockKind;
using registration::Variation;

Model commerce(const db::Table& table, std::string name) {
  Model model;
  model.table = &table;
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = std::move(name);
  model.conference_sql = "t.conference_id";
  return model;
}

Model tax_rules() {
  Model model = commerce(registration::tax_rule_table(), "taxrule");
  model.columns = {{"name"},         {"conference_id"},   {"rate"},
                   {"includes_tax"}, {"place_of_supply"}, {"category"}};
  model.filters = {"conference_id", "category", "place_of_supply"};
  model.search = {"t.name", "t.slug"};
  model.slug_from = "name";
  model.groups = {{"", {"conference_id", "name", "slug", "rate", "includes_tax", "category"}},
                  {message("Where it is taxed"), {"place_of_supply", "reverse_charge"}},
                  {message("What invoices say"), {"legal_text", "reverse_charge_text"}},
                  {message("Bookkeeping"), {"account"}}};
  model.inlines = {{.table = "tax_rule_country", .column = "tax_rule_id", .fields = {"country", "rate"}}};
  return model;
}

// On the page of their rule.
Model tax_rates() {
  Model model = commerce(registration::tax_rule_country_table(), "taxrulecountry");
  model.conference_sql = "(SELECT r.conference_id FROM tax_rule r WHERE r.id = t.tax_rule_id)";
  model.label_sql = "t.country || ' ' || t.rate || ' %'";
  model.columns = {{"country"}, {"tax_rule_id"}, {"rate"}};
  model.filters = {"tax_rule_id"};
  model.search = {"t.country"};
  return model;
}

// How many conferences a seller has of which this person has no full access.
bool is_sellers_everywhere(db::Tx& tx, const Person& person, std::int64_t seller_id) {
  for (const std::int64_t conference :
       tx.query<std::int64_t>("SELECT id FROM conference WHERE seller_id = $1", seller_id)) {
    if (!person.rights.full_access(conference)) return false;
  }
  return true;
}

Model sellers() {
  Model model;
  model.table = &conference::seller_table();
  model.area = "program_conference";
  model.name = "seller";
  // Whoever has full access in its conference keeps its data right; of several, the first one made.
  model.conference_sql = "(SELECT min(c.id) FROM conference c WHERE c.seller_id = t.id)";
  model.full_access_makes = false;
  model.currency_sql = "t.currency";
  model.columns = {{"name"},
                   {"country"},
                   {"vat_id"},
                   {"invoice_prefix"},
                   {"credit_note_prefix"},
                   {.name = "conferences",
                    .label = message("Conferences"),
                    .sql = "(SELECT count(*) FROM conference c WHERE c.seller_id = t.id)",
                    .shown = Shown::integer}};
  model.filters = {"country"};
  model.search = {"t.name", "t.vat_id", "t.invoice_prefix"};
  model.groups = {{"", {"name", "street", "postcode", "city", "region", "country", "email"}},
                  {message("Taxes and registers"), {"vat_id", "register_number", "small_business_note"}},
                  {message("Bank"), {"bank_holder", "bank_iban", "bank_bic"}},
                  {message("Numbers of its documents"),
                   {"invoice_prefix", "credit_note_prefix", "restarts_yearly"},
                   false,
                   message("Once something was invoiced, another prefix begins another series.")},
                  {message("Bookkeeping"), {"currency", "datev_consultant", "datev_client"}}};
  model.guard = [](db::Tx& tx, const Person& person, const void* before, const void*) {
    if (before && !is_sellers_everywhere(tx, person, static_cast<const conference::Seller*>(before)->id))
      throw Refused("shared",
                    message("This seller has other conferences too, in which you do not have full access."));
  };
  model.written = [](db::Tx& tx, const void* row) {
    conference::written(tx, *static_cast<const conference::Seller*>(row));
  };
  return model;
}

std::vector<db::FieldError> below_sold(db::Tx& tx, std::int64_t conference_id, StockKind kind,
                                       std::int64_t id, const char* field, std::int64_t quantity,
                                       std::int64_t before) {
  const registration::StockLevels levels = registration::stock_levels(tx, conference_id);
  const registration::StockLevel* level = levels.find(kind, id);
  if (!level) return {};
  return stock_faults(field, quantity, before, level->sold, level->held - level->elapsed);
}

Model variations() {
  Model model = commerce(registration::variation_table(), "variation");
  model.label_sql =
      "coalesce((SELECT p.name FROM ticket_type p WHERE p.id = t.ticket_type_id), (SELECT a.name FROM addon "
      "a "
      "WHERE a.id = t.addon_id), '') || ', ' || t.name";
  model.columns = {
      {"name"},
      {"ticket_type_id"},
      {"addon_id"},
      {"conference_id"},
      {"price"},
      {"total_quantity"},
      {.name = "used",
       .label = message("Sold and held"),
       .sql = "(SELECT coalesce(sum(s.sold + s.held), 0) FROM stock s WHERE s.kind = 'variation' AND "
              "s.product_id = t.id AND s.conference_id = t.conference_id)",
       .shown = Shown::integer},
      {"is_active"},
      {"sort_order"}};
  model.filters = {"conference_id", "ticket_type_id", "addon_id", "is_active"};
  model.search = {"t.name", "t.slug"};
  model.slug_from = "name";
  model.groups = {{"", {"conference_id", "ticket_type_id", "addon_id", "name", "slug", "description"}},
                  {message("Price and stock"), {"price", "total_quantity", "is_active"}},
                  {message("Place in the list"), {"sort_order"}}};
  model.kept_by = {"order_line"};
  model.check = [](db::Tx& tx, const void* before, const void* row) {
    if (!before) return std::vector<db::FieldError>();
    const auto& variation = *static_cast<const Variation*>(row);
    return below_sold(tx, variation.conference_id, StockKind::variation, variation.id, "total_quantity",
                      variation.total_quantity, static_cast<const Variation*>(before)->total_quantity);
  };
  model.written = [](db::Tx& tx, const void* row) {
    registration::written(tx, *static_cast<const Variation*>(row));
  };
  model.remove = [](db::Tx& tx, const void* row) {
    registration::remove(tx, *static_cast<const Variation*>(row));
  };
  return model;
}

Model quotas() {
  Model model = commerce(registration::quota_table(), "quota");
  const auto stock_of = [](const char* what) {
    return std::string("(SELECT coalesce(sum(") + what +
           "), 0) FROM stock s WHERE s.kind = 'quota' AND s.product_id = t.id AND s.conference_id = "
           "t.conference_id)";
  };
  model.columns = {
      {"name"},
      {"conference_id"},
      {"size"},
      {.name = "sold", .label = message("Sold"), .sql = stock_of("s.sold"), .shown = Shown::integer},
      {.name = "held", .label = message("Held"), .sql = stock_of("s.held"), .shown = Shown::integer}};
  model.filters = {"conference_id"};
  model.search = {"t.name"};
  model.groups = {
      {"", {"conference_id", "name", "size"}},
      {message("What counts"),
       {"ticket_types", "addons", "variations"},
       false,
       message("Each unit of these takes one of the places. A product chosen here counts with all of "
               "its variations.")}};
  model.links = {{.name = "ticket_types",
                  .label = message("Ticket types"),
                  .help = "",
                  .table = "quota_ticket_type",
                  .own_column = "quota_id",
                  .other_column = "ticket_type_id",
                  .other_table = "ticket_type"},
                 {.name = "addons",
                  .label = message("Add-ons"),
                  .help = "",
                  .table = "quota_addon",
                  .own_column = "quota_id",
                  .other_column = "addon_id",
                  .other_table = "addon"},
                 {.name = "variations",
                  .label = message("Variations"),
                  .help = "",
                  .table = "quota_variation",
                  .own_column = "quota_id",
                  .other_column = "variation_id",
                  .other_table = "variation"}};
  model.check = [](db::Tx& tx, const void* before, const void* row) {
    if (!before) return std::vector<db::FieldError>();
    const auto& quota = *static_cast<const Quota*>(row);
    return below_sold(tx, quota.conference_id, StockKind::quota, quota.id, "size", quota.size,
                      static_cast<const Quota*>(before)->size);
  };
  model.written = [](db::Tx& tx, const void* row) {
    registration::written(tx, *static_cast<const Quota*>(row));
  };
  model.remove = [](db::Tx& tx, const void* row) {
    registration::remove(tx, *static_cast<const Quota*>(row));
  };
  return model;
}

Model payment_setups() {
  Model model = commerce(registration::payment_setup_table(), "paymentsetup");
  // Whoever changes the account says where the money goes.
  model.view_code = "view_finance";
  model.change_code = "change_finance";
  model.label_sql = "(SELECT c.name FROM conference c WHERE c.id = t.conference_id)";
  model.columns = {{"conference_id"}, {"offers_card"}, {"offers_transfer"},
                   {"offers_credit"}, {"iban"},        {"term_days"}};
  model.filters = {"offers_card", "offers_transfer"};
  model.search = {"t.account_holder", "t.iban"};
  model.groups = {
      {"", {"conference_id"}},
      {message("Ways to pay"), {"offers_card", "offers_transfer", "offers_credit"}},
      {message("Account for bank transfers"), {"account_holder", "iban", "bic", "bank_name", "instructions"}},
      {message("How long a transfer may take"), {"term_days", "ends_days_before", "reminder_days"}}};
  return model;
}

Model payment_terms() {
  Model model = commerce(registration::payment_term_table(), "paymentterm");
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.label_sql = "(SELECT o.reference FROM orders o WHERE o.id = t.order_id)";
  model.columns = {{"order_id"}, {"conference_id"}, {"chosen_at"}, {"ends_at"}, {"reminded_at"}};
  model.filters = {"conference_id", "ends_at"};
  model.search = {model.label_sql};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because =
      message("Buyers choose bank transfer on the page to pay, and their order keeps its term.");
  return model;
}

Model vat_checks() {
  Model model = commerce(registration::vat_check_table(), "vatcheck");
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.label_sql = "t.vat_id";
  model.columns = {{"vat_id"}, {"conference_id"},       {"status"},
                   {"name"},   {"consultation_number"}, {"checked_at"}};
  model.filters = {"conference_id", "status", "checked_at"};
  model.search = {"t.vat_id", "t.name", "t.consultation_number"};
  model.date_column = "checked_at";
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because =
      message("What a tax authority said about a VAT number is kept as it was said: it is evidence.");
  return model;
}

Model batches() {
  Model model = commerce(registration::voucher_batch_table(), "voucherbatch");
  model.label_sql = "CASE WHEN t.prefix <> '' THEN t.prefix ELSE '#' || t.id END";
  model.columns = {{.name = "label", .label = message("Batch"), .sql = model.label_sql, .sorts = false},
                   {"conference_id"},
                   {"made"},
                   {"wanted"},
                   {"status"},
                   {"created_by"},
                   {"created_at"}};
  model.filters = {"conference_id", "status", "created_at"};
  model.search = {"t.prefix"};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because =
      message("Batches are made in the list of vouchers, and stopped and continued on their own page there.");
  return model;
}

}  // namespace

std::vector<Model> selling_models() {
  return {tax_rules(),      tax_rates(),     variations(), quotas(), batches(),
          payment_setups(), payment_terms(), vat_checks(), sellers()};
}

}  // namespace plenary::admin
