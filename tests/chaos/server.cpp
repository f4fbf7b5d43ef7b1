#include "server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <thread>

#include "client.hpp"

namespace plenary::chaos {
namespace {

pid_t start(const std::vector<std::string>& command, const fs::path& log) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string log_name = log.string();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(log_name.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  return pid;
}

int exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

class ReadyProbe : public onsale::Handler {
 public:
  ReadyProbe(onsale::Loop& loop, const onsale::Endpoint& endpoint) : connection_(loop, *this, endpoint) {
    onsale::write_get(connection_.request, endpoint.host, "/readyz", onsale::CookieJar{});
  }
  void ask() {
    if (!connection_.waiting()) connection_.send();
  }
  void on_response(onsale::Connection&, const onsale::Response& response) override {
    ready = response.status == 200;
  }
  void on_lost(onsale::Connection&, onsale::Loss) override {}
  bool ready = false;

 private:
  onsale::Connection connection_;
};

}  // namespace

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port on 127.0.0.1");
  }
  close(fd);
  return ntohs(address.sin_port);
}

int run_command(const std::vector<std::string>& command, const fs::path& log) {
  const pid_t pid = start(command, log);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_code(status);
}

Server::Server(const fs::path& plenary, const fs::path& settings, int port, const fs::path& log)
    : pid_(start({plenary.string(), "--settings", settings.string(), "serve"}, log)) {
  onsale::Loop loop;
  const auto endpoint = onsale::Endpoint::parse("http://127.0.0.1:" + std::to_string(port));
  ReadyProbe probe(loop, endpoint);
  const auto until = onsale::now_micros() + 10'000'000;
  while (!probe.ready) {
    if (const auto code = ended()) {
      throw std::runtime_error("the server ended with exit code " + std::to_string(*code) +
                               " before it was ready; see " + log.string());
    }
    if (onsale::now_micros() > until) {
      signal(SIGKILL);
      wait(std::chrono::seconds(5));
      throw std::runtime_error("the server is not ready after 10 s; see " + log.string());
    }
    probe.ask();
    if (!loop.run_once(5'000)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Server::~Server() {
  if (ended()) return;
  signal(SIGKILL);
  wait(std::chrono::seconds(10));
}

void Server::signal(int number) const {
  if (!code_) kill(pid_, number);
}

std::optional<int> Server::ended() {
  int status = 0;
  if (!code_ && waitpid(pid_, &status, WNOHANG) == pid_) code_ = exit_code(status);
  return code_;
}

std::optional<int> Server::wait(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!ended() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return code_;
}

}  // namespace plenary::chaos
