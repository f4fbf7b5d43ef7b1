#include "web/response.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"
#include "web/routes.hpp"

namespace plenary::web {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ascii_lower(a) == ascii_lower(b);
}

// A line break in a header would let whoever wrote the value write the rest of the response.
void check(std::string_view name, std::string_view value) {
  auto bad = [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  };
  const auto bad_in_name = [&](char c) { return bad(c) || c == ':' || c == ' '; };
  if (name.empty() || std::any_of(name.begin(), name.end(), bad_in_name) ||
      std::any_of(value.begin(), value.end(), bad)) {
    throw std::invalid_argument(fmt::format("The response header {} has a control character.", name));
  }
}

}  // namespace

Response Response::html(std::string body, int status) {
  Response response(status);
  response.content_type = "text/html; charset=utf-8";
  response.body_ = std::move(body);
  return response;
}

Response Response::text(std::string body, int status) {
  Response response(status);
  response.content_type = "text/plain; charset=utf-8";
  response.body_ = std::move(body);
  return response;
}

Response Response::json(std::string body, int status) {
  Response response(status);
  response.content_type = "application/json";
  response.body_ = std::move(body);
  return response;
}

Response Response::redirect(std::string location, int status) {
  Response response(status);
  response.set("Location", std::move(location));
  return response;
}

Response Response::not_found(std::string message) {
  return error(404, std::move(message));
}

Response Response::error(int status, std::string message) {
  Response response(status);
  response.body_ = std::move(message);
  response.is_error_page = true;
  return response;
}

Response Response::attachment(std::string bytes, std::string content_type, std::string_view filename) {
  Response response;
  response.content_type = std::move(content_type);
  response.body_ = std::move(bytes);
  std::string plain;
  for (char c : filename) {
    auto byte = static_cast<unsigned char>(c);
    plain += byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\' || c == '/' || c == '%' ? '_' : c;
  }
  // RFC 6266: the plain form for old readers, the encoded one for all others.
  response.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain,
                                                  percent_encode(filename)));
  return response;
}

Response Response::shared(std::string_view bytes, std::shared_ptr<const void> owner,
                          std::string content_type) {
  Response response;
  response.content_type = std::move(content_type);
  response.shared_ = bytes;
  response.owner_ = std::move(owner);
  return response;
}

Response Response::stream(std::string content_type, Stream writer) {
  Response response;
  response.content_type = std::move(content_type);
  response.stream_writer = std::move(writer);
  return response;
}

Response& Response::set(std::string_view name, std::string value) {
  check(name, value);
  for (auto& [known, held] : headers) {
    if (same_name(known, name)) {
      held = std::move(value);
      return *this;
    }
  }
  headers.emplace_back(name, std::move(value));
  return *this;
}

Response& Response::add(std::string_view name, std::string value) {
  check(name, value);
  headers.emplace_back(name, std::move(value));
  return *this;
}

const std::string* Response::find(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (same_name(known, name)) return &value;
  }
  return nullptr;
}

Response& Response::set_cookie(const SetCookie& cookie) {
  return add("Set-Cookie", cookie.to_header());
}

Response& Response::personal() {
  no_store();
  set("X-Robots-Tag", "noindex");
  return set("Referrer-Policy", "no-referrer");
}

Response& Response::no_store() {
  return set("Cache-Control", "no-store");
}

Response& Response::allow(std::string directive, std::string source) {
  check("Content-Security-Policy", directive);
  check("Content-Security-Policy", source);
  if ((directive + source).find_first_of(";,") != std::string::npos) {
    throw std::invalid_argument(
        fmt::format("{} {} is no single source of a content security policy.", directive, source));
  }
  csp_additions.emplace_back(std::move(directive), std::move(source));
  return *this;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 425:
      return "Too Early";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace plenary::web
