// A ring of keys: the newest seals, all open, and a replaced file is noticed. source: configuration 10, 4.5.
#include "base/sealing_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace plenary {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const Secret old_key("the oldest key, of a one-line file."),
    middle_key("the one in the middle of them all!!"), new_key("the newest of them, that seals now.");
constexpr std::string_view place = "conference.stripe_secret_key.7";

std::string id_of(const Secret& secret) {
  return SealingKey(secret).id();
}

// A key file without a disk.
struct Source {
  std::vector<Secret> keys;
  int version = 0, loads = 0;
  bool broken = false;
  KeySource source() {
    return {[this] {
              ++loads;
              if (broken) throw std::runtime_error("the key file is gone");
              return keys;
            },
            [this] { return std::to_string(version); }};
  }
  void replace(std::vector<Secret> with) {
    keys = std::move(with);
    ++version;
  }
};

TEST(SealingKeys, TheNewestSealsAndAllOpen) {
  const SealingKeys before(old_key), after(std::vector<Secret>{new_key, middle_key, old_key});
  const std::string old_token = before.seal(Secret("sk_live_1"), place, Random::system());
  EXPECT_EQ(after.open(old_token, place).reveal(), "sk_live_1");
  const std::string token = after.seal(Secret("sk_live_2"), place, Random::system());
  EXPECT_EQ(key_id_of(token), id_of(new_key));
  EXPECT_EQ(after.open(token, place).reveal(), "sk_live_2");
  EXPECT_EQ(SealingKey(new_key).open(token, place).reveal(), "sk_live_2");
  EXPECT_THAT(after.ids(), ElementsAre(id_of(new_key), id_of(middle_key), id_of(old_key)));
}

TEST(SealingKeys, WhatCannotBeOpenedNamesItsPlaceAndNeverTheToken) {
  const SealingKeys keys(new_key);
  const std::string token = SealingKeys(old_key).seal(Secret("sk_live_1"), place, Random::system());
  for (const std::string& bad : {token, token + "A", std::string("sk_live_readable"), std::string(),
                                 keys.seal(Secret("x"), "conference.other.7", Random::system())}) {
    try {
      keys.open(bad, place);
      ADD_FAILURE() << bad;
    } catch (const SealBroken& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string(place)));
      if (!bad.empty()) {
        EXPECT_THAT(error.what(), Not(HasSubstr(bad)));
      }
    }
  }
  try {
    keys.open(token, place);
    ADD_FAILURE();
  } catch (const SealBroken& error) {
    EXPECT_THAT(error.what(), HasSubstr(id_of(old_key)));
  }
}

TEST(SealingKeys, AKeyIsThereOnceAndAtLeastOne) {
  EXPECT_THROW(SealingKeys(std::vector<Secret>{}), std::invalid_argument);
  EXPECT_THROW(SealingKeys(std::vector<Secret>{old_key, new_key, old_key}), std::invalid_argument);
}

TEST(SealingKeys, ATokenOfAnUnknownKeyMakesAReplacedFileBeRead) {
  Source file{{old_key}};
  const SealingKeys keys(file.source());
  EXPECT_EQ(file.loads, 1);
  file.replace({new_key, old_key});
  const std::string token = SealingKeys(new_key).seal(Secret("fresh"), place, Random::system());
  EXPECT_EQ(keys.open(token, place).reveal(), "fresh");
  EXPECT_EQ(file.loads, 2);
  // A key that is nowhere costs no reading as long as the file stays.
  const std::string foreign = SealingKeys(middle_key).seal(Secret("x"), place, Random::system());
  for (int i = 0; i < 5; ++i) EXPECT_THROW(keys.open(foreign, place), SealBroken);
  EXPECT_EQ(file.loads, 2);
}

TEST(SealingKeys, AReplacedFileIsReadBeforeSomethingIsSealed) {
  Source file{{old_key}};
  const SealingKeys keys(file.source());
  EXPECT_EQ(key_id_of(keys.seal(Secret("x"), place, Random::system())), id_of(old_key));
  file.replace({new_key, old_key});
  EXPECT_EQ(key_id_of(keys.seal(Secret("x"), place, Random::system())), id_of(new_key));
  EXPECT_EQ(file.loads, 2);
}

TEST(SealingKeys, AFileThatCannotBeReadLeavesWhatIsThere) {
  Source file{{old_key}};
  const SealingKeys keys(file.source());
  file.broken = true;
  ++file.version;
  const std::string token = keys.seal(Secret("x"), place, Random::system());
  EXPECT_EQ(keys.open(token, place).reveal(), "x");
  EXPECT_THROW(keys.reload(), std::runtime_error);
  EXPECT_EQ(keys.open(token, place).reveal(), "x");
  file.broken = false;
  file.replace({new_key});
  keys.reload();
  EXPECT_THAT(keys.ids(), ElementsAre(id_of(new_key)));
}

TEST(SealingKeys, ACopyIsAnotherHandleOfTheSameRing) {
  Source file{{old_key}};
  const SealingKeys keys(file.source());
  const SealingKeys copy = keys;  // NOLINT: that is what is tested
  file.replace({new_key, old_key});
  copy.reload();
  EXPECT_EQ(keys.ids().front(), id_of(new_key));
}

TEST(SealingKeys, ManyThreadsUseThemWhileTheyAreReplaced) {
  std::atomic<int> version{0};
  const auto now = [&] {
    return version.load() % 2 == 0 ? std::vector<Secret>{old_key, new_key}
                                   : std::vector<Secret>{new_key, old_key};
  };
  const SealingKeys keys(KeySource{now, [&] { return std::to_string(version.load()); }});
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        const std::string token = keys.seal(Secret("value"), place, Random::system());
        if (keys.open(token, place).reveal() != "value") ++wrong;
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    ++version;
    keys.reload();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(SealedTokens, AreToldFromReadableTexts) {
  const std::string token = SealingKey(old_key).seal(Secret("x"), place, Random::system());
  EXPECT_EQ(key_id_of(token), id_of(old_key));
  for (const char* readable : {"", "1.", "sk_live_123456789012345678", "1.sk_live_", "1.12345678",
                               "1.12345678.", "1.1234567.AAAA", "2.12345678.AAAA", "1.12345678.AA AA"}) {
    EXPECT_FALSE(key_id_of(readable)) << readable;
  }
}

}  // namespace
}  // namespace plenary
