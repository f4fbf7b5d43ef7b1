#include "domain/conference/credentials.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/errors.hpp"

namespace plenary::conference {
namespace {

using Kind = CredentialFault::Kind;

constexpr const char* secret_key = "stripe_secret_key";
constexpr const char* publishable_key = "stripe_publishable_key";
constexpr const char* webhook_secret = "stripe_webhook_secret";
constexpr const char* pretalx_token = "pretalx_token";
constexpr std::array<const char*, 7> sealed_fields{
    secret_key,          publishable_key,    webhook_secret,     pretalx_token,
    "qbo_client_secret", "qbo_access_token", "qbo_refresh_token"};

using Text = std::optional<std::string>;

struct Row {
  std::int64_t id = 0;
  std::string slug, event_slug, base_url;
  std::array<Text, sealed_fields.size()> tokens;  // in the order of sealed_fields; an empty one is none
};

Row load_row(db::Tx& tx, std::int64_t id) {
  auto found = tx.maybe<std::string, std::string, std::string, Text, Text, Text, Text, Text, Text, Text>(
      "SELECT slug, pretalx_event_slug, pretalx_base_url, stripe_secret_key, stripe_publishable_key,"
      " stripe_webhook_secret, pretalx_token, qbo_client_secret, qbo_access_token, qbo_refresh_token"
      " FROM conference WHERE id = $1",
      id);
  if (!found) throw NotFound(fmt::format("conference {}", id));
  Row row;
  row.id = id;
  std::tie(row.slug, row.event_slug, row.base_url, row.tokens[0], row.tokens[1], row.tokens[2], row.tokens[3],
           row.tokens[4], row.tokens[5], row.tokens[6]) = std::move(*found);
  for (Text& token : row.tokens) {
    if (token && token->empty()) token.reset();
  }
  return row;
}

std::optional<Secret> opened(const Row& row, std::string_view field, const SealingKeys& keys) {
  std::size_t at = 0;
  while (sealed_fields[at] != field) ++at;
  const Text& token = row.tokens[at];
  if (!token) return std::nullopt;
  if (!key_id_of(*token)) {
    throw CredentialFault(
        Kind::readable, row.slug, std::string(field),
        fmt::format(
            "Conference {}: {} stands readable in the database and is not used. Seal it with: plenary "
            "keys rotate; replace it at its provider if others could read it.",
            row.slug, field));
  }
  try {
    return keys.open(*token, fmt::format("conference.{}.{}", field, row.id));
  } catch (const SealBroken& broken) {
    throw CredentialFault(
        Kind::undecryptable, row.slug, std::string(field),
        fmt::format("Conference {}: {} cannot be opened ({}). Put back the key file it was sealed with, or "
                    "type the value again on the conference's page in the data admin.",
                    row.slug, field, broken.what()));
  }
}

bool starts(const std::optional<Secret>& secret, std::string_view start) {
  return secret && std::string_view(secret->reveal()).starts_with(start);
}

// "live", "test", or nothing where the key does not say.
std::string_view mode_of(std::string_view key) {
  const std::size_t begin = key.find('_');
  if (begin == std::string_view::npos) return {};
  key.remove_prefix(begin + 1);
  if (key.starts_with("live_")) return "live";
  if (key.starts_with("test_")) return "test";
  return {};
}

std::string without_api(std::string url) {
  const auto strip = [&](std::string_view end) {
    if (std::string_view(url).ends_with(end)) url.resize(url.size() - end.size());
  };
  while (url.ends_with('/')) url.pop_back();
  strip("/api");
  while (url.ends_with('/')) url.pop_back();
  return url;
}

const Secret& required(const std::optional<Secret>& secret, const StripeCredentials& credentials,
                       const char* field, const char* without) {
  if (secret && !secret->empty()) return *secret;
  const bool own = credentials.source == CredentialSource::conference;
  throw CredentialFault(
      Kind::missing, credentials.conference, field,
      fmt::format("Conference {}: {} is missing, so {}. {}", credentials.conference, field, without,
                  own ? "The conference has a secret key of its own, so the keys of the settings are not "
                        "used: add it on the conference's page in the data admin."
                      : "Set it beside secret_key in [program.stripe] of the settings."));
}

}  // namespace

const Secret& StripeCredentials::publishable() const {
  return required(publishable_key, *this, conference::publishable_key, "no card form can be shown");
}
const Secret& StripeCredentials::webhook() const {
  return required(webhook_secret, *this, conference::webhook_secret,
                  "nothing that Stripe reports is believed");
}

StripeCredentials stripe_credentials(db::Tx& tx, std::int64_t conference_id, const SealingKeys& keys,
                                     const config::ProgramSettings& settings) {
  const Row row = load_row(tx, conference_id);
  StripeCredentials found;
  found.conference = row.slug;
  found.api_base = settings.stripe.api_base;
  found.api_version = settings.stripe.wire_api_version();
  if (auto own = opened(row, secret_key, keys)) {
    found.source = CredentialSource::conference;
    found.secret_key = std::move(*own);
    found.publishable_key = opened(row, publishable_key, keys);
    found.webhook_secret = opened(row, webhook_secret, keys);
    return found;
  }
  if (!settings.stripe.secret_key || settings.stripe.secret_key->empty()) {
    throw CredentialFault(
        Kind::missing, row.slug, secret_key,
        fmt::format(
            "Conference {}: there is no Stripe secret key (stripe_secret_key), so no payment can be taken. "
            "Add its keys on "
            "the conference's page in the data admin, or those of all conferences in [program.stripe] "
            "of the settings.",
            row.slug));
  }
  found.secret_key = *settings.stripe.secret_key;
  found.publishable_key = settings.stripe.publishable_key;
  found.webhook_secret = settings.stripe.webhook_secret;
  return found;
}

PretalxCredentials pretalx_credentials(db::Tx& tx, std::int64_t conference_id, const SealingKeys& keys,
                                       const config::ProgramSettings& settings) {
  const Row row = load_row(tx, conference_id);
  PretalxCredentials found;
  found.conference = row.slug;
  found.event_slug = row.event_slug;
  found.base_url = without_api(row.base_url.empty() ? settings.pretalx.base_url : row.base_url);
  found.token = opened(row, pretalx_token, keys);
  if (found.token || !row.base_url.empty()) {
    found.source = CredentialSource::conference;
  } else if (settings.pretalx.token && !settings.pretalx.token->empty()) {
    found.token = settings.pretalx.token;
  }
  return found;
}

std::vector<StoredCredential> stored_credentials(db::Tx& tx, std::int64_t conference_id,
                                                 const SealingKeys& keys) {
  const Row row = load_row(tx, conference_id);
  std::vector<StoredCredential> stored;
  for (const char* field : sealed_fields) {
    try {
      if (auto value = opened(row, field, keys)) stored.push_back({field, std::move(value), std::nullopt});
    } catch (const CredentialFault& fault) {
      stored.push_back({field, std::nullopt, fault});
    }
  }
  return stored;
}

std::vector<CredentialAdvice> review(const StripeCredentials& c, bool is_development) {
  std::vector<CredentialAdvice> advice;
  const std::optional<Secret> secret = c.secret_key;
  if (starts(secret, "pk_")) {
    advice.push_back(
        {true, secret_key, "holds a publishable key (pk_…): the secret key begins with sk_ or rk_"});
  } else if (!starts(secret, "sk_") && !starts(secret, "rk_")) {
    advice.push_back({true, secret_key, "is no Stripe secret key: they begin with sk_ or rk_"});
  }
  if (starts(c.publishable_key, "sk_") || starts(c.publishable_key, "rk_")) {
    advice.push_back({true, publishable_key,
                      "holds a secret key, and this one is shown to every browser: put the publishable key "
                      "(pk_…) there, and replace the secret key at Stripe"});
  } else if (c.publishable_key && !starts(c.publishable_key, "pk_")) {
    advice.push_back({true, publishable_key, "is no Stripe publishable key: they begin with pk_"});
  } else if (!c.publishable_key) {
    advice.push_back({false, publishable_key, "is missing: no card form can be shown"});
  }
  if (c.webhook_secret && !starts(c.webhook_secret, "whsec_")) {
    advice.push_back({true, webhook_secret, "is no webhook secret: they begin with whsec_"});
  } else if (!c.webhook_secret) {
    advice.push_back({false, webhook_secret, "is missing: nothing that Stripe reports is believed"});
  }
  const std::string_view mode = mode_of(c.secret_key.reveal());
  const std::string_view other =
      c.publishable_key ? mode_of(c.publishable_key->reveal()) : std::string_view();
  if (!mode.empty() && !other.empty() && mode != other) {
    advice.push_back(
        {true, publishable_key,
         fmt::format("is a {} key beside a {} secret key: take both from the same mode", other, mode)});
  }
  if (mode == "test" && !is_development)
    advice.push_back({false, secret_key, "is a test key: in production it takes no money"});
  if (mode == "live" && is_development)
    advice.push_back({false, secret_key, "is a live key: in development mode it moves real money"});
  return advice;
}

}  // namespace plenary::conference
