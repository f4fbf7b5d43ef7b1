#include "domain/sponsors/levels.hpp"

#include <optional>

#include "base/slug.hpp"
#include "domain/sponsors/store.hpp"

namespace plenary::sponsors {

std::vector<SponsorLevel> levels(db::Tx& tx, std::int64_t conference_id) { return store::levels(tx, conference_id); }
std::int64_t create_level(db::Tx& tx, const SponsorLevel& level) { return store::insert_level(tx, level); }
bool update_level(db::Tx& tx, const SponsorLevel& level) { return store::update_level(tx, level); }

Upserted upsert_level(db::Tx& tx, const SponsorLevel& level) {
  std::optional<std::int64_t> id = store::level_id(tx, level.conference_id, slug_key(level.slug));
  if (!id) {
    store::insert_level(tx, level);
    return Upserted::created;
  }
  SponsorLevel stored = level;
  stored.id = *id;
  store::update_level(tx, stored);
  return Upserted::updated;
}

}  // namespace plenary::sponsors
