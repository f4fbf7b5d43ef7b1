// A buyer's way by the API: what is sold, what it costs, a cart that holds, an order; repeats, races, limits.
// source: registration 20, 7, 8 and 10; docs/api.md.
#include <thread>

#include "api/calls.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/variations.hpp"
#include "support/site/lost_commit.hpp"

namespace plenary::api::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Carts : public ApiTest {
 protected:
  // Medium and large; small ones are no longer sold.
  void shirts_in_sizes() {
    write([&](db::Tx& tx) {
      for (const auto& [slug, name] : {std::pair{"s", "Small"}, {"m", "Medium"}, {"l", "Large"}}) {
        registration::Variation size;
        size.conference_id = conference_id();
        size.addon_id = registration::find_addon(tx, conference_id(), "shirt")->id;
        size.slug = slug;
        size.name = name;
        size.order = slug[0] == 's' ? 0 : slug[0] == 'm' ? 1 : 2;
        size.is_active = slug[0] != 's';
        registration::save(tx, size);
      }
      return 0;
    });
  }
};
ON_BOTH_ENGINES(Carts);

std::vector<std::string> slugs(const Json& list) {
  std::vector<std::string> names;
  for (const Json& one : list.items()) names.push_back(one.find("slug")->text());
  return names;
}

TEST_P(Carts, TheCatalogueTellsWhatIsSoldAndWhatIsLeft) {
  Program program = stranger();
  const Told told = program.get("/conferences/fair/catalogue");
  ASSERT_EQ(told.status(), 200);
  EXPECT_THAT(slugs(told.at("ticket_types")), ElementsAre("individual", "student", "free"));
  const Json& individual = told.at("ticket_types").items().front();
  EXPECT_EQ(individual.find("price")->text(), "100.00");
  EXPECT_EQ(individual.find("remaining")->integer(), 5);
  EXPECT_EQ(individual.find("state")->text(), "available");
  EXPECT_THAT(slugs(told.at("addons")), ::testing::UnorderedElementsAre("dinner", "shirt"));
  EXPECT_EQ(program.get("/conferences/fair/catalogue?all=true").status(), 403);
  Program staff = with(token_of(superuser("root"), {"catalogue:read"}));
  EXPECT_THAT(slugs(staff.get("/conferences/fair/catalogue?all=true").at("ticket_types")),
              Contains("hidden"));
}

TEST_P(Carts, AQuoteIsPricedWithReasonsAndKeepsNothing) {
  voucher("HALF");
  Program program = stranger();
  const Told told =
      program.post("/conferences/fair/quote", R"({"items":[{"kind":"ticket_type","slug":"individual",
      "quantity":2},{"kind":"addon","slug":"shirt","quantity":1}],"voucher":"half","buyer":{"country":"DE"}})");
  ASSERT_EQ(told.status(), 200) << told.response.body;
  EXPECT_EQ(told.text("subtotal"), "225.00");
  EXPECT_EQ(told.text("discount"), "112.50");
  EXPECT_EQ(told.text("total"), "112.50");
  EXPECT_TRUE(told.at("voucher").find("is_valid")->flag());
  ASSERT_EQ(told.at("lines").items().size(), 2U);
  const Json& line = told.at("lines").items().front();
  EXPECT_EQ(line.find("voucher_discount")->text(), "100.00");
  EXPECT_FALSE(line.find("reasons")->items().empty());
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);
  // An unknown code is told like one that can no longer be used, and takes nothing off.
  const Told other =
      program.post("/conferences/fair/quote",
                   R"({"items":[{"kind":"ticket_type","slug":"student","quantity":1}],"voucher":"no"})");
  EXPECT_EQ(other.text("total"), "40.00");
  EXPECT_FALSE(other.at("voucher").find("is_valid")->flag());
}

TEST_P(Carts, AQuoteSaysWhyItCouldNotBeOrdered) {
  Program program = stranger();
  const auto problems = [&](const std::string& items, const std::string& more = {}) {
    const Told told = program.post("/conferences/fair/quote", R"({"items":[)" + items + "]" + more + "}");
    EXPECT_EQ(told.status(), 200) << told.response.body;
    std::vector<std::string> codes;
    for (const Json& one : told.at("problems").items()) codes.push_back(one.find("code")->text());
    return codes;
  };
  const std::string individual = R"({"kind":"ticket_type","slug":"individual","quantity":1})",
                    dinner = R"({"kind":"addon","slug":"dinner","quantity":1})",
                    hidden = R"({"kind":"ticket_type","slug":"hidden","quantity":1})";
  EXPECT_THAT(problems(individual + "," + dinner), ElementsAre());
  EXPECT_THAT(problems(dinner), ElementsAre("requires_ticket"));
  EXPECT_THAT(problems(hidden), ElementsAre("voucher_required"));
  EXPECT_THAT(problems(R"({"kind":"ticket_type","slug":"student","quantity":11})"),
              ElementsAre("limit", "limit"))
      << "for each person, and in one order";
  db().write_now(conference_id(), "test", [&](db::Tx& tx) {
    tx.exec("UPDATE ticket_type SET available_from = $1 WHERE slug = 'student'",
            tx.now() + Duration::days(1));
    tx.exec("UPDATE addon SET available_until = $1 WHERE slug = 'shirt'", tx.now() - Duration::days(1));
    tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
    return 0;
  });
  EXPECT_THAT(problems(R"({"kind":"ticket_type","slug":"student","quantity":1})"),
              ElementsAre("unavailable"));
  EXPECT_THAT(problems(R"({"kind":"addon","slug":"shirt","quantity":1})"), ElementsAre("unavailable"));
  db().write_now(conference_id(), "test", [&](db::Tx& tx) {
    return tx.exec("UPDATE conference SET sales_open = 0, catalogue_version = catalogue_version + 1");
  });
  EXPECT_THAT(problems(individual), ElementsAre("sales_closed"));
}

TEST_P(Carts, EveryProblemOfAQuoteIsToldAtOnce) {
  Program program = stranger();
  const Told told =
      program.post("/conferences/fair/quote", R"({"items":[{"kind":"ticket_type","slug":"nothing",
      "quantity":1},{"kind":"ticket_type","slug":"student","quantity":1,"price":"1.005"}],
      "buyer":{"country":"XX","vat_id":"DE1"}})");
  ASSERT_EQ(told.status(), 422);
  EXPECT_THAT(told.errors(), ::testing::IsSupersetOf({"/items/0/slug unknown_product",
                                                      "/items/1/price format", "/buyer/country choice"}));
}

// What is of the wrong shape hides nothing of what else is wrong.
TEST_P(Carts, ShapesAndValuesAreToldTogetherEachWithItsPlace) {
  shirts_in_sizes();
  Program program = stranger();
  const Told quoted = program.post("/conferences/fair/quote", R"({"items":[
      {"kind":"ticket_type","slug":"nothing","quantity":"two"},"a ticket",
      {"kind":"addon","slug":"shirt","variation":"xxl","quantity":1,"price":5}],
      "buyer":{"country":"XX","is_business":"yes"},"voucher":7})");
  EXPECT_EQ(quoted.status(), 422);
  EXPECT_THAT(quoted.errors(), ::testing::UnorderedElementsAre(
                                   "/items/0/quantity type", "/items/0/slug unknown_product", "/items/1 type",
                                   "/items/2/price type", "/items/2/variation variation",
                                   "/buyer/is_business type", "/voucher type", "/buyer/country choice"))
      << quoted.response.body;

  const Told refused = program.post("/conferences/fair/carts", R"({"items":[
      {"kind":"ticket_type","slug":"nothing","quantity":1},
      {"kind":"ticket_type","slug":"student","quantity":0},
      {"kind":"addon","slug":"shirt","quantity":1}]})");
  EXPECT_THAT(refused.errors(),
              ::testing::UnorderedElementsAre("/items/0/slug unknown_product", "/items/1/quantity range",
                                              "/items/2/variation variation"))
      << refused.response.body;
  // A price with too many decimals, or a code that is refused, hides nothing either.
  EXPECT_THAT(program
                  .post("/conferences/fair/carts", R"({"items":[
      {"kind":"ticket_type","slug":"student","quantity":1,"price":"1.005"},
      {"kind":"ticket_type","slug":"nothing","quantity":1}]})")
                  .errors(),
              ::testing::UnorderedElementsAre("/items/0/price format", "/items/1/slug unknown_product"));
  EXPECT_THAT(program
                  .post("/conferences/fair/carts", R"({"items":[
      {"kind":"ticket_type","slug":"nothing","quantity":1}],"voucher":"no-such-code"})")
                  .errors(),
              ElementsAre("/voucher unknown_code", "/items/0/slug unknown_product"));
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);

  const NewCart made = cart(program);
  EXPECT_THAT(program.post(made.path + "/items", R"({"kind":"addon","slug":"hat","quantity":"1"})").errors(),
              ::testing::UnorderedElementsAre("/quantity type", "/slug unknown_product"));
  const Told checkout = program.post(made.path + "/checkout", R"({"billing":{"name":17,"email":"nobody",
      "is_business":true,"country":"DE","vat_id":"DE12","street":"Weg 1","city":"Bonn"},
      "total":100,"answers":[{"position":1,"question":"no-such","value":"x"}]})");
  EXPECT_THAT(checkout.errors(),
              ::testing::UnorderedElementsAre("/billing/name type", "/total type", "/billing/email invalid",
                                              "/billing/company invalid", "/billing/vat_id invalid",
                                              "/answers/0/question no_such"))
      << checkout.response.body;
  // Of nothing at all: what is missing, once each.
  EXPECT_THAT(program.post(made.path + "/checkout", "{}").errors(),
              ::testing::UnorderedElementsAre("/billing required", "/total required"));
  EXPECT_THAT(program
                  .post("/conferences/fair/waiting-list", R"({"name":"","email":"nobody","quantity":"3",
      "choices":[{"kind":"addon","slug":"shirt","variation":"xxl"}]})")
                  .errors(),
              ::testing::UnorderedElementsAre("/name too_short", "/quantity type", "/email invalid_email",
                                              "/choices/0/variation variation"));
}

TEST_P(Carts, AVariationThatDoesNotExistIsRefusedWithThoseThatDo) {
  shirts_in_sizes();
  Program program = stranger();
  const std::string none = R"({"items":[{"kind":"addon","slug":"shirt","quantity":1}]})",
                    wrong = R"({"items":[{"kind":"addon","slug":"shirt","variation":"xxl","quantity":1}]})",
                    single =
                        R"({"items":[{"kind":"ticket_type","slug":"student","variation":"m","quantity":1}]})";
  const auto message = [&](const char* path, const std::string& body) {
    const Told told = program.post(path, body);
    EXPECT_EQ(told.status(), 422) << told.response.body;
    EXPECT_THAT(told.errors(), ElementsAre("/items/0/variation variation")) << told.response.body;
    return std::string(told.at("errors").items().front().find("message")->text());
  };
  // Those that are switched off are not among them.
  for (const char* path : {"/conferences/fair/quote", "/conferences/fair/carts"}) {
    EXPECT_EQ(message(path, none), "Choose which Shirt you want. There are: m (Medium), l (Large).");
    EXPECT_EQ(message(path, wrong), "There is no such kind of Shirt. There are: m (Medium), l (Large).");
    EXPECT_EQ(message(path, single),
              "There is no such kind of Ticket student. It comes in one kind alone: leave this away.");
  }
}

TEST_P(Carts, FromTheCartToTheOrder) {
  voucher("HALF");
  Program program = stranger();
  const NewCart made = cart(program);
  EXPECT_EQ(program.get("/conferences/fair/catalogue")
                .at("ticket_types")
                .items()
                .front()
                .find("remaining")
                ->integer(),
            4)
      << "it is held";
  EXPECT_EQ(
      program.post(made.path + "/items", R"({"kind":"addon","slug":"shirt","quantity":2})").text("total"),
      "150.00");
  const std::string item = made.path + "/items/" + std::to_string(made.item);
  EXPECT_EQ(program.call("PATCH", item, R"({"quantity":2})").text("total"), "250.00");
  const Told priced = program.call("PUT", made.path + "/voucher", R"({"code":" half "})");
  EXPECT_EQ(priced.text("total"), "125.00") << priced.response.body;
  EXPECT_EQ(program.call("DELETE", made.path + "/voucher").text("total"), "250.00");
  EXPECT_EQ(program.call("PATCH", item, R"({"quantity":1})").text("total"), "150.00");
  EXPECT_EQ(program.get(made.path + "?country=DE").text("total"), "150.00");

  const Told changed = program.post(made.path + "/checkout", checkout_body("149.00"));
  EXPECT_EQ(changed.status(), 409);
  EXPECT_EQ(changed.code(), "price_changed");
  const Told placed = program.post(made.path + "/checkout", checkout_body("150.00"));
  ASSERT_EQ(placed.status(), 201) << placed.response.body;
  EXPECT_EQ(placed.text("status"), "pending");
  EXPECT_EQ(program.get(made.path).status(), 404) << "it has become the order";
  // The link opens the order's page, where it is paid.
  site::testing::Buyer browser = buyer();
  const HttpResponse page = browser.get(placed.text("url"));
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr(placed.text("reference")));
}

TEST_P(Carts, OnlyWhoHasTheSecretReachesACart) {
  Program owner = stranger(), other = stranger();
  const NewCart first = cart(owner), second = cart(other, "student");
  EXPECT_EQ(owner.get(first.path).status(), 200);
  EXPECT_EQ(owner.get(second.path).status(), 404);
  EXPECT_EQ(owner.call("DELETE", first.path + "/items/" + std::to_string(second.item)).status(), 404);
  Program nobody = stranger();
  EXPECT_EQ(nobody.get(first.path).status(), 401);
  // A browser's cookie of the same text is not the cart's owner.
  site::testing::Buyer browser = buyer();
  browser.client().cookies()["plenary_session"] = first.secret;
  EXPECT_THAT(browser.cart().body, ::testing::Not(HasSubstr("Ticket individual")));
}

TEST_P(Carts, EverythingThatCannotBeHadIsToldAtOnceAndNothingIsHeld) {
  Program program = stranger();
  const Told told = program.post("/conferences/fair/carts", R"({"items":[
      {"kind":"ticket_type","slug":"student","quantity":1},{"kind":"ticket_type","slug":"individual","quantity":6},
      {"kind":"ticket_type","slug":"hidden","quantity":1},{"kind":"addon","slug":"nothing","quantity":1}]})");
  EXPECT_EQ(told.status(), 409) << told.response.body;
  EXPECT_THAT(told.errors(), ElementsAre("/items/1/quantity sold_out", "/items/2 voucher_required",
                                         "/items/3/slug unknown_product"));
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM hold"), 0);
}

TEST_P(Carts, ARepeatWithItsKeyGetsTheSameAnswerAndHasOneEffect) {
  Program program = stranger();
  const std::string body = R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":1}]})";
  const Fields key{{"Idempotency-Key", "6f9619ff-8b86-d011-b42d-00c04fc964ff"}};
  const Told first = program.post("/conferences/fair/carts", body, key);
  ASSERT_EQ(first.status(), 201) << first.response.body;
  const Told again = program.post("/conferences/fair/carts", body, key);
  EXPECT_EQ(again.status(), 201);
  EXPECT_EQ(again.response.body, first.response.body) << "with the same secret";
  EXPECT_EQ(again.response.header("Location"), first.response.header("Location"));
  EXPECT_EQ(again.response.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(first.response.header("Idempotency-Replayed"), "");
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM api_answer WHERE body LIKE '%secret%'"), 0) << "no secret is stored";
  const Told other = program.post("/conferences/fair/carts",
                                  R"({"items":[{"kind":"ticket_type","slug":"student","quantity":1}]})", key);
  EXPECT_EQ(other.status(), 422);
  EXPECT_EQ(other.code(), "key_used");

  program.cart_secret = first.text("secret");
  const std::string path = "/conferences/fair/carts/" + std::to_string(first.number("id"));
  const Fields order_key{{"Idempotency-Key", "order-1-of-this-buyer"}};
  const Told placed = program.post(path + "/checkout", checkout_body("100.00"), order_key);
  ASSERT_EQ(placed.status(), 201) << placed.response.body;
  const Told repeated = program.post(path + "/checkout", checkout_body("100.00"), order_key);
  EXPECT_EQ(repeated.status(), 201);
  EXPECT_EQ(repeated.response.body, placed.response.body);
  EXPECT_EQ(count("SELECT count(*) FROM orders"), 1);

  // After a day the key is forgotten: the cart is no longer there.
  clock().advance(Duration::hours(25));
  EXPECT_EQ(program.post(path + "/checkout", checkout_body("100.00"), order_key).status(), 404);
}

TEST_P(Carts, ACallThatWasRefusedLeavesItsKeyUnused) {
  Program program = stranger();
  const NewCart made = cart(program);
  const Fields key{{"Idempotency-Key", "0123456789abcdef"}};
  EXPECT_EQ(program.post(made.path + "/checkout", checkout_body("1.00"), key).status(), 409);
  EXPECT_EQ(program.post(made.path + "/checkout", checkout_body("100.00"), key).status(), 201);
}

TEST_P(Carts, ThePeopleWhoRaceWithOneKeyHaveOneEffect) {
  const std::string body = R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":1}]})";
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  for (std::string& answer : answers)
    threads.emplace_back([&] {
      Program program = stranger();
      answer = program.post("/conferences/fair/carts", body, {{"Idempotency-Key", "one-key-for-all-of-us"}})
                   .response.body;
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, answers.front());
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 1);
}

TEST_P(Carts, TheLastOneGoesToOneBuyer) {
  std::vector<int> statuses(8);
  std::vector<std::thread> threads;
  for (int& status : statuses)
    threads.emplace_back([&] {
      Program program = stranger();
      status = program
                   .post("/conferences/fair/carts",
                         R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":1}]})")
                   .status();
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 201), 5) << "of five";
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 409), 3);
}

// Nobody waits for the conference's lane to be told a price.
TEST_P(Carts, AQuoteIsARead) {
  voucher("HALF");
  Program program = stranger();
  const std::uint64_t before = db().stats().writes;
  for (const char* more : {"", R"(,"voucher":"half")"}) {  // tries are not counted where nothing is limited
    const Told told = program.post(
        "/conferences/fair/quote",
        R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":2}])" + std::string(more) + "}",
        {{"Idempotency-Key", "a-quote-is-not-kept"}});
    EXPECT_EQ(told.status(), 200) << told.response.body;
    EXPECT_EQ(told.response.header("Idempotency-Replayed"), "");
  }
  EXPECT_EQ(db().stats().writes, before);
}

class UnknownOutcome : public ApiTest {
 protected:
  plenary::test::TestDatabase::Change change() override {
    return [this, usual = ApiTest::change()](db::DatabaseOptions& options) {
      usual(options);
      lost_.use(options);
    };
  }
  plenary::test::LostCommit lost_;
};
ON_BOTH_ENGINES(UnknownOutcome);

// source: docs/transactions.md, section 3.
TEST_P(UnknownOutcome, IsAProblemOfItsOwnAndTheKeyFindsOut) {
  if (GetParam() != db::Engine::postgresql) GTEST_SKIP() << "SQLite knows what became of a commit";
  Program program = stranger();
  const std::string body = R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":1}]})";
  const Fields key{{"Idempotency-Key", "the-cart-that-was-lost"}};
  program.get("/conferences/fair/catalogue");
  lost_.is_armed = true;
  const Told told = program.post("/conferences/fair/carts", body, key);
  lost_.is_armed = false;
  EXPECT_EQ(told.status(), 500);
  EXPECT_EQ(told.response.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(told.code(), "outcome_unknown");
  EXPECT_THAT(told.text("detail"), HasSubstr("with an Idempotency-Key it is safe"));
  EXPECT_EQ(told.response.header("Access-Control-Allow-Origin"), "*");
  const Told again = program.post("/conferences/fair/carts", body, key);
  EXPECT_EQ(again.status(), 201);
  EXPECT_EQ(again.response.header("Idempotency-Replayed"), "true") << "it was done";
  EXPECT_EQ(count("SELECT count(*) FROM cart"), 1);
}

TEST_P(Carts, CodesAreNotGuessed) {
  open({.settings = [](config::Settings& settings) {
    settings.security.limits = true;
    settings.security.rates.voucher_tries_per_network = {3, Duration::minutes(10)};
  }});
  Program program = stranger();
  const std::string wrong =
      R"({"items":[{"kind":"ticket_type","slug":"student","quantity":1}],"voucher":"guess"})";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(program.post("/conferences/fair/quote", wrong).status(), 200);
  EXPECT_EQ(program.post("/conferences/fair/carts", wrong).code(), "unknown_code");
  const Told too_often = program.post("/conferences/fair/quote", wrong);
  EXPECT_EQ(too_often.status(), 429);
  EXPECT_NE(too_often.response.header("Retry-After"), "");
  EXPECT_EQ(program.post("/conferences/fair/carts", wrong).status(), 429);
  // A program that sells to many is not one network.
  Program till = with(token_of(superuser("root"), {"carts"}));
  EXPECT_EQ(till.post("/conferences/fair/quote", wrong).status(), 200);
}

TEST_P(Carts, WhatIsSwitchedOffIsNotThere) {
  Program program = stranger();
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    conference::set_feature(tx, conference_id(), conference::Feature::registration, false);
  });
  EXPECT_EQ(program.get("/conferences/fair/catalogue").status(), 404);
  EXPECT_EQ(
      program
          .post("/conferences/fair/carts", R"({"items":[{"kind":"ticket_type","slug":"free","quantity":1}]})")
          .status(),
      404);
  Program staff = with(token_of(superuser("root"), {"orders:read"}));
  EXPECT_EQ(staff.get("/conferences/fair/orders").status(), 200) << "staff still see who has paid";
}

TEST_P(Carts, WhatAnOrderAsksIsAnsweredAndEveryFaultIsTold) {
  write([&](db::Tx& tx) {
    registration::Question question;
    question.conference_id = conference_id();
    question.slug = "diet";
    question.label = "What do you eat?";
    question.is_required = true;
    return registration::question_table().insert(tx, question).id;
  });
  Program program = stranger();
  const Told catalogue = program.get("/conferences/fair/catalogue");
  ASSERT_EQ(catalogue.at("questions").items().size(), 1U);
  EXPECT_EQ(catalogue.at("questions").items().front().find("slug")->text(), "diet");
  const NewCart made = cart(program);
  const Told without = program.post(made.path + "/checkout", checkout_body("100.00"));
  EXPECT_EQ(without.status(), 422) << without.response.body;
  EXPECT_THAT(without.errors(), Contains(::testing::StartsWith("/answers")));
  EXPECT_THAT(
      without.response.body,
      ::testing::HasSubstr("Position 1, question diet (What do you eat?): Please fill in this field."));
  std::string body = checkout_body("100.00");
  body.pop_back();
  const Told unknown = program.post(made.path + "/checkout",
                                    body + R"(,"answers":[{"position":1,"question":"shoes","value":"x"}]})");
  EXPECT_THAT(unknown.errors(), Contains("/answers/0/question no_such"));
  const Told placed = program.post(
      made.path + "/checkout", body + R"(,"answers":[{"position":1,"question":"diet","value":"Bread"}]})");
  ASSERT_EQ(placed.status(), 201) << placed.response.body;
  Program staff = with(token_of(superuser("root"), {"orders:read"}));
  const Told order = staff.get("/conferences/fair/orders/" + placed.text("reference"));
  ASSERT_EQ(order.at("answers").items().size(), 1U);
  EXPECT_EQ(order.at("answers").items().front().find("value")->text(), "Bread");
}

TEST_P(Carts, ALapsedCartSaysWhatIsGone) {
  Program program = stranger();
  const NewCart made = cart(program, "individual", 5);
  clock().advance(Duration::hours(1));
  EXPECT_TRUE(program.get(made.path).at("lapsed").flag());
  Program other = stranger();
  cart(other, "individual", 3);
  const Told again = program.post(made.path + "/renewal", "");
  ASSERT_EQ(again.status(), 200) << again.response.body;
  EXPECT_FALSE(again.at("lapsed").flag());
  ASSERT_EQ(again.at("gone").items().size(), 1U);
  EXPECT_EQ(again.at("gone").items().front().find("kept")->integer(), 2);
}

}  // namespace
}  // namespace plenary::api::testing
