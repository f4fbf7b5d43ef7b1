// Statements as CSV: which row has the heads, what each column holds, how dates and amounts are written, and
// the entries. source: the exports of German, Austrian, Swiss, British and American banks, as they are
// documented.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "domain/payments/statement_texts.hpp"
#include "domain/payments/statements.hpp"

namespace plenary::payments {
namespace {

using enum ColumnRole;
using Cells = std::vector<std::string>;
constexpr std::size_t rows_before_heads = 40, sample_rows = 5;
constexpr std::size_t most_faults = 200;

// The currency that a head names: "Betrag (EUR)", "Amount (€)".
std::string currency_in(std::string_view head) {
  const std::size_t open = head.find('('), close = head.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  const std::string inside = ascii_upper(trimmed(head.substr(open + 1, close - open - 1)));
  if (inside == "\xE2\x82\xAC") return "EUR";
  return Currency::find(inside) ? inside : std::string();
}

// What the columns hold, by their heads. A role that is there already is not given again, but for remittance.
std::vector<ColumnRole> roles_of(const Cells& heads) {
  std::vector<ColumnRole> roles;
  const auto has = [&](ColumnRole role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  for (const std::string& head : heads) {
    const ColumnRole role = role_of_head(head);
    roles.push_back(role != remittance && has(role) ? none : role);
  }
  // Where nothing else says what a transfer was for, the bank's text does.
  if (!has(remittance))
    for (ColumnRole& role : roles)
      if (role == kind) {
        role = remittance;
        break;
      }
  return roles;
}

bool is_usable(const std::vector<ColumnRole>& roles) {
  const auto has = [&](ColumnRole role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  return (has(booked_on) || has(value_date)) && (has(amount) || has(debit) || has(credit));
}

// Which mark stands before the decimals, by what the cells cannot mean otherwise.
char guessed_mark(const std::vector<CsvRow>& rows, std::size_t first, const std::vector<ColumnRole>& roles,
                  char otherwise) {
  int commas = 0, points = 0;
  for (std::size_t at = first; at < rows.size(); ++at)
    for (std::size_t column = 0; column < std::min(roles.size(), rows[at].cells.size()); ++column) {
      if (roles[column] != amount && roles[column] != debit && roles[column] != credit) continue;
      const std::string& cell = rows[at].cells[column];
      const std::size_t comma = cell.rfind(','), point = cell.rfind('.');
      if (comma == std::string::npos && point == std::string::npos) continue;
      const bool both = comma != std::string::npos && point != std::string::npos;
      const std::size_t last = both ? std::max(comma, point) : std::min(comma, point);
      const char mark = cell[last];
      std::size_t digits = 0;
      while (last + 1 + digits < cell.size() && cell[last + 1 + digits] >= '0' &&
             cell[last + 1 + digits] <= '9')
        ++digits;
      const bool repeats = cell.find(mark) != last;
      if (!both && !repeats && digits == 3) continue;  // could be either
      const bool is_decimal = both || !repeats;
      ++((mark == ',') == is_decimal ? commas : points);
    }
  if (commas == points) return otherwise;
  return commas > points ? ',' : '.';
}

DateOrder guessed_order(const std::vector<CsvRow>& rows, std::size_t first,
                        const std::vector<ColumnRole>& roles) {
  int days = 0, months = 0, years = 0;
  for (std::size_t at = first; at < rows.size(); ++at)
    for (std::size_t column = 0; column < std::min(roles.size(), rows[at].cells.size()); ++column) {
      if (roles[column] != booked_on && roles[column] != value_date) continue;
      const std::string_view cell = trimmed(rows[at].cells[column]);
      const bool by_day = read_date(cell, DateOrder::day_first).has_value();
      const bool by_month = read_date(cell, DateOrder::month_first).has_value();
      if (cell.size() > 4 && cell.substr(0, 4).find_first_not_of("0123456789") == std::string_view::npos)
        ++years;
      else if (by_day && !by_month)
        ++days;
      else if (by_month && !by_day)
        ++months;
    }
  if (years > days && years > months) return DateOrder::year_first;
  return months > days ? DateOrder::month_first : DateOrder::day_first;
}

struct Guess {
  std::vector<CsvRow> rows;
  CsvLayout layout;
  std::size_t heads_at = 0;  // index of the row
  bool is_found = false;
};

Guess guessed(std::string_view text) {
  Guess best;
  std::size_t best_score = 0;
  for (const char separator : {';', ',', '\t', '|'}) {
    std::vector<CsvRow> rows;
    try {
      rows = parse_csv(text, separator, most_entries + rows_before_heads);
    } catch (const CsvError&) {
      continue;
    }
    for (std::size_t at = 0; at < std::min(rows.size(), rows_before_heads); ++at) {
      const std::vector<ColumnRole> roles = roles_of(rows[at].cells);
      if (!is_usable(roles)) continue;
      const auto score =
          roles.size() - static_cast<std::size_t>(std::count(roles.begin(), roles.end(), none));
      if (score <= best_score) continue;
      best_score = score;
      best.layout.separator = separator;
      best.layout.header_line = rows[at].line;
      best.layout.heads = rows[at].cells;
      best.layout.roles = roles;
      best.heads_at = at;
      best.rows = rows;
      best.is_found = true;
    }
  }
  return best;
}

// Where people correct what was not recognised: the longest of the first rows has the heads.
Guess taken_as_it_is(std::string_view text) {
  Guess guess;
  guess.layout.separator = csv_separator(text);
  guess.rows = parse_csv(text, guess.layout.separator, most_entries + rows_before_heads);
  for (std::size_t at = 0; at < std::min(guess.rows.size(), rows_before_heads); ++at)
    if (guess.rows[at].cells.size() > guess.rows[guess.heads_at].cells.size()) guess.heads_at = at;
  if (guess.rows.empty()) return guess;
  guess.layout.header_line = guess.rows[guess.heads_at].line;
  guess.layout.heads = guess.rows[guess.heads_at].cells;
  guess.layout.roles = roles_of(guess.layout.heads);
  return guess;
}

// An amount that went out, by the letter beside it; nothing: neither.
std::optional<bool> is_outgoing(std::string_view letter) {
  const std::string text = ascii_lower(trimmed(letter));
  for (const std::string_view out : {"s", "d", "soll", "debit", "dr", "dbit", "-", "belastung"})
    if (text == out) return true;
  for (const std::string_view in : {"h", "c", "haben", "credit", "cr", "crdt", "+", "gutschrift"})
    if (text == in) return false;
  return std::nullopt;
}

bool is_balance_row(std::string_view cell) {
  const std::string text = folded_head(cell);
  for (const std::string_view word : {"kontostand", "saldo", "balance", "summe", "total", "anfangssaldo",
                                      "endsaldo", "letzterkontostand", "openingbalance", "closingbalance"})
    if (text == word || text.starts_with(word)) return true;
  return false;
}

class Reader {
 public:
  Reader(const StatementReading& reading, StatementFile& file) : reading_(reading), file_(file) {
    file_.statements.emplace_back();
    for (const std::string& head : file.layout.heads)
      if (head_currency_.empty()) head_currency_ = currency_in(head);
  }

  void preamble(const Cells& cells) {
    for (const std::string& cell : cells)
      if (const std::string iban = account_of(cell); statement().account.empty() && looks_like_iban(iban))
        statement().account = iban;
  }

  void row(const CsvRow& row) {
    row_ = &row;
    const std::string_view booked = cell(booked_on), valued = cell(value_date);
    const bool no_amount =
        trimmed(cell(amount)).empty() && trimmed(cell(debit)).empty() && trimmed(cell(credit)).empty();
    if (trimmed(booked).empty() && trimmed(valued).empty() && no_amount) return;
    if (is_balance_row(row.cells.front()) || is_pending()) return;
    const std::size_t before = file_.faults.size();
    StatementEntry entry;
    entry.line = row.line;
    entry.currency = currency_of();
    if (const auto date = date_in(value_date, valued)) entry.value_date = date;
    if (trimmed(booked).empty() && entry.value_date)
      entry.booked_on = *entry.value_date;
    else if (const auto date = date_in(booked_on, booked))
      entry.booked_on = *date;
    else if (trimmed(booked).empty())
      fault(booked_on, message("There is no date here."));
    if (no_amount)
      fault(amount, message("There is no amount here."));
    else if (Currency::find(entry.currency))
      entry.amount = amount_of(Currency::of(entry.currency));
    if (file_.faults.size() != before) return;
    if (entry.amount == 0) return;  // notes of the bank

    entry.kind = clean_text(joined(kind), 200);
    entry.remittance = clean_text(joined(remittance), 2000);
    entry.end_to_end_id = clean_id(cell(end_to_end_id));
    entry.bank_reference = clean_id(cell(bank_reference));
    std::string_view name = cell(counterparty);
    if (trimmed(name).empty()) name = cell(entry.amount > 0 ? payer : payee);
    if (trimmed(name).empty() && !(has(payer) && has(payee))) name = cell(entry.amount > 0 ? payee : payer);
    entry.counterparty = clean_text(name, 200);
    entry.counterparty_iban = account_of(cell(counterparty_iban)).substr(0, 50);
    if (statement().account.empty()) statement().account = account_of(cell(account)).substr(0, 50);
    if (statement().currency.empty()) statement().currency = entry.currency;
    if (!statement().from || entry.booked_on < *statement().from) statement().from = entry.booked_on;
    if (!statement().until || entry.booked_on > *statement().until) statement().until = entry.booked_on;
    statement().entries.push_back(std::move(entry));
  }

  bool is_full() const { return file_.faults.size() >= most_faults; }

 private:
  Statement& statement() { return file_.statements.front(); }
  bool has(ColumnRole role) const {
    const auto& roles = file_.layout.roles;
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
  std::string_view cell(ColumnRole role) const {
    const auto& roles = file_.layout.roles;
    for (std::size_t at = 0; at < std::min(roles.size(), row_->cells.size()); ++at)
      if (roles[at] == role) return formula_restored(row_->cells[at]);
    return {};
  }
  std::string joined(ColumnRole role) const {
    std::string text;
    const auto& roles = file_.layout.roles;
    for (std::size_t at = 0; at < std::min(roles.size(), row_->cells.size()); ++at) {
      if (roles[at] != role || trimmed(row_->cells[at]).empty()) continue;
      if (!text.empty()) text += ' ';
      text += formula_restored(row_->cells[at]);
    }
    return text;
  }
  std::string head_of(ColumnRole role) const {
    const auto& roles = file_.layout.roles;
    for (std::size_t at = 0; at < std::min(roles.size(), file_.layout.heads.size()); ++at)
      if (roles[at] == role) return clean_text(file_.layout.heads[at], 80);
    return {};
  }
  void fault(ColumnRole role, const char* text, Refused::Arguments arguments = {}) {
    file_.faults.push_back({row_->line, head_of(role), text, std::move(arguments)});
  }
  bool is_pending() const {
    const std::string text = ascii_lower(cell(status));
    return text.find("vorgemerkt") != std::string::npos || text.find("pending") != std::string::npos ||
           text.find("reverted") != std::string::npos || text.find("declined") != std::string::npos;
  }
  std::string currency_of() {
    std::string code = ascii_upper(trimmed(cell(currency)));
    if (code == "\xE2\x82\xAC") code = "EUR";
    if (code.empty()) code = head_currency_.empty() ? reading_.currency : head_currency_;
    if (!Currency::find(code))
      fault(currency, message("“{found}” is no currency; a code such as EUR is expected."),
            {{"found", clean_text(code, 40)}});
    return code;
  }
  std::optional<Date> date_in(ColumnRole role, std::string_view text) {
    if (trimmed(text).empty()) return std::nullopt;
    const auto date = read_date(text, file_.layout.dates);
    if (!date)
      fault(role, message("“{found}” is no date in this order: {order}."),
            {{"found", clean_text(text, 40)},
             {"order", file_.layout.dates == DateOrder::day_first     ? "31.12.2026"
                       : file_.layout.dates == DateOrder::month_first ? "12/31/2026"
                                                                      : "2026-12-31"}});
    return date;
  }
  std::optional<std::int64_t> amount_in(ColumnRole role, Currency of) {
    const std::string_view text = cell(role);
    if (trimmed(text).empty()) return std::nullopt;
    const auto value = read_amount(text, file_.layout.decimal_mark, of.exponent());
    if (!value)
      fault(role, message("“{found}” is no amount in {currency} with {mark} before the decimals."),
            {{"found", clean_text(text, 40)},
             {"currency", std::string(of.code())},
             {"mark", file_.layout.decimal_mark == ',' ? "a comma" : "a point"}});
    return value;
  }
  std::int64_t amount_of(Currency of) {
    const auto single = amount_in(amount, of);
    if (single) {
      const std::string_view letter = cell(direction);
      if (trimmed(letter).empty()) return *single;
      const auto out = is_outgoing(letter);
      if (!out) {
        fault(direction,
              message("“{found}” does not say whether the money came or went: S or H, D or C is expected."),
              {{"found", clean_text(letter, 40)}});
        return 0;
      }
      return *out ? -std::abs(*single) : std::abs(*single);
    }
    const auto out = amount_in(debit, of), in = amount_in(credit, of);
    if (out && in && *out != 0 && *in != 0)
      fault(debit, message("An entry has an amount that came and one that went; one of them is expected."));
    return in.value_or(0) != 0 ? std::abs(*in) : -std::abs(out.value_or(0));
  }

  const StatementReading& reading_;
  StatementFile& file_;
  const CsvRow* row_ = nullptr;
  std::string head_currency_;
};

}  // namespace

StatementFile read_csv_statement(std::string_view bytes, const StatementReading& reading) {
  StatementFile file;
  file.format = StatementFormat::csv;
  try {
    const DecodedText decoded = decoded_text(bytes);
    Guess guess;
    if (reading.layout) {
      guess.layout = *reading.layout;
      guess.rows = parse_csv(decoded.text, guess.layout.separator, most_entries + rows_before_heads);
      const auto heads = std::find_if(guess.rows.begin(), guess.rows.end(), [&](const CsvRow& row) {
        return row.line >= guess.layout.header_line;
      });
      guess.heads_at = static_cast<std::size_t>(heads - guess.rows.begin());
      if (heads != guess.rows.end()) guess.layout.heads = heads->cells;
      guess.layout.roles.resize(guess.layout.heads.size(), none);
      guess.is_found = is_usable(guess.layout.roles) && heads != guess.rows.end();
    } else {
      guess = guessed(decoded.text);
      if (!guess.is_found) guess = taken_as_it_is(decoded.text);
      guess.layout.decimal_mark = guessed_mark(guess.rows, guess.heads_at + 1, guess.layout.roles,
                                               guess.layout.separator == ';' ? ',' : '.');
      guess.layout.dates = guessed_order(guess.rows, guess.heads_at + 1, guess.layout.roles);
    }
    file.layout = guess.layout;
    for (std::size_t at = guess.heads_at + 1; at < guess.rows.size() && file.sample.size() < sample_rows;
         ++at)
      file.sample.push_back(guess.rows[at].cells);
    if (guess.rows.empty()) {
      file.faults.push_back({0, "", message("The file is empty.")});
      return file;
    }
    if (!guess.is_found) {
      file.faults.push_back({guess.layout.header_line, "",
                             message("No column was recognised as the date, or none as the amount. Say below "
                                     "what the columns hold.")});
      return file;
    }
    Reader reader(reading, file);
    for (std::size_t at = 0; at < guess.heads_at; ++at) reader.preamble(guess.rows[at].cells);
    for (std::size_t at = guess.heads_at + 1; at < guess.rows.size(); ++at) {
      reader.row(guess.rows[at]);
      if (!reader.is_full()) continue;
      file.faults.push_back(
          {guess.rows[at].line, "", message("There is more like this; the rest was not read.")});
      break;
    }
    if (file.faults.empty() && file.statements.front().entries.empty())
      file.faults.push_back({0, "", message("There is no entry below the heads.")});
    if (!file.faults.empty()) file.statements.clear();
    for (Statement& statement : file.statements) give_references(statement);
  } catch (const CsvError& error) {
    file.statements.clear();
    file.faults.push_back({error.line, "", message("This is no table: {why}."), {{"why", error.what()}}});
  }
  return file;
}

}  // namespace plenary::payments
