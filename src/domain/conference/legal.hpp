// What a conference says to be held to: imprint, terms, privacy and the like. Each is a text of its own page,
// or the address of a page elsewhere. Pure functions. source: ground rules 15, 3.3; registration 20, D36.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/conference/types.hpp"

namespace plenary::conference {

struct LegalText {
  std::string_view slug;   // in the address of its page: "code-of-conduct"
  std::string_view title;  // in English, to be translated
  std::string Conference::*text;
};

// In the order of the footer; `contact` is shown by itself.
inline constexpr std::array<LegalText, 6> legal_texts{{
    {"contact", "Contact", &Conference::contact},
    {"imprint", "Imprint", &Conference::imprint},
    {"terms", "Terms and conditions", &Conference::terms},
    {"privacy", "Privacy", &Conference::privacy},
    {"code-of-conduct", "Code of conduct", &Conference::code_of_conduct},
    {"refund-policy", "Refund policy", &Conference::refund_policy},
}};

// The one of that slug, or null.
const LegalText* legal_text(std::string_view slug);

// An http or https address and nothing else: a link goes there instead of to a page of ours.
bool is_address(std::string_view text);

// The slug of the consent that buyers give where a conference has terms.
inline constexpr std::string_view terms_consent = "terms";
// A number that changes with the text, for versions of what nobody counts: 1 to 999,999,999.
std::int64_t text_number(std::string_view text);
// Enough of a text to know it by, on one line: at most `shown` characters.
std::string beginning(std::string_view text, std::size_t shown);

}  // namespace plenary::conference
