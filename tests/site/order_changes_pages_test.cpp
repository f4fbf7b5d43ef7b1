// What buyers do with a paid order in the browser: see what is possible, cancel after a preview, change
// extras after a review, pay the difference, have the confirmation mailed again.
#include "domain/registration/products.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class OrderChangePages : public ShopTest {
 protected:
  void offer(const char* refund = "original") {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      tx.exec(
          "UPDATE conference SET self_change_until = $1, self_cancel_until = $1, cancel_fee_percent = '5', "
          "cancel_refund = $2, catalogue_version = catalogue_version + 1",
          clock().now() + Duration::hours(10), refund);
    });
  }
  // A paid order of two tickets for 200.00; its page.
  std::string paid_order(Buyer& ada) {
    ada.add("individual", "2");
    const std::string pay_path = ada.order().header("Location");
    EXPECT_EQ(outcome(ada.pay(pay_path)), "paid");
    return pay_path.substr(0, pay_path.size() - 4);
  }
  std::string shirt() {
    return "extra-" + std::to_string(db().read_now([](db::Tx& tx) {
             return tx.one<std::int64_t>("SELECT id FROM addon WHERE slug = 'shirt'");
           }));
  }
};
ON_BOTH_ENGINES(OrderChangePages);

TEST_P(OrderChangePages, CancellingShowsFirstWhatComesBack) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  EXPECT_FALSE(contains(ada.get(order), order + "cancel/")) << "not offered";
  EXPECT_TRUE(contains(ada.get(order + "cancel/"), "Please ask the organisers."));
  offer();
  EXPECT_TRUE(contains(ada.get(order), order + "cancel/"));
  const HttpResponse preview = ada.get(order + "cancel/");
  EXPECT_EQ(preview.status, 200);
  EXPECT_TRUE(contains(preview, "You get $190.00 back; $10.00 are kept.")) << preview.body;
  const Fields fields = Buyer::form(preview, order + "cancel/");
  EXPECT_EQ(outcome(ada.post(order + "cancel/", fields)), "cancelled");
  EXPECT_EQ(outcome(ada.post(order + "cancel/", fields)), "cancelled") << "a double click";
  const HttpResponse after = ada.get(order);
  EXPECT_TRUE(contains(after, "Refunded"));
  EXPECT_TRUE(contains(after, "<th scope=\"row\">Cancellation fee</th>")) << after.body;
  const HttpResponse german = ada.client().get(order, {{"Accept-Language", "de"}});
  EXPECT_TRUE(contains(german, "<th scope=\"row\">Stornogebühr</th>")) << "stored in English, said in German";
  EXPECT_TRUE(contains(german, "+ 1 × Stornogebühr")) << "in the history too";
  EXPECT_FALSE(contains(german, "Cancellation fee"));
  EXPECT_TRUE(
      contains(after, "Taken back</h3><ul class=\"taken-back\"><li>2 × Ticket individual: -$200.00</li>"))
      << "which ticket, how many, for how much";
  EXPECT_TRUE(contains(after, "$190.00 of it went back to you"));
  EXPECT_TRUE(contains(after, "You cancelled the order."));
  EXPECT_EQ(count("SELECT count(*) FROM refund WHERE status = 'succeeded' AND amount = 19000"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE payload LIKE '%order_cancelled%'"), 1);
  EXPECT_TRUE(contains(ada.tickets(), "5 remaining"));
  EXPECT_TRUE(contains(ada.get(order + "cancel/"), "can no longer be cancelled"));
}

TEST_P(OrderChangePages, APreviewThatIsNoLongerTrueIsShownAgain) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  offer();
  const Fields fields = Buyer::form(ada.get(order + "cancel/"), order + "cancel/");
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec("UPDATE conference SET cancel_fee_percent = '50', catalogue_version = catalogue_version + 1");
  });
  EXPECT_EQ(outcome(ada.post(order + "cancel/", fields)), "changed_meanwhile");
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid'"), 1);
}

TEST_P(OrderChangePages, AnExtraIsReviewedPaidAndThenThere) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada), change = order + "change/";
  offer();
  EXPECT_TRUE(contains(ada.get(order), change));
  const HttpResponse form = ada.get(change);
  EXPECT_EQ(form.status, 200);
  EXPECT_TRUE(contains(form, "$25.00 each; you have 0."));
  const HttpResponse wrong =
      ada.post(change, Buyer::form(form, change, {{shirt(), "many"}, {"action", "review"}}));
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "value=\"many\""));
  const HttpResponse nothing = ada.post(change, Buyer::form(form, change, {{"action", "review"}}));
  EXPECT_TRUE(contains(nothing, "Nothing would change."));
  const HttpResponse review =
      ada.post(change, Buyer::form(form, change, {{shirt(), "2"}, {"action", "review"}}));
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "This costs $50.00 more."));
  EXPECT_TRUE(contains(review, "Change and pay $50.00"));
  EXPECT_EQ(count("SELECT count(*) FROM order_change"), 0);
  const HttpResponse started = ada.post(change, Buyer::form(review, change, {}, "confirm"));
  EXPECT_EQ(outcome(started), "payment_due");
  const std::string pay = started.header("Location");
  EXPECT_EQ(pay, order + "pay/");
  EXPECT_TRUE(contains(ada.get(order), "Your change waits for its payment of $50.00"));
  EXPECT_TRUE(contains(ada.get(pay), "Pay $50.00"));
  EXPECT_EQ(outcome(ada.pay(pay)), "paid");
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid' AND total = 25000"), 1);
  EXPECT_TRUE(contains(ada.get(order), "You changed the order."));
  EXPECT_EQ(ada.get(pay).header("Location"), order) << "nothing is due any more";
  // One of them goes back.
  const HttpResponse less =
      ada.post(change, Buyer::form(ada.get(change), change, {{shirt(), "1"}, {"action", "review"}}));
  EXPECT_TRUE(contains(less, "You get $25.00 back."));
  EXPECT_EQ(outcome(ada.post(change, Buyer::form(less, change, {}, "confirm"))), "changed");
  EXPECT_EQ(count("SELECT count(*) FROM refund WHERE amount = 2500 AND status = 'succeeded'"), 1);
}

TEST_P(OrderChangePages, AChangeThatIsSentTwiceIsMadeOnceAndToldTwice) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada), change = order + "change/";
  offer();
  const HttpResponse more =
      ada.post(change, Buyer::form(ada.get(change), change, {{shirt(), "2"}, {"action", "review"}}));
  const Fields dearer = Buyer::form(more, change, {}, "confirm");
  EXPECT_EQ(outcome(ada.post(change, dearer)), "payment_due");
  EXPECT_EQ(outcome(ada.post(change, dearer)), "payment_due");
  EXPECT_EQ(count("SELECT count(*) FROM order_change"), 1);
  EXPECT_EQ(outcome(ada.pay(order + "pay/")), "paid");
  const HttpResponse less =
      ada.post(change, Buyer::form(ada.get(change), change, {{shirt(), "1"}, {"action", "review"}}));
  const Fields cheaper = Buyer::form(less, change, {}, "confirm");
  EXPECT_EQ(outcome(ada.post(change, cheaper)), "changed");
  const HttpResponse again = ada.post(change, cheaper);  // the answer was lost on the line
  EXPECT_EQ(outcome(again), "changed");
  EXPECT_TRUE(contains(ada.get(again.header("Location")), "$25.00 goes back to you."));
  EXPECT_EQ(count("SELECT count(*) FROM refund WHERE amount = 2500"), 1);
}

TEST_P(OrderChangePages, ADoubleClickOnCancelIsToldWhatTheFirstWas) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  offer();
  const Fields fields = Buyer::form(ada.get(order + "cancel/"), order + "cancel/");
  EXPECT_EQ(outcome(ada.post(order + "cancel/", fields)), "cancelled");
  EXPECT_EQ(outcome(ada.post(order + "cancel/", fields)), "cancelled");
  EXPECT_FALSE(contains(ada.get(order), "Nothing has to be paid."));
}

// Rupiah and pesos have totals of ten digits.
TEST_P(OrderChangePages, AmountsOfManyDigitsAreOrderedAndCancelled) {
  open({.tickets = [](auto& types) {
    for (registration::TicketType& type : types)
      if (type.slug == "individual") type.price = 3'000'000'000;
  }});
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid' AND total = 6000000000"), 1);
  offer();
  const HttpResponse preview = ada.get(order + "cancel/");
  EXPECT_TRUE(contains(preview, "You get $57,000,000.00 back; $3,000,000.00 are kept.")) << preview.body;
  EXPECT_EQ(outcome(ada.post(order + "cancel/", Buyer::form(preview, order + "cancel/"))), "cancelled");
}

TEST_P(OrderChangePages, ATicketWhoseKindIsGoneIsCalledByItsNumber) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  write([](db::Tx& tx) { return tx.exec("UPDATE seat SET ticket_type_id = NULL"); });
  const HttpResponse page = ada.get(order);
  EXPECT_TRUE(contains(page, "<h3>Ticket 1 <span")) << page.body;
  EXPECT_FALSE(contains(page, "Ticket 1:"));
}

TEST_P(OrderChangePages, TheConfirmationIsMailedAgain) {
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  const HttpResponse page = ada.get(order);
  const auto mails = [&] {
    return count("SELECT count(*) FROM outbox WHERE payload LIKE '%order_confirmation%'");
  };
  const std::int64_t before = mails();
  EXPECT_EQ(outcome(ada.post(order + "resend/", Buyer::form(page, order + "resend/"))), "mailed");
  EXPECT_EQ(mails(), before + 1);
}

TEST_P(OrderChangePages, TheConfirmationIsMailedAgainSomeTimesWithinAnHour) {
  ShopPlan plan;
  plan.settings = [](config::Settings& settings) {
    settings.security.limits = true;
    settings.security.rates.find_order_per_email = {3, Duration::hours(1)};
  };
  open(plan);
  Buyer ada = buyer();
  const std::string order = paid_order(ada);
  const auto mails = [&] {
    return count("SELECT count(*) FROM outbox WHERE payload LIKE '%order_confirmation%'");
  };
  const auto resend = [&](Buyer& who) {
    clock().advance(Duration::seconds(1));
    return outcome(who.post(order + "resend/", Buyer::form(who.get(order), order + "resend/")));
  };
  const std::int64_t before = mails();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(resend(ada), "mailed");
  EXPECT_EQ(resend(ada), "too_many_mails");
  EXPECT_TRUE(contains(ada.get(order), "Many mails were sent for this order within the last hour."));
  Buyer other = buyer();
  EXPECT_EQ(resend(other), "too_many_mails") << "whoever asks: the address is the same";
  EXPECT_EQ(mails(), before + 3);
  clock().advance(Duration::hours(2));
  EXPECT_EQ(resend(ada), "mailed");
  EXPECT_EQ(mails(), before + 4);
}

TEST_P(OrderChangePages, OfSomebodyElseDoNotExist) {
  Buyer ada = buyer(), eve = buyer();
  const std::string order = paid_order(ada);
  offer();
  const std::string other = order.substr(0, order.size() - 3) + "xx/";
  eve.tickets();
  for (const char* page : {"cancel/", "change/"}) {
    EXPECT_EQ(eve.get(other + page).status, 404) << page;
    EXPECT_EQ(
        eve.post(other + page, Buyer::form(eve.tickets(), eve.base() + "cart/", {}, "individual")).status,
        404);
  }
}

}  // namespace
}  // namespace plenary::site::testing
