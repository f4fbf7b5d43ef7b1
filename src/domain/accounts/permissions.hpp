// The permission codes that pages ask for, and the ten groups that bundle them. A permission's id is its area
// and code, "program_conference.view_registration"; beside these, every entity of the data admin has its own
// four ("program_registration.change_voucher"), which that room lists. Constant, any thread. source:
// configuration 10, 8.1, 8.3 and 8.5; Do better 28; programs 60, Do better 34.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::accounts {

struct Permission {
  std::string_view id;     // "program_conference.view_registration"
  std::string_view label;  // for people, English
};

// Those of pages: 22 of area program_conference, 6 of program_programs. In the chapter's order.
std::span<const Permission> page_permissions();
const Permission* find_page_permission(std::string_view id);

// What opens everything of a conference: the entity permission of old.
inline constexpr std::string_view full_access = "program_conference.change_conference";

// "view_dashboard" is "program_conference.view_dashboard"; a code with an area stays as it is.
std::string permission_id(std::string_view code);

struct StandardGroup {
  std::string_view name;
  std::vector<std::string> permissions;  // ids, view_conference first
};
// The ten, as they should be (10, 8.5, corrected sets).
const std::vector<StandardGroup>& standard_groups();

}  // namespace plenary::accounts
