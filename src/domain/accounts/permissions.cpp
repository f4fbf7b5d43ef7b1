#include "domain/accounts/permissions.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>

#include "base/errors.hpp"

namespace plenary::accounts {
namespace {

constexpr std::array<Permission, 28> all{{
    {"program_conference.view_dashboard", message("See the dashboard")},
    {"program_conference.manage_conference_settings", message("Change the settings of the conference")},
    {"program_conference.view_program", message("See the program")},
    {"program_conference.change_program", message("Change the program")},
    {"program_conference.view_registration", message("See orders and attendees")},
    {"program_conference.change_registration", message("Change orders and attendees")},
    {"program_conference.view_commerce", message("See what is sold")},
    {"program_conference.change_commerce", message("Change what is sold")},
    {"program_conference.view_badges", message("See badges")},
    {"program_conference.change_badges", message("Change badges")},
    {"program_conference.view_sponsors", message("See sponsors")},
    {"program_conference.change_sponsors", message("Change sponsors")},
    {"program_conference.view_bulk_purchases", message("See bulk purchases")},
    {"program_conference.change_bulk_purchases", message("Change bulk purchases")},
    {"program_conference.view_finance", message("See the finances")},
    {"program_conference.change_finance", message("Change the finances")},
    {"program_conference.view_overrides", message("See overrides")},
    {"program_conference.change_overrides", message("Change overrides")},
    {"program_conference.view_reports", message("See reports")},
    {"program_conference.export_reports", message("Export reports")},
    {"program_conference.view_checkin", message("Check people in")},
    {"program_conference.use_terminal", message("Sell at the desk")},
    {"program_programs.view_activity", message("See activities")},
    {"program_programs.manage_activity", message("Change activities")},
    {"program_programs.view_travel_grant", message("See travel grants")},
    {"program_programs.review_travel_grant", message("Review travel grants")},
    {"program_programs.disburse_travel_grant", message("Pay out travel grants")},
    {"program_programs.review_receipt", message("Review receipts")},
}};

std::vector<std::string> ids(std::initializer_list<std::string_view> codes) {
  std::vector<std::string> list{"program_conference.view_conference"};
  for (const std::string_view code : codes) list.push_back(permission_id(code));
  return list;
}

std::vector<std::string> of_the_organizer() {
  std::vector<std::string> list = ids({"add_conference", "change_conference", "delete_conference"});
  for (const Permission& permission : all) list.emplace_back(permission.id);
  return list;
}

// Everything that is for looking at, but for the check-in, which acts.
std::vector<std::string> of_the_reader() {
  std::vector<std::string> list = ids({});
  for (const Permission& permission : all) {
    const std::string_view code = permission.id.substr(permission.id.find('.') + 1);
    if (code.starts_with("view_") && code != "view_checkin") list.emplace_back(permission.id);
  }
  return list;
}

}  // namespace

std::span<const Permission> page_permissions() {
  return all;
}

const Permission* find_page_permission(std::string_view id) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Permission& p) { return p.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::string permission_id(std::string_view code) {
  if (code.find('.') != std::string_view::npos) return std::string(code);
  return "program_conference." + std::string(code);
}

const std::vector<StandardGroup>& standard_groups() {
  static const std::vector<StandardGroup> groups{
      {message("Conference Organizer"), of_the_organizer()},
      {message("Program Committee"),
       ids({"view_dashboard", "view_program", "change_program", "view_overrides", "change_overrides"})},
      {message("Registration Manager"),
       ids({"view_dashboard", "view_registration", "change_registration", "view_commerce", "change_commerce",
            "view_badges", "change_badges", "view_bulk_purchases", "change_bulk_purchases", "view_checkin",
            "use_terminal"})},
      {message("Finance Team"),
       ids({"view_dashboard", "view_finance", "change_finance", "view_reports", "export_reports",
            "view_registration", "view_commerce", "program_programs.view_travel_grant",
            "program_programs.disburse_travel_grant"})},
      {message("Travel Grant Reviewer"),
       ids({"view_dashboard", "program_programs.view_travel_grant", "program_programs.review_travel_grant",
            "program_programs.review_receipt"})},
      {message("Sponsor Manager"), ids({"view_dashboard", "view_sponsors", "change_sponsors",
                                        "view_bulk_purchases", "change_bulk_purchases"})},
      {message("Check-in Staff"), ids({"view_dashboard", "view_checkin"})},
      {message("Activity Organizer"),
       ids({"view_dashboard", "program_programs.view_activity", "program_programs.manage_activity"})},
      {message("Reports Viewer"), ids({"view_dashboard", "view_reports"})},
      {message("Read-Only Staff"), of_the_reader()},
  };
  return groups;
}

}  // namespace plenary::accounts
