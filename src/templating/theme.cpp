#include "templating/theme.hpp"

#include "templating/json_context.hpp"
#include "templating/sources.hpp"

namespace plenary::templating {

std::string render_theme_file(const RenderRequest& request, EngineOptions options) {
  options.mode = EngineOptions::Mode::development;
  options.override_folders = {request.folder};
  const Engine engine(std::move(options));
  Context context;
  context.locale = request.locale;
  context.now = request.now;
  context.autoescape = request.autoescape;
  context.string_if_invalid = request.string_if_invalid;
  if (!request.context_json.empty()) fill_from_json(context, request.context_json);
  return engine.render(request.file, context);
}

ThemeCheck check_theme(const std::filesystem::path& folder, EngineOptions options) {
  options.override_folders = {folder};
  ThemeCheck result;
  const TemplateFiles files(options);
  try {
    for (const TemplateFiles::File& file : files.all()) result.checked += file.path.has_value();
  } catch (const TemplateError& error) {
    result.errors.push_back(error);
    return result;
  }
  compile_all(files, options, result.errors);
  return result;
}

}  // namespace plenary::templating
