// Sponsor levels, sponsors and what was promised to them, as plain structs with their entity tables. The cost
// is minor units of the conference's currency. source: configuration 10, 6.2 and 6.5.5; sponsors 50, 2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "db/entity.hpp"

namespace plenary::sponsors {

struct SponsorLevel {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string name;
  std::string slug;
  std::int64_t cost = 0;  // minor units
  std::string description;
  std::string benefits_summary;
  std::int64_t comp_ticket_count = 0;  // vouchers made for a sponsor when it is created at this level
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

struct Sponsor {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::int64_t level_id = 0;  // of the same conference
  std::string name;
  std::string slug;
  std::string external_id;  // of the system it comes from; empty: made here
  std::string website_url;
  std::string logo_url;
  std::string description;
  std::string contact_name;   // private
  std::string contact_email;  // private
  bool is_active = true;      // false: not on public pages
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

// Something a sponsor was promised. Whether it was delivered is for the organisers alone.
struct SponsorBenefit {
  std::int64_t id = 0;
  std::int64_t sponsor_id = 0;
  std::string name;
  std::string description;
  bool is_complete = false;
  std::string notes;  // private
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

// Comp vouchers of one sponsor are at most this many. source: 50, Do better 22.
inline constexpr std::int64_t most_comp_tickets = 500;
// Addresses below /sponsors/ that belong to no sponsor, so that no sponsor can be called so.
inline constexpr std::string_view reserved_sponsor_slug = "portal";

const db::Entity<SponsorLevel>& sponsor_level_table();
const db::Entity<Sponsor>& sponsor_table();
const db::Entity<SponsorBenefit>& sponsor_benefit_table();

}  // namespace plenary::sponsors
