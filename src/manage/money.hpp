// What the pages of money, mail and jobs share: how amounts, moments and ages are written, where an order is
// to be seen, addresses that keep their filters, days of a period. One request, its thread. source: dashboard
// 70, 4.1 and 14 (items 26, 30 and 36).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manage/frame.hpp"
#include "templating/value.hpp"
#include "web/request.hpp"

namespace plenary::manage {

// In the currency of the conference, with its configured sign.
std::string amount_text(const web::Request& request, std::int64_t minor);
std::string amount_text(const web::Request& request, std::int64_t minor, std::string_view currency);
// In its zone.
std::string moment_text(const web::Request& request, Instant at);
// "3 minutes", "2 days": how long ago, in the largest unit.
std::string age_text(const web::Request& request, Instant since);
// What somebody typed as an amount, in minor units of the conference's currency; nothing: no amount above
// zero.
std::optional<std::int64_t> typed_amount(const web::Request& request, std::string_view typed);

// Of whoever asks, in the conference of the address: this permission, or full access.
bool may(const web::Request& request, std::string_view permission);
// 403 without it: where a page asks for two.
void require(const web::Request& request, std::string_view permission);
// The page of an order, for whoever may open it; else empty.
std::string order_page(const Site& site, const web::Request& request, std::int64_t order_id);
// A page of this conference; empty where it is not built or switched off.
std::string page_of(const Site& site, const web::Request& request, std::string_view route,
                    std::string_view first = {});

// "?a=1&b=2%26": those with a value, encoded.
std::string query_of(const std::vector<std::pair<std::string_view, std::string>>& fields);
// Rows before this one; 0: from the newest. 404 for what is no number.
std::int64_t before_of(const web::Request& request);

// A period in days of the conference, both included.
struct Period {
  std::optional<Date> from, to;
  std::string typed_from, typed_to;  // as they are in the address
  bool is_wrong = false;             // one of them is no day, or they are the wrong way round
  // As instants: from the first day's start to before the day after the last one.
  std::optional<Instant> begin, end;
};
Period period_of(const web::Request& request);

// One entry of a list of filters: "value", "label", "is_chosen".
templating::Value option(std::string_view value, std::string label, std::string_view chosen);

// A form of one button: the answer goes back to `location` with what is said.
web::Response back_to(web::Request& request, std::string location, std::string_view outcome,
                      std::string_view level = {}, std::string_view text = {});

}  // namespace plenary::manage
