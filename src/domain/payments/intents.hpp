// What Stripe says about an intent, brought to the payment of ours that it belongs to: told by a webhook, by
// the answer to a question, or by a list, it is the same. Functions of a transaction, in the conference's
// lane: one thread at a time. source: payments 21, 10.2, 10.3, P7.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/payments/stripe.hpp"
#include "domain/registration/provider_payments.hpp"

namespace plenary::payments {

using registration::Id;

// Whose it is: the payment that knows it; else the order that its metadata name, with matching reference and
// in this conference, whose payment without an intent it becomes, or which gets one. Nothing: no order of
// this conference.
std::optional<registration::Payment> payment_of(db::Tx& tx, Id conference_id, const StripeIntent& intent);

// What is known without writing.
enum class IntentOwner { ours, other_conference, nobody };
IntentOwner owner_of(db::Tx& tx, Id conference_id, const StripeIntent& intent);

// What the intent's status does to its payment; what came of it, in a few words for staff. Repeats and older
// news change nothing.
std::string take_intent(db::Tx& tx, const registration::Shop& shop, Id payment_id, const StripeIntent& intent,
                        const registration::Cause& cause);

// Card, charge and fee of a payment that has succeeded.
void take_charge(db::Tx& tx, Id payment_id, const StripeCharge& charge);

// Refund of Stripe's to ours: amount in minor units, outcome.
registration::ProviderRefund refund_of_ours(const StripeRefund& refund);

// ---- outbox kinds; each is handled by jobs.hpp
inline constexpr std::string_view watch_kind = "watch_intent";      // {"payment": id, "round": n}
inline constexpr std::string_view look_kind = "look_at_intent";     // {"payment": id}
inline constexpr std::string_view cancel_kind = "cancel_intent";    // {"payment": id}
inline constexpr std::string_view details_kind = "stripe_details";  // {"payment": id}: card, fee
inline constexpr std::string_view refunds_kind = "stripe_refunds";  // {"payment": id}: asks for its refunds

void watch_later(db::Tx& tx, Id conference_id, Id payment_id, int round);
Duration watch_delay(int round);

}  // namespace plenary::payments
