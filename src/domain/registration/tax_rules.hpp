// Tax rules as they are stored: one for each way of taxing, named by the products it is for. A change counts
// the rule's version up, which ordered lines keep. Functions of a transaction: one thread at a time. source:
// taxes and invoices 25, 1.
#pragma once

#include <vector>

#include "db/entity.hpp"
#include "domain/registration/taxes.hpp"

namespace plenary::registration {

const db::Entity<TaxRule>& tax_rule_table();
const db::Entity<TaxRuleCountry>& tax_rule_country_table();

std::vector<ReckonedRule> tax_rules_of(db::Tx& tx, Id conference_id);  // by name

// Inserts (id == 0) or updates. Refused: the first rule that does not hold, with its field; "not_unique";
// "changed_meanwhile". Returns the id.
Id save(db::Tx& tx, const TaxRule& rule);
// The rate of one country, replaced where it has one.
void set_country_rate(db::Tx& tx, Id tax_rule_id, std::string_view country, const Decimal& rate);
// These and no others.
void set_country_rates(db::Tx& tx, Id tax_rule_id, const std::vector<std::pair<std::string, Decimal>>& rates);

}  // namespace plenary::registration
