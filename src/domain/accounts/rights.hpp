// What one person may do, and where: superusers everything, everybody else what their roles give, each in one
// conference or everywhere, until it ends. Read with the request, never kept beyond it, so that a role taken
// away is gone with the next click. source: configuration 10, 8.1 and 8.2; Do better 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

class Rights {
 public:
  struct Held {
    std::optional<std::int64_t> conference_id;  // nothing: everywhere
    std::string permission;                     // id; empty: a role without permissions
    std::optional<Instant> ends_at = {};        // of the role
  };
  Rights() = default;  // nobody's
  Rights(bool is_superuser, std::vector<Held> held) : is_superuser_(is_superuser), held_(std::move(held)) {}

  bool is_superuser() const { return is_superuser_; }
  // Any role at all; a superuser has.
  bool any_role() const { return is_superuser_ || !held_.empty(); }
  bool any_role_in(std::int64_t conference_id) const;
  // Opens everything of this conference. source: 10, 8.2, step 4.
  bool full_access(std::int64_t conference_id) const { return may(accounts_full_access(), conference_id); }
  bool full_access_everywhere() const { return may_everywhere(accounts_full_access()); }
  // `permission`: id or code of area program_conference. Exactly this one: full access is asked separately.
  bool may(std::string_view permission, std::int64_t conference_id) const;
  // When it ends by the role that gives it longest; nothing: not by itself. Of what is not held: the past.
  std::optional<Instant> ends_at(std::string_view permission, std::int64_t conference_id) const;
  // By a role that is not bound to a conference.
  bool may_everywhere(std::string_view permission) const;
  bool may_somewhere(std::string_view permission) const;
  // Some permission of this area ("program_conference") in any conference.
  bool any_of_area(std::string_view area) const;
  // Whether a role that is not bound to a conference is among them: then every conference is theirs to see.
  bool any_role_everywhere() const;
  // Conferences in which they hold a role of its own; ascending, each once.
  std::vector<std::int64_t> conferences() const;
  const std::vector<Held>& held() const { return held_; }

 private:
  static std::string_view accounts_full_access();

  bool is_superuser_ = false;
  std::vector<Held> held_;
};

// One query. A superuser's roles are read too, but add nothing.
Rights rights_of(db::Tx& tx, std::int64_t user_id, bool is_superuser);

}  // namespace plenary::accounts
