#include "base/sealing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace plenary {
namespace {

const Secret key_text("0123456789abcdef0123456789abcdef");
constexpr std::string_view place = "conference.stripe_secret_key.7";

RC_GTEST_PROP(Sealing, GivesBackWhatWasSealed, (std::string text)) {
  const SealingKey key(key_text);
  const std::string token = key.seal(Secret(text), place, Random::system());
  RC_ASSERT(key.open(token, place).reveal() == text);
  RC_ASSERT(text.size() < 8 || token.find(text) == std::string::npos);
}

TEST(Sealing, NeverGivesTheSameTokenTwice) {
  const SealingKey key(key_text);
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) tokens.insert(key.seal(Secret("sk_test_1"), place, Random::system()));
  EXPECT_EQ(tokens.size(), 100u);
}

TEST(Sealing, ATokenOpensOnlyInItsPlaceAndWithItsKey) {
  const SealingKey key(key_text), other(Secret("another key of thirty-two bytes!"));
  const std::string token = key.seal(Secret("sk_test_1"), place, Random::system());
  EXPECT_THROW(key.open(token, "conference.stripe_secret_key.8"), SealBroken);
  EXPECT_THROW(key.open(token, "conference.stripe_webhook_secret.7"), SealBroken);
  EXPECT_THROW(other.open(token, place), SealBroken);
}

TEST(Sealing, AnyChangedCharacterIsFound) {
  const SealingKey key(key_text);
  const std::string token = key.seal(Secret("sk_test_1"), place, Random::system());
  // The last character of unpadded base64 may hold bits that mean nothing.
  for (std::size_t i = 0; i + 1 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_THROW(key.open(changed, place), SealBroken) << i;
  }
  EXPECT_THROW(key.open("", place), SealBroken);
  EXPECT_THROW(key.open("sk_test_in_plain_text", place), SealBroken);
}

TEST(Sealing, ItsErrorTellsThePlaceAndNothingElse) {
  const SealingKey key(key_text);
  try {
    key.open("1.AAAAAAAA.c2VjcmV0", place);
    FAIL() << "opened";
  } catch (const SealBroken& error) {
    EXPECT_NE(std::string(error.what()).find(place), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find("c2VjcmV0"), std::string::npos);
  }
}

}  // namespace
}  // namespace plenary
