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

  // A rule of the table that the row does not keep becomes a problem at the item.
  void check(const db::Table& table, const void* row, const config::Places& places, const std::string& path,
             const std::string& name) const;
  void problem(config::Place place, std::string path, const std::string& name, std::string found,
               std::string allowed, std::string advice) const;
};

// Of a column whose values are words: an enumeration.
void set_word(AppliedItem& item, const db::Table& table, void* row, const char* column,
              const std::string& word, const char* key);

void plan_seller(const SalesPlanning& sales);
void set_conference_sales(const SalesPlanning& sales, AppliedItem& item, conference::Conference& row);
void plan_taxes(const SalesPlanning& sales);
// `path`: "conference.tickets[0]". The slug of the tax; nothing: it stays as it is.
std::optional<std::string> plan_tax_of_product(const SalesPlanning& sales, AppliedItem& item,
                                               const std::optional<registration::Id>& stored_rule,
                                               const config::SellingEntry& entry, const std::string& path,
                                               const std::string& name);
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
