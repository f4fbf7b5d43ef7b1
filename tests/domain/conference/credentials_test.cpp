// Which keys a conference uses: its own or the settings', never a mixture; and what cannot be used says why.
// On both engines. source: configuration 10, 2.7 and Do better 8.
#include "domain/conference/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/errors.hpp"
#include "db/entity_table.hpp"
#include "domain/conference/conferences.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::conference {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = CredentialFault::Kind;

class Credentials : public test::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    Conference c;
    c.name = "Fair";
    c.slug = "fair";
    c.start_date = *Date::parse("2027-05-20");
    c.end_date = *Date::parse("2027-05-22");
    c.pretalx_event_slug = "fair-2027";
    id_ = db().write_now(db::global_lane, "make", [&](db::Tx& tx) { return create(tx, c); }).value();
    settings_.stripe.secret_key = Secret("sk_test_settings");
    settings_.stripe.publishable_key = Secret("pk_test_settings");
    settings_.stripe.webhook_secret = Secret("whsec_settings");
  }
  void put(const std::string& column, const std::optional<std::string>& stored) {
    const char* sql = db::intern_sql("UPDATE conference SET " + column + " = $1 WHERE id = $2");
    db().write_now(id_, "put", [&](db::Tx& tx) { tx.exec(sql, stored, id_); });
  }
  void seal(const std::string& column, const std::string& value) {
    put(column, keys_.seal(Secret(value), fmt::format("conference.{}.{}", column, id_), Random::system()));
  }
  StripeCredentials stripe() {
    return db().read_now([&](db::Tx& tx) { return stripe_credentials(tx, id_, keys_, settings_); });
  }
  PretalxCredentials pretalx() {
    return db().read_now([&](db::Tx& tx) { return pretalx_credentials(tx, id_, keys_, settings_); });
  }
  template <class F>
  std::string fault(Kind kind, std::string_view field, F fn) {
    try {
      fn();
    } catch (const CredentialFault& fault) {
      EXPECT_EQ(fault.kind(), kind) << fault.what();
      EXPECT_EQ(fault.field(), field);
      EXPECT_EQ(fault.conference(), "fair");
      EXPECT_THAT(fault.what(), HasSubstr("fair"));
      EXPECT_THAT(fault.what(), HasSubstr(std::string(field)));
      return fault.what();
    }
    ADD_FAILURE() << "nothing was wrong";
    return {};
  }

  std::int64_t id_ = 0;
  SealingKeys keys_{Secret("a key of at least thirty-two bytes, for tests")};
  config::ProgramSettings settings_;
};
ON_BOTH_ENGINES(Credentials);

TEST_P(Credentials, AreThoseOfTheSettingsWhereTheConferenceHasNone) {
  const StripeCredentials found = stripe();
  EXPECT_EQ(found.source, CredentialSource::settings);
  EXPECT_EQ(found.secret_key.reveal(), "sk_test_settings");
  EXPECT_EQ(found.publishable().reveal(), "pk_test_settings");
  EXPECT_EQ(found.webhook().reveal(), "whsec_settings");
  EXPECT_EQ(found.api_base, "https://api.stripe.com");
  EXPECT_EQ(found.api_version, "2024-12-18.acacia");
  put("stripe_secret_key", "");  // an empty text is none
  EXPECT_EQ(stripe().source, CredentialSource::settings);
}

TEST_P(Credentials, AreAllItsOwnWhereItHasASecretKey) {
  seal("stripe_secret_key", "sk_live_own");
  seal("stripe_publishable_key", "pk_live_own");
  seal("stripe_webhook_secret", "whsec_own");
  const StripeCredentials found = stripe();
  EXPECT_EQ(found.source, CredentialSource::conference);
  EXPECT_EQ(found.secret_key.reveal(), "sk_live_own");
  EXPECT_EQ(found.publishable().reveal(), "pk_live_own");
  EXPECT_EQ(found.webhook().reveal(), "whsec_own");
}

TEST_P(Credentials, AreNeverMixed) {
  seal("stripe_secret_key", "sk_live_own");
  StripeCredentials found = stripe();
  EXPECT_FALSE(found.publishable_key);
  EXPECT_THAT(fault(Kind::missing, "stripe_publishable_key", [&] { found.publishable(); }),
              HasSubstr("the keys of the settings are not used"));
  EXPECT_THAT(fault(Kind::missing, "stripe_webhook_secret", [&] { found.webhook(); }),
              HasSubstr("data admin"));
  put("stripe_secret_key", std::nullopt);
  seal("stripe_publishable_key", "pk_live_own");  // without a secret key it counts for nothing
  found = stripe();
  EXPECT_EQ(found.source, CredentialSource::settings);
  EXPECT_EQ(found.publishable().reveal(), "pk_test_settings");
  settings_.stripe.webhook_secret.reset();
  EXPECT_THAT(fault(Kind::missing, "stripe_webhook_secret", [&] { stripe().webhook(); }),
              HasSubstr("[program.stripe]"));
}

TEST_P(Credentials, WithoutAnyTheConferenceIsNamed) {
  settings_.stripe.secret_key.reset();
  fault(Kind::missing, "stripe_secret_key", [&] { stripe(); });
  settings_.stripe.secret_key = Secret();
  fault(Kind::missing, "stripe_secret_key", [&] { stripe(); });
  const auto of_nothing = [&](db::Tx& tx) { stripe_credentials(tx, 999, keys_, settings_); };
  EXPECT_THROW(db().read_now(of_nothing), NotFound);
}

TEST_P(Credentials, WhatCannotBeOpenedIsAnErrorAndNeverCiphertext) {
  const SealingKeys other(Secret("another key, of a machine that is gone"));
  const std::string token = other.seal(Secret("sk_live_own"),
                                       fmt::format("conference.stripe_secret_key.{}", id_), Random::system());
  put("stripe_secret_key", token);
  const std::string said = fault(Kind::undecryptable, "stripe_secret_key", [&] { stripe(); });
  EXPECT_THAT(said, HasSubstr("Put back the key file"));
  EXPECT_THAT(said, HasSubstr(other.ids().front()));
  EXPECT_THAT(said, Not(HasSubstr(token)));
  // Of another row: somebody copied it.
  put("stripe_secret_key",
      keys_.seal(Secret("sk_live_own"), "conference.stripe_secret_key.77", Random::system()));
  fault(Kind::undecryptable, "stripe_secret_key", [&] { stripe(); });
  seal("stripe_secret_key", "sk_live_own");
  put("stripe_webhook_secret", token);
  fault(Kind::undecryptable, "stripe_webhook_secret", [&] { stripe(); });
}

TEST_P(Credentials, AReadableKeyFromAnImportIsRefused) {
  put("stripe_secret_key", "sk_live_readable_key");
  const std::string said = fault(Kind::readable, "stripe_secret_key", [&] { stripe(); });
  EXPECT_THAT(said, HasSubstr("plenary keys rotate"));
  EXPECT_THAT(said, Not(HasSubstr("readable_key")));
}

TEST_P(Credentials, PretalxTakesTheConferencesTokenBeforeTheSettings) {
  EXPECT_EQ(pretalx().source, CredentialSource::settings);
  EXPECT_FALSE(pretalx().token);
  settings_.pretalx.token = Secret("general token");
  settings_.pretalx.base_url = "https://pretalx.example.org/api/";
  EXPECT_EQ(pretalx().base_url, "https://pretalx.example.org");
  EXPECT_EQ(pretalx().token->reveal(), "general token");
  EXPECT_EQ(pretalx().event_slug, "fair-2027");
  seal("pretalx_token", "its token");
  EXPECT_EQ(pretalx().source, CredentialSource::conference);
  EXPECT_EQ(pretalx().token->reveal(), "its token");
  EXPECT_EQ(pretalx().base_url, "https://pretalx.example.org");
  put("pretalx_token", "readable");
  fault(Kind::readable, "pretalx_token", [&] { pretalx(); });
}

TEST_P(Credentials, TheGeneralTokenIsNeverSentToAConferencesOwnAddress) {
  settings_.pretalx.token = Secret("general token");
  put("pretalx_base_url", "https://talks.example.net/");
  EXPECT_EQ(pretalx().base_url, "https://talks.example.net");
  EXPECT_FALSE(pretalx().token);
  seal("pretalx_token", "its token");
  EXPECT_EQ(pretalx().token->reveal(), "its token");
}

TEST_P(Credentials, AllThatIsStoredIsLookedAt) {
  seal("stripe_webhook_secret", "whsec_own");
  put("stripe_secret_key", "sk_live_readable");
  put("qbo_access_token", SealingKeys(Secret("another key, of a machine that is gone"))
                              .seal(Secret("x"), "conference.qbo_access_token.1", Random::system()));
  const auto stored = db().read_now([&](db::Tx& tx) { return stored_credentials(tx, id_, keys_); });
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_EQ(stored[0].field, "stripe_secret_key");
  EXPECT_EQ(stored[0].fault->kind(), Kind::readable);
  EXPECT_EQ(stored[1].value->reveal(), "whsec_own");
  EXPECT_FALSE(stored[1].fault);
  EXPECT_EQ(stored[2].fault->kind(), Kind::undecryptable);
}

TEST_P(Credentials, ThePretalxAddressIsEncryptedOrOnThisMachine) {
  auto load = [&](db::Tx& tx) { return *conference::load(tx, id_); };
  Conference c = db().read_now(load);
  for (const char* good : {"", "https://talks.example.net", "https://talks.example.net:8443/sub",
                           "http://127.0.0.1:8080", "http://localhost:8080/x"}) {
    c.pretalx_base_url = good;
    EXPECT_TRUE(conference_table().validate_row(&c).empty()) << good;
  }
  for (const char* bad :
       {"talks.example.net", "http://talks.example.net", "https://", "https://u:p@x.example",
        "https://x.example/?a", "http://127.0.0.1.example.net", "ftp://x.example"}) {
    c.pretalx_base_url = bad;
    EXPECT_FALSE(conference_table().validate_row(&c).empty()) << bad;
  }
}

StripeCredentials of(const char* secret, const char* publishable, const char* webhook) {
  StripeCredentials c;
  c.conference = "fair";
  c.secret_key = Secret(secret);
  if (*publishable) c.publishable_key = Secret(publishable);
  if (*webhook) c.webhook_secret = Secret(webhook);
  return c;
}

std::string advice(const StripeCredentials& credentials, bool is_development) {
  std::string text;
  for (const CredentialAdvice& one : review(credentials, is_development))
    text += fmt::format("{}{} {}\n", one.blocks ? "!" : "", one.field, one.text);
  return text;
}

TEST(CredentialReview, GoodKeysOfTheRightModeGiveNoAdvice) {
  EXPECT_EQ(advice(of("sk_live_1", "pk_live_1", "whsec_1"), false), "");
  EXPECT_EQ(advice(of("rk_live_1", "pk_live_1", "whsec_1"), false), "");
  EXPECT_EQ(advice(of("sk_test_1", "pk_test_1", "whsec_1"), true), "");
}

TEST(CredentialReview, KeysInTheWrongPlaceOrModeAreNamed) {
  EXPECT_THAT(advice(of("pk_live_1", "pk_live_1", "whsec_1"), false),
              HasSubstr("!stripe_secret_key holds a publ"));
  EXPECT_THAT(advice(of("nonsense", "pk_live_1", "whsec_1"), false),
              HasSubstr("!stripe_secret_key is no Stripe"));
  EXPECT_THAT(advice(of("sk_live_1", "sk_live_1", "whsec_1"), false),
              HasSubstr("!stripe_publishable_key holds a secret key"));
  EXPECT_THAT(advice(of("sk_live_1", "live_1", "whsec_1"), false),
              HasSubstr("!stripe_publishable_key is no"));
  EXPECT_THAT(advice(of("sk_live_1", "pk_live_1", "sk_live_1"), false),
              HasSubstr("!stripe_webhook_secret is no"));
  EXPECT_THAT(advice(of("sk_live_1", "pk_test_1", "whsec_1"), false),
              HasSubstr("!stripe_publishable_key is a test key beside a live secret key"));
  EXPECT_THAT(advice(of("sk_test_1", "pk_live_1", "whsec_1"), true), HasSubstr("a live key beside a test"));
  EXPECT_EQ(advice(of("sk_test_1", "pk_test_1", "whsec_1"), false),
            "stripe_secret_key is a test key: in production it takes no money\n");
  EXPECT_THAT(advice(of("sk_live_1", "pk_live_1", "whsec_1"), true), HasSubstr("moves real money"));
  EXPECT_THAT(advice(of("sk_live_1", "", ""), false), HasSubstr("stripe_publishable_key is missing"));
  EXPECT_THAT(advice(of("sk_live_1", "", ""), false), HasSubstr("stripe_webhook_secret is missing"));
}

}  // namespace
}  // namespace plenary::conference
