#include <tuple>
#include <utility>

#include "domain/accounts/store.hpp"

namespace plenary::accounts::store {
namespace {

using Row = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::optional<std::int64_t>,
                       std::optional<Instant>, std::optional<std::int64_t>, std::int64_t, Instant, Instant,
                       std::string, std::string, std::string>;

RoleOfPerson role_of(Row& row) {
  RoleOfPerson found;
  auto& [id, user, group, conference, ends_at, granted_by, version, created, updated, name, email, called] =
      row;
  found.role = {id, user, group, conference, ends_at, granted_by, version, created, updated};
  found.user_name = std::move(name);
  found.user_email = std::move(email);
  found.group_name = std::move(called);
  return found;
}

}  // namespace

void insert_member(db::Tx& tx, std::int64_t group_id, std::int64_t user_id) {
  tx.exec_later(
      "INSERT INTO role_assignment (user_id, group_id, created_at, updated_at) SELECT $2, $1, $3, $3 "
      "WHERE NOT EXISTS (SELECT 1 FROM role_assignment WHERE user_id = $2 AND group_id = $1 AND "
      "conference_id IS NULL)",
      group_id, user_id, tx.now());
}
void delete_member(db::Tx& tx, std::int64_t group_id, std::int64_t user_id) {
  tx.exec_later("DELETE FROM role_assignment WHERE group_id = $1 AND user_id = $2 AND conference_id IS NULL",
                group_id, user_id);
}
std::vector<std::int64_t> members(db::Tx& tx, std::int64_t group_id) {
  return tx.query<std::int64_t>(
      "SELECT DISTINCT user_id FROM role_assignment WHERE group_id = $1 AND conference_id IS NULL AND "
      "(ends_at IS NULL OR ends_at > $2) ORDER BY user_id",
      group_id, tx.now());
}
std::vector<std::int64_t> groups(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id) {
  return tx.query<std::int64_t>(
      "SELECT DISTINCT group_id FROM role_assignment WHERE user_id = $1 AND (conference_id IS NULL OR "
      "conference_id = $2) AND (ends_at IS NULL OR ends_at > $3) ORDER BY group_id",
      user_id, conference_id, tx.now());
}

std::vector<std::string> permissions(db::Tx& tx, std::int64_t group_id) {
  return tx.query<std::string>(
      "SELECT permission FROM user_group_permission WHERE group_id = $1 ORDER BY permission", group_id);
}
void insert_permission(db::Tx& tx, std::int64_t group_id, std::string_view permission) {
  tx.exec_later("INSERT INTO user_group_permission (group_id, permission) VALUES ($1, $2)", group_id,
                permission);
}
void delete_permission(db::Tx& tx, std::int64_t group_id, std::string_view permission) {
  tx.exec_later("DELETE FROM user_group_permission WHERE group_id = $1 AND permission = $2", group_id,
                permission);
}

std::vector<Rights::Held> rights(db::Tx& tx, std::int64_t user_id) {
  std::vector<Rights::Held> held;
  for (auto& [conference, permission, ends_at] :
       tx.query<std::optional<std::int64_t>, std::string, std::optional<Instant>>(
           "SELECT a.conference_id, COALESCE(p.permission, ''), a.ends_at FROM role_assignment a LEFT JOIN "
           "user_group_permission p ON p.group_id = a.group_id WHERE a.user_id = $1 AND (a.ends_at IS NULL "
           "OR a.ends_at > $2) ORDER BY a.conference_id, p.permission",
           user_id, tx.now()))
    held.push_back({conference, std::move(permission), ends_at});
  return held;
}

std::int64_t delete_role(db::Tx& tx, std::int64_t id) {
  return tx.exec("DELETE FROM role_assignment WHERE id = $1", id);
}

std::vector<RoleOfPerson> roles_in(db::Tx& tx, std::int64_t conference_id) {
  std::vector<RoleOfPerson> roles;
  for (Row& row : tx.query<std::int64_t, std::int64_t, std::int64_t, std::optional<std::int64_t>,
                           std::optional<Instant>, std::optional<std::int64_t>, std::int64_t, Instant,
                           Instant, std::string, std::string, std::string>(
           "SELECT a.id, a.user_id, a.group_id, a.conference_id, a.ends_at, a.granted_by, a.version, "
           "a.created_at,"
           " a.updated_at, u.name, u.email, g.name FROM role_assignment a JOIN user_account u ON u.id = "
           "a.user_id"
           " JOIN user_group g ON g.id = a.group_id WHERE a.conference_id = $1 ORDER BY u.name, u.id, g.name",
           conference_id))
    roles.push_back(role_of(row));
  return roles;
}

std::vector<RoleOfPerson> roles_of(db::Tx& tx, std::int64_t user_id) {
  std::vector<RoleOfPerson> roles;
  for (Row& row : tx.query<std::int64_t, std::int64_t, std::int64_t, std::optional<std::int64_t>,
                           std::optional<Instant>, std::optional<std::int64_t>, std::int64_t, Instant,
                           Instant, std::string, std::string, std::string>(
           "SELECT a.id, a.user_id, a.group_id, a.conference_id, a.ends_at, a.granted_by, a.version, "
           "a.created_at,"
           " a.updated_at, u.name, u.email, g.name FROM role_assignment a JOIN user_account u ON u.id = "
           "a.user_id"
           " JOIN user_group g ON g.id = a.group_id WHERE a.user_id = $1 ORDER BY a.conference_id, g.name",
           user_id))
    roles.push_back(role_of(row));
  return roles;
}

}  // namespace plenary::accounts::store
