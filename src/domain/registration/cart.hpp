// Carts: a live cart really holds what is in it until it expires. Every function is part of the caller's
// write and sees its cart unchanged from the first check on; Refused means nothing was changed. source: 20, 7
// with D1-D8, D20, D21, D29-D31.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/codes.hpp"
#include "base/errors.hpp"
#include "domain/registration/catalogue.hpp"
#include "domain/registration/pricing.hpp"
#include "domain/registration/stock.hpp"
#include "domain/registration/types.hpp"

namespace plenary::registration {

// Limits on what one person can keep from others; from [security]. source: 20, D30; ground rules 15, 5.5.
struct HoldLimits {
  bool enabled = true;
  config::RateLimits rates = {};  // new carts and orders
  // Units that live carts and unpaid orders hold at one time.
  std::int64_t per_session = 100, per_account = 100, per_email = 100, per_network = 5000;
};

// What every operation needs to know about the shop; made once by embed/program, shared by all threads.
struct Shop {
  const config::ProgramSettings& program;
  Catalogues& catalogues;
  Random& random;
  HoldLimits limits;
};

// Who acts. A cart belongs to the user when there is one, else to the browser's session.
struct Visitor {
  Id conference_id = 0;
  std::optional<Id> user_id;
  std::string session_hash;  // of the session cookie; also for signed-in users
  std::string network;       // client address cut to its network, for limits only
  std::string email = {};    // normalised, of the signed-in user's account; for limits only
};

// One item that could not be had again after the cart had lapsed.
struct Gone {
  std::string name;
  std::int64_t wanted = 0, kept = 0;
};

struct CartChange {
  Id cart_id = 0;
  std::vector<Gone> gone;  // what was lost while the cart was lapsed; everything else is held again
  // What had to leave with it: add-ons whose ticket is gone, tickets that no voucher unlocks any more.
  std::vector<std::string> also_removed;
  // Of AddItem::voucher_code: whether the cart has it now; why not. The item was added all the same.
  bool has_linked_voucher = false;
  std::optional<Refused> voucher_problem;
};

// The reads that every change of a cart begins with; for Tx::ask_ahead, so that they travel with the caller's
// own.
void look_at_cart(db::Tx& tx, const Visitor& visitor);
void look_at_cart_and_stock(db::Tx& tx, const Shop& shop, const Visitor& visitor);

// What is put into a cart.
struct AddItem {
  std::string_view slug;
  std::int64_t quantity = 1;
  std::string_view variation = {};                // its slug; needed where the product has some
  std::optional<std::int64_t> chosen_price = {};  // of a product whose price the buyer names, minor units
  std::string_view voucher_code = {};             // of the link that led here: for a cart without a voucher
};

// Adds units of a ticket type (20, 7.2) or an add-on (7.3); creates the cart when there is none.
CartChange add_ticket(db::Tx& tx, const Shop& shop, const Visitor& visitor, const AddItem& item);
CartChange add_addon(db::Tx& tx, const Shop& shop, const Visitor& visitor, const AddItem& item);
inline CartChange add_ticket(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view slug,
                             std::int64_t quantity) {
  return add_ticket(tx, shop, visitor, AddItem{slug, quantity});
}
inline CartChange add_addon(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view slug,
                            std::int64_t quantity) {
  return add_addon(tx, shop, visitor, AddItem{slug, quantity});
}
// Attaches a voucher, in place of any other; creates the cart when there is none. No use is taken before the
// order. Refused("unknown_code"), alike for codes that are unknown and that can no longer be used. Hidden
// tickets that only the former voucher unlocked leave the cart. source: 20, 5.3, D3, D13.
CartChange apply_voucher(db::Tx& tx, const Shop& shop, const Visitor& visitor, std::string_view code);
// Refused("no_voucher") when there is none.
CartChange remove_voucher(db::Tx& tx, const Shop& shop, const Visitor& visitor);
// Absolute quantity; 0 removes (7.5). NotFound for an item of another cart.
CartChange set_quantity(db::Tx& tx, const Shop& shop, const Visitor& visitor, Id item_id,
                        std::int64_t quantity);
CartChange remove_item(db::Tx& tx, const Shop& shop, const Visitor& visitor, Id item_id);
// "I need more time": renews the hold up to its cap; a lapsed cart takes everything again. source: 15, 4.4;
// D31.
CartChange renew(db::Tx& tx, const Shop& shop, const Visitor& visitor);
// Sending the billing form renews, once, a hold that is about to lapse (under 5 minutes left). source: D31.
void renew_if_about_to_lapse(db::Tx& tx, const Shop& shop, const Visitor& visitor);
// Whether that is worth a write; reads only.
bool is_about_to_lapse(const Cart& cart, Instant now);

// What a page shows. Reads only; an overdue cart is shown as lapsed and nothing is created. source: 7.1, D21.
struct CartView {
  std::optional<Cart> cart;
  bool lapsed = false;
  std::vector<CartItem> items;
  std::optional<AppliedVoucher> voucher;  // valid or not: the quote says whether it took something off
  Person person;
  std::optional<StockLevels> levels;  // where a discount is limited
  Quote quote;                        // of a buyer whose country is not known yet
};
CartView view_cart(db::Tx& tx, const Catalogue& catalogue, const Visitor& visitor);
// For Tx::ask_ahead: what view_cart asks for a visitor without an account, the stock included.
void look_at_cart_page(db::Tx& tx, const Visitor& visitor);
// The same for a buyer who is known. `explains`: with what was refused, and why.
Quote quote_for(const Catalogue& catalogue, const CartView& view, const TaxParty& party, Instant now,
                bool explains = true);

}  // namespace plenary::registration
