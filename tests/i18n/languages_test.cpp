// Which language a person gets, and messages in it.
#include "i18n/languages.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include "base/amounts.hpp"
#include "i18n/pseudo.hpp"
#include "i18n/translator.hpp"

namespace plenary::i18n {
namespace {

std::string_view accepted(std::string_view header) {
  return choose("", "", header);
}

TEST(Choose, TheCookieBeforeTheAccountBeforeTheBrowser) {
  EXPECT_EQ(choose("de", "en", "en"), "de");
  EXPECT_EQ(choose("", "de", "en"), "de");
  EXPECT_EQ(choose("", "", "de"), "de");
  EXPECT_EQ(choose("", "", ""), "en");
  // What the program does not speak is passed over.
  EXPECT_EQ(choose("tlh", "xx", "de"), "de");
  EXPECT_EQ(choose("DE", "", ""), "de");
  EXPECT_EQ(choose("../../etc/passwd", std::string(100'000, 'x'), "de"), "de");
}

TEST(Choose, TheBestQualityOfWhatIsSpoken) {
  EXPECT_EQ(accepted("de"), "de");
  EXPECT_EQ(accepted("de-AT,de;q=0.9,en;q=0.8"), "de");
  EXPECT_EQ(accepted("de_CH"), "en");  // no language range
  EXPECT_EQ(accepted("de-Latn-DE-1996"), "de");
  EXPECT_EQ(accepted("de-x-secret"), "de");
  EXPECT_EQ(accepted("en-US,en;q=0.9,de;q=0.8"), "en");
  EXPECT_EQ(accepted("en;q=0.3, de;q=0.7"), "de");
  EXPECT_EQ(accepted("fr-FR, fr;q=0.9, de;q=0.2"), "de");
  EXPECT_EQ(accepted("fr, *;q=0.5"), "en");
  EXPECT_EQ(accepted("de;q=0, en;q=0.1"), "en");
  EXPECT_EQ(accepted("de-AT, de;q=0"), "en");
  EXPECT_EQ(accepted("DE-de"), "de");
  EXPECT_EQ(accepted("deu"), "en");
}

TEST(Choose, AHostileHeaderDoesNoHarm) {
  EXPECT_EQ(accepted("de;q=2"), "en");
  EXPECT_EQ(accepted("de;q=-1, de;q=NaN, de;q=1e9"), "en");
  EXPECT_EQ(accepted(";;;,,,;q=,=q,;q"), "en");
  EXPECT_EQ(accepted("-,--,-de-,\xff\xfe, d\xc3\xa9"), "en");
  EXPECT_EQ(accepted(std::string(1'000'000, ',')), "en");
  EXPECT_EQ(accepted(std::string(1'000'000, 'a')), "en");
  EXPECT_EQ(accepted(std::string(1'000'000, '-')), "en");
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "x" + std::to_string(i) + ",";
  EXPECT_EQ(accepted(many + "de"), "en");
  EXPECT_EQ(accepted("de," + many), "de");
}

TEST(Choose, ThePseudoLocaleIsForDevelopment) {
  EXPECT_EQ(choose("en-XA", "", ""), "en");
  EXPECT_EQ(choose("en-XA", "", "", true), "en-XA");
  EXPECT_EQ(choose("", "", "en-xa", true), "en-XA");
  EXPECT_EQ(choose("", "", "en-US", true), "en");
}

TEST(Languages, NameThemselves) {
  ASSERT_TRUE(languages().find("de"));
  EXPECT_EQ(languages().find("de")->name, "Deutsch");
  EXPECT_EQ(languages().find("en")->name, "English");
  EXPECT_FALSE(languages().find("de")->is_right_to_left);
  EXPECT_FALSE(languages().find("fr"));
  EXPECT_FALSE(languages().find(""));
}

TEST(Translated, FillsPlacesAfterTheTranslation) {
  EXPECT_EQ(translated("en", "{a} and {b}", {{"a", "1"}, {"b", "{a}"}}), "1 and {a}");
  EXPECT_EQ(translated("de", "Your cart is empty."), "Ihr Warenkorb ist leer.");
  EXPECT_EQ(translated("de", "No catalogue has this {x}.", {{"x", "y"}}), "No catalogue has this y.");
  EXPECT_EQ(translated("tlh", "Tickets"), "Tickets");
  EXPECT_EQ(translated("de", ""), "");
}

TEST(Translated, CountsInTheLanguagesForms) {
  EXPECT_EQ(translated_n("en", "{n} seat", "{n} seats", 1), "1 seat");
  EXPECT_EQ(translated_n("en", "{n} seat", "{n} seats", 1234), "1,234 seats");
  EXPECT_EQ(translated_n("de", "{n} remark", "{n} remarks", 1234), "1.234 remarks");
  EXPECT_EQ(translated_n("en-XA", "{n} seat", "{n} seats", 2), "[2 šéáţš ~~~]");
}

TEST(PseudoText, IsLongerStrangeAndKeepsWhatMachinesRead) {
  EXPECT_EQ(pseudo_text("Tickets"), "[Ţîçķéţš ~~~]");
  EXPECT_EQ(pseudo_text("{name} is %(what)s"), "[{name} îš %(what)s ~~]");
  EXPECT_EQ(pseudo_text("a <a href=\"/x\">b</a> &amp; 5 %% c"), "[á <a href=\"/x\">ƀ</a> &amp; 5 %% ç ~~~~]");
  EXPECT_EQ(pseudo_text("{ open < & 5% %("), "[{ öþéñ < & 5% %( ~~~~~~~]");
  EXPECT_EQ(pseudo_text(""), "");
}

TEST(Translator, SpeaksThePagesLanguage) {
  const GettextTranslator translator;
  EXPECT_EQ(translator.translate("de", "", "Your cart"), "Ihr Warenkorb");
  EXPECT_EQ(translator.translate("en", "", "Your cart"), "Your cart");
  EXPECT_EQ(translator.translate("en-xa", "", "Cart"), "[Çářţ ~~]");
  EXPECT_EQ(translator.translate_plural("fr", "", "%(n)s one", "%(n)s more", 2), "%(n)s more");
}

TEST(OwnWords, LieOverTheCatalogues) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("plenary-words-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "de.po") << "msgid \"Your cart\"\nmsgstr \"Dein Korb\"\n";
  std::ofstream(folder / "en.po") << "msgid \"Your cart\"\nmsgstr \"Your basket\"\n";
  std::ofstream(folder / "fr.po") << "msgid \"Your cart\"\nmsgstr \"Votre panier\"\n";
  ASSERT_EQ(use_own_words(folder), std::vector<std::string>{});
  EXPECT_EQ(translated("de", "Your cart"), "Dein Korb");
  EXPECT_EQ(translated("de", "Your cart is empty."), "Ihr Warenkorb ist leer.");
  EXPECT_EQ(translated("en", "Your cart"), "Your basket");
  EXPECT_EQ(accepted("fr-CA"), "fr");
  EXPECT_EQ(languages().find("fr")->name, "Français");

  std::ofstream(folder / "de.po") << "msgid \"Your cart\nmsgstr \"x\"\n";
  const std::vector<std::string> faults = use_own_words(folder);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("de.po:1"), std::string::npos);
  EXPECT_EQ(translated("de", "Your cart"), "Dein Korb");  // the old words stay
  EXPECT_EQ(use_own_words(folder / "missing").size(), 1u);
  std::filesystem::remove_all(folder);
  ASSERT_EQ(use_own_words({}), std::vector<std::string>{});
  EXPECT_EQ(translated("de", "Your cart"), "Ihr Warenkorb");
}

TEST(Messages, WriteMarkedAmountsAsTheirLanguageDoes) {
  const Money amount(123'450, Currency::of("EUR"));
  const Refused refused("due", "Of {name}, {amount} is due.", {{"name", "Ada"}, {"amount", marked(amount)}});
  EXPECT_EQ(translated("en", refused), "Of Ada, €1,234.50 is due.");
  EXPECT_EQ(translated("de", refused), "Of Ada, 1.234,50\u00A0€ is due.");
  EXPECT_EQ(translated("tlh", refused), "Of Ada, €1,234.50 is due.");
  EXPECT_EQ(translated_n("de", "{n} of {amount}", "{n} of {amount} each", 2, {{"amount", marked(amount)}}),
            "2 of 1.234,50\u00A0€ each");
  EXPECT_EQ(amounts_in("de", "Fee: −" + marked(amount, "EURO")), "Fee: −1.234,50\u00A0EURO");
}

}  // namespace
}  // namespace plenary::i18n
