// plenary audit verify | head | erase, and what commands record of themselves. source: docs/audit.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "cli/run.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class AuditCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-audit-XXXXXX").string();
    ASSERT_TRUE(::mkdtemp(pattern.data()));
    folder_ = pattern;
    std::ofstream(folder_ / "plenary.toml")
        << "[database]\nurl = \"sqlite:" << (folder_ / "data.db").string() << "\"\n";
    ::setenv("PLENARY_SUPERUSER_PASSWORD", "correct horse battery staple", 1);
  }
  void TearDown() override {
    ::unsetenv("PLENARY_SUPERUSER_PASSWORD");
    fs::remove_all(folder_);
  }
  struct Ran {
    int code;
    std::string out, err;
  };
  Ran plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    std::ostringstream out, err;
    const int code = run(arguments, out, err);
    return {code, out.str(), err.str()};
  }
  Ran make_root() { return plenary({"createsuperuser", "--no-input", "--username", "root"}); }
  void sql(const char* one, const char* other) {
    db::DatabaseOptions options;
    options.url = "sqlite:" + (folder_ / "data.db").string();
    const auto database = db::Database::open(options);
    database->write_now(db::global_lane, "tamper", [&](db::Tx& tx) {
      tx.exec(one);
      tx.exec(other);
    });
  }
  fs::path folder_;
};

TEST_F(AuditCommand, CommandsRecordWhoGaveThemAndVerifyIsContent) {
  ASSERT_EQ(make_root().code, done);
  ASSERT_EQ(plenary({"changepassword", "root", "--no-input"}).code, done);
  const Ran verified = plenary({"audit", "verify"});
  EXPECT_EQ(verified.code, done) << verified.out << verified.err;
  EXPECT_EQ(verified.out, "(no conference): 2 entries: as they were written\n");
  EXPECT_EQ(command_actor().name, operator_name());
  EXPECT_FALSE(operator_name().empty());
}

TEST_F(AuditCommand, AHeadIsKeptAndFoundAgain) {
  ASSERT_EQ(make_root().code, done);
  const std::string head = plenary({"audit", "head"}).out;
  EXPECT_THAT(head, HasSubstr(" 1 (no conference)\n"));
  EXPECT_THAT(plenary({"audit", "head", "--json"}).out,
              HasSubstr("\"hash\": \"" + head.substr(0, 64) + "\""));
  ASSERT_EQ(plenary({"changepassword", "root", "--no-input"}).code, done);
  const Ran found = plenary({"audit", "verify", "--head", head.substr(0, 64)});
  EXPECT_EQ(found.code, done);
  EXPECT_THAT(found.out, HasSubstr("The kept head is entry 1 of (no conference); 1 entry came after it."));
  const Ran other = plenary({"audit", "verify", "--head", std::string(64, 'a')});
  EXPECT_EQ(other.code, refused);
  EXPECT_THAT(other.out, HasSubstr("in no chain"));
  EXPECT_EQ(plenary({"audit", "verify", "--head", "abc"}).code, wrong_usage);
  EXPECT_EQ(plenary({"audit", "verify", "--conference", "nowhere"}).code, refused);
}

TEST_F(AuditCommand, WhatWasTamperedWithIsNamed) {
  ASSERT_EQ(make_root().code, done);
  ASSERT_EQ(plenary({"changepassword", "root", "--no-input"}).code, done);
  sql("DROP TRIGGER audit_value_kept",
      "UPDATE audit_value SET text = 'eve' WHERE entry_id = 1 AND position = 0");
  const Ran verified = plenary({"audit", "verify"});
  EXPECT_EQ(verified.code, refused);
  EXPECT_THAT(verified.out,
              HasSubstr("BROKEN after 0 sound entries: entry 1 (place 1 of its chain): the actor's "
                        "name is not what was recorded"));
}

TEST_F(AuditCommand, APersonIsErasedAndTheChainHolds) {
  ASSERT_EQ(make_root().code, done);
  const Ran erased = plenary({"audit", "erase", "root"});
  EXPECT_EQ(erased.code, done) << erased.err;
  EXPECT_THAT(erased.out, HasSubstr("Account 1: 3 texts of 1 entry erased"));
  const Ran verified = plenary({"audit", "verify"});
  EXPECT_EQ(verified.code, done) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("2 entries, 3 texts erased: as they were written"));
  EXPECT_THAT(plenary({"audit", "erase", "#1"}).out, HasSubstr("holds no text about account 1"));
  EXPECT_EQ(plenary({"audit", "erase", "#x"}).code, wrong_usage);
  EXPECT_EQ(plenary({"audit", "erase", "nobody"}).code, refused);
}

}  // namespace
}  // namespace plenary::cli
