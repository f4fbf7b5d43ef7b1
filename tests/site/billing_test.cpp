// Who an order is billed to: the form, businesses and their VAT numbers, taxes that go by the buyer, and
// changing it until an invoice is issued.
#include "support/site/selling.hpp"

#include "base/pool.hpp"
#include "domain/registration/billing_change.hpp"

namespace plenary::site::testing {
namespace {

class BillingPages : public SellingTest {
 protected:
  std::string ordered(Buyer& buyer, const HttpResponse& review) {
    const std::string action = buyer.base() + "checkout/";
    const HttpResponse answer = buyer.post(action, Buyer::form(review, action));
    EXPECT_EQ(outcome(answer), "ordered");
    const std::string pay = answer.header("Location");
    return pay.size() < 4 ? pay : pay.substr(0, pay.size() - 4);
  }
};
ON_BOTH_ENGINES(BillingPages);

TEST_P(BillingPages, AFreeOrderAsksForNameAndAddressOfMailOnly) {
  Buyer ada = buyer();
  ada.add("free");
  const HttpResponse form = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(form, "name=\"billing_name\""));
  EXPECT_TRUE(contains(form, "name=\"billing_email\""));
  EXPECT_FALSE(contains(form, "name=\"billing_country\""));
  EXPECT_FALSE(contains(form, "name=\"billing_company\""));
  const HttpResponse review = review_with(ada, {{"billing_company", "Nobody asked"}});
  EXPECT_EQ(outcome(review), "review");
  EXPECT_FALSE(contains(review, "Nobody asked"));
}

TEST_P(BillingPages, EveryFaultIsToldAtOnceAndWhatWasTypedStays) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string action = ada.base() + "checkout/review/";
  const HttpResponse answer = ada.post(action, Buyer::form(ada.get(ada.base() + "checkout/"), action,
                                                           {{"billing_name", ""},
                                                            {"billing_email", "nowhere"},
                                                            {"billing_is_business", "1"},
                                                            {"billing_street", "Ring 5"},
                                                            {"billing_country", "AT"},
                                                            {"billing_vat_id", "DE123456789"},
                                                            {"billing_postcode", std::string(30, '1')}}));
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(outcome(answer), "invalid");
  for (const char* field : {"billing_name", "billing_email", "billing_company", "billing_city",
                            "billing_vat_id", "billing_postcode"})
    EXPECT_TRUE(contains(answer, "id=\"id_" + std::string(field) + "_error\"")) << field;
  EXPECT_TRUE(contains(answer, "value=\"Ring 5\""));
  EXPECT_TRUE(contains(answer, "<option value=\"AT\" selected>Austria</option>"));
  EXPECT_EQ(vat().asked, 0);
}

TEST_P(BillingPages, CountriesAreInTheLanguageOfThePage) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse english = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(english, "<option value=\"DE\">Germany</option>"));
  ada.post("/language/", Buyer::form(ada.get("/fair/"), "/language/", {{"language", "de"}}));
  const HttpResponse german = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(german, "<option value=\"DE\">Deutschland</option>"));
  EXPECT_TRUE(contains(german, "<option value=\"AT\">Österreich</option>"));
}

TEST_P(BillingPages, ABusinessWithAConfirmedNumberOwesTheTaxItself) {
  Buyer ada = buyer();
  ada.add("online");
  EXPECT_TRUE(contains(ada.cart(), "$119.00"));
  const HttpResponse review = review_with(ada, company("AT", "atu 12345675"));
  EXPECT_EQ(outcome(review), "review");
  EXPECT_EQ(vat().asked, 1);
  EXPECT_EQ(vat().last_id, "ATU12345675");
  EXPECT_EQ(vat().last_requester, "DE136695976");
  EXPECT_TRUE(contains(review, "Your VAT number is confirmed."));
  EXPECT_TRUE(contains(review, "Order and pay $100.00"));
  EXPECT_TRUE(contains(review, "-$19.00"));
  EXPECT_TRUE(contains(review, "Reverse charge: the recipient owes the tax."));
  EXPECT_TRUE(contains(review, "PO 77"));
  EXPECT_TRUE(contains(review, "Austria"));

  const std::string path = ordered(ada, review);
  EXPECT_EQ(vat().asked, 1);  // the answer of the review counts
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE total = 10000 AND tax = 0 AND vat_confirmed = 1 AND "
                  "vat_check_id IS NOT NULL AND billing_vat_id = 'ATU12345675' AND billing_country = 'AT'"),
            1);
  EXPECT_EQ(count("SELECT count(*) FROM vat_check WHERE consultation_number = 'WAPI-1'"), 1);
  const HttpResponse order = ada.get(path);
  EXPECT_TRUE(contains(order, "$100.00"));
  EXPECT_TRUE(contains(order, "Reverse charge: the recipient owes the tax."));
  EXPECT_TRUE(contains(order, "ATU12345675"));
  EXPECT_TRUE(contains(order, "Confirmed"));
}

TEST_P(BillingPages, ASilentServiceMeansThatTaxIsChargedAndSaid) {
  vat().answers = registration::VatStatus::unavailable;
  Buyer ada = buyer();
  ada.add("online");
  const HttpResponse review = review_with(ada, company("AT", "ATU12345675"));
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "could not be checked at the moment, so tax is charged"));
  EXPECT_TRUE(contains(review, "Order and pay $119.00"));
  ordered(ada, review);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE total = 11900 AND tax = 1900 AND vat_confirmed = 0"), 1);
}

TEST_P(BillingPages, WhoFindsNoPlaceAmongThoseWhoAskIsToldWhatSilenceMeans) {
  Pool full(1, 0);
  vat().own_pool = &full;
  Buyer ada = buyer();
  ada.add("online");
  const HttpResponse review = review_with(ada, company("AT", "ATU12345675"));
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "could not be checked at the moment, so tax is charged"));
  EXPECT_EQ(vat().asked, 0);
  // With a place, the same form is answered as ever.
  Pool pool(1, 1);
  vat().own_pool = &pool;
  EXPECT_TRUE(contains(review_with(ada, company("AT", "ATU12345675")), "Order and pay $100.00"));
  vat().own_pool = nullptr;
}

TEST_P(BillingPages, WhatOneMoreCostsIsSaidWithItsTax) {
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    return tx.exec("UPDATE conference SET self_change_until = $1, catalogue_version = catalogue_version + 1",
                   clock().now() + Duration::hours(10));
  });
  Buyer ada = buyer();
  ada.add("individual");
  const std::string order = ordered(ada, review_with(ada, {}));
  EXPECT_EQ(outcome(ada.pay(order + "pay/")), "paid");
  const HttpResponse page = ada.get(order + "change/");
  EXPECT_TRUE(contains(page, "$25.00 plus 7 % VAT each; you have 0."));
  EXPECT_TRUE(contains(page, "$30.00 plus 7 % VAT each; you have 0.")) << "the large ones";
}

TEST_P(BillingPages, TheReviewOfAChangeSaysHowThePriceOfWhatIsAddedIsMade) {
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    return tx.exec("UPDATE conference SET self_change_until = $1, catalogue_version = catalogue_version + 1",
                   clock().now() + Duration::hours(10));
  });
  Buyer ada = buyer();
  const HttpResponse shop = ada.get(ada.base() + "?voucher=FRIENDS");
  ada.post(ada.base() + "cart/", Buyer::form(shop, ada.base() + "cart/", {}, "individual"));
  const std::string order = ordered(ada, review_with(ada, {})), change = order + "change/";
  EXPECT_EQ(outcome(ada.pay(order + "pay/")), "paid");
  const HttpResponse form = ada.get(change);
  const std::size_t end = form.body.find("\">Shirt, S</label>");
  ASSERT_NE(end, std::string::npos);
  const std::size_t start = form.body.rfind("id_", end) + 3;
  const std::string small = form.body.substr(start, end - start);
  const HttpResponse review =
      ada.post(change, Buyer::form(form, change, {{small, "1"}, {"action", "review"}}));
  EXPECT_TRUE(contains(review, "Voucher FRIENDS: -$2.50")) << review.body;
  EXPECT_TRUE(contains(review, "VAT reduced: 7 % is added: $1.58."));
  EXPECT_TRUE(contains(review, "This costs $24.08 more."));
}

TEST_P(BillingPages, ANumberThatTheServiceDoesNotKnowIsToldAtItsField) {
  vat().answers = registration::VatStatus::invalid;
  Buyer ada = buyer();
  ada.add("online");
  const HttpResponse answer = review_with(ada, company("AT", "ATU12345675"));
  EXPECT_EQ(answer.status, 422);
  EXPECT_TRUE(contains(answer, "id=\"id_billing_vat_id_error\""));
  EXPECT_TRUE(contains(answer, "value=\"ATU12345675\""));
  // Without it the order goes on, and is taxed.
  const HttpResponse review = review_with(ada, company("AT", ""));
  EXPECT_TRUE(contains(review, "Order and pay $119.00"));
}

TEST_P(BillingPages, NobodyAsksForANumberThatChangesNothing) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = review_with(ada, company("AT", "ATU12345675"));
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "Order and pay $80.00"));
  EXPECT_EQ(vat().asked, 0);
}

TEST_P(BillingPages, AConsumerPaysTheTaxOfTheirCountry) {
  Buyer ada = buyer();
  ada.add("online");
  const HttpResponse review = review_with(ada, {{"billing_country", "AT"}});
  EXPECT_TRUE(contains(review, "The tax is that of your country: Austria."));
  EXPECT_TRUE(contains(review, "Includes 20 % VAT"));
  EXPECT_TRUE(contains(review, "$19.83"));
  EXPECT_TRUE(contains(review, "Order and pay $119.00"));
}

TEST_P(BillingPages, AnotherTotalThanTheOneShownIsLookedAtAgain) {
  Buyer ada = buyer();
  ada.add("online");
  const HttpResponse review = review_with(ada, company("AT", "ATU12345675"));
  const std::string action = ada.base() + "checkout/";
  // Somebody claims to have been shown less, by another country.
  const HttpResponse answer = ada.post(action, Buyer::form(review, action, {{"billing_vat_id", ""}}));
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(outcome(answer), "price_changed");
  EXPECT_TRUE(contains(answer, "Order and pay $119.00"));
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 0);
}

TEST_P(BillingPages, WhatWasTypedComesBackWhenTheReviewIsChangedOrMoreTimeIsAskedFor) {
  Buyer ada = buyer();
  ada.add("individual");
  const HttpResponse review = review_with(ada, company("AT", ""));
  const std::string action = ada.base() + "checkout/review/";
  Fields back = Buyer::form(review, action);
  back.emplace_back("change", "1");
  const HttpResponse form = ada.post(action, back);
  EXPECT_TRUE(contains(form, "value=\"Analytical Engines\""));
  EXPECT_TRUE(contains(form, "<option value=\"AT\" selected>"));
  EXPECT_TRUE(contains(form, "value=\"PO 77\""));

  Fields renew = Buyer::form(form, action);
  renew.emplace_back("action", "renew");
  EXPECT_EQ(outcome(ada.post(ada.base() + "cart/", renew)), "renewed");
  const HttpResponse again = ada.get(ada.base() + "checkout/");
  EXPECT_TRUE(contains(again, "value=\"Analytical Engines\""));
  EXPECT_TRUE(contains(again, "<option value=\"AT\" selected>"));
}

TEST_P(BillingPages, TheBuyerChangesThemOnTheOrdersPage) {
  Buyer ada = buyer();
  ada.add("individual");
  const std::string path = ordered(ada, ada.review());
  const HttpResponse order = ada.get(path);
  const std::string billing = path + "billing/";
  EXPECT_TRUE(contains(order, billing));
  const HttpResponse form = ada.get(billing);
  EXPECT_EQ(form.status, 200);
  EXPECT_FALSE(contains(form, "name=\"billing_email\""));
  Fields typed = company("AT", "ATU12345675");
  typed.emplace_back("billing_name", "Ada King");
  const Fields sent = Buyer::form(form, billing, typed);
  const HttpResponse changed = ada.post(billing, sent);
  EXPECT_EQ(outcome(changed), "billing_changed");
  const HttpResponse now = ada.get(changed.header("Location"));
  for (const char* text : {"Ada King", "Analytical Engines", "Ring 5", "1010 Vienna", "Austria", "PO 77"})
    EXPECT_TRUE(contains(now, text)) << text;
  // A second send is about an order that has changed since.
  EXPECT_EQ(outcome(ada.post(billing, sent)), "changed_meanwhile");
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE billing_email = 'ada@example.org' AND total = 8000"), 1);
  // A company without an address gets no invoice.
  Fields empty = Buyer::form(ada.get(billing), billing, {{"billing_street", ""}});
  EXPECT_EQ(ada.post(billing, empty).status, 422);
  EXPECT_EQ(buyer().get(path.substr(0, path.find("ORD-") + 13) + "nobody/billing/").status, 404);
}

// The invoice came while the form was open.
TEST_P(BillingPages, AFormFromBeforeTheInvoiceIsRefusedAndKeepsWhatWasTyped) {
  for (const bool decides_taxes : {false, true}) {
    registration::ask_whether_invoiced([](db::Tx&, registration::Id) { return false; });
    Buyer ada = buyer();
    ada.add(decides_taxes ? "online" : "individual");
    const std::string path =
        ordered(ada, decides_taxes ? review_with(ada, company("AT", "ATU12345675")) : ada.review());
    const std::string billing = path + "billing/";
    const HttpResponse form = ada.get(billing);
    Fields typed{
        {"billing_name", "Ada <King>"}, {"billing_street", "Allee 9"}, {"billing_reference", "PO 9"}};
    if (!decides_taxes) typed.emplace_back("billing_is_business", "1");
    const Fields sent = Buyer::form(form, billing, typed);
    registration::ask_whether_invoiced([](db::Tx&, registration::Id) { return true; });
    const HttpResponse refused = ada.post(billing, sent);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(outcome(refused), "invoiced");
    for (const char* part : {"can no longer be changed here", "value=\"Ada &lt;King&gt;\"",
                             "value=\"Allee 9\"", "value=\"PO 9\"", "Nothing was changed."})
      EXPECT_TRUE(contains(refused, part)) << part;
    EXPECT_EQ(contains(refused, "name=\"billing_country\""), !decides_taxes);
    EXPECT_FALSE(contains(refused, "You can change them until"));
    EXPECT_EQ(count("SELECT count(*) FROM orders WHERE billing_name LIKE '%King%'"), 0);
    EXPECT_EQ(outcome(ada.get(billing)), "invoiced");
  }
  registration::ask_whether_invoiced({});
}

TEST_P(BillingPages, WhatDecidedAboutTheTaxStays) {
  Buyer ada = buyer();
  ada.add("online");
  const std::string path = ordered(ada, review_with(ada, company("AT", "ATU12345675")));
  const std::string billing = path + "billing/";
  const HttpResponse form = ada.get(billing);
  EXPECT_FALSE(contains(form, "name=\"billing_country\""));
  EXPECT_FALSE(contains(form, "name=\"billing_vat_id\""));
  EXPECT_TRUE(contains(form, "class=\"billing of-company\""))
      << "what a company's invoice needs is not optional";
  const HttpResponse changed = ada.post(
      billing, Buyer::form(form, billing, {{"billing_country", "DE"}, {"billing_street", "Allee 9"}}));
  EXPECT_EQ(outcome(changed), "billing_changed");
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE billing_country = 'AT' AND billing_street = 'Allee 9' "
                  "AND billing_is_business = 1"),
            1);
}

class LimitedBillingPages : public BillingPages {
  void set(config::Settings& settings) override { settings.security.limits = true; }
};
ON_BOTH_ENGINES(LimitedBillingPages);

TEST_P(LimitedBillingPages, OneBrowserHasTheServiceAskedAboutTenNumbersAnHour) {
  Buyer mallory = buyer();
  mallory.add("online");
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(
        contains(review_with(mallory, company("AT", "ATU1234567" + std::to_string(i))), "is confirmed"));
  EXPECT_EQ(vat().asked, 10);
  const HttpResponse review = review_with(mallory, company("AT", "ATU87654321"));
  EXPECT_EQ(vat().asked, 10);
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "could not be checked at the moment, so tax is charged"));
  EXPECT_TRUE(contains(review, "Order and pay $119.00"));
  EXPECT_TRUE(contains(review_with(mallory, company("AT", "ATU12345670")), "is confirmed"))
      << "what is known needs no asking";
  Buyer ada = buyer();
  ada.add("online");
  EXPECT_TRUE(contains(review_with(ada, company("AT", "ATU87654321")), "is confirmed"));
  EXPECT_EQ(vat().asked, 11);
}

}  // namespace
}  // namespace plenary::site::testing
