// The response head as it goes over the wire, written into a string that is used again and again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "web/request.hpp"
#include "web/response.hpp"
#include "web/security_headers.hpp"

namespace plenary::web {

struct HeadFacts {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool chunked = false;         // body of unknown length to HTTP/1.1
  std::string_view date;        // "Fri, 14 May 2027 09:00:00 GMT"
  std::string_view request_id;  // sent with errors only; empty: not
};

// `request` may be null (nothing could be read).
void write_head(const Response& response, const Request* request, const HeadFacts& facts,
                const SecurityHeaders& security, std::string& out);
// No body is ever sent with these.
bool forbids_body(int status);
std::string http_date(std::int64_t unix_seconds);

}  // namespace plenary::web
