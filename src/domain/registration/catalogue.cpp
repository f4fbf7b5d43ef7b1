#include "domain/registration/catalogue.hpp"

#include <algorithm>
#include <tuple>

#include "base/errors.hpp"
#include "base/slug.hpp"
#include "domain/conference/conferences.hpp"
#include "domain/conference/currency.hpp"
#include "domain/registration/products.hpp"
#include "domain/registration/tax_rules.hpp"
#include "domain/registration/variations.hpp"

namespace plenary::registration {
namespace {

template <class T>
const T* by_id(const std::vector<T>& all, Id id) {
  for (const T& one : all)
    if (one.id == id) return &one;
  return nullptr;
}

template <class T>
const T* by_slug(const std::vector<T>& all, std::string_view slug) {
  for (const T& one : all)
    if (one.slug == slug) return &one;
  // Slugs are unique regardless of case.
  const std::string key = slug_key(slug);
  for (const T& one : all)
    if (slug_key(one.slug) == key) return &one;
  return nullptr;
}

}  // namespace

const TicketType* Catalogue::ticket_type(Id id) const {
  return by_id(ticket_types, id);
}
const TicketType* Catalogue::ticket_type(std::string_view slug) const {
  return by_slug(ticket_types, slug);
}
const AddOn* Catalogue::addon(Id id) const {
  return by_id(addons, id);
}
const AddOn* Catalogue::addon(std::string_view slug) const {
  return by_slug(addons, slug);
}

namespace {

template <class T>
Product product_of(ProductKind kind, const T& t) {
  Product product;
  product.kind = kind;
  product.id = t.id;
  product.name = &t.name;
  product.slug = &t.slug;
  product.email_domains = &t.email_domains;
  product.price = t.price;
  product.available_from = t.available_from;
  product.available_until = t.available_until;
  product.is_active = t.is_active;
  product.free_price = t.free_price;
  product.waiting_list = t.waiting_list;
  product.minimum_price = t.minimum_price;
  product.min_per_order = t.min_per_order;
  product.max_per_order = t.max_per_order;
  product.limit_per_user = t.limit_per_user;
  product.tax_rule_id = t.tax_rule_id;
  if constexpr (std::is_same_v<T, TicketType>) product.requires_voucher = t.requires_voucher;
  return product;
}

std::vector<DiscountRule> discounts_of(db::Tx& tx, Id conference_id) {
  std::vector<DiscountRule> rules;
  for (Condition& condition : conditions_of(tx, conference_id)) {
    if (!condition.is_active) continue;
    DiscountRule rule;
    rule.links = links_of_condition(tx, condition.id);
    rule.basis_points = basis_points(condition.percent);
    rule.condition = std::move(condition);
    rules.push_back(std::move(rule));
  }
  // source: 20, 6.2: ties keep the order of the kinds.
  std::stable_sort(rules.begin(), rules.end(), [](const DiscountRule& a, const DiscountRule& b) {
    return std::tie(a.condition.priority, a.condition.name, a.condition.kind, a.condition.id) <
           std::tie(b.condition.priority, b.condition.name, b.condition.kind, b.condition.id);
  });
  return rules;
}

}  // namespace

std::optional<Product> Catalogue::product(ProductKind kind, Id id) const {
  if (kind == ProductKind::ticket_type) {
    if (const TicketType* type = ticket_type(id)) return product_of(kind, *type);
  } else if (const AddOn* one = addon(id)) {
    return product_of(kind, *one);
  }
  return std::nullopt;
}

std::optional<Product> Catalogue::product(ProductKind kind, std::string_view slug) const {
  if (kind == ProductKind::ticket_type) {
    if (const TicketType* type = ticket_type(slug)) return product_of(kind, *type);
  } else if (const AddOn* one = addon(slug)) {
    return product_of(kind, *one);
  }
  return std::nullopt;
}

const Variation* Catalogue::variation(Id id) const {
  return by_id(variations, id);
}

namespace {
bool is_of(const Variation& variation, ProductKind kind, Id product_id) {
  return (kind == ProductKind::ticket_type ? variation.ticket_type_id : variation.addon_id) == product_id;
}
}  // namespace

const Variation* Catalogue::variation(ProductKind kind, Id product_id, std::string_view slug) const {
  const std::string key = slug_key(slug);
  for (const Variation& one : variations)
    if (is_of(one, kind, product_id) && slug_key(one.slug) == key) return &one;
  return nullptr;
}

std::vector<const Variation*> Catalogue::variations_of(ProductKind kind, Id product_id) const {
  std::vector<const Variation*> found;
  for (const Variation& one : variations)
    if (one.is_active && is_of(one, kind, product_id)) found.push_back(&one);
  return found;
}

const ReckonedRule* Catalogue::tax_rule(std::optional<Id> id) const {
  if (!id) return nullptr;
  for (const ReckonedRule& rule : tax_rules)
    if (rule.rule.id == *id) return &rule;
  return nullptr;
}

bool counts(const Quota& quota, ProductKind kind, Id product_id, std::optional<Id> variation_id) {
  const auto has = [](const std::vector<Id>& ids, Id id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  return has(kind == ProductKind::ticket_type ? quota.ticket_types : quota.addons, product_id) ||
         (variation_id && has(quota.variations, *variation_id));
}

bool in_window(const std::optional<Instant>& from, const std::optional<Instant>& until, Instant now) {
  return !(from && now < *from) && !(until && now > *until);
}

std::shared_ptr<const Catalogue> load_catalogue(db::Tx& tx, Id conference_id,
                                                const config::ProgramSettings& settings) {
  auto loaded = conference::load(tx, conference_id);
  if (!loaded) throw NotFound("no such conference");
  auto catalogue = std::make_shared<Catalogue>();
  catalogue->version = loaded->catalogue_version;
  catalogue->zone = TimeZone::find(loaded->timezone).value_or(TimeZone::utc());
  catalogue->currency = conference::currency_of(loaded->currency, settings);
  catalogue->currency_symbol = std::string(settings.symbol_for(catalogue->currency));
  catalogue->sections = conference::sections(tx, conference_id);
  catalogue->ticket_types = ticket_types_of(tx, conference_id);
  catalogue->addons = addons_of(tx, conference_id);
  catalogue->variations = registration::variations_of(tx, conference_id);
  catalogue->quotas = quotas_of(tx, conference_id);
  catalogue->discounts = discounts_of(tx, conference_id);
  catalogue->tax_rules = tax_rules_of(tx, conference_id);
  if (loaded->seller_id) catalogue->seller = conference::find_seller(tx, *loaded->seller_id);
  catalogue->questions = questions_of(tx, conference_id);
  catalogue->payment = payment_setup_of(tx, conference_id);
  catalogue->consents = asked_consents(*loaded, conference::consent_texts(tx, conference_id));
  catalogue->conference = std::move(*loaded);
  return catalogue;
}

std::shared_ptr<const Catalogue> Catalogues::at(db::Tx& tx, Id conference_id, std::int64_t version) {
  {
    std::shared_lock lock(mutex_);
    if (const auto found = snapshots_.find(conference_id);
        found != snapshots_.end() && found->second->version == version)
      return found->second;
  }
  auto loaded = load_catalogue(tx, conference_id, settings_);
  if (!tx.sees_only_committed()) return loaded;  // a version that is undone would stay here for ever
  std::unique_lock lock(mutex_);
  auto& kept = snapshots_[conference_id];
  // A slower thread never puts an older snapshot over a newer one.
  if (!kept || kept->version < loaded->version) kept = loaded;
  return loaded;
}

}  // namespace plenary::registration
