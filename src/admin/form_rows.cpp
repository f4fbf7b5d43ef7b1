// One row of a form, main or inline: its plan, what is stored, what was typed, what is wrong.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "admin/form.hpp"
#include "admin/links.hpp"
#include "admin/permissions.hpp"
#include "admin/secrets.hpp"
#include "base/amounts.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "web/routes.hpp"

namespace plenary::admin {
namespace {

using db::FieldError;

const db::Column* version_of(const Model& model) {
  const auto& columns = model.table->columns();
  const auto found =
      std::find_if(columns.begin(), columns.end(), [](const db::Column& c) { return c.is_version; });
  return found == columns.end() ? nullptr : &*found;
}

// "name=0123456789ab address=…", what the page had shown of each field.
std::string remembered(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(' '));
    const auto equals = item.find('=');
    if (item.substr(0, equals) == name && equals != std::string_view::npos)
      return std::string(item.substr(equals + 1));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
  }
  return {};
}

// A name for the address: of what it is proposed from, with a number behind it where that is taken.
void derive_slug(db::Tx& tx, RowState& row) {
  const db::Column* slug = derived_slug(*row.model);
  FieldState* field = slug ? row.find(slug->name) : nullptr;
  if (!field || !field->plan.derived || !field->plan.editable || !field->typed.empty()) return;
  const FieldState* source = row.find(row.model->slug_from);
  const std::size_t limit = slug->max_length > 0 ? static_cast<std::size_t>(slug->max_length) : 200;
  constexpr std::size_t room = 4;  // for the number
  const std::string base = source ? slug_from(source->typed, limit - room) : std::string();
  if (base.empty()) {
    if (source && !source->typed.empty())
      field->errors.push_back(fault(
          field->plan, "required",
          message("No slug can be made from this name. Write one of letters a-z, digits and hyphens.")));
    return;
  }
  constexpr int tries = 100;
  for (int i = 1; i <= tries; ++i) {
    field->typed = i == 1 ? base : fmt::format("{}-{}", base, i);
    slug->set_text(row.row.get(), field->typed);
    const auto errors = row.model->table->validate_row(tx, row.row.get());
    const bool taken = std::any_of(errors.begin(), errors.end(), [&](const FieldError& e) {
      return e.field == slug->name && e.code == "not_unique";
    });
    if (!taken) return;
  }
}

// The words that this site's own addresses begin with.
void check_reserved(const Site& site, RowState& row) {
  if (row.model->table->name() != "conference" || !site.router) return;
  FieldState* field = row.find("slug");
  if (!field || !field->errors.empty()) return;
  const std::string key = slug_key(field->typed);
  for (const std::string& reserved : site.router->reserved_segments()) {
    if (slug_key(reserved) == key)
      field->errors.push_back(fault(field->plan, "reserved",
                                    message("“{slug}” is an address of this server. Choose another slug."),
                                    {{"slug", field->typed}}));
  }
}

Choosing choosing_of(const FormState& form, const RowState& row) {
  return {form.person, *row.model, row.is_new() ? Right::add : Right::change, form.conference};
}

void check_link(db::Tx& tx, const FormState& form, const RowState& row, FieldState& field) {
  std::vector<std::string> keys;
  const std::vector<std::string> stored = keys_in(field.stored);
  for (const std::string& typed : keys_in(field.typed)) {
    // What was chosen before stays so, also where this person could not choose it.
    if (std::find(stored.begin(), stored.end(), typed) != stored.end()) {
      keys.push_back(typed);
      continue;
    }
    if (field.plan.link->permissions) {
      if (!is_known(typed))
        field.errors.push_back(
            fault(field.plan, "no_such", message("There is no permission “{id}”."), {{"id", typed}}));
      keys.push_back(typed);
      continue;
    }
    Resolved found = resolve(tx, choosing_of(form, row), field.plan, field.other, typed);
    if (found.error) field.errors.push_back(*found.error);
    keys.push_back(found.key);
  }
  field.typed = joined_keys(std::move(keys));
  field.resolved = field.errors.empty();
}

void put_field(db::Tx& tx, const FormState& form, RowState& row, FieldState& field) {
  if (field.plan.widget == Widget::link) return check_link(tx, form, row, field);
  if (field.plan.widget == Widget::secret) {
    if (auto wrong = secret_fault(field)) field.errors.push_back(std::move(*wrong));
    return;
  }
  if (!row.is_new() && !field.is_touched()) return;
  if (field.plan.widget == Widget::reference && !field.typed.empty()) {
    Resolved found = resolve(tx, choosing_of(form, row), field.plan, field.other, field.typed);
    if (found.error) return field.errors.push_back(std::move(*found.error));
    field.typed = std::move(found.key);
    field.resolved = true;
  }
  if (field.plan.derived && field.typed.empty()) return;
  if (auto wrong = put(field.plan, row.row.get(), field.typed, form.terms))
    field.errors.push_back(std::move(*wrong));
}

}  // namespace

FieldState* RowState::find(std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const FieldState& field) { return field.plan.name == name; });
  return found == fields.end() ? nullptr : &*found;
}
const FieldState* RowState::find(std::string_view name) const {
  return const_cast<RowState*>(this)->find(name);
}

bool RowState::has_faults() const {
  return !errors.empty() || std::any_of(fields.begin(), fields.end(),
                                        [](const FieldState& field) { return !field.errors.empty(); });
}

RowState plan_row(const Model& model, std::vector<FieldGroup> groups, bool is_new,
                  std::string_view leave_out) {
  RowState row;
  row.model = &model;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::string& name : groups[group].fields) {
      if (name == leave_out || row.find(name)) continue;
      std::optional<FieldPlan> plan = plan_of(model, name, is_new);
      if (!plan) continue;
      FieldState field;
      field.group = group;
      if (plan->link) field.other = model_of_table(plan->link->other_table);
      if (plan->column && !plan->column->references.empty()) {
        const Model* other = model_of_table(plan->column->references);
        if (other && other->key().name == plan->column->referenced_column) field.other = other;
        if (!field.other)
          plan->widget = plan->column->type == db::ColumnType::integer ? Widget::integer : Widget::text;
      }
      field.plan = std::move(*plan);
      row.fields.push_back(std::move(field));
    }
  }
  row.groups = std::move(groups);
  row.stored = model.table->create();
  return row;
}

void limit_row(const Person& person, RowState& row, std::optional<std::int64_t> conference) {
  if (person.rights.is_superuser()) return;
  const Model& model = *row.model;
  const Access access(person, model);
  const bool has_secrets = access.may_secrets(conference);
  const bool is_open = row.is_new() || access.may(Right::change, conference);
  std::erase_if(row.fields, [&](FieldState& field) {
    if (field.plan.secret && !has_secrets) return true;
    const bool is_for_superusers = std::find(model.superusers_only.begin(), model.superusers_only.end(),
                                             field.plan.name) != model.superusers_only.end();
    const bool is_for_keys = std::find(model.key_places.begin(), model.key_places.end(), field.plan.name) !=
                             model.key_places.end();
    if (is_for_superusers || !is_open || (is_for_keys && !has_secrets)) field.plan.editable = false;
    return row.is_new() && is_for_superusers;
  });
}

void fill_stored(db::Tx& tx, RowState& row, const Terms& terms) {
  for (FieldState& field : row.fields) {
    if (field.plan.link) {
      field.stored = row.is_new() ? std::string() : stored_links(tx, *row.model, *field.plan.link, row.key);
    } else if (field.plan.secret) {
      field.has_secret = !row.is_new() && has_secret(tx, *row.model, *field.plan.secret, row.key);
      field.order = "keep";
    } else {
      field.stored = control_text(field.plan, row.stored.get(), terms, row.is_new());
    }
    field.typed = field.stored;
  }
  if (row.is_new()) return;
  if (const db::Column* version = version_of(*row.model)) row.version = *version->text(row.stored.get());
  row.label = label_of(tx, *row.model, key_param(*row.model, row.key)).value_or("");
}

void overlay_row(RowState& row, const web::FormData& posted, std::string_view prefix) {
  const std::string before(prefix);
  row.posted_version = posted[before + "_version"];
  const std::string_view was = posted[before + "_was"];
  for (FieldState& field : row.fields) {
    if (!field.plan.editable) continue;
    const std::string name = before + field.plan.name;
    if (field.plan.secret) {
      read_secret(field, posted, name);
      continue;
    }
    const std::vector<std::string_view> values = posted.all(name);
    field.was = remembered(was, field.plan.name);
    if (values.empty()) continue;
    field.posted = true;
    if (field.plan.link) {
      std::vector<std::string> keys;
      for (std::string_view value : values) {
        if (!trimmed(value).empty()) keys.emplace_back(trimmed(value));
      }
      field.typed = fmt::format("{}", fmt::join(keys, ","));
      if (field.plan.link->permissions || std::all_of(keys.begin(), keys.end(), [](const std::string& key) {
            return std::all_of(key.begin(), key.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
          }))
        field.typed = joined_keys(std::move(keys));
    } else {
      // A checkbox has a hidden "off" before it: the last one counts.
      field.typed = normal(field.plan, values.back());
    }
  }
  row.remove = posted.has(before + "_delete");
}

namespace {

// The bounds of a column of money are counts of minor units, which nobody types.
void write_as_money(FieldError& error, const Terms& terms) {
  for (auto& [name, value] : error.arguments) {
    std::int64_t minor = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), minor);
    if (name != "label" && read.ptr == value.data() + value.size())
      value = marked(Money(minor, terms.currency), terms.symbol);
  }
}

}  // namespace

void check_row(db::Tx& tx, const Site& site, const FormState& form, RowState& row,
               std::string_view parent_column) {
  row.row = row.model->table->copy_of(row.stored.get());
  for (FieldState& field : row.fields) {
    if (field.plan.editable) put_field(tx, form, row, field);
  }
  if (!parent_column.empty()) {
    // 0 stands for a parent that is still to be made: rules that ask whether there is one are content.
    const db::Column* parent = row.model->table->find_column(parent_column);
    const bool is_number = parent && parent->type == db::ColumnType::integer;
    if (parent && !form.main.key.empty()) parent->set_text(row.row.get(), form.main.key);
    if (is_number && form.main.key.empty()) parent->set_text(row.row.get(), "0");
  }
  // A row that hangs on another and names its conference as well has the same one.
  const db::Column* conference = row.model->table->find_column("conference_id");
  if (!parent_column.empty() && row.is_new() && conference && conference->name != parent_column &&
      !row.find(conference->name) && form.conference)
    conference->set_text(row.row.get(), std::to_string(*form.conference));
  if (row.is_new()) derive_slug(tx, row);
  const bool had_faults = row.has_faults();
  std::vector<FieldError> errors = row.model->table->validate_row(tx, row.row.get());
  if (row.model->check && !had_faults && errors.empty()) {
    for (FieldError& error : row.model->check(tx, row.is_new() ? nullptr : row.stored.get(), row.row.get()))
      errors.push_back(std::move(error));
  }
  for (FieldError& error : errors) {
    // The parent is not there yet, or is the one whose page this is.
    if (error.field == parent_column && !parent_column.empty()) continue;
    FieldState* field = row.find(error.field);
    if (!field) {
      row.errors.push_back(std::move(error));
    } else if (field->errors.empty()) {
      if (error.code == "range" && field->plan.column && field->plan.column->is_money)
        write_as_money(error, form.terms);
      field->errors.push_back(std::move(error));
    }
  }
  check_reserved(site, row);
}

}  // namespace plenary::admin
