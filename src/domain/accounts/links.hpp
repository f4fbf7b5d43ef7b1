// Mailed one-use links: their tokens are derived with the server's key from a random nonce in the row, so
// that a mail can be rendered from its row alone; the row holds the token's hash. A link works once and until
// it expires. Functions of a transaction: one thread at a time. source: ground rules 15, 2.4; registration
// 20, D29 and D34.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/codes.hpp"
#include "base/signing.hpp"
#include "base/time.hpp"
#include "db/tx.hpp"
#include "domain/accounts/types.hpp"

namespace plenary::accounts {

std::string account_link_token(const SigningKey& key, std::string_view kind, std::string_view nonce);

std::string_view to_text(LinkKind kind);
LinkKind link_kind(std::string_view text);  // std::invalid_argument
Duration link_life(LinkKind kind);

// The random half of a link, drawn before the write: a write may run more than once.
struct LinkSecret {
  std::string nonce, token_hash;
};
LinkSecret new_link_secret(Random& random, const SigningKey& key, LinkKind kind);
// What to put into the address of the page.
std::string token_of(const SigningKey& key, const Link& link);

// Writes the row; the fields that `link` has besides are the caller's: kind, whom and what it is for.
std::int64_t create_link(db::Tx& tx, const LinkSecret& secret, Link link);
std::optional<Link> find_link(db::Tx& tx, std::int64_t id);
// By the token's hash: nothing when there is none of this kind, it was used, or it has expired.
std::optional<Link> find_usable_link(db::Tx& tx, LinkKind kind, std::string_view token_hash);
// Marks it used; false when somebody was faster.
bool use_link(db::Tx& tx, std::int64_t id);
// What is still open of this kind ends: after a password was set, older reset links are worth nothing.
void void_links(db::Tx& tx, LinkKind kind, std::int64_t user_id);
// Deletes at most `limit` links that expired a week ago; how many.
std::int64_t sweep_links(db::Tx& tx, std::int64_t limit = 500);

}  // namespace plenary::accounts
