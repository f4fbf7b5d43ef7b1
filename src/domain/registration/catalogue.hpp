// What a conference sells, as one immutable snapshot in memory, keyed by conference.catalogue_version. Every
// change of a product, section or text bumps the version in its own transaction, so the next request of every
// process sees it. Threads: snapshots are shared by all; one thread rebuilds while the others read the old
// one. source: docs/transactions.md, section 2.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "config/settings.hpp"
#include "db/tx.hpp"
#include "domain/conference/sellers.hpp"
#include "domain/conference/types.hpp"
#include "domain/registration/conditions.hpp"
#include "domain/registration/consents.hpp"
#include "domain/registration/payment_setup.hpp"
#include "domain/registration/questions.hpp"
#include "domain/registration/taxes.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// An automatic discount that is switched on, ready for reckoning.
struct DiscountRule {
  Condition condition;
  ConditionLinks links;
  std::int64_t basis_points = 0;  // of a percentage
};

// What ticket types and add-ons have in common; refers to the catalogue.
struct Product {
  ProductKind kind = ProductKind::ticket_type;
  Id id = 0;
  const std::string *name = nullptr, *slug = nullptr, *email_domains = nullptr;
  std::int64_t price = 0;
  std::optional<Instant> available_from, available_until;
  bool is_active = false, requires_voucher = false, free_price = false, waiting_list = false;
  std::int64_t minimum_price = 0, min_per_order = 0;
  std::optional<std::int64_t> max_per_order, limit_per_user;
  std::optional<Id> tax_rule_id;
};

struct Catalogue {
  std::int64_t version = 0;
  conference::Conference conference;
  std::vector<conference::Section> sections;
  std::vector<TicketType> ticket_types;  // by (order, name), inactive ones too
  std::vector<AddOn> addons;
  std::vector<Variation> variations;  // by (order, name), inactive ones too
  std::vector<Quota> quotas;
  std::vector<DiscountRule> discounts;  // switched on, in the order of their priority
  std::vector<ReckonedRule> tax_rules;
  std::optional<conference::Seller> seller;
  std::vector<AskedConsent> consents;    // what an order asks for; usually none
  std::vector<AskedQuestion> questions;  // switched on, in their order
  PaymentSetup payment;                  // the ways to pay
  TimeZone zone = TimeZone::utc();
  Currency currency = Currency::of("USD");
  std::string currency_symbol;  // as configured; empty: the currency's own

  const TicketType* ticket_type(Id id) const;
  const TicketType* ticket_type(std::string_view slug) const;
  const AddOn* addon(Id id) const;
  const AddOn* addon(std::string_view slug) const;
  std::optional<Product> product(ProductKind kind, Id id) const;
  std::optional<Product> product(ProductKind kind, std::string_view slug) const;
  const Variation* variation(Id id) const;
  // By slug, of one product.
  const Variation* variation(ProductKind kind, Id product_id, std::string_view slug) const;
  // Active ones; empty: the product is bought as it is.
  std::vector<const Variation*> variations_of(ProductKind kind, Id product_id) const;
  const ReckonedRule* tax_rule(std::optional<Id> id) const;
  std::string_view seller_country() const { return seller ? std::string_view(seller->country) : ""; }
  std::string display(std::int64_t minor) const { return Money(minor, currency).display(currency_symbol); }
};

class Catalogues {
 public:
  // `settings` must outlive this.
  explicit Catalogues(const config::ProgramSettings& settings) : settings_(settings) {}

  // The snapshot of that version; built from `tx` when this process does not have it yet, and kept when `tx`
  // is a read. NotFound without the row.
  std::shared_ptr<const Catalogue> at(db::Tx& tx, Id conference_id, std::int64_t version);

 private:
  const config::ProgramSettings& settings_;
  std::shared_mutex mutex_;
  std::unordered_map<Id, std::shared_ptr<const Catalogue>> snapshots_;
};

// Reads a snapshot from the rows. `version` as read in the same transaction.
std::shared_ptr<const Catalogue> load_catalogue(db::Tx& tx, Id conference_id,
                                                const config::ProgramSettings& settings);

// Whether a unit of this product takes one of the quota.
bool counts(const Quota& quota, ProductKind kind, Id product_id, std::optional<Id> variation_id);

// In its window and active; stock is another matter.
bool in_window(const std::optional<Instant>& from, const std::optional<Instant>& until, Instant now);

}  // namespace plenary::registration
