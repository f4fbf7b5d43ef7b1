// Bank statements kept: imported entries, the orders or refunds each is for, and what was done with them. An
// entry is kept once for each account and bank's number, so a file imported twice changes nothing; it is
// booked once. Blocking functions of a database: any thread that may wait (slow pool, worker). Functions of a
// transaction: in the conference's lane. Refused before anything is written, but where said. source: payments
// 21, 5.3 and 10.2; docs/payments.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/entity.hpp"
#include "domain/conference/audit.hpp"
#include "domain/payments/statement_matching.hpp"
#include "domain/payments/statements.hpp"
#include "domain/registration/money_in.hpp"

namespace plenary::payments {

// A file's statement of one account.
struct BankStatement {
  Id id = 0, conference_id = 0;
  std::string format;  // "csv", "camt"
  std::string file_name, account, currency, number;
  std::optional<Date> from_date, until_date;
  std::optional<std::int64_t> opening_balance, closing_balance;
  std::int64_t entries = 0, added = 0;  // in the file; of them, not known before
  std::optional<Id> import_id;          // the first statement of its file, itself too
  std::optional<Id> created_by;
  Instant created_at;
};

// fresh ("new"): nothing speaks for an order. matched: a proposal waits. booked: it is a payment, or a refund
// that was paid out. ignored: not of this conference. refunded: it went back to whoever sent it, for no
// order.
enum class EntryState { fresh, matched, booked, ignored, refunded };
std::string_view to_text(EntryState state);
std::optional<EntryState> entry_state(std::string_view text);

struct BankEntry {
  Id id = 0, conference_id = 0, statement_id = 0;
  std::string account, bank_reference;  // together unique in the conference
  Date booked_on;
  std::optional<Date> value_date;
  std::int64_t amount = 0;  // minor units; below zero: it went out
  std::string currency, counterparty, counterparty_iban, remittance, end_to_end_id, kind;
  bool is_reversal = false, is_batch = false;
  EntryState state = EntryState::fresh;
  Certainty certainty = Certainty::none;
  std::int64_t score = 0;
  std::string explanation = "[]";     // JSON: reasons_of
  std::optional<Id> duplicate_of_id;  // likely the same movement, told by another file
  std::string note;                   // of who decided
  std::optional<Id> decided_by;
  std::optional<Instant> decided_at;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};
std::vector<MatchReason> reasons_of(const BankEntry& entry);

// What an entry is for: proposed, or booked when it has a payment or is paid out.
struct BankShare {
  Id id = 0, entry_id = 0, order_id = 0;
  std::optional<Id> refund_id;   // of money that went out
  std::int64_t amount = 0;       // of the entry, above zero
  std::optional<Id> payment_id;  // once booked
};

const db::Entity<BankStatement>& bank_statement_table();
const db::Entity<BankEntry>& bank_entry_table();
const db::Entity<BankShare>& bank_share_table();

// ---- importing

struct Imported {
  std::vector<Id> statements;
  std::int64_t entries = 0, added = 0, known = 0;
  std::int64_t exact = 0, likely = 0, unclear = 0, unmatched = 0;  // of the added ones
  std::int64_t duplicates = 0;                                     // likewise: likely known from another file
};
// Keeps what the file says and looks for what it is for. Refused("faulty") for a file with faults. Cut off in
// the middle, it is simply imported again; a file without anything new leaves nothing behind.
Imported import_statements(db::Database& database, const registration::Shop& shop, Id conference_id,
                           const StatementFile& file, std::string_view file_name,
                           const conference::Actor& actor);
// Looks again at all entries that nobody decided: after orders came or were paid. How many proposals changed.
std::int64_t match_again(db::Database& database, const registration::Shop& shop, Id conference_id);

// The statements that came with this one, of one file in one import, itself too; by id.
std::vector<BankStatement> statements_of_import(db::Tx& tx, const BankStatement& statement);
// Takes an import back, all of the file's statements or this one alone: their entries are gone, and what was
// decided about them. Nothing of it while one of them is booked: Refused("booked"), naming those that stand
// against it. NotFound for one of another conference. How many entries.
enum class UndoScope { whole_file, one_statement };
std::int64_t undo_import(db::Tx& tx, Id conference_id, Id statement_id, UndoScope scope,
                         const conference::Actor& actor);
// A person says that it is another movement than the one it looks like.
void not_a_duplicate(db::Tx& tx, Id conference_id, Id entry_id, const conference::Actor& actor);

// ---- looking

std::vector<BankStatement> bank_statements(db::Tx& tx, Id conference_id, int limit = 100);  // newest first
struct EntryFilter {
  std::optional<EntryState> state = {};
  std::optional<Certainty> certainty = {};
  std::optional<Id> statement_id = {};
  std::optional<bool> is_outgoing = {};
  std::string text = {};  // in what the payer wrote, the name or the account
};
struct ListedShare {
  BankShare share;
  std::string order_reference, order_status, buyer;
  std::int64_t order_total = 0, due = 0;  // due now, by transfer
};
struct ListedEntry {
  BankEntry entry;
  std::vector<ListedShare> shares;
  // Of a likely duplicate: what became of the other, and the file that told it.
  std::optional<BankEntry> other;
  std::string other_file;
};
// By value date, newest first; `offset` for pages.
std::vector<ListedEntry> bank_entries(db::Tx& tx, const registration::Shop& shop, Id conference_id,
                                      const EntryFilter& filter, int limit = 50, int offset = 0);
std::optional<ListedEntry> find_bank_entry(db::Tx& tx, const registration::Shop& shop, Id conference_id,
                                           Id entry_id);
struct EntryCounts {
  std::int64_t fresh = 0, matched = 0, booked = 0, ignored = 0, refunded = 0;
  std::int64_t exact = 0, exact_amount = 0;  // waiting, beyond doubt, money that came
};
EntryCounts count_entries(db::Tx& tx, Id conference_id);

// ---- deciding

struct Booking {
  Id entry_id = 0;
  std::vector<MatchShare> shares = {};  // add up to the entry; none: those proposed
  bool excess_as_credit = false;        // what is above what an order needs
  std::string note = {};
  std::optional<std::int64_t> version = {};  // of the entry as it was shown
};
struct Booked {
  std::vector<registration::MoneyIn> payments;  // one a share that is an order
  bool is_repeat = false;                       // it was booked before; nothing was done
};
// One entry, in the caller's write, each share by the table for late money (registration::take_transfer), or
// as a refund that is paid out. Refused: duplicate (until somebody says that it is none), decided (ignored or
// refunded), shares (none; they do not add up, telling the figures; twice the same order), currency,
// direction, changed_meanwhile, and those of take_transfer.
Booked book_entry(db::Tx& tx, const registration::Shop& shop, Id conference_id, const Booking& booking,
                  const conference::Actor& actor);
// All entries that are beyond doubt and still are now, each in a write of its own; others are matched again.
// Until `goes_on` says no.
struct BookedAll {
  std::int64_t booked = 0, amount = 0, left = 0;  // left: no longer beyond doubt
};
BookedAll book_exact(
    db::Database& database, const registration::Shop& shop, Id conference_id, const conference::Actor& actor,
    const std::function<bool()>& goes_on = [] { return true; });
// Refused("decided") for one that is booked. Ignored ones come back with `take_up_again`.
void ignore_entry(db::Tx& tx, Id conference_id, Id entry_id, std::string_view note,
                  const conference::Actor& actor);
void mark_entry_refunded(db::Tx& tx, Id conference_id, Id entry_id, std::string_view note,
                         const conference::Actor& actor);
void take_up_again(db::Tx& tx, Id conference_id, Id entry_id, const conference::Actor& actor);

}  // namespace plenary::payments
