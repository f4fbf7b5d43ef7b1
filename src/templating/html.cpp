#include "templating/html.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace plenary::templating::html {
namespace {

constexpr auto special = [] {
  std::array<bool, 256> table{};
  for (unsigned char c : {'&', '<', '>', '"', '\''}) table[c] = true;
  return table;
}();

// Where the next character that is written otherwise stands, from `i` on: sixteen are looked at together.
std::size_t next_special(std::string_view text, std::size_t i) {
  using Bytes __attribute__((vector_size(16))) = unsigned char;
  using Halves __attribute__((vector_size(16))) = std::uint64_t;
  for (; i + 16 <= text.size(); i += 16) {
    Bytes bytes;
    std::memcpy(&bytes, text.data() + i, sizeof bytes);
    const auto found = (bytes == '&') | (bytes == '<') | (bytes == '>') | (bytes == '"') | (bytes == '\'');
    const auto halves = reinterpret_cast<Halves>(found);
    if (halves[0] != 0) return i + static_cast<std::size_t>(std::countr_zero(halves[0])) / 8;
    if (halves[1] != 0) return i + 8 + static_cast<std::size_t>(std::countr_zero(halves[1])) / 8;
  }
  while (i < text.size() && !special[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void escape(std::string_view text, std::string& out) {
  std::size_t begin = 0;
  for (std::size_t i = next_special(text, 0); i < text.size(); i = next_special(text, begin)) {
    out.append(text, begin, i - begin);
    begin = i + 1;
    switch (text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += "&#x27;";
    }
  }
  out.append(text, begin, text.size() - begin);
}

std::string escaped(std::string_view text) {
  std::string out;
  escape(text, out);
  return out;
}

std::string escape_js(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 32 ||
        std::string_view("\\'\"><&=-;`").find(c) != std::string_view::npos) {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}",
                     static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else if (text.substr(i, 3) == "\xE2\x80\xA8" || text.substr(i, 3) == "\xE2\x80\xA9") {
      out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view safe) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (is_alphanumeric(u) || std::string_view("_.-~").find(c) != std::string_view::npos ||
        (u < 128 && safe.find(c) != std::string_view::npos)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned>(u));
    }
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() + 0 && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace plenary::templating::html
