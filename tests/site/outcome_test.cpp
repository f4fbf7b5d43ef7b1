// Nobody knows whether a write was done: what the person who sent it is told, and what sending it again does.
// source: registration 20, D32; docs/transactions.md, section 3.
#include "db/errors.hpp"
#include "support/site/lost_commit.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class UnknownOutcome : public ShopTest {
 protected:
  std::vector<AddPages> more_pages() override {
    return {[](PageTable& table) {
      table.add("test:unknown", "/{conference}/register/unknown/", web::Method::get | web::Method::post,
                shop_guard(), [](Site&, web::Request&) -> Task<web::Response> {
                  throw db::OutcomeUnknown();
                  co_return web::Response(204);
                });
    }};
  }
  test::TestDatabase::Change change() override {
    return [this, usual = ShopTest::change()](db::DatabaseOptions& options) {
      usual(options);
      lost_.use(options);
    };
  }
  test::LostCommit lost_;
};
ON_BOTH_ENGINES(UnknownOutcome);

TEST_P(UnknownOutcome, IsSaidWithThePlacesToLookAt) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string cart = ada.base() + "cart/";
  const Fields form = Buyer::form(ada.cart(), cart, {}, "remove_item");
  const HttpResponse told = ada.post(ada.base() + "unknown/", form);
  EXPECT_EQ(told.status, 500);
  for (const char* part : {"<h1>It may have worked</h1>", "it is not known whether what you sent was done",
                           "href=\"/fair/register/cart/\"", "href=\"/fair/register/find-order/\""})
    EXPECT_TRUE(contains(told, part)) << part << "\n" << told.body;
  EXPECT_FALSE(contains(told, "Go back and try again; if you were paying")) << "the page of any other error";
  const HttpResponse german = ada.client().request(
      "POST", ada.base() + "unknown/", "csrfmiddlewaretoken=" + ada.client().csrf_token(),
      {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept-Language", "de"}});
  EXPECT_TRUE(contains(german, "Vielleicht hat es geklappt")) << german.body;
}

TEST_P(UnknownOutcome, AnOrderThatWasPlacedIsFoundBySendingTheFormAgain) {
  if (GetParam() != db::Engine::postgresql) GTEST_SKIP() << "SQLite knows what became of a commit";
  Buyer ada = buyer();
  ada.add("individual");
  const std::string checkout = ada.base() + "checkout/";
  const Fields form = Buyer::form(ada.review(), checkout);
  lost_.is_armed = true;
  const HttpResponse told = ada.post(checkout, form);
  lost_.is_armed = false;
  EXPECT_EQ(told.status, 500);
  EXPECT_TRUE(contains(told, "It may have worked")) << told.body;
  EXPECT_EQ(outcome(ada.post(checkout, form)), "ordered");
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 1);
}

}  // namespace
}  // namespace plenary::site::testing
