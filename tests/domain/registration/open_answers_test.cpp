// Whose answers are missing: the list of the staff finds exactly those whose form would ask for something,
// whatever the questions depend on and however many tickets lie between. source: staff pages 70, 14.26;
// registration 20, D37.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "domain/registration/asking.hpp"
#include "domain/registration/attendees.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class OpenAnswers : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 0, 0), ticket("student", 0, 0)},
          .addons = {addon("shirt", 0, 0)}});
  }
  Id ask(Question q, const std::vector<std::string>& options = {}, const char* ticket = nullptr,
         bool with_shirt = false) {
    q.ask_at = AskAt::later;  // orders are placed without answers here
    return fair().write([&](db::Tx& tx) {
      std::vector<Id> types, addons;
      if (ticket) types.push_back(tx.one<Id>("SELECT id FROM ticket_type WHERE slug = $1", ticket));
      if (with_shirt) addons.push_back(tx.one<Id>("SELECT id FROM addon WHERE slug = 'shirt'"));
      return testing::ask(tx, fair().conference_id, q, options, types, addons);
    });
  }
  Id paid(const std::string& who, std::int64_t tickets, const char* ticket, bool with_shirt) {
    fair().add(fair().guest(who), ticket, tickets);
    if (with_shirt) fair().add_extra(fair().guest(who), "shirt");
    CheckoutForm form;
    form.billing = {"Ada Lovelace", who + "@example.org", ""};
    form.shown_total = 0;
    form.link_key = &test_link_key();
    return fair()
        .write([&](db::Tx& tx) { return place_order(tx, fair().shop, fair().guest(who), form); })
        .order_id;
  }
  void answer(Id order, std::int64_t position, Id question, const std::string& value) {
    fair().write([&](db::Tx& tx) {
      return tx.exec(
          "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, answered_at) "
          "VALUES "
          "($1, $2, $3, $4, $4, 'q', 0)",
          order, position, question, value);
    });
  }
  std::vector<Id> listed(std::int64_t a_page) {
    std::vector<Id> ids;
    fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      std::optional<Id> after;
      AttendeeSearch search;
      search.misses_answers = true;
      do {
        const AttendeePage page = search_attendees(tx, *catalogue, search, "ORD", after, a_page);
        for (const Attendee& one : page.attendees) ids.push_back(one.seat.id);
        if (page.is_counted) {
          EXPECT_EQ(page.count, static_cast<std::int64_t>(page.attendees.size()));
        }
        after = page.next;
      } while (after);
      return 0;
    });
    return ids;
  }
  // By the rules that forms go by, ticket for ticket.
  std::vector<Id> expected() {
    return fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      std::vector<Id> ids;
      for (const Id id : tx.query<Id>("SELECT id FROM seat ORDER BY id DESC"))
        if (!missing_answers(tx, *catalogue, find_attendee(tx, fair().conference_id, id).value()).empty())
          ids.push_back(id);
      return ids;
    });
  }
};
ON_BOTH_ENGINES(OpenAnswers);

TEST_P(OpenAnswers, TheListIsWhatTheFormsWouldAskFor) {
  const Id diet = ask(required(question("diet", QuestionKind::choice)), {"meat", "vegan"});
  const Id which = ask(required(after(question("which"), diet, "VEGAN")));
  const Id deeper = ask(required(after(question("deeper"), which, "strictly")));
  const Id days = ask(question("days", QuestionKind::several), {"mon", "tue_1", "tuex1"});
  const Id tuesday = ask(required(after(question("tuesday"), days, "tue_1")));
  const Id age = ask(question("age", QuestionKind::number));
  const Id adult = ask(required(after(question("adult"), age, "18.0")));
  const Id from = ask(question("from", QuestionKind::country));
  const Id visa = ask(required(after(question("visa"), from, "in")));
  const Id school = ask(required(question("school")), {}, "student");
  const Id size = ask(required(question("size")), {}, nullptr, true);
  Question off = required(question("off"));
  off.is_active = false;
  const Id nobody = ask(off);
  ask(required(after(question("behind-off"), nobody, "x")));
  const std::vector<std::pair<Id, std::vector<std::string>>> said{{diet, {"meat", "vegan", "vegan"}},
                                                                  {which, {"strictly", "mostly"}},
                                                                  {deeper, {"so"}},
                                                                  {days, {"mon", "mon,tue_1", "tuex1"}},
                                                                  {tuesday, {"yes"}},
                                                                  {age, {"18", "19", "1"}},
                                                                  {adult, {"yes"}},
                                                                  {from, {"IN", "DE"}},
                                                                  {visa, {"have"}},
                                                                  {school, {"MIT"}},
                                                                  {size, {"L"}}};
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    const std::int64_t tickets = 1 + static_cast<std::int64_t>(random() % 3);
    const Id order = paid("buyer-" + std::to_string(i), tickets, random() % 2 ? "student" : "individual",
                          random() % 3 == 0);
    for (std::int64_t position = 1; position <= tickets; ++position)
      for (const auto& [question, values] : said)
        if (random() % 5 != 0) answer(order, position, question, values[random() % values.size()]);
  }
  fair().write([&](db::Tx& tx) { return tx.exec("UPDATE seat SET status = 'void' WHERE id % 7 = 0"); });
  const std::vector<Id> all = expected();
  ASSERT_GT(all.size(), 20u);
  EXPECT_EQ(listed(1000), all);
  EXPECT_EQ(listed(7), all) << "page by page";
  EXPECT_EQ(listed(all.size() == 0 ? 1 : static_cast<std::int64_t>(all.size())), all) << "one full page";
}

TEST_P(OpenAnswers, TheOldestOfManyIsOnTheFirstPage) {
  const Id diet = ask(required(question("diet")));
  const Id order = paid("ada", 1, "individual", false);
  fair().write([&](db::Tx& tx) {
    const auto line = tx.one<Id>("SELECT MIN(id) FROM order_line");
    for (int i = 2; i <= 2'500; ++i)
      tx.exec(
          "INSERT INTO seat (order_id, order_line_id, conference_id, position, access_code, created_at, "
          "updated_at) "
          "VALUES ($1, $2, $3, $4, $5, 0, 0)",
          order, line, fair().conference_id, i, "MANY" + std::to_string(10'000 + i));
    return tx.exec(
        "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, answered_at) "
        "SELECT "
        "order_id, position, $1, 'x', 'x', 'q', 0 FROM seat WHERE position > 1",
        diet);
  });
  const Id first =
      fair().read([&](db::Tx& tx) { return tx.one<Id>("SELECT id FROM seat WHERE position = 1"); });
  EXPECT_EQ(listed(50), std::vector<Id>{first});
  answer(order, 1, diet, "fish");
  EXPECT_EQ(listed(50), std::vector<Id>{});
}

}  // namespace
}  // namespace plenary::registration::testing
