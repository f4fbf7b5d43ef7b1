// What every cart operation and checkout starts from: the catalogue of this very moment, the visitor's cart
// and the live stock, read in one write before anything is changed. Private to the room.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "domain/registration/buyer.hpp"
#include "domain/registration/cart.hpp"
#include "domain/registration/purchase_rules.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::registration {

namespace store {
struct FoundVoucher;
}

struct OpenCart {
  std::shared_ptr<const Catalogue> catalogue;
  std::optional<Cart> cart;
  std::vector<CartItem> items;
  StockLevels levels{{}};
  std::optional<AppliedVoucher> voucher;
  // Of the voucher the cart came with: rows that are not there were never used. `any_elapsed`: some hold of
  // the conference is over and not taken back yet; known with a voucher only.
  StockLevels voucher_levels{{}};
  bool any_elapsed = false;

  // Units of a product, of all its variations.
  std::int64_t units(ProductKind kind, Id product_id) const;
  const AppliedVoucher* valid_voucher(Instant now) const;
  const Reserve* reserve(Instant now) const;
  CartItem* item(Id item_id);
  std::int64_t tickets() const;  // units of all ticket types in the cart
};

// Refused("sales_closed") when the conference sells nothing now. `with_stock` false skips the stock query.
OpenCart load_open_cart(db::Tx& tx, const Shop& shop, const Visitor& visitor, bool with_stock = true);

// A voucher as a query found it, with its products and its reserve.
AppliedVoucher with_products(db::Tx& tx, store::FoundVoucher found);

// What the person bought, or is about to pay, elsewhere; of add-ons only where the catalogue limits one.
Bought bought_by(db::Tx& tx, const Catalogue& catalogue, const Visitor& visitor,
                 std::string_view email_normalized, std::optional<Id> except_order = {});

// The rows that a quantity of a product takes, as changes of holds.
std::vector<HoldChange> changes_for(const OpenCart& open, const CartItem& item, std::int64_t quantity);

// Gives everything back and takes it again under new circumstances (another voucher), as far as there is
// room; the cart lasts as long as before. What had to be cut.
std::vector<Gone> retake(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open);

// A lapsed cart takes everything again as far as there is stock; the items change accordingly. Afterwards the
// cart is live, or empty. Does nothing for a live cart. `kept`: what was kept for waiting lists before the
// cart's own holds were released; null: they had elapsed. source: 20, D31.
std::vector<Gone> take_again(db::Tx& tx, const Shop& shop, const Visitor& visitor, OpenCart& open,
                             const std::vector<HoldChange>* kept = nullptr);

// now + cart_expiry_minutes, but never beyond the cap. source: 20, D30.
Instant next_expiry(const Shop& shop, const Cart& cart, Instant now);

// Whether one of the tickets the add-on asks for is among the items. source: 20, 7.3.
bool prerequisites_met(const AddOn& addon, const std::vector<CartItem>& items);
// The same, or such a ticket was bought before, for which the database is asked only then, and once for all
// add-ons: an order that is not paid counts for nothing. Within one transaction. source: 20, D20.
class Prerequisites {
 public:
  Prerequisites(db::Tx& tx, const Visitor& visitor, std::string_view email_normalized,
                std::optional<Id> except_order = {})
      : tx_(tx), visitor_(visitor), email_(email_normalized), except_order_(except_order) {}
  bool are_met(const AddOn& addon, const std::vector<CartItem>& items);

 private:
  db::Tx& tx_;
  const Visitor& visitor_;
  std::string_view email_;
  std::optional<Id> except_order_;
  std::optional<std::vector<Id>> held_;
};
std::string names_of_required(const Catalogue& catalogue, const AddOn& addon);

}  // namespace plenary::registration
