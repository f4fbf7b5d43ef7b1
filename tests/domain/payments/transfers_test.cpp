// Facts about the files of transfers that go back by hand.
#include "domain/payments/transfers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pugixml.hpp>

#include "domain/payments/sepa_rules.hpp"

namespace plenary::payments {
namespace {

registration::PayOut payout(registration::Id id, std::int64_t amount, std::string iban,
                            std::string name = "Jürgen Müller & Söhne") {
  registration::PayOut payout;
  payout.refund_id = id;
  payout.order_reference = "ORD-" + std::to_string(id);
  payout.account_name = std::move(name);
  payout.iban = std::move(iban);
  payout.amount = amount;
  payout.currency = "EUR";
  payout.channel = "transfer";
  payout.note = "=cancelled";
  return payout;
}
SepaOrder from(SepaVersion version) {
  SepaOrder order;
  order.payer = {"Verein für Code e. V.", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX"};
  order.message_id = "CANCEL-1";
  order.conference = "Fair <2026>";
  order.now = *Instant::parse("2026-11-26T12:00:00.5Z");
  order.execute_on = *Date::parse("2026-11-27");
  order.version = version;
  return order;
}

TEST(SepaFile, SaysWhoPaysWhomHowMuchAndWhatIsLeftOut) {
  std::vector<registration::PayOut> payouts{payout(7, 1250, "DE02120300000000202051"), payout(8, 99, ""),
                                            payout(9, 10000, "GB82WEST12345698765432", "Łukasz Żółć"),
                                            payout(10, 5, "DE02120300000000202052")};
  payouts.push_back(payout(11, 5, "DE02120300000000202051"));
  payouts.back().currency = "CHF";
  payouts.push_back(payout(12, 5, "DE02120300000000202051"));
  payouts.back().is_test = true;
  for (const SepaVersion version : {SepaVersion::pain_001_001_03, SepaVersion::pain_001_001_09}) {
    const bool is_09 = version == SepaVersion::pain_001_001_09;
    const SepaFile file = sepa_file(from(version), payouts);
    EXPECT_EQ(file.refunds, (std::vector<registration::Id>{7, 9}));
    EXPECT_EQ(file.amount, 11250);
    ASSERT_EQ(file.left_out.size(), 4u);
    EXPECT_EQ(file.left_out[0].why, "The account is not known: enter its IBAN.");
    EXPECT_EQ(file.left_out[1].why, "The IBAN is wrong.");
    EXPECT_EQ(file.left_out[2].why, "It is not in euro.");
    EXPECT_EQ(file.left_out[3].why, "It is a test order: no money moves.");
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(file.xml.c_str()));
    const auto text = [&](const char* path) {
      return std::string(document.select_node(path).node().child_value());
    };
    EXPECT_EQ(std::string(document.document_element().attribute("xmlns").value()),
              std::string("urn:iso:std:iso:20022:tech:xsd:pain.001.001.") + (is_09 ? "09" : "03"));
    EXPECT_EQ(text("//GrpHdr/NbOfTxs"), "2");
    EXPECT_EQ(text("//GrpHdr/CtrlSum"), "112.50");
    EXPECT_EQ(text("//GrpHdr/CreDtTm"), "2026-11-26T12:00:00Z");
    EXPECT_EQ(text("//Dbtr/Nm"), "Verein fuer Code e. V.");
    EXPECT_EQ(text("//DbtrAcct/Id/IBAN"), "DE89370400440532013000");
    EXPECT_EQ(text(is_09 ? "//FinInstnId/BICFI" : "//FinInstnId/BIC"), "COBADEFFXXX");
    EXPECT_EQ(text(is_09 ? "//ReqdExctnDt/Dt" : "//ReqdExctnDt"), "2026-11-27");
    EXPECT_EQ(text("(//CdtTrfTxInf)[1]/PmtId/EndToEndId"), "REFUND-7");
    EXPECT_EQ(text("(//CdtTrfTxInf)[1]/Amt/InstdAmt"), "12.50");
    EXPECT_EQ(text("(//CdtTrfTxInf)[1]/Cdtr/Nm"), "Juergen Mueller + Soehne");
    EXPECT_EQ(text("(//CdtTrfTxInf)[1]/RmtInf/Ustrd"), "ORD-7 Fair 2026");
    EXPECT_EQ(text("(//CdtTrfTxInf)[2]/Cdtr/Nm"), "Lukasz Zolc");
    EXPECT_EQ(text("(//CdtTrfTxInf)[2]/CdtrAcct/Id/IBAN"), "GB82WEST12345698765432");
  }
}

std::string faults_of(const SepaOrder& order, std::span<const registration::PayOut> payouts) {
  std::string text;
  const SepaFile file = sepa_file(order, payouts);
  const bool is_09 = order.version == SepaVersion::pain_001_001_09;
  if (file.xml.empty()) return file.refunds.empty() ? "" : "no file";
  for (const std::string& fault : testing::sepa_faults(file.xml, is_09)) text += fault + "\n";
  return text;
}

constexpr SepaVersion versions[] = {SepaVersion::pain_001_001_03, SepaVersion::pain_001_001_09};

TEST(SepaFile, KeepsTheRulesOfItsSchema) {
  std::vector<registration::PayOut> payouts{
      payout(7, 1, "DE02120300000000202051"), payout(8, 99'999'999'999, "GB82WEST12345698765432"),
      payout(9, 10000, "DE02120300000000202051", "/ // O'Neill & <Co> \"Ltd\" /"),
      payout(10, 10000, "DE02120300000000202051", std::string(200, 'x'))};
  payouts.push_back(payout(11, 5, "DE02120300000000202051"));
  payouts.back().order_reference = std::string(200, '/');
  for (const SepaVersion version : versions) {
    SepaOrder order = from(version);
    EXPECT_EQ(faults_of(order, payouts), "");
    order.payer.bic = "";
    EXPECT_EQ(faults_of(order, payouts), "") << "no code of the bank";
    order.payer.bic = "12345678";
    EXPECT_EQ(faults_of(order, payouts), "") << "a wrong one";
    order.message_id = std::string(40, 'a') + " b";
    order.payer.name = "Société //générale/ " + std::string(80, 'y');
    order.conference = std::string(200, 'z');
    EXPECT_EQ(faults_of(order, payouts), "");
  }
}

TEST(SepaFile, TheRulesOfTheTestSeeWhatIsWrong) {
  const std::vector<registration::PayOut> one{payout(7, 1250, "DE02120300000000202051")};
  const std::string xml = sepa_file(from(SepaVersion::pain_001_001_09), one).xml;
  const auto with = [&](const std::string& what, const std::string& other) {
    std::string changed = xml;
    const std::size_t at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    changed.replace(at, what.size(), other);
    return testing::sepa_faults(changed, true).size();
  };
  EXPECT_EQ(testing::sepa_faults(xml, true).size(), 0u);
  EXPECT_GT(testing::sepa_faults(xml, false).size(), 0u);
  EXPECT_GT(with("<PmtMtd>TRF</PmtMtd>", ""), 0u);
  EXPECT_GT(with("<BtchBookg>false</BtchBookg>", "<BtchBookg>no</BtchBookg>"), 0u);
  EXPECT_GT(with("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SLEV</ChrgBr><ChrgBr>SLEV</ChrgBr>"), 0u);
  EXPECT_GT(with("12.50", "12.5"), 0u);
  EXPECT_GT(with("12.50", "13.50"), 0u) << "of the sum";
  EXPECT_GT(with("Juergen", "J\xC3\xBCrgen"), 0u);
  EXPECT_GT(with("REFUND-7", "REFUND 7"), 0u);
  EXPECT_GT(with("12:00:00Z", "12:00:00.5"), 0u);
}

TEST(SepaFile, KeepsThemWhateverPeopleAreCalled) {
  const auto text = rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", "Z", "0", " ", "/",  "//", "&",   "<", "'", "\"",           "\n", "\t", "é", "ß", "Ł",
          "İ", "ﬁ", "–", "“", "東", "Пё", "عمر", "ω", "😀", "\xE2\x80\x8B", "½",  "€",  "-", "?"})),
      [](const std::vector<std::string>& pieces) {
        std::string all;
        for (const std::string& piece : pieces) all += piece;
        return all;
      });
  const bool holds = rc::check("SEPA files keep their rules", [&] {
    std::vector<registration::PayOut> payouts;
    for (registration::Id id = 1; id <= 3; ++id) {
      payouts.push_back(
          payout(id, *rc::gen::inRange<std::int64_t>(0, 200'000'000'000), "DE02120300000000202051", *text));
      payouts.back().order_reference = *text;
    }
    SepaOrder order = from(*rc::gen::elementOf(std::vector<SepaVersion>(versions, versions + 2)));
    order.message_id = "M" + *text;
    order.conference = *text;
    order.payer.bic = *text;
    RC_ASSERT(faults_of(order, payouts) == "");
  });
  EXPECT_TRUE(holds);
}

TEST(SepaFile, LeavesOutWhatABankWouldRefuse) {
  const std::vector<registration::PayOut> payouts{
      payout(1, 1250, "BR1800360305000010009795493C1"), payout(2, 1250, "DE02120300000000202051", "😀 ?"),
      payout(3, 0, "DE02120300000000202051"), payout(4, 1250, "DE02120300000000202051", "王小明")};
  const SepaFile file = sepa_file(from(SepaVersion::pain_001_001_09), payouts);
  EXPECT_EQ(file.refunds, (std::vector<registration::Id>{4}));
  ASSERT_EQ(file.left_out.size(), 3u);
  EXPECT_EQ(file.left_out[0].why, "The account is outside of SEPA: it needs a transfer of another kind.");
  EXPECT_EQ(file.left_out[1].why, "There is no name.");
  EXPECT_EQ(file.left_out[2].why, "The amount is not above zero.");
  EXPECT_NE(file.xml.find("<Nm>wang xiao ming</Nm>"), std::string::npos) << file.xml;
}

TEST(SepaFile, WithoutAnAccountThatPaysThereIsNone) {
  SepaOrder order = from(SepaVersion::pain_001_001_09);
  order.payer.iban = "DE89 3704 0044 0532 0130 01";
  EXPECT_THROW(sepa_file(order, {}), Refused);
  EXPECT_EQ(sepa_file(from(SepaVersion::pain_001_001_09), {}).xml, "");
}

TEST(SepaFile, TextsHaveOnlyWhatEveryBankTakes) {
  EXPECT_EQ(sepa_text("Ünïcødé “quoted” 😀 // x", 70), "Uenicode quoted ? / x");
  EXPECT_EQ(sepa_text("abcdef", 3), "abc");
  EXPECT_EQ(sepa_text("  a\n\tb  ", 70), "a b");
}

TEST(TransfersCsv, IsAListForPeopleWithoutFormulas) {
  const registration::PayOut one = payout(7, 1250, "DE02120300000000202051");
  const std::string text = transfers_csv(std::span(&one, 1));
  EXPECT_NE(
      text.find("7,ORD-7,Jürgen Müller & Söhne,DE02120300000000202051,12.50,EUR,transfer,,,'=cancelled,"),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace plenary::payments
