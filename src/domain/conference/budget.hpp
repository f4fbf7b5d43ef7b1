// Money planned and spent: expense categories, expenses, and the targets that the dashboard measures by. Owns
// the tables expense_category, expense and kpi_target; money is minor units of the conference's currency. The
// figures themselves (revenue, attendance, grants) are made by the reports, which may ask every room.
// Functions of a transaction: one thread at a time. Refused where a rule needs other rows. source:
// configuration 10, 4.3, 4.4 and 9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "db/entity.hpp"
#include "db/tx.hpp"

namespace plenary::conference {

struct ExpenseCategory {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::string name;
  std::string slug;
  std::string description;
  std::optional<std::int64_t> budget_amount;  // minor units; nothing: not planned
  std::int64_t order = 0;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

struct Expense {
  std::int64_t id = 0;
  std::int64_t conference_id = 0;
  std::int64_t category_id = 0;  // of the same conference
  std::string description;
  std::int64_t amount = 0;  // minor units, > 0
  Date date;
  std::string vendor;
  std::string receipt_reference;
  std::string notes;
  std::optional<std::int64_t> created_by;
  std::int64_t version = 1;
  Instant created_at;
  Instant updated_at;
};

// At most one row a conference. Rates are percents from 0 to 100 with at most two decimals; nothing stands
// for the usual value, see kpi_values.
struct KpiTarget {
  std::int64_t conference_id = 0;
  std::optional<Decimal> target_conversion_rate;  // cart to order
  std::optional<Decimal> target_refund_rate;      // not more than
  std::optional<Decimal> target_checkin_rate;
  std::optional<Decimal> target_fulfillment_rate;  // sponsor benefits
  std::optional<Decimal> target_room_utilization;
  std::optional<std::int64_t> target_revenue_per_attendee;  // minor units
  std::int64_t version = 1;
  Instant updated_at;
};

// By order, then name.
std::vector<ExpenseCategory> expense_categories(db::Tx& tx, std::int64_t conference_id);
struct CategorySpending {
  ExpenseCategory category;
  std::int64_t spent = 0;  // minor units
  std::int64_t expenses = 0;
};
// The same with what was spent in each.
std::vector<CategorySpending> spending(db::Tx& tx, std::int64_t conference_id);
// Newest date first, then newest made.
std::vector<Expense> expenses(db::Tx& tx, std::int64_t conference_id);

// What the description of the table cannot see: the category belongs to the expense's conference. The error
// stands at category_id.
std::vector<db::FieldError> check_expense(db::Tx& tx, const Expense& expense);
// As stored. They throw Refused for what check_expense finds; nothing comes back where somebody else changed
// the row since it was loaded.
Expense create_expense(db::Tx& tx, Expense expense);
std::optional<Expense> update_expense(db::Tx& tx, Expense expense);

// The row's values, the usual ones where it has none or where there is no row.
struct KpiValues {
  Decimal conversion_rate = Decimal::scaled(30, 1), refund_rate = Decimal::scaled(50, 1),
          checkin_rate = Decimal::scaled(800, 1), fulfillment_rate = Decimal::scaled(900, 1),
          room_utilization = Decimal::scaled(280, 1);
  std::optional<std::int64_t> revenue_per_attendee;
};
KpiValues kpi_values(const std::optional<KpiTarget>& target);
std::optional<KpiTarget> kpi_target(db::Tx& tx, std::int64_t conference_id);

const db::Entity<ExpenseCategory>& expense_category_table();
const db::Entity<Expense>& expense_table();
const db::Entity<KpiTarget>& kpi_target_table();

}  // namespace plenary::conference
