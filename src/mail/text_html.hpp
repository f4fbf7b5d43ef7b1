// HTML of a mail's text, and what HTML that somebody typed must not hold. Everything is escaped but the
// blocks that our own tags put there. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/text_language.hpp"

namespace plenary::mail {

// Stands in a text for a block of HTML. `mark` cannot be guessed by whoever typed a value of the text.
std::string block_mark(std::string_view mark, std::size_t index);
// Paragraphs, lists of lines that begin with "- ", links where addresses stand.
std::string html_of_text(std::string_view text, std::string_view mark,
                         const std::vector<std::string>& blocks);

// Scripts, frames, forms, style sheets, anything loaded by itself but pictures over https.
void find_unwanted_html(std::string_view html, std::vector<TextProblem>& problems);

}  // namespace plenary::mail
