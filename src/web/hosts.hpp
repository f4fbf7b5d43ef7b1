// Which names this server answers to. Any other Host is refused with 400: links, cookies and caches must not
// be made for a name somebody else chose. source: ground rules 15, 2.1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plenary::web {

class AllowedHosts {
 public:
  // Exact names, ".example.org" for every name below it, "*" for any; none at all: localhost, 127.0.0.1 and
  // [::1].
  explicit AllowedHosts(const std::vector<std::string>& names);
  // `host` lower case, with or without port.
  bool allows(std::string_view host) const;

 private:
  std::vector<std::string> names_;
  bool any_ = false;
};

}  // namespace plenary::web
