// The outbox of one conference: its own rows alone, by what they wait for, and what may be done with them.
#include "jobs/conference_outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/db/test_databases.hpp"

namespace plenary::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ConferenceOutbox : public plenary::test::DatabaseTest {
 protected:
  template <class F>
  auto write(F fn) {
    return db().write_now(db::global_lane, "test", fn);
  }
  template <class F>
  auto read(F fn) {
    return db().read_now(fn);
  }
  std::int64_t conference(const char* slug) {
    return write([&](db::Tx& tx) {
      tx.exec(
          "INSERT INTO conference (name, slug, start_date, end_date, created_at, updated_at) VALUES ($1, $1, "
          "'2027-05-20', '2027-05-21', $2, $2)",
          slug, tx.now());
      return tx.one<std::int64_t>("SELECT id FROM conference WHERE slug = $1", slug);
    });
  }
  std::int64_t add(std::int64_t conference, const std::string& kind, bool is_dead = false, int minutes = 0) {
    return write([&](db::Tx& tx) {
      enqueue(tx, kind, conference, payload({{"order", 7}, {"message", "order_link"}}), "",
              tx.now() + Duration::minutes(minutes));
      const auto id = tx.one<std::int64_t>("SELECT MAX(id) FROM outbox");
      if (is_dead)
        tx.exec("UPDATE outbox SET is_dead = 1, attempts = 15, last_error = 'no' WHERE id = $1", id);
      return id;
    });
  }
  std::vector<std::int64_t> ids(std::int64_t conference, const WantedRows& wanted) {
    std::vector<std::int64_t> list;
    for (const ConferenceRow& row : read([&](db::Tx& tx) { return rows_of(tx, conference, wanted); }))
      list.push_back(row.id);
    return list;
  }
};
ON_BOTH_ENGINES(ConferenceOutbox);

TEST_P(ConferenceOutbox, ListsItsOwnRowsByWhatTheyWaitFor) {
  const std::int64_t one = conference("one"), two = conference("two");
  const std::int64_t dead = add(one, "mail", true), waiting = add(one, "mail"),
                     later = add(one, "refund", false, 60), newer = add(one, "refund", true);
  add(two, "mail", true);
  EXPECT_THAT(ids(one, {RowState::dead}), ElementsAre(newer, dead)) << "newest first";
  EXPECT_THAT(ids(one, {RowState::waiting}), ElementsAre(waiting));
  EXPECT_THAT(ids(one, {RowState::later}), ElementsAre(later));
  EXPECT_THAT(ids(one, {RowState::dead, "mail"}), ElementsAre(dead));
  EXPECT_THAT(ids(one, {RowState::dead, "", newer}), ElementsAre(dead)) << "the page behind";
  EXPECT_THAT(ids(one, {RowState::dead, "", 0, 1}), ElementsAre(newer));
  const auto backlog = read([&](db::Tx& tx) { return backlog_of(tx, one); });
  ASSERT_THAT(backlog, SizeIs(2));
  EXPECT_EQ(backlog[0].kind, "mail");
  EXPECT_EQ(backlog[0].waiting, 1);
  EXPECT_EQ(backlog[0].dead, 1);
  EXPECT_EQ(backlog[1].later, 1);
  EXPECT_EQ(backlog[1].waiting, 0);
}

TEST_P(ConferenceOutbox, FindsADeadLetterOfThisConferenceAlone) {
  const std::int64_t one = conference("one"), two = conference("two");
  const std::int64_t dead = add(one, "mail", true), waiting = add(one, "mail");
  EXPECT_TRUE(read([&](db::Tx& tx) { return find_dead(tx, one, dead); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_dead(tx, two, dead); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_dead(tx, one, waiting); }));
  EXPECT_FALSE(read([&](db::Tx& tx) { return find_dead(tx, one, dead - 1); }));
}

TEST_P(ConferenceOutbox, ActsOnAllOfAKindThatWereSeen) {
  const std::int64_t one = conference("one"), two = conference("two");
  const std::int64_t first = add(one, "mail", true), seen = add(one, "mail", true);
  const std::int64_t refund = add(one, "refund", true), unseen = add(one, "mail", true);
  const std::int64_t foreign = add(two, "mail", true);
  EXPECT_EQ(write([&](db::Tx& tx) { return retry_all_of(tx, one, "mail", seen); }), 2);
  EXPECT_THAT(ids(one, {RowState::waiting}), ElementsAre(seen, first));
  EXPECT_THAT(ids(one, {RowState::dead}), ElementsAre(unseen, refund));
  EXPECT_EQ(write([&](db::Tx& tx) { return discard_all_of(tx, one, "mail", unseen); }), 1);
  EXPECT_THAT(ids(one, {RowState::dead}), ElementsAre(refund));
  EXPECT_THAT(ids(two, {RowState::dead}), ElementsAre(foreign));
  EXPECT_THAT(ids(one, {RowState::dead, "mail"}), IsEmpty());
}

TEST_P(ConferenceOutbox, ReadsOfAPayloadWhatIsThere) {
  const std::string text = payload({{"order", 7}, {"message", "order_link"}, {"success", true}});
  EXPECT_EQ(integer_in(text, "order"), 7);
  EXPECT_EQ(text_in(text, "message"), "order_link");
  EXPECT_EQ(integer_in(text, "message"), std::nullopt);
  EXPECT_EQ(text_in(text, "nothing"), std::nullopt);
  EXPECT_EQ(text_in("no json", "order"), std::nullopt);
  EXPECT_EQ(row_state("later"), RowState::later);
  EXPECT_EQ(row_state("x"), std::nullopt);
}

}  // namespace
}  // namespace plenary::jobs
