#include "site/submission.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/codes.hpp"
#include "web/csrf.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {

Random& random_of(const web::Request& request) {
  return request.services().random ? *request.services().random : Random::system();
}

Submission::Submission(std::string bound, Instant rendered_at, const SigningKey& key)
    : bound_(std::move(bound)), hash_(web::timed_hash(bound_, rendered_at)), key_(&key) {}

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

web::NewGuest Submission::guest(Instant began_at) const {
  const auto derived = base64url_decode(key_->mac("session." + bound_)).value();
  web::TimedBytes bytes{};
  std::copy_n(derived.begin(), bytes.size(), bytes.begin());
  web::stamp(bytes, began_at);
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

namespace {
constexpr std::string_view new_session = "new ";
}

std::string noted_guest(const web::NewGuest& guest) {
  return std::string(new_session) + std::to_string(guest.began_at.micros / 1'000'000);
}

std::optional<Instant> noted_guest(std::string_view note) {
  if (!note.starts_with(new_session)) return std::nullopt;
  note.remove_prefix(new_session.size());
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(note.data(), note.data() + note.size(), seconds);
  if (error != std::errc() || end != note.data() + note.size()) return std::nullopt;
  return Instant{seconds * 1'000'000};
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
