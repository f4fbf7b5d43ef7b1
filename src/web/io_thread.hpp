// The inside of the server: I/O threads and connections. A connection is one coroutine on one thread; it owns
// its socket and frees itself. The loop under it is Asio's, seen by server.cpp alone.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/task.hpp"
#include "web/dispatch.hpp"
#include "web/forwarded.hpp"
#include "web/head_parser.hpp"
#include "web/hosts.hpp"
#include "web/request.hpp"
#include "web/routes.hpp"
#include "web/security_headers.hpp"
#include "web/server.hpp"
#include "web/tls.hpp"

namespace plenary::web {

using SteadyTime = std::chrono::steady_clock::time_point;

class Connection;

// What all threads read. Made before they start.
struct ServerParts {
  ServerParts(ServerOptions options, const Services& services);

  ServerOptions options;
  const Services& services;
  LogFunction log;
  Dispatcher dispatcher;
  SecurityHeaders security;
  AllowedHosts hosts;
  TrustedProxies proxies;
  HeadLimits head_limits;
  // For the metrics listener: a router of its own, any host.
  Services metrics_services;
  std::unique_ptr<Router> metrics_router;
  std::unique_ptr<Dispatcher> metrics_dispatcher;

  // Counts the connection in, unless its network has as many as one may have.
  bool let_in(const IpAddress& peer);
  void let_go(const IpAddress& peer);
  bool counts_network(const IpAddress& peer) const;

  std::atomic<bool> draining{false};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> body_bytes{0};  // of bodies outside the buffers
  std::mutex gone_mutex;
  std::condition_variable gone;  // with connections == 0

  std::mutex networks_mutex;
  std::map<std::array<std::uint8_t, 16>, std::size_t> networks;  // connections of each

  std::mutex tls_mutex;
  std::shared_ptr<const TlsContext> tls;
};

// What a request needs while it is read, handled and answered; borrowed from the thread, so that an idle
// connection owns none of it.
struct Exchange {
  explicit Exchange(std::size_t size) : size(size), buffer(std::make_unique_for_overwrite<char[]>(size)) {}
  const std::size_t size;
  std::unique_ptr<char[]> buffer;
  std::size_t filled = 0;
  std::size_t request_end = 0;  // what follows belongs to the next request
  HeadScanner scanner;
  ChunkDecoder chunks;
  ParsedHead head;
  Request request;
  Match match;
  std::string body;  // where it did not fit the buffer

  std::string_view received() const { return {buffer.get(), filled}; }
  // Forgets the request, keeps what was received of the next one.
  void next();
};

class IoThread : public Executor {
 public:
  IoThread(ServerParts& parts, int index);
  ~IoThread() override;

  void start();
  void stop_and_join();
  void post(std::coroutine_handle<> handle) override;  // any thread
  void run_here(std::function<void()> function);       // any thread
  // Takes the connected socket over; any thread.
  void adopt(int fd, const IpAddress& peer, bool metrics);

  // The rest on this thread only.
  std::unique_ptr<Exchange> borrow();
  void give_back(std::unique_ptr<Exchange> exchange);
  void add(Connection& connection);
  void remove(Connection& connection);
  std::string_view date(std::int64_t unix_seconds);
  void next_request_id(std::string& out);
  void flush_log();
  void begin_drain();
  void close_all();
  int ready_set() const { return ready_fd_; }
  void resume_after(std::chrono::milliseconds time, std::coroutine_handle<> handle);
  struct Loop;
  Loop& loop() { return *loop_; }

  ServerParts& parts;
  const int index;
  Metrics::PerThread* metrics = nullptr;
  std::string head;          // scratch for a response head
  std::string access_lines;  // not yet handed to the log

 private:
  std::unique_ptr<Loop> loop_;
  void sweep();
  void run_posted();
  void connection_gone(const IpAddress& peer);
  void wait_ready();
  void resume_ready();

  // The connections' sockets, registered once and edge-triggered, in a set of ours that hangs in the loop's
  // own. Asio's own wait costs one more system call a request: bench_http, run alternately on a busy machine,
  // gave 10.5, 13.1 and 12.3 us of CPU a request with it, 8.6, 12.1 and 10.8 us so.
  int ready_fd_;
  // The events being gone through: a connection that ends takes its own out.
  epoll_event* batch_ = nullptr;
  int batch_size_ = 0;
  std::chrono::milliseconds sweep_every_{250};
  std::thread thread_;
  std::mutex posted_mutex_;
  std::vector<std::coroutine_handle<>> posted_, running_;
  std::vector<std::unique_ptr<Exchange>> free_;
  Connection* first_ = nullptr;
  std::uint32_t id_prefix_ = 0;
  std::uint32_t id_counter_ = 0;
  std::int64_t date_second_ = -1;
  std::string date_text_;
};

class Connection {
 public:
  Connection(IoThread& thread, int fd, const IpAddress& peer, bool metrics);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Task<void> run();
  void socket_changed(std::uint32_t events);  // EPOLLIN and so on

  // Set by the sweep of the thread, which goes through its list.
  SteadyTime deadline = SteadyTime::max();
  bool waiting_for_request = false;
  bool in_handler = false;
  void cancel_wait(bool closing);

  Connection *next = nullptr, *previous = nullptr;
  IoThread& thread;

 private:
  friend class ConnectionWriter;
  struct Wait;
  struct Yield;
  enum class Read { some, blocked, closed };
  enum class Sent { all, part, failed };

  Wait readable();
  Wait writable();
  Read read_some(char* data, std::size_t size, std::size_t& got);
  // Sends what goes at once; `sent` counts on over head and body together.
  Sent send_some(std::string_view head, std::string_view body, std::size_t& sent);
  Task<bool> send_rest(std::string head, std::string_view body, std::size_t sent);
  Task<bool> send_all(std::string text);
  Task<bool> handshake();
  // Reads into the exchange's buffer until there is something new. False: closed or out of time.
  Task<bool> read_more(Exchange& exchange);
  Task<bool> read_body(Exchange& exchange, std::size_t limit, ParseFailure& failure);
  // Counts the body's memory, `bytes` by now, against what all may have; false beyond it.
  bool may_hold(std::size_t bytes, ParseFailure& failure);
  void let_go_of_body();
  Task<void> refuse(Exchange& exchange, ParseFailure failure);
  Task<bool> stream(Response& response, Exchange& exchange, bool chunked);
  Task<void> linger();
  std::optional<ParseFailure> accept_head(Exchange& exchange);
  std::size_t body_limit(const Exchange& exchange) const;
  // A request that is on its way is not cut off: bytes that arrive from here on are not acknowledged until
  // resumed.
  void pause_receiving();
  void resume_receiving();
  bool more_is_coming(Exchange& exchange);
  void set_deadline(std::chrono::milliseconds time, std::uint64_t bytes = 0);
  void log(std::string_view method, std::string_view pattern, int status, std::uint64_t bytes,
           std::uint64_t nanoseconds, std::string_view id);

  ServerParts& parts_;
  int fd_;
  std::unique_ptr<TlsSession> tls_;
  std::string peer_;
  const bool metrics_;
  std::size_t held_ = 0;  // of parts_.body_bytes
  std::coroutine_handle<> waiter_;
  bool waits_to_write_ = false;
  bool wait_ok_ = false;
  // What the socket was last seen to be; cleared when it gives or takes no more.
  bool may_read_ = false, may_write_ = false, peer_closed_ = false;
  bool timed_out_ = false;
  bool closing_ = false;
  bool tls_wants_write_ = false;
  bool paused_ = false;
  bool unread_ = false;  // the client may still be sending what nobody reads: linger
};

// Until the socket is readable or writable; false when it is not, because time ran out or all is closed.
struct Connection::Wait {
  Connection& connection;
  bool to_write;
  bool await_ready() const noexcept {
    Connection& c = connection;
    c.timed_out_ = false;
    c.wait_ok_ = !c.closing_ && (to_write ? c.may_write_ : c.may_read_ || c.peer_closed_);
    return c.wait_ok_ || c.closing_;
  }
  void await_suspend(std::coroutine_handle<> handle) const {
    connection.waiter_ = handle;
    connection.waits_to_write_ = to_write;
  }
  bool await_resume() const noexcept { return connection.wait_ok_ && !connection.closing_; }
};

// Lets the other connections of the thread have a turn.
struct Connection::Yield {
  IoThread& thread;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) { thread.post(handle); }
  void await_resume() const noexcept {}
};

}  // namespace plenary::web
