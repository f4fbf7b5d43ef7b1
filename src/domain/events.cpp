#include "domain/events.hpp"

#include <mutex>

#include "domain/registration/events.hpp"
#include "domain/registration/letters.hpp"

namespace plenary::domain {

void connect_rooms() {
  static std::once_flag once;
  std::call_once(once, [] {
    // A paid order is confirmed by mail. source: payments 21, 6.
    registration::subscribe_order_paid([](db::Tx& tx, const registration::Order& order) {
      if (order.tells_buyer) registration::mail_confirmation(tx, order);
    });
  });
}

}  // namespace plenary::domain
