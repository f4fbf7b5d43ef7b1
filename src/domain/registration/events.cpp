#include "domain/registration/events.hpp"

#include <array>
#include <utility>
#include <vector>

namespace plenary::registration {
namespace {

std::vector<OnOrder>& subscribers_of(OrderEvent event) {
  static std::array<std::vector<OnOrder>, 5> subscribers;
  return subscribers.at(static_cast<std::size_t>(event));
}

}  // namespace

void subscribe(OrderEvent event, OnOrder subscriber) {
  subscribers_of(event).push_back(std::move(subscriber));
}

void publish(OrderEvent event, db::Tx& tx, const Order& order) {
  for (const auto& subscriber : subscribers_of(event)) subscriber(tx, order);
}

void subscribe_order_paid(OnOrderPaid subscriber) {
  subscribe(OrderEvent::paid, std::move(subscriber));
}

void publish_order_paid(db::Tx& tx, const Order& order) {
  publish(OrderEvent::paid, tx, order);
}

}  // namespace plenary::registration
