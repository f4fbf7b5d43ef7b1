// The languages of the program: which there are, which one a person gets, and messages in it. English is the
// language of the source; the others are gettext catalogues compiled into the binary, over which an
// organiser's own .po files may be laid. en-XA is the pseudo-locale (pseudo.hpp), offered in development
// only. Any thread; use_own_words() before or while the server runs, from one thread. source: ground rules
// 15, 3.2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "i18n/catalogue.hpp"

namespace plenary::i18n {

struct Language {
  std::string code;  // "en", "de", "en-XA"
  std::string name;  // in itself: "Deutsch"
  bool is_right_to_left = false;
  bool is_pseudo = false;
  bool is_source = false;  // a message without a translation is right as it is
  Catalogue catalogue;

  // The message itself where there is no translation.
  std::string text(std::string_view context, std::string_view message) const;
  std::string text(std::string_view context, std::string_view singular, std::string_view plural,
                   std::int64_t n) const;
};

class Languages {
 public:
  // From the embedded catalogues.
  Languages();
  const std::vector<Language>& all() const { return all_; }
  // Any case of letters, "_" like "-"; null when the program does not speak it.
  const Language* find(std::string_view code) const;
  // Lays DIR/CODE.po over the catalogues of the same code; what was wrong, one line each.
  std::vector<std::string> add_own_words(const std::filesystem::path& folder);

 private:
  std::vector<Language> all_;
};

// Those in force. What was got once stays alive.
const Languages& languages();
// Languages with the .po files of `folder` laid over; with a fault the old ones stay. An empty path: none.
std::vector<std::string> use_own_words(const std::filesystem::path& folder);

// Whether people may choose it: every language but the pseudo-locale, which is for development.
inline bool is_offered(const Language& language, bool development) {
  return development || !language.is_pseudo;
}

// The language of a page: what the person chose (a cookie), else the account's, else the best of an
// Accept-Language header, else English. The first two may be anything; the header is hostile: of too long a
// one only the beginning counts. The result is a code of ours and lives as long as the process. source: RFC
// 4647, 3.4 (lookup); RFC 9110, 12.5.4.
std::string_view choose(std::string_view cookie, std::string_view account, std::string_view accept_language,
                        bool development = false);

// `message` in a language, its {name} places filled, marked amounts (base/amounts.hpp) as that language
// writes them. An unknown code speaks English.
std::string translated(std::string_view language, std::string_view message,
                       const Refused::Arguments& arguments = {});
std::string translated(std::string_view language, const Refused& refused);
// A text that is nobody's message, with its marked amounts.
std::string amounts_in(std::string_view language, std::string_view text);
// {n} is filled with the count.
std::string translated_n(std::string_view language, std::string_view singular, std::string_view plural,
                         std::int64_t n, Refused::Arguments arguments = {});

}  // namespace plenary::i18n
