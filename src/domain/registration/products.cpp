#include "domain/registration/products.hpp"

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

// Gives the stock row of a product that is about to go away back; refuses while anything depends on it.
void remove_stock(db::Tx& tx, Id conference_id, ProductKind kind, Id product_id, const std::string& name) {
  const StockLevels levels = stock_levels(tx, conference_id);
  const StockLevel& level = levels.of(kind, product_id);
  if (level.sold > 0) {
    throw Refused("in_use", "{name} was sold {count} times and cannot be deleted. Deactivate it instead.",
                  {{"name", name}, {"count", std::to_string(level.sold)}});
  }
  if (level.held > level.elapsed) {
    throw Refused("in_use",
                  "{name} is in somebody's cart or unpaid order and cannot be deleted now. Deactivate it "
                  "instead, or try again later.",
                  {{"name", name}});
  }
  // An elapsed hold counts in the conference's row as well: it is taken back by the rules, not swept away.
  take_back_elapsed(tx, conference_id);
  tx.exec("DELETE FROM stock WHERE id = $1", level.stock_id);
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

void remove(db::Tx& tx, const TicketType& ticket_type) {
  remove_stock(tx, ticket_type.conference_id, ProductKind::ticket_type, ticket_type.id, ticket_type.name);
  ticket_type_table().remove(tx, ticket_type);
}

void remove(db::Tx& tx, const AddOn& addon) {
  remove_stock(tx, addon.conference_id, ProductKind::addon, addon.id, addon.name);
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
