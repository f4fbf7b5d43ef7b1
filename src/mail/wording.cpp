#include "mail/wording.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace plenary::mail {

// source: WCAG 2.2, relative luminance.
std::string_view text_on(std::string_view color) {
  const auto channel = [&](std::size_t at) {
    const double part = std::stoi(std::string(color.substr(at, 2)), nullptr, 16) / 255.0;
    return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  const double light = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}

bool is_color(std::string_view text) {
  return text.size() == 7 && text.front() == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

std::string shown_name(std::string_view name) {
  if (character_count(name) > 60 || has_control_characters(name)) return {};
  if (name.find_first_of("@/<>[]{}=%") != std::string_view::npos ||
      name.find("www.") != std::string_view::npos) {
    return {};
  }
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    const bool joins = name[i] == '.' && name[i - 1] != ' ' && name[i + 1] != ' ' && name[i + 1] != '.';
    if (joins && i + 2 < name.size() && name[i + 2] != '.' && name[i + 2] != ' ') return {};  // example.org
  }
  return std::string(trimmed(name));
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : trimmed(text)) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c;
  }
  return out;
}

std::string tidy(std::string_view text) {
  std::string out;
  int empty = 2;  // none at the start
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    empty = line.empty() ? empty + 1 : 0;
    if (empty <= 1) {
      out += line;
      out += '\n';
    }
    at = end + 1;
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return "localhost";  // an address is no name for a Message-ID
  return std::string(url.substr(0, url.find(':')));
}

}  // namespace plenary::mail
