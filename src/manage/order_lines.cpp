// Changing what an order consists of: units taken back, another kind of them, a new price, products added;
// first what would come of it, with the questions that come with it; then the change, the answers that were
// given, and the difference due or on its way back. source: staff pages 70, 14.39; registration 20, 11, D18
// and D37.
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/registration/letters.hpp"
#include "i18n/formats.hpp"
#include "manage/order_lines_form.hpp"
#include "manage/orders.hpp"
#include "manage/team.hpp"
#include "site/pages.hpp"
#include "site/posted_files.hpp"
#include "site/proof.hpp"
#include "site/questions.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"

namespace plenary::manage {
namespace {

using registration::Catalogue;
using registration::LineKind;
using registration::Order;
using registration::OrderLine;
using registration::StaffPreview;
using registration::StockKind;
using registration::Variation;
using site::Fault;
using site::tr;
using templating::Value;

// ---- the form

struct Lines {
  const Site& site;
  web::Request& request;
  const Changeable& now;
  const Catalogue& catalogue;
  const web::FormData* form;

  std::string say(const char* text, const Refused::Arguments& arguments = {}) const {
    return tr(request, text, arguments);
  }
  std::string typed(const std::string& field) const { return form ? std::string((*form)[field]) : ""; }
  Value amount(std::int64_t minor) const { return Value(amount_text(request, now.order, minor)); }

  Value seats_of(const OrderLine& line) const {
    std::vector<Value> list;
    for (const registration::SeatRow& seat : now.seats) {
      if (seat.order_line_id != line.id) continue;
      const std::string key = std::to_string(seat.position);
      bool is_ticked = false;
      if (form)
        for (const std::string_view one : form->all(field_of("seat", line.id))) is_ticked |= one == key;
      list.push_back(Value::dict({{"position", Value(seat.position)},
                                  {"name", Value(seat.name)},
                                  {"is_in", Value(seat.checked_in_at.has_value())},
                                  {"is_ticked", Value(is_ticked)}}));
    }
    return Value::list(list.size() > 1 ? std::move(list) : std::vector<Value>());
  }

  Value lines() const {
    std::vector<Value> list;
    for (const OrderLine& line : now.left) {
      std::vector<Value> kinds;
      for (const Variation* one : kinds_of(catalogue, line)) {
        const std::string key = std::to_string(one->id);
        kinds.push_back(Value::dict({{"value", Value(key)},
                                     {"label", Value(one->name)},
                                     {"chosen", Value(key == typed(field_of("kind", line.id)))}}));
      }
      list.push_back(Value::dict({{"id", Value(line.id)},
                                  {"description", Value(line.description)},
                                  {"quantity", Value(line.quantity)},
                                  {"unit_price", amount(line.unit_price)},
                                  {"total", amount(line.gross)},
                                  {"is_fee", Value(line.kind == LineKind::fee)},
                                  {"seats", seats_of(line)},
                                  {"kinds", Value::list(std::move(kinds))},
                                  {"back", Value(typed(field_of("back", line.id)))},
                                  {"kind_units", Value(typed(field_of("kind-units", line.id)))},
                                  {"price", Value(typed(field_of("price", line.id)))}}));
    }
    return Value::list(std::move(list));
  }

  // Rows that were used, and an empty one behind them.
  Value added() const {
    std::vector<Value> list;
    const std::vector<ProductOption> choices = product_options(catalogue);
    const bool wants_more = form && (*form)["step"] == "more";
    std::size_t rows = 1;
    for (std::size_t i = 0; i < most_added; ++i)
      if (!typed(field_of("product", static_cast<std::int64_t>(i))).empty()) rows = i + 1;
    if (wants_more) rows = std::min(rows + 1, most_added);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto row = static_cast<std::int64_t>(i);
      const std::string chosen = typed(field_of("product", row));
      std::vector<Value> options;
      for (const ProductOption& choice : choices) {
        const std::string price = amount_text(request, now.order, choice.price);
        options.push_back(Value::dict(
            {{"value", Value(choice.key)},
             {"label", Value(choice.has_free_price ? say(message("{name}, {price} proposed"),
                                                         {{"name", choice.name}, {"price", price}})
                                                   : fmt::format("{}, {}", choice.name, price))},
             {"chosen", Value(choice.key == chosen)}}));
      }
      list.push_back(Value::dict({{"row", Value(row)},
                                  {"options", Value::list(std::move(options))},
                                  {"quantity", Value(typed(field_of("quantity", row)))},
                                  {"price", Value(typed(field_of("own-price", row)))}}));
    }
    return Value::list(std::move(list));
  }

  // Answers that were typed on the review, for the way back to it.
  Value kept_answers() const {
    std::vector<Value> list;
    if (form)
      for (const registration::GivenAnswer& one : site::given_answers(*form))
        list.push_back(
            Value::dict({{"name", Value(registration::answer_field(one.position, one.question_id))},
                         {"value", Value(one.value)}}));
    return Value::list(std::move(list));
  }
  // Everything else that was typed, for the review's form.
  Value kept() const {
    std::vector<Value> list;
    static constexpr std::string_view stems[] = {"back-",    "seat-",     "kind-",      "price-",
                                                 "product-", "quantity-", "own-price-", "kind-units-"};
    for (const web::FormData::Field& field : form->fields()) {
      const bool is_ours = std::any_of(std::begin(stems), std::end(stems),
                                       [&](std::string_view stem) { return field.name.starts_with(stem); });
      if ((is_ours || field.name == "reason" || field.name == "version") && !field.value.empty())
        list.push_back(Value::dict({{"name", Value(field.name)}, {"value", Value(field.value)}}));
    }
    return Value::list(std::move(list));
  }

  // ---- the review

  Value planned(const OrderLine& line, const std::string& why = {}) const {
    const std::string rate = line.tax_rate == "0" ? std::string() : line.tax_rate + " %";
    return Value::dict({{"description", Value(line.description)},
                        {"quantity", Value(line.quantity)},
                        {"why", Value(why)},
                        {"unit_price", amount(line.unit_price)},
                        {"discount", line.condition_discount + line.voucher_discount == 0
                                         ? Value("")
                                         : amount(line.condition_discount + line.voucher_discount)},
                        {"tax", line.tax == 0 ? Value("") : amount(line.tax)},
                        {"rate", Value(rate)},
                        {"reverse_charge", Value(line.reverse_charge)},
                        {"total", amount(line.gross)},
                        {"is_reversal", Value(line.reverses_line_id.has_value())}});
  }
  Value planned_lines(const StaffPreview& preview) const {
    std::vector<Value> list;
    for (const OrderLine& line : preview.plan.reversals) list.push_back(planned(line));
    for (const auto& one : preview.plan.additions) {
      const auto why = registration::explain(catalogue, one);
      list.push_back(planned(one.line, why ? say(why->text.c_str(), why->arguments) : std::string()));
    }
    return Value::list(std::move(list));
  }

  std::string stock_text(const registration::StockEffect& effect) const {
    const std::string name =
        effect.kind == StockKind::conference ? say(message("The whole conference")) : effect.name;
    const Refused::Arguments arguments{
        {"name", name},
        {"n", std::to_string(std::abs(effect.quantity))},
        {"left", std::to_string(std::max<std::int64_t>(effect.left.value_or(0), 0))}};
    if (effect.quantity < 0) return say(message("{name}: {n} free again"), arguments);
    if (effect.is_short()) return say(message("{name}: {n} needed, but only {left} left"), arguments);
    return say(message("{name}: {n} taken of {left} left"), arguments);
  }
  Value stock(const StaffPreview& preview) const {
    std::vector<Value> list;
    for (const registration::StockEffect& effect : preview.stock)
      if (effect.left)
        list.push_back(
            Value::dict({{"text", Value(stock_text(effect))}, {"is_short", Value(effect.is_short())}}));
    return Value::list(std::move(list));
  }
  Value going(const StaffPreview& preview) const {
    std::vector<Value> list;
    for (const registration::GoingSeat& seat : preview.going)
      list.push_back(Value::dict({{"position", Value(seat.position)},
                                  {"name", Value(seat.name)},
                                  {"is_in", Value(seat.is_checked_in)}}));
    return Value::list(std::move(list));
  }
};

// What would come of a change, and the form of what is asked with it.
struct Review {
  StaffPreview preview;
  site::AnswerForm answers;
};

Review review_of(db::Tx& tx, const Site& site, const Order& order, const registration::WantedChange& change,
                 const web::FormData& form) {
  Review review;
  review.preview = registration::preview_by_staff(tx, site.shop, order, change);
  if (review.preview.questions.empty()) return review;
  site::AnswerForm& answers = review.answers;
  answers.bought = review.preview.bought;
  answers.asked = review.preview.questions;
  answers.given = site::given_answers(form);
  if (!answers.given.empty()) return review;
  // What is asked beside the new questions may be answered already.
  const std::vector<registration::KeptAnswer> kept = registration::answers_of(tx, order.id);
  std::int64_t position = -1;
  for (const registration::QuestionPlace& place : answers.asked) {
    if (place.position == std::exchange(position, place.position)) continue;
    for (registration::GivenAnswer& given : registration::given_of(tx, kept, position))
      answers.given.push_back(std::move(given));
  }
  return review;
}

web::Response lines_page(Site& site, web::Request& request, const Changeable& now, const Review* review,
                         std::vector<Fault> faults, int status) {
  const StaffPreview* preview = review ? &review->preview : nullptr;
  const Visit& visit = request.context<Visit>();
  site::Page page(site, request, "django_program/manage/order_lines.html");
  order_frame(page, site, request, now.order,
              tr(request, preview ? message("Make this change?") : message("Change the lines")));
  const web::FormData* form = web::is_safe(request.method()) ? nullptr : &request.form();
  const Lines shown{site, request, now, *visit.catalogue, form};
  page.set("is_open", Value(now.is_open))
      .set("currency", Value(now.order.currency))
      .set("waiting", now.waiting ? shown.amount(now.waiting->difference) : Value(""));
  keep_typed(page, request, {"reason"});
  if (preview) {
    const registration::ChangePlan& plan = preview->plan;
    const std::int64_t due = preview->money.due(), back = preview->money.to_refund();
    const std::string chosen(form->has("money") ? (*form)["money"] : std::string_view("later"));
    site::set_questions(page, review->answers);
    for (Fault& fault : site::answer_faults(request, review->answers)) faults.push_back(std::move(fault));
    page.set("is_review", true)
        .set("kept", shown.kept())
        .set("planned", shown.planned_lines(*preview))
        .set("before", shown.amount(plan.before.total))
        .set("after", shown.amount(plan.after.total))
        .set("tax_before",
             plan.before.tax == 0 && plan.after.tax == 0 ? Value("") : shown.amount(plan.before.tax))
        .set("tax_after", shown.amount(plan.after.tax))
        .set("difference", Value(plan.difference()))
        .set("costs_more", plan.difference() > 0 ? shown.amount(plan.difference()) : Value(""))
        .set("costs_less", plan.difference() < 0 ? shown.amount(-plan.difference()) : Value(""))
        .set("due", due > 0 ? shown.amount(due) : Value(""))
        .set("back", back > 0 ? shown.amount(back) : Value(""))
        .set("nothing_left", Value(plan.units_after == 0))
        .set("stock", shown.stock(*preview))
        .set("going", shown.going(*preview))
        .set("has_account", Value(now.order.user_id.has_value()))
        .set("money", Value(chosen))
        .set("tell", Value(!form->has("difference") || (*form)["tell"] == "1"));
    if (preview->why_not) page.set("why_not", Value(tr(request, *preview->why_not)));
  } else {
    const std::vector<ProductOption> choices = product_options(*visit.catalogue);
    const bool has_free_price = std::any_of(choices.begin(), choices.end(),
                                            [](const ProductOption& one) { return one.has_free_price; });
    page.set("lines", shown.lines())
        .set("added", shown.added())
        .set("kept", shown.kept_answers())
        .set("has_products", Value(!choices.empty()))
        .set("has_free_price", Value(has_free_price));
  }
  page.faults(std::move(faults));
  return site::personal(page.html(status), status != 200 ? "invalid" : preview ? "review" : "");
}

std::string added_text(const Order& order, std::size_t lines_before) {
  std::string text;
  for (std::size_t i = lines_before; i < order.lines.size(); ++i)
    text += fmt::format("{}{} × {}", text.empty() ? "" : ", ", order.lines[i].quantity,
                        order.lines[i].description);
  return text;
}

}  // namespace

Task<web::Response> change_lines(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  const bool is_sent = !web::is_safe(request.method());
  const auto sends_back = [&] {
    const std::string_view money = request.form()["money"];
    return request.form()["step"] == "do" && (money == "original" || money == "credit");
  };
  // Of a form that was asked for proof: what was posted takes its place.
  const bool answers_proof = is_sent && request.form().has(site::proof_kept_field);
  if (answers_proof) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  auto read = [&](db::Tx& tx) { return changeable_here(tx, visit, id); };
  Changeable now = co_await site.db.read(read);
  if (!is_sent) co_return lines_page(site, request, now, nullptr, {}, 200);
  const web::FormData& form = request.form();
  const std::string step(form["step"]);
  if (step == "back" || step == "more") co_return lines_page(site, request, now, nullptr, {}, 200);
  AskedChange asked = read_lines_form(request, form, now, *visit.catalogue);
  if (!asked.faults.empty()) co_return lines_page(site, request, now, nullptr, std::move(asked.faults), 422);

  Review review;
  std::optional<Refused> refused;
  auto look = [&](db::Tx& tx) {
    now = changeable_here(tx, visit, id);
    return review_of(tx, site, now.order, asked.change, form);
  };
  try {
    review = co_await site.db.read(look);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused && step != "do") {
    std::vector<Fault> faults{{refused->field(), tr(request, *refused)}};
    co_return lines_page(site, request, now, nullptr, std::move(faults), 422);
  }
  if (step != "do") co_return lines_page(site, request, now, &review, {}, 200);
  if (!review.answers.asked.empty()) {
    co_await site::take_files(site, request, review.answers);
    std::vector<Refused>& faults = review.answers.faults;
    for (Refused& fault : registration::check_answers_of_change(review.preview, review.answers.given))
      faults.push_back(std::move(fault));
    if (!faults.empty()) co_return lines_page(site, request, now, &review, {}, 422);
  }
  const std::vector<registration::GivenAnswer> given = review.answers.given;
  // Asked last, when everything else is right and the files are stored: the question carries their handles.
  if (sends_back() && !answers_proof) {
    if (!request.form().files().empty())
      request.replace_form(site::with_stored_files(request.form(), review.answers));
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }

  const std::int64_t version = shown_version(form);
  const std::string shown_difference(form["difference"]), money(form["money"]);
  std::int64_t sent_back = 0, due = 0;
  bool asks_more = false;
  const std::string actor = actor_of(request).name;
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    const std::size_t lines_before = order.lines.size();
    registration::require_version(order, version);
    const StaffPreview before = registration::preview_by_staff(tx, site.shop, order, asked.change);
    const auto open = registration::check_answers(before.questions, given).faults;
    asks_more = std::any_of(open.begin(), open.end(),
                            [](const Refused& fault) { return fault.code() == "required"; });
    if (!registration::check_answers_of_change(before, given).empty())
      throw Refused("changed_meanwhile",
                    "What is asked with this change is something else by now. Please look at it again.");
    if (std::to_string(before.plan.difference()) != shown_difference)
      throw Refused("changed_meanwhile",
                    "What this change costs is another amount by now. Please look at it again.");
    const registration::Cause cause =
        cause_of(request, asked.reason.empty() ? "lines changed by staff" : asked.reason);
    registration::change_by_staff(tx, site.shop, order, asked.change, version, cause);
    order = registration::find_order(tx, order.id).value();
    registration::answer_with_change(tx, before, order, given, actor);
    std::vector<conference::AuditChange> changes{
        noted("lines", "Lines", "", added_text(order, lines_before))};
    if (!asked.reason.empty()) changes.push_back(noted("reason", "Reason", "", asked.reason));
    if (money == "original" || money == "credit") {
      registration::RefundAsked back;
      back.way = money == "credit" ? registration::RefundWay::credit : registration::RefundWay::original;
      back.note = asked.reason;
      back.created_by = user_of(visit);
      back.tells_buyer = asked.tells_buyer;
      sent_back = registration::return_difference(tx, site.shop, site.gateway, order, back, cause);
    }
    due = registration::money_of(tx, order).due();
    if (asked.tells_buyer && !order.billing.email.empty()) registration::mail_order_changed(tx, order);
    return changes;
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: lines", work);
  if (done.refused) {
    // What would come of it now, beside why it was not done.
    std::vector<Fault> faults{{done.refused->field(), tr(request, *done.refused)}};
    refused.reset();
    try {
      review = co_await site.db.read(look);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (refused) now = co_await site.db.read(read);
    if (!refused && !review.answers.asked.empty()) review.answers.given = given;
    co_return lines_page(site, request, now, refused ? nullptr : &review, std::move(faults), 422);
  }
  std::string text = tr(request, message("The order was changed."));
  if (sent_back > 0)
    text = tr(request, message("The order was changed, and {amount} goes back."),
              {{"amount", amount_text(request, now.order, sent_back)}});
  else if (due > 0)
    text = tr(request, message("The order was changed. {amount} is due."),
              {{"amount", amount_text(request, now.order, due)}});
  if (asks_more) text += " " + tr(request, message("There are questions to answer, below on this page."));
  co_return back_to_order(site, request, id, done, text);
}

}  // namespace plenary::manage
