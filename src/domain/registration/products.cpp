#include "domain/registration/products.hpp"

#include <initializer_list>
#include <map>

#include "base/slug.hpp"
#include "domain/registration/entities.hpp"
#include "domain/registration/stock.hpp"

namespace plenary::registration {
namespace {

void load_required(db::Tx& tx, AddOn& addon) {
  addon.requires_ticket_types = tx.query<Id>(
      "SELECT ticket_type_id FROM addon_requires WHERE addon_id = $1 ORDER BY ticket_type_id", addon.id);
}

Committed committed(db::Tx& tx, Id conference_id, std::string_view kind, Id product_id) {
  const auto row = tx.maybe<std::int64_t, std::int64_t>(
      "SELECT sold, held FROM stock WHERE conference_id = $1 AND kind = $2 AND product_id = $3",
      conference_id, kind, product_id);
  if (!row) return {};
  return {std::get<0>(*row), std::get<1>(*row)};
}

// Why a product stays; the first of the counts that is not zero.
struct Use {
  std::int64_t count;
  const char* text;
};
void refuse_used(const std::string& name, std::initializer_list<Use> uses) {
  for (const Use& use : uses)
    if (use.count > 0)
      throw Refused("in_use", use.text, {{"name", name}, {"count", std::to_string(use.count)}});
}

constexpr const char* ordered = message(
    "{name} was ordered already and stays with its orders. Switch it off instead: it is no longer sold.");
constexpr const char* held =
    message("{name} is in a cart at this moment. Switch it off instead, or wait until the cart has lapsed.");
constexpr const char* in_voucher = message(
    "A voucher is for {name} and would otherwise be for something else. Switch it off instead, or change the "
    "voucher first.");
constexpr const char* in_discount = message(
    "A discount is about {name} and would otherwise be about something else. Switch it off instead, or "
    "change the discount first.");
constexpr const char* waited =
    message("People wait for {name}. Take them off the waiting list first, or switch it off instead.");
constexpr const char* in_quota = message(
    "A quota counts {name} and would otherwise count something else. Switch it off instead, or change the "
    "quota "
    "first.");
constexpr const char* needed = message(
    "An add-on needs {name} and could otherwise be bought with any ticket. Switch it off instead, or change "
    "the add-on first.");

// Rows that name the product, by a statement that counts them.
std::int64_t rows(db::Tx& tx, const char* sql, Id id) {
  return tx.one<std::int64_t>(sql, id);
}
std::int64_t live_holds(db::Tx& tx, std::string_view kind, Id id) {
  return tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM hold h JOIN stock s ON s.id = h.stock_id WHERE s.kind = $1 AND s.product_id = $2 "
      "AND h.expires_at > $3",
      kind, id, tx.now());
}
void delete_stock(db::Tx& tx, Id conference_id, std::string_view kind, Id id) {
  // An elapsed hold counts in the conference's row as well: it is taken back by the rules, not swept away.
  take_back_elapsed(tx, conference_id);
  tx.exec("DELETE FROM stock WHERE conference_id = $1 AND kind = $2 AND product_id = $3", conference_id, kind,
          id);
}

}  // namespace

std::vector<TicketType> ticket_types_of(db::Tx& tx, Id conference_id) {
  return ticket_type_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, name, id",
                                    conference_id);
}

std::vector<AddOn> addons_of(db::Tx& tx, Id conference_id) {
  auto addons =
      addon_table().select(tx, "WHERE conference_id = $1 ORDER BY sort_order, name, id", conference_id);
  std::map<Id, AddOn*> by_id;
  for (auto& addon : addons) by_id[addon.id] = &addon;
  for (const auto& [addon, ticket_type] : tx.query<Id, Id>(
           "SELECT r.addon_id, r.ticket_type_id FROM addon_requires r JOIN addon a ON a.id = r.addon_id "
           "WHERE a.conference_id = $1 ORDER BY r.addon_id, r.ticket_type_id",
           conference_id)) {
    // One made between the two queries is in the next look.
    if (const auto found = by_id.find(addon); found != by_id.end())
      found->second->requires_ticket_types.push_back(ticket_type);
  }
  return addons;
}

std::optional<TicketType> find_ticket_type(db::Tx& tx, Id conference_id, std::string_view slug) {
  return ticket_type_table().maybe(tx, "WHERE conference_id = $1 AND lower(slug) = $2", conference_id,
                                   slug_key(slug));
}

std::optional<AddOn> find_addon(db::Tx& tx, Id conference_id, std::string_view slug) {
  auto addon =
      addon_table().maybe(tx, "WHERE conference_id = $1 AND lower(slug) = $2", conference_id, slug_key(slug));
  if (addon) load_required(tx, *addon);
  return addon;
}

Id save(db::Tx& tx, const TicketType& ticket_type) {
  Id id = ticket_type.id;
  if (id == 0)
    id = ticket_type_table().insert(tx, ticket_type).id;
  else if (!ticket_type_table().update(tx, ticket_type))
    throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.",
                  {{"name", ticket_type.name}});
  set_capacity(tx, ticket_type.conference_id, StockKind::ticket_type, id, ticket_type.total_quantity);
  return id;
}

Id save(db::Tx& tx, const AddOn& addon) {
  Id id = addon.id;
  if (id == 0)
    id = addon_table().insert(tx, addon).id;
  else if (!addon_table().update(tx, addon))
    throw Refused("changed_meanwhile", "{name} was changed by somebody else meanwhile.",
                  {{"name", addon.name}});
  set_capacity(tx, addon.conference_id, StockKind::addon, id, addon.total_quantity);
  if (addon.id != 0) tx.exec_later("DELETE FROM addon_requires WHERE addon_id = $1", id);
  for (const Id ticket_type : addon.requires_ticket_types)
    tx.exec_later("INSERT INTO addon_requires (addon_id, ticket_type_id) VALUES ($1, $2)", id, ticket_type);
  return id;
}

void remove(db::Tx& tx, const TicketType& type) {
  const Id id = type.id;
  refuse_used(
      type.name,
      {{rows(tx, "SELECT COUNT(*) FROM order_line WHERE ticket_type_id = $1", id), ordered},
       {rows(tx, "SELECT COUNT(*) FROM seat WHERE ticket_type_id = $1", id), ordered},
       {live_holds(tx, "ticket_type", id), held},
       {rows(tx, "SELECT COUNT(*) FROM waiting_line WHERE ticket_type_id = $1 AND entries > 0", id), waited},
       {rows(tx, "SELECT COUNT(*) FROM voucher_ticket_type WHERE ticket_type_id = $1", id), in_voucher},
       {rows(tx, "SELECT COUNT(*) FROM condition_ticket_type WHERE ticket_type_id = $1", id), in_discount},
       {rows(tx, "SELECT COUNT(*) FROM condition_enabling_ticket_type WHERE ticket_type_id = $1", id),
        in_discount},
       {rows(tx, "SELECT COUNT(*) FROM addon_requires WHERE ticket_type_id = $1", id), needed},
       {rows(tx, "SELECT COUNT(*) FROM quota_ticket_type WHERE ticket_type_id = $1", id), in_quota}});
  for (const Id variation : tx.query<Id>("SELECT id FROM variation WHERE ticket_type_id = $1", id))
    delete_stock(tx, type.conference_id, "variation", variation);
  delete_stock(tx, type.conference_id, "ticket_type", id);
  ticket_type_table().remove(tx, type);
}

void remove(db::Tx& tx, const AddOn& addon) {
  const Id id = addon.id;
  refuse_used(
      addon.name,
      {{rows(tx, "SELECT COUNT(*) FROM order_line WHERE addon_id = $1", id), ordered},
       {live_holds(tx, "addon", id), held},
       {rows(tx, "SELECT COUNT(*) FROM waiting_line WHERE addon_id = $1 AND entries > 0", id), waited},
       {rows(tx, "SELECT COUNT(*) FROM voucher_addon WHERE addon_id = $1", id), in_voucher},
       {rows(tx, "SELECT COUNT(*) FROM condition_addon WHERE addon_id = $1", id), in_discount},
       {rows(tx, "SELECT COUNT(*) FROM quota_addon WHERE addon_id = $1", id), in_quota}});
  for (const Id variation : tx.query<Id>("SELECT id FROM variation WHERE addon_id = $1", id))
    delete_stock(tx, addon.conference_id, "variation", variation);
  delete_stock(tx, addon.conference_id, "addon", id);
  addon_table().remove(tx, addon);
}

Committed committed_of_ticket_type(db::Tx& tx, Id conference_id, Id ticket_type_id) {
  return committed(tx, conference_id, "ticket_type", ticket_type_id);
}
Committed committed_of_addon(db::Tx& tx, Id conference_id, Id addon_id) {
  return committed(tx, conference_id, "addon", addon_id);
}
Committed committed_of_conference(db::Tx& tx, Id conference_id) {
  return committed(tx, conference_id, "conference", 0);
}

void set_conference_capacity(db::Tx& tx, Id conference_id, std::int64_t total_capacity) {
  set_capacity(tx, conference_id, StockKind::conference, 0, total_capacity);
}

}  // namespace plenary::registration
