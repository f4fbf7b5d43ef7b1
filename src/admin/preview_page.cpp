// What a voucher or a discount would have done to the last orders: of the row as it is stored, or as it was
// typed and not yet saved. The page keeps what was typed, so that one goes back to the form, or saves.
#include <fmt/format.h>

#include "admin/desk.hpp"
#include "admin/form.hpp"
#include "admin/form_values.hpp"
#include "admin/links.hpp"
#include "admin/pages.hpp"
#include "admin/tools.hpp"
#include "base/errors.hpp"
#include "domain/registration/condition_checks.hpp"
#include "domain/registration/preview.hpp"
#include "i18n/formats.hpp"
#include "site/page.hpp"
#include "site/text.hpp"
#include "web/csrf.hpp"
#include "web/routes.hpp"

namespace plenary::admin {
namespace {

using registration::Id;
using templating::Value;

std::vector<Id> chosen(const FormState& form, const char* link) {
  std::vector<Id> ids;
  const FieldState* field = form.main.find(link);
  for (const std::string& key : keys_in(field ? field->typed : std::string())) {
    if (const auto id = number_in(key)) ids.push_back(*id);
  }
  return ids;
}

// Refused, of what was typed, where it could not be saved.
registration::Preview preview_of(db::Tx& tx, const Site& site, const FormState& form, Id conference) {
  const auto catalogue = registration::load_catalogue(tx, conference, site.settings.program);
  const registration::ScopedProducts products{chosen(form, "ticket_types"), chosen(form, "addons")};
  const bool is_typed = form.main.row != nullptr;
  const void* row = is_typed ? form.main.row.get() : form.main.stored.get();
  if (form.main.model->table->name() == "voucher") {
    const auto& voucher = *static_cast<const registration::Voucher*>(row);
    if (is_typed) registration::check_model(tx, voucher, products);
    return registration::preview_voucher(tx, *catalogue, voucher, products);
  }
  const auto& condition = *static_cast<const registration::Condition*>(row);
  const registration::ConditionLinks links{products, chosen(form, "enabling_ticket_types"),
                                           chosen(form, "groups")};
  if (is_typed) registration::check_condition(tx, condition, links);
  return registration::preview_condition(tx, *catalogue, condition, links);
}

struct Looked {
  std::optional<FormState> form;
  std::optional<registration::Preview> preview;
  bool sees_orders = false;
};

// Every posted field but what belongs to this page.
Value typed_value(const web::FormData& posted) {
  std::vector<Value> fields;
  for (const web::FormData::Field& field : posted.fields()) {
    if (field.name == web::csrf_field || field.name == web::restore_field || field.name == "_save" ||
        field.name == "_continue" || field.name == "_another" || field.name == "_preview")
      continue;
    fields.push_back(
        Value::dict({{"name", Value(std::string(field.name))}, {"value", Value(std::string(field.value))}}));
  }
  return Value::list(std::move(fields));
}

web::Response preview_page(Site& site, web::Request& request, const Model& model, const Looked& looked) {
  const FormState& form = *looked.form;
  const registration::Preview& preview = *looked.preview;
  const std::string_view language = site::language_of(request);
  const auto money = [&](std::int64_t minor) {
    return i18n::money(language, Money(minor, form.terms.currency), form.terms.symbol);
  };
  site::Page page(site, request, "admin/preview.html");
  const std::string one = site::tr(request, model.one());
  frame(page, site::tr(request, message("Preview: {entity}"), {{"entity", one}}), {crumb(request, model)});
  const Model& orders = *model_of_table("orders");
  std::vector<Value> rows;
  for (const registration::PreviewedOrder& order : preview.orders)
    rows.push_back(Value::dict(
        {{"name", Value(looked.sees_orders ? order.reference : std::string())},
         {"url", looked.sees_orders ? Value(change_url(orders, std::to_string(order.order_id))) : Value()},
         {"at", Value(i18n::moment(language, order.created_at, form.terms.zone))},
         {"then", Value(money(order.then))},
         {"without", Value(money(order.without))},
         {"with", Value(money(order.with))},
         {"difference", order.difference() == 0 ? Value() : Value(money(order.difference()))},
         {"incomplete", order.incomplete}}));
  const bool is_new = form.main.is_new();
  const bool is_typed = request.is(web::Method::post);
  std::string name = form.main.label;
  if (const FieldState* field = form.main.find(model.table->name() == "voucher" ? "code" : "name"))
    name = field->typed;
  page.set("entity", Value(one))
      .set("name", Value(name))
      .set("rows", Value::list(std::move(rows)))
      .set("count", Value(static_cast<std::int64_t>(preview.orders.size())))
      .set("reached", Value(preview.reached))
      .set("then", Value(money(preview.then)))
      .set("without", Value(money(preview.without)))
      .set("with", Value(money(preview.with)))
      .set("difference", Value(money(preview.difference())))
      .set("is_voucher", Value(model.table->name() == "voucher"))
      .set("is_typed", Value(is_typed))
      .set("fields", is_typed ? typed_value(request.form()) : Value())
      .set("restore", Value(std::string(web::restore_field)))
      .set("action", Value(is_new ? add_url(model) : change_url(model, form.main.key)));
  return std::move(page.html().personal());
}

}  // namespace

Task<web::Response> preview_row(Site& site, web::Request& request) {
  const bool is_typed = request.is(web::Method::post);
  const std::string key(request.find_param("key").value_or(std::string_view()));
  const Model* model = nullptr;
  if (key.empty()) {
    model = &model_for(request, Right::add);
  } else {
    const Opened opened = co_await row_for(site, request, is_typed ? Right::change : Right::view);
    if (!opened.is_there) throw NotFound("the row is gone");
    model = &opened.model;
  }
  if (!model->has_preview) throw NotFound("nothing to preview");
  const Person person = person_of(request);
  auto look = [&](db::Tx& tx) {
    Looked looked;
    looked.form = load_form(tx, site, person, *model, key, false);
    FormState& form = *looked.form;
    if (is_typed) {
      overlay(tx, site, form, request.form());
      check_form(tx, site, form);
    }
    if (form.has_faults() || !form.conference) {
      load_choices(tx, request, form);
      return looked;
    }
    if (key.empty()) require(person, *model, Right::add, form.conference);
    looked.sees_orders = Access(person, *model_of_table("orders")).may(Right::view, form.conference);
    try {
      looked.preview = preview_of(tx, site, form, *form.conference);
    } catch (const Refused& refused) {
      FieldState* field = form.main.find(refused.field());
      (field ? field->errors : form.main.errors)
          .push_back({refused.field(), refused.code(), refused.text(), refused.arguments()});
      load_choices(tx, request, form);
    }
    return looked;
  };
  const Looked looked = co_await read(site, request, look);
  if (!looked.preview) co_return form_with_faults(site, request, *model, *looked.form);
  co_return preview_page(site, request, *model, looked);
}

}  // namespace plenary::admin
