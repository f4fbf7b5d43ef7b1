#include "domain/registration/conditions.hpp"

#include <algorithm>
#include <array>

#include "domain/accounts/groups.hpp"
#include "domain/registration/condition_checks.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/store_discounts.hpp"

namespace plenary::registration {
namespace {

constexpr std::array<std::string_view, 6> kind_texts{
    "time_limit", "speaker", "group_member", "included_product", "product_discount", "category_discount"};
constexpr std::array<std::string_view, 6> kind_labels{"Time or stock limit", "Speaker",
                                                      "Group member",        "Buyer of a ticket type",
                                                      "Product discount",    "Category discount"};

bool is_category(const Condition& c) {
  return c.kind == ConditionKind::category_discount;
}

ConditionLinks used(const Condition& condition, ConditionLinks links) {
  if (condition.ticket_scope != Scope::selected) links.products.ticket_types.clear();
  if (condition.addon_scope != Scope::selected) links.products.addons.clear();
  if (condition.kind != ConditionKind::included_product) links.enabling_ticket_types.clear();
  if (condition.kind != ConditionKind::group_member) links.groups.clear();
  for (auto* ids :
       {&links.products.ticket_types, &links.products.addons, &links.enabling_ticket_types, &links.groups}) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  return links;
}

void require(bool holds, const char* code, const char* text, const char* field) {
  if (!holds) throw Refused(code, text, {}, field);
}

void check(db::Tx& tx, const Condition& c, const ConditionLinks& links) {
  if (c.ticket_scope == Scope::selected) {
    require(!links.products.ticket_types.empty(), "scope_unnamed",
            message("Choose the ticket types it is for, or another scope."), "ticket_scope");
    require(store::are_ticket_types_of(tx, c.conference_id, links.products.ticket_types), "no_such",
            message("One of the ticket types is not of this conference."), "ticket_scope");
  }
  if (c.addon_scope == Scope::selected) {
    require(!links.products.addons.empty(), "scope_unnamed",
            message("Choose the add-ons it is for, or another scope."), "addon_scope");
    require(store::are_addons_of(tx, c.conference_id, links.products.addons), "no_such",
            message("One of the add-ons is not of this conference."), "addon_scope");
  }
  if (c.kind == ConditionKind::group_member) {
    require(!links.groups.empty(), "group_unnamed",
            message("Choose at least one group: without one nobody gets it."), "kind");
    for (const Id group : links.groups)
      require(accounts::user_group_table().find(tx, group).has_value(), "no_such",
              message("One of the groups does not exist any more."), "kind");
  }
  if (c.kind == ConditionKind::included_product) {
    require(!links.enabling_ticket_types.empty(), "product_unnamed",
            message("Choose the ticket types whose buyers get it: without one nobody does."), "kind");
    require(store::are_ticket_types_of(tx, c.conference_id, links.enabling_ticket_types), "no_such",
            message("One of the ticket types is not of this conference."), "kind");
  }
}

}  // namespace

std::string_view to_text(ConditionKind kind) {
  return kind_texts[static_cast<std::size_t>(kind)];
}
std::string_view label_of(ConditionKind kind) {
  return kind_labels[static_cast<std::size_t>(kind)];
}

bool has_window(ConditionKind kind) {
  return kind == ConditionKind::time_limit || kind == ConditionKind::product_discount ||
         kind == ConditionKind::category_discount;
}

const db::Entity<Condition>& condition_table() {
  using C = Condition;
  static const db::Entity<C> table(
      "discount_condition",
      {
          db::column("id", &C::id).generated_key(),
          db::column("conference_id", &C::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed(),
          db::column("kind", &C::kind)
              .choice("time_limit", std::string(kind_labels[0]))
              .choice("speaker", std::string(kind_labels[1]))
              .choice("group_member", std::string(kind_labels[2]))
              .choice("included_product", std::string(kind_labels[3]))
              .choice("product_discount", std::string(kind_labels[4]))
              .choice("category_discount", std::string(kind_labels[5]))
              .help("What it asks for. Time, product and category discounts can have a window and a limit."),
          db::column("name", &C::name).required().max_length(200),
          db::column("description", &C::description).format(db::TextFormat::paragraph),
          db::column("is_active", &C::is_active).label("Active"),
          db::column("priority", &C::priority)
              .minimum(-largest_count)
              .maximum(largest_count)
              .help("Lower numbers come first; an item gets the first discount that reaches it."),
          db::column("discount_type", &C::discount_type)
              .choices({"percentage", "fixed_amount"})
              .label("Discount")
              .help("A category discount is always a percentage."),
          db::column("percent", &C::percent).help("0 to 100, up to two decimals."),
          db::column("amount", &C::amount)
              .money()
              .minimum(0)
              .maximum(largest_amount)
              .help("Of a fixed amount: taken off each unit."),
          db::column("max_quantity", &C::max_quantity)
              .minimum(0)
              .maximum(largest_count)
              .label("Units of a line")
              .help("How many units of one line get it. 0: all of them."),
          db::column("ticket_scope", &C::ticket_scope)
              .choice("all", "All ticket types")
              .choice("selected", "Selected ticket types")
              .choice("none", "No ticket types")
              .label("Tickets"),
          db::column("addon_scope", &C::addon_scope)
              .choice("all", "All add-ons")
              .choice("selected", "Selected add-ons")
              .choice("none", "No add-ons")
              .label("Add-ons"),
          db::column("start_time", &C::start_time).label("From").help("Empty: from now on."),
          db::column("end_time", &C::end_time)
              .label("Until")
              .help("Last instant, included. Empty: without an end."),
          db::column("usage_limit", &C::usage_limit)
              .minimum(0)
              .maximum(largest_count)
              .label("Limit")
              .help("Units that get it over all orders. 0: no limit."),
          db::column("is_presenter", &C::is_presenter)
              .label("Presenters")
              .help("Of a speaker discount: every speaker of the conference gets it."),
          db::column("is_copresenter", &C::is_copresenter)
              .label("Co-presenters")
              .help("Of a speaker discount: also who presents together with others."),
          db::column("version", &C::version).version(),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>()
          .titled("Discount", "Discounts")
          .in_catalogue("conference_id")
          .ordered_by("priority, name, id")
          .must("discount_type", "A category discount is a percentage.",
                [](const C& c) { return !is_category(c) || c.discount_type == DiscountType::percentage; })
          .must("percent", "Percent must be between 0 and 100, with at most two decimals.",
                [](const C& c) { return is_percent(c.percent); })
          .must("amount", "A fixed amount must be more than nothing.",
                [](const C& c) { return c.discount_type != DiscountType::fixed_amount || c.amount > 0; })
          .must("ticket_scope", "A category discount is for all tickets or for none of them.",
                [](const C& c) { return !is_category(c) || c.ticket_scope != Scope::selected; })
          .must("addon_scope", "A category discount is for all add-ons or for none of them.",
                [](const C& c) { return !is_category(c) || c.addon_scope != Scope::selected; })
          .must("addon_scope", "It reaches no ticket and no add-on: choose at least one of them.",
                [](const C& c) { return c.ticket_scope != Scope::none || c.addon_scope != Scope::none; })
          .must("start_time", "This kind of discount has no window.",
                [](const C& c) { return has_window(c.kind) || !c.start_time; })
          .must("end_time", "This kind of discount has no window.",
                [](const C& c) { return has_window(c.kind) || !c.end_time; })
          .must("end_time", "It ends before it begins.",
                [](const C& c) { return !c.start_time || !c.end_time || *c.start_time <= *c.end_time; })
          .must("usage_limit", "This kind of discount has no limit.",
                [](const C& c) { return has_window(c.kind) || c.usage_limit == 0; })
          .must("is_copresenter", "Choose presenters, co-presenters or both: otherwise nobody gets it.",
                [](const C& c) {
                  return c.kind != ConditionKind::speaker || c.is_presenter || c.is_copresenter;
                }));
  return table;
}

std::optional<Condition> find_condition(db::Tx& tx, Id conference_id, Id condition_id) {
  return condition_table().maybe(tx, "WHERE id = $1 AND conference_id = $2", condition_id, conference_id);
}

std::vector<Condition> conditions_of(db::Tx& tx, Id conference_id) {
  return condition_table().select(tx, "WHERE conference_id = $1 ORDER BY priority, name, id", conference_id);
}

ConditionLinks links_of_condition(db::Tx& tx, Id condition_id) {
  return {{store::ticket_types_of_condition(tx, condition_id), store::addons_of_condition(tx, condition_id)},
          store::enabling_ticket_types_of(tx, condition_id),
          store::groups_of_condition(tx, condition_id)};
}

void check_condition(db::Tx& tx, const Condition& condition, const ConditionLinks& links) {
  check(tx, condition, used(condition, links));
}

Id save_condition(db::Tx& tx, const Condition& typed, const ConditionLinks& named) {
  Condition condition = typed;
  condition.percent = typed.percent.normalized();
  const ConditionLinks links = used(condition, named);
  refuse_first(condition_table().validate(condition));
  check(tx, condition, links);
  Id id = condition.id;
  if (id == 0)
    id = condition_table().insert(tx, condition).id;
  else if (!condition_table().update(tx, condition))
    throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.",
                  {{"name", condition.name}});
  store::set_products_of_condition(tx, id, links.products);
  store::set_enabling_ticket_types(tx, id, links.enabling_ticket_types);
  store::set_groups_of_condition(tx, id, links.groups);
  set_capacity(tx, condition.conference_id, StockKind::condition, id, condition.usage_limit);
  return id;
}

void check_links(db::Tx& tx, const Condition& condition) {
  check(tx, condition, links_of_condition(tx, condition.id));
  if (condition.ticket_scope != Scope::selected) store::forget_ticket_types_of_condition(tx, condition.id);
  if (condition.addon_scope != Scope::selected) store::forget_addons_of_condition(tx, condition.id);
  if (condition.kind != ConditionKind::included_product)
    store::set_enabling_ticket_types(tx, condition.id, {});
  if (condition.kind != ConditionKind::group_member) store::set_groups_of_condition(tx, condition.id, {});
  set_capacity(tx, condition.conference_id, StockKind::condition, condition.id, condition.usage_limit);
}

}  // namespace plenary::registration
