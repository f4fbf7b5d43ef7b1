#include "site/answers.hpp"

#include <algorithm>

#include "base/pool.hpp"
#include "domain/registration/answer_files.hpp"
#include "domain/registration/questions.hpp"
#include "site/pages.hpp"
#include "site/questions.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using registration::KeptAnswer;
using registration::QuestionPlace;
using registration::Seat;
using registration::SeatState;
using templating::Value;

// Answers that one request may see and change.
struct AnswersPage {
  registration::Order order;
  std::vector<Seat> seats;
  std::int64_t position = 0, ticket_type_id = 0;
  bool is_holders = false;
  SeatPage seat;  // of the holder
  std::vector<KeptAnswer> kept;
  AnswerForm form;
  bool may_change = false;
};

// Whoever was sent the link, or has used it, answers for themselves.
bool is_held(const Seat& seat) {
  const SeatState state = registration::state_of(seat);
  return state == SeatState::invited || state == SeatState::confirmed;
}

const Seat* seat_at(const std::vector<Seat>& seats, std::int64_t position) {
  for (const Seat& seat : seats)
    if (seat.position == position) return &seat;
  return nullptr;
}

// The order and the position of the path, for whoever may see its answers.
std::optional<AnswersPage> find_place(db::Tx& tx, const Site& site, const web::Request& request,
                                      const Visit& visit, std::optional<std::int64_t> position) {
  AnswersPage page;
  std::optional<registration::Order> order;
  if (request.find_param("reference")) {
    order = find_order(tx, request, visit);
    page.position = position.value_or(0);
  } else {
    std::optional<SeatPage> seat = find_seat(tx, site, request, visit);
    if (!seat || !seat->held.is_valid()) return std::nullopt;
    order = registration::find_order(tx, seat->held.seat.order_id);
    page.is_holders = true;
    page.position = seat->held.seat.position;
    page.seat = std::move(*seat);
  }
  if (!order) return std::nullopt;
  if (order->status != registration::OrderStatus::pending) page.seats = registration::seats_of(tx, order->id);
  if (page.position > 0 && !page.is_holders) {
    const Seat* seat = seat_at(page.seats, page.position);
    if (seat ? is_held(*seat) : !page.seats.empty()) return std::nullopt;
  }
  page.order = std::move(*order);
  return page;
}

std::optional<AnswersPage> find_answers(db::Tx& tx, const Site& site, const web::Request& request,
                                        const Visit& visit) {
  std::optional<std::int64_t> position;
  if (request.find_param("position")) position = request.param_int("position");
  std::optional<AnswersPage> page = find_place(tx, site, request, visit, position);
  if (!page) return std::nullopt;
  const registration::Catalogue& catalogue = *visit.catalogue;
  page->form.bought = registration::units_of(page->order.lines, page->seats);
  page->form.asked = registration::asked_for(catalogue, page->form.bought, false);
  std::erase_if(page->form.asked, [&](const QuestionPlace& one) { return one.position != page->position; });
  if (page->form.asked.empty()) return std::nullopt;
  for (const registration::TicketUnit& unit : page->form.bought.units)
    if (unit.position == page->position) page->ticket_type_id = unit.ticket_type_id;
  page->kept = registration::answers_of(tx, page->order.id);
  page->form.given = registration::given_of(tx, page->kept, page->position);
  page->may_change = registration::may_change_answers(catalogue, page->order, tx.now());
  return page;
}

std::string back_url(const Site& site, const web::Request& request, const AnswersPage& page) {
  const Visit& visit = request.context<Visit>();
  if (page.is_holders) return seat_url(site, visit, page.seat, SeatLink::seat);
  return order_url(site, request, OrderLink::detail);
}

web::Response answers_page(Site& site, web::Request& request, const AnswersPage& answers,
                           std::vector<Fault> faults, int status, std::string_view outcome) {
  const Visit& visit = request.context<Visit>();
  Page page(site, request, "django_program/registration/answers.html");
  page.set("heading", Value(answers.position == 0
                                ? tr(request, message("Questions about your order"))
                                : position_title(request, visit, answers.position, answers.ticket_type_id)));
  page.set("action", Value(std::string(request.path())));
  page.set("back_url", Value(back_url(site, request, answers)));
  page.set("back_label", Value(answers.is_holders ? tr(request, message("Back to your ticket"))
                                                  : tr(request, message("Back to order {reference}"),
                                                       {{"reference", answers.order.reference}})));
  page.set("deadline", Value(registration::answers_deadline(*visit.catalogue)));
  set_questions(page, answers.form);
  for (Fault& fault : answer_faults(request, answers.form)) faults.push_back(std::move(fault));
  page.faults(std::move(faults));
  return personal(page.html(status), outcome);
}

Task<std::optional<AnswersPage>> read_answers(Site& site, web::Request& request) {
  Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    visit.now = tx.now();
    return find_answers(tx, site, request, visit);
  };
  std::optional<AnswersPage> page = co_await site.db.read(fn);
  co_return page;
}

web::Response closed(const Site& site, web::Request& request, const AnswersPage& page) {
  web::flash(request, "warning",
             tr(request, message("Answers can no longer be changed. Please write to the organisers.")));
  return see_other(back_url(site, request, page), "too_late");
}

Task<web::Response> save(Site& site, web::Request& request, AnswersPage page) {
  const Visit& visit = request.context<Visit>();
  page.form.given = given_answers(request.form());
  std::erase_if(page.form.given, [&](const auto& answer) { return answer.position != page.position; });
  co_await take_files(site, request, page.form);
  std::vector<Refused> faults;
  std::optional<Refused> refused;
  if (page.form.valid()) {
    auto fn = [&](db::Tx& tx) {
      const std::optional<AnswersPage> now = find_answers(tx, site, request, visit);
      if (!now) throw NotFound("nothing is asked here");
      return registration::change_answers(tx, *visit.catalogue, now->order, now->position, page.form.given,
                                          page.is_holders ? "holder" : "buyer");
    };
    try {
      faults = co_await site.db.write(visit.conference->id, "change answers", fn);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (refused) co_return closed(site, request, page);
    if (faults.empty()) {
      web::flash(request, "success", tr(request, message("Your answers were saved.")));
      co_return see_other(back_url(site, request, page), "answered");
    }
  } else {
    faults = registration::check_answers(page.form.asked, page.form.given).faults;
  }
  for (Refused& fault : faults) {
    const bool known = std::any_of(page.form.faults.begin(), page.form.faults.end(),
                                   [&](const Refused& other) { return other.field() == fault.field(); });
    if (!known) page.form.faults.push_back(std::move(fault));
  }
  co_return answers_page(site, request, page, {}, 422, "invalid");
}

}  // namespace

Task<web::Response> answers(Site& site, web::Request& request) {
  std::optional<AnswersPage> page = co_await read_answers(site, request);
  // Somebody else's ticket and one that nothing is asked for look the same.
  if (!page) throw NotFound("nothing is asked here");
  if (!page->may_change) co_return closed(site, request, *page);
  if (!web::is_safe(request.method())) {
    AnswersPage own = std::move(*page);
    co_return co_await save(site, request, std::move(own));
  }
  co_return answers_page(site, request, *page, {}, 200, "");
}

Task<web::Response> send_answer_file(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("file");
  auto find = [&](db::Tx& tx) -> std::optional<registration::AnswerFile> {
    std::optional<registration::AnswerFile> file = registration::find_answer_file(tx, id);
    if (!file) return std::nullopt;
    const std::optional<AnswersPage> page = find_place(tx, site, request, visit, file->position);
    if (!page) return std::nullopt;
    return registration::find_answer_file(tx, page->order.id, page->position, id);
  };
  const std::optional<registration::AnswerFile> file = co_await site.db.read(find);
  if (!file) throw NotFound("no such file");
  const auto media = site.settings.base_directory / site.settings.server.media_dir;
  auto load = [&] { return registration::read_answer_file(media, file->stored_name); };
  std::string bytes;
  if (Pool* pool = request.services().pool) {
    bytes = co_await pool->run(load);
  } else {
    bytes = load();
  }
  co_return personal(web::Response::attachment(std::move(bytes), file->content_type, file->name), "");
}

Value order_answers_value(const Site& site, const web::Request& request, const OrderPage& order) {
  const Visit& visit = request.context<Visit>();
  const registration::Catalogue& catalogue = *visit.catalogue;
  if (catalogue.questions.empty() && order.answers.empty()) return Value::list({});
  AnswerForm form;
  form.bought = registration::units_of(order.order.lines, order.seats);
  form.asked = registration::asked_for(catalogue, form.bought, false);
  form.given = as_given(order.answers);
  const bool may_change = registration::may_change_answers(catalogue, order.order, visit.now);
  const std::string& reference = order.order.reference;
  const std::string base = order_url(site, visit, OrderLink::detail, reference, order.token);
  std::vector<ShownAnswers> groups{{.position = 0}};
  for (const registration::TicketUnit& unit : form.bought.units)
    groups.push_back({.position = unit.position, .ticket_type_id = unit.ticket_type_id});
  for (ShownAnswers& group : groups) {
    if (group.position > 0) {
      const Seat* seat = seat_at(order.seats, group.position);
      group.is_holders = seat && is_held(*seat) && asks_at(form, group.position);
    }
    if (group.is_holders || !may_change || !asks_at(form, group.position)) continue;
    group.change_url = base + "answers/" + std::to_string(group.position) + "/";
    group.missing = missing_of(form, group.position);
  }
  return shown_answers_value(request, visit, groups, order.answers, base + "files/");
}

Value seat_answers_value(const Site& site, const web::Request& request, const SeatPage& seat) {
  const Visit& visit = request.context<Visit>();
  if (!seat.asks && seat.answers.empty()) return Value::list({});
  const std::string base = seat_url(site, visit, seat, SeatLink::seat);
  ShownAnswers group{.position = seat.held.seat.position,
                     .ticket_type_id = seat.held.seat.ticket_type_id,
                     .change_url = seat.asks && seat.may_answer ? base + "answers/" : std::string(),
                     .missing = seat.may_answer ? seat.missing_answers : 0};
  const ShownAnswers groups[] = {std::move(group)};
  return shown_answers_value(request, visit, groups, seat.answers, base + "files/");
}

void read_seat_answers(db::Tx& tx, const Visit& visit, SeatPage& page) {
  if (page.actor != registration::SeatActor::holder || !page.held.is_valid()) return;
  const std::int64_t position = page.held.seat.position;
  page.answers = registration::answers_of(tx, page.held.seat.order_id);
  std::erase_if(page.answers, [&](const KeptAnswer& answer) { return answer.position != position; });
  if (visit.catalogue->questions.empty()) return;
  const auto order = registration::find_order(tx, page.held.seat.order_id);
  if (!order) return;
  AnswerForm form;
  form.bought = registration::units_of(order->lines, std::vector<Seat>{page.held.seat});
  form.asked = registration::asked_for(*visit.catalogue, form.bought, false);
  form.given = as_given(page.answers);
  page.asks = asks_at(form, position);
  page.missing_answers = missing_of(form, position);
  page.may_answer = registration::may_change_answers(*visit.catalogue, *order, tx.now());
}

}  // namespace plenary::site
