// What the public pages share, and what one request knows once its guard has looked: the conference with its
// flags and version, the browser's session, the catalogue, and whatever the page's own loader read. All of it
// comes from one read transaction per request, so a page never mixes two states of the database. Threads: a
// Site is shared by all and constant once the server runs; a Visit belongs to its request. source:
// docs/transactions.md, section 2; configuration 10, 3.4.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/sealing_keys.hpp"
#include "base/signing.hpp"
#include "config/settings.hpp"
#include "db/database.hpp"
#include "domain/accounts/rights.hpp"
#include "domain/accounts/sessions.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/vat_checks.hpp"
#include "domain/sponsors/lineup.hpp"
#include "site/card_modes.hpp"
#include "site/features.hpp"
#include "site/hashing.hpp"
#include "templating/engine.hpp"
#include "web/guard.hpp"
#include "web/request.hpp"
#include "web/routes.hpp"

namespace plenary::site {

// Sessions seen lately, to be written in the background; never by the request. Any thread.
class SeenSessions {
 public:
  void add(std::string_view session_hash, Instant at);
  // Hands over what was collected. source: accounts/sessions.hpp, last_seen_interval.
  std::vector<accounts::SessionVisit> take();

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Instant> seen_;
};

// The conferences met so far, by slug: a guess of the id lets what a page needs be asked for beside the
// conference's row, in one trip. Any thread.
class MetConferences {
 public:
  struct Met {
    std::int64_t id = 0;
    // Requests that do without Tx::all_asked, because its pages ask for more (a waiting list, say).
    std::atomic<int> asking_more = 0;
  };
  Met* find(std::string_view slug);  // null: not met yet; lives as long as this
  void add(std::string_view slug, std::int64_t id);

 private:
  std::shared_mutex mutex_;
  std::map<std::string, Met, std::less<>> met_;
};

struct Site;
struct Visit;

// Reads what one page needs, in the request's only read transaction; runs only when the features of the route
// are on. It may attach its findings to the request. It may run again when the database asks for it.
using Loader = void (*)(const Site& site, db::Tx& tx, web::Request& request, Visit& visit);
// Asks ahead what the loader will ask for a visitor without an account. False: the loader asks more than
// that.
using Asker = bool (*)(db::Tx& tx, const web::Request& request, std::int64_t conference,
                       std::string_view session_hash);
Asker asker_of(Loader loader);  // null: it has none

// Sets further variables of a page, beside program_features; given by an Extensions (extensions.hpp). Runs
// for every page, error pages included, on the request's I/O thread: nothing slow. What the page itself sets
// under the same name wins.
using ContextProcessor = std::function<void(const web::Request& request, templating::Context& context)>;

struct Site {
  db::Database& db;
  const registration::Shop& shop;
  const templating::Engine& engine;
  const config::Settings& settings;
  const registration::PaymentGateway& gateway;
  // Derives the secret halves of links (registration/links.hpp, accounts/links.hpp) and, from a one-use
  // token, the session that a repeated first submit finds again.
  SigningKey link_key;
  SigningKey campaign_key;  // signs the cookie of campaign.hpp
  SealingKeys sealing_key;  // of secrets at rest
  Hashing hashing;          // of passwords
  // Set before the server starts.
  const web::Router* router = nullptr;
  std::vector<Loader> loaders = {};  // by the index of the route; null: nothing beyond the visit itself
  MetConferences met = {};
  std::vector<ContextProcessor> context_processors = {};
  registration::VatService* vat_service = nullptr;  // null: no number is ever confirmed
  payments::CardPayments* cards = nullptr;          // null: no provider takes cards
  CardModes card_modes = {};
  SeenSessions seen = {};
  sponsors::Lineups lineups = {};
  SiteFeatures features{settings.program.features};  // the defaults
  accounts::SessionRules session_rules{settings.security.session_idle, settings.security.session_absolute};

  bool is_development() const { return settings.server.is_development(); }
  // Where no provider takes cards they are played, and orders are marked for ever: in development, and
  // wherever money could not come in otherwise.
  bool plays_payments(const CardMode& mode, const registration::Catalogue& catalogue) const {
    return !mode.is_offered && gateway.method() == registration::PaymentMethod::sandbox &&
           (is_development() || !catalogue.payment.offers_transfer);
  }
  // Whether an order that is made now is one for trying out.
  bool makes_test_orders(const CardMode& mode, const registration::Catalogue& catalogue) const {
    return mode.is_offered ? mode.is_test : plays_payments(mode, catalogue);
  }
};

struct Visit {
  std::optional<conference::ConferenceState> conference;  // empty: no such conference, or the path has none
  std::shared_ptr<const registration::Catalogue> catalogue;  // of that conference
  std::shared_ptr<const sponsors::Lineup> lineup;            // where pages may show sponsors; else null
  std::optional<accounts::FoundSession> session;
  // This browser's session when it does not count: locked, or elapsed lately. Its person is signed out.
  std::optional<accounts::KnownSession> asleep;
  accounts::Rights rights = {};  // of that session's person; nobody's while needs_factor
  // Somebody with a right who has to set up a second factor before they may use it. source: 15, 5.3.
  bool needs_factor = false;
  std::string session_hash;                   // of a session that exists; empty without one
  Instant now;                                // of the read
  CardMode card_mode = {};                    // of that conference
  conference::FeatureDefaults features = {};  // the defaults, as they are for this request
  std::string_view language = {};             // of this request, see text.hpp
  // Where pictures of this page come from beside this server; filled while it is made (pictures.hpp).
  mutable std::vector<std::string> picture_origins = {};

  // Who acts in the registration room; for writes a browser without a session gets one (submission.hpp).
  registration::Visitor visitor(const web::Request& request, const config::SecuritySettings& security) const;
};

class SiteGuards : public web::GuardContext {
 public:
  explicit SiteGuards(Site& site) : site_(site) {}
  Task<void> load(web::Request& request, std::string_view conference_slug) override;
  bool signed_in(const web::Request& request) const override;
  bool conference_found(const web::Request& request) const override;
  bool feature_enabled(const web::Request& request, std::string_view feature) const override;
  web::Permitted permitted(const web::Request& request, const std::vector<std::string>& codes) const override;
  bool any_role(const web::Request& request) const override;
  std::optional<std::string> must_go_first(const web::Request& request,
                                           std::string_view return_to) const override;
  Task<std::string> return_to(web::Request& request) override;
  Task<void> admitted(web::Request& request) override;
  std::string sign_in_url(const web::Request& request, std::string_view return_to) const override;

 private:
  Site& site_;
};

// The network a limit counts by: the address cut to the configured prefix ("192.0.2.7", "2001:db8:0:1::").
std::string network_of(std::string_view address, const config::SecuritySettings& security);

}  // namespace plenary::site
