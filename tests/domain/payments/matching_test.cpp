// Facts about which orders a transfer is for: what payers make of a reference, amounts, names; and that only
// what is beyond doubt is called exact.
#include "domain/payments/statement_matching.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/codes.hpp"

namespace plenary::payments {
namespace {

MatchOrder order(Id id, std::string reference, std::int64_t due, std::string name = "Ada Lovelace") {
  return {id, std::move(reference), "EUR", std::move(name), "", "", due > 0 ? "pending" : "paid", due};
}
Match match(std::vector<MatchOrder> orders, std::int64_t amount, std::string text, std::string name = "",
            std::vector<MatchRefund> refunds = {}) {
  MatchEntry entry;
  entry.amount = amount;
  entry.currency = "EUR";
  entry.remittance = std::move(text);
  entry.counterparty = std::move(name);
  return Matcher(std::move(orders), std::move(refunds)).match(entry);
}
const std::vector<MatchOrder> two{order(1, "ORD-AB12CD34", 9900),
                                  order(2, "ORD-XY98ZW76", 5000, "Bob Stone")};

TEST(Matching, TheReferenceInWhateverShapeAndTheExactAmount) {
  for (const char* text :
       {"ORD-AB12CD34", "ord-ab12cd34", "Tickets ORD AB12 CD34 danke", "ORDAB12CD34", "O RD-AB12C D34",
        "0RD-ABI2CD34", "Rechnung/ORD-AB12CD34.", "ORD_AB12\nCD34", "XORD-AB12CD34X"}) {
    const Match found = match(two, 9900, text);
    EXPECT_EQ(found.certainty, Certainty::exact) << text;
    ASSERT_EQ(found.shares.size(), 1u) << text;
    EXPECT_EQ(found.shares[0].order_id, 1) << text;
    EXPECT_FALSE(found.reasons.empty());
  }
}

TEST(Matching, AnotherAmountNeedsAPerson) {
  EXPECT_EQ(match(two, 9000, "ORD-AB12CD34").certainty, Certainty::likely);
  EXPECT_EQ(match(two, 10000, "ORD-AB12CD34").certainty, Certainty::likely);
  EXPECT_EQ(match(two, 10000, "ORD-AB12CD34").shares[0].amount, 10000);
}

TEST(Matching, AReferenceWithoutItsPrefixOrWithAWrongLetterNeedsAPerson) {
  EXPECT_EQ(match(two, 9900, "AB12CD34").certainty, Certainty::likely);
  EXPECT_EQ(match(two, 9900, "ORD-AB12CD35").certainty, Certainty::likely);
  EXPECT_EQ(match(two, 9800, "ORD-AB12CD35").certainty, Certainty::none);
}

TEST(Matching, SeveralOrdersInOneTransfer) {
  const Match all = match(two, 14900, "ORD-AB12CD34 + ORD-XY98ZW76");
  EXPECT_EQ(all.certainty, Certainty::exact);
  ASSERT_EQ(all.shares.size(), 2u);
  EXPECT_EQ(all.shares[0].amount, 9900);
  EXPECT_EQ(all.shares[1].amount, 5000);
  const Match less = match(two, 12000, "ORD-AB12CD34, ORD-XY98ZW76");
  EXPECT_EQ(less.certainty, Certainty::unclear);
  EXPECT_EQ(less.shares[1].amount, 2100);
}

TEST(Matching, MoneyForAnOrderThatIsPaidIsLookedAt) {
  const Match found = match({order(1, "ORD-AB12CD34", 0)}, 9900, "ORD-AB12CD34");
  EXPECT_EQ(found.certainty, Certainty::unclear);
  EXPECT_EQ(found.shares.at(0).order_id, 1);
}

TEST(Matching, NamesAndAmounts) {
  EXPECT_EQ(match(two, 9900, "Konferenz", "LOVELACE ADA").certainty, Certainty::likely);
  EXPECT_EQ(match(two, 9900, "Konferenz", "Somebody Else").certainty, Certainty::unclear);
  EXPECT_EQ(match(two, 4900, "Konferenz", "Ada Lovelace").certainty, Certainty::unclear);
  EXPECT_EQ(match(two, 4900, "Konferenz", "Somebody Else").certainty, Certainty::none);
  const std::vector<MatchOrder> twins{order(1, "ORD-AB12CD34", 9900), order(2, "ORD-XY98ZW76", 9900)};
  EXPECT_EQ(match(twins, 9900, "", "Ada Lovelace").certainty, Certainty::unclear);
  EXPECT_TRUE(is_same_name("Jürgen Müller", "MUELLER, JUERGEN"));
  EXPECT_TRUE(is_same_name("Dr. Jürgen Müller", "Muller Jurgen"));
  EXPECT_TRUE(is_same_name("ACME GmbH", "Acme"));
  EXPECT_FALSE(is_same_name("Ada", "Bob"));
  EXPECT_FALSE(is_same_name("", ""));
  EXPECT_FALSE(is_same_name("Li", "Li Wei Chen"));
}

TEST(Matching, DoubtsOfTheBankStay) {
  MatchEntry entry;
  entry.amount = 9900;
  entry.currency = "EUR";
  entry.remittance = "ORD-AB12CD34";
  const Matcher matcher(two, {});
  for (bool MatchEntry::*doubt : {&MatchEntry::is_reversal, &MatchEntry::is_batch}) {
    MatchEntry doubtful = entry;
    doubtful.*doubt = true;
    EXPECT_EQ(matcher.match(doubtful).certainty, Certainty::unclear);
  }
  entry.currency = "USD";
  EXPECT_EQ(matcher.match(entry).certainty, Certainty::unclear);
  EXPECT_TRUE(matcher.match(entry).shares.empty());
  const Match alike =
      match({order(1, "ORD-AB12CD3O", 9900), order(2, "ORD-AB12CD30", 9900)}, 9900, "ORD-AB12CD30");
  EXPECT_EQ(alike.certainty, Certainty::unclear) << "two references that look alike";
}

TEST(Matching, WhatWentOutIsARefund) {
  const std::vector<MatchRefund> refunds{
      {7, 1, "ORD-AB12CD34", "EUR", "Ada Lovelace", "DE02120300000000202051", 9900},
      {8, 2, "ORD-XY98ZW76", "EUR", "Bob Stone", "", 9900}};
  MatchEntry entry;
  entry.amount = -9900;
  entry.currency = "EUR";
  entry.end_to_end_id = "refund-7";
  const Matcher matcher(two, refunds);
  EXPECT_EQ(matcher.match(entry).certainty, Certainty::exact);
  EXPECT_EQ(matcher.match(entry).shares.at(0).refund_id, 7);
  entry.end_to_end_id.clear();
  EXPECT_EQ(matcher.match(entry).certainty, Certainty::none);
  entry.remittance = "Erstattung ORD-XY98ZW76";
  EXPECT_EQ(matcher.match(entry).shares.at(0).refund_id, 8);
  entry.remittance.clear();
  entry.counterparty_iban = "DE02120300000000202051";
  EXPECT_EQ(matcher.match(entry).certainty, Certainty::likely);
  entry.amount = -9800;
  EXPECT_EQ(matcher.match(entry).certainty, Certainty::none);
}

// However a payer mistreats a reference, the exact amount finds its order; and nothing exact is ever
// another's.
TEST(Matching, AMistreatedReferenceFindsItsOrder) {
  EXPECT_TRUE(rc::check([](std::uint32_t seed) {
    SeededRandom random(seed);
    std::vector<MatchOrder> orders;
    for (Id id = 1; id <= 30; ++id)
      orders.push_back(order(id, "ORD-" + random_code(random, 8),
                             1000 + static_cast<std::int64_t>(random.below(5)) * 100,
                             "Person " + std::to_string(id)));
    const std::size_t which = random.below(orders.size());
    std::string text = "Zahlung ";
    for (const char c : orders[which].reference) {
      if (random.below(6) == 0) text += random.below(2) == 0 ? " " : "\n";
      if (c == '-' && random.below(2) == 0) continue;
      if (c == 'O' && random.below(2) == 0)
        text += '0';
      else if (c == '0' && random.below(2) == 0)
        text += 'o';
      else if (c >= 'A' && c <= 'Z' && random.below(2) == 0)
        text += static_cast<char>(c - 'A' + 'a');
      else
        text += c;
    }
    text += " danke";
    const Match found = match(orders, orders[which].due, text);
    RC_ASSERT(found.certainty == Certainty::exact);
    RC_ASSERT(found.shares.size() == 1u);
    RC_ASSERT(found.shares[0].order_id == orders[which].id);
  }));
  EXPECT_TRUE(rc::check([](const std::string& text, const std::string& name) {
    const Match found = match(two, 9900, text, name);
    RC_ASSERT(found.certainty != Certainty::exact);
    std::int64_t sum = 0;
    for (const MatchShare& share : found.shares) sum += share.amount;
    RC_ASSERT(found.shares.empty() || sum == 9900);
  }));
}

}  // namespace
}  // namespace plenary::payments
