#include "site/submission.hpp"

#include <algorithm>
#include <utility>

#include "base/codes.hpp"
#include "domain/accounts/submissions.hpp"
#include "web/csrf.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {

Random& random_of(const web::Request& request) {
  return request.services().random ? *request.services().random : Random::system();
}

Submission::Submission(std::string bound, Instant rendered_at, const SigningKey& key)
    : bound_(std::move(bound)),
      hash_(web::timed_hash(bound_, rendered_at)),
      rendered_at_(rendered_at),
      key_(&key) {}

std::optional<Submission> Submission::of(web::Request& request, const SigningKey& key) {
  const std::string_view token = request.form()[submission_field];
  if (!web::is_form_token(token)) return std::nullopt;
  const auto bytes = base64url_decode(token);
  if (!bytes) return std::nullopt;
  const Instant rendered_at =
      web::stamped_at({reinterpret_cast<const unsigned char*>(bytes->data()), bytes->size()});
  // The CSRF token is the browser's own: the guard of the route has verified it by now.
  return Submission(std::string(token) + '.' + web::csrf_token(request), rendered_at, key);
}

web::NewGuest Submission::guest(Instant now) const {
  const auto derived = base64url_decode(key_->mac("session." + bound_)).value();
  web::TimedBytes bytes{};
  std::copy_n(derived.begin(), bytes.size(), bytes.begin());
  // A time that nobody's page can have was put there by hand: such a browser finds no first result again.
  const bool is_plausible = rendered_at_ <= now && now - rendered_at_ < accounts::submission_life;
  web::stamp(bytes, is_plausible ? rendered_at_ : now);
  return web::new_guest(*key_, bytes);
}

web::NewGuest new_guest(web::Request& request, const std::optional<Submission>& submission,
                        const SigningKey& key) {
  const Instant now = request.services().clock->now();
  if (submission) return submission->guest(now);
  web::TimedBytes bytes{};
  random_of(request).fill(bytes);
  web::stamp(bytes, now);
  return web::new_guest(key, bytes);
}

std::vector<std::string> new_submissions(web::Request& request, std::size_t count) {
  std::vector<web::TimedBytes> all(count);
  std::vector<std::string> tokens;
  if (count == 0) return tokens;
  random_of(request).fill({all[0].data(), count * sizeof(web::TimedBytes)});
  const Instant now = request.services().clock->now();
  tokens.reserve(count);
  for (web::TimedBytes& bytes : all) {
    web::stamp(bytes, now);
    tokens.push_back(base64url(bytes));
  }
  return tokens;
}

std::string new_submission(web::Request& request) {
  return std::move(new_submissions(request, 1)[0]);
}

}  // namespace plenary::site
