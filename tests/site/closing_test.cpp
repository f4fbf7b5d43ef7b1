// A sale that is closed, and a shop that is switched off while people pay. source: registration 20, D35.
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "site/products.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class Closing : public ShopTest {
 protected:
  void close_sales() {
    write([&](db::Tx& tx) {
      auto fair = conference::load(tx, conference_id()).value();
      fair.sales_open = false;
      EXPECT_TRUE(conference::update(tx, fair));
      return 0;
    });
  }
  void registration(std::optional<bool> on) {
    write([&](db::Tx& tx) {
      conference::set_feature(tx, conference_id(), conference::Feature::registration, on);
      return 0;
    });
  }
  static std::string order_path(const HttpResponse& ordered) {
    const std::string pay = ordered.header("Location");
    return pay.substr(0, pay.size() - 4);
  }
};
ON_BOTH_ENGINES(Closing);

TEST_P(Closing, AnOrderMadeBeforeIsShownAndPaidAfterwards) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse ordered = ada.order();
  close_sales();
  EXPECT_EQ(ada.get(order_path(ordered)).status, 200);
  EXPECT_EQ(outcome(ada.pay(ordered.header("Location"))), "paid");
  EXPECT_EQ(outcome(ada.get(order_path(ordered) + "confirmation/")), "paid");
}

TEST_P(Closing, ACartIsShownAndCannotBeChangedOrOrdered) {
  Buyer ada = buyer();
  ada.add("individual", "2");
  const HttpResponse cart = ada.cart();
  const HttpResponse review = ada.review();
  close_sales();
  for (const char* action : {"update_quantity", "remove_item", "renew"}) {
    EXPECT_EQ(outcome(ada.post(ada.base() + "cart/",
                               Buyer::form(cart, ada.base() + "cart/", {{"quantity", "1"}}, action))),
              "sales_closed")
        << action;
  }
  EXPECT_EQ(outcome(ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"))),
            "sales_closed");
  const HttpResponse shown = ada.cart();
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(contains(shown, "Ticket individual"));
  const HttpResponse checkout = ada.get(ada.base() + "checkout/");
  EXPECT_EQ(checkout.status, 303);
  EXPECT_EQ(checkout.header("Location"), ada.base());
  EXPECT_TRUE(contains(ada.get(ada.base()), "sales"));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
}

TEST_P(Closing, WhoeverComesBackFromPayingGoesOnToTheConfirmation) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse ordered = ada.order();
  ada.pay(ordered.header("Location"));
  const HttpResponse back = ada.get(order_path(ordered) + "return/");
  EXPECT_EQ(back.status, 303);
  EXPECT_EQ(back.header("Location"), order_path(ordered) + "confirmation/");
}

TEST_P(Closing, APaymentUnderWayWhenTheShopIsSwitchedOffSettlesAndTheReturnPageSaysSo) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse ordered = ada.order();
  EXPECT_EQ(outcome(ada.pay(ordered.header("Location"), "4000 0000 0000 0077")), "processing");
  registration(false);
  EXPECT_EQ(ada.get(order_path(ordered)).status, 404);
  EXPECT_EQ(ada.get(order_path(ordered) + "confirmation/").status, 404);
  const HttpResponse waiting = ada.get(order_path(ordered) + "return/");
  EXPECT_EQ(waiting.status, 200);
  EXPECT_EQ(outcome(waiting), "processing");
  EXPECT_EQ(waiting.header("Cache-Control"), "no-store");
  EXPECT_TRUE(contains(waiting, "Your payment is being processed"));
  settle_all(true);
  const HttpResponse back = ada.get(order_path(ordered) + "return/");
  EXPECT_EQ(outcome(back), "paid");
  EXPECT_TRUE(contains(back, "your confirmation comes by mail"));
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid'"), 1);
  registration(std::nullopt);
  EXPECT_EQ(ada.get(order_path(ordered)).status, 200);
}

TEST_P(Closing, TheReturnPageOfSomebodyElsesOrderAndOfNoneLookTheSame) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse ordered = ada.order();
  registration(false);
  std::string path = order_path(ordered);
  const std::string token = path.substr(path.find("ORD-") + 13);
  EXPECT_EQ(ada.get("/fair/register/orders/ORD-AAAAAAAA/" + token + "return/").status, 404);
  EXPECT_EQ(ada.get(path.substr(0, path.size() - 3) + "xx/return/").status, 404);
}

TEST_P(Closing, TheOpeningIsTheEarliestMomentAheadAndNoneOnceSomethingCanBeBought) {
  open({.tickets = [&](std::vector<registration::TicketType>& tickets) {
    for (auto& type : tickets) type.available_from = clock().now() + Duration::hours(48);
    tickets[1].available_from = clock().now() + Duration::hours(24);
    tickets[2].available_until = clock().now() + Duration::hours(72);
    tickets[3].available_from = clock().now() + Duration::hours(1);  // hidden: not listed
  }});
  const auto opening = [&] {
    return db().read_now([&](db::Tx& tx) {
      const auto state = conference::find_state(tx, "fair").value();
      const auto catalogue = shop().catalogues.at(tx, state.id, state.catalogue_version);
      const registration::StockLevels levels = registration::stock_levels(tx, state.id);
      return next_opening(ticket_cards({*catalogue, levels, nullptr, "en", tx.now()}));
    });
  };
  EXPECT_EQ(opening(), clock().now() + Duration::hours(24));
  EXPECT_EQ(buyer().tickets().status, 200);
  clock().advance(Duration::hours(24));
  EXPECT_EQ(opening(), std::nullopt);
  clock().advance(Duration::hours(24 * 365));
  EXPECT_EQ(opening(), std::nullopt);
}

}  // namespace
}  // namespace plenary::site::testing
