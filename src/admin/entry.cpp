// The page of one entry of the record of changes, and the page that takes it back.
#include "admin/entry.hpp"

#include <charconv>

#include "admin/access.hpp"
#include "admin/pages.hpp"
#include "admin/told.hpp"
#include "admin/undo.hpp"
#include "base/errors.hpp"
#include "i18n/formats.hpp"
#include "site/proof.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using conference::AuditAction;
using conference::AuditEntry;
using templating::Value;

const char* action_word(AuditAction action) {
  switch (action) {
    case AuditAction::add:
      return message("Added");
    case AuditAction::change:
      return message("Changed");
    case AuditAction::remove:
      return message("Deleted");
    case AuditAction::erase:
      return message("Erased");
    default:
      return message("Other");
  }
}

const char* kind_of(AuditAction action) {
  switch (action) {
    case AuditAction::add:
      return "add";
    case AuditAction::change:
      return "change";
    case AuditAction::remove:
      return "delete";
    default:
      return "other";
  }
}

std::int64_t number_of(const std::string& key) {
  std::int64_t id = 0;
  std::from_chars(key.data(), key.data() + key.size(), id);
  return id;
}

std::string erased_word(const web::Request& request) {
  return site::tr(request, message("erased"));
}

const Model& record_model() {
  return *model_of_table("audit_entry");
}

struct EntryPage {
  AuditEntry entry;
  UndoPlan plan;
  Terms terms;
  std::vector<std::int64_t> undone_by;
  bool object_is_there = false;
};

EntryPage look(db::Tx& tx, const Site& site, const Person& person, std::int64_t id) {
  std::optional<AuditEntry> entry = conference::find_entry(tx, id);
  if (!entry) throw NotFound("no such entry");
  require(person, record_model(), Right::view, entry->conference_id);
  const Terms terms = terms_of(tx, site, entry->conference_id);
  UndoPlan plan = plan_undo(tx, site, person, *entry);
  EntryPage page{std::move(*entry), std::move(plan), terms, {}, false};
  page.undone_by = conference::undone_by(tx, page.entry);
  if (const Model* model = page.plan.model) {
    const db::Param key = key_param(*model, page.entry.object_id);
    page.object_is_there = model->table->find_row(tx, key) && may_see_row(tx, person, *model, key);
  }
  return page;
}

std::string title_of(const web::Request& request, const EntryPage& shown) {
  return site::tr(request, message("Change {n}"), {{"n", std::to_string(shown.entry.id)}});
}

std::string told_why(const web::Request& request, const UndoPlan& plan) {
  return site::tr(request, Refused("not_undone", plan.why_not, plan.arguments));
}

Value fields_value(const web::Request& request, const UndoPlan& plan) {
  std::vector<Value> fields;
  for (const UndoField& field : plan.fields) {
    std::vector<Value> errors;
    for (const db::FieldError& error : field.errors)
      errors.push_back(Value(site::tr(request, Refused(error.code, error.text, error.arguments))));
    fields.push_back(
        Value::dict({{"label", Value(told_label(request, field.field, field.label))},
                     {"then", Value(told_value(request, *plan.model, field.field, field.then))},
                     {"now", Value(told_value(request, *plan.model, field.field, field.now))},
                     {"will_be", Value(told_value(request, *plan.model, field.field, field.will_be))},
                     {"errors", Value::list(std::move(errors))}}));
  }
  return Value::list(std::move(fields));
}

web::Response undo_page(Site& site, web::Request& request, const EntryPage& shown, std::string problem,
                        int status) {
  const std::string key = std::to_string(shown.entry.id);
  site::Page page(site, request, "admin/undo.html");
  const std::string title = site::tr(request, message("Undo change {n}"), {{"n", key}});
  frame(page, title,
        {crumb(request, record_model()), {title_of(request, shown), change_url(record_model(), key)}});
  std::vector<site::Fault> faults;
  if (problem.empty() && !shown.plan.is_possible()) problem = told_why(request, shown.plan);
  if (!problem.empty()) faults.push_back({"", std::move(problem)});
  for (const db::FieldError& error : shown.plan.errors)
    faults.push_back({"", site::tr(request, Refused(error.code, error.text, error.arguments))});
  page.set("entry", entry_value(request, shown.plan.model, shown.entry, shown.terms))
      .set("label", shown.plan.label)
      .set("fields", fields_value(request, shown.plan))
      .set("is_possible", shown.plan.is_possible())
      .set("action", undo_url(record_model(), key))
      .set("back_url", change_url(record_model(), key))
      .set("object_url", shown.object_is_there ? change_url(*shown.plan.model, shown.entry.object_id) : "");
  page.faults(std::move(faults));
  return std::move(page.html(status).personal());
}

}  // namespace

bool is_record_of_changes(const Model& model) {
  return model.table == &conference::audit_entry_table();
}

Value entry_value(const web::Request& request, const Model* model, const AuditEntry& entry,
                  const Terms& terms) {
  std::vector<Value> changes;
  const Person person = person_of(request);
  const std::string erased = erased_word(request);
  for (const conference::AuditChange& change : conference::changes_of(entry)) {
    if (entry.action == AuditAction::erase) break;  // its fields are places
    if (model && !may_see_change(person, *model, entry.conference_id, change.field)) continue;
    const auto told = [&](const std::string& text) {
      return change.is_erased ? erased : model ? told_value(request, *model, change.field, text) : text;
    };
    std::string label = change.label;
    if (label.empty()) {
      const db::Column* column = model ? model->table->find_column(change.field) : nullptr;
      label = column ? column->label : change.field;
    }
    changes.push_back(Value::dict({{"label", Value(told_label(request, change.field, label))},
                                   {"old", Value(told(change.old_text))},
                                   {"new", Value(told(change.new_text))}}));
  }
  std::string actor = entry.actor_erased ? erased : entry.actor;
  if (actor.empty()) actor = site::tr(request, message("unknown"));
  // Whoever sees the object's history need not see the record of everything.
  const bool may_open = Access(person, record_model()).may(Right::view, entry.conference_id);
  const std::string number = std::to_string(entry.id);
  return Value::dict(
      {{"number", Value(number)},
       {"url", may_open ? Value(change_url(record_model(), number)) : Value()},
       {"when", Value(i18n::moment(site::language_of(request), entry.created_at, terms.zone))},
       {"stamp", Value(entry.created_at.to_string())},
       {"actor", Value(actor)},
       {"address", Value(!may_open              ? std::string()
                         : entry.address_erased ? erased
                                                : entry.address)},
       {"source", Value(source_words(request, entry.source))},
       {"kind", Value(kind_of(entry.action))},
       {"action", Value(site::tr(request, action_word(entry.action)))},
       {"entity", Value(entity_words(request, entry.entity))},
       {"object", Value(entry.object_erased    ? erased
                        : entry.object.empty() ? "#" + entry.object_id
                                               : entry.object)},
       {"undoes", entry.undoes ? Value(std::to_string(*entry.undoes)) : Value()},
       {"undoes_url", entry.undoes && may_open
                          ? Value(change_url(record_model(), std::to_string(*entry.undoes)))
                          : Value()},
       {"erased", entry.action == AuditAction::erase
                      ? Value(site::tr_n(request, "{count} text was erased.", "{count} texts were erased.",
                                         static_cast<std::int64_t>(entry.told.size()),
                                         {{"count", std::to_string(entry.told.size())}}))
                      : Value()},
       {"changes", Value::list(std::move(changes))}});
}

Task<web::Response> show_entry(Site& site, web::Request& request, const std::string& key) {
  const Person person = person_of(request);
  auto fn = [&](db::Tx& tx) { return look(tx, site, person, number_of(key)); };
  const EntryPage shown = co_await read(site, request, fn);
  const AuditEntry& entry = shown.entry;
  const Model* model = shown.plan.model;
  site::Page page(site, request, "admin/entry.html");
  const std::string title = title_of(request, shown);
  frame(page, title, {crumb(request, record_model())});
  std::vector<Value> undone;
  for (const std::int64_t id : shown.undone_by)
    undone.push_back(Value::dict({{"number", Value(std::to_string(id))},
                                  {"url", Value(change_url(record_model(), std::to_string(id)))}}));
  const bool is_add = entry.action == AuditAction::add;
  const bool may_delete = is_add && shown.object_is_there && model && model->may_delete;
  page.set("entry", entry_value(request, model, entry, shown.terms))
      .set("zone", shown.terms.zone_name)
      .set("object_url", shown.object_is_there ? change_url(*model, entry.object_id) : "")
      .set("history_url", model ? history_url(*model, entry.object_id) : "")
      .set("undo_url", shown.plan.is_possible() ? undo_url(record_model(), key) : "")
      .set("delete_url", may_delete ? delete_url(*model, entry.object_id) : "")
      .set("why_not", shown.plan.is_possible() ? std::string() : told_why(request, shown.plan))
      .set("undone_by", Value::list(std::move(undone)))
      .set("seq", entry.seq ? Value(std::to_string(*entry.seq)) : Value())
      .set("hash", entry.hash);
  page.set("locked", site::tr(request, record_model().locked_because));
  co_return std::move(page.html().personal());
}

Task<web::Response> undo(Site& site, web::Request& request) {
  const Opened opened = co_await row_for(site, request, Right::view);
  if (!is_record_of_changes(opened.model))
    throw NotFound("only changes that were recorded can be taken back");
  const Person person = person_of(request);
  const std::int64_t id = number_of(opened.key);
  auto fn = [&](db::Tx& tx) { return look(tx, site, person, id); };
  const EntryPage shown = co_await read(site, request, fn);
  if (!request.is(web::Method::post)) co_return undo_page(site, request, shown, {}, 200);
  if (shown.plan.model && shown.plan.model->asks_proof) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  const conference::Actor actor = actor_of(request);
  Random& random = site::random_of(request);
  auto work = [&](db::Tx& tx) { write_undo(tx, site, actor, random, id); };
  std::string problem;
  try {
    co_await site.db.write(shown.entry.conference_id.value_or(db::global_lane), "admin: undo", work);
  } catch (const Refused& refused) {
    problem = told_refusal(request, refused);
  } catch (const db::DatabaseError& error) {
    if (error.kind() != db::ErrorKind::unique && error.kind() != db::ErrorKind::foreign_key) throw;
    problem =
        site::tr(request, message("Somebody else saved something at the same moment that does not go with "
                                  "this. Please look again."));
  }
  if (problem.empty()) {
    web::flash(
        request, "success",
        site::tr(request, message("The change of “{name}” was taken back."), {{"name", shown.plan.label}}));
    co_return web::Response::redirect(change_url(record_model(), opened.key));
  }
  const EntryPage again = co_await read(site, request, fn);
  co_return undo_page(site, request, again, std::move(problem), 409);
}

}  // namespace plenary::admin
