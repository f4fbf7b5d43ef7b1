#include "domain/payments/stripe.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include "base/codes.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "domain/payments/stripe_json_impl.hpp"

namespace plenary::payments {
namespace {

constexpr std::size_t most_listed = 100;

// Ids come from events and rows; in an address they must not lead elsewhere.
std::string checked_id(std::string_view id) {
  const bool plain = !id.empty() && id.size() <= 200 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!plain) throw ProviderRefused(404, "invalid_request_error", "resource_missing", "id", "no such id", "");
  return std::string(id);
}

// Seconds; zero where it says nothing.
Duration retry_after(const net::HttpAnswer& answer) {
  const std::string text = answer.header("retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return Duration::seconds(std::clamp<std::int64_t>(seconds, 0, 86'400));
}

// What Stripe says about a fault, without anything that belongs to a person but its own sentence.
ProviderRefused refusal_of(const net::HttpAnswer& answer) {
  const Json body = Json::parse(answer.body, nullptr, false);
  const Json& error = object_at(body, "error");
  std::string code = text_at(error, "decline_code");
  if (code.empty()) code = text_at(error, "code");
  return {answer.status,           text_at(error, "type"),    std::move(code),
          text_at(error, "param"), text_at(error, "message"), answer.header("request-id")};
}

}  // namespace

ProviderRefused::ProviderRefused(int status, std::string type, std::string code, std::string param,
                                 std::string message, std::string request_id)
    : std::runtime_error(fmt::format("Stripe refused ({}{}{}): {}{}", status, code.empty() ? "" : ", ", code,
                                     message.empty() ? "no reason given" : message,
                                     request_id.empty() ? "" : " [" + request_id + "]")),
      status_(status),
      type_(std::move(type)),
      code_(std::move(code)),
      param_(std::move(param)),
      message_(std::move(message)),
      request_id_(std::move(request_id)) {}

struct StripeLines::Line {
  explicit Line(const StripeOptions& options) : breaker(options.circuit) {}
  CircuitBreaker breaker;
  std::mutex mutex;
  std::vector<std::unique_ptr<net::HttpClient>> idle;

  std::unique_ptr<net::HttpClient> take(const net::HttpOptions& options) {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return std::make_unique<net::HttpClient>(options);
    auto client = std::move(idle.back());
    idle.pop_back();
    return client;
  }
  void give_back(std::unique_ptr<net::HttpClient> client) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(client));
  }
};

StripeLines::StripeLines(StripeOptions options) : options_(std::move(options)) {
  options_.http.attempts = 1;  // repeats are made here: Stripe has its own words for them
  options_.http.redirects = 0;
}
StripeLines::~StripeLines() = default;

std::shared_ptr<StripeLines::Line> StripeLines::line(const conference::StripeCredentials& credentials) {
  const std::string name = sha256_hex(credentials.api_base + "\n" + credentials.secret_key.reveal());
  const std::lock_guard lock(mutex_);
  auto& line = lines_[name];
  if (!line) line = std::make_shared<Line>(options_);
  return line;
}

struct Stripe::Call {
  std::string method, path;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string idempotency_key = {};
};

Stripe::Stripe(StripeLines& lines, conference::StripeCredentials credentials)
    : lines_(lines), line_(lines.line(credentials)), credentials_(std::move(credentials)) {}

Duration StripeLines::now() const {
  if (options_.circuit.clock) return options_.circuit.clock();
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Duration{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

void Stripe::hurry(Duration since) {
  deadline_ = Duration{since.micros + lines_.options().patience.micros};
}

bool Stripe::is_test() const {
  return is_test_key(credentials_.secret_key);
}

bool is_test_key(const Secret& key) {
  const std::string_view text = key.reveal();
  return text.starts_with("sk_test_") || text.starts_with("rk_test_") || text.starts_with("pk_test_");
}

std::string Stripe::ask(const Call& call) {
  const StripeOptions& options = lines_.options();
  net::HttpRequest request;
  request.method = call.method;
  request.url = credentials_.api_base + call.path;
  request.headers = {{"Stripe-Version", credentials_.api_version}, {"Accept", "application/json"}};
  request.authorization = {"Bearer", credentials_.secret_key};
  request.idempotency_key = call.idempotency_key;
  const std::string fields = net::form_encoded(call.fields);
  if (call.method == "POST") {
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = fields;
  } else if (!fields.empty()) {
    request.url += "?" + fields;
  }
  bool may_have_arrived = false;
  std::string problem;
  for (int attempt = 1;; ++attempt) {
    std::int64_t left = 0;
    if (deadline_) {
      left = deadline_->micros - lines_.now().micros;
      if (left <= 0)
        throw ProviderDown(
            "Stripe does not answer in time: " + (problem.empty() ? "nobody was free to ask it" : problem),
            may_have_arrived);
      request.timeout = Duration{std::min(left, options.attempt_of_patience.micros)};
    }
    // Last: whoever may ask must tell what came of it.
    if (!line_->breaker.may_ask()) {
      throw ProviderDown(fmt::format("Stripe has not answered lately and is not asked for another {} s.{}{}",
                                     (line_->breaker.wait().micros + 999'999) / 1'000'000,
                                     problem.empty() ? "" : " Last: ", problem),
                         may_have_arrived);
    }
    Duration pause =
        Duration{std::min(options.first_wait.micros << (attempt - 1), options.longest_wait.micros)};
    Random& random = options.http.random ? *options.http.random : Random::system();
    pause.micros = pause.micros / 2 +
                   static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(pause.micros / 2 + 1)));
    bool repeats = attempt < options.attempts;
    auto client = line_->take(options.http);
    try {
      const net::HttpAnswer answer = client->send(request);
      line_->give_back(std::move(client));
      if (answer.is_success()) {
        line_->breaker.answered();
        return answer.body;
      }
      const bool broken = answer.status >= 500;
      if (broken) {
        line_->breaker.failed();
      } else {
        line_->breaker.answered();
      }
      const bool passing = broken || answer.status == 408 || answer.status == 409 || answer.status == 429;
      const ProviderRefused refusal = refusal_of(answer);
      if (!passing || refusal.type() == "idempotency_error") throw refusal;
      may_have_arrived = may_have_arrived || broken;
      problem = refusal.what();
      if (answer.header("stripe-should-retry") == "false") repeats = false;
      pause = std::max(pause, retry_after(answer));
      if (pause.micros > options.longest_wait.micros) repeats = false;
    } catch (const net::HttpFailure& failure) {
      line_->breaker.failed();
      may_have_arrived = may_have_arrived || failure.may_have_arrived();
      problem = failure.what();
      using Kind = net::HttpFailure::Kind;
      if (failure.kind() == Kind::refused || failure.kind() == Kind::too_large || failure.kind() == Kind::tls)
        repeats = false;
    }
    if (!repeats || (deadline_ && deadline_->micros - lines_.now().micros <= pause.micros))
      throw ProviderDown("Stripe does not answer: " + problem, may_have_arrived);
    if (options.http.wait) {
      options.http.wait(pause);
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(pause.micros));
    }
  }
}

namespace {

Json json_of(const std::string& body) {
  Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) throw ProviderDown("Stripe's answer is no JSON object.", true);
  return json;
}

template <class Read>
auto read_from(const std::string& body, Read read) {
  try {
    return read(json_of(body));
  } catch (const std::invalid_argument& error) {
    throw ProviderDown(std::string("Stripe's answer makes no sense: ") + error.what(), true);
  }
}

template <class T, class Read>
StripePage<T> page_from(const std::string& body, Read read) {
  StripePage<T> page;
  const Json json = json_of(body);
  page.has_more = flag_at(json, "has_more");
  const auto data = json.find("data");
  if (data == json.end() || !data->is_array()) throw ProviderDown("Stripe's list has no data.", true);
  for (const Json& one : *data) {
    page.last_id = text_at(one, "id");
    try {
      page.rows.push_back(read(one));
    } catch (const std::invalid_argument&) {
      continue;  // of another kind
    }
  }
  if (page.last_id.empty()) page.has_more = false;
  return page;
}

std::vector<std::pair<std::string, std::string>> since(Instant from, std::string_view after) {
  std::vector<std::pair<std::string, std::string>> fields{
      {"limit", std::to_string(most_listed)}, {"created[gte]", std::to_string(from.micros / 1'000'000)}};
  if (!after.empty()) fields.emplace_back("starting_after", after);
  return fields;
}

}  // namespace

std::string Stripe::create_customer(const NewCustomer& customer) {
  Call call{"POST", "/v1/customers", {}, customer.idempotency_key};
  if (!customer.email.empty()) call.fields.emplace_back("email", customer.email);
  if (!customer.name.empty()) call.fields.emplace_back("name", customer.name);
  call.fields.emplace_back("metadata[user_id]", std::to_string(customer.user_id));
  call.fields.emplace_back("metadata[conference_slug]", customer.conference_slug);
  std::string id = text_at(json_of(ask(call)), "id");
  if (id.empty()) throw ProviderDown("Stripe made a customer without an id.", true);
  return id;
}

StripeIntent Stripe::create_intent(const NewIntent& intent) {
  Call call{"POST", "/v1/payment_intents", {}, intent.idempotency_key};
  call.fields = {{"amount", std::to_string(intent.amount)},
                 {"currency", ascii_lower(intent.currency)},
                 {"automatic_payment_methods[enabled]", "true"},
                 {"description", intent.description},
                 {"metadata[order_id]", std::to_string(intent.order_id)},
                 {"metadata[conference_id]", std::to_string(intent.conference_id)},
                 {"metadata[reference]", intent.order_reference},
                 {"metadata[payment_id]", std::to_string(intent.payment_id)}};
  if (!intent.customer_id.empty()) call.fields.emplace_back("customer", intent.customer_id);
  StripeIntent made = read_from(ask(call), intent_of);
  if (made.client_secret.reveal().find("_secret_") == std::string::npos)
    throw ProviderDown(
        fmt::format("Stripe made an intent for {} whose secret makes no sense.", intent.order_reference),
        true);
  return made;
}

StripeIntent Stripe::find_intent(std::string_view id) {
  return read_from(ask({"GET",
                        "/v1/payment_intents/" + checked_id(id),
                        {{"expand[]", "latest_charge.balance_transaction"}}}),
                   intent_of);
}

StripeIntent Stripe::cancel_intent(std::string_view id, std::string_view idempotency_key) {
  return read_from(
      ask({"POST", "/v1/payment_intents/" + checked_id(id) + "/cancel", {}, std::string(idempotency_key)}),
      intent_of);
}

StripeCharge Stripe::find_charge(std::string_view id) {
  return read_from(ask({"GET", "/v1/charges/" + checked_id(id), {{"expand[]", "balance_transaction"}}}),
                   charge_of);
}

StripeRefund Stripe::create_refund(const NewRefund& refund) {
  Call call{"POST", "/v1/refunds", {}, refund.idempotency_key};
  call.fields = {{"payment_intent", refund.intent_id},
                 {"amount", std::to_string(refund.amount)},
                 {"reason", refund.reason},
                 {"metadata[refund_id]", std::to_string(refund.refund_id)}};
  return read_from(ask(call), refund_of);
}

StripeRefund Stripe::find_refund(std::string_view id) {
  return read_from(ask({"GET", "/v1/refunds/" + checked_id(id), {}}), refund_of);
}

StripeDispute Stripe::find_dispute(std::string_view id) {
  return read_from(ask({"GET", "/v1/disputes/" + checked_id(id), {}}), dispute_of);
}

StripePage<StripeIntent> Stripe::intents_since(Instant from, std::string_view after) {
  return page_from<StripeIntent>(ask({"GET", "/v1/payment_intents", since(from, after)}), intent_of);
}
StripePage<StripeRefund> Stripe::refunds_since(Instant from, std::string_view after) {
  return page_from<StripeRefund>(ask({"GET", "/v1/refunds", since(from, after)}), refund_of);
}
StripePage<StripeDispute> Stripe::disputes_since(Instant from, std::string_view after) {
  return page_from<StripeDispute>(ask({"GET", "/v1/disputes", since(from, after)}), dispute_of);
}
StripePage<StripePayout> Stripe::payouts_since(Instant from, std::string_view after) {
  return page_from<StripePayout>(ask({"GET", "/v1/payouts", since(from, after)}), payout_of);
}
StripePage<StripeMovement> Stripe::movements_of_payout(std::string_view payout_id, std::string_view after) {
  Call call{"GET",
            "/v1/balance_transactions",
            {{"limit", std::to_string(most_listed)}, {"payout", checked_id(payout_id)}}};
  if (!after.empty()) call.fields.emplace_back("starting_after", after);
  return page_from<StripeMovement>(ask(call), movement_of);
}
StripePage<StripeEvent> Stripe::events_since(Instant from, std::string_view after) {
  return page_from<StripeEvent>(ask({"GET", "/v1/events", since(from, after)}), event_of);
}

StripePage<StripeRefund> Stripe::refunds_of_intent(std::string_view intent_id, std::string_view after) {
  Call call{"GET",
            "/v1/refunds",
            {{"limit", std::to_string(most_listed)}, {"payment_intent", checked_id(intent_id)}}};
  if (!after.empty()) call.fields.emplace_back("starting_after", after);
  return page_from<StripeRefund>(ask(call), refund_of);
}

std::vector<std::string> Stripe::balance_currencies() {
  std::vector<std::string> currencies;
  const Json json = json_of(ask({"GET", "/v1/balance", {}}));
  if (const auto available = json.find("available"); available != json.end() && available->is_array()) {
    for (const Json& one : *available) currencies.push_back(ascii_upper(text_at(one, "currency")));
  }
  return currencies;
}

std::vector<WebhookEndpoint> Stripe::webhook_endpoints() {
  const auto read = [](const Json& json) {
    WebhookEndpoint endpoint{text_at(json, "url"), text_at(json, "status"), text_at(json, "api_version"), {}};
    if (const auto events = json.find("enabled_events"); events != json.end() && events->is_array()) {
      for (const Json& event : *events)
        if (event.is_string()) endpoint.events.push_back(event.get<std::string>());
    }
    return endpoint;
  };
  return page_from<WebhookEndpoint>(
             ask({"GET", "/v1/webhook_endpoints", {{"limit", std::to_string(most_listed)}}}), read)
      .rows;
}

}  // namespace plenary::payments
