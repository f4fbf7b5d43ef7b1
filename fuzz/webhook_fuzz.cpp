// What comes to the address for a provider's events: the signature's header and the event. The first line of
// the input is the header, the rest the body; "@" for a header that is right.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/hmac.h>

#include "base/codes.hpp"
#include "domain/payments/stripe_json_impl.hpp"
#include "domain/payments/webhook_signature.hpp"

using namespace plenary;
using namespace plenary::payments;

namespace {

constexpr std::string_view key = "whsec_fuzz";
constexpr std::int64_t seconds = 1'790'000'000;

void require(bool fact) {
  if (!fact) std::abort();
}

std::string right_header(std::string_view body) {
  const std::string text = std::to_string(seconds) + "." + std::string(body);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return "t=" + std::to_string(seconds) + ",v1=" + to_hex({mac, size});
}

// What handlers read of an event's object, whatever kind it says it is.
template <class F>
void read_as(F&& read) {
  try {
    read();
  } catch (const std::invalid_argument&) {
    // Said, and the event is kept as failed.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view body = input.substr(end + 1);
  const bool is_right = input.substr(0, end) == "@";
  const std::string header = is_right ? right_header(body) : std::string(input.substr(0, end));
  const SignatureCheck check =
      check_signature(header, body, {Secret(std::string(key)), Secret("whsec_other")},
                      Instant{seconds * 1'000'000}, Duration::seconds(300));
  require((check == SignatureCheck::good) == is_right || header.find("v1=") != std::string::npos);
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return 0;
  read_as([&] { require(!event_of(json).id.empty()); });
  const Json& object = object_at(object_at(json, "data"), "object");
  read_as([&] { (void)intent_of(object); });
  read_as([&] { (void)charge_of(object); });
  read_as([&] { (void)refund_of(object); });
  read_as([&] { (void)dispute_of(object); });
  return 0;
}
