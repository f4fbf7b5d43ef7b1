// What the blocks of the demo data share. Private to demo*.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domain/demo.hpp"
#include "domain/registration/catalogue.hpp"

namespace plenary::domain {

struct DemoSeeding {
  db::Tx& tx;
  const registration::Shop& shop;
  const SigningKey& link_key;
  const DemoInputs& inputs;
  const registration::Catalogue& catalogue;
  DemoReport& report;
  std::map<std::string_view, std::int64_t> users = {};  // by user name

  std::int64_t conference_id() const { return catalogue.conference.id; }
  const registration::TicketType* ticket(std::string_view slug) const { return catalogue.ticket_type(slug); }
  const registration::AddOn* addon(std::string_view slug) const { return catalogue.addon(slug); }
  // The first kind of an add-on that is bought as one of some.
  std::optional<registration::Id> variation_of(const registration::AddOn& addon) const {
    const auto kinds = catalogue.variations_of(registration::ProductKind::addon, addon.id);
    if (kinds.empty()) return std::nullopt;
    return kinds.front()->id;
  }
  std::string currency() const { return std::string(catalogue.currency.code()); }
  // Minor units of the conference's currency.
  std::int64_t units(std::int64_t whole) const { return whole * catalogue.currency.minor_per_unit(); }

  void added(std::int64_t count, std::string_view one, std::string_view many);
  void notice(std::string text) { report.notices.push_back(std::move(text)); }
  // Says that a block is left out: the conference has some already.
  bool has_any(std::int64_t count, std::string_view things);
};

void seed_vouchers(DemoSeeding& demo);
void seed_users(DemoSeeding& demo);
void seed_orders(DemoSeeding& demo);
void seed_cart(DemoSeeding& demo);
void seed_conditions(DemoSeeding& demo);
void seed_credit(DemoSeeding& demo);
void seed_badge_template(DemoSeeding& demo);
void seed_activities(DemoSeeding& demo);
void seed_grants(DemoSeeding& demo);

// The people, in order. source: 10, 7.2.
struct DemoPerson {
  std::string_view username, name, email;
};
inline constexpr DemoPerson alice{"attendee_alice", "Alice Smith", "alice@example.com"};
inline constexpr DemoPerson bob{"attendee_bob", "Bob Jones", "bob@example.com"};
inline constexpr DemoPerson carol{"speaker_carol", "Carol Chen", "carol@example.com"};
inline constexpr DemoPerson dave{"attendee_dave", "Dave Park", "dave@example.com"};
inline constexpr DemoPerson eve{"attendee_eve", "Eve Garcia", "eve@example.com"};
inline constexpr DemoPerson demo_people[] = {alice, bob, carol, dave, eve};

}  // namespace plenary::domain
