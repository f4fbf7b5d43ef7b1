// What a connection does with its socket: reading, sending, pausing, closing, streaming. What it reads and
// answers is in connection.cpp.
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "web/access_log.hpp"
#include "web/io_thread.hpp"

namespace plenary::web {

Connection::Wait Connection::readable() {
  return {*this, false};
}
Connection::Wait Connection::writable() {
  return {*this, true};
}

void Connection::socket_changed(std::uint32_t events) {
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) may_read_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) may_write_ = true;
  // The end is told once; whoever reads the last bytes with it must not wait for another word.
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_closed_ = true;
  if (waiter_ && (waits_to_write_ ? may_write_ : may_read_)) {
    wait_ok_ = true;
    std::exchange(waiter_, nullptr).resume();
  }
}

void Connection::cancel_wait(bool closing) {
  closing_ |= closing;
  if (!waiter_) return;
  timed_out_ = true;
  wait_ok_ = false;
  // Not at once: the connection may end with it, and the caller goes through the list of all.
  thread.post(std::exchange(waiter_, nullptr));
}

void Connection::set_deadline(std::chrono::milliseconds time, std::uint64_t bytes) {
  auto extra = std::chrono::seconds(bytes / std::max<std::size_t>(parts_.options.slowest_rate, 1));
  deadline = std::chrono::steady_clock::now() + time + extra;
}

Connection::Read Connection::read_some(char* data, std::size_t size, std::size_t& got) {
  if (tls_) {
    tls_wants_write_ = false;
    switch (tls_->read(data, size, got)) {
      case TlsSession::Result::done:
        return Read::some;
      case TlsSession::Result::wants_write:
        tls_wants_write_ = true;
        may_write_ = false;
        return Read::blocked;
      case TlsSession::Result::wants_read:
        may_read_ = false;
        return Read::blocked;
      case TlsSession::Result::closed:
        return Read::closed;
    }
  }
  while (true) {
    ssize_t n = ::recv(fd_, data, size, MSG_DONTWAIT);
    if (n > 0) {
      got = static_cast<std::size_t>(n);
      if (got < size) may_read_ = false;  // that was all; what comes later is a new edge
      return Read::some;
    }
    if (n < 0 && errno == EINTR) continue;
    may_read_ = false;
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Read::blocked : Read::closed;
  }
}

Connection::Sent Connection::send_some(std::string_view head, std::string_view body, std::size_t& sent) {
  const std::size_t total = head.size() + body.size();
  while (sent < total) {
    std::string_view rest_of_head = sent < head.size() ? head.substr(sent) : std::string_view();
    std::string_view rest_of_body = sent < head.size() ? body : body.substr(sent - head.size());
    if (tls_) {
      std::size_t put = 0;
      tls_wants_write_ = true;
      switch (tls_->write(rest_of_head.empty() ? rest_of_body : rest_of_head, put)) {
        case TlsSession::Result::done:
          sent += put;
          continue;
        case TlsSession::Result::wants_read:
          tls_wants_write_ = false;
          may_read_ = false;
          return Sent::part;
        case TlsSession::Result::wants_write:
          may_write_ = false;
          return Sent::part;
        case TlsSession::Result::closed:
          return Sent::failed;
      }
    }
    iovec parts[2] = {{const_cast<char*>(rest_of_head.data()), rest_of_head.size()},
                      {const_cast<char*>(rest_of_body.data()), rest_of_body.size()}};
    msghdr message{};
    message.msg_iov = rest_of_head.empty() ? parts + 1 : parts;
    message.msg_iovlen = rest_of_head.empty() || rest_of_body.empty() ? 1 : 2;
    ssize_t n = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      tls_wants_write_ = true;
      may_write_ = false;
      return Sent::part;
    } else if (errno != EINTR) {
      return Sent::failed;
    }
  }
  return Sent::all;
}

Task<bool> Connection::send_rest(std::string head, std::string_view body, std::size_t sent) {
  set_deadline(parts_.options.write_time, head.size() + body.size());
  while (true) {
    bool ready = false;
    if (tls_wants_write_) {
      ready = co_await writable();
    } else {
      ready = co_await readable();
    }
    if (!ready) {
      if (timed_out_) thread.metrics->timed_out.add();
      co_return false;
    }
    Sent result = send_some(head, body, sent);
    if (result == Sent::failed) co_return false;
    if (result == Sent::all) co_return true;
  }
}

Task<bool> Connection::send_all(std::string text) {
  std::size_t sent = 0;
  Sent result = send_some(text, {}, sent);
  if (result == Sent::part) {
    bool done = co_await send_rest(std::move(text), {}, sent);
    co_return done;
  }
  co_return result == Sent::all;
}

Task<bool> Connection::handshake() {
  set_deadline(parts_.options.header_time);
  while (true) {
    bool ready = false;
    switch (tls_->handshake()) {
      case TlsSession::Result::done:
        co_return true;
      case TlsSession::Result::closed:
        co_return false;
      case TlsSession::Result::wants_read:
        may_read_ = false;
        ready = co_await readable();
        break;
      case TlsSession::Result::wants_write:
        may_write_ = false;
        ready = co_await writable();
        break;
    }
    if (!ready) co_return false;
  }
}

// Drops arriving segments that carry data, in the kernel: they are not acknowledged, so to the client they
// were never received. What arrived before is all there is, which a plain "read, then close" could not say.
void Connection::pause_receiving() {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 12),  // length of the TCP header, upper four bits
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
      BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffff'ffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  paused_ = setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void Connection::resume_receiving() {
  int unused = 0;
  if (paused_) setsockopt(fd_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
  paused_ = false;
}

// Whether anything of a further request was received; after "no", nothing more will be.
bool Connection::more_is_coming(Exchange& exchange) {
  if (exchange.filled > exchange.request_end) return true;
  if (exchange.filled == exchange.size) return true;
  pause_receiving();
  std::size_t got = 0;
  if (read_some(exchange.buffer.get() + exchange.filled, exchange.size - exchange.filled, got) ==
      Read::some) {
    exchange.filled += got;
    resume_receiving();
    return true;
  }
  if (tls_ && tls_->has_pending()) {
    resume_receiving();
    return true;
  }
  return false;
}

Task<bool> Connection::read_more(Exchange& exchange) {
  while (true) {
    std::size_t got = 0;
    switch (read_some(exchange.buffer.get() + exchange.filled, exchange.size - exchange.filled, got)) {
      case Read::some:
        exchange.filled += got;
        co_return true;
      case Read::closed:
        co_return false;
      case Read::blocked:
        break;
    }
    bool ready = false;
    if (tls_ && tls_wants_write_) {
      ready = co_await writable();
    } else {
      ready = co_await readable();
    }
    if (!ready) co_return false;
  }
}

// Says that nothing more comes, and reads on for a while what the client still sends: closing at once would
// make the kernel reset the connection and throw our answer away before the client has read it.
Task<void> Connection::linger() {
  if (tls_) tls_->say_goodbye();
  ::shutdown(fd_, SHUT_WR);
  set_deadline(parts_.options.linger_time);
  char scrap[4096];
  std::size_t most = 4 * 1024 * 1024;
  while (most > 0) {
    ssize_t n = ::recv(fd_, scrap, sizeof scrap, MSG_DONTWAIT);
    if (n == 0) co_return;
    if (n > 0) {
      most -= std::min(most, static_cast<std::size_t>(n));
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) co_return;
    may_read_ = false;
    bool ready = co_await readable();
    if (!ready) co_return;
  }
}

// The body of a streamed response, chunked for HTTP/1.1.
class ConnectionWriter : public BodyWriter {
 public:
  ConnectionWriter(Connection& connection, bool chunked) : connection_(connection), chunked_(chunked) {}

  Task<bool> write(std::string bytes) override {
    if (gone()) co_return false;
    if (bytes.empty()) co_return true;
    sent_ += bytes.size();
    if (chunked_) bytes = fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
    connection_.in_handler = false;
    bool ok = co_await connection_.send_all(std::move(bytes));
    connection_.in_handler = true;
    connection_.deadline = SteadyTime::max();
    gone_ |= !ok;
    co_return ok;
  }

  Task<bool> wait(int milliseconds) override {
    // In pieces, so that a client that left and a server that stops are noticed.
    while (milliseconds > 0 && !gone()) {
      int step = std::min(milliseconds, 250);
      co_await Sleep{connection_.thread, std::chrono::milliseconds(step)};
      milliseconds -= step;
    }
    bool here = !gone();
    co_return here;
  }

  std::uint64_t sent() const { return sent_; }
  bool failed() const { return gone_; }

 private:
  struct Sleep {
    IoThread& thread;
    std::chrono::milliseconds time;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) { thread.resume_after(time, handle); }
    void await_resume() const noexcept {}
  };

  bool gone() {
    if (gone_ || connection_.closing_ || connection_.parts_.draining.load(std::memory_order_relaxed))
      return true;
    char byte = 0;
    ssize_t n = ::recv(connection_.fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    gone_ = n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    return gone_;
  }

  Connection& connection_;
  bool chunked_;
  bool gone_ = false;
  std::uint64_t sent_ = 0;
};

Task<bool> Connection::stream(Response& response, Exchange& exchange, bool chunked) {
  ConnectionWriter writer(*this, chunked);
  std::exception_ptr thrown;
  in_handler = true;
  deadline = SteadyTime::max();
  try {
    co_await response.stream_writer(writer);
  } catch (...) {
    thrown = std::current_exception();
  }
  in_handler = false;
  if (thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      parts_.log(LogLevel::error, fmt::format("The stream of {} ended early, request={}: {}",
                                              exchange.match.route ? exchange.match.route->pattern : "-",
                                              exchange.request.id(), log_escaped(error.what())));
    } catch (...) {
      parts_.log(LogLevel::error, fmt::format("The stream ended early, request={}", exchange.request.id()));
    }
    co_return false;  // without the last chunk: the client sees that something is missing
  }
  if (writer.failed() || !chunked) co_return false;
  bool ok = co_await send_all("0\r\n\r\n");
  co_return ok;
}

}  // namespace plenary::web
