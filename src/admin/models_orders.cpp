// Orders, payments, attendees and carts: what the shop makes. Here they are looked at; amounts, states and
// stock change through the operations of the shop alone. source: registration 20, 13 and D18; configuration
// 10, 5.5.
#include "admin/model.hpp"
#include "domain/registration/records.hpp"

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
      {"", {"reference", "conference_id", "user_id", "status", "attention", "is_sandbox"}},
      {message("Amounts"),
       {"subtotal", "discount_amount", "total", "currency", "voucher_code", "voucher_details"}},
      {message("Billing"),
       {"billing_name", "billing_email", "billing_is_business", "billing_company", "billing_street",
        "billing_postcode", "billing_city", "billing_region", "billing_country", "billing_vat_id",
        "billing_reference", "language"}},
      {message("Times"),
       {"created_at", "hold_expires_at", "hold_extended_at", "paid_at", "cancelled_at", "updated_at"}},
      {message("Where it came from"), {"utm_source", "utm_medium", "utm_campaign", "mail_problem"}, true}};
  model.inlines = {
      {.table = "order_line",
       .column = "order_id",
       .fields = {"description", "quantity", "unit_price", "condition_discount", "voucher_discount",
                  "line_total"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "payment",
       .column = "order_id",
       .fields = {"method", "status", "amount", "reference", "note", "created_at"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "seat",
       .column = "order_id",
       .fields = {"position", "ticket_type_id", "name", "email", "access_code", "status", "checked_in_at"},
       .blank_rows = 0,
       .read_only = true},
      {.table = "order_event",
       .column = "order_id",
       .fields = {"created_at", "from_status", "to_status", "source", "actor", "reason"},
       .blank_rows = 0,
       .read_only = true}};
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Orders are made, paid and cancelled by the shop. They are kept for good.");
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
  model.columns = {{"description"}, {"order_id"}, {"kind"}, {"quantity"}, {"unit_price"}, {"line_total"}};
  model.filters = {"kind", "ticket_type_id", "addon_id"};
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
  model.inlines = {{.table = "cart_item",
                    .column = "cart_id",
                    .fields = {"ticket_type_id", "addon_id", "quantity", "created_at"},
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
  model.columns = {{"id"}, {"cart_id"}, {"ticket_type_id"}, {"addon_id"}, {"quantity"}, {"created_at"}};
  model.filters = {"ticket_type_id", "addon_id"};
  return model;
}

Model stock() {
  Model model =
      part(registration::stock_table(), "stock", "t.kind || ' ' || t.product_id", "t.conference_id");
  model.columns = {
      {"id"},
      {"conference_id"},
      {"kind"},
      {.name = "product",
       .label = message("Product"),
       .sql = "CASE t.kind WHEN 'ticket_type' THEN (SELECT p.name FROM ticket_type p WHERE p.id = "
              "t.product_id) WHEN 'addon' THEN (SELECT a.name FROM addon a WHERE a.id = "
              "t.product_id) ELSE (SELECT c.name FROM conference c WHERE c.id = t.conference_id) "
              "END"},
      {"capacity"},
      {"sold"},
      {"held"}};
  model.filters = {"conference_id", "kind"};
  return model;
}

}  // namespace

std::vector<Model> order_models() {
  return {orders(), attendees(), payments(), lines(), events(), carts(), cart_items(), stock()};
}

}  // namespace plenary::admin
