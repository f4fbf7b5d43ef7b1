// Orders, payments, attendees and carts: what the shop makes. Here they are looked at; amounts, states and
// stock change through the operations of the shop alone. source: registration 20, 13 and D18; configuration
// 10, 5.5.
#include "admin/model.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"

namespace plenary::admin {
namespace {

const std::string order_reference = "(SELECT o.reference FROM orders o WHERE o.id = t.order_id)";
const std::string order_currency = "(SELECT o.currency FROM orders o WHERE o.id = t.order_id)";
const std::string order_conference = "(SELECT o.conference_id FROM orders o WHERE o.id = t.order_id)";

Model orders() {
  Model model;
  model.table = &registration::order_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "order";
  model.conference_sql = "t.conference_id";
  model.currency_sql = "t.currency";
  model.label_sql = "t.reference";
  model.columns = {{"reference"}, {"billing_name"}, {"billing_email"}, {"conference_id"},
                   {"status"},    {"total"},        {"created_at"}};
  model.filters = {"conference_id", "status", "is_sandbox", "created_at", "paid_at"};
  model.search = {"t.reference", "t.billing_email", "t.billing_name",
                  "(SELECT u.email FROM user_account u WHERE u.id = t.user_id)"};
  model.search_help = message("Looks in reference, name and e-mail address.");
  model.date_column = "created_at";
  model.order = "t.created_at DESC, t.id DESC";
  model.groups = {
      {"", {"reference", "conference_id", "user_id", "status", "attention", "comment", "is_sandbox"}},
      {message("Amounts"),
       {"subtotal", "discount_amount", "tax", "total", "currency", "voucher_code", "voucher_details"}},
      {message("Billing"),
       {"billing_name", "billing_email", "billing_is_business", "billing_company", "billing_street",
        "billing_postcode", "billing_city", "billing_region", "billing_country", "billing_vat_id",
        "vat_confirmed", "vat_check_id", "billing_reference", "language"}},
      {message("Times"),
       {"created_at", "hold_expires_at", "hold_extended_at", "paid_at", "cancelled_at", "updated_at"}},
      {message("Where it came from"), {"utm_source", "utm_medium", "utm_campaign", "mail_problem"}, true}};
  model.inlines = {
      {.table = "order_line",
       .column = "order_id",
       .fields = {"description", "quantity", "unit_price", "condition_name", "condition_discount",
                  "voucher_discount", "line_total", "tax_rate", "tax", "gross", "reverses_line_id"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "payment",
       .column = "order_id",
       .fields = {"method", "status", "amount", "reference", "note", "created_at"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "refund",
       .column = "order_id",
       .fields = {"destination", "amount", "status", "reason_code", "note", "failure", "created_by",
                  "created_at"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "seat",
       .column = "order_id",
       .fields = {"position", "ticket_type_id", "name", "email", "access_code", "status", "checked_in_at"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "answer",
       .column = "order_id",
       .fields = {"position", "question_text", "shown", "answered_at"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "answer_event",
       .column = "order_id",
       .fields = {"created_at", "position", "actor", "detail"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "order_event",
       .column = "order_id",
       .fields = {"created_at", "from_status", "to_status", "source", "actor", "reason"},
       .blank_rows = 0,
       .read_only = true}};
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message(
      "Orders are made and paid by the shop; “Change, cancel, refund” leads to what staff do with them. They "
      "are "
      "kept for good.");
  return model;
}

Model payments() {
  Model model;
  model.table = &registration::payment_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "payment";
  model.conference_sql = "t.conference_id";
  model.currency_sql = "t.currency";
  model.label_sql = order_reference + " || ' #' || t.id";
  model.columns = {{.name = "label", .label = message("Payment"), .sql = model.label_sql, .sorts = false},
                   {"order_id"},
                   {"conference_id"},
                   {"method"},
                   {"status"},
                   {"amount"},
                   {"created_at"}};
  model.filters = {"conference_id", "method", "status", "created_at"};
  model.search = {order_reference, "t.intent_id", "t.charge_id", "t.reference"};
  model.date_column = "created_at";
  model.order = "t.created_at DESC, t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Payments are what was paid. They are never edited.");
  return model;
}

Model refunds() {
  Model model;
  model.table = &registration::refund_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "refund";
  model.conference_sql = "t.conference_id";
  model.currency_sql = "t.currency";
  model.label_sql = order_reference + " || ' #' || t.id";
  model.columns = {{.name = "label", .label = message("Refund"), .sql = model.label_sql, .sorts = false},
                   {"order_id"},
                   {"conference_id"},
                   {"destination"},
                   {"amount"},
                   {"status"},
                   {"created_at"}};
  model.filters = {"conference_id", "destination", "status", "created_at"};
  model.search = {order_reference, "t.provider_id", "t.note"};
  model.date_column = "created_at";
  model.order = "t.created_at DESC, t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Refunds are asked for on the page of their order. They are never edited.");
  return model;
}

Model waiting_changes() {
  Model model;
  model.table = &registration::order_change_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "orderchange";
  model.conference_sql = "t.conference_id";
  model.currency_sql = order_currency;
  model.label_sql = order_reference + " || ' #' || t.id";
  model.columns = {{.name = "label", .label = message("Change"), .sql = model.label_sql, .sorts = false},
                   {"order_id"},
                   {"status"},
                   {"difference"},
                   {"expires_at"},
                   {"created_at"}};
  model.filters = {"conference_id", "status"};
  model.search = {order_reference};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("A change waits for its payment, or lapses.");
  return model;
}

Model lines() {
  Model model;
  model.table = &registration::order_line_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "orderlineitem";
  model.conference_sql = order_conference;
  model.currency_sql = order_currency;
  model.label_sql = "t.quantity || ' × ' || t.description";
  model.columns = {{"description"}, {"order_id"}, {"kind"}, {"quantity"}, {"unit_price"},
                   {"line_total"},  {"tax_rate"}, {"tax"},  {"gross"},    {"reverses_line_id"}};
  model.filters = {"kind", "ticket_type_id", "addon_id", "variation_id", "tax_category", "reverse_charge"};
  model.search = {"t.description", order_reference};
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Lines stay as they were ordered.");
  return model;
}

Model attendees() {
  Model model;
  model.table = &registration::seat_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "attendee";
  model.title = message("Attendee");
  model.titles = message("Attendees");
  model.conference_sql = "t.conference_id";
  model.label_sql = "CASE WHEN t.name <> '' THEN t.name ELSE t.access_code END";
  model.columns = {{.name = "label", .label = message("Attendee"), .sql = model.label_sql},
                   {"email"},
                   {"conference_id"},
                   {"ticket_type_id"},
                   {"access_code"},
                   {"status"},
                   {"checked_in_at"}};
  model.filters = {"conference_id", "ticket_type_id", "status", "checked_in_at"};
  model.search = {"t.name", "t.email", "t.access_code", order_reference};
  model.search_help = message("Looks in name, e-mail address, access code and order.");
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("A seat belongs to its order; its holder and the buyer change it there.");
  return model;
}

Model carts() {
  Model model;
  model.table = &registration::cart_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "cart";
  model.conference_sql = "t.conference_id";
  model.label_sql = "'#' || t.id";
  model.columns = {{.name = "label", .label = message("Cart"), .sql = model.label_sql, .sorts = false},
                   {"user_id"},
                   {"conference_id"},
                   {"status"},
                   {"voucher_id"},
                   {"expires_at"}};
  model.filters = {"conference_id", "status", "expires_at"};
  model.search = {"(SELECT u.email FROM user_account u WHERE u.id = t.user_id)"};
  model.order = "t.id DESC";
  model.inlines = {
      {.table = "cart_item",
       .column = "cart_id",
       .fields = {"ticket_type_id", "addon_id", "variation_id", "chosen_price", "quantity", "created_at"},
       .blank_rows = 0,
       .read_only = true}};
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Carts hold stock for their buyers, who fill and empty them.");
  return model;
}

// Without pages in the index of their own they would have no labels: the parts of orders and carts.
Model part(const db::Table& table, std::string name, std::string label_sql, std::string conference_sql) {
  Model model;
  model.table = &table;
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = std::move(name);
  model.label_sql = std::move(label_sql);
  model.conference_sql = std::move(conference_sql);
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("This is written by the shop.");
  return model;
}

Model events() {
  Model model = part(registration::order_event_table(), "orderevent",
                     order_reference + " || ' ' || t.to_status", order_conference);
  model.columns = {{"created_at"}, {"order_id"}, {"from_status"}, {"to_status"},
                   {"source"},     {"actor"},    {"reason"}};
  model.filters = {"created_at"};
  model.search = {order_reference, "t.actor", "t.reason"};
  return model;
}

Model cart_items() {
  Model model = part(registration::cart_item_table(), "cartitem", "t.quantity || 'x #' || t.id",
                     "(SELECT c.conference_id FROM cart c WHERE c.id = t.cart_id)");
  model.columns = {{"id"},           {"cart_id"},  {"ticket_type_id"}, {"addon_id"},
                   {"variation_id"}, {"quantity"}, {"created_at"}};
  model.filters = {"ticket_type_id", "addon_id"};
  return model;
}

// What a stock row is of, by its kind.
std::string product_of_stock(const std::string& row) {
  const auto named = [&](const char* kind, const char* table, const char* name) {
    return std::string(" WHEN '") + kind + "' THEN (SELECT p." + name + " FROM " + table +
           " p WHERE p.id = " + row + ".product_id)";
  };
  return "CASE " + row + ".kind" + named("ticket_type", "ticket_type", "name") +
         named("addon", "addon", "name") + named("variation", "variation", "name") +
         named("quota", "quota", "name") + named("voucher", "voucher", "code") +
         named("voucher_budget", "voucher", "code") + named("condition", "discount_condition", "name") +
         " ELSE (SELECT c.name FROM conference c WHERE c.id = " + row + ".conference_id) END";
}

Model holds() {
  Model model =
      part(registration::hold_table(), "hold", "t.owner_kind || ' ' || t.owner_id", "t.conference_id");
  model.columns = {{"id"},
                   {"conference_id"},
                   {.name = "stock",
                    .label = message("Stock"),
                    .sql = "(SELECT " + product_of_stock("s") + " FROM stock s WHERE s.id = t.stock_id)",
                    .sorts = false},
                   {"owner_kind"},
                   {"owner_id"},
                   {"quantity"},
                   {"reserved"},
                   {"expires_at"}};
  model.filters = {"conference_id", "owner_kind", "expires_at"};
  return model;
}

Model stock() {
  Model model =
      part(registration::stock_table(), "stock", "t.kind || ' ' || t.product_id", "t.conference_id");
  model.columns = {
      {"id"},       {"conference_id"},
      {"kind"},     {.name = "product", .label = message("Product"), .sql = product_of_stock("t")},
      {"capacity"}, {"sold"},
      {"held"}};
  model.filters = {"conference_id", "kind"};
  return model;
}

}  // namespace

std::vector<Model> order_models() {
  return {orders(),          attendees(), payments(),   refunds(), lines(), events(),
          waiting_changes(), carts(),     cart_items(), stock(),   holds()};
}

}  // namespace plenary::admin
