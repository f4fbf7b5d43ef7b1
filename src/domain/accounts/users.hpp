// Accounts of people. One without a password is a guest's, made by checkout; at most one with a password has
// an address, and its address was proven by a mailed link before the account came to be (or an operator
// vouched for it). Functions of a transaction: one thread at a time; Refused before anything is written.
// source: ground rules 15, sections 1 and 5; registration 20, D29 and D34.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.hpp"
#include "db/tx.hpp"
#include "domain/accounts/types.hpp"

namespace plenary::accounts {

std::optional<User> find_user(db::Tx& tx, std::int64_t id);
// The account with a password of this address, else the oldest guest's one.
std::optional<User> find_by_email(db::Tx& tx, std::string_view normalized_email);
// By address or user name; only an account with a password.
std::optional<User> find_for_sign_in(db::Tx& tx, std::string_view typed);
bool has_superuser(db::Tx& tx);
// How the superusers who can sign in are called, never their addresses; at most `limit`, by name.
std::vector<std::string> superuser_names(db::Tx& tx, std::int64_t limit);

// Active, its address proven, and no seeded account outside development.
bool may_sign_in(const User& user, bool is_development);

// A person's address is proven and the password chosen: the guest's account of the address becomes theirs, or
// a new one is made. Refused("has_account") when one with a password exists.
struct NewPerson {
  std::string email, name, language;
  std::string password_hash;
};
User become_account(db::Tx& tx, const NewPerson& person);

// For the operator's commands and the set-up link. Refused("username"), ("email") when taken.
struct NewSuperuser {
  std::string username, email, name;
  std::string password_hash;
};
User create_superuser(db::Tx& tx, const NewSuperuser& person);
// Letters, digits and @.+-_ without blanks, at most 150; no @, which is what tells an address.
std::optional<Refused> username_problem(std::string_view username);

void set_password(db::Tx& tx, std::int64_t user_id, std::string_view password_hash);
// The address was proven. Refused("email") when another account with a password has it.
void set_email(db::Tx& tx, std::int64_t user_id, std::string_view email);
void set_profile(db::Tx& tx, std::int64_t user_id, std::string_view name, std::string_view language);
void set_signed_in(db::Tx& tx, std::int64_t user_id);

}  // namespace plenary::accounts
