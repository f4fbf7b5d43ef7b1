// The API in front of a database of either engine, and programs that call it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/json.hpp"
#include "api/routes.hpp"
#include "domain/accounts/api_tokens.hpp"
#include "domain/accounts/groups.hpp"
#include "domain/accounts/roles.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/listing.hpp"
#include "domain/registration/money_in.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/vouchers.hpp"
#include "support/site/people.hpp"

namespace plenary::api::testing {

using site::testing::Fields;
using site::testing::HttpResponse;

inline Json parsed(const std::string& text) {
  Json value;
  JsonFault fault;
  EXPECT_TRUE(read_json(text, value, fault)) << fault.message << "\n" << text;
  return value;
}

// What a call answered.
struct Told {
  HttpResponse response;
  Json body = {};
  int status() const { return response.status; }
  std::string text(std::string_view name) const {
    const Json* value = body.find(name);
    EXPECT_TRUE(value && value->is_text()) << name << " in " << response.body;
    return value ? value->text() : std::string();
  }
  const Json& at(std::string_view name) const {
    static const Json none;
    const Json* value = body.find(name);
    EXPECT_TRUE(value) << name << " in " << response.body;
    return value ? *value : none;
  }
  std::int64_t number(std::string_view name) const { return at(name).integer(); }
  std::string code() const { return text("code"); }
  // "pointer code" of every error.
  std::vector<std::string> errors() const {
    std::vector<std::string> list;
    for (const Json& one : at("errors").items())
      list.push_back(one.find("pointer")->text() + " " + one.find("code")->text());
    return list;
  }
};

// One program: a connection of its own, with a token where it has one.
class Program {
 public:
  explicit Program(std::uint16_t port, std::string token = {}) : client_(port), token_(std::move(token)) {}

  Told call(std::string_view method, std::string_view path, const std::string& body = {},
            Fields headers = {}) {
    if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
    if (!cart_secret.empty()) headers.emplace_back("Cart-Secret", cart_secret);
    if (!body.empty()) {
      bool typed = false;
      for (const auto& [name, value] : headers) typed = typed || name == "Content-Type";
      if (!typed) headers.emplace_back("Content-Type", "application/json");
    }
    Told told{client_.request(method, "/api/v1" + std::string(path), body, headers)};
    if (!told.response.body.empty()) told.body = parsed(told.response.body);
    return told;
  }
  Told get(std::string_view path, Fields headers = {}) { return call("GET", path, {}, std::move(headers)); }
  Told post(std::string_view path, const std::string& body, Fields headers = {}) {
    return call("POST", path, body, std::move(headers));
  }

  std::string cart_secret;  // sent with every call where set

 private:
  plenary::test::HttpClient client_;
  std::string token_;
};

class ApiTest : public site::testing::PeopleTest {
 protected:
  std::vector<site::AddPages> more_pages() override {
    return {[this](site::PageTable& table) { add_pages(table, &seen_); }};
  }

  void SetUp() override {
    PeopleTest::SetUp();
    db().write_now(db::global_lane, "test",
                   [&](db::Tx& tx) { accounts::set_up_groups(tx, [](std::string_view) { return true; }); });
  }

  Program stranger() { return Program(port()); }
  Program with(const std::string& token) { return Program(port(), token); }

  static std::vector<std::string> all_scopes() {
    std::vector<std::string> names;
    for (const accounts::ApiScope& scope : accounts::api_scopes()) names.emplace_back(scope.name);
    return names;
  }
  std::string token_of(std::int64_t user, std::vector<std::string> scopes,
                       std::optional<std::int64_t> conference = {}, std::optional<Instant> expires = {}) {
    const accounts::ApiTokenText text = accounts::new_api_token(Random::system());
    accounts::NewApiToken token{user, conference, "test", std::move(scopes), expires};
    db().write_now(db::global_lane, "test",
                   [&](db::Tx& tx) { return accounts::create_api_token(tx, token, text).id; });
    return text.whole().reveal();
  }
  // Somebody of one of the ten groups, in a conference.
  std::int64_t member(const std::string& group, std::int64_t conference) {
    const std::int64_t user = person("member" + std::to_string(++people_) + "@example.org");
    db().write_now(db::global_lane, "test", [&](db::Tx& tx) {
      accounts::NewRole role;
      role.user_id = user;
      role.group_id = accounts::find_group(tx, group).value().id;
      role.conference_id = conference;
      accounts::give_role(tx, role);
      return 0;
    });
    return user;
  }
  std::int64_t other_conference() {
    if (other_ != 0) return other_;
    conference::Conference other;
    other.name = "Other";
    other.slug = "other";
    other.start_date = other.end_date = *Date::parse("2027-06-01");
    other_ = db().write_now(db::global_lane, "test",
                            [&](db::Tx& tx) { return conference::create(tx, other).value(); });
    return other_;
  }
  std::int64_t voucher(const std::string& code, std::int64_t percent = 50) {
    return write([&](db::Tx& tx) {
      registration::Voucher voucher;
      voucher.conference_id = conference_id();
      voucher.code = code;
      voucher.type = registration::VoucherType::percentage;
      voucher.percent = Decimal(percent);
      voucher.max_uses = 100;
      voucher.max_units.reset();
      return registration::save(tx, voucher);
    });
  }
  std::int64_t condition(const std::string& name, bool is_active = false) {
    return write([&](db::Tx& tx) {
      registration::Condition condition;
      condition.conference_id = conference_id();
      condition.name = name;
      condition.percent = Decimal(10);
      condition.is_active = is_active;
      return registration::save_condition(tx, condition);
    });
  }

  // A ticket type with a waiting list whose only unit somebody holds; its slug.
  std::string sold_out_ticket() {
    const std::string slug = "waited" + std::to_string(++waited_);
    write([&](db::Tx& tx) {
      registration::TicketType type;
      type.conference_id = conference_id();
      type.name = "Ticket " + slug;
      type.slug = slug;
      type.price = 1'000;
      type.total_quantity = 1;
      type.waiting_list = true;
      return registration::save(tx, type);
    });
    Program holder = stranger();
    cart(holder, slug);
    return slug;
  }
  static std::string waiting_body(const std::string& slug, const std::string& email) {
    return R"({"name":"Ada Lovelace","email":")" + email +
           R"(","quantity":1,"choices":[{"kind":"ticket_type","slug":")" + slug + "\"}]}";
  }
  // Somebody waits for it; the entry's number.
  std::int64_t waiting(const std::string& slug, const std::string& email) {
    Program program = stranger();
    const Told told = program.post("/conferences/fair/waiting-list", waiting_body(slug, email));
    EXPECT_EQ(told.status(), 202) << told.response.body;
    return db().read_now([&](db::Tx& tx) {
      return tx.one<std::int64_t>("SELECT id FROM waiting_entry WHERE email = $1", email);
    });
  }
  // There is more of it than those who wait can take.
  void more_of(const std::string& slug) {
    write([&](db::Tx& tx) {
      auto types = registration::ticket_type_table().select(tx, "WHERE slug = $1", slug);
      types.front().total_quantity = 50;
      return registration::save(tx, types.front());
    });
  }

  struct NewCart {
    std::int64_t id = 0, item = 0;
    std::string secret, total, path;
  };
  NewCart cart(Program& program, const std::string& slug = "individual", int quantity = 1) {
    const Told told =
        program.post("/conferences/fair/carts", R"({"items":[{"kind":"ticket_type","slug":")" + slug +
                                                    R"(","quantity":)" + std::to_string(quantity) + "}]}");
    EXPECT_EQ(told.status(), 201) << told.response.body;
    if (told.status() != 201) return {};
    NewCart made{told.number("id"), told.at("lines").items().front().find("item")->integer(),
                 told.text("secret"), told.text("total"), ""};
    made.path = "/conferences/fair/carts/" + std::to_string(made.id);
    program.cart_secret = made.secret;
    return made;
  }
  static std::string checkout_body(const std::string& total, const std::string& email = "ada@example.org") {
    return R"({"billing":{"name":"Ada Lovelace","email":")" + email + R"("},"total":")" + total + R"("})";
  }
  // An unpaid order's reference.
  std::string order(const std::string& email = "ada@example.org") {
    Program program = stranger();
    const NewCart made = cart(program, "student");
    const Told told = program.post(made.path + "/checkout", checkout_body(made.total, email));
    EXPECT_EQ(told.status(), 201) << told.response.body;
    return told.status() == 201 ? told.text("reference") : std::string();
  }

  // All that is due of it came by transfer; the payment's id.
  // All of it, or so much.
  std::int64_t pay_by_hand(const std::string& reference, std::optional<std::int64_t> amount = {}) {
    return write([&](db::Tx& tx) {
      const auto row = registration::find_order_row(tx, conference_id(), reference);
      registration::Order order = registration::find_order(tx, row->id).value();
      registration::ManualPayment payment;
      payment.amount = amount.value_or(order.total);
      payment.payer_name = "Ada Lovelace";
      return registration::record_manual_payment(tx, shop(), order, payment, {"test", "test", "paid"})
          .payment_id;
    });
  }

  SeenTokens seen_;

 private:
  std::int64_t other_ = 0;
  int people_ = 0, waited_ = 0;
};

}  // namespace plenary::api::testing
