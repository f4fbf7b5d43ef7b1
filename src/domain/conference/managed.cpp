#include "domain/conference/managed.hpp"

#include <optional>
#include <string>
#include <utility>

namespace plenary::conference {

std::vector<ManagedConference> list_managed(
    db::Tx& tx, const std::function<bool(std::int64_t id, bool is_active)>& shows) {
  std::vector<ManagedConference> listed;
  for (auto& row : tx.query<std::int64_t, std::string, std::string, std::string, std::string, std::string,
                            bool, std::optional<bool>, std::optional<bool>>(
           "SELECT c.id, c.name, c.slug, c.start_date, c.end_date, c.venue, c.is_active, "
           "f.manage_ui_enabled, "
           "f.all_ui_enabled FROM conference c LEFT JOIN feature_flags f ON f.conference_id = c.id ORDER BY "
           "c.start_date DESC, c.id DESC")) {
    auto& [id, name, slug, start, end, venue, is_active, manage_ui, all_ui] = row;
    if (!shows(id, is_active)) continue;
    ManagedConference one;
    one.id = id;
    one.name = std::move(name);
    one.slug = std::move(slug);
    one.start_date = Date::parse(start).value_or(Date());
    one.end_date = Date::parse(end).value_or(Date());
    one.venue = std::move(venue);
    one.is_active = is_active;
    one.flags[Feature::manage_ui] = manage_ui;
    one.flags[Feature::all_ui] = all_ui;
    listed.push_back(std::move(one));
  }
  return listed;
}

}  // namespace plenary::conference
