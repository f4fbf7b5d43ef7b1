#include "domain/events.hpp"

#include <mutex>

#include "domain/invoicing/documents.hpp"
#include "domain/payments/card_payments.hpp"
#include "domain/registration/billing_change.hpp"
#include "domain/registration/buyer.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/waiting_list.hpp"
#include "domain/schedule/speakers.hpp"

namespace plenary::domain {

void connect_rooms() {
  static std::once_flag once;
  std::call_once(once, [] {
    // A paid order is confirmed by mail. source: payments 21, 6.
    registration::subscribe_order_paid([](db::Tx& tx, const registration::Order& order) {
      if (order.tells_buyer) registration::mail_confirmation(tx, order);
    });
    // Invoices and credit notes follow what happened to orders, soon after the commit. source: taxes 25, 4.
    using registration::OrderEvent;
    registration::subscribe(OrderEvent::placed, invoicing::note_placed);
    registration::subscribe(OrderEvent::paid, invoicing::note_paid);
    registration::subscribe(OrderEvent::changed, invoicing::note_changed);
    registration::subscribe(OrderEvent::cancelled, invoicing::note_changed);
    registration::subscribe(OrderEvent::refunded, invoicing::note_changed);
    // What comes back goes to whoever waits. source: docs/waiting-list.md.
    for (const auto event : {OrderEvent::cancelled, OrderEvent::refunded, OrderEvent::changed})
      registration::subscribe(event, [](db::Tx& tx, const registration::Order& order) {
        registration::wake_waiting_list(tx, order.conference_id);
      });
    // What nobody needs to pay any more is cancelled at the provider. source: payments 21, P13.
    for (const auto event : {OrderEvent::cancelled, OrderEvent::refunded})
      registration::subscribe(event, [](db::Tx& tx, const registration::Order& order) {
        payments::CardPayments::cancel_intents_later(tx, order.id);
      });
    registration::subscribe_no_longer_due(payments::CardPayments::cancel_intents_later);
    // Billing details change until an invoice says them. source: taxes 25, 3.
    registration::ask_whether_invoiced(invoicing::is_invoiced);
    // Speaker discounts ask who speaks. source: registration 20, 3.7.
    registration::ask_speaker_roles([](db::Tx& tx, std::int64_t conference_id, std::int64_t user_id) {
      const schedule::SpeakerRole role = schedule::speaker_role(tx, conference_id, user_id);
      return registration::SpeakerRole{role.presents, role.co_presents};
    });
  });
}

}  // namespace plenary::domain
