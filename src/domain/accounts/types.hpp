// People and their browser sessions as plain structs. An account without a password belongs to a guest until its
// address is claimed by a mailed link. E-mail addresses are compared by their normalised form.
// source: ground rules 15, sections 1 and 5; registration 20, D29 and D34; transactions, section 5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace plenary::accounts {

struct User {
  std::int64_t id = 0;
  std::string username;
  std::string email;             // as typed
  std::string normalized_email;  // what limits and uniqueness go by
  std::string name;
  std::string password_hash;     // empty: cannot sign in by password
  bool email_verified = false;
  bool is_active = true;
  bool is_staff = false;
  bool is_superuser = false;
  bool is_demo = false;          // seeded; cannot sign in outside development
  Instant created_at;
  std::optional<Instant> last_sign_in_at;
};

struct Session {
  std::int64_t id = 0;
  std::optional<std::int64_t> user_id;  // nothing: a guest's browser
  Instant created_at;
  Instant last_seen_at;
  Instant expires_at;
};

}  // namespace plenary::accounts
