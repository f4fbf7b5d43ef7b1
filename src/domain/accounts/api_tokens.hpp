// Tokens of programs: somebody lets a program act for them at the API, within the scopes that they name and
// never beyond what they may do themselves at that moment. Shown once; the row has a prefix to find it by and
// a hash of the rest. Functions of a transaction: one thread at a time. source: ground rules 15, 2.4;
// docs/api.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codes.hpp"
#include "base/secret.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::accounts {

struct ApiToken {
  std::int64_t id = 0, user_id = 0;
  std::optional<std::int64_t> conference_id;  // nothing: every conference of its owner's
  std::string name;
  std::string prefix;       // shown
  std::string secret_hash;  // token_hash of the part that is not
  std::string scopes;       // "orders:read vouchers:write"
  std::optional<Instant> expires_at, last_used_at, revoked_at;
  Instant created_at;

  bool has_scope(std::string_view scope) const;
  bool is_valid(Instant now) const { return !revoked_at && (!expires_at || *expires_at > now); }
};
const db::Entity<ApiToken>& api_token_table();

// What a token may be for.
struct ApiScope {
  std::string_view name, label;  // "orders:read"; for people, English
};
std::span<const ApiScope> api_scopes();

// "plenary_AB12CD34_…": the prefix and a secret of 256 bits. Made outside of transactions.
struct ApiTokenText {
  std::string prefix;
  Secret secret;
  Secret whole() const { return Secret("plenary_" + prefix + "_" + secret.reveal()); }
};
ApiTokenText new_api_token(Random& random);

struct NewApiToken {
  std::int64_t user_id = 0;
  std::optional<std::int64_t> conference_id;
  std::string name;
  std::vector<std::string> scopes;
  std::optional<Instant> expires_at;
};
inline constexpr std::size_t longest_token_name = 100;  // characters
inline constexpr std::int64_t api_tokens_at_most = 50;  // valid ones of one person

// All that is wrong with it; empty: all right.
std::vector<Refused> check_api_token(const NewApiToken& token, Instant now);
// Refused: the first of check_api_token; "too_many_tokens"; "no_such" for a conference that is not there.
ApiToken create_api_token(db::Tx& tx, const NewApiToken& token, const ApiTokenText& text);

// By what a caller sent, whole. Nothing: unknown, revoked, elapsed, or its owner may not sign in. The secret
// is compared in the same time whatever differs.
struct FoundApiToken {
  ApiToken token;
  std::string owner_name;  // user name, else address: for the record of changes
  bool owner_is_superuser = false;
};
std::optional<FoundApiToken> find_api_token(db::Tx& tx, std::string_view sent, bool is_development);

// Newest first, revoked ones too.
std::vector<ApiToken> api_tokens_of(db::Tx& tx, std::int64_t user_id);
std::vector<ApiToken> all_api_tokens(db::Tx& tx);
std::optional<ApiToken> find_api_token_by_prefix(db::Tx& tx, std::string_view prefix);
// False when it was revoked before.
bool revoke_api_token(db::Tx& tx, std::int64_t id);

struct ApiTokenUse {
  std::int64_t token_id = 0;
  Instant used_at;
};
inline constexpr Duration last_used_interval = Duration::minutes(1);
// Writes last_used_at of many in one write of the background; never moves it back.
void touch_api_tokens(db::Tx& tx, std::span<const ApiTokenUse> uses);

}  // namespace plenary::accounts
