// The cart half of the room's store.
#include "domain/registration/store.hpp"

#include <algorithm>
#include <array>

#include "domain/registration/stock_words.hpp"

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

// A voucher as prices need it, its uses and what it has taken off, and whether any hold has elapsed: then its
// levels are to be asked for by themselves.
#define VOUCHER_COLUMNS                                                                                    \
  "v.id, v.conference_id, v.code, v.voucher_type, v.percent, v.amount, v.ticket_scope, v.addon_scope, "    \
  "v.max_uses, v.max_units, v.budget, v.reserves, v.valid_from, v.valid_until, v.unlocks_hidden_tickets, " \
  "v.is_active, u.id, u.capacity, u.sold, u.held, b.id, b.capacity, b.sold, b.held, v.id IS NOT NULL AND " \
  "EXISTS (SELECT 1 FROM hold h WHERE h.conference_id = $1 AND h.expires_at <= $2) "
#define VOUCHER_STOCK                                                                               \
  "LEFT JOIN stock u ON u.conference_id = v.conference_id AND u.kind = 'voucher' AND u.product_id " \
  "= v.id LEFT JOIN stock b ON b.conference_id = v.conference_id AND b.kind = 'voucher_budget' "    \
  "AND b.product_id = v.id "
#define CART_AND_ITEMS                                                                                      \
  "SELECT c.id, c.conference_id, c.user_id, c.status, c.expires_at, c.hold_cap_at, c.draft, c.voucher_id, " \
  "i.id, i.ticket_type_id, i.addon_id, i.quantity, i.variation_id, i.chosen_price, " VOUCHER_COLUMNS        \
  "FROM cart c LEFT JOIN cart_item i ON i.cart_id = c.id LEFT JOIN voucher v ON v.id = c.voucher_id AND "   \
  "v.conference_id = c.conference_id " VOUCHER_STOCK                                                        \
  "WHERE c.conference_id = $1 AND c.status IN ('open', 'expired') AND "

namespace {

constexpr std::size_t cart_columns = 8, item_columns = 6, voucher_columns = 25;
using Kind = db::ColumnKind;
constexpr std::array<Kind, cart_columns> cart_kinds{Kind::integer, Kind::integer, Kind::integer,
                                                    Kind::text,    Kind::integer, Kind::integer,
                                                    Kind::text,    Kind::integer};
constexpr std::array<Kind, voucher_columns> voucher_kinds{
    Kind::integer, Kind::integer, Kind::text,    Kind::text,    Kind::text,    Kind::integer, Kind::text,
    Kind::text,    Kind::integer, Kind::integer, Kind::integer, Kind::integer, Kind::integer, Kind::integer,
    Kind::integer, Kind::integer, Kind::integer, Kind::integer, Kind::integer, Kind::integer, Kind::integer,
    Kind::integer, Kind::integer, Kind::integer, Kind::integer};
constexpr auto cart_and_items_kinds = [] {
  std::array<Kind, cart_columns + item_columns + voucher_columns> all{};
  std::size_t at = 0;
  for (const Kind kind : cart_kinds) all[at++] = kind;
  for (std::size_t i = 0; i < item_columns; ++i) all[at++] = Kind::integer;
  for (const Kind kind : voucher_kinds) all[at++] = kind;
  return all;
}();

VoucherType voucher_type(std::string_view text) {
  for (const VoucherType type : {VoucherType::percentage, VoucherType::fixed_amount})
    if (to_text(type) == text) return type;
  return VoucherType::comp;
}
Scope scope_of(std::string_view text) {
  return text == "all" ? Scope::all : text == "selected" ? Scope::selected : Scope::none;
}

std::optional<std::int64_t> number(const db::Field& field) {
  return field.is_null ? std::nullopt : std::optional(field.integer);
}
std::optional<Instant> instant(const db::Field& field) {
  return field.is_null ? std::nullopt : std::optional(Instant{field.integer});
}

Cart cart_of(const db::Field* f) {
  return cart_from({f[0].integer, f[1].integer, number(f[2]), std::string(f[3].text), instant(f[4]),
                    instant(f[5]), std::string(f[6].text), number(f[7])});
}

// Of VOUCHER_COLUMNS; nothing without a voucher.
std::optional<FoundVoucher> voucher_of(db::Tx& tx, const db::Field* f) {
  if (f[0].is_null) return std::nullopt;
  FoundVoucher found;
  Voucher& v = found.voucher;
  v.id = f[0].integer;
  v.conference_id = f[1].integer;
  v.code = f[2].text;
  v.type = voucher_type(f[3].text);
  v.percent = Decimal::parse(f[4].text).value_or(Decimal());
  v.amount = f[5].integer;
  v.ticket_scope = scope_of(f[6].text);
  v.addon_scope = scope_of(f[7].text);
  v.max_uses = f[8].integer;
  v.max_units = number(f[9]);
  v.budget = number(f[10]);
  v.reserves = f[11].integer != 0;
  v.valid_from = instant(f[12]);
  v.valid_until = instant(f[13]);
  v.unlocks_hidden_tickets = f[14].integer != 0;
  v.is_active = f[15].integer != 0;
  std::vector<StockLevel> levels;
  const auto level = [&](const db::Field* row, StockKind kind) {
    if (row[0].is_null) return;
    levels.push_back(
        {row[0].integer, kind, v.id, number(row[1]), row[2].integer, row[3].integer, 0, false, 0});
    stock::add_taken(tx, levels.back());
  };
  level(f + 16, StockKind::voucher);
  level(f + 20, StockKind::voucher_budget);
  found.levels = StockLevels(std::move(levels));
  found.any_elapsed = f[24].integer != 0;
  return found;
}

}  // namespace

CartAndItems cart_and_items(db::Tx& tx, const Visitor& visitor) {
  CartAndItems found;
  struct Into {
    db::Tx& tx;
    CartAndItems& found;
  } context{tx, found};
  const auto row = [](void* to, const db::Field* f) {
    CartAndItems& into = static_cast<Into*>(to)->found;
    if (!into.cart) {
      into.cart = cart_of(f);
      into.voucher = voucher_of(static_cast<Into*>(to)->tx, f + cart_columns + item_columns);
    }
    const db::Field* i = f + cart_columns;
    if (i[0].is_null) return;
    const bool is_ticket = !i[1].is_null;
    into.items.push_back({i[0].integer, is_ticket ? ProductKind::ticket_type : ProductKind::addon,
                          is_ticket ? i[1].integer : i[2].integer, i[3].integer, number(i[4]), number(i[5])});
  };
  const db::ReadsCounted reads(tx);
  if (visitor.user_id) {
    const db::Param in[] = {visitor.conference_id, tx.now(), *visitor.user_id};
    tx.run(CART_AND_ITEMS "c.user_id = $3", in, cart_and_items_kinds, row, &context);
  } else if (!visitor.session_hash.empty()) {
    const db::Param in[] = {visitor.conference_id, tx.now(), visitor.session_hash};
    tx.run(CART_AND_ITEMS "c.session_hash = $3", in, cart_and_items_kinds, row, &context);
  }
  // Here, because SQLite would set up a sorter for two rows.
  std::sort(found.items.begin(), found.items.end(),
            [](const CartItem& a, const CartItem& b) { return a.id < b.id; });
  return found;
}

namespace {
template <class Which>
std::optional<FoundVoucher> one_voucher(db::Tx& tx, const char* sql, Id conference_id, const Which& which) {
  struct Into {
    db::Tx& tx;
    std::optional<FoundVoucher> found;
  } into{tx, std::nullopt};
  const db::Param in[] = {conference_id, tx.now(), which};
  const auto row = [](void* to, const db::Field* f) {
    static_cast<Into*>(to)->found = voucher_of(static_cast<Into*>(to)->tx, f);
  };
  const db::ReadsCounted reads(tx);
  tx.run(sql, in, voucher_kinds, row, &into);
  return std::move(into.found);
}
}  // namespace

std::optional<FoundVoucher> voucher_by_code(db::Tx& tx, Id conference_id, std::string_view code) {
  return one_voucher(tx,
                     "SELECT " VOUCHER_COLUMNS "FROM voucher v " VOUCHER_STOCK
                     "WHERE v.conference_id = $1 AND v.code = $3",
                     conference_id, code);
}

std::optional<FoundVoucher> voucher_by_id(db::Tx& tx, Id conference_id, Id id) {
  return one_voucher(tx,
                     "SELECT " VOUCHER_COLUMNS "FROM voucher v " VOUCHER_STOCK
                     "WHERE v.id = $3 AND v.conference_id = $1",
                     conference_id, id);
}
#undef CART_AND_ITEMS
#undef VOUCHER_STOCK
#undef VOUCHER_COLUMNS

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
  db::write_later(tx, sql, *id, visitor.conference_id, visitor.user_id, session, network, voucher_id,
                  expires_at, hold_cap_at, tx.now());
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
  db::write_later(tx, "UPDATE cart SET status = $1, draft = '{}', updated_at = $2 WHERE id = $3",
                  to_text(status), tx.now(), cart_id);
}

void add_to_item(db::Tx& tx, Id cart_id, const CartItem& item) {
  const bool ticket = item.kind == ProductKind::ticket_type;
  db::write_later(
      tx,
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
