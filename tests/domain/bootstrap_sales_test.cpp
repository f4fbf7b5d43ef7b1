// The part of a conference file that is about selling: taxes, sellers, variations, limits. source:
// configuration 10, 6.5; taxes 25, 1 to 4; registration 20, D37.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/settings.hpp"
#include "domain/bootstrap.hpp"
#include "domain/bootstrap_files.hpp"
#include "domain/conference/audit.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::parsed;
using testing::sample;
using testing::with;

const std::string seller = R"([conference.seller]
name = "Verein"
country = "DE"
invoice_prefix = "V-"
credit_note_prefix = "VC-"
)";

const std::string sales = with(with(sample, "[[conference.sections]]", R"(event_country = "DE"
discount_choice = "best_match"
self_cancel_until = 2027-05-01
cancel_fee_percent = 12.5

)" + seller + R"(
[[conference.taxes]]
slug = "full"
name = "Full rate"
rate = 19
countries = { FR = 20 }
place_of_supply = "customer"

[[conference.sections]])"),
                               "price = 25.00\nquantity = 500", R"(price = 25.00
quantity = 500
tax = "FULL"
max_per_order = 2
email_domains = ["uni.example", "example.org"])") +
                          R"(
[[conference.addons]]
name = "Cap"
price = 10
tax = "full"
per_user = 3
max_per_ticket = 1

[[conference.addons.variations]]
name = "Red"
price = 12

[[conference.addons.variations]]
name = "Blue"
quantity = 5
)";

class BootstrapSales : public test::DatabaseTest {
 protected:
  test::TestDatabase::Change change() override {
    return [set = DatabaseTest::change()](db::DatabaseOptions& options) {
      set(options);
      options.slow_write = Duration::hours(1);  // one long write is how a bootstrap is meant to be
    };
  }
  BootstrapReport apply(const std::string& text, bool update = false) {
    return apply_conference_file(db(), parsed(text), settings_, {.update = update});
  }
  std::string refusal(const std::string& text) {
    try {
      apply(text);
    } catch (const BootstrapError& error) {
      return error.what();
    } catch (const config::ConfigError& error) {
      return error.what();
    }
    return "applied";
  }
  conference::Conference stored() {
    return db().read_now([](db::Tx& tx) { return conference::find(tx, "python-2077").value(); });
  }
  config::ProgramSettings settings_;
};
ON_BOTH_ENGINES(BootstrapSales);

TEST_P(BootstrapSales, MakesTaxesSellerVariationsAndLimits) {
  const BootstrapReport report = apply(sales);
  const conference::Conference c = stored();
  EXPECT_EQ(c.event_country, "DE");
  EXPECT_EQ(c.discount_choice, conference::DiscountChoice::best_match);
  EXPECT_EQ(c.cancel_fee_percent.to_string(), "12.5");
  ASSERT_TRUE(c.seller_id);
  db().read_now([&](db::Tx& tx) {
    EXPECT_EQ(conference::find_seller(tx, *c.seller_id)->name, "Verein");
    const auto rules = registration::tax_rules_of(tx, c.id);
    EXPECT_EQ(rules.size(), 1u);
    EXPECT_EQ(rules.at(0).rate, 190'000);
    EXPECT_EQ(rules.at(0).countries.size(), 1u);
    const auto student = registration::find_ticket_type(tx, c.id, "student").value();
    EXPECT_EQ(student.tax_rule_id, rules.at(0).rule.id);
    EXPECT_EQ(student.max_per_order, 2);
    EXPECT_EQ(student.email_domains, "uni.example example.org");
    const auto cap = registration::find_addon(tx, c.id, "cap").value();
    EXPECT_EQ(cap.limit_per_user, 3);
    EXPECT_EQ(cap.max_per_ticket, 1);
    const auto kinds = registration::variations_of(tx, c.id);
    EXPECT_EQ(kinds.size(), 2u);
    EXPECT_EQ(kinds.at(0).name, "Red");
    EXPECT_EQ(kinds.at(0).price, 1'200);
    EXPECT_EQ(kinds.at(1).slug, "blue");
    EXPECT_EQ(kinds.at(1).addon_id, cap.id);
    EXPECT_EQ(
        tx.one<std::int64_t>("SELECT capacity FROM stock WHERE kind = 'variation' AND capacity IS NOT NULL"),
        5);
    return 0;
  });
  const std::string text = report_text(report, 1);
  for (const char* told : {"Created seller: Verein (V-)", "Created tax: Full rate (full): 19 %",
                           "Created variation: Red (cap/red): $12.00"})
    EXPECT_THAT(text, HasSubstr(told));
}

TEST_P(BootstrapSales, AnUpdateSaysWhatChangesAndKeepsWhatIsLeftOut) {
  apply(sales);
  const BootstrapReport same = apply(sales, true);
  EXPECT_EQ(counts_of(same).change, 0u) << report_text(same, 2);
  const std::string changed =
      with(with(with(sales, "rate = 19", "rate = 20"), "{ FR = 20 }", "{ FR = 20, AT = 10 }"),
           "name = \"Red\"\nprice = 12", "name = \"Red\"\nprice = 13");
  const BootstrapReport report = apply(changed, true);
  const std::string text = report_text(report, 1);
  EXPECT_THAT(text, HasSubstr("rate: 19 % -> 20 %"));
  EXPECT_THAT(text, HasSubstr("countries: FR 20 % -> AT 10 %, FR 20 %"));
  EXPECT_THAT(text, HasSubstr("price: $12.00 -> $13.00"));
  EXPECT_EQ(counts_of(report).change, 2u);
  const BootstrapReport less = apply(sample, true);
  EXPECT_EQ(counts_of(less).change, 0u) << "what a file leaves out stays";
  EXPECT_EQ(less.absent.size(), 2u) << "the tax and the add-on";
}

TEST_P(BootstrapSales, TheSameSellerIsFoundAgainByItsPrefix) {
  apply(sales);
  apply(with(with(sales, "name = \"Python 2077\"", "name = \"Python 2078\""), "name = \"Verein\"",
             "name = \"Verein e. V.\""));
  db().read_now([](db::Tx& tx) {
    EXPECT_EQ(tx.one<std::int64_t>("SELECT count(*) FROM seller"), 1);
    EXPECT_EQ(tx.one<std::string>("SELECT name FROM seller"), "Verein e. V.");
    EXPECT_EQ(tx.one<std::int64_t>("SELECT count(*) FROM conference WHERE seller_id IS NOT NULL"), 2);
    return 0;
  });
}

TEST_P(BootstrapSales, WhatDoesNotFitIsToldWithItsPlace) {
  EXPECT_THAT(refusal(with(sales, "tax = \"FULL\"", "tax = \"half\"")), HasSubstr("unknown tax \"half\""));
  EXPECT_THAT(refusal(with(sales, "place_of_supply = \"customer\"", "place_of_supply = \"exempt\"")),
              HasSubstr("have no rate"));
  EXPECT_THAT(refusal(with(sales, "country = \"DE\"", "country = \"XX\"")),
              HasSubstr("the two letters of a country"));
}

TEST_P(BootstrapSales, ThePaymentSetUpIsMadeChangedAndKeptWhereTheFileSaysNothing) {
  const std::string payment = R"(
[conference.payment]
offers_transfer = true
account_holder = "Fair e. V."
iban = "DE89 3704 0044 0532 0130 00"
term_days = 10
card_fee_amount = 1.50
card_fee_percent = 1.5
fee_tax = "FULL"
)";
  apply(sales + payment);
  const auto stored_setup = [&] {
    return db().read_now([&](db::Tx& tx) {
      const auto c = conference::find(tx, "python-2077").value();
      return registration::payment_setup_of(tx, c.id);
    });
  };
  EXPECT_TRUE(stored_setup().offers_transfer);
  EXPECT_TRUE(stored_setup().offers_card) << "as it is where nobody says otherwise";
  EXPECT_EQ(stored_setup().iban, "DE89370400440532013000");
  EXPECT_EQ(stored_setup().term_days, 10);
  EXPECT_EQ(stored_setup().card_fee_amount, 150);
  EXPECT_TRUE(stored_setup().fee_tax_rule_id.has_value());
  EXPECT_EQ(counts_of(apply(sales + payment, true)).change, 0u);
  const BootstrapReport report = apply(sales + with(payment, "term_days = 10", "term_days = 12"), true);
  EXPECT_THAT(report_text(report, 1), HasSubstr("term_days: 10 -> 12"));
  apply(sales, true);
  EXPECT_EQ(stored_setup().term_days, 12);
  const auto refused = [&](const char* what, const char* instead) {
    return refusal(
        with(with(sales + payment, "name = \"Python 2077\"", "name = \"Python 2078\""), what, instead));
  };
  EXPECT_THAT(refused("0130 00", "0130 01"),
              HasSubstr("conference.payment: found what does not go together; allowed: This is no IBAN"));
  EXPECT_THAT(refused("fee_tax = \"FULL\"", "fee_tax = \"half\""), HasSubstr("unknown tax \"half\""));
  EXPECT_THAT(refused("card_fee_percent = 1.5", "card_fee_percent = 26"),
              HasSubstr("between 0 and 25 percent"));
  EXPECT_THAT(refused("term_days = 10", "term_days = 0"), HasSubstr("term_days"));
  EXPECT_THAT(refused("account_holder = \"Fair e. V.\"\n", ""), HasSubstr("the account's holder"));
}

}  // namespace
}  // namespace plenary::domain
