#include "domain/accounts/types.hpp"

namespace plenary::accounts {

const db::Entity<User>& user_table() {
  using U = User;
  static const db::Entity<U> table(
      "user_account",
      {
          db::column("id", &U::id).generated_key(),
          db::column("username", &U::username).max_length(150).personal().help("Guests have none."),
          db::column("email", &U::email).max_length(254).format(db::TextFormat::email).personal(),
          db::column("email_normalized", &U::email_normalized)
              .max_length(254)
              .personal()
              .read_only()
              .help("Trimmed and case-folded: what limits count by."),
          db::column("name", &U::name).max_length(200).personal(),
          db::column("password_hash", &U::password_hash).secret().read_only(),
          db::column("is_staff", &U::is_staff),
          db::column("is_superuser", &U::is_superuser).help("May do everything, in every conference."),
          db::column("is_active", &U::is_active).help("Off: cannot sign in; sessions end at once."),
          db::column("is_demo", &U::is_demo).read_only().help("Seeded; cannot sign in outside development."),
          db::column("email_verified_at", &U::email_verified_at).read_only(),
          db::column("last_sign_in_at", &U::last_sign_in_at).read_only(),
          db::column("language", &U::language).max_length(35),
          db::column("version", &U::version).version(),
          db::column("created_at", &U::created_at).created(),
          db::column("updated_at", &U::updated_at).updated(),
      },
      db::Rules<U>()
          .titled("Account", "Accounts")
          .ordered_by("id")
          .unique({"username"}, "Another account has this user name."));
  return table;
}

const db::Entity<Session>& session_table() {
  using S = Session;
  static const db::Entity<S> table(
      "session",
      {
          db::column("id_hash", &S::id_hash).key().secret(),
          db::column("user_id", &S::user_id).references("user_account", db::OnDelete::cascade),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("created_at", &S::created_at).created(),
          db::column("last_seen_at", &S::last_seen_at).read_only(),
          db::column("expires_at", &S::expires_at).read_only(),
          db::column("address", &S::address).max_length(45).personal().read_only(),
          db::column("user_agent", &S::user_agent).max_length(200).personal().read_only(),
          db::column("data", &S::data).format(db::TextFormat::json).read_only(),
          db::column("proven_at", &S::proven_at).read_only(),
          db::column("second_factor_at", &S::second_factor_at).read_only(),
          db::column("locked_at", &S::locked_at).read_only(),
          db::column("wrong_answers", &S::wrong_answers).read_only(),
      },
      db::Rules<S>().titled("Session", "Sessions").ordered_by("last_seen_at DESC"));
  return table;
}

const db::Entity<Submission>& submission_table() {
  using S = Submission;
  static const db::Entity<S> table(
      "one_use_token",
      {
          db::column("token_hash", &S::token_hash).key().secret(),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("kind", &S::kind).required().max_length(50).read_only(),
          db::column("result", &S::result).read_only(),
          db::column("created_at", &S::created_at).created(),
          db::column("expires_at", &S::expires_at).read_only(),
      },
      db::Rules<S>().titled("One-use token", "One-use tokens").ordered_by("expires_at"));
  return table;
}

const db::Entity<Link>& link_table() {
  using L = Link;
  static const db::Entity<L> table(
      "account_link",
      {
          db::column("id", &L::id).generated_key(),
          db::column("kind", &L::kind)
              .choices({"verify", "reset", "change_email", "claim", "set_up", "find_orders"})
              .read_only(),
          db::column("user_id", &L::user_id).references("user_account", db::OnDelete::cascade).fixed(),
          db::column("order_id", &L::order_id).references("orders", db::OnDelete::cascade).fixed(),
          db::column("conference_id", &L::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("email", &L::email).max_length(254).personal().read_only(),
          db::column("email_normalized", &L::email_normalized).max_length(254).personal().read_only(),
          db::column("name", &L::name).max_length(200).personal().read_only(),
          db::column("password_hash", &L::password_hash).secret().read_only(),
          db::column("language", &L::language).max_length(35).read_only(),
          db::column("next_path", &L::next_path).max_length(2000).read_only(),
          db::column("nonce", &L::nonce).secret().read_only(),
          db::column("token_hash", &L::token_hash).secret().read_only(),
          db::column("created_at", &L::created_at).created(),
          db::column("expires_at", &L::expires_at).read_only(),
          db::column("used_at", &L::used_at).read_only(),
      },
      db::Rules<L>()
          .titled("Mailed link", "Mailed links")
          .ordered_by("id DESC")
          .unique({"token_hash"}, "Another link has this token."));
  return table;
}

}  // namespace plenary::accounts
