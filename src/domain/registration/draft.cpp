#include "domain/registration/draft.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {
constexpr std::size_t largest_draft = 64 * 1024;  // bytes of answers

// The tickets of a cart in the order of their positions, 1 and up, as units_of counts them: kind, its
// variation, and which one of several of it.
using Unit = std::tuple<Id, Id, std::int64_t>;
std::vector<Unit> tickets_of(std::span<const CartItem> items) {
  std::vector<CartItem> sorted(items.begin(), items.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::map<std::pair<Id, Id>, std::int64_t> counted;
  std::vector<Unit> units;
  for (const CartItem& item : sorted) {
    if (item.kind != ProductKind::ticket_type) continue;
    const std::pair kind(item.product_id, item.variation_id.value_or(0));
    for (std::int64_t n = 0; n < item.quantity; ++n)
      units.emplace_back(kind.first, kind.second, counted[kind]++);
  }
  return units;
}

constexpr std::pair<const char*, std::string Billing::*> members[] = {
    {"name", &Billing::name},           {"email", &Billing::email},       {"company", &Billing::company},
    {"street", &Billing::street},       {"postcode", &Billing::postcode}, {"city", &Billing::city},
    {"region", &Billing::region},       {"country", &Billing::country},   {"vat_id", &Billing::vat_id},
    {"reference", &Billing::reference},
};

}  // namespace

void keep_draft(db::Tx& tx, const Visitor& visitor, const Billing& billing) {
  const std::optional<Cart> cart = store::find_cart(tx, visitor);
  if (!cart) return;
  auto draft = nlohmann::json::parse(cart->draft, nullptr, false);
  if (!draft.is_object()) draft = nlohmann::json::object();
  for (const auto& [name, member] : members) draft[name] = billing.*member;
  draft["is_business"] = billing.is_business;
  store::set_cart_draft(tx, cart->id, draft.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void keep_answers(db::Tx& tx, const Visitor& visitor, std::span<const GivenAnswer> answers) {
  const std::optional<Cart> cart = store::find_cart(tx, visitor);
  if (!cart) return;
  auto draft = nlohmann::json::parse(cart->draft, nullptr, false);
  if (!draft.is_object()) draft = nlohmann::json::object();
  auto kept = nlohmann::json::array();
  std::size_t bytes = 0;
  for (const GivenAnswer& answer : answers) {
    bytes += answer.value.size();
    if (bytes > largest_draft) break;
    kept.push_back({answer.position, answer.question_id, answer.value});
  }
  draft["answers"] = std::move(kept);
  auto units = nlohmann::json::array();
  for (const auto& [type, variation, number] : tickets_of(store::items_of_cart(tx, cart->id)))
    units.push_back({type, variation, number});
  draft["units"] = std::move(units);
  store::set_cart_draft(tx, cart->id, draft.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::vector<GivenAnswer> answers_in(const Cart& cart, std::span<const CartItem> items) {
  std::vector<GivenAnswer> answers;
  const auto draft = nlohmann::json::parse(cart.draft, nullptr, false);
  if (!draft.is_object() || !draft.contains("answers") || !draft["answers"].is_array()) return answers;
  for (const auto& one : draft["answers"])
    if (one.is_array() && one.size() == 3 && one[0].is_number_integer() && one[1].is_number_integer() &&
        one[2].is_string())
      answers.push_back({one[0].get<std::int64_t>(), one[1].get<Id>(), one[2].get<std::string>()});
  const auto units = draft.find("units");
  if (units == draft.end() || !units->is_array()) return answers;
  const std::vector<Unit> now = tickets_of(items);
  std::erase_if(answers, [&](GivenAnswer& answer) {
    if (answer.position == 0) return false;  // of the order
    if (answer.position < 0 || static_cast<std::size_t>(answer.position) > units->size()) return true;
    const auto& unit = (*units)[static_cast<std::size_t>(answer.position) - 1];
    if (!unit.is_array() || unit.size() != 3 || !unit[0].is_number_integer() ||
        !unit[1].is_number_integer() || !unit[2].is_number_integer())
      return true;
    const Unit was(unit[0].get<Id>(), unit[1].get<Id>(), unit[2].get<std::int64_t>());
    const auto found = std::find(now.begin(), now.end(), was);
    answer.position = found - now.begin() + 1;
    return found == now.end();
  });
  return answers;
}

Billing draft_of(const Cart& cart) {
  Billing billing;
  const auto draft = nlohmann::json::parse(cart.draft, nullptr, false);
  if (!draft.is_object()) return billing;
  for (const auto& [name, member] : members) {
    const auto found = draft.find(name);
    if (found != draft.end() && found->is_string()) billing.*member = found->get<std::string>();
  }
  const auto found = draft.find("is_business");
  billing.is_business = found != draft.end() && found->is_boolean() && found->get<bool>();
  return billing;
}

}  // namespace plenary::registration
