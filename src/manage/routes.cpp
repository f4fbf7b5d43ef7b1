#include "manage/routes.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "manage/attendees.hpp"
#include "manage/cancellation.hpp"
#include "manage/frame.hpp"
#include "manage/invoices.hpp"
#include "manage/ledger.hpp"
#include "manage/mails.hpp"
#include "manage/orders.hpp"
#include "manage/outbox.hpp"
#include "manage/pages.hpp"
#include "manage/payment_events.hpp"
#include "manage/payment_setup.hpp"
#include "manage/payouts.hpp"
#include "manage/statements.hpp"
#include "site/questions.hpp"

namespace plenary::manage {
namespace {

using web::features;
using web::Guard;
using web::Method;

constexpr web::Methods form = Method::get | Method::post;

// One page below /manage/{conference}/. `feature` is the module's own toggle, asked after manage_ui.
struct Table {
  web::RouteTable routes;

  void add(std::string_view name, std::string_view path, web::Methods methods, Guard guard,
           std::string_view feature = {}) {
    guard = std::move(guard) & features({"manage_ui"});
    if (!feature.empty()) guard = std::move(guard) & features({feature});
    routes.push_back(web::later("manage:" + std::string(name), "/manage/{conference}/" + std::string(path),
                                std::move(guard), methods));
  }
  // The list, the form to add one and the form to change one.
  void add_three(std::string_view stem, std::string_view path, std::string_view view, std::string_view change,
                 std::string_view feature = {}) {
    const std::string name(stem), below(path);
    add(name + "-list", below, Method::get, web::permission(view), feature);
    add(name + "-add", below + "add/", form, web::permission(change), feature);
    add(name + "-edit", below + "{pk:int}/edit/", form, web::permission(change), feature);
  }
};

void add_conference_and_program(Table& t) {
  const Guard import = web::permission("manage_conference_settings") & features({"manage_ui"});
  t.routes.push_back(web::later("manage:import-pretalx", "/manage/import/", import, form));
  t.routes.push_back(
      web::later("manage:import-pretalx-stream", "/manage/import/stream/", import, Method::post));
  t.routes.push_back(
      web::later("manage:pretalx-event-search", "/manage/api/pretalx-events/", import, Method::get));

  const Guard settings = web::permission("manage_conference_settings");
  t.add("conference-edit", "edit/", form, settings);
  t.add("sync-pretalx", "sync/", Method::post, settings, "pretalx_sync");
  t.add("sync-pretalx-stream", "sync/stream/", Method::post, settings, "pretalx_sync");
  t.add("sync-sponsors", "sync-sponsors/", Method::post, settings, "sponsors");

  const Guard view = web::permission("view_program"), change = web::permission("change_program");
  t.add("speaker-list", "speakers/", Method::get, view);
  t.add("speaker-detail", "speakers/{pk:int}/", Method::get, view);
  t.add("talk-list", "talks/", Method::get, view);
  t.add("talk-list-by-type", "talks/type/{type_slug:slug}/", Method::get, view);
  t.add("talk-detail", "talks/{pk:int}/", Method::get, view);
  t.add("talk-edit", "talks/{pk:int}/edit/", form, change);
  t.add("schedule-list", "schedule/", Method::get, view);
  t.add("slot-edit", "schedule/{pk:int}/edit/", form, change);
  t.add("room-search", "api/rooms/", Method::get, view);
  t.add("sponsor-manage-list", "sponsors/", Method::get, web::permission("view_sponsors"), "sponsors");
  t.add("sponsor-add", "sponsors/add/", form, web::permission("change_sponsors"), "sponsors");
  t.add("sponsor-edit", "sponsors/{pk:int}/edit/", form, web::permission("change_sponsors"), "sponsors");

  const Guard activity = web::permission("program_programs.manage_activity");
  t.add("activity-dashboard", "activities/{pk:int}/dashboard/", Method::get, activity, "programs");
  t.add("activity-dashboard-export", "activities/{pk:int}/dashboard/export/", Method::get, activity,
        "programs");
  t.add("activity-promote-signup", "activities/{pk:int}/dashboard/{signup_pk:int}/promote/", Method::post,
        activity, "programs");
  t.add("travel-grant-list", "travel-grants/", Method::get,
        web::permission("program_programs.view_travel_grant"), "travel_grants");
  t.add("travel-grant-review", "travel-grants/{pk:int}/review/", form,
        web::permission("program_programs.review_travel_grant"), "travel_grants");
  t.add("travel-grant-send-message", "travel-grants/{pk:int}/message/", Method::post,
        web::permission("program_programs.review_travel_grant"), "travel_grants");
  t.add("travel-grant-disburse", "travel-grants/{pk:int}/disburse/", Method::post,
        web::permission("program_programs.disburse_travel_grant"), "travel_grants");
  const Guard receipt = web::permission("program_programs.review_receipt");
  t.add("receipt-review-queue", "receipts/review/", Method::get, receipt, "travel_grants");
  t.add("receipt-review-detail", "receipts/{pk:int}/", Method::get, receipt, "travel_grants");
  t.add("receipt-approve", "receipts/{pk:int}/approve/", Method::post, receipt, "travel_grants");
  t.add("receipt-flag", "receipts/{pk:int}/flag/", Method::post, receipt, "travel_grants");
}

void add_lists(Table& t) {
  t.add_three("section", "sections/", "view_program", "change_program");
  t.add_three("room", "rooms/", "view_program", "change_program");
  t.add_three("sponsor-level", "sponsor-levels/", "view_sponsors", "change_sponsors", "sponsors");
  t.add_three("activity", "activities/", "program_programs.view_activity", "program_programs.manage_activity",
              "programs");
  t.add_three("ticket-type", "ticket-types/", "view_commerce", "change_commerce", "registration");
  t.add_three("addon", "addons/", "view_commerce", "change_commerce", "registration");
  t.add_three("voucher", "vouchers/", "view_commerce", "change_commerce", "registration");
  t.add("condition-list", "conditions/", Method::get, web::permission("view_commerce"), "registration");
  t.add("condition-add", "conditions/{condition_type:slug}/add/", form, web::permission("change_commerce"),
        "registration");
  t.add("condition-edit", "conditions/{condition_type:slug}/{pk:int}/edit/", form,
        web::permission("change_commerce"), "registration");
  t.add_three("expense", "expenses/", "view_finance", "change_finance");
  t.add_three("expense-category", "expense-categories/", "view_finance", "change_finance");
  t.add_three("badge-template", "badges/templates/", "view_badges", "change_badges", "registration");
  t.add_three("override", "overrides/talks/", "view_overrides", "change_overrides");
  t.add_three("speaker-override", "overrides/speakers/", "view_overrides", "change_overrides");
  t.add_three("room-override", "overrides/rooms/", "view_overrides", "change_overrides");
  t.add_three("sponsor-override", "overrides/sponsors/", "view_overrides", "change_overrides", "sponsors");
  t.add_three("type-default", "overrides/type-defaults/", "view_overrides", "change_overrides");
}

void add_registration(Table& t) {
  const std::string_view on = "registration";
  const Guard view = web::permission("view_registration"), change = web::permission("change_registration");
  const Guard badges = web::permission("view_badges");
  t.add("badge-list", "badges/", Method::get, badges, on);
  t.add("badge-template-preview", "badges/templates/{pk:int}/preview/", Method::get, badges, on);
  t.add("badge-bulk-generate", "badges/generate/", Method::post, web::permission("change_badges"), on);
  t.add("badge-bulk-download", "badges/download/", Method::get, badges, on);
  t.add("badge-download", "badges/{pk:int}/download/", Method::get, badges, on);
  t.add("checkin-dashboard", "checkin/", Method::get, web::permission("view_checkin"), on);
  t.add("checkin-scanner", "checkin/scanner/", Method::get, web::permission("view_checkin"), on);
  t.add("terminal-pos", "terminal/", Method::get, web::permission("use_terminal"), on);

  const std::string_view letters = "visa_letters";
  t.add("letter-list", "letters/", Method::get, view, letters);
  t.add("letter-bulk-generate", "letters/bulk-generate/", Method::post, change, letters);
  t.add("letter-review", "letters/{pk:int}/", form, change, letters);
  t.add("letter-generate", "letters/{pk:int}/generate/", Method::post, change, letters);
  t.add("letter-send", "letters/{pk:int}/send/", Method::post, change, letters);
  t.add("letter-download", "letters/{pk:int}/download/", Method::get, change, letters);

  const Guard deal = web::permission("view_bulk_purchases"), deals = web::permission("change_bulk_purchases");
  t.add("bulk-purchase-list", "bulk-purchases/", Method::get, deal, "sponsors");
  t.add("bulk-purchase-add", "bulk-purchases/add/", form, deals, "sponsors");
  t.add("bulk-purchase-detail", "bulk-purchases/{pk:int}/", Method::get, deal, "sponsors");
  t.add("bulk-purchase-approve", "bulk-purchases/{pk:int}/approve/", Method::post, deals, "sponsors");
  t.add("bulk-purchase-fulfill", "bulk-purchases/{pk:int}/fulfill/", Method::post, deals, "sponsors");

  // Reading needs view_finance, writing change_finance. source: 10, 8.3.
  const Guard read = web::permission("view_finance"), write = web::permission("change_finance");
  t.add("purchase-order-list", "purchase-orders/", Method::get, read);
  t.add("purchase-order-add", "purchase-orders/add/", form, write);
  t.add("purchase-order-detail", "purchase-orders/{pk:int}/", Method::get, read);
  t.add("purchase-order-invoice", "purchase-orders/{pk:int}/invoice/", Method::get, read);
  for (const std::string step : {"payment", "credit", "cancel", "send", "stripe-invoice", "qbo-invoice"}) {
    t.add("purchase-order-" + step, "purchase-orders/{pk:int}/" + step + "/", Method::post, write);
  }
}

void add_insight(Table& t) {
  const Guard view = web::permission("view_reports"), save = web::permission("export_reports");
  t.add("analytics-dashboard", "analytics/", Method::get, view);
  t.add("sponsor-analytics", "analytics/sponsors/", Method::get, view);
  t.add("cross-event-dashboard", "analytics/cross-event/", Method::get, view);
  t.add("reports-dashboard", "reports/", Method::get, view);
  struct Report {
    std::string page, download, path;  // names without "report-"
  };
  for (const Report& report :
       {Report{"attendee-manifest", "attendee-export", "attendees"},
        Report{"inventory", "inventory-export", "inventory"},
        Report{"voucher-usage", "voucher-export", "vouchers"},
        Report{"discount-effectiveness", "discount-export", "discounts"},
        Report{"sales-by-date", "sales-export", "sales"}, Report{"credit-notes", "credit-export", "credits"},
        Report{"speaker-registration", "speaker-export", "speakers"},
        Report{"reconciliation", "reconciliation-export", "reconciliation"},
        Report{"registration-flow", "registration-flow-export", "flow"},
        Report{"visa-letters", "visa-letters-export", "visa-letters"}}) {
    t.add("report-" + report.page, "reports/" + report.path + "/", Method::get, view);
    t.add("report-" + report.download, "reports/" + report.path + "/export/", Method::get, save);
  }
}

void add_pages_of_orders(site::PageTable& table) {
  constexpr web::Methods get = Method::get, post = Method::post;
  const Guard on = features({"manage_ui", "registration"});
  const Guard view = web::permission("view_registration") & on,
              change = web::permission("change_registration") & on;
  const std::string orders = "/manage/{conference}/orders/", one = orders + "{pk:int}/";
  const std::string desk_path = "/manage/{conference}/desk/";
  table.add("manage:order-list", orders, get, view, show_orders, load_frame);
  table.add("manage:order-export", orders + "export/", get, web::permission("export_reports") & on,
            export_orders);
  table.add("manage:order-mail", orders + "mail/", form, change, mail_buyers, load_frame).restores = true;
  table.add("manage:order-detail", one, get, view, show_order, load_frame);
  table.add("manage:order-tickets", one + "tickets/", get, change, order_tickets);
  table.add("manage:order-manual-payment", one + "payment/", form, change, take_payment, load_frame);
  table.add("manage:order-waive", one + "waive/", form, change, waive_balance, load_frame);
  table.add("manage:order-refund", one + "refund/", form, change, refund_order, load_frame);
  table.add("manage:order-cancel", one + "cancel/", form, change, cancel_order, load_frame);
  table.add("manage:order-buyer", one + "buyer/", form, change, change_buyer, load_frame);
  table.add("manage:order-taxes", one + "taxes/", form, change, change_taxes, load_frame);
  table.add("manage:order-address", one + "address/", form, change, change_address, load_frame);
  table.add("manage:order-link", one + "link/", form, change, replace_link, load_frame);
  table.add("manage:order-lines", one + "lines/", form, change, change_lines, load_frame).max_body =
      site::largest_form_with_files;
  table.add("manage:order-answers", one + "answers/{position:int}/", form, change, change_answers, load_frame)
      .max_body = site::largest_form_with_files;
  table.add("manage:order-answer-file", one + "files/{file:int}/", get, view, answer_file);
  table.add("manage:order-seat", one + "seats/{seat:int}/", form, change, change_seat, load_frame);
  table.add("manage:order-resend", one + "resend/", post, change, resend, load_frame);
  table.add("manage:order-notes", one + "notes/", post, change, note_order, load_frame);
  table.add("manage:desk", desk_path, form, change, desk, load_frame);
  table.add("manage:desk-sold", desk_path + "{pk:int}/", get, change, show_sold, load_frame);
}

}  // namespace

void add_pages(site::PageTable& table) {
  constexpr web::Methods get = Method::get, post = Method::post;
  const Guard on = features({"manage_ui"});
  const Guard all = web::full_access_only() & on;
  const std::string here = "/manage/{conference}/", team = here + "team/";
  const std::string role = team + "roles/{pk:int}/", invitation = team + "invitations/{pk:int}/";
  table.add("manage:conference-list", "/manage/", get, web::any_role() & on, show_conferences);
  table.add("manage:dashboard", here, get, web::permission("view_dashboard") & on, show_dashboard,
            load_frame);
  table.add("manage:voucher-bulk-generate", here + "vouchers/bulk/generate/", get,
            web::permission("change_commerce") & on & features({"registration"}), go_to_voucher_batches);
  add_pages_of_orders(table);
  add_attendee_pages(table);
  const std::string invoices = here + "invoices/";
  const Guard people = web::permission("view_registration") & on & features({"registration"});
  table.add("manage:invoice-list", invoices, get, people, show_invoices, load_frame);
  table.add("manage:invoice-export", invoices + "export/", get, people, export_invoices);
  table.add("manage:invoice-pdf", invoices + "{pk:int}/pdf/", get, people, download_invoice);
  table.add("manage:invoice-correct", invoices + "{pk:int}/correct/", post,
            web::permission("change_registration") & on & features({"registration"}), correct_invoice);
  table.add("manage:team-list", team, get, all, show_team, load_frame);
  table.add("manage:team-invite", team + "invite/", post, all, invite, load_frame).restores = true;
  table.add("manage:team-role-edit", role, form, all, edit_role, load_frame).restores = true;
  table.add("manage:team-role-end", role + "end/", post, all, end_role, load_frame);
  table.add("manage:team-invitation-withdraw", invitation + "withdraw/", post, all, withdraw_invitation);
  table.add("manage:team-invitation-resend", invitation + "resend/", post, all, resend_invitation);
  manage::add_mail_pages(table);  // the public pages have one of that name too
  add_outbox_pages(table);
  add_ledger_pages(table);
  add_payment_event_pages(table);
  add_payment_setup_pages(table);
  add_statement_pages(table);
  add_payout_pages(table);
  add_cancellation_pages(table);
}

web::RouteTable routes() {
  Table table;
  add_conference_and_program(table);
  add_lists(table);
  add_registration(table);
  add_insight(table);
  return std::move(table.routes);
}

}  // namespace plenary::manage
