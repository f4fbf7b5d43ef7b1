// A small HTTP server on a loopback port that answers from a script: as a service outside would, or as a
// broken one: silent, cut off, huge. One thread, one connection at a time, no sleeping: silence is a read
// that ends when the client gives up. Programs for browsers have a thread for each connection (`many`).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace plenary::test {

struct StandInRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  // names in lower case
};

struct StandInReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  bool silent = false;        // says nothing until the client goes
  bool drops = false;         // hangs up without a word
  std::size_t cut_after = 0;  // bytes of the body, then hangs up; 0: never
  int delay_ms = 0;           // before it answers; for programs alone
};

class HttpStandIn {
 public:
  using Answer = std::function<StandInReply(const StandInRequest& request)>;
  explicit HttpStandIn(Answer answer, std::uint16_t port = 0, bool many = false);
  ~HttpStandIn();
  HttpStandIn(const HttpStandIn&) = delete;
  HttpStandIn& operator=(const HttpStandIn&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<StandInRequest> requests() const;
  int connections() const { return connections_; }

 private:
  void serve();
  void serve_many(int fd);
  void talk(int fd);

  Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> current_{-1}, connections_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<StandInRequest> requests_;
  bool many_ = false;
  std::set<int> open_;  // connections, where there are many
  std::vector<std::thread> talkers_;
  std::thread thread_;
};

}  // namespace plenary::test
