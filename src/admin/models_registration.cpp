// Ticket types and add-ons. source: configuration 10, 5.5; registration 20, 3.1, 3.2 and 13.
#include "admin/model.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/types.hpp"

namespace plenary::admin {
namespace {

// The variations of a product on its page.
Inline variations_of(const char* column) {
  return {.table = "variation",
          .column = column,
          .fields = {"name", "slug", "price", "total_quantity", "is_active", "sort_order"}};
}

using registration::AddOn;
using registration::TicketType;

Model ticket_types() {
  Model model;
  model.table = &registration::ticket_type_table();
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = "tickettype";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"},      {"conference_id"}, {"price"},     {"total_quantity"},
                   {"is_active"}, {"bulk_enabled"},  {"sort_order"}};
  model.filters = {"conference_id", "is_active",        "tax_rule_id",
                   "bulk_enabled",  "requires_voucher", "waiting_list"};
  model.search = {"t.name", "t.slug"};
  model.search_help = message("Searches name and slug.");
  model.slug_from = "name";
  model.groups = {
      {"", {"conference_id", "name", "slug", "description"}},
      {message("Price and tax"), {"price", "tax_rule_id", "free_price", "minimum_price"}},
      {message("Availability"), {"is_active", "available_from", "available_until", "requires_voucher"}},
      {message("Stock and limits"),
       {"total_quantity", "waiting_list", "limit_per_user", "min_per_order", "max_per_order", "email_domains",
        "bulk_enabled"}},
      {message("Place in the list"), {"sort_order"}},
  };
  model.inlines = {variations_of("ticket_type_id")};
  model.kept_by = {"order_line", "seat"};
  model.insert = [](db::Tx& tx, void* row) {
    auto& type = *static_cast<TicketType*>(row);
    type.id = 0;
    type = *registration::ticket_type_table().find(tx, registration::save(tx, type));
  };
  model.update = [](db::Tx& tx, const void* before, void* row) {
    auto& type = *static_cast<TicketType*>(row);
    const auto stored = registration::ticket_type_table().find(tx, type.id);
    if (!stored || stored->version != static_cast<const TicketType*>(before)->version) return false;
    type = *registration::ticket_type_table().find(tx, registration::save(tx, type));
    return true;
  };
  model.remove = [](db::Tx& tx, const void* row) {
    registration::remove(tx, *static_cast<const TicketType*>(row));
  };
  model.check = [](db::Tx& tx, const void* before, const void* row) {
    if (!before) return std::vector<db::FieldError>();
    const auto& type = *static_cast<const TicketType*>(row);
    const auto committed = registration::committed_of_ticket_type(tx, type.conference_id, type.id);
    return stock_faults("total_quantity", type.total_quantity,
                        static_cast<const TicketType*>(before)->total_quantity, committed.sold,
                        committed.held);
  };
  return model;
}

Model addons() {
  Model model;
  model.table = &registration::addon_table();
  model.view_code = "view_commerce";
  model.change_code = "change_commerce";
  model.area = "program_registration";
  model.name = "addon";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"},      {"conference_id"}, {"price"},     {"total_quantity"},
                   {"is_active"}, {"bulk_enabled"},  {"sort_order"}};
  model.filters = {"conference_id", "is_active", "tax_rule_id", "bulk_enabled", "waiting_list"};
  model.search = {"t.name", "t.slug"};
  model.search_help = message("Searches name and slug.");
  model.slug_from = "name";
  model.groups = {
      {"", {"conference_id", "name", "slug", "description", "requires_ticket_types"}},
      {message("Price and tax"), {"price", "tax_rule_id", "free_price", "minimum_price"}},
      {message("Availability"), {"is_active", "available_from", "available_until"}},
      {message("Stock and limits"),
       {"total_quantity", "waiting_list", "limit_per_user", "min_per_order", "max_per_order",
        "min_per_ticket", "max_per_ticket", "email_domains", "bulk_enabled"}},
      {message("Place in the list"), {"sort_order"}},
  };
  model.links = {{.name = "requires_ticket_types",
                  .label = message("Required ticket types"),
                  .help = message("One of them must be in the cart. None: usable with any ticket or none."),
                  .table = "addon_requires",
                  .own_column = "addon_id",
                  .other_column = "ticket_type_id",
                  .other_table = "ticket_type"}};
  model.inlines = {variations_of("addon_id")};
  model.kept_by = {"order_line"};
  model.insert = [](db::Tx& tx, void* row) {
    auto& addon = *static_cast<AddOn*>(row);
    addon.id = 0;
    addon = *registration::addon_table().find(tx, registration::save(tx, addon));
  };
  model.update = [](db::Tx& tx, const void* before, void* row) {
    auto& addon = *static_cast<AddOn*>(row);
    const auto& known = *static_cast<const AddOn*>(before);
    const auto stored = registration::addon_table().find(tx, addon.id);
    if (!stored || stored->version != known.version) return false;
    // The set is a link of the form, which writes it after the row: here it stays as it is.
    const auto with_set = registration::find_addon(tx, stored->conference_id, stored->slug);
    if (with_set) addon.requires_ticket_types = with_set->requires_ticket_types;
    addon = *registration::addon_table().find(tx, registration::save(tx, addon));
    return true;
  };
  model.remove = [](db::Tx& tx, const void* row) {
    registration::remove(tx, *static_cast<const AddOn*>(row));
  };
  model.check = [](db::Tx& tx, const void* before, const void* row) {
    if (!before) return std::vector<db::FieldError>();
    const auto& addon = *static_cast<const AddOn*>(row);
    const auto committed = registration::committed_of_addon(tx, addon.conference_id, addon.id);
    return stock_faults("total_quantity", addon.total_quantity,
                        static_cast<const AddOn*>(before)->total_quantity, committed.sold, committed.held);
  };
  return model;
}

}  // namespace

std::vector<db::FieldError> stock_faults(const char* field, std::int64_t quantity, std::int64_t before,
                                         std::int64_t sold, std::int64_t held) {
  std::vector<db::FieldError> faults;
  const std::int64_t taken = sold + held;
  if (quantity != 0 && quantity != before && quantity < taken) {
    faults.push_back(
        {field,
         "below_sold",
         message("{sold} are sold and {held} are in carts: fewer than {least} cannot be offered."),
         {{"sold", std::to_string(sold)}, {"held", std::to_string(held)}, {"least", std::to_string(taken)}}});
  }
  return faults;
}

std::vector<Model> registration_models() {
  return {ticket_types(), addons()};
}

}  // namespace plenary::admin
