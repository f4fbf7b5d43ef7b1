// Groups of people: what group discounts and rights go by. A name is unique, whatever its letter case. Who
// belongs to one in a single conference, or for a time, is in roles.hpp. Functions of a transaction: one
// thread at a time; Refused before anything is written. source: registration 20, 3.7; configuration 10, 7.5
// and 8.5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "db/entity.hpp"

namespace plenary::accounts {

struct UserGroup {
  std::int64_t id = 0;
  std::string name;
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

const db::Entity<UserGroup>& user_group_table();

std::optional<UserGroup> find_group(db::Tx& tx, std::string_view name);
// Made where it is missing; its id. Refused: a blank or too long name, on "name".
std::int64_t ensure_group(db::Tx& tx, std::string_view name);

// Membership everywhere. Joining twice, or leaving where one is not, changes nothing.
void add_to_group(db::Tx& tx, std::int64_t group_id, std::int64_t user_id);
void remove_from_group(db::Tx& tx, std::int64_t group_id, std::int64_t user_id);
std::vector<std::int64_t> members_of(db::Tx& tx, std::int64_t group_id);  // ids of accounts
// Ids of the groups somebody belongs to there: everywhere, or in this conference; not those that ended.
std::vector<std::int64_t> groups_of_user(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id = 0);

}  // namespace plenary::accounts
