// The bytes of a call become values: query, body, headers. source: service.hpp.
#include <algorithm>
#include <charconv>

#include "api/service.hpp"

#include "base/beginning.hpp"

namespace plenary::api {
namespace {

bool same_folded(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

Json value_of(const Shape& shape, std::string_view text) {
  if (shape.type() == Type::integer) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return Json(number);
    return Json(text);
  }
  if (shape.type() == Type::flag) {
    if (text == "true") return Json(true);
    if (text == "false") return Json(false);
  }
  return Json(text);
}

// The names that a query has, each once.
std::vector<std::string_view> names_in(std::string_view query) {
  std::vector<std::string_view> names;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::string_view name = pair.substr(0, pair.find('='));
    if (!name.empty()) names.push_back(name);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return names;
}

constexpr std::size_t shortest_key = 16, longest_key = 100;

}  // namespace

Json read_query(const Operation& operation, const web::Request& request, Faults& faults) {
  const Shape shape = operation.query_shape();
  Json query = Json::object();
  for (const Field& field : shape.fields()) {
    const std::vector<std::string_view> values = request.query_all(field.name);
    if (values.empty()) {
      if (field.required) faults.push_back({"?" + field.name, "required", "This parameter is required."});
      continue;
    }
    if (values.size() > 1) {
      faults.push_back({"?" + field.name, "twice", "Give this parameter once."});
      continue;
    }
    Json value = value_of(field.shape, values.front());
    Faults found;
    field.shape.check(value, "?" + field.name, found);
    if (found.empty()) query.set(field.name, std::move(value));
    faults.insert(faults.end(), found.begin(), found.end());
  }
  for (const std::string_view name : names_in(request.query_string())) {
    if (!shape.find(name))
      faults.push_back(
          {"?" + std::string(beginning(name, 100)), "unknown_parameter", "There is no such parameter here."});
  }
  return query;
}

Json read_body(const Operation& operation, const web::Request& request, Faults& faults) {
  const std::string_view bytes = request.body();
  if (web::is_safe(request.method())) return Json::object();
  if (bytes.empty()) {
    if (operation.body) operation.body->check(Json::object(), "", faults);
    return Json::object();
  }
  std::string_view type = request.header("Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (!same_folded(type, "application/json"))
    throw Problem(415, "not_json", "Send the body as JSON, with Content-Type: application/json.");
  Json body;
  JsonFault fault;
  if (!read_json(bytes, body, fault))
    throw Problem(400, "not_json", "The body cannot be read. " + fault.message);
  if (operation.body) {
    operation.body->check(body, "", faults);
  } else if (!body.is_object() || !body.members().empty()) {
    faults.push_back({"", "unexpected", "Nothing is to be sent here but the address: leave the body away."});
  }
  return body;
}

void take_out(Json& body, const Faults& faults) {
  for (const Fault& fault : faults) {
    std::string_view rest = fault.pointer;
    if (rest.empty()) body = Json::object();
    Json* place = &body;
    while (place && rest.starts_with('/')) {
      const std::size_t end = std::min(rest.find('/', 1), rest.size());
      std::string name;
      for (std::size_t at = 1; at < end; ++at) {
        const bool is_escape = rest[at] == '~' && at + 1 < end;
        name += is_escape ? (rest[at + 1] == '1' ? '/' : '~') : rest[at];
        at += is_escape ? 1 : 0;
      }
      rest.remove_prefix(end);
      Json* next = nullptr;
      if (place->is_list()) {
        std::size_t index = 0;
        std::from_chars(name.data(), name.data() + name.size(), index);
        if (index < place->items().size()) next = &place->items()[index];
        if (next && rest.empty()) *next = Json();
      } else if (rest.empty()) {
        place->remove(name);
      } else {
        for (Json::Member& member : place->members())
          if (member.first == name) next = &member.second;
      }
      place = next;
    }
  }
}

std::string read_idempotency_key(const web::Request& request, Faults& faults) {
  if (web::is_safe(request.method()) || !request.has_header("Idempotency-Key")) return {};
  const std::string_view key = request.header("Idempotency-Key");
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain || key.size() < shortest_key || key.size() > longest_key) {
    faults.push_back({"#Idempotency-Key", "format",
                      "Use a random text of 16 to 100 characters without blanks, a UUID for instance."});
    return {};
  }
  return std::string(key);
}

std::string_view bearer_of(const web::Request& request) {
  if (!request.has_header("Authorization")) return {};
  std::string_view value = request.header("Authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (value.size() <= scheme.size() || !same_folded(value.substr(0, scheme.size()), scheme))
    throw Problem(401, "not_a_token",
                  "Send \"Authorization: Bearer\" with a token, or leave the header away.");
  value.remove_prefix(scheme.size());
  return value;
}

}  // namespace plenary::api
