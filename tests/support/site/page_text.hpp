// What a person reads on a page: its text and the attributes that are read out or shown, in their order. A
// small walker over HTML as our templates write it, no general parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::site::testing {

// Without scripts, styles, <code> and <pre>, whose contents are no prose. Attributes: alt, title,
// placeholder, aria-label and data-label, and value of buttons made of <input>.
std::vector<std::string> texts_of(std::string_view html);

// What of a text never went through the pseudo-locale: the text without its "[…]" parts and without `data`,
// if any letter is left; else empty.
std::string plain_rest(std::string_view text, const std::vector<std::string>& data);

// Addresses of this site that the page links to, each once.
std::vector<std::string> links_of(std::string_view html);

}  // namespace plenary::site::testing
