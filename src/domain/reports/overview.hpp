// How a conference stands, in figures: what there is of everything, and how far it is from its targets. Reads
// tables of every room and owns none; real money only: sandbox orders count nowhere but in their own figure.
// Functions of a transaction: one thread at a time. source: configuration 10, 4.6, 9 and Do better 19 and 33;
// ground rules 15, 1.5.
#pragma once

#include <cstdint>
#include <optional>

#include "base/decimal.hpp"
#include "db/tx.hpp"

namespace plenary::reports {

struct Overview {
  std::int64_t sections = 0, activities = 0, travel_grants = 0, sponsor_levels = 0, sponsors = 0;
  std::int64_t ticket_types = 0, addons = 0, vouchers = 0;
  std::int64_t orders = 0, paid_orders = 0, sandbox_orders = 0, attendees = 0;
  // Minor units: paid and partially refunded orders less what went back; grants offered, accepted or paid
  // out; of those the part that was paid out.
  std::int64_t revenue = 0, granted = 0, disbursed = 0;
};
// One query.
Overview overview(db::Tx& tx, std::int64_t conference_id);

// A figure beside its target.
struct Measure {
  std::int64_t actual = 0, target = 0;
  // In percent with so many decimals, half up.
  Decimal percent(int decimals) const;
};
// Each only where its target is set and not zero.
struct Budget {
  std::optional<Measure> revenue, attendance, grants;
  std::int64_t disbursed = 0;
};
struct Targets {
  std::optional<std::int64_t> revenue, attendance, grants;
};
Budget budget(const Overview& overview, const Targets& targets);

}  // namespace plenary::reports
