// Conferences, sections, feature flags, consent texts and the record of changes. source: configuration
// 10, 5.1 to 5.4.
#include "admin/model.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/types.hpp"
#include "domain/registration/products.hpp"

namespace plenary::admin {
namespace {

const std::string conference_name = "(SELECT c.name FROM conference c WHERE c.id = t.conference_id)";

const std::vector<FieldGroup>& flag_groups() {
  static const std::vector<FieldGroup> groups{
      {message("Module Toggles"),
       {"registration_enabled", "sponsors_enabled", "travel_grants_enabled", "programs_enabled",
        "pretalx_sync_enabled", "visa_letters_enabled"}},
      {message("UI Toggles"), {"public_ui_enabled", "manage_ui_enabled", "all_ui_enabled"}}};
  return groups;
}

Model conferences() {
  using conference::Conference;
  Model model;
  model.table = &conference::conference_table();
  model.view_code = "view_conference";
  model.change_code = "manage_conference_settings";
  model.area = "program_conference";
  model.name = "conference";
  model.conference_sql = "t.id";
  model.columns = {{"name"}, {"slug"}, {"start_date"}, {"end_date"}, {"is_active"}};
  model.filters = {"is_active"};
  model.search = {"t.name", "t.slug"};
  model.date_column = "start_date";
  model.slug_from = "name";
  model.groups = {
      {"", {"name", "slug", "venue", "address", "website_url", "total_capacity", "currency"}},
      {message("Dates"), {"start_date", "end_date", "timezone"}},
      {message("Sale"),
       {"is_active", "sales_open", "require_account", "max_tickets_per_cart", "transfer_until"}},
      {message("Taxes and invoices"), {"seller_id", "event_country", "tax_rounding", "invoice_moment"}},
      {message("Discounts and waiting lists"), {"discount_choice", "offer_hours"}},
      {message("What buyers do themselves"),
       {"self_change_until", "self_cancel_until", "cancel_fee_percent", "cancel_fee_amount", "cancel_refund",
        "answers_until"},
       false,
       message("With orders that are paid.")},
      {message("Targets"), {"revenue_budget", "grant_budget", "target_attendance"}},
      {message("Looks"), {"accent_color", "logo_url"}},
      {message("Legal texts"),
       {"contact", "imprint", "terms", "privacy", "code_of_conduct", "refund_policy", "withdrawal_note"},
       true},
      {message("Integrations"),
       {"pretalx_event_slug", "pretalx_base_url", "pretalx_token", "stripe_secret_key",
        "stripe_publishable_key", "stripe_webhook_secret", "qbo_realm_id", "qbo_client_id",
        "qbo_client_secret", "qbo_access_token", "qbo_refresh_token"},
       true,
       message("Keys are stored encrypted and never shown again.")},
  };
  model.secrets = {
      {"pretalx_token", message("Pretalx token"), message("Of an account that may read the event.")},
      {"stripe_secret_key", message("Stripe secret key"), message("Begins with sk_ or rk_.")},
      {"stripe_publishable_key", message("Stripe publishable key"), message("Begins with pk_.")},
      {"stripe_webhook_secret", message("Stripe webhook secret"), message("Begins with whsec_.")},
      {"qbo_access_token", message("QuickBooks access token"), "", 2000},
      {"qbo_refresh_token", message("QuickBooks refresh token"), "", 2000},
      {"qbo_client_secret", message("QuickBooks client secret"), "", 500},
  };
  model.key_places = {"pretalx_base_url", "qbo_realm_id", "qbo_client_id"};
  model.inlines = {
      {.table = "feature_flags",
       .column = "conference_id",
       .fields = {},
       .groups = flag_groups(),
       .blank_rows = 0,
       .at_most = 1},
      {.table = "section",
       .column = "conference_id",
       .fields = {"name", "slug", "start_date", "end_date", "sort_order"}},
      {.table = "kpi_target",
       .column = "conference_id",
       .fields = {},
       .groups = kpi_groups(),
       .blank_rows = 0,
       .at_most = 1},
  };
  model.kept_by = {"orders", "payment", "credit", "expense", "travel_grant"};
  model.insert = [](db::Tx& tx, void* row) {
    auto& conference = *static_cast<Conference*>(row);
    const auto id = conference::create(tx, conference);
    if (!id) throw Refused("not_unique", message("Another conference has this slug."), {}, "slug");
    conference = *conference::load(tx, *id);
    registration::set_conference_capacity(tx, *id, conference.total_capacity);
  };
  model.update = [](db::Tx& tx, const void* before, void* row) {
    auto& conference = *static_cast<Conference*>(row);
    if (!conference::update(tx, conference)) return false;
    if (static_cast<const Conference*>(before)->total_capacity != conference.total_capacity)
      registration::set_conference_capacity(tx, conference.id, conference.total_capacity);
    conference = *conference::load(tx, conference.id);
    return true;
  };
  model.check = [](db::Tx& tx, const void* before, const void* row) {
    if (!before) return std::vector<db::FieldError>();
    const auto& conference = *static_cast<const Conference*>(row);
    const auto committed = registration::committed_of_conference(tx, conference.id);
    return stock_faults("total_capacity", conference.total_capacity,
                        static_cast<const Conference*>(before)->total_capacity, committed.sold,
                        committed.held);
  };
  model.view_on_site = [](std::string_view base, const void* row) {
    return std::string(base) + "/" + static_cast<const Conference*>(row)->slug + "/";
  };
  return model;
}

Model sections() {
  Model model;
  model.table = &conference::section_table();
  model.view_code = "view_program";
  model.change_code = "change_program";
  model.area = "program_conference";
  model.name = "section";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"}, {.name = "conference_id"}, {"start_date"}, {"end_date"}, {"sort_order"}};
  model.filters = {"conference_id"};
  model.search = {"t.name", "t.slug"};
  model.slug_from = "name";
  return model;
}

Model feature_flags() {
  Model model;
  model.table = &conference::feature_flags_table();
  model.view_code = "view_conference";
  model.change_code = "manage_conference_settings";
  model.area = "program_conference";
  model.name = "featureflags";
  model.conference_sql = "t.conference_id";
  model.label_sql = conference_name;
  model.columns = {{"conference_id"},
                   {"registration_enabled"},
                   {"sponsors_enabled"},
                   {"travel_grants_enabled"},
                   {"programs_enabled"},
                   {"pretalx_sync_enabled"},
                   {"visa_letters_enabled"},
                   {"public_ui_enabled"},
                   {"manage_ui_enabled"},
                   {"all_ui_enabled"},
                   {"updated_at"}};
  model.filters = {"conference_id"};
  model.search = {conference_name};
  model.groups = {{"", {"conference_id"}}};
  for (const FieldGroup& group : flag_groups()) model.groups.push_back(group);
  return model;
}

Model consent_texts() {
  Model model;
  model.table = &conference::consent_text_table();
  model.view_code = "view_conference";
  model.change_code = "manage_conference_settings";
  model.area = "program_conference";
  model.name = "consenttext";
  model.conference_sql = "t.conference_id";
  model.label_sql = "t.slug";
  model.columns = {{"slug"},      {"conference_id"}, {"is_required"},
                   {"is_active"}, {"text_version"},  {"sort_order"}};
  model.filters = {"conference_id", "is_required", "is_active"};
  model.search = {"t.slug", "t.text"};
  model.read_only = {"text_version"};
  model.update = [](db::Tx& tx, const void* before, void* row) {
    auto& text = *static_cast<conference::ConsentText*>(row);
    if (static_cast<const conference::ConsentText*>(before)->text != text.text) ++text.text_version;
    const auto stored = conference::consent_text_table().update(tx, text);
    if (stored) text = *stored;
    return stored.has_value();
  };
  return model;
}

// A text that stands beside an entry of the record of changes.
std::string text_at(int position) {
  return "coalesce((SELECT v.text FROM audit_value v WHERE v.entry_id = t.id AND v.position = " +
         std::to_string(position) + "), '')";
}

// "Price: 100.00 → 90.00 …" of the first change; dots where there are more.
const std::string first_change =
    "coalesce((SELECT v.label || CASE WHEN t.seq IS NULL THEN '' ELSE ': ' || v.old_text || CASE WHEN "
    "v.old_text <> '' AND v.text <> '' THEN ' ' ELSE '' END || '→ ' || v.text END FROM audit_value v WHERE "
    "v.entry_id = t.id AND v.position = 3), '') || CASE WHEN EXISTS (SELECT 1 FROM audit_value v WHERE "
    "v.entry_id = t.id AND v.position > 3) THEN ' …' ELSE '' END";

Model changes() {
  Model model;
  model.table = &conference::audit_entry_table();
  model.area = "operation";
  model.name = "change";
  model.conference_sql = "t.conference_id";
  model.label_sql = text_at(2);
  model.columns = {{"created_at"},
                   {.name = "actor", .label = message("Who"), .sql = text_at(0)},
                   {"action"},
                   {.name = "entity", .told = entity_words},
                   {.name = "object",
                    .label = message("What"),
                    .sql = text_at(2),
                    .entity_column = "entity",
                    .key_column = "object_id"},
                   {.name = "change", .label = message("What changed"), .sql = first_change, .sorts = false},
                   {"conference_id"},
                   {.name = "source", .told = source_words},
                   {.name = "address", .label = message("Address"), .sql = text_at(1)},
                   {.name = "object_id", .label = message("Number of the entry")}};
  model.filters = {"conference_id", "actor_id", "action", "entity", "source", "created_at"};
  model.filter_texts = {{"source", {"admin", "manage", "api", "command", "bootstrap", "demo", "set-up"}}};
  model.search = {text_at(0), text_at(2), "t.entity", "t.object_id"};
  model.search_help = message("Looks in person, entry, kind and number.");
  model.date_column = "created_at";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("The record of changes is only ever added to.");
  return model;
}

}  // namespace

std::vector<Model> conference_models() {
  return {conferences(), feature_flags(), sections(), consent_texts(), changes()};
}

}  // namespace plenary::admin
