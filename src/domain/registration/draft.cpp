#include "domain/registration/draft.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "domain/registration/store.hpp"

namespace plenary::registration {
namespace {
constexpr std::size_t largest_draft = 64 * 1024;  // bytes of answers
}

namespace {

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
  store::set_cart_draft(tx, cart->id, draft.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::vector<GivenAnswer> answers_in(const Cart& cart) {
  std::vector<GivenAnswer> answers;
  const auto draft = nlohmann::json::parse(cart.draft, nullptr, false);
  if (!draft.is_object() || !draft.contains("answers") || !draft["answers"].is_array()) return answers;
  for (const auto& one : draft["answers"])
    if (one.is_array() && one.size() == 3 && one[0].is_number_integer() && one[1].is_number_integer() &&
        one[2].is_string())
      answers.push_back({one[0].get<std::int64_t>(), one[1].get<Id>(), one[2].get<std::string>()});
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
