#include "domain/registration/store_waiting.hpp"

namespace plenary::registration::store {
namespace {

ProductChoice product_of(std::optional<Id> ticket_type, std::optional<Id> addon,
                         std::optional<Id> variation) {
  if (ticket_type) return {ProductKind::ticket_type, *ticket_type, variation};
  return {ProductKind::addon, addon.value_or(0), variation};
}

std::optional<Id> ticket_type_of(const ProductChoice& product) {
  return product.kind == ProductKind::ticket_type ? std::optional(product.product_id) : std::nullopt;
}
std::optional<Id> addon_of(const ProductChoice& product) {
  return product.kind == ProductKind::addon ? std::optional(product.product_id) : std::nullopt;
}

}  // namespace

std::vector<WaitingLine> waiting_lines(db::Tx& tx, Id conference_id) {
  std::vector<WaitingLine> lines;
  for (const auto& [id, ticket, addon, variation, entries, units, largest] :
       tx.query<Id, std::optional<Id>, std::optional<Id>, std::optional<Id>, std::int64_t, std::int64_t,
                std::optional<std::int64_t>>(
           "SELECT l.id, l.ticket_type_id, l.addon_id, l.variation_id, l.entries, l.units, (SELECT "
           "MAX(c.needs) "
           "FROM waiting_choice c WHERE c.line_id = l.id AND c.is_waiting = 1) FROM waiting_line l WHERE "
           "l.conference_id = $1 AND l.entries > 0 ORDER BY l.id",
           conference_id))
    lines.push_back({id, conference_id, ticket, addon, variation, entries, units, largest.value_or(0)});
  return lines;
}

std::vector<std::tuple<Id, std::int64_t, std::int64_t>> groups_beyond(db::Tx& tx, Id conference_id,
                                                                      std::int64_t units) {
  return tx.query<Id, std::int64_t, std::int64_t>(
      "SELECT c.line_id, c.needs, CAST(SUM(e.quantity) AS BIGINT) FROM waiting_line l JOIN waiting_choice c "
      "ON "
      "c.line_id = l.id AND c.is_waiting = 1 AND c.needs > $2 JOIN waiting_entry e ON e.id = c.entry_id "
      "WHERE "
      "l.conference_id = $1 AND l.entries > 0 GROUP BY c.line_id, c.needs",
      conference_id, units);
}

Id ensure_waiting_line(db::Tx& tx, Id conference_id, const ProductChoice& product) {
  tx.exec(
      "INSERT INTO waiting_line (conference_id, ticket_type_id, addon_id, variation_id, entries, units) "
      "VALUES "
      "($1, $2, $3, $4, 0, 0) ON CONFLICT (conference_id, COALESCE(ticket_type_id, 0), COALESCE(addon_id, "
      "0), "
      "COALESCE(variation_id, 0)) DO NOTHING",
      conference_id, ticket_type_of(product), addon_of(product), product.variation_id);
  return tx.one<Id>(
      "SELECT id FROM waiting_line WHERE conference_id = $1 AND COALESCE(ticket_type_id, 0) = $2 AND "
      "COALESCE(addon_id, 0) = $3 AND COALESCE(variation_id, 0) = $4",
      conference_id, ticket_type_of(product).value_or(0), addon_of(product).value_or(0),
      product.variation_id.value_or(0));
}

Id insert_waiting_entry(db::Tx& tx, const WaitingEntry& entry) {
  return tx.one<Id>(
      "INSERT INTO waiting_entry (conference_id, user_id, name, email, email_normalized, language, status, "
      "quantity, all_or_nothing, link_version, offered_quantity, version, joined_at, updated_at) VALUES ($1, "
      "$2, "
      "$3, $4, $5, $6, 'waiting', $7, $8, 1, 0, 1, $9, $9) RETURNING id",
      entry.conference_id, entry.user_id, entry.name, entry.email, entry.email_normalized, entry.language,
      entry.quantity, entry.all_or_nothing, tx.now());
}

void insert_waiting_choice(db::Tx& tx, Id entry_id, std::int64_t rank, Id line_id, std::int64_t needs) {
  tx.exec_later(
      "INSERT INTO waiting_choice (entry_id, choice_rank, line_id, needs, is_waiting) VALUES ($1, $2, $3, "
      "$4, 0)",
      entry_id, rank, line_id, needs);
}

void insert_waiting_extra(db::Tx& tx, Id entry_id, const WantedExtra& extra) {
  tx.exec_later(
      "INSERT INTO waiting_addon (entry_id, addon_id, variation_id, quantity, offered_quantity) VALUES ($1, "
      "$2, "
      "$3, $4, 0)",
      entry_id, extra.product.product_id, extra.product.variation_id, extra.quantity);
}

std::optional<WaitingEntry> waiting_entry(db::Tx& tx, Id entry_id) {
  return waiting_entry_table().find(tx, entry_id);
}

std::vector<WaitingPlace::Choice> waiting_choices(db::Tx& tx, Id entry_id) {
  std::vector<WaitingPlace::Choice> choices;
  for (const auto& [rank, ticket, addon, variation] :
       tx.query<std::int64_t, std::optional<Id>, std::optional<Id>, std::optional<Id>>(
           "SELECT c.choice_rank, l.ticket_type_id, l.addon_id, l.variation_id FROM waiting_choice c JOIN "
           "waiting_line l ON l.id = c.line_id WHERE c.entry_id = $1 ORDER BY c.choice_rank",
           entry_id))
    choices.push_back({product_of(ticket, addon, variation), rank, 0});
  return choices;
}

std::map<Id, std::vector<WaitingPlace::Choice>> choices_between(db::Tx& tx, Id conference_id,
                                                                std::string_view status, Id first, Id last) {
  std::map<Id, std::vector<WaitingPlace::Choice>> choices;
  for (const auto& [entry, rank, ticket, addon, variation, position] :
       tx.query<Id, std::int64_t, std::optional<Id>, std::optional<Id>, std::optional<Id>, std::int64_t>(
           "SELECT c.entry_id, c.choice_rank, l.ticket_type_id, l.addon_id, l.variation_id, CASE WHEN "
           "c.is_waiting = 1 AND e.status = 'waiting' THEN (SELECT COUNT(*) FROM waiting_choice w WHERE "
           "w.line_id = c.line_id AND w.is_waiting = 1 AND w.entry_id <= c.entry_id) ELSE 0 END FROM "
           "waiting_entry e JOIN waiting_choice c ON c.entry_id = e.id JOIN waiting_line l ON l.id = "
           "c.line_id WHERE e.conference_id = $1 AND ($2 = '' OR e.status = $2) AND e.id >= $3 AND e.id <= "
           "$4 "
           "ORDER BY c.entry_id, c.choice_rank",
           conference_id, status, first, last))
    choices[entry].push_back({product_of(ticket, addon, variation), rank, position});
  return choices;
}

std::vector<WaitingAddOn> waiting_extras(db::Tx& tx, Id entry_id) {
  return waiting_addon_table().select(tx, "WHERE entry_id = $1 ORDER BY id", entry_id);
}

std::optional<Id> open_entry(db::Tx& tx, Id conference_id, std::string_view email_normalized,
                             const ProductChoice& first) {
  const auto found = tx.query<Id>(
      "SELECT e.id FROM waiting_entry e JOIN waiting_choice c ON c.entry_id = e.id AND c.choice_rank = 1 "
      "JOIN "
      "waiting_line l ON l.id = c.line_id WHERE e.conference_id = $1 AND e.email_normalized = $2 AND "
      "e.status IN "
      "('waiting', 'offered') AND COALESCE(l.ticket_type_id, 0) = $3 AND COALESCE(l.addon_id, 0) = $4 AND "
      "COALESCE(l.variation_id, 0) = $5 ORDER BY e.id",
      conference_id, email_normalized, ticket_type_of(first).value_or(0), addon_of(first).value_or(0),
      first.variation_id.value_or(0));
  if (found.empty()) return std::nullopt;
  return found.front();
}

std::string order_of_cart(db::Tx& tx, Id cart_id) {
  return tx.maybe<std::string>("SELECT reference FROM orders WHERE cart_id = $1", cart_id).value_or("");
}

std::int64_t waiting_position(db::Tx& tx, Id entry_id, std::int64_t rank) {
  const auto line = tx.maybe<Id>(
      "SELECT line_id FROM waiting_choice WHERE entry_id = $1 AND choice_rank = $2 AND is_waiting = 1",
      entry_id, rank);
  if (!line) return 0;
  return tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM waiting_choice WHERE line_id = $1 AND is_waiting = 1 AND entry_id <= $2", *line,
      entry_id);
}

void enter_lines(db::Tx& tx, Id entry_id, std::int64_t units) {
  tx.exec("UPDATE waiting_choice SET is_waiting = 1 WHERE entry_id = $1 AND is_waiting = 0", entry_id);
  tx.exec(
      "UPDATE waiting_line SET entries = entries + 1, units = units + $1 WHERE id IN (SELECT line_id FROM "
      "waiting_choice WHERE entry_id = $2)",
      units, entry_id);
}

void leave_lines(db::Tx& tx, Id entry_id, std::int64_t units) {
  tx.exec(
      "UPDATE waiting_line SET entries = entries - 1, units = units - $1 WHERE id IN (SELECT line_id FROM "
      "waiting_choice WHERE entry_id = $2 AND is_waiting = 1)",
      units, entry_id);
  tx.exec("UPDATE waiting_choice SET is_waiting = 0 WHERE entry_id = $1 AND is_waiting = 1", entry_id);
}

std::optional<Id> next_in_line(db::Tx& tx, Id line_id, Id after, std::int64_t room) {
  return tx.maybe<Id>(
      "SELECT entry_id FROM waiting_choice WHERE line_id = $1 AND is_waiting = 1 AND entry_id > $2 AND needs "
      "<= "
      "$3 ORDER BY entry_id LIMIT 1",
      line_id, after, room);
}

void set_waiting_status(db::Tx& tx, Id entry_id, WaitingStatus status) {
  tx.exec("UPDATE waiting_entry SET status = $1, version = version + 1, updated_at = $2 WHERE id = $3",
          to_text(status), tx.now(), entry_id);
}

void set_offered(db::Tx& tx, Id entry_id, std::int64_t rank, std::int64_t quantity, Instant until) {
  tx.exec(
      "UPDATE waiting_entry SET status = 'offered', offered_at = $1, offer_expires_at = $2, offered_rank = "
      "$3, "
      "offered_quantity = $4, version = version + 1, updated_at = $1 WHERE id = $5",
      tx.now(), until, rank, quantity, entry_id);
}

void set_extra_offered(db::Tx& tx, Id extra_id, std::int64_t quantity) {
  tx.exec_later("UPDATE waiting_addon SET offered_quantity = $1 WHERE id = $2", quantity, extra_id);
}

void set_accepted(db::Tx& tx, Id entry_id, Id cart_id) {
  tx.exec_later(
      "UPDATE waiting_entry SET status = 'accepted', cart_id = $1, version = version + 1, updated_at = $2 "
      "WHERE id "
      "= $3",
      cart_id, tx.now(), entry_id);
}

void move_taken_offers(db::Tx& tx, Id from_cart, Id to_cart) {
  tx.exec_later("UPDATE waiting_entry SET cart_id = $1 WHERE cart_id = $2", to_cart, from_cart);
}

std::vector<Id> elapsed_offers(db::Tx& tx, Id conference_id, std::int64_t limit) {
  return tx.query<Id>(
      "SELECT id FROM waiting_entry WHERE conference_id = $1 AND status = 'offered' AND offer_expires_at <= "
      "$2 "
      "ORDER BY offer_expires_at, id LIMIT $3",
      conference_id, tx.now(), limit);
}

}  // namespace plenary::registration::store
