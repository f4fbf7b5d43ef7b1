// What a server on the open network receives: hundreds of malformed, ambiguous or slow requests. Each gets
// its 4xx or a close, and the next connection works.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "support/http_client.hpp"
#include "web/hostile_cases.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

using namespace std::chrono_literals;
using plenary::test::HttpClient;
using plenary::test::RawConnection;
using plenary::test::read_response;

std::string printable(std::string text) {
  std::string out;
  for (char c : text.substr(0, 300)) {
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n\n";
    else if (static_cast<unsigned char>(c) < 0x20)
      out += '?';
    else
      out += c;
  }
  return out;
}

void expect_alive(TestSite& site) {
  HttpClient client(site.port());
  EXPECT_EQ(client.get("/").status, 200) << "the next connection must work";
}

TEST(HostileRequests, EachGetsItsAnswerAndTheNextConnectionWorks) {
  TestSite site;
  std::vector<HostileCase> cases = hostile_cases();
  ASSERT_GE(cases.size(), 80u);
  for (const HostileCase& hostile : cases) {
    SCOPED_TRACE(hostile.name + ":\n" + printable(hostile.bytes));
    try {
      RawConnection connection(site.port());
      connection.send(hostile.bytes);
      std::string rest;
      for (int status : hostile.statuses) {
        auto response = read_response(connection, rest, hostile.bytes.starts_with("HEAD"));
        EXPECT_EQ(response.status, status) << response.body;
        // Plain words: 4xx answers say what to do.
        if (status >= 400) {
          EXPECT_NE(response.body.find("<h1>"), std::string::npos);
        }
      }
      if (hostile.closes) {
        connection.shut_down_sending();
        EXPECT_EQ(printable(rest + connection.receive_all()), "");
      } else {
        connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_EQ(read_response(connection, rest).status, 200) << "the connection must go on";
      }
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  expect_alive(site);
  EXPECT_EQ(site.log->text().find("500 "), std::string::npos) << site.log->text();
}

// The same table again, one byte at a time: where the bytes are cut must not matter.
TEST(HostileRequests, TheAnswerDoesNotDependOnHowTheBytesArrive) {
  ServerOptions options = TestSite::quick_options();
  TestSite site({}, options);
  for (const HostileCase& hostile : hostile_cases()) {
    if (hostile.bytes.size() > 400) continue;
    SCOPED_TRACE(hostile.name);
    try {
      RawConnection connection(site.port());
      for (char c : hostile.bytes) connection.send(std::string_view(&c, 1));
      std::string rest;
      EXPECT_EQ(read_response(connection, rest).status, hostile.statuses.front());
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

ServerOptions impatient() {
  ServerOptions options = TestSite::quick_options();
  options.header_time = 40ms;
  options.body_time = 40ms;
  options.write_time = 40ms;
  options.linger_time = 40ms;
  options.slowest_rate = 1 << 30;
  return options;
}

TEST(SlowClients, AHeadThatNeverEndsGets408) {
  TestSite site({}, impatient());
  for (std::string half : {"G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "}) {
    SCOPED_TRACE(half);
    RawConnection connection(site.port());
    connection.send(half);
    std::string rest;
    EXPECT_EQ(read_response(connection, rest).status, 408);
    EXPECT_EQ(connection.receive_all(), "");
  }
  expect_alive(site);
}

TEST(SlowClients, DrippingBytesDoNotProlongTheHead) {
  TestSite site({}, impatient());
  RawConnection connection(site.port());
  connection.send("GET / HTTP/1.1\r\n");
  // Each header arrives only after the server has seen the one before; the time of the head is not renewed.
  // Never so many that they alone would be refused, however late the server looks.
  std::string answer;
  auto begin = std::chrono::steady_clock::now();
  timeval soon{0, 5'000};
  setsockopt(connection.fd(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
  for (int sent = 0; answer.empty() && std::chrono::steady_clock::now() - begin < 30s; ++sent) {
    if (sent < 40) connection.send("X: y\r\n");
    try {
      answer = connection.receive_some();
    } catch (const std::runtime_error&) {
      // nothing yet
    }
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408")) << answer.substr(0, 40);
}

TEST(SlowClients, ABodyThatNeverEndsGets408) {
  TestSite site({}, impatient());
  for (std::string half : {"Content-Length: 10\r\n\r\nhalf", "Content-Length: 60000\r\n\r\nhalf",
                           "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "Content-Length: 10\r\n\r\n"}) {
    SCOPED_TRACE(half);
    RawConnection connection(site.port());
    connection.send("POST /echo/ HTTP/1.1\r\nHost: localhost\r\n" + half);
    std::string rest;
    EXPECT_EQ(read_response(connection, rest).status, 408);
  }
  expect_alive(site);
}

TEST(SlowClients, AnIdleConnectionIsClosedWithoutAWord) {
  ServerOptions options = TestSite::quick_options();
  options.idle_time = 300ms;
  TestSite site({}, options);
  RawConnection fresh(site.port());
  EXPECT_EQ(fresh.receive_all(), "");
  // This thread may be kept from the processor between connecting and sending: then it was idle, too.
  for (bool answered = false; !answered;) {
    RawConnection used(site.port());
    std::string rest;
    try {
      used.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      EXPECT_EQ(read_response(used, rest).status, 200);
      answered = true;
      EXPECT_EQ(used.receive_all(), "");
    } catch (const std::runtime_error&) {
      ASSERT_FALSE(answered);
      ASSERT_EQ(rest, "");
    }
  }
}

TEST(SlowClients, AReaderWhoDoesNotReadIsClosed) {
  TestSite site({}, impatient());
  RawConnection connection(site.port());
  connection.send("GET /big/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  // Not by the connection: it may have come and gone before this thread looks.
  while (site.metrics.text().find("plenary_http_timeouts_total 1") == std::string::npos)
    std::this_thread::yield();
  while (site.server->connections() > 0) std::this_thread::yield();
  expect_alive(site);
}

TEST(SlowClients, HalfARequestAndAHangUpLeaveNothingBehind) {
  TestSite site;
  for (std::string half : {"", "GET", "GET / HTTP/1.1\r\nHost: loc",
                           "POST /echo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab"}) {
    RawConnection connection(site.port());
    connection.send(half);
    connection.shut_down_sending();
    EXPECT_EQ(connection.receive_all(), "");
  }
  expect_alive(site);
}

// Bodies are read before anybody is asked for rights: without a limit for all of them together, a thousand
// slow uploads fill the memory.
TEST(Limits, BodiesBeyondWhatAllMayHoldGet503AndTheOthersGoOn) {
  std::atomic<int> begun{0};
  std::mutex gate;
  gate.lock();
  RouteTable table;
  table.push_back(page(
      "/keep/", "keep",
      [&](Request& request) -> Task<Response> {
        ++begun;
        auto work = [&gate] { std::lock_guard lock(gate); };
        co_await request.services().pool->run(work);
        co_return Response::text("kept");
      },
      Method::post));
  table.back().csrf = Csrf::none;
  ServerOptions options = TestSite::quick_options();
  options.max_body = options.max_bodies = 200'000;
  TestSite site(std::move(table), options);
  const auto post = [](std::string_view path, std::size_t bytes) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
           std::string(bytes, 'x');
  };
  const std::string chunked =
      "POST /echo/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "186A0\r\n" +
      std::string(100'000, 'x') + "\r\n0\r\n\r\n";
  RawConnection first(site.port());
  std::string rest;
  for (int round = 0; round < 2; ++round) {
    first.send(post("/keep/", 150'000));
    while (begun.load() == round) std::this_thread::yield();
    for (const std::string& more : {post("/echo/", 100'000), chunked}) {
      RawConnection second(site.port());
      second.send(more);
      std::string other;
      const auto refused = read_response(second, other);
      EXPECT_EQ(refused.status, 503);
      EXPECT_EQ(refused.header("Retry-After"), "2");
    }
    RawConnection small(site.port());
    small.send(post("/echo/", 5'000));
    std::string other;
    EXPECT_EQ(read_response(small, other).status, 200) << "an ordinary form needs no memory of its own";
    gate.unlock();
    EXPECT_EQ(read_response(first, rest).body, "kept");
    if (round == 0) gate.lock();
  }
  for (const std::string& more : {post("/echo/", 100'000), chunked}) {
    RawConnection second(site.port());
    second.send(more);
    std::string other;
    EXPECT_EQ(read_response(second, other).status, 200) << "room again";
  }
}

TEST(Limits, ConnectionsBeyondTheLimitGet503AndTheOthersGoOn) {
  ServerOptions options = TestSite::quick_options();
  options.max_connections = 2;
  TestSite site({}, options);
  HttpClient one(site.port()), two(site.port());
  EXPECT_EQ(one.get("/").status, 200);
  EXPECT_EQ(two.get("/").status, 200);
  RawConnection three(site.port());
  EXPECT_TRUE(three.receive_all().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(one.get("/").status, 200);
  EXPECT_NE(site.metrics.text().find("plenary_http_connections_refused_total 1"), std::string::npos);
}

}  // namespace
}  // namespace plenary::web::test
