#include "config/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace plenary::config {
namespace {

std::optional<int> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  int port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + (c - '0');
  }
  if (port < 1 || port > 65535) return std::nullopt;
  return port;
}

bool is_ip(int family, std::string_view text) {
  std::array<unsigned char, 16> bytes;
  return text.size() < 64 && inet_pton(family, std::string(text).c_str(), bytes.data()) == 1;
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  bool last_is_numeric = false;
  for (std::size_t start = 0; start <= host.size();) {
    const std::size_t end = std::min(host.find('.', start), host.size());
    const std::string_view label = host.substr(start, end - start);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    last_is_numeric = true;
    for (const char c : label) {
      const bool digit = c >= '0' && c <= '9';
      const bool letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
      if (!digit && !letter && c != '-' && c != '_') return false;
      if (!digit) last_is_numeric = false;
    }
    start = end + 1;
  }
  return !last_is_numeric;  // "1.2.3" and "127.1" are broken addresses, not names
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  const std::string lower = ascii_lower(host);
  if (lower == "localhost") return true;
  if (is_ip(AF_INET, lower)) return lower.substr(0, 4) == "127.";
  std::array<unsigned char, 16> bytes;
  if (lower.size() >= 64 || inet_pton(AF_INET6, lower.c_str(), bytes.data()) != 1) return false;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](unsigned char b) { return b == 0; }) &&
         bytes.back() == 1;
}

bool is_host(std::string_view host) {
  return is_ip(AF_INET, host) || is_ip(AF_INET6, host) || is_host_name(host);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (!port) return std::nullopt;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ip(AF_INET6, host)) return std::nullopt;
  } else if (!is_ip(AF_INET, host) && !is_host_name(host)) {
    return std::nullopt;
  }
  return HostPort{ascii_lower(host), *port};
}

std::optional<Url> parse_url(std::string_view text) {
  if (has_control_characters(text) || text.find(' ') != std::string_view::npos) return std::nullopt;
  const std::size_t colon = text.find("://");
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = ascii_lower(text.substr(0, colon));
  for (const char c : url.scheme) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))
      return std::nullopt;
  }
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  url.rest = std::string(text.substr(end));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.userinfo = std::string(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    url.host = ascii_lower(authority.substr(1, close - 1));
    if (!is_ip(AF_INET6, url.host)) return std::nullopt;
    authority.remove_prefix(close + 1);
    if (!authority.empty()) {
      const auto port = authority.front() == ':' ? parse_port(authority.substr(1)) : std::nullopt;
      if (!port) return std::nullopt;
      url.port = *port;
    }
    return url;
  }
  if (const std::size_t at = authority.rfind(':'); at != std::string_view::npos) {
    const auto port = parse_port(authority.substr(at + 1));
    if (!port) return std::nullopt;
    url.port = *port;
    authority = authority.substr(0, at);
  }
  url.host = ascii_lower(authority);
  if (!is_ip(AF_INET, url.host) && !is_host_name(url.host)) return std::nullopt;
  return url;
}

std::string without_password(std::string_view url) {
  std::string text(url);
  // user:password@ before the path; a password may hold anything but "/".
  const std::size_t start = text.find("://");
  if (start != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of("/?#", start + 3), text.size());
    const std::size_t at = text.rfind('@', end);
    const std::size_t colon = text.find(':', start + 3);
    if (at != std::string::npos && at > start && colon != std::string::npos && colon < at) {
      text.replace(colon + 1, at - colon - 1, "****");
    }
  }
  // ?password=…&sslpassword=…
  for (std::size_t at = text.find("password="); at != std::string::npos;
       at = text.find("password=", at + 13)) {
    const std::size_t value = at + 9;
    text.replace(value, std::min(text.find('&', value), text.size()) - value, "****");
  }
  return text;
}

}  // namespace plenary::config
