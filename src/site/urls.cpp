#include "site/urls.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "site/values.hpp"

namespace plenary::site {
namespace {

using templating::Value;

// The slug of the page's conference: of our object, or of a dictionary in a theme's test data.
std::string conference_slug(const templating::Context& context) {
  if (const registration::Catalogue* catalogue = catalogue_of(context)) return catalogue->conference.slug;
  const Value* value = context.find("conference");
  if (!value) return {};
  if (value->kind() == Value::Kind::dict) {
    const Value* slug = value->dict().find("slug");
    return slug ? slug->to_text() : std::string();
  }
  if (value->kind() == Value::Kind::object) return value->object().get("slug").to_text();
  return {};
}

// The names of the reference's arguments, where ours are shorter.
bool is_same_name(std::string_view given, std::string_view ours) {
  return given == ours || (ours == "conference" && given == "conference_slug");
}

}  // namespace

std::optional<std::string> RouteUrls::path_of(const Request& request, std::string& why) const {
  if (!request.positional.empty() || !request.named.empty()) return made_path_of(request, why);
  // Most addresses of a page are those of its conference: each thread keeps them.
  struct Kept {
    std::string route, slug, path;
  };
  thread_local std::uint64_t kept_of = 0;
  thread_local std::vector<Kept> kept;
  if (kept_of != identity_) {
    kept.clear();
    kept_of = identity_;
  }
  const std::string slug = conference_slug(request.context);
  for (const Kept& one : kept) {
    if (one.route == request.name && one.slug == slug) return one.path;
  }
  std::optional<std::string> path = made_path_of(request, why);
  constexpr std::size_t most = 64;  // of a few conferences looked at alternately
  if (kept.size() == most) kept.clear();
  if (path) kept.push_back({std::string(request.name), slug, *path});
  return path;
}

std::optional<std::string> RouteUrls::made_path_of(const Request& request, std::string& why) const {
  const web::Route* route = router_ ? router_->find(request.name) : nullptr;
  if (!route) {
    why = "there is no route of that name";
    return std::nullopt;
  }
  const std::vector<std::string> parameters = router_->parameters(*route);
  std::vector<std::string> arguments;
  arguments.reserve(parameters.size());
  const std::size_t given = request.positional.size() + request.named.size();
  std::size_t next = 0;
  for (const std::string& parameter : parameters) {
    const auto named = std::find_if(request.named.begin(), request.named.end(),
                                    [&](const auto& pair) { return is_same_name(pair.first, parameter); });
    if (named != request.named.end()) {
      arguments.push_back(named->second.to_text());
    } else if (parameter == "conference" && given < parameters.size()) {
      arguments.push_back(conference_slug(request.context));
    } else if (next < request.positional.size()) {
      arguments.push_back(request.positional[next++].to_text());
    }
  }
  std::optional<std::string> path;
  if (arguments.size() == parameters.size() && next == request.positional.size()) {
    path = router_->reverse(request.name, std::span<const std::string>(arguments));
  }
  if (!path) why = fmt::format("it takes the arguments ({})", fmt::join(parameters, ", "));
  return path;
}

}  // namespace plenary::site
