// Whose a guest's order becomes, who may correct its address, and how often carts and orders may be made.
#include "domain/registration/claims.hpp"

#include "domain/accounts/users.hpp"
#include "domain/registration/limits.hpp"
#include "domain/registration/links.hpp"
#include "domain/registration/sale.hpp"

namespace plenary::registration::testing {
namespace {

class Claims : public Sale {
 protected:
  void SetUp() override {
    Sale::SetUp();
    open({.ticket_types = {ticket("individual", 10000, 0, 100)}});
  }
  Id person(const std::string& name) {
    return fair().write([&](db::Tx& tx) {
      return accounts::become_account(tx, {name + "@example.com", name, "en", "hash"}).id;
    });
  }
  Id bought(const Visitor& who, const std::string& email, bool paid = true) {
    fair().add(who, "individual");
    const Id id = fair().order(who, email).order_id;
    if (paid) fair().pay(id);
    return id;
  }
  std::int64_t attached(Id user, const std::string& email) {
    return fair().write([&](db::Tx& tx) { return attach_orders(tx, user, email); });
  }
  std::string corrected(Id order_id, const Visitor& who, const std::string& email) {
    return Fair::refusal([&] {
      fair().write([&](db::Tx& tx) {
        Order order = find_order(tx, order_id).value();
        correct_email(tx, fair().shop, key, who, order, email);
      });
    });
  }
  std::int64_t count(const char* sql) {
    return fair().read([&](db::Tx& tx) { return tx.one<std::int64_t>(sql); });
  }
  SigningKey key{Secret("a key of at least thirty-two bytes, for tests"), "links"};
};
ON_BOTH_ENGINES(Claims);

TEST_P(Claims, TheOrdersOfAnAddressJoinTheAccountOfWhoProvedIt) {
  const Id first = bought(fair().guest("one"), "Ada@example.com"),
           second = bought(fair().guest("two"), "ada@example.com");
  const Id bobs = bought(fair().guest("three"), "bob@example.com");
  const Id ada = person("ada");
  EXPECT_EQ(attached(ada, "ada@example.com"), 2);
  EXPECT_EQ(fair().get(first).user_id, ada);
  EXPECT_EQ(fair().get(second).user_id, ada);
  EXPECT_FALSE(fair().get(bobs).user_id);
  EXPECT_EQ(count("SELECT count(*) FROM seat WHERE user_id IS NOT NULL"), 2);
  EXPECT_EQ(attached(ada, "ada@example.com"), 0);
  EXPECT_EQ(attached(ada, ""), 0);
}

TEST_P(Claims, AnOrderOfSomebodyElseIsNeverTaken) {
  const Id ada = person("ada"), bob = person("bob");
  const Id order_id = bought(fair().user(ada, "adas"), "bob@example.com");
  EXPECT_EQ(attached(bob, "bob@example.com"), 0);
  const Order order = fair().get(order_id);
  EXPECT_FALSE(fair().write([&](db::Tx& tx) { return attach_order(tx, order, bob, "bob@example.com"); }));
  EXPECT_EQ(fair().get(order_id).user_id, ada);
}

TEST_P(Claims, OneOrderIsAddedByItsAddress) {
  const Id ada = person("ada");
  const Order order = fair().get(bought(fair().guest("one"), "ada@example.com"));
  EXPECT_FALSE(fair().write([&](db::Tx& tx) { return attach_order(tx, order, ada, "other@example.com"); }));
  EXPECT_TRUE(fair().write([&](db::Tx& tx) { return attach_order(tx, order, ada, "ada@example.com"); }));
  EXPECT_EQ(fair().get(order.id).user_id, ada);
}

TEST_P(Claims, CorrectingTheAddressVoidsTheOldLinkAndMailsTheNewOne) {
  const Visitor browser = fair().guest("one");
  const Id id = bought(browser, "ada@gmial.com");
  const Order before = fair().get(id);
  EXPECT_EQ(corrected(id, browser, "ada@gmail.com"), "");
  const Order after = fair().get(id);
  EXPECT_EQ(after.billing.email, "ada@gmail.com");
  EXPECT_EQ(after.email_normalized, "ada@gmail.com");
  EXPECT_EQ(after.link_version, before.link_version + 1);
  const auto opens = [&](std::int64_t version) {
    const std::string hash = order_link_hash(key, after.reference, version);
    return fair().read([&](db::Tx& tx) {
      return find_by_secret(tx, fair().conference_id, after.reference, hash).has_value();
    });
  };
  EXPECT_FALSE(opens(before.link_version));
  EXPECT_TRUE(opens(after.link_version));
  EXPECT_EQ(count("SELECT count(*) FROM seat WHERE email = 'ada@gmail.com'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM outbox WHERE payload LIKE '%order_link%'"), 1);
}

TEST_P(Claims, OnlyTheBrowserThatOrderedCorrectsTheAddressAndOnlyForHalfAnHour) {
  const Visitor browser = fair().guest("one");
  const Id id = bought(browser, "ada@gmial.com", false);
  EXPECT_EQ(corrected(id, fair().guest("two"), "mallory@example.com"), "too_late");
  EXPECT_EQ(corrected(id, browser, "not an address"), "invalid_email");
  EXPECT_EQ(corrected(id, browser, "ada@gmial.com"), "same_email");
  fair().clock.advance(Duration::minutes(30) - Duration::microseconds(1));
  EXPECT_EQ(corrected(id, browser, "ada@gmail.com"), "");
  fair().clock.advance(Duration::microseconds(1));
  EXPECT_EQ(corrected(id, browser, "ada@example.com"), "too_late");
}

TEST_P(Claims, TheSignedInOwnerCorrectsTheAddressFromAnyBrowser) {
  const Id ada = person("ada");
  const Id id = bought(fair().user(ada, "one"), "ada@gmial.com", false);
  EXPECT_EQ(corrected(id, fair().user(person("bob"), "one"), "bob@example.com"), "too_late");
  EXPECT_EQ(corrected(id, fair().user(ada, "two"), "ada@gmail.com"), "");
}

TEST_P(Claims, NobodyIsFloodedByCorrections) {
  fair().shop.limits.rates.find_order_per_network = {3, Duration::hours(1)};
  const Visitor browser = fair().guest("one");
  const Id id = bought(browser, "ada@gmial.com", false);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(corrected(id, browser, "ada" + std::to_string(i) + "@example.com"), "");
  EXPECT_EQ(corrected(id, browser, "victim@example.com"), "too_many_tries");
}

// ---- limits of carts and orders, each reached; nobody else notices. source: 20, D30; ground rules 15, 5.5.

TEST_P(Claims, OneBrowserStartsSoManyCartsAnHour) {
  fair().shop.limits.rates.new_carts_per_session = {3, Duration::hours(1)};
  const Visitor ada = fair().guest("ada");
  for (int i = 0; i < 3; ++i) {
    fair().add(ada, "individual");
    fair().add(ada, "individual");  // the same cart
    fair().order(ada, "ada@example.com");
  }
  EXPECT_EQ(Fair::refusal([&] { fair().add(ada, "individual"); }), "too_many_carts");
  fair().add(fair().guest("bob"), "individual");
  fair().clock.advance(Duration::hours(2));
  fair().add(ada, "individual");
}

TEST_P(Claims, OneAccountStartsSoManyCartsAnHourFromWhateverBrowser) {
  fair().shop.limits.rates.new_carts_per_account = {2, Duration::hours(1)};
  const Id id = person("ada");
  for (const char* browser : {"one", "two"}) {
    fair().add(fair().user(id, browser), "individual");
    fair().order(fair().user(id, browser), "ada@example.com");
  }
  EXPECT_EQ(Fair::refusal([&] { fair().add(fair().user(id, "three"), "individual"); }), "too_many_carts");
  fair().add(fair().user(person("bob"), "four"), "individual");
}

TEST_P(Claims, OneAddressStartsSoManyCartsAnHour) {
  fair().shop.limits.rates.new_carts_per_email = {1, Duration::hours(1)};
  Visitor ada = fair().user(person("ada"), "one");
  ada.email = "ada@example.com";
  fair().add(ada, "individual");
  fair().order(ada, "ada@example.com");
  EXPECT_EQ(Fair::refusal([&] { fair().add(ada, "individual"); }), "too_many_carts");
  fair().add(fair().guest("bob"), "individual");
}

TEST_P(Claims, OneBrowserOrdersSoOftenAnHour) {
  fair().shop.limits.rates.orders_per_session = {2, Duration::hours(1)};
  const Visitor ada = fair().guest("ada");
  for (int i = 0; i < 2; ++i) bought(ada, "ada" + std::to_string(i) + "@example.com", false);
  fair().add(ada, "individual");
  EXPECT_EQ(Fair::refusal([&] { fair().order(ada, "ada9@example.com"); }), "too_many_orders");
  EXPECT_EQ(fair().cart(ada).items.size(), 1u) << "the cart stays";
  bought(fair().guest("bob"), "bob@example.com", false);
}

TEST_P(Claims, OneAccountOrdersSoOftenAnHour) {
  fair().shop.limits.rates.orders_per_account = {1, Duration::hours(1)};
  const Id ada = person("ada");
  bought(fair().user(ada, "one"), "ada@example.com", false);
  fair().add(fair().user(ada, "two"), "individual");
  EXPECT_EQ(Fair::refusal([&] { fair().order(fair().user(ada, "two"), "other@example.com"); }),
            "too_many_orders");
  bought(fair().guest("bob"), "bob@example.com", false);
}

TEST_P(Claims, OneAddressIsOrderedForSoOftenAnHour) {
  fair().shop.limits.rates.orders_per_email = {1, Duration::hours(1)};
  bought(fair().guest("one"), "ada@example.com", false);
  fair().add(fair().guest("two"), "individual");
  EXPECT_EQ(Fair::refusal([&] { fair().order(fair().guest("two"), "ADA@example.com"); }), "too_many_orders");
  bought(fair().guest("three"), "bob@example.com", false);
}

TEST_P(Claims, OneNetworkOrdersSoOftenAnHour) {
  fair().shop.limits.rates.orders_per_network = {2, Duration::hours(1)};
  bought(fair().guest("one"), "one@example.com", false);
  bought(fair().guest("two"), "two@example.com", false);
  fair().add(fair().guest("three"), "individual");
  EXPECT_EQ(Fair::refusal([&] { fair().order(fair().guest("three"), "three@example.com"); }),
            "too_many_orders");
  Visitor elsewhere = fair().guest("four");
  elsewhere.network = "198.51.100.0/24";
  bought(elsewhere, "four@example.com", false);
}

TEST_P(Claims, WithTheLimitsOffNothingIsCounted) {
  fair().shop.limits.enabled = false;
  fair().shop.limits.rates.orders_per_network = {1, Duration::hours(1)};
  for (int i = 0; i < 3; ++i) bought(fair().guest("ada" + std::to_string(i)), "ada@example.com", false);
  EXPECT_EQ(count("SELECT count(*) FROM rate_count"), 0);
}

TEST_P(Claims, SaysWhenToTryAgain) {
  const Instant now = fair().clock.now();
  EXPECT_EQ(too_many("too_many_orders", now, now + Duration::minutes(7)).message(),
            "Too many orders were made from here lately. Please try again in 7 minutes.");
  EXPECT_EQ(too_many("too_many_carts", now, now + Duration::seconds(3)).message(),
            "Too many carts were started from here lately. Please try again in a minute.");
}

// A person who buys as people do is refused nothing.
TEST_P(Claims, AnOrdinaryPersonDoesNotNoticeAnyLimit) {
  for (int i = 0; i < 3; ++i) {
    for (const char* who : {"ada", "bob", "cyd"})
      bought(fair().guest(who), std::string(who) + "@example.com");
    fair().clock.advance(Duration::minutes(5));
  }
  EXPECT_EQ(count("SELECT count(*) FROM orders WHERE status = 'paid'"), 9);
}

}  // namespace
}  // namespace plenary::registration::testing
