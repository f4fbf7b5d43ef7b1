// Signatures are in links of sent mails and in cookies: what they look like stays as it is.
#include "base/signing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sodium.h>

#include <array>

#include "base/codes.hpp"

namespace plenary {
namespace {

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// By the definition, with libsodium alone: HMAC-SHA-256 under BLAKE2b(purpose, keyed by BLAKE2b(secret)).
std::string defined_mac(std::string_view secret, std::string_view purpose, std::string_view text) {
  std::array<unsigned char, 32> seed{}, key{}, out{};
  crypto_generichash(seed.data(), seed.size(), bytes_of(secret).data(), secret.size(), nullptr, 0);
  crypto_generichash(key.data(), key.size(), bytes_of(purpose).data(), purpose.size(), seed.data(),
                     seed.size());
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(text).data(), text.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  return base64url(out);
}

const std::string secret(32, 's');

RC_GTEST_PROP(Signatures, AreTheOnesTheirDefinitionGives, (const std::string& text)) {
  const SigningKey key(Secret(secret), "order links");
  RC_ASSERT(key.mac(text) == defined_mac(secret, "order links", text));
  RC_ASSERT(key.verify(text, key.mac(text)));
  RC_ASSERT(SigningKey(key).mac(text) == key.mac(text));
  RC_ASSERT(key.open(key.sign(text)) == text);
}

TEST(Signatures, OfOnePlaceAreWorthNothingInAnother) {
  const SigningKey links(Secret(secret), "order links"), forms(Secret(secret), "csrf");
  SigningKey changed = forms;
  EXPECT_FALSE(links.verify("A1B2", forms.mac("A1B2")));
  changed = links;
  EXPECT_TRUE(links.verify("A1B2", changed.mac("A1B2")));
  EXPECT_FALSE(links.verify("A1B2", links.mac("A1B3")));
  EXPECT_FALSE(links.verify("A1B2", links.mac("A1B2").substr(1)));
  EXPECT_FALSE(links.open(forms.sign("A1B2")));
}

RC_GTEST_PROP(Base64url, IsWhatLibsodiumWritesAndReadsBack, (const std::string& bytes)) {
  std::string written(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                      '\0');
  sodium_bin2base64(written.data(), written.size(), bytes_of(bytes).data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  written.pop_back();
  RC_ASSERT(base64url_encode(bytes) == written);
  RC_ASSERT(base64url_decode(written) == bytes);
}

// Any text: what libsodium refuses is refused.
RC_GTEST_PROP(Base64url, RefusesWhatIsNoneOfItsTexts, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABCZaz019-_+/=. ")));
  std::string read(text.size() + 1, '\0');
  std::size_t length = 0;
  const bool good =
      sodium_base642bin(reinterpret_cast<unsigned char*>(read.data()), read.size(), text.data(), text.size(),
                        nullptr, &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
  read.resize(length);
  RC_ASSERT(base64url_decode(text) == (good ? std::optional(read) : std::nullopt));
}

}  // namespace
}  // namespace plenary
