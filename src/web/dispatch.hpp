// Everything between a request that was read and its response, free of sockets: CSRF, guard, handler, and the
// error page for whatever was thrown. One Dispatcher serves all I/O threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/task.hpp"
#include "web/head_parser.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/routes.hpp"
#include "web/server.hpp"
#include "web/services.hpp"

namespace plenary::web {

class Dispatcher {
 public:
  Dispatcher(const Services& services, LogFunction log);

  // `match` is of this request's method and path. Throws nothing that is not fatal to the process.
  Task<Response> respond(Request& request, const Match& match) const;
  // For what could not be read as a request at all.
  // `path`: as far as it could be read, as it was sent; empty: it could not.
  Response refusal(const ParseFailure& failure, std::string_view request_id,
                   std::string_view path = {}) const;
  // 413: the body is larger than `limit`, what this address takes. The request has its id.
  Task<Response> too_large(Request& request, std::size_t limit) const;
  const Services& services() const { return services_; }

 private:
  Task<Response> error_page(Request& request, ErrorInfo info, Response plain) const;
  const Services& services_;
  LogFunction log_;
};

// "GET, HEAD, POST"
std::string allow_header(Methods methods);

}  // namespace plenary::web
