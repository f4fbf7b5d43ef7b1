// With which keys a conference takes payments and reads its schedule: its own, which are stored sealed, or
// those of the settings; all of one kind from one place, never mixed. Functions of a transaction: one thread
// at a time. Errors: CredentialFault, which names the conference, the field and what to do, and never holds a
// value; NotFound for a conference that is not there. source: configuration 10, 2.7, 4.5 and Do better 8, 21.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/sealing_keys.hpp"
#include "base/secret.hpp"
#include "config/settings.hpp"
#include "db/tx.hpp"

namespace plenary::conference {

// What it says is for whoever runs the server.
class CredentialFault : public std::runtime_error {
 public:
  // readable: it stands in the database as it is, not sealed, and must not be used.
  enum class Kind { missing, undecryptable, readable };
  CredentialFault(Kind kind, std::string conference, std::string field, const std::string& text)
      : std::runtime_error(text), kind_(kind), conference_(std::move(conference)), field_(std::move(field)) {}
  Kind kind() const { return kind_; }
  const std::string& conference() const { return conference_; }  // its slug
  const std::string& field() const { return field_; }            // "stripe_webhook_secret"

 private:
  Kind kind_;
  std::string conference_, field_;
};

enum class CredentialSource { conference, settings };

struct StripeCredentials {
  std::string conference;  // slug
  CredentialSource source = CredentialSource::settings;
  Secret secret_key;
  std::optional<Secret> publishable_key, webhook_secret;
  std::string api_base;     // "https://api.stripe.com"
  std::string api_version;  // as sent: "2024-12-18.acacia"

  // CredentialFault where it is missing: without them no card form loads, no webhook is believed.
  const Secret& publishable() const;
  const Secret& webhook() const;
};

struct PretalxCredentials {
  std::string conference;
  CredentialSource source = CredentialSource::settings;  // of the token
  std::string base_url;                                  // no slash and no /api at its end
  std::optional<Secret> token;                           // nothing: what is public alone
  std::string event_slug;                                // empty: the conference names no event
};

StripeCredentials stripe_credentials(db::Tx& tx, std::int64_t conference_id, const SealingKeys& keys,
                                     const config::ProgramSettings& settings);
// A conference's own address is never given the token of the settings.
PretalxCredentials pretalx_credentials(db::Tx& tx, std::int64_t conference_id, const SealingKeys& keys,
                                       const config::ProgramSettings& settings);

// What is stored for a conference, field by field, whether it is used or not: for `check`.
struct StoredCredential {
  std::string field;
  std::optional<Secret> value;  // nothing: it cannot be opened, and `fault` says why
  std::optional<CredentialFault> fault;
};
std::vector<StoredCredential> stored_credentials(db::Tx& tx, std::int64_t conference_id,
                                                 const SealingKeys& keys);

// Keys in the wrong place, of two modes, or of the wrong mode for this server.
struct CredentialAdvice {
  bool blocks = false;  // no payment can work with it
  std::string field, text;
};
std::vector<CredentialAdvice> review(const StripeCredentials& credentials, bool is_development);

}  // namespace plenary::conference
