// Planning the part of a conference file that is about selling: who sells, taxes, what buyers may do with a
// paid order, limits and variations of products. Header of bootstrap_plan.cpp alone. Pure; any thread.
// source: configuration 10, 6.5 and 6.6; taxes 25, 1 to 4; registration 20, D37.
#pragma once

#include <functional>
#include <string>

#include "domain/bootstrap_overwrite.hpp"
#include "domain/bootstrap_plan.hpp"

namespace plenary::domain {

// What the parts share with the planner.
struct SalesPlanning {
  const config::ConferenceFile& file;
  const StoredRows& stored;
  BootstrapPlan& plan;
  TimeZone zone;
  std::function<std::int64_t(const Money&)> minor_of;
  std::function<std::string(std::int64_t)> show;  // an amount
  bool force = false;                             // stock may fall below what is committed

  // A rule of the table that the row does not keep becomes a problem at the item.
  // `keys`: what the file calls some columns.
  using Keys = std::vector<std::pair<std::string_view, std::string_view>>;
  void check(const db::Table& table, const void* row, const config::Places& places, const std::string& path,
             const std::string& name, const Keys& keys = {}) const;
  void problem(config::Place place, std::string path, const std::string& name, std::string found,
               std::string allowed, std::string advice) const;
};

// Of a column whose values are words: an enumeration.
void set_word(AppliedItem& item, const db::Table& table, void* row, const char* column,
              const std::string& word, const char* key);

// What they reach are products of the file or the database; source: bootstrap_rules.cpp.
void plan_quotas(const SalesPlanning& sales);
void plan_discounts(const SalesPlanning& sales);
void plan_questions(const SalesPlanning& sales);  // bootstrap_questions.cpp

// Slugs as the products have them, sorted; unknown ones become one problem. `key`: "tickets".
enum class ProductList { tickets, addons, variations };
std::vector<std::string> resolved_products(const SalesPlanning& sales, ProductList list,
                                           const std::vector<config::NamedSlug>& wanted,
                                           const std::string& path, const char* key, const std::string& name);
std::vector<std::string> slugs_of_tickets(const SalesPlanning& sales,
                                          const std::vector<registration::Id>& ids);
std::vector<std::string> slugs_of_addons(const SalesPlanning& sales,
                                         const std::vector<registration::Id>& ids);

// A scope as it is said in the file: {"all"}, {"none"}, or slugs.
struct ScopePlan {
  std::string word;    // "selected"
  ProductNames slugs;  // nothing: as they are stored
};
ScopePlan plan_scope(const SalesPlanning& sales, AppliedItem& item, ProductList list,
                     const config::ScopeEntry& entry, const std::string& stored_word,
                     const std::vector<registration::Id>& stored_ids, const std::string& path,
                     const char* key, const std::string& name);

void plan_seller(const SalesPlanning& sales);
void set_conference_sales(const SalesPlanning& sales, AppliedItem& item, conference::Conference& row);
void plan_taxes(const SalesPlanning& sales);
void plan_payment(const SalesPlanning& sales);
// `path`: "conference.tickets[0]". The slug of the tax; nothing: it stays as it is.
std::optional<std::string> plan_tax_of_product(const SalesPlanning& sales, AppliedItem& item,
                                               const std::optional<registration::Id>& stored_rule,
                                               const config::SellingEntry& entry, const std::string& path,
                                               const std::string& name, const char* key = "tax");
void plan_variations(const SalesPlanning& sales, registration::ProductKind kind, registration::Id product_id,
                     const std::string& product_slug, const config::SellingEntry& entry,
                     const std::string& path);

// Limits of one order, the price that buyers name.
template <class Product>
void set_selling(const SalesPlanning& sales, AppliedItem& item, Product& row,
                 const config::SellingEntry& entry) {
  Overwrite overwrite(item);
  if (entry.free_price) overwrite.set(row.free_price, *entry.free_price, "free_price", yes_no);
  if (entry.minimum_price)
    overwrite.set(row.minimum_price, sales.minor_of(*entry.minimum_price), "minimum_price",
                  [&](std::int64_t minor) { return sales.show(minor); });
  if (entry.min_per_order) overwrite.set(row.min_per_order, *entry.min_per_order, "min_per_order", number);
  set_limit(overwrite, row.max_per_order, entry.max_per_order, "max_per_order");
  if (entry.email_domains) {
    std::string domains;
    for (const std::string& domain : *entry.email_domains) domains += (domains.empty() ? "" : " ") + domain;
    overwrite.set(row.email_domains, domains, "email_domains", or_empty);
  }
  if (entry.waiting_list) overwrite.set(row.waiting_list, *entry.waiting_list, "waiting_list", yes_no);
}

}  // namespace plenary::domain
