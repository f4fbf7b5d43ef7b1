// Roles: who belongs to which group, in one conference or everywhere, until when; and the rights that a group
// gives. Nobody gives away what they do not hold themselves. Functions of a transaction: one thread at a
// time; Refused before anything is written. source: configuration 10, 8.1, 8.5; Do better 3 and 27.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/entity.hpp"
#include "domain/accounts/rights.hpp"

namespace plenary::accounts {

struct RoleAssignment {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::int64_t group_id = 0;
  std::optional<std::int64_t> conference_id;  // nothing: everywhere
  std::optional<Instant> ends_at;             // gives nothing from then on
  std::optional<std::int64_t> granted_by;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<RoleAssignment>& role_assignment_table();

// The rights of a group, by id, in alphabetical order.
std::vector<std::string> permissions_of_group(db::Tx& tx, std::int64_t group_id);
// Exactly these from now on.
void set_permissions_of_group(db::Tx& tx, std::int64_t group_id, const std::vector<std::string>& permissions);

// Whether somebody with these rights may give the group's role in that conference (nothing: everywhere) or
// take it away: superusers may; else full access there is needed, and each of the group's rights. Never a
// role everywhere.
bool may_grant(db::Tx& tx, const Rights& rights, std::int64_t group_id,
               std::optional<std::int64_t> conference_id);

// When the rights end by which that is allowed; nothing: not by themselves. A role that is given lasts no
// longer: else whoever works here until June would stay for good by a second account.
std::optional<Instant> grants_until(db::Tx& tx, const Rights& rights, std::int64_t group_id,
                                    std::optional<std::int64_t> conference_id);
// Refused("outlasts"), on `field`, where a role with this end would last longer than that.
void refuse_outlasting(db::Tx& tx, const Rights& rights, std::int64_t group_id,
                       std::optional<std::int64_t> conference_id, std::optional<Instant> ends_at,
                       std::string_view field);

struct NewRole {
  std::int64_t user_id = 0, group_id = 0;
  std::optional<std::int64_t> conference_id;
  std::optional<Instant> ends_at;
  std::optional<std::int64_t> granted_by;
};
// The role as it is stored; one that is there already gets the new end. Refused: an end that has passed, on
// "ends_at".
RoleAssignment give_role(db::Tx& tx, const NewRole& role);
std::optional<RoleAssignment> find_role(db::Tx& tx, std::int64_t id);
// Deletes it; false when there was none.
bool take_role(db::Tx& tx, std::int64_t id);
// Roles bound to this conference, those that have ended too; by name of the person, then of the group.
struct RoleOfPerson {
  RoleAssignment role;
  std::string user_name, user_email, group_name;
};
std::vector<RoleOfPerson> roles_in(db::Tx& tx, std::int64_t conference_id);
std::vector<RoleOfPerson> roles_of(db::Tx& tx, std::int64_t user_id);

// The ten groups with exactly their rights; other groups and all members stay. `is_known` says which ids the
// system has; others are left out and told. One write. source: 10, 8.5.
struct GroupSetUp {
  std::string name;
  bool created = false;
  std::size_t permissions = 0;
  std::vector<std::string> unknown;
};
std::vector<GroupSetUp> set_up_groups(db::Tx& tx, const std::function<bool(std::string_view id)>& is_known);

}  // namespace plenary::accounts
