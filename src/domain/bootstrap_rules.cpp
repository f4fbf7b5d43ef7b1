// Planning the quotas and automatic discounts of a conference file. Both are known by their names. source:
// registration 20, 3.7, 4 and 6; configuration 10, 6.5.
#include <algorithm>
#include <set>

#include "domain/bootstrap_sales.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::domain {
namespace {

using registration::Id;

constexpr std::size_t longest_shown_name = 100;

std::string or_none(const std::vector<std::string>& words) {
  return words.empty() ? "(none)" : joined(words);
}

std::string percent_text(const Decimal& percent) {
  return percent.normalized().to_string() + " %";
}

// "t-shirt/m" of a stored variation; empty: its product is gone.
std::string slug_of(const StoredRows& stored, const registration::Variation& variation) {
  for (const registration::TicketType& ticket : stored.tickets)
    if (variation.ticket_type_id == std::optional(ticket.id)) return ticket.slug + "/" + variation.slug;
  for (const registration::AddOn& addon : stored.addons)
    if (variation.addon_id == std::optional(addon.id)) return addon.slug + "/" + variation.slug;
  return {};
}

// Every name of the list, by slug_key: those of the database as they are there.
std::map<std::string, std::string> names_of(const SalesPlanning& sales, ProductList list) {
  std::map<std::string, std::string> names;
  const auto add = [&](const std::string& name) { names.emplace(slug_key(name), name); };
  switch (list) {
    case ProductList::tickets:
      for (const auto& one : sales.stored.tickets) add(one.slug);
      for (const auto& one : sales.file.tickets) add(one.slug);
      break;
    case ProductList::addons:
      for (const auto& one : sales.stored.addons) add(one.slug);
      for (const auto& one : sales.file.addons) add(one.slug);
      break;
    case ProductList::variations:
      for (const auto& one : sales.stored.variations) add(slug_of(sales.stored, one));
      for (const auto& product : sales.file.tickets)
        for (const auto& one : product.selling.variations) add(product.slug + "/" + one.slug);
      for (const auto& product : sales.file.addons)
        for (const auto& one : product.selling.variations) add(product.slug + "/" + one.slug);
      break;
  }
  return names;
}

template <class Row>
std::vector<std::string> slugs_of(const std::vector<Row>& rows, const std::vector<Id>& ids) {
  std::vector<std::string> slugs;
  for (const Row& row : rows)
    if (std::find(ids.begin(), ids.end(), row.id) != ids.end()) slugs.push_back(row.slug);
  std::sort(slugs.begin(), slugs.end());
  return slugs;
}

// The stored row of a name. Two of them are a problem: the file cannot say which one is meant.
template <class Row, class NameOf>
const Row* by_name(const SalesPlanning& sales, const std::vector<Row>& rows, const std::string& name,
                   config::Place place, const std::string& path, NameOf name_of) {
  const Row* found = nullptr;
  for (const Row& row : rows) {
    if (slug_key(name_of(row)) != slug_key(name)) continue;
    if (found) {
      sales.problem(place, path, name, "two of this name in the database", "names that differ",
                    "give one of them another name in the admin");
      break;
    }
    found = &row;
  }
  return found;
}

void set_window(const SalesPlanning& sales, Overwrite& overwrite, registration::Condition& row,
                const config::DiscountEntry& entry) {
  if (!entry.available) return;
  const auto shown = [&](const std::optional<Instant>& t) { return shown_moment(t, sales.zone); };
  const config::AvailabilityEntry& window = *entry.available;
  if (window.opens)
    overwrite.set(row.start_time, std::optional(sales.zone.day_start(*window.opens)), "available.opens",
                  shown);
  if (window.opens_at) overwrite.set(row.start_time, window.opens_at, "available.opens_at", shown);
  if (window.closes)
    overwrite.set(row.end_time, std::optional(sales.zone.day_end(*window.closes)), "available.closes", shown);
  if (window.closes_at) overwrite.set(row.end_time, window.closes_at, "available.closes_at", shown);
}

// The groups that the file names, as ids.
void set_groups(const SalesPlanning& sales, AppliedItem& item, PlannedDiscount& planned,
                const config::DiscountEntry& entry, const std::string& path) {
  if (!entry.groups || !sales.stored.groups) return;
  std::vector<std::string> before, after;
  for (const auto& [name, id] : *sales.stored.groups)
    if (std::find(planned.links.groups.begin(), planned.links.groups.end(), id) != planned.links.groups.end())
      before.push_back(name);
  planned.links.groups.clear();
  for (const config::NamedSlug& wanted : *entry.groups) {
    const auto found = sales.stored.groups->find(wanted.slug);
    if (found == sales.stored.groups->end()) {
      sales.problem(wanted.place, path + ".groups", entry.name, "unknown group \"" + wanted.slug + "\"",
                    "the name of a group as the admin lists them", "correct it, or make the group first");
      continue;
    }
    planned.links.groups.push_back(found->second);
    after.push_back(found->first);
  }
  std::sort(after.begin(), after.end());
  Overwrite(item).set(before, after, "groups", or_none);
}

// Links without which nobody would get it.
void require_links(const SalesPlanning& sales, const PlannedDiscount& planned,
                   const config::DiscountEntry& entry, const std::string& path) {
  using Kind = registration::ConditionKind;
  const auto missing = [&](const char* key, const char* text) {
    sales.problem(entry.places.of(key), path + "." + key, entry.name, "nothing", text,
                  "without one nobody gets it");
  };
  const auto is_empty = [](const ProductNames& names, const std::vector<Id>& stored) {
    return names ? names->empty() : stored.empty();
  };
  if (planned.row.kind == Kind::included_product &&
      is_empty(planned.enabling_tickets, planned.links.enabling_ticket_types))
    missing("requires", "at least one ticket whose buyers get it");
  if (planned.row.kind == Kind::group_member && planned.links.groups.empty() &&
      !(entry.groups && !entry.groups->empty()))
    missing("groups", "at least one group");
  if (planned.row.ticket_scope == registration::Scope::selected &&
      is_empty(planned.tickets, planned.links.products.ticket_types))
    missing("tickets", "\"all\", \"none\", or at least one ticket");
  if (planned.row.addon_scope == registration::Scope::selected &&
      is_empty(planned.addons, planned.links.products.addons))
    missing("addons", "\"all\", \"none\", or at least one add-on");
}

PlannedDiscount plan_discount(const SalesPlanning& sales, const config::DiscountEntry& entry,
                              const std::string& path, AppliedItem& item) {
  const StoredDiscount* stored =
      by_name(sales, sales.stored.discounts, entry.name, entry.places.of("name"), path,
              [](const StoredDiscount& one) -> const std::string& { return one.row.name; });
  item.kind = ItemKind::discount;
  item.created = !stored;
  PlannedDiscount planned;
  if (stored) {
    planned.row = stored->row;
    planned.links = stored->links;
  }
  registration::Condition& row = planned.row;
  row.conference_id = sales.plan.conference.row.id;
  const db::Table& table = registration::condition_table();
  Overwrite overwrite(item);
  overwrite.set(row.name, entry.name, "name", or_empty);
  set_word(item, table, &row, "kind", entry.kind, "kind");
  if (entry.percent) {
    set_word(item, table, &row, "discount_type", "percentage", "discount_type");
    overwrite.set(row.percent, *entry.percent, "percent", percent_text);
  }
  if (entry.amount) {
    set_word(item, table, &row, "discount_type", "fixed_amount", "discount_type");
    overwrite.set(row.amount, sales.minor_of(*entry.amount), "amount",
                  [&](std::int64_t minor) { return sales.show(minor); });
  }
  if (entry.description) overwrite.set(row.description, *entry.description, "description", beginning);
  if (entry.active) overwrite.set(row.is_active, *entry.active, "active", yes_no);
  if (entry.priority) overwrite.set(row.priority, *entry.priority, "priority", number);
  if (entry.per_line) overwrite.set(row.max_quantity, *entry.per_line, "per_line", count_or_unlimited);
  if (entry.quantity) overwrite.set(row.usage_limit, *entry.quantity, "quantity", count_or_unlimited);
  if (!registration::has_window(row.kind)) {  // of the kind that it was until now
    row.start_time.reset();
    row.end_time.reset();
    row.usage_limit = 0;
  }
  set_window(sales, overwrite, row, entry);
  if (entry.presenters) overwrite.set(row.is_presenter, *entry.presenters, "presenters", yes_no);
  if (entry.copresenters) overwrite.set(row.is_copresenter, *entry.copresenters, "copresenters", yes_no);
  const auto scope = [&](ProductList list, const std::optional<config::ScopeEntry>& wanted,
                         const char* column, const std::vector<Id>& ids, const char* key,
                         ProductNames& names) {
    if (!wanted) return;
    const ScopePlan made =
        plan_scope(sales, item, list, *wanted, table.find_column(column)->text(&row).value_or(""), ids, path,
                   key, entry.name);
    table.find_column(column)->set_text(&row, made.word);
    names = made.slugs;
  };
  scope(ProductList::tickets, entry.tickets, "ticket_scope", planned.links.products.ticket_types, "tickets",
        planned.tickets);
  scope(ProductList::addons, entry.addons, "addon_scope", planned.links.products.addons, "addons",
        planned.addons);
  if (entry.requires_tickets) {
    planned.enabling_tickets =
        resolved_products(sales, ProductList::tickets, *entry.requires_tickets, path, "requires", entry.name);
    std::vector<std::string> before = slugs_of_tickets(sales, planned.links.enabling_ticket_types);
    overwrite.set(before, *planned.enabling_tickets, "requires", or_none);
  }
  set_groups(sales, item, planned, entry, path);
  require_links(sales, planned, entry, path);
  sales.check(table, &row, entry.places, path, entry.name,
              {{"ticket_scope", "tickets"},
               {"addon_scope", "addons"},
               {"start_time", "available"},
               {"end_time", "available"},
               {"usage_limit", "quantity"},
               {"discount_type", "kind"},
               {"is_copresenter", "presenters"}});
  item.detail = row.discount_type == registration::DiscountType::percentage ? percent_text(row.percent)
                                                                            : sales.show(row.amount);
  return planned;
}

PlannedQuota plan_quota(const SalesPlanning& sales, const config::QuotaEntry& entry, const std::string& path,
                        AppliedItem& item) {
  const registration::Quota* stored =
      by_name(sales, sales.stored.quotas, entry.name, entry.places.of("name"), path,
              [](const registration::Quota& one) -> const std::string& { return one.name; });
  item.kind = ItemKind::quota;
  item.created = !stored;
  PlannedQuota planned;
  if (stored) planned.row = *stored;
  registration::Quota& row = planned.row;
  row.conference_id = sales.plan.conference.row.id;
  Overwrite overwrite(item);
  overwrite.set(row.name, entry.name, "name", or_empty);
  const auto committed = sales.stored.quota_committed.find(row.id);
  const bool is_smaller = entry.size != 0 && (row.size == 0 || entry.size < row.size);
  if (stored && is_smaller && !sales.force && committed != sales.stored.quota_committed.end() &&
      entry.size < committed->second.sold + committed->second.held)
    sales.problem(entry.places.of("size"), path + ".size", entry.name, std::to_string(entry.size),
                  fmt::format("0 (unlimited) or at least {} ({} sold, {} held by carts and unpaid orders)",
                              committed->second.sold + committed->second.held, committed->second.sold,
                              committed->second.held),
                  "raise it, or use --force to stop the sale below what is sold");
  overwrite.set(row.size, entry.size, "size", count_or_unlimited);
  const auto products = [&](ProductList list, const std::optional<std::vector<config::NamedSlug>>& wanted,
                            std::vector<std::string> before, const char* key, ProductNames& names) {
    if (!wanted) return;
    names = resolved_products(sales, list, *wanted, path, key, entry.name);
    overwrite.set(before, *names, key, or_none);
  };
  std::vector<std::string> variations;
  for (const registration::Variation& one : sales.stored.variations)
    if (std::find(row.variations.begin(), row.variations.end(), one.id) != row.variations.end())
      variations.push_back(slug_of(sales.stored, one));
  std::sort(variations.begin(), variations.end());
  products(ProductList::tickets, entry.tickets, slugs_of_tickets(sales, row.ticket_types), "tickets",
           planned.tickets);
  products(ProductList::addons, entry.addons, slugs_of_addons(sales, row.addons), "addons", planned.addons);
  products(ProductList::variations, entry.variations, variations, "variations", planned.variations);
  sales.check(registration::quota_table(), &row, entry.places, path, entry.name);
  item.detail = row.size == 0 ? "unlimited" : fmt::format("{} together", row.size);
  return planned;
}

// What both lists have in common: the items, and what only the database has.
template <class Entry, class Planned, class Plan>
void plan_list(const SalesPlanning& sales, const std::vector<Entry>& entries, const char* list,
               std::vector<Planned>& planned, Plan plan) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    AppliedItem item;
    Planned one = plan(sales, entries[i], fmt::format("conference.{}[{}]", list, i), item);
    item.name = one.row.name;
    item.slug = slug_from(one.row.name, longest_shown_name);
    one.write = item.created || !item.changes.empty();
    sales.plan.report.items.push_back(std::move(item));
    one.item = sales.plan.report.items.size() - 1;
    planned.push_back(std::move(one));
  }
}

template <class Entry>
void note_absent(const SalesPlanning& sales, ItemKind kind, const std::vector<Entry>& entries,
                 const std::string& name) {
  const bool is_there = std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return slug_key(entry.name) == slug_key(name);
  });
  if (!is_there) sales.plan.report.absent.push_back({kind, name, slug_from(name, longest_shown_name)});
}

}  // namespace

std::vector<std::string> resolved_products(const SalesPlanning& sales, ProductList list,
                                           const std::vector<config::NamedSlug>& wanted,
                                           const std::string& path, const char* key,
                                           const std::string& name) {
  const std::map<std::string, std::string> known = names_of(sales, list);
  std::set<std::string> slugs;
  std::vector<std::string> unknown;
  std::optional<config::Place> place;
  for (const config::NamedSlug& one : wanted) {
    if (const auto found = known.find(slug_key(one.slug)); found != known.end()) {
      slugs.insert(found->second);
      continue;
    }
    unknown.push_back(one.slug);
    if (!place) place = one.place;
  }
  if (!unknown.empty()) {
    const bool is_ticket = list == ProductList::tickets;
    const std::string what = is_ticket ? "ticket" : list == ProductList::addons ? "add-on" : "variation";
    const std::string types = is_ticket ? "ticket types" : what + "s";
    sales.problem(*place, path + "." + key, name, "unknown " + what + " slugs: " + joined(unknown),
                  "slugs of " + types + " of this conference",
                  "correct them, or add the " + types + " to the file");
  }
  return {slugs.begin(), slugs.end()};
}

std::vector<std::string> slugs_of_tickets(const SalesPlanning& sales, const std::vector<Id>& ids) {
  return slugs_of(sales.stored.tickets, ids);
}
std::vector<std::string> slugs_of_addons(const SalesPlanning& sales, const std::vector<Id>& ids) {
  return slugs_of(sales.stored.addons, ids);
}

ScopePlan plan_scope(const SalesPlanning& sales, AppliedItem& item, ProductList list,
                     const config::ScopeEntry& entry, const std::string& stored_word,
                     const std::vector<Id>& stored_ids, const std::string& path, const char* key,
                     const std::string& name) {
  using Scope = config::ScopeEntry::Scope;
  ScopePlan made;
  made.word = entry.scope == Scope::all ? "all" : entry.scope == Scope::none ? "none" : "selected";
  made.slugs = resolved_products(sales, list, entry.slugs, path, key, name);
  std::vector<std::string> before{stored_word}, after{made.word};
  if (stored_word == "selected")
    before = list == ProductList::tickets ? slugs_of_tickets(sales, stored_ids)
                                          : slugs_of_addons(sales, stored_ids);
  if (entry.scope == Scope::selected) after = *made.slugs;
  // A list of one product that is called "all" is not the word.
  const bool same_kind = stored_word == made.word;
  if (before == after && !same_kind) before = {stored_word + ":"};
  Overwrite(item).set(before, after, key, or_none);
  return made;
}

void plan_quotas(const SalesPlanning& sales) {
  plan_list(sales, sales.file.quotas, "quotas", sales.plan.quotas, plan_quota);
  for (const registration::Quota& quota : sales.stored.quotas)
    note_absent(sales, ItemKind::quota, sales.file.quotas, quota.name);
}

void plan_discounts(const SalesPlanning& sales) {
  plan_list(sales, sales.file.discounts, "discounts", sales.plan.discounts, plan_discount);
  for (const StoredDiscount& discount : sales.stored.discounts)
    note_absent(sales, ItemKind::discount, sales.file.discounts, discount.row.name);
}

}  // namespace plenary::domain
