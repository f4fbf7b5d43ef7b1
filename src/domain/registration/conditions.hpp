// Automatic discounts, six kinds in one table: who or what they ask for differs, what they take off and what
// they reach is said alike. Lower priority numbers come first. Functions of a transaction: one thread at a
// time; Refused before anything is written. source: registration 20, 3.7, 6 and D9, D14.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/entity.hpp"
#include "domain/registration/discounts.hpp"

namespace plenary::registration {

enum class ConditionKind {
  time_limit,         // inside a window and below a number of units
  speaker,            // who presents
  group_member,       // who belongs to one of some groups
  included_product,   // who bought one of some ticket types
  product_discount,   // as time_limit
  category_discount,  // as time_limit; a percentage off all tickets, all add-ons, or both
};
enum class DiscountType { percentage, fixed_amount };
std::string_view to_text(ConditionKind kind);
std::string_view label_of(ConditionKind kind);  // English, for people

struct Condition {
  Id id = 0, conference_id = 0;
  ConditionKind kind = ConditionKind::time_limit;
  std::string name, description;
  bool is_active = true;
  std::int64_t priority = 0;
  DiscountType discount_type = DiscountType::percentage;
  Decimal percent;
  std::int64_t amount = 0;        // minor units, for each unit
  std::int64_t max_quantity = 0;  // units of a line; 0: no cap
  Scope ticket_scope = Scope::all, addon_scope = Scope::all;
  std::optional<Instant> start_time, end_time;       // inclusive at both ends
  std::int64_t usage_limit = 0;                      // discounted units; 0: unlimited
  bool is_presenter = true, is_copresenter = false;  // speaker
  std::int64_t version = 1;
  Instant created_at, updated_at;
};

// What stands in tables of its own.
struct ConditionLinks {
  ScopedProducts products;                // of scopes of `selected`
  std::vector<Id> enabling_ticket_types;  // included_product
  std::vector<Id> groups;                 // group_member: accounts::UserGroup
};

const db::Entity<Condition>& condition_table();

// Whether this kind knows a window and a number of units.
bool has_window(ConditionKind kind);

std::optional<Condition> find_condition(db::Tx& tx, Id conference_id, Id condition_id);
std::vector<Condition> conditions_of(db::Tx& tx, Id conference_id);  // by (priority, name)
ConditionLinks links_of_condition(db::Tx& tx, Id condition_id);

// Inserts (id == 0) or updates every field, and replaces the links. Refused: the first rule
// that does not hold, with its field; "scope_unnamed" and "no_such" as check_links; "changed_meanwhile".
Id save_condition(db::Tx& tx, const Condition& condition, const ConditionLinks& links = {});

// For who writes row and links by other ways (the data admin): call it when both are there. Refused: a scope
// of `selected` without a product, a group discount without a group, an included product without one,
// products of another conference. Links that the condition does not use are forgotten.
void check_links(db::Tx& tx, const Condition& condition);

}  // namespace plenary::registration
