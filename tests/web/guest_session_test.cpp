// Guests' sessions, which are nothing but their tokens. source: docs/transactions.md, section 5.
#include "web/guest_session.hpp"

#include <gtest/gtest.h>

#include "base/codes.hpp"
#include "base/secret.hpp"

namespace plenary::web {
namespace {

const SigningKey key(Secret("0123456789abcdef0123456789abcdef"), "links");
const Instant noon{1'826'000'000'000'000};
constexpr Duration month = Duration::days(30);

NewGuest guest_of(std::uint64_t seed, Instant at = noon) {
  SeededRandom random(seed);
  TimedBytes bytes{};
  random.fill(bytes);
  stamp(bytes, at);
  return new_guest(key, bytes);
}

std::string token_of(std::uint64_t seed) {
  return guest_of(seed).token;
}

TEST(GuestSession, IsKnownByItsTokenAlone) {
  const std::string token = token_of(1);
  EXPECT_EQ(token.size(), 43u);
  const auto session = open_guest_token(key, token, noon + Duration::days(3), month);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->began_at, noon);
  EXPECT_EQ(session->hash, guest_of(1).hash);
  EXPECT_NE(session->hash, guest_of(2).hash);
  EXPECT_EQ(session->hash.find(token.substr(22)), std::string::npos);
}

TEST(GuestSession, IsForgedByNobody) {
  const std::string token = token_of(1);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_guest_token(key, changed, noon, month)) << i;
  }
  const SigningKey other(Secret("another secret of 32 characters!"), "links");
  EXPECT_FALSE(open_guest_token(other, token, noon, month));
  for (const std::string& none : {std::string(), std::string(43, 'A'), token.substr(1), token + "A"})
    EXPECT_FALSE(open_guest_token(key, none, noon, month)) << none;
}

TEST(GuestSession, EndsAfterItsLifeAndDoesNotBeginInTheFuture) {
  const std::string token = token_of(1);
  EXPECT_TRUE(open_guest_token(key, token, noon + month - Duration::seconds(1), month));
  EXPECT_FALSE(open_guest_token(key, token, noon + month, month));
  // The clocks of two nodes may differ a little.
  EXPECT_TRUE(open_guest_token(key, token, noon - Duration::minutes(4), month));
  EXPECT_FALSE(open_guest_token(key, token, noon - Duration::hours(1), month));
}

TEST(GuestSession, HashesStandInTheOrderOfTime) {
  std::string before;
  for (int minute = 0; minute < 50; ++minute) {
    const std::string hash =
        guest_of(static_cast<std::uint64_t>(minute), noon + Duration::minutes(minute)).hash;
    EXPECT_LT(before, hash);
    before = hash;
  }
}

}  // namespace
}  // namespace plenary::web
