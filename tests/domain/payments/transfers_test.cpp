// Facts about the files of transfers that go back by hand.
#include "domain/payments/transfers.hpp"

#include <gtest/gtest.h>

#include <pugixml.hpp>

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

TEST(SepaFile, WithoutAnAccountThatPaysThereIsNone) {
  SepaOrder order = from(SepaVersion::pain_001_001_09);
  order.payer.iban = "DE89 3704 0044 0532 0130 01";
  EXPECT_THROW(sepa_file(order, {}), Refused);
  EXPECT_EQ(sepa_file(from(SepaVersion::pain_001_001_09), {}).xml, "");
}

TEST(SepaFile, TextsHaveOnlyWhatEveryBankTakes) {
  EXPECT_EQ(sepa_text("Ünïcødé “quoted” 😀 // x", 70), "Uenicode ?quoted? ? / x");
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
