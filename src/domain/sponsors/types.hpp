// Sponsor levels as a plain struct with its entity table. The cost is minor units of the conference's
// currency. source: configuration 10, 6.2 and 6.5.5.
#pragma once

#include <cstdint>
#include <string>

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

const db::Entity<SponsorLevel>& sponsor_level_table();

}  // namespace plenary::sponsors
