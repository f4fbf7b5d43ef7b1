#include "site/features.hpp"

#include "site/visit.hpp"

namespace plenary::site {
namespace {

constexpr unsigned feature_bits = 16;
static_assert(conference::feature_count <= feature_bits);

std::uint64_t packed(std::uint64_t generation, const conference::FeatureDefaults& defaults) {
  std::uint64_t bits = generation << feature_bits;
  for (const conference::Feature feature : conference::all_features()) {
    if (defaults[feature]) bits |= std::uint64_t{1} << static_cast<unsigned>(feature);
  }
  return bits;
}

}  // namespace

SiteFeatures::SiteFeatures(const config::FeatureSettings& settings)
    : packed_(packed(config::settings_generation(), settings)) {}

SiteFeatures::operator conference::FeatureDefaults() const {
  std::uint64_t now = packed_.load(std::memory_order_relaxed);
  if (follows_.load(std::memory_order_relaxed)) {
    const std::uint64_t generation = config::settings_generation();
    if (now >> feature_bits != generation) {
      now = packed(generation, config::get_config()->features);
      packed_.store(now, std::memory_order_relaxed);
    }
  }
  conference::FeatureDefaults defaults;
  for (const conference::Feature feature : conference::all_features()) {
    defaults[feature] = now >> static_cast<unsigned>(feature) & 1;
  }
  return defaults;
}

bool is_feature_enabled(std::string_view name, const web::Request& request) {
  const Visit* visit = request.find_context<Visit>();
  if (!visit) return conference::is_feature_enabled(name);
  if (!visit->conference) return conference::is_feature_enabled(name, visit->features);
  return conference::is_feature_enabled(name, visit->features, visit->conference->flags);
}

void require_feature(std::string_view name, const web::Request& request) {
  if (!is_feature_enabled(name, request)) throw conference::switched_off(name);
}

}  // namespace plenary::site
