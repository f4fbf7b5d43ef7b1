#include "domain/registration/events.hpp"

#include <utility>
#include <vector>

namespace plenary::registration {
namespace {

std::vector<OnOrderPaid>& order_paid() {
  static std::vector<OnOrderPaid> subscribers;
  return subscribers;
}

}  // namespace

void subscribe_order_paid(OnOrderPaid subscriber) {
  order_paid().push_back(std::move(subscriber));
}

void publish_order_paid(db::Tx& tx, const Order& order) {
  for (const auto& subscriber : order_paid()) subscriber(tx, order);
}

}  // namespace plenary::registration
