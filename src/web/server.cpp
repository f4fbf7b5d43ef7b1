// The server's threads: one acceptor on the first, connections dealt round-robin, deadlines swept on each.
#include "web/server.hpp"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "base/codes.hpp"
#include "web/io_thread.hpp"
#include "web/listener.hpp"
#include "web/wire.hpp"

namespace plenary::web {

namespace asio = boost::asio;

namespace {

constexpr std::size_t free_exchanges = 64;

IpAddress address_of(const sockaddr_storage& peer) {
  IpAddress address;
  if (peer.ss_family == AF_INET6) {
    std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, 16);
  } else {
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, 4);
  }
  return address;
}

}  // namespace

// Typed on the loop's own executor: the type-erased one costs a third of the throughput.
struct IoThread::Loop {
  using Executor = asio::io_context::executor_type;
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

  asio::io_context context{1};
  asio::executor_work_guard<Executor> work{context.get_executor()};
  Timer sweep{context.get_executor()};
  Descriptor ready{context.get_executor()};
};

IoThread::IoThread(ServerParts& parts, int index)
    : parts(parts), index(index), loop_(std::make_unique<Loop>()) {
  unsigned char bytes[4] = {};
  (parts.services.random ? *parts.services.random : Random::system()).fill(bytes);
  std::memcpy(&id_prefix_, bytes, sizeof id_prefix_);
  ready_fd_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (ready_fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  loop_->ready.assign(ready_fd_);  // closed with it
  const ServerOptions& o = parts.options;
  auto shortest = std::min({o.idle_time, o.header_time, o.body_time, o.write_time, o.linger_time});
  sweep_every_ = std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

IoThread::~IoThread() {
  stop_and_join();
}

void IoThread::start() {
  sweep();
  wait_ready();
  thread_ = std::thread([this] {
    if (static_cast<std::size_t>(index) < parts.options.cpus.size()) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(static_cast<std::size_t>(parts.options.cpus[static_cast<std::size_t>(index)]), &set);
      pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    }
    Executor::Scope scope(this);
    loop_->context.run();
  });
}

void IoThread::stop_and_join() {
  if (!thread_.joinable()) return;
  loop_->context.stop();
  thread_.join();
  flush_log();
}

void IoThread::post(std::coroutine_handle<> handle) {
  bool first = false;
  {
    std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(handle);
  }
  // Whoever ends a batch of writes wakes this thread once, not once a caller.
  if (first) asio::post(loop_->context, [this] { run_posted(); });
}

void IoThread::wait_ready() {
  loop_->ready.async_wait(Loop::Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    resume_ready();
    wait_ready();
  });
}

void IoThread::resume_ready() {
  epoll_event events[128];
  batch_size_ = ::epoll_wait(ready_fd_, events, static_cast<int>(std::size(events)), 0);
  batch_ = events;
  for (int i = 0; i < batch_size_; ++i) {
    auto* connection = static_cast<Connection*>(events[i].data.ptr);
    if (connection) connection->socket_changed(events[i].events);
  }
  batch_ = nullptr;
}

void IoThread::run_posted() {
  {
    std::lock_guard lock(posted_mutex_);
    running_.swap(posted_);
  }
  for (std::coroutine_handle<> handle : running_) handle.resume();
  running_.clear();
}

void IoThread::run_here(std::function<void()> function) {
  asio::post(loop_->context, std::move(function));
}

void IoThread::resume_after(std::chrono::milliseconds time, std::coroutine_handle<> handle) {
  auto timer = std::make_shared<Loop::Timer>(loop_->context.get_executor(), time);
  timer->async_wait([timer, handle](const boost::system::error_code&) { handle.resume(); });
}

void IoThread::adopt(int fd, const IpAddress& peer, bool metrics_listener) {
  auto take = [this, fd, peer, metrics_listener] {
    metrics->connections.add();
    Connection* connection = nullptr;
    try {
      connection = new Connection(*this, fd, peer, metrics_listener);
    } catch (const std::exception& error) {
      parts.log(LogLevel::warning, fmt::format("A connection could not be taken: {}", error.what()));
      ::close(fd);
      connection_gone(peer);
      return;
    }
    add(*connection);
    plenary::start(connection->run(), [this, connection, peer](std::exception_ptr thrown) {
      if (thrown) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::exception& error) {
          parts.log(LogLevel::error, fmt::format("A connection ended by an error of ours: {}", error.what()));
        } catch (...) {
          parts.log(LogLevel::error, "A connection ended by an error of ours.");
        }
      }
      remove(*connection);
      delete connection;
      connection_gone(peer);
    });
  };
  if (Executor::current() == this) {
    take();
  } else {
    asio::post(loop_->context, take);
  }
}

void IoThread::connection_gone(const IpAddress& peer) {
  parts.let_go(peer);
  std::lock_guard lock(parts.gone_mutex);
  if (parts.connections.fetch_sub(1) == 1) parts.gone.notify_all();
}

std::unique_ptr<Exchange> IoThread::borrow() {
  if (free_.empty()) return std::make_unique<Exchange>(parts.options.max_head + 8 * 1024);
  std::unique_ptr<Exchange> exchange = std::move(free_.back());
  free_.pop_back();
  return exchange;
}

void IoThread::give_back(std::unique_ptr<Exchange> exchange) {
  exchange->request_end = exchange->filled;
  exchange->next();
  if (free_.size() < free_exchanges) free_.push_back(std::move(exchange));
}

void IoThread::add(Connection& connection) {
  connection.next = first_;
  if (first_) first_->previous = &connection;
  first_ = &connection;
}

void IoThread::remove(Connection& connection) {
  if (batch_) {
    for (int i = 0; i < batch_size_; ++i) {
      if (batch_[i].data.ptr == &connection) batch_[i].data.ptr = nullptr;
    }
  }
  if (connection.previous) connection.previous->next = connection.next;
  if (connection.next) connection.next->previous = connection.previous;
  if (first_ == &connection) first_ = connection.next;
}

std::string_view IoThread::date(std::int64_t unix_seconds) {
  if (unix_seconds != date_second_) {
    date_second_ = unix_seconds;
    date_text_ = http_date(unix_seconds);
  }
  return date_text_;
}

void IoThread::next_request_id(std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  out.clear();
  for (int shift = 28; shift >= 0; shift -= 4) out += digits[(id_prefix_ >> shift) & 15];
  out += '-';
  ++id_counter_;
  for (int shift = 20; shift >= 0; shift -= 4) out += digits[(id_counter_ >> shift) & 15];
}

void IoThread::flush_log() {
  if (access_lines.empty() || !parts.options.access_log) return;
  parts.options.access_log->write(std::move(access_lines));
  access_lines.clear();
}

// One timer for all connections of the thread: a deadline is a field, not a timer in a queue.
void IoThread::sweep() {
  SteadyTime now = std::chrono::steady_clock::now();
  for (Connection* connection = first_; connection; connection = connection->next) {
    // Once more at the next sweep where the wait had just ended by itself: whoever waits again sets a new
    // deadline.
    if (connection->deadline <= now) connection->cancel_wait(false);
  }
  flush_log();
  loop_->sweep.expires_after(sweep_every_);
  loop_->sweep.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void IoThread::begin_drain() {
  SteadyTime soon = std::chrono::steady_clock::now() + parts.options.drain_idle_time;
  for (Connection* connection = first_; connection; connection = connection->next) {
    if (connection->waiting_for_request) connection->deadline = std::min(connection->deadline, soon);
  }
  sweep_every_ = std::min(sweep_every_, std::chrono::milliseconds(20));
  loop_->sweep.expires_after(sweep_every_);
  loop_->sweep.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
}

void IoThread::close_all() {
  for (Connection* connection = first_; connection; connection = connection->next)
    connection->cancel_wait(true);
}

struct Server::Impl {
  Impl(ServerOptions options, const Services& services) : parts(std::move(options), services) {}

  struct Door {
    using Descriptor = IoThread::Loop::Descriptor;
    Door(IoThread& thread, int fd, bool metrics)
        : descriptor(thread.loop().context.get_executor(), fd),
          retry(thread.loop().context.get_executor()),
          metrics(metrics) {}
    Descriptor descriptor;
    IoThread::Loop::Timer retry;
    bool metrics;
  };

  // On the first thread.
  void wait(Door& door) {
    door.descriptor.async_wait(
        Door::Descriptor::wait_read, [this, &door](const boost::system::error_code& error) {
          if (error) return;
          if (accept_all(door)) {
            wait(door);
          } else {
            // Out of file descriptors: looking again at once would only burn the processor.
            door.retry.expires_after(std::chrono::milliseconds(50));
            door.retry.async_wait([this, &door](const boost::system::error_code& failed) {
              if (!failed) wait(door);
            });
          }
        });
  }

  bool accept_all(Door& door) {
    while (true) {
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      int fd = ::accept4(door.descriptor.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
        if (errno == EINTR || errno == ECONNABORTED) continue;
        parts.log(LogLevel::warning,
                  fmt::format("Connections cannot be accepted: {}.", std::strerror(errno)));
        return false;
      }
      IpAddress address = address_of(peer);
      if (parts.connections.load() >= parts.options.max_connections || !parts.let_in(address)) {
        threads.front()->metrics->refused_connections.add();
        if (!parts.options.tls) {
          static constexpr std::string_view full =
              "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\nContent-Length: "
              "0\r\n\r\n";
          [[maybe_unused]] ssize_t sent = ::send(fd, full.data(), full.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        ::close(fd);
        continue;
      }
      parts.connections.fetch_add(1);
      next = (next + 1) % threads.size();
      threads[next]->adopt(fd, address, door.metrics);
    }
  }

  void start() {
    if (parts.options.tls) {
      // OpenSSL writes to sockets without MSG_NOSIGNAL.
      struct sigaction ignore {};
      ignore.sa_handler = SIG_IGN;
      sigaction(SIGPIPE, &ignore, nullptr);
    }
    listener = std::make_unique<Listener>(parts.options.listen);
    if (!parts.options.metrics_listen.empty()) {
      metrics_listener = std::make_unique<Listener>(parts.options.metrics_listen);
    }
    port = listener->port();
    if (metrics_listener) metrics_port = metrics_listener->port();
    if (parts.options.threads == 0) parts.options.threads = 1;
    for (std::size_t i = 0; i < parts.options.threads; ++i) {
      threads.push_back(std::make_unique<IoThread>(parts, static_cast<int>(i)));
      threads.back()->metrics = &metrics().add_thread(*parts.services.router);
    }
    doors.push_back(std::make_unique<Door>(*threads.front(), listener->release(), false));
    if (metrics_listener) {
      doors.push_back(std::make_unique<Door>(*threads.front(), metrics_listener->release(), true));
    }
    for (auto& door : doors) wait(*door);
    for (auto& thread : threads) thread->start();
    running = true;
  }

  void stop() {
    if (!running) return;
    running = false;
    parts.draining = true;
    *parts.services.draining = true;
    // Nobody new; those already let in, or on the last step of the handshake, are all taken before the door
    // closes: a client may believe itself connected some time before the listener knows of it.
    for (auto& door : doors) refuse_new_connections(door->descriptor.native_handle());
    std::promise<void> closed;
    IoThread::Loop::Timer last_look(threads.front()->loop().context.get_executor());
    threads.front()->run_here([&] {
      last_look.expires_after(parts.options.handshake_time);
      last_look.async_wait([&](const boost::system::error_code&) {
        for (auto& door : doors) {
          accept_all(*door);
          boost::system::error_code ignored;
          door->retry.cancel();
          door->descriptor.close(ignored);
        }
        closed.set_value();
      });
    });
    closed.get_future().wait();
    for (auto& thread : threads) thread->run_here([&t = *thread] { t.begin_drain(); });
    std::unique_lock lock(parts.gone_mutex);
    auto none = [&] { return parts.connections.load() == 0; };
    if (!parts.gone.wait_for(lock, parts.options.drain_time, none)) {
      parts.log(LogLevel::warning, fmt::format("{} connections were still busy after {} ms and are closed.",
                                               parts.connections.load(), parts.options.drain_time.count()));
      // Again and again: a handler that comes back later finds its connection closing.
      while (!none()) {
        lock.unlock();
        for (auto& thread : threads) thread->run_here([&t = *thread] { t.close_all(); });
        lock.lock();
        parts.gone.wait_for(lock, std::chrono::milliseconds(100), none);
      }
    }
    lock.unlock();
    for (auto& thread : threads) thread->stop_and_join();
    doors.clear();
  }

  Metrics& metrics() { return parts.services.metrics ? *parts.services.metrics : own_metrics; }

  ServerParts parts;
  Metrics own_metrics;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::unique_ptr<Listener> listener, metrics_listener;
  std::vector<std::unique_ptr<Door>> doors;  // before the threads go, as they live on one
  std::size_t next = 0;
  std::uint16_t port = 0, metrics_port = 0;
  bool running = false;
};

Server::Server(ServerOptions options, const Services& services)
    : impl_(std::make_unique<Impl>(std::move(options), services)) {}

Server::~Server() {
  stop();
}

void Server::start() {
  impl_->start();
}
void Server::stop() {
  impl_->stop();
}

void Server::reload_tls() {
  if (!impl_->parts.options.tls) return;
  auto fresh = std::make_shared<const TlsContext>(*impl_->parts.options.tls);
  std::lock_guard lock(impl_->parts.tls_mutex);
  impl_->parts.tls = std::move(fresh);
}

std::uint16_t Server::port() const {
  return impl_->port;
}
std::uint16_t Server::metrics_port() const {
  return impl_->metrics_port;
}
bool Server::draining() const {
  return impl_->parts.draining.load();
}
std::size_t Server::connections() const {
  return impl_->parts.connections.load();
}

}  // namespace plenary::web
