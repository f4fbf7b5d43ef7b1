// Automatic discounts for programs of the staff. source: registration 20, 3.7; D9, D14.
#include <fmt/format.h>

#include "api/staff_values.hpp"

#include "domain/accounts/groups.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::api {

namespace reg = registration;

namespace {

const Columns written{{"kind"},         {"name"},          {"description"},  {"is_active"},
                      {"priority"},     {"discount_type"}, {"percent"},      {"amount"},
                      {"max_quantity"}, {"ticket_scope"},  {"addon_scope"},  {"start_time"},
                      {"end_time"},     {"usage_limit"},   {"is_presenter"}, {"is_copresenter"}};

Columns all_shown() {
  Columns columns{{"id"}};
  columns.insert(columns.end(), written.begin(), written.end());
  columns.insert(columns.end(), {{"version"}, {"created_at"}, {"updated_at"}});
  return columns;
}
const Columns shown = all_shown();

Shape condition_shape() {
  std::vector<Field> fields = answer_fields(reg::condition_table(), shown);
  fields.push_back(
      required("times_used", Shape::integer(0, INT64_MAX), "Units, of unpaid orders and carts too."));
  for (const char* name : {"ticket_types", "addons", "enabling_ticket_types"})
    fields.push_back(required(name, Shape::list(Shape::text(), 10'000)));
  fields.push_back(required("groups", Shape::list(Shape::integer(0, INT64_MAX), 10'000)));
  return Shape::object("Condition", std::move(fields));
}

std::vector<Field> link_fields() {
  std::vector<Field> fields = scope_fields();
  fields.push_back(optional("enabling_ticket_types", Shape::list(Shape::text(), 1'000),
                            "Slugs: one of them must have been bought (included_product)."));
  fields.push_back(optional("groups", Shape::list(Shape::integer(1, INT64_MAX), 1'000),
                            "Numbers of groups of people (group_member)."));
  return fields;
}

void add_links(Json& value, const Call& call, const reg::ConditionLinks& links) {
  add_scopes(value, *call.catalogue, links.products);
  value.set("enabling_ticket_types", ticket_type_slugs(*call.catalogue, links.enabling_ticket_types));
  Json groups = Json::list();
  for (const reg::Id id : links.groups) groups.push(id);
  value.set("groups", std::move(groups));
}

Json value_of(const Call& call, const reg::StockLevels& levels, const reg::Condition& condition,
              const reg::ConditionLinks& links) {
  Json value = Json::object();
  add_row(value, reg::condition_table(), &condition, shown, call.currency());
  const reg::StockLevel* uses = levels.find(reg::StockKind::condition, condition.id);
  value.set("times_used", uses ? uses->used() : 0);
  add_links(value, call, links);
  return value;
}

reg::Condition found_condition(const Call& call, db::Tx& tx) {
  auto condition = reg::find_condition(tx, call.conference_id(), call.id("condition"));
  if (!condition) throw NotFound("no such condition");
  return std::move(*condition);
}

Answer list_conditions(Call& call, db::Tx& tx) {
  auto rows = reg::conditions_page(tx, call.conference_id(), after_id(call), call.limit() + 1);
  const reg::StockLevels levels = reg::stock_levels(tx, call.conference_id());
  Answer answer;
  cut_page(call, rows, answer);
  Json list = Json::list();
  std::map<reg::Id, reg::ConditionLinks> links = reg::links_of(tx, call.conference_id(), rows);
  for (const reg::Condition& row : rows) list.push(value_of(call, levels, row, links[row.id]));
  answer.body = Json::object({{"conditions", std::move(list)}});
  return answer;
}

Answer show(const Call& call, db::Tx& tx, const reg::Condition& condition) {
  Answer answer;
  answer.body = value_of(call, reg::stock_levels(tx, call.conference_id()), condition,
                         reg::links_of_condition(tx, condition.id));
  return answer;
}

Answer show_condition(Call& call, db::Tx& tx) {
  return show(call, tx, found_condition(call, tx));
}

reg::ConditionLinks take_body(const Call& call, db::Tx& tx, reg::Condition& condition,
                              reg::ConditionLinks links) {
  Faults faults;
  set_row(call.body, reg::condition_table(), &condition, written, call.currency(), faults);
  links.products =
      scopes_of(call, std::move(links.products), condition.ticket_scope, condition.addon_scope, faults);
  if (const Json* slugs = call.body.find("enabling_ticket_types"))
    links.enabling_ticket_types = ticket_types_of(call, *slugs, "/enabling_ticket_types", faults);
  if (const Json* groups = call.body.find("groups")) {
    links.groups.clear();
    for (const Json& one : groups->items()) {
      if (!accounts::user_group_table().find(tx, one.integer()))
        faults.push_back({pointer_to("/groups", links.groups.size()), "no_such", "There is no such group."});
      links.groups.push_back(one.integer());
    }
  }
  condition.percent = condition.percent.normalized();
  check_row(reg::condition_table().validate(condition), written, faults);
  throw_if_any(std::move(faults));
  return links;
}

// In the forms those fields belong to the kind; here each has its name.
reg::Id save(db::Tx& tx, const reg::Condition& condition, const reg::ConditionLinks& links) {
  try {
    return reg::save_condition(tx, condition, links);
  } catch (const Refused& refused) {
    if (refused.code() == "group_unnamed") throw of(refused, {{"kind", "/groups"}});
    if (refused.code() == "product_unnamed") throw of(refused, {{"kind", "/enabling_ticket_types"}});
    throw;
  }
}

// A value that the discount would not look at was meant.
void refuse_unused_value(const Call& call, const reg::Condition& condition) {
  const bool in_percent = condition.discount_type == reg::DiscountType::percentage;
  const bool unused = in_percent ? condition.amount != 0 : !condition.percent.is_zero();
  if (!unused) return;
  const char* type = in_percent ? "fixed_amount" : "percentage";
  const char* field = in_percent ? "amount" : "percent";
  if (call.body.find(field))
    throw invalid(
        {{std::string("/") + field, "rule",
          fmt::format("This counts only with the discount_type {}: send that, or leave it away.", type)}});
}

Answer create_condition(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  reg::Condition condition;
  condition.conference_id = call.conference_id();
  const reg::ConditionLinks links = take_body(call, tx, condition, {});
  refuse_unused_value(call, condition);
  const reg::Id id = save(tx, condition, links);
  const reg::Condition stored = reg::find_condition(tx, call.conference_id(), id).value();
  record(call, tx, conference::AuditAction::add, {"discount_condition", id, stored.name, stored.version},
         changes_between(reg::condition_table(), nullptr, &stored, call.currency()));
  Answer answer = show(call, tx, stored);
  answer.status = 201;
  answer.location = "/conditions/" + std::to_string(id);
  return answer;
}

Answer change_condition(Call& call, db::Tx& tx) {
  refresh_catalogue(call, tx);
  const reg::Condition before = found_condition(call, tx);
  require_version(call, before.version);
  Json links_before = Json::object(), links_after = Json::object();
  const reg::ConditionLinks old_links = reg::links_of_condition(tx, before.id);
  add_links(links_before, call, old_links);
  reg::Condition condition = before;
  const reg::ConditionLinks links = take_body(call, tx, condition, old_links);
  if (same_ids(links.products.ticket_types, old_links.products.ticket_types) &&
      same_ids(links.products.addons, old_links.products.addons) &&
      same_ids(links.enabling_ticket_types, old_links.enabling_ticket_types) &&
      same_ids(links.groups, old_links.groups) &&
      changes_between(reg::condition_table(), &before, &condition, call.currency()).empty())
    return show(call, tx, before);
  save(tx, condition, links);
  const reg::Condition after = reg::find_condition(tx, call.conference_id(), before.id).value();
  add_links(links_after, call, reg::links_of_condition(tx, before.id));
  auto changes = changes_between(reg::condition_table(), &before, &after, call.currency());
  add_set_change(changes, "ticket_types", "Ticket types", *links_before.find("ticket_types"),
                 *links_after.find("ticket_types"));
  add_set_change(changes, "addons", "Add-ons", *links_before.find("addons"), *links_after.find("addons"));
  add_set_change(changes, "enabling_ticket_types", "Enabling ticket types",
                 *links_before.find("enabling_ticket_types"), *links_after.find("enabling_ticket_types"));
  add_set_change(changes, "groups", "Groups", *links_before.find("groups"), *links_after.find("groups"));
  record(call, tx, conference::AuditAction::change,
         {"discount_condition", after.id, after.name, after.version}, changes);
  return show(call, tx, after);
}

}  // namespace

std::vector<Operation> condition_operations() {
  using web::Method;
  const std::vector<std::string_view> may_see{"view_commerce", "change_commerce"},
      may_change{"change_commerce"};
  std::vector<Operation> list;

  Operation all;
  all.id = "conditions.list";
  all.path = "/conferences/{slug}/conditions";
  all.summary = "Automatic discounts, the oldest first";
  all.scope = "conditions:read";
  all.permissions = may_see;
  all.is_paged = true;
  all.answer = page_shape("ConditionPage", "conditions", condition_shape());
  all.run = list_conditions;
  list.push_back(std::move(all));

  std::vector<Field> new_fields = input_fields(reg::condition_table(), written, {"kind", "name"});
  std::vector<Field> changed_fields = input_fields(reg::condition_table(), written);
  for (std::vector<Field>* fields : {&new_fields, &changed_fields})
    for (Field& field : link_fields()) fields->push_back(std::move(field));
  changed_fields.push_back(version_field());

  Operation create;
  create.id = "conditions.create";
  create.method = Method::post;
  create.path = "/conferences/{slug}/conditions";
  create.summary = "A new automatic discount";
  create.scope = "conditions:write";
  create.permissions = may_change;
  create.body = Shape::object("NewCondition", std::move(new_fields));
  create.answer = condition_shape();
  create.status = 201;
  create.writes = true;
  create.run = create_condition;
  list.push_back(std::move(create));

  Operation one;
  one.id = "conditions.get";
  one.path = "/conferences/{slug}/conditions/{condition:int}";
  one.summary = "An automatic discount";
  one.scope = "conditions:read";
  one.permissions = may_see;
  one.answer = condition_shape();
  one.run = show_condition;
  list.push_back(one);

  Operation change = one;
  change.id = "conditions.update";
  change.method = Method::patch;
  change.summary = "Changes what is named, and nothing else";
  change.scope = "conditions:write";
  change.permissions = may_change;
  change.body = Shape::object("ConditionChange", std::move(changed_fields));
  change.writes = true;
  change.run = change_condition;
  list.push_back(std::move(change));
  return list;
}

}  // namespace plenary::api
