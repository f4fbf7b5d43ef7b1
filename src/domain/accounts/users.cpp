#include "domain/accounts/users.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {
namespace {

constexpr std::size_t longest_username = 150;

User changed(db::Tx& tx, const User& user, std::initializer_list<std::string_view> columns) {
  auto stored = user_table().update_only(tx, user, columns);
  if (!stored) throw Refused("changed_meanwhile", "This account was changed meanwhile. Please try again.");
  return std::move(*stored);
}

User existing(db::Tx& tx, std::int64_t id) {
  auto user = find_user(tx, id);
  if (!user) throw NotFound("no such account");
  return std::move(*user);
}

void refuse_taken_address(db::Tx& tx, std::string_view normalized, std::int64_t except) {
  const auto other = find_by_email(tx, normalized);
  if (other && other->password_hash && other->id != except)
    throw Refused("has_account", "There is an account with this address already.", {}, "email");
}

}  // namespace

std::optional<User> find_user(db::Tx& tx, std::int64_t id) {
  return user_table().find(tx, id);
}

std::optional<User> find_by_email(db::Tx& tx, std::string_view normalized_email) {
  if (normalized_email.empty()) return std::nullopt;
  auto users = user_table().select(
      tx,
      "WHERE email_normalized = $1 ORDER BY CASE WHEN password_hash IS NULL THEN 1 ELSE 0 END, id LIMIT 1",
      normalized_email);
  if (users.empty()) return std::nullopt;
  return std::move(users.front());
}

std::optional<User> find_for_sign_in(db::Tx& tx, std::string_view typed) {
  const std::string_view name = trimmed(typed);
  std::optional<User> user;
  if (name.find('@') != std::string_view::npos) {
    user = find_by_email(tx, normalized_email(name));
  } else if (!name.empty()) {
    user = user_table().maybe(tx, "WHERE username = $1", name);
  }
  if (!user || !user->password_hash) return std::nullopt;
  return user;
}

bool has_superuser(db::Tx& tx) {
  return tx
      .maybe<std::int64_t>(
          "SELECT id FROM user_account WHERE is_superuser = 1 AND is_active = 1 AND is_demo = 0 AND "
          "password_hash IS NOT NULL ORDER BY id LIMIT 1")
      .has_value();
}

std::vector<std::string> superuser_names(db::Tx& tx, std::int64_t limit) {
  return tx.query<std::string>(
      "SELECT CASE WHEN name <> '' THEN name ELSE username END AS called FROM user_account WHERE "
      "is_superuser = 1 AND is_active = 1 AND is_demo = 0 AND password_hash IS NOT NULL AND (name <> '' OR "
      "username IS NOT NULL) ORDER BY called LIMIT $1",
      limit);
}

bool may_sign_in(const User& user, bool is_development) {
  if (!user.is_active || !user.password_hash) return false;
  if (user.is_demo && !is_development) return false;
  return user.email_normalized.empty() || user.email_verified_at.has_value();
}

User become_account(db::Tx& tx, const NewPerson& person) {
  const std::string normalized = normalized_email(person.email);
  std::optional<User> user = find_by_email(tx, normalized);
  if (user && user->password_hash)
    throw Refused("has_account", "There is an account with this address already.", {}, "email");
  if (user && !user->is_active) throw NotFound("the account of this address was closed");
  User changes = user ? *user : User{};
  changes.email = trimmed(person.email);
  changes.email_normalized = normalized;
  if (!is_blank(person.name)) changes.name = person.name;
  if (!person.language.empty()) changes.language = person.language;
  changes.password_hash = person.password_hash;
  changes.email_verified_at = tx.now();
  if (!user) return user_table().insert(tx, changes);
  return changed(tx, changes,
                 {"email", "email_normalized", "name", "language", "password_hash", "email_verified_at"});
}

std::optional<Refused> username_problem(std::string_view username) {
  const bool plain = !username.empty() && std::all_of(username.begin(), username.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '+' || c == '-' || c == '_';
  });
  if (!plain || username.size() > longest_username)
    return Refused("username", "User name: use letters, digits and . + - _, at most {longest} characters.",
                   {{"longest", std::to_string(longest_username)}}, "username");
  return std::nullopt;
}

User create_superuser(db::Tx& tx, const NewSuperuser& person) {
  if (auto problem = username_problem(person.username)) throw *problem;
  if (tx.maybe<std::int64_t>("SELECT id FROM user_account WHERE username = $1", person.username))
    throw Refused("username", "There is an account with the user name {username} already.",
                  {{"username", person.username}}, "username");
  const std::string normalized = normalized_email(person.email);
  if (!normalized.empty()) refuse_taken_address(tx, normalized, 0);
  User user;
  user.username = person.username;
  user.email = trimmed(person.email);
  user.email_normalized = normalized;
  user.name = person.name;
  user.password_hash = person.password_hash;
  user.is_staff = user.is_superuser = true;
  if (!normalized.empty()) user.email_verified_at = tx.now();  // the operator vouches for it
  return user_table().insert(tx, user);
}

void set_password(db::Tx& tx, std::int64_t user_id, std::string_view password_hash) {
  User user = existing(tx, user_id);
  user.password_hash = password_hash;
  changed(tx, user, {"password_hash"});
}

void set_email(db::Tx& tx, std::int64_t user_id, std::string_view email) {
  User user = existing(tx, user_id);
  user.email = trimmed(email);
  user.email_normalized = normalized_email(email);
  user.email_verified_at = tx.now();
  if (user.password_hash) refuse_taken_address(tx, user.email_normalized, user_id);
  changed(tx, user, {"email", "email_normalized", "email_verified_at"});
}

void set_profile(db::Tx& tx, std::int64_t user_id, std::string_view name, std::string_view language) {
  User user = existing(tx, user_id);
  user.name = trimmed(name);
  user.language = language;
  changed(tx, user, {"name", "language"});
}

void set_signed_in(db::Tx& tx, std::int64_t user_id) {
  tx.exec_later("UPDATE user_account SET last_sign_in_at = $1 WHERE id = $2", tx.now(), user_id);
}

}  // namespace plenary::accounts
