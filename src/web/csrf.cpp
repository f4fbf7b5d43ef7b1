#include "web/csrf.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "web/errors.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::web {
namespace {

constexpr std::string_view reload = "Go back, load the page again and send the form once more.";

struct NewCsrfCookie {
  std::string value;
};

const SigningKey& key(const Request& request) {
  const SigningKey* key = request.services().csrf_key;
  if (!key) throw std::logic_error("This server has no CSRF key (Services::csrf_key).");
  return *key;
}

// The cookie this browser has, or is about to get with this response.
std::string_view cookie_value(const Request& request) {
  if (const NewCsrfCookie* fresh = request.find_context<NewCsrfCookie>()) return fresh->value;
  std::string_view value = request.cookie(cookie_name("csrf", request.services().secure));
  return is_form_token(value) ? value : std::string_view();
}

bool is_own_origin(const Request& request, std::string_view origin) {
  const Services& services = request.services();
  if (!services.public_url.empty() && origin == services.public_url) return true;
  std::string own = fmt::format("{}://{}", request.scheme(), request.host());
  return origin == own;
}

}  // namespace

void renew_csrf(Request& request) {
  const Services& services = request.services();
  std::string value = random_token(services.random ? *services.random : Random::system());
  SetCookie cookie;
  cookie.name = cookie_name("csrf", services.secure);
  cookie.value = value;
  cookie.secure = services.secure;
  request.attach(NewCsrfCookie{std::move(value)});
  request.send_cookie(std::move(cookie));
}

std::string csrf_token(Request& request) {
  if (cookie_value(request).empty()) renew_csrf(request);
  return key(request).mac(cookie_value(request));
}

std::string csrf_input(Request& request) {
  return fmt::format(R"(<input type="hidden" name="{}" value="{}">)", csrf_field, csrf_token(request));
}

std::optional<std::string> csrf_problem(Request& request) {
  std::string_view site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    return "This form was sent from another website.";
  }
  std::string_view origin = request.header("Origin");
  // Browsers send "null" from our own pages with Referrer-Policy: no-referrer; the token decides then.
  if (!origin.empty() && origin != "null" && !is_own_origin(request, origin)) {
    return "This form was sent from another website.";
  }
  std::string_view cookie = cookie_value(request);
  if (cookie.empty()) {
    return fmt::format("Your browser sent no cookie with this form. Allow cookies for this site. {}", reload);
  }
  std::string_view token = request.header(csrf_header);
  if (token.empty() && !request.body().empty()) {
    std::string_view type = request.header("Content-Type");
    if (type.starts_with("application/x-www-form-urlencoded") || type.starts_with("multipart/form-data")) {
      token = request.form()[csrf_field];
    }
  }
  if (token.empty()) return fmt::format("This form has no security token. {}", reload);
  if (!key(request).verify(cookie, token)) {
    return fmt::format("The security token of this form is out of date. {}", reload);
  }
  return std::nullopt;
}

}  // namespace plenary::web
