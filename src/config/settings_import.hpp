// The customer's DJANGO_PROGRAM out of a Python settings module, written as plenary.toml. Nothing is
// executed; what would have to be computed is listed, never guessed; comments stay beside their keys; a
// secret from the environment becomes `<key>_env`. The result is read by the reader of settings before it is
// handed out. source: ground rules 15, 1.7; configuration 10, 2.2.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace plenary::config {

struct ImportedSettings {
  std::string toml;
  std::size_t keys = 0;  // carried over
  // What is not in `toml`, or is there in another form, one line each with file:line:column.
  std::vector<std::string> notes;
};

// Throws ConfigError with places in the Python file: no Python, no DJANGO_PROGRAM, values that the settings
// refuse.
ImportedSettings import_settings(const std::filesystem::path& file, const Environment& environment = {});
// `name` stands for the file in messages.
ImportedSettings import_settings_text(std::string_view source, const std::string& name,
                                      const Environment& environment = {});

}  // namespace plenary::config
