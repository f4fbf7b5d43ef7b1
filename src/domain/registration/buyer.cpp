#include "domain/registration/buyer.hpp"

#include <algorithm>

#include "domain/accounts/groups.hpp"

namespace plenary::registration {
namespace {

SpeakerRoleOf& speaker_role() {
  static SpeakerRoleOf role_of;
  return role_of;
}

AppliedVoucher applied(db::Tx& tx, Voucher voucher) {
  AppliedVoucher result;
  const Id id = voucher.id, conference = voucher.conference_id;
  const bool selects = voucher.ticket_scope == Scope::selected || voucher.addon_scope == Scope::selected;
  tx.ask_ahead([&] {
    voucher_levels(tx, conference, id);
    if (selects) products_of_voucher(tx, id);
  });
  if (selects) result.products = products_of_voucher(tx, id);
  const StockLevels levels = voucher_levels(tx, conference, id);
  const StockLevel* uses = levels.find(StockKind::voucher, id);
  result.uses_left = voucher.max_uses - (uses ? uses->used() : 0);
  if (voucher.budget) {
    const StockLevel* spent = levels.find(StockKind::voucher_budget, id);
    result.budget_left = std::max<std::int64_t>(*voucher.budget - (spent ? spent->used() : 0), 0);
  }
  if (voucher.reserves) result.reserve = reserve_of(tx, id);
  result.basis_points = basis_points(voucher.percent);
  result.voucher = std::move(voucher);
  return result;
}

}  // namespace

std::optional<AppliedVoucher> load_voucher(db::Tx& tx, Id conference_id, Id voucher_id) {
  const auto row = [&] {
    return voucher_table().maybe(tx, "WHERE id = $1 AND conference_id = $2", voucher_id, conference_id);
  };
  tx.ask_ahead([&] {
    row();
    voucher_levels(tx, conference_id, voucher_id);
  });
  auto voucher = row();
  if (!voucher) return std::nullopt;
  return applied(tx, std::move(*voucher));
}

std::optional<AppliedVoucher> find_applied_voucher(db::Tx& tx, Id conference_id, std::string_view code) {
  auto voucher = find_voucher(tx, conference_id, code);
  if (!voucher) return std::nullopt;
  return applied(tx, std::move(*voucher));
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
