// Taking the tax off an order whose buyer's VAT number was confirmed after all, on both engines.
#include "domain/registration/tax_corrections.hpp"

#include <gtest/gtest.h>

#include "domain/conference/conferences.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/registration/changing.hpp"

namespace plenary::registration {
namespace {

class TaxCorrections : public testing::Changing {
 protected:
  static constexpr const char* number = "FR12345678901";

  // Beside open_fair: a German seller, and the student ticket is attended from elsewhere.
  testing::Fair& open_hybrid() {
    testing::Fair& fair = open_fair();
    fair.write([&](db::Tx& tx) {
      conference::Seller seller;
      seller.name = "Python Community e. V.";
      seller.country = "DE";
      seller.invoice_prefix = "PY-";
      seller.credit_note_prefix = "PC-";
      const Id seller_id = conference::save(tx, seller);
      conference::Conference one = conference::load(tx, fair.conference_id).value();
      one.seller_id = seller_id;
      EXPECT_TRUE(conference::update(tx, one));
      TaxRule rule;
      rule.conference_id = fair.conference_id;
      rule.name = rule.slug = "online";
      rule.rate = Decimal(19);
      rule.place_of_supply = PlaceOfSupply::customer;
      rule.reverse_charge = true;
      rule.reverse_charge_text = "Reverse charge: the recipient owes the VAT.";
      const Id online = save(tx, rule);
      TicketType student = *load_catalogue(tx, fair.conference_id, fair.settings)->ticket_type("student");
      student.tax_rule_id = online;
      save(tx, student);
    });
    return fair;
  }
  void bill(Id order_id, const char* country, const char* vat_id, bool is_business = true) {
    fair().write([&](db::Tx& tx) {
      tx.exec(
          "UPDATE orders SET billing_is_business = $2, billing_company = 'ACME SARL', billing_country = $3, "
          "billing_vat_id = $4 WHERE id = $1",
          order_id, is_business, country, vat_id);
    });
  }
  VatCheck answered(VatStatus status, const std::string& vat_id = number) {
    return fair().write([&](db::Tx& tx) {
      VatCheck check;
      check.vat_id = vat_id;
      check.status = status;
      check.consultation_number = "WAPIAAAA";
      return record_vat_check(tx, fair().conference_id, check);
    });
  }
  ChangePlan take_off(Id order_id, const VatCheck& check, std::optional<std::int64_t> version = {}) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return take_tax_off(tx, fair().shop, order, check, version.value_or(order.version), staff);
    });
  }
  bool is_offered(Id order_id) {
    return fair().read([&](db::Tx& tx) {
      return may_owe_tax(*load_catalogue(tx, fair().conference_id, fair().settings),
                         find_order(tx, order_id).value());
    });
  }
};
ON_BOTH_ENGINES(TaxCorrections);

TEST_P(TaxCorrections, WhatTheBuyerOwesTheTaxOfIsSaidAnewAndTheRestStays) {
  testing::Fair& fair = open_hybrid();
  const Order order = paid({{"student", "", 3}, {"individual"}});
  bill(order.id, "FR", number);
  EXPECT_EQ(order.total, 3 * 5000 + 11900);
  EXPECT_TRUE(is_offered(order.id));
  const auto before = seats(order.id);
  const VatCheck check = answered(VatStatus::valid);
  const ChangePlan plan = take_off(order.id, check);
  // 150.00 hold 23.95; admission on the spot is taxed there, whoever buys.
  EXPECT_EQ(plan.difference(), -2395);
  const Order after = fair.get(order.id);
  EXPECT_EQ(after.total, order.total - 2395);
  EXPECT_EQ(after.tax, 1900);
  EXPECT_TRUE(after.vat_confirmed);
  EXPECT_EQ(after.vat_check_id, check.id);
  EXPECT_EQ(after.status, OrderStatus::paid);
  EXPECT_EQ(money(order.id).to_refund(), 2395);
  for (const OrderLine& line : lines_left(after.lines)) {
    const bool is_online = line.description.find("student") != std::string::npos;
    EXPECT_EQ(line.reverse_charge, is_online);
    EXPECT_EQ(line.tax_rate, is_online ? "0" : "19");
    EXPECT_EQ(line.tax_text, is_online ? "Reverse charge: the recipient owes the VAT." : "");
    EXPECT_EQ(line.net, is_online ? 12605 : 10000);
  }
  const auto now = seats(order.id);
  ASSERT_EQ(now.size(), before.size());
  for (std::size_t i = 0; i < now.size(); ++i) EXPECT_EQ(now[i].access_code, before[i].access_code);
  EXPECT_EQ(fair.remaining("student"), 27);
  EXPECT_EQ(faults_of(order.id), "");
  EXPECT_FALSE(is_offered(order.id));
  EXPECT_EQ(testing::Fair::refusal([&] { take_off(order.id, check); }), "no_change");
  // What is added later needs no second answer, and everything can go back.
  change(order.id, {.added = {{ProductKind::ticket_type, product("student"), {}, 1, {}}}});
  EXPECT_EQ(fair.get(order.id).tax, 1900);
  change(order.id, all_of(fair.get(order.id)));
  EXPECT_EQ(fair.get(order.id).total, 0);
  EXPECT_EQ(faults_of(order.id), "");
}

TEST_P(TaxCorrections, OnlyAValidAnswerAboutTheOrdersOwnNumberCounts) {
  open_hybrid();
  const Order order = paid({{"student"}});
  bill(order.id, "FR", number);
  for (const VatCheck& check : {answered(VatStatus::invalid), answered(VatStatus::unavailable),
                                answered(VatStatus::valid, "FR98765432109")})
    EXPECT_EQ(testing::Fair::refusal([&] { take_off(order.id, check); }), "not_confirmed");
  const VatCheck check = answered(VatStatus::valid);
  bill(order.id, "AT", number);
  EXPECT_EQ(testing::Fair::refusal([&] { take_off(order.id, check); }), "not_confirmed")
      << "a number of another country";
  bill(order.id, "FR", number, false);
  EXPECT_FALSE(is_offered(order.id));
  EXPECT_EQ(testing::Fair::refusal([&] { take_off(order.id, check); }), "not_confirmed") << "a consumer";
  bill(order.id, "FR", number);
  EXPECT_EQ(testing::Fair::refusal([&] { take_off(order.id, check, 1); }), "changed_meanwhile");
  EXPECT_EQ(faults_of(order.id), "");
  const Order admission = paid({{"individual"}}, fair().guest("bob"));
  bill(admission.id, "FR", number);
  EXPECT_FALSE(is_offered(admission.id));
  EXPECT_EQ(testing::Fair::refusal([&] { take_off(admission.id, check); }), "no_change");
}

TEST_P(TaxCorrections, AnUnpaidOrderIsPaidForLess) {
  testing::Fair& fair = open_hybrid();
  const Order order = ordered({{"student"}}, fair.guest("ada"));
  bill(order.id, "FR", number);
  take_off(order.id, answered(VatStatus::valid));
  EXPECT_EQ(fair.get(order.id).total, 4202) << "50.00 hold 7.98";
  EXPECT_EQ(fair.pay(order.id).outcome, ChargeOutcome::succeeded);
  EXPECT_EQ(fair.get(order.id).status, OrderStatus::paid);
  EXPECT_EQ(faults_of(order.id), "");
}

}  // namespace
}  // namespace plenary::registration
