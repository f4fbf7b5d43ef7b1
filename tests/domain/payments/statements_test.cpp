// Facts about reading bank statements: the exports of several banks, how dates and amounts are written,
// CAMT.053 in both versions, faults with their place, and that what is written comes back.
#include "domain/payments/statements.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/csv.hpp"
#include "base/text.hpp"

namespace plenary::payments {
namespace {

StatementFile read(const std::string& bytes, const std::string& currency = "EUR") {
  return read_statement(bytes, {currency, {}});
}
std::string faults_of(const StatementFile& file) {
  std::string text;
  for (const StatementFault& fault : file.faults) text += to_string(fault) + "\n";
  return text;
}
const StatementEntry& entry_of(const StatementFile& file, std::size_t at = 0) {
  EXPECT_EQ(faults_of(file), "");
  static const StatementEntry none;
  if (file.statements.empty() || file.statements[0].entries.size() <= at) return none;
  return file.statements[0].entries[at];
}

// ---- CSV

TEST(StatementCsv, ASavingsBankInLatinOne) {
  // "Auftragskonto" and so on as CSV-CAMT; umlauts in Windows-1252.
  const StatementFile file = read(
      "\"Auftragskonto\";\"Buchungstag\";\"Valutadatum\";\"Buchungstext\";\"Verwendungszweck\";\"Glaeubiger "
      "ID\";"
      "\"Mandatsreferenz\";\"Kundenreferenz "
      "(End-to-End)\";\"Sammlerreferenz\";\"Beguenstigter/Zahlungspflichtiger\";"
      "\"Kontonummer/IBAN\";\"BIC (SWIFT-Code)\";\"Betrag\";\"Waehrung\";\"Info\"\r\n"
      "\"DE02500105170137075030\";\"02.11.26\";\"03.11.26\";\"GUTSCHR. UEBERWEISUNG\";\"ORD-AB12CD34 "
      "Gr\xFC\xDF"
      "e\";"
      "\"\";\"\";\"E2E-7\";\"\";\"J\xFCrgen "
      "M\xFCller\";\"DE02120300000000202051\";\"BYLADEM1001\";\"1.234,50\";\"EUR\";"
      "\"Umsatz gebucht\"\r\n"
      "\"DE02500105170137075030\";\"04.11.26\";\"04.11.26\";\"X\";\"Y\";\"\";\"\";\"\";\"\";\"Z\";\"\";\"\";"
      "\"5,00\";\"EUR\";"
      "\"Umsatz vorgemerkt\"\r\n");
  const StatementEntry& entry = entry_of(file);
  EXPECT_EQ(entry.amount, 123450);
  EXPECT_EQ(entry.booked_on.to_string(), "2026-11-02");
  EXPECT_EQ(entry.value_date->to_string(), "2026-11-03");
  EXPECT_EQ(entry.counterparty, "Jürgen Müller");
  EXPECT_EQ(entry.counterparty_iban, "DE02120300000000202051");
  EXPECT_EQ(entry.remittance, "ORD-AB12CD34 Grüße");
  EXPECT_EQ(entry.end_to_end_id, "E2E-7");
  EXPECT_EQ(entry.kind, "GUTSCHR. UEBERWEISUNG");
  EXPECT_EQ(entry.line, 2u);
  EXPECT_EQ(file.statements[0].entries.size(), 1u) << "what is not booked yet is left out";
  EXPECT_EQ(file.statements[0].account, "DE02500105170137075030");
}

TEST(StatementCsv, ADirectBankWithLinesBeforeTheHeadsAndTwoNames) {
  const StatementFile file = read(
      "\xEF\xBB\xBF\"Girokonto\";\"DE02 1203 0000 0000 2020 51\"\n\"\"\n\"Kontostand vom "
      "26.11.2026:\";\"1.000,00 €\"\n\"\"\n"
      "\"Buchungsdatum\";\"Wertstellung\";\"Status\";\"Zahlungspflichtige*r\";\"Zahlungsempfänger*in\";"
      "\"Verwendungszweck\";\"Umsatztyp\";\"IBAN\";\"Betrag (€)\";\"Gläubiger-ID\";\"Mandatsreferenz\";"
      "\"Kundenreferenz\"\n"
      "\"25.11.26\";\"25.11.26\";\"Gebucht\";\"Ada Lovelace\";\"Verein\";\"Tickets\";\"Eingang\";"
      "\"GB82WEST12345698765432\";\"99,00\";\"\";\"\";\"\"\n"
      "\"24.11.26\";\"24.11.26\";\"Gebucht\";\"Verein\";\"Bob\";\"zurück\";\"Ausgang\";\"\";\"-12,5\";\"\";"
      "\"\";\"\"\n");
  EXPECT_EQ(entry_of(file).counterparty, "Ada Lovelace");
  EXPECT_EQ(entry_of(file).amount, 9900);
  EXPECT_EQ(entry_of(file, 1).counterparty, "Bob");
  EXPECT_EQ(entry_of(file, 1).amount, -1250);
  EXPECT_EQ(file.statements[0].account, "DE02120300000000202051");
  EXPECT_EQ(file.statements[0].from->to_string(), "2026-11-24");
  EXPECT_EQ(file.layout.header_line, 5u);
}

TEST(StatementCsv, DebitAndCreditInColumnsOfTheirOwnAndABalanceBelow) {
  const StatementFile file = read(
      "Umsätze Girokonto;;;\nBuchungstag;Wert;Begünstigter / "
      "Auftraggeber;Verwendungszweck;IBAN;Soll;Haben;Währung\n"
      "02.11.2026;02.11.2026;Ada;ORD-1;;;1.000,00;EUR\n"
      "03.11.2026;03.11.2026;Bob;Miete;;-55,00;;EUR\n"
      "Kontostand;04.11.2026;;;;;945,00;EUR\n");
  EXPECT_EQ(entry_of(file).amount, 100000);
  EXPECT_EQ(entry_of(file, 1).amount, -5500);
  EXPECT_EQ(file.statements[0].entries.size(), 2u);
}

TEST(StatementCsv, EnglishWithMonthFirstAndPoints) {
  const StatementFile file = read(
      "Date,Description,Amount,Running Balance\n11/02/2026,\"Payment from Ada, "
      "ORD-AB12\",\"1,234.50\",5000.00\n"
      "11/25/2026,Fee,-3.00,4997.00\n",
      "USD");
  EXPECT_EQ(file.layout.dates, DateOrder::month_first);
  EXPECT_EQ(entry_of(file).booked_on.to_string(), "2026-11-02");
  EXPECT_EQ(entry_of(file).amount, 123450);
  EXPECT_EQ(entry_of(file).currency, "USD");
  EXPECT_EQ(entry_of(file, 1).amount, -300);
}

TEST(StatementCsv, DirectionsByLettersAndSwissThousands) {
  const StatementFile file = read(
      "Datum\tBetrag\tS/H\tWährung\tName\tVerwendungszweck\n2026-11-02\t1'234.50\tH\tCHF\tAda\tx\n"
      "2026-11-03\t10.00\tS\tCHF\tBob\ty\n");
  EXPECT_EQ(entry_of(file).amount, 123450);
  EXPECT_EQ(entry_of(file).currency, "CHF");
  EXPECT_EQ(entry_of(file, 1).amount, -1000);
}

TEST(StatementCsv, AllFaultsAtOnceWithTheirPlace) {
  const StatementFile file = read(
      "Buchungstag;Betrag;Verwendungszweck\n32.11.2026;1,00;a\n01.11.2026;viel;b\n;2,00;c\n02.11.2026;;d\n"
      "03.11.2026;1,234;e\n");
  EXPECT_EQ(faults_of(file),
            "line 2, Buchungstag: “32.11.2026” is no date in this order: 31.12.2026.\n"
            "line 3, Betrag: “viel” is no amount in EUR with a comma before the decimals.\n"
            "line 4, Buchungstag: There is no date here.\n"
            "line 5, Betrag: There is no amount here.\n"
            "line 6, Betrag: “1,234” is no amount in EUR with a comma before the decimals.\n");
  EXPECT_TRUE(file.statements.empty()) << "nothing of it is imported";
}

TEST(StatementCsv, WhatIsNotRecognisedIsCorrectedByHand) {
  const std::string bytes = "Wann;Wieviel;Wer;Warum\n02.11.2026;5,00;Ada;ORD-1\n";
  const StatementFile guessed = read(bytes);
  ASSERT_EQ(guessed.faults.size(), 1u);
  EXPECT_EQ(guessed.layout.heads, (std::vector<std::string>{"Wann", "Wieviel", "Wer", "Warum"}));
  EXPECT_EQ(guessed.sample.at(0).at(3), "ORD-1");
  CsvLayout layout = guessed.layout;
  layout.roles = {ColumnRole::booked_on, ColumnRole::amount, ColumnRole::counterparty,
                  ColumnRole::remittance};
  const StatementFile file = read_statement(bytes, {"EUR", layout});
  EXPECT_EQ(entry_of(file).amount, 500);
  EXPECT_EQ(entry_of(file).counterparty, "Ada");
  EXPECT_EQ(entry_of(file).remittance, "ORD-1");
}

TEST(StatementCsv, TheSameEntryHasTheSameNumberInEveryFile) {
  const std::string heads = "Date,Amount,Description\n", twice = "2026-11-02,5.00,x\n",
                    other = "2026-11-03,5.00,x\n";
  const StatementFile one = read(heads + twice + twice + other), two = read(heads + twice + other);
  EXPECT_NE(entry_of(one, 0).bank_reference, entry_of(one, 1).bank_reference) << "two are two";
  EXPECT_EQ(entry_of(one, 0).bank_reference, entry_of(two, 0).bank_reference);
  EXPECT_EQ(entry_of(one, 2).bank_reference, entry_of(two, 1).bank_reference);
}

TEST(StatementCsv, NoTable) {
  EXPECT_FALSE(read("").faults.empty());
  EXPECT_FALSE(read("hello").faults.empty());
  EXPECT_FALSE(read(std::string("a\0b", 3)).faults.empty());
  EXPECT_NE(faults_of(read("Date;Amount\n\"open;1")).find("never closed"), std::string::npos);
  EXPECT_NE(faults_of(read("Date;Amount\n")).find("no entry"), std::string::npos);
}

TEST(StatementAmounts, AsPeopleWriteThem) {
  struct Case {
    const char* text;
    char mark;
    int exponent;
    std::optional<std::int64_t> amount;
  };
  const Case cases[] = {{"1.234,56", ',', 2, 123456},
                        {"1234,5", ',', 2, 123450},
                        {"-12,00", ',', 2, -1200},
                        {"100,00-", ',', 2, -10000},
                        {"(5.00)", '.', 2, -500},
                        {"+7", '.', 2, 700},
                        {"€ 7,10", ',', 2, 710},
                        {"12,34 EUR", ',', 2, 1234},
                        {"1'234.50", '.', 2, 123450},
                        {"1 234,50", ',', 2, 123450},
                        {"1\xC2\xA0"
                         "234,50",
                         ',', 2, 123450},
                        {"\xE2\x88\x92"
                         "3,00",
                         ',', 2, -300},
                        {"1.000", ',', 2, 100000},
                        {"500", ',', 0, 500},
                        {"1.000,125", ',', 3, 1000125},
                        {"12,3400", ',', 2, 1234},
                        {"12,345", ',', 2, {}},
                        {"1,50", '.', 2, {}},
                        {"12a3", '.', 2, {}},
                        {"", ',', 2, {}},
                        {"EUR", ',', 2, {}},
                        {"1.2.3", ',', 2, {}},
                        {"99999999999999999999", '.', 2, {}}};
  for (const Case& each : cases)
    EXPECT_EQ(read_amount(each.text, each.mark, each.exponent), each.amount) << each.text;
}

TEST(StatementDates, AsBanksWriteThem) {
  using enum DateOrder;
  EXPECT_EQ(read_date("02.11.2026", day_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("2.1.26", day_first)->to_string(), "2026-01-02");
  EXPECT_EQ(read_date("11/02/2026", month_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("11/02/2026", day_first)->to_string(), "2026-02-11");
  EXPECT_EQ(read_date("2026-11-02 10:15:00", day_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("2026-11-02T10:15:00Z", month_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("20261102", day_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("2 Nov 2026", day_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("Nov 2, 2026", day_first)->to_string(), "2026-11-02");
  EXPECT_EQ(read_date("2. März 2026", day_first)->to_string(), "2026-03-02");
  for (const char* wrong : {"", "31.02.2026", "13/13/2026", "yesterday", "1.2", "02.11.20266"})
    EXPECT_EQ(read_date(wrong, day_first), std::nullopt) << wrong;
}

// What is written as banks do comes back, whatever is in it.
TEST(StatementCsv, WhatIsWrittenComesBack) {
  EXPECT_TRUE(rc::check([] {
    const char separator = *rc::gen::element(';', ',', '\t');
    const char mark = *rc::gen::element(',', '.');
    const auto count = *rc::gen::inRange(1, 8);
    std::vector<StatementEntry> entries;
    std::string text = std::string("Buchungstag") + separator + "Betrag" + separator + "Währung" + separator +
                       "Name" + separator + "Verwendungszweck\n";
    for (int at = 0; at < count; ++at) {
      StatementEntry entry;
      entry.booked_on = Date::from_days(*rc::gen::inRange(18000, 30000));
      entry.amount = *rc::gen::suchThat(rc::gen::inRange<std::int64_t>(-100'000'000, 100'000'000),
                                        [](std::int64_t cents) { return cents != 0; });
      entry.currency = "EUR";
      auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "Ada", "ORD-AB12", "a;b", "c,d", "say \"hi\"", "ü", "=1+1", "x\ty", "1.5"));
      if (words.size() > 12) words.resize(12);  // longer names are cut
      for (const std::string& word : words) {
        for (std::string* field : {&entry.remittance, &entry.counterparty}) {
          if (!field->empty()) *field += ' ';
          *field += word;
        }
      }
      const std::int64_t whole = std::abs(entry.amount) / 100, cents = std::abs(entry.amount) % 100;
      std::string amount = entry.amount < 0 ? "-" : "";
      amount += std::to_string(whole) + mark + (cents < 10 ? "0" : "") + std::to_string(cents);
      const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
      text += two(entry.booked_on.day()) + "." + two(entry.booked_on.month()) + "." +
              std::to_string(entry.booked_on.year()) + separator + csv_field(amount) + separator + "EUR" +
              separator + csv_field(without_formula(entry.counterparty)) + separator +
              csv_field(without_formula(entry.remittance)) + "\n";
      std::replace(entry.counterparty.begin(), entry.counterparty.end(), '\t', ' ');
      std::replace(entry.remittance.begin(), entry.remittance.end(), '\t', ' ');
      entries.push_back(entry);
    }
    const StatementFile file = read(text);
    RC_ASSERT(faults_of(file) == "");
    RC_ASSERT(file.statements.at(0).entries.size() == entries.size());
    for (std::size_t at = 0; at < entries.size(); ++at) {
      const StatementEntry& found = file.statements[0].entries[at];
      RC_ASSERT(found.amount == entries[at].amount);
      RC_ASSERT(found.booked_on == entries[at].booked_on);
      RC_ASSERT(found.counterparty == entries[at].counterparty);
      RC_ASSERT(found.remittance == entries[at].remittance);
    }
  }));
}

// ---- CAMT.053

std::string camt(const std::string& inside, const std::string& version = "02",
                 const std::string& prefix = "") {
  const std::string p = prefix.empty() ? "" : prefix + ":";
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + p + "Document xmlns" +
         (prefix.empty() ? "" : ":" + prefix) + "=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001." + version +
         "\"><" + p + "BkToCstmrStmt>" + inside + "</" + p + "BkToCstmrStmt></" + p + "Document>";
}
const std::string account_part =
    "<Stmt><Id>S1</Id><ElctrncSeqNb>12</ElctrncSeqNb><Acct><Id><IBAN>DE02500105170137075030</IBAN></"
    "Id><Ccy>EUR</Ccy></Acct>"
    "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt "
    "Ccy=\"EUR\">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt "
    "Ccy=\"EUR\">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Bal>";

TEST(StatementCamt, VersionTwo) {
  const StatementFile file =
      read(camt(account_part + "\n<Ntry><Amt "
                               "Ccy=\"EUR\">99.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</"
                               "Sts><BookgDt><Dt>2026-11-02</Dt></BookgDt>"
                               "<ValDt><Dt>2026-11-03</Dt></ValDt><AcctSvcrRef>REF1</"
                               "AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED"
                               "</EndToEndId></Refs><RltdPties><Dbtr><Nm>Ada &amp; "
                               "Co</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN>"
                               "</Id></DbtrAcct><Cdtr><Nm>Us</Nm></Cdtr></RltdPties><RmtInf><Ustrd>ORD-AB1</"
                               "Ustrd><Ustrd>2CD34</Ustrd></RmtInf>"
                               "</TxDtls></NtryDtls><AddtlNtryInf>GUTSCHRIFT</AddtlNtryInf></Ntry></Stmt>"));
  const StatementEntry& entry = entry_of(file);
  EXPECT_EQ(file.format, StatementFormat::camt);
  EXPECT_EQ(entry.amount, 9900);
  EXPECT_EQ(entry.bank_reference, "REF1");
  EXPECT_EQ(entry.end_to_end_id, "");
  EXPECT_EQ(entry.counterparty, "Ada & Co");
  EXPECT_EQ(entry.counterparty_iban, "DE02120300000000202051");
  EXPECT_EQ(entry.remittance, "ORD-AB1 2CD34");
  EXPECT_EQ(entry.kind, "GUTSCHRIFT");
  EXPECT_EQ(entry.line, 3u);
  EXPECT_EQ(file.statements[0].account, "DE02500105170137075030");
  EXPECT_EQ(file.statements[0].number, "12");
  EXPECT_EQ(file.statements[0].opening_balance, 10000);
  EXPECT_EQ(file.statements[0].closing_balance, -500);
}

TEST(StatementCamt, VersionEightWithAPrefixStructuredRemittanceAndAReversal) {
  std::string inside =
      "<Stmt><Acct><Id><Othr><Id>123 456</Id></Othr></Id><Ccy>EUR</Ccy></Acct>"
      "<Ntry><Amt "
      "Ccy=\"EUR\">20.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts><Cd>BOOK</Cd></Sts>"
      "<BookgDt><DtTm>2026-11-02T10:00:00</DtTm></BookgDt><AcctSvcrRef>R2</"
      "AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>"
      "REFUND-7</EndToEndId></Refs><Amt "
      "Ccy=\"EUR\">20.00</Amt><RltdPties><Dbtr><Pty><Nm>Us</Nm></Pty></Dbtr><Cdtr><Pty><Nm>"
      "Bob</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>GB82WEST12345698765432</IBAN></Id></CdtrAcct></"
      "RltdPties><RmtInf><Strd>"
      "<CdtrRefInf><Ref>RF18ORD1</Ref></CdtrRefInf><AddtlRmtInf>more</AddtlRmtInf></Strd></RmtInf></TxDtls></"
      "NtryDtls></Ntry>"
      "<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts></Ntry></Stmt>";
  std::string prefixed;  // every element with a prefix
  for (std::size_t at = 0; at < inside.size(); ++at) {
    prefixed += inside[at];
    if (inside[at] != '<') continue;
    if (inside[at + 1] == '/') prefixed += inside[++at];
    prefixed += "n:";
  }
  for (const StatementFile& file : {read(camt(inside, "08")), read(camt(prefixed, "08", "n"))}) {
    const StatementEntry& entry = entry_of(file);
    EXPECT_TRUE(entry.is_reversal);
    EXPECT_EQ(entry.amount, 2000);
    EXPECT_EQ(entry.counterparty, "Bob") << "what came back had been sent to him";
    EXPECT_EQ(entry.remittance, "RF18ORD1 more");
    EXPECT_EQ(entry.end_to_end_id, "REFUND-7");
    EXPECT_EQ(file.statements[0].account, "123456");
    EXPECT_EQ(file.statements[0].entries.size(), 1u) << "what is pending is not on the account";
  }
}

TEST(StatementCamt, ABatchBecomesItsPartsWhereTheyAddUp) {
  const auto part = [](const std::string& amount, const std::string& text) {
    return "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">" + amount + "</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>" +
           text + "</Ustrd></RmtInf></TxDtls>";
  };
  const auto batch = [&](const std::string& parts) {
    return read(
        camt(account_part +
             "<Ntry><Amt "
             "Ccy=\"EUR\">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-02</Dt>"
             "</BookgDt><AcctSvcrRef>B</AcctSvcrRef><NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>" +
             parts + "</NtryDtls></Ntry></Stmt>"));
  };
  const StatementFile split = batch(part("10.00", "one") + part("20.00", "two"));
  ASSERT_EQ(entry_of(split).amount, 1000);
  EXPECT_EQ(entry_of(split, 1).amount, 2000);
  EXPECT_EQ(entry_of(split, 1).bank_reference, "B/2");
  EXPECT_FALSE(entry_of(split).is_batch);
  for (const StatementFile& whole : {batch(part("10.00", "one") + part("19.00", "two")), batch("")}) {
    EXPECT_EQ(entry_of(whole).amount, 3000);
    EXPECT_TRUE(entry_of(whole).is_batch);
    EXPECT_EQ(whole.statements[0].entries.size(), 1u);
  }
}

TEST(StatementCamt, AllFaultsAtOnceWithTheirElement) {
  const StatementFile file = read(
      camt(account_part +
           "\n<Ntry><Amt "
           "Ccy=\"EUR\">1,00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-02</Dt></BookgDt></Ntry>"
           "\n<Ntry><Amt "
           "Ccy=\"EUR\">1.00</Amt><CdtDbtInd>UP</CdtDbtInd><BookgDt><Dt>2026-11-02</Dt></BookgDt></Ntry>"
           "\n<Ntry><Amt "
           "Ccy=\"XXX\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2.11.2026</Dt></BookgDt></Ntry>"
           "\n<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry></Stmt>"));
  EXPECT_EQ(
      faults_of(file),
      "line 3, Ntry/Amt: “1,00” is no amount in EUR; one such as 12.50 is expected.\n"
      "line 4, Ntry/CdtDbtInd: “UP” does not say whether the money came or went: CRDT or DBIT is expected.\n"
      "line 5, Ntry/Amt: “XXX” is no currency; a code such as EUR is expected.\n"
      "line 5, Ntry/BookgDt: “2.11.2026” is no date; one such as 2026-12-31 is expected.\n"
      "line 6, Ntry: The entry has no date (“BookgDt”).\n");
}

TEST(StatementCamt, OtherDocumentsAreCalledByTheirName) {
  EXPECT_NE(faults_of(read("<a>")).find("broken"), std::string::npos);
  EXPECT_NE(faults_of(read("<html></html>")).find("“html”"), std::string::npos);
  EXPECT_NE(
      faults_of(read("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.052.001.02\"><BkToCstmrAcctRpt/>"
                     "</Document>"))
          .find("camt.052.001.02"),
      std::string::npos);
  EXPECT_NE(faults_of(read(camt(""))).find("no statement"), std::string::npos);
}

TEST(StatementCamt, NothingOutsideOfTheFileIsRead) {
  const StatementFile file = read(
      "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" +
      camt(
          account_part +
          "<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-02</Dt></BookgDt>"
          "<AddtlNtryInf>&e;</AddtlNtryInf></Ntry></Stmt>")
          .substr(39));
  EXPECT_EQ(entry_of(file).kind, "&e;");
}

}  // namespace
}  // namespace plenary::payments
