// Who sends webhooks with wrong signatures again and again is not listened to for a while. Counted in memory,
// for each address by itself, so that Stripe is heard whoever else knocks. Any thread. source: payments 21,
// P26.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/time.hpp"

namespace plenary::payments {

class WebhookGate {
 public:
  bool is_open(const std::string& address, Instant now) const;
  void was_wrong(const std::string& address, Instant now);

  static constexpr int most_wrong = 20;  // in one window
  static constexpr Duration window = Duration::minutes(5);

 private:
  struct Count {
    Instant since;
    int wrong = 0;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Count> counts_;
};

}  // namespace plenary::payments
