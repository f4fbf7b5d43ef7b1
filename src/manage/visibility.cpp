#include "manage/visibility.hpp"

namespace plenary::manage {
namespace {

struct Row {
  std::string_view name, permission;
};
// In the order of Key. `onsite` has none of its own.
constexpr std::array<Row, key_count> rows{{
    {"conference", "view_dashboard"},
    {"settings", "manage_conference_settings"},
    {"program", "view_program"},
    {"activities", "program_programs.view_activity"},
    {"travel_grants", "program_programs.view_travel_grant"},
    {"registration_people", "view_registration"},
    {"registration_commerce", "view_commerce"},
    {"badges", "view_badges"},
    {"bulk_purchases", "view_bulk_purchases"},
    {"sponsors", "view_sponsors"},
    {"checkin", "view_checkin"},
    {"terminal", "use_terminal"},
    {"onsite", ""},
    {"finance", "view_finance"},
    {"reports", "view_reports"},
    {"overrides", "view_overrides"},
}};

}  // namespace

std::string_view key_name(Key key) {
  return rows[static_cast<std::size_t>(key)].name;
}

Visibility::Visibility(const accounts::Rights& rights, std::int64_t conference_id)
    : everything_(rights.full_access(conference_id)) {
  for (std::size_t i = 0; i < key_count; ++i)
    shown_[i] = everything_ || (!rows[i].permission.empty() && rights.may(rows[i].permission, conference_id));
  shown_[static_cast<std::size_t>(Key::onsite)] = (*this)[Key::checkin] || (*this)[Key::terminal];
}

}  // namespace plenary::manage
