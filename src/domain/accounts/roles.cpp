#include "domain/accounts/roles.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/permissions.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {

const db::Entity<RoleAssignment>& role_assignment_table() {
  using R = RoleAssignment;
  static const db::Entity<R> table(
      "role_assignment",
      {
          db::column("id", &R::id).generated_key(),
          db::column("user_id", &R::user_id)
              .label(message("Person"))
              .required()
              .references("user_account", db::OnDelete::cascade),
          db::column("group_id", &R::group_id)
              .label(message("Group"))
              .required()
              .references("user_group", db::OnDelete::cascade),
          db::column("conference_id", &R::conference_id)
              .label("Conference")
              .help("Empty: in every conference.")
              .references("conference", db::OnDelete::cascade),
          db::column("ends_at", &R::ends_at).label("Ends").help("Empty: until it is taken away."),
          db::column("granted_by", &R::granted_by)
              .label("Given by")
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("version", &R::version).version(),
          db::column("created_at", &R::created_at).created(),
          db::column("updated_at", &R::updated_at).updated(),
      },
      db::Rules<R>().titled("Role", "Roles").ordered_by("id DESC"));
  return table;
}

std::vector<std::string> permissions_of_group(db::Tx& tx, std::int64_t group_id) {
  return store::permissions(tx, group_id);
}

void set_permissions_of_group(db::Tx& tx, std::int64_t group_id,
                              const std::vector<std::string>& permissions) {
  const std::vector<std::string> before = store::permissions(tx, group_id);
  const auto has = [](const std::vector<std::string>& list, const std::string& id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  for (const std::string& id : before) {
    if (!has(permissions, id)) store::delete_permission(tx, group_id, id);
  }
  for (const std::string& id : permissions) {
    if (!has(before, id)) store::insert_permission(tx, group_id, id);
  }
}

bool may_grant(db::Tx& tx, const Rights& rights, std::int64_t group_id,
               std::optional<std::int64_t> conference_id) {
  if (rights.is_superuser()) return true;
  if (!conference_id || !rights.full_access(*conference_id)) return false;
  const std::vector<std::string> given = store::permissions(tx, group_id);
  return std::all_of(given.begin(), given.end(),
                     [&](const std::string& id) { return rights.may(id, *conference_id); });
}

std::optional<Instant> grants_until(db::Tx& tx, const Rights& rights, std::int64_t group_id,
                                    std::optional<std::int64_t> conference_id) {
  if (rights.is_superuser()) return std::nullopt;
  if (!conference_id) return Instant{};
  std::vector<std::string> needed = store::permissions(tx, group_id);
  needed.emplace_back(full_access);
  std::optional<Instant> first;
  for (const std::string& id : needed) {
    const std::optional<Instant> end = rights.ends_at(id, *conference_id);
    if (end && (!first || *end < *first)) first = end;
  }
  return first;
}

void refuse_outlasting(db::Tx& tx, const Rights& rights, std::int64_t group_id,
                       std::optional<std::int64_t> conference_id, std::optional<Instant> ends_at,
                       std::string_view field) {
  const std::optional<Instant> until = grants_until(tx, rights, group_id, conference_id);
  if (!until || (ends_at && *ends_at <= *until)) return;
  const auto name =
      tx.maybe<std::string>("SELECT timezone FROM conference WHERE id = $1", conference_id.value_or(0));
  const TimeZone zone = TimeZone::find(name.value_or("UTC")).value_or(TimeZone::utc());
  const Date day = zone.local(*until - Duration::microseconds(1)).date;
  throw Refused("outlasts",
                "Your own rights here end with {day}, so you can give this role until then at most. Choose "
                "that day or an earlier one.",
                {{"day", day.to_string()}}, std::string(field));
}

RoleAssignment give_role(db::Tx& tx, const NewRole& role) {
  if (role.ends_at && *role.ends_at <= tx.now())
    throw Refused("past", "The role would have ended already. Choose a later day.", {}, "ends_at");
  RoleAssignment wanted;
  wanted.user_id = role.user_id;
  wanted.group_id = role.group_id;
  wanted.conference_id = role.conference_id;
  wanted.ends_at = role.ends_at;
  wanted.granted_by = role.granted_by;
  const auto stored = [&] {
    return role_assignment_table().maybe(
        tx, "WHERE user_id = $1 AND group_id = $2 AND COALESCE(conference_id, 0) = $3", role.user_id,
        role.group_id, role.conference_id.value_or(0));
  };
  std::optional<RoleAssignment> known = stored();
  if (!known) {
    bool inserted = tx.attempt([&] { wanted = role_assignment_table().insert(tx, wanted); });
    if (inserted) return wanted;
    known = stored();
  }
  known->ends_at = role.ends_at;
  known->granted_by = role.granted_by;
  return role_assignment_table().update(tx, *known).value();
}

std::optional<RoleAssignment> find_role(db::Tx& tx, std::int64_t id) {
  return role_assignment_table().find(tx, id);
}

bool take_role(db::Tx& tx, std::int64_t id) {
  return store::delete_role(tx, id) > 0;
}

std::vector<RoleOfPerson> roles_in(db::Tx& tx, std::int64_t conference_id) {
  return store::roles_in(tx, conference_id);
}

std::vector<RoleOfPerson> roles_of(db::Tx& tx, std::int64_t user_id) {
  return store::roles_of(tx, user_id);
}

std::vector<GroupSetUp> set_up_groups(db::Tx& tx, const std::function<bool(std::string_view)>& is_known) {
  std::vector<GroupSetUp> report;
  for (const StandardGroup& group : standard_groups()) {
    GroupSetUp done;
    done.name = group.name;
    done.created = !find_group(tx, group.name).has_value();
    const std::int64_t id = ensure_group(tx, group.name);
    std::vector<std::string> known;
    for (const std::string& permission : group.permissions)
      (is_known(permission) ? known : done.unknown).push_back(permission);
    set_permissions_of_group(tx, id, known);
    done.permissions = known.size();
    report.push_back(std::move(done));
  }
  return report;
}

}  // namespace plenary::accounts
