// The keys of a conference file that are points in time (the window of a sale, the end of transfers), and the
// zone in which they are. A date
// is a day in the conference's zone; the keys that end in _at take a date with a time, with an offset or as
// the clocks of that zone show it. Private to config/. source: configuration 10, 6.2, 6.3 and 6.5.3.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "config/conference_file.hpp"
#include "config/table_reader.hpp"

namespace plenary::config {

// The conference's zone, of the IANA list.
std::optional<TimeZone> read_time_zone(TableReader& conference);
std::optional<Instant> read_moment(TableReader& table, std::string_view key, TimeZone zone);
// `available = { opens = …, closes = … }`; nothing when the key is absent.
std::optional<AvailabilityEntry> read_availability(TableReader& item, TimeZone zone);

}  // namespace plenary::config
