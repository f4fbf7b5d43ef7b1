#include "templating/translation.hpp"

#include "templating/render_state.hpp"

namespace plenary::templating {

const Translator* translator_of(const Context& context) {
  if (context.translator) return context.translator;
  return context.state ? context.state->options.translator.get() : nullptr;
}

std::string gettext(const Context& context, std::string_view message_context, std::string_view message) {
  if (message.empty()) return {};
  const Translator* translator = translator_of(context);
  return translator ? translator->translate(context.locale, message_context, message) : std::string(message);
}

std::string ngettext(const Context& context, std::string_view message_context, std::string_view singular,
                     std::string_view plural, std::int64_t count) {
  const Translator* translator = translator_of(context);
  if (translator)
    return translator->translate_plural(context.locale, message_context, singular, plural, count);
  return std::string(count == 1 ? singular : plural);
}

std::string_view language_of(std::string_view locale) {
  return locale.substr(0, locale.find_first_of("-_"));
}

bool is_right_to_left(std::string_view locale) {
  const std::string_view language = language_of(locale);
  for (std::string_view rtl : {"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}) {
    if (language == rtl) return true;
  }
  return false;
}

}  // namespace plenary::templating
