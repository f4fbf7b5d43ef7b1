#include "cli/check_credentials.hpp"

#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "domain/conference/conferences.hpp"
#include "domain/conference/credentials.hpp"
#include "embed/key_file.hpp"

namespace plenary::cli {
namespace {

using conference::CredentialFault;
using conference::CredentialSource;
using nlohmann::json;

constexpr std::size_t longest_quote = 200;

// One line of what the other side said: its own words may hold anything.
std::string quoted(const json& text) {
  if (!text.is_string()) return {};
  std::string out;
  for (const char c : text.get<std::string>().substr(0, longest_quote))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

json parsed(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  return value.is_object() ? value : json::object();
}

std::string stripe_said(const net::HttpAnswer& answer) {
  const json body = parsed(answer.body);
  const auto error = body.find("error");
  return error != body.end() && error->is_object() ? quoted(error->value("message", json())) : std::string();
}

std::string pretalx_said(const net::HttpAnswer& answer) {
  return quoted(parsed(answer.body).value("detail", json()));
}

std::string with_quote(std::string text, const std::string& said) {
  return said.empty() ? text : fmt::format("{} It says: {}", text, said);
}

class Look {
 public:
  Look(const config::Settings& settings, net::HttpClient* client, Findings& findings)
      : settings_(settings), client_(client), findings_(findings) {}

  void at(db::Database& database, const conference::ConferenceState& conference, const SealingKeys& keys) {
    slug_ = conference.slug;
    const bool sells = conference.is_active;
    auto stored = [&](db::Tx& tx) { return conference::stored_credentials(tx, conference.id, keys); };
    bool stripe_broken = false, pretalx_broken = false, has_own_stripe = false;
    std::vector<std::string> own_stripe;
    for (const auto& one : database.read_now(stored)) {
      const bool stripe = one.field.starts_with("stripe_");
      if (stripe) own_stripe.push_back(one.field);
      has_own_stripe |= one.field == "stripe_secret_key";
      if (!one.fault) continue;
      (stripe ? stripe_broken : pretalx_broken) = true;
      findings_.problem("credentials", one.fault->what());
    }
    if (!stripe_broken) {
      if (!has_own_stripe && !own_stripe.empty())
        warn(fmt::format("{} is stored, but no secret key: without it the settings' keys are used, all three",
                         fmt::join(own_stripe, " and ")));
      stripe(database, conference.id, keys, sells);
    }
    if (!pretalx_broken) pretalx(database, conference.id, keys);
  }

 private:
  std::string line(std::string_view text) const { return fmt::format("{}: {}", slug_, text); }
  void good(std::string_view text) { findings_.good("credentials", line(text)); }
  void warn(std::string_view text) { findings_.warning("credentials", line(text)); }
  void problem(std::string_view text) { findings_.problem("credentials", line(text)); }
  static std::string origin(CredentialSource source) {
    return source == CredentialSource::conference ? "its own" : "from the settings";
  }

  void stripe(db::Database& database, std::int64_t id, const SealingKeys& keys, bool sells) {
    auto load = [&](db::Tx& tx) { return conference::stripe_credentials(tx, id, keys, settings_.program); };
    std::optional<conference::StripeCredentials> found;
    try {
      found = database.read_now(load);
    } catch (const CredentialFault&) {
      if (sells && !settings_.server.is_development()) {
        warn("no Stripe keys, neither its own nor in [program.stripe]: no payment can be taken");
      } else {
        good("no Stripe keys");
      }
      return;
    }
    const conference::StripeCredentials& credentials = *found;
    good(fmt::format("Stripe keys {}, secret key {}", origin(credentials.source),
                     credentials.secret_key.masked()));
    bool blocked = false;
    for (const auto& advice : conference::review(credentials, settings_.server.is_development())) {
      const std::string text = fmt::format("{} {}", advice.field, advice.text);
      blocked |= advice.blocks;
      advice.blocks ? problem(text) : warn(text);
    }
    if (client_ && !blocked) ask_stripe(credentials);
  }

  void ask_stripe(const conference::StripeCredentials& credentials) {
    net::HttpRequest request;
    request.url = credentials.api_base + "/v1/balance";
    request.headers = {{"Stripe-Version", credentials.api_version}, {"Accept", "application/json"}};
    request.authorization = {"Bearer", credentials.secret_key};
    const auto answer = asked("Stripe", request);
    if (!answer) return;
    const std::string said = stripe_said(*answer);
    if (answer->status == 200) {
      const json live = parsed(answer->body).value("livemode", json());
      good(fmt::format("Stripe accepts the secret key{}",
                       live.is_boolean() ? (live.get<bool>() ? " (live)" : " (test)") : ""));
    } else if (answer->status == 401) {
      problem(with_quote("Stripe does not accept the secret key: copy it anew from Stripe's API keys page.",
                         said));
    } else if (answer->status == 403) {
      warn(
          with_quote("Stripe knows the secret key, which may not read the balance: see that it may do what "
                     "payments need.",
                     said));
    } else if (answer->status == 400) {
      problem(with_quote("Stripe refuses the question: look at [program.stripe] api_version.", said));
    } else {
      passing("Stripe", answer->status, said);
    }
  }

  void pretalx(db::Database& database, std::int64_t id, const SealingKeys& keys) {
    auto load = [&](db::Tx& tx) { return conference::pretalx_credentials(tx, id, keys, settings_.program); };
    const conference::PretalxCredentials credentials = database.read_now(load);
    if (credentials.event_slug.empty() && credentials.source == CredentialSource::settings) return;
    good(fmt::format("Pretalx {}{}, token {}", credentials.base_url,
                     credentials.event_slug.empty() ? "" : ", event " + credentials.event_slug,
                     credentials.token
                         ? fmt::format("{} {}", origin(credentials.source), credentials.token->masked())
                         : "none: what is public alone"));
    if (credentials.event_slug.empty())
      warn("a Pretalx of its own, but no event: set its Pretalx event slug");
    if (client_) ask_pretalx(credentials);
  }

  void ask_pretalx(const conference::PretalxCredentials& credentials) {
    const bool event = !credentials.event_slug.empty();
    if (!event && !credentials.token) return;
    net::HttpRequest request;
    request.url = credentials.base_url + (event ? "/api/events/" + credentials.event_slug + "/" : "/api/me");
    request.headers = {{"Accept", "application/json"}};
    if (credentials.token) request.authorization = {"Token", *credentials.token};
    const auto answer = asked("Pretalx", request);
    if (!answer) return;
    const std::string said = pretalx_said(*answer);
    switch (answer->status) {
      case 200:
        good(event ? "Pretalx shows the event" : "Pretalx accepts the token");
        break;
      case 401:
        problem(
            with_quote("Pretalx does not accept the token: copy it anew from your Pretalx account.", said));
        break;
      case 403:
        problem(
            with_quote("Pretalx knows the token, which may not read this event: take one of an account of "
                       "the event's team.",
                       said));
        break;
      case 404:
        problem(
            with_quote("Pretalx has no such event, or shows it only with a token: look at the Pretalx event "
                       "slug, the address and the token.",
                       said));
        break;
      default:
        passing("Pretalx", answer->status, said);
    }
  }

  void passing(const char* whom, int status, const std::string& said) {
    warn(
        with_quote(fmt::format("{} answered with status {}, which says nothing of the credentials: ask again "
                               "later.",
                               whom, status),
                   said));
  }

  std::optional<net::HttpAnswer> asked(const char* whom, const net::HttpRequest& request) {
    try {
      return client_->send(request);
    } catch (const net::HttpFailure& failure) {
      warn(fmt::format("{} could not be asked: {}", whom, failure.what()));
      return std::nullopt;
    }
  }

  const config::Settings& settings_;
  net::HttpClient* client_;
  Findings& findings_;
  std::string slug_;
};

}  // namespace

void check_credentials(const config::Settings& settings, db::Database& database, net::HttpClient* client,
                       Findings& findings) {
  std::optional<SealingKeys> keys;
  try {
    keys.emplace(embed::sealing_keys(settings));
  } catch (const std::exception&) {
    return;  // the key file has its own line
  }
  auto list = [](db::Tx& tx) {
    std::vector<conference::ConferenceState> all;
    for (const conference::ConferenceKey& key : conference::list_keys(tx)) {
      if (auto state = conference::find_state(tx, key.id)) all.push_back(std::move(*state));
    }
    return all;
  };
  Look look(settings, client, findings);
  for (const auto& conference : database.read_now(list)) look.at(database, conference, *keys);
}

}  // namespace plenary::cli
