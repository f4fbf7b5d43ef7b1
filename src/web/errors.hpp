// What a handler throws for a plain HTTP answer that no domain rule stands behind. Refused, NotFound and
// Overloaded of base/errors.hpp are understood as well: 422 (or 409, see error_pages.hpp), 404, and 503 with
// Retry-After.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace plenary::web {

class HttpError : public std::exception {
 public:
  // `message` is shown to the person: what was wrong and what to do about it, never a secret.
  HttpError(int status, std::string message, std::string code = {})
      : status_(status), message_(std::move(message)), code_(std::move(code)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  int status() const { return status_; }
  const std::string& message() const { return message_; }
  const std::string& code() const { return code_; }  // stable and machine readable, may be empty

 private:
  int status_;
  std::string message_;
  std::string code_;
};

}  // namespace plenary::web
