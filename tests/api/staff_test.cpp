// Orders, vouchers and discounts by the API: pages of lists, what is recorded, versions, batches, the feed of
// changes. source: registration 20, 3, 5.4, 11; docs/audit.md; docs/api.md.
#include "api/calls.hpp"
#include "api/token_rates.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/changes.hpp"

namespace plenary::api::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Staff : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    program_.emplace(with(token_of(superuser("root"), all_scopes())));
  }
  // The address of the next page, below /api/v1; empty: there is none.
  static std::string next_of(const Told& told) {
    const std::string link(told.response.header("Link"));
    if (link.empty()) return {};
    EXPECT_THAT(link, HasSubstr("rel=\"next\""));
    const std::size_t from = link.find("/api/v1") + 7;
    return link.substr(from, link.find('>') - from);
  }
  std::vector<conference::AuditEntry> history(const std::string& entity, std::int64_t id) {
    return db().read_now(
        [&](db::Tx& tx) { return conference::history_of(tx, entity, std::to_string(id), 20); });
  }
  std::optional<Program> program_;
};
ON_BOTH_ENGINES(Staff);

TEST_P(Staff, ListsGoOnWhereThePageBeforeEnded) {
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.push_back(order("buyer" + std::to_string(i) + "@example.org"));
  std::vector<std::string> seen;
  std::string path = "/conferences/fair/orders?limit=2&status=pending";
  int pages = 0;
  while (!path.empty()) {
    const Told told = program_->get(path);
    ASSERT_EQ(told.status(), 200) << told.response.body;
    for (const Json& one : told.at("orders").items()) seen.push_back(one.find("reference")->text());
    path = next_of(told);
    ++pages;
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen, made);
  EXPECT_EQ(program_->get("/conferences/fair/orders?status=paid").at("orders").items().size(), 0U);
  const Told by_email = program_->get("/conferences/fair/orders?email=BUYER3@example.org");
  ASSERT_EQ(by_email.at("orders").items().size(), 1U);
  EXPECT_EQ(by_email.at("orders").items().front().find("reference")->text(), made[3]);
  EXPECT_EQ(
      program_->get("/conferences/fair/orders?created_from=2199-01-01T00:00:00Z").at("orders").items().size(),
      0U);
}

TEST_P(Staff, AnOrderIsNotedAndCancelledAndBothAreRecorded) {
  const std::string path = "/conferences/fair/orders/" + order();
  const Told seen = program_->get(path);
  ASSERT_EQ(seen.status(), 200);
  EXPECT_EQ(seen.text("total"), "40.00");
  ASSERT_EQ(seen.at("lines").items().size(), 1U);
  EXPECT_EQ(seen.at("lines").items().front().find("description")->text(), "Ticket student");
  const std::int64_t version = seen.number("version");

  const Told noted =
      program_->call("PATCH", path,
                     R"({"comment":"Wants a seat by the door","attention":"call back","version":)" +
                         std::to_string(version) + "}");
  ASSERT_EQ(noted.status(), 200) << noted.response.body;
  EXPECT_EQ(noted.text("comment"), "Wants a seat by the door");
  EXPECT_EQ(program_->get("/conferences/fair/orders?needs_attention=true").at("orders").items().size(), 1U);
  const Told stale =
      program_->call("PATCH", path, R"({"comment":"x","version":)" + std::to_string(version) + "}");
  EXPECT_EQ(stale.status(), 409);
  EXPECT_THAT(stale.errors(), ElementsAre("/version changed_meanwhile"));

  const Told cancelled = program_->post(path + "/cancel", R"({"reason":"asked by telephone"})");
  ASSERT_EQ(cancelled.status(), 200) << cancelled.response.body;
  EXPECT_EQ(cancelled.text("status"), "cancelled");
  EXPECT_EQ(program_->post(path + "/cancel", "{}").status(), 409);
  EXPECT_EQ(count("SELECT count(*) FROM order_event WHERE source = 'api' AND reason = 'asked by telephone'"),
            1);
  const auto entries = db().read_now([](db::Tx& tx) { return conference::newest_changes(tx, {}, 10); });
  ASSERT_GE(entries.size(), 2U);
  EXPECT_EQ(entries[0].source, "api");
  EXPECT_EQ(entries[0].actor, "root");
  EXPECT_EQ(entries[0].entity, "orders");
}

// Nothing is to be told of it, and whoever has read it may still change it.
TEST_P(Staff, AChangeThatChangesNothingRaisesNoVersionAndIsNotTold) {
  const std::string reference = order();
  const std::int64_t code = voucher("HALF"), discount = condition("early", true);
  struct One {
    std::string path, same;
  };
  const One ones[] = {{"/conferences/fair/orders/" + reference, R"("comment":"","attention":"")"},
                      {"/conferences/fair/vouchers/" + std::to_string(code),
                       R"("percent":"50.00","max_uses":100,"ticket_types":[])"},
                      {"/conferences/fair/conditions/" + std::to_string(discount),
                       R"("name":"early","percent":"10.0","groups":[])"}};
  const std::string feed = "/conferences/fair/changes";
  const std::string told_before = program_->get(feed).at("changes").dump();
  for (const One& one : ones) {
    const Told before = program_->get(one.path);
    const std::string version = R"("version":)" + std::to_string(before.number("version"));
    for (const std::string& body :
         {std::string("{}"), "{" + version + "}", "{" + one.same + "," + version + "}"}) {
      const Told told = program_->call("PATCH", one.path, body);
      ASSERT_EQ(told.status(), 200) << body << told.response.body;
      EXPECT_EQ(told.response.body, before.response.body) << body;
    }
    EXPECT_EQ(program_->call("PATCH", one.path, R"({"version":999})").status(), 409) << one.path;
    EXPECT_EQ(program_->get(one.path).response.body, before.response.body);
  }
  EXPECT_EQ(program_->get(feed).at("changes").dump(), told_before);
  EXPECT_TRUE(db().read_now([](db::Tx& tx) { return conference::newest_changes(tx, {}, 10); }).empty());
}

TEST_P(Staff, AVoucherIsMadeChangedAndSwitchedOff) {
  const Told made =
      program_->post("/conferences/fair/vouchers", R"({"code":"early","voucher_type":"percentage",
      "percent":"12.5","ticket_types":["individual"],"addon_scope":"none","max_uses":10,"max_units":null,
      "budget":"500.00","valid_until":"2027-01-31T23:59:59Z","note":"for the newsletter"})");
  ASSERT_EQ(made.status(), 201) << made.response.body;
  EXPECT_EQ(made.text("code"), "EARLY");
  EXPECT_EQ(made.text("percent"), "12.5");
  EXPECT_EQ(made.text("budget"), "500.00");
  EXPECT_EQ(made.text("ticket_scope"), "selected");
  EXPECT_EQ(made.number("times_used"), 0);
  const std::string path = "/conferences/fair/vouchers/" + std::to_string(made.number("id"));
  EXPECT_THAT(std::string(made.response.header("Location")), HasSubstr(path));

  const Told changed =
      program_->call("PATCH", path, R"({"max_uses":20,"valid_until":null,"ticket_types":["student"]})");
  ASSERT_EQ(changed.status(), 200) << changed.response.body;
  EXPECT_EQ(changed.number("max_uses"), 20);
  EXPECT_TRUE(changed.at("valid_until").is_null());
  EXPECT_EQ(changed.text("percent"), "12.5") << "what is not named stays";
  EXPECT_EQ(changed.at("ticket_types").items().front().text(), "student");
  EXPECT_FALSE(program_->post(path + "/deactivate", "").at("is_active").flag());
  const auto entries = history("voucher", made.number("id"));
  ASSERT_EQ(entries.size(), 3U);
  std::vector<std::string> fields;
  for (const auto& change : entries[1].told) fields.push_back(change.field);
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("max_uses", "valid_until", "ticket_types"));
  EXPECT_EQ(program_->get("/conferences/fair/vouchers?code=early").at("vouchers").items().size(), 1U);
  EXPECT_EQ(program_->get("/conferences/fair/vouchers?is_active=true").at("vouchers").items().size(), 0U);
}

TEST_P(Staff, AVoucherHasAtLeastOneUse) {
  for (const char* body : {R"({"code":"none","voucher_type":"comp","max_uses":0})",
                           R"({"count":2,"voucher_type":"comp","max_uses":0})"}) {
    const bool is_batch = std::string_view(body).find("count") != std::string_view::npos;
    const Told told =
        program_->post(is_batch ? "/conferences/fair/voucher-batches" : "/conferences/fair/vouchers", body);
    EXPECT_EQ(told.status(), 422) << body;
    EXPECT_THAT(told.errors(), ElementsAre("/max_uses range")) << told.response.body;
  }
  const std::string path = "/conferences/fair/vouchers/" + std::to_string(voucher("OLD"));
  db().write_now(conference_id(), "test",
                 [](db::Tx& tx) { return tx.exec("UPDATE voucher SET max_uses = 0"); });
  EXPECT_EQ(program_->get(path).number("max_uses"), 0);
  EXPECT_EQ(program_->call("PATCH", path, R"({"note":"older than the rule"})").status(), 422);
  EXPECT_FALSE(program_->post(path + "/deactivate", "").at("is_active").flag());
}

TEST_P(Staff, EveryProblemOfAVoucherIsToldAtOnce) {
  const Told told = program_->post("/conferences/fair/vouchers", R"({"code":"a b","voucher_type":"percentage",
      "percent":"150","ticket_types":["nothing"],"valid_from":"2027-02-01T00:00:00Z"})");
  ASSERT_EQ(told.status(), 422);
  EXPECT_THAT(told.errors(), Contains("/ticket_types/0 no_such"));
  const Told rules =
      program_->post("/conferences/fair/vouchers", R"({"code":"a b","voucher_type":"percentage",
      "percent":"150","amount":"1.005"})");
  EXPECT_THAT(rules.errors(), Contains("/amount format"));
  EXPECT_THAT(rules.errors(), Contains("/code rule")) << "a value hides no rule";
  const Told more = program_->post("/conferences/fair/vouchers",
                                   R"({"code":"a b","voucher_type":"percentage","percent":"150"})");
  EXPECT_EQ(more.status(), 422);
  EXPECT_THAT(more.errors(), ElementsAre("/code rule", "/percent rule"));
  voucher("TAKEN");
  const Told taken =
      program_->post("/conferences/fair/vouchers", R"({"code":"taken","voucher_type":"comp"})");
  EXPECT_EQ(taken.status(), 422) << taken.response.body;
  EXPECT_THAT(taken.errors(), ElementsAre("/code not_unique"));
}

TEST_P(Staff, ABatchIsMadeOnceHoweverOftenItIsSent) {
  const std::string body = R"({"count":25,"prefix":"press-","voucher_type":"comp"})";
  const Fields key{{"Idempotency-Key", "the-batch-of-this-morning"}};
  const Told made = program_->post("/conferences/fair/voucher-batches", body, key);
  ASSERT_EQ(made.status(), 201) << made.response.body;
  ASSERT_EQ(made.at("vouchers").items().size(), 25U);
  EXPECT_THAT(made.at("vouchers").items().front().find("code")->text(), ::testing::StartsWith("PRESS-"));
  EXPECT_EQ(program_->post("/conferences/fair/voucher-batches", body, key).response.body, made.response.body);
  EXPECT_EQ(count("SELECT count(*) FROM voucher"), 25);
}

TEST_P(Staff, ABatchsPrefixHasTwentyCharactersAtMost) {
  const auto made = [&](std::size_t length) {
    return program_
        ->post("/conferences/fair/voucher-batches",
               R"({"count":1,"voucher_type":"comp","prefix":")" + std::string(length, 'p') + "\"}")
        .status();
  };
  EXPECT_EQ(made(21), 422);
  EXPECT_EQ(made(20), 201);
}

TEST_P(Staff, TheCatalogueTellsTheDiscountsThatAnybodyGetsNow) {
  condition("early", true);
  condition("over", true);
  write([&](db::Tx& tx) {
    tx.exec("UPDATE discount_condition SET end_time = 1000 WHERE name = 'over'");
    return tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
  });
  const Told told = program_->get("/conferences/fair/catalogue");
  ASSERT_EQ(told.at("discounts").items().size(), 1u);
  EXPECT_EQ(told.at("discounts").items().front().find("name")->text(), "early");
}

// However many there are.
TEST_P(Staff, TheListOfDiscountsAsksAFixedNumberOfTimes) {
  Program program = with(token_of(superuser("lister"), {"conditions:read"}));
  const auto trips = [&] {
    const std::uint64_t before = db().stats().round_trips;
    EXPECT_EQ(program.get("/conferences/fair/conditions").status(), 200);
    return db().stats().round_trips - before;
  };
  condition("one");
  trips();  // what is prepared once
  const std::uint64_t of_one = trips();
  for (const char* name : {"two", "three", "four", "five"}) condition(name);
  trips();
  EXPECT_EQ(trips(), of_one);
  const std::int64_t type = count("SELECT id FROM ticket_type WHERE slug = 'individual'");
  write([&](db::Tx& tx) {
    tx.exec("UPDATE discount_condition SET ticket_scope = 'selected' WHERE name = 'four'");
    return tx.exec(
        "INSERT INTO condition_ticket_type (condition_id, ticket_type_id) SELECT id, $1 FROM "
        "discount_condition WHERE name = 'four'",
        type);
  });
  const Told told = program.get("/conferences/fair/conditions");
  for (const Json& one : told.at("conditions").items())
    EXPECT_EQ(one.find("ticket_types")->items().size(), one.find("name")->text() == "four" ? 1u : 0u);
}

TEST_P(Staff, ADiscountIsMadeAndChangedAndPricesFollow) {
  const Told made =
      program_->post("/conferences/fair/conditions", R"({"kind":"time_limit","name":"Early bird",
      "discount_type":"percentage","percent":"20","ticket_types":["individual"],"addon_scope":"none"})");
  ASSERT_EQ(made.status(), 201) << made.response.body;
  const std::string quote = R"({"items":[{"kind":"ticket_type","slug":"individual","quantity":1}]})";
  EXPECT_EQ(program_->post("/conferences/fair/quote", quote).text("total"), "80.00");
  const std::string path = "/conferences/fair/conditions/" + std::to_string(made.number("id"));
  EXPECT_EQ(program_->call("PATCH", path, R"({"percent":"30"})").text("percent"), "30");
  const Told priced = program_->post("/conferences/fair/quote", quote);
  EXPECT_EQ(priced.text("total"), "70.00");
  EXPECT_EQ(priced.at("lines").items().front().find("condition")->text(), "Early bird");
  EXPECT_EQ(program_->call("PATCH", path, R"({"is_active":false})").status(), 200);
  EXPECT_EQ(program_->post("/conferences/fair/quote", quote).text("total"), "100.00");
  EXPECT_EQ(history("discount_condition", made.number("id")).size(), 3U);
  const Told wrong = program_->post(
      "/conferences/fair/conditions",
      R"({"kind":"category_discount","name":"x","discount_type":"fixed_amount","amount":"1.00"})");
  EXPECT_EQ(wrong.status(), 422);
  EXPECT_THAT(wrong.errors(), Contains("/discount_type rule"));
}

TEST_P(Staff, AListSaysOfEachRowWhatItsOwnAddressSays) {
  for (const char* body :
       {R"({"code":"ONE","voucher_type":"comp","max_uses":3,"ticket_types":["student","individual"]})",
        R"({"code":"TWO","voucher_type":"comp","addons":["shirt"]})",
        R"({"code":"THREE","voucher_type":"comp"})"})
    ASSERT_EQ(program_->post("/conferences/fair/vouchers", body).status(), 201) << body;
  Program buyer = stranger();
  const Told cart =
      buyer.post("/conferences/fair/carts",
                 R"({"items":[{"kind":"ticket_type","slug":"student","quantity":1}],"voucher":"one"})");
  ASSERT_EQ(cart.status(), 201) << cart.response.body;
  buyer.cart_secret = cart.text("secret");
  const std::string checkout = "/conferences/fair/carts/" + std::to_string(cart.number("id")) + "/checkout";
  ASSERT_EQ(
      buyer.post(checkout, R"({"billing":{"name":"Ada","email":"ada@example.org"},"total":"0.00"})").status(),
      201);
  const Told vouchers = program_->get("/conferences/fair/vouchers");
  ASSERT_EQ(vouchers.at("vouchers").items().size(), 3U);
  for (const Json& one : vouchers.at("vouchers").items())
    EXPECT_EQ(one.dump(),
              program_->get("/conferences/fair/vouchers/" + std::to_string(one.find("id")->integer()))
                  .response.body);
  EXPECT_EQ(vouchers.at("vouchers").items().front().find("times_used")->integer(), 1);

  const std::string slug = sold_out_ticket();
  for (const char* email : {"ada@example.org", "grace@example.org", "eve@example.org"}) waiting(slug, email);
  const Told entries = program_->get("/conferences/fair/waiting-list?status=waiting");
  ASSERT_EQ(entries.at("entries").items().size(), 3U);
  for (const Json& one : entries.at("entries").items())
    EXPECT_EQ(one.dump(),
              program_->get("/conferences/fair/waiting-list/" + std::to_string(one.find("id")->integer()))
                  .response.body);
  const Json& last = entries.at("entries").items().back();
  EXPECT_EQ(last.find("choices")->items().front().find("position")->integer(), 3);
}

TEST_P(Staff, ADiscountForAGroupThatDoesNotExistIsRefusedWithItsPlace) {
  const std::int64_t staff = write([](db::Tx& tx) { return accounts::ensure_group(tx, "Crew"); });
  const auto body = [&](std::int64_t second) {
    return R"({"kind":"group_member","name":"Crew","percent":"20","groups":[)" + std::to_string(staff) + "," +
           std::to_string(second) + "]}";
  };
  const Told wrong = program_->post("/conferences/fair/conditions", body(987'654));
  EXPECT_EQ(wrong.status(), 422) << wrong.response.body;
  EXPECT_THAT(wrong.errors(), ElementsAre("/groups/1 no_such"));
  EXPECT_EQ(program_->post("/conferences/fair/conditions", body(staff)).status(), 201);
}

TEST_P(Staff, WhatADiscountIsMissingIsToldAtTheFieldThatTakesIt) {
  const auto errors = [&](const char* body) {
    const Told told = program_->post("/conferences/fair/conditions", body);
    EXPECT_EQ(told.status(), 422) << told.response.body;
    return told.errors();
  };
  EXPECT_THAT(errors(R"({"kind":"group_member","name":"Crew","percent":"20"})"),
              ElementsAre("/groups group_unnamed"));
  EXPECT_THAT(errors(R"({"kind":"included_product","name":"Again","percent":"20"})"),
              ElementsAre("/enabling_ticket_types product_unnamed"));
  // It would have been a discount of 0 %.
  EXPECT_THAT(errors(R"({"kind":"time_limit","name":"Early bird","amount":"5.00"})"),
              ElementsAre("/amount rule"));
  EXPECT_THAT(
      errors(
          R"({"kind":"time_limit","name":"Early bird","discount_type":"fixed_amount","amount":"5.00","percent":"5"})"),
      ElementsAre("/percent rule"));
  EXPECT_EQ(count("SELECT count(*) FROM discount_condition"), 0);
}

TEST_P(Staff, ThePrefixOfABatchIsToldAsThePrefix) {
  const Told wrong =
      program_->post("/conferences/fair/voucher-batches",
                     R"({"count":2,"prefix":"a b","voucher_type":"percentage","percent":"101"})");
  EXPECT_EQ(wrong.status(), 422) << wrong.response.body;
  EXPECT_THAT(wrong.errors(), ::testing::UnorderedElementsAre("/prefix rule", "/percent rule"));
}

TEST_P(Staff, TheFeedTellsWhatChangedInItsOrderAndMissesNothing) {
  const std::string reference = order();
  clock().advance(Duration::seconds(1));
  const Told voucher_made =
      program_->post("/conferences/fair/vouchers", R"({"code":"X1","voucher_type":"comp"})");
  clock().advance(Duration::seconds(1));
  program_->post("/conferences/fair/orders/" + reference + "/cancel", "{}");
  const auto told = [](const Told& page) {
    std::vector<std::string> list;
    for (const Json& one : page.at("changes").items())
      list.push_back(one.find("kind")->text() + " " + one.find("entity")->text() + " " +
                     one.find("entity_id")->text());
    return list;
  };
  const Told all = program_->get("/conferences/fair/changes");
  ASSERT_EQ(all.status(), 200) << all.response.body;
  EXPECT_THAT(told(all), ElementsAre("created order " + reference,
                                     "created voucher " + std::to_string(voucher_made.number("id")),
                                     "cancelled order " + reference, "changed order " + reference));
  EXPECT_FALSE(all.at("more").flag());
  // The same, one by one.
  std::vector<std::string> one_by_one;
  std::string after = "0.0";
  for (int i = 0; i < 10; ++i) {
    const Told page = program_->get("/conferences/fair/changes?limit=1&after=" + after);
    for (const std::string& one : told(page)) one_by_one.push_back(one);
    after = page.text("next");
    if (!page.at("more").flag()) break;
  }
  EXPECT_EQ(one_by_one, told(all));
  EXPECT_EQ(after, all.text("next"));
  EXPECT_TRUE(told(program_->get("/conferences/fair/changes?after=" + after)).empty());
  program_->post("/conferences/fair/vouchers", R"({"code":"X2","voucher_type":"comp"})");
  EXPECT_EQ(told(program_->get("/conferences/fair/changes?after=" + after)).size(), 1U);
  for (const char* wrong : {"1", "1.", ".1", "-1.0", "1.0x", "99999999999999999999.0"})
    EXPECT_EQ(program_->get("/conferences/fair/changes?after=" + std::string(wrong)).status(), 422) << wrong;
  // Whoever may see orders alone hears of orders alone.
  db().write_now(db::global_lane, "test", [](db::Tx& tx) {
    accounts::set_permissions_of_group(tx, accounts::ensure_group(tx, "Desk"),
                                       std::vector<std::string>{"program_conference.view_registration"});
    return 0;
  });
  Program desk = with(token_of(member("Desk", conference_id()), {"changes:read"}));
  for (const std::string& one : told(desk.get("/conferences/fair/changes")))
    EXPECT_THAT(one, HasSubstr(" order "));
  // Another conference's changes are its own.
  other_conference();
  EXPECT_TRUE(told(program_->get("/conferences/other/changes")).empty());
}

TEST_P(Staff, TheWaitingListIsJoinedSeenOfferedAndLeft) {
  const std::string slug = sold_out_ticket();
  Program program = stranger();
  const Told refused =
      program.post("/conferences/fair/waiting-list", waiting_body("student", "ada@example.org"));
  EXPECT_EQ(refused.status(), 422) << "it is not sold out";
  EXPECT_THAT(refused.errors(), Contains(::testing::StartsWith("/choices")));
  const std::int64_t ada = waiting(slug, "ada@example.org"), grace = waiting(slug, "grace@example.org");
  EXPECT_EQ(program.post("/conferences/fair/waiting-list", waiting_body(slug, "ada@example.org")).status(),
            202)
      << "told alike when the address waits already";
  EXPECT_EQ(count("SELECT count(*) FROM waiting_entry"), 2);

  const Told list = program_->get("/conferences/fair/waiting-list?status=waiting");
  ASSERT_EQ(list.at("entries").items().size(), 2U) << list.response.body;
  const Json& second = list.at("entries").items()[1];
  EXPECT_EQ(second.find("email")->text(), "grace@example.org");
  EXPECT_EQ(second.find("choices")->items().front().find("position")->integer(), 2);

  const std::string of_grace = "/conferences/fair/waiting-list/" + std::to_string(grace);
  EXPECT_EQ(program_->post(of_grace + "/offer", "").code(), "sold_out");
  more_of(slug);
  const Told offered = program_->post(of_grace + "/offer", "");
  ASSERT_EQ(offered.status(), 200) << offered.response.body;
  EXPECT_EQ(offered.text("status"), "offered");
  const std::string of_ada = "/conferences/fair/waiting-list/" + std::to_string(ada);
  EXPECT_EQ(program_->call("DELETE", of_ada).text("status"), "removed");
  EXPECT_EQ(program_->call("DELETE", of_ada).status(), 409);
  EXPECT_EQ(program_->post(of_ada + "/offer", "").status(), 409) << "by its state, as well";
  EXPECT_EQ(history("waiting_entry", ada).size(), 1U);
}

TEST_P(Staff, ATokenDiesWithTheRightsOfItsOwner) {
  const std::int64_t user = member("Registration Manager", conference_id());
  const std::string token = token_of(user, {"orders:read", "vouchers:write"}, conference_id());
  Program program = with(token);
  EXPECT_EQ(program.get("/conferences/fair/orders").status(), 200);
  db().write_now(db::global_lane, "test",
                 [&](db::Tx& tx) { tx.exec("DELETE FROM role_assignment WHERE user_id = $1", user); });
  EXPECT_EQ(program.get("/conferences/fair/orders").status(), 404);
  db().write_now(db::global_lane, "test",
                 [&](db::Tx& tx) { tx.exec("UPDATE user_account SET is_active = 0 WHERE id = $1", user); });
  EXPECT_EQ(program.get("/conferences/fair/orders").status(), 401);
}

TEST_P(Staff, ATokenEndsAndIsRevoked) {
  const std::int64_t root = member("Conference Organizer", conference_id());
  const std::string token = token_of(root, {"orders:read"}, {}, clock().now() + Duration::hours(1));
  Program program = with(token);
  EXPECT_EQ(program.get("/conferences/fair/orders").status(), 200);
  clock().advance(Duration::hours(1));
  EXPECT_EQ(program.get("/conferences/fair/orders").status(), 401);
  const std::string other = token_of(root, {"orders:read"});
  Program second = with(other);
  EXPECT_EQ(second.get("/conferences/fair/orders").status(), 200);
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
    return accounts::revoke_api_token(tx, accounts::find_api_token(tx, other, true)->token.id);
  });
  EXPECT_EQ(second.get("/conferences/fair/orders").status(), 401);
  EXPECT_EQ(count("SELECT count(*) FROM api_token WHERE secret_hash LIKE '%plenary%'"), 0);
}

TEST_P(Staff, ATokenThatCallsTooOftenWaits) {
  open({.settings = [](config::Settings& settings) { settings.security.limits = true; }});
  Program program = with(token_of(superuser("second"), {"changes:read"}));
  for (std::int64_t i = 0; i < calls_per_token.count; ++i)
    ASSERT_EQ(program.get("/conferences/fair/changes").status(), 200) << i;
  const Told told = program.get("/conferences/fair/changes");
  EXPECT_EQ(told.status(), 429);
  EXPECT_EQ(told.response.header("Retry-After"), "1");
  clock().advance(Duration::seconds(1));
  EXPECT_EQ(program.get("/conferences/fair/changes").status(), 200);
  const auto used = seen_.take();
  ASSERT_EQ(used.size(), 1U);
  db().write_now(db::global_lane, "test", [&](db::Tx& tx) { accounts::touch_api_tokens(tx, used); });
  EXPECT_EQ(count("SELECT count(*) FROM api_token WHERE last_used_at IS NOT NULL"), 1);
}

}  // namespace
}  // namespace plenary::api::testing
