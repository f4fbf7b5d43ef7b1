#include "support/http_stand_in.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>

namespace plenary::test {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void say(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool more(int fd, std::string& buffer) {
  char bytes[16 * 1024];
  const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(got));
  return true;
}

// False: somebody else connects while this one says nothing, and is served instead.
bool next_is_from(int fd, int listener) {
  pollfd both[2] = {{fd, POLLIN, 0}, {listener, POLLIN, 0}};
  return ::poll(both, 2, -1) > 0 && both[0].revents != 0;
}

std::optional<StandInRequest> read_request(int fd, std::string& buffer) {
  std::size_t end;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!more(fd, buffer)) return std::nullopt;
  }
  const std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  StandInRequest request;
  const std::size_t line_end = head.find("\r\n");
  const std::string first = head.substr(0, line_end);
  const std::size_t one = first.find(' '), two = first.rfind(' ');
  request.method = first.substr(0, one);
  request.target = first.substr(one + 1, two - one - 1);
  for (std::size_t at = line_end + 2; at < head.size();) {
    const std::size_t stop = head.find("\r\n", at);
    const std::string line = head.substr(at, stop - at);
    const std::size_t colon = line.find(':');
    request.headers[lower(line.substr(0, colon))] = line.substr(line.find_first_not_of(' ', colon + 1));
    at = stop + 2;
  }
  const auto length = request.headers.find("content-length");
  const std::size_t wanted = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (buffer.size() < wanted) {
    if (!more(fd, buffer)) return std::nullopt;
  }
  request.body = buffer.substr(0, wanted);
  buffer.erase(0, wanted);
  return request;
}

}  // namespace

HttpStandIn::HttpStandIn(Answer answer, std::uint16_t port, bool many)
    : answer_(std::move(answer)), many_(many) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int on = 1;
  if (port != 0) ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the HTTP stand-in cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpStandIn::~HttpStandIn() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  if (const int fd = current_; fd >= 0) ::shutdown(fd, SHUT_RDWR);
  thread_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& talker : talkers_) talker.join();
  ::close(listener_);
}

std::vector<StandInRequest> HttpStandIn::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpStandIn::serve() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      if (stopping_) return;
      continue;
    }
    ++connections_;
    if (many_) {
      serve_many(fd);
      continue;
    }
    current_ = fd;
    if (!stopping_) talk(fd);
    current_ = -1;
    ::close(fd);
  }
}

void HttpStandIn::serve_many(int fd) {
  const std::lock_guard lock(mutex_);
  open_.insert(fd);
  talkers_.emplace_back([this, fd] {
    talk(fd);
    const std::lock_guard done(mutex_);
    open_.erase(fd);
    ::close(fd);
  });
}

void HttpStandIn::talk(int fd) {
  std::string buffer;
  while (many_ || next_is_from(fd, listener_)) {
    const auto request = read_request(fd, buffer);
    if (!request) return;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    const StandInReply reply = answer_(*request);
    if (reply.drops) {
      ::shutdown(fd, SHUT_RDWR);
      return;
    }
    if (reply.delay_ms > 0) ::poll(nullptr, 0, reply.delay_ms);
    if (reply.silent) {
      while (more(fd, buffer)) buffer.clear();
      return;
    }
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
    text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
    if (request->method == "HEAD") {
      say(fd, text);
    } else if (reply.cut_after > 0) {
      say(fd, text + reply.body.substr(0, reply.cut_after));
      return;
    } else {
      say(fd, text + reply.body);
    }
  }
}

}  // namespace plenary::test
