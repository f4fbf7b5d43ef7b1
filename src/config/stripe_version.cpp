#include "config/stripe_version.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace plenary::config {
namespace {

struct Release {
  std::string_view date, name;
};

// Monthly versions of the named releases. A later one is written in full in the settings: "2026-05-27.name".
constexpr Release releases[] = {
    {"2024-09-30", "acacia"}, {"2024-10-28", "acacia"}, {"2024-11-20", "acacia"}, {"2024-12-18", "acacia"},
    {"2025-01-27", "acacia"}, {"2025-02-24", "acacia"}, {"2025-03-31", "basil"},  {"2025-04-30", "basil"},
    {"2025-05-28", "basil"},  {"2025-06-30", "basil"},  {"2025-07-30", "basil"},  {"2025-08-27", "basil"},
    {"2025-09-30", "clover"}, {"2025-10-29", "clover"}, {"2025-11-17", "clover"}, {"2025-12-15", "clover"},
};
constexpr std::string_view first_named = "2024-09-30";

std::string_view name_of(std::string_view date) {
  for (const Release& release : releases) {
    if (release.date == date) return release.name;
  }
  return {};
}

}  // namespace

std::optional<StripeVersionFault> stripe_version_fault(std::string_view version) {
  const std::string allowed =
      "a Stripe API version: a date such as 2024-12-18, or with its release 2024-12-18.acacia";
  const std::size_t dot = version.find('.');
  const std::string_view date = version.substr(0, dot);
  const auto parsed = Date::parse(date);
  if (!parsed || parsed->year() < 2011) return StripeVersionFault{allowed, ""};
  const std::string_view name = name_of(date);
  if (dot == std::string_view::npos) {
    if (date < first_named || !name.empty()) return std::nullopt;
    return StripeVersionFault{allowed,
                              "no release of this date is known: write the full version as Stripe prints it, "
                              "such as " +
                                  std::string(date) + ".name"};
  }
  const std::string_view given = version.substr(dot + 1);
  const bool word = !given.empty() && given.size() <= 30 &&
                    std::all_of(given.begin(), given.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!word) return StripeVersionFault{allowed, "the release's name is in small letters"};
  if (date < first_named)
    return StripeVersionFault{allowed, "versions before 2024-09-30 have no release name"};
  if (!name.empty() && given != name && given != "preview") {
    return StripeVersionFault{allowed, "write " + std::string(date) + "." + std::string(name)};
  }
  return std::nullopt;
}

std::string stripe_wire_version(std::string_view version) {
  const std::string_view name =
      version.find('.') == std::string_view::npos ? name_of(version) : std::string_view();
  return name.empty() ? std::string(version) : std::string(version) + "." + std::string(name);
}

}  // namespace plenary::config
