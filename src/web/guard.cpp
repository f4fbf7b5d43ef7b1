#include "web/guard.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "web/request.hpp"
#include "web/routes.hpp"
#include "web/sessions.hpp"

namespace plenary::web {
namespace {

Response deny(const Guard& guard, int status, std::string_view message, std::string_view code) {
  if (!guard.api) return Response::error(status, std::string(message));
  return Response::json(fmt::format(R"({{"error":"{}","message":"{}"}})", code, message), status).no_store();
}

// The server's redirect, also for htmx, which would put the page into a corner of the present one.
Response lead_to(const Request& request, const std::string& url) {
  Response response = Response::redirect(url);
  if (request.is_htmx()) {
    response = Response(200);
    response.set("HX-Redirect", url);
  }
  response.no_store();
  return response;
}

}  // namespace

Guard operator&(Guard a, Guard b) {
  a.declared = true;
  a.signed_in |= b.signed_in;
  a.conference |= b.conference;
  a.role |= b.role;
  a.full_access |= b.full_access;
  a.api |= b.api;
  for (std::string& name : b.features) a.features.push_back(std::move(name));
  for (std::string& code : b.permissions) a.permissions.push_back(std::move(code));
  return a;
}

Guard public_() {
  Guard guard;
  guard.declared = true;
  return guard;
}

Guard signed_in() {
  Guard guard = public_();
  guard.signed_in = true;
  return guard;
}

Guard conference_scoped() {
  Guard guard = public_();
  guard.conference = true;
  return guard;
}

Guard features(std::initializer_list<std::string_view> names) {
  Guard guard = public_();
  guard.features.assign(names.begin(), names.end());
  return guard;
}

Guard permission(std::string_view code) {
  return any_permission({code});
}

Guard any_permission(std::initializer_list<std::string_view> codes) {
  Guard guard = signed_in();
  guard.permissions.assign(codes.begin(), codes.end());
  return guard;
}

Guard any_role() {
  Guard guard = signed_in();
  guard.role = true;
  return guard;
}

Guard full_access_only() {
  Guard guard = signed_in();
  guard.full_access = true;
  return guard;
}

Guard json_answers() {
  Guard guard = public_();
  guard.api = true;
  return guard;
}

Task<std::string> GuardContext::return_to(Request& request) {
  co_return std::string(is_safe(request.method()) ? request.target() : request.path());
}

Task<void> GuardContext::admitted(Request&) {
  co_return;
}

Task<std::optional<Response>> evaluate(const Guard& guard, Request& request, GuardContext* context) {
  bool asks = guard.signed_in || guard.conference || guard.full_access || !guard.features.empty() ||
              !guard.permissions.empty();
  if (!context) {
    if (asks) {
      throw std::logic_error(fmt::format("The route {} has a guard, but the server has no GuardContext.",
                                         request.route() ? request.route()->name : "(none)"));
    }
    co_return std::nullopt;
  }
  if (!asks && session_token(request).empty()) co_return std::nullopt;
  std::string_view slug;
  if (guard.conference) slug = request.conference_slug();
  co_await context->load(request, slug);

  if (guard.signed_in && !context->signed_in(request)) {
    if (guard.api) co_return deny(guard, 401, "Sign in first.", "not_signed_in");
    // A form that was posted cannot be posted again by a redirect: the person comes back to the page itself,
    // or to what was kept of the form.
    const std::string back = co_await context->return_to(request);
    co_return lead_to(request, context->sign_in_url(request, back));
  }
  if (guard.role || guard.full_access || !guard.permissions.empty()) {
    if (context->must_go_first(request, {})) {
      if (guard.api) co_return deny(guard, 403, "Set up a second factor first.", "no_second_factor");
      const std::string back = co_await context->return_to(request);
      const std::optional<std::string> first = context->must_go_first(request, back);
      co_return lead_to(request, first.value_or("/"));
    }
  }
  if (guard.conference && !context->conference_found(request)) {
    co_return deny(guard, 404, "There is no conference at this address.", "no_such_conference");
  }
  for (const std::string& feature : guard.features) {
    if (!context->feature_enabled(request, feature)) {
      co_return deny(guard, 404, fmt::format("This part of the site is switched off here ({}).", feature),
                     "feature_off");
    }
  }
  // Whoever has no role does not learn that the page, or the conference, exists (10, Do better 27).
  if (guard.role && !context->any_role(request)) {
    co_return deny(guard, 404, "There is no page at this address.", "not_found");
  }
  if (!guard.permissions.empty() || guard.full_access) {
    switch (context->permitted(request, guard.permissions)) {
      case Permitted::yes:
        break;
      case Permitted::no:
        co_return deny(guard, 403,
                       "Your account does not have the right to open this page. Ask an organiser for it.",
                       "forbidden");
      case Permitted::hidden:
        co_return deny(guard, 404, "There is no conference at this address.", "no_such_conference");
    }
  }
  if (!is_safe(request.method())) co_await context->admitted(request);
  co_return std::nullopt;
}

}  // namespace plenary::web
