// The list of a conference's bank entries by what is to be done with them, booking what is beyond doubt in
// one go, and the files they came from. source: payments 21, 5.3.
#include "manage/statements.hpp"

#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/pool.hpp"
#include "base/text.hpp"
#include "i18n/formats.hpp"
#include "manage/money.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/services.hpp"

namespace plenary::manage {
namespace {

using payments::BankStatement;
using payments::Certainty;
using payments::EntryState;
using payments::ListedEntry;
using site::tr;
using templating::Value;

constexpr int shown_at_once = 50;
constexpr int shown_files = 20;
constexpr std::size_t longest_search = 200;
// A request books for so long; what is left waits for the next press.
constexpr auto longest_booking = std::chrono::seconds(8);

std::string list_url(const Site& site, const web::Request& request) {
  return page_of(site, request, "statement-list");
}

// From 1.
int wanted_page(const web::Request& request) {
  const std::string_view text = request.query("page").value_or("1");
  int page = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page);
  if (error != std::errc() || end != text.data() + text.size() || page < 1 || page > 100'000)
    throw NotFound("the list has no such page");
  return page;
}

// A statement of an account, and how many came with it in the same file.
struct ImportedFile {
  BankStatement statement;
  std::int64_t together = 1;
};

Value files_value(const Site& site, const web::Request& request, const std::vector<ImportedFile>& files) {
  const std::string_view language = site::language_of(request);
  std::vector<Value> list;
  for (const auto& [one, together] : files) {
    std::string days;
    if (one.from_date && one.until_date) days = i18n::days(language, *one.from_date, *one.until_date);
    list.push_back(Value::dict(
        {{"name", Value(one.file_name)},
         {"account", Value(one.account)},
         {"days", Value(days)},
         {"entries", Value(one.entries)},
         {"undo_url", may_book(request)
                          ? Value(page_of(site, request, "statement-undo", std::to_string(one.id)))
                          : Value()},
         {"added", Value(one.added)},
         {"together", together > 1 ? Value(together) : Value()},
         {"at", Value(moment_text(request, one.created_at))}}));
  }
  return Value::list(std::move(list));
}

struct Listing {
  std::vector<ListedEntry> entries;
  payments::EntryCounts counts;
  std::vector<ImportedFile> files;
};

std::string certainty_name(const web::Request& request, Certainty certainty) {
  switch (certainty) {
    case Certainty::exact:
      return tr(request, message("beyond doubt"));
    case Certainty::likely:
      return tr(request, message("likely"));
    case Certainty::unclear:
      return tr(request, message("unclear"));
    case Certainty::none:
      return {};
  }
  return {};
}

// Arguments that are words of ours are translated by whoever made them, marked amounts here.
Value reasons_value(const web::Request& request, const payments::BankEntry& entry) {
  std::vector<Value> list;
  for (const payments::MatchReason& reason : payments::reasons_of(entry))
    list.push_back(Value(tr(request, reason.text, reason.arguments)));
  return Value::list(std::move(list));
}

}  // namespace

std::string state_name(const web::Request& request, EntryState state) {
  switch (state) {
    case EntryState::fresh:
      return tr(request, message("Without an order"));
    case EntryState::matched:
      return tr(request, message("Proposed"));
    case EntryState::booked:
      return tr(request, message("Booked"));
    case EntryState::ignored:
      return tr(request, message("Ignored"));
    case EntryState::refunded:
      return tr(request, message("Sent back"));
  }
  return {};
}

bool may_book(const web::Request& request) {
  return may(request, "change_registration") || may(request, "change_finance");
}

conference::Actor bank_actor(const web::Request& request) {
  return actor_of(request);
}

Value entry_value(const Site& site, const web::Request& request, const ListedEntry& listed) {
  const payments::BankEntry& entry = listed.entry;
  const std::string_view language = site::language_of(request);
  const std::string key = std::to_string(entry.id);
  std::vector<Value> shares;
  for (const payments::ListedShare& one : listed.shares) {
    shares.push_back(Value::dict({{"order", Value(one.order_reference)},
                                  {"order_url", Value(order_page(site, request, one.share.order_id))},
                                  {"order_id", Value(one.share.order_id)},
                                  {"buyer", Value(one.buyer)},
                                  {"amount", Value(amount_text(request, one.share.amount, entry.currency))},
                                  {"due", Value(amount_text(request, one.due, entry.currency))},
                                  {"is_due", Value(one.due > 0)},
                                  {"is_refund", Value(one.share.refund_id.has_value())},
                                  {"is_booked", Value(one.share.payment_id.has_value())}}));
  }
  const bool is_open = entry.state == EntryState::fresh || entry.state == EntryState::matched;
  const bool can_book = entry.state == EntryState::matched && !entry.duplicate_of_id && may_book(request);
  const Date day = entry.value_date.value_or(entry.booked_on);
  return Value::dict(
      {{"id", Value(entry.id)},
       {"day", Value(i18n::day(language, day))},
       {"booked_on", Value(i18n::day(language, entry.booked_on))},
       {"amount", Value(amount_text(request, entry.amount, entry.currency))},
       {"goes_out", Value(entry.amount < 0)},
       {"who", Value(entry.counterparty)},
       {"iban", Value(entry.counterparty_iban)},
       {"purpose", Value(entry.remittance)},
       {"end_to_end_id", Value(entry.end_to_end_id)},
       // Where the bank gives none, one of ours stands there, which tells nobody anything.
       {"bank_reference",
        Value(entry.bank_reference.starts_with("content-") ? std::string() : entry.bank_reference)},
       {"account", Value(entry.account)},
       {"kind", Value(entry.kind)},
       {"is_reversal", Value(entry.is_reversal)},
       {"is_batch", Value(entry.is_batch)},
       {"state", Value(std::string(payments::to_text(entry.state)))},
       {"state_name", Value(state_name(request, entry.state))},
       {"certainty", Value(certainty_name(request, entry.certainty))},
       {"is_exact", Value(entry.certainty == Certainty::exact)},
       {"reasons", reasons_value(request, entry)},
       {"shares", Value::list(std::move(shares))},
       {"duplicate", listed.other ? Value::dict({{"day", Value(i18n::day(language, listed.other->booked_on))},
                                                 {"file", Value(listed.other_file)},
                                                 {"state", Value(state_name(request, listed.other->state))},
                                                 {"url", Value(page_of(site, request, "statement-entry",
                                                                       std::to_string(listed.other->id)))}})
                                  : Value()},
       {"note", Value(entry.note)},
       {"decided", entry.decided_at ? Value(moment_text(request, *entry.decided_at)) : Value()},
       {"version", Value(entry.version)},
       {"is_open", Value(is_open)},
       {"url", Value(page_of(site, request, "statement-entry", key))},
       {"book_url", can_book ? Value(page_of(site, request, "statement-entry-book", key)) : Value()}});
}

Task<web::Response> show_statements(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  const std::string_view typed_state = request.query("state").value_or("matched");
  payments::EntryFilter filter;
  filter.state = payments::entry_state(typed_state);
  if (!filter.state) throw NotFound("there is no such list");
  filter.text = std::string(trimmed(request.query("q").value_or("")));
  if (filter.text.size() > longest_search) filter.text.resize(longest_search);
  if (!is_valid_utf8(filter.text)) filter.text.clear();
  const int number = wanted_page(request);
  Listing listing;
  auto read = [&](db::Tx& tx) {
    listing.entries = payments::bank_entries(tx, site.shop, conference, filter, shown_at_once + 1,
                                             (number - 1) * shown_at_once);
    listing.counts = payments::count_entries(tx, conference);
    for (BankStatement& one : payments::bank_statements(tx, conference, shown_files)) {
      const auto together = payments::statements_of_import(tx, one).size();
      listing.files.push_back({std::move(one), static_cast<std::int64_t>(together)});
    }
  };
  co_await site.db.read(read);
  const bool has_more = listing.entries.size() > static_cast<std::size_t>(shown_at_once);
  if (has_more) listing.entries.pop_back();

  const std::string base = list_url(site, request);
  const payments::EntryCounts& counts = listing.counts;
  std::vector<Value> rows, tabs;
  for (const ListedEntry& entry : listing.entries) rows.push_back(entry_value(site, request, entry));
  for (const auto& [state, count] :
       {std::pair(EntryState::matched, counts.matched), std::pair(EntryState::fresh, counts.fresh),
        std::pair(EntryState::booked, counts.booked), std::pair(EntryState::ignored, counts.ignored),
        std::pair(EntryState::refunded, counts.refunded)}) {
    const std::string name(payments::to_text(state));
    tabs.push_back(Value::dict({{"label", Value(state_name(request, state))},
                                {"count", Value(i18n::number(site::language_of(request), count))},
                                {"is_current", Value(state == *filter.state)},
                                {"url", Value(base + query_of({{"state", name}, {"q", filter.text}}))}}));
  }
  const bool acts = may_book(request);
  const auto page_link = [&](int to) {
    return Value(
        base +
        query_of({{"state", std::string(typed_state)}, {"q", filter.text}, {"page", std::to_string(to)}}));
  };
  site::Page page(site, request, "django_program/manage/statements.html");
  frame(page, site, request, tr(request, message("Bank statements")), "statements");
  page.set("entries", Value::list(std::move(rows)))
      .set("tabs", Value::list(std::move(tabs)))
      .set("state", Value(std::string(typed_state)))
      .set("state_name", Value(state_name(request, *filter.state)))
      .set("q", Value(filter.text))
      .set("list_url", Value(base))
      .set("files", files_value(site, request, listing.files))
      .set("may_book", Value(acts))
      .set("exact", Value(counts.exact))
      .set("exact_amount", Value(amount_text(request, counts.exact_amount)))
      .set("open_count", Value(counts.fresh + counts.matched));
  if (acts)
    page.set("import_url", Value(page_of(site, request, "statement-import")))
        .set("book_exact_url", Value(page_of(site, request, "statement-book-exact")))
        .set("match_url", Value(page_of(site, request, "statement-match")));
  if (number > 1) page.set("newer_url", page_link(number - 1));
  if (has_more) page.set("older_url", page_link(number + 1));
  co_return site::personal(page.html(), "");
}

Task<web::Response> book_exact_entries(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  const conference::Actor actor = bank_actor(request);
  const auto end = std::chrono::steady_clock::now() + longest_booking;
  auto work = [&] {
    return payments::book_exact(site.db, site.shop, conference, actor,
                                [&] { return std::chrono::steady_clock::now() < end; });
  };
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("booking needs the slow pool");
  const payments::BookedAll booked = co_await pool->run(work);
  std::string text = site::tr_n(request, "{n} transfer was booked, {amount}.",
                                "{n} transfers were booked, {amount} altogether.", booked.booked,
                                {{"amount", amount_text(request, booked.amount)}});
  if (booked.left > 0)
    text += " " + site::tr_n(request, "{n} is no longer beyond doubt: please look at it.",
                             "{n} are no longer beyond doubt: please look at them.", booked.left);
  co_return back_to(request, list_url(site, request), "booked", booked.booked > 0 ? "success" : "info", text);
}

Task<web::Response> match_entries(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id;
  auto work = [&] { return payments::match_again(site.db, site.shop, conference); };
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("matching needs the slow pool");
  const std::int64_t changed = co_await pool->run(work);
  co_return back_to(request, list_url(site, request), "matched", "info",
                    site::tr_n(request, "{n} proposal changed.", "{n} proposals changed.", changed));
}

Task<web::Response> undo_statement(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id, id = request.param_int("pk");
  const conference::Actor actor = bank_actor(request);
  const payments::UndoScope scope = request.form()["scope"] == "account" ? payments::UndoScope::one_statement
                                                                         : payments::UndoScope::whole_file;
  auto write = [&](db::Tx& tx) { return payments::undo_import(tx, conference, id, scope, actor); };
  std::optional<Refused> refused;
  std::int64_t gone = 0;
  try {
    gone = co_await site.db.write(conference, "undo import", write);
  } catch (const Refused& reason) {
    refused = reason;
  }
  if (refused)
    co_return back_to(request, list_url(site, request), refused->code(), "error", tr(request, *refused));
  auto work = [&] { return payments::match_again(site.db, site.shop, conference); };
  Pool* pool = request.services().pool;
  if (!pool) throw std::logic_error("matching needs the slow pool");
  co_await pool->run(work);
  co_return back_to(request, list_url(site, request), "undone", "success",
                    site::tr_n(request, "The import was undone: {n} entry is gone.",
                               "The import was undone: {n} entries are gone.", gone));
}

void add_statement_pages(site::PageTable& table) {
  using web::Method;
  constexpr web::Methods form = Method::get | Method::post;
  const std::string here = "/manage/{conference}/statements/", entry = here + "entries/{pk:int}/";
  const web::Guard on = web::features({"manage_ui", "registration"});
  const web::Guard look = web::permission("view_registration") & on;
  const web::Guard act = web::any_permission({"change_registration", "change_finance"}) & on;
  // A file and what the form adds to it: sealed, it is a third larger.
  constexpr std::size_t largest_form = 16 * 1024 * 1024;
  table.add("manage:statement-list", here, Method::get, look, show_statements, load_frame);
  table.add("manage:statement-import", here + "import/", form, act, import_statement, load_frame).max_body =
      largest_form;
  table.add("manage:statement-book-exact", here + "book/", Method::post, act, book_exact_entries);
  table.add("manage:statement-match", here + "match/", Method::post, act, match_entries);
  table.add("manage:statement-undo", here + "{pk:int}/undo/", Method::post, act, undo_statement);
  table.add("manage:statement-entry", entry, Method::get, look, show_entry, load_frame);
  table.add("manage:statement-entry-book", entry + "book/", Method::post, act, book_bank_entry, load_frame);
  table.add("manage:statement-entry-decide", entry + "decide/", Method::post, act, decide_entry);
}

}  // namespace plenary::manage
