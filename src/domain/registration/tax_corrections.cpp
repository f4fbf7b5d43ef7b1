#include "domain/registration/tax_corrections.hpp"

#include <algorithm>

#include "domain/registration/store_changes.hpp"

namespace plenary::registration {

bool may_owe_tax(const Catalogue& catalogue, const Order& order) {
  const Billing& buyer = order.billing;
  if (!buyer.is_business || buyer.vat_id.empty() || order.vat_confirmed) return false;
  const TaxParty confirmed{true, buyer.country, true};
  const std::vector<OrderLine> left = lines_left(order.lines);
  return std::any_of(left.begin(), left.end(), [&](const OrderLine& line) {
    return line.tax != 0 && applied_tax(catalogue.tax_rule(line.tax_rule_id), confirmed,
                                        catalogue.seller_country(), catalogue.conference.event_country)
                                .reverse_charge;
  });
}

ChangePlan take_tax_off(db::Tx& tx, const Shop& shop, Order& order, const VatCheck& check,
                        std::int64_t version, const Cause& cause) {
  const std::string vat_id = normal_vat_id(order.billing.vat_id);
  if (!order.billing.is_business || check.status != VatStatus::valid || check.vat_id != vat_id ||
      check.conference_id != order.conference_id || !is_vat_id_shaped(order.billing.country, vat_id))
    throw Refused("not_confirmed", "The VAT number of this order is not confirmed.");
  WantedChange wanted;
  wanted.takes_tax_off = true;
  ChangePlan plan = change_by_staff(tx, shop, order, wanted, version, cause);
  store::set_vat_confirmed(tx, order.id, check.id);
  order.vat_confirmed = true;
  order.vat_check_id = check.id;
  return plan;
}

}  // namespace plenary::registration
