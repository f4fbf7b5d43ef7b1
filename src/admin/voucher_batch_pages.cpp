// Batches of vouchers: the form that starts one, which is the voucher's own without its code, and the page
// that shows how far it is.
#include <algorithm>

#include <fmt/format.h>

#include "admin/desk.hpp"
#include "admin/form.hpp"
#include "admin/form_values.hpp"
#include "admin/links.hpp"
#include "admin/tools.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/registration/voucher_batches.hpp"
#include "i18n/formats.hpp"
#include "site/page.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/event_stream.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

using registration::BatchStatus;
using registration::VoucherBatch;
using templating::Value;

constexpr int shown_batches = 20;
constexpr int progress_every = 500;  // milliseconds

// The voucher's form; its code is how the codes of the batch begin.
const Model& batch_form_model() {
  static const Model model = [] {
    Model copy = voucher_model();
    copy.figures.clear();
    for (FieldGroup& group : copy.groups)
      std::erase_if(group.fields,
                    [](const std::string& field) { return field == "reserves" || field == "batch_id"; });
    return copy;
  }();
  return model;
}

FormState blank_form(db::Tx& tx, const Site& site, const Person& person) {
  FormState form = load_form(tx, site, person, batch_form_model(), "", true);
  if (FieldState* code = form.main.find("code")) {
    code->plan.label = message("Prefix");
    code->plan.help =
        message("How each code begins, in at most 20 characters; eight random letters and digits follow.");
  }
  return form;
}

FormState typed_form(db::Tx& tx, const Site& site, const Person& person, const web::FormData& posted) {
  FormState form = blank_form(tx, site, person);
  overlay(tx, site, form, posted);
  check_form(tx, site, form);
  // A voucher whose whole code is the prefix is in nobody's way.
  if (FieldState* code = form.main.find("code"))
    std::erase_if(code->errors, [](const db::FieldError& error) { return error.code == "not_unique"; });
  if (FieldState* code = form.main.find("code")) {  // called as the form calls it
    if (registration::normal_code(posted["code"]).size() > registration::longest_prefix)
      code->errors.push_back({"code",
                              "too_long",
                              message("Prefix: use at most {most} characters."),
                              {{"most", std::to_string(registration::longest_prefix)}}});
    for (db::FieldError& error : code->errors)
      for (auto& [name, value] : error.arguments)
        if (name == "label") value = code->plan.label;
  }
  std::erase_if(form.main.errors, [](const db::FieldError& error) { return error.code == "not_unique"; });
  return form;
}

std::vector<registration::Id> chosen(const FormState& form, const char* link) {
  std::vector<registration::Id> ids;
  const FieldState* field = form.main.find(link);
  for (const std::string& key : keys_in(field ? field->typed : std::string())) {
    if (const auto id = number_in(key)) ids.push_back(*id);
  }
  return ids;
}

registration::VoucherModel model_of(const FormState& form) {
  registration::VoucherModel model;
  model.voucher = *static_cast<const registration::Voucher*>(form.main.row.get());
  model.products = {chosen(form, "ticket_types"), chosen(form, "addons")};
  return model;
}

std::string number_of(const web::Request& request, std::int64_t n) {
  return i18n::number(site::language_of(request), n);
}

std::string batch_url(std::int64_t id) {
  return fmt::format("{}batch/{}/", list_url(voucher_model()), id);
}

std::string name_of(const VoucherBatch& batch) {
  return batch.prefix.empty() ? fmt::format("#{}", batch.id) : batch.prefix;
}

std::string status_text(const web::Request& request, const VoucherBatch& batch) {
  switch (batch.status) {
    case BatchStatus::running:
      return site::tr(request, message("is being made"));
    case BatchStatus::done:
      return site::tr(request, message("done"));
    case BatchStatus::stopped:
      return site::tr(request, message("stopped"));
  }
  return {};
}

Value batch_value(const web::Request& request, const VoucherBatch& batch) {
  const std::string_view language = site::language_of(request);
  return Value::dict(
      {{"name", Value(name_of(batch))},
       {"url", Value(batch_url(batch.id))},
       {"made", Value(batch.made)},
       {"wanted", Value(batch.wanted)},
       {"made_text", Value(i18n::number(language, batch.made))},
       {"wanted_text", Value(i18n::number(language, batch.wanted))},
       {"status", Value(status_text(request, batch))},
       {"is_running", batch.status == BatchStatus::running},
       {"is_stopped", batch.status == BatchStatus::stopped},
       {"problem", Value(batch.problem.empty() ? std::string() : site::tr(request, batch.problem))}});
}

struct Filled {
  std::optional<FormState> form;
  std::string count, count_error;
  std::vector<VoucherBatch> batches;
};

// The newest of all conferences in which this person sees vouchers.
std::vector<VoucherBatch> newest(db::Tx& tx, const Person& person) {
  std::vector<VoucherBatch> found;
  for (const auto& [id, name] : conferences_for(tx, person, Right::view)) {
    for (VoucherBatch& batch : registration::batches_of(tx, id, shown_batches))
      found.push_back(std::move(batch));
  }
  std::sort(found.begin(), found.end(),
            [](const VoucherBatch& a, const VoucherBatch& b) { return a.id > b.id; });
  if (found.size() > shown_batches) found.resize(shown_batches);
  return found;
}

web::Response batch_form(Site& site, web::Request& request, Filled filled, int status) {
  site::Page page(site, request, "admin/voucher_batch_form.html");
  frame(page, site::tr(request, message("Make a batch of vouchers")), {crumb(request, voucher_model())});
  std::vector<Value> batches;
  for (const VoucherBatch& batch : filled.batches) batches.push_back(batch_value(request, batch));
  std::vector<site::Fault> faults = faults_of(request, *filled.form);
  if (!filled.count_error.empty()) faults.insert(faults.begin(), {"count", filled.count_error});
  page.set("form", form_value(site, request, *filled.form))
      .set("action", Value(list_url(voucher_model()) + "batch/"))
      .set("count", Value(filled.count))
      .set("count_error", Value(filled.count_error))
      .set("most", Value(number_of(request, registration::most_in_a_batch)))
      .set("batches", Value::list(std::move(batches)))
      .set("submission", Value(site::new_submission(request)));
  page.faults(std::move(faults));
  return std::move(page.html(status).personal());
}

void require_somewhere(const web::Request& request, Right right) {
  const Person person = person_of(request);
  if (Access(person, voucher_model()).somewhere(right)) return;
  if (!person.rights.any_role()) throw NotFound("no role");
  forbid();
}

// A refusal goes to the field that it is about.
void put_refusal(const web::Request& request, Filled& filled, const Refused& refused) {
  if (refused.field() == "count") {
    filled.count_error = site::tr(request, refused.text(), refused.arguments());
    return;
  }
  db::FieldError error{refused.field(), refused.code(), refused.text(), refused.arguments()};
  FieldState* field = filled.form->main.find(refused.field() == "prefix" ? "code" : refused.field());
  (field ? field->errors : filled.form->main.errors).push_back(std::move(error));
}

Task<web::Response> start(Site& site, web::Request& request) {
  const web::FormData& posted = request.form();
  const Person person = person_of(request);
  const conference::Actor actor = actor_of(request);
  const auto submission = site::Submission::of(request, site.link_key);
  const std::string token = submission ? submission->hash() : std::string();
  std::optional<std::int64_t> count = number_in(posted["count"]);
  if (count && (*count < 1 || *count > registration::most_in_a_batch)) count.reset();
  Filled filled;
  filled.count = std::string(posted["count"]);
  auto look = [&](db::Tx& tx) {
    filled.form = typed_form(tx, site, person, posted);
    return 0;
  };
  co_await read(site, request, look);
  if (!count)
    filled.count_error = site::tr(request, message("Write how many vouchers, from 1 to {most}."),
                                  {{"most", number_of(request, registration::most_in_a_batch)}});
  std::optional<std::int64_t> made;
  if (count && !filled.form->has_faults()) {
    const std::int64_t conference = filled.form->conference.value_or(0);
    require(person, voucher_model(), Right::add, conference);
    auto write = [&](db::Tx& tx) -> std::int64_t {
      if (!token.empty()) {
        if (const auto first = accounts::first_result(tx, token)) return number_in(*first).value_or(0);
      }
      const Person now = person_now(tx, actor.user_id);
      require(now, voucher_model(), Right::add, conference);
      const FormState form = typed_form(tx, site, now, posted);
      if (form.has_faults() || form.conference != std::optional(conference))
        throw Refused("changed",
                      message("Something it refers to was changed at this moment. Please try again."));
      const VoucherBatch batch = registration::start_batch(tx, model_of(form), posted["code"], *count, actor);
      if (!token.empty())
        accounts::record_result(tx, token, conference, "voucher batch", std::to_string(batch.id),
                                tx.now() + accounts::submission_life);
      return batch.id;
    };
    try {
      made = co_await site.db.write(conference, "start voucher batch", write);
    } catch (const Refused& refused) {
      put_refusal(request, filled, refused);
    }
  }
  if (made) co_return web::Response::redirect(batch_url(*made));
  auto show = [&](db::Tx& tx) {
    load_choices(tx, request, *filled.form);
    filled.batches = newest(tx, person);
    return 0;
  };
  co_await read(site, request, show);
  co_return batch_form(site, request, std::move(filled), 422);
}

// The batch of the address, for whoever holds the right in its conference.
VoucherBatch batch_for(db::Tx& tx, const Person& person, std::int64_t id, Right right) {
  const auto batch = registration::find_batch(tx, id);
  if (!batch) {
    if (!Access(person, voucher_model()).somewhere(right) && person.rights.any_role()) forbid();
    throw NotFound("no such batch");
  }
  require(person, voucher_model(), right, batch->conference_id);
  return *batch;
}

}  // namespace

Task<web::Response> make_batch(Site& site, web::Request& request) {
  require_somewhere(request, Right::add);
  if (request.is(web::Method::post)) co_return co_await start(site, request);
  const Person person = person_of(request);
  auto fn = [&](db::Tx& tx) {
    Filled filled;
    filled.form = blank_form(tx, site, person);
    preset(tx, site, *filled.form, request);
    load_choices(tx, request, *filled.form);
    filled.batches = newest(tx, person);
    return filled;
  };
  Filled filled = co_await read(site, request, fn);
  co_return batch_form(site, request, std::move(filled), 200);
}

Task<web::Response> show_batch(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("id");
  const bool writes = request.is(web::Method::post);
  const Person person = person_of(request);
  auto look = [&](db::Tx& tx) { return batch_for(tx, person, id, writes ? Right::change : Right::view); };
  const VoucherBatch batch = co_await read(site, request, look);
  if (writes) {
    const std::string action(request.form()["action"]);
    if (action != "stop" && action != "continue") throw Refused("no_action", "There is no such button here.");
    const conference::Actor actor = actor_of(request);
    auto write = [&](db::Tx& tx) {
      batch_for(tx, person_now(tx, actor.user_id), id, Right::change);
      return action == "stop" ? registration::stop_batch(tx, id, actor)
                              : registration::resume_batch(tx, id, actor);
    };
    co_await site.db.write(batch.conference_id, "voucher batch: stop or continue", write);
    co_return web::Response::redirect(batch_url(id));
  }
  site::Page page(site, request, "admin/voucher_batch.html");
  frame(page, site::tr(request, message("Batch {name}"), {{"name", name_of(batch)}}),
        {crumb(request, voucher_model())});
  const Access access(person, voucher_model());
  const std::string list = list_url(voucher_model());
  page.set("batch", batch_value(request, batch))
      .set("may_change", Value(access.may(Right::change, batch.conference_id)))
      .set("stream_url", Value(batch_url(id) + "progress/"))
      .set("vouchers_url", Value(fmt::format("{}?batch_id={}", list, id)))
      .set("sheet_url",
           access.may(Right::take_out, batch.conference_id)
               ? Value(fmt::format("{}sheet/?conference_id={}&batch={}", list, batch.conference_id, id))
               : Value());
  co_return std::move(page.html().personal());
}

Task<web::Response> stream_batch(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("id");
  const Person person = person_of(request);
  auto look = [&](db::Tx& tx) { return batch_for(tx, person, id, Right::view); };
  co_await site.db.read(look);
  db::Database& database = site.db;
  co_return web::event_stream([&database, id](web::EventWriter& events) -> Task<void> {
    for (std::int64_t last = -1;;) {
      auto find = [id](db::Tx& tx) { return registration::find_batch(tx, id); };
      const std::optional<VoucherBatch> batch = co_await database.read(find);
      const bool runs = batch && batch->status == BatchStatus::running;
      if (batch && batch->made != last) {
        last = batch->made;
        const bool listens =
            co_await events.send("progress", fmt::format("{}/{}", batch->made, batch->wanted));
        if (!listens) co_return;
      }
      if (!runs) {
        co_await events.send("end", "");
        co_return;
      }
      const bool listens = co_await events.wait(progress_every);
      if (!listens) co_return;
    }
  });
}

}  // namespace plenary::admin
