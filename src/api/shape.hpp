// What a body, an answer or a query looks like: one description from which inputs are checked, all problems
// together, and the schemas of the API description are made. Constant after start, any thread. source: JSON
// Schema 2020-12; OpenAPI 3.1; design 6 (all problems in one input are reported together).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json.hpp"

namespace plenary::api {

// One problem with what was sent. `pointer`: RFC 6901, "" is the whole body; "?limit" a query parameter;
// "#Idempotency-Key" a header.
struct Fault {
  std::string pointer, code, message;
};
using Faults = std::vector<Fault>;

enum class Type : unsigned char {
  object,
  list,
  text,
  integer,
  flag,
  money,    // a decimal text in the conference's currency: "12.50"
  decimal,  // a decimal text: "7.25"
  instant,  // RFC 3339
  date,     // "2027-05-14"
  any       // answers only
};

struct Field;

class Shape {
 public:
  static Shape text(std::size_t longest = 200);
  static Shape integer(std::int64_t least, std::int64_t most);
  static Shape flag();
  static Shape money(bool may_be_negative = false);
  static Shape decimal();
  static Shape instant();
  static Shape date();
  static Shape any();
  static Shape list(Shape item, std::size_t longest = 500, std::size_t shortest = 0);
  // `name`: of the schema in the description; empty: written where it is used.
  static Shape object(std::string name, std::vector<Field> fields);

  Shape& nullable() { return nullable_ = true, *this; }
  Shape& at_least(std::size_t characters) { return shortest_ = characters, *this; }
  Shape& one_of(std::vector<std::string> choices) { return choices_ = std::move(choices), *this; }
  Shape& format(std::string format) { return format_ = std::move(format), *this; }

  Type type() const { return type_; }
  bool is_nullable() const { return nullable_; }
  const std::string& name() const { return name_; }
  const std::vector<Field>& fields() const;
  const Shape& item() const { return *item_; }
  std::size_t longest() const { return longest_; }
  std::size_t shortest() const { return shortest_; }
  const std::vector<std::string>& choices() const { return choices_; }
  std::int64_t least() const { return least_; }
  std::int64_t most() const { return most_; }
  const Field* find(std::string_view name) const;

  // Adds every problem of `value`.
  void check(const Json& value, const std::string& pointer, Faults& faults) const;
  // JSON Schema; named objects become references, and are added to `named`.
  Json schema(std::vector<const Shape*>* named = nullptr) const;
  Json own_schema(std::vector<const Shape*>* named) const;  // of a named one, in full

 private:
  explicit Shape(Type type) : type_(type) {}
  void check_object(const Json& value, const std::string& pointer, Faults& faults) const;
  void check_text(const std::string& text, const std::string& pointer, Faults& faults) const;

  Type type_ = Type::any;
  bool nullable_ = false, negative_ = false;
  std::string name_, format_;
  std::size_t shortest_ = 0, longest_ = 0;
  std::int64_t least_ = 0, most_ = 0;
  std::vector<std::string> choices_;
  std::shared_ptr<const Shape> item_;
  std::shared_ptr<const std::vector<Field>> fields_;
};

struct Field {
  std::string name;
  Shape shape;
  bool required = true;
  std::string description = {};
};
Field required(std::string name, Shape shape, std::string description = {});
Field optional(std::string name, Shape shape, std::string description = {});

}  // namespace plenary::api
