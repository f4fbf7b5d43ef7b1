#include "domain/accounts/groups.hpp"

#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {

const db::Entity<UserGroup>& user_group_table() {
  using G = UserGroup;
  static const db::Entity<G> table("user_group",
                                   {
                                       db::column("id", &G::id).generated_key(),
                                       db::column("name", &G::name).required().max_length(150),
                                       db::column("version", &G::version).version(),
                                       db::column("created_at", &G::created_at).created(),
                                       db::column("updated_at", &G::updated_at).updated(),
                                   },
                                   db::Rules<G>()
                                       .titled("Group", "Groups")
                                       .ordered_by("name, id")
                                       .unique({"lower(name)"}, "Another group has this name."));
  return table;
}

std::optional<UserGroup> find_group(db::Tx& tx, std::string_view name) {
  return user_group_table().maybe(tx, "WHERE lower(name) = lower($1)", trimmed(name));
}

std::int64_t ensure_group(db::Tx& tx, std::string_view name) {
  if (const auto stored = find_group(tx, name)) return stored->id;
  UserGroup group;
  group.name = trimmed(name);
  const auto problems = user_group_table().validate(group);
  if (!problems.empty())
    throw Refused(problems[0].code, problems[0].text, problems[0].arguments, problems[0].field);
  // Somebody else's insert of the very same moment: theirs is as good.
  tx.attempt([&] { group = user_group_table().insert(tx, group); });
  return group.id ? group.id : find_group(tx, name).value().id;
}

void add_to_group(db::Tx& tx, std::int64_t group_id, std::int64_t user_id) {
  store::insert_member(tx, group_id, user_id);
}
void remove_from_group(db::Tx& tx, std::int64_t group_id, std::int64_t user_id) {
  store::delete_member(tx, group_id, user_id);
}
std::vector<std::int64_t> members_of(db::Tx& tx, std::int64_t group_id) {
  return store::members(tx, group_id);
}
std::vector<std::int64_t> groups_of_user(db::Tx& tx, std::int64_t user_id, std::int64_t conference_id) {
  return store::groups(tx, user_id, conference_id);
}

}  // namespace plenary::accounts
