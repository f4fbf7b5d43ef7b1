#include "domain/payments/webhook_gate.hpp"

namespace plenary::payments {
namespace {

constexpr std::size_t most_addresses = 10'000;

}  // namespace

bool WebhookGate::is_open(const std::string& address, Instant now) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(address);
  return found == counts_.end() || now - found->second.since > window || found->second.wrong < most_wrong;
}

void WebhookGate::was_wrong(const std::string& address, Instant now) {
  const std::lock_guard lock(mutex_);
  if (counts_.size() >= most_addresses) {
    std::erase_if(counts_, [now](const auto& one) { return now - one.second.since > window; });
    if (counts_.size() >= most_addresses) counts_.clear();
  }
  Count& count = counts_[address];
  if (now - count.since > window) count = {now, 0};
  ++count.wrong;
}

}  // namespace plenary::payments
