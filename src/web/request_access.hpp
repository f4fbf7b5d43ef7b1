// How the server fills a Request; not for handlers. One Request object is used again for many requests of an
// I/O thread, so its vectors keep their memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/head_parser.hpp"
#include "web/request.hpp"
#include "web/routes.hpp"

namespace plenary::web {

struct Request::Access {
  // Takes over the head (its headers are swapped in) and decodes path and query.
  static std::optional<ParseFailure> fill(Request& request, ParsedHead& head);
  static void reset(Request& request);
  static void body(Request& request, std::string_view bytes) { request.body_ = bytes; }
  static void client(Request& request, std::string_view address, std::string_view scheme) {
    request.client_address_.assign(address);
    request.scheme_ = scheme;  // a literal
  }
  static void host(Request& request, std::string host);
  static void id(Request& request, std::string_view text) { request.id_.assign(text); }
  static void services(Request& request, const Services* services) { request.services_ = services; }
  static void limits(Request& request, const FormLimits& limits) { request.form_limits_ = limits; }
  static void match(Request& request, const Match& match);
};

}  // namespace plenary::web
