// Bank statements as files: CSV as banks write it, with the columns guessed and correctable, and CAMT.053
// (ISO 20022, versions 02 and 08) into entries that say what moved, when, from whom and for what. Pure; any
// thread. Nothing is thrown for what a file says: all faults are collected, each with its place, and a file
// with a fault yields no entries to import. source: payments 21, 5.3; docs/payments.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/time.hpp"

namespace plenary::payments {

// One movement on the account.
struct StatementEntry {
  std::int64_t amount = 0;  // minor units; below zero: it went out
  std::string currency;
  Date booked_on;
  std::optional<Date> value_date;
  // The bank's own number of it; where the bank gives none, one made of what the entry says, alike for the
  // same entry in another file.
  std::string bank_reference;
  std::string end_to_end_id, counterparty, counterparty_iban;
  std::string remittance;  // what the payer wrote, lines joined by a blank
  std::string kind;        // the bank's words for it
  bool is_reversal = false;
  bool is_batch = false;  // several transfers that the file does not tell apart
  std::size_t line = 0;   // in the file
  friend bool operator==(const StatementEntry&, const StatementEntry&) = default;
};

struct Statement {
  std::string account;   // IBAN or number without blanks; empty: the file does not say
  std::string currency;  // of the account; empty: the file does not say
  std::string number;    // the bank's, of the statement
  std::optional<Date> from, until;
  std::optional<std::int64_t> opening_balance, closing_balance;
  std::vector<StatementEntry> entries;
};

// What is wrong, and where. `text` is English with {name} places and says what was found and what is
// expected.
struct StatementFault {
  std::size_t line = 0;  // 0: the file as a whole
  std::string place;     // the column's head, or the element's path; empty: the line as a whole
  std::string text;
  Refused::Arguments arguments = {};
};
std::string to_string(const StatementFault& fault);  // English: "line 7, Betrag: …"

enum class StatementFormat { csv, camt };

// What a column holds. `debit`: amounts that went out, in a column of their own. `direction`: says by letters
// which way the amount went (S and H, D and C).
enum class ColumnRole {
  none,
  booked_on,
  value_date,
  amount,
  debit,
  credit,
  direction,
  currency,
  counterparty,
  counterparty_iban,
  remittance,
  end_to_end_id,
  bank_reference,
  kind,
  account,
  status,
  payer,
  payee
};
inline constexpr std::array<std::string_view, 18> column_roles{
    "none",       "booked_on",     "value_date",     "amount",       "debit",
    "credit",     "direction",     "currency",       "counterparty", "counterparty_iban",
    "remittance", "end_to_end_id", "bank_reference", "kind",         "account",
    "status",     "payer",         "payee"};
std::string_view to_text(ColumnRole role);
std::optional<ColumnRole> column_role(std::string_view text);

enum class DateOrder { day_first, month_first, year_first };
std::string_view to_text(DateOrder order);
std::optional<DateOrder> date_order(std::string_view text);

// How a CSV file is to be read. What is guessed can be changed and given back.
struct CsvLayout {
  char separator = ';';
  std::size_t header_line = 0;     // of the heads, from 1
  std::vector<std::string> heads;  // as the file has them
  std::vector<ColumnRole> roles;   // one a head
  DateOrder dates = DateOrder::day_first;
  char decimal_mark = ',';
  friend bool operator==(const CsvLayout&, const CsvLayout&) = default;
};

struct StatementFile {
  StatementFormat format = StatementFormat::csv;
  std::vector<Statement> statements;
  std::vector<StatementFault> faults;  // any: nothing of it is imported
  // Of CSV: how it was read, and the first rows as they stand in the file, for correcting it.
  CsvLayout layout = {};
  std::vector<std::vector<std::string>> sample = {};
};

struct StatementReading {
  std::string currency;                  // of the conference: of entries whose file names none
  std::optional<CsvLayout> layout = {};  // nothing: guessed
};
inline constexpr std::size_t largest_statement = 16u << 20;  // bytes
inline constexpr std::size_t most_entries = 50'000;

// By what the file begins with: XML is CAMT, all else CSV.
StatementFile read_statement(std::string_view bytes, const StatementReading& reading);
StatementFile read_csv_statement(std::string_view bytes, const StatementReading& reading);
StatementFile read_camt_statement(std::string_view bytes, const StatementReading& reading);

// What such a column's head would be, for tests and the page's help: the role that a head is taken for.
ColumnRole role_of_head(std::string_view head);
// "1.234,56", "-12.00", "100,00-", "1'234.50", "(5.00)", "€ 7" in minor units; nothing: no such amount, or
// more decimals than the currency has.
std::optional<std::int64_t> read_amount(std::string_view text, char decimal_mark, int exponent);
std::optional<Date> read_date(std::string_view text, DateOrder order);

// Used by both readers.
void give_references(Statement& statement);  // to entries without one

}  // namespace plenary::payments
