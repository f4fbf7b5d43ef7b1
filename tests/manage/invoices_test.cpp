// Invoices on the pages: the buyer's list, page and file, asking for one; the organisers' list, corrections
// and files for bookkeeping. source: taxes and invoices 25, 4.
#include <gmock/gmock.h>

#include "domain/conference/conferences.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/registration/billing_change.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class InvoicePages : public ManageTest {
 protected:
  void SetUp() override {
    registration::ask_whether_invoiced(invoicing::is_invoiced);  // as a server has it
    ManageTest::SetUp();
    auto sell = [&](db::Tx& tx) {
      conference::Seller seller;
      seller.name = "Python Community e. V.";
      seller.street = "Hafenstraße 12";
      seller.city = "Hamburg";
      seller.country = "DE";
      seller.vat_id = "DE123456789";
      seller.invoice_prefix = "PY27-";
      seller.credit_note_prefix = "PY27-C-";
      seller.currency = "USD";
      seller.datev_consultant = "29098";
      seller.datev_client = "55003";
      conference::Conference fair = conference::load(tx, conference_id()).value();
      fair.seller_id = conference::save(tx, seller);
      return conference::update(tx, fair);
    };
    EXPECT_TRUE(db().write_now(db::global_lane, "seller", sell));
  }
  void moment(const std::string& when) {
    db().write_now(conference_id(), "moment", [&](db::Tx& tx) {
      tx.exec(
          "UPDATE conference SET invoice_moment = $2, catalogue_version = catalogue_version + 1 WHERE id = "
          "$1",
          conference_id(), when);
      return 0;
    });
  }
  // The address of a paid order's page, by its secret link.
  std::string bought(Buyer& who) {
    who.add("individual");
    const std::string pay = who.order().header("location");
    EXPECT_EQ(who.pay(pay).status, 303);
    const std::string order = pay.substr(0, pay.size() - std::string("pay/").size());
    const std::int64_t newest = count("SELECT MAX(id) FROM orders");
    write([&](db::Tx& tx) { return invoicing::settle(tx, newest).size(); });
    return order;
  }
  // An order of a buyer, and the organisers' page with who is billed for it.
  std::pair<std::int64_t, std::string> buyer_page() {
    Buyer who = buyer();
    bought(who);
    const std::int64_t id = count("SELECT MAX(id) FROM orders");
    return {id, "/manage/fair/orders/" + std::to_string(id) + "/buyer/"};
  }
  std::int64_t newest_document() { return count("SELECT COALESCE(MAX(id), 0) FROM invoice_document"); }
};
ON_BOTH_ENGINES(InvoicePages);

TEST_P(InvoicePages, TheBuyerSeesAndDownloadsTheInvoice) {
  Buyer who = buyer();
  const std::string order = bought(who);
  const HttpResponse page = who.get(order);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Invoices"));
  EXPECT_TRUE(contains(page, "TEST-PY27-00001")) << "paid with play money";
  const std::string invoice = order + "invoices/" + std::to_string(newest_document()) + "/";
  const HttpResponse shown = who.get(invoice);
  ASSERT_EQ(shown.status, 200);
  for (const char* part : {"TEST-PY27-00001", "Python Community e. V.", "Ada Lovelace", "$100.00",
                           "Date of supply", "paid with play money"})
    EXPECT_TRUE(contains(shown, part)) << part;
  EXPECT_THAT(shown.header("cache-control"), HasSubstr("no-store"));
  const HttpResponse file = who.get(invoice + "pdf/");
  ASSERT_EQ(file.status, 200);
  EXPECT_EQ(file.header("content-type"), "application/pdf");
  EXPECT_THAT(file.header("content-disposition"), HasSubstr("TEST-PY27-00001.pdf"));
  EXPECT_TRUE(file.body.starts_with("%PDF-"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_file"), 1);
  EXPECT_EQ(who.get(invoice + "pdf/").body, file.body);
}

TEST_P(InvoicePages, SomebodyElsesInvoiceIsNotThere) {
  Buyer who = buyer(), other = buyer();
  bought(who);
  const std::int64_t theirs = newest_document();
  const std::string order = bought(other);
  EXPECT_EQ(other.get(order + "invoices/" + std::to_string(theirs) + "/").status, 404);
  EXPECT_EQ(other.get(order + "invoices/" + std::to_string(theirs) + "/pdf/").status, 404);
  EXPECT_EQ(other.get(order + "invoices/" + std::to_string(newest_document()) + "/").status, 200);
}

TEST_P(InvoicePages, WhereItIsLeftToBuyersTheyAskForOne) {
  moment("request");
  Buyer who = buyer();
  const std::string order = bought(who);
  EXPECT_EQ(newest_document(), 0);
  const HttpResponse page = who.get(order);
  EXPECT_TRUE(contains(page, "Make my invoice"));
  const std::string ask = order + "invoices/request/";
  EXPECT_EQ(outcome(who.post(ask, Buyer::form(page, ask))), "invoiced");
  EXPECT_TRUE(contains(who.get(order), "TEST-PY27-00001"));
  EXPECT_FALSE(contains(who.get(order), "Make my invoice"));
  EXPECT_EQ(outcome(who.post(ask, Buyer::form(page, ask))), "invoiced") << "a double click";
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), 1);
}

TEST_P(InvoicePages, OrganisersSeeCorrectAndExportThem) {
  Buyer who = buyer();
  bought(who);
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  const HttpResponse page = registrar.get("/manage/fair/invoices/");
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "TEST-PY27-00001"));
  const std::string document = "/manage/fair/invoices/" + std::to_string(newest_document()) + "/";
  EXPECT_TRUE(registrar.get(document + "pdf/").body.starts_with("%PDF-"));
  const std::string correct = document + "correct/";
  const HttpResponse other = registrar.get("/manage/fair/invoices/");  // in another window
  EXPECT_EQ(outcome(registrar.post(correct, Buyer::form(page, correct, {{"reason", "Another company"}}))),
            "corrected");
  EXPECT_EQ(outcome(registrar.post(correct, Buyer::form(other, correct, {{"reason", "Another company"}}))),
            "corrected_already");
  EXPECT_FALSE(contains(registrar.get("/manage/fair/invoices/"), correct)) << "the new one is corrected now";
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), 3);
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document WHERE kind = 'credit_note'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'invoice_document'"), 2);
  EXPECT_EQ(outcome(registrar.post(correct, Buyer::form(page, correct, {{"reason", "Another company"}}))),
            "corrected")
      << "a double click";
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), 3) << "and no further documents";
  EXPECT_EQ(outcome(registrar.post(correct, Buyer::form(page, correct, {{"submission", ""}}))), "form");
  EXPECT_TRUE(contains(registrar.get("/manage/fair/invoices/"), "TEST-PY27-C-00001"));
  const std::string books = "/manage/fair/invoices/export/?from=2027-01-01&to=2027-12-31&format=";
  const HttpResponse csv = registrar.get(books + "csv");
  ASSERT_EQ(csv.status, 200);
  EXPECT_THAT(csv.body, HasSubstr("date,number,kind"));
  EXPECT_THAT(csv.body, ::testing::Not(HasSubstr("TEST-"))) << "play money is in no books";
  EXPECT_THAT(registrar.get(books + "datev").body, HasSubstr("\"EXTF\";700;21"));
  EXPECT_EQ(outcome(registrar.get("/manage/fair/invoices/export/?from=x&to=&format=csv")), "dates");
}

// An invoice fixes who is billed: a form from before it is refused and says so, and the one that says that it
// corrects the invoice does both at once.
TEST_P(InvoicePages, OtherBillingDataOfAnInvoicedOrderCorrectItsInvoice) {
  moment("request");
  const auto [bought_id, path] = buyer_page();
  const std::int64_t id = bought_id;  // lambdas capture it
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  const HttpResponse before = registrar.get(path);
  EXPECT_FALSE(contains(before, "issues its correction"));
  write([&](db::Tx& tx) { return invoicing::issue_invoice(tx, id).size(); });
  ASSERT_EQ(newest_document() != 0, true);
  const std::int64_t documents = count("SELECT COUNT(*) FROM invoice_document");
  const std::int64_t entries = count("SELECT COUNT(*) FROM audit_entry");

  const HttpResponse refused =
      registrar.post(path, Buyer::form(before, path, {{"billing_name", "Ada King"}}));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(outcome(refused), "fixed");
  EXPECT_TRUE(contains(refused, "Nothing was changed: an invoice with these details has been issued."));
  EXPECT_TRUE(contains(refused, "value=\"Ada King\"")) << "what was typed stays";
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE billing_name = 'Ada King'"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), documents);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry"), entries);

  const HttpResponse form = registrar.get(path);
  EXPECT_TRUE(contains(form, "Save and issue the correction"));
  EXPECT_EQ(outcome(registrar.post(path, Buyer::form(form, path, {{"billing_name", ""}}))), "invalid");
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), documents);
  EXPECT_EQ(outcome(registrar.post(
                path, Buyer::form(form, path, {{"billing_name", "Ada King"}, {"reason", "She married"}}))),
            "done");
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE billing_name = 'Ada King'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document"), documents + 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM invoice_document WHERE kind = 'credit_note'"), 1);
  const HttpResponse order = registrar.get("/manage/fair/orders/" + std::to_string(id) + "/");
  EXPECT_TRUE(contains(order, "Ada Lovelace → Ada King"));
  EXPECT_TRUE(contains(order, "She married"));
}

// The books of whoever issued something here, each seller's for itself.
TEST_P(InvoicePages, TheBooksOfAFormerSellerAreChosen) {
  moment("payment");
  const std::int64_t former = count("SELECT seller_id FROM conference WHERE slug = 'fair'");
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  EXPECT_FALSE(contains(finance.get("/manage/fair/invoices/"), "id_seller")) << "there is nothing to choose";
  Buyer who = buyer();
  bought(who);
  write([](db::Tx& tx) {  // as if it had been real money
    tx.exec("UPDATE invoice_document SET is_test = 0");
    return 0;
  });
  const auto sell = [&](const std::string& prefix, bool here) {
    conference::Seller seller;
    seller.name = "Seller <" + prefix + ">";
    seller.country = "DE";
    seller.currency = "USD";
    seller.invoice_prefix = prefix;
    seller.credit_note_prefix = prefix + "C-";
    auto save = [&](db::Tx& tx) {
      const std::int64_t id = conference::save(tx, seller);
      conference::Conference fair = conference::load(tx, conference_id()).value();
      fair.seller_id = id;
      if (here) conference::update(tx, fair);
      return id;
    };
    return db().write_now(db::global_lane, "seller", save);
  };
  const std::int64_t now = sell("NEW-", true), elsewhere = sell("FAR-", false);
  const HttpResponse page = finance.get("/manage/fair/invoices/");
  EXPECT_TRUE(
      contains(page, "<option value=\"" + std::to_string(former) + "\">Python Community e. V. (PY27-)"));
  EXPECT_TRUE(
      contains(page, "<option value=\"" + std::to_string(now) + "\" selected>Seller &lt;NEW-&gt; (NEW-)"));
  EXPECT_FALSE(contains(page, "FAR-"));
  const std::string books = "/manage/fair/invoices/export/?from=2027-01-01&to=2027-12-31&format=csv&seller=";
  EXPECT_THAT(finance.get(books + std::to_string(former)).body, HasSubstr("PY27-00001"));
  EXPECT_THAT(finance.get(books + std::to_string(now)).body, ::testing::Not(HasSubstr("PY27-")));
  EXPECT_EQ(finance.get(books + std::to_string(elsewhere)).status, 404)
      << "of no document of this conference";
  EXPECT_EQ(finance.get(books + "x").status, 404);
  // Also where nobody sells any more.
  write([](db::Tx& tx) {
    tx.exec("UPDATE conference SET seller_id = NULL, catalogue_version = catalogue_version + 1");
    return 0;
  });
  EXPECT_TRUE(contains(finance.get("/manage/fair/invoices/"), "For bookkeeping"));
  EXPECT_THAT(finance.get(books + std::to_string(former)).body, HasSubstr("PY27-00001"));
  EXPECT_EQ(outcome(finance.get(books)), "no_seller");
}

TEST_P(InvoicePages, NobodyIsBilledForAnOrderThatIsOver) {
  const auto [bought_id, path] = buyer_page();
  const std::int64_t id = bought_id;  // lambdas capture it
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  const HttpResponse form = registrar.get(path);
  write([&](db::Tx& tx) { return tx.exec("UPDATE orders SET status = 'refunded' WHERE id = $1", id); });
  EXPECT_FALSE(contains(registrar.get(path), "billing_name"));
  const HttpResponse refused = registrar.post(path, Buyer::form(form, path, {{"billing_name", "Ada King"}}));
  EXPECT_EQ(refused.status, 409);
  EXPECT_TRUE(contains(refused, "Nothing was changed: the order is over"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM orders WHERE billing_name = 'Ada King'"), 0);
  write([&](db::Tx& tx) { return tx.exec("UPDATE orders SET status = 'paid' WHERE id = $1", id); });
}

TEST_P(InvoicePages, WhatCannotBeIssuedIsNamedByItsOrder) {
  Buyer who = buyer();
  bought(who);
  const std::int64_t order = count("SELECT MAX(id) FROM orders");
  write([&](db::Tx& tx) {
    return tx.exec(
        "INSERT INTO invoice_due (order_id, conference_id, due_at, problem) VALUES ($1, $2, $3, 'No rate.')",
        order, conference_id(), tx.now());
  });
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  const HttpResponse page = finance.get("/manage/fair/invoices/");
  const std::string reference = db().read_now(
      [&](db::Tx& tx) { return tx.one<std::string>("SELECT reference FROM orders WHERE id = $1", order); });
  const std::string link =
      "<a href=\"/manage/fair/orders/" + std::to_string(order) + "/\">" + reference + "</a>";
  EXPECT_TRUE(contains(page, link + ": No rate."));
  EXPECT_TRUE(contains(page, link + "</td>")) << "as its documents lead to it";
}

TEST_P(InvoicePages, WhoMayNotSeeOrdersSeesNoInvoices) {
  Buyer who = buyer();
  bought(who);
  const std::string document = "/manage/fair/invoices/" + std::to_string(newest_document()) + "/";
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get("/manage/fair/invoices/").status, 403);
  EXPECT_EQ(sponsors.get(document + "pdf/").status, 403);
  EXPECT_EQ(sponsors.get("/manage/fair/invoices/export/").status, 403);
  Buyer elsewhere = browser("e@example.org", "", "Eve Elsewhere");
  give(person("boss@example.org", good_password, "Bea Boss"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get("/manage/fair/invoices/").status, 404);
  EXPECT_EQ(boss.get("/manage/other/invoices/" + std::to_string(newest_document()) + "/pdf/").status, 404);
  // Finance reads and takes along, but corrects nothing.
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  EXPECT_EQ(finance.get("/manage/fair/invoices/").status, 200);
  EXPECT_FALSE(contains(finance.get("/manage/fair/invoices/"), "Issue the correction"));
}

}  // namespace
}  // namespace plenary::manage::testing
