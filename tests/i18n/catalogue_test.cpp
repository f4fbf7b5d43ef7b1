// Catalogues as msgfmt compiles them and as people write them.
#include "i18n/catalogue.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace plenary::i18n {
namespace {

constexpr const char* polish = R"(# a comment
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "Tickets"
msgstr "Bilety"

msgctxt "verb"
msgid "Order"
msgstr "Zamów"

msgid "Order"
msgstr "Zamówienie"

#, python-brace-format
msgid "{n} seat"
msgid_plural "{n} seats"
msgstr[0] "{n} miejsce"
msgstr[1] "{n} miejsca"
msgstr[2] "{n} miejsc"

msgid "two "
"\"lines\"\n"
"and a \\"
msgstr "dwie linie"

#, fuzzy
msgid "Guessed"
msgstr "Zgadywane"

msgid "Not yet"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Stare"
)";

class Catalogues : public ::testing::TestWithParam<const char*> {
 protected:
  // The same text, read as a .po file or compiled by msgfmt first.
  Catalogue read() {
    if (GetParam() == std::string_view("po")) return Catalogue::from_po(polish, "pl.po");
    const std::filesystem::path po =
        std::filesystem::temp_directory_path() / ("plenary-catalogue-" + std::to_string(::getpid()) + ".po");
    std::ofstream(po) << polish;
    const std::string order = GetParam() == std::string_view("big") ? "--endianness=big " : "";
    const std::string mo = po.string() + ".mo";
    EXPECT_EQ(std::system(("msgfmt " + order + "-o " + mo + " " + po.string()).c_str()), 0);
    std::ifstream in(mo, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    std::filesystem::remove(po);
    std::filesystem::remove(mo);
    return Catalogue::from_mo(bytes_);
  }
  std::string bytes_;
};
INSTANTIATE_TEST_SUITE_P(Formats, Catalogues, ::testing::Values("mo", "big", "po"));

TEST_P(Catalogues, AnswerWithContextsPluralsAndContinuedLines) {
  const Catalogue catalogue = read();
  EXPECT_EQ(catalogue.find("", "Tickets"), "Bilety");
  EXPECT_EQ(catalogue.find("", "Order"), "Zamówienie");
  EXPECT_EQ(catalogue.find("verb", "Order"), "Zamów");
  EXPECT_EQ(catalogue.find("noun", "Order"), std::nullopt);
  EXPECT_EQ(catalogue.find("", "verb"), std::nullopt);
  EXPECT_EQ(catalogue.find("", "two \"lines\"\nand a \\"), "dwie linie");
  EXPECT_EQ(catalogue.plural_rule().forms(), 3);
  EXPECT_EQ(catalogue.find_plural("", "{n} seat", 1), "{n} miejsce");
  EXPECT_EQ(catalogue.find_plural("", "{n} seat", 3), "{n} miejsca");
  EXPECT_EQ(catalogue.find_plural("", "{n} seat", 5), "{n} miejsc");
  EXPECT_EQ(catalogue.find_plural("", "{n} chair", 5), std::nullopt);
}

TEST_P(Catalogues, LeaveOutWhatIsNotTranslated) {
  const Catalogue catalogue = read();
  for (const char* message : {"Guessed", "Not yet", "Gone"}) {
    EXPECT_EQ(catalogue.find("", message), std::nullopt) << message;
  }
}

TEST(Catalogue, OfAnOrganiserComesFirst) {
  Catalogue catalogue = Catalogue::from_po(polish, "pl.po");
  catalogue.put_before(Catalogue::from_po("msgid \"Tickets\"\nmsgstr \"Wejściówki\"\n", "own.po"));
  EXPECT_EQ(catalogue.find("", "Tickets"), "Wejściówki");
  EXPECT_EQ(catalogue.find("", "Order"), "Zamówienie");
  EXPECT_EQ(catalogue.find_plural("", "{n} seat", 5), "{n} miejsc");
}

TEST(Catalogue, WithoutMessagesAnswersNothing) {
  const Catalogue catalogue;
  EXPECT_EQ(catalogue.find("", "Tickets"), std::nullopt);
  EXPECT_EQ(catalogue.find_plural("", "Tickets", 2), std::nullopt);
}

TEST(Catalogue, MistakesInATextTellTheirLine) {
  const auto message_of = [](const char* text) -> std::string {
    try {
      Catalogue::from_po(text, "own.po");
      return "";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  EXPECT_EQ(message_of("msgid \"a\nmsgstr \"b\"\n"), "own.po:1: expected a text in double quotes");
  EXPECT_EQ(message_of("msgid \"a\"\nmsgstr \"b\\q\"\n"),
            "own.po:2: expected \\n, \\t, \\\" or \\\\ after the backslash");
  EXPECT_NE(message_of("\"a\"").find("own.po:1"), std::string::npos);
  EXPECT_NE(message_of("msgstr \"a\"").find("msgid before msgstr"), std::string::npos);
  EXPECT_NE(message_of("message \"a\"").find("msgctxt"), std::string::npos);
  EXPECT_EQ(message_of("msgid \"\"\r\nmsgstr \"\"\r\n\r\nmsgid \"a\"\r\nmsgstr \"b\"\r\n"), "");
}

TEST(Catalogue, BrokenBytesAreRefused) {
  EXPECT_THROW(Catalogue::from_mo(""), std::invalid_argument);
  EXPECT_THROW(Catalogue::from_mo("not a catalogue at all"), std::invalid_argument);
  std::string bytes("\xde\x12\x04\x95\0\0\0\0\xff\xff\xff\x0f\x1c\0\0\0\x1c\0\0\0", 20);
  EXPECT_THROW(Catalogue::from_mo(bytes), std::invalid_argument);
  // One message whose text would lie outside.
  bytes.replace(8, 4, std::string("\1\0\0\0", 4));
  bytes += std::string(8, '\0') + std::string("\xff\0\0\0\xff\0\0\0", 8) + std::string(20, '\0');
  EXPECT_THROW(Catalogue::from_mo(bytes), std::invalid_argument);
}

}  // namespace
}  // namespace plenary::i18n
