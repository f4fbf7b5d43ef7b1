// Vouchers as a table that people edit in a spreadsheet, out and in. In: separator and encoding are found
// out, every problem of every row is told at once with its line and column, and a table with a problem
// changes nothing. Columns that are left out keep what is stored. One thread at a time; the reading part is
// pure. Errors: CsvError for what is no table; Refused while writing. source: registration 20, 5 and D13.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {

inline constexpr std::size_t most_sheet_rows = 10'000;
inline constexpr std::size_t sheet_piece = 100;  // rows a write: each is a voucher with its stock
inline constexpr std::size_t sheet_look = 500;   // rows a read

// How amounts and times of day are meant, and where the shop is: the whole address, for links.
struct SheetTerms {
  Id conference_id = 0;
  Currency currency;
  TimeZone zone = TimeZone::utc();
  std::string shop_url = {};
};

struct SheetProblem {
  std::size_t line = 0;
  std::string column;  // "percent"; empty: the row as a whole
  std::string text;    // English, with {name} places; translated when shown
  Refused::Arguments arguments;
  std::string message() const { return fill(text, arguments); }
};

struct VoucherSheet {
  std::vector<std::string> columns;  // as known here, of each cell; empty: one that is only for looking at
  std::vector<CsvRow> rows;          // without the head
  char separator = ',';
  TextEncoding encoding = TextEncoding::utf8;
  std::vector<SheetProblem> problems;  // of the head, and codes that stand there twice
};
// Never throws: what is no table is one problem.
VoucherSheet read_sheet(std::string_view bytes);
const std::vector<std::string>& sheet_columns();  // in the order of an export

enum class ExistingCodes { refuse, update };

struct PlannedVoucher {
  std::size_t line = 0;
  Voucher voucher;  // id 0: a new one
  ScopedProducts products;
  std::vector<conference::AuditChange> changes;  // of one that is there; empty: it was like this already
};
struct SheetPlan {
  std::vector<PlannedVoucher> vouchers;
  std::vector<SheetProblem> problems;
  std::int64_t added = 0, changed = 0, unchanged = 0;
  void add(SheetPlan other);
};
// What some rows come to, held against what is stored. Reads only.
SheetPlan plan_rows(db::Tx& tx, const SheetTerms& terms, const VoucherSheet& sheet,
                    std::span<const CsvRow> rows, ExistingCodes existing);

// The same, written: each voucher with its entry in the record of changes. Refused("sheet") with line and
// column of the first problem: somebody changed something since it was planned.
SheetPlan write_rows(db::Tx& tx, const SheetTerms& terms, const VoucherSheet& sheet,
                     std::span<const CsvRow> rows, ExistingCodes existing, const conference::Actor& actor);

// Out, by key: the lines of the next vouchers after one (0: from the first), with the id of the last.
std::string sheet_head();
struct SheetLines {
  std::string text;
  Id last = 0;  // 0: there are no more
};
SheetLines sheet_lines(db::Tx& tx, const SheetTerms& terms, Id after, std::int64_t limit,
                       std::optional<Id> batch_id);

}  // namespace plenary::registration
