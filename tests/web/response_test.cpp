#include "web/response.hpp"

#include <gtest/gtest.h>

#include "web/cookies.hpp"
#include "web/security_headers.hpp"
#include "web/services.hpp"
#include "web/wire.hpp"

namespace plenary::web::test {
namespace {

std::string wire(const Response& response, HeadFacts facts = {}) {
  std::string out;
  facts.date = "Fri, 14 May 2027 09:00:00 GMT";
  write_head(response, nullptr, facts, SecurityHeaders(true), out);
  return out;
}

TEST(Responses, AreWrittenAsHttp) {
  std::string text = wire(Response::html("<p>hi"));
  EXPECT_TRUE(
      text.starts_with("HTTP/1.1 200 OK\r\nDate: Fri, 14 May 2027 09:00:00 GMT\r\n"
                       "Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n"
                       "Cache-Control: private, no-cache\r\n"))
      << text;
  EXPECT_TRUE(text.ends_with("Strict-Transport-Security: max-age=31536000\r\n\r\n")) << text;
  EXPECT_EQ(wire(Response(304)).find("Content-Length"), std::string::npos);
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Responses, HeadersCannotBeSplit) {
  Response response;
  EXPECT_THROW(response.set("X", "a\r\nSet-Cookie: b=c"), std::invalid_argument);
  EXPECT_THROW(response.set("X\n", "a"), std::invalid_argument);
  EXPECT_THROW(Response::redirect("/a\r\nb"), std::invalid_argument);
  EXPECT_THROW(response.allow("script-src", "'self'; script-src *"), std::invalid_argument);
  EXPECT_THROW(response.set_cookie({.name = "a", .value = "b; Domain=evil.example"}), std::invalid_argument);
}

TEST(Responses, PagesOfAPersonAreNotKeptAnywhere) {
  std::string text = wire(Response::html("x").personal());
  EXPECT_NE(text.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(text.find("X-Robots-Tag: noindex\r\n"), std::string::npos);
  EXPECT_NE(text.find("Referrer-Policy: no-referrer\r\n"), std::string::npos);
  EXPECT_EQ(text.find("strict-origin"), std::string::npos);
}

TEST(Responses, OnePageMayWidenItsPolicy) {
  std::string usual = SecurityHeaders::content_policy({});
  EXPECT_EQ(usual.find("frame-src"), std::string::npos);
  Response pay;
  pay.allow("script-src", "https://js.example.com")
      .allow("frame-src", "https://js.example.com")
      .allow("frame-src", "https://hooks.example.com");
  std::string policy = SecurityHeaders::content_policy(pay.csp_additions);
  EXPECT_NE(policy.find("script-src 'self' https://js.example.com;"), std::string::npos) << policy;
  EXPECT_NE(policy.find("frame-src https://js.example.com https://hooks.example.com"), std::string::npos)
      << policy;
  EXPECT_NE(wire(pay).find(policy), std::string::npos);
  EXPECT_EQ(SecurityHeaders::content_policy({{"object-src", "https://a"}}).find("object-src 'none'"),
            std::string::npos);
}

TEST(Responses, DownloadsAreNeverShownInline) {
  Response file = Response::attachment("x", "application/pdf", "caf\xc3\xa9 \"1\"/..\r\n.pdf");
  EXPECT_EQ(
      *file.find("Content-Disposition"),
      "attachment; filename=\"caf__ _1__..__.pdf\"; filename*=UTF-8''caf%C3%A9%20%221%22%2F..%0D%0A.pdf");
}

TEST(Cookies, AreFoundAmongOthers) {
  std::string_view header = "a=1; b=\"two\"; c=; aa=3;d";
  EXPECT_EQ(find_cookie(header, "a"), "1");
  EXPECT_EQ(find_cookie(header, "aa"), "3");
  EXPECT_EQ(find_cookie(header, "b"), "two");
  EXPECT_EQ(find_cookie(header, "c"), "");
  EXPECT_EQ(find_cookie(header, "d"), std::nullopt);
  EXPECT_EQ(find_cookie(header, "e"), std::nullopt);
  EXPECT_EQ(find_cookie("", "a"), std::nullopt);
}

TEST(Requests, GiveWhatWasSent) {
  OwnedRequest request(
      "POST /a%20b/?q=one+two&q=%C3%A9&empty&x=1 HTTP/1.1\r\nHost: LocalHost:80\r\nX-Thing: value\r\n"
      "Cookie: a=1\r\nCookie: b=2\r\nAccept: application/json, text/html\r\n\r\nbody");
  EXPECT_EQ(request->path(), "/a b/");
  EXPECT_EQ(request->target(), "/a%20b/?q=one+two&q=%C3%A9&empty&x=1");
  EXPECT_EQ(request->query("q"), "one two");
  EXPECT_EQ(request->query_all("q"), (std::vector<std::string_view>{"one two", "\xc3\xa9"}));
  EXPECT_EQ(request->query("empty"), "");
  EXPECT_EQ(request->query("none"), std::nullopt);
  EXPECT_EQ(request->header("x-THING"), "value");
  EXPECT_EQ(request->header("nothing"), "");
  EXPECT_EQ(request->cookie("b"), "2");
  EXPECT_EQ(request->host(), "localhost:80");
  EXPECT_EQ(request->body(), "body");
  EXPECT_TRUE(request->wants_json());
  EXPECT_THROW(request->param("conference"), std::logic_error);
}

TEST(Requests, HoldOneObjectOfEachType) {
  struct Conference {
    int id;
  };
  OwnedRequest request("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(request->find_context<Conference>(), nullptr);
  EXPECT_THROW(request->context<Conference>(), std::logic_error);
  request->attach(Conference{1});
  request->attach(Conference{2}).id += 1;
  EXPECT_EQ(request->context<Conference>().id, 3);
}

}  // namespace
}  // namespace plenary::web::test
