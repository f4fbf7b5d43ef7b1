// The parts of an absolute URL as settings and conference files need them. Private to config/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plenary::config {

struct Url {
  std::string scheme;  // lower case
  std::string userinfo;
  std::string host;  // lower case, IPv6 without brackets
  int port = 0;      // 0: not given
  std::string rest;  // path, query and fragment, as written
};

// "scheme://[user@]host[:port][/…]" without blanks or control characters; empty when it is anything else.
std::optional<Url> parse_url(std::string_view text);

// localhost, 127.0.0.0/8, ::1. source: configuration 10, 6.10.11.
bool is_loopback_host(std::string_view host);
// A host name or an IP address, no port, no brackets.
bool is_host(std::string_view host);

// "host:port", "[::1]:port". Empty when it is anything else.
struct HostPort {
  std::string host;
  int port;
};
std::optional<HostPort> parse_host_port(std::string_view text);

// A PostgreSQL or other URL for people: the password replaced by ****.
std::string without_password(std::string_view url);

}  // namespace plenary::config
