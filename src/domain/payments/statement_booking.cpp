// What is decided about entries of bank statements: booked, ignored, sent back.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/amounts.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "domain/payments/statement_store.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_terms.hpp"

namespace plenary::payments {
namespace {

using registration::MoneyIn;
using registration::Order;

constexpr std::size_t longest_reference = 200, longest_note = 2000;

BankEntry open(db::Tx& tx, Id conference_id, Id entry_id) {
  auto entry = bank_entry_table().find(tx, entry_id);
  if (!entry || entry->conference_id != conference_id)
    throw NotFound("no such bank entry in this conference");
  return *entry;
}

std::string shown(std::int64_t amount, const std::string& currency) {
  const auto known = Currency::find(currency);
  return known ? marked(Money(amount, *known)) : std::to_string(amount);
}

void decide(db::Tx& tx, BankEntry entry, EntryState state, std::string_view note,
            const conference::Actor& actor) {
  const std::string before(to_text(entry.state));
  const bool is_open = state == EntryState::fresh || state == EntryState::matched;
  entry.state = state;
  entry.note = std::string(note);
  entry.decided_by = is_open ? std::nullopt : actor.user_id;
  entry.decided_at = is_open ? std::nullopt : std::optional<Instant>(tx.now());
  const auto written = bank_entry_table().update(tx, entry);
  if (!written) throw std::logic_error("a bank entry is changed in its conference's lane alone");
  conference::AuditObject object;
  object.conference_id = entry.conference_id;
  object.entity = "bank_entry";
  object.id = std::to_string(entry.id);
  object.name =
      fmt::format("{} {}", entry.booked_on.to_string(), with_amounts(shown(entry.amount, entry.currency)));
  object.version = written->version;
  std::vector<conference::AuditChange> changes{{"state", "State", before, std::string(to_text(state))}};
  if (!entry.note.empty()) changes.push_back({"note", "Note", "", entry.note});
  conference::record(tx, actor, conference::AuditAction::change, object, changes);
}

std::string checked_note(std::string_view note) {
  if (character_count(note) > longest_note)
    throw Refused("note", "The note has at most {limit} characters.",
                  {{"limit", std::to_string(longest_note)}}, "note");
  return std::string(trimmed(note));
}

// The transfer's number for the payment: the bank's, where it gave one.
std::string reference_of(const BankEntry& entry) {
  std::string text = entry.bank_reference.starts_with("content-") ? entry.remittance : entry.bank_reference;
  while (character_count(text) > longest_reference || !is_valid_utf8(text)) text.pop_back();
  return text;
}

std::vector<MatchShare> proposed(const std::vector<BankShare>& shares) {
  std::vector<MatchShare> result;
  for (const BankShare& share : shares)
    result.push_back({share.order_id, share.refund_id.value_or(0), share.amount});
  return result;
}

void check_shares(const BankEntry& entry, const std::vector<MatchShare>& shares) {
  if (shares.empty()) throw Refused("shares", "Choose what this money is for.", {}, "shares");
  const std::int64_t whole = std::abs(entry.amount);
  std::int64_t left = whole;
  bool fits = true;
  std::set<std::pair<Id, Id>> seen;
  for (const MatchShare& share : shares) {
    if (share.amount < 1) throw Refused("amount", "Enter an amount above zero.", {}, "shares");
    if (!seen.insert({share.order_id, share.refund_id}).second)
      throw Refused("shares", "An order is named twice.", {}, "shares");
    if ((entry.amount < 0) != (share.refund_id > 0))
      throw Refused("direction",
                    entry.amount < 0 ? message("This money went out: only a refund can be chosen for it.")
                                     : message("This money came in: only an order can be chosen for it."),
                    {}, "shares");
    fits = fits && share.amount <= left;
    if (fits) left -= share.amount;
  }
  if (!fits)
    throw Refused("shares", "The parts are more than the {amount} of the entry.",
                  {{"amount", shown(whole, entry.currency)}}, "shares");
  if (left > 0)
    throw Refused("shares", "The parts leave {left} of the {amount} of the entry.",
                  {{"left", shown(left, entry.currency)}, {"amount", shown(whole, entry.currency)}},
                  "shares");
}

// Whether an entry that was beyond doubt still is.
bool is_exact_now(db::Tx& tx, const registration::Catalogue& catalogue, const BankEntry& entry,
                  const std::vector<BankShare>& shares) {
  if (entry.state != EntryState::matched || entry.certainty != Certainty::exact || shares.empty())
    return false;
  for (const BankShare& share : shares) {
    if (share.refund_id) continue;  // mark_paid_out says whether it waits still
    const auto order = registration::find_order(tx, share.order_id);
    if (!order || registration::balance_of(tx, catalogue, *order) != share.amount ||
        registration::money_of(tx, *order).is_processing)
      return false;
  }
  return true;
}

}  // namespace

Booked book_entry(db::Tx& tx, const registration::Shop& shop, Id conference_id, const Booking& booking,
                  const conference::Actor& actor) {
  const BankEntry entry = open(tx, conference_id, booking.entry_id);
  const std::vector<BankShare> before = store::shares_of(tx, entry.id);
  Booked booked;
  if (entry.state == EntryState::booked) {
    booked.is_repeat = true;
    for (const BankShare& share : before)
      if (share.payment_id) {
        MoneyIn in;
        in.payment_id = *share.payment_id;
        in.is_repeat = true;
        booked.payments.push_back(in);
      }
    return booked;
  }
  if (entry.state == EntryState::ignored || entry.state == EntryState::refunded)
    throw Refused("decided", "This entry is {state}. Take it up again first.",
                  {{"state", std::string(to_text(entry.state))}});
  if (entry.duplicate_of_id)
    throw Refused(
        "duplicate",
        "This is likely the same transfer as one that another file told. If the money really came twice, "
        "say first that it is another one.");
  if (booking.version && *booking.version != entry.version)
    throw Refused("changed_meanwhile",
                  "This entry was changed in the meantime. Please look at it again, as it is now.");
  const std::string note = checked_note(booking.note);
  const std::vector<MatchShare> shares = booking.shares.empty() ? proposed(before) : booking.shares;
  check_shares(entry, shares);
  const registration::Cause cause{"bank statement", actor.name, reference_of(entry)};

  // Everything that may refuse is asked before the first of several is written.
  std::vector<Order> orders;
  for (const MatchShare& share : shares) {
    auto order = registration::find_order(tx, share.order_id);
    if (!order || order->conference_id != conference_id) throw NotFound("no such order in this conference");
    if (order->currency != entry.currency)
      throw Refused("currency", "The money came in {found}; the order {order} is in {expected}.",
                    {{"found", entry.currency}, {"order", order->reference}, {"expected", order->currency}},
                    "shares");
    if (booking.excess_as_credit && !order->user_id &&
        share.amount >
            registration::balance_of(tx, *registration::catalogue_now(tx, shop, conference_id), *order))
      throw Refused("no_account", "This order belongs to no account, so there is nobody to give a credit to.",
                    {}, "excess_as_credit");
    orders.push_back(std::move(*order));
  }
  std::vector<BankShare> kept;
  for (std::size_t at = 0; at < shares.size(); ++at) {
    const MatchShare& share = shares[at];
    BankShare row{0, entry.id, share.order_id, std::nullopt, share.amount, std::nullopt};
    if (share.refund_id > 0) {
      const auto refund = registration::find_refund(tx, share.refund_id);
      if (!refund || refund->order_id != share.order_id || refund->amount != share.amount)
        throw Refused("shares", "The refund is not of this order, or of another amount.", {}, "shares");
      if (!registration::mark_paid_out(tx, conference_id, share.refund_id,
                                       {reference_of(entry), actor.user_id}, cause))
        throw Refused("paid_out", "This refund was paid out before.", {}, "shares");
      row.refund_id = share.refund_id;
    } else {
      registration::ManualPayment payment;
      payment.amount = share.amount;
      payment.channel = registration::ManualChannel::transfer;
      payment.received_on = entry.value_date ? entry.value_date : entry.booked_on;
      payment.reference = reference_of(entry);
      payment.note = note;
      payment.payer_name = entry.counterparty;
      payment.payer_iban = entry.counterparty_iban;
      payment.created_by = actor.user_id;
      payment.excess_as_credit = booking.excess_as_credit && orders[at].user_id.has_value();
      booked.payments.push_back(registration::take_transfer(tx, shop, orders[at], payment, cause));
      row.payment_id = booked.payments.back().payment_id;
    }
    kept.push_back(row);
  }
  store::replace_shares(tx, entry.id, kept);
  decide(tx, entry, EntryState::booked, note, actor);
  return booked;
}

BookedAll book_exact(db::Database& database, const registration::Shop& shop, Id conference_id,
                     const conference::Actor& actor, const std::function<bool()>& goes_on) {
  auto look = [&](db::Tx& tx) {
    return tx.query<Id>(
        "SELECT id FROM bank_entry WHERE conference_id = $1 AND state = 'matched' AND certainty = 'exact' "
        "ORDER "
        "BY booked_on, id",
        conference_id);
  };
  BookedAll all;
  for (const Id id : database.read_now(look)) {
    if (!goes_on()) break;
    auto book = [&](db::Tx& tx) -> std::optional<std::int64_t> {
      const BankEntry entry = open(tx, conference_id, id);
      const auto catalogue = registration::catalogue_now(tx, shop, conference_id);
      if (!is_exact_now(tx, *catalogue, entry, store::shares_of(tx, id))) return std::nullopt;
      Booking booking;
      booking.entry_id = id;
      book_entry(tx, shop, conference_id, booking, actor);
      return entry.amount;
    };
    try {
      if (const auto amount = database.write_now(conference_id, "book entry", book)) {
        ++all.booked;
        all.amount += *amount;
        continue;
      }
    } catch (const Refused&) {
      // Something came between: a person looks at it.
    }
    ++all.left;
  }
  if (all.left > 0) match_again(database, shop, conference_id);
  return all;
}

void ignore_entry(db::Tx& tx, Id conference_id, Id entry_id, std::string_view note,
                  const conference::Actor& actor) {
  const BankEntry entry = open(tx, conference_id, entry_id);
  if (entry.state == EntryState::ignored) return;
  if (entry.state == EntryState::booked)
    throw Refused("decided", "This entry is booked. Send the payment back where it was a mistake.");
  const std::string text = checked_note(note);
  store::replace_shares(tx, entry.id, {});
  decide(tx, entry, EntryState::ignored, text, actor);
}

void mark_entry_refunded(db::Tx& tx, Id conference_id, Id entry_id, std::string_view note,
                         const conference::Actor& actor) {
  const BankEntry entry = open(tx, conference_id, entry_id);
  if (entry.state == EntryState::refunded) return;
  if (entry.state == EntryState::booked)
    throw Refused("decided", "This entry is booked. Send the payment back where it was a mistake.");
  if (entry.amount < 0)
    throw Refused("direction", "This money went out; only money that came in is sent back.");
  const std::string text = checked_note(note);
  store::replace_shares(tx, entry.id, {});
  decide(tx, entry, EntryState::refunded, text, actor);
}

void take_up_again(db::Tx& tx, Id conference_id, Id entry_id, const conference::Actor& actor) {
  BankEntry entry = open(tx, conference_id, entry_id);
  if (entry.state != EntryState::ignored && entry.state != EntryState::refunded) return;
  entry.certainty = Certainty::none;
  entry.score = 0;
  entry.explanation = "[]";
  decide(tx, entry, EntryState::fresh, "", actor);
}

}  // namespace plenary::payments
