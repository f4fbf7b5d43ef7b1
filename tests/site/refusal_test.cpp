// What is refused, how it is told, and that what was typed stays.
#include "domain/conference/conferences.hpp"
#include "domain/conference/features.hpp"
#include "support/site/shop.hpp"

namespace plenary::site::testing {
namespace {

class Refusals : public ShopTest {};
ON_BOTH_ENGINES(Refusals);

TEST_P(Refusals, TheLastTicketGoesToOneBuyerAndThePageSaysSoldOutToTheOther) {
  Buyer ada = buyer(), bob = buyer();
  const HttpResponse page = bob.tickets();
  EXPECT_EQ(outcome(ada.add("individual", "5")), "added");
  const HttpResponse late =
      bob.post(bob.base() + "cart/", Buyer::form(page, bob.base() + "cart/", {}, "individual"));
  EXPECT_EQ(late.status, 303);
  EXPECT_EQ(outcome(late), "sold_out");
  EXPECT_EQ(late.header("Location"), bob.base());
  const HttpResponse again = bob.get(late.header("Location"));
  EXPECT_TRUE(contains(again, "Ticket individual is sold out."));
  EXPECT_TRUE(contains(again, "Sold out"));
  EXPECT_EQ(again.body.find("value=\"individual\""), std::string::npos);
}

TEST_P(Refusals, TheConferencesOwnCapacityShowsAsSoldOut) {
  open({.capacity = 2});
  Buyer ada = buyer(), bob = buyer();
  EXPECT_TRUE(contains(ada.tickets(), "2 remaining"));
  EXPECT_EQ(outcome(ada.add("student", "2")), "added");
  const HttpResponse page = bob.tickets();
  EXPECT_TRUE(contains(page, "Sold out"));
  EXPECT_FALSE(contains(page, "add_ticket"));
}

TEST_P(Refusals, ALapsedCartKeepsItsListAndTakesEverythingAgain) {
  Buyer ada = buyer();
  ada.add("individual", "2");
  clock().advance(Duration::minutes(31));
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "The time for this cart is over"));
  EXPECT_TRUE(contains(cart, "Ticket individual"));
  EXPECT_TRUE(contains(ada.tickets(), "5 remaining"));
  const HttpResponse review = ada.review();
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(ada.tickets(), "3 remaining"));
  EXPECT_EQ(outcome(ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"))),
            "ordered");
}

TEST_P(Refusals, WhatWasSoldMeanwhileIsToldAndTheRestIsKept) {
  Buyer ada = buyer(), bob = buyer();
  ada.add("individual", "3");
  const HttpResponse review = ada.review();
  clock().advance(Duration::minutes(31));
  bob.add("individual", "4");
  const HttpResponse ordered =
      ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"));
  EXPECT_EQ(ordered.status, 422);
  EXPECT_EQ(outcome(ordered), "sold_out");
  EXPECT_TRUE(contains(ordered, "Only 1 of 3 Ticket individual is left"));
  EXPECT_TRUE(contains(ordered, "Order and pay $100.00"));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
  EXPECT_EQ(outcome(ada.post(ada.base() + "checkout/", Buyer::form(ordered, ada.base() + "checkout/"))),
            "ordered");
}

TEST_P(Refusals, MoreTimeAtCheckoutKeepsWhatWasTyped) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse page = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(page, "form=\"billing-form\" formaction=\"/fair/register/cart/\""));
  clock().advance(Duration::minutes(20));
  Fields fields = Buyer::form(page, ada.base() + "checkout/review/",
                              {{"billing_name", "Ada Love"}, {"billing_email", "ada@"}});
  fields.emplace_back("action", "renew");
  const HttpResponse renewed = ada.post(ada.base() + "cart/", fields);
  EXPECT_EQ(outcome(renewed), "renewed");
  ASSERT_EQ(renewed.header("Location"), ada.base() + "checkout/");
  const HttpResponse again = ada.get(renewed.header("Location"));
  EXPECT_TRUE(contains(again, "value=\"Ada Love\""));
  EXPECT_TRUE(contains(again, "value=\"ada@\""));
}

TEST_P(Refusals, MoreTimeIsOneButton) {
  Buyer ada = buyer();
  ada.add("individual");
  clock().advance(Duration::minutes(20));
  const HttpResponse cart = ada.cart();
  EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", Buyer::form(cart, ada.base() + "cart/", {}, "renew"))),
            "renewed");
  EXPECT_TRUE(contains(ada.cart(), ">11:50 CEST</time>"));
}

TEST_P(Refusals, TheBillingFormTellsEveryProblemFirstAndKeepsWhatWasTyped) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse answer = ada.review("", "not an address");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(outcome(answer), "invalid");
  EXPECT_TRUE(contains(answer, "<title>Error: Checkout"));
  EXPECT_TRUE(contains(answer, "href=\"#id_billing_name\""));
  EXPECT_TRUE(contains(answer, "href=\"#id_billing_email\""));
  EXPECT_TRUE(contains(
      answer, "aria-invalid=\"true\" aria-describedby=\"id_billing_email_error id_billing_email_help\""));
  EXPECT_TRUE(contains(answer, "value=\"not an address\""));
  EXPECT_LT(answer.body.find("There is a problem"), answer.body.find("<h1>"));
}

TEST_P(Refusals, BackFromTheReviewNothingIsAskedTwice) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review("Ada Lovelace", "ada@example.org");
  const std::string path = ada.base() + "checkout/review/";
  const HttpResponse form = ada.post(path, Buyer::form(review, path, {{"change", "1"}}));
  EXPECT_EQ(form.status, 200);
  EXPECT_TRUE(contains(form, "value=\"ada@example.org\""));
  EXPECT_FALSE(contains(form, "aria-invalid"));
}

TEST_P(Refusals, ATotalThatChangedIsShownBeforeItIsOrdered) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = ada.review();
  write([&](db::Tx& tx) {
    registration::TicketType type = *registration::find_ticket_type(tx, conference_id(), "individual");
    type.price = 12'000;
    registration::save(tx, type);
  });
  const HttpResponse answer =
      ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(outcome(answer), "price_changed");
  EXPECT_TRUE(contains(answer, "Order and pay $120.00"));
  EXPECT_TRUE(contains(answer, "ada@example.org"));
  EXPECT_EQ(outcome(ada.post(ada.base() + "checkout/", Buyer::form(answer, ada.base() + "checkout/"))),
            "ordered");
}

// Whoever orders has read it before, also of what is free. source: registration 20, D36.
TEST_P(Refusals, TheNoteOnWithdrawalStandsBeforeTheButton) {
  write([&](db::Tx& tx) {
    return tx.exec(
        "UPDATE conference SET withdrawal_note = 'There is no right of withdrawal.', catalogue_version = "
        "catalogue_version + 1 WHERE id = $1",
        conference_id());
  });
  for (const auto& [slug, button] :
       {std::pair{"individual", "Order and pay $100.00"}, {"free", "Register"}}) {
    Buyer ada = buyer();
    ada.add(slug);
    const std::string page = ada.review().body;
    const std::size_t note = page.find("There is no right of withdrawal.");
    ASSERT_NE(note, std::string::npos) << slug;
    const std::size_t binding = page.find("btn btn-primary btn-lg");
    EXPECT_LT(note, binding) << slug;
    EXPECT_NE(page.find(button, binding), std::string::npos) << slug;
  }
}

TEST_P(Refusals, ACheckoutWithoutAShownTotalIsReviewedFirst) {
  Buyer ada = buyer();
  ada.add("individual");
  const Fields fields = Buyer::form(ada.get(ada.base() + "checkout/"), ada.base() + "checkout/review/",
                                    {{"billing_name", "Ada"}, {"billing_email", "ada@example.org"}});
  EXPECT_EQ(outcome(ada.post(ada.base() + "checkout/", fields)), "review");
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
}

TEST_P(Refusals, AnEmptyCartLeadsBack) {
  Buyer ada = buyer();
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "Your cart is empty"));
  ada.tickets();  // for the CSRF token
  const HttpResponse checkout = ada.get(ada.base() + "checkout/");
  EXPECT_EQ(checkout.header("Location"), ada.base() + "cart/");
  EXPECT_EQ(outcome(checkout), "empty_cart");
  EXPECT_EQ(count("SELECT count(*) FROM session"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);
}

struct CartCase {
  const char* what;
  Fields fields;
  const char* outcome;
};

TEST_P(Refusals, EveryCartActionTellsWhatIsWrong) {
  Buyer ada = buyer();
  ada.add("individual");
  const CartCase cases[] = {
      {"no action", {}, "unknown_action"},
      {"another action", {{"action", "dance"}}, "unknown_action"},
      {"a quantity that is no number",
       {{"action", "add_ticket"}, {"ticket_type", "student"}, {"quantity", "two"}},
       "quantity"},
      {"nothing", {{"action", "add_ticket"}, {"ticket_type", "student"}, {"quantity", "0"}}, "quantity"},
      {"less than nothing",
       {{"action", "add_ticket"}, {"ticket_type", "student"}, {"quantity", "-1"}},
       "quantity"},
      {"a huge quantity",
       {{"action", "add_ticket"}, {"ticket_type", "student"}, {"quantity", "99999999999"}},
       "quantity"},
      {"an unknown ticket", {{"action", "add_ticket"}, {"ticket_type", "nope"}}, "unknown_product"},
      {"a hidden ticket", {{"action", "add_ticket"}, {"ticket_type", "hidden"}}, "voucher_required"},
      {"too many", {{"action", "add_ticket"}, {"ticket_type", "student"}, {"quantity", "11"}}, "limit"},
      {"an unknown add-on", {{"action", "add_addon"}, {"addon_slug", "nope"}}, "unknown_product"},
      {"both products", {{"action", "add_item"}, {"ticket_type_id", "1"}, {"addon_id", "1"}}, "invalid"},
      {"no product", {{"action", "add_item"}}, "invalid"},
      {"an unknown item", {{"action", "remove_item"}, {"item_id", "999999"}}, "unknown_item"},
      {"no item", {{"action", "remove_item"}}, "unknown_item"},
      {"no number of an item",
       {{"action", "update_quantity"}, {"item_id", "x"}, {"quantity", "1"}},
       "unknown_item"},
      {"an unknown code", {{"action", "apply_voucher"}, {"voucher_code", "FREE"}}, "unknown_code"},
      {"no code", {{"action", "apply_voucher"}, {"code", " "}}, "invalid"},
      {"no voucher", {{"action", "remove_voucher"}}, "no_voucher"},
  };
  for (const CartCase& one : cases) {
    const HttpResponse answer = ada.post(ada.base() + "cart/", one.fields);
    EXPECT_EQ(answer.status, 303) << one.what;
    EXPECT_EQ(outcome(answer), one.outcome) << one.what;
    const bool tried = one.outcome == std::string_view("unknown_code");
    EXPECT_EQ(answer.header("Location"), ada.base() + (tried ? "cart/?tried=FREE" : "cart/")) << one.what;
    EXPECT_TRUE(contains(ada.cart(), "class=\"alert alert-danger\"")) << one.what;
  }
  EXPECT_EQ(count("SELECT sum(quantity) FROM cart_item"), 1);
}

TEST_P(Refusals, QuantitiesChangeAndExtrasLeaveWithTheirTicket) {
  Buyer ada = buyer();
  ada.add("individual", "2");
  HttpResponse cart = ada.cart();
  EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", Buyer::form(cart, ada.base() + "cart/", {}, "dinner"))),
            "added");
  cart = ada.cart();
  const std::string action = ada.base() + "cart/";
  EXPECT_EQ(outcome(ada.post(action, Buyer::form(cart, action, {{"quantity", "3"}}, "update_quantity"))),
            "updated");
  EXPECT_TRUE(contains(ada.cart(), "$300.00"));
  EXPECT_EQ(outcome(ada.post(action, Buyer::form(cart, action, {{"quantity", "0"}}, "update_quantity"))),
            "removed");
  cart = ada.cart();
  EXPECT_TRUE(contains(cart, "Dinner was removed as well"));
  EXPECT_TRUE(contains(cart, "Your cart is empty"));
}

TEST_P(Refusals, ABrowserWithoutCookiesIsToldSoAndShownNoEmptyCart) {
  Buyer ada = buyer();
  const HttpResponse added = ada.add("individual");
  ada.client().cookies().erase("plenary_session");
  const HttpResponse cart = ada.get(added.header("Location"));
  EXPECT_TRUE(contains(cart, "keeps no cookies"));
  EXPECT_FALSE(contains(cart, "Your cart is empty"));

  Buyer none = buyer();
  const Fields fields = Buyer::form(none.tickets(), none.base() + "cart/", {}, "individual");
  none.client().cookies().clear();
  const HttpResponse refused = none.post(none.base() + "cart/", fields);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(contains(refused, "Allow cookies"));
}

TEST_P(Refusals, RegistrationSwitchedOffHidesEveryPage) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse ordered = ada.order();
  write([&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::registration, false);
  });
  for (const std::string& path :
       {ada.base(), ada.base() + "cart/", ada.base() + "checkout/", ordered.header("Location")}) {
    EXPECT_EQ(ada.get(path).status, 404) << path;
  }
  EXPECT_EQ(ada.post(ada.base() + "cart/", {{"action", "renew"}}).status, 404);
  EXPECT_EQ(ada.get("/fair/").status, 200);
  write([&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::registration, std::nullopt);
  });
  EXPECT_EQ(ada.get(ada.base()).status, 200);
}

TEST_P(Refusals, ClosedSalesShowThePageAndRefuseTheRest) {
  Buyer ada = buyer(), bob = buyer();
  ada.add("individual");
  const HttpResponse bobs_page = bob.tickets();
  const Fields order = Buyer::form(ada.review(), ada.base() + "checkout/");
  write([&](db::Tx& tx) {
    conference::Conference fair = *conference::load(tx, conference_id());
    fair.sales_open = false;
    conference::update(tx, fair);
  });
  const HttpResponse page = bob.tickets();
  EXPECT_TRUE(contains(page, "Ticket sales are closed"));
  EXPECT_FALSE(contains(page, "add_ticket"));
  EXPECT_EQ(
      outcome(bob.post(bob.base() + "cart/", Buyer::form(bobs_page, bob.base() + "cart/", {}, "individual"))),
      "sales_closed");
  EXPECT_EQ(outcome(ada.post(ada.base() + "checkout/", order)), "sales_closed");
}

TEST_P(Refusals, WhereAnAccountIsRequiredAGuestSignsInFirst) {
  Buyer ada = buyer();
  const Fields fields = Buyer::form(ada.tickets(), ada.base() + "cart/", {}, "individual");
  write([&](db::Tx& tx) {
    conference::Conference fair = *conference::load(tx, conference_id());
    fair.require_account = true;
    conference::update(tx, fair);
  });
  EXPECT_EQ(ada.tickets().status, 200);
  const HttpResponse answer = ada.post(ada.base() + "cart/", fields);
  EXPECT_EQ(outcome(answer), "sign_in");
  EXPECT_EQ(answer.header("Location"), "/accounts/login/?next=%2Ffair%2Fregister%2Fcart%2F");
  EXPECT_EQ(ada.get(ada.base() + "checkout/").status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);
}

TEST_P(Refusals, SomebodyElsesOrderAndNoOrderLookTheSame) {
  Buyer ada = buyer(), eve = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const std::string reference = path.substr(std::string("/fair/register/orders/").size(), 12);
  EXPECT_EQ(ada.get(path).status, 200);
  for (const std::string& other :
       {"/fair/register/orders/" + reference + "/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
        "/fair/register/orders/ORD-AAAAAAAA" + path.substr(std::string("/fair/register/orders/").size() + 12),
        std::string("/fair/register/orders/ORD-AAAAAAAA/AAAA/pay/")}) {
    EXPECT_EQ(eve.get(other).status, 404) << other;
  }
  // Without the secret only its signed-in owner sees it.
  const HttpResponse plain = eve.get("/fair/register/orders/" + reference + "/");
  EXPECT_EQ(plain.status, 303);
  EXPECT_TRUE(plain.header("Location").starts_with("/accounts/login/?next="));
}

TEST_P(Refusals, PagesOfAPersonAreKeptByNobody) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ada.order().header("Location");
  const HttpResponse page = ada.get(path);
  EXPECT_EQ(page.header("Cache-Control"), "no-store");
  EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(page.header("X-Robots-Tag").substr(0, 7), "noindex");
}

}  // namespace
}  // namespace plenary::site::testing
