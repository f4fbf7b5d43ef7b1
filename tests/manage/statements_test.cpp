// Bank statements on the pages: a file with its faults, columns named by hand, entries that are proposed,
// booked, searched for, ignored; who may. Transfers that go back by hand. source: payments 21, 5.3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "domain/payments/statement_import.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/refunds.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* list = "/manage/fair/statements/";
constexpr const char* import_page = "/manage/fair/statements/import/";
constexpr const char* payouts = "/manage/fair/payouts/";

class StatementPages : public ManageTest {
 protected:
  struct Ordered {
    std::int64_t id = 0;
    std::string reference;
  };
  // An order that waits for its money; real, as in a conference that sells.
  Ordered ordered(const std::string& email = "ada@example.org") {
    Buyer who = buyer();
    who.add("individual");
    EXPECT_EQ(who.order(email).status, 303);
    return write([](db::Tx& tx) {
      const auto id = tx.one<std::int64_t>("SELECT MAX(id) FROM orders");
      tx.exec("UPDATE orders SET is_sandbox = 0 WHERE id = $1", id);
      return Ordered{id, tx.one<std::string>("SELECT reference FROM orders WHERE id = $1", id)};
    });
  }
  std::string status(std::int64_t order) {
    return db().read_now(
        [&](db::Tx& tx) { return tx.one<std::string>("SELECT status FROM orders WHERE id = $1", order); });
  }
  static std::string csv(const std::vector<std::string>& rows) {
    std::string text = "Buchungstag;Valutadatum;Name;Verwendungszweck;Betrag;Währung\n";
    for (const std::string& row : rows) text += row + "\n";
    return text;
  }
  static std::string row(const std::string& purpose, const std::string& amount,
                         const std::string& name = "Ada Lovelace") {
    return "31.05.2027;31.05.2027;" + name + ";" + purpose + ";" + amount + ";USD";
  }
  // As a browser sends a form with a file.
  HttpResponse upload(Buyer& who, const std::string& name, const std::string& bytes) {
    const HttpResponse page = who.get(import_page);
    std::string body;
    for (const auto& [field, value] : Buyer::form(page, import_page))
      body += "--limit\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value + "\r\n";
    body += "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
            "\"\r\nContent-Type: text/csv\r\n\r\n" + bytes + "\r\n--limit--\r\n";
    return who.client().request("POST", import_page, body,
                                {{"Content-Type", "multipart/form-data; boundary=limit"}});
  }
  HttpResponse imported(Buyer& who, const std::string& bytes) {
    const HttpResponse preview = upload(who, "umsatz.csv", bytes);
    EXPECT_EQ(preview.status, 200) << preview.body;
    return who.post(import_page, Buyer::form(preview, import_page, {{"action", "import"}}));
  }
  Buyer treasurer() { return browser("t@example.org", "Finance Team", "Tom Treasurer"); }
  std::int64_t newest_entry() { return count("SELECT MAX(id) FROM bank_entry"); }
  std::string entry(std::int64_t id) { return std::string(list) + "entries/" + std::to_string(id) + "/"; }
};
ON_BOTH_ENGINES(StatementPages);

TEST_P(StatementPages, AFileIsShownBeforeAnythingOfItIsKept) {
  Buyer who = treasurer();
  EXPECT_EQ(upload(who, "leer.csv", "").status, 422);
  const HttpResponse preview = upload(who, "umsatz.csv", csv({row("Miete", "-20,00"), row("ORD", "100,00")}));
  ASSERT_EQ(preview.status, 200) << preview.body;
  for (const char* part :
       {"Import 2 entries", "Ada Lovelace", "$100.00", "Went out", "How the columns are read"})
    EXPECT_TRUE(contains(preview, part)) << part;
  EXPECT_EQ(count("SELECT COUNT(*) FROM bank_entry"), 0);
  EXPECT_THAT(preview.header("cache-control"), HasSubstr("no-store"));
}

TEST_P(StatementPages, AllProblemsOfAFileAreToldWithTheirLines) {
  Buyer who = treasurer();
  const HttpResponse page =
      upload(who, "umsatz.csv", csv({"31.02.2027;;X;Y;10,00;USD", row("Z", "hundert"), row("fine", "1,00")}));
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "The file has 2 problems. Nothing was imported."));
  EXPECT_TRUE(contains(page, ">2</th>"));
  EXPECT_TRUE(contains(page, ">3</th>"));
  EXPECT_FALSE(contains(page, "Import 1 entry"));
}

TEST_P(StatementPages, ColumnsAreNamedByHandWhereTheyAreNotKnown) {
  Buyer who = treasurer();
  const HttpResponse page = upload(who, "bank.csv", "Wann,Was,Wieviel\n2027-05-31,ORD,12.50\n");
  EXPECT_EQ(page.status, 422);
  EXPECT_TRUE(contains(page, "What it holds"));
  Fields fields = Buyer::form(page, import_page);
  std::vector<std::string> roles{"booked_on", "remittance", "amount"};
  std::size_t next = 0;
  for (auto& [name, value] : fields) {
    if (name == "role") value = roles.at(next++);
    if (name == "dates") value = "year_first";
    if (name == "decimal_mark") value = "point";
  }
  fields.emplace_back("action", "read");
  const HttpResponse again = who.post(import_page, fields);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_TRUE(contains(again, "$12.50"));
  EXPECT_TRUE(contains(again, "Import 1 entry"));
}

TEST_P(StatementPages, ALikelyDuplicateIsShownAndAnImportIsUndoneFromItsRow) {
  const Ordered one = ordered();
  Buyer who = treasurer();
  imported(who, csv({row(one.reference, "100,00")}));
  clock().advance(Duration::seconds(1));
  // The same, told by another kind of file: with the bank's own number.
  imported(who,
           "Buchungstag;Valutadatum;Name;Verwendungszweck;Betrag;Währung;Referenz\n"
           "31.05.2027;31.05.2027;Ada Lovelace;" +
               one.reference + " Ticket;100,00;USD;NR-1\n");
  const HttpResponse page = who.get(std::string(list) + "?state=matched");
  ASSERT_EQ(count("SELECT COUNT(*) FROM bank_entry WHERE duplicate_of_id IS NOT NULL"), 1);
  EXPECT_TRUE(contains(page, "likely a duplicate"));
  const std::string shown = entry(newest_entry());
  const HttpResponse detail = who.get(shown);
  EXPECT_TRUE(contains(detail, "umsatz.csv told"));
  EXPECT_TRUE(contains(detail, "It is another transfer"));
  const std::string undo =
      std::string(list) + std::to_string(count("SELECT MAX(id) FROM bank_statement")) + "/undo/";
  EXPECT_EQ(outcome(who.post(undo, Buyer::form(page, undo))), "undone");
  EXPECT_EQ(count("SELECT COUNT(*) FROM bank_entry"), 1);
  const std::string book = std::string(list) + "book/";
  EXPECT_EQ(outcome(who.post(book, Buyer::form(who.get(list), book))), "booked");
  const std::string first =
      std::string(list) + std::to_string(count("SELECT MAX(id) FROM bank_statement")) + "/undo/";
  EXPECT_EQ(outcome(who.post(first, Buyer::form(who.get(list), first))), "booked");
  EXPECT_TRUE(contains(who.get(list), "cannot be undone"));
  EXPECT_EQ(status(one.id), "paid");
}

TEST_P(StatementPages, AFileOfSeveralAccountsIsUndoneInOneGo) {
  const auto statement = [](const std::string& iban, const std::string& number) {
    return "<Stmt><Id>" + number + "</Id><Acct><Id><IBAN>" + iban +
           "</IBAN></Id><Ccy>USD</Ccy></Acct><Ntry><Amt Ccy=\"USD\">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
           "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2027-05-31</Dt></BookgDt><AcctSvcrRef>" +
           number + "</AcctSvcrRef></Ntry></Stmt>";
  };
  Buyer who = treasurer();
  imported(who,
           "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">"
           "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>" +
               statement("DE02120300000000202051", "A-1") + statement("DE89370400440532013000", "A-2") +
               "</BkToCstmrStmt></Document>");
  ASSERT_EQ(count("SELECT COUNT(*) FROM bank_statement"), 2);
  const HttpResponse page = who.get(list);
  EXPECT_TRUE(contains(page, "The file held statements of 2 accounts or periods."));
  const std::string undo =
      std::string(list) + std::to_string(count("SELECT MIN(id) FROM bank_statement")) + "/undo/";
  Fields fields = Buyer::form(page, undo);
  fields.emplace_back("scope", "file");
  EXPECT_EQ(outcome(who.post(undo, fields)), "undone");
  EXPECT_EQ(count("SELECT COUNT(*) FROM bank_statement"), 0);
  EXPECT_EQ(count("SELECT COUNT(*) FROM bank_entry"), 0);
  EXPECT_EQ(outcome(who.post(undo, fields)), "") << "a second press finds nothing";
}

TEST_P(StatementPages, WhatIsBeyondDoubtIsBookedInOneGo) {
  const Ordered one = ordered(), two = ordered("bob@example.org");
  Buyer who = treasurer();
  EXPECT_EQ(outcome(imported(who, csv({row(one.reference, "100,00"), row("Danke " + two.reference, "100,00"),
                                       row("Spende", "7,00", "Eve")}))),
            "imported");
  const HttpResponse page = who.get(list);
  EXPECT_TRUE(contains(page, "2 transfers, $200.00 altogether"));
  EXPECT_TRUE(contains(page, one.reference));
  EXPECT_TRUE(contains(page, "beyond doubt"));
  EXPECT_TRUE(contains(who.get(std::string(list) + "?state=new"), "Spende"));
  const std::string book = std::string(list) + "book/";
  EXPECT_EQ(outcome(who.post(book, Buyer::form(page, book))), "booked");
  EXPECT_EQ(status(one.id), "paid");
  EXPECT_EQ(status(two.id), "paid");
  EXPECT_EQ(outcome(who.post(book, Buyer::form(page, book))), "booked");
  EXPECT_EQ(count("SELECT COUNT(*) FROM payment WHERE status = 'succeeded'"), 2) << "each once";
  EXPECT_TRUE(contains(who.get(std::string(list) + "?state=booked"), one.reference));

  // The same file again changes nothing.
  imported(who, csv({row(one.reference, "100,00"), row("Danke " + two.reference, "100,00"),
                     row("Spende", "7,00", "Eve")}));
  EXPECT_EQ(count("SELECT COUNT(*) FROM bank_entry"), 3);
}

TEST_P(StatementPages, AnEntryIsBookedByHandOnTheOrderThatIsFound) {
  const Ordered one = ordered();
  Buyer who = treasurer();
  imported(who, csv({row("no reference", "40,00", "Somebody Else")}));
  const std::string page_url = entry(newest_entry());
  EXPECT_EQ(who.get(page_url).status, 200);
  EXPECT_TRUE(contains(who.get(page_url + "?q=ORD-NONE0000"), "No order was found."));
  std::string lower = one.reference;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  const HttpResponse found = who.get(page_url + "?q=" + lower);
  EXPECT_TRUE(contains(found, one.reference));
  EXPECT_TRUE(contains(found, "value=\"40.00\"")) << "proposed: the whole entry";
  const std::string book = page_url + "book/", field = fmt::format("amount-{}", one.id);
  const HttpResponse wrong = who.post(book, Buyer::form(found, book, {{field, "ten"}}));
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "Enter an amount like 12.50."));
  EXPECT_EQ(who.post(book, Buyer::form(found, book, {{field, "30"}})).status, 422) << "not the whole entry";
  EXPECT_EQ(who.post(book, Buyer::form(found, book, {{field, ""}})).status, 422);
  EXPECT_EQ(outcome(who.post(book, Buyer::form(found, book))), "booked");
  EXPECT_EQ(status(one.id), "pending") << "60.00 are still due";
  EXPECT_EQ(count("SELECT SUM(amount) FROM payment WHERE status = 'succeeded'"), 4'000);
  EXPECT_TRUE(contains(who.get(page_url), "Booked"));
}

TEST_P(StatementPages, AnEntryIsIgnoredAndTakenUpAgain) {
  Buyer who = treasurer();
  imported(who, csv({row("Rent", "-900,00", "Landlord")}));
  const std::int64_t id = newest_entry();
  const std::string decide = entry(id) + "decide/";
  EXPECT_EQ(outcome(press(who, decide, {{"action", "ignore"}, {"note", "rent"}}, entry(id))), "decided");
  EXPECT_TRUE(contains(who.get(std::string(list) + "?state=ignored"), "Landlord"));
  EXPECT_TRUE(contains(who.get(entry(id)), "Take it up again"));
  EXPECT_EQ(outcome(press(who, decide, {{"action", "again"}}, entry(id))), "decided");
  EXPECT_TRUE(contains(who.get(std::string(list) + "?state=new"), "Landlord"));
  EXPECT_EQ(who.get(std::string(list) + "?state=none").status, 404);
  EXPECT_EQ(who.get(entry(id + 1000)).status, 404);
  EXPECT_GE(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'bank_entry'"), 2);
}

TEST_P(StatementPages, WhoOnlySeesOrdersMayNotBook) {
  const Ordered one = ordered();
  Buyer who = treasurer();
  imported(who, csv({row(one.reference, "100,00")}));
  Buyer reader = browser("r@example.org", "Read-Only Staff", "Rea Reader");
  EXPECT_EQ(reader.get(list).status, 200);
  EXPECT_FALSE(contains(reader.get(list), "Import a statement"));
  EXPECT_FALSE(contains(reader.get(list), ">Book<"));
  EXPECT_EQ(reader.get(import_page).status, 403);
  EXPECT_EQ(forge(reader, std::string(list) + "book/").status, 403);
  EXPECT_EQ(forge(reader, entry(newest_entry()) + "book/").status, 403);
  EXPECT_EQ(forge(reader, entry(newest_entry()) + "decide/", {{"action", "ignore"}}).status, 403);
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get(list).status, 403);
  give(person("boss@example.org", good_password, "Bea Boss"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get("/manage/other/statements/entries/" + std::to_string(newest_entry()) + "/").status, 404);
  EXPECT_EQ(status(one.id), "pending");
}

TEST_P(StatementPages, AFileOfAnotherSignInIsNotImported) {
  Buyer one = treasurer(), two = browser("u@example.org", "Finance Team", "Uma");
  const HttpResponse preview = upload(one, "umsatz.csv", csv({row("x", "1,00")}));
  const HttpResponse theirs = upload(two, "umsatz.csv", csv({row("y", "2,00")}));
  Fields mixed = Buyer::form(theirs, import_page, {{"action", "import"}});
  for (auto& [name, value] : mixed)
    if (name == "kept") value = test::input_value(preview.body, "kept");
  const HttpResponse refused = two.post(import_page, mixed);
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "another sign-in"));
  EXPECT_EQ(count("SELECT COUNT(*) FROM bank_entry"), 0);
}

// A refund that goes back by transfer.
TEST_P(StatementPages, TransfersThatGoBackAreListedFiledAndMarked) {
  const Ordered one = ordered();
  Buyer who = treasurer();
  imported(who, csv({row(one.reference, "100,00")}));
  press(who, std::string(list) + "book/", {}, list);
  write([&](db::Tx& tx) {
    registration::Order order = registration::find_order(tx, one.id).value();
    registration::RefundAsked asked;
    asked.amount = 2'500;
    const registration::SandboxGateway gateway;
    registration::refund(tx, shop(), gateway, order, asked, {"test", "test", "test"});
    return 0;
  });
  const HttpResponse page = who.get(payouts);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "One transfer of $25.00 has to be made by hand."));
  EXPECT_TRUE(contains(page, one.reference));
  const HttpResponse table = who.get(std::string(payouts) + "file/?format=csv");
  EXPECT_THAT(table.header("content-disposition"), HasSubstr("transfers-"));
  EXPECT_THAT(table.body, HasSubstr(one.reference));
  EXPECT_EQ(outcome(who.get(std::string(payouts) + "file/?format=sepa&on=2001-01-01")), "on");
  Buyer reader = browser("r@example.org", "Read-Only Staff", "Rea Reader");
  EXPECT_EQ(reader.get(payouts).status, 200);
  EXPECT_EQ(reader.get(std::string(payouts) + "file/?format=csv").status, 403);
  const std::string mark = std::string(payouts) + "paid/";
  EXPECT_EQ(outcome(who.post(mark, Buyer::form(page, mark))), "none") << "nothing was chosen";
  const std::string refund = std::to_string(count("SELECT MAX(id) FROM refund"));
  EXPECT_EQ(outcome(who.post(mark, Buyer::form(page, mark, {{"only", refund}, {"reference", "T-7"}}))),
            "marked");
  EXPECT_TRUE(contains(who.get(payouts), "Nothing has to be paid out by hand."));
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'refund'"), 2) << "the file and the mark";
}

TEST_P(StatementPages, AFileHoldsAllTransfersAndNoneOfATestOrder) {
  const Ordered one = ordered(), play = ordered("eve@example.org");
  Buyer who = treasurer();
  imported(who, csv({row(one.reference, "100,00"), row(play.reference, "100,00", "Eve")}));
  press(who, std::string(list) + "book/", {}, list);
  write([&](db::Tx& tx) {
    for (const std::int64_t id : {one.id, play.id}) {
      registration::Order order = registration::find_order(tx, id).value();
      registration::RefundAsked asked;
      asked.amount = 2'500;
      const registration::SandboxGateway gateway;
      registration::refund(tx, shop(), gateway, order, asked, {"test", "test", "test"});
    }
    tx.exec("UPDATE orders SET is_sandbox = 1 WHERE id = $1", play.id);
    registration::Refund more = registration::refunds_of(tx, one.id).front();
    for (int i = 0; i < 599; ++i) {
      more.id = 0;
      more.idempotency_key = fmt::format("more-{}", i);
      registration::refund_table().insert(tx, more);
    }
    return 0;
  });
  const HttpResponse page = who.get(payouts);
  EXPECT_TRUE(contains(page, "600 transfers, $15,000.00 altogether, have to be made by hand.")) << page.body;
  EXPECT_TRUE(contains(page, "One refund of a test order is not counted: no money moves."));
  EXPECT_TRUE(contains(page, play.reference));
  const HttpResponse table = who.get(std::string(payouts) + "file/?format=csv");
  EXPECT_EQ(std::count(table.body.begin(), table.body.end(), '\n'), 601) << "with its heads";
  EXPECT_THAT(table.body, Not(HasSubstr(play.reference)));
  write([&](db::Tx& tx) {  // the books know only what was refunded
    tx.exec("DELETE FROM refund WHERE idempotency_key LIKE 'more-%'");
    return tx.exec("UPDATE orders SET is_sandbox = 0 WHERE id = $1", play.id);
  });
}

}  // namespace
}  // namespace plenary::manage::testing
