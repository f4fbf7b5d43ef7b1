#include "domain/payments/statement_texts.hpp"

#include "base/text.hpp"

namespace plenary::payments {

std::string clean_text(std::string_view text, std::size_t most_characters) {
  std::string clean;
  std::size_t characters = 0;
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    const std::string_view character = text.substr(at, length);
    at += length;
    if (c <= 0x20 || c == 0x7F ||
        (c == 0xC2 && character.size() == 2 && static_cast<unsigned char>(character[1]) <= 0xA0)) {
      blank = true;
      continue;
    }
    if (blank && !clean.empty()) {
      clean += ' ';
      ++characters;
    }
    blank = false;
    if (characters >= most_characters) break;
    clean += character;
    ++characters;
  }
  while (clean.ends_with(' ')) clean.pop_back();
  return clean;
}

std::string clean_id(std::string_view text) {
  std::string id = clean_text(text, 140);
  const std::string upper = ascii_upper(id);
  if (upper == "NOTPROVIDED" || upper == "NONREF" || upper == "NOT PROVIDED" || upper == "NOREF" ||
      upper == "-")
    return {};
  return id;
}

std::string account_of(std::string_view text) {
  std::string account;
  for (const char c : clean_text(text, 60))
    if (c != ' ') account += c;
  return ascii_upper(account);
}

bool looks_like_iban(std::string_view text) {
  if (text.size() < 15 || text.size() > 34) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool letter = c >= 'A' && c <= 'Z', figure = c >= '0' && c <= '9';
    if (at < 2 ? !letter : at < 4 ? !figure : !letter && !figure) return false;
  }
  return true;
}

}  // namespace plenary::payments
