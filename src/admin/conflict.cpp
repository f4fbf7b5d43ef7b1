#include "admin/conflict.hpp"

#include <algorithm>
#include <charconv>

#include "admin/links.hpp"

namespace plenary::admin {
namespace {

bool differs_from_shown(const FieldState& field) {
  return !field.was.empty() && digest(field.plan, field.stored) != field.was;
}

// By this person. Where the page did not say what it had shown, everything posted counts.
bool was_edited(const FieldState& field) {
  if (field.plan.secret) return field.order != "keep";
  if (!field.posted) return false;
  return field.was.empty() ? field.is_touched() : digest(field.plan, field.typed) != field.was;
}

bool was_posted(const RowState& row) {
  return row.remove || !row.posted_version.empty() ||
         std::any_of(row.fields.begin(), row.fields.end(), [](const FieldState& f) { return f.posted; });
}

bool changed_meanwhile(const RowState& row) {
  if (!row.version.empty()) return row.version != row.posted_version;
  return std::any_of(row.fields.begin(), row.fields.end(), differs_from_shown);
}

std::string stored_as_text(db::Tx& tx, const RowState& row, const FieldState& field, const Terms& terms) {
  if (field.plan.secret) return {};
  if (field.plan.link) return names_of(tx, field, field.stored);
  if (field.other && !field.stored.empty())
    return label_of(tx, *field.other, key_param(*field.other, field.stored)).value_or(field.stored);
  return plain(*field.plan.column, row.stored.get(), terms);
}

std::vector<Meanwhile> recorded(db::Tx& tx, const FormState& form, const RowState& row,
                                std::vector<std::string>& names) {
  std::int64_t version = 0;
  std::from_chars(row.posted_version.data(), row.posted_version.data() + row.posted_version.size(), version);
  std::vector<Meanwhile> changes;
  for (const conference::AuditEntry& entry :
       conference::changes_since(tx, row.model->table->name(), row.key, version)) {
    for (conference::AuditChange change : conference::changes_of(entry)) {
      if (!may_see_change(form.person, *row.model, form.conference, change.field)) continue;
      names.push_back(change.field);
      changes.push_back({entry.actor, entry.created_at, std::move(change.label), std::move(change.old_text),
                         std::move(change.new_text), change.field});
    }
  }
  return changes;
}

void merge(db::Tx& tx, const FormState& form, RowState& row) {
  const Terms& terms = form.terms;
  row.is_stale = true;
  std::vector<std::string> names;
  row.changes = recorded(tx, form, row, names);
  for (FieldState& field : row.fields) {
    if (!field.plan.editable) continue;
    const bool mine = was_edited(field);
    if (differs_from_shown(field)) {
      Meanwhile now{"", {}, field.plan.label, "", stored_as_text(tx, row, field, terms), field.plan.name};
      const auto last = std::find(names.rbegin(), names.rend(), field.plan.name);
      if (last != names.rend()) {
        const Meanwhile& change =
            row.changes[static_cast<std::size_t>(std::distance(last, names.rend())) - 1];
        now.actor = change.actor;
        now.at = change.at;
      } else {
        // Changed another way than through what is recorded.
        row.changes.push_back(now);
        names.push_back(field.plan.name);
      }
      if (mine && digest(field.plan, field.typed) != digest(field.plan, field.stored))
        field.now = std::move(now);
    }
    if (!mine && !field.plan.secret) field.typed = field.stored;
  }
}

}  // namespace

bool find_conflicts(db::Tx& tx, FormState& form) {
  if (!form.main.is_new() && changed_meanwhile(form.main)) merge(tx, form, form.main);
  for (InlineState& inlined : form.inlines) {
    if (!inlined.may_change) continue;
    for (RowState& row : inlined.rows) {
      if (row.is_new() || !was_posted(row) || !changed_meanwhile(row)) continue;
      // Rows that this person left alone take what is stored; nothing of theirs is lost.
      const bool mine = row.remove || std::any_of(row.fields.begin(), row.fields.end(), was_edited);
      merge(tx, form, row);
      if (!mine) {
        row.is_stale = false;
        row.changes.clear();
      }
    }
  }
  return form.is_stale();
}

FormState form_of_gone(db::Tx& tx, const Site& site, const Person& person, const Model& model,
                       const std::string& key, const web::FormData& posted) {
  FormState form = load_form(tx, site, person, model, "", true);
  overlay(tx, site, form, posted);
  const auto entries = conference::history_of(tx, model.table->name(), key, 1);
  // What was there may be told to those who could have seen it.
  require(person, model, Right::change, entries.empty() ? std::nullopt : entries[0].conference_id);
  if (!entries.empty() && entries[0].action == conference::AuditAction::remove) {
    form.main.label = entries[0].object;
    form.main.changes.push_back({entries[0].actor, entries[0].created_at, "", "", ""});
    // Fields that only an addition can set were not on the page.
    FieldState* field = form.main.find("conference_id");
    if (field && field->typed.empty() && entries[0].conference_id)
      field->typed = std::to_string(*entries[0].conference_id);
  }
  form.main.is_gone = true;
  for (InlineState& inlined : form.inlines) {
    // They went with it: as new rows they can be added again.
    for (RowState& row : inlined.rows) row.is_gone = false;
  }
  return form;
}

}  // namespace plenary::admin
