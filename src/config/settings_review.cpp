// What `check` and `serve` say about settings that can be read and yet do not fit together.
#include "config/settings.hpp"

namespace plenary::config {

std::vector<Finding> review(const Settings& settings) {
  std::vector<Finding> findings;
  const auto refuse = [&](std::string key, std::string text) { findings.push_back({true, key, text}); };
  const auto warn = [&](std::string key, std::string text) { findings.push_back({false, key, text}); };
  const ProgramSettings& program = settings.program;
  const ServerSettings& server = settings.server;
  const auto starts = [](const std::optional<Secret>& secret, std::string_view start) {
    return secret && std::string_view(secret->reveal()).substr(0, start.size()) == start;
  };

  if (program.currency_symbol) {
    for (const CurrencyInfo& info : Currency::all()) {
      const Currency other = Currency::of(info.code);
      if (*program.currency_symbol == other.symbol() && other.symbol() != program.currency.symbol()) {
        warn("program.currency_symbol", "\"" + *program.currency_symbol + "\" is the symbol of " + info.code +
                                            ", but program.currency is " +
                                            std::string(program.currency.code()) +
                                            ": remove currency_symbol, or correct one of the two");
      }
    }
  }
  const StripeSettings& stripe = program.stripe;
  if (stripe.secret_key && !stripe.webhook_secret) {
    warn("program.stripe.webhook_secret",
         "without it no webhook of Stripe is believed: copy it from the webhook's page");
  }
  if (stripe.secret_key && !stripe.publishable_key) {
    warn("program.stripe.publishable_key",
         "without it the card form cannot load: copy it from Stripe's API keys page");
  }
  if (stripe.publishable_key && !stripe.secret_key) {
    warn("program.stripe.secret_key",
         "without it no payment can be made: copy it from Stripe's API keys page");
  }
  if (starts(stripe.secret_key, "sk_live_") && starts(stripe.publishable_key, "pk_test_")) {
    warn("program.stripe.publishable_key",
         "a test key beside a live secret key: take both from the same mode");
  }
  if (starts(stripe.secret_key, "sk_test_") && starts(stripe.publishable_key, "pk_live_")) {
    warn("program.stripe.publishable_key",
         "a live key beside a test secret key: take both from the same mode");
  }

  if (server.is_development()) {
    if (starts(stripe.secret_key, "sk_live_")) {
      warn("program.stripe.secret_key", "a live key in development mode moves real money: use a test key");
    }
    return findings;
  }

  if (server.public_url.empty()) {
    refuse("server.public_url",
           "links in mail need it: set public_url = \"https://…\", the address people type");
  }
  if (!settings.security.limits) {
    refuse("security.limits", "production runs with its limits: remove limits = false");
  }
  if (!server.listen.is_loopback() && !server.has_tls()) {
    warn("server.listen",
         "reachable from other machines without TLS: listen on 127.0.0.1 behind a proxy, or set "
         "tls_certificate_file and tls_key_file");
  }
  if (server.listen.is_loopback() && !server.has_tls() && server.trusted_proxies.empty()) {
    warn("server.trusted_proxies",
         "a proxy on this machine is not believed about addresses and https: "
         "set trusted_proxies = [\"127.0.0.1\"]");
  }
  if (!settings.mail.smtp_url) {
    refuse("mail.smtp_url", "confirmations would only land in a folder: set smtp_url = \"smtp://host:587\"");
  } else if (settings.mail.from == MailSettings().from) {
    refuse("mail.from", "mail needs a sender that exists: set from = \"Name <address@your-domain>\"");
  }
  if (settings.mail.username.empty() != !settings.mail.password.has_value()) {
    warn("mail.password", "username and password belong together: give both or neither");
  }
  if (starts(stripe.secret_key, "sk_test_")) {
    warn("program.stripe.secret_key", "a test key in production takes no money: use the live key");
  }
  return findings;
}

}  // namespace plenary::config
