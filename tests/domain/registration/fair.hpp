// A small conference to sell tickets for: made through the domain functions, on either engine, with a clock
// set by hand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/codes.hpp"
#include "config/settings.hpp"
#include "db/database.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/stock.hpp"
#include "support/db/test_databases.hpp"

namespace plenary::registration::testing {

using test::ManualClock;

struct FairPlan {
  std::string slug = "fair";
  std::int64_t capacity = 0;
  std::vector<TicketType> ticket_types = {};
  std::vector<AddOn> addons = {};  // requires_ticket_types: indexes into ticket_types
  std::int64_t max_tickets_per_cart = 10;
};

// Derives the secret links of orders.
const SigningKey& test_link_key();

TicketType ticket(std::string slug, std::int64_t price, std::int64_t quantity, std::int64_t per_user = 10);
AddOn addon(std::string slug, std::int64_t price, std::int64_t quantity,
            std::vector<Id> requires_indexes = {});

class Fair {
 public:
  // `database` must be migrated; on SQLite its clock must be `clock` to let time pass by hand.
  Fair(db::Database& database, ManualClock& clock, const FairPlan& plan);

  Visitor guest(const std::string& name) const;  // one browser session a name
  Visitor user(Id id, const std::string& name) const;

  CartChange add(const Visitor& who, const std::string& slug, std::int64_t quantity = 1);
  CartChange add_extra(const Visitor& who, const std::string& slug, std::int64_t quantity = 1);
  PlacedOrder order(const Visitor& who, const std::string& email);
  PayResult pay(Id order_id, const std::string& card = "4242 4242 4242 4242");
  Order get(Id order_id);
  CartView cart(const Visitor& who);
  std::int64_t remaining(const std::string& slug);  // of a ticket type or add-on; -1: unlimited
  std::int64_t places();                            // of the conference; -1: unlimited
  std::int64_t sweep();
  // Empty when every count agrees. Every test that touched stock ends with it.
  std::string stock_faults();
  // The code of the Refused that `act` throws; "" when it throws none.
  template <class F>
  static std::string refusal(F&& act) {
    try {
      act();
    } catch (const Refused& refused) {
      return refused.code();
    }
    return {};
  }
  template <class F>
  static std::string refusal_text(F&& act) {
    try {
      act();
    } catch (const Refused& refused) {
      return refused.message();
    }
    return {};
  }
  template <class F>
  auto write(F&& fn) {
    return database.write_now(conference_id, "test", std::forward<F>(fn));
  }
  template <class F>
  auto read(F&& fn) {
    return database.read_now(std::forward<F>(fn));
  }

  db::Database& database;
  ManualClock& clock;
  config::ProgramSettings settings;
  Catalogues catalogues;
  Shop shop;
  SandboxGateway gateway;
  Id conference_id = 0;
};

// Makes the plan's rows; the conference's id. Also used by child processes that share a database.
Id make_fair(db::Database& database, const FairPlan& plan);

}  // namespace plenary::registration::testing
