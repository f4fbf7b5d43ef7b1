// The pseudo-locale: English made strange and longer, so that a test sees at a glance which text never went
// through the translation and which has no room to grow. "Tickets" becomes "[Ţîçķéţš ~~~]". Pure; any thread.
// source: ground rules 15, 3.2.
#pragma once

#include <string>
#include <string_view>

namespace plenary::i18n {

// Placeholders ({name}, %(name)s, %%), markup and entities stay as they are.
std::string pseudo_text(std::string_view message);

}  // namespace plenary::i18n
