// The organisers' pages of orders: who sees and does what, finding orders, everything about one, money by
// hand, money going back in parts, corrections, notes; a form sent twice does its work once, and whatever is
// refused keeps what was typed. source: staff pages 70, 11.3 to 11.5, 14.1, 14.2, 14.26, 14.33 and 14.39.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "domain/registration/conditions.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/letters.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/refunds.hpp"
#include "manage/order_pages.hpp"
#include "support/site/page_text.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OrderPages : public OrderPagesTest {
 protected:
  std::int64_t give_credit(db::Tx& tx, std::int64_t user, std::int64_t amount, std::string note = {}) {
    registration::Credit given;
    given.conference_id = conference_id();
    given.user_id = user;
    given.amount = amount;
    given.note = std::move(note);
    return registration::give_credit(tx, given).id;
  }
  static std::int64_t buyer_of(db::Tx& tx, std::int64_t order) {
    return tx.one<std::int64_t>("SELECT user_id FROM orders WHERE id = $1", order);
  }
};
ON_BOTH_ENGINES(OrderPages);

TEST_P(OrderPages, TheHistoryTellsTheReasonsOfTheHouseInTheLanguageOfItsReader) {
  const std::int64_t id = ordered();
  const auto reason = [&](const std::string& said) {
    write([&](db::Tx& tx) { tx.exec("UPDATE order_event SET reason = $1 WHERE order_id = $2", said, id); });
  };
  Buyer who = registrar();
  const auto in_german = [&] { return who.client().get(page(id), {{"Accept-Language", "de"}}); };
  reason("hold elapsed");
  EXPECT_TRUE(contains(who.get(page(id)), "<li>hold elapsed</li>"));
  EXPECT_TRUE(contains(in_german(), "<li>Reservierung abgelaufen</li>"));
  reason("hold elapsed, said Dora");
  EXPECT_TRUE(contains(in_german(), "<li>hold elapsed, said Dora</li>")) << "what people wrote";
}

TEST_P(OrderPages, SeeingAndDoingAreTwoRights) {
  const std::int64_t id = paid();
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  EXPECT_EQ(finance.get(list).status, 200);
  const HttpResponse seen = finance.get(page(id));
  EXPECT_EQ(seen.status, 200);
  EXPECT_FALSE(contains(seen, "Send money back"));
  EXPECT_TRUE(contains(seen, "Ledger"));
  for (const char* what : {"payment", "waive", "refund", "cancel", "buyer", "address", "link", "tickets"})
    EXPECT_EQ(finance.get(page(id, what)).status, 403) << what;
  for (const char* what : {"notes", "resend", "refund", "cancel", "payment"})
    EXPECT_EQ(forge(finance, page(id, what)).status, 403) << what;
  EXPECT_EQ(finance.get("/manage/fair/desk/").status, 403);
  Buyer desk = registrar();
  const HttpResponse changed = desk.get(page(id));
  EXPECT_TRUE(contains(changed, "Send money back"));
  EXPECT_FALSE(contains(changed, "Ledger")) << "money pages are another right";
  EXPECT_EQ(desk.get(list + std::string("export/")).status, 403);
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get(list).status, 403);
  EXPECT_EQ(sponsors.get(page(id)).status, 403);
}

TEST_P(OrderPages, AnotherConferencesOrderIsNotThere) {
  const std::int64_t id = paid();
  give(person("boss@example.org", good_password, "Bea Boss"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get(page(id)).status, 404) << "no role there";
  const std::string there = "/manage/other/orders/" + std::to_string(id) + "/";
  for (const char* what : {"", "payment/", "refund/", "cancel/", "buyer/", "seats/1/", "tickets/"})
    EXPECT_EQ(boss.get(there + what).status, 404) << what;
  for (const char* what : {"notes/", "resend/"}) {
    forge(boss, there + what, {{"what", "link"}, {"comment", "mine"}, {"version", "1"}});
    EXPECT_EQ(text("SELECT comment FROM orders WHERE id = $1", id), "") << what;
  }
  EXPECT_FALSE(contains(boss.get("/manage/other/orders/?q=ada"), reference(id)));
}

TEST_P(OrderPages, AreFoundByWhateverNamesThem) {
  const std::int64_t ada = paid("ada@example.org"), grace = paid("grace@example.com", "student");
  write([&](db::Tx& tx) {
    tx.exec("UPDATE payment SET card_last4 = '4242', intent_id = 'pi_ada' WHERE order_id = $1", ada);
    tx.exec("UPDATE orders SET billing_name = 'Grace Hopper', billing_company = 'Navy 100%' WHERE id = $1",
            grace);
    tx.exec("UPDATE seat SET name = 'Katherine Johnson' WHERE order_id = $1", grace);
    tx.exec("UPDATE orders SET attention = 'balance due' WHERE id = $1", grace);
  });
  const std::string code = text("SELECT access_code FROM seat WHERE order_id = $1", grace);
  Buyer who = registrar();
  for (const std::string query :
       {"q=ADA%40Example.org", "q=4242", "q=pi_ada", "q=lovelace+ada", "status=paid", "payment=sandbox"})
    EXPECT_TRUE(finds(who, query, ada)) << query;
  for (const std::string& query :
       {std::string("q=hopper"), std::string("q=GRACE+hop"), std::string("q=100%25"), "q=" + code,
        std::string("q=katherine"), std::string("q=example.com"), std::string("attention=1")}) {
    EXPECT_TRUE(finds(who, query, grace)) << query;
    EXPECT_FALSE(finds(who, query, ada)) << query;
  }
  for (const char* nothing : {"q=nobody-at-all", "q=__", "status=refunded", "payment=cash", "test=none",
                              "q=%25x%25", "until=1999-12-31"})
    EXPECT_TRUE(contains(who.get(list + ("?" + std::string(nothing))), "No order matches this.")) << nothing;
  EXPECT_TRUE(finds(who, "payment=nonsense&from=x&after=y", ada)) << "what is no filter is left out";
  const HttpResponse exact = who.get(list + ("?q=" + reference(ada)));
  EXPECT_EQ(exact.header("Location"), page(ada)) << "a whole number opens its order";
  const std::string without_prefix = reference(grace).substr(reference(grace).find('-') + 1);
  EXPECT_TRUE(finds(who, "q=" + without_prefix, grace));
}

TEST_P(OrderPages, TheListGoesOnBehindItsLastRowWithItsFilters) {
  const std::int64_t id = paid();
  write([&](db::Tx& tx) {
    for (int i = 0; i < 120; ++i)
      tx.exec(
          "INSERT INTO orders (conference_id, status, reference, currency, billing_name, created_at, "
          "updated_at) "
          "VALUES ($1, 'pending', $2, 'USD', 'A & B', $3, $3)",
          conference_id(), "MANY-" + std::to_string(1000 + i),
          tx.now() - Duration::minutes(10 * (i % 7 + 1)));
  });
  Buyer who = registrar();
  std::set<std::string> seen;
  std::string next = std::string(list) + "?q=a+%26+b&status=pending";
  int pages = 0;
  while (!next.empty() && pages < 5) {
    const HttpResponse shown = who.get(next);
    ASSERT_EQ(shown.status, 200);
    ++pages;
    next.clear();
    for (std::size_t at = 0; (at = shown.body.find(">MANY-", at)) != std::string::npos; ++at)
      EXPECT_TRUE(seen.insert(shown.body.substr(at + 1, 9)).second) << "no order twice";
    for (const std::string& link : site::testing::links_of(shown.body))
      if (link.find("after=") != std::string::npos) next = link;
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 120U);
  EXPECT_FALSE(seen.contains(reference(id)));
}

TEST_P(OrderPages, TheFileNeedsItsOwnRightAndIsRecorded) {
  const std::int64_t id = paid();
  write([&](db::Tx& tx) { tx.exec("UPDATE orders SET billing_name = '=cmd' WHERE id = $1", id); });
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  const HttpResponse file = finance.get(list + std::string("export/?status=paid"));
  ASSERT_EQ(file.status, 200);
  EXPECT_THAT(file.header("content-disposition"), HasSubstr("orders-fair-"));
  EXPECT_THAT(file.body, HasSubstr(reference(id) + ",paid,"));
  EXPECT_THAT(file.body, HasSubstr("'=cmd"));
  EXPECT_THAT(finance.get(list + std::string("export/?status=cancelled")).body,
              Not(HasSubstr(reference(id))));
  EXPECT_GE(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'orders' AND object_id = 'export'"), 2);
}

TEST_P(OrderPages, APageTellsEverythingOfTheOrder) {
  const std::int64_t id = paid("ada@example.org", "individual", "2");
  write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE payment SET method = 'stripe', intent_id = 'pi_17', card_brand = 'visa', card_last4 = "
        "'4242', "
        "fee_amount = 320 WHERE order_id = $1",
        id);
    registration::mail_confirmation(tx, registration::find_order(tx, id).value());
  });
  Buyer who = browser("o@example.org", "Conference Organizer", "Olga Organizer");
  const HttpResponse shown = who.get(page(id));
  ASSERT_EQ(shown.status, 200);
  EXPECT_EQ(shown.header("Cache-Control"), "no-store");
  for (const std::string& part :
       {reference(id), std::string("Ada Lovelace"), std::string("ada@example.org"), std::string("$200.00"),
        std::string("$3.20"), std::string("visa •••• 4242"),
        std::string("https://dashboard.stripe.com/test/payments/pi_17"), std::string("Pending → Paid."),
        std::string("Ordered: Pending."), std::string("the buyer"), std::string("receivable"),
        std::string("Confirmation"), std::string("waiting to be sent"),
        text("SELECT MIN(access_code) FROM seat WHERE order_id = $1", id)})
    EXPECT_TRUE(contains(shown, part)) << part;
  write([&](db::Tx& tx) {
    tx.exec("UPDATE payment SET method = 'sandbox', fee_amount = NULL WHERE order_id = $1", id);
  });
}

TEST_P(OrderPages, APaymentByHandPaysAnOrderOnce) {
  const std::int64_t id = ordered();
  Buyer who = registrar();
  const std::string address = page(id, "payment");
  HttpResponse shown = who.get(address);
  EXPECT_TRUE(contains(shown, "value=\"100.00\""));
  for (const char* wrong : {"0", "-5", "x", "12.345", "100.01"}) {
    const HttpResponse refused = send(who, address, {{"amount", wrong}, {"note", "Kept <this>"}});
    EXPECT_EQ(refused.status, 422) << wrong;
    EXPECT_TRUE(contains(refused, "There is a problem")) << wrong;
    EXPECT_TRUE(contains(refused, std::string("value=\"") + wrong + "\"")) << wrong;
    EXPECT_TRUE(contains(refused, "Kept &lt;this&gt;")) << wrong;
  }
  EXPECT_EQ(status(id), "pending");
  EXPECT_EQ(outcome(send(who, address, {{"amount", "40,00"}, {"channel", "cash"}})), "done");
  EXPECT_EQ(status(id), "pending");
  EXPECT_TRUE(contains(who.get(page(id)), "$60.00 is still due"));

  shown = who.get(address);
  const Fields twice = Buyer::form(shown, address, {{"reference", "R-7"}});
  EXPECT_EQ(outcome(who.post(address, twice)), "done");
  EXPECT_EQ(outcome(who.post(address, twice)), "repeat");
  EXPECT_EQ(status(id), "paid");
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment WHERE method = 'manual'"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'orders' AND source = 'manage'"), 2);
  EXPECT_TRUE(contains(who.get(address), "Nothing is due"));
  EXPECT_EQ(outcome(who.post(address, twice)), "repeat");
  const HttpResponse page_now = who.get(page(id));
  for (const char* part : {"R-7", "Bank transfer", "Cash", "Dora Desk"})
    EXPECT_TRUE(contains(page_now, part)) << part;
}

TEST_P(OrderPages, TwoPeopleDoNotEnterTheSamePayment) {
  const std::int64_t id = ordered();
  Buyer one = registrar(), two = browser("two@example.org", "Registration Manager", "Tim Two");
  const std::string address = page(id, "payment");
  const Fields first = Buyer::form(one.get(address), address, {{"amount", "40.00"}}),
               second = Buyer::form(two.get(address), address, {{"amount", "40.00"}, {"note", "By bank"}});
  EXPECT_EQ(outcome(one.post(address, first)), "done");
  const HttpResponse refused = two.post(address, second);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "What is due is another amount by now: $60.00.")) << refused.body;
  EXPECT_TRUE(contains(refused, "By bank")) << "what was typed stays";
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment"), 1);
  const Fields meant = Buyer::form(refused, address);
  EXPECT_EQ(outcome(two.post(address, meant)), "done") << "two transfers of the same amount";
}

TEST_P(OrderPages, ACancelledOrderTakesNoPayment) {
  const std::int64_t id = ordered();
  Buyer who = registrar();
  const Fields before = Buyer::form(who.get(page(id, "payment")), page(id, "payment"));
  EXPECT_EQ(outcome(send(who, page(id, "cancel"), {{"reason", "Ordered twice"}})), "done");
  EXPECT_EQ(status(id), "cancelled");
  const HttpResponse refused = who.post(page(id, "payment"), before);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment"), 0);
}

TEST_P(OrderPages, ABalanceIsWaivedWithAReasonOnly) {
  const std::int64_t id = ordered();
  Buyer who = registrar();
  EXPECT_EQ(send(who, page(id, "waive"), {{"note", " "}}).status, 422);
  EXPECT_EQ(status(id), "pending");
  EXPECT_EQ(outcome(send(who, page(id, "waive"), {{"note", "Speaker"}})), "done");
  EXPECT_EQ(status(id), "paid");
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment WHERE method = 'comp' AND amount = 10000"), 1);
  EXPECT_TRUE(contains(who.get(page(id)), "Speaker"));
}

TEST_P(OrderPages, MoneyGoesBackInPartsAfterAReview) {
  const std::int64_t id = paid();
  const std::string payment = std::to_string(count("SELECT MAX(id) FROM payment"));
  Buyer who = registrar();
  const std::string address = page(id, "refund");
  for (const char* wrong : {"100.01", "x", "", "0"}) {
    const HttpResponse refused =
        send(who, address, {{"amount-" + payment, wrong}, {"note", "Kept"}, {"step", "review"}});
    EXPECT_EQ(refused.status, 422) << wrong;
    EXPECT_TRUE(contains(refused, "value=\"Kept\"")) << wrong;
  }
  const HttpResponse forged =
      send(who, address, {{"amount-" + payment, "10"}, {"way-" + payment, "credit"}, {"step", "do"}});
  EXPECT_EQ(forged.status, 422) << "a guest has no account for a credit";

  const HttpResponse review =
      send(who, address,
           {{"amount-" + payment, "30"}, {"way-" + payment, "card"}, {"note", "Late"}, {"step", "review"}});
  EXPECT_EQ(outcome(review), "review");
  EXPECT_TRUE(contains(review, "$30.00"));
  EXPECT_TRUE(contains(review, "worth $30.00 less"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 0) << "a review does nothing";
  const Fields sure = Buyer::form(review, address, {{"step", "do"}});
  EXPECT_EQ(outcome(who.post(address, sure)), "done");
  EXPECT_EQ(outcome(who.post(address, sure)), "repeat");
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 1);
  EXPECT_EQ(status(id), "partially_refunded");

  // By hand, the rest: everything is taken back.
  const HttpResponse rest =
      send(who, address, {{"amount-" + payment, "70"}, {"way-" + payment, "manual"}, {"step", "review"}});
  EXPECT_TRUE(contains(rest, "everything in it is taken back"));
  EXPECT_EQ(outcome(who.post(address, Buyer::form(rest, address, {{"step", "do"}}))), "done");
  EXPECT_EQ(status(id), "refunded");
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE status = 'active'"), 0);
  EXPECT_TRUE(contains(who.get(address), "No money of this order can go back"));
  EXPECT_TRUE(contains(who.get(page(id)), "By hand: transfer or cash"));
}

TEST_P(OrderPages, AmountsThatGoBackAndFeesMayHaveCommas) {
  const std::int64_t id = paid();
  const std::string payment = std::to_string(count("SELECT MAX(id) FROM payment"));
  Buyer who = registrar();
  const std::string refund = page(id, "refund"), cancel = page(id, "cancel");
  for (const char* wrong : {"12,505", "1,000", "12,5,0", "-12,50"}) {
    EXPECT_EQ(send(who, refund, {{"amount-" + payment, wrong}, {"step", "review"}}).status, 422) << wrong;
    const HttpResponse refused = send(who, cancel, {{"reason", "Ill"}, {"fee", wrong}});
    EXPECT_EQ(refused.status, 422) << wrong;
    EXPECT_TRUE(contains(refused, "Enter an amount like 12.50.")) << wrong;
  }
  const HttpResponse review =
      send(who, refund, {{"amount-" + payment, "12,50"}, {"way-" + payment, "card"}, {"step", "review"}});
  ASSERT_EQ(outcome(review), "review") << review.body;
  EXPECT_TRUE(contains(review, "worth $12.50 less"));
  EXPECT_EQ(outcome(who.post(refund, Buyer::form(review, refund, {{"step", "do"}}))), "done");
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund WHERE amount = 1250"), 1);
  EXPECT_EQ(outcome(send(who, cancel, {{"reason", "Ill"}, {"fee", "7,25"}})), "done");
  EXPECT_EQ(status(id), "refunded");
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE total = 725"), 1);
  EXPECT_EQ(count("SELECT SUM(amount) FROM refund"), 10000 - 725);
}

TEST_P(OrderPages, WhoeverActsOnAnOldPageIsTold) {
  const std::int64_t id = paid();
  Buyer who = registrar();
  const Fields cancel =
      Buyer::form(who.get(page(id, "cancel")), page(id, "cancel"), {{"reason", "Old page"}});
  EXPECT_EQ(outcome(send(who, page(id, "link"), {})), "done");
  const HttpResponse refused = who.post(page(id, "cancel"), cancel);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "value=\"Old page\""));
  EXPECT_EQ(status(id), "paid");
  EXPECT_EQ(outcome(send(who, page(id, "cancel"), {{"reason", "Asked for"}, {"fee", "25"}})), "done");
  EXPECT_EQ(count("SELECT CAST(SUM(amount) AS BIGINT) FROM refund"), 7500);
}

TEST_P(OrderPages, BuyerAddressAndLinkAreCorrected) {
  const std::int64_t id = paid();
  Buyer who = registrar();
  EXPECT_EQ(send(who, page(id, "address"), {{"email", "nobody"}}).status, 422);
  EXPECT_EQ(outcome(send(who, page(id, "address"), {{"email", "ada@new.example.org"}})), "done");
  EXPECT_EQ(text("SELECT email_normalized FROM orders WHERE id = $1", id), "ada@new.example.org");
  EXPECT_EQ(count("SELECT link_version FROM orders"), 2);
  EXPECT_EQ(mails("order_link"), 1);
  EXPECT_EQ(outcome(send(who, page(id, "link"), {})), "done");
  EXPECT_EQ(count("SELECT link_version FROM orders"), 3);
  EXPECT_EQ(mails("order_link"), 2);
  EXPECT_EQ(outcome(send(who, page(id, "buyer"), {{"billing_name", "Ada King"}})), "done");
  EXPECT_EQ(text("SELECT billing_name FROM orders WHERE id = $1", id), "Ada King");
  const HttpResponse empty = send(who, page(id, "buyer"), {{"billing_name", ""}});
  EXPECT_EQ(empty.status, 422);
  EXPECT_TRUE(contains(who.get(page(id)), "Ada Lovelace → Ada King"));
}

TEST_P(OrderPages, SeatsAreNamedAndGivenToOthers) {
  const std::int64_t id = paid();
  const std::string seat = page(id, "seats") + std::to_string(count("SELECT MAX(id) FROM seat")) + "/";
  const std::string code = text("SELECT access_code FROM seat WHERE order_id = $1", id);
  Buyer who = registrar();
  EXPECT_EQ(outcome(send(who, seat, {{"name", "Grace"}, {"email", ""}, {"action", "name"}})), "done");
  const HttpResponse wrong = send(who, seat, {{"name", "Grace"}, {"email", "x"}, {"action", "send"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "value=\"x\""));
  EXPECT_EQ(outcome(send(who, seat, {{"name", "Grace"}, {"email", "g@example.org"}, {"action", "send"}})),
            "done");
  EXPECT_EQ(mails("seat_link"), 1);
  const HttpResponse other =
      send(who, seat, {{"name", "Mary"}, {"email", "m@example.org"}, {"action", "name"}});
  EXPECT_EQ(other.status, 422) << "another address is another holder";
  clock().advance(Duration::days(400));  // long after the deadline of buyers
  Buyer later = signed_in("desk@example.org");
  EXPECT_EQ(
      outcome(send(later, seat, {{"name", "Mary"}, {"email", "m@example.org"}, {"action", "transfer"}})),
      "done");
  EXPECT_NE(text("SELECT access_code FROM seat WHERE order_id = $1", id), code);
  EXPECT_TRUE(contains(later.get(page(id)), "given to somebody else"));
}

TEST_P(OrderPages, MailIsSentAgainAndNotesAreKept) {
  const std::int64_t id = paid();
  Buyer who = registrar();
  const HttpResponse shown = who.get(page(id));
  Fields again = Buyer::form(shown, page(id, "resend"));
  again.emplace_back("what", "confirmation");
  const std::int64_t before = mails("order_confirmation");
  EXPECT_EQ(outcome(who.post(page(id, "resend"), again)), "done");
  EXPECT_EQ(outcome(who.post(page(id, "resend"), again)), "repeat");
  EXPECT_EQ(mails("order_confirmation"), before + 1);
  EXPECT_EQ(
      outcome(who.post(page(id, "notes"), Buyer::form(shown, page(id, "notes"),
                                                      {{"attention", "call back"}, {"comment", "VIP"}}))),
      "done");
  EXPECT_TRUE(contains(who.get(page(id)), "call back"));
  EXPECT_EQ(text("SELECT comment FROM orders WHERE id = $1", id), "VIP");
}

// ---- the desk

class Desk : public OrderPages {
 protected:
  static constexpr const char* desk = "/manage/fair/desk/";
  std::string field(const std::string& slug) {
    return "n-ticket_type-" + std::to_string(db().read_now([&](db::Tx& tx) {
             return tx.one<std::int64_t>("SELECT id FROM ticket_type WHERE slug = $1 AND conference_id = $2",
                                         slug, conference_id());
           }));
  }
  void in_production() {
    site::testing::ShopPlan plan;
    plan.settings = [](config::Settings& settings) {
      settings.server.mode = config::Mode::production;
      settings.server.public_url = "http://127.0.0.1";
      settings.security.second_factor = false;
    };
    open(plan);
    on_global([](db::Tx& tx) { accounts::set_up_groups(tx, [](std::string_view) { return true; }); });
  }
  void offer_transfer() {
    write([&](db::Tx& tx) {
      registration::PaymentSetup setup = registration::payment_setup_of(tx, conference_id());
      setup.offers_transfer = true;
      setup.account_holder = "Fair e. V.";
      setup.iban = "DE89370400440532013000";
      EXPECT_TRUE(registration::save_payment_setup(tx, setup));
    });
  }
};
ON_BOTH_ENGINES(Desk);

TEST_P(Desk, SellsOnceAndHandsOutTheTickets) {
  Buyer who = registrar();
  const HttpResponse sum = send(who, desk, {{field("individual"), "2"}, {"name", "Walk In"}});
  ASSERT_EQ(outcome(sum), "sum");
  EXPECT_TRUE(contains(sum, "$200.00"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders"), 0);
  const Fields sell = Buyer::form(sum, desk, {{"step", "sell"}, {"received", "250"}});
  const HttpResponse sold = who.post(desk, sell);
  EXPECT_EQ(outcome(sold), "sold");
  EXPECT_EQ(outcome(who.post(desk, sell)), "repeat");
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders"), 1);
  const HttpResponse done = who.get(sold.header("Location"));
  EXPECT_TRUE(contains(done, "Give back $50.00"));
  EXPECT_TRUE(contains(done, "Next sale"));
  const std::int64_t id = newest();
  EXPECT_EQ(status(id), "paid");
  EXPECT_EQ(text("SELECT channel FROM payment WHERE order_id = $1", id), "cash");
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat"), 2);
  const HttpResponse pdf = who.get(page(id, "tickets"));
  EXPECT_EQ(pdf.header("content-type"), "application/pdf");
  EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'orders' AND action = 'add'"), 1);
}

// Rupiah and pesos.
TEST_P(Desk, TotalsOfTenDigitsAreSoldAndChangeIsGiven) {
  site::testing::ShopPlan plan;
  plan.tickets = [](auto& types) {
    for (registration::TicketType& type : types)
      if (type.slug == "individual") type.price = 3'000'000'000;
  };
  open(plan);
  on_global([](db::Tx& tx) { accounts::set_up_groups(tx, [](std::string_view) { return true; }); });
  Buyer who = registrar();
  const HttpResponse sum = send(who, desk, {{field("individual"), "2"}, {"name", "Walk In"}});
  ASSERT_EQ(outcome(sum), "sum");
  EXPECT_TRUE(contains(sum, "$60,000,000.00"));
  const HttpResponse sold =
      who.post(desk, Buyer::form(sum, desk, {{"step", "sell"}, {"received", "70000000"}}));
  ASSERT_EQ(outcome(sold), "sold");
  EXPECT_TRUE(contains(who.get(sold.header("Location")), "Give back $10,000,000.00"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE status = 'paid' AND total = 6000000000"), 1);
  EXPECT_EQ(count("SELECT amount FROM payment"), 6'000'000'000);
}

TEST_P(Desk, MoneyAtTheDeskIsRealWhereTheShopSellsForReal) {
  in_production();
  offer_transfer();
  Buyer who = registrar();
  const HttpResponse sum = send(who, desk, {{field("individual"), "1"}, {"name", "Walk In"}});
  EXPECT_FALSE(contains(sum, "sells in play"));
  EXPECT_EQ(outcome(who.post(desk, Buyer::form(sum, desk, {{"step", "sell"}, {"received", "100"}}))), "sold");
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE is_sandbox = 0 AND status = 'paid'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM ledger_entry WHERE is_test = 1"), 0) << "it is in the books";
}

TEST_P(Desk, AShopThatPlaysSellsInPlayAtTheDeskToo) {
  Buyer who = registrar();
  const HttpResponse sum = send(who, desk, {{field("individual"), "1"}, {"name", "Walk In"}});
  EXPECT_TRUE(contains(sum, "sells in play"));
  who.post(desk, Buyer::form(sum, desk, {{"step", "sell"}, {"received", "100"}}));
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE is_sandbox = 1"), 1);
}

TEST_P(Desk, ALimitedDiscountThatIsUsedUpMeanwhileIsSaidFirst) {
  write([&](db::Tx& tx) {
    registration::Condition last;
    last.conference_id = conference_id();
    last.name = "Last";
    last.percent = Decimal(20);
    last.usage_limit = 1;
    return registration::save_condition(tx, last);
  });
  Buyer who = registrar();
  const HttpResponse ada = send(who, desk, {{field("individual"), "1"}, {"name", "Ada"}});
  const HttpResponse bob = send(who, desk, {{field("individual"), "1"}, {"name", "Bob"}});
  EXPECT_TRUE(contains(bob, "$80.00"));
  const Fields first = Buyer::form(ada, desk, {{"step", "sell"}});
  EXPECT_EQ(outcome(who.post(desk, first)), "sold");
  EXPECT_EQ(outcome(who.post(desk, first)), "repeat") << "its price is another by now";
  const HttpResponse refused = who.post(desk, Buyer::form(bob, desk, {{"step", "sell"}}));
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "The price has changed in the meantime. Here is the new total."));
  EXPECT_TRUE(contains(refused, "$100.00"));
  EXPECT_EQ(outcome(who.post(desk, Buyer::form(refused, desk, {{"step", "sell"}}))), "sold");
  EXPECT_EQ(count("SELECT SUM(total) FROM orders"), 18000);
}

TEST_P(Desk, OfAnOrderWithoutAnAddressNobodyIsSaidToBeTold) {
  Buyer who = registrar();
  const HttpResponse sum = send(who, desk, {{field("individual"), "1"}, {"name", "Walk In"}});
  EXPECT_EQ(outcome(who.post(desk, Buyer::form(sum, desk, {{"step", "sell"}}))), "sold");
  const std::int64_t id = count("SELECT MAX(id) FROM orders");
  const std::string order = "/manage/fair/orders/" + std::to_string(id) + "/";
  for (const char* what : {"cancel/", "refund/"}) {
    const HttpResponse shown = who.get(order + what);
    EXPECT_TRUE(contains(shown, "This order has no e-mail address, so nobody is told.")) << what;
    EXPECT_FALSE(contains(shown, "The buyer is told by mail.")) << what;
    EXPECT_FALSE(contains(shown, "Tell the buyer by mail")) << what;
  }
}

TEST_P(Desk, WhatIsRefusedKeepsWhatWasTyped) {
  Buyer who = registrar();
  const HttpResponse nothing = send(who, desk, {{"name", "Walk In"}});
  EXPECT_EQ(nothing.status, 422);
  EXPECT_TRUE(contains(nothing, "value=\"Walk In\""));
  EXPECT_EQ(send(who, desk, {{field("individual"), "-1"}}).status, 422);
  EXPECT_EQ(send(who, desk, {{field("individual"), "1"}, {"email", "x"}}).status, 422);
  const HttpResponse sum = send(who, desk, {{field("individual"), "6"}});
  const HttpResponse sold_out = who.post(desk, Buyer::form(sum, desk, {{"step", "sell"}}));
  EXPECT_EQ(sold_out.status, 422) << "there are five";
  EXPECT_TRUE(contains(sold_out, "value=\"6\""));
  const HttpResponse one = send(who, desk, {{field("individual"), "1"}});
  EXPECT_EQ(who.post(desk, Buyer::form(one, desk, {{"step", "sell"}, {"received", "50"}})).status, 422);
  Fields cheaper = Buyer::form(one, desk, {{"step", "sell"}, {"shown_total", "1"}});
  EXPECT_EQ(who.post(desk, cheaper).status, 422) << "the price is the one that was shown";
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders"), 0);
}

// source: staff pages 70, 11.5: a credit names one of the buyer's account and consumes it.
TEST_P(OrderPages, ACreditOfTheBuyersAccountIsSpentByStaffOnce) {
  Buyer shopper = browser("ada@example.org", "", "Ada");
  shopper.add("individual");
  shopper.order("ada@example.org");
  const std::int64_t id = newest();
  const std::int64_t credit =
      write([&](db::Tx& tx) { return give_credit(tx, buyer_of(tx, id), 4'000, "for your patience"); });
  const std::int64_t bob = person("bob@example.org");
  const std::int64_t stranger = write([&](db::Tx& tx) { return give_credit(tx, bob, 100); });
  Buyer who = registrar();
  const std::string address = page(id, "payment");
  const HttpResponse shown = who.get(address);
  EXPECT_TRUE(contains(shown, "for your patience"));
  const Fields fields = Buyer::form(shown, address, {{"credit", std::to_string(credit)}});
  EXPECT_EQ(who.post(address, fields).status, 303);
  EXPECT_EQ(who.post(address, fields).status, 303) << "a second press";
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment WHERE method = 'credit'"), 1);
  EXPECT_EQ(text("SELECT CAST(remaining_amount AS TEXT) FROM credit WHERE id = $1", credit), "0");
  EXPECT_EQ(status(id), "pending");
  EXPECT_TRUE(contains(who.get(page(id)), "$60.00"));
  EXPECT_EQ(send(who, address, {{"credit", std::to_string(stranger)}}).status, 422);
  EXPECT_EQ(send(who, address, {{"credit", std::to_string(credit)}}).status, 422) << "it is spent";
}

TEST_P(OrderPages, ACreditPaysWhatIsDueOfAPaidOrderThatBecameDearer) {
  Buyer shopper = browser("ada@example.org", "", "Ada");
  shopper.add("individual");
  EXPECT_EQ(shopper.pay(shopper.order("ada@example.org").header("Location")).status, 303);
  const std::int64_t id = newest();
  const std::int64_t credit = write([&](db::Tx& tx) {
    const std::int64_t made = give_credit(tx, buyer_of(tx, id), 4'000);
    registration::Order order = registration::find_order(tx, id).value();
    registration::WantedChange dearer;
    dearer.repriced.push_back({order.lines.at(0).id, 11'500});
    registration::change_by_staff(tx, shop(), order, dearer, order.version, {"admin", "eve", ""});
    return made;
  });
  Buyer who = registrar();
  const std::string address = page(id, "payment");
  EXPECT_TRUE(contains(who.get(address), "$15.00 would be used"));
  const HttpResponse done = send(who, address, {{"credit", std::to_string(credit)}});
  EXPECT_EQ(done.status, 303);
  EXPECT_TRUE(contains(who.get(page(id)), "Nothing is due any more"));
  EXPECT_EQ(text("SELECT CAST(remaining_amount AS TEXT) FROM credit WHERE id = $1", credit), "2500");
  EXPECT_EQ(status(id), "paid");
  EXPECT_TRUE(contains(who.get(address), "Nothing is due for this order"));
}

}  // namespace
}  // namespace plenary::manage::testing
