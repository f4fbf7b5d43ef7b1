#include "web/hosts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "web/target.hpp"

namespace plenary::web {

AllowedHosts::AllowedHosts(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == "*") any_ = true;
    names_.push_back(ascii_lower(name));
  }
  if (names_.empty()) names_ = {"localhost", "127.0.0.1", "[::1]"};
}

bool AllowedHosts::allows(std::string_view host) const {
  std::string_view name = without_port(host);
  if (name.empty() || name.starts_with('.')) return false;
  if (any_) return true;
  // The root dot at the end of a full name is no other name.
  if (name.ends_with('.')) name.remove_suffix(1);
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& allowed) {
    if (allowed.starts_with('.')) return name.size() > allowed.size() && name.ends_with(allowed);
    return name == allowed;
  });
}

}  // namespace plenary::web
