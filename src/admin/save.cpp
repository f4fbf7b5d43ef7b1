#include "admin/save.hpp"

#include <fmt/format.h>

#include "admin/conflict.hpp"
#include "admin/deletion.hpp"
#include "admin/links.hpp"
#include "admin/secrets.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/conference/credentials.hpp"
#include "domain/test_orders.hpp"

namespace plenary::admin {
namespace {

using conference::AuditAction;
using conference::AuditChange;

std::string text_of(db::Tx& tx, const db::Column& column, const void* row, const Terms& terms) {
  const Model* other =
      column.references.empty() || column.is_null(row) ? nullptr : model_of_table(column.references);
  if (other && other->key().name == column.referenced_column) {
    std::string scratch;
    if (const auto label = label_of(tx, *other, column.get(row, scratch))) return *label;
  }
  return plain(column, row, terms);
}

bool is_told(const db::Column& column) {
  return !column.is_secret && !column.is_managed && !column.is_version && !column.is_generated &&
         !column.is_created && !column.is_updated;
}

bool differ(const Model& model, const void* a, const void* b) {
  for (const db::Column& column : model.table->columns()) {
    if (column.text(a) != column.text(b)) return true;
  }
  return false;
}

bool links_or_secrets_change(const RowState& row) {
  for (const FieldState& field : row.fields) {
    if (!field.plan.editable) continue;
    if (field.plan.secret && (field.order == "replace" || field.order == "clear")) return true;
    if (field.plan.link && field.typed != field.stored) return true;
  }
  return false;
}

class Writer {
 public:
  Writer(db::Tx& tx, const Saving& saving, FormState& form) : tx_(tx), saving_(saving), form_(form) {}

  // False: nothing differs from what is stored.
  bool write() {
    const bool is_new = form_.main.is_new();
    std::vector<AuditChange> changes;
    std::vector<AuditChange> further;
    refusing(-1, 0, [&] { changes = write_row(form_.main); });
    for (std::size_t i = 0; i < form_.inlines.size(); ++i) write_inline(static_cast<int>(i), further);
    const Model& model = saving_.model;
    if (changes.empty() && further.empty() && !is_new) return false;
    if (model.written) {
      const std::shared_ptr<void> row = model.table->find_row(tx_, key_param(model, form_.main.key));
      if (row) refusing(-1, 0, [&] { model.written(tx_, row.get()); });
    }
    changes.insert(changes.end(), further.begin(), further.end());
    record(form_.main, is_new ? AuditAction::add : AuditAction::change, changes);
    return true;
  }

  const std::string& label() const { return label_; }

 private:
  template <class F>
  void refusing(int inlined, std::size_t row, F&& fn) {
    try {
      fn();
    } catch (const RowRefused&) {
      throw;
    } catch (const Refused& refused) {
      throw RowRefused(refused, inlined, row);
    }
  }

  // Keys of the provider's other mode, while orders can still be paid with those of now. source: payments 21,
  // P33.
  void check_keys(const RowState& row) {
    if (row.model->table->name() != "conference") return;
    for (const FieldState& field : row.fields) {
      if (!field.plan.editable || !field.plan.secret || field.plan.secret->column != "stripe_secret_key" ||
          (field.order != "replace" && field.order != "clear"))
        continue;
      const std::int64_t id = std::stoll(row.key);
      const config::ProgramSettings& program = saving_.site.settings.program;
      Secret before, after = program.stripe.secret_key.value_or(Secret());
      try {
        before = conference::stripe_credentials(tx_, id, saving_.site.sealing_key, program).secret_key;
      } catch (const conference::CredentialFault&) {
        continue;  // what cannot be read takes no payment
      }
      if (field.order == "replace") after = Secret(field.typed);
      domain::check_key_change(tx_, id, before, after, "stripe_secret_key");
    }
  }

  // Nothing in the result: nothing was written.
  std::vector<AuditChange> write_row(RowState& row) {
    const Model& model = *row.model;
    const bool is_new = row.is_new();
    std::vector<AuditChange> changes;
    const bool writes =
        is_new || differ(model, row.stored.get(), row.row.get()) || links_or_secrets_change(row);
    if (writes && model.guard && !form_.person.rights.is_superuser())
      model.guard(tx_, form_.person, is_new ? nullptr : row.stored.get(), row.row.get());
    if (writes && !model.author_column.empty())
      model.table->find_column(model.author_column)
          ->set_text(row.row.get(), std::to_string(saving_.actor.user_id.value_or(0)));
    if (!is_new) check_keys(row);
    if (is_new) {
      if (model.insert) {
        model.insert(tx_, row.row.get());
      } else {
        model.table->insert_row(tx_, row.row.get());
      }
      row.key = model.key().text(row.row.get()).value_or("");
      changes = differences(tx_, model, nullptr, row.row.get(), form_.terms);
    } else if (writes) {
      const bool written = model.update ? model.update(tx_, row.stored.get(), row.row.get())
                                        : model.table->update_row(tx_, row.row.get());
      if (!written)
        throw Refused("changed", message("Somebody else saved this at the same moment. Please save again."));
      changes = differences(tx_, model, row.stored.get(), row.row.get(), form_.terms);
    }
    for (FieldState& field : row.fields) {
      if (!field.plan.editable) continue;
      if (field.plan.link && field.typed != field.stored) {
        changes.push_back({field.plan.name, field.plan.label, names_of(tx_, field, field.stored),
                           names_of(tx_, field, field.typed), conference::audit_value(field.stored),
                           conference::audit_value(field.typed)});
        write_links(tx_, model, *field.plan.link, row.key, field.stored, field.typed);
      }
      if (field.plan.secret) {
        if (auto change = write_secret(tx_, model, field, row.key, saving_.site.sealing_key, saving_.random))
          changes.push_back(std::move(*change));
      }
    }
    return changes;
  }

  void write_inline(int place, std::vector<AuditChange>& further) {
    InlineState& inlined = form_.inlines[static_cast<std::size_t>(place)];
    if (!inlined.may_change && !inlined.may_add) return;
    const std::string& one = inlined.model->one();
    for (std::size_t i = 0; i < inlined.rows.size(); ++i) {
      RowState& row = inlined.rows[i];
      if (!row.remove || row.is_new()) continue;
      const db::Param key = key_param(*row.model, row.key);
      refusing(place, i, [&] {
        delete_rows(tx_, saving_.site, form_.person, *row.model, {&key, 1}, saving_.actor);
      });
      further.push_back({inlined.spec->table, one, row.label, ""});
    }
    for (std::size_t i = 0; i < inlined.rows.size(); ++i) {
      RowState& row = inlined.rows[i];
      if (row.remove || row.is_blank || (row.is_new() ? !inlined.may_add : !inlined.may_change)) continue;
      refusing(place, i, [&] { write_inline_row(inlined, row, further); });
    }
  }

  void write_inline_row(InlineState& inlined, RowState& row, std::vector<AuditChange>& further) {
    const db::Column* parent = row.model->table->find_column(inlined.spec->column);
    const bool adds = row.is_new();
    parent->set_text(row.row.get(), form_.main.key);
    if (adds && inlined.shares_key()) adopt(row);
    const bool is_new = row.is_new();
    const std::vector<AuditChange> changes = write_row(row);
    if (changes.empty() && !is_new) return;
    if (row.model->written) row.model->written(tx_, row.row.get());
    record(row, is_new ? AuditAction::add : AuditAction::change, changes);
    // The page's own history tells of its rows too.
    for (const AuditChange& change : changes) {
      const std::string whose = inlined.is_single() ? row.model->one() : row.model->one() + " " + label_;
      further.push_back({inlined.spec->table + "." + change.field, whose + ": " + change.label,
                         change.old_text, change.new_text});
    }
    if (changes.empty()) further.push_back({inlined.spec->table, row.model->one(), "", label_});
  }

  // A row that came into being with its parent is changed, not added a second time.
  void adopt(RowState& row) {
    const std::shared_ptr<void> made = row.model->table->find_row(tx_, key_param(*row.model, form_.main.key));
    if (!made) return;
    const std::shared_ptr<void> typed = row.row;
    row.stored = made;
    row.row = row.model->table->copy_of(made.get());
    row.key = form_.main.key;
    for (const FieldState& field : row.fields) {
      if (!field.plan.editable || !field.plan.column) continue;
      field.plan.column->set_text(row.row.get(), field.plan.column->text(typed.get()).value_or(""));
    }
  }

  // A conference that was made in this write, and what came with it: that was asked before.
  bool is_made_now(const RowState& row, AuditAction action) const {
    const bool makes_conference = is_new_ && saving_.model.table->name() == "conference";
    return makes_conference && (&row != &form_.main || action == AuditAction::add);
  }

  void record(RowState& row, AuditAction action, const std::vector<AuditChange>& changes) {
    const db::Param key = key_param(*row.model, row.key);
    label_ = label_of(tx_, *row.model, key).value_or("");
    conference::AuditObject object;
    object.conference_id = conference_of_row(tx_, *row.model, key);
    // Wherever the row came to stand by what was typed: there, too, it takes the right.
    if (!is_made_now(row, action))
      require(form_.person, *row.model, action == AuditAction::add ? Right::add : Right::change,
              object.conference_id);
    object.entity = row.model->table->name();
    object.id = row.key;
    object.name = label_;
    for (const db::Column& column : row.model->table->columns()) {
      std::string scratch;
      if (column.is_version) object.version = column.get(row.row.get(), scratch).integer;
    }
    if (&row == &form_.main) object.undoes = saving_.undoes;
    conference::record(tx_, saving_.actor, action, object, changes);
  }

  db::Tx& tx_;
  const Saving& saving_;
  FormState& form_;
  const bool is_new_ = form_.main.is_new();
  std::string label_;  // of the row recorded last; the main row's in the end
};

}  // namespace

std::vector<AuditChange> differences(db::Tx& tx, const Model& model, const void* before, const void* after,
                                     const Terms& terms) {
  std::vector<AuditChange> changes;
  for (const db::Column& column : model.table->columns()) {
    if (!is_told(column)) continue;
    if (before ? column.text(before) == column.text(after) : !column.text(after).has_value()) continue;
    std::string old_text = before ? text_of(tx, column, before, terms) : std::string();
    std::string new_text = text_of(tx, column, after, terms);
    if (!before && new_text.empty()) continue;
    changes.push_back({std::string(column.name), column.label, std::move(old_text), std::move(new_text),
                       before ? std::optional(conference::audit_value(column.text(before))) : std::nullopt,
                       conference::audit_value(column.text(after))});
  }
  return changes;
}

std::optional<std::string> write_form(db::Tx& tx, const Saving& saving, FormState& form) {
  Writer writer(tx, saving, form);
  if (!writer.write()) return std::nullopt;
  return writer.label();
}

Outcome save_form(db::Tx& tx, const Saving& saving) {
  Outcome outcome;
  const Model& model = saving.model;
  // Roles may have ended since the page was opened.
  const Person person = person_now(tx, saving.actor.user_id);
  if (saving.key.empty()) {
    if (!Access(person, model).somewhere(Right::add)) forbid();
  } else {
    require_row(tx, person, model, Right::change, key_param(model, saving.key));
  }
  if (!saving.submission.empty()) {
    if (const auto first = accounts::first_result(tx, saving.submission)) {
      outcome.kind = Outcome::Kind::repeated;
      outcome.key = *first;
      return outcome;
    }
  }
  const bool is_there =
      saving.key.empty() || saving.model.table->find_row(tx, key_param(saving.model, saving.key)) != nullptr;
  if (!is_there) {
    outcome.kind = Outcome::Kind::gone;
    outcome.form = form_of_gone(tx, saving.site, person, model, saving.key, saving.posted);
    return outcome;
  }
  outcome.form = load_form(tx, saving.site, person, model, saving.key, false);
  FormState& form = *outcome.form;
  overlay(tx, saving.site, form, saving.posted);
  if (form.main.is_new() && form.terms_known) require(person, model, Right::add, form.conference);
  if (find_conflicts(tx, form)) {
    outcome.kind = Outcome::Kind::conflict;
    return outcome;
  }
  check_form(tx, saving.site, form);
  if (form.has_faults()) return outcome;
  const std::optional<std::string> label = write_form(tx, saving, form);
  outcome.kind = label ? Outcome::Kind::saved : Outcome::Kind::unchanged;
  outcome.key = form.main.key;
  outcome.label = label ? *label : form.main.label;
  if (!saving.submission.empty()) {
    accounts::record_result(
        tx, saving.submission,
        conference_of_row(tx, saving.model, key_param(saving.model, form.main.key)).value_or(0), "admin",
        outcome.key, tx.now() + accounts::submission_life);
  }
  return outcome;
}

}  // namespace plenary::admin
