#include "api/problem.hpp"

#include <algorithm>
#include <array>

#include "web/error_pages.hpp"

namespace plenary::api {
namespace {

// Clashes with what others did meanwhile, or with the state that things are in.
constexpr std::array<std::string_view, 26> clashes{"sold_out",          "conflict",
                                                   "changed_meanwhile", "expired",
                                                   "already_done",      "not_waiting",
                                                   "price_changed",     "empty_cart",
                                                   "unavailable",       "sales_closed",
                                                   "already_ordered",   "illegal_transition",
                                                   "not_pending",       "sold_out_meanwhile",
                                                   "has_cart",          "in_use",
                                                   "voucher_invalid",   "lapsed",
                                                   "hold_elapsed",      "not_changeable",
                                                   "payment_running",   "used_up",
                                                   "checked_in",        "not_refundable",
                                                   "not_cancellable",   "not_paid"};
constexpr std::array<std::string_view, 5> too_often{"too_many_attempts", "too_many_carts", "too_many_orders",
                                                    "too_many_mails", "too_many_tries"};

template <std::size_t n>
bool among(const std::array<std::string_view, n>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

bool has_fault(const Faults& faults, std::string_view pointer) {
  const auto is_within = [](std::string_view inner, std::string_view outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
  };
  return std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) {
    return is_within(fault.pointer, pointer) || is_within(pointer, fault.pointer);
  });
}

void add_elsewhere(Faults& faults, Faults more) {
  const Faults known = faults;
  for (Fault& fault : more)
    if (!has_fault(known, fault.pointer)) faults.push_back(std::move(fault));
}

Problem invalid(Faults faults) {
  return Problem(422, "invalid", "The input needs to be corrected; every problem is listed.",
                 std::move(faults));
}

void throw_if_any(Faults faults) {
  if (!faults.empty()) throw invalid(std::move(faults));
}

Problem of(const Refused& refused, const Pointers& pointers) {
  int status = 422;
  if (among(clashes, refused.code())) status = 409;
  if (among(too_often, refused.code())) status = 429;
  std::string pointer;
  if (!refused.field().empty()) {
    pointer = "/" + refused.field();
    for (const auto& [field, place] : pointers)
      if (field == refused.field()) pointer = place;
  }
  Faults faults;
  faults.push_back({pointer, refused.code(), refused.message()});
  Problem problem(status, refused.code(), refused.message(), std::move(faults));
  if (status == 429) problem.retry_after(60);
  return problem;
}

web::Response answer_of(const Problem& problem) {
  Json body = Json::object({{"type", "about:blank"},
                            {"title", web::reason_phrase(problem.status())},
                            {"status", problem.status()},
                            {"detail", problem.detail()},
                            {"code", problem.code()}});
  Json errors = Json::list();
  for (const Fault& fault : problem.faults())
    errors.push(Json::object({{"pointer", fault.pointer}, {"code", fault.code}, {"message", fault.message}}));
  body.set("errors", std::move(errors));
  web::Response response = web::Response::json(body.dump(), problem.status());
  response.content_type = "application/problem+json";
  response.no_store();
  if (problem.retry_after()) response.set("Retry-After", std::to_string(*problem.retry_after()));
  if (problem.status() == 401) response.set("WWW-Authenticate", "Bearer realm=\"Plenary\"");
  return response;
}

const Shape& problem_shape() {
  static const Shape fault = Shape::object(
      "ProblemError",
      {required(
           "pointer", Shape::text(500),
           "Where: a JSON pointer into the body, \"?name\" for a parameter of the address, \"#name\" for a "
           "header; empty: the whole."),
       required("code", Shape::text(100)),
       required("message", Shape::text(2000), "For people, in English.")});
  static const Shape shape = Shape::object(
      "Problem", {required("type", Shape::text(200)), required("title", Shape::text(100)),
                  required("status", Shape::integer(400, 599)),
                  required("detail", Shape::text(2000), "For people, in English."),
                  required("code", Shape::text(100), "Stable, for programs."),
                  required("errors", Shape::list(fault, 10'000), "Every problem of what was sent."),
                  optional("request_id", Shape::text(100), "Names the line of the server's log.")});
  return shape;
}

}  // namespace plenary::api
