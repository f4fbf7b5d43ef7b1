// source: RFC 4180; docs/design.md, section 6.
#include "base/csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.hpp"

namespace plenary {
namespace {

std::vector<std::vector<std::string>> cells_of(std::string_view text) {
  std::vector<std::vector<std::string>> cells;
  for (CsvRow& row : parse_csv(text, csv_separator(text), 100)) cells.push_back(std::move(row.cells));
  return cells;
}

TEST(Csv, TheSeparatorIsTheOneOfTheFirstLine) {
  EXPECT_EQ(csv_separator("code,percent\nA;B;C;D"), ',');
  EXPECT_EQ(csv_separator("code;percent\nA,B,C,D"), ';');
  EXPECT_EQ(csv_separator("code\tpercent\n"), '\t');
  EXPECT_EQ(csv_separator("\"a;b;c\",d"), ',') << "what stands in quotes separates nothing";
  EXPECT_EQ(csv_separator("code"), ',');
}

TEST(Csv, CellsMayBeQuotedAndHoldLines) {
  const std::vector<std::vector<std::string>> expected{
      {"a", "b \"x\"", "c\nd"}, {"", "", ""}, {"1", "2", "3"}};
  EXPECT_EQ(cells_of("a,\"b \"\"x\"\"\",\"c\nd\"\r\n,,\r\n\r\n   \n1,2,3"), expected);
}

TEST(Csv, RowsKnowTheirLine) {
  const auto rows = parse_csv("a,b\r\n\r\n\"x\r\ny\",2\r\nlast,3\r\n", ',', 10);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].line, 1u);
  EXPECT_EQ(rows[1].line, 3u);
  EXPECT_EQ(rows[2].line, 5u);
}

TEST(Csv, WhatIsNoTableSaysWhere) {
  const auto line_of = [](std::string_view text, std::size_t most = 10) {
    try {
      parse_csv(text, ',', most);
    } catch (const CsvError& error) {
      return error.line;
    }
    return std::size_t{0};
  };
  EXPECT_EQ(line_of("a,b\n\"open,c\nd"), 2u);
  EXPECT_EQ(line_of("a,b\nc,\"d\"e"), 2u);
  EXPECT_EQ(line_of("a\nb\nc", 2), 3u);
  EXPECT_THROW(decoded_text(std::string_view("a\0b", 3)), CsvError);
}

TEST(Csv, TheEncodingIsFoundOut) {
  EXPECT_EQ(decoded_text("M\xC3\xBCnchen").text, "München");
  const DecodedText marked = decoded_text("\xEF\xBB\xBFM\xC3\xBCnchen");
  EXPECT_EQ(marked.text, "München");
  EXPECT_EQ(marked.encoding, TextEncoding::utf8_with_bom);
  const DecodedText windows = decoded_text("M\xFCnchen \x80 5");
  EXPECT_EQ(windows.text, "München € 5");
  EXPECT_EQ(windows.encoding, TextEncoding::windows_1252);
  EXPECT_EQ(decoded_text(std::string_view("\xFF\xFE"
                                          "a\0\xFC\0\x3D\xD8\x00\xDE",
                                          10))
                .text,
            "aü😀");
  EXPECT_EQ(decoded_text(std::string_view("\xFE\xFF\0a\0\xFC", 6)).text, "aü");
}

TEST(Csv, NoCellIsAFormula) {
  EXPECT_EQ(csv_line({"=1+1", " @x", "-5", "a;b", "plain"}), "'=1+1,' @x,'-5,\"a;b\",plain\r\n");
  for (const char* text : {"=1", "-CODE", "'quoted", "plain", ""})
    EXPECT_EQ(formula_restored(without_formula(text)), text);
}

TEST(Csv, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check("a table reads as it was written", [] {
    const auto word =
        rc::gen::container<std::string>(rc::gen::element('a', ',', ';', '"', '\n', '\r', '=', ' '));
    auto table = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(2, word));
    std::string text;
    for (const auto& row : table) text += csv_line(row);
    std::vector<std::vector<std::string>> read;
    for (CsvRow& row : parse_csv(text, ',', 1000)) {
      for (std::string& cell : row.cells) cell = std::string(formula_restored(cell));
      read.push_back(std::move(row.cells));
    }
    RC_ASSERT(read == table);
  }));
  EXPECT_TRUE(rc::check("any bytes decode to valid UTF-8 or are no text", [] {
    const auto bytes = *rc::gen::arbitrary<std::string>();
    try {
      RC_ASSERT(is_valid_utf8(decoded_text(bytes).text));
    } catch (const CsvError&) {
    }
  }));
}

}  // namespace
}  // namespace plenary
