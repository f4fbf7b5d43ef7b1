// Facts about account numbers: the registry's own examples, and each way to get one wrong.
#include "base/iban.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

TEST(Iban, TheRegistrysExamplesAreRight) {
  for (const char* iban :
       {"DE89370400440532013000", "GB29NWBK60161331926819", "NL91ABNA0417164300",
        "FR1420041010050500013M02606", "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
        "CH9300762011623852957", "AT611904300234573201", "BE68539007547034"})
    EXPECT_EQ(iban_fault(iban), IbanFault::none) << iban;
}

TEST(Iban, EachFaultIsToldApart) {
  EXPECT_EQ(iban_fault(""), IbanFault::country);
  EXPECT_EQ(iban_fault("DE"), IbanFault::country);
  EXPECT_EQ(iban_fault("1234370400440532013000"), IbanFault::country);
  EXPECT_EQ(iban_fault("DE8937040044053201300"), IbanFault::length);
  EXPECT_EQ(iban_fault("DE88370400440532013000"), IbanFault::check_digits);
  EXPECT_EQ(iban_fault("DE89370400440532013001"), IbanFault::check_digits) << "a wrong digit";
  EXPECT_EQ(iban_fault("DE89370400440523013000"), IbanFault::check_digits) << "two digits changed places";
  EXPECT_EQ(iban_fault("DE89-3704"), IbanFault::characters);
  EXPECT_EQ(iban_fault("QQ12345"), IbanFault::length) << "a country that is not in the table";
}

TEST(Iban, BlanksAndSmallLettersDoNotMatter) {
  EXPECT_EQ(normal_iban(" de89 3704 0044 0532 0130 00\t"), "DE89370400440532013000");
  EXPECT_EQ(normal_iban("de89\xC2\xA0"
                        "3704"),
            "DE893704");
  EXPECT_EQ(shown_iban("DE89370400440532013000"), "DE89 3704 0044 0532 0130 00");
  EXPECT_EQ(shown_iban(""), "");
}

TEST(Bic, EightOrElevenCharacters) {
  EXPECT_TRUE(is_bic("COBADEFF"));
  EXPECT_TRUE(is_bic("COBADEFFXXX"));
  EXPECT_TRUE(is_bic("MARKDEF1100"));
  EXPECT_FALSE(is_bic("COBADEFFX"));
  EXPECT_FALSE(is_bic("COBA12FF")) << "the country is letters";
  EXPECT_FALSE(is_bic("cobadeff"));
  EXPECT_FALSE(is_bic(""));
}

}  // namespace
}  // namespace plenary
