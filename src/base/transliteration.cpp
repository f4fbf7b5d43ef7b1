#include "base/transliteration.hpp"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <memory>
#include <mutex>
#include <stdexcept>

namespace plenary {

std::string in_ascii_letters(std::string_view text) {
  // One for the process: making it takes milliseconds, and it is not for two threads at once.
  static std::mutex mutex;
  static const std::unique_ptr<icu::Transliterator> to_ascii = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
        icu::UnicodeString("Any-Latin; Latin-ASCII"), UTRANS_FORWARD, status));
    if (U_FAILURE(status) || !made)
      throw std::runtime_error(std::string("ICU has no transliterator to ASCII: ") + u_errorName(status));
    return made;
  }();
  auto spelled =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  {
    std::lock_guard lock(mutex);
    to_ascii->transliterate(spelled);
  }
  std::string ascii;
  for (std::int32_t i = 0; i < spelled.length(); i = spelled.moveIndex32(i, 1))
    if (const UChar32 c = spelled.char32At(i); c < 0x80) ascii += static_cast<char>(c);
  return ascii;
}

}  // namespace plenary
