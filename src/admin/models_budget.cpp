// Money planned and spent, and the dashboard's targets. source: configuration 10, 4.3, 4.4 and 5.4.
#include "admin/model.hpp"
#include "domain/conference/budget.hpp"

namespace plenary::admin {
namespace {

Model expense_categories() {
  Model model;
  model.table = &conference::expense_category_table();
  model.view_code = "view_finance";
  model.change_code = "change_finance";
  model.area = "program_conference";
  model.name = "expensecategory";
  model.conference_sql = "t.conference_id";
  model.columns = {{"name"},
                   {"conference_id"},
                   {"budget_amount"},
                   {.name = "spent",
                    .label = message("Spent"),
                    .sql = "(SELECT coalesce(sum(e.amount), 0) FROM expense e WHERE e.category_id = t.id)",
                    .shown = Shown::money},
                   {"sort_order"}};
  model.filters = {"conference_id"};
  model.search = {"t.name", "t.slug"};
  model.slug_from = "name";
  model.inlines = {{.table = "expense",
                    .column = "category_id",
                    .fields = {"description", "amount", "vendor", "date", "receipt_reference"}}};
  return model;
}

Model expenses() {
  using conference::Expense;
  Model model;
  model.table = &conference::expense_table();
  model.view_code = "view_finance";
  model.change_code = "change_finance";
  model.area = "program_conference";
  model.name = "expense";
  model.conference_sql = "t.conference_id";
  model.label_sql = "t.description";
  model.columns = {{"description"}, {"category_id"}, {"conference_id"}, {"amount"},
                   {"vendor"},      {"date"},        {"created_by"}};
  model.filters = {"conference_id", "category_id", "date"};
  model.search = {"t.description", "t.vendor", "t.receipt_reference"};
  model.date_column = "date";
  model.order = "t.date DESC, t.created_at DESC, t.id DESC";
  model.read_only = {"created_by"};
  model.author_column = "created_by";
  model.check = [](db::Tx& tx, const void*, const void* row) {
    return conference::check_expense(tx, *static_cast<const Expense*>(row));
  };
  return model;
}

Model kpi_targets() {
  Model model;
  model.table = &conference::kpi_target_table();
  model.view_code = "view_finance";
  model.change_code = "change_finance";
  model.area = "program_conference";
  model.name = "kpitarget";
  model.conference_sql = "t.conference_id";
  model.label_sql = "(SELECT c.name FROM conference c WHERE c.id = t.conference_id)";
  model.columns = {{"conference_id"},       {"target_conversion_rate"},  {"target_refund_rate"},
                   {"target_checkin_rate"}, {"target_fulfillment_rate"}, {"updated_at"}};
  model.filters = {"conference_id"};
  model.groups = {{"", {"conference_id"}}};
  for (const FieldGroup& group : kpi_groups()) model.groups.push_back(group);
  return model;
}

}  // namespace

const std::vector<FieldGroup>& kpi_groups() {
  static const std::vector<FieldGroup> groups{
      {message("Rate targets"),
       {"target_conversion_rate", "target_refund_rate", "target_checkin_rate", "target_fulfillment_rate",
        "target_room_utilization"}},
      {message("Revenue targets"), {"target_revenue_per_attendee"}}};
  return groups;
}

std::vector<Model> budget_models() {
  return {expense_categories(), expenses(), kpi_targets()};
}

}  // namespace plenary::admin
