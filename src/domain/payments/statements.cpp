#include "domain/payments/statements.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"

namespace plenary::payments {
namespace {

constexpr std::array<std::string_view, 3> date_orders{"day_first", "month_first", "year_first"};

template <std::size_t N>
std::optional<std::size_t> index_of(const std::array<std::string_view, N>& texts, std::string_view text) {
  for (std::size_t at = 0; at < N; ++at)
    if (texts[at] == text) return at;
  return std::nullopt;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Months by the first letters of their English and German names.
std::optional<int> month_of(std::string_view word) {
  static constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                           "jul", "aug", "sep", "oct", "nov", "dec"};
  std::string lower = ascii_lower(word);
  if (lower.starts_with("m\xC3\xA4r") || lower.starts_with("maer") || lower.starts_with("mrz")) return 3;
  if (lower.starts_with("mai")) return 5;
  if (lower.starts_with("okt")) return 10;
  if (lower.starts_with("dez")) return 12;
  if (lower.size() < 3) return std::nullopt;
  if (const auto at = index_of(months, std::string_view(lower).substr(0, 3)))
    return static_cast<int>(*at) + 1;
  return std::nullopt;
}

std::optional<Date> date_of(int year, int month, int day) {
  if (year < 100) year += 2000;
  if (year < 1990 || year > 2200) return std::nullopt;
  return Date::of(year, month, day);
}

// What an entry says, for a number of its own where the bank gives none.
std::string content_of(const StatementEntry& entry) {
  std::string text = fmt::format("{}|{}|{}|{}|", entry.booked_on.to_string(), entry.amount, entry.currency,
                                 entry.is_reversal);
  for (const std::string* part : {&entry.counterparty, &entry.counterparty_iban, &entry.end_to_end_id,
                                  &entry.remittance, &entry.kind}) {
    for (const char c : *part)
      if (c != ' ') text += c;
    text += '|';
  }
  return text;
}

}  // namespace

std::string_view to_text(ColumnRole role) {
  return column_roles.at(static_cast<std::size_t>(role));
}
std::optional<ColumnRole> column_role(std::string_view text) {
  if (const auto at = index_of(column_roles, text)) return static_cast<ColumnRole>(*at);
  return std::nullopt;
}
std::string_view to_text(DateOrder order) {
  return date_orders.at(static_cast<std::size_t>(order));
}
std::optional<DateOrder> date_order(std::string_view text) {
  if (const auto at = index_of(date_orders, text)) return static_cast<DateOrder>(*at);
  return std::nullopt;
}

std::string to_string(const StatementFault& fault) {
  std::string text;
  if (fault.line > 0) text += fmt::format("line {}", fault.line);
  if (!fault.place.empty()) text += fmt::format("{}{}", text.empty() ? "" : ", ", fault.place);
  if (!text.empty()) text += ": ";
  return text + fill(fault.text, fault.arguments);
}

std::optional<std::int64_t> read_amount(std::string_view text, char decimal_mark, int exponent) {
  std::string plain;
  bool negative = false, in_brackets = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("\xE2\x88\x92")) {  // minus sign
      plain += '-';
      at += 2;
    } else if (rest.starts_with("\xE2\x80\x99")) {  // thousands of Swiss banks
      at += 2;
    } else if (is_digit(c) || c == '.' || c == ',' || c == '-' || c == '+') {
      plain += c;
    } else if (c == '(' || c == ')') {
      in_brackets = true;
    } else if (is_digit(plain.empty() ? 'x' : plain.back()) && at + 1 < text.size() &&
               is_digit(text[at + 1]) && c != ' ' && c != '\'' && static_cast<unsigned char>(c) < 0x80) {
      return std::nullopt;  // "12a34"
    }
  }
  if (plain.starts_with('-') || plain.ends_with('-') || in_brackets) negative = true;
  if (plain.starts_with('-') || plain.starts_with('+')) plain.erase(0, 1);
  if (plain.ends_with('-') || plain.ends_with('+')) plain.pop_back();
  const std::size_t mark = plain.rfind(decimal_mark);
  std::string whole = plain.substr(0, mark);
  std::string fraction = mark == std::string::npos ? std::string() : plain.substr(mark + 1);
  // Whole groups of three, but for the first.
  const char group_mark = decimal_mark == ',' ? '.' : ',';
  std::string digits;
  std::size_t since = 0;
  bool grouped = false;
  for (const char c : whole) {
    if (c == group_mark) {
      if (digits.empty() || since > 3 || (grouped && since != 3)) return std::nullopt;
      grouped = true;
      since = 0;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    digits += c;
    ++since;
  }
  if (grouped && since != 3) return std::nullopt;
  for (const char c : fraction)
    if (!is_digit(c)) return std::nullopt;
  if (digits.empty() && fraction.empty()) return std::nullopt;
  while (fraction.size() > static_cast<std::size_t>(exponent)) {
    if (fraction.back() != '0') return std::nullopt;
    fraction.pop_back();
  }
  fraction.append(static_cast<std::size_t>(exponent) - fraction.size(), '0');
  digits += fraction;
  if (digits.size() > 18) digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > 17) return std::nullopt;
  std::int64_t amount = 0;
  for (const char c : digits) amount = amount * 10 + (c - '0');
  return negative ? -amount : amount;
}

std::optional<Date> read_date(std::string_view typed, DateOrder order) {
  const std::string_view text = trimmed(typed);
  std::vector<std::string_view> parts;
  std::string marks;
  for (std::size_t at = 0; at < text.size() && parts.size() < 3;) {
    std::size_t end = at;
    const bool number = is_digit(text[at]);
    const auto belongs = [&](char c) {
      const bool mark = c == '.' || c == '/' || c == '-' || c == ' ' || c == ',' || c == 'T';
      return number ? is_digit(c) : (!is_digit(c) && !mark);
    };
    while (end < text.size() && belongs(text[end])) ++end;
    if (end == at) {  // a mark
      marks += text[at];
      ++at;
      continue;
    }
    parts.push_back(text.substr(at, end - at));
    at = end;
  }
  const auto number = [](std::string_view part) {
    int value = 0;
    if (part.empty() || part.size() > 4) return -1;
    for (const char c : part) {
      if (!is_digit(c)) return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  if (!parts.empty() && parts[0].size() == 8 &&
      parts[0].find_first_not_of("0123456789") == std::string_view::npos)
    return date_of(number(parts[0].substr(0, 4)), number(parts[0].substr(4, 2)),
                   number(parts[0].substr(6, 2)));
  if (parts.size() != 3) return std::nullopt;
  for (const int named : {0, 1}) {  // "26 Nov 2026", "Nov 26, 2026"
    const auto month = month_of(parts[static_cast<std::size_t>(named)]);
    if (!month) continue;
    const int day = number(parts[named == 0 ? 1 : 0]), year = number(parts[2]);
    return day < 0 || year < 0 ? std::nullopt : date_of(year, *month, day);
  }
  const int a = number(parts[0]), b = number(parts[1]), c = number(parts[2]);
  if (a < 0 || b < 0 || c < 0) return std::nullopt;
  if (parts[0].size() == 4) return date_of(a, b, c);
  if (parts[2].size() != 4 && parts[2].size() != 2) return std::nullopt;
  if (order == DateOrder::year_first) return parts[2].size() == 2 ? date_of(a, b, c) : date_of(c, b, a);
  if (order == DateOrder::month_first && marks.find('.') == std::string::npos) return date_of(c, a, b);
  return date_of(c, b, a);
}

void give_references(Statement& statement) {
  std::map<std::string, int> seen;
  std::set<std::string> given;
  for (StatementEntry& entry : statement.entries) {
    std::string reference = entry.bank_reference;
    if (reference.empty()) reference = "content-" + token_hash(content_of(entry)).substr(0, 32);
    // The same number twice in a file: told apart by their order, which is the same in every file.
    do {
      const int count = ++seen[reference];
      entry.bank_reference = count == 1 ? reference : fmt::format("{}-{}", reference, count);
    } while (!given.insert(entry.bank_reference).second);
  }
}

StatementFile read_statement(std::string_view bytes, const StatementReading& reading) {
  if (bytes.size() > largest_statement) {
    StatementFile file;
    file.faults.push_back(
        {0,
         "",
         message("The file has {size} MB; {limit} MB at most are read."),
         {{"size", std::to_string(bytes.size() >> 20)}, {"limit", std::to_string(largest_statement >> 20)}}});
    return file;
  }
  std::string_view begin = bytes;
  if (begin.starts_with("\xEF\xBB\xBF")) begin.remove_prefix(3);
  if (trimmed(begin.substr(0, 200)).starts_with('<')) return read_camt_statement(bytes, reading);
  return read_csv_statement(bytes, reading);
}

}  // namespace plenary::payments
