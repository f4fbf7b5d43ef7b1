// gettext for templates: one for the whole engine, which asks with the page's language. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "templating/services.hpp"

namespace plenary::i18n {

class GettextTranslator : public templating::Translator {
 public:
  std::string translate(std::string_view locale, std::string_view context,
                        std::string_view message) const override;
  std::string translate_plural(std::string_view locale, std::string_view context, std::string_view singular,
                               std::string_view plural, std::int64_t count) const override;
  bool is_source(std::string_view locale) const override;
  const void* edition() const override;
};

}  // namespace plenary::i18n
