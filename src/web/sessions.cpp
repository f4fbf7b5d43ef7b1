#include "web/sessions.hpp"

#include <algorithm>

#include "web/errors.hpp"
#include "web/services.hpp"

namespace plenary::web {
namespace {

constexpr std::size_t session_bytes = 32;  // 43 characters
constexpr std::size_t form_bytes = 16;     // 22 characters

bool is_token_of(std::string_view text, std::size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_';
         });
}

bool is_secure(const Request& request) {
  return request.services().secure;
}

}  // namespace

NewSession new_session(Random& random) {
  NewSession session;
  session.token = random_token(random, session_bytes);
  session.hash = token_hash(session.token);
  return session;
}

std::string_view session_token(const Request& request) {
  std::string_view token = request.cookie(is_secure(request) ? "__Host-plenary_session" : "plenary_session");
  return is_token_of(token, 43) ? token : std::string_view();
}

std::string session_hash(const Request& request) {
  std::string_view token = session_token(request);
  return token.empty() ? std::string() : token_hash(token);
}

SetCookie session_cookie(const Request& request, std::string_view token,
                         std::optional<std::int64_t> max_age_seconds) {
  SetCookie cookie;
  cookie.name = cookie_name("session", is_secure(request));
  cookie.value = token;
  cookie.secure = is_secure(request);
  cookie.max_age_seconds = max_age_seconds;
  return cookie;
}

SetCookie expired_session_cookie(const Request& request) {
  return session_cookie(request, "", 0);
}

std::string new_form_token(Random& random) {
  return random_token(random, form_bytes);
}

bool is_form_token(std::string_view text) {
  return is_token_of(text, 22);
}

std::string_view posted_form_token(Request& request) {
  std::string_view token = request.form()[form_token_field];
  if (!is_form_token(token)) {
    throw HttpError(400, "This form is incomplete. Go back, load the page again and send it once more.",
                    "no_form_token");
  }
  return token;
}

}  // namespace plenary::web
