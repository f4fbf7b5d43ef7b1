// Delivery: at least once, by one worker at a time, again after a failure, and periodic jobs shared by
// processes.
#include "jobs/worker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "jobs/leases.hpp"
#include "jobs/tables.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto patience = std::chrono::seconds(30);

class Delivering : public test::DatabaseTest {
 protected:
  void put(std::string_view kind, std::string_view key = {}, std::optional<Instant> run_at = {}) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) { enqueue(tx, kind, 0, "{}", key, run_at); });
  }
  OutboxRow row(std::string_view tail = "") {
    return *db().read_now([&](db::Tx& tx) { return outbox_table().maybe(tx, tail); });
  }
  ScheduleRow job(const char* name) {
    return *db().read_now([&](db::Tx& tx) { return schedule_table().maybe(tx, "WHERE name = $1", name); });
  }
  static WorkerOptions steady() {
    WorkerOptions options;
    options.jitter = [] { return 0.5; };  // the delay itself
    return options;
  }
};
ON_BOTH_ENGINES(Delivering);

TEST_P(Delivering, ARowIsDeliveredOnceAndDone) {
  put("mail", "order-1");
  std::vector<Delivery> seen;
  Worker worker(db());
  worker.on("mail", [&](const Delivery& delivery) { seen.push_back(delivery); });
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(worker.run_due(), 0);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].key, "order-1");
  EXPECT_EQ(seen[0].attempt, 1);
  EXPECT_EQ(seen[0].now, clock().now());
  EXPECT_EQ(row().done_at, clock().now());
  EXPECT_EQ(row().lease_token, std::nullopt);
}

TEST_P(Delivering, RowsAreDeliveredInTheOrderOfTheirTimesAndNotBefore) {
  const Instant now = clock().now();
  put("mail", "second", now - Duration::minutes(1));
  put("mail", "first", now - Duration::minutes(2));
  put("mail", "later", now + Duration::minutes(1));
  std::vector<std::string> keys;
  Worker worker(db());
  worker.on("mail", [&](const Delivery& delivery) { keys.push_back(delivery.key); });
  worker.run_due();
  EXPECT_THAT(keys, ElementsAre("first", "second"));
  EXPECT_EQ(worker.run_due(now + Duration::minutes(1)), 1) << "stepped to that time by hand";
  EXPECT_THAT(keys, ElementsAre("first", "second", "later"));
}

TEST_P(Delivering, AFailureIsTriedAgainLaterAndLaterWithTheSameKey) {
  put("mail");
  const Instant start = clock().now();
  std::vector<std::string> keys;
  std::vector<int> attempts;
  bool works = false;
  Worker worker(db(), steady());
  worker.on("mail", [&](const Delivery& delivery) {
    keys.push_back(delivery.key);
    attempts.push_back(delivery.attempt);
    if (!works) throw std::runtime_error("no route");
  });
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(row().last_error, "no route");
  EXPECT_EQ(row().run_at, start + Duration::seconds(5));
  clock().advance(Duration::seconds(4));
  EXPECT_EQ(worker.run_due(), 0);
  clock().advance(Duration::seconds(1));
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(row().run_at, clock().now() + Duration::seconds(10));
  works = true;
  clock().advance(Duration::seconds(10));
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_THAT(attempts, ElementsAre(1, 2, 3));
  EXPECT_THAT(std::set(keys.begin(), keys.end()), SizeIs(1)) << "repeats carry the key of the first delivery";
  EXPECT_EQ(row().last_error, std::nullopt);
}

TEST_P(Delivering, JitterSpreadsTheDelayByAQuarterEitherWay) {
  WorkerOptions options = steady();
  std::vector<double> jitters{0.0, 0.999999};
  options.jitter = [&] {
    const double value = jitters.back();
    jitters.pop_back();
    return value;
  };
  put("mail", "a");
  put("mail", "b");
  Worker worker(db(), options);
  worker.on("mail", [](const Delivery&) { throw std::runtime_error("no"); });
  worker.run_due();
  const Duration longest = row("WHERE dedup_key = 'a'").run_at - clock().now();
  const Duration shortest = row("WHERE dedup_key = 'b'").run_at - clock().now();
  EXPECT_EQ(shortest.micros, 3'750'000);
  EXPECT_NEAR(static_cast<double>(longest.micros), 6'250'000.0, 10.0);
}

TEST_P(Delivering, TheLastAttemptLeavesADeadLetter) {
  WorkerOptions options = steady();
  options.max_attempts = 3;
  put("mail");
  Worker worker(db(), options);
  worker.on("mail", [](const Delivery&) { throw std::runtime_error("no"); });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(worker.run_due(), 1);
    EXPECT_EQ(row().is_dead, i == 2);
    clock().advance(Duration::minutes(1));
  }
  EXPECT_EQ(worker.run_due(), 0);
  EXPECT_EQ(row().attempts, 3);
}

TEST_P(Delivering, AnUndeliverableRowIsADeadLetterAtOnce) {
  put("mail");
  Worker worker(db());
  worker.on("mail", [](const Delivery&) { throw Undeliverable("no such order"); });
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_TRUE(row().is_dead);
  EXPECT_EQ(row().last_error, "no such order");
}

TEST_P(Delivering, AnErrorsTextIsCutBetweenCharacters) {
  put("mail");
  Worker worker(db());
  worker.on("mail", [](const Delivery&) {
    std::string text = "x";
    for (int i = 0; i < 3000; ++i) text += "é";
    throw Undeliverable(text);
  });
  worker.run_due();
  EXPECT_EQ(row().last_error->size(), 1999u);
}

TEST_P(Delivering, KindsWithoutAHandlerWaitForAProcessThatHasOne) {
  put("new-kind");
  Worker old_release(db());
  old_release.on("mail", [](const Delivery&) {});
  EXPECT_EQ(old_release.run_due(), 0);
  EXPECT_EQ(row().attempts, 0);
  Worker new_release(db());
  new_release.on("new-kind", [](const Delivery&) {});
  EXPECT_EQ(new_release.run_due(), 1);
}

TEST_P(Delivering, WhatAHandlerEnqueuesIsDeliveredToo) {
  put("first");
  std::vector<std::string> kinds;
  Worker worker(db());
  worker.on("first", [&](const Delivery&) {
    kinds.push_back("first");
    put("second");
  });
  worker.on("second", [&](const Delivery&) { kinds.push_back("second"); });
  EXPECT_EQ(worker.run_due(), 2);
  EXPECT_THAT(kinds, ElementsAre("first", "second"));
}

TEST_P(Delivering, AHandlerMayCompleteInItsOwnWrite) {
  put("expire");
  Worker worker(db());
  worker.on("expire", [&](const Delivery& delivery) {
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      if (!complete(tx, delivery)) throw std::runtime_error("lost");
    });
    EXPECT_FALSE(db().write_now(db::global_lane, "test", [&](db::Tx& tx) { return complete(tx, delivery); }));
  });
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(row().done_at, clock().now());
  EXPECT_EQ(worker.run_due(), 0);
}

// A worker that dies: its lease is taken by the statements a worker uses, and nothing more happens.
TEST_P(Delivering, TheLeaseOfADeadWorkerElapsesAndTheRowIsDeliveredAgain) {
  put("mail", "order-1");
  const std::string kinds[] = {"mail"};
  Leases dead(db(), kinds, {});
  const auto lost = dead.take(10, "token-of-the-dead", Duration::minutes(2), {});
  ASSERT_THAT(lost, SizeIs(1));

  std::vector<Delivery> seen;
  Worker worker(db());
  worker.on("mail", [&](const Delivery& delivery) { seen.push_back(delivery); });
  clock().advance(Duration::minutes(2) - Duration::microseconds(1));
  EXPECT_EQ(worker.run_due(), 0) << "still leased";
  clock().advance(Duration::microseconds(1));
  EXPECT_EQ(worker.run_due(), 1);
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].key, lost[0].key) << "the repeat carries the same key";
  EXPECT_EQ(seen[0].attempt, 2);
}

TEST_P(Delivering, WhoLostALeaseChangesNothing) {
  put("mail");
  const std::string kinds[] = {"mail"};
  Leases leases(db(), kinds, {});
  const auto slow = leases.take(10, "slow", Duration::minutes(2), {});
  clock().advance(Duration::minutes(3));
  const auto quick = leases.take(10, "quick", Duration::minutes(2), {});
  ASSERT_THAT(quick, SizeIs(1));
  EXPECT_FALSE(db().write_now(db::global_lane, "test", [&](db::Tx& tx) { return complete(tx, slow[0]); }));
  for (const auto kind :
       {Outcome::Kind::done, Outcome::Kind::dead, Outcome::Kind::retry, Outcome::Kind::returned}) {
    const Outcome late[] = {{slow[0].id, "slow", kind, "late", Duration::minutes(9)}};
    leases.settle(late, {});
  }
  const std::int64_t ids[] = {slow[0].id};
  EXPECT_EQ(leases.extend(ids, "slow", Duration::hours(1)), 0u);
  EXPECT_EQ(row().lease_token, "quick");
  EXPECT_EQ(row().done_at, std::nullopt);
  EXPECT_EQ(row().attempts, 2);
  EXPECT_FALSE(row().is_dead);
}

TEST_P(Delivering, ARowThatKillsItsWorkersBecomesADeadLetter) {
  put("mail");
  WorkerOptions options;
  options.max_attempts = 2;
  const std::string kinds[] = {"mail"};
  Leases dying(db(), kinds, {});
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(dying.take(1, "dies", Duration::minutes(2), {}), SizeIs(1));
    clock().advance(Duration::minutes(2));
  }
  int calls = 0;
  Worker worker(db(), options);
  worker.on("mail", [&](const Delivery&) { ++calls; });
  worker.run_due();
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(row().is_dead);
  EXPECT_THAT(*row().last_error, HasSubstr("ended before the work did"));
}

TEST_P(Delivering, TwoWorkersNeverHaveTheSameRowAtOnce) {
  constexpr int count = 300;
  db().write_now(db::global_lane, "test", [](db::Tx& tx) {
    for (int i = 0; i < count; ++i) enqueue(tx, "mail", 0, payload({{"n", i}}));
  });
  // The second worker is another process: it has a database of its own.
  const auto other = db::Database::open(database().options());
  std::mutex mutex;
  std::map<std::int64_t, int> running, finished;
  bool overlap = false;
  std::promise<void> all_done;
  const auto handler = [&](const Delivery& delivery) {
    const std::int64_t n = delivery.integer("n");
    {
      const std::lock_guard lock(mutex);
      if (++running[n] > 1) overlap = true;
    }
    if (delivery.attempt == 1 && n % 10 == 0) {
      const std::lock_guard lock(mutex);
      --running[n];
      throw std::runtime_error("once");
    }
    const std::lock_guard lock(mutex);
    --running[n];
    ++finished[n];
    if (finished.size() == count) all_done.set_value();
  };
  WorkerOptions options;
  options.threads = 2;
  options.batch = 7;
  options.first_delay = Duration{};
  Worker one(db(), options), two(*other, options);
  one.on("mail", handler);
  two.on("mail", handler);
  one.start();
  two.start();
  ASSERT_EQ(all_done.get_future().wait_for(patience), std::future_status::ready);
  one.stop();
  two.stop();
  EXPECT_FALSE(overlap);
  for (const auto& [n, times] : finished) EXPECT_EQ(times, 1) << n;
  EXPECT_EQ(db().read_now([](db::Tx& tx) { return outbox_table().count(tx, "WHERE done_at IS NULL"); }), 0);
}

TEST_P(Delivering, AWorkerMayBeNicerThanTheThreadsThatAnswerRequests) {
  WorkerOptions options;
  options.nice = 10;
  put("mail");
  std::promise<int> niceness;
  Worker worker(db(), options);
  worker.on("mail", [&](const Delivery&) { niceness.set_value(::getpriority(PRIO_PROCESS, 0)); });
  const int before = ::getpriority(PRIO_PROCESS, 0);
  worker.start();
  auto found = niceness.get_future();
  ASSERT_EQ(found.wait_for(patience), std::future_status::ready);
  EXPECT_GE(found.get(), 10);
  EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), before);
}

TEST_P(Delivering, AWorkerThatGivesWayWaitsUntilItsTurnComes) {
  WorkerOptions options;
  options.poll = Duration::milliseconds(1);
  std::atomic<int> asked{0};
  options.gives_way = [&] { return ++asked <= 3; };
  put("mail");
  std::promise<int> after;
  Worker worker(db(), options);
  worker.on("mail", [&](const Delivery&) { after.set_value(asked); });
  worker.start();
  auto found = after.get_future();
  ASSERT_EQ(found.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(found.get(), 4);
}

TEST_P(Delivering, AWorkerGivesWayNoLongerThanItsPatience) {
  WorkerOptions options;
  options.gives_way = [] { return true; };
  options.patience = Duration{};
  put("mail");
  std::promise<void> delivered;
  Worker worker(db(), options);
  worker.on("mail", [&](const Delivery&) { delivered.set_value(); });
  worker.start();
  EXPECT_EQ(delivered.get_future().wait_for(patience), std::future_status::ready);
}

TEST_P(Delivering, ARunningWorkerIsWokenByWhatThisProcessEnqueues) {
  WorkerOptions options;
  options.poll = Duration::hours(1);
  std::promise<std::string> delivered;
  Worker worker(db(), options);
  worker.on("mail", [&](const Delivery& delivery) { delivered.set_value(delivery.key); });
  worker.start();
  put("mail", "now");
  auto future = delivered.get_future();
  ASSERT_EQ(future.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(future.get(), "now");
}

TEST_P(Delivering, StoppingLetsTheRunningHandlerEndAndGivesTheRestBack) {
  WorkerOptions options;
  options.batch = 5;
  for (int i = 0; i < 3; ++i) put("mail");
  std::promise<void> begun, may_end;
  std::atomic<int> ended{0};
  Worker worker(db(), options);
  worker.on("mail", [&](const Delivery&) {
    if (ended == 0) {
      begun.set_value();
      may_end.get_future().wait_for(patience);
    }
    ++ended;
  });
  worker.start();
  ASSERT_EQ(begun.get_future().wait_for(patience), std::future_status::ready);
  std::thread stopping([&] { worker.stop(); });
  while (!worker.is_stopping()) std::this_thread::yield();
  may_end.set_value();
  stopping.join();
  EXPECT_EQ(ended, 1);
  const auto rows = db().read_now([](db::Tx& tx) { return outbox_table().select(tx, "ORDER BY id"); });
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_TRUE(rows[0].done_at);
  for (int i : {1, 2}) {
    EXPECT_FALSE(rows[i].done_at);
    EXPECT_FALSE(rows[i].lease_token) << "given back";
    EXPECT_EQ(rows[i].attempts, 0);
  }
}

TEST_P(Delivering, APeriodicJobRunsOnceInItsPeriodForAllProcesses) {
  const auto other = db::Database::open(database().options());
  int runs = 0;
  Worker one(db()), two(*other);
  for (Worker* worker : {&one, &two}) worker->every("sweep", 60, [&] { ++runs; });
  EXPECT_EQ(one.run_due() + two.run_due(), 1) << "the first time at once";
  clock().advance(Duration::seconds(59));
  EXPECT_EQ(one.run_due() + two.run_due(), 0);
  clock().advance(Duration::seconds(1));
  EXPECT_EQ(two.run_due() + one.run_due(), 1);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(job("sweep").last_run_at, clock().now());
  EXPECT_EQ(job("sweep").next_run_at, clock().now() + Duration::seconds(60));
}

TEST_P(Delivering, APeriodicJobThatMissedItsTurnsRunsOnce) {
  int runs = 0;
  Worker worker(db());
  worker.every("sweep", 60, [&] { ++runs; });
  worker.run_due();
  clock().advance(Duration::hours(5));
  worker.run_due();
  EXPECT_EQ(runs, 2);
}

TEST_P(Delivering, APeriodicJobThatFailsIsTriedAgainBeforeItsNextTurn) {
  bool works = false;
  Worker worker(db(), steady());
  worker.every("report", 86'400, [&] {
    if (!works) throw std::runtime_error("no disk");
  });
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(job("report").last_error, "no disk");
  EXPECT_EQ(job("report").attempts, 1);
  EXPECT_EQ(job("report").next_run_at, clock().now() + Duration::seconds(5));
  works = true;
  clock().advance(Duration::seconds(5));
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(job("report").last_error, std::nullopt);
  EXPECT_EQ(job("report").attempts, 0);
}

TEST_P(Delivering, AShorterPeriodHoldsAtOnce) {
  {
    Worker worker(db());
    worker.every("sweep", 3600, [] {});
    worker.run_due();
  }
  Worker worker(db());
  int runs = 0;
  worker.every("sweep", 60, [&] { ++runs; });
  EXPECT_EQ(worker.run_due(), 0);
  clock().advance(Duration::seconds(60));
  EXPECT_EQ(worker.run_due(), 1);
}

TEST_P(Delivering, RegisteringTwiceOrAfterTheStartIsAProgrammingError) {
  Worker worker(db());
  worker.on("mail", [](const Delivery&) {});
  worker.every("sweep", 60, [] {});
  EXPECT_THROW(worker.on("mail", [](const Delivery&) {}), std::logic_error);
  EXPECT_THROW(worker.every("sweep", 60, [] {}), std::logic_error);
  EXPECT_THROW(worker.every("never", 0, [] {}), std::logic_error);
  worker.run_due();
  EXPECT_THROW(worker.on("late", [](const Delivery&) {}), std::logic_error);
}

// A handler that takes longer than its lease keeps it while its process lives.
TEST_P(Delivering, TheLeaseOfAHandlerAtWorkIsExtended) {
  WorkerOptions options;
  options.beat = Duration::milliseconds(5);
  put("slow");
  std::promise<void> begun, may_end;
  Worker worker(db(), options);
  worker.on("slow", [&](const Delivery&) {
    begun.set_value();
    may_end.get_future().wait_for(patience);
  });
  worker.start();
  ASSERT_EQ(begun.get_future().wait_for(patience), std::future_status::ready);
  const Instant first = *row().leased_until;
  clock().advance(Duration::minutes(1));
  const auto until = std::chrono::steady_clock::now() + patience;
  while (*row().leased_until == first && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(row().leased_until, clock().now() + options.lease);
  may_end.set_value();
  worker.stop();
  EXPECT_TRUE(row().done_at);
}

}  // namespace
}  // namespace plenary::jobs
