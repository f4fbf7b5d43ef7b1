#include "web/cookies.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace plenary::web {

std::string SetCookie::to_header() const {
  auto token = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
      auto byte = static_cast<unsigned char>(c);
      return byte > 0x20 && byte < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
    });
  };
  if (name.empty() || !token(name) || name.find('=') != std::string::npos || !token(value) || !token(path) ||
      !token(same_site)) {
    throw std::invalid_argument(
        fmt::format("The cookie {} has a character that browsers do not send back.", name));
  }
  std::string header = name + "=" + value + "; Path=" + path;
  if (max_age_seconds) header += fmt::format("; Max-Age={}", *max_age_seconds);
  if (http_only) header += "; HttpOnly";
  if (secure) header += "; Secure";
  if (!same_site.empty()) header += "; SameSite=" + same_site;
  return header;
}

std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(header.size(), end + 1));
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    while (!pair.empty() && pair.back() == ' ') pair.remove_suffix(1);
    std::size_t equals = pair.find('=');
    if (equals == name.size() && pair.substr(0, equals) == name) {
      std::string_view value = pair.substr(equals + 1);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return value;
    }
  }
  return std::nullopt;
}

std::string cookie_name(std::string_view base, bool secure) {
  std::string name(secure ? "__Host-plenary_" : "plenary_");
  return name += base;
}

}  // namespace plenary::web
