// The rows of the waiting list, every column described. They are shown by the data admin; the functions of
// waiting_list.hpp write them.
#include "domain/registration/waiting_list.hpp"

namespace plenary::registration {

const db::Entity<WaitingLine>& waiting_line_table() {
  using L = WaitingLine;
  static const db::Entity<L> table(
      "waiting_line",
      {
          db::column("id", &L::id).generated_key(),
          db::column("conference_id", &L::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("ticket_type_id", &L::ticket_type_id)
              .references("ticket_type", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("addon_id", &L::addon_id)
              .references("addon", db::OnDelete::cascade)
              .fixed()
              .read_only()
              .label("Add-on"),
          db::column("variation_id", &L::variation_id)
              .references("variation", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("entries", &L::entries)
              .minimum(0)
              .read_only()
              .label("Waiting")
              .help("Entries that wait for it, as their first choice or another."),
          db::column("units", &L::units).minimum(0).read_only().label("Units wanted"),
      },
      db::Rules<L>()
          .titled("Waiting line", "Waiting lines")
          .ordered_by("id")
          .unique({"conference_id", "COALESCE(ticket_type_id, 0)", "COALESCE(addon_id, 0)",
                   "COALESCE(variation_id, 0)"}));
  return table;
}

const db::Entity<WaitingEntry>& waiting_entry_table() {
  using E = WaitingEntry;
  static const db::Entity<E> table(
      "waiting_entry",
      {
          db::column("id", &E::id).generated_key(),
          db::column("conference_id", &E::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("user_id", &E::user_id)
              .references("user_account", db::OnDelete::set_null)
              .read_only()
              .label("Account"),
          db::column("name", &E::name).required().max_length(200).personal().read_only(),
          db::column("email", &E::email)
              .required()
              .max_length(254)
              .format(db::TextFormat::email)
              .personal()
              .read_only(),
          db::column("email_normalized", &E::email_normalized)
              .max_length(254)
              .personal()
              .read_only()
              .label("Address for limits"),
          db::column("language", &E::language).max_length(20).read_only(),
          db::column("status", &E::status)
              .choices({"waiting", "offered", "accepted", "lapsed", "left", "removed"})
              .read_only(),
          db::column("quantity", &E::quantity).minimum(1).read_only(),
          db::column("all_or_nothing", &E::all_or_nothing).read_only().help("All of them, or no offer."),
          db::column("link_version", &E::link_version)
              .read_only()
              .help("Which of its links is the valid one."),
          db::column("offered_at", &E::offered_at).read_only(),
          db::column("offer_expires_at", &E::offer_expires_at).read_only(),
          db::column("offered_rank", &E::offered_rank)
              .read_only()
              .label("Offered choice")
              .help("1: the first choice."),
          db::column("offered_quantity", &E::offered_quantity).minimum(0).read_only(),
          db::column("cart_id", &E::cart_id)
              .references("cart", db::OnDelete::set_null)
              .read_only()
              .help("The cart that took the offer."),
          db::column("version", &E::version).version(),
          db::column("joined_at", &E::joined_at).created(),
          db::column("updated_at", &E::updated_at).updated(),
      },
      db::Rules<E>().titled("Waiting list entry", "Waiting list").ordered_by("id"));
  return table;
}

const db::Entity<WaitingChoice>& waiting_choice_table() {
  using C = WaitingChoice;
  static const db::Entity<C> table("waiting_choice",
                                   {
                                       db::column("id", &C::id).generated_key(),
                                       db::column("entry_id", &C::entry_id)
                                           .references("waiting_entry", db::OnDelete::cascade)
                                           .fixed()
                                           .read_only(),
                                       db::column("choice_rank", &C::choice_rank)
                                           .minimum(1)
                                           .fixed()
                                           .read_only()
                                           .label("Choice")
                                           .help("1: the first choice."),
                                       db::column("line_id", &C::line_id)
                                           .references("waiting_line", db::OnDelete::cascade)
                                           .fixed()
                                           .read_only()
                                           .label("Product"),
                                       db::column("needs", &C::needs)
                                           .minimum(1)
                                           .fixed()
                                           .read_only()
                                           .help("Units that must be there for an offer."),
                                       db::column("is_waiting", &C::is_waiting).read_only().label("Waits"),
                                   },
                                   db::Rules<C>()
                                       .titled("Choice", "Choices")
                                       .ordered_by("entry_id, choice_rank")
                                       .unique({"entry_id", "choice_rank"}));
  return table;
}

const db::Entity<WaitingAddOn>& waiting_addon_table() {
  using A = WaitingAddOn;
  static const db::Entity<A> table(
      "waiting_addon",
      {
          db::column("id", &A::id).generated_key(),
          db::column("entry_id", &A::entry_id)
              .references("waiting_entry", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("addon_id", &A::addon_id)
              .references("addon", db::OnDelete::cascade)
              .fixed()
              .read_only()
              .label("Add-on"),
          db::column("variation_id", &A::variation_id)
              .references("variation", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("quantity", &A::quantity).minimum(1).fixed().read_only(),
          db::column("offered_quantity", &A::offered_quantity).minimum(0).read_only(),
      },
      db::Rules<A>()
          .titled("Extra", "Extras")
          .ordered_by("entry_id, id")
          .unique({"entry_id", "addon_id", "COALESCE(variation_id, 0)"}));
  return table;
}

}  // namespace plenary::registration
