#include "domain/registration/claims.hpp"

#include "base/text.hpp"
#include "domain/accounts/guests.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {

std::int64_t attach_orders(db::Tx& tx, Id user_id, std::string_view email_normalized) {
  if (email_normalized.empty()) return 0;
  const auto orders = store::guest_orders_of_email(tx, email_normalized);
  for (const Id id : orders) {
    store::set_order_user(tx, id, user_id);
    store::set_first_seat_user(tx, id, user_id);
  }
  return static_cast<std::int64_t>(orders.size());
}

bool attach_order(db::Tx& tx, const Order& order, Id user_id, std::string_view email_normalized) {
  if (order.user_id || email_normalized.empty() || order.email_normalized != email_normalized) return false;
  store::set_order_user(tx, order.id, user_id);
  store::set_first_seat_user(tx, order.id, user_id);
  return true;
}

bool may_correct_email(const Order& order, const Visitor& visitor, Instant now) {
  if (now - order.created_at >= correction_time) return false;
  if (order.status != OrderStatus::pending && order.status != OrderStatus::paid) return false;
  if (order.user_id) return visitor.user_id == order.user_id;
  return !order.session_hash.empty() && order.session_hash == visitor.session_hash;
}

void correct_email(db::Tx& tx, const Shop& shop, const SigningKey& key, const Visitor& visitor, Order& order,
                   std::string_view email) {
  if (!may_correct_email(order, visitor, tx.now()))
    throw Refused(
        "too_late",
        "The address can be corrected for 30 minutes, from the browser that ordered. Please write to the "
        "organisers.");
  const std::string typed(trimmed(email));
  if (!is_email(typed))
    throw Refused("invalid_email", "Enter an e-mail address like name@example.com.", {}, "email");
  const std::string normalized = normalized_email(typed);
  if (typed == order.billing.email)
    throw Refused("same_email", "This is the address that the order has already.", {}, "email");
  if (const auto again =
          accounts::count_rate(tx, order_mail_rate, order_mail_rates(shop, visitor, normalized)))
    throw too_many("too_many_tries", tx.now(), *again);

  const std::string old_email = order.billing.email;
  order.link_version += 1;
  store::set_order_email(tx, order.id, typed, normalized, order.link_version,
                         order_link_hash(key, order.reference, order.link_version));
  store::set_first_seat_email(tx, order.id, old_email, typed);
  if (!order.user_id) accounts::ensure_guest(tx, typed, order.billing.name);
  order.billing.email = typed;
  order.email_normalized = normalized;
  mail_order_link(tx, order.id, order.conference_id, order.link_version);
}

}  // namespace plenary::registration
