#include "domain/sponsors/store.hpp"

#include <string>
#include <utility>

namespace plenary::sponsors::store {

std::vector<SponsorLevel> levels(db::Tx& tx, std::int64_t conference_id) {
  auto rows = tx.query<std::int64_t, std::string, std::string, std::int64_t, std::int64_t, std::int64_t>(
      "SELECT id, name, slug, cost, comp_ticket_count, sort_order FROM sponsor_level WHERE conference_id = $1"
      " ORDER BY sort_order, name, id",
      conference_id);
  std::vector<SponsorLevel> levels;
  levels.reserve(rows.size());
  for (auto& [id, name, slug, cost, comps, order] : rows) {
    levels.push_back({id, conference_id, std::move(name), std::move(slug), cost, comps, order});
  }
  return levels;
}

std::optional<std::int64_t> level_id(db::Tx& tx, std::int64_t conference_id, std::string_view slug_key) {
  return tx.maybe<std::int64_t>("SELECT id FROM sponsor_level WHERE conference_id = $1 AND lower(slug) = $2",
                                conference_id, slug_key);
}

std::int64_t insert_level(db::Tx& tx, const SponsorLevel& l) {
  return tx.one<std::int64_t>(
      "INSERT INTO sponsor_level (conference_id, name, slug, cost, comp_ticket_count, sort_order, created_at,"
      " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING id",
      l.conference_id, l.name, l.slug, l.cost, l.comp_ticket_count, l.order, tx.now());
}

bool update_level(db::Tx& tx, const SponsorLevel& l) {
  return tx.exec(
             "UPDATE sponsor_level SET name = $3, cost = $4, comp_ticket_count = $5, sort_order = $6, updated_at = $7,"
             " version = version + 1 WHERE id = $1 AND conference_id = $2",
             l.id, l.conference_id, l.name, l.cost, l.comp_ticket_count, l.order, tx.now()) == 1;
}

}  // namespace plenary::sponsors::store
