// Keep-alive connections on one epoll instance, edge-triggered, one request at a time on each. A Connection
// belongs to its Loop's thread; the Handler is called on it and may send the next request from within the
// call. The request's bytes stay in Connection::request until the next one is written, so the very same bytes
// can be sent again.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http.hpp"

namespace plenary::onsale {

// Steady microseconds.
inline std::int64_t now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// A server on this machine: loads are for loopback only.
struct Endpoint {
  sockaddr_in address{};
  std::string host;  // for the Host header
  // "http://127.0.0.1:8000"; std::invalid_argument for anything that is not loopback.
  static Endpoint parse(std::string_view url);
};

enum class Loss {
  refused,         // no connection
  before_request,  // the server had closed before the request was out: it can be sent again without a thought
  unanswered,      // the request was out, nothing came back
  partial,         // an answer began and broke off
  malformed,       // an answer that is no HTTP this client understands
};
std::string_view to_text(Loss loss);

class Connection;

class Handler {
 public:
  virtual ~Handler() = default;
  // The views in `response` are valid during the call.
  virtual void on_response(Connection& connection, const Response& response) = 0;
  // The connection is closed; send() opens it again.
  virtual void on_lost(Connection& connection, Loss loss) = 0;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // Handles what is ready, waiting at most that long for it. False when nothing was.
  bool run_once(std::int64_t timeout_micros);

  std::uint64_t connects = 0, answers = 0;

 private:
  friend class Connection;
  int epoll_ = -1;
  std::vector<char> buffer_;  // answers that arrive whole are read here and never copied
};

class Connection {
 public:
  Connection(Loop& loop, Handler& handler, const Endpoint& endpoint)
      : loop_(loop), handler_(handler), endpoint_(endpoint) {}
  ~Connection() { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::string request;  // write here, then send()
  // Sends the request, connecting first where needed; on_response or on_lost follows, possibly from within.
  void send();
  void connect_now();  // without a request, so that connecting is not part of the first latency
  void disconnect();

  const Endpoint& endpoint() const { return endpoint_; }
  bool waiting() const { return waiting_; }
  bool connected() const { return fd_ >= 0 && !connecting_; }
  std::int64_t connected_at() const { return connected_at_; }
  std::int64_t sent_at() const { return sent_at_; }
  // After the last byte was handed to the kernel the server had not yet closed its side. Costs a system call
  // a request, so only when asked for.
  bool check_close = false;

 private:
  friend class Loop;
  void flush();
  void on_event(std::uint32_t events);
  void read_answers(bool closing);
  void lost(Loss loss);

  Loop& loop_;
  Handler& handler_;
  const Endpoint& endpoint_;
  int fd_ = -1;
  bool connecting_ = false, waiting_ = false, closed_before_sent_ = false;
  std::size_t sent_ = 0;
  std::int64_t connected_at_ = 0, sent_at_ = 0;
  std::string partial_;  // the beginning of an answer that came in pieces
};

}  // namespace plenary::onsale
