#include "domain/accounts/guests.hpp"

#include <string>

#include "base/text.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {

void ensure_guest(db::Tx& tx, std::string_view email, std::string_view name) {
  store::insert_guest_if_absent(tx, trimmed(email), normalized_email(email), name);
}

}  // namespace plenary::accounts
