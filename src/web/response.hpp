// What a handler answers. The server adds length, date, security headers (security_headers.hpp) and the
// cookies that the request wants sent; a handler sets what is its own. Header names and values with line
// breaks are a programming error (std::invalid_argument).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "web/cookies.hpp"

namespace plenary::web {

class BodyWriter;

class Response {
 public:
  using Stream = std::function<Task<void>(BodyWriter&)>;

  Response() = default;
  explicit Response(int status) : status(status) {}

  static Response html(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
  static Response json(std::string body, int status = 200);
  // 303 See Other: the browser follows with GET. `location` is a path of ours or an absolute URL.
  static Response redirect(std::string location, int status = 303);
  static Response not_found(std::string message = {});  // the error page of the server, with this text
  static Response no_content() { return Response(204); }
  // The server's error page (error_pages.hpp) for this status, with `message` for the person.
  static Response error(int status, std::string message);
  // A file for downloading: never shown inline, whatever its type.
  static Response attachment(std::string bytes, std::string content_type, std::string_view filename);
  // Bytes shared with others (a static file); `owner` keeps them alive.
  static Response shared(std::string_view bytes, std::shared_ptr<const void> owner, std::string content_type);
  // A body of unknown length, written piece by piece (see event_stream.hpp); never for HEAD.
  static Response stream(std::string content_type, Stream writer);

  Response& set(std::string_view name, std::string value);  // replaces
  Response& add(std::string_view name, std::string value);
  const std::string* find(std::string_view name) const;  // any case of letters
  Response& set_cookie(const SetCookie& cookie);
  // A page of one person: no-store, noindex, Referrer-Policy: no-referrer. source: ground rules 15, 2.4.
  Response& personal();
  Response& no_store();
  // Widens the content security policy for this page alone: allow("script-src", "https://js.example.com").
  Response& allow(std::string directive, std::string source);

  std::string_view body() const { return shared_.data() ? shared_ : std::string_view(body_); }
  void body(std::string bytes) {
    body_ = std::move(bytes);
    shared_ = {};
  }

  int status = 200;
  std::string content_type;
  // Nothing else of ours sets these; the server reads them.
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> csp_additions;
  Stream stream_writer;
  bool is_error_page = false;  // the body is to be made by the error pages; body() is the message

 private:
  std::string body_;
  std::string_view shared_;
  std::shared_ptr<const void> owner_;
};

// Writes a streamed body. Owned by the connection; every function on its I/O thread.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // False when the client is gone, too slow, or the server drains: stop then.
  virtual Task<bool> write(std::string bytes) = 0;
  // Waits without a thread. False as above, checked at least once a second.
  virtual Task<bool> wait(int milliseconds) = 0;
};

std::string_view reason_phrase(int status);

}  // namespace plenary::web
