#include "templating/unicode.hpp"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <stdexcept>

namespace plenary::templating::unicode {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

icu::UnicodeString to_icu(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string from_icu(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

std::string normalized(std::string_view text, const icu::Normalizer2* (*get)(UErrorCode&)) {
  if (is_ascii(text)) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = get(status);
  if (U_FAILURE(status))
    throw std::runtime_error("ICU's normalization data are missing; install its data package");
  const icu::UnicodeString result = normalizer->normalize(to_icu(text), status);
  if (U_FAILURE(status)) return std::string(text);
  return from_icu(result);
}

}  // namespace

char32_t next(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  std::size_t n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (n == 0 || first > 0xF4 || at + n > text.size()) {
    ++at;
    return 0xFFFD;
  }
  char32_t c = n == 4 ? first & 0x07 : n == 3 ? first & 0x0F : first & 0x1F;
  for (std::size_t i = 1; i < n; ++i) {
    if (!is_continuation(text[at + i])) {
      ++at;
      return 0xFFFD;
    }
    c = c << 6 | (byte(at + i) & 0x3F);
  }
  if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10FFFF)) || (c >= 0xD800 && c < 0xE000)) {
    ++at;
    return 0xFFFD;
  }
  at += n;
  return c;
}

std::size_t width(std::string_view text, std::size_t at) {
  std::size_t end = at;
  next(text, end);
  return end - at;
}

void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::size_t count(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < text.size(); ++n) next(text, at);
  return n;
}

std::size_t position(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  while (index > 0 && at < text.size()) {
    next(text, at);
    --index;
  }
  return at;
}

std::size_t position_from_end(std::string_view text, std::size_t index) {
  std::size_t at = text.size();
  for (; index > 0 && at > 0; --index) {
    --at;
    while (at > 0 && is_continuation(text[at])) --at;
  }
  return at;
}

bool is_ascii(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  const auto u = static_cast<UChar32>(c);
  return u_isalpha(u) || u_getNumericValue(u) != U_NO_NUMERIC_VALUE;
}

bool is_printable(char32_t c) {
  if (c < 0x80) return c >= 0x20 && c < 0x7F;
  switch (u_charType(static_cast<UChar32>(c))) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
    case U_UNASSIGNED:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_SPACE_SEPARATOR:
      return false;
    default:
      return true;
  }
}

bool is_combining(char32_t c) {
  return c >= 0x300 && u_getCombiningClass(static_cast<UChar32>(c)) != 0;
}

bool is_cased(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_CASED);
}

std::string upper(std::string_view text) {
  if (!is_ascii(text)) return from_icu(to_icu(text).toUpper(icu::Locale::getRoot()));
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

std::string lower(std::string_view text) {
  if (!is_ascii(text)) return from_icu(to_icu(text).toLower(icu::Locale::getRoot()));
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

namespace {
std::string title_of(std::string_view one_character) {
  if (is_ascii(one_character)) return upper(one_character);
  return from_icu(to_icu(one_character).toTitle(nullptr, icu::Locale::getRoot()));
}
}  // namespace

std::string title(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next(text, at);
    const std::string_view one = text.substr(begin, at - begin);
    if (c == 0x3A3 && inside) {
      // The last sigma of a word has a form of its own.
      std::size_t after = at;
      out += at < text.size() && is_cased(next(text, after)) ? "σ" : "ς";
      continue;
    }
    out += !is_cased(c) ? std::string(one) : inside ? lower(one) : title_of(one);
    inside = is_cased(c);
  }
  return out;
}

std::string upper_first(std::string_view text) {
  if (text.empty()) return {};
  const std::size_t n = width(text, 0);
  return upper(text.substr(0, n)) + std::string(text.substr(n));
}

std::string nfc(std::string_view text) {
  return normalized(text, icu::Normalizer2::getNFCInstance);
}
std::string nfkd(std::string_view text) {
  return normalized(text, icu::Normalizer2::getNFKDInstance);
}

std::string_view strip(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t at = begin;
    if (!is_space(next(text, at))) break;
    begin = at;
  }
  std::size_t end = text.size();
  while (end > begin) {
    std::size_t at = end - 1;
    while (at > begin && is_continuation(text[at])) --at;
    std::size_t after = at;
    if (!is_space(next(text, after)) || after != end) break;
    end = at;
  }
  return text.substr(begin, end - begin);
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    if (is_space(next(text, at))) {
      if (begin != std::string_view::npos) words.push_back(text.substr(begin, here - begin));
      begin = std::string_view::npos;
    } else if (begin == std::string_view::npos) {
      begin = here;
    }
  }
  if (begin != std::string_view::npos) words.push_back(text.substr(begin));
  return words;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const char32_t c = next(text, at);
    if (!((c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029))
      continue;
    lines.push_back(text.substr(begin, here - begin));
    if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
    begin = at;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

}  // namespace plenary::templating::unicode
