// The headers every answer carries: a content security policy without inline script, no framing, no sniffing,
// no referrer to others, HSTS on https. A page widens its policy with Response::allow; only the pay page
// does. source: OWASP secure headers; ground rules 15, 5.6.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/response.hpp"

namespace plenary::web {

class SecurityHeaders {
 public:
  explicit SecurityHeaders(bool https);
  // The header block, each line ended by CRLF; headers the response sets itself are left out.
  void append(const Response& response, std::string& out) const;
  static std::string content_policy(const std::vector<std::pair<std::string, std::string>>& additions);

 private:
  std::string usual_;  // the whole block for a response that changes nothing
  bool https_;
};

}  // namespace plenary::web
