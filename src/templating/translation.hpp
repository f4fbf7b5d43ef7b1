// gettext for the engine: asks the context's translator, else the engine's, else answers the message itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "templating/context.hpp"

namespace plenary::templating {

std::string gettext(const Context& context, std::string_view message_context, std::string_view message);
std::string ngettext(const Context& context, std::string_view message_context, std::string_view singular,
                     std::string_view plural, std::int64_t count);
// Who is asked; null: nobody.
const Translator* translator_of(const Context& context);
// The primary language of a locale: "pt" of "pt-br".
std::string_view language_of(std::string_view locale);
bool is_right_to_left(std::string_view locale);

}  // namespace plenary::templating
