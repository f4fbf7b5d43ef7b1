// People, their browser sessions and one-use tokens of forms, as plain structs with their entity tables. An
// account without a password belongs to a guest until its address is claimed by a mailed link. E-mail
// addresses are compared by their normalised form. source: ground rules 15, sections 1 and 5; registration
// 20, D29 and D34; transactions, section 5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "db/entity.hpp"

namespace plenary::accounts {

struct User {
  std::int64_t id = 0;
  std::optional<std::string> username;  // a guest has none
  std::string email;                    // as typed
  std::string email_normalized;         // what limits and sign-in go by; not unique
  std::string name;
  std::optional<std::string> password_hash;  // nothing: cannot sign in by password
  bool is_staff = false;
  bool is_superuser = false;
  bool is_active = true;
  bool is_demo = false;  // seeded; cannot sign in outside development
  std::optional<Instant> email_verified_at;
  std::optional<Instant> last_sign_in_at;
  std::string language;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

struct Session {
  std::string id_hash;                  // hash of its token; carts of guests refer to it
  std::optional<std::int64_t> user_id;  // nothing: a guest's browser
  std::optional<std::int64_t> conference_id;
  Instant created_at;
  Instant last_seen_at;
  Instant expires_at;
  std::string address, user_agent;
  std::string data = "{}";  // JSON
};

struct Submission {
  std::string token_hash;
  std::optional<std::int64_t> conference_id;
  std::string kind;
  std::optional<std::string> result;
  Instant created_at;
  Instant expires_at;
};

const db::Entity<User>& user_table();
const db::Entity<Session>& session_table();
const db::Entity<Submission>& submission_table();

}  // namespace plenary::accounts
