// The conference aggregate as plain structs: conference and sections. Money is minor units of the conference's own
// currency, which is fixed when the conference is created; dates are days in its zone.
// source: configuration 10, 4.1 and 4.2; registration 20, D24 and D35.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "domain/conference/features.hpp"

namespace plenary::conference {

struct Conference {
  std::int64_t id = 0;
  std::string name;
  std::string slug;
  Date start_date;
  Date end_date;  // inclusive
  std::string timezone = "UTC";
  std::string venue;
  std::string address;
  std::string website_url;
  std::string pretalx_event_slug;
  std::string currency;  // ISO 4217; never changes once set
  std::int64_t total_capacity = 0;  // tickets over all types; 0 = unlimited
  std::optional<std::int64_t> revenue_budget;  // minor units
  std::optional<std::int64_t> grant_budget;    // minor units
  std::optional<std::int64_t> target_attendance;
  bool is_active = true;
  bool sales_open = true;  // false: no new orders, order pages stay
  bool require_account = false;  // true: no guests
  std::int64_t max_tickets_per_cart = 10;
  std::int64_t catalogue_version = 0;
  Instant created_at;
  Instant updated_at;
};

struct Section {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string name;
  std::string slug;
  Date start_date;
  Date end_date;  // inclusive
  std::int64_t order = 0;
};

}  // namespace plenary::conference
