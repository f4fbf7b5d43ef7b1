// Prices to the cent: every worked example of the chapters, what must hold of any cart, and the engine
// against a slow, literal model. source: registration 20, 8; taxes and invoices 25, 2.
#include "domain/registration/pricing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "domain/registration/example_cart.hpp"
#include "domain/registration/fair.hpp"
#include "domain/registration/literal_pricing.hpp"
#include "domain/registration/random_shop.hpp"
#include "domain/registration/shares.hpp"

namespace plenary::registration {
namespace {

using testing::Amounts;
using testing::Draw;
using testing::Example;
using testing::literal_prices;
using testing::random_cart;
using testing::random_catalogue;
using testing::RandomCart;
using testing::taxes;
using testing::totals;

constexpr Instant now{1'000};

TEST(WorkedExamples, OneToFourteen) {
  {
    Example e;  // 1
    e.ticket(100'00, 2);
    e.addon(25'00);
    EXPECT_EQ(e.quote().subtotal, 225'00);
    EXPECT_EQ(e.quote().total, 225'00);
  }
  {
    Example e;  // 2
    e.ticket(33'33, 3);
    e.code(VoucherType::percentage, "15");
    EXPECT_EQ(e.quote().discount, 15'00);
    EXPECT_EQ(e.quote().total, 84'99);
  }
  {
    Example e;  // 3
    e.ticket(49'00);
    e.code(VoucherType::percentage, "2.5");
    EXPECT_EQ(e.quote().total, 47'77);
  }
  {
    Example e;  // 4
    e.ticket(10'05);
    e.ticket(20'05);
    e.code(VoucherType::percentage, "10");
    EXPECT_EQ(e.quote().discount, 3'02);
    EXPECT_EQ(e.quote().total, 27'08);
  }
  {
    Example e;  // 5
    e.ticket(100'00);
    e.addon(25'00);
    e.code(VoucherType::fixed_amount, "0", 25'00);
    EXPECT_EQ(totals(e.quote()), (Amounts{80'00, 20'00}));
    EXPECT_EQ(e.quote().total, 100'00);
  }
  {
    Example e;  // 6
    for (int i = 0; i < 3; ++i) e.ticket(10'00);
    e.code(VoucherType::fixed_amount, "0", 10'00);
    EXPECT_EQ(totals(e.quote()), (Amounts{6'67, 6'67, 6'66}));
  }
  {
    Example e;  // 7
    e.ticket(10'00);
    e.code(VoucherType::fixed_amount, "0", 1000'00);
    EXPECT_EQ(e.quote().discount, 10'00);
    EXPECT_EQ(e.quote().total, 0);
  }
  {
    Example e;  // 8
    e.ticket(100'00);
    e.ticket(300'00);
    e.code(VoucherType::fixed_amount, "0", 80'00);
    EXPECT_EQ(totals(e.quote()), (Amounts{80'00, 240'00}));
  }
  {
    Example e;  // 9
    e.ticket(100'00);
    e.discount(ConditionKind::time_limit, "20");
    e.code(VoucherType::percentage, "10");
    EXPECT_EQ(e.quote().condition_discount, 20'00);
    EXPECT_EQ(e.quote().voucher_discount, 8'00);
    EXPECT_EQ(e.quote().total, 72'00);
  }
  {
    Example e;  // 10
    e.ticket(100'00);
    e.discount(ConditionKind::time_limit, "20");
    e.code(VoucherType::comp, "0");
    EXPECT_EQ(e.quote().voucher_discount, 80'00);
    EXPECT_EQ(e.quote().total, 0);
  }
  {
    Example e;  // 11 and 12
    e.ticket(100'00, 5);
    e.discount(ConditionKind::time_limit, "50").condition.max_quantity = 2;
    EXPECT_EQ(e.quote().total, 400'00);
    e.shop.discounts.clear();
    e.discount(ConditionKind::time_limit, "0", 10'00).condition.max_quantity = 2;
    EXPECT_EQ(e.quote().total, 480'00);
  }
  {
    Example e;  // 13
    e.ticket(19'99, 3);
    e.discount(ConditionKind::category_discount, "33.33");
    EXPECT_EQ(e.quote().discount, 19'99);
    EXPECT_EQ(e.quote().total, 39'98);
  }
  {
    Example e;  // 14
    const Id cheap = e.ticket(100'00);
    e.ticket(300'00);
    const Id workshop = e.addon(50'00);
    e.addon(75'00);
    Voucher& v = e.code(VoucherType::comp, "0");
    v.ticket_scope = v.addon_scope = Scope::selected;
    e.voucher->products = {{cheap}, {workshop}};
    EXPECT_EQ(e.quote().discount, 150'00);
    EXPECT_EQ(e.quote().total, 375'00);
  }
}

TEST(WorkedExamples, FifteenCombinesConditionsAndVoucher) {
  Example e;
  const Id corporate = e.ticket(350'00, 2);
  const Id workshop = e.addon(75'00);
  e.addon(25'00, 3);
  DiscountRule& a = e.discount(ConditionKind::product_discount, "50");
  a.condition.priority = 5;
  a.condition.max_quantity = 1;
  a.condition.ticket_scope = a.condition.addon_scope = Scope::selected;
  a.links.products = {{corporate}, {workshop}};
  DiscountRule& b = e.discount(ConditionKind::category_discount, "10");
  b.condition.priority = 10;
  b.condition.ticket_scope = Scope::none;
  e.code(VoucherType::fixed_amount, "0", 100'00);
  const Quote q = e.quote();
  EXPECT_EQ(q.subtotal, 850'00);
  EXPECT_EQ(q.condition_discount, 220'00);
  EXPECT_EQ(q.voucher_discount, 100'00);
  EXPECT_EQ(totals(q), (Amounts{441'67, 31'55, 56'78}));
  EXPECT_EQ(q.total, 530'00);
}

TEST(WorkedExamples, Taxes) {
  using conference::TaxRounding;
  for (const TaxRounding mode : {TaxRounding::per_rate, TaxRounding::per_line}) {
    const bool per_rate = mode == TaxRounding::per_rate;
    {
      Example e;  // 1
      e.shop.conference.tax_rounding = mode;
      e.ticket(119'00, 1, e.tax(190'000));
      EXPECT_EQ(e.quote().tax, 19'00);
      EXPECT_EQ(e.quote().total, 119'00);
    }
    {
      Example e;  // 2 and 3
      e.shop.conference.tax_rounding = mode;
      const Id rule = e.tax(190'000);
      for (int i = 0; i < 3; ++i) e.ticket(9'99, 1, rule);
      EXPECT_EQ(taxes(e.quote()), per_rate ? (Amounts{1'59, 1'60, 1'60}) : (Amounts{1'60, 1'60, 1'60}));
    }
    {
      Example e;  // 4
      e.shop.conference.tax_rounding = mode;
      e.ticket(100'00, 1, e.tax(190'000));
      e.ticket(50'00, 1, e.tax(70'000));
      EXPECT_EQ(taxes(e.quote()), (Amounts{15'97, 3'27}));
    }
    {
      Example e;  // 5 and 6
      e.shop.conference.tax_rounding = mode;
      const Id rule = e.tax(190'000, false);
      for (int i = 0; i < 3; ++i) e.ticket(33'33, 1, rule);
      EXPECT_EQ(e.quote().tax, per_rate ? 19'00 : 18'99);
      EXPECT_EQ(e.quote().total, per_rate ? 118'99 : 118'98);
    }
    {
      Example e;  // 7: yen have no decimals
      e.shop.conference.tax_rounding = mode;
      e.ticket(1980, 1, e.tax(100'000));
      EXPECT_EQ(e.quote().tax, 180);
    }
    {
      Example e;  // 8: dinars have three
      e.shop.conference.tax_rounding = mode;
      e.ticket(10'500, 1, e.tax(50'000));
      EXPECT_EQ(e.quote().tax, 500);
    }
    {
      Example e;  // 12
      e.shop.conference.tax_rounding = mode;
      e.shop.seller.emplace();
      e.shop.seller->country = "DE";
      const Id rule = e.tax(190'000, false);
      TaxRule& text = e.shop.tax_rules.back().rule;
      text.place_of_supply = PlaceOfSupply::customer;
      text.reverse_charge = true;
      text.reverse_charge_text = "Reverse charge";
      e.ticket(100'00, 1, rule);
      e.party = {true, "FR", true};
      const Quote q = e.quote();
      EXPECT_EQ(q.tax, 0);
      EXPECT_EQ(q.total, 100'00);
      EXPECT_TRUE(q.lines[0].applied_tax.reverse_charge);
      EXPECT_EQ(q.lines[0].applied_tax.text, "Reverse charge");
      e.party.vat_confirmed = false;  // the service was silent: tax is charged
      EXPECT_EQ(e.quote().tax, 19'00);
    }
  }
  {
    Example e;  // 9
    const Id rule = e.tax(190'000);
    e.ticket(100'00, 1, rule);
    e.ticket(300'00, 1, rule);
    e.code(VoucherType::fixed_amount, "0", 80'00);
    EXPECT_EQ(e.quote().total, 320'00);
    EXPECT_EQ(e.quote().tax, 51'09);
  }
  // 10 and 11: the tax of refunds adds up.
  EXPECT_EQ(part_of(19'00, 119'00, 0, 59'50), 9'50);
  EXPECT_EQ(part_of(19'00, 119'00, 59'50, 59'50), 9'50);
}

TEST(Prices, AVoucherOfSoManyUnitsTakesTheDearestFirst) {
  Example e;
  e.ticket(50'00, 2);
  e.ticket(200'00, 1);
  e.code(VoucherType::comp, "0").max_units = 2;
  EXPECT_EQ(totals(e.quote()), (Amounts{50'00, 0}));
}

// What the list says does not count: the voucher is for what is left to pay.
TEST(Prices, TheDearestUnitsAreThoseThatCostMostAfterAutomaticDiscounts) {
  Example e;
  e.ticket(200'00, 1);
  e.ticket(50'00, 2);
  DiscountRule& most_off = e.discount(ConditionKind::time_limit, "90");
  most_off.condition.ticket_scope = Scope::selected;
  most_off.links.products.ticket_types = {1};
  e.code(VoucherType::comp, "0").max_units = 1;
  const Quote q = e.quote();
  EXPECT_EQ(totals(q), (Amounts{20'00, 50'00}));
  EXPECT_EQ(q.lines[1].voucher_units, 1);
}

TEST(Prices, OfALineThatADiscountReachedInPartTheUnitsAtTheFullPriceComeFirst) {
  Example e;
  e.ticket(100'00, 3);
  e.ticket(60'00, 2);
  DiscountRule& half = e.discount(ConditionKind::time_limit, "50");
  half.condition.usage_limit = 2;
  Voucher& code = e.code(VoucherType::comp, "0");
  code.max_units = 1;
  EXPECT_EQ(totals(e.quote()), (Amounts{100'00, 120'00}));
  code.max_units = 3;  // the one at 100, then the two at 60; not those at 50
  EXPECT_EQ(totals(e.quote()), (Amounts{100'00, 0}));
  code.max_units = 4;
  EXPECT_EQ(totals(e.quote()), (Amounts{50'00, 0}));
}

TEST(Prices, APriceThatIsChosenOrOfAVariationCountsForTheDearest) {
  Example e;
  e.ticket(10'00, 1);
  e.ticket(30'00, 1);
  e.shop.ticket_types[0].free_price = true;
  e.items[0].chosen_price = 40'00;
  e.code(VoucherType::comp, "0").max_units = 1;
  EXPECT_EQ(totals(e.quote()), (Amounts{0, 30'00}));
}

TEST(Prices, ThePersonQualifiesForWhatIsOpenForThemAndNotUsedUp) {
  Example e;
  e.ticket(100'00);
  e.discount(ConditionKind::time_limit, "10").condition.end_time = Instant{999};  // over
  e.discount(ConditionKind::time_limit, "10").condition.end_time = Instant{1'000};
  e.discount(ConditionKind::speaker, "20").condition.is_presenter = true;
  e.discount(ConditionKind::group_member, "20").links.groups = {7};
  e.discount(ConditionKind::product_discount, "20").condition.usage_limit = 3;
  StockLevel used;
  used.kind = StockKind::condition;
  used.product_id = 5;
  used.capacity = 3;
  used.sold = 2;
  PricingInput input;
  input.now = e.now;
  const auto names = [&] {
    std::vector<std::string> all;
    for (const DiscountRule* rule : discounts_for(e.shop, input)) all.push_back(rule->condition.name);
    return all;
  };
  using Names = std::vector<std::string>;
  StockLevels levels({used});
  input.levels = &levels;
  EXPECT_EQ(names(), (Names{"discount 2", "discount 5"})) << "a guest";
  used.held = 1;
  levels = StockLevels({used});
  EXPECT_EQ(names(), (Names{"discount 2"})) << "the last of three is somebody's";
  e.person.user_id = 1;
  e.person.presents = true;
  e.person.groups = {7};
  input.person = &e.person;
  EXPECT_EQ(names(), (Names{"discount 2", "discount 3", "discount 4"}));
}

TEST(Prices, HiddenTicketsAreVisibleToWhoeverHasAVoucherThatUnlocksThem) {
  Example e;
  for (int i = 0; i < 4; ++i) e.ticket(100'00);
  e.addon(5'00);
  e.addon(5'00);
  e.shop.ticket_types[1].is_active = e.shop.addons[0].is_active = false;
  e.shop.ticket_types[2].requires_voucher = e.shop.ticket_types[3].requires_voucher = true;
  e.shop.ticket_types[0].available_until = Instant{1};  // shown all the same
  const auto slugs = [&] {
    std::string all;
    for (const Product& product : visible_products(e.shop, e.voucher ? &*e.voucher : nullptr))
      all += *product.name + "; ";
    return all;
  };
  EXPECT_EQ(slugs(), "ticket 1; addon 2; ");
  Voucher& code = e.code(VoucherType::percentage, "10");
  EXPECT_EQ(slugs(), "ticket 1; addon 2; ");
  code.unlocks_hidden_tickets = true;
  code.ticket_scope = Scope::selected;
  e.voucher->products.ticket_types = {4};
  EXPECT_EQ(slugs(), "ticket 1; ticket 4; addon 2; ");
}

TEST(Prices, ABudgetEndsWhatAVoucherTakesOff) {
  Example e;
  e.ticket(100'00);
  e.ticket(300'00);
  e.code(VoucherType::comp, "0");
  e.voucher->budget_left = 40'00;
  const Quote q = e.quote();
  EXPECT_EQ(q.voucher_discount, 40'00);
  EXPECT_EQ(totals(q), (Amounts{90'00, 270'00}));
}

TEST(Prices, TheLastUnitsOfALimitedDiscountAreSharedInOrder) {
  Example e;
  e.ticket(100'00, 2);
  e.ticket(100'00, 2);
  e.discount(ConditionKind::time_limit, "50").condition.usage_limit = 3;
  const Quote q = e.quote();
  EXPECT_EQ(totals(q), (Amounts{100'00, 150'00}));
  EXPECT_EQ(q.lines[1].condition_units, 1);
  EXPECT_EQ(q.lines[1].reasons.front().verdict, Verdict::partly);
}

TEST(Prices, TheBestDiscountIsChosenWhereTheConferenceSaysSo) {
  Example e;
  e.ticket(100'00);
  e.discount(ConditionKind::time_limit, "10").condition.priority = 1;
  e.discount(ConditionKind::time_limit, "50").condition.priority = 2;
  EXPECT_EQ(e.quote().total, 90'00);
  e.shop.conference.discount_choice = conference::DiscountChoice::best_match;
  EXPECT_EQ(e.quote().total, 50'00);
}

TEST(Prices, ALapsedVoucherTakesNothingOffAndSaysSo) {
  Example e;
  e.ticket(100'00);
  e.code(VoucherType::comp, "0").valid_until = Instant{999};
  const Quote q = e.quote();
  EXPECT_EQ(q.total, 100'00);
  EXPECT_FALSE(q.voucher_is_valid);
  EXPECT_EQ(explain(e.shop, q, q.lines[0], &*e.voucher).front().message(),
            "Voucher : it can no longer be used.");
}

TEST(Prices, FeesAreTaxedAndNeverDiscounted) {
  Example e;
  const Id rule = e.tax(190'000);
  e.ticket(100'00, 1, rule);
  e.code(VoucherType::comp, "0");
  const Fee fees[] = {{"Payment by card", 1'19, rule}};
  PricingInput input;
  input.items = e.items;
  input.voucher = &*e.voucher;
  input.now = now;
  input.fees = fees;
  const Quote q = quote(e.shop, input);
  EXPECT_EQ(q.total, 1'19);
  EXPECT_EQ(q.lines.back().line_kind, LineKind::fee);
  EXPECT_EQ(q.lines.back().tax, 19);
}

TEST(Prices, EveryDecisionIsSaidInWords) {
  Example e;
  e.shop.currency = Currency::of("EUR");
  e.ticket(100'00, 1, e.tax(190'000));
  e.shop.tax_rules[0].rule.name = "VAT";
  e.discount(ConditionKind::time_limit, "20").condition.name = "Early bird";
  e.discount(ConditionKind::speaker, "100").condition.name = "Speakers";
  const Quote q = e.quote();
  std::vector<std::string> said;
  for (const Explanation& one : explain(e.shop, q, q.lines[0], nullptr)) said.push_back(one.message());
  EXPECT_EQ(said, (std::vector<std::string>{"Speakers: only known after signing in.",
                                            "Early bird: 20 % off: €20.00 less.",
                                            "VAT: 19 % is in the price: €12.77."}));
}

// The words of line `at`, tax aside where it is not asked about.
std::vector<std::string> words(const Example& example, std::size_t at = 0) {
  Example e = example;
  e.shop.currency = Currency::of("EUR");
  if (e.voucher) e.voucher->voucher.code = "CODE";
  const Quote q = e.quote();
  std::vector<std::string> said;
  for (const Explanation& one : explain(e.shop, q, q.lines.at(at), e.voucher ? &*e.voucher : nullptr))
    said.push_back(one.message());
  return said;
}
using Words = std::vector<std::string>;

TEST(Explanations, OfDiscountsSayWhyTheyAreNotGiven) {
  Example e;
  e.ticket(100'00, 3);
  e.discount(ConditionKind::time_limit, "10").condition.end_time = Instant{1};
  e.discount(ConditionKind::speaker, "10").condition.is_presenter = true;
  e.discount(ConditionKind::group_member, "10").links.groups = {7};
  e.discount(ConditionKind::included_product, "10").links.enabling_ticket_types = {7};
  e.person.user_id = 1;
  EXPECT_EQ(words(e), (Words{"discount 1: not at this time.",
                             "discount 2: for speakers, and your account is not linked to a talk.",
                             "discount 3: your account is not in its group.",
                             "discount 4: for who has bought one of its tickets before."}));
  e.shop.discounts.clear();
  e.discount(ConditionKind::time_limit, "0", 5'00).condition.max_quantity = 2;
  e.discount(ConditionKind::time_limit, "50").condition.max_quantity = 2;
  EXPECT_EQ(words(e),
            (Words{"discount 1: off 2 of 3: €10.00 less.", "discount 2: another discount applies already."}));
  std::swap(e.shop.discounts[0], e.shop.discounts[1]);
  EXPECT_EQ(words(e).front(), "discount 2: 50 % off 2 of 3: €100.00 less.");
  e.shop.discounts.clear();
  e.discount(ConditionKind::time_limit, "0", 5'00);
  EXPECT_EQ(words(e), (Words{"discount 1: €15.00 less."}));
  e.shop.ticket_types[0].price = 0;
  EXPECT_EQ(words(e), (Words{"discount 1: nothing is left that it could take off."}));
}

TEST(Explanations, OfVouchersSayWhyTheyAreNotGiven) {
  Example e;
  e.ticket(100'00, 3);
  e.ticket(50'00, 1);
  Voucher& code = e.code(VoucherType::comp, "0");
  code.max_units = 2;
  EXPECT_EQ(words(e, 0), (Words{"Voucher CODE: €200.00 less, for 2 of 3."}));
  EXPECT_EQ(words(e, 1), (Words{"Voucher CODE: used for the dearer tickets, or its budget is spent."}));
  code.max_units.reset();
  EXPECT_EQ(words(e, 1), (Words{"Voucher CODE: €50.00 less."}));
  code.ticket_scope = Scope::selected;
  e.voucher->products.ticket_types = {1};
  EXPECT_EQ(words(e, 1), (Words{"Voucher CODE: not for this product."}));
  EXPECT_TRUE(e.quote().voucher_covers_some);
  e.voucher->products.ticket_types = {9};
  EXPECT_FALSE(e.quote().voucher_covers_some) << "the cart has nothing that it is for";
  EXPECT_TRUE(e.quote().voucher_is_valid);
  e.voucher->products.ticket_types = {1};
  e.shop.ticket_types[0].price = 0;
  EXPECT_EQ(words(e, 0), (Words{"Voucher CODE: nothing is left to pay."}));
  e.voucher->uses_left = 0;
  EXPECT_EQ(words(e, 0), (Words{"Voucher CODE: it can no longer be used."}));
  EXPECT_FALSE(e.quote().voucher_is_valid);
}

TEST(Explanations, OfTaxesSayWhoOwesThemAndWhy) {
  Example e;
  e.shop.seller.emplace();
  e.shop.seller->country = "DE";
  const Id rule = e.tax(190'000, false);
  e.ticket(100'00, 1, rule);
  TaxRule& tax = e.shop.tax_rules[0].rule;
  tax.name = "VAT";
  EXPECT_EQ(words(e), (Words{"VAT: 19 % is added: €19.00."}));
  tax.place_of_supply = PlaceOfSupply::customer;
  tax.reverse_charge = true;
  tax.reverse_charge_text = "Article 196.";
  e.party = {true, "FR", true};
  EXPECT_EQ(words(e), (Words{"VAT: you owe the tax in your country. Article 196."}));
  e.party.vat_confirmed = false;
  EXPECT_EQ(words(e),
            (Words{"VAT: charged, as the VAT number is not confirmed.", "VAT: 19 % is added: €19.00."}));
  e.party = {true, "DE", true};
  EXPECT_EQ(words(e), (Words{"VAT: 19 % is added: €19.00."})) << "at home";
  tax.place_of_supply = PlaceOfSupply::exempt;
  tax.legal_text = "Section 4.";
  EXPECT_EQ(words(e), (Words{"VAT: exempt. Section 4."}));
}

// What must hold of any quote.
void check_quote(const Catalogue& shop, const RandomCart& cart, const Quote& q, const std::string& where) {
  std::int64_t lines = 0, gross = 0, tax = 0, full = 0;
  for (const QuoteLine& line : q.lines) {
    ASSERT_GE(line.line_total, 0) << where;
    ASSERT_LE(line.line_total, line.unit_price * line.quantity) << where;
    ASSERT_EQ(line.line_total,
              line.unit_price * line.quantity - line.condition_discount - line.voucher_discount)
        << where;
    ASSERT_EQ(line.gross, line.net + line.tax) << where;
    ASSERT_GE(line.tax, 0) << where;
    lines += line.line_total;
    gross += line.gross;
    tax += line.tax;
    full += line.unit_price * line.quantity;
  }
  ASSERT_EQ(q.subtotal, full) << where;
  ASSERT_EQ(q.subtotal - q.discount, lines) << where;
  ASSERT_EQ(q.total, gross) << where;
  ASSERT_EQ(q.tax, tax) << where;
  // The order in which items are handed over changes nothing.
  RandomCart turned = cart;
  Draw draw(static_cast<std::uint64_t>(q.total) + cart.items.size());
  std::shuffle(turned.items.begin(), turned.items.end(), draw);
  const Quote other = quote(shop, turned.input());
  ASSERT_EQ(other.total, q.total) << where;
  for (std::size_t i = 0; i < q.lines.size(); ++i) ASSERT_EQ(other.lines[i].gross, q.lines[i].gross) << where;
  // A voucher never raises a total.
  if (cart.voucher) {
    PricingInput without = cart.input();
    without.voucher = nullptr;
    ASSERT_LE(q.total, quote(shop, without).total) << where;
  }
}

void check_against_model(const Catalogue& shop, const RandomCart& cart, const std::string& where) {
  const Quote q = quote(shop, cart.input());
  const auto model = literal_prices(shop, cart.input());
  ASSERT_EQ(q.lines.size(), model.size()) << where;
  for (std::size_t i = 0; i < model.size(); ++i) {
    ASSERT_EQ(q.lines[i].condition_discount, model[i].condition) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].condition_id.value_or(0), model[i].condition_id) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].voucher_discount, model[i].voucher) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].line_total, model[i].total) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].net, model[i].net) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].tax, model[i].tax) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].gross, model[i].gross) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].applied_tax.country, model[i].tax_country) << where << ", line " << i;
    ASSERT_EQ(q.lines[i].applied_tax.category, model[i].category) << where << ", line " << i;
  }
  check_quote(shop, cart, q, where);
}

TEST(Prices, AHundredThousandRandomCartsAgreeWithTheLiteralModel) {
  Draw draw(20'270'514);
  for (int shop_number = 0; shop_number < 2'000; ++shop_number) {
    const Catalogue shop = random_catalogue(draw);
    for (int cart_number = 0; cart_number < 50; ++cart_number) {
      const RandomCart cart = random_cart(shop, draw);
      check_against_model(shop, cart,
                          "shop " + std::to_string(shop_number) + ", cart " + std::to_string(cart_number));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Shares, PartsAddUpAndNoneIsAboveItsWeight) {
  Draw draw(7);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::int64_t> weights(static_cast<std::size_t>(draw() % 20 + 1));
    std::int64_t sum = 0;
    for (auto& weight : weights)
      sum += weight = static_cast<std::int64_t>(draw() % (round % 3 == 0 ? 3 : 100'000));
    const std::int64_t amount =
        sum == 0 ? 0 : static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(sum + 1));
    std::vector<std::int64_t> parts(weights.size());
    share(amount, weights, parts);
    std::int64_t all = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      ASSERT_LE(parts[i], weights[i]);
      ASSERT_GE(parts[i], 0);
      all += parts[i];
    }
    ASSERT_EQ(all, amount);
  }
}

TEST(Shares, TheTaxOfPartialRefundsAddsUp) {
  Draw draw(11);
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t gross = static_cast<std::int64_t>(draw() % 100'000 + 1);
    const std::int64_t tax = half_up(gross, 190'000, 1'190'000);
    std::int64_t taken = 0, back = 0;
    while (taken < gross) {
      const std::int64_t more =
          std::min<std::int64_t>(gross - taken, static_cast<std::int64_t>(draw() % 40'000 + 1));
      const std::int64_t part = part_of(tax, gross, taken, more);
      ASSERT_GE(part, 0);
      back += part;
      taken += more;
    }
    ASSERT_EQ(back, tax);
  }
}

}  // namespace
}  // namespace plenary::registration
