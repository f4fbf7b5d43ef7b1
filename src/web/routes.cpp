#include "web/routes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

#include "base/slug.hpp"

namespace plenary::web {
namespace {

enum class Shape : std::uint8_t { literal, integer, slug, any, rest };

struct Segment {
  Shape shape = Shape::literal;
  std::string text;  // the literal, or the parameter's name
};

struct Pattern {
  std::vector<Segment> segments;
  bool slash = false;  // ends with one
};

Pattern parse_pattern(const std::string& text) {
  auto wrong = [&](std::string_view why) {
    return std::logic_error(fmt::format("pattern \"{}\": {}", text, why));
  };
  if (text.empty() || text.front() != '/') throw wrong("it must begin with a slash");
  Pattern pattern;
  std::string_view rest = std::string_view(text).substr(1);
  pattern.slash = rest.empty();
  while (!rest.empty()) {
    std::size_t end = rest.find('/');
    std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (part.empty()) throw wrong("it has an empty segment");
    if (!pattern.segments.empty() && pattern.segments.back().shape == Shape::rest) {
      throw wrong("nothing may follow a {name:path}");
    }
    if (part.front() != '{') {
      if (part.find_first_of("{}%? #") != std::string_view::npos)
        throw wrong("a segment is text or one {parameter}");
      pattern.segments.push_back({Shape::literal, std::string(part)});
    } else {
      if (part.back() != '}') throw wrong("a parameter must be a whole segment");
      std::string_view inner = part.substr(1, part.size() - 2);
      std::size_t colon = inner.find(':');
      std::string_view name = inner.substr(0, colon);
      std::string_view kind = colon == std::string_view::npos ? std::string_view() : inner.substr(colon + 1);
      Shape shape = Shape::any;
      if (kind == "int") {
        shape = Shape::integer;
      } else if (kind == "slug" || (kind.empty() && name == "conference")) {
        shape = Shape::slug;
      } else if (kind == "path") {
        shape = Shape::rest;
      } else if (!kind.empty()) {
        throw wrong("a parameter is {name}, {name:slug}, {name:int} or {name:path}");
      }
      if (name.empty() ||
          name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos) {
        throw wrong("a parameter's name is small letters, digits and underscores");
      }
      for (const Segment& other : pattern.segments) {
        if (other.shape != Shape::literal && other.text == name)
          throw wrong("two parameters have the same name");
      }
      pattern.segments.push_back({shape, std::string(name)});
    }
    if (end != std::string_view::npos && rest.empty()) pattern.slash = true;
  }
  if (pattern.slash && !pattern.segments.empty() && pattern.segments.back().shape == Shape::rest) {
    throw wrong("nothing may follow a {name:path}");
  }
  return pattern;
}

// Digits without leading zeros that fit 63 bits: one number, one address.
bool is_integer(std::string_view text) {
  if (text.empty() || text.size() > 19 || (text.size() > 1 && text.front() == '0')) return false;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

bool fits(Shape shape, std::string_view text) {
  switch (shape) {
    case Shape::literal:
      return false;
    case Shape::integer:
      return is_integer(text);
    case Shape::slug:
      return is_slug(text);
    case Shape::any:
      return !text.empty();
    case Shape::rest:
      return !text.empty();
  }
  return false;
}

constexpr auto unreserved = [] {
  std::array<bool, 256> table{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c : {'-', '_', '.', '~'}) table[c] = true;
  return table;
}();

void append_percent_encoded(std::string_view text, bool keep_slashes, std::string& out) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::size_t begin = 0;  // of what stays as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (unreserved[byte] || (byte == '/' && keep_slashes)) continue;
    out.append(text, begin, i - begin);
    begin = i + 1;
    const char encoded[] = {'%', digits[byte >> 4], digits[byte & 15]};
    out.append(encoded, sizeof encoded);
  }
  out.append(text, begin, text.size() - begin);
}

bool has_separator(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c == '/' || c == '\\'; });
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

}  // namespace

struct Router::Node {
  // Routes of the path that ends here, without and with a slash, by method.
  std::array<std::array<const Route*, 7>, 2> routes{};
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;  // sorted
  std::unique_ptr<Node> integer, slug, any, rest;

  Node* child(const Segment& segment) {
    auto make = [](std::unique_ptr<Node>& node) {
      if (!node) node = std::make_unique<Node>();
      return node.get();
    };
    switch (segment.shape) {
      case Shape::integer:
        return make(integer);
      case Shape::slug:
        return make(slug);
      case Shape::any:
        return make(any);
      case Shape::rest:
        return make(rest);
      case Shape::literal:
        break;
    }
    auto at = std::lower_bound(literals.begin(), literals.end(), segment.text,
                               [](const auto& entry, const std::string& text) { return entry.first < text; });
    if (at == literals.end() || at->first != segment.text) {
      at = literals.emplace(at, segment.text, std::make_unique<Node>());
    }
    return at->second.get();
  }

  const Node* literal(std::string_view text) const {
    auto at = std::lower_bound(
        literals.begin(), literals.end(), text,
        [](const auto& entry, std::string_view wanted) { return std::string_view(entry.first) < wanted; });
    return at != literals.end() && at->first == text ? at->second.get() : nullptr;
  }

  bool ends(bool slash) const {
    return std::any_of(routes[slash].begin(), routes[slash].end(), [](const Route* route) { return route; });
  }
};

struct Router::Names {
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> by_name;  // route index
  std::vector<Pattern> patterns;                                                    // by route index
  std::vector<std::vector<std::string>> parameters;                                 // by route index

  // Of arguments in path order.
  template <class Text>
  std::optional<std::string> path_of(std::string_view name, std::span<const Text> arguments) const {
    const auto found = by_name.find(name);
    if (found == by_name.end()) return std::nullopt;
    const Pattern& pattern = patterns[found->second];
    if (arguments.size() != parameters[found->second].size()) return std::nullopt;
    std::string path;
    path.reserve(128);
    std::size_t next = 0;
    for (const Segment& segment : pattern.segments) {
      path += '/';
      if (segment.shape == Shape::literal) {
        path += segment.text;
        continue;
      }
      const std::string_view argument = arguments[next++];
      if (!fits(segment.shape, argument)) return std::nullopt;
      // What the server itself would refuse or read differently is no address.
      if (argument == "." || argument == "..") return std::nullopt;
      if (segment.shape != Shape::rest && has_separator(argument)) return std::nullopt;
      append_percent_encoded(argument, segment.shape == Shape::rest, path);
    }
    if (pattern.slash) path += '/';
    return path;
  }

  // The path below `rest` from `node`; values of parameters on the way are pushed to `result`.
  static bool walk(const Node& node, std::string_view rest, bool first, Method method, Match& result) {
    // `rest` follows a slash.
    if (rest.empty()) return end(node, true, method, result);
    std::size_t slash = rest.find('/');
    std::string_view segment = rest.substr(0, slash);
    if (!segment.empty()) {
      auto into = [&](const Node& child) {
        if (slash == std::string_view::npos) return end(child, false, method, result);
        return walk(child, rest.substr(slash + 1), false, method, result);
      };
      if (const Node* child = node.literal(segment)) {
        if (into(*child)) return true;
        // The first segment decides alone: "admin" is never a conference.
        if (first) return false;
      }
      for (auto [child, shape] :
           {std::pair{node.integer.get(), Shape::integer}, std::pair{node.slug.get(), Shape::slug},
            std::pair{node.any.get(), Shape::any}}) {
        if (!child || !fits(shape, segment)) continue;
        result.parameters.push_back({{}, segment});
        if (into(*child)) return true;
        result.parameters.pop_back();
      }
    }
    if (node.rest) {
      result.parameters.push_back({{}, rest});
      if (end(*node.rest, false, method, result)) return true;
      result.parameters.pop_back();
    }
    return false;
  }

  static bool end(const Node& node, bool slash, Method method, Match& result) {
    if (!node.ends(slash)) {
      if (!slash && node.ends(true) && result.kind == Match::Kind::not_found)
        result.kind = Match::Kind::add_slash;
      return false;
    }
    const auto& routes = node.routes[slash];
    const Route* route = routes[static_cast<std::size_t>(method)];
    if (!route && method == Method::head) route = routes[static_cast<std::size_t>(Method::get)];
    for (const Route* other : routes) {
      if (other) result.allowed = result.allowed | other->methods;
    }
    if (result.allowed.has(Method::get)) result.allowed = result.allowed | Method::head;
    result.kind = route ? Match::Kind::found : Match::Kind::method_not_allowed;
    result.route = route;
    return true;
  }
};

Route later(std::string name, std::string pattern, Guard guard, Methods methods) {
  Route route;
  route.pattern = std::move(pattern);
  route.name = std::move(name);
  route.methods = methods;
  route.guard = std::move(guard);
  route.exists = false;
  route.handler = [](Request&) -> Task<Response> {
    co_return Response::not_found("This page is not part of this version yet.");
  };
  return route;
}

Router::Router(std::vector<RouteTable> tables)
    : root_(std::make_unique<Node>()), names_(std::make_unique<Names>()) {
  for (RouteTable& table : tables) {
    for (Route& route : table) routes_.push_back(std::move(route));
  }
  std::vector<std::string> problems;
  std::vector<const Route*> owners;
  names_->patterns.resize(routes_.size());
  names_->parameters.resize(routes_.size());
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Route& route = routes_[i];
    route.index = static_cast<int>(i) + 1;
    auto problem = [&](std::string what) {
      problems.push_back(fmt::format("route {} ({}): {}", route.name.empty() ? "without name" : route.name,
                                     route.pattern, what));
    };
    if (route.name.empty()) problem("it needs a name");
    if (!route.guard.declared) problem("it declares no guard; say public_() when everybody may open it");
    if (!route.handler) problem("it has no handler; use later() for a page that does not exist yet");
    if (route.methods.empty()) problem("it has no method");
    Pattern pattern;
    try {
      pattern = parse_pattern(route.pattern);
    } catch (const std::logic_error& error) {
      problem(error.what());
      continue;
    }
    Node* node = root_.get();
    for (const Segment& segment : pattern.segments) {
      node = node->child(segment);
      if (segment.shape != Shape::literal) names_->parameters[i].push_back(segment.text);
      if (segment.shape == Shape::slug && segment.text == "conference") route.guard.conference = true;
    }
    if (!pattern.segments.empty() && pattern.segments.front().shape == Shape::literal) {
      reserved_.insert(pattern.segments.front().text);
    }
    const auto& parameters = names_->parameters[i];
    if (route.guard.conference &&
        std::find(parameters.begin(), parameters.end(), "conference") == parameters.end()) {
      problem("its guard wants a conference, but the pattern has no {conference}");
    }
    for (std::size_t method = 0; method < node->routes[0].size(); ++method) {
      if (!route.methods.has(static_cast<Method>(method))) continue;
      const Route*& slot = node->routes[pattern.slash][method];
      if (slot) {
        problem(fmt::format("{} of the same pattern already belongs to {}",
                            to_string(static_cast<Method>(method)), slot->name));
      } else {
        slot = &route;
      }
    }
    auto name = [&](const std::string& text) {
      auto [at, fresh] = names_->by_name.emplace(text, i);
      // Two methods of one page may share its name.
      if (!fresh && routes_[at->second].pattern != route.pattern) {
        problem(fmt::format("the name {} already belongs to {}", text, routes_[at->second].pattern));
      }
    };
    if (!route.name.empty()) name(route.name);
    for (const std::string& alias : route.aliases) name(alias);
    names_->patterns[i] = std::move(pattern);
  }
  if (!problems.empty())
    throw std::logic_error(fmt::format("The route table is wrong:\n  {}", fmt::join(problems, "\n  ")));
}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::match(Method method, std::string_view path, Match& result) const {
  result.kind = Match::Kind::not_found;
  result.route = nullptr;
  result.allowed = {};
  result.parameters.clear();
  if (path.empty() || path.front() != '/') return;
  Names::walk(*root_, path.substr(1), true, method, result);
  if (result.kind == Match::Kind::found) {
    const auto& names = names_->parameters[static_cast<std::size_t>(result.route->index - 1)];
    for (std::size_t i = 0; i < result.parameters.size(); ++i) result.parameters[i].name = names[i];
  }
}

Match Router::match(Method method, std::string_view path) const {
  Match result;
  match(method, path, result);
  return result;
}

std::optional<std::string> Router::reverse(std::string_view name,
                                           std::span<const std::string> arguments) const {
  return names_->path_of(name, arguments);
}

std::optional<std::string> Router::reverse(
    std::string_view name, std::span<const std::pair<std::string, std::string>> arguments) const {
  auto found = names_->by_name.find(name);
  if (found == names_->by_name.end()) return std::nullopt;
  const std::vector<std::string>& names = names_->parameters[found->second];
  if (names.size() != arguments.size()) return std::nullopt;
  std::vector<std::string> ordered;
  for (const std::string& parameter : names) {
    auto at = std::find_if(arguments.begin(), arguments.end(),
                           [&](const auto& pair) { return pair.first == parameter; });
    if (at == arguments.end()) return std::nullopt;
    ordered.push_back(at->second);
  }
  return reverse(name, std::span<const std::string>(ordered));
}

std::string Router::url(std::string_view name, std::initializer_list<std::string_view> arguments) const {
  if (auto path = names_->path_of(name, std::span(arguments.begin(), arguments.size())))
    return std::move(*path);
  throw std::logic_error(
      fmt::format("No address for {} with the arguments ({}).", name, fmt::join(arguments, ", ")));
}

const Route* Router::find(std::string_view name) const {
  auto found = names_->by_name.find(name);
  return found == names_->by_name.end() ? nullptr : &routes_[found->second];
}

std::vector<std::string> Router::parameters(const Route& route) const {
  return names_->parameters.at(static_cast<std::size_t>(route.index - 1));
}

std::set<std::string> Router::features_named() const {
  std::set<std::string> names;
  for (const Route& route : routes_) names.insert(route.guard.features.begin(), route.guard.features.end());
  return names;
}

std::set<std::string> Router::permissions_named() const {
  std::set<std::string> codes;
  for (const Route& route : routes_)
    codes.insert(route.guard.permissions.begin(), route.guard.permissions.end());
  return codes;
}

std::string percent_encode(std::string_view text, bool keep_slashes) {
  std::string out;
  append_percent_encoded(text, keep_slashes, out);
  return out;
}

}  // namespace plenary::web
