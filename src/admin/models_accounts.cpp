// People: accounts and groups. Passwords, addresses' proofs and sign-ins are not edited by hand. source:
// configuration 10, 8.1; ground rules 15, 5.
#include "admin/model.hpp"
#include "base/text.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/accounts/types.hpp"
#include "domain/accounts/users.hpp"

namespace plenary::admin {
namespace {

constexpr const char* last_one = message("This is the last superuser: nobody could come in here any more.");

// Others who can sign in count: with a password, a proven address or none, and no demo data.
bool is_last_superuser(db::Tx& tx, const accounts::User& user) {
  return tx.one<std::int64_t>(
             "SELECT count(*) FROM user_account WHERE is_superuser = 1 AND is_active = 1 AND is_demo = 0 AND "
             "password_hash IS NOT NULL AND (email_normalized = '' OR email_verified_at IS NOT NULL) AND id "
             "<> "
             "$1",
             user.id) == 0;
}

// Whoever may edit accounts, but is no superuser, must not come into somebody else's rights: by an address of
// their own at an account that has some.
void guard_account(db::Tx& tx, const Person&, const void* before, const void* after) {
  using accounts::User;
  const auto* old = static_cast<const User*>(before);
  const auto* now = static_cast<const User*>(after);
  const auto has_flag = [](const User* user) { return user && (user->is_superuser || user->is_staff); };
  if (has_flag(old) || has_flag(now))
    throw Refused("forbidden", message("Only superusers change accounts of staff and superusers."));
  if (old && !accounts::roles_of(tx, old->id).empty())
    throw Refused("forbidden", message("Only superusers change accounts that have a role."));
}

// Groups that give rights are for superusers; renaming one changes what people believe to give.
void guard_group(db::Tx& tx, const Person&, const void* before, const void*) {
  const auto* old = static_cast<const accounts::UserGroup*>(before);
  if (old && !accounts::permissions_of_group(tx, old->id).empty())
    throw Refused("forbidden", message("Only superusers change groups that give rights."));
}

// Nobody gives away or takes away what they do not hold, and nobody changes a role of their own.
void guard_role(db::Tx& tx, const Person& person, const void* before, const void* after) {
  for (const void* row : {before, after}) {
    if (!row) continue;
    const auto& role = *static_cast<const accounts::RoleAssignment*>(row);
    if (after && person.user_id == role.user_id)
      throw Refused("own_role", message("Nobody gives or changes a role of their own."));
    if (!accounts::may_grant(tx, person.rights, role.group_id, role.conference_id))
      throw Refused("forbidden",
                    message("You can give and take away only roles whose rights you hold yourself, in "
                            "conferences where you have full access."));
  }
  const auto* old = static_cast<const accounts::RoleAssignment*>(before);
  const auto* now = static_cast<const accounts::RoleAssignment*>(after);
  if (!now) return;
  const bool is_earlier = old && old->user_id == now->user_id && old->group_id == now->group_id &&
                          old->conference_id == now->conference_id && now->ends_at &&
                          (!old->ends_at || *now->ends_at <= *old->ends_at);
  if (!is_earlier)
    accounts::refuse_outlasting(tx, person.rights, now->group_id, now->conference_id, now->ends_at,
                                "ends_at");
}

std::vector<db::FieldError> check_role(db::Tx& tx, const void* before, const void* row) {
  const auto& role = *static_cast<const accounts::RoleAssignment*>(row);
  std::vector<db::FieldError> errors;
  if (!before && role.ends_at && *role.ends_at <= tx.now())
    errors.push_back(
        {"ends_at", "past", message("The role would have ended already. Choose a later day."), {}});
  const auto same = tx.one<std::int64_t>(
      "SELECT count(*) FROM role_assignment WHERE user_id = $1 AND group_id = $2 AND "
      "COALESCE(conference_id, 0) = $3 AND id <> $4",
      role.user_id, role.group_id, role.conference_id.value_or(0), role.id);
  if (same > 0)
    errors.push_back({"group_id", "not_unique", message("This person has this role there already."), {}});
  return errors;
}

Model accounts_model() {
  using accounts::User;
  Model model;
  model.table = &accounts::user_table();
  model.area = "accounts";
  model.name = "user";
  model.label_sql =
      "CASE WHEN t.username IS NOT NULL THEN t.username WHEN t.email <> '' THEN t.email ELSE "
      "'#' || t.id END";
  model.columns = {{.name = "label", .label = message("Account"), .sql = model.label_sql},
                   {"email"},
                   {"name"},
                   {"is_staff"},
                   {"is_superuser"},
                   {"is_active"},
                   {"last_sign_in_at"}};
  model.filters = {"is_staff", "is_superuser", "is_active", "is_demo", "last_sign_in_at"};
  model.search = {"t.username", "t.email", "t.name"};
  model.search_help = message("Looks in user names, addresses and names.");
  model.order = "t.id DESC";
  model.groups = {{"", {"username", "email", "name", "language"}},
                  {message("Rights"), {"is_active", "is_staff", "is_superuser"}},
                  {message("State"), {"email_verified_at", "last_sign_in_at", "is_demo", "created_at"}}};
  model.kept_by = {"orders", "credit", "travel_grant"};
  model.chosen = Chosen::by_name;
  model.asks_proof = true;
  model.superusers_only = {"is_staff", "is_superuser"};
  model.guard = guard_account;
  model.inlines = {{.table = "role_assignment",
                    .column = "user_id",
                    .fields = {"group_id", "conference_id", "ends_at"},
                    .title = message("Roles")}};
  model.check = [](db::Tx& tx, const void* before, const void* row) {
    std::vector<db::FieldError> errors;
    const auto& user = *static_cast<const User*>(row);
    if (user.username) {
      if (const auto refused = accounts::username_problem(*user.username))
        errors.push_back({"username", refused->code(), refused->text(), refused->arguments()});
    }
    const auto* old = static_cast<const User*>(before);
    if (old && old->is_superuser && (!user.is_superuser || !user.is_active) && is_last_superuser(tx, user))
      errors.push_back({user.is_active ? "is_superuser" : "is_active", "rule", last_one, {}});
    // A mistyped address would close the door for good.
    const std::string address = normalized_email(user.email);
    if (old && old->is_superuser && user.is_superuser && user.is_active && !address.empty() &&
        address != old->email_normalized && is_last_superuser(tx, user))
      errors.push_back({"email",
                        "rule",
                        message("This is the last superuser, and nobody signs in with an address that is not "
                                "proven. Change it on the page of your own account."),
                        {}});
    if (user.password_hash && !user.email.empty()) {
      const auto same = tx.one<std::int64_t>(
          "SELECT count(*) FROM user_account WHERE email_normalized = $1 AND password_hash IS NOT NULL AND "
          "id "
          "<> $2",
          normalized_email(user.email), user.id);
      if (same > 0)
        errors.push_back({"email", "not_unique", message("Another account signs in with this address."), {}});
    }
    return errors;
  };
  model.insert = [](db::Tx& tx, void* row) {
    auto& user = *static_cast<User*>(row);
    user.email_normalized = normalized_email(user.email);
    user = accounts::user_table().insert(tx, user);
  };
  model.update = [](db::Tx& tx, const void* before, void* row) {
    auto& user = *static_cast<User*>(row);
    user.email_normalized = normalized_email(user.email);
    // Whoever typed the new address has not proven it.
    if (user.email_normalized != static_cast<const User*>(before)->email_normalized)
      user.email_verified_at.reset();
    const auto stored = accounts::user_table().update(tx, user);
    if (stored) user = *stored;
    return stored.has_value();
  };
  model.remove = [](db::Tx& tx, const void* row) {
    const auto& user = *static_cast<const User*>(row);
    if (user.is_superuser && is_last_superuser(tx, user)) throw Refused("rule", last_one);
    // Its cart would go and leave behind what it holds of the stock.
    const auto held = tx.one<std::int64_t>(
        "SELECT count(*) FROM hold h JOIN cart c ON c.id = h.owner_id WHERE h.owner_kind = 'cart' AND "
        "c.user_id = $1",
        user.id);
    if (held > 0)
      throw Refused("in_use", message("This account has tickets in a cart at this moment. Switch it off "
                                      "instead, or wait until the cart has lapsed."));
    accounts::user_table().remove(tx, user);
  };
  return model;
}

Model groups() {
  Model model;
  model.table = &accounts::user_group_table();
  model.area = "accounts";
  model.name = "group";
  model.columns = {
      {"name"},
      {.name = "members",
       .label = message("Members"),
       .sql = "(SELECT count(DISTINCT a.user_id) FROM role_assignment a WHERE a.group_id = t.id)",
       .shown = Shown::integer}};
  model.search = {"t.name"};
  model.chosen = Chosen::by_all;
  model.asks_proof = true;
  model.superusers_only = {"permissions"};
  model.guard = guard_group;
  model.groups = {{"", {"name"}}, {message("Rights"), {"permissions"}}};
  model.links = {{.name = "permissions",
                  .label = message("What its members may do"),
                  .help = message("In the conference that their role names, or in every one."),
                  .table = "user_group_permission",
                  .own_column = "group_id",
                  .other_column = "permission",
                  .other_table = "",
                  .permissions = true}};
  model.inlines = {{.table = "role_assignment",
                    .column = "group_id",
                    .fields = {"user_id", "conference_id", "ends_at"},
                    .title = message("Members")}};
  return model;
}

Model roles() {
  Model model;
  model.table = &accounts::role_assignment_table();
  model.area = "accounts";
  model.name = "role";
  model.conference_sql = "t.conference_id";
  model.label_sql =
      "(SELECT g.name FROM user_group g WHERE g.id = t.group_id) || ', ' || (SELECT CASE WHEN u.name <> '' "
      "THEN u.name WHEN u.email <> '' THEN u.email ELSE '#' || u.id END FROM user_account u WHERE u.id = "
      "t.user_id)";
  model.columns = {{.name = "label", .label = message("Role"), .sql = model.label_sql},
                   {"conference_id"},
                   {"ends_at"},
                   {"created_at"}};
  model.filters = {"conference_id", "group_id", "ends_at"};
  model.search = {"(SELECT u.email FROM user_account u WHERE u.id = t.user_id)",
                  "(SELECT u.name FROM user_account u WHERE u.id = t.user_id)"};
  model.search_help = message("Looks in addresses and names.");
  model.order = "t.id DESC";
  model.asks_proof = true;
  model.author_column = "granted_by";
  model.guard = guard_role;
  model.check = check_role;
  return model;
}

}  // namespace

std::vector<Model> account_models() {
  return {accounts_model(), groups(), roles()};
}

}  // namespace plenary::admin
