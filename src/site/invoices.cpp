#include "site/invoices.hpp"

#include <algorithm>

#include "base/pool.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/invoicing/files.hpp"
#include "i18n/formats.hpp"
#include "mail/invoice_pdf.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::site {
namespace {

using invoicing::Document;
using templating::Value;

const OrderPage& found_order(const web::Request& request) {
  const OrderPage* order = request.find_context<OrderPage>();
  if (!order) throw NotFound("no such order");
  return *order;
}

std::string invoice_url(const Site& site, const web::Request& request, const OrderPage& order,
                        invoicing::Id document, bool is_pdf) {
  const std::string_view slug = request.context<Visit>().conference->slug;
  const std::string number = std::to_string(document);
  const std::string& reference = order.order.reference;
  if (order.token.empty())
    return site.router->url(is_pdf ? "registration:order-invoice-pdf" : "registration:order-invoice",
                            {slug, reference, number});
  return site.router->url(
      is_pdf ? "registration:order-secret-invoice-pdf" : "registration:order-secret-invoice",
      {slug, reference, order.token, number});
}

std::string request_url(const Site& site, const web::Request& request, const OrderPage& order) {
  const Visit& visit = request.context<Visit>();
  return url(site, visit,
             order.token.empty() ? "registration:order-invoice-request"
                                 : "registration:order-secret-invoice-request",
             order.order.reference, order.token);
}

std::string amount_text(std::string_view language, const Document& document) {
  return i18n::money(language, Money(document.gross, Currency::of(document.currency)));
}

// The document of the address, which must be one of the order's.
Task<Document> found_document(Site& site, web::Request& request) {
  const invoicing::Id order_id = found_order(request).order.id;
  const invoicing::Id id = request.param_int("document");
  auto read = [&](db::Tx& tx) { return invoicing::find_document(tx, id); };
  std::optional<Document> document = co_await site.db.read(read);
  if (!document || document->order_id != order_id) throw NotFound("no such document of this order");
  co_return std::move(*document);
}

Value texts(const std::vector<std::string>& lines) {
  std::vector<Value> values;
  for (const std::string& line : lines) values.emplace_back(line);
  return Value::list(std::move(values));
}

Value document_value(const documents::InvoiceDocument& d) {
  std::vector<Value> facts, rows, totals, taxes, footer;
  for (const auto& fact : d.facts)
    facts.push_back(Value::dict({{"label", Value(fact.label)}, {"value", Value(fact.value)}}));
  for (const auto& row : d.rows)
    rows.push_back(Value::dict({{"description", Value(row.description)},
                                {"detail", Value(row.detail)},
                                {"quantity", Value(row.quantity)},
                                {"net", Value(row.net)},
                                {"rate", Value(row.rate)},
                                {"tax", Value(row.tax)},
                                {"gross", Value(row.gross)}}));
  for (const auto& total : d.totals)
    totals.push_back(Value::dict({{"label", Value(total.label)},
                                  {"value", Value(total.value)},
                                  {"is_strong", Value(total.is_strong)}}));
  for (const auto& tax : d.taxes)
    taxes.push_back(Value::dict({{"rate", Value(tax.rate)},
                                 {"net", Value(tax.net)},
                                 {"tax", Value(tax.tax)},
                                 {"gross", Value(tax.gross)}}));
  for (const auto& column : d.footer) footer.push_back(texts(column));
  const documents::InvoiceLabels& l = d.labels;
  return Value::dict({{"language", Value(d.language)},
                      {"heading", Value(d.heading)},
                      {"test_mark", Value(d.test_mark)},
                      {"seller_name", Value(d.seller_name)},
                      {"seller", texts(d.seller_lines)},
                      {"buyer", texts(d.buyer_lines)},
                      {"facts", Value::list(std::move(facts))},
                      {"intro", texts(d.intro)},
                      {"rows", Value::list(std::move(rows))},
                      {"totals", Value::list(std::move(totals))},
                      {"taxes", Value::list(std::move(taxes))},
                      {"notes", texts(d.notes)},
                      {"footer", Value::list(std::move(footer))},
                      {"labels", Value::dict({{"description", Value(l.description)},
                                              {"quantity", Value(l.quantity)},
                                              {"net", Value(l.net)},
                                              {"rate", Value(l.rate)},
                                              {"tax", Value(l.tax)},
                                              {"gross", Value(l.gross)},
                                              {"taxes", Value(l.taxes)}})}});
}

}  // namespace

Task<InvoicesOfOrder> read_invoices(Site& site, web::Request& request, const OrderPage& order) {
  InvoicesOfOrder found;
  if (!request.context<Visit>().catalogue->conference.seller_id) co_return found;
  auto read = [&](db::Tx& tx) {
    InvoicesOfOrder all;
    all.documents = invoicing::documents_of(tx, order.order.id);
    all.may_ask = all.documents.empty() && invoicing::may_ask_for_invoice(tx, order.order);
    return all;
  };
  found = co_await site.db.read(read);
  co_return found;
}

void set_invoices(Page& page, const Site& site, const web::Request& request, const OrderPage& order,
                  const InvoicesOfOrder& invoices) {
  const std::string_view language = language_of(request);
  std::vector<Value> values;
  for (const Document& document : invoices.documents)
    values.push_back(Value::dict({{"number", Value(document.number)},
                                  {"kind", Value(mail::kind_name(language, document.kind))},
                                  {"day", Value(i18n::day(language, document.issued_on))},
                                  {"total", Value(amount_text(language, document))},
                                  {"url", Value(invoice_url(site, request, order, document.id, false))},
                                  {"pdf_url", Value(invoice_url(site, request, order, document.id, true))}}));
  page.set("invoices", Value::list(std::move(values)));
  if (invoices.may_ask) page.set("invoice_request_url", Value(request_url(site, request, order)));
}

Task<web::Response> show_invoice(Site& site, web::Request& request) {
  const OrderPage& order = found_order(request);
  const Document document = co_await found_document(site, request);
  const documents::InvoiceDocument shown = mail::invoice_document(document);
  Page page(site, request, "django_program/registration/invoice.html");
  page.set("invoice", document_value(shown));
  page.set("pdf_url", Value(invoice_url(site, request, order, document.id, true)));
  page.set("order_url", Value(order_url(site, request, OrderLink::detail)));
  co_return personal(page.html(), "");
}

Task<std::string> invoice_file(Site& site, web::Request& request, const Document& document) {
  auto read = [&](db::Tx& tx) { return invoicing::find_file(tx, document.id); };
  std::optional<invoicing::StoredFile> stored = co_await site.db.read(read);
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("invoices need the slow pool");
  if (!stored) {
    auto draw = [&] { return invoicing::file_of(document.id, mail::invoice_pdf(document)); };
    const invoicing::StoredFile made = co_await pool->run(draw);  // full: 503
    // Whoever was first has made the file; a download is the moment it comes to be.
    auto keep = [&](db::Tx& tx) {
      invoicing::store_file(tx, made);
      return invoicing::find_file(tx, document.id);
    };
    stored = co_await site.db.write(document.conference_id, "store invoice file", keep);
  }
  auto decode = [&] { return invoicing::bytes_of(stored.value()); };
  std::string bytes = co_await pool->run(decode);
  co_return bytes;
}

Task<web::Response> download_invoice(Site& site, web::Request& request) {
  const Document document = co_await found_document(site, request);
  std::string bytes = co_await invoice_file(site, request, document);
  const std::string name = mail::invoice_file_name(document);
  co_return personal(web::Response::attachment(std::move(bytes), "application/pdf", name), "");
}

Task<web::Response> request_invoice(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  auto fn = [&](db::Tx& tx) {
    const std::optional<registration::Order> order = find_order(tx, request, visit);
    if (!order) throw NotFound("no such order");
    return invoicing::issue_invoice(tx, order->id).back().number;
  };
  std::optional<Refused> refused;
  std::string number;
  try {
    number = co_await site.db.write(visit.conference->id, "issue invoice", fn);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
  } else {
    web::flash(request, "success", tr(request, "Your invoice {number} is ready.", {{"number", number}}));
  }
  co_return see_other(order_url(site, request, OrderLink::detail),
                      refused ? std::string_view(refused->code()) : "invoiced");
}

}  // namespace plenary::site
