// The table descriptions of cancelled conferences.
#include "domain/payments/cancellation.hpp"

namespace plenary::payments {

const db::Entity<CancellationRun>& cancellation_run_table() {
  using R = CancellationRun;
  static const db::Entity<R> table(
      "cancellation_run",
      {
          db::column("id", &R::id).generated_key(),
          db::column("conference_id", &R::conference_id).references("conference").fixed().read_only(),
          db::column("way", &R::way)
              .choice("full", "All of it")
              .choice("less_fee", "Less a fee")
              .choice("credit", "As a store credit")
              .fixed()
              .read_only()
              .label("What goes back"),
          db::column("fee_percent", &R::fee_percent).fixed().read_only(),
          db::column("fee_amount", &R::fee_amount).money().minimum(0).fixed().read_only(),
          db::column("note", &R::note).max_length(2000).fixed().read_only().help("Told to the buyers."),
          db::column("state", &R::state).choices({"running", "stopped", "done"}).read_only(),
          db::column("orders", &R::orders).read_only().help("When it was started."),
          db::column("done", &R::done).read_only(),
          db::column("failed", &R::failed).read_only(),
          db::column("card_amount", &R::card_amount).money().read_only().label("To cards"),
          db::column("credit_amount", &R::credit_amount).money().read_only().label("As credits"),
          db::column("by_hand_amount", &R::by_hand_amount).money().read_only().label("To pay out by hand"),
          db::column("kept_amount", &R::kept_amount).money().read_only().label("Kept"),
          db::column("currency", &R::currency).max_length(3).fixed().read_only(),
          db::column("created_by", &R::created_by)
              .references("user_account", db::OnDelete::set_null)
              .fixed()
              .read_only()
              .label("Started by"),
          db::column("actor", &R::actor).max_length(200).fixed().read_only(),
          db::column("created_at", &R::created_at).created(),
          db::column("updated_at", &R::updated_at).updated(),
          db::column("finished_at", &R::finished_at).read_only(),
      },
      db::Rules<R>()
          .titled("Cancelled conference", "Cancelled conferences")
          .ordered_by("id DESC")
          .unique({"conference_id"}, "This conference is being cancelled already."));
  return table;
}

const db::Entity<CancelledOrder>& cancelled_order_table() {
  using C = CancelledOrder;
  static const db::Entity<C> table(
      "cancelled_order",
      {
          db::column("id", &C::id).generated_key(),
          db::column("run_id", &C::run_id).references("cancellation_run").fixed().read_only(),
          db::column("order_id", &C::order_id).references("orders").fixed().read_only(),
          db::column("state", &C::state).choices({"done", "failed"}).read_only(),
          db::column("card_amount", &C::card_amount).money().read_only().label("To a card"),
          db::column("credit_amount", &C::credit_amount).money().read_only().label("As a credit"),
          db::column("by_hand_amount", &C::by_hand_amount).money().read_only().label("To pay out by hand"),
          db::column("kept_amount", &C::kept_amount).money().read_only().label("Kept"),
          db::column("failure", &C::failure).read_only().help("Why it was not cancelled."),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>()
          .titled("Order of a cancelled conference", "Orders of a cancelled conference")
          .ordered_by("id")
          .unique({"run_id", "order_id"}));
  return table;
}

}  // namespace plenary::payments
