#include "domain/registration/billing_change.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "domain/registration/checkout.hpp"
#include "domain/registration/events.hpp"
#include "domain/registration/store.hpp"
#include "domain/registration/vat_checks.hpp"

namespace plenary::registration {
namespace {

IsInvoiced& invoiced() {
  static IsInvoiced asked;
  return asked;
}

bool is_taxed_by_buyer(const Catalogue& catalogue, const Order& order) {
  return std::any_of(order.lines.begin(), order.lines.end(), [&](const OrderLine& line) {
    const ReckonedRule* rule = catalogue.tax_rule(line.tax_rule_id);
    return line.reverse_charge || (rule && rule->rule.place_of_supply == PlaceOfSupply::customer);
  });
}

Billing trimmed_all(const Billing& typed) {
  Billing billing = typed;
  for (const auto member : {&Billing::name, &Billing::company, &Billing::street, &Billing::postcode,
                            &Billing::city, &Billing::region, &Billing::reference})
    billing.*member = std::string(trimmed(billing.*member));
  billing.vat_id = normal_vat_id(billing.vat_id);
  return billing;
}

bool is_invoiced(db::Tx& tx, const Order& order) {
  return invoiced() && invoiced()(tx, order.id);
}

BillingChange possible_change(const Catalogue& catalogue, const Order& order) {
  const bool is_over = order.status == OrderStatus::cancelled || order.status == OrderStatus::refunded;
  if (is_over || order.total == 0) return BillingChange::none;
  return is_taxed_by_buyer(catalogue, order) ? BillingChange::but_taxes : BillingChange::everything;
}

void write_billing(db::Tx& tx, Order& order, BillingChange change, const Billing& wanted,
                   std::int64_t version, const Cause& cause) {
  if (order.version != version)
    throw Refused("changed_meanwhile",
                  "This order was changed in the meantime. Please look at it and try again.");
  Billing billing = trimmed_all(wanted);
  billing.email = order.billing.email;
  if (change == BillingChange::but_taxes) {
    billing.is_business = order.billing.is_business;
    billing.country = order.billing.country;
    billing.vat_id = order.billing.vat_id;
  }
  for (const FieldFault& fault : check_billing(billing))
    throw Refused("invalid", fault.text, fault.arguments, fault.field);
  store::set_order_billing(tx, order.id, billing);
  order.billing = billing;
  ++order.version;
  store::insert_event(tx, order.id, to_text(order.status), to_text(order.status), cause);
  publish(OrderEvent::changed, tx, order);
}

}  // namespace

void ask_whether_invoiced(IsInvoiced is_invoiced) {
  invoiced() = std::move(is_invoiced);
}

BillingChange billing_change(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  return is_invoiced(tx, order) ? BillingChange::none : possible_change(catalogue, order);
}

BillingChange billing_correction(db::Tx& tx, const Catalogue& catalogue, const Order& order) {
  return is_invoiced(tx, order) ? possible_change(catalogue, order) : BillingChange::none;
}

void change_billing(db::Tx& tx, const Catalogue& catalogue, Order& order, const Billing& wanted,
                    std::int64_t version, const Cause& cause) {
  const BillingChange change = billing_change(tx, catalogue, order);
  if (change == BillingChange::none)
    throw Refused("invoiced",
                  "The billing details of this order can no longer be changed here. Please ask the "
                  "organisers for a corrected invoice.");
  write_billing(tx, order, change, wanted, version, cause);
}

void correct_billing(db::Tx& tx, const Catalogue& catalogue, Order& order, const Billing& wanted,
                     std::int64_t version, const Cause& cause) {
  const BillingChange change = billing_correction(tx, catalogue, order);
  if (change == BillingChange::none)
    throw Refused("not_invoiced", "This order has no invoice yet; there is nothing to correct.");
  write_billing(tx, order, change, wanted, version, cause);
}

}  // namespace plenary::registration
