#include "manage/outbox.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "domain/accounts/letters.hpp"
#include "domain/registration/records.hpp"
#include "jobs/conference_outbox.hpp"
#include "mail/post.hpp"
#include "manage/money.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using jobs::ConferenceRow;
using jobs::RowState;
using site::tr;
using templating::Value;

constexpr int shown_at_once = 50;
constexpr std::string_view see = "view_registration", act = "change_registration";

struct Words {
  std::string_view name, words;
};
// Kinds that nobody named here stand there as they are.
constexpr Words kinds[] = {
    {"mail", message("Mail")},
    {"refund", message("Money going back through the provider")},
    {"stripe_event", message("Events of the payment provider")},
    {"watch_intent", message("Card payments to be looked after")},
    {"look_at_intent", message("Card payments to be looked after")},
    {"cancel_intent", message("Card payments to be called off")},
    {"stripe_details", message("Card and fee of a payment")},
    {"stripe_refunds", message("Refunds made at the provider")},
    {"sandbox_late_answer", message("Late answers of play money")},
    {"invoice_file", message("Files of invoices")},
    {"serve_waiting", message("Offers to the waiting list")},
    {"voucher.batch", message("Vouchers in bulk")},
    {"order_notes", message("Mail to buyers")},
    {"seat_reminders", message("Reminders of tickets without a name")},
    {"cancel_conference", message("Cancelling the conference")},
};
// What a mail is about; one that nobody named here is told by its name.
constexpr Words mails[] = {
    {"order_confirmation", message("Confirmation of an order")},
    {"order_expiry_warning", message("Warning that an order runs out")},
    {"order_placed", message("Order placed and unpaid")},
    {"order_expired", message("Order that ran out")},
    {"order_link", message("Link to an order")},
    {"order_cancelled", message("Cancelled order")},
    {"order_refunded", message("Money going back")},
    {"order_changed", message("Changed order")},
    {"order_note", message("Mail to buyers")},
    {"payment_failed", message("Failed payment")},
    {"payment_received", message("Received payment")},
    {"payment_reminder", message("Reminder to pay")},
    {"credit_issued", message("New credit")},
    {"late_payment_refunded", message("Late payment going back")},
    {"dispute_opened", message("Disputed payment, to the staff")},
    {"found_orders", message("Orders of an address")},
    {"claim_order", message("Order taken into an account")},
    {"names_missing", message("Tickets without a name")},
    {"seat_link", message("Link to a ticket")},
    {"seat_transferred", message("Ticket passed on")},
    {"invitation", message("Invitation to the team")},
    {"waiting_joined", message("Place on the waiting list")},
    {"waiting_offer", message("Offer to the waiting list")},
    {"waiting_lapsed", message("Offer that lapsed")},
    {"mail_test", message("Test mail")},
};

template <std::size_t n>
std::string words_of(const web::Request& request, const Words (&list)[n], std::string_view name) {
  for (const Words& one : list)
    if (one.name == name) return tr(request, one.words);
  return std::string(name);
}

struct Reason {
  std::string_view part, words;
};
// From what is most particular to what is most general; compared in lower case.
constexpr Reason reasons[] = {
    {"refused for good", message("The server of the recipient refuses this address. Correct it in the order, "
                                 "then try again.")},
    {"signing in", message("The mail server does not take the account that is set for it.")},
    {"sign_in", message("The mail server does not take the account that is set for it.")},
    {"certificate", message("The certificate of the other server could not be verified.")},
    {"encryption", message("No encrypted connection to the other server came about.")},
    {"connecting", message("The mail server could not be reached.")},
    {"could not connect", message("The other server could not be reached.")},
    {"couldn't connect", message("The other server could not be reached.")},
    {"could not resolve", message("The name of the other server could not be found.")},
    {"timed out", message("The other server did not answer in time.")},
    {"timeout", message("The other server did not answer in time.")},
    {"no longer", message("What it was about is no longer there.")},
    {"there is no such", message("What it was about is no longer there.")},
    {"no handler", message("This server does not know how to do it. Was it updated everywhere?")},
    {"template", message("The template of this mail has a mistake.")},
};

std::string plain_error(const web::Request& request, const std::string& error) {
  if (error.empty()) return tr(request, message("It was given up without a reason."));
  std::string lower = error;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Reason& reason : reasons)
    if (lower.find(reason.part) != std::string::npos) return tr(request, reason.words);
  return tr(request, message("It failed too often."));
}

struct Shown {
  std::vector<jobs::Backlog> backlog;
  std::vector<ConferenceRow> rows;
  std::map<std::int64_t, std::string> orders;  // references by id
};

Shown read_outbox(db::Tx& tx, std::int64_t conference, const jobs::WantedRows& wanted) {
  Shown shown;
  shown.backlog = jobs::backlog_of(tx, conference);
  shown.rows = jobs::rows_of(tx, conference, wanted);
  for (const ConferenceRow& row : shown.rows) {
    const auto order = jobs::integer_in(row.payload, "order");
    if (!order || shown.orders.count(*order)) continue;
    for (const registration::OrderRow& found : registration::order_table().select(
             tx, "WHERE id = $1 AND conference_id + 0 = $2", *order, conference))
      shown.orders[*order] = found.reference;
  }
  return shown;
}

std::string outbox_url(const Site& site, const web::Request& request) {
  return site::url(site, request.context<Visit>(), "manage:outbox-list");
}

Value backlog_value(const Site& site, const web::Request& request, const std::vector<jobs::Backlog>& list) {
  const std::string base = outbox_url(site, request);
  std::vector<Value> rows;
  for (const jobs::Backlog& one : list) {
    const auto url = [&](RowState state) {
      return Value(base + query_of({{"state", std::string(jobs::to_text(state))}, {"kind", one.kind}}));
    };
    rows.push_back(Value::dict({{"kind", Value(one.kind)},
                                {"label", Value(words_of(request, kinds, one.kind))},
                                {"waiting", Value(one.waiting)},
                                {"later", Value(one.later)},
                                {"dead", Value(one.dead)},
                                {"age", one.waiting > 0 ? Value(age_text(request, one.oldest_due)) : Value()},
                                {"waiting_url", url(RowState::waiting)},
                                {"later_url", url(RowState::later)},
                                {"dead_url", url(RowState::dead)}}));
  }
  return Value::list(std::move(rows));
}

Value rows_value(const Site& site, const web::Request& request, const Shown& shown) {
  const Visit& visit = request.context<Visit>();
  std::vector<Value> rows;
  for (const ConferenceRow& row : shown.rows) {
    // Which order, and nothing of what else a payload may carry: addresses stand in the order.
    const std::int64_t order_id = jobs::integer_in(row.payload, "order").value_or(0);
    const auto order = shown.orders.find(order_id);
    const bool is_mail = row.kind == accounts::mail_kind;
    const std::string about =
        is_mail ? words_of(request, mails, jobs::text_in(row.payload, "message").value_or("")) : "";
    const std::string key = std::to_string(row.id);
    const bool is_dead = row.state == RowState::dead;
    const bool can_act = is_dead && may(request, act);
    rows.push_back(Value::dict(
        {{"id", Value(row.id)},
         {"kind", Value(words_of(request, kinds, row.kind))},
         {"about", Value(about)},
         {"order", order == shown.orders.end() ? Value() : Value(order->second)},
         {"order_url", order == shown.orders.end() ? Value() : Value(order_page(site, request, order_id))},
         {"written", Value(moment_text(request, row.created_at))},
         {"age", Value(age_text(request, row.created_at))},
         {"due", Value(moment_text(request, row.run_at))},
         {"attempts", Value(row.attempts)},
         {"reason", is_dead ? Value(plain_error(request, row.last_error)) : Value()},
         {"error", Value(row.last_error)},
         {"retry_url", can_act ? Value(site::url(site, visit, "manage:outbox-retry", key)) : Value()},
         {"discard_url", can_act ? Value(site::url(site, visit, "manage:outbox-discard", key)) : Value()}}));
  }
  return Value::list(std::move(rows));
}

conference::AuditObject object_of(std::int64_t conference, std::int64_t id, std::string name) {
  return {conference, "outbox", std::to_string(id), std::move(name), {}};
}

// Where a POST came from: the same filters again.
std::string list_again(const Site& site, web::Request& request) {
  const web::FormData& form = request.form();
  return outbox_url(site, request) +
         query_of({{"state", std::string(form["state"])}, {"kind", std::string(form["filter"])}});
}

std::int64_t newest_seen(web::Request& request) {
  const auto id = site::whole_number(request.form()["newest"]);
  if (!id) throw Refused("newest", "This page is out of date. Please look again.");
  return *id;
}

Task<web::Response> change_row(Site& site, web::Request& request, bool retries) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const std::int64_t id = request.param_int("pk");
  const conference::Actor actor = actor_of(request);
  auto write = [&](db::Tx& tx) {
    const auto row = jobs::find_dead(tx, conference, id);
    if (!row) return false;
    const bool done = retries ? jobs::retry(tx, id) : jobs::discard(tx, id);
    if (done)
      conference::record(tx, actor,
                         retries ? conference::AuditAction::other : conference::AuditAction::remove,
                         object_of(conference, id, row->kind),
                         {{"is_dead", retries ? "Tried again" : "Discarded", row->last_error, ""}});
    return done;
  };
  const bool done = co_await site.db.write(conference, "outbox row", write);
  const std::string location = list_again(site, request);
  if (!done)
    co_return back_to(request, location, "gone", "info",
                      tr(request, message("It was no longer there: somebody else was quicker.")));
  co_return back_to(
      request, location, retries ? "retried" : "discarded", "success",
      retries ? tr(request, message("It is tried again now.")) : tr(request, message("It was discarded.")));
}

Task<web::Response> change_kind(Site& site, web::Request& request, bool retries) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const conference::Actor actor = actor_of(request);
  const std::string kind(request.form()["kind"]);
  const std::int64_t newest = newest_seen(request);
  auto write = [&](db::Tx& tx) {
    const std::int64_t count = retries ? jobs::retry_all_of(tx, conference, kind, newest)
                                       : jobs::discard_all_of(tx, conference, kind, newest);
    if (count > 0)
      conference::record(tx, actor,
                         retries ? conference::AuditAction::other : conference::AuditAction::remove,
                         object_of(conference, newest, kind),
                         {{"count", retries ? "Tried again" : "Discarded", "", std::to_string(count)}});
    return count;
  };
  const std::int64_t count = co_await site.db.write(conference, "outbox rows", write);
  const std::string text =
      retries ? site::tr_n(request, "{n} is tried again now.", "{n} are tried again now.", count)
              : site::tr_n(request, "{n} was discarded.", "{n} were discarded.", count);
  co_return back_to(request, list_again(site, request), retries ? "retried" : "discarded",
                    count > 0 ? "success" : "info", text);
}

}  // namespace

Task<web::Response> show_outbox(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const std::string kind(request.query("kind").value_or(""));
  const std::optional<RowState> state = jobs::row_state(request.query("state").value_or("dead"));
  if (!state) throw NotFound("there is no such list");
  const jobs::WantedRows wanted{*state, kind, before_of(request), shown_at_once + 1};
  auto read = [&](db::Tx& tx) { return read_outbox(tx, conference, wanted); };
  Shown shown = co_await site.db.read(read);
  const bool has_more = shown.rows.size() > static_cast<std::size_t>(shown_at_once);
  if (has_more) shown.rows.pop_back();

  const std::string base = outbox_url(site, request), state_name(jobs::to_text(*state));
  std::int64_t dead_of_kind = 0;
  std::vector<Value> kind_options{option("", tr(request, message("All kinds")), kind)};
  for (const jobs::Backlog& one : shown.backlog) {
    kind_options.push_back(option(one.kind, words_of(request, kinds, one.kind), kind));
    if (one.kind == kind) dead_of_kind = one.dead;
  }
  std::vector<Value> states;
  for (const auto& [value, label] :
       {std::pair(RowState::dead, message("Given up")), std::pair(RowState::waiting, message("Waiting")),
        std::pair(RowState::later, message("Later"))})
    states.push_back(option(jobs::to_text(value), tr(request, label), state_name));
  const bool acts_on_kind = *state == RowState::dead && !kind.empty() && dead_of_kind > 1 &&
                            !shown.rows.empty() && may(request, act);
  site::Page page(site, request, "django_program/manage/outbox.html");
  frame(page, site, request, tr(request, message("Mail and jobs")), "outbox");
  page.set("backlog", backlog_value(site, request, shown.backlog))
      .set("rows", rows_value(site, request, shown))
      .set("state", Value(state_name))
      .set("states", Value::list(std::move(states)))
      .set("kind", Value(kind))
      .set("kind_label", Value(words_of(request, kinds, kind)))
      .set("kinds", Value::list(std::move(kind_options)))
      .set("list_url", Value(base))
      .set("acts_on_kind", Value(acts_on_kind))
      .set("dead_of_kind", Value(dead_of_kind))
      .set("newest", Value(shown.rows.empty() ? std::int64_t{0} : shown.rows.front().id))
      .set("retry_kind_url", Value(site::url(site, visit, "manage:outbox-retry-kind")))
      .set("discard_kind_url", Value(site::url(site, visit, "manage:outbox-discard-kind")));
  if (has_more)
    page.set("older_url", Value(base + query_of({{"state", state_name},
                                                 {"kind", kind},
                                                 {"before", std::to_string(shown.rows.back().id)}})));
  co_return site::personal(page.html(), "");
}

Task<web::Response> retry_row(Site& site, web::Request& request) {
  co_return co_await change_row(site, request, true);
}
Task<web::Response> discard_row(Site& site, web::Request& request) {
  co_return co_await change_row(site, request, false);
}
Task<web::Response> retry_kind(Site& site, web::Request& request) {
  co_return co_await change_kind(site, request, true);
}
Task<web::Response> discard_kind(Site& site, web::Request& request) {
  co_return co_await change_kind(site, request, false);
}

void load_stuck_mail(db::Tx& tx, web::Request& request, std::int64_t conference_id) {
  request.attach(mail::stuck_mail(tx, conference_id));
}

void set_stuck_mail(site::Page& page, const Site& site, web::Request& request) {
  const mail::StuckMail* stuck = request.find_context<mail::StuckMail>();
  if (!stuck || !stuck->any()) return;
  std::string text;
  if (stuck->waiting > 0)
    text = site::tr_n(request, "{n} mail could not be sent since {moment}.",
                      "{n} mails could not be sent, the oldest since {moment}.", stuck->waiting,
                      {{"moment", moment_text(request, stuck->since.value_or(Instant{}))}});
  if (stuck->dead > 0)
    text += (text.empty() ? "" : " ") +
            site::tr_n(request, "{n} mail was given up.", "{n} mails were given up.", stuck->dead);
  const bool sees = may(request, see);
  const std::string_view state = stuck->dead > 0 ? "dead" : "waiting";
  page.set("stuck_mail",
           Value::dict({{"text", Value(text)},
                        {"url", sees ? Value(outbox_url(site, request) +
                                             query_of({{"state", std::string(state)},
                                                       {"kind", std::string(accounts::mail_kind)}}))
                                     : Value()}}));
}

void add_outbox_pages(site::PageTable& table) {
  using web::Method;
  const std::string here = "/manage/{conference}/outbox/", row = here + "{pk:int}/";
  const web::Guard on = web::features({"manage_ui"});
  table.add("manage:outbox-list", here, Method::get, web::permission(see) & on, show_outbox, load_frame);
  table.add("manage:outbox-retry-kind", here + "retry/", Method::post, web::permission(act) & on, retry_kind);
  table.add("manage:outbox-discard-kind", here + "discard/", Method::post, web::permission(act) & on,
            discard_kind);
  table.add("manage:outbox-retry", row + "retry/", Method::post, web::permission(act) & on, retry_row);
  table.add("manage:outbox-discard", row + "discard/", Method::post, web::permission(act) & on, discard_row);
}

}  // namespace plenary::manage
