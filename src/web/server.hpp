// The HTTP/1.1 server: one acceptor deals connections to the I/O threads round-robin; each thread runs its
// own event loop and is the Executor of the handlers on it. start() returns once it listens; stop() drains
// (ground rules 15, 8.2): what was accepted is answered with Connection: close. A suspended handler is never
// destroyed. All functions may be called from any thread but an I/O thread. Limits and times are in the
// options; times run on the steady clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/access_log.hpp"
#include "web/form_data.hpp"
#include "web/services.hpp"

namespace plenary::web {

enum class LogLevel { info, warning, error };
using LogFunction = std::function<void(LogLevel level, std::string_view line)>;

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, the whole chain
  std::filesystem::path key;          // PEM
};

struct ServerOptions {
  std::string listen = "127.0.0.1:8000";  // "[::1]:8000", "0.0.0.0:80"; port 0: any free one
  std::string metrics_listen = {};        // a loopback address of its own for /metrics, or none
  std::string metrics_token = {};         // or: GET /metrics here with "Authorization: Bearer <token>"
  std::size_t threads = 1;
  std::vector<int> cpus = {};  // thread i runs on cpus[i], where given
  // Exact names, ".example.org" for every name below, "*" for any; without port. Empty: loopback names only.
  std::vector<std::string> allowed_hosts = {};
  std::vector<std::string> trusted_proxies = {};
  std::optional<TlsFiles> tls = std::nullopt;

  std::size_t max_connections = 10'000;  // further ones get 503 and are closed at once
  // Likewise from one IPv4 address or one IPv6 /64. Trusted proxies and loopback may have more.
  std::size_t max_connections_per_network = 1'000;
  std::size_t max_head = 16 * 1024;  // request line and headers: 431, or 414 for the line alone
  std::size_t max_target = 8 * 1024;
  std::size_t max_headers = 100;
  std::size_t max_body = 1024 * 1024;  // 413; Route::max_body goes first
  // Of all requests together, bodies too large for a connection's buffer: 503 beyond it, so that nobody fills
  // the memory with uploads that go on and on. At least one body of max_body fits.
  std::size_t max_bodies = 256 * 1024 * 1024;
  FormLimits form = {};

  std::chrono::milliseconds idle_time{60'000};  // between requests
  std::chrono::milliseconds header_time{
      10'000};  // from the first byte to the end of the head; also the TLS handshake
  std::chrono::milliseconds body_time{20'000};   // and one second more for each `slowest_rate` bytes
  std::chrono::milliseconds write_time{20'000};  // likewise
  std::size_t slowest_rate = 16 * 1024;          // bytes a second
  std::chrono::milliseconds linger_time{
      2'000};  // reading on after an early refusal, so that the answer arrives
  std::chrono::milliseconds handshake_time{20};  // between refusing new connections and closing the listener
  std::chrono::milliseconds drain_time{30'000};  // stop() closes what is still reading or writing after it
  // A connection without a request is kept open this long during a drain: a request on its way is still
  // answered.
  std::chrono::milliseconds drain_idle_time{300};

  std::shared_ptr<AccessLog> access_log = nullptr;  // null: none
  LogFunction log = {};                             // empty: spdlog's default logger
};

class Server {
 public:
  // `services` must outlive the server. Throws std::runtime_error with what to do: address in use, no such
  // certificate, a proxy that is no address.
  Server(ServerOptions options, const Services& services);
  ~Server();  // stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  void stop();
  // For SIGHUP: certificate and key are read again; connections keep theirs. A mistake is thrown, the old
  // ones stay.
  void reload_tls();

  std::uint16_t port() const;
  std::uint16_t metrics_port() const;
  bool draining() const;
  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// GET /healthz: the process runs. GET /readyz: `ready` says whether it can serve (the database answers); 503
// with the text otherwise, and while the server drains. Both public, without session or log noise.
struct Readiness {
  std::function<Task<std::string>()> problem;  // empty text: ready
};
RouteTable health_routes(Readiness readiness);
// GET /metrics with the token; without a token the route does not exist.
RouteTable metrics_routes(std::string token);

}  // namespace plenary::web
