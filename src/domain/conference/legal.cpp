#include "domain/conference/legal.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace plenary::conference {

const LegalText* legal_text(std::string_view slug) {
  const auto found = std::find_if(legal_texts.begin(), legal_texts.end(),
                                  [&](const LegalText& text) { return text.slug == slug; });
  return found == legal_texts.end() ? nullptr : &*found;
}

bool is_address(std::string_view text) {
  const auto starts = [&](std::string_view scheme) {
    return text.size() > scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), text.begin(), [](char wanted, char c) {
             return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
           });
  };
  return (starts("http://") || starts("https://")) && !has_control_characters(text) &&
         text.find_first_of(" \"'<>\\") == std::string_view::npos;
}

std::int64_t text_number(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a: the same on every machine
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  // Nine digits: what forms take for a number.
  return 1 + std::int64_t{hash % 999'999'999u};
}

std::string beginning(std::string_view text, std::size_t shown) {
  std::string line;
  std::size_t characters = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80 && ++characters > shown) return line + "…";
    line += byte < 0x20 ? ' ' : c;
  }
  return line;
}

}  // namespace plenary::conference
