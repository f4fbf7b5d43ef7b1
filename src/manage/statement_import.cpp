// A bank's file on its way in: read on the slow pool, shown with every fault and the first entries, its
// columns named by hand where they were not known, then kept. Between the looks it travels in the form,
// sealed for this person and conference. source: payments 21, 5.3.
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "i18n/formats.hpp"
#include "manage/money.hpp"
#include "manage/statements.hpp"
#include "site/pages.hpp"
#include "site/submission.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using payments::ColumnRole;
using payments::CsvLayout;
using payments::StatementEntry;
using payments::StatementFile;
using site::tr;
using templating::Value;

constexpr std::string_view kept_field = "kept", name_field = "file_name";
// No field of a form may be longer than the server takes in.
constexpr std::size_t piece_bytes = 200 * 1024;
constexpr std::size_t shown_faults = 200, shown_entries = 20, shown_sample = 3;

struct Words {
  ColumnRole role;
  const char* words;
};
constexpr Words role_words[] = {
    {ColumnRole::none, message("not needed")},
    {ColumnRole::booked_on, message("day of booking")},
    {ColumnRole::value_date, message("value date")},
    {ColumnRole::amount, message("amount")},
    {ColumnRole::credit, message("amount that came in")},
    {ColumnRole::debit, message("amount that went out")},
    {ColumnRole::direction, message("direction (S and H, D and C)")},
    {ColumnRole::currency, message("currency")},
    {ColumnRole::counterparty, message("name of the other side")},
    {ColumnRole::counterparty_iban, message("account of the other side")},
    {ColumnRole::payer, message("name of the payer")},
    {ColumnRole::payee, message("name of the recipient")},
    {ColumnRole::remittance, message("purpose")},
    {ColumnRole::end_to_end_id, message("end-to-end reference")},
    {ColumnRole::bank_reference, message("the bank’s number of the entry")},
    {ColumnRole::kind, message("kind of entry")},
    {ColumnRole::account, message("our account")},
    {ColumnRole::status, message("state of the entry")},
};

struct Upload {
  std::string bytes, sealed, name;
  std::optional<CsvLayout> layout;  // as corrected by hand
  std::optional<StatementFile> file;
  std::string problem;  // of the form itself
};

std::string place_of(const web::Request& request) {
  const Visit& visit = request.context<Visit>();
  return fmt::format("statement.{}.{}", visit.session->user_id.value(), visit.conference->id);
}

// How the columns are to be read, from the form; nothing where it names none.
std::optional<CsvLayout> layout_of(const web::FormData& form) {
  if (!form.has("separator")) return std::nullopt;
  CsvLayout layout;
  const std::string_view separator = form["separator"];
  layout.separator = separator == "comma" ? ',' : separator == "tab" ? '\t' : ';';
  layout.header_line = static_cast<std::size_t>(site::whole_number(form["header_line"]).value_or(0));
  layout.dates = payments::date_order(form["dates"]).value_or(payments::DateOrder::day_first);
  layout.decimal_mark = form["decimal_mark"] == "point" ? '.' : ',';
  for (const std::string_view head : form.all("head")) layout.heads.emplace_back(head);
  for (const std::string_view role : form.all("role"))
    layout.roles.push_back(payments::column_role(role).value_or(ColumnRole::none));
  if (layout.roles.size() != layout.heads.size()) return std::nullopt;
  return layout;
}

Upload upload_of(web::Request& request) {
  const web::FormData& form = request.form();
  Upload upload;
  if (const web::UploadedFile* file = form.file("file"); file && !file->bytes.empty()) {
    upload.bytes = std::string(file->bytes);
    upload.name = file->filename;
    return upload;
  }
  for (const std::string_view piece : form.all(kept_field)) upload.sealed += piece;
  upload.name = std::string(form[name_field]);
  upload.layout = layout_of(form);
  return upload;
}

Value layout_value(const web::Request& request, const StatementFile& file) {
  const CsvLayout& layout = file.layout;
  std::vector<Value> columns;
  for (std::size_t i = 0; i < layout.heads.size(); ++i) {
    const ColumnRole role = i < layout.roles.size() ? layout.roles[i] : ColumnRole::none;
    std::vector<Value> roles, sample;
    for (const Words& one : role_words)
      roles.push_back(option(payments::to_text(one.role), tr(request, one.words), payments::to_text(role)));
    for (std::size_t row = 0; row < std::min(file.sample.size(), shown_sample); ++row)
      if (i < file.sample[row].size() && !file.sample[row][i].empty())
        sample.push_back(Value(file.sample[row][i]));
    columns.push_back(Value::dict({{"number", Value(static_cast<std::int64_t>(i))},
                                   {"head", Value(layout.heads[i])},
                                   {"roles", Value::list(std::move(roles))},
                                   {"sample", Value::list(std::move(sample))}}));
  }
  const std::string_view separator = layout.separator == ','    ? "comma"
                                     : layout.separator == '\t' ? "tab"
                                                                : "semicolon";
  std::vector<Value> separators, dates, marks;
  for (const auto& [value, label] : {std::pair("semicolon", message("semicolon")),
                                     std::pair("comma", message("comma")), std::pair("tab", message("tab"))})
    separators.push_back(option(value, tr(request, label), separator));
  for (const auto& [order, label] :
       {std::pair(payments::DateOrder::day_first, message("day first: 31.05.2027")),
        std::pair(payments::DateOrder::month_first, message("month first: 05/31/2027")),
        std::pair(payments::DateOrder::year_first, message("year first: 2027-05-31"))})
    dates.push_back(option(payments::to_text(order), tr(request, label), payments::to_text(layout.dates)));
  const std::string_view mark = layout.decimal_mark == '.' ? "point" : "comma";
  for (const auto& [value, label] :
       {std::pair("comma", message("comma: 1.234,50")), std::pair("point", message("point: 1,234.50"))})
    marks.push_back(option(value, tr(request, label), mark));
  return Value::dict({{"columns", Value::list(std::move(columns))},
                      {"separators", Value::list(std::move(separators))},
                      {"dates", Value::list(std::move(dates))},
                      {"marks", Value::list(std::move(marks))},
                      {"header_line", Value(static_cast<std::int64_t>(layout.header_line))}});
}

Value statement_value(const web::Request& request, const payments::Statement& one) {
  const std::string_view language = site::language_of(request);
  std::int64_t came = 0, went = 0;
  std::vector<Value> entries;
  for (const StatementEntry& entry : one.entries) {
    (entry.amount < 0 ? went : came) += entry.amount < 0 ? -entry.amount : entry.amount;
    if (entries.size() < shown_entries)
      entries.push_back(
          Value::dict({{"day", Value(i18n::day(language, entry.value_date.value_or(entry.booked_on)))},
                       {"amount", Value(amount_text(request, entry.amount, entry.currency))},
                       {"who", Value(entry.counterparty)},
                       {"purpose", Value(entry.remittance)}}));
  }
  const auto balance = [&](const std::optional<std::int64_t>& minor) {
    return minor ? Value(amount_text(request, *minor, one.currency)) : Value();
  };
  std::string days;
  if (one.from && one.until) days = i18n::days(language, *one.from, *one.until);
  return Value::dict(
      {{"account", Value(one.account)},
       {"number", Value(one.number)},
       {"days", Value(days)},
       {"count", Value(i18n::number(language, static_cast<std::int64_t>(one.entries.size())))},
       {"came", Value(amount_text(request, came, one.currency))},
       {"went", Value(amount_text(request, went, one.currency))},
       {"opening", balance(one.opening_balance)},
       {"closing", balance(one.closing_balance)},
       {"more",
        Value(one.entries.size() > shown_entries
                  ? i18n::number(language, static_cast<std::int64_t>(one.entries.size() - shown_entries))
                  : std::string())},
       {"entries", Value::list(std::move(entries))}});
}

web::Response import_page(Site& site, web::Request& request, const Upload& upload, int status) {
  site::Page page(site, request, "django_program/manage/statement_import.html");
  frame(page, site, request, tr(request, message("Import a statement")), "statements",
        {{tr(request, message("Bank statements")), page_of(site, request, "statement-list")}});
  page.set("action", Value(page_of(site, request, "statement-import")))
      .set("list_url", Value(page_of(site, request, "statement-list")));
  std::vector<site::Fault> faults;
  if (!upload.problem.empty()) faults.push_back({"file", upload.problem});
  if (upload.file) {
    const StatementFile& file = *upload.file;
    std::vector<Value> problems, statements, pieces;
    for (const payments::StatementFault& fault : file.faults) {
      if (problems.size() == shown_faults) break;
      problems.push_back(
          Value::dict({{"line", fault.line ? Value(static_cast<std::int64_t>(fault.line)) : Value()},
                       {"place", Value(fault.place)},
                       {"text", Value(tr(request, fault.text, fault.arguments))}}));
    }
    std::int64_t count = 0;
    for (const payments::Statement& one : file.statements) {
      count += static_cast<std::int64_t>(one.entries.size());
      statements.push_back(statement_value(request, one));
    }
    for (std::size_t at = 0; at < upload.sealed.size(); at += piece_bytes)
      pieces.push_back(Value(upload.sealed.substr(at, piece_bytes)));
    const auto more = static_cast<std::int64_t>(file.faults.size()) - static_cast<std::int64_t>(shown_faults);
    page.set("is_read", Value(true))
        .set("file_name", Value(upload.name))
        .set("problems", Value::list(std::move(problems)))
        .set("more_problems", Value(std::max<std::int64_t>(more, 0)))
        .set("statements", Value::list(std::move(statements)))
        .set("pieces", Value::list(std::move(pieces)))
        .set("count", Value(count))
        .set("may_import", Value(file.faults.empty() && count > 0))
        .set("is_csv", Value(file.format == payments::StatementFormat::csv))
        .set("layout", layout_value(request, file));
    if (!file.faults.empty())
      faults.push_back({"", site::tr_n(request, "The file has {n} problem. Nothing was imported.",
                                       "The file has {n} problems. Nothing was imported.",
                                       static_cast<std::int64_t>(file.faults.size()))});
  }
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

}  // namespace

Task<web::Response> import_statement(Site& site, web::Request& request) {
  Upload upload;
  if (!request.is(web::Method::post)) co_return import_page(site, request, upload, 200);
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  upload = upload_of(request);
  const bool imports = request.form()["action"] == "import";
  if (upload.bytes.empty() && upload.sealed.empty()) {
    upload.problem = tr(request, message("Choose a file."));
    co_return import_page(site, request, upload, 422);
  }
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("statements need the slow pool");
  const std::string place = place_of(request), currency(visit.catalogue->currency.code());
  Random& random = site::random_of(request);
  auto read = [&] {
    if (upload.bytes.empty()) {
      const Secret plain = site.sealing_key.open(upload.sealed, place);
      upload.bytes = std::string(plain.reveal());
    } else {
      upload.sealed = site.sealing_key.seal(Secret(upload.bytes), place, random);
    }
    payments::StatementReading reading;
    reading.currency = currency;
    reading.layout = upload.layout;
    upload.file = payments::read_statement(upload.bytes, reading);
  };
  try {
    co_await pool->run(read);
  } catch (const SealBroken&) {
    upload.problem = tr(request, message("This page belongs to another sign-in. Choose the file again."));
  }
  if (!upload.problem.empty()) co_return import_page(site, request, upload, 422);
  if (!imports || !upload.file->faults.empty())
    co_return import_page(site, request, upload, upload.file->faults.empty() ? 200 : 422);

  const conference::Actor actor = bank_actor(request);
  payments::Imported imported;
  std::optional<Refused> refused;
  auto keep = [&] {
    imported = payments::import_statements(site.db, site.shop, conference, *upload.file, upload.name, actor);
  };
  try {
    co_await pool->run(keep);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused) {
    upload.problem = tr(request, *refused);
    co_return import_page(site, request, upload, 422);
  }
  const std::string_view language = site::language_of(request);
  const auto number = [&](std::int64_t n) { return i18n::number(language, n); };
  std::string text =
      tr(request,
         message("{added} entries are new, {known} were here already. Of the new ones {exact} are beyond "
                 "doubt, {likely} likely, {unclear} unclear, {unmatched} without an order."),
         {{"added", number(imported.added)},
          {"known", number(imported.known)},
          {"exact", number(imported.exact)},
          {"likely", number(imported.likely)},
          {"unclear", number(imported.unclear)},
          {"unmatched", number(imported.unmatched)}});
  if (imported.duplicates > 0)
    text += " " + site::tr_n(request, "{n} is likely known from another file.",
                             "{n} are likely known from other files.", imported.duplicates);
  co_return back_to(request, page_of(site, request, "statement-list"), "imported", "success", text);
}

}  // namespace plenary::manage
