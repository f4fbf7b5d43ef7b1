#include "domain/sponsors/store.hpp"

namespace plenary::sponsors::store {

std::vector<SponsorLevel> levels(db::Tx& tx, std::int64_t conference_id) {
  return sponsor_level_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, name, id",
                                      conference_id);
}

std::optional<SponsorLevel> level(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key) {
  return sponsor_level_table().maybe(tx, "WHERE conference_id = $1 AND lower(slug) = $2", conference_id,
                                     slug_key);
}

std::int64_t insert_level(db::Tx& tx, const SponsorLevel& level) {
  return sponsor_level_table().insert(tx, level).id;
}

bool update_level(db::Tx& tx, const SponsorLevel& level) {
  return sponsor_level_table().update(tx, level).has_value();
}

}  // namespace plenary::sponsors::store
