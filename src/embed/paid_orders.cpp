#include "embed/paid_orders.hpp"

#include <mutex>
#include <set>

#include <fmt/format.h>

#include "domain/conference/conferences.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/orders.hpp"
#include "jobs/outbox.hpp"

namespace plenary::embed {
namespace {

std::string kind_of(const std::string& subscriber) {
  return "order_paid." + subscriber;
}

site::PaidOrder paid_order(db::Tx& tx, std::int64_t order_id) {
  const auto order = registration::find_order(tx, order_id);
  if (!order) throw jobs::Undeliverable("there is no such order");
  site::PaidOrder paid;
  paid.id = order->id;
  paid.conference_id = order->conference_id;
  paid.conference = conference::load(tx, order->conference_id).value().slug;
  paid.reference = order->reference;
  paid.user_id = order->user_id;
  paid.name = order->billing.name;
  paid.email = order->billing.email;
  paid.total = order->total;
  paid.currency = order->currency;
  paid.is_test = order->is_sandbox;
  return paid;
}

}  // namespace

void write_paid_orders_for(const PaidSubscribers& subscribers) {
  static std::mutex mutex;
  static std::set<std::string> known;
  const std::lock_guard lock(mutex);
  for (const auto& [name, told] : subscribers) {
    const auto [kind, is_new] = known.insert(kind_of(name));
    if (!is_new) continue;
    registration::subscribe(
        registration::OrderEvent::paid, [kind = *kind](db::Tx& tx, const registration::Order& order) {
          jobs::enqueue_later(tx, kind, order.conference_id, jobs::payload({{"order", order.id}}),
                              fmt::format("order-{}", order.id));
        });
  }
}

void register_paid_orders(jobs::Worker& worker, db::Database& database, const PaidSubscribers& subscribers) {
  for (const auto& [name, told] : subscribers)
    worker.on(kind_of(name), [&database, told = told](const jobs::Delivery& delivery) {
      auto read = [&](db::Tx& tx) { return paid_order(tx, delivery.integer("order")); };
      told(database.read_now(read));
    });
}

}  // namespace plenary::embed
