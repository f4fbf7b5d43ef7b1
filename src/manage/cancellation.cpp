#include "manage/cancellation.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/payments/cancellation.hpp"
#include "i18n/formats.hpp"
#include "manage/money.hpp"
#include "site/pages.hpp"
#include "site/proof.hpp"
#include "site/text.hpp"
#include "web/event_stream.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using payments::CancellationPreview;
using payments::CancellationRun;
using payments::CancellationSums;
using payments::CancellationTerms;
using payments::CancellationWay;
using payments::RunState;
using site::tr;
using templating::Value;

constexpr int progress_every = 500;  // milliseconds
constexpr std::size_t longest_note = 2000;

std::string here_url(const Site& site, const web::Request& request) {
  return page_of(site, request, "cancellation");
}

std::string way_name(const web::Request& request, CancellationWay way) {
  switch (way) {
    case CancellationWay::full:
      return tr(request, message("Everything goes back"));
    case CancellationWay::less_fee:
      return tr(request, message("Everything goes back but a fee"));
    case CancellationWay::credit:
      return tr(request, message("Everything becomes a store credit"));
  }
  return {};
}

// The field of the form that a refusal is about.
site::Fault fault_of(const web::Request& request, const Refused& refused) {
  const std::string& field = refused.field();
  return {field == "fee" ? "fee_percent" : field == "note" ? "note" : std::string(), tr(request, refused)};
}

struct Typed {
  CancellationTerms terms;
  std::vector<site::Fault> faults;
};

Typed typed_of(const web::Request& request, const web::FormData& form) {
  Typed typed;
  const auto way = payments::cancellation_way(form["way"]);
  if (!way) typed.faults.push_back({"way", tr(request, message("Choose what becomes of the money."))});
  typed.terms.way = way.value_or(CancellationWay::full);
  if (typed.terms.way == CancellationWay::less_fee) {
    const std::string percent(trimmed(form["fee_percent"])), amount(trimmed(form["fee_amount"]));
    if (!percent.empty()) {
      const auto number = typed_decimal(percent);
      if (!number || number->is_negative() || *number > Decimal(100) || !number->fits_scale(2))
        typed.faults.push_back({"fee_percent", tr(request, message("Enter a percentage from 0 to 100."))});
      else
        typed.terms.fee_percent = *number;
    }
    if (!amount.empty() && amount != "0") {
      const auto minor = typed_amount(request, amount);
      if (!minor) typed.faults.push_back({"fee_amount", tr(request, message("Enter an amount like 12.50."))});
      typed.terms.fee_amount = minor.value_or(0);
    }
    if (percent.empty() && amount.empty())
      typed.faults.push_back({"fee_percent", tr(request, message("Say how much is kept."))});
  }
  typed.terms.note = std::string(trimmed(form["note"]));
  if (character_count(typed.terms.note) > longest_note)
    typed.faults.push_back({"note", tr(request, message("This text is too long."))});
  return typed;
}

// What the preview said, as the form that confirms it brings it along.
CancellationPreview seen_of(const web::FormData& form) {
  const auto number = [&](const char* name) { return site::whole_number(form[name]).value_or(0); };
  const auto amount = [&](const char* name) {
    std::int64_t value = 0;
    for (const char c : form[name]) {
      if (c < '0' || c > '9' || value > INT64_MAX / 20) return std::int64_t{0};
      value = value * 10 + (c - '0');
    }
    return value;
  };
  CancellationPreview seen;
  seen.currency = std::string(form["currency"]);
  seen.orders = number("orders");
  seen.unpaid = number("unpaid");
  seen.free = number("free");
  seen.processing = number("processing");
  seen.waiting = number("waiting");
  seen.card = {number("card_orders"), amount("card_amount")};
  seen.credit = {number("credit_orders"), amount("credit_amount")};
  seen.by_hand = {number("by_hand_orders"), amount("by_hand_amount")};
  seen.kept = {number("kept_orders"), amount("kept_amount")};
  return seen;
}

Value preview_value(const web::Request& request, const CancellationPreview& preview) {
  const auto sums = [&](const CancellationSums& one) {
    return Value::dict({{"orders", Value(one.orders)},
                        {"minor", Value(one.amount)},
                        {"amount", Value(amount_text(request, one.amount, preview.currency))}});
  };
  return Value::dict({{"currency", Value(preview.currency)},
                      {"orders", Value(preview.orders)},
                      {"unpaid", Value(preview.unpaid)},
                      {"free", Value(preview.free)},
                      {"processing", Value(preview.processing)},
                      {"waiting", Value(preview.waiting)},
                      {"card", sums(preview.card)},
                      {"credit", sums(preview.credit)},
                      {"by_hand", sums(preview.by_hand)},
                      {"kept", sums(preview.kept)},
                      {"total", Value(amount_text(request, preview.total_back(), preview.currency))}});
}

web::Response form_page(Site& site, web::Request& request, const CancellationTerms& terms,
                        const CancellationPreview* preview, std::vector<site::Fault> faults, int status) {
  const Visit& visit = request.context<Visit>();
  const web::FormData* form = request.is(web::Method::post) ? &request.form() : nullptr;
  const auto typed = [&](const char* name) {
    return Value(form ? std::string((*form)[name]) : std::string());
  };
  std::vector<Value> ways;
  for (const CancellationWay way :
       {CancellationWay::full, CancellationWay::less_fee, CancellationWay::credit})
    ways.push_back(option(payments::to_text(way), way_name(request, way),
                          form || preview ? payments::to_text(terms.way) : std::string_view()));
  site::Page page(site, request, "django_program/manage/cancellation.html");
  frame(page, site, request, tr(request, message("Cancel the conference")), "cancellation");
  page.set("action", Value(here_url(site, request)))
      .set("ways", Value::list(std::move(ways)))
      .set("way", Value(std::string(payments::to_text(terms.way))))
      .set("way_name", Value(way_name(request, terms.way)))
      .set("slug", Value(visit.conference->slug))
      .set("preview", preview ? preview_value(request, *preview) : Value());
  for (const char* name : {"fee_percent", "fee_amount", "note"}) page.set(name, typed(name));
  page.faults(std::move(faults));
  return site::personal(page.html(status), preview ? "preview" : "");
}

web::Response run_page(Site& site, web::Request& request, const CancellationRun& run,
                       const std::vector<payments::FailedOrder>& failed) {
  const auto amount = [&](std::int64_t minor) { return Value(amount_text(request, minor, run.currency)); };
  std::vector<Value> failures;
  for (const payments::FailedOrder& one : failed)
    failures.push_back(Value::dict({{"order", Value(one.order_reference)},
                                    {"url", Value(order_page(site, request, one.order_id))},
                                    {"why", Value(tr(request, one.failure))}}));
  const std::string_view language = site::language_of(request);
  site::Page page(site, request, "django_program/manage/cancellation_run.html");
  frame(page, site, request, tr(request, message("The conference is cancelled")), "cancellation");
  page.set("action", Value(page_of(site, request, "cancellation-steer")))
      .set("here_url", Value(here_url(site, request)))
      .set("stream_url", Value(page_of(site, request, "cancellation-progress")))
      .set("way_name", Value(way_name(request, run.way)))
      .set("is_running", Value(run.state == RunState::running))
      .set("is_stopped", Value(run.state == RunState::stopped))
      .set("is_done", Value(run.state == RunState::done))
      .set("orders", Value(run.orders))
      .set("done", Value(run.done))
      .set("failed", Value(run.failed))
      .set("orders_text", Value(i18n::number(language, run.orders)))
      .set("done_text", Value(i18n::number(language, run.done)))
      .set("card", amount(run.card_amount))
      .set("credit", amount(run.credit_amount))
      .set("by_hand", amount(run.by_hand_amount))
      .set("has_by_hand", Value(run.by_hand_amount > 0))
      .set("kept", amount(run.kept_amount))
      .set("failures", Value::list(std::move(failures)))
      .set("note", Value(run.note))
      .set("started", Value(moment_text(request, run.created_at)))
      .set("started_by", Value(run.actor))
      .set("finished", run.finished_at ? Value(moment_text(request, *run.finished_at)) : Value())
      .set("payouts_url", Value(page_of(site, request, "payout-list")));
  return site::personal(page.html(), "run");
}

}  // namespace

Task<web::Response> cancel_conference(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const bool posts = request.is(web::Method::post);
  // Money goes back: whoever starts it proves who they are, before anything of the form is looked at.
  if (posts && (request.form().has(site::proof_kept_field) || request.form()["action"] == "start")) {
    std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
    if (question) co_return std::move(*question);
  }
  std::optional<CancellationRun> run;
  std::vector<payments::FailedOrder> failed;
  auto find = [&](db::Tx& tx) {
    run = payments::cancellation_run(tx, conference);
    failed = run ? payments::failed_orders(tx, run->id) : std::vector<payments::FailedOrder>();
  };
  co_await site.db.read(find);
  if (run && posts) co_return web::Response::redirect(here_url(site, request));
  if (run) co_return run_page(site, request, *run, failed);
  if (!posts) co_return form_page(site, request, {}, nullptr, {}, 200);

  const web::FormData& form = request.form();
  Typed typed = typed_of(request, form);
  const bool starts = form["action"] == "start";
  std::optional<Refused> refused;
  std::optional<CancellationPreview> preview;
  if (starts && typed.faults.empty()) {
    if (trimmed(form["slug"]) != visit.conference->slug) {
      typed.faults.push_back(
          {"slug", tr(request, message("Type {slug} to confirm."), {{"slug", visit.conference->slug}})});
    } else {
      const CancellationPreview seen = seen_of(form);
      const conference::Actor actor = actor_of(request);
      auto write = [&](db::Tx& tx) {
        payments::start_cancellation(tx, conference, typed.terms, seen, actor);
      };
      try {
        co_await site.db.write(conference, "cancel the conference", write);
      } catch (const Refused& reason) {
        refused = reason;
      }
      if (!refused) co_return web::Response::redirect(here_url(site, request));
      typed.faults.push_back(fault_of(request, *refused));
    }
  }
  const bool shows = typed.faults.empty() || starts;
  if (shows) {
    Pool* pool = request.services().pool;
    if (!pool) throw std::logic_error("previews need the slow pool");
    auto count = [&] {
      auto read = [&](db::Tx& tx) {
        return payments::preview_conference_cancellation(tx, conference, typed.terms);
      };
      return site.db.read_now(read);
    };
    try {
      preview = co_await pool->run(count);
    } catch (const Refused& reason) {
      refused = reason;
      typed.faults.push_back(fault_of(request, reason));
    }
  }
  const int status = typed.faults.empty() ? 200 : 422;
  co_return form_page(site, request, typed.terms, preview ? &*preview : nullptr, std::move(typed.faults),
                      status);
}

Task<web::Response> steer_cancellation(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  std::optional<web::Response> question = co_await site::asks_for_proof(site, request);
  if (question) co_return std::move(*question);
  const std::string action(request.form()["action"]);
  if (action != "stop" && action != "continue") throw Refused("no_action", "There is no such button here.");
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    if (!payments::cancellation_run(tx, conference)) throw NotFound("nothing is being cancelled here");
    if (action == "stop") {
      payments::stop_cancellation(tx, conference, actor);
    } else {
      payments::continue_cancellation(tx, conference, actor);
    }
  };
  co_await site.db.write(conference, "steer the cancellation", write);
  co_return site::see_other(here_url(site, request), action == "stop" ? "stopped" : "continued");
}

Task<web::Response> stream_cancellation(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  db::Database& database = site.db;
  co_return web::event_stream([&database, conference](web::EventWriter& events) -> Task<void> {
    for (std::int64_t last = -1;;) {
      auto find = [conference](db::Tx& tx) { return payments::cancellation_run(tx, conference); };
      const std::optional<CancellationRun> run = co_await database.read(find);
      if (run && run->done != last) {
        last = run->done;
        const bool listens = co_await events.send("progress", fmt::format("{}/{}", run->done, run->orders));
        if (!listens) co_return;
      }
      if (!run || run->state != RunState::running) {
        co_await events.send("end", "");
        co_return;
      }
      const bool listens = co_await events.wait(progress_every);
      if (!listens) co_return;
    }
  });
}

void add_cancellation_pages(site::PageTable& table) {
  using web::Method;
  const std::string here = "/manage/{conference}/cancellation/";
  const web::Guard all = web::full_access_only() & web::features({"manage_ui", "registration"});
  table.add("manage:cancellation", here, Method::get | Method::post, all, cancel_conference, load_frame);
  table.add("manage:cancellation-steer", here + "steer/", Method::post, all, steer_cancellation);
  table.add("manage:cancellation-progress", here + "progress/", Method::get, all, stream_cancellation);
}

}  // namespace plenary::manage
