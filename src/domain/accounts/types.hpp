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
  std::optional<Instant> proven_at, second_factor_at, locked_at;
  std::int64_t wrong_answers = 0;
};

struct Submission {
  std::string token_hash;
  std::optional<std::int64_t> conference_id;
  std::string kind;
  std::optional<std::string> result;
  Instant created_at;
  Instant expires_at;
};

enum class LinkKind { verify, reset, change_email, claim, set_up, find_orders };

// A link that was mailed, or printed by `serve` (links.hpp).
struct Link {
  std::int64_t id = 0;
  LinkKind kind = LinkKind::verify;
  std::optional<std::int64_t> user_id;
  std::optional<std::int64_t> order_id;
  std::optional<std::int64_t> conference_id;
  std::string email;  // the address that it proves, as typed; empty: nobody's, no mail goes out
  std::string email_normalized;
  // Of a sign-up: no account exists before its address was proven.
  std::string name;
  std::optional<std::string> password_hash;
  std::string language;
  std::string next_path;  // where to go on, a path of ours
  std::string nonce, token_hash;
  Instant created_at;
  Instant expires_at;
  std::optional<Instant> used_at;
};

const db::Entity<User>& user_table();
const db::Entity<Session>& session_table();
const db::Entity<Submission>& submission_table();
const db::Entity<Link>& link_table();

}  // namespace plenary::accounts
