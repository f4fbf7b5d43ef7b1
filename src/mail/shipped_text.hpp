// The shipped text of a message as its organisers would write it: the source of its templates with the
// messages of one language put in, in the restricted language of text_language.hpp. What it renders is what
// the shipped templates render; a test holds the two together. A theme's own templates count as shipped. Any
// thread. Errors: TemplateError where a theme's template holds what cannot be put so.
#pragma once

#include <string_view>

#include "mail/messages.hpp"
#include "mail/texts.hpp"
#include "templating/engine.hpp"

namespace plenary::mail {

// Without HTML of its own.
TextSource shipped_text(const templating::Engine& engine, const Message& message, std::string_view language);

}  // namespace plenary::mail
