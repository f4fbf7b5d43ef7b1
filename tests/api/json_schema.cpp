#include "api/json_schema.hpp"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/time.hpp"

namespace plenary::api::testing {
namespace {

bool is_of(const std::string& type, const Json& value) {
  switch (value.kind()) {
    case Json::Kind::null:
      return type == "null";
    case Json::Kind::flag:
      return type == "boolean";
    case Json::Kind::integer:
      return type == "integer" || type == "number";
    case Json::Kind::number:
      return type == "number";
    case Json::Kind::text:
      return type == "string";
    case Json::Kind::list:
      return type == "array";
    case Json::Kind::object:
      return type == "object";
  }
  return false;
}

struct Checker {
  const Json& root;
  std::vector<std::string> faults = {};

  void wrong(const std::string& pointer, const std::string& text) { faults.push_back(pointer + ": " + text); }

  void check(const Json& schema, const Json& value, const std::string& pointer) {
    for (const Json::Member& keyword : schema.members())
      one(schema, keyword.first, keyword.second, value, pointer);
  }

  void one(const Json& schema, const std::string& name, const Json& wanted, const Json& value,
           const std::string& pointer) {
    if (name == "description") return;
    if (name == "$ref") {
      const Json* target = referenced(root, wanted.text());
      if (!target) return wrong(pointer, "no such schema: " + wanted.text());
      return check(*target, value, pointer);
    }
    if (name == "anyOf") {
      const bool any = std::any_of(wanted.items().begin(), wanted.items().end(), [&](const Json& branch) {
        return schema_faults(root, branch, value, pointer).empty();
      });
      if (!any) wrong(pointer, "fits none of them: " + value.dump());
      return;
    }
    if (name == "type") {
      bool fits = wanted.is_text() && is_of(wanted.text(), value);
      for (const Json& type : wanted.items()) fits = fits || is_of(type.text(), value);
      if (!fits) wrong(pointer, "is no " + wanted.dump() + ": " + value.dump().substr(0, 100));
      return;
    }
    if (name == "enum") {
      const bool any = std::any_of(wanted.items().begin(), wanted.items().end(),
                                   [&](const Json& choice) { return choice.dump() == value.dump(); });
      if (!any) wrong(pointer, value.dump() + " is not among " + wanted.dump());
      return;
    }
    if (name == "properties" || name == "additionalProperties" || name == "required") {
      if (value.is_object()) return object(schema, name, wanted, value, pointer);
      return;
    }
    if (name == "items") {
      for (std::size_t i = 0; i < value.items().size(); ++i)
        check(wanted, value.items()[i], pointer_to(pointer, i));
      return;
    }
    if (name == "maxItems" || name == "minItems") {
      const auto size = static_cast<std::int64_t>(value.items().size());
      if (value.is_list() && (name == "maxItems" ? size > wanted.integer() : size < wanted.integer()))
        wrong(pointer, fmt::format("{} items", size));
      return;
    }
    if (name == "minimum" || name == "maximum") {
      if (value.is_integer() &&
          (name == "minimum" ? value.integer() < wanted.integer() : value.integer() > wanted.integer()))
        wrong(pointer, fmt::format("{} is out of range", value.integer()));
      return;
    }
    if (name == "minLength" || name == "maxLength") {
      const auto length = static_cast<std::int64_t>(character_count(value.text()));
      if (value.is_text() && (name == "minLength" ? length < wanted.integer() : length > wanted.integer()))
        wrong(pointer, fmt::format("{} characters", length));
      return;
    }
    if (name == "pattern") {
      if (value.is_text() && !std::regex_search(value.text(), std::regex(wanted.text())))
        wrong(pointer, value.text() + " does not look like " + wanted.text());
      return;
    }
    if (name == "format") {
      if (!value.is_text()) return;
      if (wanted.text() == "date-time" && !Instant::parse(value.text()))
        wrong(pointer, "no instant: " + value.text());
      if (wanted.text() == "date" && !Date::parse(value.text())) wrong(pointer, "no day: " + value.text());
      return;
    }
    wrong(pointer, "nobody checks the keyword " + name);
  }

  void object(const Json& schema, const std::string& name, const Json& wanted, const Json& value,
              const std::string& pointer) {
    if (name == "required") {
      for (const Json& one : wanted.items())
        if (!value.has(one.text())) wrong(pointer, one.text() + " is missing");
    } else if (name == "properties") {
      for (const Json::Member& member : value.members())
        if (const Json* of = wanted.find(member.first))
          check(*of, member.second, pointer_to(pointer, member.first));
    } else if (!wanted.flag()) {
      const Json* known = schema.find("properties");
      for (const Json::Member& member : value.members())
        if (!known || !known->has(member.first)) wrong(pointer, member.first + " is not described");
    }
  }
};

}  // namespace

std::vector<std::string> schema_faults(const Json& root, const Json& schema, const Json& value,
                                       const std::string& pointer) {
  Checker checker{root};
  checker.check(schema, value, pointer);
  return checker.faults;
}

const Json* referenced(const Json& root, const std::string& reference) {
  const Json* at = &root;
  std::string_view rest = reference;
  if (!rest.starts_with("#/")) return nullptr;
  rest.remove_prefix(2);
  while (at && !rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    at = at->find(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return at;
}

const Json& resolved(const Json& root, const Json& schema) {
  if (const Json* reference = schema.find("$ref"))
    if (const Json* target = referenced(root, reference->text())) return *target;
  return schema;
}

}  // namespace plenary::api::testing
