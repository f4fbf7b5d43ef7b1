#include "web/sessions.hpp"

#include <algorithm>
#include <exception>

#include <spdlog/spdlog.h>

#include "web/access_log.hpp"
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

struct LastSeen::Shared {
  SessionStore& store;
  Pool& pool;
  const Clock& clock;
  Duration every;
  std::size_t batch;
  std::mutex mutex;
  // What was handed over lately, so that the requests until the row is written do not collect it again.
  std::unordered_map<std::int64_t, Instant> recent;
  std::vector<std::int64_t> waiting;
};

LastSeen::LastSeen(SessionStore& store, Pool& pool, const Clock& clock, Duration every, std::size_t batch)
    : shared_(std::make_shared<Shared>(store, pool, clock, every, batch)) {}

LastSeen::~LastSeen() = default;

void LastSeen::seen(const SessionData& session) {
  Instant now = shared_->clock.now();
  if (now - session.last_seen < shared_->every) return;
  bool full = false;
  {
    std::lock_guard lock(shared_->mutex);
    auto [at, fresh] = shared_->recent.try_emplace(session.id, now);
    if (!fresh) {
      if (now - at->second < shared_->every) return;
      at->second = now;
    }
    shared_->waiting.push_back(session.id);
    full = shared_->waiting.size() >= shared_->batch;
  }
  if (full) flush();
}

void LastSeen::flush() {
  auto sessions = std::make_shared<std::vector<std::int64_t>>();
  Instant now = shared_->clock.now();
  {
    std::lock_guard lock(shared_->mutex);
    sessions->swap(shared_->waiting);
    std::erase_if(shared_->recent, [&](const auto& entry) { return now - entry.second >= shared_->every; });
  }
  if (sessions->empty()) return;
  try {
    shared_->pool.submit([shared = shared_, sessions, now] {
      try {
        shared->store.touch(*sessions, now);
      } catch (const std::exception& error) {
        spdlog::warn("last_seen of {} sessions was not written: {}", sessions->size(),
                     log_escaped(error.what()));
      }
    });
  } catch (const Overloaded&) {
    // Nothing is lost but freshness: the next requests collect them again after `every`.
  }
}

}  // namespace plenary::web
