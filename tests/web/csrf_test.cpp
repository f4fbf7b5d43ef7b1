// Forms from other sites, sessions, one-use tokens, flash messages. source: transactions 5.
#include "web/csrf.hpp"

#include <gtest/gtest.h>

#include "support/http_client.hpp"
#include "web/errors.hpp"
#include "web/flash.hpp"
#include "web/sessions.hpp"
#include "web/test_site.hpp"

namespace plenary::web::test {
namespace {

using plenary::test::HttpClient;

class Csrf_ : public ::testing::Test {
 protected:
  Csrf_() : client(site.port()) { client.get("/form/"); }
  TestSite site;
  HttpClient client;
};

TEST_F(Csrf_, AFormOfOursIsAccepted) {
  EXPECT_EQ(client.post("/form/", {}).status, 303);
  EXPECT_EQ(
      client.post("/form/", {}, {{"Origin", "http://localhost"}, {"Sec-Fetch-Site", "same-origin"}}).status,
      303);
  // From a page with Referrer-Policy: no-referrer.
  EXPECT_EQ(client.post("/form/", {}, {{"Origin", "null"}}).status, 303);
}

TEST_F(Csrf_, EverythingElseIsRefused) {
  EXPECT_EQ(client.post("/form/", {{"csrfmiddlewaretoken", ""}}).status, 403);
  EXPECT_EQ(client.post("/form/", {{"csrfmiddlewaretoken", "nonsense"}}).status, 403);
  EXPECT_EQ(client.post("/form/", {{"csrfmiddlewaretoken", std::string(43, 'A')}}).status, 403);
  EXPECT_EQ(client.post("/form/", {}, {{"Origin", "http://evil.example"}}).status, 403);
  EXPECT_EQ(client.post("/form/", {}, {{"Origin", "https://localhost"}}).status, 403);
  EXPECT_EQ(client.post("/form/", {}, {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(client.post("/form/", {}, {{"Sec-Fetch-Site", "same-site"}}).status, 403);
  std::string token = client.csrf_token();
  client.cookies().clear();
  auto without_cookie = client.post("/form/", {{"csrfmiddlewaretoken", token}});
  EXPECT_EQ(without_cookie.status, 403);
  EXPECT_NE(without_cookie.body.find("Allow cookies"), std::string::npos);
  client.cookies()["plenary_csrf"] = "AAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_EQ(client.post("/form/", {{"csrfmiddlewaretoken", token}}).status, 403);
}

TEST_F(Csrf_, AHeaderServesScripts) {
  std::string token = client.csrf_token();
  EXPECT_EQ(
      client.request("POST", "/form/", "{}", {{"Content-Type", "application/json"}, {"X-CSRFToken", token}})
          .status,
      303);
  EXPECT_EQ(client.request("POST", "/form/", "{}", {{"Content-Type", "application/json"}}).status, 403);
}

TEST_F(Csrf_, TheCookieIsKeptAndUnreadableForScripts) {
  auto first = HttpClient(site.port()).get("/form/");
  std::string cookie = first.header("Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("plenary_csrf=")) << cookie;
  EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("; SameSite=Lax"), std::string::npos);
  EXPECT_EQ(cookie.find("Secure"), std::string::npos) << "plain http in development";
  EXPECT_EQ(client.get("/form/").header("Set-Cookie"), "") << "one that is there is kept";
  EXPECT_EQ(client.get("/").header("Set-Cookie"), "");
}

TEST(Csrf, PublicAddressCountsAsOurOwnOrigin) {
  RouteTable table{page(
      "/form/", "form", [](Request&) -> Task<Response> { co_return Response(204); }, Method::post)};
  Bench bench(table, true);
  bench.services.public_url = "https://tickets.example.org";
  std::string cookie = "AAAAAAAAAAAAAAAAAAAAAA";
  std::string body = "csrfmiddlewaretoken=" + bench.csrf_key->mac(cookie);
  std::string wire =
      "POST /form/ HTTP/1.1\r\nHost: backend\r\nOrigin: https://tickets.example.org\r\nCookie: "
      "__Host-plenary_csrf=" +
      cookie + "\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n" + body;
  EXPECT_EQ(bench.answer(wire).status, 204);
}

TEST(Csrf, SignInMakesOldPagesWorthless) {
  std::string before, after;
  RouteTable table{page("/in/", "in", [&](Request& request) -> Task<Response> {
    before = csrf_token(request);
    renew_csrf(request);
    after = csrf_token(request);
    co_return Response(204);
  })};
  Bench bench(table);
  std::vector<std::string> cookies;
  bench.answer("GET /in/ HTTP/1.1\r\nHost: localhost\r\nCookie: plenary_csrf=AAAAAAAAAAAAAAAAAAAAAA\r\n\r\n",
               cookies);
  EXPECT_EQ(before, bench.csrf_key->mac("AAAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_NE(before, after);
  ASSERT_EQ(cookies.size(), 1u);
  EXPECT_EQ(after, bench.csrf_key->mac(cookies[0].substr(13, 22)));
}

TEST(Sessions, CookiesCarryTheTokenAndTheDatabaseItsHash) {
  SeededRandom random(7);
  NewSession session = new_session(random);
  EXPECT_EQ(session.token.size(), 43u);
  EXPECT_EQ(session.hash, token_hash(session.token));
  EXPECT_NE(session.token, new_session(random).token);
  Services services;
  services.secure = true;
  OwnedRequest request("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a=b; __Host-plenary_session=" +
                           session.token + "\r\n\r\n",
                       &services);
  EXPECT_EQ(session_token(*request), session.token);
  EXPECT_EQ(session_hash(*request), session.hash);
  std::string cookie = session_cookie(*request, session.token).to_header();
  EXPECT_EQ(cookie, "__Host-plenary_session=" + session.token + "; Path=/; HttpOnly; Secure; SameSite=Lax");
  EXPECT_NE(expired_session_cookie(*request).to_header().find("Max-Age=0"), std::string::npos);
  for (std::string wrong : {"", "short", "x'; DROP TABLE session; --aaaaaaaaaaaaaaaaaa"}) {
    OwnedRequest other(
        "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: __Host-plenary_session=" + wrong + "\r\n\r\n",
        &services);
    EXPECT_EQ(session_hash(*other), "");
  }
}

TEST(Sessions, AOneUseTokenMustHaveItsForm) {
  SeededRandom random(7);
  std::string token = new_form_token(random);
  EXPECT_TRUE(is_form_token(token));
  Services services;
  auto posted = [&](const std::string& body) {
    OwnedRequest request(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n" +
            body,
        &services);
    return std::string(posted_form_token(*request));
  };
  EXPECT_EQ(posted("form_token=" + token), token);
  EXPECT_THROW(posted("form_token=short"), HttpError);
  EXPECT_THROW(posted("other=1"), HttpError);
}

RouteTable flashing() {
  RouteTable table;
  table.push_back(page("/add/", "add", [](Request& request) -> Task<Response> {
    flash(request, "success", "Added: 1 \xc3\x97 T-shirt; size M");
    flash(request, "info", "Held for 10 minutes");
    co_return Response::redirect("/show/");
  }));
  table.push_back(page("/show/", "show", [](Request& request) -> Task<Response> {
    std::string text;
    for (const FlashMessage& message : take_flashes(request))
      text += message.level + ":" + message.text + "\n";
    co_return Response::text(text);
  }));
  table.push_back(page("/flood/", "flood", [](Request& request) -> Task<Response> {
    for (int i = 0; i < 200; ++i) flash(request, "info", "message number " + std::to_string(i));
    co_return Response::redirect("/show/");
  }));
  return table;
}

TEST(Flash, MessagesSurviveARedirectAndAreShownOnce) {
  TestSite site(flashing());
  HttpClient client(site.port());
  auto shown = client.follow(client.get("/add/"));
  EXPECT_EQ(shown.body, "success:Added: 1 \xc3\x97 T-shirt; size M\ninfo:Held for 10 minutes\n");
  EXPECT_EQ(client.get("/show/").body, "");
  client.get("/add/");
  std::string& cookie = client.cookies()["plenary_flash"];
  cookie[5] = cookie[5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(client.get("/show/").body, "") << "a cookie that was changed shows nothing";
  auto flood = client.follow(client.get("/flood/"));
  EXPECT_NE(flood.body.find("message number 199\n"), std::string::npos);
  EXPECT_EQ(flood.body.find("message number 0\n"), std::string::npos);
}

TEST(Signing, OpensOnlyWhatItSigned) {
  Secret secret("a secret of the tests, long enough");
  SigningKey key(secret, "flash"), other(secret, "csrf");
  std::string text("any \0 bytes", 11);
  std::string sealed = key.sign(text);
  EXPECT_EQ(key.open(sealed), text);
  EXPECT_EQ(other.open(sealed), std::nullopt);
  EXPECT_EQ(key.open(sealed + "A"), std::nullopt);
  EXPECT_EQ(key.open("." + key.mac("")), "");
  EXPECT_EQ(key.open(""), std::nullopt);
  EXPECT_THROW(SigningKey(Secret("short"), "x"), std::invalid_argument);
}

}  // namespace
}  // namespace plenary::web::test
