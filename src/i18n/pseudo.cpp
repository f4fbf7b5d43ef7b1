#include "i18n/pseudo.hpp"

namespace plenary::i18n {
namespace {

std::string_view strange(char c) {
  constexpr std::string_view lower[] = {"á", "ƀ", "ç", "đ", "é", "ƒ", "ğ", "ĥ", "î", "ĵ", "ķ", "ļ", "m",
                                        "ñ", "ö", "þ", "q", "ř", "š", "ţ", "ü", "v", "ŵ", "x", "ý", "ž"};
  constexpr std::string_view upper[] = {"Á", "Ɓ", "Ç", "Đ", "É", "Ƒ", "Ğ", "Ĥ", "Î", "Ĵ", "Ķ", "Ļ", "M",
                                        "Ñ", "Ö", "Þ", "Q", "Ř", "Š", "Ţ", "Ü", "V", "Ŵ", "X", "Ý", "Ž"};
  if (c >= 'a' && c <= 'z') return lower[c - 'a'];
  if (c >= 'A' && c <= 'Z') return upper[c - 'A'];
  return {};
}

bool is_name(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == '#';
    if (!fits) return false;
  }
  return true;
}

// How many bytes from the start of `text` must not be touched.
std::size_t kept(std::string_view text) {
  const auto until = [&](std::size_t from, std::string_view end) -> std::size_t {
    const std::size_t at = text.find(end, from);
    if (at == std::string_view::npos || !is_name(text.substr(from, at - from))) return 0;
    return at + end.size();
  };
  switch (text.front()) {
    case '{':
      return until(1, "}");
    case '&':
      return until(1, ";");
    case '<': {
      const std::size_t at = text.find('>');
      return at == std::string_view::npos ? 0 : at + 1;
    }
    case '%': {
      if (text.starts_with("%%") || text.starts_with("%s")) return 2;
      if (!text.starts_with("%(")) return 0;
      const std::size_t close = text.find(')');
      return close == std::string_view::npos || close + 1 >= text.size() ? 0 : close + 2;
    }
    default:
      return 0;
  }
}

}  // namespace

std::string pseudo_text(std::string_view message) {
  if (message.empty()) return {};
  std::string out = "[";
  out.reserve(message.size() * 2 + 8);
  std::size_t letters = 0;
  while (!message.empty()) {
    if (const std::size_t n = kept(message)) {
      out += message.substr(0, n);
      message.remove_prefix(n);
      continue;
    }
    ++letters;
    const std::string_view letter = strange(message.front());
    out += letter.empty() ? message.substr(0, 1) : letter;
    message.remove_prefix(1);
  }
  out += ' ';
  out.append((letters * 2 + 4) / 5, '~');
  return out + ']';
}

}  // namespace plenary::i18n
