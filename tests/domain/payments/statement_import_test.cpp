// Facts about statements that are kept: imported twice, matched, booked once, late money, money that went
// out.
#include "domain/payments/statement_import.hpp"

#include <algorithm>

#include "db/migrations.hpp"
#include "domain/registration/changing.hpp"
#include "domain/registration/credits.hpp"
#include "domain/registration/payment_fees.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/payment_terms.hpp"

namespace plenary::payments {
namespace {

using registration::Order;
using registration::OrderStatus;
using registration::testing::Changing;
using registration::testing::Fair;

const conference::Actor eve{std::nullopt, "eve", "manage"};

class BankStatements : public Changing {
 protected:
  struct Line {
    std::int64_t cents = 0;
    std::string text, name = "Ada Lovelace", iban = "DE02120300000000202051", day = "26.11.2026";
  };
  static std::string csv(const std::vector<Line>& lines) {
    std::string text = "Buchungstag;Name;IBAN;Verwendungszweck;Betrag;Währung\n";
    for (const Line& line : lines) {
      const std::int64_t whole = std::abs(line.cents) / 100, cents = std::abs(line.cents) % 100;
      text += line.day + ";" + line.name + ";" + line.iban + ";" + line.text + ";" +
              (line.cents < 0 ? "-" : "") + std::to_string(whole) + "," + (cents < 10 ? "0" : "") +
              std::to_string(cents) + ";USD\n";
    }
    return text;
  }
  Imported import(const std::vector<Line>& lines) {
    const StatementFile file = read_statement(csv(lines), {"USD", {}});
    for (const StatementFault& fault : file.faults) ADD_FAILURE() << to_string(fault);
    return import_statements(db(), fair().shop, fair().conference_id, file, "november.csv", eve);
  }
  std::vector<ListedEntry> entries(const EntryFilter& filter = {}) {
    return fair().read(
        [&](db::Tx& tx) { return bank_entries(tx, fair().shop, fair().conference_id, filter); });
  }
  Booked book(Booking booking) {
    return fair().write(
        [&](db::Tx& tx) { return book_entry(tx, fair().shop, fair().conference_id, booking, eve); });
  }
  BookedAll book_all() { return book_exact(db(), fair().shop, fair().conference_id, eve); }
  std::int64_t rows(const char* table) {
    const std::string sql = std::string("SELECT COUNT(*) FROM ") + table;
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql.c_str()); });
  }
  Order waiting(const std::string& who, std::int64_t students = 1) {
    const Order order = ordered({{"student", "", students}}, fair().guest(who));
    return fair().get(order.id);
  }
};
ON_BOTH_ENGINES(BankStatements);

TEST_P(BankStatements, ImportedTwiceChangesNothing) {
  open_fair();
  const Order order = waiting("ada");
  const std::vector<Line> lines{{5000, order.reference}, {700, "coffee", "Cafe Central"}, {-300, "fee"}};
  const Imported first = import(lines);
  EXPECT_EQ(first.entries, 3);
  EXPECT_EQ(first.added, 3);
  EXPECT_EQ(first.exact, 1);
  EXPECT_EQ(first.unmatched, 2);
  const auto before = entries();
  const Imported again = import(lines);
  EXPECT_EQ(again.added, 0);
  EXPECT_EQ(again.known, 3);
  EXPECT_TRUE(again.statements.empty());
  EXPECT_EQ(rows("bank_statement"), 1);
  EXPECT_EQ(rows("bank_entry"), 3);
  const auto after = entries();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t at = 0; at < after.size(); ++at)
    EXPECT_EQ(after[at].entry.version, before[at].entry.version);
  EXPECT_EQ(import({{5000, order.reference}, {900, "tea"}}).added, 1) << "only what is new";
}

TEST_P(BankStatements, WhatIsBeyondDoubtIsBookedInOneGoAndOnce) {
  Fair& fair = open_fair();
  const Order one = waiting("ada"), two = waiting("bob", 2), three = waiting("carl");
  import({{5000, "Ticket " + one.reference}, {10000, two.reference}, {4000, three.reference}, {
            100,
            "other"
          }});
  const EntryCounts counts = fair.read([&](db::Tx& tx) { return count_entries(tx, fair.conference_id); });
  EXPECT_EQ(counts.exact, 2);
  EXPECT_EQ(counts.exact_amount, 15000);
  EXPECT_EQ(counts.matched, 3);
  EXPECT_EQ(counts.fresh, 1);
  const BookedAll booked = book_all();
  EXPECT_EQ(booked.booked, 2);
  EXPECT_EQ(booked.amount, 15000);
  EXPECT_EQ(booked.left, 0);
  EXPECT_EQ(fair.get(one.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.get(two.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.get(three.id).status, OrderStatus::pending);
  EXPECT_EQ(book_all().booked, 0);
  const auto payments = fair.read([&](db::Tx& tx) { return registration::payments_of(tx, one.id); });
  ASSERT_EQ(payments.size(), 1u);
  EXPECT_EQ(payments[0].channel, "transfer");
  const auto done = entries({.state = EntryState::booked});
  ASSERT_EQ(done.size(), 2u);
  for (const ListedEntry& each : done) {
    EXPECT_TRUE(book({.entry_id = each.entry.id}).is_repeat);
    EXPECT_TRUE(each.shares.at(0).share.payment_id.has_value());
  }
  EXPECT_EQ(rows("payment"), 2);
  for (const Order* order : {&one, &two, &three}) EXPECT_EQ(faults_of(order->id), "");
}

// What the buyer was told for a transfer is what counts, whatever stands in the order meanwhile.
TEST_P(BankStatements, ACardFormWithAFeeThatWasOpenedLaterDoesNotMakeATransferDoubtful) {
  Fair& fair = open_fair();
  policy("start_date = '2028-05-14', end_date = '2028-05-16'");
  fair.write([&](db::Tx& tx) {
    registration::PaymentSetup setup = registration::payment_setup_of(tx, fair.conference_id);
    setup.offers_transfer = true;
    setup.account_holder = "Fair e. V.";
    setup.iban = "DE89 3704 0044 0532 0130 00";
    setup.card_fee_percent = Decimal(3);
    setup.transfer_fee_amount = 100;
    EXPECT_TRUE(registration::save_payment_setup(tx, setup));
  });
  const auto at_order = [&](registration::Id id, auto work) {
    fair.write([&](db::Tx& tx) {
      Order order = registration::find_order(tx, id).value();
      work(tx, order);
    });
  };
  const registration::Cause buyer_here{"site", "buyer", ""};
  const auto choose = [&](db::Tx& tx, Order& order) {
    registration::choose_transfer(tx, fair.shop, order, buyer_here);
  };
  const auto open_card_form = [&](db::Tx& tx, Order& order) {
    const auto catalogue = registration::catalogue_now(tx, fair.shop, fair.conference_id);
    registration::set_payment_fee(tx, *catalogue, order, registration::PayWay::card, buyer_here);
  };
  const Order chosen = waiting("ada"), unannounced = waiting("bob"), changed = waiting("carl");
  at_order(chosen.id, choose);
  at_order(chosen.id, open_card_form);
  at_order(unannounced.id, open_card_form);
  EXPECT_EQ(fair.get(chosen.id).total, 5150);
  EXPECT_EQ(fair.pay(changed.id).outcome, registration::ChargeOutcome::succeeded);
  change(changed.id, {.added = {{registration::ProductKind::ticket_type, product("student"), {}, 1, {}}}});
  at_order(changed.id, choose);
  const Imported imported =
      import({{5100, chosen.reference}, {5000, unannounced.reference}, {5100, changed.reference}});
  EXPECT_EQ(imported.exact, 3);
  for (const ListedEntry& entry : entries()) EXPECT_EQ(entry.shares.at(0).due, entry.entry.amount);
  EXPECT_EQ(book_all().booked, 3);
  EXPECT_EQ(fair.get(chosen.id).total, 5100);
  EXPECT_EQ(fair.get(unannounced.id).total, 5000);
  EXPECT_EQ(fair.get(changed.id).total, 10100);
  for (const Order* order : {&chosen, &unannounced, &changed}) {
    EXPECT_EQ(fair.get(order->id).status, OrderStatus::paid);
    EXPECT_EQ(faults_of(order->id), "");
  }
  // With the card's fee it is a person's decision.
  const Order with_fee = waiting("dora");
  at_order(with_fee.id, open_card_form);
  EXPECT_EQ(import({{5150, with_fee.reference}}).likely, 1);
}

TEST_P(BankStatements, APersonDecidesWhatIsNotBeyondDoubt) {
  Fair& fair = open_fair();
  const Order one = waiting("ada"), two = waiting("bob");
  import({{ 10000, "both tickets please" }});
  const ListedEntry entry = entries().at(0);
  EXPECT_EQ(entry.entry.state, EntryState::fresh);
  const Id id = entry.entry.id;
  const auto refused = [&](std::vector<MatchShare> shares) {
    return Fair::refusal([&] { book({.entry_id = id, .shares = shares}); });
  };
  EXPECT_EQ(refused({}), "shares");
  EXPECT_EQ(refused({{one.id, 0, 5000}}), "shares");
  EXPECT_EQ(refused({{one.id, 0, 5000}, {two.id, 0, 6000}}), "shares");
  EXPECT_EQ(refused({{one.id, 0, 5000}, {one.id, 0, 5000}}), "shares");
  EXPECT_EQ(refused({{one.id, 7, 10000}}), "direction");
  EXPECT_EQ(Fair::refusal([&] {
              book({.entry_id = id, .shares = {{one.id, 0, 10000}}, .version = entry.entry.version + 1});
            }),
            "changed_meanwhile");
  EXPECT_EQ(rows("payment"), 0);
  const Booked booked =
      book({.entry_id = id, .shares = {{one.id, 0, 5000}, {two.id, 0, 5000}}, .note = "by phone"});
  EXPECT_EQ(booked.payments.size(), 2u);
  EXPECT_EQ(fair.get(one.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.get(two.id).status, OrderStatus::paid);
  EXPECT_EQ(entries().at(0).entry.note, "by phone");
}

TEST_P(BankStatements, LateMoneyFollowsItsTable) {
  Fair& fair = open_fair();
  const Order late = waiting("ada"), gone = waiting("bob");
  fair.clock.advance(Duration::hours(2));
  fair.sweep();
  fair.write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE order_event SET reason = 'asked by phone' WHERE order_id = $1 AND reason = 'hold elapsed'",
        gone.id);
  });
  import({{5000, late.reference}, { 5000, gone.reference }});
  for (const ListedEntry& each : entries()) {
    EXPECT_EQ(each.entry.certainty, Certainty::unclear) << "the order is cancelled: a person looks at it";
    book({.entry_id = each.entry.id});
  }
  EXPECT_EQ(fair.get(late.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.get(gone.id).status, OrderStatus::cancelled);
  const auto list =
      fair.read([&](db::Tx& tx) { return registration::payouts_to_make(tx, fair.conference_id); });
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].order_id, gone.id);
  EXPECT_EQ(list[0].iban, "DE02120300000000202051");
  // It is paid out, and the bank says so.
  import({{ -5000, "REFUND " + gone.reference }});
  ASSERT_EQ(entries({.state = EntryState::matched}).size(), 1u);
  EXPECT_EQ(entries({.state = EntryState::matched}).at(0).entry.certainty, Certainty::exact);
  EXPECT_EQ(book_all().booked, 1);
  EXPECT_TRUE(
      fair.read([&](db::Tx& tx) { return registration::payouts_to_make(tx, fair.conference_id); }).empty());
  EXPECT_EQ(faults_of(late.id) + faults_of(gone.id), "");
}

TEST_P(BankStatements, TooMuchBecomesACreditWhenAsked) {
  Fair& fair = open_fair();
  const Id ada = person("ada");
  const Order order = ordered({{"student"}}, fair.user(ada, "ada"));
  import({{ 6000, order.reference }});
  const ListedEntry entry = entries().at(0);
  EXPECT_EQ(entry.entry.certainty, Certainty::likely);
  EXPECT_EQ(entry.shares.at(0).due, 5000);
  book({.entry_id = entry.entry.id, .excess_as_credit = true});
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.read([&](db::Tx& tx) { return registration::credits_of_user(tx, fair.conference_id, ada); })
                .at(0)
                .remaining,
            1000);
}

TEST_P(BankStatements, WhatHappenedSinceIsSeenBeforeBooking) {
  Fair& fair = open_fair();
  const Order order = waiting("ada");
  import({{ 5000, order.reference }});
  EXPECT_EQ(fair.pay(order.id).outcome, registration::ChargeOutcome::succeeded);
  const BookedAll booked = book_all();
  EXPECT_EQ(booked.booked, 0);
  EXPECT_EQ(booked.left, 1);
  EXPECT_EQ(entries().at(0).entry.certainty, Certainty::unclear) << "matched again";
  EXPECT_EQ(match_again(db(), fair.shop, fair.conference_id), 0) << "nothing new";
}

TEST_P(BankStatements, IgnoredAndTakenUpAgain) {
  Fair& fair = open_fair();
  const Order order = waiting("ada");
  import({{5000, order.reference}, { -100, "fee" }});
  const Id id = entries({.is_outgoing = false}).at(0).entry.id,
           out = entries({.is_outgoing = true}).at(0).entry.id;
  const auto decide = [&](auto what, Id entry) {
    fair.write([&](db::Tx& tx) { what(tx, fair.conference_id, entry, "another conference", eve); });
  };
  decide(ignore_entry, id);
  EXPECT_EQ(Fair::refusal([&] { book({.entry_id = id, .shares = {{order.id, 0, 5000}}}); }), "decided");
  EXPECT_EQ(match_again(db(), fair.shop, fair.conference_id), 0);
  fair.write([&](db::Tx& tx) { take_up_again(tx, fair.conference_id, id, eve); });
  EXPECT_EQ(match_again(db(), fair.shop, fair.conference_id), 1);
  EXPECT_EQ(Fair::refusal([&] { decide(mark_entry_refunded, out); }), "direction");
  book({.entry_id = id});
  EXPECT_EQ(Fair::refusal([&] { decide(ignore_entry, id); }), "decided");
  EXPECT_THROW(fair.write([&](db::Tx& tx) { ignore_entry(tx, fair.conference_id + 1, out, "", eve); }),
               NotFound);
  EXPECT_EQ(entries({.text = "fee"}).size(), 1u);
  EXPECT_EQ(entries({.text = "100%"}).size(), 0u);
}

// ---- the same movement, told by two files

std::string camt(const std::string& text, const std::string& amount, const std::string& number,
                 const std::string& day = "2026-11-26", const std::string& way = "CRDT") {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>m</MsgId>
<CreDtTm>2026-11-27T08:00:00</CreDtTm></GrpHdr><Stmt><Id>s1</Id><CreDtTm>2026-11-27T08:00:00</CreDtTm>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>USD</Ccy></Acct>
<Ntry><Amt Ccy="USD">)" +
         amount + "</Amt><CdtDbtInd>" + way + R"(</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>)" +
         day + "</Dt></BookgDt><ValDt><Dt>" + day + R"(</Dt></ValDt><AcctSvcrRef>)" + number +
         R"(</AcctSvcrRef>
<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Ada Lovelace</Nm></Dbtr>
<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>)" +
         text + R"(</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>)";
}

TEST_P(BankStatements, TheSameTransferAsCsvAndAsCamtIsALikelyDuplicateAndBookedOnce) {
  Fair& fair = open_fair();
  const Order order = waiting("ada");
  import({{ 5000, "Ticket " + order.reference }});
  EXPECT_EQ(book_all().booked, 1);
  const StatementFile file = read_statement(camt("TICKET" + order.reference, "50.00", "NR-1"), {"USD", {}});
  for (const StatementFault& fault : file.faults) ADD_FAILURE() << to_string(fault);
  const Imported again = import_statements(db(), fair.shop, fair.conference_id, file, "november.xml", eve);
  EXPECT_EQ(again.added, 1);
  EXPECT_EQ(again.duplicates, 1);
  EXPECT_EQ(again.exact, 0);
  const auto all = entries({.statement_id = again.statements.at(0)});
  ASSERT_EQ(all.size(), 1u);
  ASSERT_TRUE(all[0].other.has_value());
  EXPECT_EQ(all[0].other->state, EntryState::booked);
  EXPECT_EQ(all[0].other_file, "november.csv");
  EXPECT_EQ(book_all().booked, 0);
  Booking booking;
  booking.entry_id = all[0].entry.id;
  booking.shares = {{order.id, 0, 5000}};
  EXPECT_EQ(Fair::refusal([&] { book(booking); }), "duplicate");
  EXPECT_EQ(rows("payment"), 1);
  // The buyer really paid twice.
  fair.write([&](db::Tx& tx) { not_a_duplicate(tx, fair.conference_id, booking.entry_id, eve); });
  EXPECT_EQ(book(booking).payments.at(0).owed_back, 5000);
  EXPECT_EQ(rows("payment"), 2);
}

TEST_P(BankStatements, OfTwoEqualTransfersEachStandsForOne) {
  Fair& fair = open_fair();
  import({{ 2500, "donation thank you" }});
  const Imported csv = import({{2500, "donation thank you"}, {2500, "donation thank you"}});
  EXPECT_EQ(csv.added, 1) << "a second one of that day, told by the same kind of file";
  EXPECT_EQ(csv.duplicates, 0);
  const auto camt_of = [&](const char* number) {
    const StatementFile file = read_statement(camt("donation thank you", "25.00", number), {"USD", {}});
    return import_statements(db(), fair.shop, fair.conference_id, file, number, eve).duplicates;
  };
  EXPECT_EQ(camt_of("A") + camt_of("B"), 2);
  EXPECT_EQ(camt_of("C"), 0) << "a third one is another transfer";
  const StatementFile other = read_statement(camt("something else", "25.00", "D"), {"USD", {}});
  EXPECT_EQ(import_statements(db(), fair.shop, fair.conference_id, other, "D", eve).duplicates, 0);
}

// Some banks number the entries of each statement anew, and give what they take back the number of what it
// was.
TEST_P(BankStatements, ANumberThatTheBankGivesAgainIsNoReasonToDropMoney) {
  Fair& fair = open_fair();
  const Order ada = waiting("ada"), bob = waiting("bob");
  const auto import_file = [&](const std::string& text) {
    const StatementFile file = read_statement(text, {"USD", {}});
    for (const StatementFault& fault : file.faults) ADD_FAILURE() << to_string(fault);
    return import_statements(db(), fair.shop, fair.conference_id, file, "day.xml", eve);
  };
  const std::string first = camt(ada.reference, "50.00", "1"),
                    second = camt(bob.reference, "50.00", "1", "2026-11-27"),
                    back = camt(ada.reference, "50.00", "1", "2026-11-26", "DBIT");
  EXPECT_EQ(import_file(first).exact, 1);
  const Imported next = import_file(second);
  EXPECT_EQ(next.added, 1);
  EXPECT_EQ(next.exact, 1);
  EXPECT_EQ(import_file(back).added, 1);
  EXPECT_EQ(book_all().booked, 2);
  EXPECT_EQ(fair.get(ada.id).status, OrderStatus::paid);
  EXPECT_EQ(fair.get(bob.id).status, OrderStatus::paid);
  // Told once more, each is the one that it was.
  for (const std::string& file : {second, first, back}) {
    const Imported again = import_file(file);
    EXPECT_EQ(again.added, 0);
    EXPECT_EQ(again.known, 1);
  }
  EXPECT_EQ(rows("bank_entry"), 3);
  EXPECT_EQ(rows("payment"), 2);
}

TEST_P(BankStatements, AnEntryThatIsReadWithAnotherDayIsKnownByItsNumber) {
  Fair& fair = open_fair();
  const auto import_file = [&](const char* day) {
    const StatementFile file = read_statement(camt("donation", "50.00", "NR-1", day), {"USD", {}});
    return import_statements(db(), fair.shop, fair.conference_id, file, "day.xml", eve);
  };
  EXPECT_EQ(import_file("2026-11-26").added, 1);
  EXPECT_EQ(import_file("2026-11-27").known, 1) << "as by the other column of a table";
}

TEST_P(BankStatements, AnImportIsUndoneAsAWholeUnlessSomethingOfItIsBooked) {
  Fair& fair = open_fair();
  const Order order = waiting("ada");
  const Imported first = import({{5000, order.reference}, {700, "coffee", "Cafe Central"}});
  const StatementFile file = read_statement(camt(order.reference, "50.00", "NR-1"), {"USD", {}});
  import_statements(db(), fair.shop, fair.conference_id, file, "november.xml", eve);
  const auto undo = [&](Id statement) {
    return fair.write([&](db::Tx& tx) {
      return undo_import(tx, fair.conference_id, statement, UndoScope::whole_file, eve);
    });
  };
  EXPECT_EQ(undo(first.statements.at(0)), 2);
  EXPECT_EQ(rows("bank_statement"), 1);
  EXPECT_EQ(rows("bank_entry"), 1);
  match_again(db(), fair.shop, fair.conference_id);
  EXPECT_FALSE(entries()[0].other.has_value()) << "what it looked like is gone";
  EXPECT_EQ(book_all().booked, 1);
  const Id booked = entries()[0].entry.statement_id;
  std::string text;
  try {
    undo(booked);
  } catch (const Refused& refused) {
    text = refused.message();
  }
  EXPECT_NE(text.find("2026-11-26: 50.00 USD Ada Lovelace"), std::string::npos) << text;
  EXPECT_EQ(rows("bank_entry"), 1);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_THROW(undo(booked + 1000), NotFound);
}

// Those of before knew nothing of each other: the step that brought their number looks at what they say.
TEST_P(BankStatements, StatementsOfAnOldImportAreFoundByFilePersonAndTime) {
  Fair& fair = open_fair();
  std::vector<Id> ids;
  for (const auto& [text, file] :
       {std::pair("one", "all.xml"), std::pair("two", "all.xml"), std::pair("three", "all.xml"),
        std::pair("four", "other.xml"), std::pair("five", "all.xml")}) {
    StatementFile told = read_statement(camt(text, "5.00", text), {"USD", {}});
    import_statements(db(), fair.shop, fair.conference_id, told, file, eve);
    ids.push_back(fair.read([](db::Tx& tx) { return tx.one<Id>("SELECT MAX(id) FROM bank_statement"); }));
    // Its entries were kept for three seconds.
    fair.clock.advance(Duration::seconds(ids.size() == 2 ? 3600 : 3));
    fair.write([&](db::Tx& tx) {
      return tx.exec("UPDATE bank_entry SET created_at = $1 WHERE statement_id = $2",
                     ids.size() == 2 ? tx.now() - Duration::seconds(3597) : tx.now(), ids.back());
    });
  }
  const auto& steps = db::migrations();
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [](const db::Migration& one) { return one.name == "fees_and_imports"; });
  ASSERT_NE(found, steps.end());
  const std::string step(found->sql(GetParam()));
  std::string looks = step.substr(step.find("WITH told"));
  looks.erase(looks.find_last_of(';'));
  fair.write([&](db::Tx& tx) {
    tx.exec("UPDATE bank_statement SET import_id = NULL");
    return tx.exec(looks.c_str());
  });
  const auto together = [&](Id id) {
    std::vector<Id> found;
    fair.read([&](db::Tx& tx) {
      for (const BankStatement& one : statements_of_import(tx, bank_statement_table().find(tx, id).value()))
        found.push_back(one.id);
    });
    return found;
  };
  EXPECT_EQ(together(ids[0]), (std::vector<Id>{ids[0], ids[1]}));
  EXPECT_EQ(together(ids[1]), (std::vector<Id>{ids[0], ids[1]}));
  EXPECT_EQ(together(ids[2]), std::vector<Id>{ids[2]}) << "an hour later";
  EXPECT_EQ(together(ids[3]), std::vector<Id>{ids[3]}) << "another file";
  EXPECT_EQ(together(ids[4]), std::vector<Id>{ids[4]});
  EXPECT_EQ(fair.write([&](db::Tx& tx) {
    return undo_import(tx, fair.conference_id, ids[1], UndoScope::whole_file, eve);
  }),
            2);
}

TEST_P(BankStatements, AFileOfSeveralAccountsIsUndoneAsAWholeOrOneAlone) {
  Fair& fair = open_fair();
  const Order order = waiting("ada");
  // Two accounts, the first with two days; told once more in the same file: kept once.
  StatementFile file = read_statement(camt(order.reference, "50.00", "NR-1"), {"USD", {}});
  ASSERT_EQ(file.statements.size(), 1u);
  for (const auto& [account, number] : {std::pair("DE1", "NR-2"), std::pair("DE2", "NR-3")}) {
    Statement other = file.statements[0];
    if (std::string(account) == "DE2") other.account = account;
    other.entries.at(0).bank_reference = number;
    other.entries.at(0).remittance = std::string("tea ") + number;
    file.statements.push_back(other);
  }
  file.statements.push_back(file.statements[2]);
  const auto keep = [&] {
    return import_statements(db(), fair.shop, fair.conference_id, file, "all.xml", eve);
  };
  const auto undo = [&](Id statement, UndoScope scope) {
    return fair.write([&](db::Tx& tx) { return undo_import(tx, fair.conference_id, statement, scope, eve); });
  };
  const Imported first = keep();
  EXPECT_EQ(first.statements.size(), 3u);
  EXPECT_EQ(first.added, 3);
  EXPECT_EQ(first.known, 1);
  fair.clock.advance(Duration::seconds(1));
  const Imported other = import({{700, "coffee", "Cafe Central"}});
  EXPECT_EQ(undo(first.statements[1], UndoScope::whole_file), 3);
  EXPECT_EQ(rows("bank_entry"), 1) << "another import stays";
  EXPECT_THROW(undo(first.statements[0], UndoScope::whole_file), NotFound);

  const Imported again = keep();
  EXPECT_EQ(again.added, 3);
  EXPECT_EQ(undo(again.statements[2], UndoScope::one_statement), 1);
  EXPECT_EQ(book_all().booked, 1);
  EXPECT_EQ(Fair::refusal([&] { undo(again.statements[1], UndoScope::whole_file); }), "booked");
  EXPECT_EQ(rows("bank_entry"), 3) << "nothing of it is gone";
  EXPECT_EQ(undo(again.statements[1], UndoScope::one_statement), 1) << "what holds nothing booked goes alone";
  EXPECT_EQ(undo(other.statements[0], UndoScope::whole_file), 1);
  EXPECT_EQ(rows("bank_statement"), 1);
}

}  // namespace
}  // namespace plenary::payments
