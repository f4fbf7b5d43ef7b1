// SIGTERM: an accepted request is answered, with Connection: close; the accept queue is drained before the
// listener closes. source: ground rules 15, 8.2.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "support/http_client.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

using namespace std::chrono_literals;
using plenary::test::HttpClient;
using plenary::test::RawConnection;
using plenary::test::read_response;

const std::string home = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(Drain, EveryAcceptedRequestIsAnsweredAndTheConnectionClosed) {
  std::atomic<int> begun{0};
  std::mutex gate;
  gate.lock();
  RouteTable table;
  table.push_back(page("/slow/", "slow", [&](Request& request) -> Task<Response> {
    ++begun;
    auto work = [&gate] { std::lock_guard lock(gate); };
    co_await request.services().pool->run(work);
    co_return Response::text("done");
  }));
  TestSite site(table);
  RawConnection in_handler(site.port());
  in_handler.send("GET /slow/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawConnection half_read(site.port());
  half_read.send("GET / HTTP/1.1\r\nHost: loc");
  RawConnection half_body(site.port());
  half_body.send("POST /echo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
  HttpClient idle(site.port());
  EXPECT_EQ(idle.get("/").status, 200);
  while (begun.load() == 0) std::this_thread::yield();

  std::thread stopping([&] { site.server->stop(); });
  while (!site.server->draining()) std::this_thread::yield();
  half_read.send("alhost\r\n\r\n");
  half_body.send("world");
  gate.unlock();
  std::string rest;
  auto response = read_response(half_read, rest);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_EQ(read_response(half_body, rest).body, "helloworld");
  response = read_response(in_handler, rest);
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.header("Connection"), "close");
  EXPECT_EQ(half_read.receive_all() + half_body.receive_all() + in_handler.receive_all(), "");
  stopping.join();
  EXPECT_EQ(site.server->connections(), 0u);
  EXPECT_THROW(RawConnection{site.port()}, std::runtime_error);
}

TEST(Drain, PipelinedRequestsAlreadyReceivedAreAllAnswered) {
  std::atomic<int> begun{0};
  std::mutex gate;
  gate.lock();
  RouteTable table;
  table.push_back(page("/slow/", "slow", [&](Request& request) -> Task<Response> {
    ++begun;
    auto work = [&gate] { std::lock_guard lock(gate); };
    co_await request.services().pool->run(work);
    co_return Response::text("done");
  }));
  TestSite site(table);
  RawConnection connection(site.port());
  connection.send("GET /slow/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + home + home);
  while (begun.load() == 0) std::this_thread::yield();
  std::thread stopping([&] { site.server->stop(); });
  while (!site.server->draining()) std::this_thread::yield();
  connection.send(home);
  gate.unlock();
  std::string rest;
  EXPECT_EQ(read_response(connection, rest).body, "done");
  EXPECT_EQ(read_response(connection, rest).status, 200);
  EXPECT_EQ(read_response(connection, rest).status, 200);
  auto last = read_response(connection, rest);
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_EQ(connection.receive_all(), "");
  stopping.join();
}

// Clients with fresh connections and with kept ones, at full speed, while the server stops: whoever was let
// in and sent a request has an answer; on a kept connection the only other thing that may happen is a clean
// end instead of one.
TEST(Drain, NoAcceptedRequestFailsUnderLoad) {
  for (int round = 0; round < 3; ++round) {
    ServerOptions options = TestSite::quick_options();
    options.threads = 2;
    options.drain_idle_time = 5s;  // a client may be kept from the processor between connecting and sending
    TestSite site({}, options);
    std::atomic<int> answered{0}, broken{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&, i] {
        while (true) {
          std::unique_ptr<RawConnection> connection;
          try {
            connection = std::make_unique<RawConnection>(site.port());
          } catch (const std::runtime_error&) {
            return;  // the door is closed
          }
          std::string rest;
          for (int n = 0; n < (i % 2 ? 1 : 1000); ++n) {
            connection->send(home);
            try {
              auto response = read_response(*connection, rest);
              ++answered;
              if (response.status != 200) ++broken;
              if (response.header("Connection") == "close") break;
            } catch (const std::runtime_error&) {
              // Half an answer, or none to the first request of a connection.
              if (!rest.empty() || n == 0) ++broken;
              break;
            }
          }
        }
      });
    }
    while (answered.load() < 200) std::this_thread::yield();
    site.server->stop();
    for (auto& client : clients) client.join();
    EXPECT_EQ(broken.load(), 0);
  }
}

TEST(Drain, AClientThatNeverEndsIsClosedAfterTheTimeForThat) {
  ServerOptions options = TestSite::quick_options();
  options.drain_time = 30ms;
  TestSite site({}, options);
  RawConnection half(site.port());
  half.send("GET / HTTP/1.1\r\n");
  while (site.server->connections() == 0) std::this_thread::yield();
  site.server->stop();
  EXPECT_EQ(site.server->connections(), 0u);
}

TEST(Drain, ReadinessSaysNoMeanwhile) {
  TestSite site(health_routes({}));
  RawConnection kept(site.port());
  kept.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string rest;
  EXPECT_EQ(read_response(kept, rest).status, 200);
  kept.send("GET /readyz HTTP/1.1\r\n");
  std::thread stopping([&] { site.server->stop(); });
  while (!site.server->draining()) std::this_thread::yield();
  kept.send("Host: localhost\r\n\r\n");
  auto response = read_response(kept, rest);
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("stopping"), std::string::npos);
  stopping.join();
}

}  // namespace
}  // namespace plenary::web::test
