#include "domain/accounts/preferences.hpp"

namespace plenary::accounts {

void set_language(db::Tx& tx, std::int64_t user_id, std::string_view language) {
  tx.exec("UPDATE user_account SET language = $1, updated_at = $2 WHERE id = $3 AND language <> $1", language,
          tx.now(), user_id);
}

}  // namespace plenary::accounts
