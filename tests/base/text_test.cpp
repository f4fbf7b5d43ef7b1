#include "base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/beginning.hpp"
#include "base/embedded.hpp"
#include "base/errors.hpp"
#include "base/slug.hpp"

namespace plenary {
namespace {

TEST(Beginning, CutsNoCharacterInTwo) {
  const std::string text = "aé€😀";  // 1, 2, 3 and 4 bytes
  const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t bytes = 0; bytes < std::size(ends); ++bytes)
    EXPECT_EQ(beginning(text, bytes), std::string_view(text).substr(0, ends[bytes])) << bytes;
  EXPECT_EQ(beginning("", 3), "");
}

struct SlugCase {
  const char* text;
  const char* slug;
};

TEST(Slug, IsDerivedFromAName) {
  const SlugCase table[] = {
      {"Tutorial: Intro to Django", "tutorial-intro-to-django"},
      {"PyCon T-Shirt", "pycon-t-shirt"},
      {"!!!", ""},
      {"", ""},
      {"  Sprints  ", "sprints"},
      {"a - b -- c", "a-b-c"},
      {"-- _x_ --", "x"},
      {"snake_case name", "snake_case-name"},
      {"Frühstück & Café", "fruhstuck-cafe"},
      {"Straße", "strasse"},
      {"Ærø Øst", "aero-ost"},
      {"Москва 2027", "moskva-2027"},
      {"東京", "dong-jing"},
      {"Αθήνα", "athena"},
      {"مؤتمر", "mwtmr"},
      {"İstanbul", "istanbul"},
      {"tab\tand\nline", "tab-and-line"},
      {"no\u00a0break", "no-break"},
      {"en – dash", "en-dash"},
      {"😀", ""},
      {"C++ & C#", "c-c"},
      {"100 % free", "100-free"},
  };
  for (const SlugCase& row : table) EXPECT_EQ(slug_from(row.text), row.slug) << row.text;
}

TEST(Slug, IsCutAtAHyphenWhereThereIsOne) {
  EXPECT_EQ(slug_from("alpha beta gamma", 12), "alpha-beta");
  EXPECT_EQ(slug_from("alpha beta gamma", 10), "alpha-beta");
  EXPECT_EQ(slug_from("alpha beta gamma", 9), "alpha");
  EXPECT_EQ(slug_from("abcdefghij", 4), "abcd");
  EXPECT_EQ(slug_from(std::string(300, 'x')).size(), 200u);
}

TEST(Slug, GivenSlugsMayUseBothCases) {
  for (const char* good : {"a", "PyCon_2027", "x-y", "-", "_", "0"}) EXPECT_TRUE(is_slug(good)) << good;
  for (const char* bad : {"", "a b", "a/b", "é", "a.b", "a\n"}) EXPECT_FALSE(is_slug(bad)) << bad;
  EXPECT_EQ(slug_key("PyCon-US"), "pycon-us");
}

std::string any_text() {
  const auto points = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 0x2ffff));
  std::string text;
  for (int c : points) {
    if (c >= 0xd800 && c <= 0xdfff) c = ' ';
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xc0 | c >> 6);
      text += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      text += static_cast<char>(0xe0 | c >> 12);
      text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
      text += static_cast<char>(0x80 | (c & 0x3f));
    } else {
      text += static_cast<char>(0xf0 | c >> 18);
      text += static_cast<char>(0x80 | (c >> 12 & 0x3f));
      text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
      text += static_cast<char>(0x80 | (c & 0x3f));
    }
  }
  return text;
}

TEST(Slug, IsAlwaysASlugOrEmptyAndDerivingAgainChangesNothing) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = any_text();
    const auto max = *rc::gen::inRange<std::size_t>(1, 60);
    const std::string slug = slug_from(text, max);
    RC_ASSERT(slug.size() <= max);
    RC_ASSERT((slug.empty() || is_slug(slug)));
    RC_ASSERT(slug == ascii_lower(slug));
    RC_ASSERT(slug_from(slug, max) == slug);
    RC_ASSERT((slug.empty() ||
               (slug.front() != '-' && slug.back() != '-' && slug.front() != '_' && slug.back() != '_')));
  }));
}

TEST(Text, CharactersAreCountedNotBytes) {
  EXPECT_EQ(character_count("abc"), 3u);
  EXPECT_EQ(character_count("äöü€😀"), 5u);
  EXPECT_EQ(character_count(""), 0u);
  EXPECT_TRUE(rc::check([] { RC_ASSERT(is_valid_utf8(any_text())); }));
}

TEST(Text, MalformedUtf8IsFound) {
  for (const char* bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5", "a\xc3", "\xff"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
  EXPECT_TRUE(is_valid_utf8("\xf4\x8f\xbf\xbf"));
}

TEST(Text, ControlCharactersAreFound) {
  for (const char* bad : {"a\nb", "\t", "\x7f", "\x1b[0m", "\u0085", "\u2028", "\u2029"}) {
    EXPECT_TRUE(has_control_characters(bad));
  }
  EXPECT_TRUE(has_control_characters(std::string_view("\0", 1)));
  EXPECT_FALSE(has_control_characters("Crème brûlée – 100 % “good” 日本"));
}

TEST(Text, BlankMeansUnicodeBlank) {
  for (const char* blank : {"", " ", "\t\n", "\u00a0", "\u3000\u2003"}) EXPECT_TRUE(is_blank(blank));
  for (const char* not_blank : {"a", " . ", "\u200b", "\xff"}) EXPECT_FALSE(is_blank(not_blank));
  EXPECT_EQ(trimmed("  a b \n"), "a b");
}

TEST(Text, EmailAddressesAreToldFromOtherTexts) {
  for (const char* good : {"a@example.org", "first.last+tag@sub.example.co.uk", "root@localhost",
                           "münchen@exämple.de", "o'brien@example.org", "a_b-c@x-y.de"}) {
    EXPECT_TRUE(is_email(good)) << good;
  }
  for (const char* bad :
       {"", "a", "@example.org", "a@", "a@b", "a b@example.org", "a@@example.org", "a@exa mple.org", "a@.org",
        "a@example.", "a@-x.org", "a@x..org", ".a@x.org", "a.@x.org", "a..b@x.org", "a\n@x.org", "<a@x.org>",
        "a@x.org,b@x.org", "a@[127.0.0.1]"}) {
    EXPECT_FALSE(is_email(bad)) << bad;
  }
  std::string long_name(65, 'a');
  long_name.append("@example.org");
  EXPECT_FALSE(is_email(long_name));
  std::string long_address = "a@";
  for (int i = 0; i < 5; ++i) long_address.append(60, 'b').append(".");
  EXPECT_FALSE(is_email(long_address + "org"));
}

TEST(Text, OneEmailIsCountedAsOne) {
  EXPECT_EQ(normalized_email("  Ann@Example.ORG "), "ann@example.org");
  EXPECT_EQ(normalized_email("MÜLLER@example.org"), "müller@example.org");
  EXPECT_EQ(normalized_email("STRASSE@x.de"), normalized_email("strasse@x.de"));
}

TEST(Text, TypingMistakesFindTheWordThatWasMeant) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("name", "nmae"), 1u);
  const std::vector<std::string> known = {"name", "price", "quantity", "voucher_required", "per_user"};
  EXPECT_EQ(nearest("nmae", known), "name");
  EXPECT_EQ(nearest("voucher_requried", known), "voucher_required");
  EXPECT_EQ(nearest("Price", known), "price");
  EXPECT_EQ(nearest("colour", known), "");
  EXPECT_EQ(nearest("x", known), "");
}

TEST(Text, EditDistanceIsADistance) {
  EXPECT_TRUE(rc::check([] {
    const auto word = rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc")));
    const std::string a = *word, b = *word;
    RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
    RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
    RC_ASSERT(edit_distance(a, b) <= std::max(a.size(), b.size()));
  }));
}

TEST(Text, HtmlIsEscaped) {
  EXPECT_EQ(html_escape("<a href=\"x\">O'Neil & Co</a>"),
            "&lt;a href=&quot;x&quot;&gt;O&#x27;Neil &amp; Co&lt;/a&gt;");
  EXPECT_EQ(html_escape(""), "");
  EXPECT_EQ(html_escape("plain ü"), "plain ü");
}

TEST(Refused, FillsItsTextAndKeepsTheTemplate) {
  const Refused refusal("sold_out", "Only {left} of {name} are left.", {{"left", "2"}, {"name", "{left}"}},
                        "quantity");
  EXPECT_STREQ(refusal.what(), "Only 2 of {left} are left.");
  EXPECT_EQ(refusal.text(), "Only {left} of {name} are left.");
  EXPECT_EQ(refusal.code(), "sold_out");
  EXPECT_EQ(refusal.field(), "quantity");
  EXPECT_EQ(fill("{unknown} {", {}), "{unknown} {");
  EXPECT_EQ(fill("{{a}}", {{"a", "x"}}), "{x}");
}

TEST(EmbeddedTree, FindsFilesByPath) {
  const EmbeddedTree tree({{"b.html", "B"}, {"a/x.html", "X"}, {"a.html", ""}});
  EXPECT_EQ(tree.find("a/x.html"), "X");
  EXPECT_EQ(tree.find("a.html"), "");
  EXPECT_FALSE(tree.find("a"));
  EXPECT_FALSE(tree.find("c.html"));
  EXPECT_EQ(tree.files().size(), 3u);
}

}  // namespace
}  // namespace plenary
