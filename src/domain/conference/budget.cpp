#include "domain/conference/budget.hpp"

#include <unordered_map>
#include <utility>

#include "base/errors.hpp"

namespace plenary::conference {
namespace {

constexpr std::int64_t largest_amount = 999'999'999'999;  // minor units; source: 10, 6.10.3
constexpr std::int64_t largest_integer = 2'147'483'647;   // source: 10, 6.10.4

db::ColumnDraft rate(const char* name, std::optional<Decimal> KpiTarget::*member, const char* label,
                     const char* help) {
  return db::column(name, member).label(label).help(help);
}

template <std::optional<Decimal> KpiTarget::*member>
bool is_percent(const KpiTarget& target) {
  const std::optional<Decimal>& rate = target.*member;
  return !rate || (*rate >= Decimal(0) && *rate <= Decimal(100) && rate->fits_scale(2));
}

constexpr const char* percent_wanted = "Write a percentage from 0 to 100 with at most two decimals.";

}  // namespace

std::vector<ExpenseCategory> expense_categories(db::Tx& tx, std::int64_t conference_id) {
  return expense_category_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, name, id",
                                         conference_id);
}

std::vector<CategorySpending> spending(db::Tx& tx, std::int64_t conference_id) {
  std::unordered_map<std::int64_t, std::pair<std::int64_t, std::int64_t>> sums;
  for (const auto& [category, spent, count] : tx.query<std::int64_t, std::int64_t, std::int64_t>(
           "SELECT category_id, CAST(sum(amount) AS BIGINT), count(*) FROM expense WHERE conference_id = $1"
           " GROUP BY category_id",
           conference_id)) {
    sums[category] = {spent, count};
  }
  std::vector<CategorySpending> all;
  for (ExpenseCategory& category : expense_categories(tx, conference_id)) {
    const auto& [spent, count] = sums[category.id];
    all.push_back({std::move(category), spent, count});
  }
  return all;
}

std::vector<Expense> expenses(db::Tx& tx, std::int64_t conference_id) {
  return expense_table().select(tx, "WHERE conference_id = $1 ORDER BY date DESC, created_at DESC, id DESC",
                                conference_id);
}

std::vector<db::FieldError> check_expense(db::Tx& tx, const Expense& expense) {
  const auto owner =
      tx.maybe<std::int64_t>("SELECT conference_id FROM expense_category WHERE id = $1", expense.category_id);
  // A category that does not exist at all is found by the description of the table.
  if (!owner || *owner == expense.conference_id) return {};
  return {{"category_id", "rule", message("Choose a category of the expense's own conference."), {}}};
}

Expense create_expense(db::Tx& tx, Expense expense) {
  db::refuse_first(check_expense(tx, expense));
  return expense_table().insert(tx, std::move(expense));
}

std::optional<Expense> update_expense(db::Tx& tx, Expense expense) {
  db::refuse_first(check_expense(tx, expense));
  return expense_table().update(tx, std::move(expense));
}

KpiValues kpi_values(const std::optional<KpiTarget>& target) {
  KpiValues values;
  if (!target) return values;
  values.conversion_rate = target->target_conversion_rate.value_or(values.conversion_rate);
  values.refund_rate = target->target_refund_rate.value_or(values.refund_rate);
  values.checkin_rate = target->target_checkin_rate.value_or(values.checkin_rate);
  values.fulfillment_rate = target->target_fulfillment_rate.value_or(values.fulfillment_rate);
  values.room_utilization = target->target_room_utilization.value_or(values.room_utilization);
  values.revenue_per_attendee = target->target_revenue_per_attendee;
  return values;
}

std::optional<KpiTarget> kpi_target(db::Tx& tx, std::int64_t conference_id) {
  return kpi_target_table().find(tx, conference_id);
}

const db::Entity<ExpenseCategory>& expense_category_table() {
  using C = ExpenseCategory;
  static const db::Entity<C> table(
      "expense_category",
      {
          db::column("id", &C::id).generated_key(),
          db::column("conference_id", &C::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("name", &C::name).required().max_length(200),
          db::column("slug", &C::slug).required().max_length(200).format(db::TextFormat::slug),
          db::column("description", &C::description).max_length(10'000).format(db::TextFormat::paragraph),
          db::column("budget_amount", &C::budget_amount)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .label("Budget")
              .help("What is planned for this category. Empty: nothing is planned."),
          db::column("sort_order", &C::order)
              .minimum(0)
              .maximum(largest_integer)
              .label("Order")
              .help("Low numbers come first."),
          db::column("version", &C::version).version(),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>()
          .titled("Expense category", "Expense categories")
          .ordered_by("sort_order, name, id")
          .unique({"conference_id", "lower(slug)"}, "Another expense category has this slug."));
  return table;
}

const db::Entity<Expense>& expense_table() {
  using E = Expense;
  static const db::Entity<E> table(
      "expense",
      {
          db::column("id", &E::id).generated_key(),
          db::column("conference_id", &E::conference_id).references("conference").fixed(),
          db::column("category_id", &E::category_id).references("expense_category"),
          db::column("description", &E::description).required().max_length(500),
          db::column("amount", &E::amount).money().minimum(1).maximum(largest_amount),
          db::column("date", &E::date).help("The day the money was spent."),
          db::column("vendor", &E::vendor).max_length(300).help("Who was paid."),
          db::column("receipt_reference", &E::receipt_reference)
              .max_length(200)
              .label("Receipt")
              .help("Number or place of the receipt."),
          db::column("notes", &E::notes).max_length(10'000).format(db::TextFormat::paragraph),
          db::column("created_by", &E::created_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only()
              .help("Who entered it."),
          db::column("version", &E::version).version(),
          db::column("created_at", &E::created_at).created(),
          db::column("updated_at", &E::updated_at).updated(),
      },
      db::Rules<E>().titled("Expense", "Expenses").ordered_by("date DESC, created_at DESC, id DESC"));
  return table;
}

const db::Entity<KpiTarget>& kpi_target_table() {
  using K = KpiTarget;
  static const db::Entity<K> table(
      "kpi_target",
      {
          db::column("conference_id", &K::conference_id)
              .key()
              .references("conference", db::OnDelete::cascade),
          rate("target_conversion_rate", &K::target_conversion_rate, "Conversion rate",
               "Percent of the carts that become an order. Empty: 3.0."),
          rate("target_refund_rate", &K::target_refund_rate, "Refund rate",
               "Percent of the orders that are refunded, at most. Empty: 5.0."),
          rate("target_checkin_rate", &K::target_checkin_rate, "Check-in rate",
               "Percent of the attendees who come. Empty: 80.0."),
          rate("target_fulfillment_rate", &K::target_fulfillment_rate, "Fulfillment rate",
               "Percent of the sponsors' benefits that are delivered. Empty: 90.0."),
          rate("target_room_utilization", &K::target_room_utilization, "Room utilization",
               "Percent of the time that rooms are in use. Empty: 28.0."),
          db::column("target_revenue_per_attendee", &K::target_revenue_per_attendee)
              .money()
              .minimum(0)
              .maximum(9'999'999'999)
              .label("Revenue per attendee")
              .help("Empty: no target."),
          db::column("version", &K::version).version(),
          db::column("updated_at", &K::updated_at).updated(),
      },
      db::Rules<K>()
          .titled("KPI targets", "KPI targets")
          .ordered_by("conference_id")
          .must("target_conversion_rate", percent_wanted, &is_percent<&K::target_conversion_rate>)
          .must("target_refund_rate", percent_wanted, &is_percent<&K::target_refund_rate>)
          .must("target_checkin_rate", percent_wanted, &is_percent<&K::target_checkin_rate>)
          .must("target_fulfillment_rate", percent_wanted, &is_percent<&K::target_fulfillment_rate>)
          .must("target_room_utilization", percent_wanted, &is_percent<&K::target_room_utilization>));
  return table;
}

}  // namespace plenary::conference
