#include "domain/registration/limits.hpp"

#include <algorithm>

namespace plenary::registration {
namespace {

using accounts::Rate;
using config::RateLimit;

struct Counted {
  const Shop& shop;
  const Visitor& visitor;
  std::vector<Rate> rates = {};

  void by(std::string_view scope, std::string_view value, const RateLimit& limit) {
    if (shop.limits.enabled && !value.empty())
      rates.push_back(accounts::rate(scope, visitor.conference_id, value, limit));
  }
  void by_account(const RateLimit& limit) {
    if (visitor.user_id) by("account", std::to_string(*visitor.user_id), limit);
  }
};

}  // namespace

std::vector<Rate> cart_rates(const Shop& shop, const Visitor& visitor) {
  Counted counted{shop, visitor};
  const config::RateLimits& limits = shop.limits.rates;
  counted.by("session", visitor.session_hash, limits.new_carts_per_session);
  counted.by_account(limits.new_carts_per_account);
  counted.by("email", visitor.email, limits.new_carts_per_email);
  counted.by("network", visitor.network, limits.new_carts_per_network);
  return std::move(counted.rates);
}

std::vector<Rate> order_rates(const Shop& shop, const Visitor& visitor, std::string_view normalized_email) {
  Counted counted{shop, visitor};
  const config::RateLimits& limits = shop.limits.rates;
  counted.by("session", visitor.session_hash, limits.orders_per_session);
  counted.by_account(limits.orders_per_account);
  counted.by("email", normalized_email, limits.orders_per_email);
  counted.by("network", visitor.network, limits.orders_per_network);
  return std::move(counted.rates);
}

std::vector<Rate> order_mail_rates(const Shop& shop, const Visitor& visitor,
                                   std::string_view normalized_email) {
  Counted counted{shop, visitor};
  counted.by("email", normalized_email, shop.limits.rates.find_order_per_email);
  counted.by("network", visitor.network, shop.limits.rates.find_order_per_network);
  return std::move(counted.rates);
}

std::vector<Rate> voucher_rates(const Shop& shop, const Visitor& visitor) {
  Counted counted{shop, visitor};
  counted.by("session", visitor.session_hash, shop.limits.rates.voucher_tries_per_session);
  counted.by("network", visitor.network, shop.limits.rates.voucher_tries_per_network);
  return std::move(counted.rates);
}

std::vector<Rate> vat_check_rates(const Shop& shop, const Visitor& visitor) {
  Counted counted{shop, visitor};
  counted.by("session", visitor.session_hash, {10, Duration::hours(1)});
  counted.by("network", visitor.network, {100, Duration::hours(1)});
  return std::move(counted.rates);
}

std::vector<Rate> card_form_rates(const Shop& shop, const Visitor& visitor, Id order_id) {
  // Far above what somebody with several cards needs; stolen numbers are tried by the hundred.
  constexpr RateLimit per_order{20, Duration::minutes(10)}, per_network{600, Duration::minutes(10)};
  Counted counted{shop, visitor};
  counted.by("order", std::to_string(order_id), per_order);
  counted.by("network", visitor.network, per_network);
  return std::move(counted.rates);
}

Refused too_many(std::string code, Instant now, Instant again_at) {
  const std::int64_t minutes = std::max<std::int64_t>(((again_at - now).micros + 59'999'999) / 60'000'000, 1);
  const bool one = minutes == 1;
  const char* text = one ? "That was tried too often. Please try again in a minute."
                         : "That was tried too often. Please try again in {minutes} minutes.";
  if (code == "too_many_carts")
    text = one ? "Too many carts were started from here lately. Please try again in a minute."
               : "Too many carts were started from here lately. Please try again in {minutes} minutes.";
  if (code == "too_many_orders")
    text = one ? "Too many orders were made from here lately. Please try again in a minute."
               : "Too many orders were made from here lately. Please try again in {minutes} minutes.";
  return Refused(std::move(code), text, {{"minutes", std::to_string(minutes)}});
}

}  // namespace plenary::registration
