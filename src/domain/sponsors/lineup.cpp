#include "domain/sponsors/lineup.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/slug.hpp"
#include "domain/sponsors/store.hpp"

namespace plenary::sponsors {

const ShownSponsor* Lineup::find(std::string_view slug) const {
  const std::string key = slug_key(slug);
  const auto found = std::find_if(sponsors.begin(), sponsors.end(),
                                  [&](const ShownSponsor& s) { return slug_key(s.slug) == key; });
  return found == sponsors.end() ? nullptr : &*found;
}

std::shared_ptr<const Lineup> load_lineup(db::Tx& tx, std::int64_t conference_id, std::int64_t version) {
  auto lineup = std::make_shared<Lineup>();
  lineup->version = version;
  lineup->levels = store::levels(tx, conference_id);
  std::unordered_map<std::int64_t, std::size_t> level_index, sponsor_index;
  for (std::size_t i = 0; i < lineup->levels.size(); ++i) level_index[lineup->levels[i].id] = i;
  for (Sponsor& sponsor : store::active_sponsors(tx, conference_id)) {
    const auto level = level_index.find(sponsor.level_id);
    if (level == level_index.end()) continue;  // the database lets no level go that has sponsors
    sponsor_index[sponsor.id] = lineup->sponsors.size();
    lineup->sponsors.push_back({sponsor.id,
                                std::move(sponsor.name),
                                std::move(sponsor.slug),
                                std::move(sponsor.website_url),
                                std::move(sponsor.logo_url),
                                std::move(sponsor.description),
                                level->second,
                                {}});
  }
  if (lineup->sponsors.empty()) return lineup;
  for (SponsorBenefit& benefit : store::benefits_of_active(tx, conference_id)) {
    const auto sponsor = sponsor_index.find(benefit.sponsor_id);
    if (sponsor == sponsor_index.end()) continue;
    lineup->sponsors[sponsor->second].benefits.push_back(
        {benefit.id, std::move(benefit.name), std::move(benefit.description)});
  }
  return lineup;
}

std::shared_ptr<const Lineup> Lineups::at(db::Tx& tx, std::int64_t conference_id, std::int64_t version) {
  {
    std::shared_lock lock(mutex_);
    if (const auto found = snapshots_.find(conference_id);
        found != snapshots_.end() && found->second->version == version)
      return found->second;
  }
  auto loaded = load_lineup(tx, conference_id, version);
  if (!tx.sees_only_committed()) return loaded;  // a version that is undone would stay here for ever
  std::unique_lock lock(mutex_);
  auto& kept = snapshots_[conference_id];
  // A slower thread never puts an older snapshot over a newer one.
  if (!kept || kept->version < loaded->version) kept = loaded;
  return loaded;
}

}  // namespace plenary::sponsors
