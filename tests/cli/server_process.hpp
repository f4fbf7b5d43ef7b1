// `plenary serve` as a process of its own, started from a settings file and ended with the test.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "cli/run.hpp"

namespace plenary::cli::testing {

// Kept for this process: the socket stays bound, so that nobody else is given the port before the server,
// which may share it, listens there.
inline std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class ServerProcess {
 public:
  ServerProcess() = default;
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::close(output_);
  }

  // Waits until the server has said what to open.
  void start(const std::string& settings_file, const DatabaseChange& database = {}) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      // Standard streams are the child's own from here on.
      ::_exit(run({"--settings", settings_file, "serve"}, std::cout, std::cerr, {}, database));
    }
    ::close(ends[1]);
    said_.clear();
    char bytes[512];
    while (said_.find("Open http") == std::string::npos || said_.back() != '\n') {
      const ssize_t got = ::read(ends[0], bytes, sizeof bytes);
      ASSERT_GT(got, 0) << "the server ended: " << said_;
      said_.append(bytes, static_cast<std::size_t>(got));
    }
    output_ = ends[0];
  }
  int stop(int signal) {
    ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = 0;
    ::close(output_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  pid_t pid() const { return child_; }
  const std::string& said() const { return said_; }

 private:
  pid_t child_ = 0;
  int output_ = -1;
  std::string said_;
};

}  // namespace plenary::cli::testing
