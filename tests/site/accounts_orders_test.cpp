// Guests and their accounts: carts that move along, orders that are claimed, found, and corrected. On both
// engines.
#include "support/site/people.hpp"
#include "web/routes.hpp"

namespace plenary::site::testing {
namespace {

using accounts::LinkKind;

class GuestOrders : public PeopleTest {
 protected:
  // The path of an order made by this browser, by its secret link.
  std::string ordered(Buyer& who, const std::string& email, bool paid = true) {
    who.add("student");
    const std::string pay = who.order(email).header("Location");
    if (paid) who.pay(pay);
    return pay.substr(0, pay.size() - 4);
  }
  HttpResponse send(Buyer& who, const std::string& path, Fields typed = {}) {
    const HttpResponse page = who.get(path);
    EXPECT_EQ(page.status, 200) << path;
    return who.post(path, Buyer::form(page, "", std::move(typed)));
  }
  HttpResponse find(Buyer& who, const std::string& email) {
    const std::string path = "/fair/register/find-order/";
    return who.post(path, Buyer::form(who.get(path), path, {{"email", email}}));
  }
  std::int64_t orders_of_accounts() { return count("SELECT count(*) FROM orders WHERE user_id IS NOT NULL"); }
};
ON_BOTH_ENGINES(GuestOrders);

TEST_P(GuestOrders, ACartMovesIntoTheAccountOfWhoSignsIn) {
  person("ada@example.org");
  Buyer ada = buyer();
  ada.add("student", "2");
  const HttpResponse signed_in = sign_in(ada, "ada@example.org", good_password, "/fair/register/cart/");
  EXPECT_EQ(signed_in.header("Location"), "/fair/register/cart/");
  const HttpResponse cart = ada.cart();
  EXPECT_TRUE(contains(cart, "Your cart is now in your account."));
  EXPECT_TRUE(contains(cart, "Ticket student"));
  EXPECT_EQ(count("SELECT count(*) FROM cart WHERE user_id IS NOT NULL AND session_hash IS NULL"), 1);
  EXPECT_EQ(outcome(ada.order("ada@example.org")), "ordered");
}

TEST_P(GuestOrders, WhatHadToBeCutIsSaid) {
  person("ada@example.org");
  Buyer ada = buyer(), guest = buyer();
  sign_in(ada, "ada@example.org");
  ada.add("student", "8");
  guest.add("student", "4");
  sign_in(guest, "ada@example.org");
  EXPECT_TRUE(contains(guest.cart(), "Only 10 of 12 Ticket student"));
}

TEST_P(GuestOrders, AConferenceThatWantsAnAccountLeadsThroughSignInBackToTheCart) {
  person("ada@example.org");
  Buyer ada = buyer();
  ada.add("student");
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    tx.exec(
        "UPDATE conference SET require_account = 1, catalogue_version = catalogue_version + 1 WHERE slug = "
        "'fair'");
  });
  const HttpResponse asked = ada.cart();
  EXPECT_EQ(outcome(asked), "sign_in");
  EXPECT_EQ(asked.header("Location"), "/accounts/login/?next=" + web::percent_encode("/fair/register/cart/"));
  const HttpResponse page = ada.get(asked.header("Location"));
  const HttpResponse back = ada.post(
      "/accounts/login/",
      Buyer::form(page, "/accounts/login/", {{"username", "ada@example.org"}, {"password", good_password}}));
  EXPECT_EQ(back.header("Location"), "/fair/register/cart/");
  EXPECT_TRUE(contains(ada.cart(), "Ticket student"));
  EXPECT_EQ(outcome(ada.order("ada@example.org")), "ordered");
}

TEST_P(GuestOrders, SigningUpBringsTheOrdersOfTheProvenAddressAndTheCart) {
  Buyer ada = buyer();
  ordered(ada, "ada@example.org");
  ordered(ada, "other@example.org");
  ada.add("student");
  ada.post("/accounts/signup/",
           Buyer::form(ada.get("/accounts/signup/"), "/accounts/signup/",
                       {{"name", "Ada"}, {"email", "ADA@example.org"}, {"password", good_password}}));
  EXPECT_EQ(orders_of_accounts(), 0) << "asking for an account proves nothing";
  EXPECT_EQ(outcome(send(ada, "/accounts/verify/" + token(LinkKind::verify) + "/")), "verified");
  EXPECT_EQ(orders_of_accounts(), 1);
  EXPECT_EQ(count("SELECT count(*) FROM seat WHERE user_id IS NOT NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM cart WHERE user_id IS NOT NULL AND status = 'open'"), 1);
}

// source: registration 20, D34.
TEST_P(GuestOrders, AnOrderForTheAddressOfAnAccountIsNeverAttachedByItself) {
  person("ada@example.org");
  Buyer mallory = buyer(), ada = buyer();
  const std::string order = ordered(mallory, "ada@example.org");
  EXPECT_FALSE(contains(mallory.get(order), "account exists"));
  sign_in(ada, "ada@example.org");
  EXPECT_EQ(orders_of_accounts(), 0);
  // Its owner claims it by the mailed link.
  const HttpResponse asked =
      mallory.post(order + "claim/", Buyer::form(mallory.get(order), order + "claim/"));
  EXPECT_EQ(outcome(asked), "mail_sent");
  EXPECT_EQ(mails("claim_order"), 1);
  const std::string path = "/accounts/claim/" + token(LinkKind::claim) + "/";
  EXPECT_TRUE(contains(mallory.get(path), "Sign in with the account of this address"));
  EXPECT_EQ(outcome(send(ada, path)), "claimed");
  EXPECT_EQ(orders_of_accounts(), 1);
  EXPECT_EQ(ada.get(path).status, 404) << "a claim counts once";
  // The order is the account's now, and its page is there for the owner.
  const std::string reference = order.substr(std::string("/fair/register/orders/").size(), 12);
  EXPECT_EQ(ada.get("/fair/register/orders/" + reference + "/").status, 200);
  EXPECT_FALSE(contains(mallory.get(order), "Add this order to my account"));
}

TEST_P(GuestOrders, AClaimWithoutAnAccountMakesOneWithAllOrdersOfTheAddress) {
  Buyer ada = buyer(), elsewhere = buyer();
  const std::string order = ordered(ada, "ada@example.org");
  ordered(elsewhere, "ada@example.org");
  ada.post(order + "claim/", Buyer::form(ada.get(order), order + "claim/"));
  Buyer phone = buyer();
  const std::string path = "/accounts/claim/" + token(LinkKind::claim) + "/";
  EXPECT_EQ(send(phone, path, {{"password", "12345678"}}).status, 422);
  EXPECT_EQ(outcome(send(phone, path, {{"password", good_password}})), "claimed");
  EXPECT_TRUE(is_signed_in(phone));
  EXPECT_EQ(orders_of_accounts(), 2);
  EXPECT_EQ(outcome(sign_in(elsewhere, "ada@example.org")), "signed_in");
}

TEST_P(GuestOrders, AGuestWhoForgotAPasswordTheyNeverHadTakesTheirAccount) {
  Buyer ada = buyer();
  ordered(ada, "ada@example.org");
  const std::string forgot = "/accounts/password/forgot/";
  ada.post(forgot, Buyer::form(ada.get(forgot), forgot, {{"email", "ada@example.org"}}));
  EXPECT_EQ(outcome(send(ada, "/accounts/password/reset/" + token(LinkKind::reset) + "/",
                         {{"password", good_password}})),
            "reset");
  EXPECT_EQ(orders_of_accounts(), 1);
}

TEST_P(GuestOrders, FindMyOrderAnswersAndCostsTheSameForAnyAddress) {
  Buyer ada = buyer(), bob = buyer();
  ordered(ada, "ada@example.org");
  find(bob, "warm@example.org");
  HttpResponse known, unknown;
  const Cost of_known = cost_of([&] { known = find(bob, "ada@example.org"); });
  const Cost of_unknown = cost_of([&] { unknown = find(bob, "nobody@example.org"); });
  EXPECT_EQ(of_known, of_unknown);
  EXPECT_EQ(known.status, 200);
  EXPECT_TRUE(contains(known, "If there are orders with this address"));
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_EQ(mails("found_orders"), 3);
  EXPECT_EQ(find(bob, "not an address").status, 422);
}

TEST_P(GuestOrders, GuestCheckoutCostsTheSameWhetherTheAddressHasAnAccount) {
  person("known@example.org");
  Buyer one = buyer(), two = buyer();
  one.add("student");
  two.add("student");
  const HttpResponse of_one = one.review("Ada", "known@example.org"),
                     of_two = two.review("Ada", "unknown@example.org");
  HttpResponse known, unknown;
  const std::string path = one.base() + "checkout/";
  const Cost of_known = cost_of([&] { known = one.post(path, Buyer::form(of_one, path)); });
  const Cost of_unknown = cost_of([&] { unknown = two.post(path, Buyer::form(of_two, path)); });
  EXPECT_EQ(of_known, of_unknown);
  EXPECT_EQ(outcome(known), "ordered");
  EXPECT_EQ(outcome(unknown), "ordered");
  EXPECT_EQ(orders_of_accounts(), 0);
}

TEST_P(GuestOrders, TheBrowserThatOrderedCorrectsTheAddress) {
  Buyer ada = buyer(), bob = buyer();
  const std::string order = ordered(ada, "ada@gmial.com");
  const HttpResponse page = ada.get(order);
  EXPECT_TRUE(contains(page, "Correct the address"));
  EXPECT_FALSE(contains(bob.get(order), "Correct the address")) << "who has the link alone may look";
  EXPECT_EQ(outcome(bob.client().post(order + "email/", {{"email", "bob@example.org"}})), "too_late");
  const HttpResponse corrected =
      ada.post(order + "email/", Buyer::form(page, order + "email/", {{"email", "ada@gmail.com"}}));
  EXPECT_EQ(outcome(corrected), "corrected");
  EXPECT_EQ(ada.get(order).status, 404) << "the old link is void";
  EXPECT_TRUE(contains(ada.get(corrected.header("Location")), "ada@gmail.com"));
  EXPECT_EQ(mails("order_link"), 1);
  clock().advance(Duration::minutes(30));
  EXPECT_FALSE(contains(ada.get(corrected.header("Location")), "Correct the address"));
}

TEST_P(GuestOrders, ForeignTokensAndReferencesAreNotFoundAlike) {
  Buyer ada = buyer(), bob = buyer();
  const std::string order = ordered(ada, "ada@example.org");
  const std::string other = ordered(bob, "bob@example.org");
  const std::string token_of_other = other.substr(other.size() - 44);
  const std::string base = order.substr(0, order.size() - 44);
  const HttpResponse foreign = bob.get(base + token_of_other),
                     guessed = bob.get(base + std::string(43, 'A') + "/"),
                     unknown = bob.get("/fair/register/orders/ORD-AAAAAAAA/" + std::string(43, 'A') + "/");
  for (const HttpResponse* one : {&foreign, &guessed, &unknown}) EXPECT_EQ(one->status, 404);
  for (const char* form : {"email/", "claim/"})
    EXPECT_EQ(bob.client().post(base + token_of_other + form, {{"email", "bob@example.org"}}).status, 404)
        << form;
}

TEST_P(GuestOrders, ALikelyTypoIsAskedAboutAndNotRefused) {
  Buyer ada = buyer();
  ada.add("student");
  const HttpResponse review = ada.review("Ada", "ada@gmial.com");
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "ada@gmail.com"));
  const std::string path = ada.base() + "checkout/";
  EXPECT_EQ(outcome(ada.post(path, Buyer::form(review, path))), "ordered");
}

// source: registration 20, D31 and 12.3.
TEST_P(GuestOrders, WhatWasTypedStaysWithACartThatLapses) {
  Buyer ada = buyer();
  ada.add("student");
  clock().advance(Duration::minutes(27));
  ada.review("Ada Lovelace", "ada@example.org");
  clock().advance(Duration::hours(2));
  const HttpResponse form = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(form, "value=\"Ada Lovelace\""));
  EXPECT_TRUE(contains(form, "value=\"ada@example.org\""));
  EXPECT_EQ(outcome(ada.order("ada@example.org")), "ordered");
  EXPECT_EQ(count("SELECT count(*) FROM cart WHERE draft <> '{}'"), 0) << "kept no longer than needed";
}

TEST_P(GuestOrders, CheckoutKnowsTheNameAndAddressOfTheAccount) {
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  ada.add("student");
  const HttpResponse form = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(form, "value=\"Ada Lovelace\""));
  EXPECT_TRUE(contains(form, "value=\"ada@example.org\""));
}

}  // namespace
}  // namespace plenary::site::testing
