// Programs run from outside: the server under test, and commands that end by themselves. A server dies with
// this process, whatever happens to it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace plenary::chaos {

namespace fs = std::filesystem;

// A port of 127.0.0.1 that nobody listens on right now.
int free_port();

// Runs to its end with output appended to `log`; the exit code, 128 + signal for a violent end, 127 when it
// did not start.
int run_command(const std::vector<std::string>& command, const fs::path& log);

class Server {
 public:
  // `plenary --settings SETTINGS serve`, output appended to `log`. Throws std::runtime_error when it is not
  // ready within ten seconds: /readyz answers 200.
  Server(const fs::path& plenary, const fs::path& settings, int port, const fs::path& log);
  ~Server();  // kills what still runs
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void signal(int number) const;
  // How it ended, when it has: as run_command tells it.
  std::optional<int> ended();
  std::optional<int> wait(std::chrono::milliseconds patience);

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

}  // namespace plenary::chaos
