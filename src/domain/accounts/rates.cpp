#include "domain/accounts/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/codes.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {
namespace {

Instant window_at(Instant now, Duration window) {
  std::int64_t into = now.micros % window.micros;
  if (into < 0) into += window.micros;
  return {now.micros - into};
}

// When one more is allowed: now, or later.
Instant possible_at(const config::RateLimit& limit, const store::RateRow* row, Instant now) {
  const std::int64_t window = std::max<std::int64_t>(limit.per.micros, 1);
  const Instant start = window_at(now, {window});
  std::int64_t current = 0, before = 0;
  if (row && row->window_start == start) {
    current = row->in_window;
    before = row->in_window_before;
  } else if (row && row->window_start.micros == start.micros - window) {
    before = row->in_window;
  }
  // `many` of a past window fade away evenly while the next one passes: after which part of it is there room
  // for one more beside `current`?
  const auto faded = [&](std::int64_t many, std::int64_t beside) -> std::int64_t {
    const std::int64_t room = limit.count - 1 - beside;
    if (many <= room) return 0;
    const double part = 1.0 - static_cast<double>(room) / static_cast<double>(many);
    return static_cast<std::int64_t>(part * static_cast<double>(window)) + 1;
  };
  if (current < limit.count) {
    const std::int64_t into = faded(before, current);
    return into <= window ? std::max(now, Instant{start.micros + into}) : Instant{start.micros + window};
  }
  return {start.micros + window + faded(current, 0)};
}

}  // namespace

Rate rate(std::string_view scope, std::int64_t conference_id, std::string_view value,
          const config::RateLimit& limit) {
  return {token_hash(fmt::format("{}.{}.{}", scope, conference_id, value)).substr(0, 32), limit};
}

void look_at_rates(db::Tx& tx, std::string_view kind, std::span<const Rate> rates) {
  if (!rates.empty()) store::rate_rows(tx, kind, rates);
}

std::optional<Instant> too_often(db::Tx& tx, std::string_view kind, std::span<const Rate> rates) {
  if (rates.empty()) return std::nullopt;
  const std::vector<store::RateRow> rows = store::rate_rows(tx, kind, rates);
  Instant again = tx.now();
  for (const Rate& one : rates) {
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.counted_by == one.counted_by; });
    again = std::max(again, possible_at(one.limit, row == rows.end() ? nullptr : &*row, tx.now()));
  }
  return again > tx.now() ? std::optional(again) : std::nullopt;
}

std::optional<Instant> count_rate(db::Tx& tx, std::string_view kind, std::span<const Rate> rates) {
  if (const auto again = too_often(tx, kind, rates)) return again;
  // Rows of equal windows share a statement; in the order of their keys, so that two writers cannot wait for
  // each other.
  std::vector<const Rate*> left;
  for (const Rate& one : rates) left.push_back(&one);
  std::sort(left.begin(), left.end(), [](auto* a, auto* b) { return a->counted_by < b->counted_by; });
  left.erase(
      std::unique(left.begin(), left.end(), [](auto* a, auto* b) { return a->counted_by == b->counted_by; }),
      left.end());
  while (!left.empty()) {
    const Duration window{std::max<std::int64_t>(left.front()->limit.per.micros, 1)};
    std::vector<std::string_view> keys;
    std::erase_if(left, [&](const Rate* one) {
      if (std::max<std::int64_t>(one->limit.per.micros, 1) != window.micros) return false;
      keys.push_back(one->counted_by);
      return true;
    });
    store::add_to_rates(tx, kind, keys, window_at(tx.now(), window), window);
  }
  return std::nullopt;
}

void forget_rate(db::Tx& tx, std::string_view kind, const Rate& rate) {
  store::delete_rate(tx, kind, rate.counted_by);
}

Refused too_many_attempts(Instant now, Instant again_at) {
  const std::int64_t minutes = std::max<std::int64_t>((again_at - now).micros + 59'999'999, 0) / 60'000'000;
  if (minutes <= 1)
    return Refused("too_many_attempts", "That was tried too often. Please try again in a minute.");
  return Refused("too_many_attempts", "That was tried too often. Please try again in {minutes} minutes.",
                 {{"minutes", std::to_string(minutes)}});
}

std::int64_t sweep_rates(db::Tx& tx, Duration longest, std::int64_t limit) {
  return store::delete_old_rates(tx, tx.now() - longest - longest, limit);
}

Duration longest_window(const config::RateLimits& rates) {
  const std::array all{
      rates.sign_in_per_account,        rates.sign_in_per_network,        rates.sign_up_per_network,
      rates.password_reset_per_account, rates.password_reset_per_network, rates.find_order_per_email,
      rates.find_order_per_network,     rates.new_carts_per_session,      rates.new_carts_per_account,
      rates.new_carts_per_email,        rates.new_carts_per_network,      rates.orders_per_session,
      rates.orders_per_account,         rates.orders_per_email,           rates.orders_per_network,
      rates.voucher_tries_per_session,  rates.voucher_tries_per_network};
  Duration longest;
  for (const config::RateLimit& limit : all) longest = std::max(longest, limit.per);
  return longest;
}

}  // namespace plenary::accounts
