// For people who write themes: render one file from a folder, check all files of a folder.
// Behind `plenary template render` and `plenary template check`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "templating/engine.hpp"

namespace plenary::templating {

struct RenderRequest {
  std::string file;                              // name below `folder` or below the embedded files
  std::filesystem::path folder;                  // --dir
  std::string context_json;                      // the text of --context; empty: no variables
  std::optional<Instant> now;                    // --now
  std::string locale = "en";                     // --locale
  std::optional<std::string> string_if_invalid;  // --string-if-invalid
  bool autoescape = true;                        // --no-autoescape
};

// `options` brings embedded files, libraries and services; its mode and folders are replaced.
// Throws TemplateError, std::invalid_argument for the JSON.
std::string render_theme_file(const RenderRequest& request, EngineOptions options);

// Every template of `folder`; all errors, each with its place. `checked` is how many there were.
struct ThemeCheck {
  std::size_t checked = 0;
  std::vector<TemplateError> errors;
};
ThemeCheck check_theme(const std::filesystem::path& folder, EngineOptions options);

}  // namespace plenary::templating
