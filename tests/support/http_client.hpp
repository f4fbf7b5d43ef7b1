// A small HTTP/1.1 client over plain sockets for tests: keep-alive, a cookie jar, forms with their CSRF
// token. It reads strictly what our server writes and throws std::runtime_error for everything else. One
// thread each.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plenary::test {

// A connected socket; every wait ends after `patience`, with an exception that says what was waited for.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::minutes(1));
  ~RawConnection();
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&&) = delete;

  void send(std::string_view bytes);  // false starts are exceptions; a closed peer is not
  std::string receive_some();         // "" when the peer has closed (or reset)
  std::string receive_all();          // until the peer closes
  void shut_down_sending();
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Any case of letters; "" when absent.
  std::string header(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
};

// Reads one response from a connection; `rest` holds bytes of the next one and is kept by the caller.
HttpResponse read_response(RawConnection& connection, std::string& rest, bool head_request = false);

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& fields);
// The value of the first <input name="…"> of a page, or "".
std::string input_value(std::string_view html, std::string_view name);

class HttpClient {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  explicit HttpClient(std::uint16_t port, std::string host = "localhost");

  HttpResponse get(std::string_view path, const Fields& headers = {});
  // As a browser posts a form: the CSRF token of the last page is added unless `fields` has one.
  HttpResponse post(std::string_view path, Fields fields, const Fields& headers = {});
  HttpResponse request(std::string_view method, std::string_view path, std::string_view body = {},
                       const Fields& headers = {});
  // Goes on with GET while the answer is a redirect of ours.
  HttpResponse follow(HttpResponse response);

  std::map<std::string, std::string>& cookies() { return cookies_; }
  const std::string& csrf_token() const { return csrf_token_; }  // as seen on the last page
  int connections_opened() const { return connections_opened_; }

 private:
  std::uint16_t port_;
  std::string host_;
  std::vector<RawConnection> connection_;  // none or one
  std::string rest_;
  std::map<std::string, std::string> cookies_;
  std::string csrf_token_;
  int connections_opened_ = 0;
};

}  // namespace plenary::test
