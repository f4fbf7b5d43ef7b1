// Cells of a table as people write them: percents and amounts with comma or point, yes and no in some words,
// days and times of day. Private to voucher_sheet.cpp and its tests. Pure; any thread. An empty cell is what
// a new voucher starts with, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration {

struct CellProblem {
  std::string text;  // English, with {name} places
  Refused::Arguments arguments;
};

std::optional<CellProblem> read_choice(std::string_view text, VoucherType& type);
std::optional<CellProblem> read_percent(std::string_view text, Decimal& percent);
std::optional<CellProblem> read_amount(std::string_view text, Currency currency,
                                       std::optional<std::int64_t>& minor);
std::optional<CellProblem> read_count(std::string_view text, std::optional<std::int64_t>& count);
std::optional<CellProblem> read_flag(std::string_view text, bool usual, bool& value);
// "2027-05-14" (its first instant, or with `end` its last), "2027-05-14 09:30", "2027-05-14T09:30:00Z".
std::optional<CellProblem> read_moment(std::string_view text, TimeZone zone, bool end,
                                       std::optional<Instant>& moment);
// The other way round, exactly.
std::string moment_cell(const std::optional<Instant>& moment, TimeZone zone, bool end);
std::vector<std::string> words_of(std::string_view text);  // between blanks, commas and semicolons

}  // namespace plenary::registration
