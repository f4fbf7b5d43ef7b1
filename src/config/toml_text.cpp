#include "config/toml_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace plenary::config {
namespace {

// One character inside a basic string; `c` is no line break in the several-lines form.
void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
      } else {
        out += c;
      }
  }
}

}  // namespace

std::string toml_line(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) append_escaped(out, c);
  return out + '"';
}

std::string toml_paragraphs(std::string_view text) {
  if (text.find('\n') == std::string_view::npos) return toml_line(text);
  // The first line break after the quotes is no part of the text.
  std::string out = "\"\"\"\n";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // A single quote may stand as it is; two of them, or one before the end, could close the text.
    const bool alone =
        c == '"' && i + 1 < text.size() && text[i + 1] != '"' && (i == 0 || text[i - 1] != '"');
    // Blanks before a line break are easily lost by editors.
    const bool trailing_blank = c == ' ' && (i + 1 == text.size() || text[i + 1] == '\n');
    if (trailing_blank) {
      out += "\\u0020";
    } else if (c == '\n' || alone) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out + "\"\"\"";
}

std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? std::string(key) : toml_line(key);
}

}  // namespace plenary::config
