#include "domain/accounts/rights.hpp"

#include <algorithm>

#include "domain/accounts/permissions.hpp"
#include "domain/accounts/store.hpp"

namespace plenary::accounts {

std::string_view Rights::accounts_full_access() {
  return accounts::full_access;
}

bool Rights::any_role_in(std::int64_t conference_id) const {
  return is_superuser_ || std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
           return !held.conference_id || *held.conference_id == conference_id;
         });
}

bool Rights::may(std::string_view permission, std::int64_t conference_id) const {
  if (is_superuser_) return true;
  const std::string id = permission_id(permission);
  return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
    return held.permission == id && (!held.conference_id || *held.conference_id == conference_id);
  });
}

std::optional<Instant> Rights::ends_at(std::string_view permission, std::int64_t conference_id) const {
  if (is_superuser_) return std::nullopt;
  const std::string id = permission_id(permission);
  Instant last{};
  for (const Held& held : held_) {
    if (held.permission != id || (held.conference_id && *held.conference_id != conference_id)) continue;
    if (!held.ends_at) return std::nullopt;
    last = std::max(last, *held.ends_at);
  }
  return last;
}

bool Rights::may_everywhere(std::string_view permission) const {
  if (is_superuser_) return true;
  const std::string id = permission_id(permission);
  return std::any_of(held_.begin(), held_.end(),
                     [&](const Held& held) { return !held.conference_id && held.permission == id; });
}

bool Rights::may_somewhere(std::string_view permission) const {
  if (is_superuser_) return true;
  const std::string id = permission_id(permission);
  return std::any_of(held_.begin(), held_.end(), [&](const Held& held) { return held.permission == id; });
}

bool Rights::any_of_area(std::string_view area) const {
  const std::string start = std::string(area) + ".";
  return is_superuser_ || std::any_of(held_.begin(), held_.end(),
                                      [&](const Held& held) { return held.permission.starts_with(start); });
}

bool Rights::any_role_everywhere() const {
  return is_superuser_ || std::any_of(held_.begin(), held_.end(),
                                      [](const Held& held) { return !held.conference_id.has_value(); });
}

std::vector<std::int64_t> Rights::conferences() const {
  std::vector<std::int64_t> ids;
  for (const Held& held : held_) {
    if (held.conference_id) ids.push_back(*held.conference_id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Rights rights_of(db::Tx& tx, std::int64_t user_id, bool is_superuser) {
  return Rights(is_superuser, store::rights(tx, user_id));
}

}  // namespace plenary::accounts
