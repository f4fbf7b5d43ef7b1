// What bookkeeping gets: the CSV and DATEV's booking file, on both engines.
#include "domain/invoicing/exports.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "base/csv.hpp"
#include "domain/invoicing/entities.hpp"
#include "domain/invoicing/stall.hpp"

namespace plenary::invoicing {
namespace {

using registration::Order;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class Books : public testing::Stall {
 protected:
  Period may() const {
    Period period;
    period.seller_id = seller_;
    period.from = *Date::parse("2027-05-01");
    period.to = *Date::parse("2027-05-31");
    return period;
  }
  std::string file(const Period& period, BookFormat format) {
    std::string bytes;
    documents_ = export_books(db(), period, format, *Instant::parse("2027-06-01T08:15:30.123Z"),
                              [&](std::string_view part) { bytes += part; });
    return bytes;
  }
  void give_numbers() {
    change_seller([](conference::Seller& seller) {
      seller.datev_consultant = "29098";
      seller.datev_client = "55003";
    });
  }
  std::int64_t documents_ = 0;
};
ON_BOTH_ENGINES(Books);

TEST_P(Books, TheCsvHasALineForEachRateOfEachDocument) {
  const Order order = paid(2, 1);
  settle(order.id);
  take_back(order.id, 0, 1);
  settle(order.id);
  settle(paid(1, 0, true).id);  // play money
  const auto rows = parse_csv(decoded_text(file(may(), BookFormat::csv)).text, ',', 100);
  EXPECT_EQ(documents_, 2);
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_EQ(rows[0].cells[0], "date");
  const std::vector<std::string> ticket{"2027-05-14",
                                        "PY27-00001",
                                        "invoice",
                                        order.reference,
                                        "Analytical Engines",
                                        "GB",
                                        "",
                                        "EUR",
                                        "200.00",
                                        "38.00",
                                        "238.00",
                                        "19",
                                        "standard",
                                        "DE",
                                        "no",
                                        "8400",
                                        "manual"};
  for (std::size_t i = 0; i < ticket.size(); ++i) {
    if (i == 13) continue;  // the country of the rate, which the seller's orders have or not
    EXPECT_EQ(rows[1].cells[i], ticket[i]) << rows[0].cells[i];
  }
  EXPECT_EQ(rows[2].cells[9], "1.40");
  EXPECT_EQ(rows[2].cells[15], "8300");
  EXPECT_EQ(rows[3].cells[1], "PY27-C-00001");
  EXPECT_EQ(rows[3].cells[10], "-119.00");
}

TEST_P(Books, WhatBuyersTypedIsNoFormula) {
  const Order order = paid(1);
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE orders SET billing_company = '=HYPERLINK(\"x\";\"y\")' WHERE id = $1", order.id);
  });
  settle(order.id);
  EXPECT_THAT(file(may(), BookFormat::csv), HasSubstr("\"'=HYPERLINK(\"\"x\"\";\"\"y\"\")\""));
}

TEST_P(Books, APeriodIsByDateOfIssueAndMayBeAConference) {
  settle(paid(1).id);
  Period june = may();
  june.from = *Date::parse("2027-06-01");
  june.to = *Date::parse("2027-06-30");
  file(june, BookFormat::csv);
  EXPECT_EQ(documents_, 0);
  Period fair = may();
  fair.conference_id = fair_;
  file(fair, BookFormat::csv);
  EXPECT_EQ(documents_, 1);
  fair.conference_id = fair_ + 1;
  file(fair, BookFormat::csv);
  EXPECT_EQ(documents_, 0);
  fair.to = *Date::parse("2027-04-01");
  EXPECT_EQ(refusal([&] { file(fair, BookFormat::csv); }), "period");
}

TEST_P(Books, DatevsFileHasItsHeadItsColumnsAndABookingForEachAccount) {
  give_numbers();
  const Order order = paid(2, 1);
  settle(order.id);
  take_back(order.id, 0, 1);
  settle(order.id);
  const std::string bytes = file(may(), BookFormat::datev);
  const auto rows = parse_csv(decoded_text(bytes).text, ';', 100);
  ASSERT_THAT(rows, SizeIs(5));
  EXPECT_THAT(
      bytes,
      HasSubstr("\"EXTF\";700;21;\"Buchungsstapel\";13;20270601081530123;;\"PL\";\"\";\"\";29098;55003;"
                "20270101;4;20270501;20270531;\"Plenary 2027-05-01\";\"\";1;0;0;\"EUR\";"));
  EXPECT_THAT(rows[0].cells, SizeIs(31));
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_THAT(rows[i].cells, SizeIs(125)) << i;
  const std::vector<std::string>& names = rows[1].cells;
  EXPECT_EQ(names[0], "Umsatz (ohne Soll/Haben-Kz)");
  EXPECT_EQ(names[13], "Buchungstext");
  EXPECT_EQ(names[39], "EU-Land u. UStID (Bestimmung)");
  EXPECT_EQ(names[113], "Festschreibung");
  EXPECT_EQ(names[124], "Abw. Skontokonto");
  const std::vector<std::string>& first = rows[2].cells;
  EXPECT_EQ(first[0], "238,00");
  EXPECT_EQ(first[1], "S");
  EXPECT_EQ(first[2], "EUR");
  EXPECT_EQ(first[6], "10000");
  EXPECT_EQ(first[7], "8400");
  EXPECT_EQ(first[9], "1405");
  EXPECT_EQ(first[10], "PY27-00001");
  EXPECT_EQ(first[13], order.reference + " Analytical Engines");
  EXPECT_EQ(rows[3].cells[0], "21,40");
  EXPECT_EQ(rows[3].cells[7], "8300");
  EXPECT_EQ(rows[4].cells[0], "119,00");
  EXPECT_EQ(rows[4].cells[1], "H");
  EXPECT_THAT(bytes, HasSubstr("BU-Schl\xFCssel")) << "Windows-1252";
  EXPECT_THAT(bytes, Not(HasSubstr("\xC3\xBC")));
}

// The bookings of an invoice over both rates and of its credit note, as they stand in a file beside this one.
TEST_P(Books, DatevsTaxKeysFollowRateCountryAndRule) {
  give_numbers();
  const Order order = paid(2, 1);
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE orders SET reference = 'ORD-TESTTEST' WHERE id = $1", order.id);
  });
  settle(order.id);
  take_back(order.id, 0, 1);
  settle(order.id);
  const auto expected = [](const char* name) {
    std::ifstream in(std::string(PLENARY_SOURCE_DIR) + "/tests/domain/invoicing/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  };
  const auto bookings = [&] {
    std::string bytes = file(may(), BookFormat::datev);
    std::erase(bytes, '\r');
    for (int line = 0; line < 2; ++line) bytes.erase(0, bytes.find('\n') + 1);
    return bytes;
  };
  const auto replaced = [&](const char* from, const char* to) {
    return write([&](db::Tx& tx) {
      return tx.exec("UPDATE invoice_document SET snapshot = replace(snapshot, $1, $2)", from, to);
    });
  };
  EXPECT_EQ(bookings(), expected("datev_bookings.csv"));
  // A rule's own keys: none for an account that implies its tax, another one where the customer owes it.
  replaced("\"account\":\"8400\"", "\"account\":\"8400/0\"");
  replaced("\"account\":\"8300\"", "\"account\":\"8300/2/173\"");
  const auto with_reverse_charge = [&] {
    return write([&](db::Tx& tx) {
      return tx.exec("UPDATE invoice_document SET snapshot = replace(snapshot, $1, $2)",
                     "\"reverse_charge\":false", "\"reverse_charge\":true");
    });
  };
  with_reverse_charge();
  EXPECT_EQ(bookings(), expected("datev_own_keys.csv"))
      << "8400 has no key of its own for reverse charge, and no usual one";
  // Another country's tax, and a key that is none.
  replaced("\"reverse_charge\":true", "\"reverse_charge\":false");
  replaced("\"account\":\"8400/0\"", "\"account\":\"8400\"");
  replaced("\"tax_country\":\"DE\"", "\"tax_country\":\"FR\"");
  replaced("\"tax_country\":\"\"", "\"tax_country\":\"FR\"");
  EXPECT_THAT(bookings(), HasSubstr(";10000;8400;;1405;"));
  EXPECT_THAT(bookings(), HasSubstr(";10000;8300;\"2\";1405;")) << "a rule's own key is for all countries";
  EXPECT_THAT(file(may(), BookFormat::csv), Not(HasSubstr("8300/2"))) << "the account alone";
  replaced("\"account\":\"8400\"", "\"account\":\"8400/x\"");
  EXPECT_EQ(refusal([&] { file(may(), BookFormat::datev); }), "datev_account");
}

TEST_P(Books, DatevsFileIsRefusedWhereItWouldBeWrong) {
  const Order order = paid(1);
  settle(order.id);
  EXPECT_EQ(refusal([&] { file(may(), BookFormat::datev); }), "datev_numbers");
  give_numbers();
  Period two_years = may();
  two_years.to = *Date::parse("2028-01-31");
  EXPECT_EQ(refusal([&] { file(two_years, BookFormat::datev); }), "datev_year");
  Period words = may();
  words.receivables = "=1+1";
  EXPECT_EQ(refusal([&] { file(words, BookFormat::datev); }), "datev_receivables");
  write([&](db::Tx& tx) { return tx.exec("UPDATE tax_rule SET account = ''"); });
  settle(paid(1).id);
  EXPECT_EQ(refusal([&] { file(may(), BookFormat::datev); }), "datev_account");
}

// As DATEV's description has it: amounts of two decimals, a rate from 1 to 9999, and with it the amount in
// the seller's currency.
TEST_P(Books, DatevBooksAnotherCurrencyWithItsRateOrInTheSellers) {
  give_numbers();
  change_seller([](conference::Seller& seller) { seller.currency = "CHF"; });
  const auto add_rate = [&](const char* rate) {
    write([&](db::Tx& tx) {
      tx.exec("DELETE FROM exchange_rate");
      ExchangeRate row;
      row.currency = "EUR";
      row.base = "CHF";
      row.valid_on = *Date::parse("2027-05-12");
      row.rate = *Decimal::parse(rate);
      row.source = "European Central Bank";
      return exchange_rate_table().insert(tx, row).id;
    });
  };
  add_rate("0.9377");
  const Order order = paid(2, 1);
  settle(order.id);
  const auto first_cells = [&] {
    const auto rows = parse_csv(decoded_text(file(may(), BookFormat::datev)).text, ';', 100);
    const auto& cells = rows.at(2).cells;
    return std::vector<std::string>(cells.begin(), cells.begin() + 8);
  };
  EXPECT_THAT(first_cells(), ElementsAre("238,00", "S", "EUR", "1,066439", "223,17", "CHF", "10000", "8400"));
  // 1 euro is more than a franc: the format has no rate below 1.
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE invoice_document SET snapshot = replace(snapshot, '0.9377', '1.25')");
  });
  EXPECT_THAT(first_cells(), ElementsAre("297,50", "S", "CHF", "", "", "", "10000", "8400"));
  // What bears no tax tells no rate; the books need one.
  add_rate("0.95");
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE invoice_document SET snapshot = replace(snapshot, 'foreign_tax', 'nothing')");
  });
  EXPECT_EQ(first_cells().at(4), "226,10");
  write([&](db::Tx& tx) { return tx.exec("DELETE FROM exchange_rate"); });
  EXPECT_EQ(refusal([&] { first_cells(); }), "datev_rate");
}

TEST_P(Books, DatevsAmountsHaveTwoDecimalsWhateverTheCurrency) {
  give_numbers();
  settle(paid(2, 1).id);
  const auto in = [&](const char* from, const char* to) {
    write([&](db::Tx& tx) {
      return tx.exec("UPDATE invoice_document SET snapshot = replace(snapshot, $1, $2)",
                     std::string("\"currency\":\"") + from + "\"",
                     std::string("\"currency\":\"") + to + "\"");
    });
    change_seller([&](conference::Seller& seller) { seller.currency = to; });
  };
  in("EUR", "JPY");
  EXPECT_THAT(file(may(), BookFormat::datev), HasSubstr("\r\n23800,00;\"S\";\"JPY\";;"));
  in("JPY", "KWD");
  EXPECT_EQ(refusal([&] { file(may(), BookFormat::datev); }), "datev_currency");
}

TEST_P(Books, DatevsHeadFitsTheAccountsAndFreeLinesAreNotBooked) {
  give_numbers();
  const Order order = paid(1);
  add_line(order.id, "addon", 0, "Sticker");  // no rule, no account
  settle(order.id);
  Period customers = may();
  customers.receivables = "1000000";
  EXPECT_THAT(file(customers, BookFormat::datev), HasSubstr(";20270101;6;20270501;"))
      << "accounts of customers have one digit more";
  customers.receivables = "0000";
  EXPECT_EQ(refusal([&] { file(customers, BookFormat::datev); }), "datev_receivables");
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE invoice_document SET snapshot = replace(snapshot, 'ORD-', 'PYCON-HAMBURG-2027-')");
  });
  const std::string reference = order.reference.substr(4);
  EXPECT_THAT(file(may(), BookFormat::datev), HasSubstr("\"027-" + reference + "\""))
      << "the end tells orders apart";
  for (const auto& [consultant, client] : {std::pair("1000", "1"), {"1001", "0"}}) {
    change_seller([&](conference::Seller& seller) {
      seller.datev_consultant = consultant;
      seller.datev_client = client;
    });
    EXPECT_EQ(refusal([&] { file(may(), BookFormat::datev); }), "datev_numbers");
  }
}

TEST(BooksText, IsWindows1252) {
  EXPECT_EQ(windows_1252("Müller €5 – „x“"),
            "M\xFCller \x80"
            "5 \x96 \x84x\x93");
  EXPECT_EQ(windows_1252("Łódź, Пётр & 山田"),
            "L\xF3"
            "dz, Petr & shan tian");
  EXPECT_EQ(windows_1252("Mu\xCC\x88ller"), "Muller") << "an accent behind its letter";
  EXPECT_EQ(windows_1252("\xF0\x9F\x98\x80!"), "?!");
}

}  // namespace
}  // namespace plenary::invoicing
