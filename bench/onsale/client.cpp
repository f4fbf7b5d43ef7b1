#include "client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace plenary::onsale {

Endpoint Endpoint::parse(std::string_view url) {
  const std::string whole(url);
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) throw std::invalid_argument(whole + ": expected http://127.0.0.1:PORT");
  url.remove_prefix(scheme.size());
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto colon = url.find(':');
  std::string address(url.substr(0, colon));
  if (address == "localhost") address = "127.0.0.1";
  unsigned port = 80;
  if (colon != std::string_view::npos) {
    const auto digits = url.substr(colon + 1);
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (end.ec != std::errc{} || end.ptr != digits.data() + digits.size() || port == 0 || port > 65535) {
      throw std::invalid_argument(whole + ": that is no port");
    }
  }
  Endpoint endpoint;
  endpoint.host = std::string(url);
  endpoint.address.sin_family = AF_INET;
  endpoint.address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &endpoint.address.sin_addr) != 1 ||
      (ntohl(endpoint.address.sin_addr.s_addr) >> 24) != 127) {
    throw std::invalid_argument(whole + ": only servers on loopback (127.0.0.1) are put under load");
  }
  return endpoint;
}

std::string_view to_text(Loss loss) {
  switch (loss) {
    case Loss::refused:
      return "connection refused";
    case Loss::before_request:
      return "closed before the request was sent";
    case Loss::unanswered:
      return "closed without an answer";
    case Loss::partial:
      return "closed in the middle of an answer";
    case Loss::malformed:
      return "answer not understood";
  }
  return "";
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(128 * 1024) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Loop::~Loop() {
  close(epoll_);
}

bool Loop::run_once(std::int64_t timeout_micros) {
  epoll_event events[64];
  timespec timeout{timeout_micros / 1'000'000, timeout_micros % 1'000'000 * 1000};
  const int n = epoll_pwait2(epoll_, events, 64, &timeout, nullptr);
  if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  for (int i = 0; i < n; ++i) static_cast<Connection*>(events[i].data.ptr)->on_event(events[i].events);
  return n > 0;
}

void Connection::connect_now() {
  if (fd_ >= 0) return;
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
  const int one = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ++loop_.connects;
  connecting_ = true;
  partial_.clear();
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&endpoint_.address), sizeof endpoint_.address) == 0) {
    connecting_ = false;
    connected_at_ = now_micros();
  } else if (errno != EINPROGRESS) {
    return lost(Loss::refused);
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (epoll_ctl(loop_.epoll_, EPOLL_CTL_ADD, fd_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void Connection::disconnect() {
  if (fd_ >= 0) close(fd_);  // leaves the epoll set by that
  fd_ = -1;
  connecting_ = false;
}

void Connection::send() {
  waiting_ = true;
  closed_before_sent_ = false;
  sent_ = 0;
  sent_at_ = now_micros();
  if (fd_ < 0) connect_now();
  if (fd_ >= 0 && !connecting_) flush();
}

void Connection::flush() {
  while (sent_ < request.size()) {
    const auto n = ::send(fd_, request.data() + sent_, request.size() - sent_, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) return;
      return lost(sent_ == 0 ? Loss::before_request : Loss::unanswered);
    }
    sent_ += static_cast<std::size_t>(n);
  }
  if (check_close) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
    // A server that took the request may have closed by now as well: it has acknowledged all of it, and a
    // connection that was closed before would have answered with a reset.
    const bool taken = info.tcpi_state == TCP_CLOSE_WAIT && info.tcpi_unacked == 0;
    closed_before_sent_ = info.tcpi_state != TCP_ESTABLISHED && !taken;
  }
}

void Connection::on_event(std::uint32_t events) {
  if (fd_ < 0) return;  // closed by an earlier event of the same batch
  if (connecting_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return lost(Loss::refused);
    if ((events & EPOLLOUT) == 0) return;
    connecting_ = false;
    connected_at_ = now_micros();
    if (waiting_) flush();
    return;
  }
  if ((events & EPOLLOUT) != 0 && waiting_ && sent_ < request.size()) flush();
  if (fd_ >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    read_answers((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }
}

void Connection::read_answers(bool closing) {
  auto& buffer = loop_.buffer_;
  for (;;) {
    const int fd = fd_;
    const auto n = recv(fd, buffer.data(), buffer.size(), 0);
    if (n < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
    }
    if (n <= 0) {
      if (!waiting_) return disconnect();  // an idle connection that the server gave up
      if (!partial_.empty()) return lost(Loss::partial);
      return lost(closed_before_sent_ || sent_ == 0 ? Loss::before_request : Loss::unanswered);
    }
    std::string_view data(buffer.data(), static_cast<std::size_t>(n));
    if (!partial_.empty()) {
      partial_ += data;
      data = partial_;
    }
    Response response;
    std::size_t consumed = 0;
    const auto parsed = waiting_ ? parse_response(data, response, consumed) : Parsed::malformed;
    if (parsed == Parsed::malformed || (parsed == Parsed::complete && consumed != data.size())) {
      return lost(Loss::malformed);
    }
    if (parsed == Parsed::incomplete) {
      if (partial_.empty()) partial_.assign(data);
      continue;
    }
    ++loop_.answers;
    waiting_ = false;
    if (response.close) disconnect();
    if (partial_.empty()) {
      handler_.on_response(*this, response);
    } else {
      std::string answer;
      answer.swap(partial_);  // the views keep pointing into it; the next answer begins with an empty one
      Response moved;
      parse_response(answer, moved, consumed);
      handler_.on_response(*this, moved);
    }
    // A short read emptied the socket: whatever comes later is a new edge.
    if (fd_ != fd || (!closing && static_cast<std::size_t>(n) < buffer.size())) return;
  }
}

void Connection::lost(Loss loss) {
  const bool was_waiting = waiting_;
  disconnect();
  waiting_ = false;
  partial_.clear();
  if (was_waiting) handler_.on_lost(*this, loss);
}

}  // namespace plenary::onsale
