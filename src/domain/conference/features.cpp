#include "domain/conference/features.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "config/settings.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/store.hpp"

namespace plenary::conference {
namespace {

struct Row {
  Feature feature;
  std::string_view name, key;
};

constexpr std::array<Row, feature_count> rows{{
    {Feature::registration, "registration", "registration_enabled"},
    {Feature::sponsors, "sponsors", "sponsors_enabled"},
    {Feature::travel_grants, "travel_grants", "travel_grants_enabled"},
    {Feature::programs, "programs", "programs_enabled"},
    {Feature::pretalx_sync, "pretalx_sync", "pretalx_sync_enabled"},
    {Feature::visa_letters, "visa_letters", "visa_letters_enabled"},
    {Feature::public_ui, "public_ui", "public_ui_enabled"},
    {Feature::manage_ui, "manage_ui", "manage_ui_enabled"},
    {Feature::all_ui, "all_ui", "all_ui_enabled"},
}};

constexpr std::array<Feature, feature_count> every = [] {
  std::array<Feature, feature_count> all{};
  for (std::size_t i = 0; i < feature_count; ++i) all[i] = rows[i].feature;
  return all;
}();

}  // namespace

FeatureDefaults::FeatureDefaults(const config::FeatureSettings& settings) {
  (*this)[Feature::registration] = settings.registration_enabled;
  (*this)[Feature::sponsors] = settings.sponsors_enabled;
  (*this)[Feature::travel_grants] = settings.travel_grants_enabled;
  (*this)[Feature::programs] = settings.programs_enabled;
  (*this)[Feature::pretalx_sync] = settings.pretalx_sync_enabled;
  (*this)[Feature::visa_letters] = settings.visa_letters_enabled;
  (*this)[Feature::public_ui] = settings.public_ui_enabled;
  (*this)[Feature::manage_ui] = settings.manage_ui_enabled;
  (*this)[Feature::all_ui] = settings.all_ui_enabled;
}

std::span<const Feature> all_features() {
  return every;
}

std::string_view feature_name(Feature feature) {
  return rows[static_cast<std::size_t>(feature)].name;
}
std::string_view feature_key(Feature feature) {
  return rows[static_cast<std::size_t>(feature)].key;
}

Feature feature_named(std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name) return row.feature;
  }
  std::string known;
  for (const Row& row : rows) known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
  throw std::invalid_argument(fmt::format("unknown feature \"{}\"; known are {}", name, known));
}

bool is_feature_enabled(Feature feature, const FeatureDefaults& defaults, const FeatureOverrides& overrides) {
  auto resolved = [&](Feature f) { return overrides[f].value_or(defaults[f]); };
  bool under_master = feature == Feature::public_ui || feature == Feature::manage_ui;
  if (under_master && !resolved(Feature::all_ui)) return false;
  return resolved(feature);
}

bool is_feature_enabled(std::string_view name, const FeatureDefaults& defaults,
                        const FeatureOverrides& overrides) {
  return is_feature_enabled(feature_named(name), defaults, overrides);
}

bool is_feature_enabled(std::string_view name) {
  return is_feature_enabled(name, config::get_config()->features);
}

NotFound switched_off(std::string_view name) {
  return NotFound(fmt::format("the feature \"{}\" is switched off", name));
}

void require_features(std::span<const Feature> features, const FeatureDefaults& defaults,
                      const FeatureOverrides& overrides) {
  for (Feature feature : features) {
    if (!is_feature_enabled(feature, defaults, overrides)) {
      throw switched_off(feature_name(feature));
    }
  }
}

void require_feature(Feature feature, const FeatureDefaults& defaults, const FeatureOverrides& overrides) {
  require_features(std::span(&feature, 1), defaults, overrides);
}

void require_feature(std::string_view name, const FeatureDefaults& defaults,
                     const FeatureOverrides& overrides) {
  require_feature(feature_named(name), defaults, overrides);
}

void require_feature(std::string_view name) {
  require_feature(name, config::get_config()->features);
}

std::map<std::string, bool> program_features(const FeatureDefaults& defaults,
                                             const FeatureOverrides& overrides) {
  std::map<std::string, bool> flags;
  for (Feature feature : every) {
    flags.emplace(feature_key(feature), is_feature_enabled(feature, defaults, overrides));
  }
  return flags;
}

FeatureOverrides load_overrides(db::Tx& tx, std::int64_t conference_id) {
  return store::overrides(tx, conference_id);
}

bool set_feature(db::Tx& tx, std::int64_t conference_id, Feature feature, std::optional<bool> value) {
  FeatureOverrides overrides = store::overrides(tx, conference_id);
  if (overrides[feature] == value) return false;
  overrides[feature] = value;
  store::put_overrides(tx, conference_id, overrides);
  return true;
}

FlagSwitch switch_feature(db::Tx& tx, const ConferenceKey& conference, Feature feature,
                          std::optional<bool> value, const Actor& actor) {
  FlagSwitch result;
  result.after = store::overrides(tx, conference.id);
  result.before = result.after[feature];
  result.changed = set_feature(tx, conference.id, feature, value);
  if (!result.changed) return result;
  result.after[feature] = value;
  const auto shown = [](const std::optional<bool>& v) { return !v ? "default" : *v ? "on" : "off"; };
  const auto kept = [](const std::optional<bool>& v) {
    return audit_value(v ? std::optional<std::string>(*v ? "true" : "false") : std::nullopt);
  };
  const std::optional<FeatureFlags> row = feature_flags_table().find(tx, conference.id);
  const db::Column* column = feature_flags_table().find_column(feature_key(feature));
  record(tx, actor, AuditAction::change,
         {conference.id, "feature_flags", std::to_string(conference.id), conference.slug,
          row ? std::optional(row->version) : std::nullopt},
         {{std::string(feature_key(feature)), column->label, shown(result.before), shown(value),
           kept(result.before), kept(value)}});
  return result;
}

}  // namespace plenary::conference
