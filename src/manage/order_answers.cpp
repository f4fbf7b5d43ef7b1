// Answers of an order and of its tickets, changed by staff: no deadline of buyers binds them, the rules of
// the questions do; and the files that are answers. source: staff pages 70, 14.39; registration 20, D37.
#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/staff_changes.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "site/pages.hpp"
#include "site/questions.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using registration::Order;
using registration::QuestionPlace;
using site::tr;
using templating::Value;

struct Place {
  Order order;
  std::int64_t position = 0;
  std::string holder;
  site::AnswerForm form;
};

Place place_here(db::Tx& tx, const Visit& visit, std::int64_t order_id, std::int64_t position) {
  Place place;
  place.order = order_here(tx, visit, order_id);
  place.position = position;
  std::vector<registration::Seat> seats;
  if (place.order.status != registration::OrderStatus::pending) seats = registration::seats_of(tx, order_id);
  place.form.bought = registration::units_of(place.order.lines, seats);
  place.form.asked = registration::asked_for(*visit.catalogue, place.form.bought, false);
  std::erase_if(place.form.asked, [&](const QuestionPlace& one) { return one.position != position; });
  if (place.form.asked.empty()) throw NotFound("nothing is asked at this position");
  for (const registration::Seat& seat : seats)
    if (seat.position == position) place.holder = seat.name;
  place.form.given = registration::given_of(tx, registration::answers_of(tx, order_id), position);
  return place;
}

web::Response answers_page(Site& site, web::Request& request, const Place& place,
                           std::vector<site::Fault> faults, int status) {
  const Visit& visit = request.context<Visit>();
  site::Page page(site, request, "django_program/manage/order_answers.html");
  const std::string title = place.position == 0 ? tr(request, message("Answers about the order"))
                                                : tr(request, message("Answers for ticket {n}"),
                                                     {{"n", std::to_string(place.position)}});
  order_frame(page, site, request, place.order, title);
  page.set("holder", Value(place.holder))
      .set("is_open", Value(registration::may_change_answers_by_staff(place.order)))
      .set("is_late", Value(visit.now >= registration::answers_deadline(*visit.catalogue)));
  site::set_questions(page, place.form);
  for (site::Fault& fault : site::answer_faults(request, place.form)) faults.push_back(std::move(fault));
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

void add_new(std::vector<Refused>& faults, std::vector<Refused> more) {
  for (Refused& fault : more) {
    const bool known = std::any_of(faults.begin(), faults.end(),
                                   [&](const Refused& other) { return other.field() == fault.field(); });
    if (!known) faults.push_back(std::move(fault));
  }
}

}  // namespace

Task<web::Response> change_answers(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk"), position = request.param_int("position");
  auto read = [&](db::Tx& tx) { return place_here(tx, visit, id, position); };
  Place place = co_await site.db.read(read);
  if (web::is_safe(request.method())) co_return answers_page(site, request, place, {}, 200);

  place.form.given = site::given_answers(request.form());
  std::erase_if(place.form.given, [&](const auto& answer) { return answer.position != position; });
  co_await site::take_files(site, request, place.form);
  if (!place.form.valid()) {
    add_new(place.form.faults, registration::check_answers(place.form.asked, place.form.given).faults);
    co_return answers_page(site, request, place, {}, 422);
  }
  const std::string actor = actor_of(request).name;
  std::vector<Refused> wrong;
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    wrong =
        registration::change_answers_by_staff(tx, *visit.catalogue, order, position, place.form.given, actor);
    // Nothing was written, so nothing is recorded, and the form may be sent again.
    if (!wrong.empty()) throw Refused("invalid", "Some answers are not right yet.");
    const std::string where = position == 0 ? "of the order" : "of ticket " + std::to_string(position);
    return std::vector<conference::AuditChange>{noted("answers", "Answers", "", where)};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: answers", work);
  if (done.refused) {
    std::vector<site::Fault> faults;
    if (wrong.empty()) faults.push_back({done.refused->field(), tr(request, *done.refused)});
    place.form.faults = std::move(wrong);
    co_return answers_page(site, request, place, std::move(faults), 422);
  }
  const std::string text = tr(request, message("The answers were saved."));
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> answer_file(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk"), file_id = request.param_int("file");
  auto find = [&](db::Tx& tx) -> std::optional<registration::AnswerFile> {
    const Order order = order_here(tx, visit, id);
    const auto any = registration::find_answer_file(tx, file_id);
    if (!any) return std::nullopt;
    return registration::find_answer_file(tx, order.id, any->position, file_id);
  };
  const std::optional<registration::AnswerFile> file = co_await site.db.read(find);
  if (!file) throw NotFound("no such file in this order");
  const auto media = site.settings.base_directory / site.settings.server.media_dir;
  auto load = [&] { return registration::read_answer_file(media, file->stored_name); };
  Pool* pool = request.services().pool;
  std::string bytes;
  if (pool) {
    bytes = co_await pool->run(load);
  } else {
    bytes = load();
  }
  co_return site::personal(web::Response::attachment(std::move(bytes), file->content_type, file->name), "");
}

}  // namespace plenary::manage
