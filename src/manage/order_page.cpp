// One order with everything that is known of it, its notes, mail sent again, and its tickets as one file.
// source: staff pages 70, 11.4 and 14.39.
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/accounts/users.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/ledger.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/staff_changes.hpp"
#include "domain/registration/tax_corrections.hpp"
#include "mail/invoice_pdf.hpp"
#include "mail/line_name.hpp"
#include "manage/order_story.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "site/billing.hpp"
#include "site/pages.hpp"
#include "site/questions.hpp"
#include "site/seat_documents.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using registration::Order;
using registration::OrderLineRow;
using registration::OrderStatus;
using registration::PaymentMethod;
using registration::PaymentRow;
using registration::SeatRow;
using site::tr;
using templating::Value;

struct Read {
  OrderFile file;
  std::vector<registration::KeptAnswer> answers;
  std::vector<registration::Seat> active_seats;
  std::vector<registration::Credit> credits;  // given for it
  std::vector<registration::LedgerEntry> postings;
  std::optional<registration::OrderChange> waiting;
  std::string account;  // of the buyer
  std::int64_t payable = 0;
  registration::BillingChange billing = registration::BillingChange::none;
  Value story;
};

std::string name_of_user(db::Tx& tx, std::optional<std::int64_t> id) {
  if (!id) return {};
  const auto user = accounts::find_user(tx, *id);
  if (!user) return {};
  return user->name.empty() ? user->email : user->name;
}

Read read_all(db::Tx& tx, const web::Request& request, std::int64_t id, bool with_ledger) {
  const Visit& visit = request.context<Visit>();
  Read read;
  OrderFile& file = read.file;
  file.order = order_here(tx, visit, id);
  file.money = registration::money_of(tx, file.order);
  file.lines = registration::order_line_rows(tx, id);
  file.payments = registration::payment_rows(tx, id);
  for (const PaymentRow& payment : file.payments) file.takers.push_back(name_of_user(tx, payment.created_by));
  file.refunds = registration::refunds_of(tx, id);
  file.seats = registration::seat_rows(tx, id);
  file.documents = invoicing::documents_of(tx, id);
  file.mails = mail::mails_of_order(tx, visit.conference->id, id);
  read.answers = registration::answers_of(tx, id);
  if (file.order.status != OrderStatus::pending) read.active_seats = registration::seats_of(tx, id);
  if (file.order.user_id)
    for (registration::Credit& credit :
         registration::credits_of_user(tx, visit.conference->id, *file.order.user_id))
      if (credit.source_order_id == std::optional(id)) read.credits.push_back(std::move(credit));
  if (with_ledger) read.postings = registration::ledger_of_order(tx, id);
  read.waiting = registration::waiting_change(tx, id);
  read.account = name_of_user(tx, file.order.user_id);
  read.payable = registration::payable_by_hand(tx, *visit.catalogue, file.order);
  read.billing = registration::billing_change(tx, *visit.catalogue, file.order);
  read.story = order_story(tx, request, file);
  return read;
}

// A provider's own page about a payment. The order knows whether the money was play money. source: 70, 14.23.
std::string console_url(const Order& order, const PaymentRow& payment) {
  const std::string& number = payment.intent_id.empty() ? payment.charge_id : payment.intent_id;
  if (payment.method != PaymentMethod::stripe || number.empty()) return {};
  return fmt::format("https://dashboard.stripe.com/{}payments/{}", order.is_sandbox ? "test/" : "", number);
}

struct Shown {
  const Site& site;
  const web::Request& request;
  const Visit& visit;
  const Read& read;
  const OrderFile& file = read.file;

  std::string say(const char* text, const Refused::Arguments& arguments = {}) const {
    return tr(request, text, arguments);
  }
  Value amount(std::int64_t minor) const { return Value(amount_text(request, file.order, minor)); }
  Value amount_in(std::int64_t minor, const std::string& currency) const {
    return currency.empty() ? amount(minor) : Value(amount_text(request, minor, currency));
  }
  Value amount_if(std::int64_t minor) const { return minor == 0 ? Value("") : amount(minor); }
  Value moment(const std::optional<Instant>& at) const {
    return at ? Value(moment_text(request, *at)) : Value("");
  }

  // As they were added: what takes an earlier line back stands where it was added, and names it.
  Value lines() const {
    std::vector<Value> list;
    for (const OrderLineRow& line : file.lines) {
      std::string takes_back;
      for (const OrderLineRow& other : file.lines)
        if (line.reverses_line_id == std::optional(other.id)) takes_back = other.description;
      list.push_back(
          Value::dict({{"description", Value(mail::line_name(site::language_of(request), line.description))},
                       {"quantity", Value(line.quantity)},
                       {"unit_price", amount(line.unit_price)},
                       {"discount", amount_if(line.condition_discount + line.voucher_discount)},
                       {"total", amount(line.gross)},
                       {"tax", amount_if(line.tax)},
                       {"takes_back", Value(takes_back)},
                       {"is_reversal", Value(line.reverses_line_id.has_value())}}));
    }
    return Value::list(std::move(list));
  }

  Value seats(bool may_change) const {
    std::vector<Value> list;
    for (const SeatRow& row : file.seats) {
      registration::Seat seat;
      seat.name = row.name;
      seat.email = row.email;
      seat.invited_at = row.invited_at;
      seat.confirmed_at = row.confirmed_at;
      const char* state = row.status != registration::SeatStatus::active ? message("Void")
                          : row.checked_in_at                            ? message("Checked in")
                          : row.confirmed_at                             ? message("Confirmed")
                          : row.invited_at                               ? message("Link mailed")
                          : registration::state_of(seat) == registration::SeatState::named ? message("Named")
                                                                                           : message("Open");
      const auto* type = row.ticket_type_id ? visit.catalogue->ticket_type(*row.ticket_type_id) : nullptr;
      const bool is_open = row.status == registration::SeatStatus::active && !row.checked_in_at;
      const std::string order = std::to_string(file.order.id), key = std::to_string(row.id);
      list.push_back(Value::dict(
          {{"position", Value(row.position)},
           {"ticket", Value(type ? type->name : std::string())},
           {"name", Value(row.name)},
           {"email", Value(row.email)},
           {"code", Value(row.access_code)},
           {"state", Value(say(state))},
           {"is_void", Value(row.status != registration::SeatStatus::active)},
           {"mail_problem", Value(row.mail_problem)},
           {"page_url", Value(site::url(site, visit, "manage:attendee-detail", key))},
           {"checked_in", moment(row.checked_in_at)},
           {"url", may_change && is_open ? Value(site::url(site, visit, "manage:order-seat", order, key))
                                         : Value("")}}));
    }
    return Value::list(std::move(list));
  }

  Value payments() const {
    std::vector<Value> list;
    for (std::size_t i = file.payments.size(); i-- > 0;) {
      const PaymentRow& payment = file.payments[i];
      std::string card;
      if (!payment.card_last4.empty())
        card = fmt::format("{} •••• {}", payment.card_brand, payment.card_last4);
      list.push_back(Value::dict(
          {{"method", Value(say(method_word(payment.method, payment.channel)))},
           {"card", Value(card)},
           {"status", Value(registration::to_text(payment.status))},
           {"status_word", Value(say(word_of(payment.status)))},
           {"amount", amount(payment.amount)},
           {"fee", payment.fee_amount ? amount_in(*payment.fee_amount, payment.fee_currency) : Value("")},
           {"at", moment(payment.created_at)},
           {"by", Value(file.takers[i].empty() ? say(message("Plenary")) : file.takers[i])},
           {"reference", Value(payment.reference)},
           {"note", Value(payment.note)},
           {"failure", Value(payment.failure)},
           {"number", Value(payment.intent_id.empty() ? payment.charge_id : payment.intent_id)},
           {"console_url", Value(console_url(file.order, payment))}}));
    }
    return Value::list(std::move(list));
  }

  Value refunds() const {
    std::vector<Value> list;
    for (std::size_t i = file.refunds.size(); i-- > 0;) {
      const registration::Refund& refund = file.refunds[i];
      const char* kind = refund.status == registration::RefundStatus::succeeded   ? "succeeded"
                         : refund.status == registration::RefundStatus::requested ? "processing"
                                                                                  : "failed";
      list.push_back(Value::dict({{"amount", amount(refund.amount)},
                                  {"way", Value(say(word_of(refund.destination)))},
                                  {"reason", Value(say(word_of(refund.reason_code)))},
                                  {"status", Value(kind)},
                                  {"status_word", Value(say(word_of(refund.status)))},
                                  {"at", moment(refund.created_at)},
                                  {"note", Value(refund.note)},
                                  {"failure", Value(refund.failure)}}));
    }
    return Value::list(std::move(list));
  }

  Value credits() const {
    std::vector<Value> list;
    for (const registration::Credit& credit : read.credits)
      list.push_back(Value::dict({{"amount", amount(credit.amount)},
                                  {"remaining", amount(credit.remaining)},
                                  {"at", moment(credit.created_at)},
                                  {"expires", moment(credit.expires_at)},
                                  {"note", Value(credit.note)}}));
    return Value::list(std::move(list));
  }

  Value documents() const {
    std::vector<Value> list;
    for (const invoicing::Document& document : file.documents) {
      const std::string key = std::to_string(document.id);
      list.push_back(Value::dict({{"kind", Value(mail::kind_name(site::language_of(request), document.kind))},
                                  {"number", Value(document.number)},
                                  {"is_test", Value(document.is_test)},
                                  {"total", amount(document.gross)},
                                  {"at", moment(document.issued_at)},
                                  {"url", Value(site::url(site, visit, "manage:invoice-pdf", key))}}));
    }
    return Value::list(std::move(list));
  }

  Value mails() const {
    std::vector<Value> list;
    for (const mail::SentMail& mail : file.mails) {
      const char* kind = mail.status == "sent"      ? "succeeded"
                         : mail.status == "waiting" ? "processing"
                                                    : "failed";
      list.push_back(Value::dict({{"what", Value(mail_word(request, mail.message))},
                                  {"to", Value(mail.recipient)},
                                  {"status", Value(kind)},
                                  {"status_word", Value(say(mail_status_word(mail.status)))},
                                  {"detail", Value(mail.detail)},
                                  {"at", moment(mail.at)}}));
    }
    return Value::list(std::move(list));
  }

  // Of the order, then of each ticket, with what still waits and where staff answer it.
  Value answers(bool may_change) const {
    site::AnswerForm form;
    form.bought = registration::units_of(file.order.lines, read.active_seats);
    form.asked = registration::asked_for(*visit.catalogue, form.bought, false);
    form.given = site::as_given(read.answers);
    const bool is_open = may_change && registration::may_change_answers_by_staff(file.order);
    const std::string order = std::to_string(file.order.id);
    std::vector<site::ShownAnswers> groups{{.position = 0}};
    for (const registration::TicketUnit& unit : form.bought.units)
      groups.push_back({.position = unit.position, .ticket_type_id = unit.ticket_type_id});
    for (const registration::KeptAnswer& kept : read.answers) {
      const bool is_there = std::any_of(groups.begin(), groups.end(),
                                        [&](const auto& one) { return one.position == kept.position; });
      if (!is_there) groups.push_back({.position = kept.position});  // of a ticket that is gone
    }
    for (site::ShownAnswers& group : groups) {
      if (!site::asks_at(form, group.position)) continue;
      group.missing = site::missing_of(form, group.position);
      const std::string position = std::to_string(group.position);
      if (is_open)
        group.change_url =
            site.router->url("manage:order-answers", {visit.conference->slug, order, position});
    }
    const std::string files = order_url(site, visit, "manage:order-detail", file.order.id) + "files/";
    return site::shown_answers_value(request, visit, groups, read.answers, files);
  }

  Value postings() const {
    std::vector<Value> list;
    for (const registration::LedgerEntry& entry : read.postings)
      list.push_back(Value::dict({{"at", moment(entry.created_at)},
                                  {"kind", Value(registration::to_text(entry.kind))},
                                  {"debit", Value(entry.debit)},
                                  {"credit", Value(entry.credit)},
                                  {"amount", amount(entry.amount)},
                                  {"reference", Value(entry.reference)}}));
    return Value::list(std::move(list));
  }

  Value money() const {
    std::int64_t paid = 0, fees = 0;
    bool knows_fees = false;
    for (const registration::PaymentMoney& payment : file.money.payments)
      if (payment.status == registration::PaymentStatus::succeeded ||
          payment.status == registration::PaymentStatus::refunded)
        paid += payment.amount;
    // Fees in another currency stand beside their payments alone.
    for (const PaymentRow& payment : file.payments) {
      if (!payment.fee_currency.empty()) continue;
      fees += payment.fee_amount.value_or(0);
      knows_fees = knows_fees || payment.fee_amount.has_value();
    }
    const Order& order = file.order;
    return Value::dict({{"subtotal", amount(order.subtotal)},
                        {"discount", amount_if(order.discount)},
                        {"tax", amount_if(order.tax)},
                        {"total", amount(order.total)},
                        {"paid", amount(paid)},
                        {"refunded", amount_if(file.money.refunded)},
                        {"requested", amount_if(file.money.requested)},
                        {"kept", amount(file.money.kept)},
                        {"due", amount_if(file.money.due())},
                        {"owed", amount_if(file.money.to_refund())},
                        {"fees", knows_fees ? amount(fees) : Value("")},
                        {"is_processing", Value(file.money.is_processing)}});
  }

  // What may be done, each with its page. Empty: not now.
  Value actions() const {
    const Order& order = file.order;
    const bool sold = order.status == OrderStatus::paid || order.status == OrderStatus::partially_refunded;
    const bool is_live = sold || order.hold_is_live(visit.now);
    const auto to = [&](std::string_view name, bool is_offered) {
      return is_offered ? Value(order_url(site, visit, name, order.id)) : Value("");
    };
    return Value::dict(
        {{"payment", to("manage:order-manual-payment", read.payable > 0)},
         {"waive", to("manage:order-waive", read.payable > 0)},
         {"refund", to("manage:order-refund", file.money.refundable > 0)},
         {"cancel", to("manage:order-cancel", sold || order.status == OrderStatus::pending)},
         {"lines", to("manage:order-lines", is_live)},
         {"buyer", to("manage:order-buyer", read.billing != registration::BillingChange::none)},
         {"taxes", to("manage:order-taxes", is_live && registration::may_owe_tax(*visit.catalogue, order))},
         {"address", to("manage:order-address", true)},
         {"link", to("manage:order-link", true)},
         {"resend", to("manage:order-resend", true)},
         {"notes", to("manage:order-notes", true)},
         {"may_confirm", Value(sold && !order.billing.email.empty())},
         {"may_send_link", Value(!order.billing.email.empty())},
         {"may_invoice", Value(sold && file.documents.empty())}});
  }
};

}  // namespace

Task<web::Response> show_order(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  const bool sees_ledger = may(visit.rights, "view_finance", visit.conference->id);
  const bool changes = may_change(visit);
  auto read_it = [&](db::Tx& tx) { return read_all(tx, request, id, sees_ledger); };
  const Read read = co_await site.db.read(read_it);
  const Order& order = read.file.order;
  const Shown shown{site, request, visit, read};

  site::Page page(site, request, "django_program/manage/order_detail.html");
  order_frame(page, site, request, order, order.reference);
  page.set("lines", shown.lines())
      .set("seats", shown.seats(changes))
      .set("payments", shown.payments())
      .set("refunds", shown.refunds())
      .set("credits", shown.credits())
      .set("documents", shown.documents())
      .set("mails", shown.mails())
      .set("answers", shown.answers(changes))
      .set("postings", shown.postings())
      .set("money", shown.money())
      .set("story", read.story)
      .set("billing", site::billing_value(request, order.billing))
      .set("account", Value(read.account))
      .set("ordered", shown.moment(order.created_at))
      .set("paid_at", shown.moment(order.paid_at))
      .set("cancelled_at", shown.moment(order.cancelled_at))
      .set("hold", order.status == OrderStatus::pending ? shown.moment(order.hold_expires_at) : Value(""))
      .set("hold_is_over", Value(order.status == OrderStatus::pending && !order.hold_is_live(visit.now)))
      .set("voucher_code", Value(order.voucher_code))
      .set("language", Value(order.language))
      .set("attention", Value(order.attention))
      .set("comment", Value(order.comment))
      .set("mail_problem", Value(order.mail_problem))
      .set("waiting", read.waiting ? shown.amount(read.waiting->difference) : Value(""))
      .set("may_change", Value(changes));
  if (changes) page.set("act", shown.actions());
  const bool has_tickets =
      std::any_of(read.file.seats.begin(), read.file.seats.end(),
                  [](const SeatRow& seat) { return seat.status == registration::SeatStatus::active; });
  if (changes && has_tickets && order.status != OrderStatus::cancelled)
    page.set("tickets_url", Value(order_url(site, visit, "manage:order-tickets", id)));
  co_return site::personal(page.html(), "");
}

Task<web::Response> order_tickets(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  std::string reference;
  auto read = [&](db::Tx& tx) {
    const Order order = order_here(tx, visit, id);
    reference = order.reference;
    std::vector<registration::HeldSeat> valid;
    for (const registration::Seat& seat : registration::seats_of(tx, order.id))
      if (auto held = registration::find_seat(tx, seat.id); held && held->is_valid())
        valid.push_back(std::move(*held));
    return valid;
  };
  const std::vector<registration::HeldSeat> seats = co_await site.db.read(read);
  if (seats.empty()) throw NotFound("this order has no valid ticket");
  std::vector<documents::TicketDocument> tickets;
  for (const registration::HeldSeat& seat : seats) tickets.push_back(site::ticket_document(request, seat));
  const std::string title = tr(request, "Tickets for {conference}: order {reference}",
                               {{"conference", tickets.front().conference_name}, {"reference", reference}});
  auto draw = [&] { return documents::tickets_pdf(tickets, title); };
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("tickets need the slow pool");
  std::string pdf = co_await pool->run(draw);
  const std::string name = fmt::format("tickets-{}.pdf", reference);
  co_return site::personal(web::Response::attachment(std::move(pdf), "application/pdf", name), "");
}

Task<web::Response> resend(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("pk");
  const std::string what(request.form()["what"]);
  const OrderWork work = [&](db::Tx& tx, Order& order) -> std::vector<conference::AuditChange> {
    if (what == "confirmation") {
      registration::mail_again(tx, order, registration::AskedMail::confirmation);
    } else if (what == "link") {
      registration::mail_again(tx, order, registration::AskedMail::link);
    } else if (what == "invoice") {
      std::string numbers;
      for (const invoicing::Document& document : invoicing::issue_invoice(tx, order.id))
        numbers += (numbers.empty() ? "" : ", ") + document.number;
      return {noted("invoice", "Invoice", "", numbers)};
    } else {
      throw Refused("no_action", "There is no such button here.");
    }
    return {noted("mail", "Mail", "", what)};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: send again", work);
  const std::string text = what == "invoice" ? tr(request, message("The invoice was issued."))
                                             : tr(request, message("The mail is on its way."));
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> note_order(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("pk");
  std::vector<site::Fault> faults;
  const std::string attention = typed_text(request, request.form(), "attention", 500, faults);
  const std::string comment = typed_text(request, request.form(), "comment", 2000, faults);
  const std::int64_t version = shown_version(request.form());
  WorkDone done;
  if (!faults.empty()) {
    done.refused.emplace("too_long", faults.front().message);
    co_return back_to_order(site, request, id, done, "");
  }
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    registration::require_version(order, version);
    std::vector<conference::AuditChange> changes;
    if (attention != order.attention) {
      changes.push_back(noted("attention", "Attention", order.attention, attention));
      registration::set_order_attention(tx, order.id, attention);
    }
    if (comment != order.comment) {
      changes.push_back(noted("comment", "Comment", order.comment, comment));
      registration::set_order_comment(tx, order.id, comment);
    }
    return changes;
  };
  done = co_await do_order_work(site, request, id, "manage: notes", work);
  const std::string text = tr(request, message("The notes were saved."));
  co_return back_to_order(site, request, id, done, text);
}

}  // namespace plenary::manage
