// What staff do with an order on its page: change after a preview, cancel, refund with a fresh proof, notes;
// who may; and that all of it is recorded.
#include "admin/back_office.hpp"
#include "domain/conference/audit.hpp"

namespace plenary::admin::testing {
namespace {

class OrderActions : public AdminTest {
 protected:
  // A paid order of two tickets for 200.00.
  std::int64_t paid_order() {
    Buyer ada = buyer();
    ada.add("individual", "2");
    ada.pay(ada.order().header("Location"));
    return db().read_now([](db::Tx& tx) { return tx.one<std::int64_t>("SELECT MAX(id) FROM orders"); });
  }
  static std::string page_of(std::int64_t id) { return address("program_registration/order", id, "actions"); }
  std::string line_of(std::int64_t id) {
    return std::to_string(db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT MIN(id) FROM order_line WHERE order_id = $1", id);
    }));
  }
  HttpResponse press(Buyer& who, std::int64_t id, const std::string& action, Fields typed) {
    const std::string page = page_of(id);
    typed.emplace_back("action", action);
    Fields fields;
    for (auto& field : Buyer::form(who.get(page), page))
      if (field.first == "csrfmiddlewaretoken" || field.first == "version" || field.first == "submission")
        fields.push_back(field);
    for (auto& field : typed) fields.push_back(field);
    return who.post(page, fields);
  }
};
ON_BOTH_ENGINES(OrderActions);

TEST_P(OrderActions, LinesChangeAfterAPreviewAndItIsRecorded) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  EXPECT_TRUE(contains(root.get(address("program_registration/order", id, "change")), page_of(id)));
  const Fields typed{{"back-" + line_of(id), "1"}, {"seats-" + line_of(id), "2"}};
  const HttpResponse preview = press(root, id, "preview", typed);
  EXPECT_EQ(preview.status, 200);
  EXPECT_TRUE(contains(preview, "$100.00 less. The order is then worth $100.00."));
  EXPECT_EQ(count("SELECT count(*) FROM seat WHERE status = 'void'"), 0);
  const HttpResponse done = press(root, id, "apply", typed);
  ASSERT_EQ(done.status, 303) << done.body;
  EXPECT_EQ(count("SELECT count(*) FROM seat WHERE status = 'void' AND position = 2"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE total = 10000 AND attention = 'refund due'"), 1);
  const HttpResponse page = root.get(page_of(id));
  EXPECT_TRUE(contains(page, "To go back"));
  const auto entries =
      db().read_now([](db::Tx& tx) { return conference::newest_changes(tx, std::nullopt, 1); });
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].entity, "orders");
  EXPECT_EQ(count("SELECT count(*) FROM order_event WHERE source = 'admin'"), 1);
}

TEST_P(OrderActions, AFormFromBeforeIsRefused) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  const std::string page = page_of(id);
  Fields old;
  for (auto& field : Buyer::form(root.get(page), page))
    if (field.first == "csrfmiddlewaretoken" || field.first == "version") old.push_back(field);
  old.emplace_back("action", "apply");
  old.emplace_back("back-" + line_of(id), "1");
  EXPECT_EQ(root.post(page, old).status, 303);
  const HttpResponse again = root.post(page, old);
  EXPECT_EQ(again.status, 422);
  EXPECT_TRUE(contains(again, "This order was changed in the meantime."));
  EXPECT_EQ(count("SELECT count(*) FROM seat WHERE status = 'void'"), 1);
}

TEST_P(OrderActions, MoneyGoesBackAfterAFreshProof) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  EXPECT_EQ(press(root, id, "refund", {{"amount", "soon"}}).status, 422);
  EXPECT_TRUE(contains(press(root, id, "refund", {{"amount", "300"}}), "more than can go back"));
  clock().advance(Duration::minutes(11));
  const HttpResponse asked = press(root, id, "refund", {{"amount", "12.50"}, {"note", "late"}});
  EXPECT_EQ(site::testing::outcome(asked), "proof_needed");
  EXPECT_EQ(count("SELECT count(*) FROM refund"), 0);
  const HttpResponse done = root.post(
      page_of(id), Buyer::form(asked, page_of(id), {{"proof_password", site::testing::good_password}}));
  EXPECT_EQ(done.status, 303) << done.body;
  EXPECT_EQ(
      count("SELECT count(*) FROM refund WHERE amount = 1250 AND status = 'succeeded' AND note = 'late'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'partially_refunded' AND total = 18750"), 1);
}

TEST_P(OrderActions, AnOrderIsCancelledWithAReason) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  EXPECT_EQ(press(root, id, "cancel", {}).status, 422) << "a reason is needed";
  EXPECT_EQ(press(root, id, "cancel", {{"reason", "ill"}, {"fee", "20"}}).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'refunded' AND total = 2000"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM refund WHERE amount = 18000"), 1);
}

// As half of Europe writes them; what may be a thousand is asked about, not guessed.
TEST_P(OrderActions, AmountsMayHaveCommas) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  for (const char* wrong : {"12,505", "1,000", "12,5,0", "12,50 USD", ",", "-12,50"}) {
    EXPECT_TRUE(contains(press(root, id, "refund", {{"amount", wrong}}), "Enter an amount like 12.50."))
        << wrong;
    const HttpResponse fee = press(root, id, "cancel", {{"reason", "ill"}, {"fee", wrong}});
    EXPECT_EQ(fee.status, 422) << wrong;
    EXPECT_TRUE(contains(fee, "Enter an amount like 12.50.")) << wrong;
    EXPECT_TRUE(contains(press(root, id, "apply", {{"price-" + line_of(id), wrong}}),
                         "Ticket individual: enter a price like 12.50."))
        << wrong;
  }
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid' AND total = 20000"), 1);

  ASSERT_EQ(press(root, id, "refund", {{"amount", " 12,50 "}}).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM refund WHERE amount = 1250 AND status = 'succeeded'"), 1);
  const HttpResponse preview = press(root, id, "preview", {{"price-" + line_of(id), "1.095,50"}});
  EXPECT_TRUE(contains(preview, "The order is then worth $2,191.00.")) << preview.body;
  ASSERT_EQ(press(root, id, "apply", {{"price-" + line_of(id), "95,50"}}).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE total = 19100"), 1);
}

TEST_P(OrderActions, AFeeAndAPriceThatBuyersNameMayHaveCommas) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  write([](db::Tx& tx) {
    tx.exec("UPDATE ticket_type SET free_price = 1, minimum_price = 1000 WHERE slug = 'student'");
    tx.exec("UPDATE conference SET catalogue_version = catalogue_version + 1");
  });
  const std::string student =
      "ticket_type-" + std::to_string(count("SELECT id FROM ticket_type WHERE slug = 'student'"));
  const Fields added{{"product", student}, {"quantity", "1"}, {"item_price", "12,50"}};
  ASSERT_EQ(press(root, id, "apply", added).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE total = 21250"), 1);
  ASSERT_EQ(press(root, id, "cancel", {{"reason", "ill"}, {"fee", "12,50"}}).status, 303);
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'refunded' AND total = 1250"), 1);
  EXPECT_EQ(count("SELECT sum(amount) FROM refund"), 20000 - 1250);
}

TEST_P(OrderActions, NotesAreKept) {
  const std::int64_t id = paid_order();
  Buyer root = superuser_browser();
  press(root, id, "attention", {{"attention", "wants a window seat"}});
  press(root, id, "comment", {{"comment", "met at the fair"}});
  EXPECT_EQ(
      count("SELECT count(*) FROM orders WHERE attention = 'wants a window seat' AND comment = 'met at the "
            "fair'"),
      1);
  press(root, id, "attention", {{"attention", ""}});
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE attention = ''"), 1);
}

TEST_P(OrderActions, OnlyWhoMayChangeRegistrationsComesHere) {
  const std::int64_t id = paid_order();
  person("ada@example.org");
  Buyer ada = buyer();
  sign_in(ada, "ada@example.org");
  EXPECT_EQ(ada.get(page_of(id)).status, 404);  // without any role there is no administration
  Buyer nobody = buyer();
  EXPECT_EQ(nobody.get(page_of(id)).status, 303);
  Buyer root = superuser_browser();
  EXPECT_EQ(root.get(page_of(id + 99)).status, 404);
}

}  // namespace
}  // namespace plenary::admin::testing
