#include "domain/accounts/drafts.hpp"

#include <fmt/format.h>

#include "domain/accounts/store_sign_in.hpp"

namespace plenary::accounts {

const db::Entity<FormDraft>& form_draft_table() {
  using D = FormDraft;
  static const db::Entity<D> table(
      "form_draft",
      {
          db::column("id", &D::id).generated_key(),
          db::column("user_id", &D::user_id).references("user_account", db::OnDelete::cascade).fixed(),
          db::column("path", &D::path).max_length(2000).read_only(),
          db::column("body", &D::body).sealed().read_only(),
          db::column("created_at", &D::created_at).created(),
          db::column("expires_at", &D::expires_at).read_only(),
      },
      db::Rules<D>()
          .titled("Kept form", "Kept forms")
          .ordered_by("id DESC")
          .unique({"user_id", "path"}, "A form of this page is kept already."));
  return table;
}

std::string draft_place(std::int64_t user_id, std::string_view path) {
  return fmt::format("form_draft.body.{}.{}", user_id, path);
}

void keep_draft(db::Tx& tx, std::int64_t user_id, std::string_view path, std::string_view sealed_body) {
  store::upsert_draft(tx, user_id, path, sealed_body, tx.now() + draft_life);
  store::delete_drafts_beyond(tx, user_id, drafts_at_most);
}

std::optional<FormDraft> find_draft(db::Tx& tx, std::int64_t user_id, std::string_view path) {
  return form_draft_table().maybe(tx, "WHERE user_id = $1 AND path = $2 AND expires_at > $3", user_id, path,
                                  tx.now());
}

bool end_draft(db::Tx& tx, std::int64_t user_id, std::int64_t id) {
  return store::delete_draft(tx, user_id, id) > 0;
}

std::int64_t sweep_drafts(db::Tx& tx, std::int64_t limit) {
  return store::delete_elapsed_drafts(tx, limit);
}

}  // namespace plenary::accounts
