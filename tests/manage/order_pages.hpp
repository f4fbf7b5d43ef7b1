// The organisers' pages of orders with orders to work on, bought through the shop; every test ends with a
// ledger that adds up.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "domain/registration/ledger.hpp"
#include "manage/organisers.hpp"

namespace plenary::manage::testing {

inline constexpr const char* list = "/manage/fair/orders/";

class OrderPagesTest : public ManageTest {
 protected:
  void TearDown() override {
    const auto verify = [&](db::Tx& tx) { return registration::verify_ledger(tx, conference_id()); };
    if (!HasFatalFailure()) {
      EXPECT_THAT(db().read_now(verify), ::testing::IsEmpty());
    }
    ManageTest::TearDown();
  }
  std::int64_t newest() { return count("SELECT MAX(id) FROM orders"); }
  std::int64_t ordered(const std::string& email = "ada@example.org", const std::string& ticket = "individual",
                       const std::string& quantity = "1") {
    Buyer who = buyer();
    who.add(ticket, quantity);
    who.order(email);
    return newest();
  }
  std::int64_t paid(const std::string& email = "ada@example.org", const std::string& ticket = "individual",
                    const std::string& quantity = "1") {
    Buyer who = buyer();
    who.add(ticket, quantity);
    EXPECT_EQ(who.pay(who.order(email).header("Location")).status, 303);
    return newest();
  }
  std::string text(const char* sql, std::int64_t id) {
    return db().read_now([&](db::Tx& tx) { return tx.one<std::string>(sql, id); });
  }
  std::string reference(std::int64_t id) { return text("SELECT reference FROM orders WHERE id = $1", id); }
  std::string status(std::int64_t id) { return text("SELECT status FROM orders WHERE id = $1", id); }
  static std::string page(std::int64_t id, const std::string& what = {}) {
    return list + std::to_string(id) + "/" + (what.empty() ? "" : what + "/");
  }
  // A form of that page, filled in and sent to it.
  HttpResponse send(Buyer& who, const std::string& address, Fields typed) {
    return who.post(address, Buyer::form(who.get(address), address, std::move(typed)));
  }
  Buyer registrar() { return browser("desk@example.org", "Registration Manager", "Dora Desk"); }
  bool finds(Buyer& who, const std::string& query, std::int64_t id) {
    const HttpResponse found = who.get(list + ("?" + query));
    EXPECT_EQ(found.status, 200) << query;
    return contains(found, page(id) + "\"");
  }
};

}  // namespace plenary::manage::testing
