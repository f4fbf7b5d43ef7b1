#include "manage/payouts.hpp"

#include <functional>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/payments/transfers.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/payment_setup.hpp"
#include "i18n/formats.hpp"
#include "manage/exports.hpp"
#include "manage/money.hpp"
#include "manage/statements.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using registration::PayOut;
using site::tr;
using templating::Value;

constexpr int shown_at_once = 100;
constexpr int read_at_once = 500;
constexpr std::size_t most_marked = 500;
constexpr std::size_t longest_reference = 200;

payments::PayerAccount payer_of(const registration::PaymentSetup& setup) {
  return {setup.account_holder, setup.iban, setup.bic};
}

payments::SepaOrder sepa_order(const web::Request& request, const registration::PaymentSetup& setup,
                               Date execute_on) {
  const Visit& visit = request.context<Visit>();
  payments::SepaOrder order;
  order.payer = payer_of(setup);
  order.message_id = fmt::format("PLENARY-{}-{}", visit.conference->id, visit.now.micros / 1'000'000);
  order.conference = visit.catalogue->conference.name;
  order.now = visit.now;
  order.execute_on = execute_on;
  if (request.query("version") == "03") order.version = payments::SepaVersion::pain_001_001_03;
  return order;
}

Date today_of(const web::Request& request) {
  const Visit& visit = request.context<Visit>();
  return visit.catalogue->zone.local(visit.now).date;
}

// What a SEPA file cannot hold, by refund; nothing where there can be none at all, with the reason.
struct Sepa {
  std::map<std::int64_t, std::string> left_out;
  std::size_t in_it = 0;
  std::optional<Refused> refused;
};
Sepa sepa_of(const web::Request& request, const registration::PaymentSetup& setup,
             const std::vector<PayOut>& payouts) {
  Sepa sepa;
  try {
    const payments::SepaFile file =
        payments::sepa_file(sepa_order(request, setup, today_of(request)), payouts);
    for (const payments::LeftOut& one : file.left_out) sepa.left_out[one.refund_id] = one.why;
    sepa.in_it = file.refunds.size();
  } catch (const Refused& refused) {
    sepa.refused = refused;
  }
  return sepa;
}

std::string list_url(const Site& site, const web::Request& request) {
  return page_of(site, request, "payout-list");
}

// Everything for which money has to move, so of no test order. Blocking: on the pool. In pieces, so that no
// read holds the database for long.
std::vector<PayOut> all_payouts(Site& site, std::int64_t conference) {
  std::vector<PayOut> all;
  std::int64_t after = 0;
  while (true) {
    std::vector<PayOut> piece = site.db.read_now(
        [&](db::Tx& tx) { return registration::payouts_to_make(tx, conference, after, read_at_once); });
    const bool is_last = piece.size() < static_cast<std::size_t>(read_at_once);
    if (!piece.empty()) after = piece.back().refund_id;
    std::erase_if(piece, [](const PayOut& one) { return one.is_test; });
    all.insert(all.end(), std::make_move_iterator(piece.begin()), std::make_move_iterator(piece.end()));
    if (is_last) return all;
  }
}

}  // namespace

Task<web::Response> show_payouts(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const std::int64_t after = site::whole_number(request.query("after").value_or("")).value_or(0);
  std::vector<PayOut> payouts;
  registration::PayOutSum sum;
  registration::PaymentSetup setup;
  auto read = [&](db::Tx& tx) {
    payouts = registration::payouts_to_make(tx, conference, after, shown_at_once + 1);
    sum = registration::payouts_open(tx, conference);
    setup = registration::payment_setup_of(tx, conference);
  };
  co_await site.db.read(read);
  const bool has_more = payouts.size() > static_cast<std::size_t>(shown_at_once);
  if (has_more) payouts.pop_back();

  const Sepa sepa = sepa_of(request, setup, payouts);
  const bool acts = may_book(request);
  std::vector<Value> rows;
  for (const PayOut& one : payouts) {
    const auto why = sepa.left_out.find(one.refund_id);
    rows.push_back(Value::dict(
        {{"id", Value(one.refund_id)},
         {"order", Value(one.order_reference)},
         {"order_url", Value(order_page(site, request, one.order_id))},
         {"name", Value(one.account_name.empty() ? one.name : one.account_name)},
         {"email", Value(one.email)},
         {"iban", Value(one.iban)},
         {"note", Value(one.note)},
         {"payment_reference", Value(one.payment_reference)},
         {"amount", Value(amount_text(request, one.amount, one.currency))},
         {"since", Value(moment_text(request, one.created_at))},
         {"is_test", Value(one.is_test)},
         {"left_out",
          why == sepa.left_out.end() || one.is_test ? Value() : Value(tr(request, why->second))}}));
  }
  site::Page page(site, request, "django_program/manage/payouts.html");
  frame(page, site, request, tr(request, message("Transfers to pay out")), "payouts");
  page.set("payouts", Value::list(std::move(rows)))
      .set("count", Value(sum.count))
      .set("amount", Value(amount_text(request, sum.amount)))
      .set("test_count", Value(sum.test_count))
      .set("may_mark", Value(acts))
      .set("mark_url", Value(page_of(site, request, "payout-mark")))
      .set("today", Value(today_of(request).to_string()))
      .set("has_sepa", Value(sepa.in_it > 0 || (has_more && !sepa.refused)))
      .set("sepa_problem", sepa.refused ? Value(tr(request, *sepa.refused)) : Value())
      .set("setup_url", may(request, "manage_conference_settings")
                            ? Value(page_of(site, request, "payment-setup"))
                            : Value());
  if (acts && sum.count > 0) page.set("file_url", Value(page_of(site, request, "payout-file")));
  if (has_more)
    page.set("more_url", Value(list_url(site, request) +
                               query_of({{"after", std::to_string(payouts.back().refund_id)}})));
  co_return site::personal(page.html(), "");
}

Task<web::Response> download_payouts(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const bool is_sepa = request.query("format") == "sepa";
  const auto typed = Date::parse(request.query("on").value_or(""));
  const Date today = today_of(request);
  if (is_sepa && (!typed || *typed < today || *typed > today.plus_days(90)))
    co_return back_to(request, list_url(site, request), "on", "error",
                      tr(request, message("Choose a day from today on, at most 90 days ahead.")));
  registration::PaymentSetup setup;
  auto read = [&](db::Tx& tx) { setup = registration::payment_setup_of(tx, conference); };
  co_await site.db.read(read);
  const auto make = [&] {
    const std::vector<PayOut> payouts = all_payouts(site, conference);
    if (!is_sepa) return payments::transfers_csv(payouts);
    payments::SepaFile file = payments::sepa_file(sepa_order(request, setup, *typed), payouts);
    if (file.xml.empty()) throw Refused("empty", message("None of these transfers can go into such a file."));
    return std::move(file.xml);
  };
  const std::function<std::string()> make_file = make;
  Export what{"refund", "Export of transfers to pay out", "table", "transfers"};
  if (is_sepa) {
    what.filter = "SEPA, on " + typed->to_string();
    what.prefix = "sepa";
    what.type = "application/xml";
    what.extension = "xml";
  }
  std::optional<Refused> refused;
  try {
    co_return co_await recorded_csv(site, request, what, make_file);
  } catch (const Refused& reason) {
    refused = reason;
  }
  co_return back_to(request, list_url(site, request), refused->code(), "error", tr(request, *refused));
}

Task<web::Response> mark_payouts(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const web::FormData& form = request.form();
  const conference::Actor actor = actor_of(request);
  registration::PaidOut paid;
  paid.reference = std::string(trimmed(form["reference"]));
  paid.created_by = actor.user_id;
  std::vector<std::int64_t> ids;
  // One press means one row, or all that were chosen.
  const auto one = site::whole_number(form["only"]);
  if (one) {
    ids.push_back(*one);
  } else {
    for (const std::string_view typed : form.all("refund"))
      if (const auto id = site::whole_number(typed)) ids.push_back(*id);
  }
  std::optional<Refused> refused;
  if (ids.empty()) refused.emplace("none", message("Choose what was paid."));
  if (ids.size() > most_marked) refused.emplace("too_many", message("These are too many at once."));
  if (character_count(paid.reference) > longest_reference)
    refused.emplace("reference", message("This text is too long."));
  std::int64_t done = 0;
  auto write = [&](db::Tx& tx) {
    std::int64_t count = 0;
    const registration::Cause cause{"manage", actor.name, "paid out by hand"};
    for (const std::int64_t id : ids) {
      if (!registration::mark_paid_out(tx, conference, id, paid, cause)) continue;
      ++count;
      conference::record(tx, actor, conference::AuditAction::change,
                         {conference, "refund", std::to_string(id), fmt::format("#{}", id), {}},
                         {{"paid_out", "Paid out", "", paid.reference}});
    }
    return count;
  };
  if (!refused) {
    try {
      done = co_await site.db.write(conference, "transfers paid out", write);
    } catch (const Refused& reason) {
      refused = reason;
    }
  }
  if (refused)
    co_return back_to(request, list_url(site, request), refused->code(), "error", tr(request, *refused));
  co_return back_to(
      request, list_url(site, request), "marked", done > 0 ? "success" : "info",
      site::tr_n(request, "{n} transfer counts as paid now.", "{n} transfers count as paid now.", done));
}

void add_payout_pages(site::PageTable& table) {
  using web::Method;
  const std::string here = "/manage/{conference}/payouts/";
  const web::Guard on = web::features({"manage_ui", "registration"});
  const web::Guard act = web::any_permission({"change_registration", "change_finance"}) & on;
  table.add("manage:payout-list", here, Method::get, web::permission("view_registration") & on, show_payouts,
            load_frame);
  table.add("manage:payout-file", here + "file/", Method::get, act, download_payouts);
  table.add("manage:payout-mark", here + "paid/", Method::post, act, mark_payouts);
}

}  // namespace plenary::manage
