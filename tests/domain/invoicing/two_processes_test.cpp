// Numbers under two processes that issue at the same time for two conferences of one seller: 1 to n, each
// once.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "domain/invoicing/stall.hpp"

namespace plenary::invoicing {
namespace {

constexpr int orders_in_all = 60;

// Runs in a process of its own: see start_other.
TEST(OtherIssuer, DISABLED_Process) {
  db::DatabaseOptions options;
  options.url = std::getenv("PLENARY_TEST_INVOICE_DATABASE");
  options.relaxed_durability = true;
  options.max_connections = 4;
  const auto database = db::Database::open(options);
  auto all = [](db::Tx& tx) {
    return tx.query<Id, Id>("SELECT order_id, conference_id FROM invoice_due ORDER BY order_id");
  };
  std::vector<std::tuple<Id, Id>> orders = database->read_now(all);
  // The other one begins at the other end.
  if (std::getenv("PLENARY_TEST_INVOICE_BACKWARDS")) std::reverse(orders.begin(), orders.end());
  for (const auto& [order, conference] : orders) {
    auto issue = [order = order](db::Tx& tx) { return settle(tx, order).size(); };
    database->write_now(conference, "issue", issue);
  }
}

pid_t start_other(const std::string& url, bool backwards) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv("PLENARY_TEST_INVOICE_DATABASE", url.c_str(), 1);
  if (backwards) ::setenv("PLENARY_TEST_INVOICE_BACKWARDS", "1", 1);
  ::execl("/proc/self/exe", "domain_invoicing_test", "--gtest_also_run_disabled_tests",
          "--gtest_filter=OtherIssuer.DISABLED_Process", "--gtest_brief=1", static_cast<char*>(nullptr));
  ::_exit(127);
}

class TwoIssuers : public testing::Stall {};
ON_BOTH_ENGINES(TwoIssuers);

TEST_P(TwoIssuers, LeaveNoNumberOutAndUseNoneTwice) {
  std::vector<Id> orders;
  for (int i = 0; i < orders_in_all; ++i) orders.push_back(paid(1).id);
  // Half of them belong to another conference of the same seller: another lane.
  const Id other = make_conference("other", seller_);
  for (std::size_t i = 0; i < orders.size(); i += 2)
    write([&](db::Tx& tx) {
      tx.exec("UPDATE orders SET conference_id = $2 WHERE id = $1", orders[i], other);
      tx.exec("UPDATE invoice_due SET conference_id = $2 WHERE order_id = $1", orders[i], other);
      return 0;
    });
  const std::string url = database().options().url;
  const pid_t one = start_other(url, false), two = start_other(url, true);
  ASSERT_GT(one, 0);
  ASSERT_GT(two, 0);
  for (const pid_t child : {one, two}) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "an issuing process failed";
  }
  settle_due(db());
  EXPECT_EQ(faults(), "");
  const auto serials = read([](db::Tx& tx) {
    return tx.query<std::int64_t>("SELECT serial FROM invoice_document ORDER BY serial");
  });
  ASSERT_EQ(serials.size(), static_cast<std::size_t>(orders_in_all));
  for (int i = 0; i < orders_in_all; ++i) EXPECT_EQ(serials[static_cast<std::size_t>(i)], i + 1);
  for (const Id order : orders) EXPECT_EQ(documents(order).size(), 1u);
  EXPECT_THAT(read([](db::Tx& tx) { return problems(tx); }), ::testing::IsEmpty());
}

// Two conferences of one seller, or with two in common, each the other's former one. One issues an invoice
// and then corrects another, the other does it the other way round, and each waits in between until the other
// one has begun too, or waits for it.
TEST_P(TwoIssuers, NeverWaitForEachOther) {
  const Id second = make_seller("NEW-"), other = make_conference("other", seller_);
  const auto sold = [&](Id conference, bool is_invoiced) {
    const Id order = paid(1).id;
    write([&](db::Tx& tx) {
      tx.exec("UPDATE orders SET conference_id = $2 WHERE id = $1", order, conference);
      return tx.exec("UPDATE invoice_due SET conference_id = $2 WHERE order_id = $1", order, conference);
    });
    if (is_invoiced) settle(order);
    return order;
  };
  const auto sell = [&](Id conference, Id seller) {
    write([&](db::Tx& tx) {
      return tx.exec("UPDATE conference SET seller_id = $2 WHERE id = $1", conference, seller);
    });
  };
  for (const bool two_sellers : {false, true}) {
    if (two_sellers) sell(other, second);
    const Id ours = sold(fair_, false), our_wrong_one = sold(fair_, true);
    const Id theirs = sold(other, false), their_wrong_one = sold(other, true);
    if (two_sellers) sell(fair_, second), sell(other, seller_);
    std::atomic<int> begun = 0, runs = 0;
    const auto meet = [&](db::Tx& tx) {
      begun += 1;
      if (tx.engine() != db::Engine::postgresql) return;  // one writer: nobody meets
      // Who waits for a row waits for a transaction, which is of no database.
      while (begun < 2 &&
             tx.one<std::int64_t>("SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND (database IS "
                                  "NULL OR database = (SELECT oid FROM pg_database WHERE datname "
                                  "= current_database()))") == 0) {
      }
    };
    std::thread they([&] {
      auto issue = [&](db::Tx& tx) {
        runs += 1;
        correct(tx, their_wrong_one, "a mistake");
        meet(tx);
        return invoicing::settle(tx, theirs).size();
      };
      EXPECT_EQ(db().write_now(other, "correct and issue", issue), 1u);
    });
    auto issue = [&](db::Tx& tx) {
      runs += 1;
      const std::size_t issued = invoicing::settle(tx, ours).size();
      meet(tx);
      correct(tx, our_wrong_one, "a mistake");
      return issued;
    };
    EXPECT_EQ(db().write_now(fair_, "issue and correct", issue), 1u);
    they.join();
    EXPECT_EQ(runs, 2) << "one had to be run again: they waited for each other";
    EXPECT_EQ(faults(), "");
  }
}

}  // namespace
}  // namespace plenary::invoicing
