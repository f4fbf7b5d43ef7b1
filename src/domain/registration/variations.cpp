#include "domain/registration/variations.hpp"

#include "base/errors.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::registration {
namespace {

void refuse_foreign_product(db::Tx& tx, const Variation& variation) {
  const auto owner =
      variation.ticket_type_id
          ? tx.maybe<Id>("SELECT conference_id FROM ticket_type WHERE id = $1", *variation.ticket_type_id)
          : tx.maybe<Id>("SELECT conference_id FROM addon WHERE id = $1", variation.addon_id.value_or(0));
  if (owner != variation.conference_id)
    throw Refused("no_such", "There is no such product in this conference.", {},
                  variation.ticket_type_id ? "ticket_type_id" : "addon_id");
}

void refuse_foreign_products(db::Tx& tx, const Quota& quota) {
  const auto all_here = [&](const char* sql, const std::vector<Id>& ids) {
    for (const Id id : ids)
      if (tx.maybe<Id>(sql, id) != quota.conference_id) return false;
    return true;
  };
  if (!all_here("SELECT conference_id FROM ticket_type WHERE id = $1", quota.ticket_types) ||
      !all_here("SELECT conference_id FROM addon WHERE id = $1", quota.addons) ||
      !all_here("SELECT conference_id FROM variation WHERE id = $1", quota.variations))
    throw Refused("no_such", "One of the products is not of this conference.", {}, "ticket_types");
}

[[noreturn]] void changed_meanwhile(const std::string& name) {
  throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.", {{"name", name}});
}

void load_products(db::Tx& tx, Quota& quota) {
  quota.ticket_types = tx.query<Id>(
      "SELECT ticket_type_id FROM quota_ticket_type WHERE quota_id = $1 ORDER BY ticket_type_id", quota.id);
  quota.addons =
      tx.query<Id>("SELECT addon_id FROM quota_addon WHERE quota_id = $1 ORDER BY addon_id", quota.id);
  quota.variations = tx.query<Id>(
      "SELECT variation_id FROM quota_variation WHERE quota_id = $1 ORDER BY variation_id", quota.id);
}

}  // namespace

std::vector<Variation> variations_of(db::Tx& tx, Id conference_id) {
  return variation_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, name, id",
                                  conference_id);
}

std::vector<Quota> quotas_of(db::Tx& tx, Id conference_id) {
  auto quotas = quota_table().select(tx, "WHERE conference_id = $1 ORDER BY name, id", conference_id);
  for (Quota& quota : quotas) load_products(tx, quota);
  return quotas;
}

Id save(db::Tx& tx, const Variation& variation) {
  refuse_first(variation_table().validate(variation));
  refuse_foreign_product(tx, variation);
  Variation stored = variation;
  if (variation.id == 0) {
    stored = variation_table().insert(tx, variation);
  } else {
    const auto updated = variation_table().update(tx, variation);
    if (!updated) changed_meanwhile(variation.name);
    stored = *updated;
  }
  written(tx, stored);
  return stored.id;
}

Id save(db::Tx& tx, const Quota& quota) {
  refuse_first(quota_table().validate(quota));
  refuse_foreign_products(tx, quota);
  Quota stored = quota;
  if (quota.id == 0) {
    stored.id = quota_table().insert(tx, quota).id;
  } else if (!quota_table().update(tx, quota)) {
    changed_meanwhile(quota.name);
  }
  tx.exec("DELETE FROM quota_ticket_type WHERE quota_id = $1", stored.id);
  tx.exec("DELETE FROM quota_addon WHERE quota_id = $1", stored.id);
  tx.exec("DELETE FROM quota_variation WHERE quota_id = $1", stored.id);
  for (const Id id : stored.ticket_types)
    tx.exec("INSERT INTO quota_ticket_type (quota_id, ticket_type_id) VALUES ($1, $2)", stored.id, id);
  for (const Id id : stored.addons)
    tx.exec("INSERT INTO quota_addon (quota_id, addon_id) VALUES ($1, $2)", stored.id, id);
  for (const Id id : stored.variations)
    tx.exec("INSERT INTO quota_variation (quota_id, variation_id) VALUES ($1, $2)", stored.id, id);
  written(tx, stored);
  return stored.id;
}

void written(db::Tx& tx, const Variation& variation) {
  refuse_foreign_product(tx, variation);
  set_capacity(tx, variation.conference_id, StockKind::variation, variation.id, variation.total_quantity);
}

void written(db::Tx& tx, const Quota& quota) {
  Quota stored = quota;
  load_products(tx, stored);
  refuse_foreign_products(tx, stored);
  set_capacity(tx, quota.conference_id, StockKind::quota, quota.id, quota.size);
  recount_quota(tx, quota.conference_id, quota.id);
}

void remove(db::Tx& tx, const Variation& variation) {
  if (tx.one<std::int64_t>("SELECT COUNT(*) FROM order_line WHERE variation_id = $1", variation.id) != 0 ||
      tx.one<std::int64_t>("SELECT COUNT(*) FROM cart_item WHERE variation_id = $1", variation.id) != 0)
    throw Refused("in_use",
                  "{name} was ordered already, or is in a cart. Switch it off instead: it is no longer sold.",
                  {{"name", variation.name}});
  take_back_elapsed(tx, variation.conference_id);
  tx.exec("DELETE FROM stock WHERE conference_id = $1 AND kind = 'variation' AND product_id = $2",
          variation.conference_id, variation.id);
  variation_table().remove(tx, variation);
}

void remove(db::Tx& tx, const Quota& quota) {
  tx.exec("DELETE FROM stock WHERE conference_id = $1 AND kind = 'quota' AND product_id = $2",
          quota.conference_id, quota.id);
  quota_table().remove(tx, quota);
}

}  // namespace plenary::registration
