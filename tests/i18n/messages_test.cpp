// The messages of the whole program: translated, and filled in alike (whether they are all collected is told
// by tests/admin/messages_test.cpp, which knows every room that has some). When one of these fails
// after a text was changed: `./dev messages`, then translate what is missing in
// locale/*/LC_MESSAGES/plenary.po.
#include "templating/messages.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "i18n/languages.hpp"
#include "i18n/po_reader.hpp"
#include "templating/error.hpp"

namespace plenary::i18n {
namespace {

const std::filesystem::path source = PLENARY_SOURCE_DIR;
const std::filesystem::path german = source / "locale/de/LC_MESSAGES/plenary.po";

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

std::string key_of(const PoMessage& message) {
  return message.context.value_or("") + "|" + message.id + "|" + message.plural.value_or("");
}

// {name}, %(name)s and %%, each as often as it occurs.
std::multiset<std::string> places(const std::string& text) {
  std::multiset<std::string> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto take = [&](char close, std::size_t more) {
      const std::size_t end = text.find(close, at);
      if (end == std::string::npos) return;
      found.insert(text.substr(at, end + more - at));
      at = end;
    };
    if (text[at] == '{') {
      take('}', 1);
    } else if (text.compare(at, 2, "%(") == 0) {
      take(')', 2);
    } else if (text.compare(at, 2, "%%") == 0) {
      found.insert("%%");
      ++at;
    }
  }
  return found;
}

// Words of markup: <a>, </a>, &amp;
std::multiset<std::string> markup(const std::string& text) {
  std::multiset<std::string> found;
  for (std::size_t at = 0; (at = text.find_first_of("<&", at)) != std::string::npos; ++at) {
    const std::size_t end = text.find(text[at] == '<' ? '>' : ';', at);
    if (end != std::string::npos) found.insert(text.substr(at, end + 1 - at));
  }
  return found;
}

TEST(Messages, GermanHasEveryOneWithTheSamePlaces) {
  std::map<std::string, PoMessage> translations;
  for (PoMessage& message : read_po(file_text(german), "plenary.po")) {
    translations.emplace(key_of(message), std::move(message));
  }
  for (const PoMessage& message : read_po(file_text(source / "locale/plenary.pot"), "plenary.pot")) {
    if (message.id.empty()) continue;
    const auto found = translations.find(key_of(message));
    if (found == translations.end()) {
      ADD_FAILURE() << "not in the German catalogue: " << key_of(message);
      continue;
    }
    const PoMessage& translation = found->second;
    EXPECT_FALSE(translation.is_fuzzy) << message.id;
    EXPECT_EQ(translation.forms.size(), message.plural ? 2u : 1u) << message.id;
    for (std::size_t i = 0; i < translation.forms.size(); ++i) {
      const std::string& form = translation.forms[i];
      const std::string original = i == 0 ? message.id : message.plural.value_or("");
      EXPECT_FALSE(form.empty()) << "not translated: " << message.id;
      EXPECT_EQ(places(form), places(original)) << original << "\n" << form;
      EXPECT_EQ(markup(form), markup(original)) << original << "\n" << form;
      // "Thing: " beside "Thing:" would be glued to what follows.
      EXPECT_EQ(form.starts_with(' '), message.id.starts_with(' ')) << message.id;
      EXPECT_EQ(form.ends_with(' '), message.id.ends_with(' ')) << message.id;
      EXPECT_EQ(std::regex_replace(form, std::regex("<[^>]*>"), "").find('"'), std::string::npos)
          << "German quotes are „…“: " << form;
    }
  }
}

TEST(Messages, TheGermanCatalogueIsWellFormed) {
  EXPECT_EQ(std::system(("msgfmt -c -o /dev/null " + german.string()).c_str()), 0);
  const Language* language = languages().find("de");
  ASSERT_TRUE(language);
  EXPECT_EQ(language->catalogue.plural_rule().forms(), 2);
  EXPECT_EQ(language->catalogue.plural_rule().form_of(1), 0);
  EXPECT_EQ(language->catalogue.plural_rule().form_of(0), 1);
}

std::string keys(std::string_view page) {
  std::string out;
  for (const templating::TemplateMessage& m : templating::messages_of(page, "page.html")) {
    out += m.context + "|" + m.singular + "|" + m.plural + "\n";
  }
  return out;
}

TEST(TemplateMessages, AreThoseThatTheEngineLooksUp) {
  EXPECT_EQ(keys("{% translate \"Tickets\" %}{% trans 'It\\'s 5%' context \"price\" as x %}"),
            "|Tickets|\nprice|It's 5%%|\n");
  EXPECT_EQ(keys("{% blocktranslate with n=cart.count %}{{ n }} of 100%{% endblocktranslate %}"),
            "|%(n)s of 100%%|\n");
  EXPECT_EQ(
      keys("{% blocktranslate count n=x context 'seats' trimmed %}\n  one\n  {{ n }}\n{% plural %}\n many "
           "\n{% endblocktranslate %}"),
      "seats|one %(n)s|many\n");
  EXPECT_EQ(
      keys("{{ _('Hello') }}{% include \"x.html\" with title=_(\"What's new\") %}{{ x|default:_('none') }}"),
      "|Hello|\n|What's new|\n|none|\n");
  EXPECT_EQ(
      keys(
          "{% translate label %}{# {% translate 'no' %} #}{% comment %}{% translate 'no' %}{% endcomment %}"),
      "");
  EXPECT_EQ(keys("{{ \"_('no')\" }}{{ x_('no') }}"), "");
  EXPECT_THROW(templating::messages_of("{% blocktranslate %}open", "page.html"), templating::TemplateError);
}

}  // namespace
}  // namespace plenary::i18n
