// The one outbound HTTP client, over libcurl: time limits, a limit on answers, retries of what may be
// repeated, TLS verified, no proxy of the environment, no redirect to another host. Blocking: for pool and
// command threads, one thread at a time for each client; its connections are kept between calls. Errors:
// HttpFailure when no answer came; every status is an answer. No secret, header, body or query is ever in an
// error. source: design 3 (outbound); payments 21, 4; pretalx 40, 3.1 and D19, D20.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codes.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

namespace plenary::net {

struct HttpOptions {
  Duration connect_timeout = Duration::seconds(10);
  Duration timeout = Duration::seconds(30);  // of one attempt, from its begin to the last byte
  std::size_t max_answer_bytes = 8 * 1024 * 1024;
  int attempts = 3;                                   // in all; 1: none is repeated
  Duration first_wait = Duration::milliseconds(500);  // doubled with each attempt, with jitter
  Duration longest_wait = Duration::seconds(20);      // a longer Retry-After is left to the caller
  int redirects = 0;    // followed, of GET and HEAD to the same scheme, host and port; others are answers
  std::string ca_file;  // PEM of the authorities believed; empty: the system's
  std::string user_agent = "plenary";
  // For tests.
  std::function<void(Duration)> wait;  // empty: the thread sleeps
  Random* random = nullptr;            // of the jitter; null: the system's
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // https; http to this machine alone
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<std::pair<std::string, Secret>> authorization = {};  // "Bearer" and the secret
  std::string body = {};                                             // of POST, PUT and PATCH
  // Sent as Idempotency-Key; makes any request one that may be repeated.
  std::string idempotency_key = {};
  std::optional<Duration> timeout = {};  // of each attempt, where it is shorter than the client's
};

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  int attempts = 1;
  std::string header(std::string_view lower_name) const;  // "" when absent
  bool is_success() const { return status >= 200 && status < 300; }
};

class HttpFailure : public std::runtime_error {
 public:
  // refused: the request was never sent, since it may not be (its address, its headers).
  enum class Kind { refused, resolve, connect, tls, timeout, cut, too_large };
  HttpFailure(Kind kind, bool may_have_arrived, const std::string& text)
      : std::runtime_error(text), kind_(kind), may_have_arrived_(may_have_arrived) {}
  Kind kind() const { return kind_; }
  bool may_have_arrived() const { return may_have_arrived_; }  // then it may have been carried out

 private:
  Kind kind_;
  bool may_have_arrived_;
};

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpAnswer send(const HttpRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For application/x-www-form-urlencoded bodies and queries.
std::string form_encoded(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace plenary::net
