// The client's half of HTTP/1.1, as little of it as a load generator needs: answers are read in place,
// requests are written into strings whose memory is used again, so that a request costs no allocation. It
// understands answers with Content-Length (and 204, 304); anything else is reported as malformed, never
// guessed. Threads: nothing here is shared. Views point into the caller's buffer and die with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::onsale {

// One buyer's cookies. Cookies are matched by name only: there is one host and one path.
class CookieJar {
 public:
  void clear() { used_ = 0; }
  // Takes the value of a Set-Cookie header; an empty value or Max-Age=0 removes the cookie.
  void set(std::string_view set_cookie);
  std::string_view get(std::string_view name) const;
  // Appends "Cookie: a=b; c=d\r\n", or nothing.
  void append_header(std::string& out) const;

 private:
  struct Entry {
    std::string name, value;
  };
  std::vector<Entry> entries_;  // the first used_ are alive; the others keep their memory
  std::size_t used_ = 0;
};

struct Response {
  int status = 0;
  std::string_view head, body;
  std::string_view location;  // as sent; path_of() cuts scheme and host
  std::string_view outcome;   // Plenary-Outcome
  bool close = false;         // the server closes the connection after this answer

  // Every Set-Cookie line goes into the jar.
  void store_cookies(CookieJar& jar) const;
};

enum class Parsed { incomplete, complete, malformed };

// Reads one answer from the front of `data`; `consumed` is its length once it is complete.
Parsed parse_response(std::string_view data, Response& response, std::size_t& consumed);

// "/x/" of "http://host/x/" and of "/x/".
std::string_view path_of(std::string_view location);

// Writes a whole request into `out` (cleared first).
void write_get(std::string& out, std::string_view host, std::string_view path, const CookieJar& cookies);
void write_post(std::string& out, std::string_view host, std::string_view path, const CookieJar& cookies,
                std::string_view body);

}  // namespace plenary::onsale
