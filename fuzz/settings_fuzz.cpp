// Any bytes as plenary.toml: read, or refused with a report in order, and nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "config/errors.hpp"
#include "config/settings.hpp"

using namespace plenary::config;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Settings& settings) {
  require(settings.program.cart_expiry_minutes > 0);
  require(settings.program.pending_order_expiry_minutes > 0);
  require(!settings.program.order_reference_prefix.empty());
  require(!settings.program.max_grant().is_negative());
  require(settings.server.listen.is_loopback() || !settings.server.is_development() ||
          settings.server.allow_exposed_development);
  require(settings.security.limits || settings.server.listen.is_loopback());
  const std::string printed = settings.to_string();
  require(plenary::is_valid_utf8(printed));
  const auto& key = settings.program.stripe.secret_key;
  if (key && key->reveal().size() > 8) require(key->masked().size() == 8 || key->masked() == "****");
  for (const Finding& finding : review(settings)) require(!finding.text.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name.size() % 2 == 0 ? std::optional<std::string>("value-of-" + name) : std::nullopt;
  };
  try {
    check(parse_settings(text, "fuzz.toml", ".", environment));
  } catch (const ConfigError& error) {
    require(!error.problems().empty());
    const Problem* before = nullptr;
    for (const Problem& problem : error.problems()) {
      const std::string message = problem.message();
      require(message.find('\n') == std::string::npos && plenary::is_valid_utf8(message));
      require(!before || !(problem.place < before->place));
      before = &problem;
    }
  }
  return 0;
}
