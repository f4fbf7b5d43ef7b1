// Vouchers, automatic discounts and store credit. source: configuration 10, 5.5; registration 20, 13 and D9.
#include "admin/model.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/money_letters.hpp"
#include "domain/registration/voucher_removal.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::admin {
namespace {

using registration::Condition;
using registration::Credit;
using registration::Voucher;

Link products(std::string name, std::string label, std::string help, std::string table, std::string own,
              bool addons) {
  return {.name = std::move(name),
          .label = std::move(label),
          .help = std::move(help),
          .table = std::move(table),
          .own_column = std::move(own),
          .other_column = addons ? "addon_id" : "ticket_type_id",
          .other_table = addons ? "addon" : "ticket_type"};
}

// "3 / 50", of the stock that counts its uses; "3 / ∞" without a limit.
std::string used_of(const char* kind, const std::string& limit) {
  return std::string("CAST((SELECT coalesce(sum(s.sold + s.held), 0) FROM stock s WHERE s.kind = '") + kind +
         "' AND s.product_id = t.id AND s.conference_id = t.conference_id) AS TEXT) || ' / ' || "
         "coalesce(CAST(" +
         limit + " AS TEXT), '∞')";
}

Model vouchers() {
  Model model;
  model.table = &registration::voucher_table();
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = "voucher";
  model.conference_sql = "t.conference_id";
  model.label_sql = "t.code";
  model.columns = {
      {"code"},
      {"conference_id"},
      {"voucher_type"},
      {"percent"},
      {"amount"},
      {.name = "times_used",
       .label = message("Used"),
       .sql = "(SELECT coalesce(sum(s.sold + s.held), 0) FROM stock s WHERE s.kind = 'voucher' AND "
              "s.product_id = t.id AND s.conference_id = t.conference_id)",
       .shown = Shown::integer},
      {"max_uses"},
      {"is_active"},
      {"batch_id"}};
  // The shop's page (routes_shop.cpp).
  const ListColumn link{
      .name = "link",
      .label = message("Link that puts the code into the cart"),
      .sql =
          "(SELECT '/' || c.slug || '/register/?voucher=' || t.code FROM conference c WHERE c.id = "
          "t.conference_id)",
      .shown = Shown::address};
  model.filters = {"conference_id",          "voucher_type", "is_active", "reserves",
                   "unlocks_hidden_tickets", "valid_until",  "batch_id"};
  model.figures = {
      {.name = "used", .label = message("Uses, of the most"), .sql = used_of("voucher", "t.max_uses")},
      {.name = "spent",
       .label = message("Taken off its budget"),
       .sql = "(SELECT s.sold + s.held FROM stock s WHERE s.kind = 'voucher_budget' AND s.product_id = "
              "t.id AND s.conference_id = t.conference_id)",
       .shown = Shown::money},
      {.name = "reserved",
       .label = message("Units that it keeps back"),
       .sql = "(SELECT max(h.quantity) FROM hold h WHERE h.owner_kind = 'voucher' AND h.owner_id = t.id)",
       .shown = Shown::integer},
      link};
  model.exported = {link};
  model.tools = {{message("Make a batch"), "batch/"}, {message("Import"), "import/"}};
  model.has_preview = true;
  model.search = {"t.code", "t.note"};
  model.order = "t.id DESC";
  model.groups = {{"", {"conference_id", "code", "voucher_type", "percent", "amount", "is_active"}},
                  {message("What it reaches"),
                   {"ticket_scope", "ticket_types", "addon_scope", "addons", "unlocks_hidden_tickets"}},
                  {message("How often and when"),
                   {"max_uses", "max_units", "budget", "reserves", "valid_from", "valid_until"}},
                  {message("Where it comes from"), {"sponsor_id", "batch_id", "note"}}};
  model.links = {
      products("ticket_types", message("Ticket types"),
               message("Where the scope says: only the selected ones."), "voucher_ticket_type", "voucher_id",
               false),
      products("addons", message("Add-ons"), message("Where the scope says: only the selected ones."),
               "voucher_addon", "voucher_id", true)};
  model.kept_by = {"orders", "cart"};
  model.insert = [](db::Tx& tx, void* row) {
    auto& voucher = *static_cast<Voucher*>(row);
    voucher.code = registration::normal_code(voucher.code);
    voucher = registration::voucher_table().insert(tx, voucher);
  };
  model.update = [](db::Tx& tx, const void*, void* row) {
    auto& voucher = *static_cast<Voucher*>(row);
    voucher.code = registration::normal_code(voucher.code);
    const auto stored = registration::voucher_table().update(tx, voucher);
    if (stored) voucher = *stored;
    return stored.has_value();
  };
  model.written = [](db::Tx& tx, const void* row) {
    registration::check_scopes(tx, *static_cast<const Voucher*>(row));
  };
  model.remove = [](db::Tx& tx, const void* row) {
    registration::remove(tx, *static_cast<const Voucher*>(row));
  };
  return model;
}

Model conditions() {
  Model model;
  model.table = &registration::condition_table();
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = "condition";
  model.conference_sql = "t.conference_id";
  model.columns = {
      {"name"},
      {"conference_id"},
      {"kind"},
      {"is_active"},
      {"priority"},
      {"discount_type"},
      {"percent"},
      {"amount"},
      {"start_time"},
      {"end_time"},
      {.name = "times_used",
       .label = message("Used"),
       .sql = "(SELECT coalesce(sum(s.sold + s.held), 0) FROM stock s WHERE s.kind = 'condition' AND "
              "s.product_id = t.id AND s.conference_id = t.conference_id)",
       .shown = Shown::integer},
      {.name = "usage_limit",
       .label = message("Limit"),
       .sql = "CASE WHEN t.usage_limit > 0 THEN CAST(t.usage_limit AS TEXT) ELSE '∞' END",
       .sorts = false}};
  model.figures = {{.name = "used",
                    .label = message("Units used, of the limit"),
                    .sql = used_of("condition", "CASE WHEN t.usage_limit > 0 THEN t.usage_limit END")}};
  model.has_preview = true;
  model.filters = {"conference_id", "kind", "is_active", "discount_type"};
  model.search = {"t.name", "t.description"};
  model.groups = {
      {"", {"conference_id", "kind", "name", "description", "is_active", "priority"}},
      {message("Discount"), {"discount_type", "percent", "amount", "max_quantity"}},
      {message("What it reaches"), {"ticket_scope", "ticket_types", "addon_scope", "addons"}},
      {message("Window and limit"),
       {"start_time", "end_time", "usage_limit"},
       false,
       message("For time and stock limits, product and category discounts.")},
      {message("Speakers"), {"is_presenter", "is_copresenter"}, false, message("For speaker discounts.")},
      {message("Who qualifies"),
       {"groups", "enabling_ticket_types"},
       false,
       message("For group and included-product discounts.")}};
  model.links = {
      products("ticket_types", message("Ticket types"),
               message("Where the scope says: only the selected ones."), "condition_ticket_type",
               "condition_id", false),
      products("addons", message("Add-ons"), message("Where the scope says: only the selected ones."),
               "condition_addon", "condition_id", true),
      products("enabling_ticket_types", message("Enabling ticket types"),
               message("Whoever bought one of these gets the discount."), "condition_enabling_ticket_type",
               "condition_id", false),
      {.name = "groups",
       .label = message("Groups"),
       .help = message("Members of one of these get the discount."),
       .table = "condition_group",
       .own_column = "condition_id",
       .other_column = "group_id",
       .other_table = "user_group"}};
  model.kept_by = {"order_line"};
  model.written = [](db::Tx& tx, const void* row) {
    registration::check_links(tx, *static_cast<const Condition*>(row));
  };
  return model;
}

Model credits() {
  Model model;
  model.table = &registration::credit_table();
  model.view_code = "view_registration";
  model.change_code = "change_registration";
  model.area = "program_registration";
  model.name = "credit";
  model.conference_sql = "t.conference_id";
  model.currency_sql = "t.currency";
  model.label_sql =
      "(SELECT coalesce(u.username, u.email) FROM user_account u WHERE u.id = t.user_id) || ' #' || t.id";
  model.columns = {{"user_id"},          {"conference_id"}, {"amount"},
                   {"remaining_amount"}, {"status"},        {"created_at"}};
  model.filters = {"conference_id", "status", "created_at"};
  model.search = {"(SELECT u.username FROM user_account u WHERE u.id = t.user_id)",
                  "(SELECT u.email FROM user_account u WHERE u.id = t.user_id)", "t.note"};
  model.date_column = "created_at";
  model.order = "t.created_at DESC, t.id DESC";
  model.groups = {{"", {"conference_id", "user_id", "amount", "expires_at", "note"}},
                  {message("State"), {"remaining_amount", "status", "source_order_id", "currency"}}};
  model.read_only = {"remaining_amount", "status", "source_order_id", "currency"};
  model.may_change = model.may_delete = false;
  model.asks_proof = true;
  model.locked_because = message(
      "Credit is money owed. It is given here once, and spent by the shop; a mistake is made good by "
      "another entry.");
  model.insert = [](db::Tx& tx, void* row) {
    auto& credit = *static_cast<Credit*>(row);
    credit = registration::give_credit(tx, credit);
    registration::mail_credit_issued(tx, credit);
  };
  return model;
}

}  // namespace

std::vector<Model> discount_models() {
  return {vouchers(), conditions(), credits()};
}

}  // namespace plenary::admin
