// What passwords are accepted, and how they are kept.
#include "domain/accounts/passwords.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace plenary::accounts {
namespace {

constexpr HashCost cheap{8 * 1024, 1};

std::string problem(std::string_view typed, std::span<const std::string_view> own = {}) {
  const auto refused = password_problem(typed, own);
  return refused ? refused->code() : "";
}

TEST(Passwords, AreKeptAsArgon2idAtTheCostTheDesignNames) {
  const std::string hash = hash_password("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  EXPECT_FALSE(verify_password(hash, "correct horsf"));
  EXPECT_FALSE(verify_password(hash, ""));
  EXPECT_FALSE(needs_rehash(hash));
}

TEST(Passwords, TwoHashesOfOneAreDifferent) {
  EXPECT_NE(hash_password("correct horse", cheap), hash_password("correct horse", cheap));
}

TEST(Passwords, MadeAtAnotherCostAreMadeAgain) {
  const std::string hash = hash_password("correct horse", cheap);
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  EXPECT_TRUE(needs_rehash(hash));
  EXPECT_FALSE(needs_rehash(hash, cheap));
}

TEST(Passwords, AHashOfAnotherKindFitsNothing) {
  EXPECT_FALSE(verify_password("", "x"));
  EXPECT_FALSE(verify_password("!", "!"));
  EXPECT_FALSE(verify_password(std::string(500, 'a'), "x"));
}

TEST(Passwords, AreTheSameHoweverTheyWereComposed) {
  const std::string composed = "caf\xc3\xa9 caf\xc3\xa9", combined = "cafe\xcc\x81 cafe\xcc\x81";
  EXPECT_TRUE(verify_password(hash_password(composed, cheap), combined));
}

TEST(Passwords, NeedEightCharactersAndNothingElse) {
  EXPECT_EQ(problem("zqxjkvb"), "too_short");
  EXPECT_EQ(problem("zqxjkvbw"), "");
  EXPECT_EQ(problem("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), "too_short");  // four characters, eight bytes
  EXPECT_EQ(problem("        zqxjkvbw        "), "");
  EXPECT_EQ(problem(std::string(64, 'z')), "");
  EXPECT_EQ(problem(std::string(1024, 'z')), "");
  EXPECT_EQ(problem(std::string(1025, 'z')), "too_long");
  EXPECT_EQ(problem("\xff\xfe zqxjkvbw"), "invalid");
}

TEST(Passwords, CommonOnesAreRefusedInEitherCase) {
  for (const char* common :
       {"password", "12345678", "PassWord", "qwertyuiop", "iloveyou", "!qaz2wsx", "baseball"})
    EXPECT_EQ(problem(common), "too_common") << common;
  EXPECT_FALSE(is_common_password("zqxjkvbw"));
  EXPECT_FALSE(is_common_password(""));
  EXPECT_FALSE(is_common_password("~~~~~~~~~~~~"));
}

TEST(Passwords, ThePersonsOwnNamesAreRefused) {
  const std::array<std::string_view, 3> own{"Ada@Example.org", "Countess Lovelace", ""};
  EXPECT_EQ(problem("ada@example.org", own), "too_near");
  EXPECT_EQ(problem("countess lovelace", own), "too_near");
  EXPECT_EQ(problem("countess lovelace!", own), "");
}

}  // namespace
}  // namespace plenary::accounts
