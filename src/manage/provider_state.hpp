// What the payment set-up says about the provider of card payments: keys, mode, address of events, the last
// one. No key is in it, and none is shown. Read in a transaction, then shown; one request. source: payments
// 21, P25, P31 and P33.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manage/frame.hpp"
#include "site/page.hpp"

namespace plenary::manage {

struct ProviderState {
  bool has_keys = false, has_publishable = false, has_webhook = false, is_test = false;
  bool from_settings = false;  // of the server, not of this conference
  std::string api_version;
  std::string fault;                // why there are none that can be used; for whoever runs the server
  std::vector<std::string> advice;  // what is wrong with them
  bool blocks = false;              // by one of these no payment can work
  std::optional<Instant> last_event;
  std::string last_event_kind;
  std::int64_t open_events = 0;  // not processed
};

ProviderState provider_state(db::Tx& tx, const Site& site, const web::Request& request,
                             std::int64_t conference_id);
// Where Stripe has to send this conference's events.
std::string webhook_url(const web::Request& request);
void set_provider_state(site::Page& page, const Site& site, const web::Request& request,
                        const ProviderState& state);

}  // namespace plenary::manage
