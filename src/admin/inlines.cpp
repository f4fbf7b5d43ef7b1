// Rows of other tables on a row's page.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "admin/deletion.hpp"
#include "admin/form.hpp"
#include "base/text.hpp"

namespace plenary::admin {
namespace {

constexpr std::int64_t most_rows = 50;         // shown and edited
constexpr std::size_t most_posted_rows = 100;  // beyond, somebody made the form by hand

std::vector<FieldGroup> groups_of_inline(const Inline& spec, const Model& model, bool is_new) {
  if (!spec.groups.empty()) return spec.groups;
  if (!spec.fields.empty()) return {{"", spec.fields}};
  return groups_of(model, is_new);
}

RowState new_row(db::Tx& tx, const FormState& form, const InlineState& inlined) {
  RowState row = plan_row(*inlined.model, groups_of_inline(*inlined.spec, *inlined.model, true), true,
                          inlined.spec->column);
  limit_row(form.person, row, form.conference);
  fill_stored(tx, row, form.terms);
  return row;
}

RowState stored_row(db::Tx& tx, const FormState& form, const InlineState& inlined, const void* stored) {
  RowState row = plan_row(*inlined.model, groups_of_inline(*inlined.spec, *inlined.model, false), false,
                          inlined.spec->column);
  row.stored = inlined.model->table->copy_of(stored);
  row.key = inlined.model->key().text(stored).value_or("");
  limit_row(form.person, row, form.conference);
  fill_stored(tx, row, form.terms);
  return row;
}

// Nothing of it differs from what a blank row shows.
bool is_blank(const RowState& row) {
  return std::none_of(row.fields.begin(), row.fields.end(), [](const FieldState& field) {
    return field.is_touched() || field.order == "replace" || field.order == "both";
  });
}

std::size_t posted_rows(const web::FormData& posted, const InlineState& inlined) {
  const std::string_view text = posted[inlined.spec->table + "-rows"];
  std::size_t count = 0;
  for (char c : text.substr(0, 4)) {
    if (c < '0' || c > '9') return 0;
    count = count * 10 + static_cast<std::size_t>(c - '0');
  }
  return std::min(count, most_posted_rows);
}

// Two rows of one page with the same unique values: the database only knows those that are stored.
void check_siblings(InlineState& inlined) {
  for (const db::Unique& unique : inlined.model->table->rules().uniques) {
    std::map<std::string, const RowState*> seen;
    for (RowState& row : inlined.rows) {
      if (row.remove || row.is_blank || !row.row) continue;
      std::string values;
      FieldState* last = nullptr;
      bool applies = true;
      for (const std::string& expression : unique.columns) {
        std::string name = expression;
        const bool folded = name.starts_with("lower(");
        if (folded) name = name.substr(6, name.size() - 7);
        if (name == inlined.spec->column) continue;
        const db::Column* column = inlined.model->table->find_column(name);
        const auto text = column ? column->text(row.row.get()) : std::nullopt;
        if (!text || text->empty()) applies = false;
        values += (folded ? ascii_lower(text.value_or("")) : text.value_or("")) + '\n';
        if (FieldState* field = row.find(name)) last = field;
      }
      if (!applies || !last) continue;
      if (!seen.emplace(values, &row).second && last->errors.empty())
        last->errors.push_back(
            fault(last->plan, "not_unique",
                  unique.message.empty() ? message("{label}: another row has the same.") : unique.message));
    }
  }
}

void check_deletion(db::Tx& tx, const Person& person, InlineState& inlined, RowState& row) {
  if (!inlined.may_delete) {
    row.errors.push_back({"", "locked", message("These entries are never deleted."), {}});
    return;
  }
  const db::Param key = key_param(*row.model, row.key);
  const Deletion deletion = preview_deletion(tx, person, *row.model, {&key, 1});
  if (deletion.refusing.empty()) return;
  std::string what;
  for (const TouchedRows& rows : deletion.refusing)
    what += fmt::format("{}{}: {}", what.empty() ? "" : ", ", rows.titles, rows.count);
  row.errors.push_back({"",
                        "kept",
                        message("“{name}” cannot be deleted: other entries depend on it ({what})."),
                        {{"name", row.label}, {"what", what}}});
}

}  // namespace

std::string field_prefix(const InlineState& inlined, std::size_t index) {
  return fmt::format("{}-{}-", inlined.spec->table, index);
}

void settle_inline(const FormState& form, InlineState& inlined) {
  const Model& model = *inlined.model;
  const bool is_shown_only = inlined.spec->read_only;
  const Access main(form.person, *form.main.model), access(form.person, model);
  bool may_add, may_change, may_delete;
  if (form.main.is_new()) {
    // Of a conference that is only made now, or of one that nobody has chosen yet.
    const Reach reach = access.reach(Right::add);
    const bool is_conference = form.main.model->table->name() == "conference";
    may_add = is_conference      ? reach.every_conference
              : form.terms_known ? reach.has(form.conference)
                                 : !reach.is_empty();
    may_change = may_delete = may_add;
  } else {
    const bool is_open = main.may(Right::change, form.conference);
    may_add = is_open && access.may(Right::add, form.conference);
    may_change = is_open && access.may(Right::change, form.conference);
    may_delete = is_open && access.may(Right::remove, form.conference);
  }
  inlined.may_change = !is_shown_only && model.may_change && may_change;
  inlined.may_add = !is_shown_only && model.may_add && may_add;
  inlined.may_delete = !is_shown_only && model.may_delete && may_delete && !inlined.is_single();
}

void load_inlines(db::Tx& tx, const Site&, FormState& form, bool blanks) {
  for (const Inline& spec : form.main.model->inlines) {
    const Model* model = model_of_table(spec.table);
    if (!model) throw std::logic_error("inline " + spec.table + " has no model");
    InlineState inlined{.spec = &spec, .model = model, .rows = {}};
    settle_inline(form, inlined);
    const bool is_seen =
        form.main.is_new() ? inlined.may_add : Access(form.person, *model).may(Right::view, form.conference);
    if (!is_seen) continue;
    if (!form.main.is_new()) {
      struct Reading {
        db::Tx& tx;
        FormState& form;
        InlineState& inlined;
        std::vector<std::shared_ptr<void>> rows;
      } reading{tx, form, inlined, {}};
      const std::string& order = model->order.empty() ? model->table->rules().order_by : model->order;
      std::string tail = fmt::format("t WHERE t.{} = $1", spec.column);
      if (!order.empty()) tail += " ORDER BY " + order;
      tail += fmt::format(" LIMIT {}", most_rows + 1);
      const db::Param key = key_param(*form.main.model, form.main.key);
      model->table->select_rows(
          tx, tail, {&key, 1},
          [](void* context, const void* row) {
            auto& reading = *static_cast<Reading*>(context);
            reading.rows.push_back(reading.inlined.model->table->copy_of(row));
          },
          &reading);
      if (reading.rows.size() > static_cast<std::size_t>(most_rows)) {
        inlined.more =
            model->table->count_rows(tx, fmt::format("WHERE {} = $1", spec.column), {&key, 1}) - most_rows;
        reading.rows.resize(most_rows);
      }
      for (const auto& row : reading.rows) {
        inlined.rows.push_back(stored_row(tx, form, inlined, row.get()));
        if (!inlined.may_change) {
          for (FieldState& field : inlined.rows.back().fields) field.plan.editable = false;
        }
      }
    }
    if (blanks && inlined.may_add) {
      std::size_t wanted = inlined.rows.size() + static_cast<std::size_t>(std::max(spec.blank_rows, 0));
      if (spec.at_most > 0) wanted = std::min(wanted, static_cast<std::size_t>(spec.at_most));
      if (inlined.is_single() && inlined.rows.empty()) wanted = 1;
      if (inlined.is_single()) wanted = std::min<std::size_t>(wanted, 1);
      while (inlined.rows.size() < wanted) inlined.rows.push_back(new_row(tx, form, inlined));
      for (RowState& row : inlined.rows) row.is_blank = row.is_new();
    }
    form.inlines.push_back(std::move(inlined));
  }
}

void overlay_inlines(db::Tx& tx, FormState& form, const web::FormData& posted) {
  for (InlineState& inlined : form.inlines) {
    if (!inlined.may_change && !inlined.may_add) continue;
    std::vector<RowState> loaded = std::move(inlined.rows);
    inlined.rows.clear();
    const std::size_t count = posted_rows(posted, inlined);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string prefix = field_prefix(inlined, i);
      const std::string key(posted[prefix + "_key"]);
      const auto known = std::find_if(loaded.begin(), loaded.end(),
                                      [&](const RowState& row) { return !key.empty() && row.key == key; });
      if (known != loaded.end()) {
        if (inlined.may_change) overlay_row(*known, posted, prefix);
        inlined.rows.push_back(std::move(*known));
        loaded.erase(known);
        continue;
      }
      if (!inlined.may_add) continue;
      RowState row = new_row(tx, form, inlined);
      overlay_row(row, posted, prefix);
      const bool removed = row.remove;
      row.remove = false;
      if (!key.empty()) {
        // Somebody deleted it, or it never was one of these rows. Deleting it is done already.
        if (removed) continue;
        row.is_gone = true;
      } else {
        row.is_blank = removed || is_blank(row);
      }
      inlined.rows.push_back(std::move(row));
    }
    // What others added meanwhile, or a form made by hand left out, stays as it is.
    for (RowState& row : loaded) inlined.rows.push_back(std::move(row));
  }
}

void check_inlines(db::Tx& tx, const Site& site, FormState& form) {
  for (InlineState& inlined : form.inlines) {
    if (!inlined.may_change && !inlined.may_add) continue;
    std::size_t staying = 0;
    for (RowState& row : inlined.rows) {
      if (row.is_blank) continue;
      if (row.remove) {
        check_deletion(tx, form.person, inlined, row);
        continue;
      }
      ++staying;
      check_row(tx, site, form, row, inlined.spec->column);
    }
    if (inlined.spec->at_most > 0 && staying > static_cast<std::size_t>(inlined.spec->at_most)) {
      inlined.rows.back().errors.push_back({"",
                                            "too_many",
                                            message("At most {n} of these can be kept."),
                                            {{"n", std::to_string(inlined.spec->at_most)}}});
    }
    check_siblings(inlined);
  }
}

}  // namespace plenary::admin
