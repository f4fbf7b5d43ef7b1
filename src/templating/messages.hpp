// The messages of templates, for translators: what {% translate %}, {% blocktranslate %} and _("…") look up
// at run time, in the form of a gettext template. Behind `plenary template messages`. No state; any thread.
// Errors: TemplateError with the place. source: Django's makemessages.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "templating/lexer.hpp"

namespace plenary::templating {

// A part of a blocktranslate message: text as catalogues have it, a variable as %(name)s.
std::string message_part(const Token& token);
// With the option `trimmed`: lines without their white space, joined by blanks.
std::string trimmed_message(std::string_view text);

struct TemplateMessage {
  std::string context, singular, plural;  // empty: none
  int line = 1;
};
std::vector<TemplateMessage> messages_of(std::string_view source, std::string_view name);

// All templates below `folder` as the text of a .pot file without a header, sorted, each message once.
std::string messages_of_folder(const std::filesystem::path& folder);

}  // namespace plenary::templating
