// What staff correct in an order: who it is billed to, its address of mail, who sits where, its secret link.
// source: staff pages 70, 14.39; registration 20, D29 and D33.
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/registration/billing_change.hpp"
#include "domain/registration/seats.hpp"
#include "domain/registration/staff_changes.hpp"
#include "manage/order_work.hpp"
#include "manage/orders.hpp"
#include "site/billing.hpp"
#include "site/forms.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "templating/value.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using registration::BillingChange;
using registration::Holder;
using registration::Order;
using site::Fault;
using site::tr;
using templating::Value;

// ---- billing

constexpr std::size_t longest_reason = 300;  // as on the page of invoices

struct Billed {
  Order order;
  BillingChange change = BillingChange::none;
  bool is_correction = false;  // an invoice says them: saving issues its correction
};

web::Response buyer_page(Site& site, web::Request& request, const Billed& billed, const web::Form& form,
                         int status, std::vector<Fault> faults = {}) {
  site::Page page(site, request, "django_program/manage/order_buyer.html");
  order_frame(page, site, request, billed.order, tr(request, message("Name and billing")));
  page.set("form", site::billing_form_value(request, form))
      .set("is_fixed", Value(billed.change == BillingChange::none))
      .set("corrects", Value(billed.is_correction))
      .set("taxes_stay", Value(billed.change == BillingChange::but_taxes))
      .set("invoices_url", Value(page_url(site, request.context<Visit>(), "invoice-list")));
  keep_typed(page, request, {"reason"});
  for (Fault& fault : site::faults_of(request, form)) faults.push_back(std::move(fault));
  if (status != 200) page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : status == 409 ? "fixed" : "invalid");
}

// ---- seats

struct OpenedSeat {
  Order order;
  registration::HeldSeat held;
};

OpenedSeat seat_here(db::Tx& tx, const Visit& visit, std::int64_t order_id, std::int64_t seat_id) {
  OpenedSeat opened;
  opened.order = order_here(tx, visit, order_id);
  auto held = registration::find_seat_of_order(tx, opened.order, seat_id);
  if (!held) throw NotFound("no such ticket in this order");
  opened.held = std::move(*held);
  return opened;
}

web::Response seat_page(Site& site, web::Request& request, const OpenedSeat& opened,
                        std::vector<Fault> faults, int status) {
  const Visit& visit = request.context<Visit>();
  const registration::Seat& seat = opened.held.seat;
  const registration::SeatOffer offer =
      registration::offer_of(opened.held, *visit.catalogue, registration::SeatActor::staff, visit.now);
  const auto* type = visit.catalogue->ticket_type(seat.ticket_type_id);
  site::Page page(site, request, "django_program/manage/order_seat.html");
  order_frame(page, site, request, opened.order,
              tr(request, message("Ticket {n}"), {{"n", std::to_string(seat.position)}}));
  page.set("ticket", Value(type ? type->name : std::string()))
      .set("code", Value(seat.access_code))
      .set("name", Value(seat.name))
      .set("email", Value(seat.email))
      .set("link_version", Value(seat.link_version))
      .set("has_holder", Value(seat.invited_at.has_value() || seat.confirmed_at.has_value()))
      .set("may_name", Value(offer.may_name))
      .set("may_send", Value(offer.may_send))
      .set("may_transfer", Value(offer.may_transfer))
      .set("may_withdraw", Value(offer.may_withdraw))
      .set("may_reissue", Value(offer.may_reissue))
      .set("held_by", Value(seat.email))
      .set("tell", Value(web::is_safe(request.method()) || request.form()["tell"] == "1"))
      .set("checked_in", seat.checked_in_at ? Value(moment_text(request, *seat.checked_in_at)) : Value(""));
  keep_typed(page, request, {"name", "email"});
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

std::string person_text(const registration::Seat& seat) {
  if (seat.email.empty()) return seat.name;
  return fmt::format("{} <{}>", seat.name, seat.email);
}

}  // namespace

Task<web::Response> change_buyer(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk");
  auto read = [&](db::Tx& tx) {
    Billed billed;
    billed.order = order_here(tx, visit, id);
    billed.change = registration::billing_change(tx, *visit.catalogue, billed.order);
    if (billed.change != BillingChange::none) return billed;
    billed.change = registration::billing_correction(tx, *visit.catalogue, billed.order);
    billed.is_correction = billed.change != BillingChange::none;
    return billed;
  };
  const Billed billed = co_await site.db.read(read);
  const auto detail =
      billed.change == BillingChange::but_taxes ? site::BillingDetail::but_taxes : site::BillingDetail::later;
  const web::Form stored = site::billing_form(detail, billed.order.billing);
  if (web::is_safe(request.method())) co_return buyer_page(site, request, billed, stored, 200);
  std::vector<Fault> faults;
  if (billed.change == BillingChange::none) {
    faults.push_back(
        {"", tr(request, message("Nothing was changed: the order is over, or nothing was due for "
                                 "it, so nobody is billed for it any more."))});
    co_return buyer_page(site, request, billed, stored, 409, std::move(faults));
  }
  const char* const invoiced_since = message(
      "Nothing was changed: an invoice with these details has been issued. Saving others now issues "
      "its correction. Look at the form below, and send it again if that is what you want.");
  // The form that was sent did not say that it corrects an invoice.
  if (billed.is_correction && !request.form().has("reason")) {
    faults.push_back({"", tr(request, invoiced_since)});
    const site::BillingForm typed = site::bind_billing(request, detail, billed.order.billing);
    co_return buyer_page(site, request, billed, typed.form, 409, std::move(faults));
  }
  site::BillingForm sent = site::bind_billing(request, detail, billed.order.billing);
  const std::string reason = typed_text(request, request.form(), "reason", longest_reason, faults);
  if (!sent.form.valid() || !faults.empty())
    co_return buyer_page(site, request, billed, sent.form, 422, std::move(faults));
  const std::int64_t version = shown_version(request.form());
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    const registration::Billing before = order.billing;
    (billed.is_correction ? registration::correct_billing : registration::change_billing)(
        tx, *visit.catalogue, order, sent.billing, version, cause_of(request, "billing corrected"));
    std::vector<conference::AuditChange> changes;
    if (billed.is_correction) {
      std::string numbers;
      for (const invoicing::Document& issued : invoicing::correct(tx, order.id, reason))
        numbers += (numbers.empty() ? "" : ", ") + issued.number;
      changes.push_back(noted("documents", "Correction", "", numbers));
      if (!reason.empty()) changes.push_back(noted("reason", "Reason", "", reason));
    }
    const auto compare = [&](const char* field, const char* label, const std::string& a,
                             const std::string& b) {
      if (a != b) changes.push_back(noted(field, label, a, b));
    };
    const registration::Billing& after = order.billing;
    compare("billing_name", "Name", before.name, after.name);
    compare("billing_company", "Company", before.company, after.company);
    compare("billing_street", "Street", before.street, after.street);
    compare("billing_postcode", "Postcode", before.postcode, after.postcode);
    compare("billing_city", "City", before.city, after.city);
    compare("billing_region", "Region", before.region, after.region);
    compare("billing_country", "Country", before.country, after.country);
    compare("billing_vat_id", "VAT number", before.vat_id, after.vat_id);
    compare("billing_reference", "Reference", before.reference, after.reference);
    return changes;
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: billing", work);
  if (done.refused) {
    const Billed now = co_await site.db.read(read);
    if (done.refused->code() == "invoiced" && now.is_correction) {
      faults.push_back({"", tr(request, invoiced_since)});
      co_return buyer_page(site, request, now, sent.form, 409, std::move(faults));
    }
    sent.form.add_error(*done.refused);
    co_return buyer_page(site, request, now, sent.form, 422);
  }
  const std::string text =
      billed.is_correction
          ? tr(request,
               message("The billing details were saved, and the correction of the invoice is issued."))
          : tr(request, message("The billing details were saved."));
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> change_address(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("pk");
  Order order = co_await order_of_page(site, request);
  const auto shown = [&](std::vector<Fault> faults, int status) {
    site::Page page(site, request, "django_program/manage/order_address.html");
    order_frame(page, site, request, order, tr(request, message("E-mail address")));
    page.set("email", Value(order.billing.email)).set("old_email", Value(order.billing.email));
    keep_typed(page, request, {"email"});
    page.faults(std::move(faults));
    return site::personal(page.html(status), status == 200 ? "" : "invalid");
  };
  if (web::is_safe(request.method())) co_return shown({}, 200);
  const std::string email(request.form()["email"]);
  const std::int64_t version = shown_version(request.form());
  const OrderWork work = [&](db::Tx& tx, Order& now) {
    const std::string before = now.billing.email;
    registration::correct_email_by_staff(tx, site.link_key, now, email, version,
                                         cause_of(request, "address of mail corrected"));
    return std::vector<conference::AuditChange>{
        noted("billing_email", "E-mail address", before, now.billing.email)};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: address", work);
  if (done.refused) {
    order = co_await order_of_page(site, request);
    std::vector<Fault> faults{{done.refused->field(), tr(request, *done.refused)}};
    co_return shown(std::move(faults), 422);
  }
  const std::string text =
      tr(request, message("The address was changed, and the new link is on its way there."));
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> replace_link(Site& site, web::Request& request) {
  const std::int64_t id = request.param_int("pk");
  const Order order = co_await order_of_page(site, request);
  if (web::is_safe(request.method())) {
    site::Page page(site, request, "django_program/manage/order_link.html");
    order_frame(page, site, request, order, tr(request, message("New secret link")));
    co_return site::personal(page.html(), "");
  }
  const std::int64_t version = shown_version(request.form());
  const OrderWork work = [&](db::Tx& tx, Order& now) {
    registration::replace_link(tx, site.link_key, now, version, cause_of(request, "new secret link"));
    return std::vector<conference::AuditChange>{noted("link", "Secret link", "", "replaced")};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: link", work);
  const std::string text = order.billing.email.empty()
                               ? tr(request, message("The link so far opens nothing any more."))
                               : tr(request, message("The new link is on its way; the one so far opens "
                                                     "nothing any more."));
  co_return back_to_order(site, request, id, done, text);
}

Task<web::Response> change_seat(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t id = request.param_int("pk"), seat_id = request.param_int("seat");
  auto read = [&](db::Tx& tx) { return seat_here(tx, visit, id, seat_id); };
  OpenedSeat opened = co_await site.db.read(read);
  if (web::is_safe(request.method())) co_return seat_page(site, request, opened, {}, 200);
  const web::FormData& form = request.form();
  const std::string action(form["action"]);
  const Holder holder{std::string(trimmed(form["name"])), std::string(trimmed(form["email"]))};
  std::vector<Fault> faults;
  const bool needs_email = action == "send" || action == "transfer";
  const bool tells_holder = form["tell"] == "1";
  if (action != "withdraw" && action != "reissue")
    for (const Refused& problem : registration::check_holder(holder, action != "send", needs_email))
      faults.push_back({problem.field(), tr(request, problem)});
  if (!faults.empty()) co_return seat_page(site, request, opened, std::move(faults), 422);
  const std::int64_t link_version = site::whole_number(form["link_version"]).value_or(0);
  const OrderWork work = [&](db::Tx& tx, Order& order) {
    auto held = registration::find_seat_of_order(tx, order, seat_id);
    if (!held) throw Refused("seat_void", "This ticket is no longer valid, so it cannot be changed.");
    const registration::SeatChange change{
        site.shop, *visit.catalogue, registration::SeatActor::staff, link_version, {}};
    const std::string before = person_text(held->seat);
    if (action == "name")
      registration::name_seat(tx, change, *held, holder);
    else if (action == "send")
      registration::send_seat_link(tx, change, *held, holder);
    else if (action == "transfer")
      registration::transfer_seat(tx, change, *held, holder);
    else if (action == "reissue")
      registration::reissue_seat(tx, change, *held, tells_holder);
    else if (action == "withdraw")
      registration::withdraw_seat(tx, change, *held);
    else
      throw Refused("no_action", "There is no such button here.");
    return std::vector<conference::AuditChange>{
        noted("seat", "Ticket", fmt::format("{}: {}", held->seat.position, before),
              fmt::format("{}: {} ({})", held->seat.position, person_text(held->seat), action))};
  };
  const WorkDone done = co_await do_order_work(site, request, id, "manage: seat", work);
  if (done.refused) {
    opened = co_await site.db.read(read);
    faults.push_back({done.refused->field(), tr(request, *done.refused)});
    co_return seat_page(site, request, opened, std::move(faults), 422);
  }
  const char* text = action == "send"       ? message("The link of the ticket is on its way.")
                     : action == "transfer" ? message("The ticket was given to somebody else.")
                     : action == "withdraw" ? message("Nobody holds this ticket any more.")
                     : action != "reissue"  ? message("The name was saved.")
                     : tells_holder
                         ? message("The ticket has a new code, and its link is on its way to the holder.")
                         : message("The ticket has a new code. The one so far, and its link, open nothing.");
  if (form["back"] == "attendee" && !done.is_repeat) {  // the page of the attendee has a button of it
    web::flash(request, "success", tr(request, text));
    co_return site::see_other(site::url(site, visit, "manage:attendee-detail", std::to_string(seat_id)),
                              "done");
  }
  co_return back_to_order(site, request, id, done, tr(request, text));
}

}  // namespace plenary::manage
