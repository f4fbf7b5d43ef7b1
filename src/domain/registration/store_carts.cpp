// The cart half of the room's store.
#include "domain/registration/store.hpp"

#include <algorithm>

namespace plenary::registration::store {
namespace {

using CartRow = std::tuple<Id, Id, std::optional<Id>, std::string, std::optional<Instant>,
                           std::optional<Instant>, std::string, std::optional<Id>>;

Cart cart_from(CartRow row) {
  auto& [id, conference, user, status, expires, cap, draft, voucher] = row;
  Cart cart;
  cart.id = id;
  cart.conference_id = conference;
  cart.user_id = user;
  cart.status = cart_status(status);
  cart.expires_at = expires.value_or(Instant{});
  cart.hold_cap_at = cap.value_or(Instant{});
  cart.draft = std::move(draft);
  cart.voucher_id = voucher;
  return cart;
}

}  // namespace

std::optional<Cart> find_cart(db::Tx& tx, const Visitor& visitor) {
  if (visitor.user_id) {
    if (auto row =
            tx.maybe<Id, Id, std::optional<Id>, std::string, std::optional<Instant>, std::optional<Instant>,
                     std::string, std::optional<Id>>("SELECT id, conference_id, user_id, status, expires_at, "
                                                     "hold_cap_at, draft, voucher_id FROM cart WHERE "
                                                     "conference_id = $1 AND "
                                                     "user_id = $2 AND status IN ('open', 'expired')",
                                                     visitor.conference_id, *visitor.user_id))
      return cart_from(std::move(*row));
    return std::nullopt;
  }
  if (visitor.session_hash.empty()) return std::nullopt;
  if (auto row =
          tx.maybe<Id, Id, std::optional<Id>, std::string, std::optional<Instant>, std::optional<Instant>,
                   std::string, std::optional<Id>>("SELECT id, conference_id, user_id, status, expires_at, "
                                                   "hold_cap_at, draft, voucher_id FROM cart WHERE "
                                                   "conference_id = $1 AND "
                                                   "session_hash = $2 AND status IN ('open', 'expired')",
                                                   visitor.conference_id, visitor.session_hash))
    return cart_from(std::move(*row));
  return std::nullopt;
}

#define CART_AND_ITEMS                                                                                      \
  "SELECT c.id, c.conference_id, c.user_id, c.status, c.expires_at, c.hold_cap_at, c.draft, c.voucher_id, " \
  "i.id, i.ticket_type_id, i.addon_id, i.quantity, i.variation_id, i.chosen_price FROM cart c LEFT JOIN "   \
  "cart_item i ON i.cart_id = c.id WHERE c.conference_id = $1 AND c.status IN ('open', 'expired') AND "

CartAndItems cart_and_items(db::Tx& tx, const Visitor& visitor) {
  CartAndItems found;
  const auto read = [&](auto&& rows) {
    for (auto& [id, conference, user, status, expires, cap, draft, voucher, item, ticket, addon, quantity,
                variation, price] : rows) {
      if (!found.cart)
        found.cart =
            cart_from({id, conference, user, std::move(status), expires, cap, std::move(draft), voucher});
      if (item)
        found.items.push_back({*item, ticket ? ProductKind::ticket_type : ProductKind::addon,
                               ticket ? *ticket : addon.value_or(0), quantity.value_or(0), variation, price});
    }
  };
  if (visitor.user_id)
    read(tx.query<Id, Id, std::optional<Id>, std::string, std::optional<Instant>, std::optional<Instant>,
                  std::string, std::optional<Id>, std::optional<Id>, std::optional<Id>, std::optional<Id>,
                  std::optional<std::int64_t>, std::optional<Id>, std::optional<std::int64_t>>(
        CART_AND_ITEMS "c.user_id = $2", visitor.conference_id, *visitor.user_id));
  else if (!visitor.session_hash.empty())
    read(tx.query<Id, Id, std::optional<Id>, std::string, std::optional<Instant>, std::optional<Instant>,
                  std::string, std::optional<Id>, std::optional<Id>, std::optional<Id>, std::optional<Id>,
                  std::optional<std::int64_t>, std::optional<Id>, std::optional<std::int64_t>>(
        CART_AND_ITEMS "c.session_hash = $2", visitor.conference_id, visitor.session_hash));
  // Here, because SQLite would set up a sorter for two rows.
  std::sort(found.items.begin(), found.items.end(),
            [](const CartItem& a, const CartItem& b) { return a.id < b.id; });
  return found;
}
#undef CART_AND_ITEMS

std::optional<Id> next_cart_id(db::Tx& tx) {
  if (tx.engine() != db::Engine::postgresql) return std::nullopt;
  return tx.maybe<Id>("SELECT nextval('cart_id_seq')");
}

Id insert_cart(db::Tx& tx, const Visitor& visitor, std::optional<Id> voucher_id, Instant expires_at,
               Instant hold_cap_at, bool keep_network) {
  static constexpr char sql[] =
      "INSERT INTO cart (id, conference_id, user_id, session_hash, network, status, voucher_id, expires_at, "
      "hold_cap_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $9) "
      "RETURNING "
      "id";
  const auto session = visitor.user_id ? std::nullopt : std::optional(visitor.session_hash);
  const std::string network = keep_network ? visitor.network : std::string();
  const std::optional<Id> id = next_cart_id(tx);
  if (!id)
    return tx.one<Id>(sql, id, visitor.conference_id, visitor.user_id, session, network, voucher_id,
                      expires_at, hold_cap_at, tx.now());
  tx.exec_later(sql, *id, visitor.conference_id, visitor.user_id, session, network, voucher_id, expires_at,
                hold_cap_at, tx.now());
  return *id;
}

void reopen_cart(db::Tx& tx, Id cart_id, Instant expires_at, Instant hold_cap_at) {
  tx.exec_later(
      "UPDATE cart SET status = 'open', expires_at = $1, hold_cap_at = $2, hold_renewed_at = NULL, "
      "updated_at = $3 WHERE "
      "id = $4",
      expires_at, hold_cap_at, tx.now(), cart_id);
}

void set_cart_expiry(db::Tx& tx, Id cart_id, Instant expires_at) {
  tx.exec_later("UPDATE cart SET expires_at = $1, updated_at = $2 WHERE id = $3", expires_at, tx.now(),
                cart_id);
}

void mark_renewed(db::Tx& tx, Id cart_id) {
  tx.exec_later("UPDATE cart SET hold_renewed_at = $1 WHERE id = $2", tx.now(), cart_id);
}

bool was_renewed(db::Tx& tx, Id cart_id) {
  return tx.one<bool>("SELECT CASE WHEN hold_renewed_at IS NULL THEN 0 ELSE 1 END FROM cart WHERE id = $1",
                      cart_id);
}

void set_cart_status(db::Tx& tx, Id cart_id, CartStatus status) {
  // What was typed is in the order by then.
  tx.exec_later("UPDATE cart SET status = $1, draft = '{}', updated_at = $2 WHERE id = $3", to_text(status),
                tx.now(), cart_id);
}

void add_to_item(db::Tx& tx, Id cart_id, const CartItem& item) {
  const bool ticket = item.kind == ProductKind::ticket_type;
  tx.exec_later(
      "INSERT INTO cart_item (cart_id, ticket_type_id, addon_id, variation_id, chosen_price, quantity, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (cart_id, COALESCE(ticket_type_id, 0), "
      "COALESCE(addon_id, 0), COALESCE(variation_id, 0), COALESCE(chosen_price + 1, 0)) DO UPDATE SET "
      "quantity "
      "= "
      "cart_item.quantity + excluded.quantity",
      cart_id, ticket ? std::optional<Id>(item.product_id) : std::nullopt,
      ticket ? std::nullopt : std::optional<Id>(item.product_id), item.variation_id, item.chosen_price,
      item.quantity, tx.now());
}

void set_cart_voucher(db::Tx& tx, Id cart_id, std::optional<Id> voucher_id) {
  tx.exec_later("UPDATE cart SET voucher_id = $1, updated_at = $2 WHERE id = $3", voucher_id, tx.now(),
                cart_id);
}

void set_item_quantity(db::Tx& tx, Id item_id, std::int64_t quantity) {
  tx.exec_later("UPDATE cart_item SET quantity = $1 WHERE id = $2", quantity, item_id);
}

void delete_item(db::Tx& tx, Id item_id) {
  tx.exec_later("DELETE FROM cart_item WHERE id = $1", item_id);
}

std::int64_t held_by_carts_of_network(db::Tx& tx, std::string_view network, Instant since) {
  const auto units = tx.maybe<std::int64_t>(
      "SELECT CAST(COALESCE(SUM(i.quantity), 0) AS BIGINT) FROM cart c JOIN cart_item i ON i.cart_id = c.id "
      "WHERE c.network "
      "= $1 AND c.network <> '' AND c.created_at > $2 AND c.status = 'open' AND c.expires_at > $3",
      network, since, tx.now());
  return units.value_or(0);
}

std::vector<CartItem> items_of_cart(db::Tx& tx, Id cart_id) {
  std::vector<CartItem> items;
  for (const auto& [id, ticket, addon, quantity, variation, price] :
       tx.query<Id, std::optional<Id>, std::optional<Id>, std::int64_t, std::optional<Id>,
                std::optional<std::int64_t>>(
           "SELECT id, ticket_type_id, addon_id, quantity, variation_id, chosen_price FROM cart_item WHERE "
           "cart_id = $1 ORDER BY id",
           cart_id))
    items.push_back({id, ticket ? ProductKind::ticket_type : ProductKind::addon, ticket ? *ticket : *addon,
                     quantity, variation, price});
  return items;
}

void set_cart_draft(db::Tx& tx, Id cart_id, std::string_view draft) {
  tx.exec_later("UPDATE cart SET draft = $1 WHERE id = $2", draft, cart_id);
}

void give_cart(db::Tx& tx, Id cart_id, Id user_id) {
  tx.exec("UPDATE cart SET user_id = $1, session_hash = NULL, updated_at = $2 WHERE id = $3", user_id,
          tx.now(), cart_id);
}

void delete_cart(db::Tx& tx, Id cart_id) {
  tx.exec("DELETE FROM cart WHERE id = $1", cart_id);
}

void set_hold_cap(db::Tx& tx, Id cart_id, Instant expires_at, Instant hold_cap_at) {
  tx.exec_later("UPDATE cart SET expires_at = $1, hold_cap_at = $2, updated_at = $3 WHERE id = $4",
                expires_at, hold_cap_at, tx.now(), cart_id);
}

std::vector<Id> conferences_of_guest(db::Tx& tx, std::string_view session_hash) {
  // By conference, so that each is found through the index of current carts.
  return tx.query<Id>(
      "SELECT c.id FROM conference c WHERE EXISTS (SELECT 1 FROM cart k WHERE k.conference_id = c.id AND "
      "k.session_hash = $1 AND k.status IN ('open', 'expired')) OR c.id IN (SELECT conference_id FROM orders "
      "WHERE session_hash = $1) ORDER BY c.id",
      session_hash);
}

std::int64_t expire_carts(db::Tx& tx, Id conference_id, int limit) {
  return tx.exec(
      "UPDATE cart SET status = 'expired', updated_at = $1 WHERE id IN (SELECT id FROM cart WHERE "
      "conference_id = $2 AND "
      "status = 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT $3)",
      tx.now(), conference_id, limit);
}

}  // namespace plenary::registration::store
