// The money pages: sums for a period, each with the way to entries that add up to it; who may see and take
// along; periods and filters as people type them. source: dashboard 70, 14.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "domain/registration/ledger_sums.hpp"
#include "domain/registration/orders.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using registration::Account;
using registration::EntryKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* money_url = "/manage/fair/financial/";
constexpr const char* ledger_url = "/manage/fair/financial/ledger/";

class MoneyPages : public ManageTest {
 protected:
  void post(std::string_view debit, std::string_view credit, std::int64_t amount, EntryKind kind,
            bool is_test = false, std::optional<std::int64_t> order = {}) {
    write([&](db::Tx& tx) {
      registration::LedgerEntry entry;
      entry.conference_id = conference_id();
      entry.debit = std::string(debit);
      entry.credit = std::string(credit);
      entry.amount = amount;
      entry.currency = "USD";
      entry.kind = kind;
      entry.is_test = is_test;
      entry.order_id = order;
      registration::post(tx, entry);
      return 0;
    });
  }
  // Two tickets, one paid by card and one by transfer; the first goes back in half, a fee is kept, a part is
  // paid out.
  void usual() {
    post(Account::receivable, Account::tickets, 20'000, EntryKind::sale);
    post(Account::receivable, Account::tax, 3'800, EntryKind::sale);
    post(Account::discounts, Account::receivable, 1'000, EntryKind::sale);
    post(Account::stripe, Account::receivable, 11'900, EntryKind::payment);
    post(Account::bank, Account::receivable, 10'900, EntryKind::payment);
    post(Account::receivable, Account::stripe, 5'950, EntryKind::refund);
    post(Account::tickets, Account::receivable, 5'950, EntryKind::change);
    post(Account::provider_fees, Account::stripe, 375, EntryKind::fee);
    post(Account::bank, Account::stripe, 5'000, EntryKind::payout);
    post(Account::receivable, Account::credits, 777, EntryKind::refund);
    const std::int64_t owner = person("credit@example.org");
    write([&](db::Tx& tx) {
      return tx.exec(
          "INSERT INTO credit (conference_id, user_id, amount, remaining_amount, currency, created_at, "
          "updated_at) VALUES ($1, $2, 777, 777, 'USD', $3, $3)",
          conference_id(), owner, tx.now());
    });
  }
  Buyer treasurer() { return browser("t@example.org", "Finance Team", "Tom Treasurer"); }
};
ON_BOTH_ENGINES(MoneyPages);

// As text, so that two can be compared.
std::string text_of(const registration::LedgerOverview& overview) {
  std::string text = overview.has_test ? "test\n" : "";
  for (const auto& one : overview.flows)
    text += one.debit + " " + one.credit + " " + one.kind + " " + std::to_string(one.amount) + " " +
            std::to_string(one.entries) + "\n";
  for (const auto& one : overview.balance)
    text += one.account + " " + std::to_string(one.debit) + " " + std::to_string(one.credit) + "\n";
  for (const auto& one : overview.taxes)
    text +=
        one.rate + " " + one.category + " " + std::to_string(one.base) + " " + std::to_string(one.tax) + "\n";
  return text;
}

TEST_P(MoneyPages, WhatIsKeptOfTheLedgerIsWhatARecountSays) {
  registration::LedgerBooks kept;
  const auto same = [&](const char* when) {
    const Instant now = clock().now();
    for (const std::optional<Instant>& from :
         {std::optional<Instant>(), std::optional(now - Duration::days(3))})
      for (const std::optional<Instant>& until :
           {std::optional<Instant>(), std::optional(now - Duration::days(1))})
        for (const bool is_test : {false, true}) {
          const registration::LedgerRange range{from, until, is_test, {}};
          registration::LedgerBooks fresh;
          const auto both = db().read_now([&](db::Tx& tx) {
            return std::pair(text_of(kept.overview(tx, conference_id(), range)),
                             text_of(fresh.overview(tx, conference_id(), range)));
          });
          EXPECT_EQ(both.first, both.second) << when;
        }
  };
  same("an empty ledger");
  usual();
  same("sold");
  clock().advance(Duration::days(2));
  Buyer who = buyer();  // a test order with lines, so with taxes
  who.add("individual", "2");
  who.pay(who.order("ada@example.org").header("Location"));
  same("sold in play");
  clock().advance(Duration::days(2));
  post(Account::bank, Account::receivable, 500, EntryKind::payment);
  post(Account::bank, Account::receivable, 300, EntryKind::payment, true);
  same("more came");
  write(
      [&](db::Tx& tx) { return tx.exec("DELETE FROM ledger_entry WHERE is_test = 1 AND order_id IS NULL"); });
  same("test entries went");
  post(Account::bank, Account::receivable, 700, EntryKind::payment, true);
  post(Account::bank, Account::receivable, 900, EntryKind::payment);
  same("and others came");
  const registration::LedgerOverview now =
      db().read_now([&](db::Tx& tx) { return kept.overview(tx, conference_id(), {}); });
  EXPECT_EQ(registration::moved(now.flows, Account::bank, "payment"), 10'900 + 500 + 900);
  EXPECT_TRUE(now.has_test);
}

TEST_P(MoneyPages, ShowsWhatCameInWentBackAndIsLeft) {
  usual();
  Buyer who = treasurer();
  const HttpResponse page = who.get(money_url);
  ASSERT_EQ(page.status, 200);
  EXPECT_THAT(page.header("cache-control"), HasSubstr("no-store"));
  for (const char* part : {"Cards, with the provider", "$119.00", "$59.50", "Bank account", "$109.00",
                           "$228.00",  // received
                           "$164.75",  // 228.00 - 59.50 - 3.75
                           "$140.50",  // tickets
                           "Store credits that may be spent", "$7.77",
                           "$5.75",  // still with the provider: 119.00 - 59.50 - 3.75 - 50.00
                           "The accounts balance"})
    EXPECT_TRUE(contains(page, part)) << part;
}

TEST_P(MoneyPages, EachFigureLeadsToEntriesThatAddUpToIt) {
  usual();
  Buyer who = treasurer();
  const std::string page = who.get(money_url).body;
  const std::regex link(R"re(<a href="(/manage/fair/financial/ledger/\?[^"]*)">([^<]*)<)re");
  int figures = 0;
  for (auto it = std::sregex_iterator(page.begin(), page.end(), link); it != std::sregex_iterator(); ++it) {
    std::string url = (*it)[1], amount = (*it)[2];
    for (std::size_t at; (at = url.find("&amp;")) != std::string::npos;) url.erase(at + 1, 4);
    if (amount.find('$') == std::string::npos) continue;  // a name of an account
    if (amount[0] == '-') amount.erase(0, 1);
    if (amount.starts_with("−")) amount.erase(0, std::string("−").size());
    const HttpResponse entries = who.get(url);
    ASSERT_EQ(entries.status, 200) << url;
    EXPECT_TRUE(contains(entries, amount)) << url << " has no " << amount;
    ++figures;
  }
  EXPECT_GE(figures, 12);
}

TEST_P(MoneyPages, APeriodEndsWithItsLastDayInTheZoneOfTheConference) {
  post(Account::stripe, Account::receivable, 100, EntryKind::payment);
  Buyer who = treasurer();
  const auto today =
      db().read_now([&](db::Tx& tx) { return TimeZone::of("Europe/Berlin").local(tx.now()).date; });
  const std::string day = today.to_string(), after = today.plus_days(1).to_string(),
                    before = today.plus_days(-1).to_string();
  const auto shows = [&](const std::string& query) {
    return contains(who.get(money_url + query),
                    "Cards, with the provider</th><td class=\"number\" data-label");
  };
  EXPECT_TRUE(shows("?from=" + day + "&to=" + day));
  EXPECT_TRUE(shows("?from=" + before));
  EXPECT_FALSE(shows("?from=" + after));
  EXPECT_FALSE(shows("?to=" + before));
  for (const std::string& wrong : {"?from=" + day + "&to=" + before, std::string("?from=31.5.2027")}) {
    EXPECT_EQ(who.get(money_url + wrong).status, 200);
    EXPECT_TRUE(contains(who.get(money_url + wrong), "This is no period")) << wrong;
    EXPECT_TRUE(contains(who.get(ledger_url + wrong), "This is no period")) << wrong;
  }
}

TEST_P(MoneyPages, TestOrdersStandApart) {
  Buyer buyer_ = buyer();
  buyer_.add("individual");
  EXPECT_EQ(buyer_.pay(buyer_.order().header("location")).status, 303);
  Buyer who = treasurer();
  const HttpResponse real = who.get(money_url);
  EXPECT_TRUE(contains(real, "No money moved in this period."));
  EXPECT_TRUE(contains(real, "Test orders"));
  const HttpResponse test = who.get(std::string(money_url) + "?test=1");
  EXPECT_TRUE(contains(test, "Play money"));
  EXPECT_TRUE(contains(test, "$100.00"));
  const std::string reference =
      db().read_now([](db::Tx& tx) { return tx.one<std::string>("SELECT reference FROM orders"); });
  const std::string lower = [&] {
    std::string text = reference;
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
  }();
  const HttpResponse entries = who.get(std::string(ledger_url) + "?test=1&order=" + lower);
  EXPECT_TRUE(contains(entries, reference));
  EXPECT_TRUE(contains(entries, "Owed by buyers"));
  EXPECT_TRUE(contains(who.get(std::string(ledger_url) + "?order=ORD-NONE0000"), "There is no order"));
}

TEST_P(MoneyPages, EntriesComePageByPageAndAsATable) {
  for (int i = 1; i <= 53; ++i) post(Account::stripe, Account::receivable, i, EntryKind::payment);
  post(Account::bank, Account::receivable, 999, EntryKind::payment);
  Buyer who = treasurer();
  const HttpResponse first = who.get(std::string(ledger_url) + "?account=stripe");
  EXPECT_TRUE(contains(first, "$14.31")) << "the sum of all pages";
  EXPECT_TRUE(contains(first, "$0.53"));
  EXPECT_FALSE(contains(first, "$0.03<"));
  EXPECT_FALSE(contains(first, "$9.99"));
  std::smatch older;
  ASSERT_TRUE(std::regex_search(first.body, older, std::regex(R"re(href="([^"]*before=\d+)")re")));
  std::string url = older[1];
  for (std::size_t at; (at = url.find("&amp;")) != std::string::npos;) url.erase(at + 1, 4);
  const HttpResponse second = who.get(url);
  EXPECT_TRUE(contains(second, "$0.03"));
  EXPECT_FALSE(contains(second, "Older ones"));

  const HttpResponse table = who.get(std::string(ledger_url) + "export/?account=stripe");
  ASSERT_EQ(table.status, 200);
  EXPECT_THAT(table.header("content-disposition"), HasSubstr("ledger-fair.csv"));
  EXPECT_EQ(std::count(table.body.begin(), table.body.end(), '\n'), 54);
  EXPECT_THAT(table.body, HasSubstr(",payment,stripe,receivable,0.53,USD,"));
  EXPECT_THAT(table.body, Not(HasSubstr("bank")));
  for (const char* wrong : {"?account=none", "?kind=none", "?before=0"})
    EXPECT_EQ(who.get(std::string(ledger_url) + wrong).status, 404) << wrong;
}

TEST_P(MoneyPages, OnlyWhoSeesTheFinancesSeesThem) {
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  Buyer reader = browser("r@example.org", "Read-Only Staff", "Rea Reader");
  EXPECT_EQ(registrar.get(money_url).status, 403);
  EXPECT_EQ(registrar.get(ledger_url).status, 403);
  EXPECT_EQ(reader.get(money_url).status, 200);
  EXPECT_EQ(reader.get(std::string(ledger_url) + "export/").status, 403) << "exports nothing";
  EXPECT_EQ(treasurer().get(std::string(ledger_url) + "export/").status, 200);
}

TEST_P(MoneyPages, TaxIsReckonedByRateFromTheLinesThatWereSold) {
  Buyer buyer_ = buyer();
  buyer_.add("individual");
  EXPECT_EQ(buyer_.pay(buyer_.order().header("location")).status, 303);
  const auto taxes = db().read_now([&](db::Tx& tx) {
    registration::LedgerRange range;
    range.is_test = true;
    return registration::ledger_taxes(tx, conference_id(), range);
  });
  ASSERT_EQ(taxes.size(), 1u);
  EXPECT_EQ(taxes[0].base, 10'000);
  EXPECT_EQ(taxes[0].tax, 0);
  EXPECT_EQ(taxes[0].category, "outside");
}

}  // namespace
}  // namespace plenary::manage::testing
