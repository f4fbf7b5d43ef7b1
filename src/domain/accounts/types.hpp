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
  std::optional<std::string> username;       // a guest has none
  std::string email;                         // as typed
  std::string email_normalized;              // what limits and sign-in go by; not unique
  std::string name;
  std::optional<std::string> password_hash;  // nothing: cannot sign in by password
  bool is_staff = false;
  bool is_superuser = false;
  bool is_active = true;
  bool is_demo = false;                      // seeded; cannot sign in outside development
  std::optional<Instant> email_verified_at;
  std::string language;
  Instant created_at;
  Instant updated_at;
};

struct Session {
  std::string token_hash;               // its key; carts of guests refer to it
  std::optional<std::int64_t> user_id;  // nothing: a guest's browser
  Instant created_at;
  Instant last_seen_at;
  Instant expires_at;
};

}  // namespace plenary::accounts
