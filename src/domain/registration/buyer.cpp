#include "domain/registration/buyer.hpp"

#include <algorithm>

#include "domain/accounts/groups.hpp"
#include "domain/registration/open_cart.hpp"
#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {

SpeakerRoleOf& speaker_role() {
  static SpeakerRoleOf role_of;
  return role_of;
}

}  // namespace

AppliedVoucher with_products(db::Tx& tx, store::FoundVoucher found) {
  AppliedVoucher result;
  Voucher& voucher = found.voucher;
  const Id id = voucher.id, conference = voucher.conference_id;
  const bool selects = voucher.ticket_scope == Scope::selected || voucher.addon_scope == Scope::selected;
  tx.ask_ahead([&] {
    if (found.any_elapsed) voucher_levels(tx, conference, id);
    if (selects) products_of_voucher(tx, id);
    if (voucher.reserves) reserve_of(tx, id);
  });
  if (selects) result.products = products_of_voucher(tx, id);
  if (found.any_elapsed) found.levels = voucher_levels(tx, conference, id);
  const StockLevel* uses = found.levels.find(StockKind::voucher, id);
  result.uses_left = voucher.max_uses - (uses ? uses->used() : 0);
  if (voucher.budget) {
    const StockLevel* spent = found.levels.find(StockKind::voucher_budget, id);
    result.budget_left = std::max<std::int64_t>(*voucher.budget - (spent ? spent->used() : 0), 0);
  }
  if (voucher.reserves) result.reserve = reserve_of(tx, id);
  result.basis_points = basis_points(voucher.percent);
  result.voucher = std::move(voucher);
  return result;
}

std::optional<AppliedVoucher> load_voucher(db::Tx& tx, Id conference_id, Id voucher_id) {
  auto found = store::voucher_by_id(tx, conference_id, voucher_id);
  if (!found) return std::nullopt;
  return with_products(tx, std::move(*found));
}

std::optional<AppliedVoucher> find_applied_voucher(db::Tx& tx, Id conference_id, std::string_view code) {
  const std::string normal = normal_code(code);
  if (!is_code(normal)) return std::nullopt;
  auto found = store::voucher_by_code(tx, conference_id, normal);
  if (!found) return std::nullopt;
  return with_products(tx, std::move(*found));
}

Person load_person(db::Tx& tx, const Catalogue& catalogue, std::optional<Id> user_id) {
  Person person;
  person.user_id = user_id;
  if (!user_id) return person;
  bool speakers = false, groups = false, buyers = false;
  for (const DiscountRule& rule : catalogue.discounts) {
    speakers = speakers || rule.condition.kind == ConditionKind::speaker;
    groups = groups || rule.condition.kind == ConditionKind::group_member;
    buyers = buyers || rule.condition.kind == ConditionKind::included_product;
  }
  const Id conference = catalogue.conference.id;
  if (speakers && speaker_role()) {
    const SpeakerRole role = speaker_role()(tx, conference, *user_id);
    person.presents = role.presents;
    person.co_presents = role.co_presents;
  }
  if (groups) person.groups = accounts::groups_of_user(tx, *user_id, conference);
  if (buyers)
    person.bought = tx.query<Id>(
        "SELECT l.ticket_type_id FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.user_id = $1 "
        "AND "
        "o.conference_id + 0 = $2 AND o.status IN ('paid', 'partially_refunded') AND l.ticket_type_id IS NOT "
        "NULL GROUP BY l.ticket_type_id HAVING SUM(l.quantity) > 0",
        *user_id, conference);
  return person;
}

void ask_speaker_roles(SpeakerRoleOf role_of) {
  speaker_role() = std::move(role_of);
}

}  // namespace plenary::registration
