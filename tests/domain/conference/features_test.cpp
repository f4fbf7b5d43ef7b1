// How features resolve: every row of configuration 10, section 3.3, and what surrounds it. No database.
#include "domain/conference/features.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "base/errors.hpp"
#include "config/settings.hpp"

namespace plenary::conference {
namespace {

using Flag = std::optional<bool>;

TEST(Features, ThereAreNineEachWithItsNameAndKey) {
  std::vector<std::string> names;
  for (Feature feature : all_features()) {
    names.emplace_back(feature_name(feature));
    EXPECT_EQ(feature_key(feature), std::string(feature_name(feature)) + "_enabled");
    EXPECT_EQ(feature_named(feature_name(feature)), feature);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"registration", "sponsors", "travel_grants", "programs", "pretalx_sync",
                                      "visa_letters", "public_ui", "manage_ui", "all_ui"}));
}

TEST(Features, AllAreOnByDefault) {
  for (Feature feature : all_features()) {
    EXPECT_TRUE(is_feature_enabled(feature, FeatureDefaults())) << feature_name(feature);
    EXPECT_TRUE(is_feature_enabled(feature, FeatureDefaults(config::FeatureSettings{})))
        << feature_name(feature);
  }
}

TEST(Features, EachSettingSwitchesItsOwnFeature) {
  struct Case {
    bool config::FeatureSettings::*setting;
    Feature feature;
  };
  using S = config::FeatureSettings;
  const Case cases[] = {
      {&S::registration_enabled, Feature::registration},   {&S::sponsors_enabled, Feature::sponsors},
      {&S::travel_grants_enabled, Feature::travel_grants}, {&S::programs_enabled, Feature::programs},
      {&S::pretalx_sync_enabled, Feature::pretalx_sync},   {&S::visa_letters_enabled, Feature::visa_letters},
      {&S::public_ui_enabled, Feature::public_ui},         {&S::manage_ui_enabled, Feature::manage_ui}};
  for (const Case& c : cases) {
    S settings;
    settings.*c.setting = false;
    for (Feature feature : all_features()) {
      EXPECT_EQ(is_feature_enabled(feature, settings), feature != c.feature)
          << feature_name(c.feature) << " off, asked for " << feature_name(feature);
    }
  }
}

TEST(Features, TheMasterSwitchTurnsBothInterfacesOffAndNoModule) {
  config::FeatureSettings settings;
  settings.all_ui_enabled = false;
  for (Feature feature : all_features()) {
    bool is_ui = feature == Feature::public_ui || feature == Feature::manage_ui || feature == Feature::all_ui;
    EXPECT_EQ(is_feature_enabled(feature, settings), !is_ui) << feature_name(feature);
  }
}

// The table of 3.3; it holds for both interfaces.
TEST(Features, InterfacesResolveAsTheTableSays) {
  struct Row {
    bool cfg_all;
    Flag db_all;
    bool cfg_ui;
    Flag db_ui;
    bool result;
  };
  const Row rows[] = {
      {true, std::nullopt, true, std::nullopt, true},
      {true, std::nullopt, false, std::nullopt, false},
      {true, std::nullopt, false, true, true},
      {true, std::nullopt, true, false, false},
      {true, false, true, true, false},
      {false, std::nullopt, true, true, false},
      {false, true, true, std::nullopt, true},
      {false, true, true, false, false},
      {false, true, false, std::nullopt, false},
  };
  for (Feature ui : {Feature::public_ui, Feature::manage_ui}) {
    int number = 0;
    for (const Row& row : rows) {
      FeatureDefaults defaults;
      FeatureOverrides overrides;
      defaults[Feature::all_ui] = row.cfg_all;
      defaults[ui] = row.cfg_ui;
      overrides[Feature::all_ui] = row.db_all;
      overrides[ui] = row.db_ui;
      EXPECT_EQ(is_feature_enabled(ui, defaults, overrides), row.result)
          << feature_name(ui) << " row " << number;
      ++number;
    }
  }
}

TEST(Features, AModuleTakesTheOverrideElseTheDefault) {
  for (Feature feature : {Feature::registration, Feature::sponsors, Feature::travel_grants, Feature::programs,
                          Feature::pretalx_sync, Feature::visa_letters, Feature::all_ui}) {
    for (bool cfg : {false, true}) {
      for (Flag db : {Flag(), Flag(false), Flag(true)}) {
        FeatureDefaults defaults;
        FeatureOverrides overrides;
        defaults[feature] = cfg;
        overrides[feature] = db;
        EXPECT_EQ(is_feature_enabled(feature, defaults, overrides), db.value_or(cfg))
            << feature_name(feature);
      }
    }
  }
}

TEST(Features, AnUnknownNameIsAProgrammingErrorThatNamesIt) {
  for (const char* name : {"ticketing", "registration_enabled", "", "Registration"}) {
    for (const FeatureOverrides& overrides : {FeatureOverrides(), [] {
                                                FeatureOverrides some;
                                                some[Feature::sponsors] = true;
                                                return some;
                                              }()}) {
      try {
        is_feature_enabled(name, FeatureDefaults(), overrides);
        FAIL() << name << " was taken for a feature";
      } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("\"" + std::string(name) + "\""), std::string::npos) << e.what();
      }
    }
  }
  EXPECT_THROW(require_feature("ticketing", FeatureDefaults()), std::invalid_argument);
}

TEST(Features, RequiringOneThatIsOffIsNotFoundAndNamesIt) {
  FeatureDefaults defaults;
  EXPECT_NO_THROW(require_feature("sponsors", defaults));
  defaults[Feature::sponsors] = false;
  try {
    require_feature("sponsors", defaults);
    FAIL() << "sponsors was let through";
  } catch (const NotFound& e) {
    EXPECT_NE(std::string(e.what()).find("sponsors"), std::string::npos);
  }
}

TEST(Features, OfSeveralTheFirstThatIsOffIsNamed) {
  const Feature both[] = {Feature::registration, Feature::public_ui};
  auto named = [&](bool registration, bool public_ui) -> std::string {
    FeatureDefaults defaults;
    defaults[Feature::registration] = registration;
    defaults[Feature::public_ui] = public_ui;
    try {
      require_features(both, defaults);
      return "";
    } catch (const NotFound& e) {
      return e.what();
    }
  };
  EXPECT_EQ(named(true, true), "");
  EXPECT_NE(named(false, true).find("registration"), std::string::npos);
  EXPECT_NE(named(true, false).find("public_ui"), std::string::npos);
  EXPECT_NE(named(false, false).find("registration"), std::string::npos);
  EXPECT_NO_THROW(require_features({}, [] {
    FeatureDefaults none;
    for (Feature feature : all_features()) none[feature] = false;
    return none;
  }()));
}

TEST(Features, TemplatesSeeAllNineResolvedByTheirFullNames) {
  FeatureDefaults defaults;
  FeatureOverrides overrides;
  overrides[Feature::all_ui] = false;
  overrides[Feature::public_ui] = true;
  defaults[Feature::sponsors] = false;
  auto flags = program_features(defaults, overrides);
  EXPECT_EQ(flags.size(), 9u);
  EXPECT_FALSE(flags.at("public_ui_enabled"));
  EXPECT_FALSE(flags.at("manage_ui_enabled"));
  EXPECT_FALSE(flags.at("all_ui_enabled"));
  EXPECT_FALSE(flags.at("sponsors_enabled"));
  EXPECT_TRUE(flags.at("registration_enabled"));
  EXPECT_TRUE(flags.at("visa_letters_enabled"));
}

// source: 10, 2.4: an override clears what was cached as it begins and as it ends.
TEST(Features, WithoutAConferenceTheSettingsInForceAnswer) {
  const config::ScopedOverride usual(std::string(""));
  EXPECT_TRUE(is_feature_enabled("sponsors"));
  {
    const config::ScopedOverride closed("[program.features]\nsponsors_enabled = false\n");
    EXPECT_FALSE(is_feature_enabled("sponsors"));
    EXPECT_TRUE(is_feature_enabled("public_ui"));
    EXPECT_THROW(require_feature("sponsors"), NotFound);
    EXPECT_NO_THROW(require_feature("programs"));
    const config::ScopedOverride master(
        [](config::Settings& settings) { settings.program.features.all_ui_enabled = false; });
    EXPECT_FALSE(is_feature_enabled("public_ui"));
  }
  EXPECT_TRUE(is_feature_enabled("sponsors"));
  EXPECT_THROW(is_feature_enabled("sponsors_enabled"), std::invalid_argument);
}

}  // namespace
}  // namespace plenary::conference
