#include "site/submission.hpp"

#include <utility>

#include "base/codes.hpp"
#include "web/csrf.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {

Random& random_of(const web::Request& request) {
  return request.services().random ? *request.services().random : Random::system();
}

Submission::Submission(std::string bound, const SigningKey& key)
    : bound_(std::move(bound)), hash_(token_hash(bound_)), key_(&key) {}

std::optional<Submission> Submission::of(web::Request& request, const SigningKey& key) {
  const std::string_view token = request.form()[submission_field];
  if (!web::is_form_token(token)) return std::nullopt;
  // The CSRF token is the browser's own: the guard of the route has verified it by now.
  return Submission(std::string(token) + '.' + web::csrf_token(request), key);
}

std::string Submission::session_token() const {
  return key_->mac("session." + bound_);
}

std::vector<std::string> new_submissions(web::Request& request, std::size_t count) {
  constexpr std::size_t size = 16;
  std::vector<unsigned char> bytes(count * size);
  if (count > 0) random_of(request).fill(bytes);
  std::vector<std::string> tokens;
  tokens.reserve(count);
  for (std::size_t i = 0; i < count; ++i) tokens.push_back(base64url({bytes.data() + i * size, size}));
  return tokens;
}

std::string new_submission(web::Request& request) {
  return web::new_form_token(random_of(request));
}

}  // namespace plenary::site
