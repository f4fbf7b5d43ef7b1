#include "i18n/countries.hpp"

#include <unicode/coll.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "base/countries.hpp"
#include "i18n/languages.hpp"
#include "i18n/pseudo.hpp"

namespace plenary::i18n {
namespace {

icu::UnicodeString name_of(const icu::Locale& locale, const std::string& code) {
  icu::UnicodeString name;
  icu::Locale("", code.c_str()).getDisplayCountry(locale, name);
  return name;
}

std::vector<NamedCountry> named(const std::string& language, bool is_pseudo) {
  const icu::Locale locale = is_pseudo ? icu::Locale::getEnglish() : icu::Locale(language.c_str());
  std::vector<std::pair<icu::UnicodeString, std::string>> named;
  for (const std::string& code : country_codes()) named.emplace_back(name_of(locale, code), code);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Collator> collator(icu::Collator::createInstance(locale, status));
  if (U_SUCCESS(status)) {
    std::sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
      UErrorCode ignored = U_ZERO_ERROR;
      return collator->compare(a.first, b.first, ignored) == UCOL_LESS;
    });
  }
  std::vector<NamedCountry> countries;
  countries.reserve(named.size());
  for (const auto& [name, code] : named) {
    std::string text;
    name.toUTF8String(text);
    countries.push_back({code, is_pseudo ? pseudo_text(text) : std::move(text)});
  }
  return countries;
}

}  // namespace

const std::vector<NamedCountry>& countries(std::string_view language) {
  static std::mutex mutex;
  static std::map<std::string, std::vector<NamedCountry>, std::less<>> known;
  const Language* found = languages().find(language);
  const std::string code = found ? found->code : std::string("en");
  const std::lock_guard lock(mutex);
  const auto kept = known.find(code);
  if (kept != known.end()) return kept->second;
  return known.emplace(code, named(code, found && found->is_pseudo)).first->second;
}

std::string country_name(std::string_view language, std::string_view code) {
  for (const NamedCountry& country : countries(language))
    if (country.code == code) return country.name;
  return std::string(code);
}

}  // namespace plenary::i18n
