// Carts, their items, and the stock rows that they and orders count against.
#include "domain/registration/records.hpp"

namespace plenary::registration {

const db::Entity<CartRow>& cart_table() {
  using C = CartRow;
  static const db::Entity<C> table(
      "cart",
      {
          db::column("id", &C::id).generated_key(),
          db::column("conference_id", &C::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("user_id", &C::user_id)
              .references("user_account", db::OnDelete::cascade)
              .read_only()
              .label("Account")
              .help("Empty: of a browser without a sign-in."),
          db::column("session_hash", &C::session_hash).secret().read_only().label("Session"),
          db::column("network", &C::network)
              .personal()
              .read_only()
              .help("Kept only while carts for each network are limited."),
          db::column("status", &C::status)
              .choices({"open", "checked_out", "expired", "abandoned"})
              .read_only(),
          db::column("voucher_id", &C::voucher_id).read_only(),
          db::column("expires_at", &C::expires_at).read_only().help("Until then it holds what is in it."),
          db::column("hold_cap_at", &C::hold_cap_at)
              .read_only()
              .label("Held at most until")
              .help("However often it is renewed."),
          db::column("hold_renewed_at", &C::hold_renewed_at).read_only().label("Renewed at checkout"),
          db::column("draft", &C::draft)
              .format(db::TextFormat::json)
              .personal()
              .read_only()
              .help("What was typed at checkout."),
          db::column("created_at", &C::created_at).created(),
          db::column("updated_at", &C::updated_at).updated(),
      },
      db::Rules<C>().titled("Cart", "Carts").ordered_by("updated_at DESC, id DESC"));
  return table;
}

const db::Entity<CartItemRow>& cart_item_table() {
  using I = CartItemRow;
  static const db::Entity<I> table(
      "cart_item",
      {
          db::column("id", &I::id).generated_key(),
          db::column("cart_id", &I::cart_id).references("cart", db::OnDelete::cascade).fixed().read_only(),
          db::column("ticket_type_id", &I::ticket_type_id)
              .references("ticket_type", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("addon_id", &I::addon_id)
              .references("addon", db::OnDelete::cascade)
              .fixed()
              .read_only()
              .label("Add-on"),
          db::column("variation_id", &I::variation_id)
              .references("variation", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("quantity", &I::quantity).minimum(1).read_only(),
          db::column("chosen_price", &I::chosen_price).money().minimum(0).fixed().read_only(),
          db::column("created_at", &I::created_at).created(),
      },
      db::Rules<I>()
          .titled("Cart item", "Cart items")
          .ordered_by("cart_id, id")
          .unique({"cart_id", "COALESCE(ticket_type_id, 0)", "COALESCE(addon_id, 0)",
                   "COALESCE(variation_id, 0)", "COALESCE(chosen_price + 1, 0)"}));
  return table;
}

const db::Entity<StockRow>& stock_table() {
  using S = StockRow;
  static const db::Entity<S> table(
      "stock",
      {
          db::column("id", &S::id).generated_key(),
          db::column("conference_id", &S::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("kind", &S::kind)
              .choice("conference", "Whole conference")
              .choice("ticket_type", "Ticket type")
              .choice("addon", "Add-on")
              .choice("variation", "Variation")
              .choice("quota", "Quota")
              .choice("voucher", "Voucher")
              .choice("voucher_budget", "Voucher's budget")
              .choice("condition", "Discount")
              .fixed()
              .read_only(),
          db::column("product_id", &S::product_id).fixed().read_only().help("0: the conference as a whole."),
          db::column("capacity", &S::capacity)
              .minimum(0)
              .read_only()
              .help("Empty: unlimited. Changed with the product or the conference."),
          db::column("sold", &S::sold).minimum(0).read_only(),
          db::column("held", &S::held).minimum(0).read_only().help("By carts and unpaid orders."),
          db::column("over_limit", &S::over_limit)
              .minimum(0)
              .read_only()
              .help("What a lowered limit left in use over it. More than that was sold twice."),
      },
      db::Rules<S>()
          .titled("Stock", "Stock")
          .ordered_by("conference_id, kind, product_id")
          .unique({"conference_id", "kind", "product_id"}));
  return table;
}

const db::Entity<HoldRow>& hold_table() {
  using H = HoldRow;
  static const db::Entity<H> table(
      "hold",
      {
          db::column("id", &H::id).generated_key(),
          db::column("conference_id", &H::conference_id)
              .references("conference", db::OnDelete::cascade)
              .fixed()
              .read_only(),
          db::column("stock_id", &H::stock_id).references("stock", db::OnDelete::cascade).fixed().read_only(),
          db::column("owner_kind", &H::owner_kind)
              .choices({"cart", "order", "offer", "voucher", "change"})
              .read_only()
              .label("Held by"),
          db::column("owner_id", &H::owner_id).read_only().help("Number of the cart or order."),
          db::column("quantity", &H::quantity).minimum(1).read_only(),
          db::column("expires_at", &H::expires_at).read_only(),
          db::column("reserve_id", &H::reserve_id)
              .read_only()
              .label("Reserve")
              .help("The voucher whose units these are."),
          db::column("reserved", &H::reserved).minimum(0).read_only().help("Units of that reserve."),
      },
      db::Rules<H>()
          .titled("Hold", "Holds")
          .ordered_by("expires_at, id")
          .unique({"owner_kind", "owner_id", "stock_id"}));
  return table;
}

}  // namespace plenary::registration
