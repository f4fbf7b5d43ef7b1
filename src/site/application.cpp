#include "site/application.hpp"

#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "i18n/languages.hpp"
#include "i18n/translator.hpp"
#include "site/assets.hpp"
#include "site/error_pages.hpp"
#include "site/routes.hpp"
#include "site/tags.hpp"
#include "site/urls.hpp"
#include "web/static_files.hpp"

namespace plenary::site {
namespace {

// The folder of the settings; in development also the one of a checkout, where we were started in one.
std::filesystem::path override_folder(const std::filesystem::path& given, bool development, const char* usual,
                                      const char* telling) {
  if (!given.empty() || !development) return given;
  const std::filesystem::path folder = std::filesystem::absolute(usual);
  std::error_code error;
  return std::filesystem::exists(folder / telling, error) ? folder : std::filesystem::path();
}

web::StaticFiles::Options static_options(const config::Settings& settings) {
  web::StaticFiles::Options options;
  const bool development = settings.server.is_development();
  options.override_folder =
      override_folder(settings.server.static_dir, development, "static", "img/icon.svg");
  options.read_again = development;
  return options;
}

}  // namespace

templating::EngineOptions engine_options(const config::Settings& settings, const Extensions& extensions) {
  templating::EngineOptions options;
  const bool development = settings.server.is_development();
  options.mode = development ? templating::EngineOptions::Mode::development
                             : templating::EngineOptions::Mode::production;
  const std::filesystem::path& given = settings.server.templates_dir;
  if (!given.empty()) options.override_folders.push_back(given);
  for (const std::filesystem::path& added : extensions.templates_folders) {
    std::error_code error;
    if (!std::filesystem::is_directory(added, error))
      throw std::runtime_error(fmt::format("The templates folder {} does not exist.", added.string()));
    options.override_folders.push_back(std::filesystem::absolute(added));
  }
  // The files of a checkout stand for the embedded ones: below all that replaces them.
  if (const auto checkout = override_folder({}, development, "templates", "django_program/base.html");
      given.empty() && !checkout.empty()) {
    options.override_folders.push_back(checkout);
  }
  options.embedded = &embedded_templates();
  options.libraries = tag_libraries(settings.program);
  for (const auto& [name, library] : extensions.libraries) {
    if (!options.libraries.emplace(name, library).second)
      throw std::invalid_argument(fmt::format("the tag library \"{}\" is one of Plenary's own", name));
  }
  options.builtins = {"formats"};
  options.translator = std::make_shared<i18n::GettextTranslator>();
  return options;
}

struct Application::State {
  std::filesystem::path locale_folder;
  web::StaticFiles static_files;
  std::shared_ptr<RouteUrls> urls = std::make_shared<RouteUrls>();
  templating::Engine engine;
  SigningKey csrf_key, flash_key;
  Site site;
  SiteGuards guards{site};
  SiteErrorPages error_pages{site};
  PageTable ours;
  web::Router router;
  web::Services services;

  State(const Parts& parts, const Secret& key, std::vector<web::RouteTable> tables)
      : locale_folder(parts.settings.server.locale_dir),
        static_files(&embedded_static(), static_options(parts.settings)),
        engine(options(parts)),
        csrf_key(key, "csrf"),
        flash_key(key, "flash"),
        site{.db = parts.db,
             .shop = parts.shop,
             .engine = engine,
             .settings = parts.settings,
             .gateway = parts.gateway,
             .link_key = SigningKey(key, "site-links"),
             .campaign_key = SigningKey(key, "utm"),
             .sealing_key = parts.sealing_keys ? *parts.sealing_keys : SealingKeys(key),
             .hashing = Hashing(parts.hashing, parts.hash_cost)},
        ours(pages(&site, all_pages(parts))),
        router(with_our_tables(std::move(tables))) {
    if (const auto faults = i18n::use_own_words(locale_folder); !faults.empty())
      throw std::runtime_error(fmt::format("{}", fmt::join(faults, "\n")));
    urls->use(&router);
    site.router = &router;
    site.loaders = ours.loaders(router);
    site.context_processors = parts.extensions.context;
    site.vat_service = parts.vat_service;
    site.cards = parts.cards;
    if (parts.settings_in_force) site.features.follow_settings();
    services.router = &router;
    services.guard_context = &guards;
    services.error_pages = &error_pages;
    services.pool = parts.pool;
    services.clock = &parts.clock;
    services.random = &parts.random;
    services.static_files = &static_files;
    services.metrics = parts.metrics;
    services.csrf_key = &csrf_key;
    services.flash_key = &flash_key;
    const std::string base = parts.settings.server.base_url();
    services.secure = base.starts_with("https://");
    services.public_url = base;
    services.show_errors = parts.settings.server.is_development();
  }

  templating::EngineOptions options(const Parts& parts) {
    templating::EngineOptions options = engine_options(parts.settings, parts.extensions);
    options.urls = urls;
    options.static_files = std::make_shared<StaticUrls>(static_files);
    return options;
  }

  static std::vector<AddPages> all_pages(const Parts& parts) {
    std::vector<AddPages> all = parts.more_pages;
    all.insert(all.end(), parts.extensions.pages.begin(), parts.extensions.pages.end());
    return all;
  }

  std::vector<web::RouteTable> with_our_tables(std::vector<web::RouteTable> tables) {
    tables.insert(tables.begin(), ours.routes());
    tables.push_back(static_files.routes());
    return tables;
  }
};

Application::Application(const Parts& parts, const Secret& key, std::vector<web::RouteTable> further)
    : state_(std::make_unique<State>(parts, key, std::move(further))) {}
Application::~Application() = default;

web::Services& Application::services() {
  return state_->services;
}
Site& Application::site() {
  return state_->site;
}
const web::Router& Application::router() const {
  return state_->router;
}

std::vector<std::string> Application::reload() {
  std::vector<std::string> problems;
  for (const templating::TemplateError& error : state_->engine.reload()) problems.emplace_back(error.what());
  for (std::string& fault : i18n::use_own_words(state_->locale_folder)) problems.push_back(std::move(fault));
  try {
    state_->static_files.reload();
  } catch (const std::exception& error) {
    problems.emplace_back(error.what());
  }
  return problems;
}

}  // namespace plenary::site
