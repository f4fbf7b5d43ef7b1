// The settings in force one by one, each with where its value comes from: what `plenary config show` prints.
// Secrets are masked. Reads the file again, so call it from commands only. Throws ConfigError as reading
// settings does. source: configuration 10, 2.4.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace plenary::config {

struct EffectiveSetting {
  enum class Kind { text, literal, list, secret };  // literal: a number or a boolean
  enum class Source { standard, file, environment, secret_file };
  std::string path;  // "program.stripe.secret_key"
  Kind kind = Kind::text;
  std::string text;                // as written without quotes; of a secret masked; "" may mean none
  std::vector<std::string> items;  // of a list
  bool is_set = true;              // false: a secret that is not given
  Source source = Source::standard;
  std::string origin;  // "default", "plenary.toml:3", "environment variable SK (plenary.toml:4)", …
};

// Of the file that was read for `settings`; all defaults where there is none.
std::vector<EffectiveSetting> effective_settings(const Settings& settings);

// As TOML, a comment behind each value with its origin.
std::string effective_toml(const std::vector<EffectiveSetting>& settings);

}  // namespace plenary::config
