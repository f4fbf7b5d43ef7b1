// The page that shows what a deletion would touch, and the deletion. source: configuration 10, Do better 7.
#include "admin/deletion.hpp"
#include "admin/form.hpp"
#include "admin/pages.hpp"
#include "admin/told.hpp"
#include "base/errors.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::admin {
namespace {

struct Looked {
  Deletion deletion;
  std::string label;
  std::optional<std::int64_t> conference;
};

web::Response deletion_page(Site& site, web::Request& request, const Model& model, const std::string& key,
                            const Looked& looked, std::vector<site::Fault> faults, int status) {
  site::Page page(site, request, "admin/delete.html");
  const std::string label = looked.label.empty() ? "#" + key : looked.label;
  frame(page, site::tr(request, message("Delete “{name}”"), {{"name", label}}),
        {crumb(request, model), {label, change_url(model, key)}});
  page.set("entity", site::tr(request, model.one()))
      .set("label", label)
      .set("deletion", deletion_value(request, looked.deletion))
      .set("action", delete_url(model, key))
      .set("back_url", change_url(model, key));
  page.faults(std::move(faults));
  return std::move(page.html(status).personal());
}

}  // namespace

Task<web::Response> remove(Site& site, web::Request& request) {
  const Opened opened = co_await row_for(site, request, Right::remove);
  const Model& model = opened.model;
  const std::string& key = opened.key;
  if (request.is(web::Method::post)) {
    std::optional<web::Response> question = co_await proof_of_write(site, request, model);
    if (question) co_return std::move(*question);
  }
  const Person person = person_of(request);
  auto look = [&](db::Tx& tx) {
    const db::Param param = key_param(model, key);
    Looked looked;
    looked.deletion = preview_deletion(tx, person, model, {&param, 1});
    if (looked.deletion.count == 0) throw NotFound("no such row");
    looked.label = label_of(tx, model, param).value_or("");
    looked.conference = conference_of_row(tx, model, param);
    return looked;
  };
  const Looked looked = co_await read(site, request, look);
  std::vector<site::Fault> faults;
  if (!request.is(web::Method::post))
    co_return deletion_page(site, request, model, key, looked, std::move(faults), 200);
  const std::string confirmed(request.form()["touches"]);
  const conference::Actor actor = actor_of(request);
  auto work = [&](db::Tx& tx) {
    const db::Param param = key_param(model, key);
    const Person now = person_now(tx, actor.user_id);
    require_row(tx, now, model, Right::remove, param);
    return delete_rows(tx, site, now, model, {&param, 1}, actor, confirmed);
  };
  std::string problem;
  try {
    co_await site.db.write(looked.conference.value_or(db::global_lane), "admin: delete", work);
  } catch (const Refused& refused) {
    problem = told_refusal(request, refused);
  } catch (const db::DatabaseError& error) {
    if (error.kind() != db::ErrorKind::foreign_key) throw;
    problem = site::tr(request, message("Nothing was deleted: other entries depend on it."));
  }
  if (problem.empty()) {
    web::flash(request, "success",
               site::tr(request, message("{entity} “{name}” was deleted."),
                        {{"entity", site::tr(request, model.one())}, {"name", looked.label}}));
    co_return web::Response::redirect(list_url(model));
  }
  faults.push_back({"", std::move(problem)});
  const Looked again = co_await read(site, request, look);
  co_return deletion_page(site, request, model, key, again, std::move(faults), 409);
}

}  // namespace plenary::admin
