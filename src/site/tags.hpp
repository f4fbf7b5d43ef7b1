// The tag libraries of the public pages that customers' templates load: registration_tags, stripe_tags and
// sponsor_tags, and formats (i18n/library.hpp). Constant once made; any thread. source: registration 20, 14;
// sponsors 50, 7.
#pragma once

#include <map>
#include <string>

#include "config/settings.hpp"
#include "templating/library.hpp"

namespace plenary::site {

// By the name that {% load %} uses. `program` must outlive the engine.
std::map<std::string, templating::Library> tag_libraries(const config::ProgramSettings& program);

// "$1,234.50". `code` empty: the configured currency; a configured symbol goes with its own currency only.
std::string currency_text(const Decimal& amount, std::string_view code,
                          const config::ProgramSettings& program, std::string_view language = "en");

}  // namespace plenary::site
