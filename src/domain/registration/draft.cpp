#include "domain/registration/draft.hpp"

#include <nlohmann/json.hpp>

#include "domain/registration/store.hpp"

namespace plenary::registration {

void keep_draft(db::Tx& tx, const Visitor& visitor, const Billing& billing) {
  const std::optional<Cart> cart = store::find_cart(tx, visitor);
  if (!cart) return;
  const nlohmann::json draft{{"name", billing.name}, {"email", billing.email}, {"company", billing.company}};
  store::set_cart_draft(tx, cart->id, draft.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Billing draft_of(const Cart& cart) {
  Billing billing;
  const auto draft = nlohmann::json::parse(cart.draft, nullptr, false);
  if (!draft.is_object()) return billing;
  const auto text = [&](const char* name) {
    const auto found = draft.find(name);
    return found != draft.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  billing.name = text("name");
  billing.email = text("email");
  billing.company = text("company");
  return billing;
}

}  // namespace plenary::registration
