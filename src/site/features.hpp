// The toggles as a page asks for them: with the conference of the request, whose overrides were read with it.
// Beside them stand conference::is_feature_enabled and require_feature, for the settings alone and for a
// conference. Any thread that owns the request. An unknown name is std::invalid_argument; a feature that is
// off is NotFound, which answers 404. source: configuration 10, 3.3 to 3.5.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "config/settings.hpp"
#include "domain/conference/features.hpp"

namespace plenary::web {
class Request;
}

namespace plenary::site {

// A request without a conference: the defaults.
bool is_feature_enabled(std::string_view name, const web::Request& request);
void require_feature(std::string_view name, const web::Request& request);

// The defaults of a running site. They stay as they were at its start, but for tests: once it follows the
// settings in force, a config::ScopedOverride holds from the next request on. Any thread.
class SiteFeatures {
 public:
  SiteFeatures(const config::FeatureSettings& settings);
  void follow_settings() { follows_.store(true, std::memory_order_relaxed); }  // before the server starts
  // Throws config::ConfigError when an override in force cannot be read.
  operator conference::FeatureDefaults() const;
  bool operator[](conference::Feature feature) const {
    return static_cast<conference::FeatureDefaults>(*this)[feature];
  }

 private:
  std::atomic<bool> follows_ = false;
  // The settings' generation and a bit for each feature, so that both change together.
  mutable std::atomic<std::uint64_t> packed_;
};

}  // namespace plenary::site
