// Sessions as the browser sees them. An anonymous visitor has none; the row is born in the domain's own write
// (registration's first cart line, accounts' sign-in), which stores token_hash(token); the response then
// carries session_cookie(). The row is read with every request that carries one (GuardContext::load), never
// cached. source: transactions 5, ground rules 15, 5.1.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/codes.hpp"
#include "base/pool.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::web {

// What web needs to know of a session; accounts keeps more.
struct SessionData {
  std::int64_t id = 0;
  std::optional<std::int64_t> account;
  Instant last_seen;
};

// Implemented over accounts, wired by cli/serve.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  // By token_hash(token). For pages outside any conference; conference pages read it together with the
  // conference.
  virtual Task<std::optional<SessionData>> find(std::string token_hash) = 0;
  // Writes last_seen of many sessions at once. Called on the slow pool; may block. Errors are logged, not
  // retried.
  virtual void touch(const std::vector<std::int64_t>& sessions, Instant seen) = 0;
};

struct NewSession {
  std::string token;  // to the browser, nowhere else
  std::string hash;   // to the database
};
NewSession new_session(Random& random);

// The token this request carries, or empty; never anything of another form than ours.
std::string_view session_token(const Request& request);
// Its hash, to look it up by; empty without a token.
std::string session_hash(const Request& request);
// Lives until the browser closes unless `max_age_seconds` is given.
SetCookie session_cookie(const Request& request, std::string_view token,
                         std::optional<std::int64_t> max_age_seconds = std::nullopt);
SetCookie expired_session_cookie(const Request& request);

// A one-use token for a form that adds, orders or pays. The page renders it in a hidden field; the domain
// consumes it in the same write as its effect, so that a repeat shows the first result.
inline constexpr std::string_view form_token_field = "form_token";
std::string new_form_token(Random& random);
bool is_form_token(std::string_view text);
// The token posted with this form, or HttpError 400 saying to load the page again.
std::string_view posted_form_token(Request& request);

// Collects who was seen and writes it in the background, at most every five minutes for each session. Any
// thread.
class LastSeen {
 public:
  LastSeen(SessionStore& store, Pool& pool, const Clock& clock, Duration every = Duration::minutes(5),
           std::size_t batch = 500);
  ~LastSeen();
  void seen(const SessionData& session);
  // Hands what has been collected to the pool; the server calls it every few seconds and when it stops.
  void flush();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace plenary::web
