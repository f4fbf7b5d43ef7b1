// The team of a conference: everybody with a role there, as the people see it who run it, and what they may
// do about it. A role that is ended keeps its row, so that the list can say who left lately. Functions of a
// transaction: one thread at a time; Refused before anything is written. source: configuration 10, 8; Do
// better 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/tx.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/accounts/roles.hpp"

namespace plenary::accounts {

struct TeamMember {
  RoleAssignment role;
  std::string name, email, group_name;  // `name`: user name where the person has told none
  std::string granted_by;               // name; empty: not known
  std::optional<Instant> last_sign_in_at;
  bool is_active = true;           // of the account
  bool has_second_factor = false;  // likewise, confirmed
  bool is_current(Instant now) const { return !role.ends_at || *role.ends_at > now; }
};

// Roles bound to this conference, by name of the person, then of the group: those that hold, and those that
// ended after `ended_since`.
std::vector<TeamMember> team_of(db::Tx& tx, std::int64_t conference_id, Instant ended_since);
// Roles that hold in every conference; superusers are none of them.
std::vector<TeamMember> team_everywhere(db::Tx& tx);
// One role of this conference; nothing: it has none of this id.
std::optional<TeamMember> team_member(db::Tx& tx, std::int64_t conference_id, std::int64_t role_id);

// Groups whose role may_grant allows there, by name.
std::vector<UserGroup> groups_to_grant(db::Tx& tx, const Rights& rights, std::int64_t conference_id);

// From now on. Refused("past"): an end that has passed already, on "ends_on". Refused("changed"): somebody
// else changed or removed the role meanwhile.
RoleAssignment change_role_end(db::Tx& tx, const RoleAssignment& role, std::optional<Instant> ends_at);
// Ends it now. False: it had ended, or is gone.
bool end_role(db::Tx& tx, std::int64_t role_id);

// Active accounts whose roles there, or everywhere, give a permission (its id), by address; superusers only
// by such a role. For mail to those whom something concerns.
struct Colleague {
  std::string name, email, language;
};
std::vector<Colleague> colleagues_with(db::Tx& tx, std::int64_t conference_id, std::string_view permission);

// Whether somebody opens everything of this conference by another role than this one; superusers do.
bool keeps_full_access_without(db::Tx& tx, std::int64_t user_id, std::int64_t role_id,
                               std::int64_t conference_id);
// Whether anybody but this person does, superusers aside.
bool others_have_full_access(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id);

}  // namespace plenary::accounts
