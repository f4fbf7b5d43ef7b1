// Orders as JSON, and the one that a call is about: always of the call's conference. Functions of a
// transaction where they take one. source: registration 20, 11; docs/api.md.
#pragma once

#include "api/staff_values.hpp"
#include "domain/registration/orders.hpp"
#include "domain/registration/payments.hpp"
#include "domain/registration/records.hpp"

namespace plenary::api {

Shape order_summary_shape();
Shape order_shape();
Json order_summary(const Call& call, const registration::OrderRow& row);
// With its lines, payments, seats and answers.
Json order_value(const Call& call, db::Tx& tx, const registration::OrderRow& row);

Currency currency_of(const Call& call, const registration::OrderRow& row);

// By the reference of the address; NotFound otherwise.
registration::OrderRow found_order(const Call& call, db::Tx& tx);
registration::Order found_whole_order(const Call& call, db::Tx& tx);

// What differs between the two, and `more`, in the record of changes.
void record_order(const Call& call, db::Tx& tx, const registration::OrderRow& before,
                  const registration::OrderRow& after, const std::vector<conference::AuditChange>& more = {});

// Beside the operation's own scope. Problem (403) without it.
void require_scope(const Call& call, std::string_view scope);
// Who is asked for money back.
const registration::PaymentGateway& gateway_of(const Call& call);

// What an order is worth and what of it is here, with the ways back of each payment.
Shape order_money_shape();
Json order_money_value(const Call& call, db::Tx& tx, const registration::Order& order);

}  // namespace plenary::api
