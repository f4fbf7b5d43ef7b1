// An order's invoices and credit notes for its buyer: the list on the order's page, each as a page and as the
// stored PDF, and asking for the first one where the conference leaves that to buyers. Each document is
// reached through the order of the address. Threads: the I/O thread of the connection; a file that is not
// stored yet is drawn on the slow pool. source: taxes and invoices 25, 4; ground rules 15, 4.7.
#pragma once

#include <vector>

#include "base/task.hpp"
#include "domain/invoicing/types.hpp"
#include "site/page.hpp"
#include "site/values.hpp"
#include "site/visit.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::site {

struct InvoicesOfOrder {
  std::vector<invoicing::Document> documents;  // oldest first
  bool may_ask = false;                        // the buyer may ask for the first one
};
// No statement where nobody sells by invoice.
Task<InvoicesOfOrder> read_invoices(Site& site, web::Request& request, const OrderPage& order);
void set_invoices(Page& page, const Site& site, const web::Request& request, const OrderPage& order,
                  const InvoicesOfOrder& invoices);

Task<web::Response> show_invoice(Site& site, web::Request& request);
Task<web::Response> download_invoice(Site& site, web::Request& request);
Task<web::Response> request_invoice(Site& site, web::Request& request);  // POST

// The stored PDF, drawn and stored now where it is not yet; never inside a transaction. Also for other rooms.
Task<std::string> invoice_file(Site& site, web::Request& request, const invoicing::Document& document);

}  // namespace plenary::site
