// Orders changed, refunded and mailed again by programs: previews, versions, parts, scopes, keys, and what is
// told of it. source: registration 20, 11; payments 21, 9.3; docs/orders.md; docs/api.md.
#include "api/calls.hpp"
#include "domain/conference/audit.hpp"
#include "domain/registration/changes.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::api::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OrderWork : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    root_ = superuser("root");
    program_.emplace(with(token_of(root_, all_scopes())));
  }
  void TearDown() override {
    EXPECT_EQ(stock_faults(), "");
    ApiTest::TearDown();
  }

  std::string path_of(const std::string& reference) { return "/conferences/fair/orders/" + reference; }
  Told see(const std::string& path) { return program_->get(path); }
  static std::int64_t line_of(const Told& order, std::size_t n = 0) {
    return order.at("lines").items().at(n).find("id")->integer();
  }
  static std::string text_at(const Json& value, std::string_view name) { return value.find(name)->text(); }
  std::vector<std::string> feed(const std::string& after) {
    std::vector<std::string> list;
    for (const Json& one : program_->get("/conferences/fair/changes?after=" + after).at("changes").items())
      list.push_back(text_at(one, "kind") + " " + text_at(one, "entity"));
    return list;
  }
  std::string now_in_feed() { return program_->get("/conferences/fair/changes?limit=200").text("next"); }
  // Sizes M (25.00) and L (30.00) of the shirt.
  void sizes() {
    write([&](db::Tx& tx) {
      const std::int64_t shirt = tx.one<std::int64_t>(
          "SELECT id FROM addon WHERE slug = 'shirt' AND conference_id = $1", conference_id());
      for (const auto& [slug, price] : {std::pair{"m", 2'500}, {"l", 3'000}}) {
        registration::Variation size;
        size.conference_id = conference_id();
        size.addon_id = shirt;
        size.name = size.slug = slug;
        size.price = price;
        registration::save(tx, size);
      }
      return 0;
    });
  }

  std::int64_t root_ = 0;
  std::optional<Program> program_;
};
ON_BOTH_ENGINES(OrderWork);

TEST_P(OrderWork, AChangeIsPreviewedDoneAndTold) {
  sizes();
  const std::string path = path_of(order());
  const std::string after = now_in_feed();
  const Told before = see(path);
  const std::string version = std::to_string(before.number("version"));
  const std::string wanted =
      R"("added":[{"kind":"addon","slug":"shirt","variation":"m","quantity":2},
         {"kind":"ticket_type","slug":"student","quantity":1}])";
  const Told preview = program_->post(path + "/change-preview", "{" + wanted + "}");
  ASSERT_EQ(preview.status(), 200) << preview.response.body;
  EXPECT_EQ(preview.text("difference"), "90.00");
  EXPECT_EQ(preview.text("total_before"), "40.00");
  EXPECT_EQ(preview.text("total_after"), "130.00");
  EXPECT_EQ(preview.at("planned").items().size(), 2U);
  EXPECT_EQ(see(path).text("total"), "40.00") << "a preview writes nothing";
  EXPECT_EQ(see(path).number("version"), before.number("version"));

  const Told other = program_->post(path + "/changes",
                                    "{" + wanted + R"(,"version":)" + version + R"(,"difference":"80.00"})");
  EXPECT_EQ(other.status(), 409) << "another price than the preview's";
  EXPECT_THAT(other.errors(), ElementsAre("/difference price_changed"));
  const Fields key{{"Idempotency-Key", "the-change-of-this-order"}};
  const std::string body = "{" + wanted + R"(,"version":)" + version +
                           R"(,"difference":"90.00","reason":"asked by mail","tell_buyer":true})";
  const Told done = program_->post(path + "/changes", body, key);
  ASSERT_EQ(done.status(), 200) << done.response.body;
  EXPECT_EQ(text_at(done.at("order"), "total"), "130.00");
  EXPECT_EQ(text_at(done.at("money"), "due"), "130.00");
  const Told again = program_->post(path + "/changes", body, key);
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(again.response.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.response.body, done.response.body);
  EXPECT_EQ(see(path).text("total"), "130.00") << "once";
  EXPECT_EQ(program_->post(path + "/changes", body).status(), 409) << "the version is another one now";
  EXPECT_EQ(count("SELECT count(*) FROM order_event WHERE source = 'api' AND reason = 'asked by mail'"), 1);
  EXPECT_EQ(mails("order_changed"), 1);
  EXPECT_THAT(feed(after), Contains("changed order"));
  const auto entries = db().read_now([](db::Tx& tx) { return conference::newest_changes(tx, {}, 1); });
  ASSERT_EQ(entries.size(), 1U);
  bool told_lines = false;
  for (const auto& change : entries.front().told)
    told_lines = told_lines || (change.field == "lines" && change.new_text.find("2 × ") != std::string::npos);
  EXPECT_TRUE(told_lines);
}

TEST_P(OrderWork, UnitsAreTakenBackRepricedAndSwapped) {
  sizes();
  const std::string path = path_of(order());
  std::string version = std::to_string(see(path).number("version"));
  const Told grown =
      program_->post(path + "/changes",
                     R"({"added":[{"kind":"addon","slug":"shirt","variation":"m","quantity":3}],"version":)" +
                         version + "}");
  ASSERT_EQ(grown.status(), 200) << grown.response.body;
  version = std::to_string(grown.at("order").find("version")->integer());
  const std::int64_t ticket = line_of(see(path), 0), shirts = line_of(see(path), 1);
  const Told done = program_->post(
      path + "/changes",
      R"({"taken_back":[{"line":)" + std::to_string(shirts) + R"(,"quantity":1}],"swapped":[{"line":)" +
          std::to_string(shirts) + R"(,"quantity":1,"variation":"l"}],"repriced":[{"line":)" +
          std::to_string(ticket) + R"(,"unit_price":"35.00"}],"version":)" + version + "}");
  ASSERT_EQ(done.status(), 200) << done.response.body;
  // Ticket 35, one shirt M 25, one L 30.
  EXPECT_EQ(text_at(done.at("order"), "total"), "90.00");
  EXPECT_EQ(done.text("difference"), "-25.00");
}

TEST_P(OrderWork, EveryProblemOfAChangeIsToldWhereItIs) {
  sizes();
  const std::string path = path_of(order());
  const std::string ticket = std::to_string(line_of(see(path)));
  const Told several = program_->post(path + "/change-preview",
                                      R"({"taken_back":[{"line":999999,"quantity":1}],
      "added":[{"kind":"addon","slug":"nothing","quantity":1},{"kind":"addon","slug":"shirt","quantity":1}],
      "swapped":[{"line":)" + ticket + R"(,"quantity":1,"variation":"l"}],
      "repriced":[{"line":)" + ticket + R"(,"unit_price":"1.005"}]})");
  EXPECT_EQ(several.status(), 422) << several.response.body;
  const auto errors = several.errors();
  EXPECT_THAT(errors, Contains("/taken_back/0/line no_line"));
  EXPECT_THAT(errors, Contains("/added/0/slug unknown_product"));
  EXPECT_THAT(errors, Contains("/added/1/variation variation"));
  EXPECT_THAT(errors, Contains("/swapped/0/variation variation"));
  EXPECT_THAT(errors, Contains("/repriced/0/unit_price format"));
  const Told too_many = program_->post(
      path + "/change-preview",
      R"({"taken_back":[{"line":)" + ticket + R"(,"quantity":1},{"line":)" + ticket + R"(,"quantity":1}]})");
  EXPECT_EQ(too_many.status(), 422);
  EXPECT_THAT(too_many.errors(), ElementsAre(HasSubstr("/taken_back/1")));
  const std::string version = std::to_string(see(path).number("version"));
  EXPECT_EQ(program_->post(path + "/changes", R"({"version":)" + version + "}").code(), "no_change");
  EXPECT_EQ(program_->post(path + "/lines/" + ticket + "/cancel", R"({"version":)" + version + "}").code(),
            "nothing_left")
      << "an unpaid order of which nothing would be left is cancelled instead";
  EXPECT_EQ(see(path).text("total"), "40.00");
}

TEST_P(OrderWork, ALineIsCancelledAndItsMoneyGoesBackInParts) {
  const std::string reference = order(), path = path_of(reference);
  const std::string after = now_in_feed();
  const std::string v1 = std::to_string(see(path).number("version"));
  ASSERT_EQ(
      program_
          ->post(path + "/changes",
                 R"({"added":[{"kind":"ticket_type","slug":"student","quantity":2}],"version":)" + v1 + "}")
          .status(),
      200);
  const std::int64_t payment = pay_by_hand(reference);
  const Told paid = see(path);
  ASSERT_EQ(paid.text("total"), "120.00");
  ASSERT_EQ(paid.at("seats").items().size(), 3U);
  const std::string line = std::to_string(line_of(paid, 1));
  const Told cancelled =
      program_->post(path + "/lines/" + line + "/cancel", R"({"quantity":1,"positions":[2],"version":)" +
                                                              std::to_string(paid.number("version")) + "}");
  ASSERT_EQ(cancelled.status(), 200) << cancelled.response.body;
  EXPECT_EQ(cancelled.text("difference"), "-40.00");
  EXPECT_EQ(text_at(cancelled.at("money"), "to_refund"), "40.00");
  EXPECT_EQ(text_at(cancelled.at("order"), "attention"), "refund due");

  const Told state = program_->get(path + "/refunds");
  ASSERT_EQ(state.status(), 200) << state.response.body;
  EXPECT_TRUE(state.at("refunds").items().empty());
  const Json& money = state.at("money");
  EXPECT_EQ(text_at(money, "refundable"), "120.00");
  EXPECT_EQ(text_at(money.find("payments")->items().front(), "method"), "manual");

  const Told preview = program_->post(path + "/refund-preview", R"({"amount":"40.00"})");
  ASSERT_EQ(preview.status(), 200) << preview.response.body;
  EXPECT_EQ(preview.text("lowers_by"), "0.00");
  EXPECT_FALSE(preview.at("takes_all_back").flag());
  ASSERT_EQ(preview.at("shares").items().size(), 1U);
  EXPECT_EQ(text_at(preview.at("shares").items().front(), "way"), "manual");

  std::string version = std::to_string(cancelled.at("order").find("version")->integer());
  const std::string share = R"({"payment":)" + std::to_string(payment);
  const std::string parts = R"({"shares":[)" + share + R"(,"amount":"10.00","way":"manual"}],"version":)";
  const Fields key{{"Idempotency-Key", "the-first-part-of-it"}};
  const Told first = program_->post(path + "/refunds", parts + version + "}", key);
  ASSERT_EQ(first.status(), 201) << first.response.body;
  EXPECT_EQ(program_->post(path + "/refunds", parts + version + "}", key).response.body, first.response.body);
  EXPECT_EQ(count("SELECT count(*) FROM refund"), 1);
  EXPECT_EQ(program_->post(path + "/refunds", parts + version + "}").status(), 409) << "changed meanwhile";
  EXPECT_EQ(text_at(first.at("money"), "to_refund"), "30.00");

  // One payment named twice never gives more than it has.
  version = std::to_string(see(path).number("version"));
  const Told twice = program_->post(
      path + "/refunds", R"({"shares":[)" + share + R"(,"amount":"60.00","way":"manual"},)" + share +
                             R"(,"amount":"60.00","way":"manual"}],"version":)" + version + "}");
  EXPECT_EQ(twice.status(), 422) << twice.response.body;
  EXPECT_THAT(twice.errors(), ElementsAre(HasSubstr("amount")));
  EXPECT_EQ(count("SELECT count(*) FROM refund"), 1);

  const Told rest = program_->post(path + "/refunds",
                                   R"({"amount":"110.00","note":"nobody comes","version":)" + version + "}");
  ASSERT_EQ(rest.status(), 201) << rest.response.body;
  EXPECT_EQ(see(path).text("status"), "refunded");
  ASSERT_EQ(rest.at("refunds").items().size(), 2U);
  const std::string refund =
      path + "/refunds/" + rest.at("refunds").items().back().find("id")->dump() + "/settle";
  const Told settled = program_->post(refund, R"({"reference":"SEPA 77"})");
  ASSERT_EQ(settled.status(), 200) << settled.response.body;
  EXPECT_EQ(settled.text("paid_out_reference"), "SEPA 77");
  EXPECT_EQ(program_->post(refund, "{}").code(), "already_done");
  EXPECT_THAT(feed(after), Contains("refunded order"));
  EXPECT_EQ(count("SELECT count(*) FROM ledger_entry WHERE kind = 'refund' AND amount < 0"), 0);
}

TEST_P(OrderWork, WhatIsWrongWithARefundIsTold) {
  const std::string reference = order(), path = path_of(reference);
  EXPECT_EQ(program_->post(path + "/refund-preview", R"({"amount":"1.00"})").status(), 422)
      << "nothing was paid";
  const std::int64_t payment = pay_by_hand(reference);
  const auto errors = [&](const std::string& body) {
    const Told told = program_->post(path + "/refund-preview", body);
    EXPECT_EQ(told.status(), 422) << body << told.response.body;
    return told.errors();
  };
  EXPECT_THAT(errors("{}"), ElementsAre(" rule"));
  EXPECT_THAT(errors(R"({"amount":"0.00"})"), ElementsAre("/amount amount"));
  EXPECT_THAT(errors(R"({"amount":"40.01"})"), ElementsAre("/amount amount"));
  EXPECT_THAT(errors(R"({"amount":"1.00","way":"credit"})"), ElementsAre("/way no_account"));
  const std::string id = std::to_string(payment);
  EXPECT_THAT(errors(R"({"shares":[{"payment":999,"amount":"1.00","way":"card"}]})"),
              ElementsAre("/shares/0/payment no_such"));
  EXPECT_THAT(errors(R"({"shares":[{"payment":)" + id + R"(,"amount":"1.00","way":"card"}]})"),
              ElementsAre("/shares/0/way way"));
  EXPECT_THAT(errors(R"({"shares":[{"payment":)" + id + R"(,"amount":"41.00","way":"manual"}]})"),
              ElementsAre("/shares/0/amount amount"));
}

TEST_P(OrderWork, APaidOrderIsCancelledWithAFee) {
  const std::string reference = order(), path = path_of(reference);
  pay_by_hand(reference);
  std::vector<std::string> scopes = all_scopes();
  std::erase(scopes, "refunds:write");
  Program without = with(token_of(root_, scopes));
  EXPECT_EQ(without.post(path + "/cancel", "{}").code(), "scope_needed") << "money goes back";
  EXPECT_THAT(program_->post(path + "/cancel", R"({"fee":"41.00"})").errors(), ElementsAre("/fee fee"));
  EXPECT_THAT(program_->post(path + "/cancel", R"({"money":"credit"})").errors(),
              ElementsAre("/money no_account"));
  const Told done = program_->post(path + "/cancel", R"({"reason":"ill","fee":"5.00","tell_buyer":false})");
  ASSERT_EQ(done.status(), 200) << done.response.body;
  EXPECT_EQ(done.text("status"), "refunded");
  EXPECT_EQ(done.text("total"), "5.00");
  EXPECT_EQ(text_at(program_->get(path + "/refunds").at("money"), "refunded"), "35.00");
  EXPECT_EQ(mails("order_cancelled"), 0);
}

TEST_P(OrderWork, MoneyOfAnUnpaidOrderGoesBackWithItsScopeAlone) {
  std::vector<std::string> scopes = all_scopes();
  std::erase(scopes, "refunds:write");
  Program without = with(token_of(root_, scopes));
  const std::string reference = order(), path = path_of(reference);
  pay_by_hand(reference, 1000);
  EXPECT_EQ(without.post(path + "/cancel", "{}").code(), "scope_needed") << "a part of it came in";
  EXPECT_EQ(without.post(path + "/cancel", R"({"money":"later"})").code(), "scope_needed")
      << "as of a paid order";
  EXPECT_EQ(count("SELECT count(*) FROM refund"), 0);
  EXPECT_EQ(program_->post(path + "/cancel", "{}").text("status"), "cancelled");
  EXPECT_EQ(count("SELECT count(*) FROM refund WHERE amount = 1000"), 1);
  EXPECT_EQ(without.post(path_of(order()) + "/cancel", "{}").text("status"), "cancelled")
      << "nothing came in for this one";
}

TEST_P(OrderWork, MailIsSentAgain) {
  const std::string reference = order(), path = path_of(reference);
  const Told link = program_->post(path + "/mail", R"({"mail":"link"})");
  ASSERT_EQ(link.status(), 202) << link.response.body;
  EXPECT_EQ(link.text("email"), "ada@example.org");
  EXPECT_EQ(mails("order_link"), 1);
  EXPECT_EQ(program_->post(path + "/mail", R"({"mail":"confirmation"})").code(), "not_paid");
  pay_by_hand(reference);
  const std::int64_t sent = mails("order_confirmation");
  EXPECT_EQ(program_->post(path + "/mail", R"({"mail":"confirmation"})").status(), 202);
  EXPECT_EQ(mails("order_confirmation"), sent + 1);
  const std::string seat = see(path).at("seats").items().front().find("id")->dump();
  const Told holder = program_->post(path + "/seats/" + seat + "/mail",
                                     R"({"name":"Grace Hopper","email":"grace@example.org"})");
  ASSERT_EQ(holder.status(), 202) << holder.response.body;
  EXPECT_EQ(mails("seat_link"), 1);
  const auto entries = db().read_now([](db::Tx& tx) { return conference::newest_changes(tx, {}, 1); });
  EXPECT_EQ(entries.front().source, "api");
}

}  // namespace
}  // namespace plenary::api::testing
