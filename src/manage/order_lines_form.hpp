// The form in which staff change what an order consists of: what can change, what may be added, and what was
// typed. Private to the pages of an order's lines. One request, its thread; functions with a Tx belong to its
// transaction. source: staff pages 70, 14.39; registration 20, D18.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/registration/listing.hpp"
#include "domain/registration/order_lines.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/staff_changes.hpp"
#include "manage/order_work.hpp"
#include "site/pages.hpp"

namespace plenary::manage {

inline constexpr std::size_t most_added = 10;  // rows of products

struct Changeable {
  registration::Order order;
  std::vector<registration::OrderLine> left;
  std::vector<registration::SeatRow> seats;
  registration::OrderMoney money;
  std::optional<registration::OrderChange> waiting;
  bool is_open = false;  // it consists of something that can change
};

Changeable changeable_here(db::Tx& tx, const Visit& visit, std::int64_t id);

// A product, or one kind of it, that may be added.
struct ProductOption {
  registration::AddedItem item;
  std::string key, name;
  std::int64_t price = 0;
  bool has_free_price = false;
};

std::vector<ProductOption> product_options(const registration::Catalogue& catalogue);
// Other kinds of the product of this line.
std::vector<const registration::Variation*> kinds_of(const registration::Catalogue& catalogue,
                                                     const registration::OrderLine& line);

// "back-17"
std::string field_of(std::string_view what, std::int64_t number);

struct AskedChange {
  registration::WantedChange change;
  std::string reason;
  bool tells_buyer = false;
  std::vector<site::Fault> faults;
};

// As posted, everything wrong at once.
AskedChange read_lines_form(const web::Request& request, const web::FormData& form, const Changeable& now,
                            const registration::Catalogue& catalogue);

}  // namespace plenary::manage
