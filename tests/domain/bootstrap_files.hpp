// Conference files for the bootstrap tests, in the shape of the sample of configuration 10, 6.9.
#pragma once

#include <string>
#include <string_view>

#include "config/conference_file.hpp"

namespace plenary::domain::testing {

inline const std::string sample = R"([conference]
name = "Python 2077"
start = 2027-05-14
end = 2027-05-22
timezone = "America/New_York"
venue = "Convention Center, Pittsburgh"
website_url = "https://python2077.example"
pretalx_event_slug = "python-2077"
total_capacity = 2500
revenue_budget = 50_000.00
target_attendance = 150
grant_budget = 15_000.00

[[conference.sections]]
name = "Tutorials"
start = 2027-05-14
end = 2027-05-15

[[conference.sections]]
name = "Talks"
start = 2027-05-16
end = 2027-05-18

[[conference.tickets]]
name = "Individual"
price = 100.00
quantity = 2500
per_user = 1
available = { opens = 2025-01-15, closes = 2027-05-13 }

[[conference.tickets]]
name = "Student"
price = 25.00
quantity = 500
per_user = 1
voucher_required = true

[[conference.addons]]
name = "Tutorial: Intro to Django"
price = 150.00
quantity = 40
requires = ["individual", "student"]
available = { opens = 2025-01-15 }

[[conference.addons]]
name = "PyCon T-Shirt"
price = 25.00

[[conference.sponsor_levels]]
name = "Visionary"
cost = 150_000.00
comp_tickets = 25

[[conference.sponsor_levels]]
name = "Participating"
cost = 7_500.00
)";

inline config::ConferenceFile parsed(std::string_view text, std::string_view currency = "USD") {
  return config::parse_conference_file(text, "conference.toml",
                                       {Currency::of(currency), {"admin", "import"}});
}

// `text` with the first occurrence of `from` replaced; the test fails by an exception when there is none.
inline std::string with(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace plenary::domain::testing
