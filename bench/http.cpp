// Requests a second of a fixed 3 KB page on one server core, with the client on the other. The budget is
// 100,000/s (docs/design.md, section 3), one fifth of which the ticket page may use. `bench_http [seconds]
// [connections]`.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "web/server.hpp"

using namespace plenary;
using namespace plenary::web;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr double budget = 100'000;

void run_on_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

double cpu_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Each connection sends a request, waits for the whole response, sends the next.
struct Client {
  int fd;
  std::size_t expected = 0, received = 0;
  SteadyClock::time_point sent;
};

}  // namespace

int main(int argc, char** argv) {
  int seconds = argc > 1 ? std::atoi(argv[1]) : 5;
  int connections = argc > 2 ? std::atoi(argv[2]) : 64;
  bool two_cpus = std::thread::hardware_concurrency() > 1;

  std::string page(3 * 1024, 'x');
  Route route;
  route.pattern = "/page/";
  route.name = "page";
  route.guard = public_();
  route.handler = [&page](Request&) -> Task<Response> { co_return Response::html(page); };
  Router router({{route}});
  Metrics metrics;
  Services services;
  services.router = &router;
  services.metrics = &metrics;
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  if (two_cpus) options.cpus = {0};
  Server server(options, services);
  server.start();
  if (two_cpus) run_on_cpu(1);

  const std::string request =
      "GET /page/ HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: text/html\r\nAccept-Encoding: "
      "gzip\r\n\r\n";
  int epoll = epoll_create1(0);
  std::vector<Client> clients(static_cast<std::size_t>(connections));
  for (Client& client : clients) {
    client.fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::perror("connect");
      return 1;
    }
    int on = 1;
    setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    epoll_ctl(epoll, EPOLL_CTL_ADD, client.fd, &event);
  }

  std::vector<char> buffer(65536);
  std::vector<std::uint32_t> latencies;
  latencies.reserve(1 << 22);
  auto send_next = [&](Client& client) {
    client.received = 0;
    client.sent = SteadyClock::now();
    return send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
  };
  for (Client& client : clients) {
    if (!send_next(client)) return 1;
  }
  double process_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  double client_before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
  auto begin = SteadyClock::now();
  auto end = begin + std::chrono::seconds(seconds);
  std::uint64_t answered = 0;
  std::vector<epoll_event> events(256);
  while (SteadyClock::now() < end) {
    int n = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < n; ++i) {
      Client& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      ssize_t got = recv(client.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) {
        std::fprintf(stderr, "the server closed a connection\n");
        return 1;
      }
      if (client.expected == 0) {
        std::string_view text(buffer.data(), static_cast<std::size_t>(got));
        std::size_t head = text.find("\r\n\r\n");
        if (!text.starts_with("HTTP/1.1 200") || head == std::string_view::npos) {
          std::fprintf(stderr, "unexpected answer: %.200s\n", buffer.data());
          return 1;
        }
        client.expected = head + 4 + page.size();
      }
      client.received += static_cast<std::size_t>(got);
      if (client.received < client.expected) continue;
      ++answered;
      latencies.push_back(static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - client.sent).count()));
      if (!send_next(client)) return 1;
    }
  }
  double took = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  double client_cpu = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - client_before;
  double server_cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - process_before - client_cpu;
  for (Client& client : clients) close(client.fd);
  close(epoll);
  server.stop();

  std::sort(latencies.begin(), latencies.end());
  auto quantile = [&](double q) {
    return latencies[static_cast<std::size_t>(q * static_cast<double>(latencies.size() - 1))];
  };
  double rate = static_cast<double>(answered) / took;
  double per_core = static_cast<double>(answered) / server_cpu;
  fmt::print("http: a fixed page of 3 KB, {} connections, {:.1f} s{}\n", connections, took,
             two_cpus ? ", server on one core, client on the other" : ", server and client share one core");
  fmt::print("  throughput          {:>10.0f} /s\n", rate);
  fmt::print("  server CPU          {:>10.2f} us a request   (budget {:.0f} us)\n",
             server_cpu * 1e6 / static_cast<double>(answered), 1e6 / budget);
  fmt::print("  on one server core  {:>10.0f} /s   (budget {:.0f}/s: {})\n", per_core, budget,
             per_core >= budget ? "met" : "NOT met");
  fmt::print("  client CPU          {:>10.2f} us a request\n",
             client_cpu * 1e6 / static_cast<double>(answered));
  fmt::print("  latency p50 {} us, p99 {} us\n", quantile(0.5), quantile(0.99));
  return 0;
}
