#include <tuple>
#include <utility>

#include "domain/accounts/permissions.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts::store {

std::vector<TeamMember> team(db::Tx& tx, std::int64_t conference_id) {
  std::vector<TeamMember> members;
  for (auto& row :
       tx.query<std::int64_t, std::int64_t, std::int64_t, std::optional<std::int64_t>, std::optional<Instant>,
                std::optional<std::int64_t>, std::int64_t, Instant, Instant, std::string, std::string,
                std::string, std::string, std::optional<Instant>, bool, bool>(
           "SELECT a.id, a.user_id, a.group_id, a.conference_id, a.ends_at, a.granted_by, a.version, "
           "a.created_at, a.updated_at, COALESCE(CASE WHEN u.name <> '' THEN u.name ELSE u.username END, '') "
           "AS called, u.email, g.name, COALESCE(CASE WHEN b.name <> '' THEN b.name WHEN b.username IS NOT "
           "NULL THEN b.username ELSE b.email END, ''), u.last_sign_in_at, u.is_active, CASE WHEN "
           "f.confirmed_at IS "
           "NULL THEN 0 ELSE 1 END FROM role_assignment a JOIN user_account u ON u.id = a.user_id JOIN "
           "user_group g ON g.id = a.group_id LEFT JOIN user_account b ON b.id = a.granted_by LEFT JOIN "
           "second_factor f ON f.user_id = a.user_id WHERE COALESCE(a.conference_id, 0) = $1 ORDER BY "
           "called, "
           "u.email, u.id, g.name",
           conference_id)) {
    auto& [id, user, group, conference, ends, granted_by, version, created, updated, name, email, called, by,
           signed_in, is_active, has_factor] = row;
    TeamMember one;
    one.role = {id, user, group, conference, ends, granted_by, version, created, updated};
    one.name = std::move(name);
    one.email = std::move(email);
    one.group_name = std::move(called);
    one.granted_by = std::move(by);
    one.last_sign_in_at = signed_in;
    one.is_active = is_active;
    one.has_second_factor = has_factor;
    members.push_back(std::move(one));
  }
  return members;
}

std::vector<Colleague> colleagues(db::Tx& tx, std::int64_t conference_id, std::string_view permission) {
  std::vector<Colleague> people;
  for (auto& [name, email, language] : tx.query<std::string, std::string, std::string>(
           "SELECT u.name, u.email, u.language FROM user_account u WHERE u.is_active = 1 AND u.email <> '' "
           "AND EXISTS (SELECT 1 FROM role_assignment a JOIN user_group_permission p ON p.group_id = "
           "a.group_id WHERE a.user_id = u.id AND p.permission = $1 AND (a.conference_id IS NULL OR "
           "a.conference_id = $2) AND (a.ends_at IS NULL OR a.ends_at > $3)) ORDER BY u.email, u.id",
           permission, conference_id, tx.now()))
    people.push_back({std::move(name), std::move(email), std::move(language)});
  return people;
}

std::vector<std::pair<std::int64_t, std::string>> all_permissions(db::Tx& tx) {
  std::vector<std::pair<std::int64_t, std::string>> all;
  for (auto& [group, permission] : tx.query<std::int64_t, std::string>(
           "SELECT group_id, permission FROM user_group_permission ORDER BY group_id, permission"))
    all.emplace_back(group, std::move(permission));
  return all;
}

std::int64_t end_role(db::Tx& tx, std::int64_t role_id) {
  return tx.exec(
      "UPDATE role_assignment SET ends_at = $1, updated_at = $1, version = version + 1 WHERE id = $2 AND "
      "(ends_at IS NULL OR ends_at > $1)",
      tx.now(), role_id);
}

bool has_full_access(db::Tx& tx, std::int64_t user_id, std::int64_t except_role, std::int64_t conference_id) {
  return tx.one<std::int64_t>(
             "SELECT count(*) FROM user_account u WHERE u.id = $1 AND (u.is_superuser = 1 OR EXISTS (SELECT "
             "1 "
             "FROM role_assignment a JOIN user_group_permission p ON p.group_id = a.group_id WHERE a.user_id "
             "= "
             "u.id AND a.id <> $2 AND p.permission = $3 AND (a.conference_id IS NULL OR a.conference_id = "
             "$4) "
             "AND (a.ends_at IS NULL OR a.ends_at > $5)))",
             user_id, except_role, full_access, conference_id, tx.now()) > 0;
}

bool others_have_full_access(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id) {
  return tx.one<std::int64_t>(
             "SELECT count(*) FROM role_assignment a JOIN user_group_permission p ON p.group_id = a.group_id "
             "JOIN user_account u ON u.id = a.user_id WHERE a.user_id <> $1 AND u.is_active = 1 AND "
             "p.permission = $2 AND (a.conference_id IS NULL OR a.conference_id = $3) AND (a.ends_at IS NULL "
             "OR a.ends_at > $4)",
             user_id, full_access, conference_id, tx.now()) > 0;
}

}  // namespace plenary::accounts::store
