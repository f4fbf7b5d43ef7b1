#include "i18n/translator.hpp"

#include "i18n/languages.hpp"

namespace plenary::i18n {

std::string GettextTranslator::translate(std::string_view locale, std::string_view context,
                                         std::string_view message) const {
  const Language* language = languages().find(locale);
  return language ? language->text(context, message) : std::string(message);
}

std::string GettextTranslator::translate_plural(std::string_view locale, std::string_view context,
                                                std::string_view singular, std::string_view plural,
                                                std::int64_t count) const {
  const Language* language = languages().find(locale);
  return language ? language->text(context, singular, plural, count)
                  : std::string(count == 1 ? singular : plural);
}

bool GettextTranslator::is_source(std::string_view locale) const {
  const Language* language = languages().find(locale);
  return !language || (language->is_source && language->catalogue.size() == 0);
}

// What was once in force stays where it is.
const void* GettextTranslator::edition() const {
  return &languages();
}

}  // namespace plenary::i18n
