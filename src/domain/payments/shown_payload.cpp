#include "domain/payments/shown_payload.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace plenary::payments {
namespace {

constexpr std::string_view hidden = "(not shown)";

bool is_secret(std::string_view name) {
  const std::string lower = ascii_lower(name);
  for (const std::string_view part : {"secret", "token", "password", "idempotency_key"})
    if (lower.find(part) != std::string::npos) return true;
  return false;
}

void hide(nlohmann::json& value) {
  if (value.is_object()) {
    for (auto& [name, inner] : value.items()) {
      if (is_secret(name) && !inner.is_null()) {
        inner = hidden;
      } else {
        hide(inner);
      }
    }
  } else if (value.is_array()) {
    for (nlohmann::json& inner : value) hide(inner);
  }
}

}  // namespace

std::string shown_payload(std::string_view json) {
  nlohmann::json value = nlohmann::json::parse(json, nullptr, false);
  if (value.is_discarded()) return {};
  hide(value);
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace plenary::payments
