// The pages that add and change a row. source: configuration 10, 5; docs/transactions.md, section 5.
#include <fmt/format.h>

#include "admin/account_door.hpp"
#include "admin/entry.hpp"
#include "admin/form_values.hpp"
#include "admin/links.hpp"
#include "admin/order_actions.hpp"
#include "admin/pages.hpp"
#include "admin/save.hpp"
#include "base/errors.hpp"
#include "domain/accounts/submissions.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/csrf.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using templating::Value;

struct Showing {
  std::string key;
  int status = 200;
  std::vector<site::Fault> faults;  // before those of the fields
};

std::string view_on_site(const Site& site, const Model& model, const FormState& form) {
  if (!model.view_on_site || form.main.is_new()) return {};
  return model.view_on_site(site.settings.server.base_url(), form.main.stored.get());
}

// Beside the button that saves, or of what is stored for those who only look at it.
std::string preview_url(const Model& model, const FormState& form, bool may_save) {
  if (!model.has_preview || (form.main.is_new() && !may_save)) return {};
  return form.main.is_new() ? list_url(model) + "preview/"
                            : fmt::format("{}{}/preview/", list_url(model), form.main.key);
}

// An address is told whole, to be copied.
Value figures_value(const Site& site, const web::Request& request, const FormState& form) {
  std::vector<Value> list;
  for (const Figure& figure : form.figures) {
    const std::string text = figure.is_address ? site.settings.server.base_url() + figure.text : figure.text;
    list.push_back(Value::dict({{"label", Value(site::tr(request, figure.label))},
                                {"text", Value(text)},
                                {"is_address", Value(figure.is_address)}}));
  }
  return Value::list(std::move(list));
}

web::Response form_page(Site& site, web::Request& request, const Model& model, const FormState& form,
                        Showing showing) {
  const std::string one = site::tr(request, model.one());
  const bool is_new = form.main.is_new();
  site::Page page(site, request, "admin/form.html");
  const std::string title = is_new ? site::tr(request, message("Add: {entity}"), {{"entity", one}})
                                   : (form.main.label.empty() ? "#" + form.main.key : form.main.label);
  frame(page, title, {crumb(request, model)});
  const Access access(form.person, model);
  const bool may_add = model.may_add && access.somewhere(Right::add);
  const bool is_open = is_new ? may_add : access.may(Right::change, form.conference);
  const bool may_save = (is_new ? model.may_add : model.may_change) && is_open;
  std::string locked = model.locked_because.empty()
                           ? site::tr(request, message("These entries are not changed by hand."))
                           : site::tr(request, model.locked_because);
  if (!is_open && (is_new ? model.may_add : model.may_change))
    locked = site::tr(request, message("You may look at this, but not change it."));
  page.set("entity", Value(one))
      .set("form", form_value(site, request, form))
      .set("is_new", Value(is_new))
      .set("may_save", Value(may_save))
      .set("may_add", Value(may_add))
      .set("may_delete", Value(model.may_delete && !is_new && access.may(Right::remove, form.conference)))
      .set("locked", Value(may_save ? std::string() : locked))
      .set("action", Value(is_new ? add_url(model) : change_url(model, form.main.key)))
      .set("list_url", Value(list_url(model)))
      .set("delete_url", Value(is_new ? "" : delete_url(model, form.main.key)))
      .set("history_url", Value(is_new ? "" : history_url(model, form.main.key)))
      .set("preview_url", Value(preview_url(model, form, may_save)))
      .set("figures", figures_value(site, request, form))
      .set("door_url", Value(account_door_url(request, model, form.main.key)))
      .set("actions_url", Value(order_actions_url(request, model, form.main.key, form.conference)))
      .set("site_url", Value(view_on_site(site, model, form)))
      .set("gone_label", Value(form.main.is_gone ? form.main.label : std::string()))
      .set("submission", Value(may_save ? site::new_submission(request) : std::string()));
  for (site::Fault& fault : faults_of(request, form)) showing.faults.push_back(std::move(fault));
  page.faults(std::move(showing.faults));
  return std::move(page.html(showing.status).personal());
}

std::string key_of(const web::Request& request) {
  return std::string(request.find_param("key").value_or(std::string_view()));
}

Task<web::Response> show_form(Site& site, web::Request& request, const Model& model) {
  const std::string key = key_of(request);
  const Person person = person_of(request);
  auto fn = [&](db::Tx& tx) {
    FormState form = load_form(tx, site, person, model, key, true);
    if (key.empty()) preset(tx, site, form, request);
    load_choices(tx, request, form);
    return form;
  };
  const FormState form = co_await read(site, request, fn);
  Showing showing{key, 200, {}};
  co_return form_page(site, request, model, form, std::move(showing));
}

web::Response saved_page(web::Request& request, const Model& model, const Outcome& outcome, bool was_new) {
  const web::FormData& posted = request.form();
  const Refused::Arguments arguments{{"entity", site::tr(request, model.one())}, {"name", outcome.label}};
  if (outcome.kind == Outcome::Kind::repeated) {
    web::flash(request, "success",
               site::tr(request, message("It was saved already; nothing was done twice.")));
  } else if (outcome.kind == Outcome::Kind::unchanged) {
    web::flash(request, "info",
               site::tr(request, message("{entity} “{name}”: nothing was changed."), arguments));
  } else if (was_new) {
    web::flash(request, "success", site::tr(request, message("{entity} “{name}” was added."), arguments));
  } else {
    web::flash(request, "success", site::tr(request, message("{entity} “{name}” was saved."), arguments));
  }
  std::string next = list_url(model);
  if (posted.has("_continue") && !outcome.key.empty()) next = change_url(model, outcome.key);
  if (posted.has("_another")) {
    next = add_url(model);
    const std::string_view conference = posted["conference_id"];
    if (!conference.empty() && conference.find_first_not_of("0123456789") == std::string_view::npos)
      next += fmt::format("?conference_id={}", conference);
  }
  return web::Response::redirect(std::move(next));
}

// What came out of the write, or what kept it from being made.
struct Attempt {
  std::optional<Outcome> outcome;
  std::optional<RowRefused> refused;
  bool clashed = false;  // with somebody who was faster
};

// The form once more, after a write that was undone: what is wrong may be plain to see by now.
FormState form_after(db::Tx& tx, const Saving& saving, const Attempt& attempt) {
  const Person person = person_now(tx, saving.actor.user_id);
  FormState form = load_form(tx, saving.site, person, saving.model, saving.key, false);
  overlay(tx, saving.site, form, saving.posted);
  check_form(tx, saving.site, form);
  if (!attempt.refused) return form;
  const RowRefused& refused = *attempt.refused;
  RowState* row = &form.main;
  if (refused.inlined >= 0) {
    const auto place = static_cast<std::size_t>(refused.inlined);
    if (place < form.inlines.size() && refused.row < form.inlines[place].rows.size())
      row = &form.inlines[place].rows[refused.row];
  }
  db::FieldError error{refused.field(), refused.code(), refused.text(), refused.arguments()};
  if (FieldState* field = refused.field().empty() ? nullptr : row->find(refused.field())) {
    field->errors.push_back(std::move(error));
  } else {
    row->errors.push_back(std::move(error));
  }
  return form;
}

// A repeat is the same form with the same content. Whoever goes back, types something else and sends that
// means it.
std::string repeat_hash(web::Request& request, const Site& site) {
  const auto submission = site::Submission::of(request, site.link_key);
  if (!submission) return {};
  std::string content = submission->hash();
  for (const web::FormData::Field& field : request.form().fields()) {
    if (field.name == web::csrf_field) continue;
    content += fmt::format("\n{}={}:{}", field.name, field.value.size(), field.value);
  }
  return token_hash(content);
}

std::string conflict_text(const web::Request& request, const FormState& form) {
  if (form.main.is_gone)
    return site::tr(request,
                    message("This entry was deleted while you were editing it. Nothing was saved. What "
                            "you typed is still here: you can add it anew."));
  return site::tr(request,
                  message("Somebody else changed this while you were editing it. Nothing was saved. Look "
                          "at what differs, then save again."));
}

Task<web::Response> save(Site& site, web::Request& request, const Model& model) {
  std::optional<web::Response> question = co_await proof_of_write(site, request, model);
  if (question) co_return std::move(*question);
  const std::string key = key_of(request);
  const web::FormData& posted = request.form();
  const Person person = person_of(request);
  auto find_lane = [&](db::Tx& tx) -> std::optional<std::int64_t> {
    if (!key.empty()) return conference_of_row(tx, model, key_param(model, key));
    FormState form = load_form(tx, site, person, model, key, false);
    overlay(tx, site, form, posted);
    return form.conference;
  };
  const std::optional<std::int64_t> conference = co_await read(site, request, find_lane);
  const Saving saving{
      site, model, key, posted, actor_of(request), repeat_hash(request, site), site::random_of(request)};
  Attempt attempt;
  auto work = [&](db::Tx& tx) { return save_form(tx, saving); };
  try {
    attempt.outcome = co_await site.db.write(conference.value_or(db::global_lane), "admin: save", work);
  } catch (const RowRefused& refused) {
    attempt.refused = refused;
  } catch (const db::DatabaseError& error) {
    if (error.kind() != db::ErrorKind::unique && error.kind() != db::ErrorKind::foreign_key) throw;
    attempt.clashed = true;
  }
  using Kind = Outcome::Kind;
  if (attempt.outcome && attempt.outcome->kind <= Kind::repeated)
    co_return saved_page(request, model, *attempt.outcome, key.empty());
  bool repeated = false;
  auto show = [&](db::Tx& tx) {
    if (attempt.clashed && !saving.submission.empty())
      repeated = accounts::first_result(tx, saving.submission).has_value();
    FormState form = attempt.outcome ? *attempt.outcome->form : form_after(tx, saving, attempt);
    load_choices(tx, request, form);
    return form;
  };
  FormState form = co_await read(site, request, show);
  if (repeated) {
    Outcome first;
    first.kind = Kind::repeated;
    co_return saved_page(request, model, first, key.empty());
  }
  Showing showing{key, 422, {}};
  if (attempt.outcome && attempt.outcome->kind >= Kind::conflict) {
    showing.status = 409;
    showing.faults.push_back({"", conflict_text(request, form)});
  } else if (attempt.clashed && !form.has_faults()) {
    showing.faults.push_back(
        {"", site::tr(request, message("Somebody else saved something at the same moment that "
                                       "does not go with this. Please look and save again."))});
  }
  co_return form_page(site, request, model, form, std::move(showing));
}

// A form that was kept while its person was signed out: as it was typed, nothing checked, nothing saved.
Task<web::Response> restore(Site& site, web::Request& request, const Model& model) {
  const std::string key = key_of(request);
  const Person person = person_of(request);
  auto fn = [&](db::Tx& tx) {
    FormState form = load_form(tx, site, person, model, key, false);
    overlay(tx, site, form, request.form());
    load_choices(tx, request, form);
    return form;
  };
  const FormState form = co_await read(site, request, fn);
  Showing showing{key, 200, {}};
  co_return form_page(site, request, model, form, std::move(showing));
}

web::Response locked(const web::Request& request, const Model& model) {
  return web::Response::error(403, model.locked_because.empty()
                                       ? site::tr(request, message("These entries are not changed by hand."))
                                       : site::tr(request, model.locked_because));
}

}  // namespace

web::Response form_with_faults(Site& site, web::Request& request, const Model& model, const FormState& form) {
  Showing showing{form.main.key, 422, {}};
  return form_page(site, request, model, form, std::move(showing));
}

Task<web::Response> add(Site& site, web::Request& request) {
  const Model& model = model_for(request, Right::add);
  if (!model.may_add) co_return locked(request, model);
  if (!request.is(web::Method::post)) co_return co_await show_form(site, request, model);
  if (request.form().has(web::restore_field)) co_return co_await restore(site, request, model);
  co_return co_await save(site, request, model);
}

Task<web::Response> change(Site& site, web::Request& request) {
  const bool writes = request.is(web::Method::post);
  const Opened opened = co_await row_for(site, request, writes ? Right::change : Right::view);
  const Model& model = opened.model;
  if (!writes && is_record_of_changes(model)) co_return co_await show_entry(site, request, opened.key);
  if (!writes) co_return co_await show_form(site, request, model);
  if (!model.may_change) co_return locked(request, model);
  if (request.form().has(web::restore_field)) co_return co_await restore(site, request, model);
  co_return co_await save(site, request, model);
}

}  // namespace plenary::admin
