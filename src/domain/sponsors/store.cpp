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

std::optional<SponsorLevel> level_by_id(db::Tx& tx, std::int64_t id) {
  return sponsor_level_table().find(tx, id);
}

bool delete_level(db::Tx& tx, const SponsorLevel& level) {
  return sponsor_level_table().remove(tx, level);
}

std::vector<Sponsor> active_sponsors(db::Tx& tx, std::int64_t conference_id) {
  return sponsor_table().select(
      tx,
      "WHERE conference_id = $1 AND is_active = 1"
      " ORDER BY (SELECT l.sort_order FROM sponsor_level l WHERE l.id = sponsor.level_id),"
      " (SELECT l.name FROM sponsor_level l WHERE l.id = sponsor.level_id), level_id, name, id",
      conference_id);
}

std::optional<Sponsor> active_sponsor(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key) {
  return sponsor_table().maybe(tx, "WHERE conference_id = $1 AND lower(slug) = $2 AND is_active = 1",
                               conference_id, slug_key);
}

bool has_sponsor_slug(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key) {
  return sponsor_table().count(tx, "WHERE conference_id = $1 AND lower(slug) = $2", conference_id, slug_key) >
         0;
}

bool has_other_of_external_id(db::Tx& tx, const Sponsor& sponsor) {
  return sponsor_table().count(tx, "WHERE conference_id = $1 AND external_id = $2 AND id <> $3",
                               sponsor.conference_id, sponsor.external_id, sponsor.id) > 0;
}

std::int64_t sponsors_of_level(db::Tx& tx, std::int64_t level_id) {
  return sponsor_table().count(tx, "WHERE level_id = $1", level_id);
}

std::vector<SponsorBenefit> benefits(db::Tx& tx, std::int64_t sponsor_id) {
  return sponsor_benefit_table().select(tx, "WHERE sponsor_id = $1 ORDER BY name, id", sponsor_id);
}

std::vector<SponsorBenefit> benefits_of_active(db::Tx& tx, std::int64_t conference_id) {
  return sponsor_benefit_table().select(
      tx,
      "WHERE sponsor_id IN (SELECT s.id FROM sponsor s WHERE s.conference_id = $1 AND s.is_active = 1)"
      " ORDER BY name, id",
      conference_id);
}

}  // namespace plenary::sponsors::store
