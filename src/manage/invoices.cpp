// Invoices and credit notes of a conference for its organisers: the newest ones, each as its stored PDF,
// correcting and issuing, and the files for bookkeeping. Rows are reached through the conference of the
// address. source: taxes and invoices 25, 4.
#include "manage/invoices.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/codes.hpp"
#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "domain/accounts/submissions.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/invoicing/entities.hpp"
#include "domain/invoicing/exports.hpp"
#include "domain/registration/order_search.hpp"
#include "i18n/formats.hpp"
#include "mail/invoice_pdf.hpp"
#include "manage/frame.hpp"
#include "manage/order_work.hpp"
#include "site/invoices.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using invoicing::Document;
using site::tr;
using templating::Value;

constexpr int shown_at_once = 100;
constexpr std::size_t longest_reason = 300;

// An order whose document cannot be issued yet, and why.
struct Waiting {
  invoicing::Id order_id = 0;
  std::string reference, problem;
};

struct Listed {
  std::vector<Document> documents;
  std::vector<std::string> orders;  // references, as the documents
  std::vector<Waiting> waiting;
  std::vector<invoicing::Id> standing;
  std::vector<conference::Seller> sellers;
};

Listed read_list(db::Tx& tx, invoicing::Id conference_id, invoicing::Id before) {
  Listed listed;
  listed.documents = invoicing::document_table().select(
      tx, "WHERE conference_id = $1 AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3", conference_id, before,
      shown_at_once);
  for (const Document& document : listed.documents)
    listed.orders.push_back(invoicing::read_snapshot(document.snapshot).order_reference);
  if (!listed.documents.empty())
    listed.standing = invoicing::standing_invoices(tx, conference_id, listed.documents.back().id,
                                                   listed.documents.front().id);
  listed.sellers = invoicing::issuers(tx, conference_id);
  const std::vector<invoicing::Due> problems = invoicing::problems(tx, conference_id);
  std::vector<invoicing::Id> ids;
  for (const invoicing::Due& due : problems) ids.push_back(due.order_id);
  const std::vector<registration::FoundOrder> found = registration::orders_with(tx, conference_id, ids);
  for (const invoicing::Due& due : problems)
    for (const registration::FoundOrder& order : found)
      if (order.id == due.order_id) listed.waiting.push_back({due.order_id, order.reference, due.problem});
  return listed;
}

std::string list_url(const Site& site, const site::Visit& visit) {
  return site::url(site, visit, "manage:invoice-list");
}

// Of this conference, or not there.
Task<Document> found_document(Site& site, web::Request& request) {
  const invoicing::Id conference = request.context<site::Visit>().conference->id;
  const invoicing::Id id = request.param_int("pk");
  auto read = [&](db::Tx& tx) { return invoicing::find_document(tx, id); };
  std::optional<Document> document = co_await site.db.read(read);
  if (!document || document->conference_id != conference) throw NotFound("no such document here");
  co_return std::move(*document);
}

}  // namespace

Task<web::Response> show_invoices(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const invoicing::Id id = visit.conference->id;
  const std::int64_t before = site::whole_number(request.query("before").value_or("")).value_or(0);
  auto read = [&](db::Tx& tx) { return read_list(tx, id, before); };
  const Listed listed = co_await site.db.read(read);
  const std::string_view language = site::language_of(request);
  const bool may_change = visit.rights.may("change_registration", id);
  std::vector<Value> rows, waiting;
  for (std::size_t i = 0; i < listed.documents.size(); ++i) {
    const Document& document = listed.documents[i];
    const std::string key = std::to_string(document.id);
    const bool stands = std::binary_search(listed.standing.begin(), listed.standing.end(), document.id);
    rows.push_back(Value::dict(
        {{"id", Value(document.id)},
         {"number", Value(document.number)},
         {"kind", Value(mail::kind_name(language, document.kind))},
         {"is_test", Value(document.is_test)},
         {"day", Value(i18n::day(language, document.issued_on))},
         {"order", Value(listed.orders[i])},
         {"order_url", Value(order_url(site, visit, "manage:order-detail", document.order_id))},
         {"total", Value(i18n::money(language, Money(document.gross, Currency::of(document.currency))))},
         {"pdf_url", Value(site::url(site, visit, "manage:invoice-pdf", key))},
         {"correct_url",
          stands && may_change ? Value(site::url(site, visit, "manage:invoice-correct", key)) : Value()}}));
  }
  for (const Waiting& one : listed.waiting)
    waiting.push_back(
        Value::dict({{"order", Value(one.reference)},
                     {"order_url", Value(order_url(site, visit, "manage:order-detail", one.order_id))},
                     {"problem", Value(one.problem)}}));
  const bool has_seller = visit.catalogue->conference.seller_id.has_value();
  std::vector<Value> sellers;
  for (const conference::Seller& one : listed.sellers)
    sellers.push_back(Value::dict({{"id", Value(one.id)},
                                   {"name", Value(one.name)},
                                   {"prefix", Value(one.invoice_prefix)},
                                   {"is_chosen", Value(visit.catalogue->conference.seller_id == one.id)}}));
  const LocalTime today = visit.catalogue->zone.local(visit.now);
  site::Page page(site, request, "django_program/manage/invoices.html");
  frame(page, site, request, tr(request, message("Invoices")), "invoices");
  page.set("documents", Value::list(std::move(rows)))
      .set("submission", Value(site::new_submission(request)))
      .set("waiting", Value::list(std::move(waiting)))
      .set("has_seller", Value(has_seller))
      .set("sellers", Value::list(std::move(sellers)))
      .set("from", Value(today.date.to_string().substr(0, 4) + "-01-01"))
      .set("to", Value(today.date.to_string()))
      .set("export_url", Value(site::url(site, visit, "manage:invoice-export")));
  if (listed.documents.size() == static_cast<std::size_t>(shown_at_once))
    page.set("older_url",
             Value(list_url(site, visit) + "?before=" + std::to_string(listed.documents.back().id)));
  co_return site::personal(page.html(), "");
}

Task<web::Response> download_invoice(Site& site, web::Request& request) {
  const Document document = co_await found_document(site, request);
  std::string bytes = co_await site::invoice_file(site, request, document);
  const std::string name = mail::invoice_file_name(document);
  co_return site::personal(web::Response::attachment(std::move(bytes), "application/pdf", name), "");
}

Task<web::Response> correct_invoice(Site& site, web::Request& request) {
  const Document document = co_await found_document(site, request);
  const site::Visit& visit = request.context<site::Visit>();
  const conference::Actor actor = actor_of(request);
  const std::string reason(trimmed(request.form()["reason"]));
  std::optional<Refused> refused;
  if (character_count(reason) > longest_reason)
    refused.emplace("too_long", "The reason has at most {n} characters.",
                    Refused::Arguments{{"n", std::to_string(longest_reason)}});
  const std::optional<site::Submission> submission = site::Submission::of(request, site.link_key);
  // The page has several forms and one token.
  const std::string once = submission ? token_hash(submission->hash() + std::string(request.path())) : "";
  if (!submission && !refused)
    refused.emplace("form", message("This form is incomplete. Please look at it again."));
  auto write = [&](db::Tx& tx) {
    if (const auto first = accounts::first_result(tx, once)) return *first;
    std::string numbers;
    if (invoicing::standing_invoices(tx, document.conference_id, document.id, document.id).empty())
      throw Refused("corrected_already",
                    "{number} was taken back already: correct the invoice that came after it.",
                    {{"number", document.number}});
    for (const Document& issued : invoicing::correct(tx, document.order_id, reason)) {
      numbers += (numbers.empty() ? "" : ", ") + issued.number;
      conference::record(
          tx, actor, conference::AuditAction::add,
          {issued.conference_id, "invoice_document", std::to_string(issued.id), issued.number, {}},
          {{"reason", "Reason", "", reason}});
    }
    accounts::record_result(tx, once, visit.conference->id, "correction", numbers,
                            tx.now() + accounts::submission_life);
    return numbers;
  };
  std::string numbers;
  if (!refused) {
    try {
      numbers = co_await site.db.write(visit.conference->id, "correct invoice", write);
    } catch (const Refused& reason_of_it) {
      refused = reason_of_it;
    }
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
  } else {
    web::flash(request, "success", tr(request, message("Issued: {numbers}."), {{"numbers", numbers}}));
  }
  co_return site::see_other(list_url(site, visit), refused ? std::string_view(refused->code()) : "corrected");
}

Task<web::Response> export_invoices(Site& site, web::Request& request) {
  const site::Visit& visit = request.context<site::Visit>();
  const auto from = Date::parse(request.query("from").value_or(""));
  const auto to = Date::parse(request.query("to").value_or(""));
  const bool is_datev = request.query("format") == "datev";
  std::optional<Refused> refused;
  if (!from || !to) refused.emplace("dates", message("Choose the first and the last day."));
  // Of those that issued something here, or sell here now; whoever names none gets those of now.
  const auto asked = request.query("seller").value_or("");
  const invoicing::Id wanted = asked.empty() ? visit.catalogue->conference.seller_id.value_or(0)
                                             : site::whole_number(asked).value_or(0);
  const invoicing::Id here = visit.conference->id;
  auto find = [&](db::Tx& tx) { return invoicing::issuers(tx, here); };
  std::vector<conference::Seller> issuers = co_await site.db.read(find);
  std::optional<conference::Seller> seller;
  for (conference::Seller& one : issuers)
    if (one.id == wanted) seller = std::move(one);
  if (!asked.empty() && !seller) throw NotFound("no such seller here");
  if (!seller)
    refused.emplace("no_seller", message("This conference has no seller yet: choose one in its settings."));
  invoicing::Period period;
  std::string bytes, name;
  if (!refused) {
    period.seller_id = seller->id;
    period.conference_id = visit.conference->id;
    period.from = *from;
    period.to = *to;
    if (const auto account = request.query("receivables"); account && !account->empty())
      period.receivables = std::string(*account);
    const auto format = is_datev ? invoicing::BookFormat::datev : invoicing::BookFormat::csv;
    const Instant now = visit.now;
    auto make = [&] {
      std::string all;
      const invoicing::Sink sink = [&](std::string_view part) { all += part; };
      invoicing::export_books(site.db, period, format, now, sink);
      return all;
    };
    Pool* pool = request.services().pool;
    if (!pool) throw std::logic_error("exports need the slow pool");
    try {
      bytes = co_await pool->run(make);
      name = invoicing::export_name(*seller, period, format);
    } catch (const Refused& reason) {
      refused = reason;
    }
  }
  if (refused) {
    web::flash(request, "error", tr(request, *refused));
    co_return site::see_other(list_url(site, visit), refused->code());
  }
  const std::string_view type = is_datev ? "text/csv; charset=windows-1252" : "text/csv; charset=utf-8";
  co_return site::personal(web::Response::attachment(std::move(bytes), std::string(type), name), "");
}

}  // namespace plenary::manage
