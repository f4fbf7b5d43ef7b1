// What a buyer sees of prices: variations, prices of one's own, limits said beforehand, discounts with their
// names and reasons, vouchers and what they unlock, taxes; on the ticket page, in the cart and at checkout.
#include "support/site/selling.hpp"

#include "domain/registration/conditions.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::site::testing {
namespace {

class Selling : public SellingTest {};
ON_BOTH_ENGINES(Selling);

// The text of one card or row, from a word of it on.
std::string from(const HttpResponse& page, std::string_view word, std::string_view until) {
  const std::size_t at = page.body.find(word);
  if (at == std::string::npos) return {};
  const std::size_t end = page.body.find(until, at);
  return page.body.substr(at, end - at);
}
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_P(Selling, TheTicketPageSaysPriceTaxDiscountAndLimits) {
  const HttpResponse page = buyer().tickets();
  const std::string individual = from(page, "<h2>Ticket individual", "</li>");
  EXPECT_TRUE(has(individual, "<s><span class=\"visually-hidden\">Regular price: </span>$100.00</s>"));
  EXPECT_TRUE(has(individual, "$80.00"));
  EXPECT_TRUE(has(individual, "Early bird"));
  EXPECT_TRUE(has(individual, "incl. 19 % VAT"));
  EXPECT_TRUE(has(individual, "At most 5 for each person."));
  const std::string student = from(page, "<h2>Ticket student", "</li>");
  EXPECT_FALSE(has(student, "<s>"));
  EXPECT_FALSE(has(student, "VAT"));
  const std::string give = from(page, "<h2>Ticket give", "</li>");
  EXPECT_TRUE(has(give, "from $10.00"));
  EXPECT_TRUE(has(give, "At least $10.00."));
  EXPECT_TRUE(has(give, "name=\"price\" value=\"40.00\""));
}

TEST_P(Selling, TheTicketPageInGermanSaysItsLimitsInGermanAndTakesItsOwnPriceWithAComma) {
  Buyer ada = buyer();
  const HttpResponse page = ada.client().get(ada.base(), {{"Accept-Language", "de"}});
  const std::string individual = from(page, "<h2>Ticket individual", "</li>");
  EXPECT_TRUE(has(individual, "Höchstens 5 pro Person.")) << individual;
  const std::string give = from(page, "<h2>Ticket give", "</li>");
  EXPECT_TRUE(has(give, "name=\"price\" value=\"40,00\"")) << give;
}

TEST_P(Selling, AReducedPriceIsShownOnlyWhileItIsTrue) {
  write([&](db::Tx& tx) {
    for (registration::Condition condition : registration::conditions_of(tx, conference_id())) {
      if (condition.name != "Early bird") continue;
      condition.end_time = clock().now() + Duration::hours(1);
      registration::save_condition(tx, condition, registration::links_of_condition(tx, condition.id));
    }
  });
  EXPECT_TRUE(has(from(buyer().tickets(), "<h2>Ticket individual", "</li>"), "<s>"));
  clock().advance(Duration::hours(2));
  const std::string late = from(buyer().tickets(), "<h2>Ticket individual", "</li>");
  EXPECT_FALSE(has(late, "<s>"));
  EXPECT_FALSE(has(late, "Early bird"));
  EXPECT_TRUE(has(late, "$100.00"));
}

TEST_P(Selling, TheLinkOfAVoucherBringsItIntoTheCartWithTheFirstTicket) {
  Buyer ada = buyer();
  const HttpResponse page = ada.get(ada.base() + "?voucher=+friends%20");
  EXPECT_TRUE(contains(page, "Your voucher <strong>friends</strong> comes into the cart"));
  EXPECT_TRUE(contains(page, "name=\"voucher_code\" value=\"friends\" maxlength"));
  EXPECT_FALSE(contains(page, "Ticket hidden")) << "looking at a page tries no code";
  const HttpResponse added =
      ada.post(ada.base() + "cart/", Buyer::form(page, ada.base() + "cart/", {}, "individual"));
  EXPECT_EQ(outcome(added), "added");
  const HttpResponse cart = ada.get(added.header("Location"));
  EXPECT_TRUE(contains(cart, "1 × Ticket individual added to your cart."));
  EXPECT_TRUE(contains(cart, "The voucher FRIENDS is applied."));
  EXPECT_EQ(count("SELECT count(*) FROM cart WHERE voucher_id IS NOT NULL"), 1);
  // Whoever has one is not offered it again.
  EXPECT_FALSE(contains(ada.get(ada.base() + "?voucher=FRIENDS"), "comes into the cart"));
}

TEST_P(Selling, TheLinkUnlocksAHiddenTicketAndReachesACartThatIsThereAlready) {
  Buyer ada = buyer();
  const std::string cart = ada.base() + "cart/";
  EXPECT_EQ(outcome(ada.add("student")), "added");
  const HttpResponse page = ada.get(ada.base() + "?voucher=FRIENDS");
  const Fields hidden = Buyer::form(page, cart, {{"ticket_type", "hidden"}}, "individual");
  EXPECT_EQ(outcome(ada.post(cart, hidden)), "added");
  EXPECT_EQ(count("SELECT sum(quantity) FROM cart_item"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM cart WHERE voucher_id IS NOT NULL"), 1);
  Buyer bob = buyer();
  const HttpResponse no_code = bob.get(bob.base());
  EXPECT_EQ(outcome(bob.post(cart, Buyer::form(no_code, cart, {{"ticket_type", "hidden"}}, "individual"))),
            "voucher_required");
}

TEST_P(Selling, ALinkWithAWrongCodeSellsTheTicketAndSaysSo) {
  Buyer ada = buyer();
  const HttpResponse page = ada.get(ada.base() + "?voucher=%3Cb%3ENO");
  EXPECT_FALSE(contains(page, "<b>NO"));
  const HttpResponse added =
      ada.post(ada.base() + "cart/", Buyer::form(page, ada.base() + "cart/", {}, "individual"));
  EXPECT_EQ(outcome(added), "added");
  EXPECT_TRUE(contains(ada.get(added.header("Location")), "is unknown or can no longer be used."));
  EXPECT_EQ(count("SELECT count(*) FROM cart WHERE voucher_id IS NOT NULL"), 0);
  EXPECT_EQ(count("SELECT sum(quantity) FROM cart_item"), 1);
}

TEST_P(Selling, WhatIsRefusedComesBackToTheLink) {
  Buyer ada = buyer();
  const HttpResponse page = ada.get(ada.base() + "?voucher=FRIENDS");
  const HttpResponse refused = ada.post(
      ada.base() + "cart/", Buyer::form(page, ada.base() + "cart/", {{"quantity", "99"}}, "individual"));
  EXPECT_EQ(refused.header("Location"), ada.base() + "?voucher=FRIENDS");
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);
}

TEST_P(Selling, AVoucherUnlocksHiddenTicketsAndRemovingItTakesThemOut) {
  Buyer ada = buyer();
  EXPECT_FALSE(contains(ada.tickets(), "Ticket hidden"));
  const HttpResponse applied = apply(ada, " friends ");
  EXPECT_EQ(outcome(applied), "voucher_applied");
  const HttpResponse page = ada.get(applied.header("Location"));
  EXPECT_TRUE(contains(page, "The voucher FRIENDS is applied."));
  EXPECT_TRUE(contains(page, "Ticket hidden"));
  EXPECT_TRUE(contains(page, "with voucher FRIENDS"));
  EXPECT_EQ(page.header("Cache-Control").find("no-store") != std::string::npos, true);
  EXPECT_FALSE(contains(buyer().tickets(), "Ticket hidden"));

  EXPECT_EQ(outcome(ada.add("hidden")), "added");
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "Voucher FRIENDS: -$1.00"));
  EXPECT_TRUE(contains(cart, "$9.00"));
  const HttpResponse removed =
      ada.post(ada.base() + "cart/", Buyer::form(cart, ada.base() + "cart/", {}, "remove_voucher"));
  EXPECT_EQ(outcome(removed), "voucher_removed");
  const HttpResponse empty = ada.get(removed.header("Location"));
  EXPECT_TRUE(contains(empty, "Your cart is empty."));
  EXPECT_TRUE(contains(empty, "Ticket hidden"));  // told that it left
  EXPECT_TRUE(contains(empty, "name=\"voucher_code\""));
}

TEST_P(Selling, AnUnknownCodeAndOneThatIsOverAreAnsweredAlike) {
  write([&](db::Tx& tx) {
    registration::Voucher over;
    over.conference_id = conference_id();
    over.code = "OVER";
    over.is_active = false;
    registration::save(tx, over);
  });
  Buyer ada = buyer();
  for (const std::string code : {"NOBODY", "OVER"}) {
    const HttpResponse answer = apply(ada, code);
    EXPECT_EQ(outcome(answer), "unknown_code");
    const HttpResponse page = ada.get(answer.header("Location"));
    EXPECT_TRUE(contains(page, "The code " + code + " is unknown or can no longer be used."));
    EXPECT_TRUE(contains(page, "name=\"voucher_code\" value=\"" + code + "\"")) << "what was typed stays";
  }
  EXPECT_EQ(outcome(apply(ada, "  ")), "invalid");
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);
}

TEST_P(Selling, TheEmptyCartTakesAVoucherAndADoubleClickMakesOneCart) {
  Buyer ada = buyer();
  const HttpResponse page = ada.cart();
  const Fields fields =
      Buyer::form(page, ada.base() + "cart/", {{"voucher_code", "FRIENDS"}}, "apply_voucher");
  const auto before = ada.client().cookies();
  EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", fields)), "voucher_applied");
  ada.client().cookies() = before;
  EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", fields)), "voucher_applied");
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 1);
  EXPECT_TRUE(contains(ada.cart(), "FRIENDS"));
}

TEST_P(Selling, TheCartSaysHowEachPriceIsMade) {
  Buyer ada = buyer();
  ada.add("individual", "2");
  apply(ada, "FRIENDS");
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "Early bird: -$40.00"));
  EXPECT_TRUE(contains(cart, "Voucher FRIENDS: -$16.00"));
  EXPECT_TRUE(contains(cart, "Discount: Early bird"));
  const std::string how = from(cart, "<details class=\"how\">", "</details>");
  EXPECT_TRUE(has(how, "How is this price made?"));
  EXPECT_TRUE(has(how, "Early bird: $40.00 less."));
  EXPECT_TRUE(has(how, "Voucher FRIENDS: $16.00 less."));
  EXPECT_TRUE(has(how, "Speakers: only known after signing in."));
  EXPECT_TRUE(has(how, "VAT: 19 % is in the price: $22.99."));
  const HttpResponse german = ada.client().get(ada.base() + "cart/", {{"Accept-Language", "de"}});
  const std::string warum = from(german, "<details class=\"how\">", "</details>");
  for (const char* amount : {"40,00", "16,00", "22,99"}) EXPECT_TRUE(has(warum, amount)) << warum;
  EXPECT_FALSE(has(warum, "$40.00"));
  const std::string foot = from(cart, "<tfoot>", "</tfoot>");
  EXPECT_TRUE(has(foot, "$200.00"));
  EXPECT_TRUE(has(foot, "$144.00"));
  EXPECT_TRUE(has(foot, "Includes 19 % VAT"));
  EXPECT_TRUE(has(foot, "$22.99"));
}

TEST_P(Selling, AVariationIsChosenAndHasItsOwnPriceAndStock) {
  Buyer ada = buyer(), bob = buyer();
  ada.add("individual");
  const HttpResponse cart = ada.cart();
  const std::string shirt = from(cart, "<h3>Shirt", "</li>");
  EXPECT_TRUE(has(shirt, "from"));
  EXPECT_TRUE(has(shirt, "plus 7 % VAT"));
  EXPECT_TRUE(has(shirt, "$30.00"));
  EXPECT_TRUE(has(shirt, "1 remaining"));
  const auto add = [&](Buyer& buyer, const std::string& size) {
    return buyer.post(buyer.base() + "cart/",
                      Buyer::form(buyer.cart(), buyer.base() + "cart/", {{"variation", size}}, "shirt"));
  };
  EXPECT_EQ(outcome(add(ada, "l")), "added");
  EXPECT_EQ(outcome(add(ada, "m")), "added");
  const HttpResponse both = ada.cart();
  EXPECT_TRUE(contains(both, "Shirt, L"));
  EXPECT_TRUE(contains(both, "Shirt, M"));
  // 80.00 and 55.00 net, 7 % on top of the shirts.
  const std::string foot = from(both, "<tfoot>", "</tfoot>");
  EXPECT_TRUE(has(foot, "Plus 7 % VAT"));
  EXPECT_TRUE(has(foot, "$3.85"));
  EXPECT_TRUE(has(foot, "$138.85"));

  bob.add("individual");
  EXPECT_TRUE(has(from(bob.cart(), "<h3>Shirt", "</li>"), "Sold out"));
  EXPECT_EQ(outcome(add(bob, "m")), "sold_out");
  EXPECT_EQ(outcome(add(bob, "xxl")), "variation");
  EXPECT_EQ(outcome(add(bob, "")), "variation");
}

TEST_P(Selling, APriceOfOnesOwnHasALeast) {
  Buyer ada = buyer();
  const auto give = [&](const std::string& price) {
    const HttpResponse page = ada.tickets();
    return ada.post(ada.base() + "cart/",
                    Buyer::form(page, ada.base() + "cart/", {{"price", price}}, "give"));
  };
  EXPECT_EQ(outcome(give("9.99")), "price");
  EXPECT_EQ(outcome(give("a lot")), "price");
  EXPECT_EQ(outcome(give("12.345")), "price");
  EXPECT_EQ(outcome(give("-20")), "price");
  EXPECT_EQ(outcome(give("12,50")), "added");
  EXPECT_TRUE(contains(ada.cart(), "$12.50"));
}

TEST_P(Selling, WhatKeepsTheCartFromBeingOrderedIsSaidAtItsLine) {
  write([&](db::Tx& tx) {
    registration::TicketType student = *registration::find_ticket_type(tx, conference_id(), "student");
    student.min_per_order = 3;
    registration::save(tx, student);
  });
  Buyer ada = buyer();
  EXPECT_TRUE(has(from(ada.tickets(), "<h2>Ticket student", "</li>"), "At least 3 in one order."));
  ada.add("student", "1");
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "<p class=\"fault\">At least 3 of Ticket student in one order.</p>"));
  const HttpResponse checkout = ada.get(ada.base() + "checkout/");
  EXPECT_EQ(checkout.status, 303);
  EXPECT_EQ(outcome(checkout), "cart_problem");
  EXPECT_TRUE(checkout.header("Location").ends_with("/cart/"));
}

TEST_P(Selling, AVoucherThatRunsOutTakesNothingOffAndSaysSo) {
  write([&](db::Tx& tx) {
    registration::Voucher friends = *registration::find_voucher(tx, conference_id(), "FRIENDS");
    friends.valid_until = clock().now() + Duration::minutes(5);
    registration::save(tx, friends);
  });
  Buyer ada = buyer();
  apply(ada, "FRIENDS");
  ada.add("hidden");
  clock().advance(Duration::minutes(6));
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "can no longer be used and takes nothing off."));
  EXPECT_TRUE(contains(cart, "This ticket needs a voucher that unlocks it."));
  EXPECT_FALSE(contains(cart, "Voucher FRIENDS: -$"));
  EXPECT_EQ(outcome(ada.get(ada.base() + "checkout/")), "cart_problem");
  EXPECT_FALSE(has(ada.tickets().body, "<h2>Ticket hidden"));
}

TEST_P(Selling, MailConfirmationAndOrderPageSayTheSameNumbers) {
  Buyer ada = buyer();
  ada.add("individual", "2");
  apply(ada, "FRIENDS");
  const HttpResponse review = ada.review();
  EXPECT_TRUE(contains(review, "Order and pay $144.00"));
  const std::string pay =
      ada.post(ada.base() + "checkout/", Buyer::form(review, ada.base() + "checkout/")).header("Location");
  const HttpResponse confirmation = ada.get(ada.pay(pay).header("Location"));
  const HttpResponse order = ada.get(pay.substr(0, pay.size() - 4));
  for (const HttpResponse* page : {&review, &confirmation, &order}) {
    EXPECT_TRUE(contains(*page, "Early bird: -$40.00"));
    EXPECT_TRUE(contains(*page, "Voucher FRIENDS: -$16.00"));
    EXPECT_TRUE(contains(*page, "Includes 19 % VAT"));
    EXPECT_TRUE(contains(*page, "$22.99"));
    EXPECT_TRUE(contains(*page, "$144.00"));
  }
  EXPECT_TRUE(contains(order, "FRIENDS"));
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE voucher_code = 'FRIENDS' AND discount_amount = 5600"),
            1);
}

}  // namespace
}  // namespace plenary::site::testing
