// plenary template render | check | messages | entity-messages: for people who write themes or translate.
// render prints exactly what a page would be, for the variables of a JSON file; check compiles every template
// of a folder; messages and entity-messages list what there is to translate, in a theme and in the data
// admin. An error tells its place, exit code 1. source: templating/theme.hpp; ground rules 15, 1.
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "admin/model_messages.hpp"
#include "cli/commands.hpp"
#include "embed/route_tables.hpp"
#include "site/application.hpp"
#include "site/assets.hpp"
#include "site/routes.hpp"
#include "site/urls.hpp"
#include "templating/messages.hpp"
#include "templating/theme.hpp"

namespace plenary::cli {
namespace {

// The engine of the server, without a server: addresses and static files are the real ones.
struct Theme {
  web::StaticFiles static_files;
  web::Router router;
  templating::EngineOptions options;

  Theme(const config::Settings& settings, const site::Extensions& extensions)
      : static_files(&embedded_static(), {.override_folder = settings.server.static_dir}),
        router(tables(static_files, extensions)),
        options(site::engine_options(settings, extensions)) {
    auto urls = std::make_shared<site::RouteUrls>();
    urls->use(&router);
    options.urls = std::move(urls);
    options.static_files = std::make_shared<site::StaticUrls>(static_files);
  }
  static std::vector<web::RouteTable> tables(const web::StaticFiles& files,
                                             const site::Extensions& extensions) {
    std::vector<web::RouteTable> all = embed::other_rooms();
    all.push_back(site::routes(nullptr, embed::room_pages(extensions)));
    all.push_back(files.routes());
    return all;
  }
};

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw CommandFailed(fmt::format("{} cannot be read.", file.string()));
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

void add_render(CLI::App& parent, Context& context) {
  CLI::App* command = parent.add_subcommand("render", "Print a template for the variables of a JSON file");
  struct Options {
    templating::RenderRequest request;
    std::string json_file, now, string_if_invalid;
    bool no_autoescape = false;
  };
  auto options = std::make_shared<Options>();
  command->add_option("file", options->request.file, "Template, by its name below the folder")->required();
  command->add_option("--dir", options->request.folder, "Folder of the theme")->required()->type_name("DIR");
  command->add_option("--context", options->json_file, "Variables")->type_name("CONTEXT.json");
  command->add_option("--now", options->now, "The moment it is, as 2027-05-14T09:00:00Z")
      ->type_name("INSTANT");
  command->add_option("--locale", options->request.locale, "Language: en, de, pt-br");
  CLI::Option* invalid = command->add_option("--string-if-invalid", options->string_if_invalid,
                                             "Printed for what does not exist");
  command->add_flag("--no-autoescape", options->no_autoescape, "Print markup as it is");
  command->callback([&context, options, invalid] {
    context.action = [&context, options, invalid] {
      templating::RenderRequest& request = options->request;
      if (!options->json_file.empty()) request.context_json = file_text(options->json_file);
      if (!options->now.empty()) {
        request.now = Instant::parse(options->now);
        if (!request.now) {
          throw WrongUsage(
              fmt::format("--now: found {}; expected an instant such as 2027-05-14T09:00:00Z", options->now));
        }
      }
      if (invalid->count() > 0) request.string_if_invalid = options->string_if_invalid;
      request.autoescape = !options->no_autoescape;
      Theme theme(context.settings(), context.extensions);
      context.out << templating::render_theme_file(request, theme.options) << std::flush;
      return done;
    };
  });
}

void add_theme_check(CLI::App& parent, Context& context) {
  CLI::App* command = parent.add_subcommand("check", "Compile every template of a folder");
  auto folder = std::make_shared<std::filesystem::path>();
  command->add_option("dir", *folder, "Folder of the theme")->required()->type_name("DIR");
  command->callback([&context, folder] {
    context.action = [&context, folder] {
      Theme theme(context.settings(), context.extensions);
      const templating::ThemeCheck result = templating::check_theme(*folder, theme.options);
      for (const templating::TemplateError& error : result.errors) context.err << error.what() << '\n';
      context.out << fmt::format("{} template{} checked, {} error{}.\n", result.checked,
                                 result.checked == 1 ? "" : "s", result.errors.size(),
                                 result.errors.size() == 1 ? "" : "s");
      return result.errors.empty() ? done : refused;
    };
  });
}

void add_messages(CLI::App& parent, Context& context) {
  CLI::App* command =
      parent.add_subcommand("messages", "Print a folder's messages for translators, as a .pot file");
  auto folder = std::make_shared<std::filesystem::path>();
  command->add_option("dir", *folder, "Folder of the theme")->required()->type_name("DIR");
  command->callback([&context, folder] {
    context.action = [&context, folder] {
      std::error_code error;
      if (!std::filesystem::is_directory(*folder, error))
        throw CommandFailed(fmt::format("{} is no folder.", folder->string()));
      context.out << templating::messages_of_folder(*folder) << std::flush;
      return done;
    };
  });
}

void add_entity_messages(CLI::App& parent, Context& context) {
  CLI::App* command = parent.add_subcommand(
      "entity-messages", "Print the data admin's labels and words for translators, as a .pot file");
  command->callback([&context] {
    context.action = [&context] {
      context.out << admin::model_messages() << std::flush;
      return done;
    };
  });
}

}  // namespace

void add_template(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("template", "For people who write themes");
  command->require_subcommand(1);
  add_render(*command, context);
  add_theme_check(*command, context);
  add_messages(*command, context);
  add_entity_messages(*command, context);
}

}  // namespace plenary::cli
