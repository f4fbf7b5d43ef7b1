#include "http.hpp"

#include <strings.h>

#include <charconv>
#include <cstring>

namespace plenary::onsale {
namespace {

bool name_is(std::string_view line, std::string_view name_with_colon) {
  return line.size() >= name_with_colon.size() &&
         strncasecmp(line.data(), name_with_colon.data(), name_with_colon.size()) == 0;
}

std::string_view value_after(std::string_view line, std::size_t name_size) {
  line.remove_prefix(name_size);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

// Calls use(line) for each header line, without its line end; the status line is skipped.
template <class F>
void each_header(std::string_view head, F&& use) {
  std::size_t at = head.find('\n');
  while (at != std::string_view::npos && at + 1 < head.size()) {
    const char* from = head.data() + at + 1;
    const auto* end = static_cast<const char*>(memchr(from, '\n', head.size() - at - 1));
    if (end == nullptr) return;
    std::string_view line(from, static_cast<std::size_t>(end - from));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) use(line);
    at = static_cast<std::size_t>(end - head.data());
  }
}

void append_number(std::string& out, std::size_t n) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

void CookieJar::set(std::string_view text) {
  const auto semicolon = text.find(';');
  const auto pair = text.substr(0, semicolon);
  const auto equals = pair.find('=');
  if (equals == std::string_view::npos) return;
  const auto name = pair.substr(0, equals), value = pair.substr(equals + 1);
  const auto attributes = semicolon == std::string_view::npos ? std::string_view{} : text.substr(semicolon);
  const bool removed = value.empty() || attributes.find("Max-Age=0") != std::string_view::npos;
  for (std::size_t i = 0; i < used_; ++i) {
    if (entries_[i].name != name) continue;
    if (removed) {
      std::swap(entries_[i], entries_[--used_]);
    } else {
      entries_[i].value.assign(value);
    }
    return;
  }
  if (removed) return;
  if (used_ == entries_.size()) entries_.emplace_back();
  entries_[used_].name.assign(name);
  entries_[used_].value.assign(value);
  ++used_;
}

std::string_view CookieJar::get(std::string_view name) const {
  for (std::size_t i = 0; i < used_; ++i) {
    if (entries_[i].name == name) return entries_[i].value;
  }
  return {};
}

void CookieJar::append_header(std::string& out) const {
  if (used_ == 0) return;
  out += "Cookie: ";
  for (std::size_t i = 0; i < used_; ++i) {
    if (i > 0) out += "; ";
    out += entries_[i].name;
    out += '=';
    out += entries_[i].value;
  }
  out += "\r\n";
}

void Response::store_cookies(CookieJar& jar) const {
  each_header(head, [&](std::string_view line) {
    if ((line[0] | 0x20) == 's' && name_is(line, "set-cookie:")) jar.set(value_after(line, 11));
  });
}

Parsed parse_response(std::string_view data, Response& response, std::size_t& consumed) {
  const auto* end = static_cast<const char*>(memmem(data.data(), data.size(), "\r\n\r\n", 4));
  if (end == nullptr) return data.size() > 64 * 1024 ? Parsed::malformed : Parsed::incomplete;
  const auto head_size = static_cast<std::size_t>(end - data.data()) + 4;
  response = Response{};
  response.head = data.substr(0, head_size);
  if (!data.starts_with("HTTP/1.") || data.size() < 12) return Parsed::malformed;
  const auto status = std::from_chars(data.data() + 9, data.data() + 12, response.status);
  if (status.ec != std::errc{} || response.status < 200) return Parsed::malformed;

  std::size_t length = 0;
  bool has_length = response.status == 204 || response.status == 304;
  each_header(response.head, [&](std::string_view line) {
    switch (line[0] | 0x20) {
      case 'c':
        if (name_is(line, "content-length:")) {
          const auto value = value_after(line, 15);
          has_length = std::from_chars(value.data(), value.data() + value.size(), length).ec == std::errc{};
        } else if (name_is(line, "connection:")) {
          response.close = strncasecmp(value_after(line, 11).data(), "close", 5) == 0;
        }
        break;
      case 'l':
        if (name_is(line, "location:")) response.location = value_after(line, 9);
        break;
      case 'p':
        if (name_is(line, "plenary-outcome:")) response.outcome = value_after(line, 16);
        break;
      default:
        break;
    }
  });
  if (!has_length) return Parsed::malformed;
  if (data.size() < head_size + length) return Parsed::incomplete;
  response.body = data.substr(head_size, length);
  consumed = head_size + length;
  return Parsed::complete;
}

std::string_view path_of(std::string_view location) {
  const auto scheme = location.find("://");
  if (scheme == std::string_view::npos) return location;
  const auto path = location.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : location.substr(path);
}

void write_get(std::string& out, std::string_view host, std::string_view path, const CookieJar& cookies) {
  out = "GET ";
  out += path;
  out += " HTTP/1.1\r\nHost: ";
  out += host;
  out += "\r\n";
  cookies.append_header(out);
  out += "\r\n";
}

void write_post(std::string& out, std::string_view host, std::string_view path, const CookieJar& cookies,
                std::string_view body) {
  out = "POST ";
  out += path;
  out += " HTTP/1.1\r\nHost: ";
  out += host;
  // What browsers send with a form, and what a server may check.
  out += "\r\nOrigin: http://";
  out += host;
  out += "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ";
  append_number(out, body.size());
  out += "\r\n";
  cookies.append_header(out);
  out += "\r\n";
  out += body;
}

}  // namespace plenary::onsale
