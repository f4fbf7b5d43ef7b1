// The text of a key file: of today and of the time before, damaged in every way. source: docs/keys.md.
#include "base/key_ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sealing.hpp"
#include "base/signing.hpp"

namespace plenary {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Date day = *Date::parse("2027-05-14");
const std::string one_line = "bHVjaywgYSBrZXkgb2Ygc2l4dHktZm91ciBieXRlcyBpbiBhIGZpbGUgb2YgYSBsaW5l";

std::string fault_of(std::string_view text) {
  try {
    parse_key_file(text, "plenary.key");
  } catch (const KeyFileFault& fault) {
    return fault.what();
  }
  return {};
}

TEST(KeyRing, AFileOfOneLineIsTheSigningSecretAndTheOnlySealingKey) {
  for (const std::string& text : {one_line, one_line + "\n", "  " + one_line + "\r\n\n"}) {
    const KeyRing ring = parse_key_file(text, "plenary.key");
    EXPECT_EQ(ring.signing.reveal(), one_line);
    ASSERT_EQ(ring.sealing.size(), 1u);
    // What was sealed by the server before there were rings opens.
    const std::string token = SealingKey(Secret(one_line)).seal(Secret("x"), "t.c.1", Random::system());
    EXPECT_EQ(SealingKey(ring.sealing[0].secret).open(token, "t.c.1").reveal(), "x");
  }
}

TEST(KeyRing, AnOldFileMayHoldAnyBytes) {
  SeededRandom random(1);
  for (int i = 0; i < 200; ++i) {
    std::string bytes(48, '\0');
    random.fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
    bytes.front() = 'k';
    bytes.back() = 'y';
    const KeyRing ring = parse_key_file(bytes, "plenary.key");
    EXPECT_EQ(ring.signing.reveal(), bytes);
    const KeyRing again = parse_key_file(to_text(ring), "plenary.key");
    EXPECT_EQ(again.signing.reveal(), bytes);
    EXPECT_EQ(again.sealing.at(0).secret.reveal(), bytes);
  }
  const std::string two_lines = one_line + "\n" + one_line;  // base64 wraps long keys
  EXPECT_EQ(parse_key_file(two_lines + "\n", "plenary.key").signing.reveal(), two_lines);
}

TEST(KeyRing, IsReadAsItWasWritten) {
  SeededRandom random(2);
  KeyRing ring = parse_key_file(one_line, "plenary.key");
  ring = with_new_key(ring, random, day);
  ring = with_new_key(ring, random, day.plus_days(30));
  const std::string text = to_text(ring);
  EXPECT_THAT(text, HasSubstr("# 2027-06-13"));
  EXPECT_THAT(text, Not(HasSubstr(one_line)));
  const KeyRing again = parse_key_file(text, "plenary.key");
  EXPECT_EQ(again.signing.reveal(), one_line);
  ASSERT_EQ(again.sealing.size(), 3u);
  EXPECT_EQ(again.sealing[0].made, "2027-06-13");
  EXPECT_EQ(again.sealing[1].made, "2027-05-14");
  EXPECT_EQ(again.sealing[2].made, "");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(again.sealing[i].id(), ring.sealing[i].id());
  EXPECT_NE(new_key_ring(random, day).signing.reveal(), new_key_ring(random, day).signing.reveal());
}

TEST(KeyRing, MayBeWrittenByHand) {
  const std::string key = base64url_encode(std::string(32, 'k')),
                    other = base64url_encode(std::string(40, 'o'));
  const KeyRing ring = parse_key_file("\n# mine\n  plenary-keys 1\r\n\nsealing=" + key +
                                          " # the good one\nsigning   " + other + "\n#sealing = nothing\n",
                                      "plenary.key");
  EXPECT_EQ(ring.signing.reveal(), std::string(40, 'o'));
  ASSERT_EQ(ring.sealing.size(), 1u);
  EXPECT_EQ(ring.sealing[0].secret.reveal(), std::string(32, 'k'));
  EXPECT_EQ(ring.sealing[0].made, "");
}

TEST(KeyRing, EverythingWrongIsToldWithItsLineAndNoKey) {
  const std::string key = base64url_encode(std::string(32, 'k'));
  const std::string fault = fault_of("plenary-keys 1\nsealing = " + key + "\nsealing = " + key +
                                     "\nsealing = abc\nsealing = !!!!\nsealng = " + key + "\n");
  EXPECT_THAT(fault, HasSubstr("plenary.key:3: this sealing key is there twice"));
  EXPECT_THAT(fault, HasSubstr("plenary.key:4: the key holds 2 bytes"));
  EXPECT_THAT(fault, HasSubstr("plenary.key:5: the key is damaged"));
  EXPECT_THAT(fault, HasSubstr("plenary.key:6: expected \"signing = …\""));
  EXPECT_THAT(fault, HasSubstr("the signing secret is missing"));
  EXPECT_THAT(fault, HasSubstr("Restore the file from your copy"));
  EXPECT_THAT(fault, Not(HasSubstr(key)));
  EXPECT_THAT(fault_of("plenary-keys 1\nsigning = " + key), HasSubstr("no sealing key"));
  EXPECT_THAT(fault_of("plenary-keys 2\nsigning = " + key + "\nsealing = " + key), HasSubstr("version 1"));
  EXPECT_THAT(fault_of("signing = " + key + "\nsealing = " + key), HasSubstr("the first line must be"));
  EXPECT_THAT(fault_of("plenary-keys 1\nsigning = " + key + "\nsigning = " + key + "\nsealing = " + key),
              HasSubstr("plenary.key:3: a second signing secret"));
  EXPECT_THAT(fault_of(""), HasSubstr("0 bytes"));
  EXPECT_THAT(fault_of("short\n"), HasSubstr("5 bytes"));
  EXPECT_THAT(fault_of("# all that is left of the file is a comment, and that is no key\n"),
              HasSubstr("no key"));
  EXPECT_THAT(fault_of(to_text(parse_key_file(one_line, "x")).substr(0, 250)), HasSubstr("end is missing"));
  EXPECT_THAT(fault_of(std::string(70'000, 'k')), HasSubstr("larger than 64 KiB"));
}

// Whatever is done to the text of a file: it is read, or refused with a message that shows no key.
TEST(KeyRing, DamagedTextsAreReadOrRefusedAndNeverShown) {
  SeededRandom random(3);
  const KeyRing ring = with_new_key(new_key_ring(random, day), random, day);
  const std::string whole = to_text(ring);
  int refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string text = whole;
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      const std::size_t at = random.below(text.size() + 1);
      switch (random.below(4)) {
        case 0:
          text.resize(at);
          break;
        case 1:
          text.insert(at, 1, static_cast<char>(random.below(256)));
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(random.below(256));
          break;
        default:
          text.erase(at, random.below(40));
      }
    }
    try {
      const KeyRing read = parse_key_file(text, "plenary.key");
      ASSERT_GE(read.signing.reveal().size(), least_key_bytes);
      ASSERT_FALSE(read.sealing.empty());
      for (const RingKey& key : read.sealing) ASSERT_GE(key.secret.reveal().size(), least_key_bytes);
    } catch (const KeyFileFault& fault) {
      ++refused;
      const std::string_view said = fault.what();
      for (const RingKey& key : ring.sealing)
        ASSERT_EQ(said.find(base64url_encode(key.secret.reveal()).substr(0, 8)), std::string_view::npos);
    }
  }
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace plenary
