#include "admin/undo.hpp"

#include <algorithm>
#include <utility>

#include "admin/access.hpp"
#include "admin/links.hpp"
#include "base/errors.hpp"

namespace plenary::admin {
namespace {

using conference::AuditAction;
using conference::AuditChange;
using conference::AuditEntry;

const char* why_never(const AuditEntry& entry) {
  switch (entry.action) {
    case AuditAction::add:
      return message("To take back an addition, delete what was added.");
    case AuditAction::remove:
      return message(
          "What was deleted is not brought back: what hung on it is gone, too. Add it anew; its values stand "
          "here.");
    case AuditAction::change:
      if (!entry.seq)
        return message("This was recorded before values were kept in a form that can be written back.");
      if (entry.told.empty()) return message("This entry names no value that could be written back.");
      return nullptr;
    default:
      return message("Only changes of values can be taken back.");
  }
}

class Planner {
 public:
  Planner(db::Tx& tx, const Site& site, const Person& person, const AuditEntry& entry)
      : tx_(tx), site_(site), person_(person), entry_(entry) {}

  UndoPlan run() {
    plan_.model = model_of_table(entry_.entity);
    plan_.label = entry_.object;
    if (const char* never = why_never(entry_)) return stop(never);
    if (!plan_.model || !plan_.model->may_change)
      return stop(
          message("Such entries are not changed by hand, so a change of one is not taken back here."));
    const Model& model = *plan_.model;
    const db::Param key = key_param(model, entry_.object_id);
    if (!model.table->find_row(tx_, key)) return stop(message("What was changed has been deleted since."));
    if (is_another_row()) return stop(message("What was changed has been deleted since."));
    if (!Access(person_, model).may(Right::change, conference_of_row(tx_, model, key)))
      return stop(message("You do not have the right to change this."));
    plan_.form = load_form(tx_, site_, person_, model, entry_.object_id, false);
    plan_.label = plan_.form->main.label;
    for (const AuditChange& change : entry_.told) {
      lay_over(change);
      if (!plan_.why_not.empty()) return finish();
    }
    check_form(tx_, site_, *plan_.form);
    look_at_faults();
    return finish();
  }

 private:
  UndoPlan stop(const char* why, Refused::Arguments arguments = {}) {
    plan_.why_not = why;
    plan_.arguments = std::move(arguments);
    return finish();
  }
  UndoPlan finish() {
    if (!plan_.why_not.empty()) plan_.form.reset();
    return std::move(plan_);
  }
  // The number of a row that was deleted may have been given out again.
  bool is_another_row() {
    constexpr std::int64_t looked_at = 200;
    const auto since = conference::history_of(tx_, entry_.entity, entry_.object_id, looked_at);
    return std::any_of(since.begin(), since.end(), [&](const AuditEntry& later) {
      return later.id > entry_.id &&
             (later.action == AuditAction::add || later.action == AuditAction::remove);
    });
  }
  void refuse(const char* why, const AuditChange& change) {
    plan_.why_not = why;
    plan_.arguments = {{"label", change.label.empty() ? change.field : change.label}};
  }

  void lay_over(const AuditChange& change) {
    const Model& model = *plan_.model;
    if (change.is_erased) return refuse(message("The values of this change were erased."), change);
    if (model.find_secret(change.field))
      return refuse(message("Stored keys are never brought back."), change);
    if (change.field.find('.') != std::string::npos || model_of_table(change.field))
      return refuse(
          message("“{label}” belongs to another row of that page, which has an entry of its own in the "
                  "record: take that one back."),
          change);
    RowState& row = plan_.form->main;
    FieldState* field = row.find(change.field);
    const auto before = conference::read_audit_value(change.old_value);
    const auto after = conference::read_audit_value(change.new_value);
    if (!before || !after) return refuse(message("The old value of “{label}” was not kept."), change);
    if (!field || !field->plan.editable || field->plan.secret)
      return refuse(message("“{label}” is not edited by hand."), change);
    UndoField shown{change.field, field->plan.label, change.new_text, {}, change.old_text, {}};
    if (field->plan.link) {
      shown.now = names_of(tx_, *field, field->stored);
      if (field->stored != after->value_or("")) return changed_since(std::move(shown), change);
      field->typed = before->value_or("");
    } else {
      const db::Column& column = *field->plan.column;
      shown.now = now_text(*field, column, row);
      if (column.text(row.stored.get()) != *after) return changed_since(std::move(shown), change);
      const std::shared_ptr<void> copy = model.table->copy_of(row.stored.get());
      if (!column.set_text(copy.get(), before->value_or("")) || column.text(copy.get()) != *before)
        return refuse(message("The old value of “{label}” can no longer be stored."), change);
      field->typed = control_text(field->plan, copy.get(), plan_.form->terms, false);
    }
    field->posted = true;
    plan_.fields.push_back(std::move(shown));
  }

  std::string now_text(const FieldState& field, const db::Column& column, const RowState& row) {
    if (field.other && !field.stored.empty()) {
      const std::string key = column.text(row.stored.get()).value_or("");
      return label_of(tx_, *field.other, key_param(*field.other, key)).value_or(key);
    }
    return plain(column, row.stored.get(), plan_.form->terms);
  }

  void changed_since(UndoField shown, const AuditChange& change) {
    plan_.fields.push_back(std::move(shown));
    refuse(
        message("“{label}” was changed again since. Take back the newer change first, or edit it by hand."),
        change);
  }

  void look_at_faults() {
    if (!plan_.form->has_faults()) return;
    plan_.why_not = message("The old values are not allowed any more.");
    plan_.errors = plan_.form->main.errors;
    for (const FieldState& field : plan_.form->main.fields) {
      if (field.errors.empty()) continue;
      bool is_shown = false;
      for (UndoField& shown : plan_.fields) {
        if (shown.field != field.plan.name) continue;
        shown.errors = field.errors;
        is_shown = true;
      }
      if (!is_shown) plan_.errors.insert(plan_.errors.end(), field.errors.begin(), field.errors.end());
    }
  }

  db::Tx& tx_;
  const Site& site_;
  const Person& person_;
  const AuditEntry& entry_;
  UndoPlan plan_;
};

}  // namespace

UndoPlan plan_undo(db::Tx& tx, const Site& site, const Person& person, const conference::AuditEntry& entry) {
  return Planner(tx, site, person, entry).run();
}

void write_undo(db::Tx& tx, const Site& site, const conference::Actor& actor, Random& random,
                std::int64_t entry_id) {
  const std::optional<AuditEntry> entry = conference::find_entry(tx, entry_id);
  if (!entry) throw NotFound("no such entry");
  const Person person = person_now(tx, actor.user_id);
  require(person, *model_of_table("audit_entry"), Right::view, entry->conference_id);
  UndoPlan plan = plan_undo(tx, site, person, *entry);
  if (!plan.is_possible()) throw Refused("not_undone", plan.why_not, plan.arguments);
  const web::FormData nothing;
  const Saving saving{site, *plan.model, entry->object_id, nothing, actor, {}, random, entry->id};
  write_form(tx, saving, *plan.form);
}

}  // namespace plenary::admin
