// The handlers of the money pages: what came in, went back, was kept by providers and is owed, for a period,
// each figure with the way to its entries; the entries themselves, page by page and as a table. Looking asks
// view_finance, taking along export_reports. They read alone: sums come from domain/registration/ledger and
// ledger_sums. Threads: the I/O thread of the connection; the table is written piece by piece. source:
// dashboard 70, 14; design 1.
#pragma once

#include "base/task.hpp"
#include "domain/registration/ledger_sums.hpp"
#include "manage/frame.hpp"
#include "site/page_table.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::manage {

// ?from=…&to=…&test=1
Task<web::Response> show_money(Site& site, web::Request& request, registration::LedgerBooks& books);
Task<web::Response> show_ledger(Site& site, web::Request& request);    // beside: account, kind, order, before
Task<web::Response> export_ledger(Site& site, web::Request& request);  // the same, as CSV

void add_ledger_pages(site::PageTable& table);

// The currency that the address asks for (?currency=USD); the conference's where it says none. 404 for what is
// none.
std::string asked_currency(const web::Request& request);
// For an address: empty for the conference's own.
std::string other_currency(const web::Request& request, const std::string& currency);
// In it; the conference's own with its configured sign.
std::string amount_in(const web::Request& request, std::int64_t minor, const std::string& currency);

// For people: "Card payments (Stripe)".
std::string account_name(const web::Request& request, std::string_view account);
std::string entry_kind_name(const web::Request& request, std::string_view kind);

}  // namespace plenary::manage
