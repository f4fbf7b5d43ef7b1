// The table descriptions of refunds and of changes that wait for their payment.
#include "domain/registration/refunds.hpp"
#include "domain/registration/self_service.hpp"

namespace plenary::registration {

const db::Entity<Refund>& refund_table() {
  using R = Refund;
  static const db::Entity<R> table(
      "refund",
      {
          db::column("id", &R::id).generated_key(),
          db::column("conference_id", &R::conference_id).references("conference").fixed().read_only(),
          db::column("order_id", &R::order_id).references("orders").fixed().read_only(),
          db::column("payment_id", &R::payment_id).references("payment").fixed().read_only(),
          db::column("destination", &R::destination)
              .choice("card", "Card")
              .choice("credit", "Store credit")
              .choice("manual", "Paid back otherwise")
              .fixed()
              .read_only(),
          db::column("amount", &R::amount).money().minimum(1).fixed().read_only(),
          db::column("currency", &R::currency).max_length(3).fixed().read_only(),
          db::column("reason_code", &R::reason_code)
              .choice("requested_by_customer", "Asked for by the buyer")
              .choice("duplicate", "Paid twice")
              .choice("fraudulent", "Fraud")
              .fixed()
              .read_only()
              .label("Reason"),
          db::column("note", &R::note).max_length(2000).read_only(),
          db::column("status", &R::status).choices({"requested", "succeeded", "failed"}).read_only(),
          db::column("provider_id", &R::provider_id).max_length(200).read_only().label("Provider's number"),
          db::column("idempotency_key", &R::idempotency_key).max_length(200).fixed().read_only(),
          db::column("failure", &R::failure).max_length(2000).read_only().help("Why it failed."),
          db::column("credit_id", &R::credit_id).references("credit").read_only(),
          db::column("created_by", &R::created_by)
              .references("user_account", db::OnDelete::set_null)
              .fixed()
              .read_only()
              .label("Asked for by"),
          db::column("settled_at", &R::settled_at).read_only().help("When it succeeded or failed."),
          db::column("paid_out_at", &R::paid_out_at).read_only().help("When it was paid out by hand."),
          db::column("paid_out_by", &R::paid_out_by)
              .references("user_account", db::OnDelete::set_null)
              .read_only(),
          db::column("paid_out_reference", &R::paid_out_reference)
              .max_length(200)
              .read_only()
              .help("The transfer's number."),
          db::column("created_at", &R::created_at).created(),
          db::column("updated_at", &R::updated_at).updated(),
      },
      db::Rules<R>()
          .titled("Refund", "Refunds")
          .ordered_by("id DESC")
          .unique({"idempotency_key"}, "This refund is there already."));
  return table;
}

const db::Entity<OrderChange>& order_change_table() {
  using C = OrderChange;
  static const db::Entity<C> table(
      "order_change",
      {
          db::column("id", &C::id).generated_key(),
          db::column("order_id", &C::order_id)
              .references("orders", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("conference_id", &C::conference_id).references("conference").fixed().read_only(),
          db::column("status", &C::status).choices({"waiting", "applied", "lapsed"}).read_only(),
          db::column("wanted", &C::wanted)
              .fixed()
              .read_only()
              .help("What is taken back and what comes instead."),
          db::column("difference", &C::difference).money().fixed().read_only().help("To be paid for it."),
          db::column("order_version", &C::order_version).fixed().read_only(),
          db::column("expires_at", &C::expires_at).fixed().read_only(),
          db::column("created_at", &C::created_at).created(),
      },
      db::Rules<C>().titled("Change of an order", "Changes of orders").ordered_by("id DESC"));
  return table;
}

}  // namespace plenary::registration
