// Comma-separated values, both ways: files as people's spreadsheets write them (any separator and encoding of
// the common ones) into rows of cells that know their line, and texts into cells that no spreadsheet runs as
// a formula. Pure; any thread. Errors: CsvError with the line. source: RFC 4180; docs/design.md, section 6.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

// Something that is no table; nothing of it is used.
class CsvError : public std::runtime_error {
 public:
  CsvError(std::size_t line_number, const std::string& what) : std::runtime_error(what), line(line_number) {}
  std::size_t line;
};

enum class TextEncoding { utf8, utf8_with_bom, utf16, windows_1252 };
struct DecodedText {
  std::string text;  // UTF-8, without a byte order mark
  TextEncoding encoding = TextEncoding::utf8;
};
// By the byte order mark; without one UTF-8 where it is valid, else Windows-1252. CsvError (line 1) for what
// holds NUL bytes: it is no text.
DecodedText decoded_text(std::string_view bytes);
std::string_view name_of(TextEncoding encoding);  // "UTF-8", "Windows-1252"

// The separator of the first line: comma, semicolon or tab, whichever stands there most often outside quotes.
char csv_separator(std::string_view text);

struct CsvRow {
  std::size_t line = 0;  // of its first character, from 1
  std::vector<std::string> cells;
};
// Rows without blank lines. CsvError: a quote that is never closed, text behind a closing quote, more than
// `most_rows` rows (their number in the message).
std::vector<CsvRow> parse_csv(std::string_view text, char separator, std::size_t most_rows);

// With a ' in front where a spreadsheet would calculate: = + - @ tab CR LF first, also after blanks.
std::string without_formula(std::string_view text);
// The other way round: what without_formula was given.
std::string_view formula_restored(std::string_view cell);
// In quotes where it needs them; any of , ; tab " CR LF.
std::string csv_field(std::string_view text);
// A line of cells that people wrote, made harmless, with its end.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace plenary
