// The SQL of vouchers, automatic discounts and credits beyond their entity tables. Private to the room.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "db/tx.hpp"
#include "domain/registration/discounts.hpp"
#include "domain/registration/vouchers.hpp"

namespace plenary::registration::store {

std::vector<Id> ticket_types_of_voucher(db::Tx& tx, Id voucher_id);
std::vector<Id> addons_of_voucher(db::Tx& tx, Id voucher_id);
void set_products_of_voucher(db::Tx& tx, Id voucher_id, const ScopedProducts& products);
void forget_ticket_types_of_voucher(db::Tx& tx, Id voucher_id);
void forget_addons_of_voucher(db::Tx& tx, Id voucher_id);

// The batch functions take codes of one length, one behind the other.
struct Batch {
  Id conference_id = 0;
  std::string codes;
  std::int64_t count = 0, length = 0;
};
std::vector<std::string> taken_codes(db::Tx& tx, const Batch& batch);
void insert_vouchers(db::Tx& tx, const Batch& batch, const Voucher& model);
void add_ticket_type_to_vouchers(db::Tx& tx, const Batch& batch, Id ticket_type_id);
void add_addon_to_vouchers(db::Tx& tx, const Batch& batch, Id addon_id);
std::vector<Voucher> vouchers_of_batch(db::Tx& tx, const Batch& batch);
bool has_orders_of_voucher(db::Tx& tx, Id voucher_id);
void delete_stock_of_voucher(db::Tx& tx, Id conference_id, Id voucher_id);
std::vector<Id> inactive_reserving_of_sponsor(db::Tx& tx, Id sponsor_id);
std::int64_t deactivate_unused_of_sponsor(db::Tx& tx, Id sponsor_id);

// Of vouchers with ids above `after` up to `last`: with their products, and how often each is used.
std::vector<std::tuple<Id, Id>> ticket_types_between(db::Tx& tx, Id conference_id, Id after, Id last);
std::vector<std::tuple<Id, Id>> addons_between(db::Tx& tx, Id conference_id, Id after, Id last);
// (condition, what it names) of those behind `after` up to `last`, in the order of both.
struct LinksBetween {
  std::vector<std::tuple<Id, Id>> ticket_types, addons, enabling, groups;
};
LinksBetween links_of_conditions_between(db::Tx& tx, Id conference_id, Id after, Id last);
std::vector<std::tuple<Id, std::int64_t>> uses_between(db::Tx& tx, Id conference_id, Id after, Id last);

std::vector<Id> ticket_types_of_condition(db::Tx& tx, Id condition_id);
std::vector<Id> addons_of_condition(db::Tx& tx, Id condition_id);
std::vector<Id> enabling_ticket_types_of(db::Tx& tx, Id condition_id);
std::vector<Id> groups_of_condition(db::Tx& tx, Id condition_id);
void set_products_of_condition(db::Tx& tx, Id condition_id, const ScopedProducts& products);
void set_enabling_ticket_types(db::Tx& tx, Id condition_id, std::span<const Id> ticket_types);
void set_groups_of_condition(db::Tx& tx, Id condition_id, std::span<const Id> groups);
void forget_ticket_types_of_condition(db::Tx& tx, Id condition_id);
void forget_addons_of_condition(db::Tx& tx, Id condition_id);

// Whether they are products of this conference, every one of them.
bool are_ticket_types_of(db::Tx& tx, Id conference_id, std::span<const Id> ticket_types);
bool are_addons_of(db::Tx& tx, Id conference_id, std::span<const Id> addons);

}  // namespace plenary::registration::store
