#include "site/pictures.hpp"

#include <algorithm>
#include <utility>

namespace plenary::site {

std::string picture_origin(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return {};
  const std::string_view origin = url.substr(0, url.find_first_of("/?#", scheme.size()));
  // Nothing that would mean something else in a policy.
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";
  const bool is_plain = origin.size() > scheme.size() &&
                        origin.find_first_not_of(allowed, scheme.size()) == std::string_view::npos;
  return is_plain ? std::string(origin) : std::string();
}

bool allow_picture(const Visit& visit, std::string_view url) {
  std::string origin = picture_origin(url);
  if (origin.empty()) return false;
  auto& origins = visit.picture_origins;
  if (std::find(origins.begin(), origins.end(), origin) == origins.end())
    origins.push_back(std::move(origin));
  return true;
}

}  // namespace plenary::site
