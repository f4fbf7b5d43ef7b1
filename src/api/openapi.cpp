#include "api/openapi.hpp"

#include <algorithm>

#include "api/operations.hpp"

namespace plenary::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

Json json_content(Json schema, const char* type = "application/json") {
  return Json::object({{type, Json::object({{"schema", std::move(schema)}})}});
}

Json problem_answer(const char* text) {
  return Json::object({{"description", text},
                       {"content", json_content(Json::object({{"$ref", "#/components/schemas/Problem"}}),
                                                "application/problem+json")}});
}

// "{reference}" or "{cart:int}": how the path names it, and what it is.
struct PathParameter {
  std::string name;
  bool is_number = false;
};

std::vector<PathParameter> parameters_of(const std::string& path) {
  std::vector<PathParameter> found;
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    const std::size_t end = path.find('}', at);
    const std::string inner = path.substr(at + 1, end - at - 1);
    const std::size_t colon = inner.find(':');
    found.push_back({inner.substr(0, colon), colon != std::string::npos && inner.substr(colon) == ":int"});
  }
  return found;
}

// "/conferences/{slug}/carts/{cart}".
std::string template_of(const std::string& path) {
  std::string out;
  bool in_type = false;
  for (const char c : path) {
    if (c == ':') in_type = true;
    if (c == '}') in_type = false;
    if (!in_type) out += c;
  }
  return out;
}

const char* about_parameter(const std::string& name) {
  if (name == "slug") return "The conference, as its address names it.";
  if (name == "reference") return "The order's reference.";
  return "The number of the row.";
}

Json parameters(const Operation& operation) {
  Json list = Json::list();
  for (const PathParameter& one : parameters_of(operation.path)) {
    Json schema = one.is_number ? Json::object({{"type", "integer"}, {"minimum", 0}, {"maximum", INT64_MAX}})
                                : Json::object({{"type", "string"}});
    list.push(Json::object({{"name", one.name},
                            {"in", "path"},
                            {"required", true},
                            {"description", about_parameter(one.name)},
                            {"schema", std::move(schema)}}));
  }
  const Shape query = operation.query_shape();
  for (const Field& field : query.fields()) {
    Json one = Json::object({{"name", field.name}, {"in", "query"}, {"required", field.required}});
    if (!field.description.empty()) one.set("description", field.description);
    one.set("schema", field.shape.schema());
    list.push(std::move(one));
  }
  if (operation.writes && operation.run) {
    list.push(Json::object(
        {{"name", "Idempotency-Key"},
         {"in", "header"},
         {"required", false},
         {"description",
          "A random text, 16 to 100 characters: the same call with it again, within a day, has no "
          "second effect and gets the same answer."},
         {"schema", Json::object({{"type", "string"}, {"minLength", 16}, {"maxLength", 100}})}}));
  }
  return list;
}

Json security(const Operation& operation) {
  Json list = Json::list();
  if (operation.access == Access::cart) {
    list.push(Json::object({{"cart", Json::list()}}));
    return list;
  }
  if (operation.access == Access::open) list.push(Json::object());
  if (!operation.scope.empty() || operation.access == Access::token) {
    Json scopes = Json::list();
    if (!operation.scope.empty()) scopes.push(operation.scope);
    list.push(Json::object({{"token", std::move(scopes)}}));
  }
  return list;
}

Json responses(const Operation& operation, std::vector<const Shape*>& named) {
  Json list = Json::object();
  Json good = Json::object({{"description", operation.status == 204 ? "Done." : "As asked for."}});
  if (operation.answer) good.set("content", json_content(operation.answer->schema(&named)));
  if (operation.is_paged)
    good.set("headers",
             Json::object({{"Link", Json::object({{"description", "The next page, with rel=\"next\"."},
                                                  {"schema", Json::object({{"type", "string"}})}})}}));
  list.set(std::to_string(operation.status), std::move(good));
  if (operation.access != Access::open)
    list.set("401", problem_answer("No token, or one that does not count."));
  if (operation.access == Access::token || !operation.scope.empty())
    list.set("403", problem_answer("Not within the scopes, or not the owner's right."));
  if (operation.has_conference())
    list.set("404", problem_answer("No such conference, or nothing at this address."));
  if (operation.writes) list.set("409", problem_answer("It clashes with the present state."));
  if (operation.body) list.set("415", problem_answer("Not sent as JSON."));
  list.set("422", problem_answer("Something needs to be corrected; every problem is listed."));
  list.set("429", problem_answer("Too often: Retry-After says when to try again."));
  list.set("default", problem_answer("Any other problem."));
  return list;
}

Json make_description() {
  std::vector<const Shape*> named;
  Json paths = Json::object();
  problem_shape().schema(&named);
  for (const Operation& operation : operations()) {
    Json one = Json::object({{"operationId", operation.id},
                             {"tags", Json::list({Json(operation.id.substr(0, operation.id.find('.')))})},
                             {"summary", operation.summary}});
    if (!operation.description.empty()) one.set("description", operation.description);
    Json its_parameters = parameters(operation);
    if (!its_parameters.items().empty()) one.set("parameters", std::move(its_parameters));
    if (operation.body) {
      one.set("requestBody",
              Json::object({{"required", true}, {"content", json_content(operation.body->schema(&named))}}));
    }
    one.set("responses", responses(operation, named));
    one.set("security", security(operation));
    const std::string path = template_of(operation.path);
    Json there = paths.has(path) ? *paths.find(path) : Json::object();
    there.set(lower(web::to_string(operation.method)), std::move(one));
    paths.set(path, std::move(there));
  }
  Json schemas = Json::object();
  for (std::size_t i = 0; i < named.size(); ++i)  // a schema may bring further ones
    schemas.set(named[i]->name(), named[i]->own_schema(&named));
  return Json::object(
      {{"openapi", "3.1.0"},
       {"info",
        Json::object({{"title", "Plenary"},
                      {"version", "1"},
                      {"summary", "Tickets, carts, orders, vouchers and discounts of conferences"},
                      {"license", Json::object({{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}})}})},
       {"servers", Json::list({Json::object({{"url", "/api/v1"}})})},
       {"paths", std::move(paths)},
       {"components",
        Json::object(
            {{"schemas", std::move(schemas)},
             {"securitySchemes",
              Json::object(
                  {{"token", Json::object({{"type", "http"},
                                           {"scheme", "bearer"},
                                           {"description", "A token that its owner made, with scopes."}})},
                   {"cart", Json::object({{"type", "apiKey"},
                                          {"in", "header"},
                                          {"name", "Cart-Secret"},
                                          {"description", "What making the cart gave."}})}})}})}});
}

}  // namespace

const Json& description() {
  static const Json made = make_description();
  return made;
}

}  // namespace plenary::api
