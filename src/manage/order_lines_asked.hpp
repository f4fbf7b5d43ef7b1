// What a change of an order's lines is about: the order as it is, what can be added to it, and what staff
// typed into the form, read with everything that is wrong with it. One request, its thread; functions with a
// Tx belong to its transaction. source: staff pages 70, 14.39.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/order_changes.hpp"
#include "domain/registration/records.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"
#include "manage/frame.hpp"
#include "site/page.hpp"
#include "web/form_data.hpp"

namespace plenary::manage {

inline constexpr std::size_t most_added_lines = 10;

struct Changeable {
  registration::Order order;
  std::vector<registration::OrderLine> left;
  std::vector<registration::SeatRow> seats;
  registration::OrderMoney money;
  std::optional<registration::OrderChange> waiting;
  bool is_open = false;  // it consists of something that can change
};

// NotFound as order_here.
Changeable changeable_here(db::Tx& tx, const Visit& visit, std::int64_t id);

// A product, or a kind of one, that can be added now.
struct Choice {
  registration::AddedItem item;
  std::string key, name;  // "ticket_type-3", "addon-4-7"
  std::int64_t price = 0;
  bool has_free_price = false;
};

std::vector<Choice> choices_of(const registration::Catalogue& catalogue);
// Other kinds of the product of this line.
std::vector<const registration::Variation*> kinds_of(const registration::Catalogue& catalogue,
                                                     const registration::OrderLine& line);
// "back-17".
std::string field_of(std::string_view what, std::int64_t number);

struct AskedLines {
  registration::WantedChange change;
  std::string reason;
  bool tells_buyer = false;
  std::vector<site::Fault> faults;
};

AskedLines asked_lines(const web::Request& request, const web::FormData& form, const Changeable& now,
                       const registration::Catalogue& catalogue);

}  // namespace plenary::manage
