// The fixture of tests about orders that change: a fair with taxes, variations and policies, orders of its
// buyers, and what must be true of every order at any time.
#pragma once

#include <numeric>

#include "domain/accounts/users.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/refunds.hpp"
#include "domain/registration/sale.hpp"
#include "domain/registration/self_service.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::registration::testing {

// A gateway that is asked after the commit, or says no.
class OtherGateway : public SandboxGateway {
 public:
  bool at_once = true;
  RefundOutcome outcome = RefundOutcome::succeeded;
  bool answers_at_once() const override { return at_once; }
  RefundAnswer refund(const RefundRequest&) const override { return {outcome, "", "the card was closed"}; }
};

// 19 %, contained in the price.
inline Id save_standard_tax(db::Tx& tx, Id conference_id) {
  TaxRule rule;
  rule.conference_id = conference_id;
  rule.name = rule.slug = "standard";
  rule.rate = Decimal(19);
  return save(tx, rule);
}

class Changing : public Sale {
 protected:
  const Cause staff{"admin", "eve", "asked by phone"}, buyer{"site", "buyer", "changed on the order page"};
  std::map<std::string, Id> variations;

  // individual 119.00 with 19 % in it, 20 of them; student 50.00; a shirt in S and M (25.00) and XL (30.00);
  // a tutorial 40.00 that needs an individual ticket.
  Fair& open_fair(std::int64_t individual = 20) {
    Fair& fair =
        open({.capacity = 50,
              .ticket_types = {ticket("individual", 11900, individual, 50), ticket("student", 5000, 30, 50)},
              .addons = {addon("shirt", 2500, 30), addon("tutorial", 4000, 5, {0})},
              .max_tickets_per_cart = 40});
    fair.shop.limits.enabled = false;
    fair.write([&](db::Tx& tx) {
      const Id rule_id = save_standard_tax(tx, fair.conference_id);
      const auto catalogue = load_catalogue(tx, fair.conference_id, fair.settings);
      for (TicketType type : catalogue->ticket_types) {
        type.tax_rule_id = rule_id;
        save(tx, type);
      }
      for (AddOn extra : catalogue->addons) {
        extra.tax_rule_id = rule_id;
        save(tx, extra);
        if (extra.slug != "shirt") continue;
        for (const char* size : {"s", "m", "xl"}) {
          Variation variation;
          variation.conference_id = fair.conference_id;
          variation.addon_id = extra.id;
          variation.name = variation.slug = size;
          if (std::string(size) == "xl") variation.price = 3000;
          variation.total_quantity = std::string(size) == "xl" ? 2 : 0;
          variations[size] = save(tx, variation);
        }
      }
    });
    return fair;
  }
  void policy(const std::string& columns) {
    fair().write([&](db::Tx& tx) {
      const std::string sql =
          "UPDATE conference SET " + columns + ", catalogue_version = catalogue_version + 1 WHERE id = $1";
      tx.exec(sql.c_str(), fair().conference_id);
    });
  }
  // Until the end of the day, 10 percent but at least 5.00.
  void offer_self_service(const std::string& refund = "original") {
    const auto until = std::to_string((fair().clock.now() + Duration::hours(12)).micros);
    policy("self_change_until = " + until + ", self_cancel_until = " + until +
           ", cancel_fee_percent = '10', cancel_fee_amount = 500, cancel_refund = '" + refund + "'");
  }
  Id person(const std::string& name) {
    return fair().write([&](db::Tx& tx) {
      return accounts::become_account(tx, {name + "@example.com", name, "en", "hash"}).id;
    });
  }

  struct Item {
    std::string slug, variation = {};
    std::int64_t quantity = 1;
  };
  Order ordered(const std::vector<Item>& items, const Visitor& who) {
    for (const Item& item : items)
      fair().write([&](db::Tx& tx) {
        const AddItem add{item.slug, item.quantity, item.variation, {}};
        const bool extra = item.slug == "shirt" || item.slug == "tutorial";
        return extra ? add_addon(tx, fair().shop, who, add) : add_ticket(tx, fair().shop, who, add);
      });
    return fair().get(fair().order(who, "ada@example.com").order_id);
  }
  Order paid(const std::vector<Item>& items) { return paid(items, fair().guest("ada")); }
  Order paid(const std::vector<Item>& items, const Visitor& who) {
    const Order order = ordered(items, who);
    EXPECT_EQ(fair().pay(order.id).outcome, ChargeOutcome::succeeded);
    return fair().get(order.id);
  }
  Id product(const std::string& slug) {
    return fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      const TicketType* type = catalogue->ticket_type(slug);
      return type ? type->id : catalogue->addon(slug)->id;
    });
  }
  static Id line_of(const Order& order, const std::string& text) {
    for (const OrderLine& line : lines_left(order.lines))
      if (line.description.find(text) != std::string::npos) return line.id;
    ADD_FAILURE() << "no line " << text;
    return 0;
  }
  ChangePlan change(Id order_id, const WantedChange& wanted) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return change_by_staff(tx, fair().shop, order, wanted, order.version, staff);
    });
  }
  StartedChange self_change(Id order_id, const WantedChange& wanted) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      const auto plan = preview_change(tx, fair().shop, order, wanted);
      return change_by_buyer(tx, fair().shop, fair().gateway, order, wanted, order.version, plan.difference(),
                             buyer);
    });
  }
  CancelPreview preview(Id order_id) {
    return fair().read([&](db::Tx& tx) {
      const auto catalogue = load_catalogue(tx, fair().conference_id, fair().settings);
      return preview_cancellation(tx, *catalogue, find_order(tx, order_id).value());
    });
  }
  void self_cancel(Id order_id) {
    const CancelPreview shown = preview(order_id);
    fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      cancel_by_buyer(tx, fair().shop, fair().gateway, order, order.version, shown.comes_back, buyer);
    });
  }
  std::vector<Id> give_back(Id order_id, RefundAsked asked) {
    return give_back(order_id, asked, fair().gateway);
  }
  std::vector<Id> give_back(Id order_id, RefundAsked asked, const PaymentGateway& gateway) {
    return fair().write([&](db::Tx& tx) {
      Order order = find_order(tx, order_id).value();
      return refund(tx, fair().shop, gateway, order, asked, staff);
    });
  }
  // The letters about the order, in the order in which they were written.
  std::vector<std::string> letters(Id order_id) {
    return fair().read([&](db::Tx& tx) {
      std::vector<std::string> names;
      const std::string begin = "{\"message\":\"", of = "\"order\":" + std::to_string(order_id);
      for (const std::string& payload : tx.query<std::string>(
               "SELECT payload FROM outbox WHERE payload LIKE '%\"message\":%' ORDER BY id")) {
        const std::size_t at = payload.find(of), end = at + of.size();
        if (at == std::string::npos || (payload[end] != ',' && payload[end] != '}')) continue;
        const std::size_t from = payload.find(begin.substr(1)) + begin.size() - 1;
        names.push_back(payload.substr(from, payload.find('"', from) - from));
      }
      return names;
    });
  }
  OrderMoney money(Id order_id) {
    return fair().read([&](db::Tx& tx) { return money_of(tx, find_order(tx, order_id).value()); });
  }
  std::vector<Seat> seats(Id order_id) {
    return fair().read([&](db::Tx& tx) { return seats_of(tx, order_id); });
  }

  // What is true of every order at any time; empty: all of it.
  std::string faults_of(Id order_id) {
    const Order order = fair().get(order_id);
    const OrderMoney now = money(order_id);
    std::string faults;
    const auto must = [&](bool holds, const std::string& what) {
      if (!holds) faults += order.reference + ": " + what + "\n";
    };
    const OrderSums sums = sums_of(order.lines);
    must(sums == OrderSums{order.subtotal, order.discount, order.tax, order.total},
         "sums are not those of the lines");
    std::int64_t totals = 0;
    for (const OrderLine& line : order.lines) {
      totals += line.line_total;
      must(line.gross == line.net + line.tax, "gross is not net and tax: " + line.description);
      must(line.line_total ==
               line.unit_price * line.quantity - line.condition_discount - line.voucher_discount,
           "a line total is not price less discounts: " + line.description);
    }
    must(order.subtotal - order.discount == totals, "subtotal less discount is not the total of the lines");
    for (const OrderLine& left : lines_left(order.lines))
      must(left.gross >= 0 && left.net >= 0 && left.tax >= 0 && left.line_total >= 0 &&
               left.condition_discount >= 0 && left.voucher_discount >= 0,
           "a part of a line is below zero: " + left.description);
    std::int64_t came = 0, refunded = 0;
    for (const PaymentMoney& payment : now.payments) {
      const bool is_here =
          payment.status == PaymentStatus::succeeded || payment.status == PaymentStatus::refunded;
      const bool is_void = order.status == OrderStatus::refunded && !payment.is_money();
      if (is_here && !is_void) came += payment.amount;
      refunded += payment.refunded + payment.requested;
      must(payment.refunded + payment.requested <= payment.amount, "more went back than was paid");
      must(payment.status != PaymentStatus::refunded || payment.refunded == payment.amount,
           "a payment is called refunded and is not");
    }
    must(now.kept == came - refunded, "kept is not paid less refunded");
    const bool sold = order.status == OrderStatus::paid || order.status == OrderStatus::partially_refunded;
    const auto left = lines_left(order.lines);
    must(static_cast<std::int64_t>(seats(order_id).size()) == (sold ? ticket_units(left) : 0),
         "seats are not the tickets that are left");
    if (sold) {
      must(product_units(left) > 0, "a paid order without units");
      for (const auto& [line, count] : seats_by_line(order_id)) {
        const OrderLine* ordered = find_line(left, line);
        must(ordered && ordered->quantity == count, "a line has not as many seats as tickets");
      }
    }
    must(order.status != OrderStatus::refunded || product_units(left) == 0, "a refunded order with units");
    return faults;
  }
  std::map<Id, std::int64_t> seats_by_line(Id order_id) {
    return fair().read([&](db::Tx& tx) {
      std::map<Id, std::int64_t> seats;
      for (const Id line :
           tx.query<Id>("SELECT order_line_id FROM seat WHERE order_id = $1 AND status = 'active'", order_id))
        ++seats[line];
      return seats;
    });
  }
};

}  // namespace plenary::registration::testing
