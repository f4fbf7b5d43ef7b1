// What of the organisers' pages somebody gets to see: the sixteen keys that side bar, dashboard and
// customers' templates (`user_perms`) go by, worked out here and nowhere else. Superusers and holders of full
// access see all. Plain values, any thread. source: configuration 10, 8.4; dashboard 70, 3.2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domain/accounts/rights.hpp"

namespace plenary::manage {

enum class Key : unsigned char {
  conference,
  settings,
  program,
  activities,
  travel_grants,
  registration_people,
  registration_commerce,
  badges,
  bulk_purchases,
  sponsors,
  checkin,
  terminal,
  onsite,  // check-in or terminal
  finance,
  reports,
  overrides,
};
inline constexpr std::size_t key_count = 16;
std::string_view key_name(Key key);  // "registration_people"

class Visibility {
 public:
  Visibility() = default;  // nothing
  Visibility(const accounts::Rights& rights, std::int64_t conference_id);
  bool operator[](Key key) const { return shown_[static_cast<std::size_t>(key)]; }
  // Superuser, or full access there: the team's pages as well.
  bool everything() const { return everything_; }

 private:
  std::array<bool, key_count> shown_{};
  bool everything_ = false;
};

}  // namespace plenary::manage
