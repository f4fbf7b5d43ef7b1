// The outbox page and the red line while mail is stuck: who sees what, trying again, discarding, the record
// of it. source: payments 21, 11.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/outbox.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* page_url = "/manage/fair/outbox/";

class OutboxPages : public ManageTest {
 protected:
  std::int64_t add(std::int64_t conference, const std::string& kind, const std::string& error,
                   std::int64_t order = 0) {
    return on_global([&](db::Tx& tx) {
      jobs::enqueue(
          tx, kind, conference,
          jobs::payload({{"message", "order_link"}, {"order", order}, {"email", "secret@example.org"}}));
      const auto id = tx.one<std::int64_t>("SELECT MAX(id) FROM outbox");
      if (!error.empty())
        tx.exec("UPDATE outbox SET is_dead = 1, attempts = 15, last_error = $2 WHERE id = $1", id, error);
      return id;
    });
  }
  static std::string action(std::int64_t id, const char* what) {
    return page_url + std::to_string(id) + "/" + what + "/";
  }
  std::int64_t dead() { return count("SELECT COUNT(*) FROM outbox WHERE is_dead = 1"); }
};
ON_BOTH_ENGINES(OutboxPages);

TEST_P(OutboxPages, TellsWhatWasGivenUpAndWhyInPlainWords) {
  Buyer who = buyer();
  who.add("individual");
  who.order();
  const std::int64_t order = count("SELECT MAX(id) FROM orders");
  add(conference_id(), "mail", "550 mailbox not there (recipient, 550)", order);
  add(conference_id(), "mail", "refused for good: user unknown (recipient, 550)");
  add(other(), "mail", "connection refused (connecting)");
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  const HttpResponse page = registrar.get(page_url);
  ASSERT_EQ(page.status, 200);
  EXPECT_TRUE(contains(page, "Link to an order"));
  EXPECT_TRUE(contains(page, "The server of the recipient refuses this address."));
  EXPECT_TRUE(contains(page, "ORD-"));
  EXPECT_FALSE(contains(page, "secret@example.org")) << "payloads stay where they are";
  EXPECT_FALSE(contains(page, "The mail server could not be reached.")) << "another conference's";
  EXPECT_THAT(page.header("cache-control"), HasSubstr("no-store"));
  EXPECT_EQ(registrar.get(std::string(page_url) + "?state=none").status, 404);
  EXPECT_EQ(registrar.get(std::string(page_url) + "?before=x").status, 404);
  EXPECT_EQ(registrar.get(std::string(page_url) + "?state=later&kind=a%26b").status, 200);
}

TEST_P(OutboxPages, TriesAgainAndDiscardsOneByOne) {
  const std::int64_t first = add(conference_id(), "mail", "timed out"),
                     second = add(conference_id(), "refund", "timed out"),
                     foreign = add(other(), "mail", "timed out");
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  EXPECT_EQ(outcome(press(registrar, action(first, "retry"), {}, page_url)), "retried");
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE is_dead = 0 AND attempts = 0 AND kind = 'mail'"), 1);
  EXPECT_EQ(outcome(press(registrar, action(second, "discard"), {}, page_url)), "discarded");
  EXPECT_EQ(dead(), 1);
  EXPECT_EQ(outcome(forge(registrar, action(second, "discard"))), "gone");
  EXPECT_EQ(outcome(forge(registrar, action(foreign, "discard"))), "gone") << "of another conference";
  EXPECT_EQ(outcome(forge(registrar, action(foreign, "retry"))), "gone");
  EXPECT_EQ(dead(), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM audit_entry WHERE entity = 'outbox'"), 2);
}

TEST_P(OutboxPages, ActsOnAllOfAKindThatThePageShowed) {
  for (int i = 0; i < 3; ++i) add(conference_id(), "mail", "timed out");
  add(conference_id(), "refund", "timed out");
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  const std::string mails = std::string(page_url) + "?state=dead&kind=mail";
  const HttpResponse page = registrar.get(mails);
  EXPECT_TRUE(contains(page, "Try all 3 again"));
  add(conference_id(), "mail", "timed out");
  const std::string retry = std::string(page_url) + "retry/";
  EXPECT_EQ(outcome(registrar.post(retry, Buyer::form(page, retry))), "retried");
  EXPECT_EQ(dead(), 2) << "one of another kind, one that nobody had seen";
  EXPECT_EQ(registrar.post(retry, Buyer::form(page, retry, {{"newest", "x"}})).status, 422);
  for (int i = 0; i < 2; ++i) add(conference_id(), "mail", "timed out");
  const std::string discard = std::string(page_url) + "discard/";
  EXPECT_EQ(outcome(press(registrar, discard, {}, mails)), "discarded");
  EXPECT_EQ(dead(), 1);
}

TEST_P(OutboxPages, WhoOnlySeesMayNotAct) {
  const std::int64_t id = add(conference_id(), "mail", "timed out");
  Buyer reader = browser("r@example.org", "Read-Only Staff", "Rea Reader");
  const HttpResponse page = reader.get(page_url);
  ASSERT_EQ(page.status, 200);
  EXPECT_FALSE(contains(page, "Try again"));
  EXPECT_EQ(forge(reader, action(id, "retry")).status, 403);
  EXPECT_EQ(forge(reader, std::string(page_url) + "discard/", {{"kind", "mail"}, {"newest", "9"}}).status,
            403);
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  EXPECT_EQ(sponsors.get(page_url).status, 403);
  EXPECT_EQ(dead(), 1);
}

TEST_P(OutboxPages, ARedLineOnEveryPageWhileMailIsStuck) {
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  Buyer sponsors = browser("s@example.org", "Sponsor Manager", "Sam Sponsor");
  add(other(), "mail", "timed out");
  EXPECT_FALSE(contains(registrar.get("/manage/fair/"), "Mail is stuck.")) << "another conference's mail";
  add(conference_id(), "mail", "refused for good: user unknown");
  EXPECT_FALSE(contains(registrar.get("/manage/fair/"), "Mail is stuck.")) << "the order tells about it";
  add(conference_id(), "mail", "timed out");
  for (const char* page : {"/manage/fair/", page_url, "/manage/fair/invoices/"}) {
    EXPECT_TRUE(contains(registrar.get(page), "Mail is stuck.")) << page;
    EXPECT_TRUE(contains(registrar.get(page), "1 mail was given up.")) << page;
  }
  EXPECT_TRUE(contains(registrar.get("/manage/fair/"), "See why"));
  EXPECT_TRUE(contains(sponsors.get("/manage/fair/"), "Mail is stuck."));
  EXPECT_FALSE(contains(sponsors.get("/manage/fair/"), "See why")) << "may not open it";
}

TEST_P(OutboxPages, MailThatWaitsTooLongIsStuck) {
  Buyer registrar = browser("desk@example.org", "Registration Manager", "Dora Desk");
  add(conference_id(), "mail", "");
  EXPECT_FALSE(contains(registrar.get("/manage/fair/"), "Mail is stuck."));
  on_global([](db::Tx& tx) {
    return tx.exec("UPDATE outbox SET run_at = $1 WHERE kind = 'mail' AND done_at IS NULL",
                   tx.now() - Duration::minutes(16));
  });
  EXPECT_TRUE(contains(registrar.get("/manage/fair/"), "could not be sent"));
}

}  // namespace
}  // namespace plenary::manage::testing
