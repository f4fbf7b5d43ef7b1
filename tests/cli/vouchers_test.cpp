// plenary vouchers: generate, export, import. In a folder of its own, on SQLite. source: registration
// 20, 5.4.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/run.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class VoucherCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    write("plenary.toml", "[database]\nurl = \"sqlite:test.db\"\n");
    write("conference.toml",
          "[conference]\nname = \"Python 2077\"\nstart = 2027-05-14\nend = 2027-05-22\ntimezone = \"UTC\"\n"
          "[[conference.sections]]\nname = \"Talks\"\nstart = 2027-05-16\nend = 2027-05-18\n"
          "[[conference.tickets]]\nname = \"Individual\"\nprice = 100.00\nquantity = 2500\n");
    ASSERT_EQ(plenary({"bootstrap_conference", "--config", path("conference.toml")}), done) << err_;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string read(const char* name) {
    std::ifstream file(folder_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::string path(const char* name) { return (folder_ / name).string(); }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", path("plenary.toml")});
    std::ostringstream out, err;
    const int code = run(std::move(arguments), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  fs::path folder_;
  std::string out_, err_;
};

TEST_F(VoucherCommands, GenerateMakesThemAndPrintsTheirTable) {
  ASSERT_EQ(plenary({"vouchers", "generate", "--count", "620", "--prefix", "py-", "--type", "percentage",
                     "--percent", "15", "--ticket", "individual", "--addon", "none"}),
            done)
      << err_;
  EXPECT_THAT(out_, StartsWith("code,type,percent,"));
  EXPECT_THAT(out_, HasSubstr("\r\nPY-"));
  EXPECT_THAT(out_, HasSubstr(",percentage,15,,individual,none,1,1,"));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 621);
  EXPECT_THAT(err_, HasSubstr("Made 620 vouchers"));
  EXPECT_EQ(plenary({"vouchers", "generate", "--count", "10001"}), refused);
  EXPECT_THAT(err_, HasSubstr("Make 1 to 10000"));
  EXPECT_EQ(plenary({"vouchers", "generate", "--count", "1", "--prefix", "p23456789012345678901"}), refused);
  EXPECT_THAT(err_, HasSubstr("Prefix: use at most 20 characters."));
  EXPECT_EQ(plenary({"vouchers", "generate", "--count", "1", "--ticket", "nobody"}), refused);
  EXPECT_THAT(err_, HasSubstr("tickets: “nobody”"));
}

TEST_F(VoucherCommands, WhatIsExportedIsImportedAgain) {
  write("in.csv", "code;note\nA;first\nB;=second\n");
  ASSERT_EQ(plenary({"vouchers", "import", path("in.csv"), "--dry-run"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("2 would be added"));
  ASSERT_EQ(plenary({"vouchers", "import", path("in.csv")}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("2 added, 0 changed"));
  EXPECT_EQ(plenary({"vouchers", "import", path("in.csv")}), refused);
  EXPECT_THAT(err_, HasSubstr("in.csv:2: code: There is a voucher with the code A already."));
  ASSERT_EQ(plenary({"vouchers", "export", "--output", path("out.csv")}), done) << err_;
  EXPECT_THAT(read("out.csv"), HasSubstr(",'=second,0,http"));
  EXPECT_THAT(read("out.csv"), HasSubstr("/register/?voucher=B\r\n"));
  ASSERT_EQ(plenary({"vouchers", "import", path("out.csv"), "--update"}), done) << err_;
  EXPECT_THAT(out_, HasSubstr("0 added, 0 changed, 2 as they were"));
  EXPECT_EQ(plenary({"vouchers", "export", "--conference", "nowhere"}), refused);
}

}  // namespace
}  // namespace plenary::cli
