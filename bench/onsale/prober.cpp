#include "prober.hpp"

#include <memory>

namespace plenary::onsale {
namespace {

// One connection of the prober, with the probe it has out.
class Probe : public Handler {
 public:
  Probe(Loop& loop, const Endpoint& endpoint, const std::string& path, Histogram& latency,
        std::int64_t& failed)
      : connection_(loop, *this, endpoint), latency_(latency), failed_(failed) {
    write_get(connection_.request, endpoint.host, path, CookieJar{});
  }
  bool busy() const { return connection_.waiting(); }
  void ask(std::int64_t due) {
    due_ = due;
    asked_again_ = false;
    connection_.send();
  }

  void on_response(Connection&, const Response& response) override {
    latency_.record(now_micros() - due_);
    if (response.status != 200) ++failed_;
  }
  void on_lost(Connection&, Loss loss) override {
    if (loss == Loss::before_request && !asked_again_) {
      asked_again_ = true;
      return connection_.send();
    }
    ++failed_;
  }

 private:
  Connection connection_;
  Histogram& latency_;
  std::int64_t& failed_;
  std::int64_t due_ = 0;
  bool asked_again_ = false;
};

}  // namespace

void Prober::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Prober::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Prober::run() {
  Loop loop;
  std::vector<std::unique_ptr<Probe>> probes;
  const auto add_probe = [&] {
    const auto& endpoint = endpoints_[probes.size() % endpoints_.size()];
    probes.push_back(std::make_unique<Probe>(loop, endpoint, path_, latency_, failed_));
  };
  for (std::size_t i = 0; i < endpoints_.size(); ++i) add_probe();
  const std::int64_t start = now_micros();
  const auto due = [&](std::int64_t k) { return start + k * 1'000'000 / rate_; };
  std::int64_t sent = 0;
  constexpr std::int64_t patience = 5'000'000;  // how long answers that are still out are waited for
  std::int64_t stop_at = 0;
  for (;;) {
    const auto now = now_micros();
    if (stopping_ && stop_at == 0) stop_at = now;
    if (stop_at == 0) {
      for (; due(sent) <= now; ++sent) {
        Probe* idle = nullptr;
        for (std::size_t i = 0; i < probes.size() && idle == nullptr; ++i) {
          auto& probe = probes[(static_cast<std::size_t>(sent) + i) % probes.size()];
          if (!probe->busy()) idle = probe.get();
        }
        // All out: another connection, because a visitor does not wait for the others.
        if (idle == nullptr) {
          add_probe();
          idle = probes.back().get();
        }
        idle->ask(due(sent));
      }
    } else {
      bool out = false;
      for (auto& probe : probes) out = out || probe->busy();
      if (!out) return;
      if (now - stop_at > patience) {
        for (auto& probe : probes) failed_ += probe->busy() ? 1 : 0;
        return;
      }
    }
    const auto wait = stop_at == 0 ? due(sent) - now_micros() : 10'000;
    loop.run_once(wait < 0 ? 0 : wait);
  }
}

}  // namespace plenary::onsale
