// Stripe's JSON read into our shapes. What is optional there may be missing, null, an id or the whole object.
#include <stdexcept>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "domain/payments/stripe_json_impl.hpp"

namespace plenary::payments {
namespace {

Json parsed(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw std::invalid_argument("this is no JSON object");
  return json;
}

std::string required_id(const Json& object, std::string_view what) {
  std::string id = text_at(object, "id");
  if (id.empty()) throw std::invalid_argument(fmt::format("Stripe's {} has no id", what));
  return id;
}

// A time that no clock has reads as none was given.
Instant instant_at(const Json& object, std::string_view name) {
  constexpr std::int64_t latest = 253'402'300'799;  // the year 9999
  const std::int64_t seconds = integer_at(object, name);
  return Instant{seconds < 0 || seconds > latest ? 0 : seconds * 1'000'000};
}

std::string currency_at(const Json& object) {
  std::string code = text_at(object, "currency");
  for (char& c : code)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return code;
}

const Json& nothing() {
  static const Json none = Json::object();
  return none;
}

}  // namespace

const Json& object_at(const Json& object, std::string_view name) {
  if (!object.is_object()) return nothing();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : nothing();
}

std::string text_at(const Json& object, std::string_view name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t integer_at(const Json& object, std::string_view name) {
  if (!object.is_object()) return 0;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return 0;
  const std::int64_t value = found->get<std::int64_t>();
  // No amount and no time that there is; sums of them stay far from the end of the type.
  constexpr std::int64_t largest = 1'000'000'000'000'000;
  return value < -largest || value > largest ? 0 : value;
}

bool flag_at(const Json& object, std::string_view name) {
  if (!object.is_object()) return false;
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string id_at(const Json& object, std::string_view name) {
  std::string id = text_at(object, name);
  return id.empty() ? text_at(object_at(object, name), "id") : id;
}

StripeCharge charge_of(const Json& json) {
  StripeCharge charge;
  charge.id = required_id(json, "charge");
  charge.intent_id = id_at(json, "payment_intent");
  charge.customer_id = id_at(json, "customer");
  charge.amount = integer_at(json, "amount");
  charge.amount_refunded = integer_at(json, "amount_refunded");
  charge.currency = currency_at(json);
  charge.disputed = flag_at(json, "disputed");
  charge.livemode = flag_at(json, "livemode");
  const Json& details = object_at(json, "payment_method_details");
  charge.method = text_at(details, "type");
  for (const char* kind : {"card", "card_present"}) {
    const Json& card = object_at(details, kind);
    if (card.empty()) continue;
    charge.card_brand = text_at(card, "brand");
    charge.card_last4 = text_at(card, "last4");
  }
  const Json& balance = object_at(json, "balance_transaction");
  if (!balance.empty()) {
    charge.fee = StripeFee{text_at(balance, "id"), integer_at(balance, "amount"), integer_at(balance, "fee"),
                           integer_at(balance, "net"), currency_at(balance)};
  }
  return charge;
}

StripeIntent intent_of(const Json& json) {
  StripeIntent intent;
  intent.id = required_id(json, "payment intent");
  intent.client_secret = Secret(text_at(json, "client_secret"));
  intent.status = text_at(json, "status");
  intent.amount = integer_at(json, "amount");
  intent.amount_received = integer_at(json, "amount_received");
  intent.currency = currency_at(json);
  intent.customer_id = id_at(json, "customer");
  const Json& metadata = object_at(json, "metadata");
  intent.order_reference = text_at(metadata, "reference");
  intent.order_id = text_at(metadata, "order_id");
  intent.conference_id = text_at(metadata, "conference_id");
  intent.payment_id = text_at(metadata, "payment_id");
  intent.last_error = text_at(object_at(json, "last_payment_error"), "message");
  intent.livemode = flag_at(json, "livemode");
  intent.created_at = instant_at(json, "created");
  intent.charge_id = id_at(json, "latest_charge");
  const Json& charge = object_at(json, "latest_charge");
  if (!charge.empty()) intent.charge = charge_of(charge);
  return intent;
}

StripeRefund refund_of(const Json& json) {
  StripeRefund refund;
  refund.id = required_id(json, "refund");
  refund.intent_id = id_at(json, "payment_intent");
  refund.charge_id = id_at(json, "charge");
  refund.amount = integer_at(json, "amount");
  refund.currency = currency_at(json);
  refund.status = text_at(json, "status");
  refund.failure_reason = text_at(json, "failure_reason");
  refund.reason = text_at(json, "reason");
  refund.refund_id = text_at(object_at(json, "metadata"), "refund_id");
  refund.created_at = instant_at(json, "created");
  return refund;
}

StripeDispute dispute_of(const Json& json) {
  StripeDispute dispute;
  dispute.id = required_id(json, "dispute");
  dispute.charge_id = id_at(json, "charge");
  dispute.intent_id = id_at(json, "payment_intent");
  dispute.amount = integer_at(json, "amount");
  dispute.currency = currency_at(json);
  dispute.reason = text_at(json, "reason");
  dispute.status = text_at(json, "status");
  dispute.livemode = flag_at(json, "livemode");
  dispute.created_at = instant_at(json, "created");
  const Instant due = instant_at(object_at(json, "evidence_details"), "due_by");
  if (due.micros > 0) dispute.evidence_due_at = due;
  if (const auto found = json.find("balance_transactions"); found != json.end() && found->is_array()) {
    for (const Json& one : *found) {
      dispute.withdrawn -= integer_at(one, "amount");
      dispute.fee += integer_at(one, "fee");
      dispute.balance_currency = currency_at(one);
    }
  }
  return dispute;
}

StripePayout payout_of(const Json& json) {
  StripePayout payout;
  payout.id = required_id(json, "payout");
  payout.amount = integer_at(json, "amount");
  payout.currency = currency_at(json);
  payout.status = text_at(json, "status");
  payout.is_automatic = flag_at(json, "automatic");
  payout.livemode = flag_at(json, "livemode");
  payout.created_at = instant_at(json, "created");
  return payout;
}

StripeMovement movement_of(const Json& json) {
  StripeMovement movement;
  movement.id = required_id(json, "balance transaction");
  movement.type = text_at(json, "type");
  movement.source = id_at(json, "source");
  movement.currency = currency_at(json);
  movement.amount = integer_at(json, "amount");
  movement.fee = integer_at(json, "fee");
  movement.net = integer_at(json, "net");
  return movement;
}

StripeEvent event_of(const Json& json) {
  StripeEvent event;
  event.id = required_id(json, "event");
  event.kind = text_at(json, "type");
  event.api_version = text_at(json, "api_version");
  event.livemode = flag_at(json, "livemode");
  event.created_at = instant_at(json, "created");
  event.payload = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return event;
}

StripeIntent read_intent(std::string_view json) {
  return intent_of(parsed(json));
}
StripeCharge read_charge(std::string_view json) {
  return charge_of(parsed(json));
}
StripeRefund read_refund(std::string_view json) {
  return refund_of(parsed(json));
}
StripeDispute read_dispute(std::string_view json) {
  return dispute_of(parsed(json));
}

}  // namespace plenary::payments
