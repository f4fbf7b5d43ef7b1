// The page to pay an order: what is due until when, the buyer's credits, and the ways that the conference
// offers. Cards by the provider's own form (assets/js/pay.js), cards that are played, bank transfer. Only
// this page's content security policy admits the provider. One thread, one request. source: payments 21, 12,
// P30 and P32; ground rules 15, 1.5 and 5.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "site/page.hpp"
#include "site/values.hpp"

namespace plenary::site {

// What was typed into the form that plays cards.
struct PlayedCard {
  std::string number, expiry, cvc, confirmation;
};

// Which ways there are for an order, by the conference's set-up.
struct PayWays {
  bool cards = false, played = false;
  std::optional<Instant> transfer_until;  // bank transfer can be chosen
  bool transfer_chosen = false;
  bool any() const { return cards || played || transfer_until || transfer_chosen; }
};
PayWays ways_to_pay(const Site& site, const Visit& visit, const OrderPage& order);

web::Response pay_page(Site& site, web::Request& request, const OrderPage& order, const PlayedCard& card,
                       std::vector<Fault> faults, int status, std::string_view outcome);

// Where the provider sends the browser back to: the order's secret link, with the server's own address.
std::string payment_return_url(const Site& site, const Visit& visit, const registration::Order& order);

}  // namespace plenary::site
