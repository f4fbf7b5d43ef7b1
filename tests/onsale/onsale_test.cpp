// The load generator believes nothing: these tests let it buy from a shop that is right, and from shops that
// are wrong in the ways it exists to find.
#include <gtest/gtest.h>

#include "buyer.hpp"
#include "forms.hpp"
#include "histogram.hpp"
#include "http.hpp"
#include "play_shop.hpp"

namespace plenary::onsale {
namespace {

struct Outcome {
  Tally tally;
  std::vector<Told> told;
  Sale::Losses losses;
};

Outcome buy(const PlayShopOptions& shop_options, SaleOptions options, std::int64_t late_buyers = 0) {
  PlayShop shop(shop_options);
  const std::vector<Endpoint> endpoints{Endpoint::parse(shop.url())};
  Loop loop;
  Sale sale(loop, endpoints, options);
  const auto run = [&] {
    sale.begin();
    const auto start = now_micros();
    while (!sale.idle() && now_micros() - start < 30'000'000) loop.run_once(100'000);
    EXPECT_TRUE(sale.idle());
  };
  run();
  if (late_buyers > 0) {
    shop.expire_holds();
    sale.options().abandon_percent = 0;
    // The shop notices the new time between two requests: the first buyer may still be turned away.
    for (int i = 0; i < 100 && sale.tally().added == shop_options.stock; ++i) {
      sale.allow_more(1);
      run();
    }
    sale.allow_more(late_buyers);
    run();
  }
  return {sale.tally(), {sale.told().begin(), sale.told().end()}, sale.losses()};
}

SaleOptions few_buyers() {
  SaleOptions options;
  options.buyers = 200;
  options.connections = 8;
  return options;
}

TEST(Onsale, EveryTicketIsSoldOnceAndWhoGaveUpGivesItBack) {
  const auto outcome = buy({.stock = 100}, few_buyers(), 100);
  EXPECT_EQ(outcome.tally.failed, 0) << (outcome.tally.complaints.empty() ? "" : outcome.tally.complaints[0]);
  EXPECT_EQ(outcome.tally.repeats_wrong, 0);
  EXPECT_EQ(outcome.tally.paid, 100);
  EXPECT_GT(outcome.tally.left_cart + outcome.tally.left_unpaid, 0);
  EXPECT_EQ(outcome.tally.added, 100 + outcome.tally.left_cart + outcome.tally.left_unpaid);
  EXPECT_GT(outcome.tally.sold_out, 0);
  EXPECT_GT(outcome.tally.repeats, 0);
}

TEST(Onsale, WhatBuyersWereToldIsKeptWithItsAddress) {
  auto options = few_buyers();
  options.abandon_percent = 0;
  const auto outcome = buy({.stock = 10}, options);
  ASSERT_EQ(outcome.told.size(), 10U);
  EXPECT_TRUE(outcome.told[0].paid);
  EXPECT_EQ(outcome.told[0].path, "/onsale/register/orders/" + outcome.told[0].reference + "/secret1/");
}

TEST(Onsale, AShopThatDoesAPostTwiceIsFoundOut) {
  auto options = few_buyers();
  options.twice_percent = 100;
  EXPECT_GT(buy({.stock = 100, .forgets_tokens = true}, options).tally.repeats_wrong, 0);
}

TEST(Onsale, AShopThatOversellsIsFoundOut) {
  EXPECT_EQ(buy({.stock = 100, .oversells = true}, few_buyers()).tally.added, 101);
}

TEST(Onsale, AnswersThatComeInPiecesAreUnderstood) {
  const auto outcome = buy({.stock = 50, .splits_answers = true}, few_buyers());
  EXPECT_EQ(outcome.tally.failed, 0);
  EXPECT_EQ(outcome.tally.added, 50);
}

TEST(Onsale, AnAnswerThatBreaksOffIsAFailedRequest) {
  const auto outcome = buy({.stock = 100, .breaks_off = true}, few_buyers());
  EXPECT_EQ(outcome.losses.failed_requests, 1);
  EXPECT_EQ(outcome.tally.failed, 1);
}

TEST(Onsale, ARequestThatIsReadAndNotAnsweredIsAFailedRequest) {
  auto options = few_buyers();
  options.park_on_loss = true;
  PlayShop shop({.stock = 100, .swallows = true});
  const std::vector<Endpoint> endpoints{Endpoint::parse(shop.url())};
  Loop loop;
  Sale sale(loop, endpoints, options);
  sale.begin();
  const auto start = now_micros();
  while (sale.active() > sale.parked() && now_micros() - start < 30'000'000) loop.run_once(100'000);
  ASSERT_EQ(sale.parked(), 1);
  EXPECT_EQ(sale.losses().failed_requests, 1);
  // The buyer asks once more and goes on as if nothing had happened.
  sale.resume();
  while (!sale.idle() && now_micros() - start < 30'000'000) loop.run_once(100'000);
  EXPECT_TRUE(sale.idle());
  EXPECT_EQ(sale.tally().failed, 0);
  EXPECT_EQ(sale.tally().added, 100);
}

TEST(Onsale, ConnectionsMadeAfterTheServerWasToldToStopMayBeRefused) {
  auto options = few_buyers();
  options.park_on_loss = true;
  PlayShop shop({.stock = 100, .swallows = true});
  const std::vector<Endpoint> endpoints{Endpoint::parse(shop.url())};
  Loop loop;
  Sale sale(loop, endpoints, options);
  sale.accepted_until = now_micros() - 1;
  sale.begin();
  const auto start = now_micros();
  while (sale.active() > sale.parked() && now_micros() - start < 30'000'000) loop.run_once(100'000);
  EXPECT_EQ(sale.parked(), 1);
  EXPECT_EQ(sale.losses().failed_requests, 0);
}

TEST(OnsaleForms, TheFormIsFoundByItsActionAndItsHiddenField) {
  const std::string_view page =
      "<form action=\"/a/\"><input name=kind value=one></form>"
      "<form action=\"/a/\"><input name=kind value=two><input name=n value='&quot;&#x27;&amp;&#228; "
      "x'></form>";
  const auto form = find_form(page, "/a/", {"kind", "two"});
  ASSERT_TRUE(form);
  std::string body;
  encode_form(*form, {}, body);
  EXPECT_EQ(body, "kind=two&n=%22%27%26%C3%A4+x");
  EXPECT_FALSE(find_form(page, "/b/"));
  EXPECT_FALSE(find_form(page, "/a/", {"kind", "three"}));
}

TEST(OnsaleForms, WhatIsTypedWinsAndWhatABrowserLeavesOutIsLeftOut) {
  const std::string_view form =
      "<input name=a value=1><input type=\"checkbox\" name=b value=1><input type=checkbox name=c value=1 "
      "checked>"
      "<input type=submit name=d value=1><select name=e><option value=7></select><select name=f></select>"
      "<textarea name=\"g\">x</textarea>";
  const FieldValue typed[] = {{"a", "2 3"}, {"e", "7"}};
  std::string body;
  encode_form(form, typed, body);
  EXPECT_EQ(body, "a=2+3&c=1&e=7");
}

TEST(OnsaleHttp, CookiesAreKeptReplacedAndRemoved) {
  CookieJar jar;
  jar.set("a=1; Path=/");
  jar.set("b=2");
  jar.set("a=3; HttpOnly");
  jar.set("b=; Max-Age=0");
  std::string header;
  jar.append_header(header);
  EXPECT_EQ(header, "Cookie: a=3\r\n");
}

TEST(OnsaleHttp, AnAnswerIsCompleteOnlyWithItsWholeBody) {
  const std::string_view whole =
      "HTTP/1.1 303 See Other\r\ncontent-length: 2\r\nlocation: http://h/x/\r\n\r\nok";
  Response response;
  std::size_t consumed = 0;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(parse_response(whole.substr(0, n), response, consumed), Parsed::incomplete) << n;
  }
  ASSERT_EQ(parse_response(whole, response, consumed), Parsed::complete);
  EXPECT_EQ(response.status, 303);
  EXPECT_EQ(path_of(response.location), "/x/");
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\n\r\nendless", response, consumed), Parsed::malformed);
}

TEST(OnsaleHttp, OnlyLoopbackIsPutUnderLoad) {
  EXPECT_THROW(Endpoint::parse("http://192.0.2.1:80"), std::invalid_argument);
  EXPECT_THROW(Endpoint::parse("https://127.0.0.1"), std::invalid_argument);
  EXPECT_EQ(Endpoint::parse("http://127.0.0.1:8000/").host, "127.0.0.1:8000");
}

TEST(OnsaleHistogram, QuantilesAreWithinTwoPercent) {
  Histogram histogram;
  for (int i = 1; i <= 100'000; ++i) histogram.record(i);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.5)), 50'000, 1'000);
  EXPECT_NEAR(static_cast<double>(histogram.quantile(0.99)), 99'000, 2'000);
  EXPECT_EQ(histogram.max(), 100'000U);
}

}  // namespace
}  // namespace plenary::onsale
