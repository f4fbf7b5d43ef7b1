// Facts about texts spelt in ASCII letters.
#include "base/transliteration.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

TEST(InAsciiLetters, SpellsEveryScriptThatHasASpelling) {
  EXPECT_EQ(in_ascii_letters("Łódź"), "Lodz");
  EXPECT_EQ(in_ascii_letters("Пётр"), "Petr");
  EXPECT_EQ(in_ascii_letters("東京"), "dong jing");
  EXPECT_EQ(in_ascii_letters("plain text"), "plain text");
  EXPECT_EQ(in_ascii_letters("😀"), "");
  EXPECT_EQ(in_ascii_letters(""), "");
}

}  // namespace
}  // namespace plenary
