// Which orders the address of a page asks for: a text and filters, as the list of orders has them. One
// request, its thread; functions with a Tx belong to its transaction. source: staff pages 70, 11.3, 14.26
// and 14.33.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "domain/registration/order_search.hpp"
#include "manage/frame.hpp"

namespace plenary::manage {

struct WayPaid {
  std::string_view value;
  registration::PaymentMethod method;
  std::string_view channel;
};
extern const std::array<WayPaid, 9> ways_paid;
extern const std::array<registration::OrderStatus, 5> order_statuses;

// What is no filter of ours is left out, as if it were not there.
struct AskedOrders {
  registration::OrderSearch search;
  std::string text, status, payment, test, from, until;
  bool attention = false;
  std::optional<registration::OrderPlace> after;

  bool is_filtered() const;
  std::string query() const;  // the same list, whole and encoded, for links
};
AskedOrders asked_orders(const web::Request& request);
// What numbers of documents name.
void find_documents(db::Tx& tx, const Visit& visit, AskedOrders& asked);

}  // namespace plenary::manage
