#include "support/stripe/stripe_stand_in.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <mutex>
#include <optional>

#include <openssl/hmac.h>
#include <nlohmann/json.hpp>

namespace plenary::test {
namespace {

using Json = nlohmann::json;

std::string decoded(std::string_view text) {
  const auto hex = [](char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields_of(std::string_view form) {
  Fields fields;
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(form.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    fields.emplace_back(decoded(pair.substr(0, equals)), decoded(pair.substr(equals + 1)));
  }
  return fields;
}

std::string field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

StandInReply json_reply(int status, const Json& body) {
  StandInReply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", "application/json"}, {"Request-Id", "req_standin"}};
  reply.body = body.dump();
  return reply;
}

StandInReply error(int status, const std::string& type, const std::string& code, const std::string& text,
                   const std::string& param = {}) {
  Json fault = {{"type", type}, {"message", text}};
  if (!code.empty()) fault["code"] = code;
  if (!param.empty()) fault["param"] = param;
  return json_reply(status, {{"error", fault}});
}

StandInReply missing(const std::string& what, const std::string& id, const std::string& param) {
  return error(404, "invalid_request_error", "resource_missing", "No such " + what + ": '" + id + "'", param);
}

std::string digits_of(const std::string& typed) {
  std::string digits;
  for (const char c : typed)
    if (std::isalnum(static_cast<unsigned char>(c))) digits += c;
  return digits;
}

struct Decline {
  std::string code, decline_code, text;
};

}  // namespace

std::string form_field(std::string_view form, std::string_view name) {
  return field(fields_of(form), name);
}

struct StripeStandIn::State {
  StripeAccountOptions options;
  mutable std::recursive_mutex mutex;
  std::int64_t next = 1;
  // In the order they were made.
  std::vector<std::string> intent_ids, refund_ids, dispute_ids;
  std::map<std::string, Json> customers, intents, charges, refunds, disputes, balances, payouts;
  std::map<std::string, std::int64_t> received;  // other than asked
  std::vector<Json> events;                      // oldest first
  std::size_t taken_events = 0;
  struct Kept {
    std::string fingerprint;
    StandInReply reply;
  };
  std::map<std::string, Kept> keys;
  std::vector<StripeFault> faults;
  std::vector<std::string> payout_ids, movement_ids;
  std::vector<Endpoint> endpoints;
  std::size_t page_size = 0;
  std::string balance_currency;  // empty: the charge's
  double balance_rate = 1;
  int delay_ms = 0;
  std::function<bool(const StandInRequest&, StandInReply&)> pages;
  std::unique_ptr<HttpStandIn> server;

  std::int64_t now() const { return options.now ? options.now() : std::time(nullptr); }
  std::string id(const char* prefix) {
    std::string number = std::to_string(next++);
    return std::string(prefix) + "_standin" + std::string(number.size() < 6 ? 6 - number.size() : 0, '0') +
           number;
  }

  void tell(const std::string& kind, const Json& object) {
    events.push_back({{"id", id("evt")},
                      {"object", "event"},
                      {"api_version", options.api_version},
                      {"created", now()},
                      {"data", {{"object", object}}},
                      {"livemode", options.livemode},
                      {"pending_webhooks", 1},
                      {"request", {{"id", nullptr}, {"idempotency_key", nullptr}}},
                      {"type", kind}});
    events.back()["data"]["object"].erase("client_secret");
  }

  Json balance(std::int64_t amount, std::int64_t fee, const std::string& currency, const std::string& source,
               const std::string& type) {
    Json one = {{"id", id("txn")},     {"object", "balance_transaction"},
                {"amount", amount},    {"fee", fee},
                {"net", amount - fee}, {"currency", currency},
                {"source", source},    {"type", type},
                {"created", now()},    {"status", "available"}};
    balances[one["id"]] = one;
    return one;
  }

  void move_in_payout(const std::string& payout_id, std::int64_t net) {
    Json one = balance(net, 0, payouts.at(payout_id)["currency"], id("ch"), "charge");
    one["payout"] = payout_id;
    movement_ids.push_back(one["id"]);
    balances[one["id"]] = one;
  }

  // ---- payment intents

  StandInReply create_intent(const Fields& fields) {
    const std::string amount = field(fields, "amount"), currency = field(fields, "currency");
    if (amount.empty())
      return error(400, "invalid_request_error", "parameter_missing", "Missing required param: amount.",
                   "amount");
    if (currency.size() != 3)
      return error(400, "invalid_request_error", "parameter_missing", "Missing required param: currency.",
                   "currency");
    const std::int64_t value = std::atoll(amount.c_str());
    if (value < 30)
      return error(400, "invalid_request_error", "amount_too_small",
                   "Amount must be at least the minimum charge amount", "amount");
    const std::string customer = field(fields, "customer");
    if (!customer.empty() && !customers.contains(customer)) return missing("customer", customer, "customer");
    return json_reply(200, intents[make_intent(value, currency, fields)]);
  }

  std::string make_intent(std::int64_t amount, const std::string& currency, const Fields& fields) {
    Json metadata = Json::object();
    for (const auto& [name, text] : fields)
      if (name.starts_with("metadata[")) metadata[name.substr(9, name.size() - 10)] = text;
    const std::string made = id("pi");
    const std::string customer = field(fields, "customer");
    intents[made] = {{"id", made},
                     {"object", "payment_intent"},
                     {"amount", amount},
                     {"amount_received", 0},
                     {"currency", currency},
                     {"status", "requires_payment_method"},
                     {"client_secret", made + "_secret_" + std::to_string(next * 7919)},
                     {"customer", customer.empty() ? Json(nullptr) : Json(customer)},
                     {"description", field(fields, "description")},
                     {"metadata", metadata},
                     {"latest_charge", nullptr},
                     {"last_payment_error", nullptr},
                     {"next_action", nullptr},
                     {"livemode", options.livemode},
                     {"created", now()}};
    intent_ids.push_back(made);
    tell("payment_intent.created", intents[made]);
    return made;
  }

  Json expanded(Json intent, bool with_charge) {
    if (!with_charge || !intent["latest_charge"].is_string()) return intent;
    Json charge = charges[intent["latest_charge"].get<std::string>()];
    if (charge["balance_transaction"].is_string())
      charge["balance_transaction"] = balances[charge["balance_transaction"].get<std::string>()];
    intent["latest_charge"] = charge;
    return intent;
  }

  std::optional<Decline> decline_of(const std::string& number) {
    if (number == "4000000000000002")
      return Decline{"card_declined", "generic_decline", "Your card was declined."};
    if (number == "4000000000009995")
      return Decline{"card_declined", "insufficient_funds", "Your card has insufficient funds."};
    if (number == "4000000000009987") return Decline{"card_declined", "lost_card", "Your card was declined."};
    if (number == "4000000000000069") return Decline{"expired_card", "", "Your card has expired."};
    if (number == "4000000000000127")
      return Decline{"incorrect_cvc", "", "Your card's security code is incorrect."};
    return std::nullopt;
  }

  void decline(Json& intent, const Decline& why) {
    intent["status"] = "requires_payment_method";
    intent["next_action"] = nullptr;
    Json fault = {{"type", "card_error"}, {"code", why.code}, {"message", why.text}};
    if (!why.decline_code.empty()) fault["decline_code"] = why.decline_code;
    intent["last_payment_error"] = fault;
    tell("payment_intent.payment_failed", intent);
  }

  void succeed(Json& intent, const std::string& number, const std::string& method) {
    const std::string intent_id = intent["id"];
    const auto other = received.find(intent_id);
    const std::int64_t amount =
        other == received.end() ? intent["amount"].get<std::int64_t>() : other->second;
    Json charge;
    if (intent["latest_charge"].is_string()) charge = charges[intent["latest_charge"].get<std::string>()];
    if (charge.is_null()) charge = make_charge(intent, amount, number, method);
    charge["status"] = "succeeded";
    charge["paid"] = true;
    const auto kept = [&](std::int64_t value) {
      return balance_currency.empty()
                 ? value
                 : static_cast<std::int64_t>(static_cast<double>(value) * balance_rate + 0.5);
    };
    const Json money =
        balance(kept(amount), kept(amount * 29 / 1000 + 30),
                balance_currency.empty() ? intent["currency"].get<std::string>() : balance_currency,
                charge["id"], "charge");
    charge["balance_transaction"] = money["id"];
    charges[charge["id"]] = charge;
    intent["status"] = "succeeded";
    intent["amount_received"] = amount;
    intent["latest_charge"] = charge["id"];
    intent["next_action"] = nullptr;
    tell("payment_intent.succeeded", intent);
    tell("charge.succeeded", charge);
    if (number == "4000000000000259") dispute(intent_id, "fraudulent");
  }

  Json make_charge(const Json& intent, std::int64_t amount, const std::string& number,
                   const std::string& method) {
    Json details = {{"type", method}};
    const std::string last4 = number.size() > 4 ? number.substr(number.size() - 4) : number;
    details[method] = {{"last4", last4}};
    if (method == "card") details["card"]["brand"] = number.starts_with("4") ? "visa" : "mastercard";
    Json charge = {{"id", id("ch")},
                   {"object", "charge"},
                   {"amount", amount},
                   {"amount_refunded", 0},
                   {"currency", intent["currency"]},
                   {"customer", intent["customer"]},
                   {"payment_intent", intent["id"]},
                   {"payment_method_details", details},
                   {"balance_transaction", nullptr},
                   {"disputed", false},
                   {"refunded", false},
                   {"paid", false},
                   {"status", "pending"},
                   {"livemode", options.livemode},
                   {"created", now()},
                   {"number", number}};  // ours, for what its refunds do
    charges[charge["id"]] = charge;
    return charge;
  }

  // The status, or the code of the error.
  std::string pay(const std::string& intent_id, const std::string& typed) {
    const auto found = intents.find(intent_id);
    if (found == intents.end()) return "resource_missing";
    Json& intent = found->second;
    const std::string status = intent["status"];
    if (status != "requires_payment_method" && status != "requires_action" &&
        status != "requires_confirmation")
      return "payment_intent_unexpected_state";
    const std::string number = digits_of(typed);
    intent["last_payment_error"] = nullptr;
    if (const auto why = decline_of(number)) {
      decline(intent, *why);
      return why->decline_code.empty() ? why->code : why->decline_code;
    }
    if (number == "4000002500003155" || number == "4000002760003184") {
      intent["status"] = "requires_action";
      intent["next_action"] = {{"type", "redirect_to_url"},
                               {"redirect_to_url", {{"url", url() + "/3ds/" + intent_id}}}};
      tell("payment_intent.requires_action", intent);
    } else if (!number.empty() && std::isalpha(static_cast<unsigned char>(number[0]))) {
      const Json charge = make_charge(intent, intent["amount"], number, "sepa_debit");
      intent["status"] = "processing";
      intent["latest_charge"] = charge["id"];
      tell("payment_intent.processing", intent);
    } else if (number.size() >= 12) {
      succeed(intent, number, "card");
    } else {
      decline(intent, {"incorrect_number", "", "Your card number is incorrect."});
      return "incorrect_number";
    }
    return intent["status"];
  }

  std::string authenticate(const std::string& intent_id, bool approves) {
    const auto found = intents.find(intent_id);
    if (found == intents.end()) return "resource_missing";
    Json& intent = found->second;
    if (intent["status"] != "requires_action") return "payment_intent_unexpected_state";
    if (!approves) {
      decline(intent, {"payment_intent_authentication_failure", "",
                       "We are unable to authenticate your payment method. Please choose a different payment "
                       "method and try again."});
      return "payment_intent_authentication_failure";
    }
    succeed(intent, "4000002500003155", "card");
    return intent["status"];
  }

  void finish(const std::string& intent_id, bool succeeds) {
    Json& intent = intents.at(intent_id);
    if (intent["status"] != "processing") return;
    if (succeeds) return succeed(intent, {}, "sepa_debit");
    decline(intent, {"payment_intent_payment_attempt_failed", "debit_not_authorized",
                     "The customer's bank could not process the debit."});
  }

  StandInReply confirm(const std::string& intent_id, const Fields& fields) {
    std::string number = field(fields, "payment_method_data[card][number]");
    if (number.empty()) number = field(fields, "payment_method_data[sepa_debit][iban]");
    const std::string came = pay(intent_id, number);
    if (came == "resource_missing") return missing("payment_intent", intent_id, "intent");
    Json& intent = intents[intent_id];
    if (came == "payment_intent_unexpected_state")
      return error(400, "invalid_request_error", came,
                   "This PaymentIntent cannot be confirmed because its status is " +
                       intent["status"].get<std::string>() + ".");
    if (!intent["last_payment_error"].is_null())
      return json_reply(402, {{"error", intent["last_payment_error"]}});
    intent["return_url"] = field(fields, "return_url");
    return json_reply(200, intent);
  }

  StandInReply cancel(const std::string& intent_id) {
    Json& intent = intents[intent_id];
    const std::string status = intent["status"];
    if (status == "succeeded" || status == "processing" || status == "canceled")
      return error(400, "invalid_request_error", "payment_intent_unexpected_state",
                   "You cannot cancel this PaymentIntent because it has a status of " + status + ".");
    intent["status"] = "canceled";
    tell("payment_intent.canceled", intent);
    return json_reply(200, intent);
  }

  // ---- refunds

  StandInReply create_refund(const Fields& fields) {
    const std::string intent_id = field(fields, "payment_intent");
    if (!intents.contains(intent_id)) return missing("payment_intent", intent_id, "payment_intent");
    Json& intent = intents[intent_id];
    if (intent["status"] != "succeeded")
      return error(400, "invalid_request_error", "charge_not_refundable",
                   "This PaymentIntent does not have a successful charge to refund.");
    Json& charge = charges[intent["latest_charge"].get<std::string>()];
    const std::int64_t left =
        charge["amount"].get<std::int64_t>() - charge["amount_refunded"].get<std::int64_t>();
    if (left == 0)
      return error(400, "invalid_request_error", "charge_already_refunded",
                   "Charge " + charge["id"].get<std::string>() + " has already been refunded.");
    const std::string given = field(fields, "amount");
    const std::int64_t amount = given.empty() ? left : std::atoll(given.c_str());
    if (amount <= 0 || amount > left)
      return error(400, "invalid_request_error", "amount_too_large",
                   "Refund amount (" + given + ") is greater than unrefunded amount on charge", "amount");
    if (charge["disputed"].get<bool>())
      return error(400, "invalid_request_error", "charge_disputed",
                   "Charge has been charged back and cannot be refunded.");
    const std::string reason = field(fields, "reason");
    if (!reason.empty() && reason != "requested_by_customer" && reason != "duplicate" &&
        reason != "fraudulent")
      return error(400, "invalid_request_error", "", "Invalid reason", "reason");
    Json metadata = Json::object();
    for (const auto& [name, text] : fields)
      if (name.starts_with("metadata[")) metadata[name.substr(9, name.size() - 10)] = text;
    return json_reply(200, refunds[make_refund(charge, amount, reason, metadata)]);
  }

  std::string make_refund(Json& charge, std::int64_t amount, const std::string& reason,
                          const Json& metadata) {
    const std::string number = charge["number"];
    const bool pending = number == "4000000000007726";
    const std::string made = id("re");
    const Json money = balance(-amount, 0, charge["currency"], made, "refund");
    refunds[made] = {{"id", made},
                     {"object", "refund"},
                     {"amount", amount},
                     {"charge", charge["id"]},
                     {"payment_intent", charge["payment_intent"]},
                     {"currency", charge["currency"]},
                     {"balance_transaction", money["id"]},
                     {"metadata", metadata},
                     {"reason", reason.empty() ? Json(nullptr) : Json(reason)},
                     {"status", pending ? "pending" : "succeeded"},
                     {"created", now()}};
    refund_ids.push_back(made);
    charge["amount_refunded"] = charge["amount_refunded"].get<std::int64_t>() + amount;
    charge["refunded"] = charge["amount_refunded"] == charge["amount"];
    tell("charge.refunded", charge);
    tell("refund.created", refunds[made]);
    tell("refund.updated", refunds[made]);
    return made;
  }

  void settle_refund(const std::string& refund_id, bool succeeds) {
    Json& refund = refunds.at(refund_id);
    if (succeeds) {
      refund["status"] = "succeeded";
      return tell("refund.updated", refund);
    }
    if (refund["status"] == "failed") return;
    refund["status"] = "failed";
    refund["failure_reason"] = "expired_or_canceled_card";
    Json& charge = charges[refund["charge"].get<std::string>()];
    charge["amount_refunded"] =
        charge["amount_refunded"].get<std::int64_t>() - refund["amount"].get<std::int64_t>();
    charge["refunded"] = false;
    balance(refund["amount"], 0, refund["currency"], refund_id, "refund_failure");
    tell("refund.updated", refund);
    tell("refund.failed", refund);
  }

  // ---- disputes

  std::string dispute(const std::string& intent_id, const std::string& reason) {
    Json& charge = charges[intents.at(intent_id)["latest_charge"].get<std::string>()];
    charge["disputed"] = true;
    const std::int64_t amount = charge["amount"];
    const std::string made = id("du");
    disputes[made] = {{"id", made},
                      {"object", "dispute"},
                      {"amount", amount},
                      {"charge", charge["id"]},
                      {"payment_intent", intent_id},
                      {"currency", charge["currency"]},
                      {"reason", reason},
                      {"status", "needs_response"},
                      {"evidence_details", {{"due_by", now() + 7 * 86'400}}},
                      {"balance_transactions",
                       Json::array({balance(-amount, 1500, charge["currency"], made, "adjustment")})},
                      {"livemode", options.livemode},
                      {"created", now()}};
    dispute_ids.push_back(made);
    tell("charge.dispute.created", disputes[made]);
    tell("charge.dispute.funds_withdrawn", disputes[made]);
    return made;
  }

  void update_dispute(const std::string& dispute_id, const std::string& status) {
    Json& one = disputes.at(dispute_id);
    one["status"] = status;
    if (status == "won") {
      one["balance_transactions"].push_back(
          balance(one["amount"], 0, one["currency"], dispute_id, "adjustment"));
      charges[one["charge"].get<std::string>()]["disputed"] = false;
    }
    if (status == "won" || status == "lost") {
      tell("charge.dispute.closed", one);
      if (status == "won") tell("charge.dispute.funds_reinstated", one);
    } else {
      tell("charge.dispute.updated", one);
    }
  }

  // ---- requests

  // Newest first, with the usual parameters.
  StandInReply list(const std::vector<std::string>& ids, const std::map<std::string, Json>& rows,
                    const Fields& fields, const std::string& filter) {
    const std::string wanted = filter.empty() ? std::string() : field(fields, filter);
    const std::int64_t since = std::atoll(field(fields, "created[gte]").c_str());
    const std::string after = field(fields, "starting_after"), limit = field(fields, "limit");
    std::size_t most = limit.empty() ? 10 : std::stoul(limit);
    if (page_size > 0) most = std::min(most, page_size);
    Json data = Json::array();
    bool started = after.empty(), more = false;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      if (!started) {
        started = *id == after;
        continue;
      }
      const Json& row = rows.at(*id);
      if (row["created"] < since || (!wanted.empty() && row[filter] != wanted)) continue;
      if (data.size() == most) {
        more = true;
        break;
      }
      data.push_back(row);
    }
    return json_reply(200, {{"object", "list"}, {"data", data}, {"has_more", more}, {"url", "/v1"}});
  }

  StandInReply list_events(const Fields& fields) {
    std::vector<std::string> ids;
    std::map<std::string, Json> rows;
    for (const Json& event : events) {
      ids.push_back(event["id"]);
      rows[event["id"]] = event;
    }
    return list(ids, rows, fields, "type");
  }

  StandInReply carry_out(const std::string& method, const std::string& path, const Fields& fields) {
    const bool post = method == "POST";
    const auto one = [&](const char* prefix, const std::map<std::string, Json>& rows,
                         const char* what) -> std::optional<StandInReply> {
      if (!path.starts_with(prefix) || post) return std::nullopt;
      const std::string id = path.substr(std::string_view(prefix).size());
      if (id.empty() || id.find('/') != std::string::npos) return std::nullopt;
      const auto found = rows.find(id);
      return found == rows.end() ? missing(what, id, "id") : json_reply(200, found->second);
    };
    const std::string intents_path = "/v1/payment_intents/";
    if (path == "/v1/balance")
      return json_reply(200, {{"object", "balance"},
                              {"livemode", options.livemode},
                              {"available", Json::array({{{"amount", 0}, {"currency", "usd"}}})}});
    if (path == "/v1/webhook_endpoints") {
      Json data = Json::array();
      for (const Endpoint& one : endpoints)
        data.push_back({{"id", "we_" + std::to_string(data.size())},
                        {"object", "webhook_endpoint"},
                        {"url", one.url},
                        {"status", one.status},
                        {"enabled_events", one.events}});
      return json_reply(200, {{"object", "list"}, {"data", data}, {"has_more", false}});
    }
    if (path == "/v1/payouts") return list(payout_ids, payouts, fields, "");
    if (path == "/v1/balance_transactions") return list(movement_ids, balances, fields, "payout");
    if (path == "/v1/customers" && post) {
      const std::string made = id("cus");
      customers[made] = {{"id", made}, {"object", "customer"}, {"email", field(fields, "email")}};
      return json_reply(200, customers[made]);
    }
    if (path == "/v1/payment_intents")
      return post ? create_intent(fields) : list(intent_ids, intents, fields, "");
    if (path.starts_with(intents_path)) {
      std::string id = path.substr(intents_path.size()), verb;
      if (const std::size_t slash = id.find('/'); slash != std::string::npos) {
        verb = id.substr(slash + 1);
        id.resize(slash);
      }
      if (!intents.contains(id)) return missing("payment_intent", id, "intent");
      if (post && verb == "confirm") return confirm(id, fields);
      if (post && verb == "cancel") return cancel(id);
      if (!post && verb.empty())
        return json_reply(200, expanded(intents[id], !field(fields, "expand[]").empty()));
    }
    if (path == "/v1/refunds")
      return post ? create_refund(fields) : list(refund_ids, refunds, fields, "payment_intent");
    if (path == "/v1/disputes") return list(dispute_ids, disputes, fields, "");
    if (path == "/v1/events") return list_events(fields);
    if (const auto reply = one("/v1/refunds/", refunds, "refund")) return *reply;
    if (const auto reply = one("/v1/disputes/", disputes, "dispute")) return *reply;
    if (const auto reply = one("/v1/customers/", customers, "customer")) return *reply;
    if (path.starts_with("/v1/charges/") && !post) {
      const auto found = charges.find(path.substr(12));
      if (found == charges.end()) return missing("charge", path.substr(12), "id");
      Json charge = found->second;
      if (!field(fields, "expand[]").empty() && charge["balance_transaction"].is_string())
        charge["balance_transaction"] = balances[charge["balance_transaction"].get<std::string>()];
      return json_reply(200, charge);
    }
    return error(404, "invalid_request_error", "",
                 "Unrecognized request URL (" + method + ": " + path + ").");
  }

  static StandInReply faulty(const StripeFault& fault) {
    StandInReply reply;
    if (fault.silent || fault.drops) {
      reply.silent = fault.silent;
      reply.drops = fault.drops;
      return reply;
    }
    reply = error(fault.status, fault.status == 429 ? "invalid_request_error" : "api_error", fault.code,
                  "This is a fault of the test.");
    if (!fault.retry_after.empty()) reply.headers.emplace_back("Retry-After", fault.retry_after);
    return reply;
  }

  StandInReply answer(const StandInRequest& request) {
    StandInReply page;
    if (pages && pages(request, page)) return page;  // set before anybody asks; it may take its time
    const std::lock_guard lock(mutex);
    std::optional<StripeFault> fault;
    for (auto at = faults.begin(); at != faults.end(); ++at) {
      if (request.target.find(at->path) == std::string::npos) continue;
      if (!at->method.empty() && at->method != request.method) continue;
      fault = *at;
      if (--at->times <= 0) faults.erase(at);
      break;
    }
    if (fault && !fault->is_done_first) return faulty(*fault);
    StandInReply reply = by_key(request);
    if (fault) reply = faulty(*fault);
    reply.delay_ms = delay_ms;
    return reply;
  }

  StandInReply by_key(const StandInRequest& request) {
    const auto header = [&](const char* name) {
      const auto found = request.headers.find(name);
      return found == request.headers.end() ? std::string() : found->second;
    };
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::string query =
        path.size() < request.target.size() ? request.target.substr(path.size() + 1) : std::string();
    const Fields fields = fields_of(request.method == "POST" ? request.body : query);
    const bool from_browser =
        field(fields, "key") == options.publishable_key && !field(fields, "client_secret").empty();
    if (from_browser) {
      const std::string secret = field(fields, "client_secret"),
                        id = secret.substr(0, secret.find("_secret_"));
      if (!intents.contains(id) || intents[id]["client_secret"] != secret)
        return missing("payment_intent", id, "intent");
    } else if (header("authorization") != "Bearer " + options.secret_key) {
      return error(401, "invalid_request_error", "", "Invalid API Key provided.");
    }
    const std::string key = header("idempotency-key");
    if (request.method != "POST" || key.empty()) return carry_out(request.method, path, fields);
    const std::string fingerprint = path + "\n" + request.body;
    if (const auto kept = keys.find(key); kept != keys.end()) {
      if (kept->second.fingerprint != fingerprint)
        return error(400, "idempotency_error", "",
                     "Keys for idempotent requests can only be used with the same parameters they were first "
                     "used with.");
      StandInReply again = kept->second.reply;
      again.headers.emplace_back("Idempotent-Replayed", "true");
      return again;
    }
    const StandInReply reply = carry_out(request.method, path, fields);
    // What was refused before anything was begun is not kept.
    if (reply.status < 400 || reply.status == 402) keys[key] = {fingerprint, reply};
    return reply;
  }

  std::string url() const { return server ? server->url() : std::string(); }
};

StripeStandIn::StripeStandIn(StripeAccountOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->server = std::make_unique<HttpStandIn>(
      [state = state_.get()](const StandInRequest& request) { return state->answer(request); },
      state_->options.port, state_->options.many);
}
StripeStandIn::~StripeStandIn() = default;

std::string StripeStandIn::url() const {
  return state_->url();
}
std::uint16_t StripeStandIn::port() const {
  return state_->server->port();
}
const StripeAccountOptions& StripeStandIn::options() const {
  return state_->options;
}
std::vector<StandInRequest> StripeStandIn::requests() const {
  return state_->server->requests();
}
StandInReply StripeStandIn::answer(const StandInRequest& request) {
  return state_->answer(request);
}

std::string StripeStandIn::pay(const std::string& intent_id, const std::string& number) {
  const std::lock_guard lock(state_->mutex);
  return state_->pay(intent_id, number);
}
std::string StripeStandIn::authenticate(const std::string& intent_id, bool approves) {
  const std::lock_guard lock(state_->mutex);
  return state_->authenticate(intent_id, approves);
}
void StripeStandIn::finish(const std::string& intent_id, bool succeeds) {
  const std::lock_guard lock(state_->mutex);
  state_->finish(intent_id, succeeds);
}
std::string StripeStandIn::refund_in_dashboard(const std::string& intent_id, std::int64_t amount) {
  const std::lock_guard lock(state_->mutex);
  Json& charge = state_->charges[state_->intents.at(intent_id)["latest_charge"].get<std::string>()];
  return state_->make_refund(charge, amount, "", Json::object());
}
void StripeStandIn::settle_refund(const std::string& refund_id, bool succeeds) {
  const std::lock_guard lock(state_->mutex);
  state_->settle_refund(refund_id, succeeds);
}
std::string StripeStandIn::dispute(const std::string& intent_id, const std::string& reason) {
  const std::lock_guard lock(state_->mutex);
  return state_->dispute(intent_id, reason);
}
void StripeStandIn::update_dispute(const std::string& dispute_id, const std::string& status) {
  const std::lock_guard lock(state_->mutex);
  state_->update_dispute(dispute_id, status);
}
std::string StripeStandIn::pay_out(std::int64_t amount, const std::string& currency) {
  const std::lock_guard lock(state_->mutex);
  const std::string made = state_->id("po");
  state_->payouts[made] = {{"id", made},
                           {"object", "payout"},
                           {"amount", amount},
                           {"currency", currency},
                           {"status", "paid"},
                           {"livemode", state_->options.livemode},
                           {"created", state_->now()}};
  state_->payouts[made]["automatic"] = true;
  state_->payout_ids.push_back(made);
  state_->tell("payout.paid", state_->payouts[made]);
  state_->move_in_payout(made, amount);
  return made;
}
void StripeStandIn::fail_payout(const std::string& payout_id) {
  const std::lock_guard lock(state_->mutex);
  state_->payouts.at(payout_id)["status"] = "failed";
  state_->tell("payout.failed", state_->payouts.at(payout_id));
}
void StripeStandIn::move_in_payout(const std::string& payout_id, std::int64_t net) {
  const std::lock_guard lock(state_->mutex);
  state_->move_in_payout(payout_id, net);
}
void StripeStandIn::change_intent(const std::string& intent_id, std::int64_t received,
                                  const std::string& currency) {
  const std::lock_guard lock(state_->mutex);
  state_->intents.at(intent_id)["amount_received"] = received;
  state_->intents.at(intent_id)["currency"] = currency;
}
void StripeStandIn::change_refund(const std::string& refund_id, std::int64_t amount) {
  const std::lock_guard lock(state_->mutex);
  state_->refunds.at(refund_id)["amount"] = amount;
}
void StripeStandIn::change_dispute(const std::string& dispute_id, std::int64_t amount,
                                   const std::string& currency) {
  const std::lock_guard lock(state_->mutex);
  state_->disputes.at(dispute_id)["amount"] = amount;
  state_->disputes.at(dispute_id)["currency"] = currency;
}
void StripeStandIn::lose(const std::string& id) {
  const std::lock_guard lock(state_->mutex);
  std::erase(state_->intent_ids, id);
  std::erase(state_->refund_ids, id);
  state_->intents.erase(id);
  state_->refunds.erase(id);
}
void StripeStandIn::set_page_size(std::size_t most) {
  const std::lock_guard lock(state_->mutex);
  state_->page_size = most;
}
void StripeStandIn::keep_balance_in(const std::string& currency, double rate) {
  const std::lock_guard lock(state_->mutex);
  state_->balance_currency = currency;
  state_->balance_rate = rate;
}
void StripeStandIn::set_endpoints(std::vector<Endpoint> endpoints) {
  const std::lock_guard lock(state_->mutex);
  state_->endpoints = std::move(endpoints);
}
std::string StripeStandIn::make_intent(std::int64_t amount, const std::string& currency,
                                       const std::vector<std::pair<std::string, std::string>>& metadata) {
  const std::lock_guard lock(state_->mutex);
  Fields fields;
  for (const auto& [name, value] : metadata) fields.emplace_back("metadata[" + name + "]", value);
  return state_->make_intent(amount, currency, fields);
}
void StripeStandIn::set_received(const std::string& intent_id, std::int64_t amount) {
  const std::lock_guard lock(state_->mutex);
  state_->received[intent_id] = amount;
}
MadeEvent StripeStandIn::make_event(const std::string& kind, const std::string& object_json) {
  const std::lock_guard lock(state_->mutex);
  state_->tell(kind, Json::parse(object_json));
  const Json& event = state_->events.back();
  return {event["id"], event["type"], event.dump()};
}
void StripeStandIn::forget_keys() {
  const std::lock_guard lock(state_->mutex);
  state_->keys.clear();
}

std::vector<MadeEvent> StripeStandIn::take_events() {
  const std::lock_guard lock(state_->mutex);
  std::vector<MadeEvent> made;
  for (; state_->taken_events < state_->events.size(); ++state_->taken_events) {
    const Json& event = state_->events[state_->taken_events];
    made.push_back({event["id"], event["type"], event.dump()});
  }
  return made;
}
std::vector<MadeEvent> StripeStandIn::all_events() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<MadeEvent> made;
  for (const Json& event : state_->events) made.push_back({event["id"], event["type"], event.dump()});
  return made;
}

std::string StripeStandIn::signature(std::string_view payload, std::int64_t at, std::string_view secret) {
  const std::string text = std::to_string(at) + "." + std::string(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[mac[i] >> 4];
    hex += "0123456789abcdef"[mac[i] & 15];
  }
  return "t=" + std::to_string(at) + ",v1=" + hex;
}
std::string StripeStandIn::signature(std::string_view payload) const {
  return signature(payload, now(), state_->options.webhook_secret);
}
std::int64_t StripeStandIn::now() const {
  return state_->now();
}

void StripeStandIn::add_fault(StripeFault fault) {
  const std::lock_guard lock(state_->mutex);
  state_->faults.push_back(std::move(fault));
}
void StripeStandIn::set_delay(int milliseconds) {
  const std::lock_guard lock(state_->mutex);
  state_->delay_ms = milliseconds;
}
void StripeStandIn::clear_faults() {
  const std::lock_guard lock(state_->mutex);
  state_->delay_ms = 0;
  state_->faults.clear();
}

std::string StripeStandIn::status_of(const std::string& intent_id) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->intents.find(intent_id);
  return found == state_->intents.end() ? std::string() : found->second["status"].get<std::string>();
}
std::int64_t StripeStandIn::refunded_of(const std::string& intent_id) const {
  const std::lock_guard lock(state_->mutex);
  std::int64_t sum = 0;
  for (const auto& [id, refund] : state_->refunds)
    if (refund["payment_intent"] == intent_id && refund["status"] != "failed")
      sum += refund["amount"].get<std::int64_t>();
  return sum;
}
std::vector<std::string> StripeStandIn::intents() const {
  const std::lock_guard lock(state_->mutex);
  return state_->intent_ids;
}
std::vector<std::string> StripeStandIn::refunds() const {
  const std::lock_guard lock(state_->mutex);
  return state_->refund_ids;
}
std::int64_t StripeStandIn::taken() const {
  const std::lock_guard lock(state_->mutex);
  std::int64_t sum = 0;
  for (const auto& [id, charge] : state_->charges)
    if (charge["status"] == "succeeded")
      sum += charge["amount"].get<std::int64_t>() - charge["amount_refunded"].get<std::int64_t>();
  return sum;
}
std::string StripeStandIn::state_json() const {
  const std::lock_guard lock(state_->mutex);
  Json all = {{"intents", Json::array()},
              {"refunds", Json::array()},
              {"disputes", Json::array()},
              {"charges", Json::array()},
              {"events", Json::array()}};
  for (const std::string& id : state_->intent_ids) all["intents"].push_back(state_->intents[id]);
  for (const std::string& id : state_->refund_ids) all["refunds"].push_back(state_->refunds[id]);
  for (const std::string& id : state_->dispute_ids) all["disputes"].push_back(state_->disputes[id]);
  for (const auto& [id, charge] : state_->charges) all["charges"].push_back(charge);
  for (const Json& event : state_->events)
    all["events"].push_back({{"id", event["id"]}, {"type", event["type"]}});
  return all.dump();
}

void StripeStandIn::serve_also(std::function<bool(const StandInRequest&, StandInReply&)> pages) {
  const std::lock_guard lock(state_->mutex);
  state_->pages = std::move(pages);
}

}  // namespace plenary::test
