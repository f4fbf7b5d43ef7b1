// Who may open a page. A route combines what it needs; the order of asking is fixed by web and the same
// everywhere: signed in (else to the sign-in page), the conference of the path (else 404), its features (else
// 404), the permission (else 403), then the page. The facts come from a GuardContext, which the interface
// rooms implement. source: configuration 10, 3.4 and 8.2.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "web/response.hpp"

namespace plenary::web {

class Request;

class Guard {
 public:
  Guard() = default;  // undeclared: the router refuses a route with it

  bool declared = false;
  bool signed_in = false;
  bool conference = false;               // set by itself when the pattern has {conference}
  std::vector<std::string> features;     // all must be on, asked in this order
  std::vector<std::string> permissions;  // any one is enough; implies signed_in
  bool role = false;                     // any role there (without a conference: anywhere); implies signed_in
  bool full_access = false;              // only superusers and change_conference holders; implies signed_in
  bool api = false;                      // 401 and 403 as JSON instead of pages and a redirect

  friend Guard operator&(Guard a, Guard b);
};

// signed_in() & features({"programs", "public_ui"})
Guard public_();
Guard signed_in();
Guard conference_scoped();
Guard features(std::initializer_list<std::string_view> names);
Guard permission(std::string_view code);
Guard any_permission(std::initializer_list<std::string_view> codes);
Guard any_role();
Guard full_access_only();
Guard json_answers();

enum class Permitted {
  yes,
  no,      // 403
  hidden,  // 404: whoever holds no role in this conference does not learn that it exists (10, Do better 27)
};

// Implemented by site/cli over the database. `load` is the one read of a request: conference, flags and
// session together; it attaches what it found to the request. The others answer from that, without waiting.
class GuardContext {
 public:
  virtual ~GuardContext() = default;
  // Called for every route but those that are public, not conference-scoped and asked without a session
  // cookie. `conference_slug` is empty when the route has none; the session's token is in
  // session_token(request).
  virtual Task<void> load(Request& request, std::string_view conference_slug) = 0;
  virtual bool signed_in(const Request& request) const = 0;
  virtual bool conference_found(const Request& request) const = 0;
  // An unknown feature name is std::logic_error.
  virtual bool feature_enabled(const Request& request, std::string_view feature) const = 0;
  // False hides the page, like Permitted::hidden.
  virtual bool any_role(const Request& request) const = 0;
  // `codes` empty: full access needed.
  virtual Permitted permitted(const Request& request, const std::vector<std::string>& codes) const = 0;
  // Where somebody with a right has to go before they may open a page that asks for one (a second factor is to
  // be set up); asked before anything tells them whether the page exists.
  virtual std::optional<std::string> must_go_first(const Request&, std::string_view /*return_to*/) const {
    return std::nullopt;
  }
  // What to come back to after that or after signing in: the address itself, or, where something was posted
  // by somebody known here, a page that has kept it.
  virtual Task<std::string> return_to(Request& request);
  // Every guard has let the request pass, and it may change something: the last look before the handler.
  virtual Task<void> admitted(Request& request);
  // Where to sign in; `return_to` is the path and query of this request, to be carried along encoded.
  virtual std::string sign_in_url(const Request& request, std::string_view return_to) const = 0;
};

// The answer of the guard, or nothing when the page may go on. Without a context only public routes pass.
Task<std::optional<Response>> evaluate(const Guard& guard, Request& request, GuardContext* context);

}  // namespace plenary::web
