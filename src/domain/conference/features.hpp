// Feature toggles: process defaults, one override row per conference, and how both resolve to on or off.
// But for set_feature and what asks the settings in force, all are pure functions of their arguments; flags
// are read at most once per request, with the conference itself (conferences.hpp), and never kept across
// requests. An unknown name is a programming error (std::invalid_argument naming it), a feature that is off
// is NotFound. source: configuration 10, section 3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/errors.hpp"
#include "db/tx.hpp"

namespace plenary::config {
struct FeatureSettings;
}

namespace plenary::conference {

struct Actor;          // audit.hpp
struct ConferenceKey;  // conferences.hpp

enum class Feature : unsigned char {
  registration,
  sponsors,
  travel_grants,
  programs,
  pretalx_sync,
  visa_letters,
  public_ui,
  manage_ui,
  all_ui,
};
inline constexpr std::size_t feature_count = 9;

// All of them, modules first, in the order of the chapter.
std::span<const Feature> all_features();
std::string_view feature_name(Feature feature);  // "travel_grants"
std::string_view feature_key(
    Feature feature);  // "travel_grants_enabled": the settings key, column and template key
// By name; std::invalid_argument naming it when there is none (also for "travel_grants_enabled").
Feature feature_named(std::string_view name);

// One value per feature.
template <class T>
class PerFeature {
 public:
  constexpr T& operator[](Feature f) { return values_[static_cast<std::size_t>(f)]; }
  constexpr const T& operator[](Feature f) const { return values_[static_cast<std::size_t>(f)]; }
  friend constexpr bool operator==(const PerFeature&, const PerFeature&) = default;

 private:
  std::array<T, feature_count> values_{};
};

// The process defaults. All on unless set.
struct FeatureDefaults : PerFeature<bool> {
  FeatureDefaults() {
    for (Feature f : all_features()) (*this)[f] = true;
  }
  FeatureDefaults(const config::FeatureSettings& settings);  // implicit: they are the same thing
};

// The conference's row: null inherits, true forces on, false forces off. All null: no row, or nothing
// overridden.
using FeatureOverrides = PerFeature<std::optional<bool>>;

// Section 3.3: the master switch first for public_ui and manage_ui, then the override, then the default.
bool is_feature_enabled(Feature feature, const FeatureDefaults& defaults,
                        const FeatureOverrides& overrides = {});
bool is_feature_enabled(std::string_view name, const FeatureDefaults& defaults,
                        const FeatureOverrides& overrides = {});

// The settings in force alone (config::get_config()): those of a test's override too, at once.
bool is_feature_enabled(std::string_view name);

// NotFound naming the first of `features` that is off; they are looked at in this order. None listed: no
// gate.
void require_features(std::span<const Feature> features, const FeatureDefaults& defaults,
                      const FeatureOverrides& overrides = {});
void require_feature(Feature feature, const FeatureDefaults& defaults,
                     const FeatureOverrides& overrides = {});
void require_feature(std::string_view name, const FeatureDefaults& defaults,
                     const FeatureOverrides& overrides = {});

void require_feature(std::string_view name);   // the settings in force alone
NotFound switched_off(std::string_view name);  // what they throw

// `program_features` of every template: all nine, by full key name, resolved.
std::map<std::string, bool> program_features(const FeatureDefaults& defaults,
                                             const FeatureOverrides& overrides = {});

// The conference's row; all null when there is none.
FeatureOverrides load_overrides(db::Tx& tx, std::int64_t conference_id);
// Sets one override (nothing: back to the default), making the row when it was deleted. Effective at the next
// request of every process. True when the value changed.
bool set_feature(db::Tx& tx, std::int64_t conference_id, Feature feature, std::optional<bool> value);

// The same by a person or a command: recorded in the history of the conference's flags. Nothing is written or
// recorded when the value is already this one.
struct FlagSwitch {
  std::optional<bool> before;
  FeatureOverrides after;
  bool changed = false;
};
FlagSwitch switch_feature(db::Tx& tx, const ConferenceKey& conference, Feature feature,
                          std::optional<bool> value, const Actor& actor);

}  // namespace plenary::conference
