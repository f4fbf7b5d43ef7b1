// The entries of the ledger: a page at a time by account, day, order and kind, what they add up to, and as a
// table. source: dashboard 70, 4.1 and 14.
#include "manage/ledger.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/registration/ledger_sums.hpp"
#include "domain/registration/listing.hpp"
#include "i18n/formats.hpp"
#include "manage/money.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"

namespace plenary::manage {
namespace {

using registration::Account;
using registration::EntryKind;
using registration::LedgerEntry;
using registration::LedgerFilter;
using registration::LedgerSum;
using site::tr;
using templating::Value;

constexpr int shown_at_once = 50;
constexpr int rows_a_read = 1000;

struct Words {
  std::string_view name, words;
};
constexpr Words account_words[] = {
    {Account::receivable, message("Owed by buyers")},
    {Account::tickets, message("Tickets sold")},
    {Account::addons, message("Add-ons sold")},
    {Account::fees, message("Fees charged")},
    {Account::discounts, message("Discounts given")},
    {Account::tax, message("Tax")},
    {Account::stripe, message("Cards, with the provider")},
    {Account::terminal, message("Card readers")},
    {Account::sandbox, message("Play money")},
    {Account::bank, message("Bank account")},
    {Account::cash, message("Cash")},
    {Account::cheque, message("Cheques")},
    {Account::credits, message("Store credits")},
    {Account::waived, message("Waived")},
    {Account::goodwill, message("Credits given for nothing")},
    {Account::expired_credits, message("Credits that expired")},
    {Account::disputed, message("Held back in disputes")},
    {Account::dispute_losses, message("Lost in disputes")},
    {Account::provider_fees, message("Fees of providers")},
};
constexpr Words kind_words[] = {
    {"sale", message("Sale")},
    {"change", message("Change of an order")},
    {"payment", message("Payment")},
    {"refund", message("Refund")},
    {"credit", message("Store credit")},
    {"fee", message("Provider's fee")},
    {"dispute", message("Dispute")},
    {"payout", message("Payout")},
    {"correction", message("Correction")},
};
constexpr std::array<EntryKind, 9> all_kinds{EntryKind::sale,    EntryKind::change, EntryKind::payment,
                                             EntryKind::refund,  EntryKind::credit, EntryKind::fee,
                                             EntryKind::dispute, EntryKind::payout, EntryKind::correction};

// What the address asks for.
struct Asked {
  Period period;
  LedgerFilter filter;
  std::string account, kind, order;  // as typed
  std::string currency;              // empty: the conference's
  bool order_not_found = false;
  std::vector<std::pair<std::string_view, std::string>> query() const {
    return {{"account", account},        {"kind", kind},          {"order", order},
            {"from", period.typed_from}, {"to", period.typed_to}, {"test", filter.range.is_test ? "1" : ""},
            {"currency", currency}};
  }
};

Asked asked_of(const web::Request& request) {
  Asked asked;
  asked.period = period_of(request);
  asked.filter.range.from = asked.period.begin;
  asked.filter.range.until = asked.period.end;
  asked.filter.range.is_test = request.query("test") == "1";
  asked.filter.range.currency = asked_currency(request);
  asked.currency = other_currency(request, asked.filter.range.currency);
  asked.account = std::string(request.query("account").value_or(""));
  asked.kind = std::string(request.query("kind").value_or(""));
  asked.order = std::string(trimmed(request.query("order").value_or("")));
  if (!asked.account.empty()) {
    const auto& known = registration::ledger_accounts;
    if (std::find(known.begin(), known.end(), asked.account) == known.end())
      throw NotFound("there is no such account");
    asked.filter.account = asked.account;
  }
  if (!asked.kind.empty()) {
    for (const EntryKind kind : all_kinds)
      if (registration::to_text(kind) == asked.kind) asked.filter.kind = kind;
    if (!asked.filter.kind) throw NotFound("there is no such kind");
  }
  return asked;
}

// The order is asked for by its reference, as people know it.
bool find_asked_order(db::Tx& tx, std::int64_t conference, Asked& asked) {
  asked.filter.order_id.reset();
  asked.order_not_found = false;
  if (asked.order.empty()) return true;
  const auto order = registration::find_order_row(tx, conference, ascii_upper(asked.order));
  asked.order_not_found = !order;
  if (order) asked.filter.order_id = order->id;
  return order.has_value();
}

using References = std::map<std::int64_t, std::string>;
void add_references(db::Tx& tx, const std::vector<LedgerEntry>& entries, References& references) {
  for (const LedgerEntry& entry : entries) {
    if (!entry.order_id || references.count(*entry.order_id)) continue;
    for (const registration::OrderRow& order :
         registration::order_table().select(tx, "WHERE id = $1", *entry.order_id))
      references[order.id] = order.reference;
  }
}

Value entry_value(const Site& site, const web::Request& request, const LedgerEntry& entry,
                  const References& references, const Asked& asked) {
  const auto order = references.find(entry.order_id.value_or(0));
  const bool has_order = order != references.end();
  const auto with_account = [&](const std::string& account) {
    Asked other = asked;
    other.account = account;
    return Value(query_of(other.query()));
  };
  return Value::dict({{"id", Value(entry.id)},
                      {"at", Value(moment_text(request, entry.created_at))},
                      {"kind", Value(entry_kind_name(request, registration::to_text(entry.kind)))},
                      {"debit", Value(account_name(request, entry.debit))},
                      {"debit_url", with_account(entry.debit)},
                      {"credit", Value(account_name(request, entry.credit))},
                      {"credit_url", with_account(entry.credit)},
                      {"goes_out", Value(!asked.account.empty() && entry.credit == asked.account)},
                      {"amount", Value(amount_text(request, entry.amount, entry.currency))},
                      {"order", has_order ? Value(order->second) : Value()},
                      {"order_url", has_order ? Value(order_page(site, request, *entry.order_id)) : Value()},
                      {"reference", Value(entry.reference)}});
}

std::string csv_lines(const std::vector<LedgerEntry>& entries, const References& references) {
  std::string text;
  for (const LedgerEntry& entry : entries) {
    const auto order = references.find(entry.order_id.value_or(0));
    const auto number = [](const std::optional<std::int64_t>& id) {
      return id ? std::to_string(*id) : std::string();
    };
    text += csv_line({std::to_string(entry.id), entry.created_at.to_string(),
                      std::string(registration::to_text(entry.kind)), entry.debit, entry.credit,
                      Money(entry.amount, Currency::of(entry.currency)).to_string(), entry.currency,
                      order == references.end() ? std::string() : order->second, number(entry.order_line_id),
                      number(entry.payment_id), number(entry.refund_id), number(entry.credit_id),
                      entry.reference, entry.is_test ? "test" : ""});
  }
  return text;
}

}  // namespace

std::string asked_currency(const web::Request& request) {
  const std::string typed = ascii_upper(trimmed(request.query("currency").value_or("")));
  if (typed.empty()) return std::string(request.context<Visit>().catalogue->currency.code());
  if (!Currency::find(typed)) throw NotFound("there is no such currency");
  return typed;
}

std::string other_currency(const web::Request& request, const std::string& currency) {
  return currency == request.context<Visit>().catalogue->currency.code() ? std::string() : currency;
}

std::string amount_in(const web::Request& request, std::int64_t minor, const std::string& currency) {
  return other_currency(request, currency).empty() ? amount_text(request, minor)
                                                   : amount_text(request, minor, currency);
}

std::string account_name(const web::Request& request, std::string_view account) {
  for (const Words& one : account_words)
    if (one.name == account) return tr(request, one.words);
  return std::string(account);
}

std::string entry_kind_name(const web::Request& request, std::string_view kind) {
  for (const Words& one : kind_words)
    if (one.name == kind) return tr(request, one.words);
  return std::string(kind);
}

Task<web::Response> show_ledger(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  Asked asked = asked_of(request);
  const std::int64_t before = before_of(request);
  std::vector<LedgerEntry> entries;
  References references;
  LedgerSum sum;
  auto read = [&](db::Tx& tx) {
    entries.clear();
    references.clear();
    sum = {};
    if (asked.period.is_wrong || !find_asked_order(tx, conference, asked)) return;
    const auto from = before > 0 ? std::optional(before) : std::nullopt;
    entries = registration::ledger_entries(tx, conference, asked.filter, from, shown_at_once + 1);
    sum = registration::ledger_sum(tx, conference, asked.filter);
    add_references(tx, entries, references);
  };
  co_await site.db.read(read);
  const bool has_more = entries.size() > static_cast<std::size_t>(shown_at_once);
  if (has_more) entries.pop_back();

  std::vector<Value> rows, accounts{option("", tr(request, message("All accounts")), asked.account)},
      kinds{option("", tr(request, message("All kinds")), asked.kind)};
  for (const LedgerEntry& entry : entries)
    rows.push_back(entry_value(site, request, entry, references, asked));
  for (const std::string_view account : registration::ledger_accounts)
    accounts.push_back(option(account, account_name(request, account), asked.account));
  for (const EntryKind kind : all_kinds) {
    const std::string_view name = registration::to_text(kind);
    kinds.push_back(option(name, entry_kind_name(request, name), asked.kind));
  }
  const std::string base = page_of(site, request, "ledger");
  site::Page page(site, request, "django_program/manage/ledger.html");
  frame(page, site, request, tr(request, message("Ledger")), "ledger",
        {{tr(request, message("Money")), page_of(site, request, "financial-dashboard")}});
  page.set("entries", Value::list(std::move(rows)))
      .set("accounts", Value::list(std::move(accounts)))
      .set("kinds", Value::list(std::move(kinds)))
      .set("account", Value(asked.account))
      .set("account_name", Value(asked.account.empty() ? "" : account_name(request, asked.account)))
      .set("order", Value(asked.order))
      .set("order_not_found", Value(asked.order_not_found))
      .set("from", Value(asked.period.typed_from))
      .set("to", Value(asked.period.typed_to))
      .set("period_is_wrong", Value(asked.period.is_wrong))
      .set("is_test", Value(asked.filter.range.is_test))
      .set("list_url", Value(base))
      .set("count", Value(i18n::number(site::language_of(request), sum.entries)))
      .set("came", Value(amount_in(request, sum.debit, asked.filter.range.currency)))
      .set("went", Value(amount_in(request, sum.credit, asked.filter.range.currency)))
      .set("balance", Value(amount_in(request, sum.debit - sum.credit, asked.filter.range.currency)))
      .set("currency", Value(asked.currency));
  if (may(request, "export_reports") && sum.entries > 0)
    page.set("export_url", Value(page_of(site, request, "ledger-export") + query_of(asked.query())));
  if (has_more) {
    auto older = asked.query();
    older.emplace_back("before", std::to_string(entries.back().id));
    page.set("older_url", Value(base + query_of(older)));
  }
  co_return site::personal(page.html(), "");
}

Task<web::Response> export_ledger(Site& site, web::Request& request) {
  const Visit& visit = request.context<Visit>();
  const std::int64_t conference = visit.conference->id;
  require(request, "view_finance");
  Asked asked = asked_of(request);
  auto find = [&](db::Tx& tx) { return find_asked_order(tx, conference, asked); };
  const bool is_found = co_await site.db.read(find);
  if (asked.period.is_wrong || !is_found)
    co_return back_to(request, page_of(site, request, "ledger") + query_of(asked.query()), "filter");
  db::Database& database = site.db;
  const LedgerFilter filter = asked.filter;
  web::Response response = web::Response::stream(
      "text/csv; charset=utf-8", [&database, filter, conference](web::BodyWriter& body) -> Task<void> {
        bool listens = co_await body.write(
            "entry,time,kind,to,from,amount,currency,order,line,payment,refund,credit,reference,test\r\n");
        for (std::optional<std::int64_t> before; listens;) {
          References references;
          std::vector<LedgerEntry> entries;
          auto next = [&](db::Tx& tx) {
            references.clear();
            entries = registration::ledger_entries(tx, conference, filter, before, rows_a_read);
            add_references(tx, entries, references);
          };
          co_await database.read(next);
          if (entries.empty()) co_return;
          before = entries.back().id;
          std::string text = csv_lines(entries, references);
          listens = co_await body.write(std::move(text));
        }
      });
  response.set("Content-Disposition",
               fmt::format("attachment; filename=\"ledger-{}.csv\"", visit.conference->slug));
  response.personal();
  co_return response;
}

void add_ledger_pages(site::PageTable& table) {
  using web::Method;
  const std::string here = "/manage/{conference}/financial/";
  const web::Guard on = web::features({"manage_ui"});
  const web::Guard look = web::permission("view_finance") & on;
  // Kept as long as the pages are.
  auto books = std::make_shared<registration::LedgerBooks>();
  const auto overview = [books](Site& site, web::Request& request) {
    return show_money(site, request, *books);
  };
  table.add("manage:financial-dashboard", here, Method::get, look, overview, load_frame);
  table.add("manage:ledger", here + "ledger/", Method::get, look, show_ledger, load_frame);
  table.add("manage:ledger-export", here + "ledger/export/", Method::get,
            web::permission("export_reports") & on, export_ledger);
}

}  // namespace plenary::manage
