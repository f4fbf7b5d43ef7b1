// A seller with a conference that sells tickets at 19 % and lunches at 7 %, both included in the price, and
// orders made and changed by hand, on either engine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/codes.hpp"
#include "domain/conference/types.hpp"
#include "domain/invoicing/documents.hpp"
#include "domain/registration/order_changes.hpp"
#include "domain/registration/staff_orders.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::invoicing::testing {

using registration::Order;

class Stall : public test::DatabaseTest {
 protected:
  void SetUp() override;

  template <class F>
  auto write(F&& fn) {
    return db().write_now(fair_, "test", fn);
  }
  template <class F>
  auto read(F&& fn) {
    return db().read_now(fn);
  }
  // The code of what `act` refuses; "" when it refuses nothing.
  template <class F>
  std::string refusal(F&& act) {
    try {
      act();
    } catch (const Refused& refused) {
      return refused.code();
    }
    return {};
  }

  Id make_seller(const std::string& prefix);
  Id make_conference(const std::string& slug, std::optional<Id> seller, const std::string& currency = "EUR");
  void change_conference(const std::function<void(conference::Conference&)>& change);
  void change_seller(const std::function<void(conference::Seller&)>& change);

  // So many tickets at 119.00 and lunches at 21.40.
  Order place(std::int64_t tickets, std::int64_t lunches = 0, bool is_sandbox = false);
  void pay(Id order_id);
  Order paid(std::int64_t tickets, std::int64_t lunches = 0, bool is_sandbox = false);
  Order get(Id order_id);

  // Takes back units of a line as staff would: a line of its own.
  void take_back(Id order_id, std::size_t line, std::int64_t quantity);
  // A new line of the kind, of this gross price at 19 %.
  void add_line(Id order_id, const std::string& kind, std::int64_t gross, const std::string& description);
  // Bank transfers are offered, and cost this.
  void ask_fee(std::int64_t transfer_fee);
  // As staff, the buyer and the bank do; events are told as domain/events.cpp does.
  void change(Id order_id, const registration::WantedChange& wanted);
  void give_back(Id order_id, std::int64_t amount);  // money, and the price is lower by as much
  void make_dearer(Id order_id, std::int64_t price_of_each);
  void choose_transfer(Id order_id);
  void transfer(Id order_id, std::int64_t amount, std::optional<Date> day = {});
  void set_status(Id order_id, const std::string& status);
  void refund(Id order_id, std::int64_t amount);

  std::vector<Document> settle(Id order_id);
  std::vector<Document> documents(Id order_id);
  // Sums over an order's lines and over its documents.
  std::int64_t lines_gross(Id order_id);
  std::int64_t lines_tax(Id order_id);
  std::int64_t documents_gross(Id order_id);
  std::int64_t documents_tax(Id order_id);
  std::string faults();

  Id seller_ = 0, fair_ = 0;
  Id ticket_ = 0, lunch_ = 0, standard_ = 0, reduced_ = 0;

 private:
  // `act` with a shop, and the order as it is.
  void at_work(Id order_id, const std::function<void(db::Tx&, const registration::Shop&, Order&)>& act,
               bool changes_it = true);
  void insert_line(Id order_id, const std::string& kind, const std::string& description,
                   std::int64_t quantity, std::int64_t unit, std::int64_t gross, std::int64_t tax,
                   const std::string& rate, std::optional<Id> rule, std::optional<Id> reverses);
};

}  // namespace plenary::invoicing::testing
