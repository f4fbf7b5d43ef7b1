#include "domain/payments/webhook_signature.hpp"

#include <charconv>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include "base/codes.hpp"
#include "base/text.hpp"

namespace plenary::payments {
namespace {

constexpr std::size_t longest_header = 4096, most_signatures = 20;

std::string hmac_hex(const Secret& key, const std::string& text) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return to_hex({mac, size});
}

}  // namespace

SignatureCheck check_signature(std::string_view header, std::string_view body,
                               const std::vector<Secret>& secrets, Instant now, Duration tolerance) {
  if (header.size() > longest_header) return SignatureCheck::malformed;
  std::optional<std::int64_t> sent_at;
  std::string_view sent_text;
  std::vector<std::string_view> given;
  while (!header.empty()) {
    const std::string_view part = trimmed(header.substr(0, header.find(',')));
    header.remove_prefix(std::min(
        header.size(), header.find(',') == std::string_view::npos ? header.size() : header.find(',') + 1));
    if (part.starts_with("t=")) {
      std::int64_t value = 0;
      sent_text = part.substr(2);
      const auto [end, error] = std::from_chars(sent_text.data(), sent_text.data() + sent_text.size(), value);
      if (error != std::errc() || end != sent_text.data() + sent_text.size())
        return SignatureCheck::malformed;
      sent_at = value;
    } else if (part.starts_with("v1=") && given.size() < most_signatures) {
      given.push_back(part.substr(3));
    }
  }
  if (!sent_at || given.empty()) return SignatureCheck::malformed;
  const std::string text = std::string(sent_text) + "." + std::string(body);
  bool matches = false;
  for (const Secret& secret : secrets) {
    const std::string expected = hmac_hex(secret, text);
    for (const std::string_view one : given) {
      if (one.size() == expected.size() && CRYPTO_memcmp(one.data(), expected.data(), one.size()) == 0)
        matches = true;
    }
  }
  if (!matches) return SignatureCheck::wrong;
  if (*sent_at < (now - tolerance).micros / 1'000'000) return SignatureCheck::too_old;
  return SignatureCheck::good;
}

std::vector<Secret> webhook_secrets(const Secret& stored) {
  std::vector<Secret> secrets;
  std::string_view rest = stored.reveal();
  while (!rest.empty()) {
    const std::string_view one = trimmed(rest.substr(0, rest.find(',')));
    if (!one.empty()) secrets.emplace_back(std::string(one));
    const std::size_t comma = rest.find(',');
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return secrets;
}

}  // namespace plenary::payments
