#include "web/dispatch.hpp"

#include <exception>

#include <fmt/format.h>

#include "web/access_log.hpp"
#include "web/csrf.hpp"
#include "web/error_pages.hpp"
#include "web/errors.hpp"
#include "web/problem.hpp"
#include "web/request_access.hpp"
#include "web/sessions.hpp"

namespace plenary::web {
namespace {

bool asks_nothing(const Guard& guard, const Request& request) {
  return !guard.signed_in && !guard.conference && !guard.full_access && guard.features.empty() &&
         guard.permissions.empty() && session_token(request).empty();
}

bool answers_json(const Request& request) {
  return (request.route() && request.route()->guard.api) || request.wants_json();
}

}  // namespace

Dispatcher::Dispatcher(const Services& services, LogFunction log)
    : services_(services), log_(std::move(log)) {}

std::string allow_header(Methods methods) {
  std::string text;
  for (Method method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::delete_}) {
    if (!methods.has(method)) continue;
    if (!text.empty()) text += ", ";
    text += to_string(method);
  }
  return text;
}

Task<Response> Dispatcher::respond(Request& request, const Match& match) const {
  Response response;
  std::exception_ptr thrown;
  switch (match.kind) {
    case Match::Kind::not_found:
      response = Response::not_found();
      break;
    case Match::Kind::add_slash:
      if (is_safe(request.method())) {
        // The raw path, so that what was escaped stays escaped. It has a first segment: never "//host".
        std::string_view target = request.target();
        if (!target.starts_with('/')) target.remove_prefix(target.find('/', target.find("://") + 3));
        std::string location(target.substr(0, target.find('?')));
        location += '/';
        if (!request.query_string().empty()) location.append("?").append(request.query_string());
        response = Response::redirect(std::move(location), 301);
      } else {
        response = Response::not_found("This address ends with a slash.");
      }
      break;
    case Match::Kind::method_not_allowed:
      if (request.is(Method::options)) {
        response = Response(204);
      } else {
        response = Response::error(
            405, fmt::format("{} is not possible at this address.", to_string(request.method())));
      }
      response.set("Allow", allow_header(match.allowed));
      break;
    case Match::Kind::found: {
      const Route& route = *match.route;
      bool go_on = true;
      try {
        if (!is_safe(request.method()) && route.csrf == Csrf::check) {
          if (auto problem = csrf_problem(request)) {
            response = Response::error(403, std::move(*problem));
            go_on = false;
          }
        }
        if (go_on && !asks_nothing(route.guard, request)) {
          std::optional<Response> refused = co_await evaluate(route.guard, request, services_.guard_context);
          if (refused) {
            response = std::move(*refused);
            go_on = false;
          }
        }
        if (go_on) response = co_await route.handler(request);
      } catch (...) {
        thrown = std::current_exception();
      }
      break;
    }
  }
  if (!thrown && !response.is_error_page) co_return response;

  ErrorInfo info;
  Response plain;  // headers that go out with whatever page is made
  std::optional<Refused> refused;
  if (!thrown) {
    info.status = response.status;
    info.message = std::string(response.body());
    plain.headers = std::move(response.headers);
  } else {
    try {
      std::rethrow_exception(thrown);
    } catch (const HttpError& error) {
      info.status = error.status();
      info.message = error.message();
      info.code = error.code();
    } catch (const Refused& error) {
      refused = error;
      info.status = services_.error_pages ? services_.error_pages->status_of(error) : 422;
      info.message = error.message();
      info.code = error.code();
      info.refused = &*refused;
    } catch (const NotFound& error) {
      info.status = 404;
      info.code = "not_found";
      if (services_.show_errors) info.message = error.what();
    } catch (const Overloaded& error) {
      info.status = 503;
      info.code = "overloaded";
      plain.set("Retry-After", fmt::format("{}", error.retry_after_seconds));
    } catch (const std::exception& error) {
      info.status = 500;
      log_(LogLevel::error, fmt::format("500 {} {} request={}: {}", to_string(request.method()),
                                        request.route() ? request.route()->pattern : "-", request.id(),
                                        log_escaped(error.what())));
      if (services_.show_errors) info.message = error.what();
    } catch (...) {
      info.status = 500;
      log_(LogLevel::error,
           fmt::format("500 {} {} request={}: thrown was no std::exception", to_string(request.method()),
                       request.route() ? request.route()->pattern : "-", request.id()));
    }
  }
  // Refusals are worth a line (ground rules 15, 2.5), by pattern and code, never by what was typed.
  if (info.status == 403 || info.status == 401 || info.status == 429 || refused) {
    log_(LogLevel::info,
         fmt::format("{} {} {} request={} {}", info.status, to_string(request.method()),
                     request.route() ? request.route()->pattern : "-", request.id(), log_escaped(info.code)));
  }
  info.title = error_title(info.status);
  info.request_id = request.id();
  Response page = co_await error_page(request, std::move(info), std::move(plain));
  co_return page;
}

Task<Response> Dispatcher::error_page(Request& request, ErrorInfo info, Response plain) const {
  Response page;
  bool made = false;
  bool json = answers_json(request);
  if (answers_problems(request.path())) {
    page = problem_page(info);
    made = json = true;
  }
  if (services_.error_pages && !json && !made) {
    std::exception_ptr thrown;
    std::optional<Response> own;
    try {
      own = co_await services_.error_pages->render(request, info);
    } catch (...) {
      thrown = std::current_exception();
    }
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& error) {
        log_(LogLevel::error, fmt::format("The error page of status {} could not be made, request={}: {}",
                                          info.status, request.id(), log_escaped(error.what())));
      } catch (...) {
        log_(LogLevel::error, fmt::format("The error page of status {} could not be made, request={}",
                                          info.status, request.id()));
      }
    }
    if (own && !own->is_error_page) {
      page = std::move(*own);
      if (page.status < 400) page.status = info.status;
      if (!page.find("Cache-Control")) page.no_store();
      made = true;
    }
  }
  if (!made) page = builtin_error_page(info, json);
  for (auto& [name, value] : plain.headers) page.set(name, std::move(value));
  co_return page;
}

Task<Response> Dispatcher::too_large(Request& request, std::size_t limit) const {
  const std::size_t kilo = 1024, mega = kilo * kilo;
  // Rounded down: what is said to fit does.
  const std::string size = limit >= mega   ? fmt::format("{} MB", limit / mega)
                           : limit >= kilo ? fmt::format("{} KB", limit / kilo)
                                           : "0 KB";
  const Refused refused("too_large", message("This address takes at most {size} ({bytes} bytes) at once."),
                        {{"size", size}, {"bytes", std::to_string(limit)}});
  ErrorInfo info;
  info.status = 413;
  info.title = error_title(413);
  info.message = refused.message();
  if (answers_problems(request.path())) info.message += " Send less at once, in several requests.";
  info.code = refused.code();
  info.request_id = request.id();
  info.refused = &refused;
  Response plain;
  Response page = co_await error_page(request, std::move(info), std::move(plain));
  co_return page;
}

Response Dispatcher::refusal(const ParseFailure& failure, std::string_view request_id,
                             std::string_view path) const {
  ErrorInfo info;
  info.status = failure.status;
  info.title = error_title(failure.status);
  info.message =
      failure.reason.empty() ? std::string() : fmt::format("The request was refused: {}.", failure.reason);
  info.request_id = request_id;
  Response page = answers_problems(path) ? problem_page(info) : builtin_error_page(info, false);
  if (failure.status == 405) page.set("Allow", "GET, HEAD, POST");
  if (failure.status == 503) page.set("Retry-After", "2");
  return page;
}

}  // namespace plenary::web
