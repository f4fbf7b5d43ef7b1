#include "admin/form.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "admin/links.hpp"
#include "admin/list_query.hpp"
#include "admin/permissions.hpp"
#include "admin/secrets.hpp"
#include "base/errors.hpp"
#include "domain/conference/currency.hpp"
#include "i18n/formats.hpp"
#include "site/text.hpp"

namespace plenary::admin {
namespace {

constexpr std::string_view conference_table = "conference";

// The conference of a row that is not stored yet, by what was chosen in its form.
std::optional<std::int64_t> chosen_conference(db::Tx& tx, const FormState& form) {
  for (const FieldState& field : form.main.fields) {
    if (field.plan.widget != Widget::reference || field.typed.empty() || !field.other) continue;
    const Choosing choosing{form.person, *form.main.model, Right::add, std::nullopt};
    const Resolved found = resolve(tx, choosing, field.plan, field.other, field.typed);
    if (found.error) continue;
    if (const auto conference = conference_of_row(tx, *field.other, key_param(*field.other, found.key)))
      return conference;
  }
  return std::nullopt;
}

// Money and times of a new row are read in the terms of its conference; those of a new conference in its own.
void settle_terms(db::Tx& tx, const Site& site, FormState& form) {
  if (!form.main.is_new()) return;
  if (form.main.model->table->name() != conference_table) {
    if (form.main.model->conference_sql.empty()) return;
    form.conference = chosen_conference(tx, form);
    form.terms_known = form.conference.has_value();
    form.terms = terms_of(tx, site, form.conference);
    return;
  }
  if (const FieldState* currency = form.main.find("currency"); currency && !currency->typed.empty()) {
    if (const auto known = Currency::find(currency->typed)) {
      form.terms.currency = *known;
      form.terms.symbol = site.settings.program.symbol_for(*known);
    }
  }
  if (const FieldState* zone = form.main.find("timezone"); zone && !zone->typed.empty()) {
    if (const auto known = TimeZone::find(zone->typed)) {
      form.terms.zone = *known;
      form.terms.zone_name = zone->typed;
    }
  }
}

// By the model of the row, whether it is new, and the model that is chosen from.
using Offered = std::map<std::tuple<const Model*, bool, const Model*>, std::optional<std::vector<Option>>>;

void offer(db::Tx& tx, Offered& offered, const FormState& form, const RowState& row, FieldState& field) {
  const Choosing choosing{form.person, *row.model, row.is_new() ? Right::add : Right::change,
                          form.conference};
  const std::tuple key{row.model, row.is_new(), field.other};
  auto found = offered.find(key);
  if (found == offered.end()) found = offered.emplace(key, options_of(tx, choosing, *field.other)).first;
  field.searches = !found->second;
  if (found->second) field.options = *found->second;
  // What is chosen stays a choice, wherever it belongs; of many, only what is chosen is listed.
  for (const std::string& chosen : field.plan.link ? keys_in(field.typed) : std::vector{field.typed}) {
    const bool listed = std::any_of(field.options.begin(), field.options.end(),
                                    [&](const Option& option) { return option.value == chosen; });
    if (listed || chosen.empty()) continue;
    // What the row holds already is told with it.
    const auto stored = keys_in(field.stored);
    const bool is_stored = std::find(stored.begin(), stored.end(), chosen) != stored.end();
    const std::string named = named_key(tx, choosing, *field.other, chosen, is_stored || field.resolved);
    if (named != chosen) field.options.push_back({chosen, named});
  }
}

void tell(db::Tx& tx, const web::Request& request, const FormState& form, RowState& row, FieldState& field) {
  if (field.plan.link && field.plan.link->permissions) {
    for (const std::string& id : keys_in(field.typed))
      field.as_text += (field.as_text.empty() ? "" : ", ") + permission_label(request, id);
  } else if (field.plan.link) {
    if (field.other) field.as_text = names_of(tx, *field.other, field.typed);
  } else if (field.plan.secret) {
    if (field.has_secret) field.as_text = secret_placeholder;
  } else if (field.other) {
    std::string scratch;
    const db::Param key = field.plan.column->get(row.stored.get(), scratch);
    field.as_text = field.typed.empty() ? "" : label_of(tx, *field.other, key).value_or(field.typed);
  } else {
    field.as_text = shown(request, *field.plan.column, row.stored.get(), form.terms);
  }
}

void load_figures(db::Tx& tx, const web::Request& request, FormState& form) {
  form.figures.clear();
  if (form.main.is_new() || form.main.model->figures.empty()) return;
  const std::vector<ShownColumn> columns = shown_figures(*form.main.model);
  const std::vector<std::string> keys{form.main.key};
  const std::string_view language = site::language_of(request);
  for (const ListRow& row : rows_of(tx, *form.main.model, columns, keys)) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Cell& cell = row.cells[i];
      if (cell.is_null) continue;
      std::string text = cell.text;
      if (columns[i].as == Shown::money)
        text = i18n::money(language, Money(cell.integer, form.terms.currency), form.terms.symbol);
      if (columns[i].as == Shown::integer) text = i18n::number(language, cell.integer);
      form.figures.push_back({columns[i].label, std::move(text), columns[i].as == Shown::address});
    }
  }
}

}  // namespace

db::Param key_param(const Model& model, const std::string& key) {
  if (model.key().type != db::ColumnType::integer) return db::Param(key);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || end != key.data() + key.size() || key.empty())
    throw NotFound("no key of " + std::string(model.table->name()));
  return db::Param(number);
}

bool FormState::has_faults() const {
  if (main.has_faults()) return true;
  for (const InlineState& inlined : inlines) {
    for (const RowState& row : inlined.rows) {
      if (row.has_faults()) return true;
    }
  }
  return false;
}

bool FormState::is_stale() const {
  if (main.is_stale) return true;
  for (const InlineState& inlined : inlines) {
    for (const RowState& row : inlined.rows) {
      if (row.is_stale || row.is_gone) return true;
    }
  }
  return false;
}

FormState load_form(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                    const std::string& key, bool blanks) {
  FormState form{.person = person,
                 .main = plan_row(model, groups_of(model, key.empty()), key.empty(), {}),
                 .inlines = {},
                 .figures = {},
                 .terms = default_terms(site),
                 .terms_known = true,
                 .conference = {}};
  if (!key.empty()) {
    const db::Param param = key_param(model, key);
    form.main.stored = model.table->find_row(tx, param);
    if (!form.main.stored) throw NotFound("no such row");
    form.main.key = key;
    form.conference = conference_of_row(tx, model, param);
    form.terms = terms_of_row(tx, site, model, param);
  } else {
    form.terms_known = model.conference_sql.empty();
  }
  limit_row(person, form.main, form.conference);
  fill_stored(tx, form.main, form.terms);
  load_inlines(tx, site, form, blanks);
  return form;
}

void preset(db::Tx& tx, const Site& site, FormState& form, const web::Request& request) {
  for (FieldState& field : form.main.fields) {
    if (!field.plan.editable || !field.plan.column) continue;
    if (const auto value = request.query(field.plan.name)) field.typed = normal(field.plan, *value);
  }
  settle_terms(tx, site, form);
}

void overlay(db::Tx& tx, const Site& site, FormState& form, const web::FormData& posted) {
  overlay_row(form.main, posted, "");
  settle_terms(tx, site, form);
  for (InlineState& inlined : form.inlines) settle_inline(form, inlined);
  overlay_inlines(tx, form, posted);
}

void check_form(db::Tx& tx, const Site& site, FormState& form) {
  check_row(tx, site, form, form.main, {});
  check_inlines(tx, site, form);
}

void load_choices(db::Tx& tx, const web::Request& request, FormState& form) {
  load_figures(tx, request, form);
  Offered offered;
  const auto prepare = [&](RowState& row) {
    for (FieldState& field : row.fields) {
      if (!field.plan.editable) {
        tell(tx, request, form, row, field);
      } else if (field.other) {
        offer(tx, offered, form, row, field);
        const Choosing choosing{form.person, *row.model, row.is_new() ? Right::add : Right::change,
                                form.conference};
        if (field.searches && !field.plan.link && field.errors.empty())
          field.typed = named_key(tx, choosing, *field.other, field.typed,
                                  field.resolved || field.typed == field.stored);
      }
    }
  };
  prepare(form.main);
  for (InlineState& inlined : form.inlines) {
    for (RowState& row : inlined.rows) prepare(row);
  }
}

}  // namespace plenary::admin
