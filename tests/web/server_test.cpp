// The server from outside: connections, bodies, streams, threads, logs, metrics.
#include "web/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/errors.hpp"
#include "support/http_client.hpp"
#include "web/errors.hpp"
#include "web/event_stream.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

using namespace std::chrono_literals;
using plenary::test::HttpClient;
using plenary::test::RawConnection;
using plenary::test::read_response;

TEST(Server, KeepsAConnectionForManyRequests) {
  TestSite site;
  HttpClient client(site.port());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.get("/").body, "<h1>home</h1>");
  EXPECT_EQ(client.connections_opened(), 1);
}

TEST(Server, AnswersAHundredPipelinedRequestsInOrder) {
  TestSite site;
  RawConnection connection(site.port());
  std::string all;
  for (int i = 0; i < 100; ++i) {
    std::string body = "request " + std::to_string(i);
    all += "POST /echo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  connection.send(all);
  std::string rest;
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(read_response(connection, rest).body, "request " + std::to_string(i));
}

TEST(Server, HeadHasTheHeadersOfGetAndNoBody) {
  TestSite site;
  HttpClient client(site.port());
  auto get = client.get("/");
  auto head = client.request("HEAD", "/");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), get.header("Content-Length"));
  EXPECT_EQ(head.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(client.get("/").body, "<h1>home</h1>") << "nothing of a body may be left on the connection";
  EXPECT_EQ(client.request("HEAD", "/nowhere/").status, 404);
  EXPECT_EQ(client.get("/").status, 200);
}

TEST(Server, SaysWhichMethodsAnAddressTakes) {
  TestSite site;
  HttpClient client(site.port());
  auto response = client.request("PUT", "/echo/");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.header("Allow"), "GET, HEAD, POST");
  auto options = client.request("OPTIONS", "/");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("Allow"), "GET, HEAD");
}

TEST(Server, AddsTheMissingSlashToGetAndKeepsTheQuery) {
  TestSite site;
  HttpClient client(site.port());
  auto response = client.get("/echo?a=1&b=%20");
  EXPECT_EQ(response.status, 301);
  EXPECT_EQ(response.header("Location"), "/echo/?a=1&b=%20");
  EXPECT_EQ(client.request("POST", "/echo").status, 404);
  EXPECT_EQ(client.get("/nowhere").status, 404);
}

TEST(Server, EveryAnswerCarriesTheSecurityHeaders) {
  TestSite site;
  HttpClient client(site.port());
  for (std::string path : {"/", "/nowhere/", "/a%00"}) {
    SCOPED_TRACE(path);
    auto response = client.get(path);
    std::string policy = response.header("Content-Security-Policy");
    EXPECT_NE(policy.find("script-src 'self';"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
    EXPECT_NE(response.header("Referrer-Policy"), "");
    EXPECT_NE(response.header("Date"), "");
    EXPECT_EQ(response.header("Strict-Transport-Security"), "");
    EXPECT_EQ(response.header("Server"), "");
  }
}

TEST(Server, TakesLargeBodiesAsFarAsTheRouteAllows) {
  Route wide = page(
      "/wide/", "wide",
      [](Request& request) -> Task<Response> {
        co_return Response::text(std::to_string(request.body().size()));
      },
      Method::post);
  wide.csrf = Csrf::none;
  wide.max_body = 3'000'000;
  TestSite site({wide});
  HttpClient client(site.port());
  EXPECT_EQ(client.request("POST", "/wide/", std::string(3'000'000, 'x')).body, "3000000");
  EXPECT_EQ(client.request("POST", "/echo/", std::string(64 * 1024, 'x')).status, 200);
  auto says = [](const auto& answer, std::string_view text) {
    return answer.status == 413 && answer.body.find(text) != std::string::npos;
  };
  EXPECT_TRUE(says(client.request("POST", "/wide/", std::string(3'000'001, 'x')),
                   "This address takes at most 2 MB (3000000 bytes) at once."));
  const auto refused = client.request("POST", "/echo/", std::string(70'000, 'x'));
  EXPECT_TRUE(says(refused, "This address takes at most 64 KB (65536 bytes) at once."));
  EXPECT_TRUE(says(refused, "Choose a smaller file or send less at once."));
  // Beyond what a number here can be, and in pieces.
  RawConnection huge(site.port());
  huge.send("POST /echo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n");
  EXPECT_NE(huge.receive_all().find("(65536 bytes)"), std::string::npos);
  RawConnection pieces(site.port());
  pieces.send("POST /wide/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n");
  EXPECT_NE(pieces.receive_all().find("(3000000 bytes)"), std::string::npos);
  EXPECT_EQ(client.get("/").status, 200);
}

TEST(Server, ReadsChunkedBodiesCutAnywhere) {
  TestSite site;
  std::string body = "5;x=y\r\nhello\r\n1\r\n \r\nB\r\nwide world!\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    RawConnection connection(site.port());
    connection.send("POST /echo/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    body.substr(0, cut));
    connection.send(body.substr(cut));
    std::string rest;
    EXPECT_EQ(read_response(connection, rest).body, "hello wide world!");
  }
}

TEST(Server, AsksForTheBodyWhenTheClientWaitsForThat) {
  TestSite site;
  RawConnection connection(site.port());
  connection.send(
      "POST /echo/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  std::string go_on = connection.receive_some();
  EXPECT_EQ(go_on, "HTTP/1.1 100 Continue\r\n\r\n");
  connection.send("hello");
  std::string rest;
  EXPECT_EQ(read_response(connection, rest).body, "hello");

  RawConnection refused(site.port());
  refused.send(
      "POST /nowhere/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  rest.clear();
  auto response = read_response(refused, rest);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.header("Connection"), "close");
}

TEST(Server, ABigAnswerArrivesWhole) {
  TestSite site;
  HttpClient client(site.port());
  EXPECT_EQ(client.get("/big/").body, std::string(24 * 1024 * 1024, 'b'));
  EXPECT_EQ(client.get("/").status, 200);
}

RouteTable throwing_routes() {
  RouteTable table;
  table.push_back(page("/refused/", "refused", [](Request&) -> Task<Response> {
    throw Refused("too_many", "At most {max} tickets each.", {{"max", "4"}}, "quantity");
    co_return Response();
  }));
  table.push_back(page("/missing/", "missing", [](Request&) -> Task<Response> {
    throw NotFound("no order <X>");
    co_return Response();
  }));
  table.push_back(page("/busy/", "busy", [](Request&) -> Task<Response> {
    throw Overloaded(7);
    co_return Response();
  }));
  table.push_back(page("/broken/", "broken", [](Request&) -> Task<Response> {
    throw std::runtime_error("secret detail\nsecond line");
    co_return Response();
  }));
  table.push_back(page("/odd/", "odd", [](Request&) -> Task<Response> {
    throw 42;
    co_return Response();
  }));
  table.push_back(page("/limited/", "limited", [](Request&) -> Task<Response> {
    throw HttpError(429, "Wait a minute.", "rate_limited");
    co_return Response();
  }));
  return table;
}

TEST(Server, TurnsWhatHandlersThrowIntoAnswers) {
  TestSite site(throwing_routes());
  HttpClient client(site.port());
  auto refused = client.get("/refused/");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("At most 4 tickets each."), std::string::npos);
  auto missing = client.get("/missing/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body.find("no order"), std::string::npos) << "the diagnostic is for developers";
  auto busy = client.get("/busy/");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("Retry-After"), "7");
  EXPECT_EQ(client.get("/limited/").status, 429);
  EXPECT_EQ(client.get("/odd/").status, 500);
  EXPECT_EQ(client.get("/").status, 200);
}

TEST(Server, AFaultOfOursShowsOnlyItsNumberAndTheLogKnowsTheRest) {
  TestSite site(throwing_routes());
  HttpClient client(site.port());
  auto broken = client.get("/broken/");
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(broken.body.find("secret"), std::string::npos);
  std::string id = broken.header("X-Request-Id");
  ASSERT_NE(id, "");
  EXPECT_NE(broken.body.find(id), std::string::npos);
  std::string log = site.log->text();
  EXPECT_NE(log.find("500 GET /broken/ request=" + id + ": secret detail\\nsecond line\n"), std::string::npos)
      << log;
  auto json = client.get("/refused/", {{"Accept", "application/json"}});
  EXPECT_EQ(json.status, 422);
  EXPECT_NE(json.body.find("\"error\":\"too_many\""), std::string::npos) << json.body;
  EXPECT_NE(json.body.find("\"field\":\"quantity\""), std::string::npos) << json.body;
}

class SitePages : public ErrorPages {
 public:
  Task<std::optional<Response>> render(Request&, const ErrorInfo& error) override {
    if (error.status == 422) throw std::runtime_error("the error page is broken too");
    co_return Response::html("<h1>ours: " + error.title + "</h1>");
  }
};

TEST(Server, TheSitesOwnErrorPagesAreUsedAndMayFail) {
  SitePages pages;
  TestSite site(throwing_routes());
  site.services.error_pages = &pages;
  HttpClient client(site.port());
  auto missing = client.get("/nowhere/");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "<h1>ours: Page not found</h1>");
  auto refused = client.get("/refused/");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("At most 4"), std::string::npos);
  EXPECT_NE(site.log->text().find("could not be made"), std::string::npos);
}

TEST(Server, AHandlerComesBackToItsThreadFromThePool) {
  RouteTable table;
  table.push_back(page("/slow/", "slow", [](Request& request) -> Task<Response> {
    auto before = std::this_thread::get_id();
    std::thread::id inside;
    auto work = [&inside] {
      inside = std::this_thread::get_id();
      return 7;
    };
    int result = co_await request.services().pool->run(work);
    bool same = before == std::this_thread::get_id();
    bool elsewhere = inside != before;
    co_return Response::text(std::to_string(result) + (same ? " same" : " other") +
                             (elsewhere ? " pool" : " here"));
  }));
  ServerOptions options = TestSite::quick_options();
  options.threads = 2;
  TestSite site(table, options);
  for (int i = 0; i < 8; ++i) {
    HttpClient client(site.port());
    EXPECT_EQ(client.get("/slow/").body, "7 same pool");
  }
}

TEST(Server, AHandlerIsFinishedWhenItsClientHangsUp) {
  std::atomic<int> begun{0}, finished{0};
  std::mutex gate;
  gate.lock();
  RouteTable table;
  table.push_back(page("/slow/", "slow", [&](Request& request) -> Task<Response> {
    ++begun;
    auto work = [&gate] { std::lock_guard lock(gate); };
    co_await request.services().pool->run(work);
    ++finished;
    co_return Response::text(std::string(request.path()));
  }));
  TestSite site(table);
  {
    RawConnection connection(site.port());
    connection.send("GET /slow/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (begun.load() == 0) std::this_thread::yield();
  }
  gate.unlock();
  site.server->stop();
  EXPECT_EQ(finished.load(), 1);
}

TEST(Streams, EventsArriveOneByOneAndTheStreamEndsWell) {
  RouteTable table;
  table.push_back(page("/progress/", "progress", [](Request&) -> Task<Response> {
    co_return event_stream([](EventWriter& events) -> Task<void> {
      for (int i = 1; i <= 3; ++i) {
        bool listening = co_await events.send("step", std::to_string(i) + " of 3\nrows");
        if (!listening) co_return;
        co_await events.wait(1);
      }
    });
  }));
  TestSite site(table);
  HttpClient client(site.port());
  auto response = client.get("/progress/");
  EXPECT_EQ(response.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(response.header("Cache-Control"), "no-store");
  EXPECT_EQ(response.body,
            "event: step\ndata: 1 of 3\ndata: rows\n\nevent: step\ndata: 2 of 3\ndata: rows\n\n"
            "event: step\ndata: 3 of 3\ndata: rows\n\n");
  EXPECT_EQ(client.get("/").status, 200) << "the connection goes on";
  EXPECT_EQ(client.connections_opened(), 1);
}

TEST(Streams, AWriterLearnsThatItsListenerLeft) {
  std::atomic<bool> told{false};
  RouteTable table;
  table.push_back(page("/endless/", "endless", [&](Request&) -> Task<Response> {
    co_return event_stream([&](EventWriter& events) -> Task<void> {
      while (true) {
        bool listening = co_await events.send("", "tick");
        if (listening) listening = co_await events.wait(5);
        if (!listening) break;
      }
      told = true;
    });
  }));
  TestSite site(table);
  {
    RawConnection connection(site.port());
    connection.send("GET /endless/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::string seen;
    while (seen.find("tick") == std::string::npos) seen += connection.receive_some();
  }
  while (!told.load()) std::this_thread::yield();
  // And one that is listening when the server stops is ended, not waited for.
  told = false;
  RawConnection connection(site.port());
  connection.send("GET /endless/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string seen;
  while (seen.find("tick") == std::string::npos) seen += connection.receive_some();
  site.server->stop();
  EXPECT_TRUE(told.load());
}

TEST(Logs, TheAccessLogNamesThePatternAndNeverTheToken) {
  auto lines = std::make_shared<CollectedLog>();
  ServerOptions options = TestSite::quick_options();
  options.access_log = std::make_shared<AccessLog>([lines](std::string_view text) {
    std::lock_guard lock(lines->mutex);
    lines->lines += text;
  });
  RouteTable table;
  table.push_back(
      page("/orders/{token}/", "order", [](Request&) -> Task<Response> { co_return Response::text("x"); }));
  {
    TestSite site(table, options);
    HttpClient client(site.port());
    client.get("/orders/s3cret-t0ken/?mail=anna@example.org");
    client.get("/orders/s3cret-t0ken");
    client.get("/s3cret/");
    client.get("/%00s3cret");
    site.server->stop();
  }
  options.access_log.reset();
  std::string text = lines->text();
  EXPECT_EQ(text.find("cret"), std::string::npos) << text;
  EXPECT_EQ(text.find("anna"), std::string::npos) << text;
  EXPECT_EQ(text.find("127.0.0.1"), std::string::npos) << text;
  EXPECT_NE(text.find("Z GET /orders/{token}/ 200 1 0.0"), std::string::npos) << text;
  EXPECT_NE(text.find("Z - - 400 "), std::string::npos) << text;
}

TEST(Logs, ControlCharactersAreEscaped) {
  EXPECT_EQ(log_escaped("a\r\nb\x1b[31m\x7f caf\xc3\xa9 \xe2\x80\xa8 \xc2\x85"),
            "a\\r\\nb\\x1b[31m\\x7f caf\xc3\xa9 \\u2028 \\xc2\x85");
}

TEST(Operations, HealthReadinessAndMetricsAnswer) {
  bool ready = false;
  Readiness readiness;
  readiness.problem = [&]() -> Task<std::string> { co_return ready ? "" : "the database does not answer"; };
  RouteTable table = health_routes(readiness);
  for (Route& route : metrics_routes("the-token")) table.push_back(std::move(route));
  ServerOptions options = TestSite::quick_options();
  options.metrics_listen = "127.0.0.1:0";
  TestSite site(table, options);
  site.metrics.gauge(
      "plenary_outbox_pending", "Messages not yet sent.", [] { return 3.0; }, "kind=\"mail\"");
  HttpClient client(site.port());
  EXPECT_EQ(client.get("/healthz").body, "ok\n");
  EXPECT_EQ(client.get("/readyz").status, 503);
  ready = true;
  EXPECT_EQ(client.get("/readyz").body, "ready\n");
  EXPECT_EQ(client.get("/metrics").status, 401);
  EXPECT_EQ(client.get("/metrics", {{"Authorization", "Bearer the-tokem"}}).status, 401);
  auto metrics = client.get("/metrics", {{"Authorization", "Bearer the-token"}});
  EXPECT_NE(metrics.body.find("plenary_http_requests_total{route=\"/healthz\",status=\"2xx\"} 1\n"),
            std::string::npos)
      << metrics.body;
  EXPECT_NE(metrics.body.find("plenary_http_request_seconds_count{route=\"/readyz\"} 2\n"),
            std::string::npos);
  EXPECT_NE(metrics.body.find("plenary_outbox_pending{kind=\"mail\"} 3\n"), std::string::npos);
  HttpClient scraper(site.server->metrics_port(), "10.1.2.3:9000");
  EXPECT_EQ(scraper.get("/metrics").status, 200);
  EXPECT_EQ(scraper.get("/").status, 404);
}

TEST(Operations, AUsedPortIsNamedWithAdvice) {
  TestSite site;
  ServerOptions options = TestSite::quick_options();
  options.listen = "127.0.0.1:" + std::to_string(site.port());
  Server second(options, site.services);
  try {
    second.start();
    FAIL() << "the port is taken";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("Another program listens there"), std::string::npos)
        << error.what();
  }
  options.listen = "nowhere";
  EXPECT_THROW(Server(options, site.services).start(), std::runtime_error);
}

}  // namespace
}  // namespace plenary::web::test
