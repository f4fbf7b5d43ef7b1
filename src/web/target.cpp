#include "web/target.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace plenary::web {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool has_dot_segment(std::string_view path) {
  for (std::size_t at = path.find("/."); at != std::string_view::npos; at = path.find("/.", at + 1)) {
    std::string_view rest = path.substr(at + 2);
    if (rest.empty() || rest.front() == '/') return true;
    if (rest.front() == '.' && (rest.size() == 1 || rest[1] == '/')) return true;
  }
  return false;
}

}  // namespace

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      int high = hex_digit(text[i + 1]);
      int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += c == '+' && plus_is_space ? ' ' : c;
    }
  }
  return true;
}

std::optional<std::string_view> decode_path(std::string_view raw, std::string& storage,
                                            std::string_view& reason) {
  if (raw.empty() || raw.front() != '/') {
    reason = "the path does not begin with a slash";
    return std::nullopt;
  }
  std::string_view path = raw;
  if (raw.find('%') != std::string_view::npos) {
    storage.clear();
    // A slash that arrives encoded would be one more segment to one reader and none to another.
    for (std::size_t at = raw.find('%'); at != std::string_view::npos; at = raw.find('%', at + 1)) {
      std::string_view escape = raw.substr(at, 3);
      if (escape == "%2F" || escape == "%2f" || escape == "%5C" || escape == "%5c") {
        reason = "the path has an encoded slash";
        return std::nullopt;
      }
    }
    if (!percent_decode(raw, false, storage)) {
      reason = "the path has a percent sign without two hexadecimal digits";
      return std::nullopt;
    }
    path = storage;
    if (std::any_of(path.begin(), path.end(), is_control)) {
      reason = "the path has a control character";
      return std::nullopt;
    }
    if (!is_valid_utf8(path)) {
      reason = "the path is not valid UTF-8";
      return std::nullopt;
    }
  }
  if (has_dot_segment(path)) {
    reason = "the path has a dot segment";
    return std::nullopt;
  }
  return path;
}

bool is_target_text(std::string_view path, std::string_view query) {
  auto plain = [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && c != '"' && c != '<' && c != '>' && c != '#';
  };
  return std::all_of(path.begin(), path.end(), [&](char c) { return plain(c) && c != '\\'; }) &&
         std::all_of(query.begin(), query.end(), plain);
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool is_authority(std::string_view text) {
  if (text.empty() || text.size() > 255 + 6) return false;
  std::string_view host = text;
  std::string_view port;
  if (text.front() == '[') {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    host = text.substr(1, end - 1);
    std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    if (rest.size() == 1) return false;
    if (!rest.empty()) port = rest.substr(1);
    for (char c : host) {
      if (hex_digit(c) < 0 && c != ':' && c != '.') return false;
    }
  } else {
    if (std::size_t colon = text.find(':'); colon != std::string_view::npos) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
      if (port.empty()) return false;
    }
    if (host.empty() || host.front() == '.' || host.find("..") != std::string_view::npos) return false;
    for (char c : host) {
      bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && c != '.' && c != '-' && c != '_') return false;
    }
  }
  if (port.size() > 5) return false;
  int number = 0;
  for (char c : port) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  return number <= 65535;
}

}  // namespace plenary::web
