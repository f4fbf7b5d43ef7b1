// The ledger: every cent that is sold, waived, taxed, paid, sent back, kept by a provider or owed, as a double
// entry, written in the transaction that causes it. An entry moves an amount from one account to another, so
// it balances by construction; entries are never changed, a mistake is followed by its reverse. Owner of the
// table ledger_entry. Functions of a transaction: one thread at a time. The rooms that write orders, payments,
// refunds and credits call these themselves; whoever makes a new kind of money fact adds a function here.
// source: docs/payments.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/entity.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// What each account stands for; the texts are stored. "Debit" is what came to it.
//   receivable       what buyers owe: sold, less what they paid
//   tickets, addons, fees   sold, without tax and before discounts
//   discounts        what was taken off
//   tax              owed to the tax office
//   stripe, terminal, sandbox   with a provider, until it pays out
//   bank, cash, cheque          with us
//   credits          owed to people as store credit
//   waived           not asked for, by staff or since nothing was due
//   goodwill         credits that were given for nothing
//   expired_credits  credits that nobody spent in time
//   provider_fees    kept by providers
//   disputed         held back while a dispute is open
//   dispute_losses   lost in a dispute
struct Account {
  static constexpr std::string_view receivable = "receivable", tickets = "tickets", addons = "addons",
                                    fees = "fees", discounts = "discounts", tax = "tax", stripe = "stripe",
                                    terminal = "terminal", sandbox = "sandbox", bank = "bank", cash = "cash",
                                    cheque = "cheque", credits = "credits", waived = "waived",
                                    goodwill = "goodwill", expired_credits = "expired_credits",
                                    provider_fees = "provider_fees", disputed = "disputed",
                                    dispute_losses = "dispute_losses";
};
inline constexpr std::array<std::string_view, 19> ledger_accounts{
    Account::receivable, Account::tickets,         Account::addons,        Account::fees,
    Account::discounts,  Account::tax,             Account::stripe,        Account::terminal,
    Account::sandbox,    Account::bank,            Account::cash,          Account::cheque,
    Account::credits,    Account::waived,          Account::goodwill,      Account::expired_credits,
    Account::disputed,   Account::dispute_losses,  Account::provider_fees};

enum class EntryKind { sale, change, payment, refund, credit, fee, dispute, payout, correction };
std::string_view to_text(EntryKind);

struct LedgerEntry {
  Id id = 0, conference_id = 0;
  std::string debit, credit;
  std::int64_t amount = 0;  // minor units, above zero
  std::string currency;
  EntryKind kind = EntryKind::sale;
  bool is_test = false;
  std::optional<Id> order_id, order_line_id, payment_id, refund_id, credit_id;
  std::string reference;  // a provider's number
  Instant created_at;
};
const db::Entity<LedgerEntry>& ledger_table();

// One entry. An amount below zero moves the other way; of zero nothing is written. `entry.id` and its time are
// set here.
void post(db::Tx& tx, const LedgerEntry& entry);

// Lines of an order that is sold: list price to what was sold, discounts, tax. Lines that take back an
// earlier one carry amounts below zero. kind: sale or change.
void post_lines(db::Tx& tx, const Order& order, std::span<const OrderLine> lines, EntryKind kind);

// The account where the money of such a payment is.
std::string_view account_of(PaymentMethod method, std::string_view channel);

// Fees that a provider kept of a payment, or gave back (below zero), in the currency in which it keeps them,
// which may be another than the order's. source: payments 21, 4.
void post_provider_fee(db::Tx& tx, const Order& order, Id payment_id, std::int64_t amount,
                       std::string_view currency, std::string_view reference);
// A dispute holds money back, ends with it coming back, or loses it. source: payments 21, 10.5.
enum class DisputeStep { opened, won, lost };
void post_dispute(db::Tx& tx, const Order& order, Id payment_id, std::int64_t amount, DisputeStep step,
                  std::string_view reference);
// A provider paid out to the bank. Below zero: it took back.
void post_payout(db::Tx& tx, Id conference_id, std::string_view from_account, std::int64_t amount,
                 std::string_view currency, std::string_view reference, bool is_test);
// A gift, which stands in the real books, was spent on a test order, or came back from it (below zero): so
// much of it moves between the books.
void post_gift_tried_out(db::Tx& tx, const Order& order, Id credit_id, std::int64_t amount);
// What remained of a credit when it expired.
void post_credit_expired(db::Tx& tx, Id conference_id, Id credit_id, std::int64_t amount,
                         std::string_view currency);

// Newest first where nothing else is said. Of one order: oldest first.
std::vector<LedgerEntry> ledger_of_order(db::Tx& tx, Id order_id);

// Which entries: of which time, real ones or those of test orders.
struct LedgerRange {
  std::optional<Instant> from, until;  // from included, until not
  bool is_test = false;
  std::string currency = {};  // only what moved in it; empty: every currency, for callers that know of one
};
struct AccountFigure {
  std::string account;
  std::int64_t debit = 0, credit = 0;
  std::int64_t balance() const { return debit - credit; }
};
// Each account that moved, in the order of ledger_accounts. Balances add up to zero.
std::vector<AccountFigure> ledger_figures(db::Tx& tx, Id conference_id, const LedgerRange& range);
// How much went from one account to another: "credit", "debit", sum.
struct Flow {
  std::string debit, credit;
  std::int64_t amount = 0, entries = 0;
};
std::vector<Flow> ledger_flows(db::Tx& tx, Id conference_id, const LedgerRange& range);

// A page of entries, newest first, below `before_id` (nothing: from the newest).
struct LedgerFilter {
  LedgerRange range;
  std::string account;  // on either side; empty: any
  std::optional<Id> order_id;
  std::optional<EntryKind> kind;
};
std::vector<LedgerEntry> ledger_entries(db::Tx& tx, Id conference_id, const LedgerFilter& filter,
                                        std::optional<Id> before_id, int limit);

// Recounts the ledger from orders, payments, refunds and credits: every difference, for people. Reads only.
std::vector<std::string> verify_ledger(db::Tx& tx, Id conference_id);

}  // namespace plenary::registration
