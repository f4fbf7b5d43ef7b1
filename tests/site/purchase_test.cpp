// Buying as a guest, from the ticket page to the confirmation, and what happens when the same thing is sent
// twice.
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class Purchase : public ShopTest {};
ON_BOTH_ENGINES(Purchase);

TEST_P(Purchase, GoesFromTheTicketPageToAPaidOrderWithSeats) {
  Buyer ada = buyer();
  const HttpResponse tickets = ada.tickets();
  EXPECT_EQ(tickets.status, 200);
  EXPECT_TRUE(contains(tickets, "Ticket individual"));
  EXPECT_TRUE(contains(tickets, "5 remaining"));
  EXPECT_FALSE(contains(tickets, "Ticket hidden"));

  const HttpResponse added = ada.add("individual", "2");
  EXPECT_EQ(added.status, 303);
  EXPECT_EQ(outcome(added), "added");
  const HttpResponse cart = ada.get(added.header("Location"));
  EXPECT_TRUE(contains(cart, "2 × Ticket individual added"));
  EXPECT_TRUE(contains(cart, ">11:30 CEST</time>"));
  EXPECT_TRUE(contains(cart, "$200.00"));
  EXPECT_TRUE(contains(ada.tickets(), "3 remaining"));

  const HttpResponse shirt =
      ada.post(ada.base() + "cart/", Buyer::form(cart, ada.base() + "cart/", {}, "shirt"));
  EXPECT_EQ(outcome(shirt), "added");
  const HttpResponse review = ada.review();
  EXPECT_EQ(review.status, 200);
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "Order and pay $225.00"));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);

  const HttpResponse ordered =
      ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"));
  EXPECT_EQ(ordered.status, 303);
  EXPECT_EQ(outcome(ordered), "ordered");
  const std::string pay_path = ordered.header("Location");
  EXPECT_TRUE(pay_path.starts_with("/fair/register/orders/ORD-"));
  EXPECT_TRUE(pay_path.ends_with("/pay/"));
  EXPECT_TRUE(contains(ada.get(pay_path), ">11:15 CEST</time>. Please pay"));

  const HttpResponse paid = ada.pay(pay_path);
  EXPECT_EQ(paid.status, 303);
  EXPECT_EQ(outcome(paid), "paid");
  const HttpResponse confirmation = ada.get(paid.header("Location"));
  EXPECT_EQ(confirmation.status, 200);
  EXPECT_EQ(outcome(confirmation), "paid");
  EXPECT_TRUE(contains(confirmation, "Thank you, you are registered"));
  EXPECT_TRUE(contains(confirmation, "sandbox order"));

  std::string order_path = pay_path.substr(0, pay_path.size() - 4);
  const HttpResponse order = ada.get(order_path);
  EXPECT_TRUE(contains(order, "Access code"));
  EXPECT_TRUE(contains(order, "Succeeded"));
  EXPECT_EQ(count("SELECT count(*) FROM seat"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid' AND is_sandbox = 1"), 1);
  // Nothing left to pay: the pay page leads to the order.
  EXPECT_EQ(ada.get(pay_path).header("Location"), order_path);
}

// source: docs/transactions.md, section 3.
TEST_P(Purchase, AsksPostgresqlOncePerPage) {
  Buyer ada = buyer(), eve = buyer();
  ada.add("individual");
  ada.cart();
  const auto trips = [&](auto&& ask) {
    const std::uint64_t before = db().stats().round_trips;
    EXPECT_EQ(ask().status, 200);
    return db().stats().round_trips - before;
  };
  const std::uint64_t one = GetParam() == db::Engine::postgresql ? 1 : 0;
  EXPECT_EQ(trips([&] { return eve.tickets(); }), one);
  EXPECT_EQ(trips([&] { return ada.tickets(); }), one);
  EXPECT_EQ(trips([&] { return ada.cart(); }), one);
  EXPECT_EQ(trips([&] { return ada.get(ada.base() + "checkout/"); }), one);
  // The id that the name had before is a guess.
  write([](db::Tx& tx) { tx.exec("UPDATE conference SET slug = 'fair-of-old' WHERE slug = 'fair'"); });
  EXPECT_EQ(ada.cart().status, 404);
  write([](db::Tx& tx) { tx.exec("UPDATE conference SET slug = 'fair' WHERE slug = 'fair-of-old'"); });
  EXPECT_TRUE(contains(ada.cart(), "Ticket individual"));
  EXPECT_EQ(trips([&] { return ada.cart(); }), one);
}

// The guess is found wrong by the first page, which puts it right.
TEST_P(Purchase, OfANameThatWentToAnotherConferenceAsksMoreOnce) {
  Buyer ada = buyer(), eve = buyer();
  ada.add("individual");
  const auto trips = [&] {
    const std::uint64_t before = db().stats().round_trips;
    EXPECT_EQ(eve.tickets().status, 200);
    return db().stats().round_trips - before;
  };
  const std::uint64_t one = GetParam() == db::Engine::postgresql ? 1 : 0;
  eve.tickets();
  EXPECT_EQ(trips(), one);
  write([&](db::Tx& tx) {
    conference::Conference next = *conference::load(tx, conference_id());
    next.slug = "next";
    const std::int64_t id = conference::create(tx, next).value();
    registration::set_conference_capacity(tx, id, 10);
    tx.exec("UPDATE conference SET slug = 'fair-of-old' WHERE slug = 'fair'");
    tx.exec("UPDATE conference SET slug = 'fair' WHERE slug = 'next'");
  });
  EXPECT_FALSE(contains(eve.tickets(), "Ticket individual"));
  EXPECT_EQ(trips(), one);
  EXPECT_TRUE(contains(ada.get("/fair-of-old/register/cart/"), "Ticket individual"));
}

TEST_P(Purchase, OfNothingToPayIsCompleteAtOnce) {
  Buyer ada = buyer();
  ada.add("free");
  const HttpResponse review = ada.review();
  EXPECT_TRUE(contains(review, ">Register</button>"));
  const HttpResponse ordered =
      ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"));
  EXPECT_EQ(outcome(ordered), "paid");
  EXPECT_TRUE(ordered.header("Location").ends_with("/confirmation/"));
  EXPECT_EQ(outcome(ada.get(ordered.header("Location"))), "paid");
}

TEST_P(Purchase, ADoubleClickOnAddAddsOnce) {
  Buyer ada = buyer();
  const HttpResponse page = ada.tickets();
  const Fields fields = Buyer::form(page, ada.base() + "cart/", {{"quantity", "1"}}, "individual");
  const auto before = ada.client().cookies();
  const HttpResponse first = ada.post(ada.base() + "cart/", fields);
  const auto after = ada.client().cookies();
  // The second click left the browser before the first answer came: without the session's cookie.
  ada.client().cookies() = before;
  const HttpResponse second = ada.post(ada.base() + "cart/", fields);
  EXPECT_EQ(second.status, 303);
  EXPECT_EQ(outcome(second), outcome(first));
  EXPECT_EQ(second.header("Location"), first.header("Location"));
  EXPECT_EQ(ada.client().cookies().at("plenary_session"), after.at("plenary_session"));
  EXPECT_EQ(count("SELECT sum(quantity) FROM cart_item"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM session"), 0) << "a guest's session is its token";
}

// The session of the first click is found again, however old the page is and wherever the clock went
// meanwhile.
TEST_P(Purchase, ADoubleClickAddsOnceInATabOfLastWeekAndWhenTheClockIsSet) {
  const std::pair<Duration, Duration> table[] = {{Duration::days(5), Duration::seconds(2)},
                                                 {Duration::seconds(-10), Duration::seconds(2)},
                                                 {Duration::seconds(1), Duration::seconds(-30)}};
  std::int64_t carts = 0;
  for (const auto& [before_the_first, between] : table) {
    Buyer ada = buyer();
    const Fields fields = Buyer::form(ada.tickets(), ada.base() + "cart/", {{"quantity", "1"}}, "individual");
    const auto before = ada.client().cookies();
    clock().advance(before_the_first);
    ada.post(ada.base() + "cart/", fields);
    const std::string first = ada.client().cookies().at("plenary_session");
    clock().advance(between);
    ada.client().cookies() = before;
    EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", fields)), "added");
    EXPECT_EQ(ada.client().cookies().at("plenary_session"), first);
    EXPECT_TRUE(contains(ada.cart(), "Ticket individual"));
    EXPECT_EQ(count("SELECT count(*) FROM cart"), ++carts);
  }
}

TEST_P(Purchase, ATokenIsWorthNothingInAnotherBrowser) {
  Buyer ada = buyer(), eve = buyer();
  const HttpResponse page = ada.tickets();
  const Fields fields = Buyer::form(page, ada.base() + "cart/", {}, "individual");
  ada.post(ada.base() + "cart/", fields);
  Fields stolen = Buyer::form(eve.tickets(), eve.base() + "cart/", {}, "individual");
  for (auto& [name, value] : stolen) {
    if (name == "submission")
      value = std::find_if(fields.begin(), fields.end(), [](const auto& f) {
                return f.first == "submission";
              })->second;
  }
  eve.post(eve.base() + "cart/", stolen);
  EXPECT_NE(eve.client().cookies().at("plenary_session"), ada.client().cookies().at("plenary_session"));
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 2);
}

TEST_P(Purchase, SendingTheOrderTwiceShowsTheFirstOrder) {
  Buyer ada = buyer();
  ada.add("individual");
  const Fields fields = Buyer::form(ada.review(), ada.base() + "checkout/");
  const HttpResponse first = ada.post(ada.base() + "checkout/", fields);
  const HttpResponse second = ada.post(ada.base() + "checkout/", fields);
  EXPECT_EQ(outcome(first), "ordered");
  EXPECT_EQ(outcome(second), "ordered");
  EXPECT_EQ(first.header("Location"), second.header("Location"));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 1);
}

TEST_P(Purchase, PayingTwiceChargesOnce) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const Fields fields =
      Buyer::form(ada.get(path), path,
                  {{"card_number", "4242424242424242"}, {"card_expiry", "1/40"}, {"card_cvc", "999"}});
  const HttpResponse first = ada.post(path, fields), second = ada.post(path, fields);
  EXPECT_EQ(outcome(first), "paid");
  EXPECT_EQ(outcome(second), "paid");
  EXPECT_EQ(first.header("Location"), second.header("Location"));
  EXPECT_EQ(count("SELECT count(*) FROM payment"), 1);
}

TEST_P(Purchase, ADeclinedCardCanBeReplaced) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const HttpResponse declined = ada.pay(path, "4000 0000 0000 0002");
  EXPECT_EQ(declined.status, 422);
  EXPECT_EQ(outcome(declined), "declined");
  EXPECT_TRUE(contains(declined, "<title>Error: "));
  EXPECT_TRUE(contains(declined, "The card was declined"));
  const HttpResponse paid = ada.post(
      path,
      Buyer::form(declined, path,
                  {{"card_number", "4242 4242 4242 4242"}, {"card_expiry", "12/39"}, {"card_cvc", "123"}}));
  EXPECT_EQ(outcome(paid), "paid");
}

TEST_P(Purchase, ABankMayAskForAConfirmation) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const HttpResponse asks = ada.pay(path, "4000 0025 0000 3155");
  EXPECT_EQ(asks.status, 200);
  EXPECT_EQ(outcome(asks), "authenticate");
  EXPECT_TRUE(contains(asks, "$100.00"));
  const HttpResponse refused = ada.post(path, Buyer::form(asks, path, {{"confirmation", "refuse"}}));
  EXPECT_EQ(outcome(refused), "declined");
  const HttpResponse again = ada.pay(path, "4000 0025 0000 3155");
  EXPECT_EQ(outcome(ada.post(path, Buyer::form(again, path, {{"confirmation", "approve"}}))), "paid");
}

TEST_P(Purchase, ALateAnswerIsShownAsProcessingUntilItComes) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const HttpResponse processing = ada.pay(path, "4000 0000 0000 0077");
  EXPECT_EQ(outcome(processing), "processing");
  const std::string confirmation = processing.header("Location");
  EXPECT_TRUE(contains(ada.get(confirmation), "being processed"));
  EXPECT_EQ(ada.get(path).header("Location"), confirmation);
  settle_all(true);
  EXPECT_EQ(outcome(ada.get(confirmation)), "paid");
}

TEST_P(Purchase, ALateRefusalLeavesTheOrderToBePaid) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const std::string confirmation = ada.pay(path, "4000 0000 0000 0259").header("Location");
  settle_all(false);
  EXPECT_EQ(outcome(ada.get(confirmation)), "ordered");
  EXPECT_EQ(outcome(ada.pay(path)), "paid");
}

TEST_P(Purchase, AnUnpaidOrderShowsWhatIsDueAndCanBeCancelled) {
  Buyer ada = buyer();
  ada.add("individual", "2");
  const std::string pay_path = ada.order().header("Location");
  const std::string order_path = pay_path.substr(0, pay_path.size() - 4);
  const HttpResponse order = ada.get(order_path);
  EXPECT_TRUE(contains(order,
                       "$200.00 is due. Your tickets are held until <time "
                       "datetime=\"2027-05-14T09:15:00Z\">14 May 2027, 11:15 CEST</time>."));
  const Fields fields = Buyer::form(order, order_path + "cancel/");
  EXPECT_EQ(outcome(ada.post(order_path + "cancel/", fields)), "cancelled");
  EXPECT_EQ(outcome(ada.post(order_path + "cancel/", fields)), "cancelled");
  EXPECT_TRUE(contains(ada.get(order_path), "Cancelled"));
  EXPECT_TRUE(contains(ada.tickets(), "5 remaining"));
}

TEST_P(Purchase, AnOrderWhoseTimeIsOverSaysSoAndTakesNoMoney) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const HttpResponse page = ada.get(path);
  clock().advance(Duration::minutes(15));
  EXPECT_TRUE(contains(ada.get(path), "order anew"));
  const HttpResponse late = ada.post(
      path, Buyer::form(page, path,
                        {{"card_number", "4242424242424242"}, {"card_expiry", "1/40"}, {"card_cvc", "999"}}));
  EXPECT_EQ(late.status, 422);
  EXPECT_EQ(outcome(late), "hold_elapsed");
  EXPECT_EQ(count("SELECT count(*) FROM payment"), 0);
  sweep();
  EXPECT_TRUE(contains(ada.get(path.substr(0, path.size() - 4)), "Cancelled"));
}

}  // namespace
}  // namespace plenary::site::testing
