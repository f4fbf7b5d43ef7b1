// The order half of the room's store: orders, lines, new seats, events. Payments: store_payments.cpp.
// "conference_id + 0" keeps the planners from the index of a whole conference: PostgreSQL keeps the plan it
// made while the table was empty and every index looked alike (measured: 8,000 rows read for each order
// found), SQLite knows no counts.
#include "domain/registration/store.hpp"

#include "db/gather.hpp"

namespace plenary::registration::store {
namespace {

#define ORDER_COLUMNS                                                                                      \
  "SELECT id, conference_id, user_id, status, subtotal, discount_amount, total, currency, billing_name, "  \
  "billing_email, billing_company, reference, hold_expires_at, created_at, paid_at, cancelled_at, "        \
  "is_sandbox, email_normalized, COALESCE(session_hash, ''), language, link_version, mail_problem, tax, "  \
  "voucher_id, voucher_code, vat_check_id, vat_confirmed, attention, comment, version, "                   \
  "billing_is_business, billing_street, billing_postcode, billing_city, billing_region, billing_country, " \
  "billing_vat_id, billing_reference FROM orders "

using Text = std::string;
using OrderRow = std::tuple<Id, Id, std::optional<Id>, Text, std::int64_t, std::int64_t, std::int64_t, Text,
                            Text, Text, Text, Text, std::optional<Instant>, Instant, std::optional<Instant>,
                            std::optional<Instant>, bool, Text, Text, Text, std::int64_t, Text, std::int64_t,
                            std::optional<Id>, Text, std::optional<Id>, bool, Text, Text, std::int64_t, bool,
                            Text, Text, Text, Text, Text, Text, Text>;

template <class Row>
struct Rows;
template <class... Out>
struct Rows<std::tuple<Out...>> {
  template <class... In>
  static std::optional<std::tuple<Out...>> maybe(db::Tx& tx, const char* sql, const In&... in) {
    return tx.maybe<Out...>(sql, in...);
  }
};

template <class... In>
std::optional<OrderRow> order_row(db::Tx& tx, const char* sql, const In&... in) {
  return Rows<OrderRow>::maybe(tx, sql, in...);
}

std::optional<Order> complete(db::Tx& tx, std::optional<OrderRow> row) {
  if (!row) return std::nullopt;
  Order order;
  std::string status;
  Billing& b = order.billing;
  std::tie(order.id, order.conference_id, order.user_id, status, order.subtotal, order.discount, order.total,
           order.currency, b.name, b.email, b.company, order.reference, order.hold_expires_at,
           order.created_at, order.paid_at, order.cancelled_at, order.is_sandbox, order.email_normalized,
           order.session_hash, order.language, order.link_version, order.mail_problem, order.tax,
           order.voucher_id, order.voucher_code, order.vat_check_id, order.vat_confirmed, order.attention,
           order.comment, order.version, b.is_business, b.street, b.postcode, b.city, b.region, b.country,
           b.vat_id, b.reference) = std::move(*row);
  order.status = order_status(status);
  order.tells_buyer = !b.email.empty();  // of the desk, where nobody asked for it
  order.lines = lines_of(tx, order.reference);
  return order;
}

}  // namespace

std::vector<OrderLine> lines_of(db::Tx& tx, std::string_view reference) {
  std::vector<OrderLine> lines;
  for (
      auto& [id, kind, description, quantity, unit_price, condition_id, condition_name, condition, units,
             voucher, total, gross, net, tax, rate, category, inclusive, reverse, rule, rule_version, country,
             text, ticket, addon, variation, reverses] :
      tx.query<Id, Text, Text, std::int64_t, std::int64_t, std::optional<Id>, Text, std::int64_t,
               std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, Text, Text,
               bool, bool, std::optional<Id>, std::int64_t, Text, Text, std::optional<Id>, std::optional<Id>,
               std::optional<Id>, std::optional<Id>>(
          "SELECT l.id, l.kind, l.description, l.quantity, l.unit_price, l.condition_id, l.condition_name, "
          "l.condition_discount, l.condition_units, l.voucher_discount, l.line_total, l.gross, l.net, l.tax, "
          "l.tax_rate, l.tax_category, l.tax_inclusive, l.reverse_charge, l.tax_rule_id, l.tax_rule_version, "
          "l.tax_country, l.tax_text, l.ticket_type_id, l.addon_id, l.variation_id, l.reverses_line_id "
          "FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.reference = $1 ORDER BY l.id",
          reference)) {
    OrderLine& line = lines.emplace_back();
    line.id = id;
    line.kind = line_kind(kind);
    line.description = std::move(description);
    line.quantity = quantity;
    line.unit_price = unit_price;
    line.condition_id = condition_id;
    line.condition_name = std::move(condition_name);
    line.condition_discount = condition;
    line.condition_units = units;
    line.voucher_discount = voucher;
    line.line_total = total;
    line.gross = gross;
    line.net = net;
    line.tax = tax;
    line.tax_rate = std::move(rate);
    line.tax_category = tax_category(category);
    line.tax_inclusive = inclusive;
    line.reverse_charge = reverse;
    line.tax_rule_id = rule;
    line.tax_rule_version = rule_version;
    line.tax_country = std::move(country);
    line.tax_text = std::move(text);
    line.ticket_type_id = ticket;
    line.addon_id = addon;
    line.variation_id = variation;
    line.reverses_line_id = reverses;
  }
  return lines;
}

std::vector<BoughtUnits> bought_with_addons(db::Tx& tx, const Visitor& visitor,
                                            std::string_view email_normalized,
                                            std::optional<Id> except_order) {
  std::vector<BoughtUnits> all;
  const auto add = [&](bool is_theirs, auto&& rows) {
    for (const auto& [order, is_sold, ticket_type, addon, units] : rows)
      all.push_back({order, is_sold, is_theirs, ticket_type, addon, units});
  };
#define BOUGHT_UNITS                                                                                         \
  "SELECT o.id, CASE WHEN o.status = 'pending' THEN 0 ELSE 1 END, l.ticket_type_id, l.addon_id, l.quantity " \
  "FROM orders o JOIN order_line l ON l.order_id = o.id "
#define OF_PRODUCTS " AND o.id <> $3 AND (l.ticket_type_id IS NOT NULL OR l.addon_id IS NOT NULL) "
  const Id except = except_order.value_or(0);
  if (visitor.user_id) {
    add(true, tx.query<Id, bool, std::optional<Id>, std::optional<Id>, std::int64_t>(
                  BOUGHT_UNITS "WHERE o.user_id = $1 AND o.conference_id + 0 = $2" OF_PRODUCTS
                               "AND (o.status IN ('paid', 'partially_refunded') OR (o.status = 'pending' AND "
                               "o.hold_expires_at > $4)) ORDER BY o.id",
                  *visitor.user_id, visitor.conference_id, except, tx.now()));
    return all;
  }
  if (!email_normalized.empty())
    add(true, tx.query<Id, bool, std::optional<Id>, std::optional<Id>, std::int64_t>(
                  BOUGHT_UNITS "WHERE o.conference_id + 0 = $1 AND o.email_normalized = $2" OF_PRODUCTS
                               "AND (o.status IN ('paid', 'partially_refunded') OR (o.status = 'pending' AND "
                               "o.hold_expires_at > $4 AND o.session_hash = $5)) ORDER BY o.id",
                  visitor.conference_id, email_normalized, except, tx.now(), visitor.session_hash));
  if (!visitor.session_hash.empty())
    add(false,
        tx.query<Id, bool, std::optional<Id>, std::optional<Id>, std::int64_t>(
            BOUGHT_UNITS "WHERE o.session_hash = $1 AND o.conference_id + 0 = $2" OF_PRODUCTS
                         "AND o.email_normalized <> $5 AND (o.status IN ('paid', 'partially_refunded') OR "
                         "(o.status = 'pending' AND o.hold_expires_at > $4)) ORDER BY o.id",
            visitor.session_hash, visitor.conference_id, except, tx.now(), email_normalized));
#undef OF_PRODUCTS
#undef BOUGHT_UNITS
  return all;
}

bool is_vat_confirmed(db::Tx& tx, Id conference_id, Id vat_check_id, std::string_view vat_id) {
  return tx
      .maybe<Id>(
          "SELECT id FROM vat_check WHERE id = $1 AND conference_id = $2 AND vat_id = $3 AND status = "
          "'valid'",
          vat_check_id, conference_id, vat_id)
      .has_value();
}

std::map<Id, std::int64_t> bought_units(db::Tx& tx, const Visitor& visitor, std::string_view email_normalized,
                                        std::optional<Id> except_order) {
  std::map<Id, std::int64_t> units;
  const auto add = [&](auto&& rows) {
    for (const auto& [type, quantity] : rows) units[type] += quantity;
  };
  const Id except = except_order.value_or(0);
  if (visitor.user_id)
    add(tx.query<Id, std::int64_t>(
        "SELECT l.ticket_type_id, l.quantity FROM orders o JOIN order_line l ON l.order_id = o.id "
        "WHERE o.user_id = $1 AND o.conference_id + 0 = $2 AND o.id <> $3 AND l.ticket_type_id IS NOT NULL "
        "AND (o.status IN "
        "('paid', 'partially_refunded') OR (o.status = 'pending' AND o.hold_expires_at > $4))",
        *visitor.user_id, visitor.conference_id, except, tx.now()));
  else if (!email_normalized.empty())
    add(tx.query<Id, std::int64_t>(
        "SELECT l.ticket_type_id, l.quantity FROM orders o JOIN order_line l ON l.order_id = o.id "
        "WHERE o.conference_id + 0 = $1 AND o.email_normalized = $2 AND o.id <> $3 AND l.ticket_type_id IS "
        "NOT NULL AND "
        "(o.status IN ('paid', 'partially_refunded') OR (o.status = 'pending' AND o.hold_expires_at > $4 AND "
        "o.session_hash = $5))",
        visitor.conference_id, email_normalized, except, tx.now(), visitor.session_hash));
  return units;
}

std::map<Id, std::int64_t> bought_beside(db::Tx& tx, Id conference_id, std::string_view reference) {
  std::map<Id, std::int64_t> units;
  const auto rows = tx.query<Id, std::int64_t>(
      "SELECT l.ticket_type_id, l.quantity FROM orders o JOIN order_line l ON l.order_id = o.id WHERE "
      "o.conference_id + 0 = $1 AND o.email_normalized = (SELECT email_normalized FROM orders WHERE "
      "reference "
      "= $2 AND email_normalized <> '') AND o.reference <> $2 AND l.ticket_type_id IS NOT NULL AND (o.status "
      "IN ('paid', 'partially_refunded') OR (o.status = 'pending' AND o.hold_expires_at > $3 AND "
      "o.session_hash = (SELECT session_hash FROM orders WHERE reference = $2)))",
      conference_id, reference, tx.now());
  for (const auto& [type, quantity] : rows) units[type] += quantity;
  return units;
}

std::vector<Id> held_ticket_types(db::Tx& tx, const Visitor& visitor, std::string_view email_normalized,
                                  std::optional<Id> except_order) {
  const Id except = except_order.value_or(0);
  if (visitor.user_id)
    return tx.query<Id>(
        "SELECT l.ticket_type_id FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.user_id = $1 "
        "AND "
        "o.conference_id + 0 = $2 AND o.id <> $3 AND l.ticket_type_id IS NOT NULL AND o.status IN ('paid', "
        "'partially_refunded') GROUP BY l.ticket_type_id HAVING SUM(l.quantity) > 0",
        *visitor.user_id, visitor.conference_id, except);
  std::vector<Id> held;
  if (!email_normalized.empty())
    held = tx.query<Id>(
        "SELECT l.ticket_type_id FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.conference_id "
        "+ 0 "
        "= $1 AND o.email_normalized = $2 AND o.id <> $3 AND l.ticket_type_id IS NOT NULL AND o.status IN "
        "('paid', 'partially_refunded') GROUP BY l.ticket_type_id HAVING SUM(l.quantity) > 0",
        visitor.conference_id, email_normalized, except);
  if (!visitor.session_hash.empty())
    for (const Id type :
         tx.query<Id>("SELECT l.ticket_type_id FROM orders o JOIN order_line l ON l.order_id = o.id WHERE "
                      "o.session_hash "
                      "= $1 AND o.conference_id + 0 = $2 AND o.id <> $3 AND l.ticket_type_id IS NOT NULL AND "
                      "o.status IN "
                      "('paid', 'partially_refunded') GROUP BY l.ticket_type_id HAVING SUM(l.quantity) > 0",
                      visitor.session_hash, visitor.conference_id, except))
      held.push_back(type);
  return held;
}

// Units of unpaid orders with a live hold.
std::int64_t held_by_orders_of_session(db::Tx& tx, const Visitor& visitor) {
  const auto units = tx.maybe<std::int64_t>(
      "SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM orders o JOIN order_line l ON l.order_id = "
      "o.id WHERE "
      "o.session_hash = $1 AND o.status = 'pending' AND o.hold_expires_at + 0 > $2 AND o.conference_id + 0 = "
      "$3",
      visitor.session_hash, tx.now(), visitor.conference_id);
  return units.value_or(0);
}

std::int64_t held_by_orders_of_user(db::Tx& tx, Id conference_id, Id user_id) {
  const auto units = tx.maybe<std::int64_t>(
      "SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM orders o JOIN order_line l ON l.order_id = "
      "o.id WHERE "
      "o.user_id = $1 AND o.status = 'pending' AND o.hold_expires_at + 0 > $2 AND o.conference_id + 0 = $3",
      user_id, tx.now(), conference_id);
  return units.value_or(0);
}

std::int64_t held_by_orders_of_email(db::Tx& tx, Id conference_id, std::string_view email_normalized) {
  const auto units = tx.maybe<std::int64_t>(
      "SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM orders o JOIN order_line l ON l.order_id = "
      "o.id WHERE "
      "o.email_normalized = $1 AND o.status = 'pending' AND o.hold_expires_at + 0 > $2 AND o.conference_id + "
      "0 = $3",
      email_normalized, tx.now(), conference_id);
  return units.value_or(0);
}

std::optional<Id> next_order_id(db::Tx& tx) {
  if (tx.engine() != db::Engine::postgresql) return std::nullopt;
  return tx.maybe<Id>("SELECT nextval('orders_id_seq')");
}

#define ORDER_VALUES                                                                                  \
  "conference_id, user_id, cart_id, session_hash, status, reference, secret_token_hash, currency, "   \
  "subtotal, discount_amount, total, email_normalized, language, billing_name, billing_email, "       \
  "billing_company, is_sandbox, hold_expires_at, paid_at, created_at, updated_at, utm_source, "       \
  "utm_medium, utm_campaign, tax, voucher_id, voucher_code, voucher_details, billing_is_business, "   \
  "billing_street, billing_postcode, billing_city, billing_region, billing_country, billing_vat_id, " \
  "billing_reference, vat_check_id, vat_confirmed"
#define ORDER_PLACES                                                                                      \
  "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, $21, " \
  "$22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37"

// With its number drawn before, an order travels with what follows. A reference that is taken then fails the
// write, which draws anew when it runs again (one in 10^10 or so); without, it is seen at once.
std::optional<Id> insert_order(db::Tx& tx, const NewOrder& o, std::optional<Id> id) {
  const auto session = o.visitor.session_hash.empty() ? std::nullopt : std::optional(o.visitor.session_hash);
  const Billing& b = o.form.billing;
  const db::Param voucher = o.voucher ? db::Param(o.voucher->id) : db::Param(std::optional<Id>());
  const std::string code = o.voucher ? o.voucher->code : std::string();
  const auto with_values = [&](auto&& use) {
    return use(o.visitor.conference_id, o.visitor.user_id, o.cart_id, session, to_text(o.status), o.reference,
               o.secret_hash, o.currency, o.quote.subtotal, o.quote.discount, o.quote.total,
               o.email_normalized, o.form.language, b.name, b.email, b.company, o.form.is_sandbox,
               o.hold_expires_at, o.paid_at, tx.now(), o.form.campaign.source, o.form.campaign.medium,
               o.form.campaign.campaign, o.quote.tax, voucher, code, o.voucher_details, b.is_business,
               b.street, b.postcode, b.city, b.region, b.country, b.vat_id, b.reference, o.form.vat_check_id,
               o.vat_confirmed);
  };
  if (!id)
    return with_values([&](const auto&... values) {
      return tx.maybe<Id>("INSERT INTO orders (" ORDER_VALUES ") VALUES (" ORDER_PLACES
                          ") ON CONFLICT (reference) DO NOTHING RETURNING id",
                          values...);
    });
  with_values([&](const auto&... values) {
    db::write_later(tx, "INSERT INTO orders (" ORDER_VALUES ", id) VALUES (" ORDER_PLACES ", $38)", values...,
                    *id);
  });
  return id;
}
#undef ORDER_PLACES
#undef ORDER_VALUES

void insert_lines(db::Tx& tx, Id order_id, const Quote& quote) {
  for (const QuoteLine& line : quote.lines) {
    const bool ticket = line.line_kind == LineKind::ticket, addon = line.line_kind == LineKind::addon;
    const AppliedTax& applied = line.applied_tax;
    const TaxRule* rule = applied.rule ? &applied.rule->rule : nullptr;
    const std::string rate = percent_of(applied.reverse_charge ? 0 : applied.rate).to_string();
    db::write_later(
        tx,
        "INSERT INTO order_line (order_id, ticket_type_id, addon_id, variation_id, kind, description, "
        "quantity, unit_price, condition_id, condition_name, condition_discount, condition_units, "
        "voucher_discount, line_total, gross, net, tax, tax_rate, tax_category, tax_inclusive, tax_rule_id, "
        "tax_rule_version, tax_country, reverse_charge, tax_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
        "$9, "
        "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        order_id, ticket ? std::optional<Id>(line.product_id) : std::nullopt,
        addon ? std::optional<Id>(line.product_id) : std::nullopt, line.variation_id, to_text(line.line_kind),
        line.description, line.quantity, line.unit_price, line.condition_id, line.condition_name,
        line.condition_discount, line.condition_units, line.voucher_discount, line.line_total, line.gross,
        line.net, line.tax, rate, to_text(applied.category), applied.inclusive,
        rule ? std::optional<Id>(rule->id) : std::nullopt, rule ? rule->version : 0, applied.country,
        applied.reverse_charge, applied.text);
  }
}

std::optional<Order> order_by_id(db::Tx& tx, Id order_id) {
  return complete(tx, order_row(tx, ORDER_COLUMNS "WHERE id = $1", order_id));
}

std::optional<Order> order_by_secret(db::Tx& tx, Id conference_id, std::string_view reference,
                                     std::string_view hash) {
  auto row = order_row(tx, ORDER_COLUMNS "WHERE secret_token_hash = $1", hash);
  if (!row || std::get<1>(*row) != conference_id || std::get<11>(*row) != reference) return std::nullopt;
  return complete(tx, std::move(row));
}

std::optional<Order> order_of_user(db::Tx& tx, Id conference_id, std::string_view reference, Id user_id) {
  return complete(
      tx, order_row(tx, ORDER_COLUMNS "WHERE reference = $1 AND conference_id + 0 = $2 AND user_id + 0 = $3",
                    reference, conference_id, user_id));
}

std::optional<LatestOrder> latest_order_of_session(db::Tx& tx, Id conference_id,
                                                   std::string_view session_hash) {
  auto row = tx.maybe<std::string, std::int64_t, std::string>(
      "SELECT reference, link_version, status FROM orders WHERE session_hash = $1 AND conference_id + 0 = $2 "
      "AND status <> 'cancelled' ORDER BY id DESC LIMIT 1",
      session_hash, conference_id);
  if (!row) return std::nullopt;
  auto& [reference, link_version, status] = *row;
  return LatestOrder{std::move(reference), link_version, status == "pending"};
}

void set_order_paid(db::Tx& tx, Id order_id) {
  db::write_later(
      tx,
      "UPDATE orders SET status = 'paid', hold_expires_at = NULL, cancelled_at = NULL, paid_at = $1, "
      "updated_at = $1, "
      "version = version + 1 WHERE id = $2",
      tx.now(), order_id);
}

void set_order_cancelled(db::Tx& tx, Id order_id) {
  tx.exec_later(
      "UPDATE orders SET status = 'cancelled', hold_expires_at = NULL, cancelled_at = $1, updated_at = $1, "
      "version = "
      "version + 1 WHERE id = $2",
      tx.now(), order_id);
}

void set_order_hold(db::Tx& tx, Id order_id, Instant until) {
  tx.exec_later(
      "UPDATE orders SET hold_expires_at = $1, updated_at = $2, version = version + 1 WHERE id = $3", until,
      tx.now(), order_id);
}

void set_attention(db::Tx& tx, Id order_id, std::string_view why) {
  tx.exec_later("UPDATE orders SET attention = $1, updated_at = $2, version = version + 1 WHERE id = $3", why,
                tx.now(), order_id);
}

bool expired_by_sweep(db::Tx& tx, Id order_id) {
  return tx
      .maybe<Id>(
          "SELECT id FROM order_event WHERE order_id = $1 AND to_status = 'cancelled' AND reason = 'hold "
          "elapsed' "
          "ORDER BY id DESC LIMIT 1",
          order_id)
      .has_value();
}

void insert_event(db::Tx& tx, Id order_id, std::string_view from, std::string_view to, const Cause& cause) {
  db::write_later(
      tx,
      "INSERT INTO order_event (order_id, created_at, from_status, to_status, source, actor, reason) VALUES "
      "($1, $2, $3, "
      "$4, $5, $6, $7)",
      order_id, tx.now(), from, to, cause.source, cause.actor, cause.reason);
}

std::vector<Id> elapsed_orders(db::Tx& tx, Id conference_id, int limit) {
  return tx.query<Id>(
      "SELECT id FROM orders WHERE conference_id = $1 AND status = 'pending' AND hold_expires_at <= $2 ORDER "
      "BY id LIMIT $3",
      conference_id, tx.now(), limit);
}

std::vector<Id> conferences_with_elapsed(db::Tx& tx) {
  return tx.query<Id>(
      "SELECT c.id FROM conference c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.conference_id = c.id AND "
      "o.status = "
      "'pending' AND o.hold_expires_at <= $1) OR EXISTS (SELECT 1 FROM cart k WHERE k.conference_id = c.id "
      "AND k.status = "
      "'open' AND k.expires_at <= $1) OR EXISTS (SELECT 1 FROM hold h WHERE h.conference_id = c.id AND "
      "h.expires_at <= $1)",
      tx.now());
}

bool is_access_code_taken(db::Tx& tx, std::string_view access_code) {
  return tx.maybe<Id>("SELECT id FROM seat WHERE access_code = $1", access_code).has_value();
}

void insert_seat(db::Tx& tx, const Order& order, const OrderLine& line, std::int64_t position,
                 std::string_view access_code) {
  // The first seat is the buyer's own until somebody says otherwise; the others stay open. source: 20, D33.
  const bool own = position == 1;
  db::write_later(
      tx,
      "INSERT INTO seat (order_id, order_line_id, conference_id, ticket_type_id, position, access_code, "
      "name, email, "
      "user_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
      order.id, line.id, order.conference_id, line.ticket_type_id, position, access_code,
      own ? order.billing.name : std::string(), own ? order.billing.email : std::string(),
      own ? order.user_id : std::nullopt, tx.now());
}

#undef ORDER_COLUMNS

}  // namespace plenary::registration::store
