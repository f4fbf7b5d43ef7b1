#include "domain/accounts/second_factor.hpp"

#include <array>

#include <fmt/format.h>

#include "domain/accounts/store_sign_in.hpp"

namespace plenary::accounts {
namespace {

// Without I, L, O and U: read aloud and typed from paper.
constexpr std::string_view code_letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_length = 16;

// What is left of a typed code: sixteen of the letters above; empty for anything else.
std::string plain_code(std::string_view typed) {
  std::string plain;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (code_letters.find(c) == std::string_view::npos || plain.size() == code_length) return {};
    plain += c;
  }
  return plain.size() == code_length ? plain : std::string();
}

// Bound to its account: the same code of two people has two hashes. 80 random bits need no slow hash.
std::string code_hash(std::int64_t user_id, std::string_view plain) {
  return token_hash(fmt::format("recovery.{}.{}", user_id, plain));
}

}  // namespace

const db::Entity<SecondFactor>& second_factor_table() {
  using F = SecondFactor;
  static const db::Entity<F> table(
      "second_factor",
      {
          db::column("user_id", &F::user_id).key().references("user_account", db::OnDelete::cascade),
          db::column("secret", &F::secret).sealed().read_only(),
          db::column("confirmed_at", &F::confirmed_at).read_only(),
          db::column("last_step", &F::last_step).read_only(),
          db::column("created_at", &F::created_at).created(),
      },
      db::Rules<F>().titled("Second factor", "Second factors").ordered_by("user_id"));
  return table;
}

const db::Entity<RecoveryCode>& recovery_code_table() {
  using C = RecoveryCode;
  static const db::Entity<C> table(
      "recovery_code",
      {
          db::column("id", &C::id).generated_key(),
          db::column("user_id", &C::user_id).references("user_account", db::OnDelete::cascade).fixed(),
          db::column("code_hash", &C::code_hash).secret().read_only(),
          db::column("created_at", &C::created_at).created(),
          db::column("used_at", &C::used_at).read_only(),
      },
      db::Rules<C>()
          .titled("Recovery code", "Recovery codes")
          .ordered_by("id")
          .unique({"user_id", "code_hash"}, "This code is there already."));
  return table;
}

const db::Entity<Challenge>& challenge_table() {
  using C = Challenge;
  static const db::Entity<C> table(
      "sign_in_challenge",
      {
          db::column("token_hash", &C::token_hash).key().secret(),
          db::column("user_id", &C::user_id).references("user_account", db::OnDelete::cascade).fixed(),
          db::column("way", &C::way)
              .choices({"password", "reset", "verify", "claim", "set_up", "invitation"})
              .read_only(),
          db::column("tries", &C::tries).read_only(),
          db::column("created_at", &C::created_at).created(),
          db::column("expires_at", &C::expires_at).read_only(),
      },
      db::Rules<C>().titled("Started sign-in", "Started sign-ins").ordered_by("expires_at"));
  return table;
}

std::string_view to_text(SignInWay way) {
  switch (way) {
    case SignInWay::password:
      return "password";
    case SignInWay::reset:
      return "reset";
    case SignInWay::verify:
      return "verify";
    case SignInWay::claim:
      return "claim";
    case SignInWay::set_up:
      return "set_up";
    case SignInWay::invitation:
      return "invitation";
  }
  return "password";
}

std::string second_factor_place(std::int64_t user_id) {
  return fmt::format("second_factor.secret.{}", user_id);
}

std::optional<SecondFactor> find_second_factor(db::Tx& tx, std::int64_t user_id) {
  return second_factor_table().maybe(tx, "WHERE user_id = $1 AND confirmed_at IS NOT NULL", user_id);
}

void set_second_factor(db::Tx& tx, std::int64_t user_id, std::string_view sealed_secret, std::int64_t step) {
  store::delete_recovery_codes(tx, user_id);
  store::upsert_second_factor(tx, user_id, sealed_secret, step);
}

bool take_code(db::Tx& tx, const SecondFactor& factor, std::int64_t step) {
  return store::advance_step(tx, factor.user_id, factor.secret, step) > 0;
}

bool remove_second_factor(db::Tx& tx, std::int64_t user_id) {
  store::delete_recovery_codes(tx, user_id);
  return store::delete_second_factor(tx, user_id) > 0;
}

std::vector<std::string> new_recovery_codes(Random& random) {
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < recovery_codes_at_once; ++i) {
    std::string code;
    for (std::size_t j = 0; j < code_length; ++j) {
      if (j > 0 && j % 4 == 0) code += '-';
      code += code_letters[random.below(code_letters.size())];
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

bool is_recovery_code(std::string_view typed) {
  return !plain_code(typed).empty();
}

void set_recovery_codes(db::Tx& tx, std::int64_t user_id, std::span<const std::string> codes) {
  store::delete_recovery_codes(tx, user_id);
  for (const std::string& code : codes)
    store::insert_recovery_code(tx, user_id, code_hash(user_id, plain_code(code)));
}

bool take_recovery_code(db::Tx& tx, std::int64_t user_id, std::string_view typed) {
  const std::string plain = plain_code(typed);
  return !plain.empty() && store::use_recovery_code(tx, user_id, code_hash(user_id, plain)) > 0;
}

std::int64_t recovery_codes_left(db::Tx& tx, std::int64_t user_id) {
  return store::unused_recovery_codes(tx, user_id);
}

void create_challenge(db::Tx& tx, const Challenge& challenge) {
  Challenge row = challenge;
  row.tries = 0;
  row.expires_at = tx.now() + challenge_life;
  challenge_table().insert(tx, std::move(row));
}

std::optional<Challenge> find_challenge(db::Tx& tx, std::string_view token_hash) {
  return challenge_table().maybe(tx, "WHERE token_hash = $1 AND expires_at > $2 AND tries < $3", token_hash,
                                 tx.now(), challenge_tries);
}

bool count_challenge_try(db::Tx& tx, std::string_view token_hash) {
  return store::add_challenge_try(tx, token_hash, challenge_tries) > 0;
}

bool end_challenge(db::Tx& tx, std::string_view token_hash) {
  return store::delete_challenge(tx, token_hash) > 0;
}

std::int64_t sweep_challenges(db::Tx& tx, std::int64_t limit) {
  return store::delete_elapsed_challenges(tx, limit);
}

}  // namespace plenary::accounts
