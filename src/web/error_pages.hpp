// What goes out when no page does: built-in plain pages for every status, JSON for callers that ask for it,
// and a hook so that site can render its own. An answer of 500 says only the request id; the reason is in the
// log under that id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/errors.hpp"
#include "base/task.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::web {

struct ErrorInfo {
  int status = 500;
  std::string title;    // "Page not found"
  std::string message;  // what happened and what to do
  std::string code;     // machine readable, may be empty
  std::string request_id;
  const Refused* refused = nullptr;  // alive during the call
};

// Implemented by site.
class ErrorPages {
 public:
  virtual ~ErrorPages() = default;
  // Nothing (or an exception): the built-in page is shown.
  virtual Task<std::optional<Response>> render(Request& request, const ErrorInfo& error) = 0;
  // 422: what was sent breaks a rule. 409: it clashes with the present state (sold out meanwhile).
  virtual int status_of(const Refused& refused) const;
};

// Title and advice of a status, in plain English.
std::string_view error_title(int status);
std::string_view error_advice(int status);
Response builtin_error_page(const ErrorInfo& error, bool json);

}  // namespace plenary::web
