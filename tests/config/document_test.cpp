// What holds for the files themselves, whatever they say: encodings, sizes, nesting, unreadable ones.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/case_file.hpp"
#include "config/conference_file.hpp"
#include "config/settings.hpp"

namespace plenary::config {
namespace {

Settings parsed(std::string_view text) {
  return parse_settings(text, "settings.toml", ".");
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

Problem only_problem(std::string_view text) {
  const auto [raised, problems] = refusal([&] { parsed(text); });
  EXPECT_EQ(problems.size(), 1u) << text.substr(0, 200);
  return problems.empty() ? Problem() : problems[0];
}

TEST(Files, AByteOrderMarkIsAccepted) {
  EXPECT_EQ(parsed("\xef\xbb\xbf[program]\ncurrency = \"EUR\"\n").program.currency.code(), "EUR");
  EXPECT_EQ(only_problem("\xef\xbb\xbf\"é\" = 1\n").place, (Place{1, 1}));
  const Problem number = only_problem("\xef\xbb\xbfprogram.max_grant_amount = 3_000.0\n");
  EXPECT_EQ(number.place, (Place{1, 28}));
  EXPECT_NE(number.found.find("3_000.0"), std::string::npos);
}

TEST(Files, LinesMayEndInEitherWay) {
  EXPECT_EQ(
      parsed("[program]\r\ncurrency = \"EUR\"\r\ncart_expiry_minutes = 5\r\n").program.cart_expiry_minutes,
      5);
  const Problem problem = only_problem("# comment\r\n[program]\r\ncart_expiry_minutes = 5.5\r\n");
  EXPECT_EQ(problem.place, (Place{3, 23}));
  EXPECT_EQ(problem.found, "a number with a fraction, 5.5");
}

TEST(Files, BytesThatAreNoUtf8AreRefusedAtTheirPlace) {
  const Problem problem = only_problem("[program]\ncurrency = \"\xc3\xa9\xff\"\n");
  EXPECT_EQ(problem.kind, ProblemKind::value);
  EXPECT_EQ(problem.place, (Place{2, 14}));
  EXPECT_NE(problem.message().find("save the file as UTF-8"), std::string::npos);
  EXPECT_EQ(only_problem("\xff\xfe[\0p\0").place, (Place{1, 1}));
  EXPECT_EQ(only_problem("a = \"\xe2\x82").place, (Place{1, 6}));
}

TEST(Files, EightMegabytesAreTheLimit) {
  const std::string comment = "# padding to the limit, which a file of settings never reaches\n";
  std::string text = repeated(comment, static_cast<int>(8 * 1024 * 1024 / comment.size()));
  text.append(8 * 1024 * 1024 - text.size(), '\n');
  EXPECT_EQ(parsed(text).program.currency.code(), "USD");
  const Problem problem = only_problem(text + "\n");
  EXPECT_NE(problem.message().find("more than 8 MB"), std::string::npos);
}

TEST(Files, SixtyFourLevelsAreTheLimit) {
  const auto is_depth_problem = [](const Problem& p) {
    return p.found == "tables or lists nested over 64 levels";
  };
  // 64 levels are another kind of mistake.
  EXPECT_FALSE(is_depth_problem(only_problem("x = " + repeated("[", 63) + repeated("]", 63))));
  struct Deep {
    std::string text;
    Place place;
  };
  const Deep table[] = {
      {"x = " + repeated("[", 65) + repeated("]", 65), {1, 69}},
      {"x = " + repeated("[", 3'000'000), {1, 69}},
      {"x = " + repeated("{a=", 65) + "1" + repeated("}", 65), {}},
      {repeated("a.", 3'000'000) + "a = 1", {}},
      {"[" + repeated("a.", 3'000'000) + "a]", {}},
      {"[[" + repeated("\"a\".", 70) + "a]]", {}},
      {"[" + repeated("a.", 40) + "a]\n" + repeated("b.", 40) + "b = 1", {}},
      {repeated("a.", 40) + "a = { " + repeated("b.", 40) + "b = 1 }", {}},
      {"x = [ { " + repeated("b.", 65) + "b = 1 } ]", {}},
      {"x = [\n" + repeated("[\n", 64), {}},
  };
  for (const Deep& deep : table) {
    const Problem problem = only_problem(deep.text);
    EXPECT_TRUE(is_depth_problem(problem)) << deep.text.substr(0, 80) << ": " << problem.message();
    if (deep.place.line != 0) {
      EXPECT_EQ(problem.place.column, deep.place.column);
    }
  }
  // Brackets and dots of texts and comments do not nest.
  const std::string many = repeated("[.{", 100);
  for (const std::string& text : {"# " + many + "\n", "[program]\ncurrency_symbol = '€' # " + many + "\n"}) {
    EXPECT_EQ(parsed(text).program.currency.code(), "USD") << text;
  }
  for (const std::string& text :
       {"x = \"" + many + "\"", "x = '''\n" + many + "'''", "x = \"\"\"\\\"" + many + "\"\"\""}) {
    EXPECT_EQ(only_problem(text).found, "unknown key");
  }
}

TEST(Files, WhatCannotBeReadIsAFileError) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const auto missing = refusal([&] { load_settings(folder / "no-such-plenary.toml"); });
  EXPECT_EQ(missing.first, "file");
  EXPECT_NE(missing.second[0].message().find("no-such-plenary.toml: there is no such file"),
            std::string::npos);
  const ConferenceRules rules{Currency::of("USD"), {}};
  const auto directory = refusal([&] { load_conference_file(folder, rules); });
  EXPECT_EQ(directory.first, "file");
  EXPECT_NE(directory.second[0].message().find("this is a directory"), std::string::npos);
  if (geteuid() != 0) {  // root reads everything
    const auto file = folder / ("plenary-unreadable-" + std::to_string(getpid()));
    std::ofstream(file) << "x";
    chmod(file.c_str(), 0);
    EXPECT_EQ(refusal([&] { load_settings(file); }).first, "file");
    std::filesystem::remove(file);
  }
}

TEST(Files, EveryProblemOfAKindIsCaughtByThatKindAndByTheBase) {
  EXPECT_THROW(parsed("[program]\ncurrency = 1\n"), ConfigTypeError);
  EXPECT_THROW(parsed("[program]\ncurrency = \"x\"\n"), ConfigValueError);
  EXPECT_THROW(parsed("[program]\ncurrency = \"x\"\n"), ConfigError);
  EXPECT_THROW(parsed("not toml"), ConfigValueError);
  EXPECT_EQ(refusal([] { parsed("[program]\ncurrency = 1\nmax_grant_amount = -1\n"); }).first, "mixed");
  try {
    parsed("[program]\nmax_grant_amount = -1\ncurrency = 1\n");
    FAIL();
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("settings.toml:2:20: program.max_grant_amount: found -1"), std::string::npos);
    EXPECT_NE(text.find("\nsettings.toml:3:12: program.currency: found an integer"), std::string::npos);
  }
}

TEST(Files, ManyProblemsAreCountedRatherThanPrinted) {
  std::string text = "[program]\n";
  for (int i = 0; i < 500; ++i) text += "key" + std::to_string(i) + " = 1\n";
  const auto [raised, problems] = refusal([&] { parsed(text); });
  EXPECT_EQ(problems.size(), 500u);
  try {
    parsed(text);
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("\nand 400 more problems"), std::string::npos);
  }
}

TEST(Files, AnyTextIsEitherReadOrRefusedInOrder) {
  // Pieces of TOML in any order: nothing but ConfigError may come out, problems sorted by place.
  const std::vector<std::string> pieces = {"[program]",   "[program.stripe]",
                                           "[[x]]",       "\n",
                                           "\r\n",        " ",
                                           "=",           "\"",
                                           "'",           "currency",
                                           "api_version", "true",
                                           "1.5",         "2027-05-14",
                                           "{",           "}",
                                           "[",           "]",
                                           ",",           ".",
                                           "#",           "\"\"\"",
                                           "é",           "\\",
                                           "_",           "-",
                                           "inf",         "1e5",
                                           "\t",          "\x01"};
  EXPECT_TRUE(rc::check([&] {
    const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
    std::string text;
    for (const std::string& piece : chosen) text += piece;
    const auto [raised, problems] = refusal([&] { parsed(text); });
    for (std::size_t i = 1; i < problems.size(); ++i) RC_ASSERT(!(problems[i].place < problems[i - 1].place));
  }));
}

}  // namespace
}  // namespace plenary::config
