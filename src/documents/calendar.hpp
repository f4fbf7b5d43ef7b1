// One whole-day event as a calendar file that calendars of every kind take over. The same struct gives the
// same bytes. Any thread. source: RFC 5545.
#pragma once

#include <string>

#include "base/time.hpp"

namespace plenary::documents {

struct CalendarEvent {
  std::string uid;  // the same at each download, so that a second one replaces the first
  std::string summary, location, description, url;  // empty ones are left out
  Date first_day, last_day;                         // both included
  Instant stamp;                                    // when the file was made
};

std::string calendar_file(const CalendarEvent& event);

}  // namespace plenary::documents
