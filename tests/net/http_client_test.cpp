// The outbound client against a server that is slow, cuts off, refuses, sends too much or sends elsewhere.
#include "net/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "support/http_stand_in.hpp"

namespace plenary::net {
namespace {

using test::HttpStandIn;
using test::StandInReply;
using test::StandInRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = HttpFailure::Kind;

// A client that notes how long it would have waited.
struct Asker {
  std::vector<std::int64_t> waits;  // milliseconds
  SeededRandom random{1};
  HttpOptions options;
  Asker() {
    options.random = &random;
    options.wait = [this](Duration time) { waits.push_back(time.micros / 1000); };
  }
  HttpAnswer send(const HttpRequest& request) { return HttpClient(options).send(request); }
  HttpAnswer get(const std::string& url) { return send({.url = url}); }
  Kind failure(const HttpRequest& request, bool* arrived = nullptr) {
    try {
      send(request);
    } catch (const HttpFailure& failure) {
      said = failure.what();
      if (arrived) *arrived = failure.may_have_arrived();
      return failure.kind();
    }
    ADD_FAILURE() << "an answer came";
    return Kind::refused;
  }
  std::string said;
};

StandInReply ok(const StandInRequest&) {
  return {.body = "fine"};
}

// Answers in turn; the last one for ever.
HttpStandIn::Answer in_turn(std::vector<StandInReply> replies) {
  return [replies, next = std::size_t{0}](const StandInRequest&) mutable {
    return replies[std::min(next++, replies.size() - 1)];
  };
}

TEST(HttpClient, SendsWhatItIsGivenAndGivesBackWhatCame) {
  HttpStandIn server([](const StandInRequest&) {
    return StandInReply{.status = 201, .headers = {{"X-Thing", " one "}}, .body = "made"};
  });
  Asker asker;
  const HttpAnswer answer = asker.send({.method = "POST",
                                        .url = server.url() + "/v1/things?a=b",
                                        .headers = {{"Stripe-Version", "2024-12-18.acacia"}},
                                        .authorization = {{"Bearer", Secret("sk_test_1")}},
                                        .body = form_encoded({{"metadata[order]", "ü & 1"}}),
                                        .idempotency_key = "order-1"});
  EXPECT_EQ(answer.status, 201);
  EXPECT_TRUE(answer.is_success());
  EXPECT_EQ(answer.body, "made");
  EXPECT_EQ(answer.header("x-thing"), "one");
  EXPECT_EQ(answer.header("absent"), "");
  EXPECT_EQ(answer.attempts, 1);
  ASSERT_THAT(server.requests(), SizeIs(1));
  StandInRequest got = server.requests()[0];
  EXPECT_EQ(got.method, "POST");
  EXPECT_EQ(got.target, "/v1/things?a=b");
  EXPECT_EQ(got.body, "metadata%5Border%5D=%C3%BC%20%26%201");
  EXPECT_EQ(got.headers["authorization"], "Bearer sk_test_1");
  EXPECT_EQ(got.headers["stripe-version"], "2024-12-18.acacia");
  EXPECT_EQ(got.headers["idempotency-key"], "order-1");
  EXPECT_EQ(got.headers["user-agent"], "plenary");
  EXPECT_EQ(got.headers.count("expect"), 0u);
}

TEST(HttpClient, KeepsItsConnection) {
  HttpStandIn server(ok);
  HttpClient client;
  for (const char* method : {"GET", "HEAD", "DELETE", "PUT"})
    EXPECT_EQ(client.send({.method = method, .url = server.url() + "/"}).status, 200) << method;
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(server.requests(), SizeIs(4));
}

TEST(HttpClient, WhatPassesIsTriedAgainWithLongerWaits) {
  HttpStandIn server(in_turn({{.status = 500}, {.status = 503}, {.body = "fine"}}));
  Asker asker;
  const HttpAnswer answer = asker.get(server.url());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.attempts, 3);
  ASSERT_THAT(asker.waits, SizeIs(2));
  EXPECT_GE(asker.waits[0], 250);
  EXPECT_LE(asker.waits[0], 500);
  EXPECT_GE(asker.waits[1], 500);
  EXPECT_LE(asker.waits[1], 1000);
}

TEST(HttpClient, TheLastAnswerIsGivenBackWhateverItIs) {
  HttpStandIn server(in_turn({{.status = 500, .body = "broken"}}));
  Asker asker;
  const HttpAnswer answer = asker.get(server.url());
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "broken");
  EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST(HttpClient, RetryAfterIsHonouredUpToALimit) {
  HttpStandIn patient(in_turn({{.status = 429, .headers = {{"Retry-After", "7"}}}, {.body = "fine"}}));
  Asker asker;
  EXPECT_EQ(asker.get(patient.url()).status, 200);
  EXPECT_THAT(asker.waits, ElementsAre(7000));
  asker.waits.clear();
  HttpStandIn past(in_turn(
      {{.status = 503, .headers = {{"Retry-After", "Fri, 14 May 2021 09:00:00 GMT"}}}, {.body = "fine"}}));
  EXPECT_EQ(asker.get(past.url()).status, 200);
  ASSERT_THAT(asker.waits, SizeIs(1));
  EXPECT_LE(asker.waits[0], 500);
  asker.waits.clear();
  HttpStandIn long_gone(in_turn({{.status = 429, .headers = {{"Retry-After", "3600"}}}, {.body = "fine"}}));
  const HttpAnswer answer = asker.get(long_gone.url());
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "3600");
  EXPECT_THAT(asker.waits, SizeIs(0));
}

TEST(HttpClient, APostIsRepeatedOnlyWithAKeyThatMakesItHarmless) {
  HttpStandIn server(in_turn({{.status = 500}, {.drops = true}, {.body = "fine"}}));
  Asker asker;
  EXPECT_EQ(asker.send({.method = "POST", .url = server.url()}).status, 500);
  bool arrived = false;
  EXPECT_EQ(asker.failure({.method = "POST", .url = server.url()}, &arrived), Kind::cut);
  EXPECT_TRUE(arrived);
  EXPECT_THAT(server.requests(), SizeIs(2));
  HttpStandIn other(in_turn({{.status = 500}, {.drops = true}, {.body = "fine"}}));
  const HttpAnswer answer = asker.send({.method = "POST", .url = other.url(), .idempotency_key = "k"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(other.requests(), SizeIs(3));
  for (StandInRequest& request : other.requests()) EXPECT_EQ(request.headers["idempotency-key"], "k");
}

TEST(HttpClient, APostWithoutSuchAKeyIsNotRepeatedOnAKeptConnectionEither) {
  HttpStandIn server(in_turn({{.body = "fine"}, {.drops = true}, {.body = "twice"}}));
  HttpClient client;
  EXPECT_EQ(client.send({.url = server.url()}).body, "fine");
  EXPECT_THROW(client.send({.method = "POST", .url = server.url()}), HttpFailure);
  EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST(HttpClient, WhatIsWrongForGoodIsNotRepeated) {
  for (const int status : {400, 401, 403, 404, 409, 422, 501}) {
    HttpStandIn server(in_turn({{.status = status}}));
    EXPECT_EQ(Asker().get(server.url()).status, status);
    EXPECT_THAT(server.requests(), SizeIs(1)) << status;
  }
}

TEST(HttpClient, SilenceEndsAfterTheTimeLimit) {
  HttpStandIn server(in_turn({{.silent = true}}));
  Asker asker;
  asker.options.timeout = Duration::milliseconds(100);
  bool arrived = false;
  EXPECT_EQ(asker.failure({.url = server.url() + "/slow"}, &arrived), Kind::timeout);
  EXPECT_TRUE(arrived);
  EXPECT_THAT(asker.waits, SizeIs(2));
  EXPECT_THAT(asker.said, HasSubstr("/slow"));
}

TEST(HttpClient, AnAnswerThatBreaksOffIsNone) {
  HttpStandIn server(in_turn({{.body = std::string(1000, 'x'), .cut_after = 10}, {.body = "whole"}}));
  EXPECT_EQ(Asker().get(server.url()).body, "whole");
  HttpStandIn always(in_turn({{.body = std::string(1000, 'x'), .cut_after = 10}}));
  EXPECT_EQ(Asker().failure({.url = always.url()}), Kind::cut);
}

TEST(HttpClient, AHugeAnswerIsRefused) {
  HttpStandIn server(in_turn({{.body = std::string(100'000, 'x')}}));
  Asker asker;
  asker.options.max_answer_bytes = 99'999;
  EXPECT_EQ(asker.failure({.url = server.url()}), Kind::too_large);
  EXPECT_THAT(server.requests(), SizeIs(1));
  asker.options.max_answer_bytes = 100'000;
  EXPECT_EQ(asker.get(server.url()).body.size(), 100'000u);
  HttpStandIn heads(in_turn({{.headers = {{"X", std::string(70'000, 'x')}}, .body = "x"}}));
  EXPECT_EQ(asker.failure({.url = heads.url()}), Kind::too_large);
}

TEST(HttpClient, RedirectsAreAnswersUnlessAskedForAndNeverLeadToAnotherServer) {
  HttpStandIn other(ok);
  HttpStandIn server([&](const StandInRequest& request) {
    if (request.target == "/here") return StandInReply{.status = 302, .headers = {{"Location", "there"}}};
    if (request.target == "/loop") return StandInReply{.status = 302, .headers = {{"Location", "/loop"}}};
    if (request.target == "/away")
      return StandInReply{.status = 302, .headers = {{"Location", other.url() + "/stolen"}}};
    return StandInReply{.body = request.target};
  });
  Asker asker;
  EXPECT_EQ(asker.get(server.url() + "/here").status, 302);
  asker.options.redirects = 3;
  EXPECT_EQ(asker.get(server.url() + "/here").body, "/there");
  EXPECT_EQ(asker.get(server.url() + "/loop").status, 302);
  EXPECT_EQ(asker.send({.method = "POST", .url = server.url() + "/here"}).status, 302);
  EXPECT_EQ(asker.failure({.url = server.url() + "/away", .authorization = {{"Token", Secret("t")}}}),
            Kind::refused);
  EXPECT_THAT(other.requests(), SizeIs(0));
}

TEST(HttpClient, OnlyEncryptedAddressesAreAskedAndOnesOfThisMachine) {
  Asker asker;
  for (const char* url :
       {"http://example.org/", "ftp://127.0.0.1/", "file:///etc/passwd", "", "nonsense",
        "https://user:word@example.org/", "http://127.0.0.1.example.org/", "http://127.0.0.1:80/a\r\nX: y"}) {
    EXPECT_EQ(asker.failure({.url = url}), Kind::refused) << url;
  }
  HttpStandIn server(ok);
  EXPECT_EQ(asker.failure({.url = server.url(), .headers = {{"X", "a\r\nY: b"}}}), Kind::refused);
  EXPECT_EQ(asker.failure({.url = server.url(), .headers = {{"", "a"}}}), Kind::refused);
  EXPECT_THAT(server.requests(), SizeIs(0));
}

TEST(HttpClient, TheEnvironmentNamesNoProxy) {
  HttpStandIn proxy(ok), server(ok);
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  EXPECT_EQ(Asker().get(server.url()).status, 200);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  EXPECT_THAT(proxy.requests(), SizeIs(0));
}

TEST(HttpClient, ErrorsSayWhereAndNoSecret) {
  std::string url;
  {
    const HttpStandIn gone(ok);
    url = gone.url();
  }
  Asker asker;
  bool arrived = true;
  EXPECT_EQ(asker.failure({.method = "POST",
                           .url = url + "/v1/balance?key=hidden",
                           .authorization = {{"Bearer", Secret("sk_live_hidden")}},
                           .body = "card=hidden"},
                          &arrived),
            Kind::connect);
  EXPECT_FALSE(arrived);
  EXPECT_THAT(asker.waits, SizeIs(2));  // nothing was sent: a repeat is harmless
  EXPECT_THAT(asker.said, HasSubstr("POST http://127.0.0.1/v1/balance"));
  EXPECT_THAT(asker.said, Not(HasSubstr("hidden")));
}

TEST(HttpClient, ACertificateThatNobodyVouchesForIsNotBelieved) {
  // What answers speaks no TLS at all: the handshake fails, nothing of the request is sent.
  HttpStandIn server([](const StandInRequest&) { return StandInReply{.drops = true}; });
  Asker asker;
  asker.options.timeout = Duration::seconds(2);
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port());
  asker.options.attempts = 1;
  try {
    asker.send({.url = url, .authorization = {{"Bearer", Secret("sk_live_hidden")}}});
    ADD_FAILURE();
  } catch (const HttpFailure& failure) {
    EXPECT_FALSE(failure.may_have_arrived());
  }
  EXPECT_THAT(server.requests(), SizeIs(0));
}

}  // namespace
}  // namespace plenary::net
