// One HTTP request as a handler sees it: views into the connection's read buffer, valid until the response
// has been sent (so also while the handler waits for a commit). Owned by the connection, used on its I/O
// thread alone. Everything in here was checked by head_parser.hpp: names and values hold no control
// characters, the path is decoded valid UTF-8 without dot segments, and the host is one of the allowed ones.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include "web/cookies.hpp"
#include "web/form_data.hpp"
#include "web/method.hpp"

namespace plenary::web {

struct Route;
struct Services;

struct HeaderField {
  std::string_view name;  // as sent
  std::string_view value;
};

class Request {
 public:
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  Method method() const { return method_; }
  bool is(Method method) const { return method_ == method; }
  std::string_view target() const { return target_; }  // as sent: path and query
  std::string_view path() const { return path_; }      // decoded
  std::string_view query_string() const { return query_string_; }

  // The first value of a query parameter, decoded.
  std::optional<std::string_view> query(std::string_view name) const;
  std::vector<std::string_view> query_all(std::string_view name) const;

  // A parameter of the route's pattern, decoded. Asking for one that the pattern does not have is a
  // programming error (std::logic_error).
  std::string_view param(std::string_view name) const;
  std::int64_t param_int(std::string_view name) const;  // of an {id:int} parameter: always fits
  std::optional<std::string_view> find_param(std::string_view name) const;
  std::string_view conference_slug() const { return find_param("conference").value_or(std::string_view()); }

  // Any case of letters; empty when absent. The first one where a header came more than once.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  const std::vector<HeaderField>& headers() const { return headers_; }
  std::string_view cookie(std::string_view name) const;

  std::string_view body() const { return body_; }
  // Parsed on first use. Throws HttpError (400, 413, 415), which needs no catching in a handler.
  const FormData& form();
  // What the handler is to see in place of what was posted: a form that was kept for its sender.
  void replace_form(FormData form) { form_ = std::move(form); }

  // Who asks: the peer, or what the trusted proxies in front say (forwarded.hpp). Text form of an IP address.
  std::string_view client_address() const { return client_address_; }
  std::string_view scheme() const { return scheme_; }  // "http" or "https", as the browser sees it
  std::string_view host() const { return host_; }      // lower case, with a port only when one was sent
  std::string_view id() const { return id_; }          // in the error log and on error pages

  bool is_htmx() const { return header("HX-Request") == "true"; }
  bool wants_json() const;  // the Accept header puts application/json before text/html

  const Route* route() const { return route_; }
  // The server's shared parts: routes for {% url %}, the slow pool, clock, keys, static files.
  const Services& services() const { return *services_; }

  // The slot for what belongs to this request alone: the resolved conference, its features, the session. One
  // object a type. Filled by the GuardContext, read by handlers.
  template <class T>
  T& attach(T value) {
    auto owned = std::make_shared<T>(std::move(value));
    T& reference = *owned;
    set_context(typeid(T), std::move(owned));
    return reference;
  }
  template <class T>
  T* find_context() const {
    return static_cast<T*>(get_context(typeid(T)));
  }
  template <class T>
  T& context() const {
    if (T* found = find_context<T>()) return *found;
    missing_context(typeid(T));
  }

  // Cookies to set with whatever response follows (CSRF, flash, a session's new token), one of each name; they
  // go out after those of Response::set_cookie, which handlers use.
  void send_cookie(SetCookie cookie);
  const std::vector<SetCookie>& cookies_to_send() const { return cookies_to_send_; }

  // What this request was found to be; written by the parser and the dispatcher, not by handlers.
  struct Access;

 private:
  friend struct Access;
  void set_context(std::type_index type, std::shared_ptr<void> value);
  void* get_context(std::type_index type) const;
  [[noreturn]] void missing_context(std::type_index type) const;

  struct Pair {
    std::string_view name, value;
  };

  Method method_ = Method::get;
  bool http_1_0_ = false;
  std::string_view target_, path_, query_string_, body_, host_, scheme_ = "http";
  std::vector<HeaderField> headers_;
  std::vector<Pair> query_;
  std::vector<Pair> params_;
  std::string client_address_;
  std::string id_;
  std::string decoded_path_;
  std::deque<std::string> decoded_;
  std::optional<FormData> form_;
  FormLimits form_limits_;
  std::vector<SetCookie> cookies_to_send_;
  std::vector<std::pair<std::type_index, std::shared_ptr<void>>> context_;
  const Route* route_ = nullptr;
  const Services* services_ = nullptr;
};

// A request made by hand, for tests of handlers without a socket: `wire` is the whole request as sent. Throws
// HttpError as the server would answer.
class OwnedRequest {
 public:
  explicit OwnedRequest(std::string wire, const Services* services = nullptr,
                        std::string client_address = "127.0.0.1");
  Request& operator*() { return *request_; }
  Request* operator->() { return request_.get(); }

 private:
  std::unique_ptr<std::string> wire_;
  std::unique_ptr<Request> request_;
};

}  // namespace plenary::web
