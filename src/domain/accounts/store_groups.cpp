#include "domain/accounts/store.hpp"

namespace plenary::accounts::store {

void insert_member(db::Tx& tx, std::int64_t group_id, std::int64_t user_id) {
  tx.exec_later(
      "INSERT INTO user_group_member (group_id, user_id) VALUES ($1, $2) ON CONFLICT (group_id, user_id) DO "
      "NOTHING",
      group_id, user_id);
}
void delete_member(db::Tx& tx, std::int64_t group_id, std::int64_t user_id) {
  tx.exec_later("DELETE FROM user_group_member WHERE group_id = $1 AND user_id = $2", group_id, user_id);
}
std::vector<std::int64_t> members(db::Tx& tx, std::int64_t group_id) {
  return tx.query<std::int64_t>("SELECT user_id FROM user_group_member WHERE group_id = $1 ORDER BY user_id",
                                group_id);
}
std::vector<std::int64_t> groups(db::Tx& tx, std::int64_t user_id) {
  return tx.query<std::int64_t>("SELECT group_id FROM user_group_member WHERE user_id = $1 ORDER BY group_id",
                                user_id);
}

}  // namespace plenary::accounts::store
