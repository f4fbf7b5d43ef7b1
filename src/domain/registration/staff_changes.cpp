#include "domain/registration/staff_changes.hpp"

#include "base/text.hpp"
#include "domain/accounts/guests.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

void write_link(db::Tx& tx, const SigningKey& key, Order& order, const Cause& cause) {
  order.link_version += 1;
  order.version += 1;
  store::set_order_email(tx, order.id, order.billing.email, order.email_normalized, order.link_version,
                         order_link_hash(key, order.reference, order.link_version));
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status), cause);
  if (!order.billing.email.empty()) mail_order_link(tx, order.id, order.conference_id, order.link_version);
}

}  // namespace

void correct_email_by_staff(db::Tx& tx, const SigningKey& key, Order& order, std::string_view email,
                            std::int64_t version, const Cause& cause) {
  require_version(order, version);
  const std::string typed(trimmed(email));
  if (!is_email(typed))
    throw Refused("invalid_email", "Enter an e-mail address like name@example.com.", {}, "email");
  if (typed == order.billing.email)
    throw Refused("same_email", "This is the address that the order has already.", {}, "email");
  const std::string old_email = order.billing.email;
  order.billing.email = typed;
  order.email_normalized = normalized_email(typed);
  if (!order.user_id) accounts::ensure_guest(tx, typed, order.billing.name);
  store::set_first_seat_email(tx, order.id, old_email, typed);
  write_link(tx, key, order, cause);
}

void replace_link(db::Tx& tx, const SigningKey& key, Order& order, std::int64_t version, const Cause& cause) {
  require_version(order, version);
  write_link(tx, key, order, cause);
}

std::int64_t return_difference(db::Tx& tx, const Shop& shop, const PaymentGateway& gateway, Order& order,
                               RefundAsked asked, const Cause& cause) {
  asked.amount = money_of(tx, order).to_refund();
  asked.shares.clear();
  if (asked.amount == 0) return 0;
  refund(tx, shop, gateway, order, asked, cause);
  return asked.amount;
}

void mail_again(db::Tx& tx, const Order& order, AskedMail what) {
  if (order.billing.email.empty())
    throw Refused("no_address", "This order has no e-mail address. Write one first.");
  if (what == AskedMail::link) {
    mail_order_link(tx, order.id, order.conference_id, order.link_version);
    return;
  }
  if (order.status != OrderStatus::paid && order.status != OrderStatus::partially_refunded)
    throw Refused("not_paid", "Only a paid order has a confirmation. Send its link instead.");
  mail_confirmation_again(tx, order);
}

}  // namespace plenary::registration
