#include "site/visit.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/codes.hpp"
#include "base/text.hpp"
#include "site/campaign.hpp"
#include "site/kept_forms.hpp"
#include "site/language.hpp"
#include "site/posted_files.hpp"
#include "web/guest_session.hpp"
#include "web/routes.hpp"
#include "web/services.hpp"
#include "web/sessions.hpp"

namespace plenary::site {

void SeenSessions::add(std::string_view session_hash, Instant at) {
  std::lock_guard lock(mutex_);
  seen_.insert_or_assign(std::string(session_hash), at);
}

std::vector<accounts::SessionVisit> SeenSessions::take() {
  std::unordered_map<std::string, Instant> seen;
  {
    std::lock_guard lock(mutex_);
    seen.swap(seen_);
  }
  std::vector<accounts::SessionVisit> visits;
  visits.reserve(seen.size());
  for (auto& [hash, at] : seen) visits.push_back({hash, at});
  return visits;
}

MetConferences::Met* MetConferences::find(std::string_view slug) {
  std::shared_lock lock(mutex_);
  const auto found = met_.find(slug);
  return found == met_.end() ? nullptr : &found->second;
}

void MetConferences::add(std::string_view slug, std::int64_t id) {
  std::unique_lock lock(mutex_);
  // Once it is known, requests read it without the lock: a slug may move to another conference meanwhile.
  std::atomic_ref(met_[std::string(slug)].id).store(id, std::memory_order_relaxed);
}

registration::Visitor Visit::visitor(const web::Request& request,
                                     const config::SecuritySettings& security) const {
  registration::Visitor visitor;
  visitor.conference_id = conference->id;
  if (session) visitor.user_id = session->user_id;
  visitor.session_hash = session_hash;
  if (security.limits) {
    visitor.network = network_of(request.client_address(), security);
    if (session) visitor.email = normalized_email(session->user_email);
  }
  return visitor;
}

namespace {

constexpr int requests_asking_more = 100;

// Pages of something already bought stay open when the conference is no longer active.
bool outlives_the_conference(const web::Request& request) {
  const web::Route* route = request.route();
  if (!route) return false;
  const std::string_view name = route->name;
  return name.starts_with("registration:order-") || name.starts_with("manage:") ||
         name == "registration:stripe-webhook" || name == "site:legal";
}

}  // namespace

Task<void> SiteGuards::load(web::Request& request, std::string_view conference_slug) {
  Visit& visit = request.attach(Visit{});
  visit.features = site_.features;
  const std::string_view session_token = web::session_token(request);
  std::string session_hash;  // of a person's session
  std::optional<web::GuestSession> guest;
  if (!session_token.empty()) {
    const config::SecuritySettings& security = site_.settings.security;
    guest = web::open_guest_token(site_.link_key, session_token, request.services().clock->now(),
                                  security.visitor_session);
    if (!guest) session_hash = token_hash(session_token);
  }
  const web::Route* route = request.route();
  const Loader loader = route && static_cast<std::size_t>(route->index) < site_.loaders.size()
                            ? site_.loaders[route->index]
                            : nullptr;
  int runs = 0;
  bool guessed_wrong = false;
  auto fn = [&](db::Tx& tx) {
    visit.now = tx.now();
    // What a person's pages need is known only with the session's row; a guest's, and a stranger's, at once.
    MetConferences::Met* const met =
        tx.engine() == db::Engine::postgresql && session_hash.empty() && !conference_slug.empty()
            ? site_.met.find(conference_slug)
            : nullptr;
    const std::int64_t guess = met ? std::atomic_ref(met->id).load(std::memory_order_relaxed) : 0;
    bool is_all = met != nullptr;
    tx.ask_ahead([&] {
      if (!session_hash.empty()) accounts::look_up_session(tx, session_hash, site_.session_rules);
      if (!conference_slug.empty()) conference::find_state(tx, conference_slug);
      if (!met || !loader) return;
      const Asker asker = asker_of(loader);
      is_all = asker && asker(tx, request, guess, guest ? std::string_view(guest->hash) : "");
    });
    if (met) {
      // What was asked for another conference tells nothing about this page.
      if (++runs > 1 && !guessed_wrong)
        met->asking_more.store(requests_asking_more, std::memory_order_relaxed);
      if (is_all && met->asking_more.load(std::memory_order_relaxed) <= 0)
        tx.all_asked();
      else if (is_all)
        met->asking_more.fetch_sub(1, std::memory_order_relaxed);
    }
    if (!session_hash.empty()) {
      auto known = accounts::look_up_session(tx, session_hash, site_.session_rules);
      visit.session.reset();
      visit.asleep.reset();
      if (known && known->state == accounts::SessionState::open) {
        visit.session = std::move(known->session);
      } else if (known && known->session.user_id) {
        visit.asleep = std::move(known);
      }
    }
    visit.needs_factor = visit.session && visit.session->user_id && visit.session->has_right() &&
                         !visit.session->has_factor && site_.settings.requires_second_factor();
    if (visit.session && visit.session->user_id && visit.session->has_right() && !visit.needs_factor)
      visit.rights = accounts::rights_of(tx, *visit.session->user_id, visit.session->is_superuser);
    visit.session_hash = visit.session ? session_hash : std::string();
    if (guest) {
      visit.session.emplace();
      visit.session->created_at = guest->began_at;
      visit.session->last_seen_at = visit.now;  // nothing is noted of it
      visit.session->expires_at = guest->began_at + site_.settings.security.visitor_session;
      visit.session_hash = guest->hash;
    }
    visit.language =
        chosen_language(request, visit.session ? std::string_view(visit.session->user_language) : "");
    if (conference_slug.empty()) return;
    visit.conference = conference::find_state(tx, conference_slug);
    if (!visit.conference) return;
    guessed_wrong = met && visit.conference->id != guess;
    if (guessed_wrong || (!met && tx.engine() == db::Engine::postgresql && session_hash.empty()))
      site_.met.add(conference_slug, visit.conference->id);
    visit.catalogue = site_.shop.catalogues.at(tx, visit.conference->id, visit.conference->catalogue_version);
    visit.card_mode =
        site_.card_modes.at(tx, site_.cards, visit.conference->id, visit.conference->catalogue_version);
    if (feature_enabled(request, "sponsors") && feature_enabled(request, "public_ui")) {
      visit.lineup = site_.lineups.at(tx, visit.conference->id, visit.conference->catalogue_version);
    }
    if (!loader || !conference_found(request)) return;
    for (const std::string& feature : route->guard.features) {
      if (!feature_enabled(request, feature)) return;
    }
    loader(site_, tx, request, visit);
  };
  co_await site_.db.read(fn);
  if (visit.conference && conference_found(request)) remember_campaign(site_, request);
  if (visit.session && visit.session->wants_touch(visit.now)) site_.seen.add(visit.session_hash, visit.now);
}

bool SiteGuards::signed_in(const web::Request& request) const {
  const Visit* visit = request.find_context<Visit>();
  return visit && visit->session && visit->session->user_id;
}

bool SiteGuards::conference_found(const web::Request& request) const {
  const Visit* visit = request.find_context<Visit>();
  if (!visit || !visit->conference) return false;
  return visit->conference->is_active || outlives_the_conference(request);
}

bool SiteGuards::feature_enabled(const web::Request& request, std::string_view feature) const {
  const Visit* visit = request.find_context<Visit>();
  if (!visit) return conference::is_feature_enabled(feature, site_.features);
  if (!visit->conference) return conference::is_feature_enabled(feature, visit->features);
  return conference::is_feature_enabled(feature, visit->features, visit->conference->flags);
}

web::Permitted SiteGuards::permitted(const web::Request& request,
                                     const std::vector<std::string>& codes) const {
  const Visit* visit = request.find_context<Visit>();
  if (!visit || !visit->rights.any_role()) return web::Permitted::hidden;
  const accounts::Rights& rights = visit->rights;
  if (rights.is_superuser()) return web::Permitted::yes;
  if (!visit->conference) {
    // A page of no conference: what somebody may do somewhere is for the page to tell apart.
    const bool may = std::any_of(codes.begin(), codes.end(),
                                 [&](const std::string& code) { return rights.may_somewhere(code); });
    return may ? web::Permitted::yes : web::Permitted::no;
  }
  const std::int64_t conference = visit->conference->id;
  if (!rights.any_role_in(conference)) return web::Permitted::hidden;
  if (rights.full_access(conference)) return web::Permitted::yes;
  const bool may = std::any_of(codes.begin(), codes.end(),
                               [&](const std::string& code) { return rights.may(code, conference); });
  return may ? web::Permitted::yes : web::Permitted::no;
}

bool SiteGuards::any_role(const web::Request& request) const {
  const Visit* visit = request.find_context<Visit>();
  if (!visit) return false;
  return visit->conference ? visit->rights.any_role_in(visit->conference->id) : visit->rights.any_role();
}

std::string SiteGuards::sign_in_url(const web::Request& request, std::string_view return_to) const {
  const Visit* visit = request.find_context<Visit>();
  const bool is_locked = visit && visit->asleep && visit->asleep->state == accounts::SessionState::locked;
  return (is_locked ? "/accounts/unlock/?next=" : "/accounts/login/?next=") + web::percent_encode(return_to);
}

std::optional<std::string> SiteGuards::must_go_first(const web::Request& request,
                                                     std::string_view return_to) const {
  const Visit* visit = request.find_context<Visit>();
  if (!visit || !visit->needs_factor) return std::nullopt;
  return "/accounts/security/factor/?next=" + web::percent_encode(return_to);
}

Task<std::string> SiteGuards::return_to(web::Request& request) {
  if (web::is_safe(request.method())) co_return std::string(request.target());
  const Visit* visit = request.find_context<Visit>();
  std::optional<std::int64_t> user;
  if (visit && visit->asleep) user = visit->asleep->session.user_id;
  if (visit && visit->session && visit->needs_factor) user = visit->session->user_id;
  if (!user) co_return std::string(request.path());
  co_await store_posted_files(site_, request);
  co_return co_await keep_form(site_, request, *user, request.path(), request.form());
}

Task<void> SiteGuards::admitted(web::Request& request) {
  co_await take_up_kept_form(site_, request);
}

std::string network_of(std::string_view address, const config::SecuritySettings& security) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  const auto cut = [&](int family, std::size_t size, std::int64_t prefix) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::int64_t bits = prefix - static_cast<std::int64_t>(i) * 8;
      if (bits <= 0) {
        bytes[i] = 0;
      } else if (bits < 8) {
        bytes[i] &= static_cast<unsigned char>(0xFF << (8 - bits));
      }
    }
    std::array<char, INET6_ADDRSTRLEN> out{};
    inet_ntop(family, bytes.data(), out.data(), out.size());
    return std::string(out.data());
  };
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return cut(AF_INET, 4, security.network_prefix_ipv4);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
    return cut(AF_INET6, 16, security.network_prefix_ipv6);
  return text;
}

}  // namespace plenary::site
