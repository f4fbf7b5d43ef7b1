#include "base/csv.hpp"

#include <array>
#include <cstdint>

#include "base/text.hpp"

namespace plenary {
namespace {

// Windows-1252 from 0x80 to 0x9F; the five that it leaves open read as what they are in Latin-1.
constexpr std::array<char16_t, 32> windows_1252{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (c >> 18));
    text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string from_utf16(std::string_view bytes, bool little) {
  const auto unit = [&](std::size_t at) {
    const auto low = static_cast<unsigned char>(bytes[at + (little ? 0 : 1)]);
    const auto high = static_cast<unsigned char>(bytes[at + (little ? 1 : 0)]);
    return static_cast<char32_t>(high << 8 | low);
  };
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    char32_t c = unit(at);
    if (c >= 0xD800 && c < 0xDC00 && at + 3 < bytes.size()) {
      const char32_t second = unit(at + 2);
      if (second >= 0xDC00 && second < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (second - 0xDC00);
        at += 2;
      }
    }
    append(text, c >= 0xD800 && c < 0xE000 ? U'\uFFFD' : c);
  }
  return text;
}

}  // namespace

DecodedText decoded_text(std::string_view bytes) {
  DecodedText decoded;
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    decoded.text = from_utf16(bytes.substr(2), bytes.starts_with("\xFF\xFE"));
    decoded.encoding = TextEncoding::utf16;
  } else {
    const bool has_mark = bytes.starts_with("\xEF\xBB\xBF");
    if (has_mark) bytes.remove_prefix(3);
    if (is_valid_utf8(bytes)) {
      decoded.text = std::string(bytes);
      decoded.encoding = has_mark ? TextEncoding::utf8_with_bom : TextEncoding::utf8;
    } else {
      for (const char byte : bytes) {
        const auto c = static_cast<unsigned char>(byte);
        append(decoded.text, c >= 0x80 && c < 0xA0 ? windows_1252[c - 0x80] : c);
      }
      decoded.encoding = TextEncoding::windows_1252;
    }
  }
  if (decoded.text.find('\0') != std::string::npos) throw CsvError(1, "this is no text file");
  return decoded;
}

std::string_view name_of(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf16:
      return "UTF-16";
    case TextEncoding::windows_1252:
      return "Windows-1252";
    default:
      return "UTF-8";
  }
}

char csv_separator(std::string_view text) {
  constexpr std::string_view known = ",;\t";
  std::array<std::size_t, known.size()> counts{};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    if (const std::size_t which = known.find(c); which != std::string_view::npos) ++counts[which];
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < counts.size(); ++i) {
    if (counts[i] > counts[best]) best = i;
  }
  return known[best];
}

std::vector<CsvRow> parse_csv(std::string_view text, char separator, std::size_t most_rows) {
  std::vector<CsvRow> rows;
  std::size_t line = 1, at = 0;
  const auto at_break = [&] { return text[at] == '\n' || text[at] == '\r'; };
  const auto skip_break = [&] {
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
    ++at;
    ++line;
  };
  while (at < text.size()) {
    CsvRow row{line, {}};
    for (;;) {  // cells
      std::string cell;
      if (at < text.size() && text[at] == '"') {
        const std::size_t opened = line;
        for (++at;; ++at) {
          if (at >= text.size()) throw CsvError(opened, "a quotation mark is opened and never closed");
          if (text[at] == '\n' || (text[at] == '\r' && !text.substr(at).starts_with("\r\n"))) ++line;
          if (text[at] == '"') {
            if (at + 1 >= text.size() || text[at + 1] != '"') break;
            ++at;
          }
          cell += text[at];
        }
        ++at;
        if (at < text.size() && text[at] != separator && !at_break())
          throw CsvError(line, "there is text behind a closing quotation mark");
      } else {
        while (at < text.size() && text[at] != separator && !at_break()) cell += text[at++];
      }
      row.cells.push_back(std::move(cell));
      if (at >= text.size() || text[at] != separator) break;
      ++at;
    }
    if (at < text.size()) skip_break();
    if (row.cells.size() == 1 && is_blank(row.cells[0])) continue;
    if (rows.size() == most_rows)
      throw CsvError(row.line, "there are more than " + std::to_string(most_rows) + " rows");
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string without_formula(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  const bool calculates = first != std::string_view::npos &&
                          std::string_view("=+-@\t\r\n").find(text[first]) != std::string_view::npos;
  return (calculates ? "'" : "") + std::string(text);
}

std::string_view formula_restored(std::string_view cell) {
  if (!cell.starts_with('\'')) return cell;
  const std::string_view rest = cell.substr(1);
  return without_formula(rest) == rest ? cell : rest;
}

std::string csv_field(std::string_view text) {
  const bool is_plain = text.find_first_of(",;\t\"\r\n") == std::string_view::npos &&
                        !text.starts_with(' ') && !text.ends_with(' ');
  if (is_plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += (i == 0 ? "" : ",") + csv_field(without_formula(cells[i]));
  return line + "\r\n";
}

}  // namespace plenary
