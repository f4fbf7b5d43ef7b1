// Everything that answers requests, wired once: templates with their libraries, static files, keys, guards,
// error pages and the route table. Used by embed/program and by tests. Made and changed by one thread; once a
// web::Server runs on its services(), only reload() may be called. Errors at construction: TemplateErrors
// (production), std::logic_error for a wrong route table, std::runtime_error for unreadable overriding files.
// source: design 2 and 3; ground rules 15, 8.2.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/sealing_keys.hpp"
#include "base/secret.hpp"
#include "site/extensions.hpp"
#include "templating/engine.hpp"
#include "web/services.hpp"

namespace plenary::site {

// All must outlive the application.
struct Parts {
  db::Database& db;
  const registration::Shop& shop;
  const config::Settings& settings;
  const registration::PaymentGateway& gateway;
  const Clock& clock;
  Random& random;
  Pool* pool = nullptr;
  Pool* hashing = nullptr;  // of passwords: hashing.hpp says how many threads; null: in the caller's
  web::Metrics* metrics = nullptr;
  accounts::HashCost hash_cost = {};      // tests pay less
  std::vector<AddPages> more_pages = {};  // of other rooms that answer with our pages
  Extensions extensions = {};
  const SealingKeys* sealing_keys = nullptr;  // of secrets at rest; null: the only one is made of the secret
  registration::VatService* vat_service = nullptr;  // asked about VAT numbers; null: none is ever confirmed
  payments::CardPayments* cards = nullptr;          // null: no provider takes cards
  bool settings_in_force = false;  // `settings` are config::get_settings(): overrides of toggles hold at once
};

class Application {
 public:
  // `key`: the server's secret, at least 32 bytes. `further`: the route tables of the other rooms.
  Application(const Parts& parts, const Secret& key, std::vector<web::RouteTable> further = {});
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  web::Services& services();
  Site& site();
  const web::Router& router() const;
  // Templates and static files again, for SIGHUP. What was wrong, one line each; then the old ones stay.
  std::vector<std::string> reload();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What the engine needs but its services: the embedded templates, the overriding folder and the libraries.
// Also for the theme commands. In development without [server] templates_dir, ./templates of a checkout
// overrides. std::runtime_error names a folder of the extensions that is none.
templating::EngineOptions engine_options(const config::Settings& settings, const Extensions& extensions = {});

}  // namespace plenary::site
