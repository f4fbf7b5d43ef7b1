#include "web/problem.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace plenary::web {

bool answers_problems(std::string_view path) {
  return path.starts_with(problem_prefix);
}

namespace {
// Advice for programs, where that for people speaks of pages.
std::string advice(const ErrorInfo& error) {
  if (error.status == 405)
    return fmt::format("{} The header Allow says what is, {}openapi.json how.", error.message,
                       problem_prefix);
  if (!error.message.empty()) return error.message;
  if (error.status == 404)
    return fmt::format("There is no such address: {}openapi.json describes all of them.", problem_prefix);
  return std::string(error_advice(error.status));
}
}  // namespace

Response problem_page(const ErrorInfo& error) {
  const std::string title(reason_phrase(error.status));
  const std::string detail = advice(error);
  const std::string code = error.code.empty() ? fmt::format("http_{}", error.status) : error.code;
  nlohmann::ordered_json body = {{"type", "about:blank"},  {"title", title},
                                 {"status", error.status}, {"detail", detail},
                                 {"code", code},           {"errors", nlohmann::json::array()}};
  if (!error.request_id.empty()) body["request_id"] = error.request_id;
  Response response =
      Response::json(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), error.status);
  response.content_type = "application/problem+json";
  response.no_store();
  return response;
}

}  // namespace plenary::web
