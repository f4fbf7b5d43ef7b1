// A listening socket. Whoever accepts takes the descriptor over with release(). Throws std::runtime_error
// with advice: the address is none, or is in use, or needs a right.
#pragma once

#include <cstdint>
#include <string>

namespace plenary::web {

class Listener {
 public:
  explicit Listener(const std::string& listen);  // "127.0.0.1:8000", "[::1]:8000", "localhost:8000"
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int release();
  std::uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

// New connections are no longer begun (their SYN is dropped); those in the queue stay and can all be taken,
// so that closing the listener resets nobody who was let in.
void refuse_new_connections(int listening_fd);

}  // namespace plenary::web
