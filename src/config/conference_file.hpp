// A conference file (conference.toml): every check that needs no database, and the typed result.
// An optional key that is absent stays empty, because an update keeps what is stored then; each item and key
// knows its place for errors that only the database can show. Throws ConfigError (errors.hpp) with all
// problems of the file. source: configuration 10, sections 6.2-6.4, 6.6, 6.10; lengths 4.1, 4.2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "config/errors.hpp"

namespace plenary::config {

// Where an item and each of its keys stand.
struct Places {
  Place item;
  std::vector<std::pair<std::string, Place>> keys;
  Place of(std::string_view key) const;  // the value's place; the item's when the key is absent
};

struct AvailabilityEntry {
  std::optional<Date> opens;   // from the day's first instant
  std::optional<Date> closes;  // to the day's last microsecond, both in the conference's zone
  // Instead of them where the time of day counts; inclusive.
  std::optional<Instant> opens_at, closes_at;
};

struct SectionEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Date start, end;
  std::optional<std::int64_t> order;  // absent: the list position
  Places places;
};

struct TicketEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Money price;
  std::int64_t quantity = 0;  // 0: unlimited
  std::optional<std::int64_t> per_user;
  std::optional<bool> voucher_required;
  std::optional<AvailabilityEntry> available;
  std::optional<std::string> description;
  std::optional<bool> active, bulk;
  Places places;
};

struct RequiredTicket {
  std::string slug;
  Place place;
};

struct AddonEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Money price;
  std::optional<std::int64_t> quantity;
  std::optional<AvailabilityEntry> available;
  std::optional<std::vector<RequiredTicket>>
      requires_tickets;  // key `requires`; absent: kept, empty: cleared
  std::optional<std::string> description;
  std::optional<bool> active, bulk;
  Places places;
};

struct SponsorLevelEntry {
  std::string name;
  std::string slug;
  bool slug_given = false;
  Money cost;
  std::optional<std::int64_t> comp_tickets;
  std::optional<std::string> description, benefits_summary;
  Places places;
};

// What buyers are asked to agree to, each a tick box of its own.
struct ConsentEntry {
  std::string slug;
  bool slug_given = true;
  std::string text;
  std::optional<bool> required;  // absent: kept; false for a new one
  std::optional<bool> active;    // likewise; true for a new one
  Places places;
};

struct ConferenceFile {
  std::string path;  // as given, for messages
  std::string name;
  std::string slug;
  bool slug_given = false;
  Date start, end;
  TimeZone timezone = TimeZone::utc();
  std::optional<Currency> currency;  // absent: the stored conference's, else the settings'
  std::optional<bool> active;
  std::optional<std::string> venue, address, website_url, pretalx_event_slug;
  std::optional<std::int64_t> total_capacity;  // 0: unlimited
  std::optional<std::int64_t> target_attendance;
  std::optional<Money> revenue_budget, grant_budget;
  std::optional<bool> sales_open, require_account;
  std::optional<std::int64_t> max_tickets_per_cart;
  // Each a text or an http(s) URL; "" clears what is stored.
  std::optional<std::string> contact, imprint, terms, privacy, code_of_conduct, refund_policy;
  std::optional<std::string> withdrawal_note;
  std::optional<std::string> accent_color;   // "#0b5cad", lower case; "" is ours
  std::optional<std::string> logo_url;       // http(s) URL, or a path on the server
  std::optional<Date> transfer_until;        // to the day's last microsecond in the conference's zone
  std::optional<Instant> transfer_until_at;  // instead of it where the time of day counts
  // Overrides of the feature toggles by their keys ("sponsors_enabled"); what is absent is kept.
  std::vector<std::pair<std::string, bool>> features;
  std::vector<SectionEntry> sections;
  std::vector<TicketEntry> tickets;
  std::vector<AddonEntry> addons;
  std::vector<SponsorLevelEntry> sponsor_levels;
  std::vector<ConsentEntry> consents;
  Places places;

  // A problem found later, at `place` of this file.
  Problem problem(Place place, std::string key_path, std::string found, std::string allowed,
                  std::string advice) const;
};

struct ConferenceRules {
  // In force unless the file names its own: amounts must be representable in it.
  Currency currency;
  std::vector<std::string> reserved_slugs;  // first segments of the route table, any case
};

ConferenceFile load_conference_file(const std::filesystem::path& file, const ConferenceRules& rules);
// `name` stands for the file in messages.
ConferenceFile parse_conference_file(std::string_view text, const std::string& name,
                                     const ConferenceRules& rules);

}  // namespace plenary::config
