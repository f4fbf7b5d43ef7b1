// What of a text fits into so many bytes. No character is cut in two: PostgreSQL refuses half of one, and so
// do readers of JSON. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace plenary {

inline std::string_view beginning(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace plenary
