#include "config/conference_moments.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace plenary::config {
namespace {

// Both name the same end of the window: one of them.
void refuse_both(TableReader& table, const std::string& day, const std::string& moment) {
  table.wrong_value(moment, "a second " + day, "one of " + day + " and " + moment,
                    "keep " + day + " for a whole day, " + moment + " for a time of day");
}

}  // namespace

std::optional<Instant> read_moment(TableReader& table, std::string_view key, TimeZone zone) {
  const toml::node* node = table.find(key);
  if (!node) return std::nullopt;
  const std::string allowed =
      "a date with a time, such as 2027-01-15T12:00:00 (in the conference's time zone) or "
      "2027-01-15T17:00:00Z";
  const auto* value = node->as_date_time();
  if (!value) {
    std::string advice;
    if (node->is_date())
      advice = "for a whole day leave out _at: " + std::string(key.substr(0, key.size() - 3));
    if (node->is_string()) advice = "remove the quotes";
    table.wrong_type(key, *node, allowed, std::move(advice));
    return std::nullopt;
  }
  const toml::date_time& moment = value->get();
  const auto date = Date::of(moment.date.year, moment.date.month, moment.date.day);
  if (!date || moment.time.second > 59) {
    table.wrong_value(key, shown(table.document(), *node), allowed);
    return std::nullopt;
  }
  const TimeZone read_in = moment.offset ? TimeZone::utc() : zone;
  Instant instant = read_in.instant(*date, moment.time.hour, moment.time.minute, moment.time.second);
  instant.micros += moment.time.nanosecond / 1000;
  if (moment.offset) instant.micros -= std::int64_t{moment.offset->minutes} * 60'000'000;
  return instant;
}

std::optional<AvailabilityEntry> read_availability(TableReader& item, TimeZone zone) {
  if (!item.has("available")) return std::nullopt;
  const toml::node* node = item.find("available");
  if (!node->is_table()) {
    item.wrong_type("available", *node,
                    "a table: { opens = 2027-01-15, closes = 2027-05-13 }, either may be left out");
    return std::nullopt;
  }
  TableReader table = item.table("available");
  AvailabilityEntry entry;
  entry.opens = table.date("opens");
  entry.closes = table.date("closes");
  entry.opens_at = read_moment(table, "opens_at", zone);
  entry.closes_at = read_moment(table, "closes_at", zone);
  if (table.has("opens") && table.has("opens_at")) refuse_both(table, "opens", "opens_at");
  if (table.has("closes") && table.has("closes_at")) refuse_both(table, "closes", "closes_at");
  if (entry.opens && entry.closes && *entry.closes < *entry.opens) {
    table.wrong_value("closes", entry.closes->to_string(),
                      "a date not before opens, " + entry.opens->to_string());
  } else if ((entry.opens_at || entry.closes_at) && (entry.opens || entry.opens_at) &&
             (entry.closes || entry.closes_at)) {
    const Instant opens = entry.opens_at ? *entry.opens_at : zone.day_start(*entry.opens);
    const Instant closes = entry.closes_at ? *entry.closes_at : zone.day_end(*entry.closes);
    if (closes < opens) {
      table.wrong_value(entry.closes_at ? "closes_at" : "closes", closes.to_string(),
                        "not before the sale opens, " + opens.to_string());
    }
  }
  table.finish();
  return entry;
}

std::optional<TimeZone> read_time_zone(TableReader& table) {
  const auto name = table.text("timezone", {100, false, "a text"});
  if (!name) return std::nullopt;
  const auto zone = TimeZone::find(*name);
  if (zone) return zone;
  std::string advice = "the system has no time zone data: install the package tzdata";
  if (TimeZone::database_available()) {
    std::string words = *name;
    std::replace(words.begin(), words.end(), ' ', '_');
    const std::string likely = nearest(words, TimeZone::names());
    advice = likely.empty() ? "" : "write \"" + likely + "\"";
  }
  table.wrong_value("timezone", in_quotes(*name),
                    "a time zone of the IANA list, such as \"America/New_York\"", std::move(advice));
  return std::nullopt;
}

}  // namespace plenary::config
