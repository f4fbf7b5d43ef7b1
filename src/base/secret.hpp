// A text that must never reach a log, a page or an error message: keys, tokens, passwords.
// It cannot be streamed, formatted or compared with ==; whoever needs the value says so with reveal().
// source: ground rules 15, 2.4; configuration 10, 2.4 (masking).
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace plenary {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  // "****" and the last four characters; only "****" when the secret is shorter than four.
  std::string masked() const {
    return value_.size() < 4 ? "****" : "****" + value_.substr(value_.size() - 4);
  }
  // Takes the same time whether the first or the last byte differs.
  bool equals(std::string_view other) const;

 private:
  std::string value_;
};

}  // namespace plenary
