#include "domain/sponsors/levels.hpp"

#include <optional>
#include <string>

#include "base/errors.hpp"
#include "base/slug.hpp"
#include "domain/sponsors/store.hpp"

namespace plenary::sponsors {

std::vector<SponsorLevel> levels(db::Tx& tx, std::int64_t conference_id) {
  return store::levels(tx, conference_id);
}
std::int64_t create_level(db::Tx& tx, const SponsorLevel& level) {
  return store::insert_level(tx, level);
}
bool update_level(db::Tx& tx, const SponsorLevel& level) {
  return store::update_level(tx, level);
}

bool delete_level(db::Tx& tx, const SponsorLevel& level) {
  if (const std::int64_t count = store::sponsors_of_level(tx, level.id); count > 0) {
    throw Refused(
        "in_use",
        "Sponsors that have the level {level}: {count}. Give them another level first; then it can be "
        "deleted.",
        {{"level", level.name}, {"count", std::to_string(count)}});
  }
  return store::delete_level(tx, level);
}

Upserted upsert_level(db::Tx& tx, const SponsorLevel& level) {
  std::optional<SponsorLevel> stored = store::level(tx, level.conference_id, slug_key(level.slug));
  if (!stored) {
    store::insert_level(tx, level);
    return Upserted::created;
  }
  stored->name = level.name;
  stored->cost = level.cost;
  stored->comp_ticket_count = level.comp_ticket_count;
  stored->order = level.order;
  store::update_level(tx, *stored);
  return Upserted::updated;
}

}  // namespace plenary::sponsors
