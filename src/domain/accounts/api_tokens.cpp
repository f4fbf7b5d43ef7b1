#include "domain/accounts/api_tokens.hpp"

#include <algorithm>

#include "base/beginning.hpp"
#include "base/text.hpp"
#include "domain/accounts/users.hpp"

namespace plenary::accounts {
namespace {

constexpr std::array<ApiScope, 15> scopes_known{{
    {"catalogue:read", message("See everything that is sold, what is hidden or switched off too")},
    {"carts", message("Quotes and carts for many buyers, without the limits of one network")},
    {"orders:read", message("See orders")},
    {"orders:write", message("Change and cancel orders")},
    {"order_lines:write", message("Change what orders consist of: add, take back, reprice")},
    {"order_mail:write", message("Send mail of orders and tickets again")},
    {"refunds:read", message("See what was paid and what went back")},
    {"refunds:write", message("Send money back")},
    {"vouchers:read", message("See vouchers")},
    {"vouchers:write", message("Make and change vouchers")},
    {"conditions:read", message("See discounts")},
    {"conditions:write", message("Make and change discounts")},
    {"waiting_list:read", message("See the waiting list")},
    {"waiting_list:write", message("Change the waiting list")},
    {"changes:read", message("Follow what changes")},
}};

constexpr std::string_view begin_of_token = "plenary_";
constexpr std::size_t prefix_length = 8;

}  // namespace

const db::Entity<ApiToken>& api_token_table() {
  using T = ApiToken;
  static const db::Entity<T> table(
      "api_token",
      {
          db::column("id", &T::id).generated_key(),
          db::column("user_id", &T::user_id)
              .references("user_account", db::OnDelete::cascade)
              .fixed()
              .read_only()
              .label("Owner")
              .help("It never does more than this person may do."),
          db::column("conference_id", &T::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only()
              .help("Empty: every conference of its owner's."),
          db::column("name", &T::name).required().max_length(100).help("What it is for."),
          db::column("prefix", &T::prefix)
              .required()
              .max_length(20)
              .fixed()
              .read_only()
              .help("How the token begins, after plenary_."),
          db::column("secret_hash", &T::secret_hash).secret().fixed().read_only(),
          db::column("scopes", &T::scopes).fixed().read_only().help("What it may be used for."),
          db::column("expires_at", &T::expires_at).fixed().read_only().help("Empty: never."),
          db::column("last_used_at", &T::last_used_at).managed(),
          db::column("revoked_at", &T::revoked_at).managed().help("Nobody can use it any more."),
          db::column("created_at", &T::created_at).created(),
      },
      db::Rules<T>()
          .titled("API token", "API tokens")
          .ordered_by("created_at DESC, id DESC")
          .unique({"prefix"}));
  return table;
}

std::span<const ApiScope> api_scopes() {
  return scopes_known;
}

bool ApiToken::has_scope(std::string_view scope) const {
  const std::string_view all = scopes;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(' ', at), all.size());
    if (all.substr(at, end - at) == scope) return true;
    at = end + 1;
  }
  return false;
}

ApiTokenText new_api_token(Random& random) {
  return {random_code(random, prefix_length), Secret(random_token(random, 32))};
}

std::vector<Refused> check_api_token(const NewApiToken& token, Instant now) {
  std::vector<Refused> problems;
  if (token.name.empty())
    problems.emplace_back("required", message("Name: say what the token is for."), Refused::Arguments{},
                          "name");
  else if (character_count(token.name) > longest_token_name || has_control_characters(token.name))
    problems.emplace_back("too_long", message("Name: at most {most} characters."),
                          Refused::Arguments{{"most", std::to_string(longest_token_name)}}, "name");
  if (token.scopes.empty())
    problems.emplace_back("required", message("Choose at least one thing that the token may be used for."),
                          Refused::Arguments{}, "scopes");
  for (const std::string& scope : token.scopes) {
    const bool known = std::any_of(scopes_known.begin(), scopes_known.end(),
                                   [&](const ApiScope& one) { return one.name == scope; });
    if (!known)
      problems.emplace_back("choice", message("There is no scope \"{scope}\"."),
                            Refused::Arguments{{"scope", std::string(beginning(scope, 60))}}, "scopes");
  }
  if (token.expires_at && *token.expires_at <= now)
    problems.emplace_back("range", message("The end must lie in the future."), Refused::Arguments{},
                          "expires_at");
  return problems;
}

ApiToken create_api_token(db::Tx& tx, const NewApiToken& token, const ApiTokenText& text) {
  if (const auto problems = check_api_token(token, tx.now()); !problems.empty()) throw problems.front();
  const auto valid = tx.one<std::int64_t>(
      "SELECT count(*) FROM api_token WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR "
      "expires_at > $2)",
      token.user_id, tx.now());
  if (valid >= api_tokens_at_most)
    throw Refused("too_many_tokens", message("You have {most} tokens already: revoke one first."),
                  {{"most", std::to_string(api_tokens_at_most)}});
  ApiToken row;
  row.user_id = token.user_id;
  row.conference_id = token.conference_id;
  row.name = token.name;
  row.prefix = text.prefix;
  row.secret_hash = token_hash(text.secret.reveal());
  for (const ApiScope& scope : scopes_known) {
    if (std::find(token.scopes.begin(), token.scopes.end(), scope.name) == token.scopes.end()) continue;
    if (!row.scopes.empty()) row.scopes += ' ';
    row.scopes += scope.name;
  }
  row.expires_at = token.expires_at;
  return api_token_table().insert(tx, row);
}

std::optional<FoundApiToken> find_api_token(db::Tx& tx, std::string_view sent, bool is_development) {
  if (!sent.starts_with(begin_of_token)) return std::nullopt;
  sent.remove_prefix(begin_of_token.size());
  if (sent.size() < prefix_length + 2 || sent.size() > 200 || sent[prefix_length] != '_') return std::nullopt;
  const std::string_view prefix = sent.substr(0, prefix_length), secret = sent.substr(prefix_length + 1);
  std::optional<ApiToken> row = find_api_token_by_prefix(tx, prefix);
  const std::string hash = token_hash(secret);
  if (!row || !Secret(row->secret_hash).equals(hash) || !row->is_valid(tx.now())) return std::nullopt;
  const std::optional<User> owner = find_user(tx, row->user_id);
  if (!owner || !may_sign_in(*owner, is_development)) return std::nullopt;
  return FoundApiToken{std::move(*row), owner->username.value_or(owner->email), owner->is_superuser};
}

std::vector<ApiToken> api_tokens_of(db::Tx& tx, std::int64_t user_id) {
  return api_token_table().select(tx, "WHERE user_id = $1 ORDER BY created_at DESC, id DESC", user_id);
}

std::vector<ApiToken> all_api_tokens(db::Tx& tx) {
  return api_token_table().select(tx, "ORDER BY created_at DESC, id DESC");
}

std::optional<ApiToken> find_api_token_by_prefix(db::Tx& tx, std::string_view prefix) {
  return api_token_table().maybe(tx, "WHERE prefix = $1", prefix);
}

bool revoke_api_token(db::Tx& tx, std::int64_t id) {
  return tx.exec("UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, tx.now()) >
         0;
}

void touch_api_tokens(db::Tx& tx, std::span<const ApiTokenUse> uses) {
  for (const ApiTokenUse& use : uses)
    tx.exec(
        "UPDATE api_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < "
        "$2)",
        use.token_id, use.used_at);
}

}  // namespace plenary::accounts
