#include "domain/payments/customers.hpp"

#include <fmt/format.h>

#include "base/codes.hpp"

namespace plenary::payments {

const db::Entity<StripeCustomer>& stripe_customer_table() {
  using C = StripeCustomer;
  static const db::Entity<C> table(
      "stripe_customer",
      {
          db::column("id", &C::id).generated_key(),
          db::column("conference_id", &C::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("user_id", &C::user_id)
              .references("user_account", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("stripe_customer_id", &C::stripe_customer_id)
              .fixed()
              .read_only()
              .label("Stripe's number"),
          db::column("is_test", &C::is_test).fixed().read_only().label("Of the test mode"),
          db::column("created_at", &C::created_at).created(),
      },
      db::Rules<C>()
          .titled("Stripe customer", "Stripe customers")
          .ordered_by("id DESC")
          .unique({"user_id", "conference_id", "is_test"})
          .unique({"conference_id", "stripe_customer_id"}));
  return table;
}

std::string find_or_make_customer(const Provider& provider, Stripe& stripe, const CustomerAsked& asked) {
  const bool is_test = stripe.is_test();
  auto find = [&](db::Tx& tx) {
    return tx.maybe<std::string>(
        "SELECT stripe_customer_id FROM stripe_customer WHERE user_id = $1 AND conference_id = $2 AND "
        "is_test "
        "= $3",
        asked.user_id, asked.conference_id, is_test);
  };
  if (auto known = provider.db.read_now(find)) return *known;
  NewCustomer customer;
  customer.email = asked.email;
  customer.name = asked.name;
  customer.conference_slug = asked.conference_slug;
  customer.user_id = asked.user_id;
  // The address is part of it: the same key with other parameters would be refused for a day.
  customer.idempotency_key =
      fmt::format("customer-{}-{}-{}", asked.conference_id, asked.user_id,
                  sha256_hex(asked.conference_slug + "\n" + asked.email + "\n" + asked.name).substr(0, 16));
  const std::string made = stripe.create_customer(customer);
  auto store = [&](db::Tx& tx) {
    tx.exec(
        "INSERT INTO stripe_customer (conference_id, user_id, stripe_customer_id, is_test, created_at) "
        "VALUES "
        "($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        asked.conference_id, asked.user_id, made, is_test, tx.now());
    return find(tx);
  };
  return provider.db.write_now(asked.conference_id, "stripe customer", store).value_or(made);
}

void forget_customer(const Provider& provider, std::int64_t conference_id, const std::string& customer_id) {
  auto forget = [&](db::Tx& tx) {
    tx.exec("DELETE FROM stripe_customer WHERE conference_id = $1 AND stripe_customer_id = $2", conference_id,
            customer_id);
  };
  provider.db.write_now(conference_id, "forget stripe customer", forget);
}

}  // namespace plenary::payments
