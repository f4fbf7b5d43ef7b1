// What can be done to marked rows of a list at once: the model's own actions, switching its flags, deleting.
// Constant, any thread. source: configuration 10, 5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/access.hpp"
#include "admin/model.hpp"
#include "web/request.hpp"

namespace plenary::admin {

struct OfferedAction {
  enum class Kind { own, flag, remove };
  enum class To { off, on, usual };
  Kind kind = Kind::own;
  std::string name;  // in forms: "retry", "is_active.on", "delete"
  const Action* own = nullptr;
  const db::Column* flag = nullptr;
  To to = To::off;

  Right right() const { return kind == Kind::remove ? Right::remove : Right::change; }
  std::string label(const web::Request& request) const;
  std::string question(const web::Request& request, const Model& model) const;
};

// To whoever has the right; see OfferedAction::right.
std::vector<OfferedAction> offered_actions(const Model& model);

}  // namespace plenary::admin
