#include "web/request.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"
#include "web/request_access.hpp"
#include "web/target.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t max_query_parameters = 200;

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    char x = a[i];
    char y = b[i];
    if (x == y) continue;
    if (x >= 'A' && x <= 'Z') x = static_cast<char>(x + 32);
    if (y >= 'A' && y <= 'Z') y = static_cast<char>(y + 32);
    if (x != y) return false;
  }
  return true;
}

// A view of `raw` decoded, with its own storage only when something had to be decoded.
std::optional<std::string_view> decode_component(std::string_view raw, std::deque<std::string>& storage) {
  if (raw.find_first_of("%+") == std::string_view::npos) return raw;
  std::string decoded;
  if (!percent_decode(raw, true, decoded)) return std::nullopt;
  if (decoded.find('\0') != std::string::npos || !is_valid_utf8(decoded)) return std::nullopt;
  return storage.emplace_back(std::move(decoded));
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
  }
  return "";
}

std::optional<Method> method_from(std::string_view token) {
  for (Method method : {Method::get, Method::post, Method::head, Method::put, Method::patch, Method::delete_,
                        Method::options}) {
    if (to_string(method) == token) return method;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::query(std::string_view name) const {
  for (const Pair& pair : query_) {
    if (pair.name == name) return pair.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::query_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Pair& pair : query_) {
    if (pair.name == name) values.push_back(pair.value);
  }
  return values;
}

std::optional<std::string_view> Request::find_param(std::string_view name) const {
  for (const Pair& pair : params_) {
    if (pair.name == name) return pair.value;
  }
  return std::nullopt;
}

std::string_view Request::param(std::string_view name) const {
  if (auto found = find_param(name)) return *found;
  throw std::logic_error(
      fmt::format("The route {} has no parameter {}.", route_ ? route_->name : "(none)", name));
}

std::int64_t Request::param_int(std::string_view name) const {
  std::string_view text = param(name);
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::logic_error(fmt::format("The parameter {} of {} is not declared as {{{}:int}}.", name,
                                       route_ ? route_->name : "(none)", name));
  }
  return value;
}

std::string_view Request::header(std::string_view name) const {
  for (const HeaderField& field : headers_) {
    if (same_name(field.name, name)) return field.value;
  }
  return {};
}

bool Request::has_header(std::string_view name) const {
  return std::any_of(headers_.begin(), headers_.end(),
                     [&](const HeaderField& field) { return same_name(field.name, name); });
}

std::string_view Request::cookie(std::string_view name) const {
  for (const HeaderField& field : headers_) {
    if (!same_name(field.name, "cookie")) continue;
    if (auto found = find_cookie(field.value, name)) return *found;
  }
  return {};
}

const FormData& Request::form() {
  if (!form_) form_ = FormData::parse(header("Content-Type"), body_, form_limits_);
  return *form_;
}

void Request::send_cookie(SetCookie cookie) {
  std::erase_if(cookies_to_send_, [&](const SetCookie& other) { return other.name == cookie.name; });
  cookies_to_send_.push_back(std::move(cookie));
}

bool Request::wants_json() const {
  std::string_view accept = header("Accept");
  std::size_t json = accept.find("application/json");
  if (json == std::string_view::npos) return false;
  return json < accept.find("text/html");
}

void Request::set_context(std::type_index type, std::shared_ptr<void> value) {
  for (auto& [known, held] : context_) {
    if (known == type) {
      held = std::move(value);
      return;
    }
  }
  context_.emplace_back(type, std::move(value));
}

void* Request::get_context(std::type_index type) const {
  for (const auto& [known, held] : context_) {
    if (known == type) return held.get();
  }
  return nullptr;
}

void Request::missing_context(std::type_index type) const {
  throw std::logic_error(fmt::format("Nothing of type {} was attached to this request of {}.", type.name(),
                                     route_ ? route_->name : "(no route)"));
}

std::optional<ParseFailure> Request::Access::fill(Request& request, ParsedHead& head) {
  request.method_ = head.method;
  request.http_1_0_ = head.http_1_0;
  request.target_ = head.target;
  request.query_string_ = head.query;
  request.headers_.swap(head.headers);
  host(request, std::string());
  if (std::any_of(head.authority.begin(), head.authority.end(),
                  [](char c) { return c >= 'A' && c <= 'Z'; })) {
    request.host_ = request.decoded_.emplace_back(ascii_lower(head.authority));
  } else {
    request.host_ = head.authority;
  }
  if (head.asterisk) {
    request.path_ = head.raw_path;
    return std::nullopt;
  }
  std::string_view reason;
  std::optional<std::string_view> path = decode_path(head.raw_path, request.decoded_path_, reason);
  if (!path) return ParseFailure{400, reason};
  request.path_ = *path;

  std::string_view rest = head.query;
  while (!rest.empty()) {
    std::size_t end = rest.find('&');
    std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    if (request.query_.size() == max_query_parameters)
      return ParseFailure{400, "there are too many query parameters"};
    std::size_t equals = pair.find('=');
    auto name = decode_component(pair.substr(0, equals), request.decoded_);
    auto value = decode_component(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), request.decoded_);
    if (!name || !value)
      return ParseFailure{400, "the query has a malformed escape or text that is not UTF-8"};
    request.query_.push_back({*name, *value});
  }
  return std::nullopt;
}

void Request::Access::host(Request& request, std::string host) {
  if (!host.empty()) request.host_ = request.decoded_.emplace_back(ascii_lower(host));
}

void Request::Access::match(Request& request, const Match& match) {
  request.route_ = match.route;
  request.params_.clear();
  for (const Match::Parameter& parameter : match.parameters) {
    request.params_.push_back({parameter.name, parameter.value});
  }
}

void Request::Access::reset(Request& request) {
  request.headers_.clear();
  request.query_.clear();
  request.params_.clear();
  request.context_.clear();
  if (!request.decoded_.empty()) request.decoded_.clear();
  request.form_.reset();
  request.cookies_to_send_.clear();
  request.target_ = request.path_ = request.query_string_ = request.body_ = request.host_ = {};
  request.scheme_ = "http";
  request.client_address_.clear();
  request.id_.clear();
  request.route_ = nullptr;
  // One giant target must not hold its memory for ever.
  if (request.decoded_path_.capacity() > 4096) std::string().swap(request.decoded_path_);
}

}  // namespace plenary::web
