// Paying an order by the ways that a conference offers: bank transfer with its term, store credit, a card
// that is played; what a page says where there is no way, and the banner of the test mode.
#include <filesystem>
#include <fstream>

#include "domain/registration/credits.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"
#include "support/site/people.hpp"

namespace plenary::site::testing {
namespace {

class PayingPages : public PeopleTest {
 protected:
  template <class F>
  void set_up(F change) {
    write([&](db::Tx& tx) {
      registration::PaymentSetup setup = registration::payment_setup_of(tx, conference_id());
      setup.offers_transfer = true;
      setup.account_holder = "Fair e. V.";
      setup.iban = "DE89370400440532013000";
      setup.bic = "COBADEFFXXX";
      setup.bank_name = "Commerzbank";
      setup.term_days = 3;
      change(setup);
      registration::save_payment_setup(tx, setup);
    });
  }
  void offer_transfer() {
    set_up([](registration::PaymentSetup&) {});
  }
  void in_euros() {
    ShopPlan plan;
    plan.settings = [](config::Settings& settings) { settings.program.currency = Currency::of("EUR"); };
    open(plan);
  }
  // The page to pay of a new order.
  std::string ordered(Buyer& who) {
    who.add("individual");
    return who.order().header("Location");
  }
  HttpResponse choose_transfer(Buyer& who, const std::string& pay) {
    return who.post(pay + "transfer/", Buyer::form(who.get(pay), pay + "transfer/"));
  }
  std::int64_t give(std::int64_t user, std::int64_t amount) {
    return write([&](db::Tx& tx) {
      registration::Credit credit;
      credit.conference_id = conference_id();
      credit.user_id = user;
      credit.amount = amount;
      credit.currency = "USD";
      return registration::give_credit(tx, credit).id;
    });
  }
  static std::string without_pay(std::string path) { return path.substr(0, path.size() - 4); }
};
ON_BOTH_ENGINES(PayingPages);

TEST_P(PayingPages, TransferIsOfferedOnlyWhereItsTermFits) {
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  EXPECT_FALSE(contains(ada.get(pay), "Pay by bank transfer"));
  offer_transfer();
  const HttpResponse page = ada.get(pay);
  EXPECT_TRUE(contains(page, "Pay by bank transfer"));
  EXPECT_TRUE(contains(page, "it has to arrive by"));
  EXPECT_FALSE(contains(page, "DE89")) << "the account is told to whoever chose it";
  set_up([](registration::PaymentSetup& setup) { setup.term_days = 7; });
  EXPECT_FALSE(contains(ada.get(pay), "Pay by bank transfer")) << "the conference begins in six days";
}

TEST_P(PayingPages, ATransferThatWasChosenShowsItsAccountAndKeepsTheTickets) {
  in_euros();
  offer_transfer();
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  const HttpResponse chosen = choose_transfer(ada, pay);
  EXPECT_EQ(chosen.status, 303);
  EXPECT_EQ(outcome(chosen), "transfer");
  EXPECT_EQ(chosen.header("Location"), pay);
  const HttpResponse page = ada.get(pay);
  EXPECT_TRUE(contains(page, "DE89 3704 0044 0532 0130 00"));
  EXPECT_TRUE(contains(page, "Fair e. V."));
  EXPECT_TRUE(contains(page, "COBADEFFXXX"));
  EXPECT_TRUE(contains(page, "<svg")) << "the code for banking apps";
  EXPECT_TRUE(contains(page, "€100.00"));
  EXPECT_FALSE(contains(page, "id=\"timer\"")) << "days are no countdown";
  EXPECT_EQ(mails("order_placed"), 1);
  EXPECT_TRUE(contains(ada.get(without_pay(pay)), "We wait for your transfer of"));

  clock().advance(Duration::days(2));
  sweep();
  EXPECT_TRUE(contains(ada.get(pay), "DE89"));
  EXPECT_EQ(outcome(ada.pay(pay)), "paid") << "another way is open all the while";
}

TEST_P(PayingPages, NoCodeForOtherCurrencies) {
  offer_transfer();
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  choose_transfer(ada, pay);
  const HttpResponse page = ada.get(pay);
  EXPECT_TRUE(contains(page, "DE89 3704"));
  EXPECT_FALSE(contains(page, "<svg"));
}

TEST_P(PayingPages, ATermThatIsOverCancelsTheOrderAndItsPageSaysWhy) {
  offer_transfer();
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  choose_transfer(ada, pay);
  clock().advance(Duration::days(4));
  sweep();
  const HttpResponse order = ada.get(without_pay(pay));
  EXPECT_TRUE(contains(order, "cancelled, because it was not paid in time"));
  EXPECT_EQ(ada.get(pay).status, 303) << "there is nothing to pay";
}

TEST_P(PayingPages, ATransferTooLateIsRefusedInWords) {
  offer_transfer();
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  const HttpResponse page = ada.get(pay);
  clock().advance(Duration::minutes(16));
  const HttpResponse refused = ada.post(pay + "transfer/", Buyer::form(page, pay + "transfer/"));
  EXPECT_EQ(outcome(refused), "hold_elapsed");
  EXPECT_TRUE(contains(ada.get(refused.header("Location")), "The time to pay this order is over"));
}

TEST_P(PayingPages, CreditsPayAPartAndThenTheRest) {
  const std::int64_t user = person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  const std::string pay = ordered(ada);
  const std::string owners =
      "/fair/register/orders/" + pay.substr(std::string("/fair/register/orders/").size(), 12) + "/";
  const std::int64_t small = give(user, 3'000), large = give(user, 9'000);
  const HttpResponse page = ada.get(pay);
  EXPECT_TRUE(contains(page, "Use $30.00 of your credit"));
  EXPECT_TRUE(contains(page, "Use $90.00 of your credit"));
  const Fields first = Buyer::form(page, owners + "apply-credit/", {}, std::to_string(small));
  const HttpResponse applied = ada.post(owners + "apply-credit/", first);
  EXPECT_EQ(outcome(applied), "credited");
  EXPECT_EQ(outcome(ada.post(owners + "apply-credit/", first)), "credited") << "a double click says the same";
  EXPECT_EQ(count("SELECT count(*) FROM payment WHERE method = 'credit'"), 1);
  const HttpResponse rest = ada.get(owners + "pay/");
  EXPECT_TRUE(contains(rest, "$70.00"));
  EXPECT_TRUE(contains(rest, "It pays this order, and $20.00 stays."));
  const HttpResponse paid = ada.post(owners + "apply-credit/",
                                     Buyer::form(rest, owners + "apply-credit/", {}, std::to_string(large)));
  EXPECT_EQ(outcome(paid), "paid");
  EXPECT_TRUE(contains(ada.get(paid.header("Location")), "Thank you, you are registered"));

  const HttpResponse credits = ada.get("/fair/register/credits/");
  EXPECT_EQ(credits.status, 200);
  EXPECT_TRUE(contains(credits, "You have $20.00 to spend"));
  EXPECT_TRUE(contains(credits, "Spent"));
  EXPECT_TRUE(contains(credits, "Available"));
  EXPECT_TRUE(contains(credits, "href=\"" + owners + "\""));
}

TEST_P(PayingPages, CreditsAreTheBuyersOwnAlone) {
  const std::int64_t user = person("ada@example.org");
  person("bob@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  const std::string pay = ordered(ada);
  const std::int64_t credit = give(user, 3'000);
  Buyer holder = buyer();
  EXPECT_FALSE(contains(holder.get(pay), "of your credit")) << "the order's link may be anybody's";
  EXPECT_EQ(holder.get("/fair/register/credits/").status, 303) << "to sign in";
  Buyer bob = buyer();
  sign_in(bob, "bob@example.org");
  const HttpResponse bobs = bob.get(pay);
  EXPECT_FALSE(contains(bobs, "of your credit"));
  const std::string owners =
      "/fair/register/orders/" + pay.substr(std::string("/fair/register/orders/").size(), 12) + "/";
  Fields forged = Buyer::form(bobs, pay);
  forged.emplace_back("credit", std::to_string(credit));
  EXPECT_EQ(bob.post(owners + "apply-credit/", forged).status, 404);
  EXPECT_EQ(count("SELECT count(*) FROM payment"), 0);
  EXPECT_TRUE(contains(bob.get("/fair/register/credits/"), "You have no credits"));
}

TEST_P(PayingPages, TheCardFormsAddressAnswersInJson) {
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  const HttpResponse answer = ada.post(pay + "intent/", Buyer::form(ada.get(pay), pay));
  EXPECT_EQ(answer.status, 409);
  EXPECT_TRUE(answer.header("Content-Type").starts_with("application/json"));
  EXPECT_TRUE(contains(answer, "\"error\":\"not_offered\"")) << answer.body;
  EXPECT_EQ(ada.post(pay + "intent/", {{"csrfmiddlewaretoken", ""}}).status, 403)
      << "without the form's token";
}

TEST_P(PayingPages, WhereRealMoneyCanComeNoCardIsPlayed) {
  ShopPlan plan;
  plan.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://127.0.0.1";
  };
  open(plan);
  Buyer ada = buyer();
  const std::string played = ordered(ada);
  EXPECT_TRUE(contains(ada.get(played), "Sandbox card")) << "there is no other way";
  EXPECT_TRUE(contains(ada.get(played), "class=\"test-mode\""));
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE is_sandbox = 1"), 1);

  offer_transfer();
  Buyer bob = buyer();
  const std::string pay = ordered(bob);
  const HttpResponse page = bob.get(pay);
  EXPECT_FALSE(contains(page, "Sandbox card"));
  EXPECT_FALSE(contains(page, "class=\"test-mode\""));
  EXPECT_TRUE(contains(page, "Pay by bank transfer"));
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE is_sandbox = 0"), 1);
  Fields card = Buyer::form(page, pay + "transfer/");
  card.emplace_back("card_number", "4242 4242 4242 4242");
  card.emplace_back("card_expiry", "12/39");
  card.emplace_back("card_cvc", "123");
  EXPECT_EQ(bob.post(pay, card).status, 404) << "no play money for a real order";
  EXPECT_EQ(count("SELECT count(*) FROM payment"), 0);
}

TEST_P(PayingPages, OnlyWhoTriesItOutIsToldThatNoMoneyMoves) {
  ShopPlan plan;
  plan.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://127.0.0.1";
  };
  open(plan);
  Buyer ada = buyer();
  ada.add("individual");
  EXPECT_TRUE(contains(ada.review(), "Sandbox: no money moves"));
  offer_transfer();
  Buyer bob = buyer();
  bob.add("individual");
  EXPECT_FALSE(contains(bob.review(), "no money moves")) << "this one pays";
}

TEST_P(PayingPages, ARealOrderTakesNoPlayMoneyWhenItsWaysWereTakenAway) {
  ShopPlan plan;
  plan.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://127.0.0.1";
  };
  open(plan);
  offer_transfer();
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  Fields card = Buyer::form(ada.get(pay), pay + "transfer/");
  card.emplace_back("card_number", "4242 4242 4242 4242");
  card.emplace_back("card_expiry", "12/39");
  card.emplace_back("card_cvc", "123");
  // New orders are ones for trying out from here on; this one stays real.
  set_up([](registration::PaymentSetup& setup) { setup.offers_transfer = false; });
  EXPECT_FALSE(contains(ada.get(pay), "Sandbox card"));
  EXPECT_EQ(ada.post(pay, card).status, 404) << "whatever is posted";
  EXPECT_EQ(count("SELECT count(*) FROM payment"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'pending'"), 1);
  Buyer bob = buyer();
  EXPECT_EQ(outcome(bob.pay(ordered(bob))), "paid");
}

TEST_P(PayingPages, AnOrderWithoutAnyWaySaysSo) {
  ShopPlan plan;
  plan.settings = [](config::Settings& settings) {
    settings.server.mode = config::Mode::production;
    settings.server.public_url = "http://127.0.0.1";
  };
  open(plan);
  offer_transfer();
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  set_up([](registration::PaymentSetup& setup) { setup.term_days = 30; });
  EXPECT_TRUE(contains(ada.get(pay), "cannot be paid here at the moment"));
}

TEST_P(PayingPages, AppleFindsItsFileWhereThereIsOne) {
  Buyer ada = buyer();
  EXPECT_EQ(ada.get("/.well-known/apple-developer-merchantid-domain-association").status, 404);
  const auto folder = std::filesystem::temp_directory_path() / "plenary-wallet-test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "apple-developer-merchantid-domain-association") << "7B227073704964";
  ShopPlan plan;
  plan.settings = [&](config::Settings& settings) { settings.server.static_dir = folder; };
  open(plan);
  Buyer bob = buyer();
  const HttpResponse file = bob.get("/.well-known/apple-developer-merchantid-domain-association");
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.body, "7B227073704964");
  std::filesystem::remove_all(folder);
}

TEST_P(PayingPages, AfterTheDeadlineASeatIsToBeTransferred) {
  write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE conference SET self_cancel_until = $1, catalogue_version = catalogue_version + 1 WHERE id = "
        "$2",
        clock().now() + Duration::hours(1), conference_id());
  });
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  ada.pay(pay);
  EXPECT_FALSE(contains(ada.get(without_pay(pay)), "ended on"));
  clock().advance(Duration::hours(2));
  const HttpResponse order = ada.get(without_pay(pay));
  EXPECT_TRUE(contains(order, "The time to cancel this order yourself ended on"));
  EXPECT_TRUE(contains(order, "give your ticket to somebody else"));
}

TEST_P(PayingPages, TheWayBackNeedsNoSessionAndKeepsNoSecretInTheAddress) {
  Buyer ada = buyer();
  const std::string pay = ordered(ada);
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO payment (order_id, conference_id, method, status, amount, currency, intent_id, "
        "created_at, "
        "updated_at) SELECT id, conference_id, 'stripe', 'pending', total, currency, 'pi_1', created_at, "
        "created_at FROM orders");
  });
  Buyer phone = buyer();
  const HttpResponse first = phone.get(
      pay + "return/?payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_x&redirect_status=failed");
  EXPECT_EQ(first.status, 303);
  EXPECT_EQ(first.header("Location"), pay + "return/?payment_intent=pi_1");
  const HttpResponse waits = phone.get(first.header("Location"));
  EXPECT_EQ(outcome(waits), "processing") << "the browser's word counts for nothing";
  EXPECT_TRUE(contains(waits, "data-poll"));
  EXPECT_TRUE(contains(waits, "Look again"));

  write([&](db::Tx& tx) { tx.exec("UPDATE payment SET status = 'failed'"); });
  const HttpResponse failed = phone.get(first.header("Location"));
  EXPECT_EQ(outcome(failed), "failed");
  EXPECT_TRUE(contains(failed, "Your order is kept: try again"));
  EXPECT_TRUE(contains(failed, "href=\"" + pay + "\""));

  const HttpResponse next = phone.get(pay + "return/?payment_intent=pi_1&redirect_status=succeeded");
  EXPECT_EQ(outcome(next), "processing") << "the next card may have paid with the same number";

  const HttpResponse strange = phone.get(pay + "return/?payment_intent=pi_other");
  EXPECT_EQ(strange.header("Location"), without_pay(pay) + "confirmation/");
  EXPECT_EQ(phone.get("/fair/register/orders/ORD-AAAAAAAA/wrong/pay/return/?payment_intent=pi_1").status,
            404);

  ada.pay(pay);
  EXPECT_EQ(phone.get(first.header("Location")).header("Location"), without_pay(pay) + "confirmation/");
}

}  // namespace
}  // namespace plenary::site::testing
