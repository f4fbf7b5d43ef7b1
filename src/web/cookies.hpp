// Cookies in both directions. Names and values written by us are tokens and base64url, so nothing is quoted;
// what browsers send is taken as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plenary::web {

struct SetCookie {
  std::string name;
  std::string value;
  std::optional<std::int64_t> max_age_seconds = std::nullopt;  // none: until the browser closes; 0: delete
  bool http_only = true;
  bool secure = false;
  std::string path = "/";
  std::string same_site = "Lax";

  // The header's value. Throws std::invalid_argument for a name or value that could not be read back.
  std::string to_header() const;
};

// The value of `name` in a Cookie header, or nothing.
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name);

// "__Host-plenary_session" on https, "plenary_session" on plain http (development), where browsers refuse the
// prefix.
std::string cookie_name(std::string_view base, bool secure);

}  // namespace plenary::web
