// plenary features list | set: what is switched on, why, and switching it for one conference. Effective at
// the next request of every running server. source: configuration 10, section 3.
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "cli/audit.hpp"
#include "cli/commands.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "domain/conference/types.hpp"

namespace plenary::cli {
namespace {

using conference::Feature;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (Feature feature : conference::all_features()) all.emplace_back(conference::feature_name(feature));
  return all;
}

// A person's typing mistake is wrong usage; settings keys ("programs_enabled") are understood, too.
Feature feature_typed(const std::string& typed) {
  for (Feature feature : conference::all_features()) {
    if (typed == conference::feature_name(feature) || typed == conference::feature_key(feature))
      return feature;
  }
  std::string near = nearest(typed, names());
  throw WrongUsage(fmt::format("There is no feature \"{}\".{} Features: {}.", typed,
                               near.empty() ? "" : fmt::format(" Did you mean \"{}\"?", near),
                               joined(names())));
}

// The conference named, or the only one there is.
conference::ConferenceKey chosen(db::Tx& tx, const std::string& slug) {
  std::vector<conference::ConferenceKey> all = conference::list_keys(tx);
  if (slug.empty() && all.size() == 1) return all.front();
  std::vector<std::string> slugs;
  for (const conference::ConferenceKey& key : all) {
    if (ascii_lower(key.slug) == ascii_lower(slug)) return key;
    slugs.push_back(key.slug);
  }
  if (all.empty()) {
    throw CommandFailed(
        "There is no conference yet. Make one with: plenary bootstrap_conference --config FILE");
  }
  if (slug.empty()) throw WrongUsage("Which conference? Add --conference with one of: " + joined(slugs));
  throw CommandFailed(fmt::format("There is no conference \"{}\". Conferences: {}.", slug, joined(slugs)));
}

const char* on_off(bool value) {
  return value ? "on" : "off";
}

void print_table(std::ostream& out, const conference::FeatureDefaults& defaults,
                 const conference::FeatureOverrides& overrides) {
  out << fmt::format("  {:<14} {:<8} {:<10} {}\n", "feature", "settings", "override", "result");
  for (Feature feature : conference::all_features()) {
    bool result = conference::is_feature_enabled(feature, defaults, overrides);
    bool by_master = !result && overrides[feature].value_or(defaults[feature]);
    out << fmt::format("  {:<14} {:<8} {:<10} {}{}\n", conference::feature_name(feature),
                       on_off(defaults[feature]), overrides[feature] ? on_off(*overrides[feature]) : "-",
                       on_off(result), by_master ? "  (all_ui is off)" : "");
  }
}

int list(Context& context, const std::string& slug) {
  conference::FeatureDefaults defaults(context.settings().program.features);
  std::unique_ptr<db::Database> database = open_ready_database(context);
  return database->read_now([&](db::Tx& tx) {
    std::vector<conference::ConferenceKey> keys = conference::list_keys(tx);
    if (!slug.empty()) keys = {chosen(tx, slug)};
    if (keys.empty()) {
      context.out << "Settings (there is no conference yet)\n";
      print_table(context.out, defaults, {});
    }
    for (const conference::ConferenceKey& key : keys) {
      context.out << key.slug << '\n';
      print_table(context.out, defaults, conference::load_overrides(tx, key.id));
    }
    return done;
  });
}

// What the result means to people, from the next request on.
std::string meaning(Feature feature, const conference::FeatureDefaults& defaults,
                    const conference::FeatureOverrides& overrides) {
  const bool on = conference::is_feature_enabled(feature, defaults, overrides);
  const bool set_on = overrides[feature].value_or(defaults[feature]);
  if (!on && set_on) return "It would be on, but all_ui is off, and that switches it off whatever it says.";
  if (feature == Feature::all_ui) {
    return on ? "The public pages and the dashboard follow their own switches from the next request on."
              : "The public pages and the dashboard answer 404 from the next request on, whatever their own "
                "switches say; modules are not touched.";
  }
  const db::Column* column = conference::feature_flags_table().find_column(conference::feature_key(feature));
  return fmt::format("From the next request on, on every server, {}: {}",
                     on ? "these are there" : "these are off, and their pages answer 404", column->help);
}

struct Change {
  std::string feature, value, slug;
};

int set(Context& context, const Change& change) {
  Feature feature = feature_typed(change.feature);
  std::optional<bool> value;
  if (change.value != "default") value = change.value == "on";
  conference::FeatureDefaults defaults(context.settings().program.features);
  std::unique_ptr<db::Database> database = open_ready_database(context);
  conference::ConferenceKey key = database->read_now([&](db::Tx& tx) { return chosen(tx, change.slug); });
  const conference::Actor actor = command_actor();
  const conference::FlagSwitch done_now = database->write_now(key.id, "features set", [&](db::Tx& tx) {
    return conference::switch_feature(tx, key, feature, value, actor);
  });
  const conference::FeatureOverrides& overrides = done_now.after;
  const std::string_view name = conference::feature_name(feature);
  const auto shown = [&](const std::optional<bool>& v) {
    return v ? std::string(on_off(*v)) : fmt::format("default ({})", on_off(defaults[feature]));
  };
  if (done_now.changed)
    context.out << fmt::format("{}: {}: {} -> {}\n", key.slug, name, shown(done_now.before), shown(value));
  context.out << fmt::format("{}: {} is {} now{} (override: {}, settings: {}).\n", key.slug, name,
                             on_off(conference::is_feature_enabled(feature, defaults, overrides)),
                             done_now.changed ? "" : ", as before",
                             overrides[feature] ? on_off(*overrides[feature]) : "none",
                             on_off(defaults[feature]))
              << "  " << meaning(feature, defaults, overrides) << '\n';
  return done;
}

}  // namespace

void add_features(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("features", "Show or switch features");
  command->require_subcommand(1);

  CLI::App* listing = command->add_subcommand("list", "Every feature of every conference, or of one");
  auto slug = std::make_shared<std::string>();
  listing->add_option("--conference", *slug, "Slug")->type_name("SLUG");
  listing->callback([&context, slug] { context.action = [&context, slug] { return list(context, *slug); }; });

  CLI::App* setting = command->add_subcommand("set", "Switch a feature for one conference");
  auto change = std::make_shared<Change>();
  setting->add_option("feature", change->feature, "Its name: " + joined(names()))->required();
  setting->add_option("value", change->value, "on, off, or default (what the settings say)")
      ->required()
      ->check(CLI::IsMember({"on", "off", "default"}));
  setting->add_option("--conference", change->slug, "Slug; may be left out when there is only one")
      ->type_name("SLUG");
  setting->callback(
      [&context, change] { context.action = [&context, change] { return set(context, *change); }; });
}

}  // namespace plenary::cli
