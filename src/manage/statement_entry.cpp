// One entry of a bank statement: what it says, what it is proposed for and why, and deciding by hand: on the
// order that a search finds, shared between several, with what is too much as a credit; ignored, sent back,
// or taken up again. source: payments 21, 5.3 and 10.2.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/order_search.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"
#include "manage/money.hpp"
#include "manage/statements.hpp"
#include "site/pages.hpp"
#include "site/text.hpp"
#include "web/flash.hpp"

namespace plenary::manage {
namespace {

using payments::EntryState;
using payments::ListedEntry;
using site::tr;
using templating::Value;

constexpr std::size_t longest_note = 500, longest_search = 200;
constexpr std::int64_t most_found = 20;

struct FoundOrder {
  registration::FoundOrder order;
  std::int64_t due = 0;
};

// As the orders' own search finds them.
std::vector<FoundOrder> find_orders(db::Tx& tx, const Site& site, std::int64_t conference,
                                    const std::string& typed) {
  if (typed.empty()) return {};
  registration::OrderSearch search;
  search.text = typed;
  std::vector<FoundOrder> found;
  const auto catalogue = registration::catalogue_now(tx, site.shop, conference);
  for (registration::FoundOrder& order : registration::search_orders(
           tx, conference, search, site.settings.program.order_reference_prefix, std::nullopt, most_found)) {
    FoundOrder one;
    if (const auto whole = registration::find_order(tx, order.id))
      one.due = registration::balance_of(tx, *catalogue, *whole);
    one.order = std::move(order);
    found.push_back(std::move(one));
  }
  return found;
}

struct Opened {
  std::optional<ListedEntry> entry;
  std::vector<FoundOrder> found;
};

Opened open_entry(db::Tx& tx, const Site& site, std::int64_t conference, std::int64_t id,
                  const std::string& typed) {
  Opened opened;
  opened.entry = payments::find_bank_entry(tx, site.shop, conference, id);
  if (opened.entry) opened.found = find_orders(tx, site, conference, typed);
  return opened;
}

// Orders that this page offers to be booked on: those proposed, then those found.
Value orders_value(const Site& site, const web::Request& request, const Opened& opened,
                   const web::FormData* typed) {
  const payments::BankEntry& entry = opened.entry->entry;
  const Currency currency =
      Currency::find(entry.currency).value_or(request.context<Visit>().catalogue->currency);
  std::vector<Value> list;
  std::vector<std::int64_t> seen;
  const auto add = [&](std::int64_t id, const std::string& reference, const std::string& buyer,
                       const std::string& status, std::int64_t total, std::int64_t due,
                       std::int64_t proposed) {
    if (std::find(seen.begin(), seen.end(), id) != seen.end()) return;
    seen.push_back(id);
    const std::string field = fmt::format("amount-{}", id);
    std::string value = proposed > 0 ? Money(proposed, currency).to_string() : std::string();
    if (typed) value = std::string((*typed)[field]);
    list.push_back(Value::dict({{"id", Value(id)},
                                {"field", Value(field)},
                                {"value", Value(std::move(value))},
                                {"reference", Value(reference)},
                                {"url", Value(order_page(site, request, id))},
                                {"buyer", Value(buyer)},
                                {"status", Value(status)},
                                {"total", Value(amount_text(request, total, entry.currency))},
                                {"due", Value(amount_text(request, due, entry.currency))}}));
  };
  for (const payments::ListedShare& one : opened.entry->shares)
    if (!one.share.refund_id)
      add(one.share.order_id, one.order_reference, one.buyer, one.order_status, one.order_total, one.due,
          one.share.amount);
  for (const FoundOrder& one : opened.found) {
    // The first that is found is proposed what it needs, where nothing else is.
    const bool is_first = list.empty();
    add(one.order.id, one.order.reference, one.order.name,
        std::string(registration::to_text(one.order.status)), one.order.total, one.due,
        is_first ? std::min(entry.amount, one.due) : 0);
  }
  return Value::list(std::move(list));
}

web::Response entry_page(Site& site, web::Request& request, const Opened& opened, const std::string& search,
                         std::vector<site::Fault> faults, int status) {
  const payments::BankEntry& entry = opened.entry->entry;
  const std::string key = std::to_string(entry.id);
  const web::FormData* typed = request.is(web::Method::post) ? &request.form() : nullptr;
  const bool is_open = entry.state == EntryState::fresh || entry.state == EntryState::matched;
  const bool acts = may_book(request);
  site::Page page(site, request, "django_program/manage/statement_entry.html");
  frame(page, site, request,
        tr(request, message("Entry of {amount}"),
           {{"amount", amount_text(request, entry.amount, entry.currency)}}),
        "statements", {{tr(request, message("Bank statements")), page_of(site, request, "statement-list")}});
  page.set("entry", entry_value(site, request, *opened.entry))
      .set("orders", orders_value(site, request, opened, typed))
      .set("q", Value(search))
      .set("was_searched", Value(!search.empty()))
      .set("nothing_found", Value(!search.empty() && opened.found.empty()))
      .set("entry_url", Value(page_of(site, request, "statement-entry", key)))
      .set("may_share", Value(acts && is_open && entry.amount > 0))
      .set("may_book_refund", Value(acts && entry.state == EntryState::matched && entry.amount < 0))
      .set("may_ignore", Value(acts && is_open))
      .set("may_reopen",
           Value(acts && (entry.state == EntryState::ignored || entry.state == EntryState::refunded)))
      .set("note", Value(typed ? std::string((*typed)["note"]) : std::string()))
      .set("excess", Value(typed && (*typed)["excess"] == "1"))
      .set("book_url", Value(page_of(site, request, "statement-entry-book", key)))
      .set("decide_url", Value(page_of(site, request, "statement-entry-decide", key)));
  page.faults(std::move(faults));
  return site::personal(page.html(status), status == 200 ? "" : "invalid");
}

std::string search_of(const web::Request& request) {
  std::string typed(trimmed(request.query("q").value_or("")));
  if (typed.size() > longest_search) typed.resize(longest_search);
  return is_valid_utf8(typed) ? typed : std::string();
}

// "amount-17" of the form: what is to go on order 17. A wrong amount is a fault of its field.
std::vector<payments::MatchShare> typed_shares(const web::Request& request, const web::FormData& form,
                                               std::vector<site::Fault>& faults) {
  constexpr std::string_view prefix = "amount-";
  std::vector<payments::MatchShare> shares;
  for (const web::FormData::Field& field : form.fields()) {
    if (!field.name.starts_with(prefix) || trimmed(field.value).empty()) continue;
    const auto order = site::whole_number(field.name.substr(prefix.size()));
    const auto amount = typed_amount(request, field.value);
    if (!order) continue;
    if (!amount) {
      faults.push_back({std::string(field.name), tr(request, message("Enter an amount like 12.50."))});
      continue;
    }
    payments::MatchShare share;
    share.order_id = *order;
    share.amount = *amount;
    shares.push_back(share);
  }
  return shares;
}

std::string booked_text(const web::Request& request, const payments::Booked& booked) {
  if (booked.is_repeat) return tr(request, message("It was booked before; nothing was done twice."));
  std::string text = tr(request, message("The entry is booked."));
  for (const registration::MoneyIn& one : booked.payments) {
    if (one.due > 0)
      text += " " + tr(request, message("{amount} of the order is still due."),
                       {{"amount", amount_text(request, one.due)}});
    if (one.credited > 0)
      text += " " + tr(request, message("{amount} became a credit of the buyer."),
                       {{"amount", amount_text(request, one.credited)}});
    if (one.owed_back > 0)
      text += " " + tr(request, message("{amount} came for nothing and has to go back."),
                       {{"amount", amount_text(request, one.owed_back)}});
  }
  return text;
}

}  // namespace

Task<web::Response> show_entry(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id, id = request.param_int("pk");
  const std::string search = search_of(request);
  auto read = [&](db::Tx& tx) { return open_entry(tx, site, conference, id, search); };
  const Opened opened = co_await site.db.read(read);
  if (!opened.entry) throw NotFound("there is no such entry");
  co_return entry_page(site, request, opened, search, {}, 200);
}

Task<web::Response> book_bank_entry(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id, id = request.param_int("pk");
  const web::FormData& form = request.form();
  const std::string search(trimmed(form["q"]));
  std::vector<site::Fault> faults;
  payments::Booking booking;
  booking.entry_id = id;
  booking.shares = typed_shares(request, form, faults);
  booking.excess_as_credit = form["excess"] == "1";
  booking.note = std::string(trimmed(form["note"]));
  booking.version = site::whole_number(form["version"]);
  if (character_count(booking.note) > longest_note)
    faults.push_back({"note", tr(request, message("This text is too long."))});
  if (form["by_hand"] == "1" && booking.shares.empty() && faults.empty())
    faults.push_back({"", tr(request, message("Write how much goes on which order."))});
  const conference::Actor actor = bank_actor(request);
  payments::Booked booked;
  if (faults.empty()) {
    auto write = [&](db::Tx& tx) { return payments::book_entry(tx, site.shop, conference, booking, actor); };
    std::optional<Refused> refused;
    try {
      booked = co_await site.db.write(conference, "book bank entry", write);
    } catch (const Refused& reason) {
      refused = reason;
    }
    if (refused)
      faults.push_back({refused->field() == "note" ? "note" : std::string(), tr(request, *refused)});
  }
  if (!faults.empty()) {
    auto read = [&](db::Tx& tx) { return open_entry(tx, site, conference, id, search); };
    const Opened opened = co_await site.db.read(read);
    if (!opened.entry) throw NotFound("there is no such entry");
    co_return entry_page(site, request, opened, search, std::move(faults), 422);
  }
  const std::string state(form["state"]);
  co_return back_to(request, page_of(site, request, "statement-list") + query_of({{"state", state}}),
                    "booked", booked.is_repeat ? "info" : "success", booked_text(request, booked));
}

Task<web::Response> decide_entry(Site& site, web::Request& request) {
  const std::int64_t conference = request.context<Visit>().conference->id, id = request.param_int("pk");
  const web::FormData& form = request.form();
  const std::string action(form["action"]), note(trimmed(form["note"]));
  const conference::Actor actor = bank_actor(request);
  std::optional<Refused> refused;
  if (character_count(note) > longest_note) refused.emplace("note", message("This text is too long."));
  auto write = [&](db::Tx& tx) {
    if (!payments::find_bank_entry(tx, site.shop, conference, id)) throw NotFound("there is no such entry");
    if (action == "ignore") {
      payments::ignore_entry(tx, conference, id, note, actor);
    } else if (action == "refunded") {
      payments::mark_entry_refunded(tx, conference, id, note, actor);
    } else if (action == "again") {
      payments::take_up_again(tx, conference, id, actor);
    } else if (action == "distinct") {
      payments::not_a_duplicate(tx, conference, id, actor);
    } else {
      throw Refused("no_action", "There is no such button here.");
    }
  };
  if (!refused) {
    try {
      co_await site.db.write(conference, "decide bank entry", write);
    } catch (const Refused& reason) {
      refused = reason;
    }
  }
  if (refused)
    co_return back_to(request, page_of(site, request, "statement-entry", std::to_string(id)), refused->code(),
                      "error", tr(request, *refused));
  const std::string done = action == "ignore"     ? tr(request, message("The entry is ignored."))
                           : action == "refunded" ? tr(request, message("The entry counts as sent back."))
                           : action == "distinct"
                               ? tr(request, message("It counts as a transfer of its own now."))
                               : tr(request, message("The entry is open again."));
  co_return back_to(request, page_of(site, request, "statement-list"), "decided", "success", done);
}

}  // namespace plenary::manage
