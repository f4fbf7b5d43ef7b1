// Any bytes as conference.toml: a file that keeps every rule, or a report in order, and nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/slug.hpp"
#include "base/text.hpp"
#include "config/conference_file.hpp"

using namespace plenary::config;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Entry>
void check_slugs(const std::vector<Entry>& entries) {
  std::set<std::string> seen;
  for (const Entry& entry : entries) {
    require(plenary::is_slug(entry.slug) && entry.slug.size() <= 200);
    require(seen.insert(plenary::slug_key(entry.slug)).second);
    require(!plenary::is_blank(entry.name) && plenary::character_count(entry.name) <= 200);
    require(entry.places.item.line > 0);
  }
}

void check_price(const plenary::Money& price) {
  require(!price.is_negative() && price.minor() <= 9'999'999'999);
}

void check(const ConferenceFile& file) {
  require(plenary::is_slug(file.slug) && file.end >= file.start && !file.sections.empty());
  require(file.slug != "admin");
  check_slugs(file.sections);
  check_slugs(file.tickets);
  check_slugs(file.addons);
  check_slugs(file.sponsor_levels);
  for (const SectionEntry& section : file.sections) {
    require(file.start <= section.start && section.start <= section.end && section.end <= file.end);
  }
  for (const TicketEntry& ticket : file.tickets) {
    check_price(ticket.price);
    require(ticket.quantity >= 0 && ticket.per_user.value_or(1) >= 1);
    if (ticket.available && ticket.available->opens) (void)file.timezone.day_start(*ticket.available->opens);
    if (ticket.available && ticket.available->closes) (void)file.timezone.day_end(*ticket.available->closes);
  }
  for (const AddonEntry& addon : file.addons) check_price(addon.price);
  for (const SponsorLevelEntry& level : file.sponsor_levels) check_price(level.cost);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first byte chooses a currency of 2, 0 or 3 decimals.
  if (size == 0) return 0;
  const char* codes[] = {"USD", "JPY", "KWD"};
  const ConferenceRules rules{plenary::Currency::of(codes[data[0] % 3]), {"admin", "api"}};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    check(parse_conference_file(text, "fuzz.toml", rules));
  } catch (const ConfigError& error) {
    require(!error.problems().empty());
    const Problem* before = nullptr;
    for (const Problem& problem : error.problems()) {
      const std::string message = problem.message();
      require(message.find('\n') == std::string::npos && plenary::is_valid_utf8(message));
      require(!before || !(problem.place < before->place));
      before = &problem;
    }
  }
  return 0;
}
