#include "domain/accounts/team.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/errors.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {

std::vector<TeamMember> team_of(db::Tx& tx, std::int64_t conference_id, Instant ended_since) {
  std::vector<TeamMember> team = store::team(tx, conference_id);
  std::erase_if(team,
                [&](const TeamMember& one) { return one.role.ends_at && *one.role.ends_at <= ended_since; });
  return team;
}

std::vector<TeamMember> team_everywhere(db::Tx& tx) {
  std::vector<TeamMember> team = store::team(tx, 0);
  std::erase_if(team, [&](const TeamMember& one) { return !one.is_current(tx.now()); });
  return team;
}

std::optional<TeamMember> team_member(db::Tx& tx, std::int64_t conference_id, std::int64_t role_id) {
  for (TeamMember& one : store::team(tx, conference_id)) {
    if (one.role.id == role_id) return std::move(one);
  }
  return std::nullopt;
}

std::vector<UserGroup> groups_to_grant(db::Tx& tx, const Rights& rights, std::int64_t conference_id) {
  std::vector<UserGroup> groups = user_group_table().select(tx, "ORDER BY name");
  if (rights.is_superuser()) return groups;
  if (!rights.full_access(conference_id)) return {};
  std::map<std::int64_t, bool> beyond;  // groups with a right that this person does not hold
  for (const auto& [group, permission] : store::all_permissions(tx)) {
    if (!rights.may(permission, conference_id)) beyond[group] = true;
  }
  std::erase_if(groups, [&](const UserGroup& group) { return beyond.contains(group.id); });
  return groups;
}

RoleAssignment change_role_end(db::Tx& tx, const RoleAssignment& role, std::optional<Instant> ends_at) {
  if (ends_at && *ends_at <= tx.now())
    throw Refused("past", "The role would have ended already. Choose a later day, or end the role now.", {},
                  "ends_on");
  RoleAssignment changed = role;
  changed.ends_at = ends_at;
  auto stored = role_assignment_table().update(tx, changed);
  if (!stored) throw Refused("changed", "Somebody else changed this role meanwhile. Please look again.");
  return std::move(*stored);
}

bool end_role(db::Tx& tx, std::int64_t role_id) {
  return store::end_role(tx, role_id) > 0;
}

bool keeps_full_access_without(db::Tx& tx, std::int64_t user_id, std::int64_t role_id,
                               std::int64_t conference_id) {
  return store::has_full_access(tx, user_id, role_id, conference_id);
}

bool others_have_full_access(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id) {
  return store::others_have_full_access(tx, user_id, conference_id);
}

std::vector<Colleague> colleagues_with(db::Tx& tx, std::int64_t conference_id, std::string_view permission) {
  return store::colleagues(tx, conference_id, permission);
}

}  // namespace plenary::accounts
