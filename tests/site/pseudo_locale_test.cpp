// Every text of every page that a buyer, a holder or a visitor can reach goes through the translation: in the
// pseudo-locale each is decorated, and whatever still reads plainly is either data or was forgotten.
#include <algorithm>
#include <deque>
#include <set>

#include "domain/conference/conferences.hpp"
#include "support/site/page_text.hpp"
#include "support/site/people.hpp"

namespace plenary::site::testing {
namespace {

// What the fixture, the buyer and the program's own names bring in.
const std::vector<std::string> data{
    "Ticket individual",
    "Ticket student",
    "Ticket free",
    "Shirt",
    "Dinner",
    "Fair",
    "Europe/Berlin",
    "Ada Lovelace",
    "Bob Byron",
    "ada@example.org",
    "bob@example.org",
    "carol@example.org",
    "Plenary",
    "English",
    "Deutsch",
    "The imprint.",
    "Be kind.",
    "Our terms.",
    "Great Hall",
    "12/39",
    "XYZ",
    "WCAG",
};

class PseudoLocale : public PeopleTest {
 protected:
  void SetUp() override {
    ShopTest::SetUp();
    write([&](db::Tx& tx) {
      conference::Conference fair = *conference::load(tx, conference_id());
      fair.venue = "Great Hall";
      fair.contact = "ada@example.org";
      fair.imprint = "The imprint.";
      fair.code_of_conduct = "Be kind.";
      fair.terms = "Our terms.";
      EXPECT_TRUE(conference::update(tx, fair));
    });
  }

  Buyer pseudo_buyer() {
    Buyer buyer = this->buyer();
    choose(buyer);
    return buyer;
  }
  static void choose(Buyer& buyer) {
    const HttpResponse page = buyer.get("/fair/");
    const HttpResponse chosen =
        buyer.post("/language/", Buyer::form(page, "/language/", {{"language", "en-XA"}}));
    EXPECT_EQ(chosen.status, 303);
  }

  void read(const HttpResponse& page, std::string_view what) {
    ++pages_read_;
    EXPECT_EQ(page.header("Content-Language"), "en-XA") << what;
    EXPECT_TRUE(contains(page, "<html lang=\"en-XA\"")) << what;
    std::size_t decorated = 0;
    for (const std::string& text : texts_of(page.body)) {
      decorated += text.find(" ~") != std::string::npos;
      std::string rest = plain_rest(text, data);
      // An order is known by its reference.
      if (const std::size_t at = rest.find("ORD-"); at != std::string::npos)
        rest.erase(at, rest.find(' ', at) - at);
      rest = plain_rest(rest, data);
      EXPECT_EQ(rest, "") << what << " says without translation: " << text;
    }
    EXPECT_GE(decorated, 3u) << what;
  }

  // Reads the page and every page it leads to that has not been read yet.
  void read_from(Buyer& buyer, const std::string& start) {
    std::deque<std::string> waiting{start};
    while (!waiting.empty()) {
      const std::string path = waiting.front();
      waiting.pop_front();
      const std::string bare = path.substr(0, path.find('?'));
      if (!bare.ends_with('/') || !read_paths_.insert(bare).second) continue;
      HttpResponse page = buyer.get(path);
      if (page.status == 303) page = buyer.client().follow(std::move(page));
      if (page.header("Content-Type").find("html") == std::string::npos) continue;
      // A mail shown in the mailbox is in its own language.
      if (path.ends_with("/html/")) continue;
      read(page, path);
      for (std::string& link : links_of(page.body)) waiting.push_back(std::move(link));
    }
  }

  std::set<std::string> read_paths_;
  int pages_read_ = 0;
};
ON_BOTH_ENGINES(PseudoLocale);

TEST_P(PseudoLocale, IsSpokenByEveryPageOfAPurchase) {
  Buyer ada = pseudo_buyer();
  read_from(ada, "/fair/");
  read(ada.get(ada.base() + "cart/"), "the empty cart");
  read(ada.get(ada.base() + "cart/?added=1"), "the cart without cookies");
  HttpResponse page = ada.add("individual", "0");
  read(ada.get(page.header("Location")), "a refused quantity");
  page = ada.add("individual", "2");
  page = ada.get(page.header("Location"));
  read(page, "the cart");
  ada.post(ada.base() + "cart/", Buyer::form(page, ada.base() + "cart/", {}, "shirt"));
  read(ada.cart(), "the cart with an extra");
  read(ada.get(ada.base() + "checkout/"), "checkout");
  read(ada.review("", "not an address"), "checkout with faults");
  const HttpResponse review = ada.review();
  read(review, "review");
  Fields fields = Buyer::form(review, ada.base() + "checkout/");
  read(ada.post(ada.base() + "checkout/", fields), "review without consent");
  const std::string terms = plenary::test::input_value(review.body, "consent_terms");
  EXPECT_NE(terms, "");
  fields.emplace_back("consent_terms", terms);
  const HttpResponse ordered = ada.post(ada.base() + "checkout/", fields);
  const std::string pay_path = ordered.header("Location");
  ASSERT_FALSE(pay_path.empty()) << outcome(ordered);
  read(ada.get(pay_path), "pay");
  read(ada.pay(pay_path, "12"), "pay with faults");
  read(ada.pay(pay_path, "4000 0000 0000 0002"), "pay, declined");
  read(ada.pay(pay_path, "4000 0025 0000 3155"), "the bank asks");
  const std::string order_path = pay_path.substr(0, pay_path.size() - 4);
  read(ada.get(order_path), "the unpaid order");
  const HttpResponse paid = ada.pay(pay_path);
  read(ada.get(paid.header("Location")), "confirmation");
  read_paths_.erase(order_path);
  read_from(ada, order_path);
  EXPECT_GT(pages_read_, 25);
}

TEST_P(PseudoLocale, IsSpokenWhereNothingCanBeBought) {
  open({.tickets = [](auto& tickets) {
    tickets[0].available_from = Instant::parse("2027-06-14T10:00:00Z");
    tickets[1].available_until = Instant::parse("2027-01-14T08:00:00Z");
    tickets[2].limit_per_user = 0;
  }});
  Buyer ada = pseudo_buyer();
  read(ada.tickets(), "windows");
  write([&](db::Tx& tx) { tx.exec("UPDATE conference SET sales_open = 0"); });
  read(ada.tickets(), "closed");
  read(ada.get("/fair/"), "home, closed");
}

TEST_P(PseudoLocale, IsSpokenWhereThereAreNoTickets) {
  open({.tickets = [](auto& tickets) {
    for (auto& ticket : tickets) ticket.is_active = false;
  }});
  Buyer ada = pseudo_buyer();
  read(ada.tickets(), "no tickets");
  write([&](db::Tx& tx) { tx.exec("UPDATE conference SET is_active = 0"); });
  read(ada.get("/"), "no conference");
}

TEST_P(PseudoLocale, IsSpokenByErrorsAndAccounts) {
  Buyer ada = pseudo_buyer();
  read(ada.get("/fair/nothing/here/"), "404");
  read(ada.client().request("GET", "/fair/register/orders/A/B/resend/"), "405");
  read(ada.client().request("POST", "/fair/register/cart/", "action=renew",
                            {{"Content-Type", "application/x-www-form-urlencoded"}}),
       "403");
  read(ada.post("/language/", {{"language", "tlh"}}), "422");
  for (const std::string path :
       {"/accounts/login/", "/accounts/signup/", "/accounts/password/forgot/", "/accounts/mail-sent/",
        "/accounts/claim/xyz/", "/accounts/email/xyz/", "/accounts/verify/xyz/", "/fair/register/find-order/",
        "/accessibility/", "/fair/legal/imprint/"}) {
    read_from(ada, path);
  }
  for (const std::string path : {"/accounts/login/", "/accounts/signup/", "/accounts/password/forgot/",
                                 "/fair/register/find-order/"}) {
    const HttpResponse page = ada.get(path);
    const HttpResponse refused = ada.post(path, Buyer::form(page, path));
    if (refused.status != 303) read(refused, path + " with faults");
  }
}

TEST_P(PseudoLocale, IsSpokenToWhoeverIsSignedIn) {
  person("ada@example.org");
  Buyer ada = pseudo_buyer();
  read(sign_in(ada, "ada@example.org", "wrong password"), "wrong password");
  ASSERT_EQ(outcome(sign_in(ada, "ada@example.org")), "signed_in");
  read_from(ada, "/accounts/");
  const HttpResponse home = ada.get("/accounts/");
  read(ada.post("/accounts/", Buyer::form(home, "/accounts/", {{"name", ""}})), "account with faults");
  ada.add("free");
  const HttpResponse review = ada.review();
  Fields fields = Buyer::form(review, ada.base() + "checkout/");
  fields.emplace_back("consent_terms", plenary::test::input_value(review.body, "consent_terms"));
  ASSERT_EQ(outcome(ada.post(ada.base() + "checkout/", fields)), "paid");
  read_paths_.clear();
  read_from(ada, ada.base() + "orders/");
  EXPECT_GT(pages_read_, 12);
}

TEST(PageText, FindsWhatWasForgotten) {
  const std::string page =
      "<h1 title=\"Tip\">[Ţîţļé ~~] Fair</h1><p>Plain &amp; forgotten</p><script>var x = 'no';</script>"
      "<code>x</code><codex>y</codex><img alt=\"[Þîç ~]\"><a href=\"/a/?b=1&amp;c#d\">$12.00</a>";
  const std::vector<std::string> texts = texts_of(page);
  EXPECT_EQ(texts, (std::vector<std::string>{"Tip", "[Ţîţļé ~~] Fair", "Plain & forgotten", "y", "[Þîç ~]",
                                             "$12.00"}));
  EXPECT_EQ(plain_rest("[Ţîţļé [in] ~~] Fair · 12", {"Fair"}), "");
  EXPECT_EQ(plain_rest("Plain", {"Fair"}), "Plain");
  EXPECT_EQ(links_of(page), std::vector<std::string>{"/a/?b=1&c"});
}

}  // namespace
}  // namespace plenary::site::testing
