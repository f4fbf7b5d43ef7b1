#include "base/slug.hpp"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "base/text.hpp"

namespace plenary {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

icu::UnicodeString transliterated(std::string_view text) {
  // One transliterator for the process: making it takes milliseconds, and it is not for two threads at once.
  static std::mutex mutex;
  static const std::unique_ptr<icu::Transliterator> to_ascii = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
        icu::UnicodeString("Any-Latin; Latin-ASCII; Lower"), UTRANS_FORWARD, status));
    if (U_FAILURE(status) || !made) {
      throw std::runtime_error(std::string("ICU has no transliterator to ASCII: ") + u_errorName(status));
    }
    return made;
  }();
  auto result =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  std::lock_guard lock(mutex);
  to_ascii->transliterate(result);
  return result;
}

std::string_view stripped(std::string_view text) {
  const auto edge = [](char c) { return c == '-' || c == '_'; };
  while (!text.empty() && edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && edge(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string slug_from(std::string_view text, std::size_t max_length) {
  std::string slug;
  const auto add = [&](char32_t c) {
    if (c < 0x80 && is_word(static_cast<char>(c))) {
      slug.push_back(static_cast<char>(c));
    } else if (c == '-' || u_isUWhiteSpace(static_cast<UChar32>(c))) {
      if (slug.empty() || slug.back() != '-') slug.push_back('-');
    }
  };
  if (is_ascii(text)) {
    for (const char c : ascii_lower(text)) add(static_cast<unsigned char>(c));
  } else {
    const icu::UnicodeString ascii = transliterated(text);
    for (std::int32_t i = 0; i < ascii.length(); i = ascii.moveIndex32(i, 1)) {
      add(static_cast<char32_t>(ascii.char32At(i)));
    }
    slug = ascii_lower(slug);
  }
  std::string_view result = stripped(slug);
  if (result.size() > max_length) {
    const bool at_word_end = result[max_length] == '-';
    result = result.substr(0, max_length);
    const std::size_t hyphen = result.rfind('-');
    if (!at_word_end && hyphen != std::string_view::npos) result = result.substr(0, hyphen);
    result = stripped(result);
  }
  return std::string(result);
}

bool is_slug(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '-'; });
}

std::string free_slug(std::string_view base, const std::function<bool(const std::string& slug)>& is_taken,
                      std::size_t max_length) {
  std::string slug(base.substr(0, max_length));
  for (int n = 2; is_taken(slug); ++n) {
    const std::string suffix = "-" + std::to_string(n);
    slug = std::string(stripped(base.substr(0, max_length - suffix.size()))) + suffix;
  }
  return slug;
}

std::string slug_key(std::string_view slug) {
  return ascii_lower(slug);
}

}  // namespace plenary
