// Writing to the buyers of several orders: who it is for, the preview, the test, that it goes out once, and
// what stands in the history of each.
#include "domain/accounts/types.hpp"
#include "domain/registration/letters.hpp"
#include "mail/notes.hpp"
#include "manage/order_pages.hpp"

namespace plenary::manage::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* writing = "/manage/fair/orders/mail/";

class OrderMailPages : public OrderPagesTest {
 protected:
  static std::string chosen(std::initializer_list<std::int64_t> ids) {
    std::string address = writing;
    for (const std::int64_t id : ids)
      address += (address == writing ? "?order=" : "&order=") + std::to_string(id);
    return address;
  }
  HttpResponse press(Buyer& who, const std::string& address, const std::string& button, Fields typed = {}) {
    typed.emplace_back("do", button);
    const HttpResponse page = who.get(address);
    return who.post(address, Buyer::form(page, address, std::move(typed)));
  }
  std::int64_t pieces() { return count("SELECT COUNT(*) FROM outbox WHERE kind = 'order_notes'"); }
  // As the worker does.
  void deliver_pieces() {
    const auto payloads = db().read_now([](db::Tx& tx) {
      return tx.query<std::string>("SELECT payload FROM outbox WHERE kind = 'order_notes' ORDER BY id");
    });
    for (const std::string& payload : payloads) {
      jobs::Delivery piece;
      piece.conference_id = conference_id();
      piece.payload = payload;
      mail::deliver_note(db(), piece);
    }
  }
};
ON_BOTH_ENGINES(OrderMailPages);

TEST_P(OrderMailPages, ChosenBuyersGetItOnceHoweverOftenItIsSent) {
  const std::int64_t one = paid("ada@example.org"), two = ordered("bob@example.org"), three = ordered();
  Buyer who = registrar();
  const HttpResponse orders = who.get(list);
  EXPECT_THAT(orders.body, AllOf(HasSubstr("Write to the chosen buyers"), HasSubstr("Write to all buyers")));
  const std::string address = chosen({one, two, three + 1000});
  const HttpResponse page = who.get(address);
  ASSERT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(HasSubstr("To the buyers of 2 orders"), HasSubstr(reference(one)),
                               HasSubstr("Send it to 2 buyers"), Not(HasSubstr(reference(three)))));
  const HttpResponse wrong = press(who, address, "send", {{"body", "Hello {{ order.referense }}"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body, HasSubstr("order.reference"));
  const HttpResponse shown = press(who, address, "preview", {{"body", "News for {{ order.reference }}."}});
  EXPECT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, HasSubstr("News for " + reference(one)));
  EXPECT_EQ(outcome(press(who, address, "test", {{"body", "News."}})), "sent_test");
  EXPECT_EQ(pieces(), 0);

  const HttpResponse ready = who.get(address);
  const Fields fields =
      Buyer::form(ready, address, {{"subject", "A new venue"}, {"body", "News."}, {"do", "send"}});
  EXPECT_EQ(outcome(who.post(address, fields)), "sent");
  EXPECT_EQ(outcome(who.post(address, fields)), "again");
  EXPECT_EQ(pieces(), 1);
  deliver_pieces();
  deliver_pieces();
  EXPECT_EQ(count("SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND payload LIKE '%order_note%' AND "
                  "payload NOT LIKE '%body%'"),
            2);
  EXPECT_THAT(who.get(OrderPagesTest::page(one)).body, HasSubstr("mail: A new venue"));
  EXPECT_THAT(who.get(OrderPagesTest::page(two)).body, HasSubstr("mail: A new venue"));
  EXPECT_THAT(who.get(OrderPagesTest::page(three)).body, Not(HasSubstr("mail: A new venue")));
}

TEST_P(OrderMailPages, AFixedNumberOfQueriesFindsTheOrdersThatAreChosen) {
  std::vector<std::int64_t> ids;
  for (const char* name : {"ada", "bob", "carl", "dora", "emil"})
    ids.push_back(ordered(std::string(name) + "@example.org"));
  Buyer who = registrar();
  const auto trips = [&](std::size_t orders) {
    std::string address = writing;
    for (std::size_t i = 0; i < orders; ++i)
      address += (i == 0 ? "?order=" : "&order=") + std::to_string(ids[i]);
    const std::uint64_t before = db().stats().round_trips;
    EXPECT_THAT(who.get(address).body, HasSubstr(reference(ids[orders - 1])));
    return db().stats().round_trips - before;
  };
  trips(1);  // what is prepared once
  EXPECT_EQ(trips(1), trips(5));
  write([](db::Tx& tx) { return tx.exec("UPDATE orders SET billing_email = ''"); });
  trips(1);
  EXPECT_EQ(trips(1), trips(5)) << "known by another address";
}

TEST_P(OrderMailPages, ASearchIsWrittenToAsItWasShown) {
  const std::int64_t one = paid("ada@example.org");
  ordered("bob@example.org");
  Buyer who = registrar();
  const std::string address = std::string(writing) + "?status=paid&all=1";
  EXPECT_THAT(who.get(list + std::string("?status=paid")).body,
              AllOf(HasSubstr("Write to all that this search finds"),
                    HasSubstr("/manage/fair/orders/mail/?status=paid&amp;all=1")));
  const HttpResponse ready = who.get(address);
  EXPECT_THAT(ready.body, HasSubstr("To the buyer of one order"));
  const Fields fields = Buyer::form(ready, address, {{"do", "send"}});
  paid("carl@example.org");
  const HttpResponse changed = who.post(address, fields);
  EXPECT_EQ(changed.status, 409);
  EXPECT_THAT(changed.body, HasSubstr("there are 2 now"));
  EXPECT_EQ(pieces(), 0);
  EXPECT_EQ(outcome(press(who, address, "send")), "sent");
  EXPECT_EQ(pieces(), 1);
  EXPECT_THAT(text("SELECT payload FROM outbox WHERE kind = 'order_notes' AND id > $1", 0),
              HasSubstr(std::to_string(one)));
}

TEST_P(OrderMailPages, OrdersWithoutABillingAddressAreReachedAtTheOneTheyAreKnownBy) {
  const std::int64_t of_account = paid("ada@example.org"), of_guest = paid("Gus@example.org"),
                     nowhere = paid("bob@example.org");
  write([&](db::Tx& tx) {
    accounts::User user;
    user.username = "ada";
    user.email = "Ada.Account@example.org";
    user = accounts::user_table().insert(tx, user);
    tx.exec("UPDATE orders SET billing_email = ''");
    tx.exec("UPDATE orders SET user_id = $1 WHERE id = $2", user.id, of_account);
    tx.exec("UPDATE orders SET email_normalized = '' WHERE id IN ($1, $2)", of_account, nowhere);
    return 0;
  });
  Buyer who = registrar();
  for (const std::string& address :
       {chosen({of_account, of_guest, nowhere}), std::string(writing) + "?status=paid&all=1"}) {
    const HttpResponse page = who.get(address);
    EXPECT_THAT(page.body, AllOf(HasSubstr("To the buyers of 2 orders"),
                                 HasSubstr("One order has no address for mail and is left out")));
    EXPECT_THAT(press(who, address, "preview", {{"body", "News."}}).body, HasSubstr("@example.org"));
  }
  EXPECT_EQ(outcome(press(who, chosen({of_account, of_guest, nowhere}), "send")), "sent");
  deliver_pieces();
  const auto addressed = [&](std::int64_t id) {
    return count(("SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND payload LIKE '%order_note%\"order\":" +
                  std::to_string(id) + ",%'")
                     .c_str());
  };
  EXPECT_EQ(addressed(of_account), 1);
  EXPECT_EQ(addressed(of_guest), 1);
  EXPECT_EQ(addressed(nowhere), 0);
  EXPECT_EQ(db().read_now([&](db::Tx& tx) {
    return registration::buyer_address(tx, registration::find_order(tx, of_account).value());
  }),
            "Ada.Account@example.org");
  EXPECT_EQ(db().read_now([&](db::Tx& tx) {
    return registration::buyer_address(tx, registration::find_order(tx, of_guest).value());
  }),
            "gus@example.org");
}

TEST_P(OrderMailPages, NobodyIsWrittenToByAccidentOrWithoutTheRight) {
  const std::int64_t one = ordered();
  write([&](db::Tx& tx) {
    tx.exec("UPDATE orders SET billing_email = '', email_normalized = '' WHERE id = $1", one);
    return 0;
  });
  Buyer who = registrar();
  EXPECT_EQ(outcome(who.get(writing)), "none");
  const HttpResponse page = who.get(chosen({one}));
  EXPECT_THAT(page.body, AllOf(HasSubstr("One order has no address"), Not(HasSubstr("value=\"send\""))));
  EXPECT_EQ(press(who, chosen({one}), "send").status, 409);
  EXPECT_EQ(pieces(), 0);
  Buyer reader = browser("audit@example.org", "Read-Only Staff", "Rhea");
  EXPECT_EQ(reader.get(chosen({one})).status, 403);
  EXPECT_THAT(reader.get(list).body, Not(HasSubstr("Write to")));
}

}  // namespace
}  // namespace plenary::manage::testing
