// Invoices, credit notes and corrections on both engines.
#include "domain/invoicing/documents.hpp"

#include <gmock/gmock.h>

#include "domain/invoicing/entities.hpp"
#include "domain/invoicing/files.hpp"
#include "domain/invoicing/stall.hpp"

namespace plenary::invoicing {
namespace {

using conference::InvoiceMoment;
using registration::Order;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Invoices : public testing::Stall {
 protected:
  void TearDown() override {
    EXPECT_EQ(faults(), "");
    Stall::TearDown();
  }
  Snapshot only_snapshot(Id order_id) { return read_snapshot(documents(order_id).at(0).snapshot); }
};
ON_BOTH_ENGINES(Invoices);

TEST_P(Invoices, APaidOrderGetsOneThatSaysEverything) {
  const Order order = paid(2, 1);
  EXPECT_THAT(documents(order.id), IsEmpty()) << "not in the write of the sale";
  EXPECT_EQ(settle_due(db()), 1);
  const auto all = documents(order.id);
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].number, "PY27-00001");
  EXPECT_EQ(all[0].kind, DocumentKind::invoice);
  EXPECT_EQ(all[0].gross, 25940);
  EXPECT_EQ(all[0].tax, 3800 + 140);
  const Snapshot s = read_snapshot(all[0].snapshot);
  EXPECT_EQ(s.number, "PY27-00001");
  EXPECT_EQ(s.issued_on.to_string(), "2027-05-14");
  EXPECT_EQ(s.paid_on->to_string(), "2027-05-14");
  EXPECT_EQ(s.event_from.to_string(), "2027-05-20");
  EXPECT_EQ(s.event_to.to_string(), "2027-05-22");
  EXPECT_EQ(s.seller.vat_id, "DE123456789");
  EXPECT_EQ(s.buyer.company, "Analytical Engines");
  EXPECT_EQ(s.buyer.country, "GB");
  EXPECT_EQ(s.order_reference, order.reference);
  EXPECT_EQ(s.paid, 25940);
  EXPECT_EQ(s.payment_method, "manual");
  ASSERT_THAT(s.lines, SizeIs(2));
  EXPECT_EQ(s.lines[0].description, "Individual ticket");
  EXPECT_EQ(s.lines[0].quantity, 2);
  EXPECT_EQ(s.lines[0].unit_price, 11900);
  EXPECT_EQ(s.lines[0].net, 20000);
  EXPECT_EQ(s.lines[0].account, "8400");
  ASSERT_THAT(s.taxes, SizeIs(2));
  EXPECT_EQ(s.taxes[0].rate, "19");
  EXPECT_EQ(s.taxes[1].tax, 140);
  EXPECT_FALSE(s.is_test);
  EXPECT_EQ(settle_due(db()), 0) << "once";
  EXPECT_THAT(settle(order.id), IsEmpty()) << "and not again";
}

TEST_P(Invoices, NumbersGoOnWithoutGapsAndCreditNotesHaveTheirOwn) {
  for (int i = 0; i < 3; ++i) paid(1);
  EXPECT_EQ(settle_due(db()), 3);
  const Order fourth = paid(1);
  settle(fourth.id);
  EXPECT_EQ(documents(fourth.id)[0].number, "PY27-00004");
  take_back(fourth.id, 0, 1);
  EXPECT_EQ(settle(fourth.id).at(0).number, "PY27-C-00001");
}

TEST_P(Invoices, ANumberOfAWriteThatIsUndoneIsUsedByTheNext) {
  const Order one = paid(1), other = paid(1);
  EXPECT_THROW(write([&](db::Tx& tx) {
                 invoicing::settle(tx, one.id);
                 throw std::runtime_error("undone");
                 return 0;
               }),
               std::runtime_error);
  EXPECT_EQ(settle(other.id).at(0).number, "PY27-00001");
  EXPECT_EQ(settle(one.id).at(0).number, "PY27-00002");
}

TEST_P(Invoices, ASeriesMayBeginAnewEachYear) {
  change_seller([](conference::Seller& seller) { seller.restarts_yearly = true; });
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-2027-00001");
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-2027-00002");
  // New Year in Berlin is an hour before that of UTC.
  clock().set(*Instant::parse("2027-12-31T22:59:59Z"));
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-2027-00003");
  clock().set(*Instant::parse("2027-12-31T23:00:00Z"));
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-2028-00001");
}

// Each series counts for itself: two that begin alike would give the same numbers.
TEST_P(Invoices, APrefixThatWouldGiveOldNumbersAgainIsRefused) {
  const auto refused = [&](const std::string& invoices, const std::string& notes, bool yearly) {
    try {
      change_seller([&](conference::Seller& seller) {
        seller.invoice_prefix = invoices;
        seller.credit_note_prefix = notes;
        seller.restarts_yearly = yearly;
      });
    } catch (const Refused& refused) {
      return refused.field();
    }
    return std::string();
  };
  EXPECT_EQ(refused("PY27-", "PY27-C-", true), "");
  const Order order = paid(1);
  EXPECT_EQ(settle(order.id).at(0).number, "PY27-2027-00001");
  take_back(order.id, 0, 1);
  EXPECT_EQ(settle(order.id).at(0).number, "PY27-C-2027-00001");
  settle(paid(1, 0, true).id);
  EXPECT_EQ(refused("PY27-2027-", "PY27-C-", false), "invoice_prefix");
  EXPECT_EQ(refused("PY27-", "PY27-C-2027-", false), "credit_note_prefix");
  EXPECT_EQ(refused("PY27-C-2027-", "PY27-", false), "invoice_prefix") << "of the other kind";
  EXPECT_EQ(refused("TEST-PY27-2027-", "PY27-C-", false), "invoice_prefix") << "of play money";
  EXPECT_EQ(refused("PY27-C-", "PY27-", true), "invoice_prefix") << "exchanged";
  EXPECT_EQ(refused("PY27-", "PY27-C-", false), "") << "they go on without the year";
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-00001");
  EXPECT_EQ(refused("B2027-", "B-C-", false), "");
  EXPECT_EQ(settle(paid(1).id).at(0).number, "B2027-00002");
  EXPECT_EQ(refused("B", "B-C-", true), "invoice_prefix") << "the year's number 2 would be used";
  EXPECT_EQ(refused("PY27-", "PY27-C-", false), "") << "their own earlier one: the count goes on";
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-00003");
  EXPECT_EQ(refused("PY27-", "PY27-C-", true), "");
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-2027-00002");
  // Another seller's year.
  EXPECT_EQ(refusal([&] { make_seller("PY27-2028-"); }), "not_unique");
  const Id other = make_seller("N-2027-");
  EXPECT_NE(other, 0);
  EXPECT_EQ(refused("N-", "PY27-C-", true), "invoice_prefix");
}

TEST_P(Invoices, OrdersOfPlayMoneyHaveASeriesOfTheirOwn) {
  const Order real = paid(1), play = paid(1, 0, true);
  settle(real.id);
  const Document test = settle(play.id).at(0);
  EXPECT_EQ(test.number, "TEST-PY27-00001");
  EXPECT_TRUE(test.is_test);
  EXPECT_TRUE(read_snapshot(test.snapshot).is_test);
  EXPECT_EQ(settle(paid(1).id).at(0).number, "PY27-00002");
}

TEST_P(Invoices, FreeOrdersAndConferencesWithoutASellerGetNone) {
  change_conference([](conference::Conference& fair) { fair.seller_id.reset(); });
  const Order unsold = paid(1);
  EXPECT_EQ(settle_due(db()), 0);
  EXPECT_THAT(settle(unsold.id), IsEmpty());
  EXPECT_EQ(refusal([&] { write([&](db::Tx& tx) { return issue_invoice(tx, unsold.id); }); }), "no_invoices");
  change_conference([&](conference::Conference& fair) { fair.seller_id = seller_; });
  write([&](db::Tx& tx) { return tx.exec("UPDATE ticket_type SET price = 0 WHERE id = $1", ticket_); });
  const Order free = paid(1);
  EXPECT_EQ(free.total, 0);
  EXPECT_THAT(settle(free.id), IsEmpty());
  EXPECT_EQ(refusal([&] { write([&](db::Tx& tx) { return issue_invoice(tx, free.id); }); }), "free_order");
}

TEST_P(Invoices, WhatAFormerSellerInvoicedIsTakenBackInTheirName) {
  const Order order = paid(2);
  settle(order.id);
  const Id other = make_seller("NEW-");
  change_conference([&](conference::Conference& fair) { fair.seller_id = other; });
  take_back(order.id, 0, 1);
  const Document note = settle(order.id).at(0);
  EXPECT_EQ(note.number, "PY27-C-00001");
  EXPECT_EQ(note.seller_id, seller_);
  // A correction moves what is left to the seller of now.
  const auto corrected = write([&](db::Tx& tx) { return correct(tx, order.id, "the wrong seller"); });
  ASSERT_THAT(corrected, SizeIs(2));
  EXPECT_EQ(corrected[0].seller_id, seller_);
  EXPECT_EQ(corrected[0].kind, DocumentKind::credit_note);
  EXPECT_EQ(corrected[1].seller_id, other);
  EXPECT_EQ(corrected[1].number, "NEW-00001");
  EXPECT_EQ(documents_gross(order.id), lines_gross(order.id));
}

TEST_P(Invoices, AConferenceThatLostItsSellerStillTakesBackWhatWasInvoiced) {
  const Order order = paid(2);
  settle(order.id);
  change_conference([](conference::Conference& fair) { fair.seller_id.reset(); });
  take_back(order.id, 0, 1);
  EXPECT_THAT(settle(order.id), SizeIs(1));
  EXPECT_EQ(documents_gross(order.id), lines_gross(order.id));
}

TEST_P(Invoices, TheMomentIsTheConferences) {
  change_conference([](conference::Conference& fair) { fair.invoice_moment = InvoiceMoment::order; });
  const Order ordered = place(1);
  write([&](db::Tx& tx) { return note_placed(tx, ordered), 0; });
  EXPECT_EQ(settle_due(db()), 1);
  EXPECT_FALSE(only_snapshot(ordered.id).paid_on) << "it is still to be paid";
  EXPECT_EQ(only_snapshot(ordered.id).paid, 0);
  pay(ordered.id);
  EXPECT_EQ(settle_due(db()), 1) << "it may have got a fee";
  EXPECT_THAT(documents(ordered.id), SizeIs(1)) << "payment makes no second one";

  change_conference([](conference::Conference& fair) { fair.invoice_moment = InvoiceMoment::request; });
  const Order asked = paid(1);
  EXPECT_EQ(settle_due(db()), 0);
  EXPECT_TRUE(read([&](db::Tx& tx) { return may_ask_for_invoice(tx, asked); }));
  EXPECT_THAT(write([&](db::Tx& tx) { return issue_invoice(tx, asked.id); }), SizeIs(1));
  EXPECT_THAT(write([&](db::Tx& tx) { return issue_invoice(tx, asked.id); }), SizeIs(1))
      << "the same one again";
  EXPECT_THAT(documents(asked.id), SizeIs(1));
  EXPECT_FALSE(read([&](db::Tx& tx) { return may_ask_for_invoice(tx, asked); }));

  change_conference([](conference::Conference& fair) { fair.invoice_moment = InvoiceMoment::never; });
  const Order never = paid(1);
  EXPECT_FALSE(read([&](db::Tx& tx) { return may_ask_for_invoice(tx, never); }));
  EXPECT_EQ(refusal([&] { write([&](db::Tx& tx) { return issue_invoice(tx, never.id); }); }), "no_invoices");
}

TEST_P(Invoices, AnUnpaidOrderThatIsCancelledIsTakenBack) {
  change_conference([](conference::Conference& fair) { fair.invoice_moment = InvoiceMoment::order; });
  const Order order = place(2, 1);
  settle(order.id);
  set_status(order.id, "cancelled");
  write([&](db::Tx& tx) { return note_changed(tx, order), 0; });
  EXPECT_EQ(settle_due(db()), 1);
  const auto all = documents(order.id);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[1].kind, DocumentKind::credit_note);
  EXPECT_EQ(all[1].corrects_id, all[0].id);
  EXPECT_EQ(all[1].gross, -25940);
  EXPECT_EQ(read_snapshot(all[1].snapshot).corrects_number, all[0].number);
  EXPECT_EQ(documents_gross(order.id), 0);
  EXPECT_THAT(settle(order.id), IsEmpty());
}

TEST_P(Invoices, AChangedOrderGetsACreditNoteAndANewInvoice) {
  const Order order = paid(2, 1);
  settle(order.id);
  take_back(order.id, 0, 1);
  add_line(order.id, "ticket", 23800, "Corporate ticket");
  const auto issued = settle(order.id);
  ASSERT_THAT(issued, SizeIs(2));
  EXPECT_EQ(issued[0].kind, DocumentKind::credit_note);
  EXPECT_EQ(issued[0].gross, -11900);
  EXPECT_EQ(issued[0].tax, -1900);
  EXPECT_EQ(issued[1].kind, DocumentKind::invoice);
  EXPECT_EQ(issued[1].gross, 23800);
  EXPECT_EQ(documents_gross(order.id), lines_gross(order.id));
  EXPECT_EQ(documents_tax(order.id), lines_tax(order.id));
}

TEST_P(Invoices, AKeptFeeIsALineOfTheCreditNote) {
  const Order order = paid(2);
  settle(order.id);
  take_back(order.id, 0, 2);
  add_line(order.id, "fee", 2380, "Cancellation fee");
  refund(order.id, 23800 - 2380);
  set_status(order.id, "refunded");
  const auto issued = settle(order.id);
  ASSERT_THAT(issued, SizeIs(1));
  EXPECT_EQ(issued[0].kind, DocumentKind::credit_note);
  EXPECT_EQ(issued[0].gross, -23800 + 2380);
  const Snapshot s = read_snapshot(issued[0].snapshot);
  ASSERT_THAT(s.lines, SizeIs(2));
  EXPECT_EQ(s.lines[1].description, "Cancellation fee");
  EXPECT_EQ(s.lines[1].tax, 380);
  EXPECT_EQ(s.lines[1].tax_rate, "19");
  EXPECT_EQ(documents_gross(order.id), 2380);
}

// An order that was invoiced piece by piece: the fee stands where it is less than what is taken back.
TEST_P(Invoices, NoCreditNoteAsksForMoney) {
  const Order order = paid(1);
  settle(order.id);
  add_line(order.id, "ticket", 23800, "Corporate ticket");
  settle(order.id);
  take_back(order.id, 0, 1);
  take_back(order.id, 1, 1);
  add_line(order.id, "fee", 15000, "Cancellation fee");
  const auto issued = settle(order.id);
  ASSERT_THAT(issued, SizeIs(2));
  EXPECT_EQ(issued[0].kind, DocumentKind::credit_note);
  EXPECT_EQ(issued[0].gross, -11900);
  EXPECT_EQ(issued[1].kind, DocumentKind::credit_note);
  EXPECT_EQ(issued[1].gross, -23800 + 15000);
  EXPECT_EQ(documents_gross(order.id), 15000);

  const Order other = paid(1);
  settle(other.id);
  add_line(other.id, "ticket", 11900, "Another ticket");
  settle(other.id);
  take_back(other.id, 0, 1);
  take_back(other.id, 1, 1);
  add_line(other.id, "fee", 15000, "Cancellation fee");
  const auto all = settle(other.id);
  ASSERT_THAT(all, SizeIs(3)) << "it is more than either";
  EXPECT_EQ(all[0].gross, -11900);
  EXPECT_EQ(all[1].gross, -11900);
  EXPECT_EQ(all[2].kind, DocumentKind::invoice);
  EXPECT_EQ(all[2].gross, 15000);
  EXPECT_THAT(settle(other.id), IsEmpty());
}

TEST_P(Invoices, AWayToPayThatCostsMoreThanTheOneInvoicedIsNoCreditNote) {
  change_conference([](conference::Conference& fair) { fair.invoice_moment = InvoiceMoment::order; });
  const Order order = place(1);
  add_line(order.id, "fee", 119, "Fee for bank transfer");
  settle(order.id);
  take_back(order.id, 1, 1);
  add_line(order.id, "fee", 357, "Fee for paying by card");
  const auto issued = settle(order.id);
  ASSERT_THAT(issued, SizeIs(2));
  EXPECT_EQ(issued[0].kind, DocumentKind::credit_note);
  EXPECT_EQ(issued[0].gross, -119);
  EXPECT_EQ(issued[1].kind, DocumentKind::invoice);
  EXPECT_EQ(issued[1].gross, 357);
}

// The day and the way of the money that a document is about, not of what came long before.
TEST_P(Invoices, ALaterInvoiceSaysWhenAndHowItsOwnMoneyCame) {
  const Order order = paid(1);
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE payment SET method = 'sandbox', channel = '' WHERE order_id = $1", order.id);
  });
  settle(order.id);
  EXPECT_EQ(only_snapshot(order.id).payment_method, "sandbox");
  clock().advance(Duration::days(3));
  make_dearer(order.id, 14280);
  transfer(order.id, 2380, *Date::parse("2027-05-16"));
  const auto issued = settle(order.id);
  ASSERT_THAT(issued, SizeIs(2));
  const Snapshot s = read_snapshot(issued[1].snapshot);
  EXPECT_EQ(s.kind, DocumentKind::invoice);
  EXPECT_EQ(s.issued_on.to_string(), "2027-05-17");
  EXPECT_EQ(s.paid_on->to_string(), "2027-05-16") << "the day of value";
  EXPECT_EQ(s.payment_method, "manual");
  EXPECT_EQ(issued[1].payment_method, "manual");
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE payment SET method = 'manual', channel = 'cash' WHERE method = 'sandbox'");
  });
}

// What became due of a sold order is invoiced together with the fee of the way that it is paid.
TEST_P(Invoices, TheFeeOfAPaymentStandsOnTheInvoiceOfTheChangeItPays) {
  ask_fee(250);
  const Order order = paid(2);
  settle(order.id);
  make_dearer(order.id, 14280);
  EXPECT_EQ(settle_due(db()), 1);
  EXPECT_THAT(documents(order.id), SizeIs(1)) << "they wait for the money";
  choose_transfer(order.id);
  transfer(order.id, 1000);
  EXPECT_EQ(settle_due(db()), 1);
  EXPECT_THAT(documents(order.id), SizeIs(1)) << "all of it";
  transfer(order.id, 4760 + 250 - 1000);
  EXPECT_EQ(settle_due(db()), 1);
  const auto all = documents(order.id);
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[1].kind, DocumentKind::credit_note);
  EXPECT_EQ(all[1].gross, -23800);
  EXPECT_EQ(all[2].gross, 2 * 14280 + 250);
  const Snapshot s = read_snapshot(all[2].snapshot);
  ASSERT_THAT(s.lines, SizeIs(2));
  EXPECT_EQ(s.lines[1].description, "Fee for bank transfer");
  EXPECT_EQ(s.paid, s.gross);
  EXPECT_EQ(documents_gross(order.id), lines_gross(order.id));
}

TEST_P(Invoices, AFeeThatStaysDueKeepsNoInvoiceWaiting) {
  ask_fee(250);
  const Order order = paid(1);
  settle(order.id);
  make_dearer(order.id, 14280);
  choose_transfer(order.id);
  transfer(order.id, 2380);  // without it
  EXPECT_THAT(settle(order.id), SizeIs(2));
  EXPECT_EQ(documents_gross(order.id), 14280 + 250);
  EXPECT_THAT(settle(order.id), IsEmpty());
}

TEST_P(Invoices, AnOrderInvoicedBeforeItIsPaidHasItsFeeInvoicedToo) {
  ask_fee(250);
  change_conference([](conference::Conference& fair) { fair.invoice_moment = InvoiceMoment::order; });
  const Order order = place(1);
  write([&](db::Tx& tx) { return note_placed(tx, order), 0; });
  EXPECT_EQ(settle_due(db()), 1);
  choose_transfer(order.id);
  transfer(order.id, 11900 + 250);
  EXPECT_EQ(settle_due(db()), 1);
  const auto all = documents(order.id);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[1].gross, 250);
}

TEST_P(Invoices, AFullRefundWithoutLinesIsTakenBackWhole) {
  const Order order = paid(1, 1);
  settle(order.id);
  refund(order.id, 14040);
  set_status(order.id, "refunded");
  EXPECT_EQ(settle(order.id).at(0).gross, -14040);
  EXPECT_EQ(documents_gross(order.id), 0);
  EXPECT_EQ(documents_tax(order.id), 0);
}

TEST_P(Invoices, ACorrectionSaysTheBuyerAnew) {
  const Order order = paid(2, 1);
  settle(order.id);
  EXPECT_TRUE(read([&](db::Tx& tx) { return is_invoiced(tx, order.id); }));
  take_back(order.id, 0, 1);
  settle(order.id);
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE orders SET billing_company = 'Difference Engines' WHERE id = $1", order.id);
  });
  const auto issued = write([&](db::Tx& tx) { return correct(tx, order.id, "Another company was meant."); });
  ASSERT_THAT(issued, SizeIs(2));
  const Snapshot back = read_snapshot(issued[0].snapshot), anew = read_snapshot(issued[1].snapshot);
  EXPECT_EQ(back.kind, DocumentKind::credit_note);
  EXPECT_EQ(back.buyer.company, "Analytical Engines");
  EXPECT_EQ(back.gross, -14040);
  EXPECT_EQ(back.reason, "Another company was meant.");
  ASSERT_THAT(back.lines, SizeIs(2)) << "one ticket and the lunch are left";
  EXPECT_EQ(back.lines[0].quantity, -1);
  EXPECT_EQ(anew.kind, DocumentKind::invoice);
  EXPECT_EQ(anew.buyer.company, "Difference Engines");
  EXPECT_EQ(anew.gross, 14040);
  EXPECT_EQ(documents_gross(order.id), 14040);
  EXPECT_THAT(settle(order.id), IsEmpty());
  // And once more: what is taken back is the newest one.
  const auto again = write([&](db::Tx& tx) { return correct(tx, order.id, ""); });
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(read_snapshot(again[0].snapshot).corrects_number, anew.number);
  EXPECT_EQ(documents_gross(order.id), 14040);
  const auto standing = read([&](db::Tx& tx) { return standing_invoices(tx, fair_, 1, again[1].id); });
  EXPECT_THAT(standing, ElementsAre(again[1].id)) << "all before it were taken back";
  for (std::size_t line = 0; line < 2; ++line) take_back(order.id, line, 1);
  settle(order.id);
  EXPECT_EQ(documents_gross(order.id), 0);
  EXPECT_EQ(refusal([&] { write([&](db::Tx& tx) { return correct(tx, order.id, ""); }); }), "nothing_left");
  const Order other = place(1);
  EXPECT_EQ(refusal([&] { write([&](db::Tx& tx) { return correct(tx, other.id, ""); }); }), "not_invoiced");
}

TEST_P(Invoices, AnotherCurrencyTellsTheTaxInTheSellersWithRateAndSource) {
  change_seller([](conference::Seller& seller) { seller.currency = "CHF"; });
  const Order order = paid(1);
  EXPECT_EQ(settle_due(db()), 1);
  EXPECT_THAT(documents(order.id), IsEmpty()) << "it waits for a rate";
  const auto waiting = read([](db::Tx& tx) { return problems(tx); });
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_THAT(waiting[0].problem, HasSubstr("EUR to CHF for 2027-05-14"));
  write([](db::Tx& tx) {
    ExchangeRate rate;
    rate.currency = "EUR";
    rate.base = "CHF";
    rate.valid_on = *Date::parse("2027-05-12");
    rate.rate = *Decimal::parse("0.9377");
    rate.source = "European Central Bank";
    return exchange_rate_table().insert(tx, rate).id;
  });
  clock().advance(Duration::minutes(11));
  EXPECT_EQ(settle_due(db()), 1);
  const Snapshot s = only_snapshot(order.id);
  ASSERT_TRUE(s.foreign_tax);
  EXPECT_EQ(s.foreign_tax->tax, 1782) << "19.00 times 0.9377 is 17.8163";
  EXPECT_EQ(s.foreign_tax->source, "European Central Bank");
  EXPECT_EQ(s.foreign_tax->rate, "0.9377");
  take_back(order.id, 0, 1);
  EXPECT_EQ(read_snapshot(settle(order.id).at(0).snapshot).foreign_tax->tax, -1782);
}

// Amounts of both in their own decimals.
TEST_P(Invoices, TheTaxInTheSellersCurrencyHasItsDecimals) {
  const auto told = [&](const char* currency, const char* base, const char* rate_text, std::int64_t gross,
                        std::int64_t tax) {
    change_seller([&](conference::Seller& seller) { seller.currency = base; });
    const Order order = paid(1);
    write([&](db::Tx& tx) {
      ExchangeRate rate;
      rate.currency = currency;
      rate.base = base;
      rate.valid_on = *Date::parse("2027-05-12");
      rate.rate = *Decimal::parse(rate_text);
      rate.source = "European Central Bank";
      exchange_rate_table().insert(tx, rate);
      tx.exec("UPDATE order_line SET line_total = $2, gross = $2, net = $3, tax = $4 WHERE order_id = $1",
              order.id, gross, gross - tax, tax);
      return tx.exec("UPDATE orders SET currency = $2, total = $3, tax = $4 WHERE id = $1", order.id,
                     currency, gross, tax);
    });
    const auto foreign = read_snapshot(settle(order.id).at(0).snapshot).foreign_tax;
    return foreign ? foreign->tax : -1;
  };
  EXPECT_EQ(told("JPY", "EUR", "0.0062", 1'980, 180), 1'12) << "180 yen are 1.116 euros";
  EXPECT_EQ(told("EUR", "JPY", "161.5", 119'00, 19'00), 3'069) << "19.00 euros are 3068.5 yen";
  EXPECT_EQ(told("EUR", "KWD", "0.33345", 119'00, 19'00), 6'336) << "and 6.33555 dinars";
}

TEST_P(Invoices, ADiscountIsSaidAtItsLine) {
  const Order order = place(2, 1);
  write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE order_line SET condition_discount = 3000, voucher_discount = 800, line_total = 20000, gross "
        "= "
        "20000, net = 16807, tax = 3193 WHERE order_id = $1 AND quantity = 2",
        order.id);
    return tx.exec("UPDATE orders SET total = total - 3800, discount_amount = 3800 WHERE id = $1", order.id);
  });
  pay(order.id);
  const Snapshot s = read_snapshot(settle(order.id).at(0).snapshot);
  ASSERT_THAT(s.lines, SizeIs(2));
  EXPECT_EQ(s.lines[0].unit_price, 119'00);
  EXPECT_EQ(s.lines[0].discount, 38'00);
  EXPECT_EQ(s.lines[0].gross, 200'00);
  EXPECT_EQ(s.lines[1].discount, 0);
}

TEST_P(Invoices, ASmallBusinessSaysWhyThereIsNoTax) {
  change_seller([](conference::Seller& seller) { seller.small_business_note = "No VAT: small business."; });
  EXPECT_THAT(read_snapshot(settle(paid(1).id).at(0).snapshot).texts, IsEmpty()) << "there is tax on it";
  const Order order = paid(1);
  write([&](db::Tx& tx) {
    return tx.exec(
        "UPDATE order_line SET net = gross, tax = 0, tax_rate = '0', tax_category = 'outside' WHERE order_id "
        "= "
        "$1",
        order.id);
  });
  EXPECT_THAT(read_snapshot(settle(order.id).at(0).snapshot).texts, ElementsAre("No VAT: small business."));
}

TEST_P(Invoices, ADocumentStaysAsItWasWhateverChanges) {
  const Order order = paid(1);
  settle(order.id);
  const Document before = documents(order.id).at(0);
  int rendered = 0;
  const Render render = [&](const Document& d) {
    ++rendered;
    return "%PDF of " + read_snapshot(d.snapshot).seller.name + std::string("\0\xff", 2);
  };
  const std::string file = keep_file(db(), before, render);
  change_seller([](conference::Seller& seller) { seller.name = "Somebody else"; });
  change_conference([](conference::Conference& fair) { fair.name = "Another fair"; });
  write([&](db::Tx& tx) {
    tx.exec("UPDATE orders SET billing_name = 'Nobody' WHERE id = $1", order.id);
    tx.exec("UPDATE tax_rule SET account = '9999', rate = '16' WHERE id = $1", standard_);
    return 0;
  });
  settle(order.id);
  EXPECT_EQ(documents(order.id).at(0).snapshot, before.snapshot);
  EXPECT_EQ(keep_file(db(), documents(order.id).at(0), render), file);
  EXPECT_EQ(rendered, 1) << "never a second time";
  const StoredFile other = file_of(before.id, "another file");
  EXPECT_FALSE(write([&](db::Tx& tx) { return store_file(tx, other); })) << "the first one stays";
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE invoice_file SET content = 'AAAA' WHERE document_id = $1", before.id);
  });
  EXPECT_THROW(keep_file(db(), before, render), std::runtime_error)
      << "a file that was tampered with is not given";
}

TEST_P(Invoices, WhatAFileHoldsComesBackByteForByte) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(base64_decoded(base64(bytes)).value(), bytes);
    bytes += static_cast<char>(i * 31);
  }
  EXPECT_EQ(base64("Ma"), "TWE=");
  EXPECT_FALSE(base64_decoded("AB!="));
  EXPECT_FALSE(base64_decoded("ABC"));
}

// Whatever happens to an order, in any order: its documents say together what its lines say.
TEST_P(Invoices, TheSumsOfTheDocumentsAreTheOrder) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SeededRandom random(seed);
    const Order order =
        paid(1 + static_cast<std::int64_t>(random.below(4)), static_cast<std::int64_t>(random.below(3)));
    for (int step = 0; step < 6; ++step) {
      const auto lines = get(order.id).lines;
      const std::size_t at = random.below(lines.size());
      bool is_taken = lines[at].quantity <= 0;
      for (const auto& line : lines) is_taken = is_taken || line.reverses_line_id == lines[at].id;
      switch (random.below(4)) {
        case 0:
          if (!is_taken)
            take_back(
                order.id, at,
                1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(lines[at].quantity))));
          break;
        case 1:
          add_line(order.id, "addon", 100 + static_cast<std::int64_t>(random.below(9000)), "Extra");
          break;
        case 2:
          if (!documents(order.id).empty())
            write([&](db::Tx& tx) {
              try {
                correct(tx, order.id, "corrected");
              } catch (const Refused& refused) {
                EXPECT_EQ(refused.code(), "nothing_left");
              }
              return 0;
            });
          break;
        default:
          break;
      }
      if (random.below(2) == 0) continue;
      settle(order.id);
      EXPECT_EQ(documents_gross(order.id), lines_gross(order.id)) << "seed " << seed << " step " << step;
      EXPECT_EQ(documents_tax(order.id), lines_tax(order.id)) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace plenary::invoicing
