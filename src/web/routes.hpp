// The one route table: method, path, name, guard, handler. {% url %}, the guards, the 405 answers, the
// reserved conference slugs and the tests are all driven by it. Each interface room makes a RouteTable;
// embed/program merges them into a Router once, which is then read by every thread. Mistakes in a table
// (duplicate names or patterns, a route without guard) are std::logic_error at start, all of them in one
// message. source: design 6, ground rules 15, 2.2-2.3, configuration 10, 10.3.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "web/guard.hpp"
#include "web/method.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace plenary::web {

using Handler = std::function<Task<Response>(Request&)>;

enum class Csrf : std::uint8_t {
  check,  // every request that may change something carries the token (csrf.hpp)
  none,   // only for callers that are no browsers and prove themselves otherwise: signed webhooks, API keys
};

inline constexpr std::string_view restore_field = "_restore";

struct Route {
  // "/{conference}/register/orders/{ref}/". A segment is literal text or one parameter: {name} any text,
  // {name:slug}
  // [-A-Za-z0-9_]+, {name:int} 0 to 2^63-1, {name:path} the rest of the path, last only. {conference} is a
  // slug.
  std::string pattern;
  std::string name;               // "registration:cart"
  Methods methods = Method::get;  // HEAD comes with GET
  Guard guard;
  Handler handler;
  Csrf csrf = Csrf::check;
  std::size_t max_body = 0;               // bytes; 0: the server's limit. For uploads.
  std::size_t max_fields = 0;             // of a posted form; 0: the server's limit
  std::vector<std::string> aliases = {};  // further names of the same page
  bool restores = false;  // posted with restore_field, its form is shown again as typed, and nothing saved
  bool exists = true;     // false: made by later()
  int index = 0;                          // position in the router, set by it; metrics count by it
};

// A page whose name templates may use already: it resolves, passes its guard and answers 404.
Route later(std::string name, std::string pattern, Guard guard, Methods methods = Method::get | Method::post);

using RouteTable = std::vector<Route>;

struct Match {
  enum class Kind : std::uint8_t {
    found,
    not_found,
    method_not_allowed,  // `allowed` says which
    add_slash,           // the same path with a slash at its end is a page
  };
  Kind kind = Kind::not_found;
  const Route* route = nullptr;
  Methods allowed = {};
  struct Parameter {
    std::string_view name, value;
  };
  std::vector<Parameter> parameters = {};
};

class Router {
 public:
  explicit Router(std::vector<RouteTable> tables);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // `path` decoded; the parameters are views into it.
  void match(Method method, std::string_view path, Match& result) const;
  Match match(Method method, std::string_view path) const;

  // The path of a named route, arguments in path order, percent-encoded. Nothing when there is no such name,
  // the count differs, or an argument does not fit its parameter ("" or "a/b" for a segment).
  std::optional<std::string> reverse(std::string_view name, std::span<const std::string> arguments) const;
  // The same by parameter name, in any order.
  std::optional<std::string> reverse(std::string_view name,
                                     std::span<const std::pair<std::string, std::string>> arguments) const;
  // For code: throws std::logic_error that names the route and the arguments.
  std::string url(std::string_view name, std::initializer_list<std::string_view> arguments = {}) const;

  const Route* find(std::string_view name) const;
  const std::vector<Route>& routes() const { return routes_; }
  // The parameter names of a route, in path order.
  std::vector<std::string> parameters(const Route& route) const;
  // First path segments that no conference may be called: every literal one of the table.
  const std::set<std::string>& reserved_segments() const { return reserved_; }
  // Every feature and permission named by a guard, for a test that they all exist.
  std::set<std::string> features_named() const;
  std::set<std::string> permissions_named() const;

 private:
  struct Node;
  struct Names;
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
  std::unique_ptr<Names> names_;
  std::set<std::string> reserved_;
};

// Percent-encodes everything but unreserved characters (RFC 3986 2.3), "/" too unless `keep_slashes`.
std::string percent_encode(std::string_view text, bool keep_slashes = false);

}  // namespace plenary::web
