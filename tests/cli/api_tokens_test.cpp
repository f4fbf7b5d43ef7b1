// plenary api-token: a token is shown once, listed without its secret, and counts no more once it is revoked.
// source: docs/api.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/run.hpp"
#include "db/database.hpp"
#include "domain/accounts/api_tokens.hpp"

namespace plenary::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class ApiTokenCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "plenary-token-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "plenary.toml") << "[database]\nurl = \"sqlite:test.db\"\n";
    ::setenv("PLENARY_SUPERUSER_PASSWORD", "seven green bicycles", 1);
    ASSERT_EQ(plenary({"migrate"}), done) << err_.str();
    ASSERT_EQ(plenary({"createsuperuser", "--no-input", "--username", "root", "--email", "r@example.org"}),
              done);
  }
  void TearDown() override {
    ::unsetenv("PLENARY_SUPERUSER_PASSWORD");
    fs::remove_all(folder_);
  }
  int plenary(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--settings", (folder_ / "plenary.toml").string()});
    out_.str("");
    err_.str("");
    return run(arguments, out_, err_);
  }
  bool counts(const std::string& token) {
    db::DatabaseOptions options;
    options.url = "sqlite:" + (folder_ / "test.db").string();
    const auto database = db::Database::open(options);
    return database->read_now(
        [&](db::Tx& tx) { return accounts::find_api_token(tx, token, true).has_value(); });
  }

  fs::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(ApiTokenCommand, OneIsMadeListedAndRevoked) {
  ASSERT_EQ(plenary({"api-token", "create", "root", "--name", "till", "--scope", "orders:read", "--scope",
                     "changes:read", "--days", "30"}),
            done)
      << err_.str();
  std::string token = out_.str();
  ASSERT_TRUE(token.starts_with("plenary_") && token.ends_with("\n")) << token;
  token.pop_back();
  EXPECT_TRUE(counts(token));
  const std::string prefix = token.substr(8, 8), secret = token.substr(17);

  EXPECT_EQ(plenary({"api-token", "list"}), done);
  EXPECT_THAT(out_.str(), HasSubstr(prefix));
  EXPECT_THAT(out_.str(), HasSubstr("orders:read changes:read"));
  EXPECT_THAT(out_.str(), Not(HasSubstr(secret)));

  EXPECT_EQ(plenary({"api_token", "revoke", prefix}), done);
  EXPECT_FALSE(counts(token));
  EXPECT_EQ(plenary({"api-token", "revoke", prefix}), done);
  EXPECT_THAT(out_.str(), HasSubstr("nothing was changed"));
  EXPECT_EQ(plenary({"audit", "verify"}), done) << out_.str() << err_.str();
}

TEST_F(ApiTokenCommand, WhatIsWrongIsToldAndNothingIsMade) {
  EXPECT_EQ(plenary({"api-token", "create", "nobody", "--name", "x", "--scope", "orders:read"}), refused);
  EXPECT_EQ(plenary({"api-token", "create", "root", "--name", "x", "--scope", "everything"}), refused);
  EXPECT_THAT(err_.str(), HasSubstr("There is no scope \"everything\"."));
  EXPECT_THAT(err_.str(), HasSubstr("vouchers:write"));
  EXPECT_EQ(
      plenary({"api-token", "create", "root", "--name", "x", "--scope", "carts", "--conference", "none"}),
      refused);
  EXPECT_EQ(plenary({"api-token", "revoke", "AAAAAAAA"}), refused);
  EXPECT_EQ(plenary({"api-token", "create", "root", "--scope", "carts"}), wrong_usage);
  EXPECT_EQ(plenary({"api-token", "list"}), done);
  EXPECT_THAT(out_.str(), HasSubstr("There is no token."));
}

}  // namespace
}  // namespace plenary::cli
