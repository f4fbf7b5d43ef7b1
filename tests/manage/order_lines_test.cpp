// Changing an order's lines on the organisers' page: a review that writes nothing, then the change, the
// difference due or on its way back; what is refused keeps what was typed. source: staff pages 70, 14.39;
// registration 20, 11.
#include <gtest/gtest.h>

#include "domain/registration/asking.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/variations.hpp"
#include "manage/order_pages.hpp"

namespace plenary::manage::testing {
namespace {

class OrderLines : public OrderPagesTest {
 protected:
  std::int64_t product(const std::string& table, const std::string& slug) {
    const bool is_ticket = table == "ticket_type";
    return db().read_now([&](db::Tx& tx) {
      return is_ticket ? registration::find_ticket_type(tx, conference_id(), slug).value().id
                       : registration::find_addon(tx, conference_id(), slug).value().id;
    });
  }
  std::string line(std::int64_t order) {
    return std::to_string(db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT MIN(id) FROM order_line WHERE order_id = $1", order);
    }));
  }
  // Of the add-on in it.
  std::string addon_line(std::int64_t order) {
    return std::to_string(db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT id FROM order_line WHERE order_id = $1 AND addon_id IS NOT NULL",
                                  order);
    }));
  }
  // The shirt in two sizes, L dearer.
  std::pair<std::int64_t, std::int64_t> sizes() {
    const std::int64_t shirt = product("addon", "shirt");
    return write([&](db::Tx& tx) {
      std::pair<std::int64_t, std::int64_t> ids;
      for (const char* name : {"S", "L"}) {
        registration::Variation one;
        one.conference_id = conference_id();
        one.addon_id = shirt;
        one.name = name;
        one.slug = name[0] == 'S' ? "s" : "l";
        if (name[0] == 'L')
          one.price = 3'000;
        else
          one.total_quantity = 7;
        (name[0] == 'S' ? ids.first : ids.second) = registration::save(tx, one);
      }
      return ids;
    });
  }
  HttpResponse review(Buyer& who, std::int64_t id, Fields typed) {
    typed.emplace_back("step", "review");
    return send(who, page(id, "lines"), std::move(typed));
  }
  HttpResponse make(Buyer& who, std::int64_t id, const HttpResponse& review, Fields typed = {}) {
    typed.emplace_back("step", "do");
    return who.post(page(id, "lines"), Buyer::form(review, page(id, "lines"), std::move(typed)));
  }
  registration::Id ask(const registration::Question& q, const std::vector<std::string>& options = {}) {
    return write([&](db::Tx& tx) { return registration::testing::ask(tx, conference_id(), q, options); });
  }
  std::string answer(std::int64_t order, std::int64_t position, registration::Id question) {
    return db().read_now([&](db::Tx& tx) {
      return tx
          .maybe<std::string>(
              "SELECT shown FROM answer WHERE order_id = $1 AND position = $2 AND question_id = $3", order,
              position, question)
          .value_or("(none)");
    });
  }
  std::int64_t total(std::int64_t id) {
    return db().read_now(
        [&](db::Tx& tx) { return tx.one<std::int64_t>("SELECT total FROM orders WHERE id = $1", id); });
  }
};
ON_BOTH_ENGINES(OrderLines);

TEST_P(OrderLines, SomethingAddedIsDueAfterAReview) {
  const std::int64_t id = paid();
  const std::int64_t large = sizes().second;
  Buyer who = registrar();
  EXPECT_TRUE(contains(who.get(page(id)), page(id, "lines")));
  const std::string shirt = "addon-" + std::to_string(product("addon", "shirt"));
  const HttpResponse seen = review(who, id,
                                   {{"product-0", shirt + "-" + std::to_string(large)},
                                    {"quantity-0", "2"},
                                    {"reason", "Asked by phone"}});
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  for (const char* part :
       {"$60.00", "costs $60.00 more", "$60.00 is due afterwards", "$160.00", "with the link to pay"})
    EXPECT_TRUE(contains(seen, part)) << part;
  EXPECT_EQ(total(id), 10'000) << "a review does nothing";
  const Fields sure = Buyer::form(seen, page(id, "lines"), {{"step", "do"}});
  EXPECT_EQ(outcome(who.post(page(id, "lines"), sure)), "done");
  EXPECT_EQ(outcome(who.post(page(id, "lines"), sure)), "repeat");
  EXPECT_EQ(total(id), 16'000);
  EXPECT_EQ(status(id), "paid");
  EXPECT_EQ(mails("order_changed"), 1);
  EXPECT_EQ(text("SELECT attention FROM orders WHERE id = $1", id), "balance due");
  const HttpResponse now = who.get(page(id));
  for (const char* part : {"Asked by phone", "2 × ", "Dora Desk", "Record a payment"})
    EXPECT_TRUE(contains(now, part)) << part;
}

TEST_P(OrderLines, AKindIsChangedForTheDifference) {
  const auto [small, large] = sizes();
  const std::int64_t id = paid();
  Buyer who = registrar();
  const std::string shirt = "addon-" + std::to_string(product("addon", "shirt"));
  EXPECT_EQ(outcome(make(who, id, review(who, id, {{"product-0", shirt + "-" + std::to_string(small)}}))),
            "done");
  ASSERT_EQ(total(id), 12'500);
  const std::string shirts = addon_line(id);
  const HttpResponse seen = review(who, id, {{"kind-" + shirts, std::to_string(large)}});
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  EXPECT_TRUE(contains(seen, "costs $5.00 more"));
  EXPECT_TRUE(contains(seen, "1 free again"));
  EXPECT_TRUE(contains(seen,
                       "$5.00 more each: today this kind costs $30.00 and the one before $25.00, which "
                       "was bought for $25.00."));
  EXPECT_EQ(outcome(make(who, id, seen)), "done");
  EXPECT_EQ(total(id), 13'000);
  // The large one alone is dearer by now: changing back gives what was paid for it, no more.
  write([&](db::Tx& tx) {
    return tx.exec("UPDATE variation SET price = 9000 WHERE slug = 'l'") +
           tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
  });
  const std::string dear = std::to_string(db().read_now([&](db::Tx& tx) {
    return tx.one<std::int64_t>("SELECT MAX(id) FROM order_line WHERE order_id = $1", id);
  }));
  const HttpResponse back = review(who, id, {{"kind-" + dear, std::to_string(small)}});
  EXPECT_TRUE(contains(back, "The order costs $5.00 less.")) << back.body;
}

TEST_P(OrderLines, ACheaperKindComesForLessAndSaysWhy) {
  const auto [small, large] = sizes();
  const std::int64_t id = paid();
  Buyer who = registrar();
  const std::string shirt = "addon-" + std::to_string(product("addon", "shirt"));
  EXPECT_EQ(outcome(make(who, id, review(who, id, {{"product-0", shirt + "-" + std::to_string(large)}}))),
            "done");
  const std::string shirts = addon_line(id);
  const HttpResponse seen = review(who, id, {{"kind-" + shirts, std::to_string(small)}});
  EXPECT_TRUE(contains(seen,
                       "$5.00 less each: today this kind costs $25.00 and the one before $30.00, which "
                       "was bought for $30.00."))
      << seen.body;
}

TEST_P(OrderLines, WhatIsTakenOutGoesBackAfterAFreshProof) {
  const std::int64_t id = paid("ada@example.org", "individual", "2");
  write([&](db::Tx& tx) { tx.exec("UPDATE seat SET name = 'Grace' WHERE position = 2"); });
  Buyer who = registrar();
  const HttpResponse seen = review(who, id, {{"seat-" + line(id), "2"}});
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  for (const char* part : {"Grace", "no longer valid", "$100.00 is paid too much"})
    EXPECT_TRUE(contains(seen, part)) << part;
  EXPECT_FALSE(contains(seen, "As a store credit")) << "a guest has no account";
  clock().advance(Duration::minutes(20));  // the sign-in is no fresh proof any more
  const HttpResponse asked = make(who, id, seen, {{"money", "original"}});
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 0);
  EXPECT_TRUE(contains(asked, "proof_password"));
  const HttpResponse done =
      who.post(page(id, "lines"), Buyer::form(asked, page(id, "lines"), {{"proof_password", good_password}}));
  EXPECT_EQ(outcome(done), "done") << done.body;
  EXPECT_EQ(count("SELECT CAST(SUM(amount) AS BIGINT) FROM refund WHERE status = 'succeeded'"), 10'000);
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE status = 'active'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE status = 'void' AND position = 2"), 1);
  EXPECT_EQ(total(id), 10'000);
  EXPECT_EQ(text("SELECT attention FROM orders WHERE id = $1", id), "");
}

TEST_P(OrderLines, WithoutAChoiceTheMoneyIsOwed) {
  const std::int64_t id = paid("ada@example.org", "individual", "2");
  Buyer who = registrar();
  const HttpResponse seen = review(who, id, {{"back-" + line(id), "1"}});
  EXPECT_EQ(outcome(make(who, id, seen)), "done");
  EXPECT_EQ(count("SELECT COUNT(*) FROM refund"), 0);
  EXPECT_EQ(text("SELECT attention FROM orders WHERE id = $1", id), "refund due");
}

TEST_P(OrderLines, ANewPriceNeedsAReason) {
  const std::int64_t id = paid();
  Buyer who = registrar();
  const HttpResponse refused = review(who, id, {{"price-" + line(id), "80"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "Say why the price is another one."));
  EXPECT_TRUE(contains(refused, "value=\"80\""));
  const HttpResponse seen = review(who, id, {{"price-" + line(id), "80"}, {"reason", "Student after all"}});
  ASSERT_EQ(outcome(seen), "review");
  EXPECT_EQ(outcome(make(who, id, seen)), "done");
  EXPECT_EQ(total(id), 8'000);
  EXPECT_EQ(count("SELECT COUNT(*) FROM order_event WHERE reason = 'Student after all'"), 1);
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE status = 'active'"), 1) << "the ticket stays";
}

TEST_P(OrderLines, TooFewPlacesAreSaidAndNothingCanBeMade) {
  const std::int64_t id = paid();  // there are five
  Buyer who = registrar();
  const std::string ticket = "ticket_type-" + std::to_string(product("ticket_type", "individual"));
  const HttpResponse seen = review(who, id, {{"product-0", ticket}, {"quantity-0", "5"}});
  ASSERT_EQ(outcome(seen), "review");
  EXPECT_TRUE(contains(seen, "5 needed, but only 4 left"));
  EXPECT_TRUE(contains(seen, "This cannot be done:"));
  EXPECT_FALSE(contains(seen, "Make this change</button>"));
  const HttpResponse forced = make(who, id, seen);
  EXPECT_EQ(forced.status, 422);
  EXPECT_EQ(total(id), 10'000);
  const HttpResponse fits = review(who, id, {{"product-0", ticket}, {"quantity-0", "4"}});
  EXPECT_EQ(outcome(make(who, id, fits)), "done");
  EXPECT_EQ(count("SELECT COUNT(*) FROM seat WHERE status = 'active'"), 5);
}

TEST_P(OrderLines, WhatIsWrongKeepsWhatWasTyped) {
  const std::int64_t id = paid();
  Buyer who = registrar();
  const std::string own = line(id);
  const std::string ticket = "ticket_type-" + std::to_string(product("ticket_type", "individual"));
  for (const Fields& wrong :
       {Fields{{"back-" + own, "2"}}, Fields{{"back-" + own, "x"}}, Fields{{"price-" + own, "dear"}},
        Fields{{"product-0", "ticket_type-999"}}, Fields{{"product-0", ticket}, {"quantity-0", "-1"}},
        Fields{{"product-0", ticket}, {"own-price-0", "5"}}, Fields{}}) {
    Fields typed = wrong;
    typed.emplace_back("reason", "Kept as typed");
    const HttpResponse refused = review(who, id, typed);
    EXPECT_EQ(refused.status, 422);
    EXPECT_TRUE(contains(refused, "value=\"Kept as typed\""));
  }
  const HttpResponse more =
      send(who, page(id, "lines"), {{"product-0", ticket}, {"quantity-0", "3"}, {"step", "more"}});
  EXPECT_TRUE(contains(more, "name=\"product-1\""));
  EXPECT_TRUE(contains(more, "value=\"3\""));
  EXPECT_EQ(count("SELECT COUNT(*) FROM order_line"), 1);
}

TEST_P(OrderLines, APriceThatBuyersNameIsNotRaisedInSilence) {
  const std::int64_t id = paid();
  write([&](db::Tx& tx) {
    tx.exec(
        "UPDATE ticket_type SET free_price = 1, price = 120000, minimum_price = 110000 WHERE slug = "
        "'student'");
    tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
  });
  Buyer who = registrar();
  const std::string student = "ticket_type-" + std::to_string(product("ticket_type", "student"));
  const HttpResponse refused = review(who, id, {{"product-0", student}, {"own-price-0", "1.050,50"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_TRUE(contains(refused, "the least is $1,100.00."));
  EXPECT_TRUE(contains(refused, "value=\"1.050,50\""));
  const HttpResponse seen = review(who, id, {{"product-0", student}, {"own-price-0", "1.150,50"}});
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  EXPECT_TRUE(contains(seen, "costs $1,150.50 more"));
}

TEST_P(OrderLines, WhatIsAskedAnewIsAnsweredWithTheChange) {
  using registration::answer_field, registration::QuestionKind, registration::QuestionTarget;
  using registration::testing::after, registration::testing::question, registration::testing::required;
  const std::int64_t id = paid();
  const auto diet = ask(required(question("diet", QuestionKind::choice)), {"meat", "vegan"});
  const auto which = ask(required(after(question("which"), diet, "vegan")));
  const auto age = ask(question("age", QuestionKind::number));
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, answered_at) "
        "VALUES "
        "($1, 1, $2, 'meat', 'meat', 'diet', 0)",
        id, diet);
  });
  Buyer who = registrar();
  const std::string ticket = "ticket_type-" + std::to_string(product("ticket_type", "individual"));
  const Fields two_more{{"product-0", ticket}, {"quantity-0", "2"}};
  const HttpResponse seen = review(who, id, two_more);
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  EXPECT_FALSE(contains(seen, "name=\"" + answer_field(1, diet) + "\"")) << "asked before";
  for (const std::int64_t position : {2, 3})
    for (const auto one : {diet, which, age})
      EXPECT_TRUE(contains(seen, "name=\"" + answer_field(position, one) + "\"")) << position;

  const HttpResponse wrong =
      make(who, id, seen, {{answer_field(2, age), "old"}, {answer_field(2, diet), "vegan"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_TRUE(contains(wrong, "value=\"old\"")) << "what was typed stays";
  EXPECT_EQ(total(id), 10'000) << "nothing was done";
  // On the way back to the lines, and to the review again, it stays too.
  const HttpResponse back =
      who.post(page(id, "lines"), Buyer::form(wrong, page(id, "lines"), {{"step", "back"}}));
  EXPECT_TRUE(contains(back, "value=\"old\""));
  const HttpResponse again =
      who.post(page(id, "lines"), Buyer::form(back, page(id, "lines"), {{"step", "review"}}));
  EXPECT_TRUE(contains(again, "value=\"old\""));

  // The third ticket's answers are left to the buyer.
  const HttpResponse done =
      make(who, id, again, {{answer_field(2, age), "41"}, {answer_field(2, which), "strictly"}});
  ASSERT_EQ(outcome(done), "done") << done.body;
  EXPECT_EQ(total(id), 30'000);
  EXPECT_EQ(answer(id, 1, diet), "meat");
  EXPECT_EQ(answer(id, 2, diet), "The vegan");
  EXPECT_EQ(answer(id, 2, which), "strictly");
  EXPECT_EQ(answer(id, 2, age), "41");
  EXPECT_EQ(answer(id, 3, diet), "(none)");
  const HttpResponse now = who.get(page(id));
  EXPECT_TRUE(contains(now, "There are questions to answer"));
  EXPECT_TRUE(contains(now, "Answers of ticket 2 were changed."));
  // All of them answered: nothing is left to say.
  const HttpResponse shirt =
      review(who, id, {{"product-0", "addon-" + std::to_string(product("addon", "shirt"))}});
  EXPECT_FALSE(contains(shirt, "Questions that come with it")) << "a shirt asks nothing";
}

TEST_P(OrderLines, AQuestionOfTheOrderComesWithItsAddOn) {
  using registration::answer_field, registration::QuestionKind, registration::QuestionTarget;
  using registration::testing::question;
  const std::int64_t id = ordered();
  const auto company = ask(question("company", QuestionKind::text, QuestionTarget::order));
  const registration::Question size = question("size", QuestionKind::text, QuestionTarget::order);
  const std::int64_t shirt = product("addon", "shirt");
  const auto asked = write(
      [&](db::Tx& tx) { return registration::testing::ask(tx, conference_id(), size, {}, {}, {shirt}); });
  write([&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO answer (order_id, position, question_id, value, shown, question_text, answered_at) "
        "VALUES "
        "($1, 0, $2, 'Navy', 'Navy', 'company', 0)",
        id, company);
  });
  Buyer who = registrar();
  const HttpResponse seen = review(who, id, {{"product-0", "addon-" + std::to_string(shirt)}});
  ASSERT_EQ(outcome(seen), "review") << seen.body;
  EXPECT_TRUE(contains(seen, "name=\"" + answer_field(0, asked) + "\""));
  EXPECT_TRUE(contains(seen, "value=\"Navy\"")) << "beside it stands what was said";
  ASSERT_EQ(outcome(make(who, id, seen, {{answer_field(0, asked), "XL"}})), "done");
  EXPECT_EQ(answer(id, 0, asked), "XL");
  EXPECT_EQ(answer(id, 0, company), "Navy");
  EXPECT_FALSE(contains(who.get(page(id)), "There are questions to answer"));
}

TEST_P(OrderLines, AnOldPageAndAnotherPriceAreToldNotDone) {
  const std::int64_t id = paid();
  Buyer who = registrar();
  const HttpResponse old = review(who, id, {{"price-" + line(id), "90"}, {"reason", "Late"}});
  EXPECT_EQ(outcome(send(who, page(id, "link"), {})), "done");
  const HttpResponse told = make(who, id, old);
  EXPECT_EQ(told.status, 422);
  EXPECT_TRUE(contains(told, "changed in the meantime"));
  const HttpResponse again = review(who, id, {{"price-" + line(id), "90"}, {"reason", "Late"}});
  const HttpResponse other = make(who, id, again, {{"difference", "-1"}});
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(total(id), 10'000);
}

TEST_P(OrderLines, AnUnpaidOrderChangesAsLongAsItIsHeld) {
  const std::int64_t id = ordered("ada@example.org", "individual", "2");
  Buyer who = registrar();
  const HttpResponse nothing = review(who, id, {{"back-" + line(id), "2"}});
  EXPECT_TRUE(contains(nothing, "Cancel it instead"));
  const HttpResponse seen = review(who, id, {{"back-" + line(id), "1"}});
  EXPECT_EQ(outcome(make(who, id, seen)), "done");
  EXPECT_EQ(total(id), 10'000);
  clock().advance(Duration::days(2));
  sweep();
  Buyer later = signed_in("desk@example.org");
  EXPECT_TRUE(contains(later.get(page(id, "lines")), "can no longer be changed"));
  EXPECT_FALSE(contains(later.get(page(id)), page(id, "lines")));
}

TEST_P(OrderLines, TheDashboardSaysWhatIsHeld) {
  Buyer who = registrar();
  EXPECT_FALSE(contains(who.get("/manage/fair/"), "Tickets held at this moment"));
  Buyer ada = buyer();
  ada.add("individual", "2");
  ordered("grace@example.org", "student");
  const HttpResponse shown = who.get("/manage/fair/");
  for (const char* part : {"Tickets held at this moment", "In carts", "In orders that are not paid"})
    EXPECT_TRUE(contains(shown, part)) << part;
}

TEST_P(OrderLines, SeeingIsNotChanging) {
  const std::int64_t id = paid();
  Buyer finance = browser("f@example.org", "Finance Team", "Fay Finance");
  EXPECT_EQ(finance.get(page(id, "lines")).status, 403);
  EXPECT_EQ(forge(finance, page(id, "lines"), {{"back-" + line(id), "1"}, {"step", "do"}}).status, 403);
  give(person("boss@example.org", good_password, "Bea Boss"), "Conference Organizer", other());
  Buyer boss = signed_in("boss@example.org");
  EXPECT_EQ(boss.get("/manage/other/orders/" + std::to_string(id) + "/lines/").status, 404);
}

}  // namespace
}  // namespace plenary::manage::testing
