// The outbox as whoever writes to it and looks after it sees it.
#include "jobs/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/schema.hpp"
#include "jobs/tables.hpp"
#include "jobs/worker.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Outbox : public test::DatabaseTest {
 protected:
  template <class F>
  auto write(F&& fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  template <class F>
  auto read(F&& fn) {
    return db().read_now(fn);
  }
  std::int64_t rows() {
    return read([](db::Tx& tx) { return outbox_table().count(tx, ""); });
  }
};
ON_BOTH_ENGINES(Outbox);

TEST_P(Outbox, TheEntityTablesFitTheSchema) {
  const db::Table* tables[] = {&outbox_table(), &schedule_table()};
  EXPECT_THAT(db::differences(db::read_schema(db()), tables), IsEmpty());
}

TEST_P(Outbox, ARowIsWrittenWithTheTransactionOrNotAtAll) {
  EXPECT_THROW(write([](db::Tx& tx) {
                 enqueue(tx, "mail", 0, "{}");
                 throw std::runtime_error("refused");
               }),
               std::runtime_error);
  EXPECT_EQ(rows(), 0);
  write([](db::Tx& tx) { enqueue(tx, "mail", 0, payload({{"order", 17}})); });
  const auto row = read([](db::Tx& tx) { return outbox_table().maybe(tx, ""); });
  ASSERT_TRUE(row);
  EXPECT_EQ(row->kind, "mail");
  EXPECT_EQ(row->payload, R"({"order":17})");
  EXPECT_EQ(row->conference_id, std::nullopt);
  EXPECT_EQ(row->run_at, clock().now());
  EXPECT_EQ(row->attempts, 0);
}

TEST_P(Outbox, TheSameKindAndKeyIsWrittenOnce) {
  EXPECT_TRUE(write([](db::Tx& tx) { return enqueue(tx, "mail", 0, "{}", "order-1"); }));
  EXPECT_FALSE(write([](db::Tx& tx) { return enqueue(tx, "mail", 0, "{}", "order-1"); }));
  EXPECT_TRUE(write([](db::Tx& tx) { return enqueue(tx, "mail", 0, "{}", "order-2"); }));
  EXPECT_TRUE(write([](db::Tx& tx) { return enqueue(tx, "webhook", 0, "{}", "order-1"); }));
  EXPECT_TRUE(write([](db::Tx& tx) { return enqueue(tx, "mail", 0, "{}"); }));
  EXPECT_TRUE(write([](db::Tx& tx) { return enqueue(tx, "mail", 0, "{}"); }))
      << "without a key nothing is the same";
  EXPECT_EQ(rows(), 5);
}

TEST_P(Outbox, DeadLettersAreListedRetriedAndDiscarded) {
  write([](db::Tx& tx) {
    for (const char* key : {"a", "b", "c"}) enqueue(tx, "mail", 0, payload({{"to", key}}), key);
    enqueue(tx, "webhook", 0, "{}", "d");
  });
  bool works = false;
  int delivered = 0;
  Worker worker(db());
  const auto handler = [&](const Delivery&) {
    if (!works) throw Undeliverable("the address does not exist");
    ++delivered;
  };
  worker.on("mail", handler);
  worker.on("webhook", handler);
  EXPECT_EQ(worker.run_due(), 4);

  const auto letters = read([](db::Tx& tx) { return dead_letters(tx, 0, 3); });
  ASSERT_THAT(letters, SizeIs(3));
  EXPECT_EQ(letters[0].key, "d") << "newest first";
  EXPECT_EQ(letters[1].key, "c");
  EXPECT_EQ(letters[1].payload, R"({"to":"c"})");
  EXPECT_EQ(letters[1].last_error, "the address does not exist");
  EXPECT_EQ(letters[1].attempts, 1);
  const auto older = read([&](db::Tx& tx) { return dead_letters(tx, letters[2].id); });
  ASSERT_THAT(older, SizeIs(1));
  EXPECT_EQ(older[0].key, "a");

  works = true;
  EXPECT_EQ(worker.run_due(), 0) << "a dead letter waits for somebody";
  EXPECT_TRUE(write([&](db::Tx& tx) { return discard(tx, letters[0].id); }));
  EXPECT_TRUE(write([&](db::Tx& tx) { return retry(tx, letters[1].id); }));
  EXPECT_FALSE(write([&](db::Tx& tx) { return retry(tx, letters[1].id); })) << "it is none any more";
  EXPECT_EQ(worker.run_due(), 1);
  EXPECT_EQ(write([&](db::Tx& tx) { return retry_all(tx, "mail"); }), 2);
  EXPECT_EQ(worker.run_due(), 2);
  EXPECT_EQ(delivered, 3);
  EXPECT_THAT(read([](db::Tx& tx) { return dead_letters(tx); }), IsEmpty());
}

TEST_P(Outbox, TheBacklogCountsByKind) {
  write([&](db::Tx& tx) {
    enqueue(tx, "mail", 0, "{}");
    enqueue(tx, "mail", 0, "{}", {}, tx.now() + Duration::hours(1));
    enqueue(tx, "bad", 0, "{}");
  });
  Worker worker(db());
  worker.on("bad", [](const Delivery&) { throw Undeliverable("no"); });
  worker.run_due();
  const auto list = read([](db::Tx& tx) { return backlog(tx); });
  ASSERT_THAT(list, SizeIs(2));
  EXPECT_EQ(list[0].kind, "bad");
  EXPECT_EQ(list[0].dead, 1);
  EXPECT_EQ(list[0].waiting, 0);
  EXPECT_EQ(list[1].kind, "mail");
  EXPECT_EQ(list[1].waiting, 1);
  EXPECT_EQ(list[1].later, 1);
  EXPECT_EQ(list[1].oldest_due, clock().now());
}

TEST_P(Outbox, DoneRowsAreKeptForAWhile) {
  write([](db::Tx& tx) { enqueue(tx, "mail", 0, "{}", "once"); });
  Worker worker(db());
  worker.on("mail", [](const Delivery&) {});
  worker.run_due();
  clock().advance(Duration::days(29));
  worker.run_due();
  EXPECT_EQ(rows(), 1);
  EXPECT_FALSE(write([](db::Tx& tx) { return enqueue(tx, "mail", 0, "{}", "once"); }))
      << "its key is known still";
  clock().advance(Duration::days(2));
  worker.run_due();
  EXPECT_EQ(rows(), 0);
}

TEST_P(Outbox, WhatIsEnqueuedInASaleIsWrittenOnceForItsKey) {
  for (int i = 0; i < 2; ++i) {
    write([](db::Tx& tx) { enqueue_later(tx, "mail", 0, R"({"order":1})", "order_confirmation-1"); });
  }
  write([](db::Tx& tx) { enqueue_later(tx, "mail", 0, R"({"order":2})", "order_confirmation-2"); });
  EXPECT_EQ(rows(), 2);
  std::vector<std::string> keys;
  Worker worker(db());
  worker.on("mail", [&](const Delivery& delivery) { keys.push_back(delivery.key); });
  worker.run_due();
  EXPECT_THAT(keys, ElementsAre("order_confirmation-1", "order_confirmation-2"));
}

TEST(Payload, ItsFieldsAreReadByTypeAndFaultsNameThem) {
  Delivery delivery;
  delivery.id = 5;
  delivery.kind = "mail";
  delivery.payload = payload({{"order", std::int64_t{1} << 60}, {"copy", true}, {"name", "\"Zoë\""}});
  EXPECT_EQ(delivery.integer("order"), std::int64_t{1} << 60);
  EXPECT_TRUE(delivery.flag("copy"));
  EXPECT_EQ(delivery.text("name"), "\"Zoë\"");
  const auto fault = [&](auto&& read) {
    try {
      read();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_EQ(fault([&] { delivery.integer("seat"); }), "outbox row 5 (mail): its payload has no \"seat\"");
  EXPECT_EQ(fault([&] { delivery.integer("name"); }),
            "outbox row 5 (mail): \"name\" of its payload is not an integer");
  delivery.payload = "not json";
  EXPECT_THAT(fault([&] { delivery.text("name"); }), HasSubstr("has no \"name\""));
}

}  // namespace
}  // namespace plenary::jobs
