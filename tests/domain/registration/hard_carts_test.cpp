// Carts made to be hard, each with the figures worked out by hand with fractions: half cents, rates side by
// side, free lines, prices that buyers name, discounts that tie, currencies without and with three decimals.
// source: registration 20, 6 and 8 with D10, D14, D15, D27, D37; taxes and invoices 25, 1 and 2.
#include <gtest/gtest.h>

#include "domain/registration/example_cart.hpp"

namespace plenary::registration {
namespace {

using conference::DiscountChoice;
using conference::TaxRounding;
using testing::Amounts;
using testing::Example;
using testing::taxes;
using testing::totals;

Amounts nets(const Quote& quote) {
  Amounts all;
  for (const QuoteLine& line : quote.lines) all.push_back(line.net);
  return all;
}

// A shop of a German seller, with a rule for what is attended from elsewhere.
struct FromElsewhere : Example {
  FromElsewhere() {
    shop.seller.emplace();
    shop.seller->country = "DE";
  }
  Id online(std::int64_t rate, bool inclusive = true) {
    const Id id = tax(rate, inclusive);
    ReckonedRule& rule = shop.tax_rules.back();
    rule.rule.place_of_supply = PlaceOfSupply::customer;
    rule.rule.reverse_charge = true;
    rule.rule.legal_text = "As at home";
    rule.rule.reverse_charge_text = "Reverse charge";
    rule.countries.emplace_back("FR", 200'000);
    rule.countries.emplace_back("US", 0);
    return id;
  }
};

struct BothRoundings : ::testing::TestWithParam<TaxRounding> {
  bool per_rate() const { return GetParam() == TaxRounding::per_rate; }
  template <class Cart = Example>
  Cart cart() const {
    Cart one;
    one.shop.conference.tax_rounding = GetParam();
    return one;
  }
};
INSTANTIATE_TEST_SUITE_P(Taxes, BothRoundings,
                         ::testing::Values(TaxRounding::per_rate, TaxRounding::per_line));

TEST_P(BothRoundings, HalfACentContainedGoesUp) {
  Example e = cart();  // 3 / 6 is 0.5; together 9 / 6 is 1.5, and the two cents go to the later lines
  const Id rule = e.tax(200'000);
  for (int i = 0; i < 3; ++i) e.ticket(3, 1, rule);
  EXPECT_EQ(taxes(e.quote()), per_rate() ? (Amounts{0, 1, 1}) : (Amounts{1, 1, 1}));
  EXPECT_EQ(e.quote().total, 9) << "what is paid is fixed";
}

TEST_P(BothRoundings, HalfACentAddedGoesUp) {
  Example e = cart();  // 5 % of 0.10 is 0.005, of 0.30 it is 0.015
  const Id rule = e.tax(50'000, false);
  for (int i = 0; i < 3; ++i) e.addon(10, 1, rule);
  EXPECT_EQ(taxes(e.quote()), per_rate() ? (Amounts{0, 1, 1}) : (Amounts{1, 1, 1}));
  EXPECT_EQ(e.quote().total, per_rate() ? 32 : 33);
}

TEST_P(BothRoundings, HalfACentOfAHalfPermilleRate) {
  Example e = cart();  // 14.975 % of 700.00 is 104.825, of 350.00 it is 52.4125
  const Id rule = e.tax(149'750, false);
  e.ticket(350'00, 1, rule);
  e.ticket(350'00, 1, rule);
  EXPECT_EQ(taxes(e.quote()), per_rate() ? (Amounts{52'41, 52'42}) : (Amounts{52'41, 52'41}));
  Example one = cart();
  one.ticket(350'00, 2, one.tax(149'750, false));
  EXPECT_EQ(one.quote().tax, 104'83);
}

TEST_P(BothRoundings, FourDecimalsOfARate) {
  Example e = cart();  // 8.875 %: 8.8741, 0.0009, 17.75; together 26.625
  const Id rule = e.tax(88'750, false);
  e.ticket(99'99, 1, rule);
  e.ticket(1, 1, rule);
  e.ticket(200'00, 1, rule);
  EXPECT_EQ(taxes(e.quote()), per_rate() ? (Amounts{8'88, 0, 17'75}) : (Amounts{8'87, 0, 17'75}));
  EXPECT_EQ(e.quote().total, per_rate() ? 326'63 : 326'62);
}

TEST_P(BothRoundings, CentsTooSmallForTheirTax) {
  Example e = cart();  // 27 %: 1 holds 0.21, 2 hold 0.43; together 6 hold 1.28
  const Id rule = e.tax(270'000);
  for (const std::int64_t price : {1, 1, 1, 1, 2}) e.addon(price, 1, rule);
  EXPECT_EQ(taxes(e.quote()), per_rate() ? (Amounts{0, 0, 0, 0, 1}) : (Amounts{0, 0, 0, 0, 0}));
}

TEST_P(BothRoundings, FreeLinesGetNoCent) {
  Example e = cart();  // the last line is later than the taxed ones, and has nothing to bear a cent with
  const Id rule = e.tax(190'000);
  for (const std::int64_t price : {0, 9'99, 0, 1, 0}) e.ticket(price, 1, rule);
  EXPECT_EQ(taxes(e.quote()), (Amounts{0, 1'60, 0, 0, 0}));
  Example added = cart();  // 5.5 %: 0.55055, 1.10165, 0, 0.00385; together 1.65605
  const Id on_top = added.tax(55'000, false);
  for (const std::int64_t price : {10'01, 20'03, 0, 7}) added.ticket(price, 1, on_top);
  EXPECT_EQ(taxes(added.quote()), per_rate() ? (Amounts{55, 1'11, 0, 0}) : (Amounts{55, 1'10, 0, 0}));
}

TEST_P(BothRoundings, ContainedAndAddedTaxOfOneRateAreReckonedApart) {
  Example e = cart();
  const Id in = e.tax(190'000), on_top = e.tax(190'000, false);
  e.ticket(119'00, 1, in);
  e.ticket(100'00, 1, on_top);
  e.addon(1, 1, in);
  e.addon(1, 1, on_top);
  const Quote q = e.quote();
  EXPECT_EQ(taxes(q), (Amounts{19'00, 19'00, 0, 0}));
  EXPECT_EQ(nets(q), (Amounts{100'00, 100'00, 1, 1}));
  EXPECT_EQ(q.total, 238'02);
}

TEST_P(BothRoundings, ADiscountOverThreeRates) {
  // 10.00 over 10.00, 5.00 and 2.50 is 5.7143, 2.8571 and 1.4286: the larger remainders are the later two.
  Example e = cart();
  e.ticket(10'00, 1, e.tax(190'000));
  e.ticket(5'00, 1, e.tax(70'000));
  e.addon(2'50, 1, e.tax(0));
  e.code(VoucherType::fixed_amount, "0", 10'00);
  const Quote q = e.quote();
  EXPECT_EQ(totals(q), (Amounts{4'29, 2'14, 1'07}));
  EXPECT_EQ(taxes(q), (Amounts{68, 14, 0}));
  EXPECT_EQ(q.total, 7'50);
}

TEST_P(BothRoundings, ReverseChargeTakesTheContainedTaxOffToTheCent) {
  FromElsewhere e = cart<FromElsewhere>();
  const Id rule = e.online(190'000);
  for (int i = 0; i < 3; ++i) e.ticket(9'99, 1, rule);
  e.party = {true, "FR", true};
  const Quote q = e.quote();  // 29.97 holds 4.79: 1.59, 1.60, 1.60; alone 1.60 each
  EXPECT_EQ(nets(q), per_rate() ? (Amounts{8'40, 8'39, 8'39}) : (Amounts{8'39, 8'39, 8'39}));
  EXPECT_EQ(q.tax, 0);
  EXPECT_EQ(q.total, per_rate() ? 25'18 : 25'17);
  FromElsewhere added = cart<FromElsewhere>();
  const Id on_top = added.online(190'000, false);
  for (int i = 0; i < 3; ++i) added.ticket(33'33, 1, on_top);
  added.party = {true, "FR", true};
  EXPECT_EQ(added.quote().total, 99'99);
}

TEST_P(BothRoundings, ReverseChargeIsForForeignConfirmedBusinessesAlone) {
  FromElsewhere e = cart<FromElsewhere>();
  e.ticket(119'00, 1, e.online(190'000));
  e.ticket(119'00, 1, e.tax(190'000));  // where the event is
  const auto total = [&](TaxParty party) {
    e.party = party;
    return e.quote().total;
  };
  EXPECT_EQ(total({true, "FR", true}), 219'00) << "admission is taxed where the event is";
  EXPECT_EQ(total({true, "FR", false}), 238'00) << "not confirmed";
  EXPECT_EQ(total({false, "FR", true}), 238'00) << "not a business";
  EXPECT_EQ(total({true, "DE", true}), 238'00) << "of the seller's country";
  EXPECT_EQ(total({true, "", true}), 238'00) << "of no country";
  e.shop.tax_rules[0].rule.reverse_charge = false;
  EXPECT_EQ(total({true, "FR", true}), 238'00) << "the rule does not allow it";
  e.shop.tax_rules[0].rule.reverse_charge = true;
  e.shop.seller->country.clear();
  EXPECT_EQ(total({true, "FR", true}), 238'00) << "nobody knows the seller's country";
}

TEST_P(BothRoundings, ConsumersPayTheirOwnCountrysRate) {
  FromElsewhere e = cart<FromElsewhere>();
  e.ticket(119'00, 1, e.online(190'000));
  const auto tax = [&](std::string_view country) {
    e.party = {false, country, false};
    return e.quote().tax;
  };
  EXPECT_EQ(tax("FR"), 19'83) << "119.00 / 6";
  EXPECT_EQ(tax("US"), 0);
  EXPECT_EQ(tax("AT"), 19'00) << "no rate of its own";
  EXPECT_EQ(tax("DE"), 19'00);
  EXPECT_EQ(tax(""), 19'00);
}

// 20 % of Austria and 20 % of France are two taxes, each of which its own state checks.
TEST_P(BothRoundings, TheSameRateOfTwoCountriesIsReckonedApart) {
  FromElsewhere e = cart<FromElsewhere>();
  e.shop.conference.event_country = "AT";
  e.ticket(3, 1, e.tax(200'000));
  e.ticket(3, 1, e.online(190'000));
  e.party = {false, "FR", false};
  const Quote q = e.quote();
  EXPECT_EQ(q.lines[0].applied_tax.country, "AT");
  EXPECT_EQ(q.lines[1].applied_tax.country, "FR");
  EXPECT_EQ(taxes(q), (Amounts{1, 1})) << "half a cent each; 1 together";
}

TEST(HardCarts, WhatIsUntaxedAtHomeIsTaxedWhereItsRateIs) {
  for (const TaxCategory at_home : {TaxCategory::zero, TaxCategory::exempt, TaxCategory::outside}) {
    FromElsewhere e;
    e.ticket(120'00, 1, e.online(0));
    e.shop.tax_rules[0].rule.category = at_home;
    e.party = {false, "FR", false};
    const Quote french = e.quote();
    EXPECT_EQ(french.tax, 20'00);
    EXPECT_EQ(french.lines[0].applied_tax.category, TaxCategory::standard);
    EXPECT_EQ(french.lines[0].applied_tax.text, "") << "why it is untaxed is not true there";
    e.party.country = "US";
    EXPECT_EQ(e.quote().lines[0].applied_tax.category, TaxCategory::zero);
    e.party.country = "DE";
    EXPECT_EQ(e.quote().lines[0].applied_tax.category, at_home);
    EXPECT_EQ(e.quote().lines[0].applied_tax.text, "As at home");
  }
  FromElsewhere reduced;
  reduced.ticket(120'00, 1, reduced.online(70'000));
  reduced.shop.tax_rules[0].rule.category = TaxCategory::reduced;
  reduced.party = {false, "FR", false};
  EXPECT_EQ(reduced.quote().lines[0].applied_tax.category, TaxCategory::reduced);
}

TEST(HardCarts, YenHaveNoFraction) {
  Example e;  // 15 % of 1990 is 298.5; 1691 / 11 is 153.7
  e.shop.currency = Currency::of("JPY");
  e.ticket(1990, 1, e.tax(100'000));
  e.code(VoucherType::percentage, "15");
  EXPECT_EQ(totals(e.quote()), (Amounts{1691}));
  EXPECT_EQ(e.quote().tax, 154);
}

TEST(HardCarts, DinarsHaveThreeDecimals) {
  Example e;  // 12.5 % of 10.500 is 1.3125; 9.187 / 21 is 0.43748
  e.shop.currency = Currency::of("KWD");
  e.ticket(10'500, 1, e.tax(50'000));
  e.code(VoucherType::percentage, "12.5");
  EXPECT_EQ(totals(e.quote()), (Amounts{9'187}));
  EXPECT_EQ(e.quote().tax, 437);
}

TEST(HardCarts, TenDigitsAreTaxedToTheCent) {
  Example e;  // 19999999999 holds 3193277310.76; the odd cent is the later line's
  const Id rule = e.tax(190'000);
  e.ticket(9'999'999'999, 1, rule);
  e.ticket(9'999'999'999, 1, rule);
  e.addon(1, 1, rule);
  EXPECT_EQ(taxes(e.quote()), (Amounts{1'596'638'655, 1'596'638'656, 0}));
}

TEST(HardCarts, NoLineIsTakenBelowNothing) {
  Example e;  // 0.02 over five cents: 0.4 each, the later two
  for (int i = 0; i < 5; ++i) e.ticket(1);
  e.code(VoucherType::fixed_amount, "0", 2);
  EXPECT_EQ(totals(e.quote()), (Amounts{1, 1, 1, 0, 0}));
  Example uneven;  // 0.07 over 0.01 four times and 0.96: 0.07 each of the four is no cent
  for (int i = 0; i < 4; ++i) uneven.ticket(1);
  uneven.ticket(96);
  uneven.code(VoucherType::fixed_amount, "0", 7);
  EXPECT_EQ(totals(uneven.quote()), (Amounts{1, 1, 1, 1, 89}));
}

TEST(HardCarts, AFixedAmountIsSpreadByWhatIsLeftToPay) {
  // 12.07 over 100.05, 20.05 and 0.01 beside a free line: 10.05, 2.0141 and 0.001.
  Example e;
  for (const std::int64_t price : {100'05, 20'05, 0, 1}) e.ticket(price);
  e.code(VoucherType::fixed_amount, "0", 12'07);
  EXPECT_EQ(totals(e.quote()), (Amounts{90'00, 18'03, 0, 1}));
}

TEST(HardCarts, ANamedPriceIsDiscountedAndTaxedLikeAnyOther) {
  Example e;  // 33.33 % of 12.34 is 4.1129; 8.23 hold 0.538 of 7 %
  e.ticket(50'00, 1, e.tax(70'000));
  e.shop.ticket_types[0].free_price = true;
  e.shop.ticket_types[0].minimum_price = 10'00;
  e.items[0].chosen_price = 12'34;
  e.code(VoucherType::percentage, "33.33");
  EXPECT_EQ(totals(e.quote()), (Amounts{8'23}));
  EXPECT_EQ(e.quote().tax, 54);
  e.items[0].chosen_price = 5'00;  // the least was raised meanwhile
  EXPECT_EQ(e.quote().subtotal, 10'00);
  e.items[0].chosen_price.reset();
  EXPECT_EQ(e.quote().subtotal, 50'00);
  e.shop.ticket_types[0].free_price = false;  // fixed meanwhile
  e.items[0].chosen_price = 12'34;
  EXPECT_EQ(e.quote().subtotal, 50'00);
}

TEST(HardCarts, ANamedPriceOfNothingTakesNothingOfAVoucher) {
  Example e;
  e.ticket(50'00);
  e.shop.ticket_types[0].free_price = true;
  e.items[0].chosen_price = 0;
  e.ticket(20'00);
  Voucher& code = e.code(VoucherType::comp, "0");
  code.max_units = 1;
  EXPECT_EQ(totals(e.quote()), (Amounts{0, 0})) << "its unit is for what costs something";
  code.type = VoucherType::fixed_amount;
  code.amount = 5'00;
  EXPECT_EQ(totals(e.quote()), (Amounts{0, 15'00}));
}

TEST(HardCarts, OfTwoEquallyGoodDiscountsTheFirstIsTaken) {
  for (const DiscountChoice choice : {DiscountChoice::first_match, DiscountChoice::best_match}) {
    Example e;
    e.shop.conference.discount_choice = choice;
    e.ticket(100'00, 2);
    e.discount(ConditionKind::time_limit, "25");
    e.discount(ConditionKind::product_discount, "0", 25'00);
    const Quote q = e.quote();
    EXPECT_EQ(q.lines[0].condition_id, 1);
    EXPECT_EQ(q.condition_discount, 50'00) << "and they do not add up";
  }
}

TEST(HardCarts, TheBestIsReckonedLineByLine) {
  Example e;  // half of two units, 30.00 off one unit, a third off everything
  e.shop.conference.discount_choice = DiscountChoice::best_match;
  e.ticket(80'00, 5);
  e.ticket(20'00, 2);
  e.addon(99'99, 1);
  e.discount(ConditionKind::time_limit, "50").condition.max_quantity = 2;
  e.discount(ConditionKind::product_discount, "0", 30'00).condition.max_quantity = 1;
  e.discount(ConditionKind::category_discount, "33.33");
  const Quote q = e.quote();
  EXPECT_EQ(q.lines[0].condition_id, 3) << "133.32 of 400.00 is more than 80.00";
  EXPECT_EQ(q.lines[0].condition_discount, 133'32);
  EXPECT_EQ(q.lines[1].condition_id, 1) << "20.00 of 40.00; the fixed amount is at most a unit's price";
  EXPECT_EQ(q.lines[2].condition_id, 1) << "50.00 for 49.995";
  EXPECT_EQ(q.lines[2].condition_discount, 50'00);
}

TEST(HardCarts, TheBestThatIsUsedUpMakesRoomForTheNext) {
  Example e;
  e.shop.conference.discount_choice = DiscountChoice::best_match;
  e.ticket(100'00, 2);
  e.ticket(100'00, 2);
  e.ticket(100'00, 2);
  e.discount(ConditionKind::time_limit, "50").condition.usage_limit = 3;
  e.discount(ConditionKind::product_discount, "20");
  const Quote q = e.quote();
  EXPECT_EQ(totals(q), (Amounts{100'00, 150'00, 160'00}))
      << "one unit at half price beats two at a fifth off";
  EXPECT_EQ(q.lines[1].condition_units, 1);
}

TEST(HardCarts, AFirstMatchOfNothingDoesNotClaimTheLine) {
  Example e;  // 0.4 % of a cent is nothing
  e.ticket(1, 1);
  e.discount(ConditionKind::time_limit, "0.4");
  e.discount(ConditionKind::product_discount, "100");
  EXPECT_EQ(e.quote().lines[0].condition_id, 2);
  EXPECT_EQ(e.quote().total, 0);
}

TEST(HardCarts, WhatIsIncludedIsFreeForItsBuyersAndTheVoucherTakesTheRest) {
  Example e;  // one shirt comes with the ticket bought before; of the second the voucher takes half
  e.addon(25'01, 2);
  DiscountRule& included = e.discount(ConditionKind::included_product, "100");
  included.condition.max_quantity = 1;
  included.condition.ticket_scope = Scope::none;
  included.links.enabling_ticket_types = {7};
  e.code(VoucherType::percentage, "50");
  EXPECT_EQ(e.quote().total, 25'01) << "a stranger: half of 50.02";
  e.person.user_id = 1;
  EXPECT_EQ(e.quote().total, 25'01) << "who bought nothing";
  e.person.bought = {7};
  const Quote q = e.quote();
  EXPECT_EQ(q.condition_discount, 25'01);
  EXPECT_EQ(q.voucher_discount, 12'51) << "12.505";
  EXPECT_EQ(q.total, 12'50);
  included.links.enabling_ticket_types.clear();
  EXPECT_EQ(e.quote().condition_discount, 0) << "of nobody";
}

TEST(HardCarts, AnExhaustedBudgetLeavesThePriceAsItIs) {
  Example e;
  e.ticket(10'00);
  e.code(VoucherType::percentage, "50");
  e.voucher->budget_left = 0;
  EXPECT_EQ(e.quote().total, 10'00);
  e.voucher->budget_left = -5'00;  // lowered below what was used
  EXPECT_EQ(e.quote().total, 10'00);
  e.voucher->budget_left = 1;
  EXPECT_EQ(e.quote().total, 9'99);
}

TEST(HardCarts, ThePercentagesOfTheEdges) {
  Example e;
  e.ticket(99'99, 3);
  e.code(VoucherType::percentage, "100");
  EXPECT_EQ(e.quote().total, 0);
  e.code(VoucherType::percentage, "0");
  EXPECT_EQ(e.quote().total, 299'97);
  e.code(VoucherType::percentage, "99.99");  // 299.940003 of 299.97
  EXPECT_EQ(e.quote().total, 3);
  e.code(VoucherType::percentage, "0.01");  // 0.029997
  EXPECT_EQ(e.quote().total, 299'94);
}

TEST(HardCarts, EverythingAtOnce) {
  // Tickets: early bird 15 % for three units; 2 × 349.99 and 2 × 199.95, one rate contained. Shirts 3 × 22.50
  // at 7 %, a free sticker. A voucher takes 33.33 off tickets and shirts together.
  Example e;
  const Id standard = e.tax(190'000), reduced = e.tax(70'000);
  e.ticket(349'99, 2, standard);
  e.ticket(199'95, 2, standard);
  e.addon(22'50, 3, reduced);
  e.addon(0, 1, standard);
  DiscountRule& early = e.discount(ConditionKind::time_limit, "15");
  early.condition.usage_limit = 3;
  early.condition.addon_scope = Scope::none;
  e.code(VoucherType::fixed_amount, "0", 33'33);
  const Quote q = e.quote();
  // 699.98 × 15 % is 104.997; 199.95 × 15 % is 29.9925.
  EXPECT_EQ(q.lines[0].condition_discount, 105'00);
  EXPECT_EQ(q.lines[1].condition_discount, 29'99);
  // 33.33 over 594.98, 369.91 and 67.50, together 1032.39: 19.2084, 11.9424 and 2.1792.
  EXPECT_EQ(q.lines[0].voucher_discount, 19'21);
  EXPECT_EQ(q.lines[1].voucher_discount, 11'94);
  EXPECT_EQ(q.lines[2].voucher_discount, 2'18);
  EXPECT_EQ(totals(q), (Amounts{575'77, 357'97, 65'32, 0}));
  // 933.74 × 19 / 119 is 149.0846, 65.32 × 7 / 107 is 4.2733; 91.9299 and 57.1549 of the first.
  EXPECT_EQ(taxes(q), (Amounts{91'93, 57'15, 4'27, 0}));
  EXPECT_EQ(q.total, 999'06);
}

}  // namespace
}  // namespace plenary::registration
