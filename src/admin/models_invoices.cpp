// Invoices and credit notes, which nobody changes, their series, and the exchange rates that some of them
// tell. source: taxes and invoices 25, 4.
#include "admin/model.hpp"
#include "domain/invoicing/entities.hpp"

namespace plenary::admin {
namespace {

Model documents() {
  Model model;
  model.table = &invoicing::document_table();
  model.area = "program_registration";
  model.name = "invoice";
  model.conference_sql = "t.conference_id";
  model.currency_sql = "t.currency";
  model.label_sql = "t.number";
  model.columns = {{"number"}, {"kind"}, {"issued_on"}, {"order_id"}, {"gross"}, {"tax"}, {"is_test"}};
  model.filters = {"kind", "is_test", "conference_id", "seller_id", "issued_on"};
  model.search = {"t.number", "(SELECT o.reference FROM orders o WHERE o.id = t.order_id)"};
  model.search_help = message("Searches number and order.");
  model.order = "t.id DESC";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because =
      message("What was issued stays as it is. Correct it from the organisers' page of invoices.");
  model.view_code = "view_registration";
  return model;
}

Model series() {
  Model model;
  model.table = &invoicing::series_table();
  model.area = "program_registration";
  model.name = "invoiceseries";
  model.label_sql = "(SELECT s.name FROM seller s WHERE s.id = t.seller_id)";
  model.columns = {{"seller_id"}, {"kind"}, {"year"}, {"is_test"}, {"last_number"}};
  model.filters = {"kind", "is_test"};
  model.order = "t.id";
  model.may_add = model.may_change = model.may_delete = false;
  model.locked_because = message("Numbers are drawn when documents are issued, without gaps.");
  return model;
}

Model exchange_rates() {
  Model model;
  model.table = &invoicing::exchange_rate_table();
  model.area = "program_registration";
  model.name = "exchangerate";
  model.label_sql = "t.currency || ' ' || t.base || ' ' || t.valid_on";
  model.columns = {{"valid_on"}, {"currency"}, {"base"}, {"rate"}, {"source"}};
  model.search = {"t.currency", "t.base", "t.source"};
  model.order = "t.valid_on DESC, t.id DESC";
  return model;
}

}  // namespace

std::vector<Model> invoice_models() {
  return {documents(), series(), exchange_rates()};
}

}  // namespace plenary::admin
