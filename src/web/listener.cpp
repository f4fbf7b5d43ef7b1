#include "web/listener.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "web/forwarded.hpp"

namespace plenary::web {
namespace {

constexpr int backlog = 4096;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// "127.0.0.1:8000", "[::1]:8000", "localhost:8000"
Address parse_listen(const std::string& text) {
  auto wrong = [&] {
    return std::runtime_error(
        fmt::format("listen = \"{}\" is no address. Write \"127.0.0.1:8000\" or \"[::1]:8000\".", text));
  };
  std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) throw wrong();
  std::string host = text.substr(0, colon);
  std::string_view digits = std::string_view(text).substr(colon + 1);
  int port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 0 || port > 65535) throw wrong();
  if (host == "localhost") host = "127.0.0.1";
  bool v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (v6) host = host.substr(1, host.size() - 2);
  std::optional<IpAddress> ip = IpAddress::parse(host);
  if (!ip || v6 != (host.find(':') != std::string::npos)) throw wrong();
  Address address;
  if (v6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&in.sin6_addr, ip->bytes.data(), 16);
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&in.sin_addr, ip->bytes.data() + 12, 4);
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  }
  return address;
}

}  // namespace

Listener::Listener(const std::string& listen) {
  Address address = parse_listen(listen);
  fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd_ < 0 || ::bind(fd_, reinterpret_cast<sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(fd_, backlog) != 0) {
    int error = errno;
    if (fd_ >= 0) ::close(fd_);
    std::string advice =
        error == EADDRINUSE ? "Another program listens there: stop it, or choose another port."
        : error == EACCES   ? "Ports below 1024 need a right of their own: choose a higher one."
                            : "Check [server] listen in the settings.";
    throw std::runtime_error(
        fmt::format("Cannot listen on {}: {}. {}", listen, std::strerror(error), advice));
  }
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
  port_ = ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(own).sin6_port
                                          : reinterpret_cast<sockaddr_in&>(own).sin_port);
}

Listener::~Listener() {
  if (fd_ >= 0) ::close(fd_);
}

int Listener::release() {
  return std::exchange(fd_, -1);
}

void refuse_new_connections(int listening_fd) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),     // TCP flags
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12),  // SYN, ACK
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffff'ffff),
  };
  sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  setsockopt(listening_fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

}  // namespace plenary::web
