#include "domain/accounts/links.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "base/text.hpp"

namespace plenary::accounts {
namespace {

constexpr Duration kept_after_expiry = Duration::days(7);

constexpr std::array<std::string_view, 6> kinds{"verify", "reset",  "change_email",
                                                "claim",  "set_up", "find_orders"};

}  // namespace

std::string account_link_token(const SigningKey& key, std::string_view kind, std::string_view nonce) {
  return key.mac(fmt::format("account.{}.{}", kind, nonce));
}

std::string_view to_text(LinkKind kind) {
  return kinds.at(static_cast<std::size_t>(kind));
}

LinkKind link_kind(std::string_view text) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == text) return static_cast<LinkKind>(i);
  }
  throw std::invalid_argument("no such kind of link: " + std::string(text));
}

Duration link_life(LinkKind kind) {
  switch (kind) {
    case LinkKind::verify:
      return Duration::hours(24);
    case LinkKind::claim:
      return Duration::days(7);
    case LinkKind::reset:
    case LinkKind::change_email:
    case LinkKind::set_up:
    case LinkKind::find_orders:
      break;
  }
  return Duration::hours(1);
}

LinkSecret new_link_secret(Random& random, const SigningKey& key, LinkKind kind) {
  LinkSecret secret;
  secret.nonce = random_token(random, 16);
  secret.token_hash = token_hash(account_link_token(key, to_text(kind), secret.nonce));
  return secret;
}

std::string token_of(const SigningKey& key, const Link& link) {
  return account_link_token(key, to_text(link.kind), link.nonce);
}

std::int64_t create_link(db::Tx& tx, const LinkSecret& secret, Link link) {
  link.nonce = secret.nonce;
  link.token_hash = secret.token_hash;
  link.email_normalized = normalized_email(link.email);
  if (link.expires_at == Instant{}) link.expires_at = tx.now() + link_life(link.kind);
  return link_table().insert(tx, std::move(link)).id;
}

std::optional<Link> find_link(db::Tx& tx, std::int64_t id) {
  return link_table().find(tx, id);
}

std::optional<Link> find_usable_link(db::Tx& tx, LinkKind kind, std::string_view token_hash) {
  auto rows = link_table().select(tx, "WHERE token_hash = $1", token_hash);
  if (rows.empty()) return std::nullopt;
  Link& link = rows.front();
  if (link.kind != kind || link.used_at || link.expires_at <= tx.now()) return std::nullopt;
  return std::move(link);
}

bool use_link(db::Tx& tx, std::int64_t id) {
  return tx.exec("UPDATE account_link SET used_at = $1 WHERE id = $2 AND used_at IS NULL", tx.now(), id) == 1;
}

void void_links(db::Tx& tx, LinkKind kind, std::int64_t user_id) {
  tx.exec_later("UPDATE account_link SET used_at = $1 WHERE user_id = $2 AND kind = $3 AND used_at IS NULL",
                tx.now(), user_id, to_text(kind));
}

std::int64_t sweep_links(db::Tx& tx, std::int64_t limit) {
  return tx.exec(
      "DELETE FROM account_link WHERE id IN"
      " (SELECT id FROM account_link WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
      tx.now() - kept_after_expiry, limit);
}

}  // namespace plenary::accounts
