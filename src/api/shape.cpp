#include "api/shape.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/beginning.hpp"
#include "base/decimal.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace plenary::api {
namespace {

constexpr const char* money_pattern = "^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,4})?$";
constexpr const char* signed_money_pattern = "^-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,4})?$";
constexpr const char* decimal_pattern = "^-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$";

// As the patterns above say.
bool is_plain_decimal(std::string_view text, bool may_be_negative, std::size_t decimals) {
  if (text.starts_with('-')) {
    if (!may_be_negative) return false;
    text.remove_prefix(1);
  }
  const auto all_digits = [](std::string_view digits) {
    return !digits.empty() &&
           std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  if (!all_digits(whole) || whole.size() > 12 || (whole.size() > 1 && whole[0] == '0')) return false;
  if (dot == std::string_view::npos) return true;
  const std::string_view fraction = text.substr(dot + 1);
  return all_digits(fraction) && fraction.size() <= decimals;
}

const char* type_name(Type type) {
  switch (type) {
    case Type::object:
      return "object";
    case Type::list:
      return "array";
    case Type::integer:
      return "integer";
    case Type::flag:
      return "boolean";
    default:
      return "string";
  }
}

const char* wanted(Type type) {
  switch (type) {
    case Type::object:
      return "an object";
    case Type::list:
      return "a list";
    case Type::integer:
      return "a whole number";
    case Type::flag:
      return "true or false";
    case Type::money:
      return "an amount as a text, such as \"12.50\"";
    case Type::decimal:
      return "a decimal number as a text, such as \"7.25\"";
    case Type::instant:
      return "an instant as a text, such as \"2027-05-14T09:00:00Z\"";
    case Type::date:
      return "a day as a text, such as \"2027-05-14\"";
    default:
      return "a text";
  }
}

}  // namespace

Shape Shape::text(std::size_t longest) {
  Shape shape(Type::text);
  shape.longest_ = longest;
  return shape;
}
Shape Shape::integer(std::int64_t least, std::int64_t most) {
  Shape shape(Type::integer);
  shape.least_ = least;
  shape.most_ = most;
  return shape;
}
Shape Shape::flag() {
  return Shape(Type::flag);
}
Shape Shape::money(bool may_be_negative) {
  Shape shape(Type::money);
  shape.negative_ = may_be_negative;
  return shape;
}
Shape Shape::decimal() {
  return Shape(Type::decimal);
}
Shape Shape::instant() {
  return Shape(Type::instant);
}
Shape Shape::date() {
  return Shape(Type::date);
}
Shape Shape::any() {
  return Shape(Type::any);
}
Shape Shape::list(Shape item, std::size_t longest, std::size_t shortest) {
  Shape shape(Type::list);
  shape.item_ = std::make_shared<const Shape>(std::move(item));
  shape.longest_ = longest;
  shape.shortest_ = shortest;
  return shape;
}
Shape Shape::object(std::string name, std::vector<Field> fields) {
  Shape shape(Type::object);
  shape.name_ = std::move(name);
  shape.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return shape;
}

Field required(std::string name, Shape shape, std::string description) {
  return {std::move(name), std::move(shape), true, std::move(description)};
}
Field optional(std::string name, Shape shape, std::string description) {
  return {std::move(name), std::move(shape), false, std::move(description)};
}

const std::vector<Field>& Shape::fields() const {
  static const std::vector<Field> none;
  return fields_ ? *fields_ : none;
}

const Field* Shape::find(std::string_view name) const {
  for (const Field& field : fields())
    if (field.name == name) return &field;
  return nullptr;
}

void Shape::check(const Json& value, const std::string& pointer, Faults& faults) const {
  if (value.is_null() && nullable_) return;
  const auto wrong_type = [&] {
    faults.push_back({pointer, "type", fmt::format("Write {} here.", wanted(type_))});
  };
  switch (type_) {
    case Type::any:
      return;
    case Type::object:
      if (!value.is_object()) return wrong_type();
      return check_object(value, pointer, faults);
    case Type::list:
      if (!value.is_list()) return wrong_type();
      if (value.items().size() > longest_)
        faults.push_back({pointer, "too_many", fmt::format("At most {} are taken at once.", longest_)});
      else if (value.items().size() < shortest_)
        faults.push_back({pointer, "too_few", fmt::format("At least {} is needed.", shortest_)});
      else
        for (std::size_t i = 0; i < value.items().size(); ++i)
          item_->check(value.items()[i], pointer_to(pointer, i), faults);
      return;
    case Type::integer:
      if (!value.is_integer()) return wrong_type();
      if (value.integer() < least_ || value.integer() > most_)
        faults.push_back({pointer, "range", fmt::format("Write a number from {} to {}.", least_, most_)});
      return;
    case Type::flag:
      if (!value.is_flag()) wrong_type();
      return;
    default:
      if (!value.is_text()) return wrong_type();
      check_text(value.text(), pointer, faults);
  }
}

void Shape::check_object(const Json& value, const std::string& pointer, Faults& faults) const {
  for (const Json::Member& member : value.members()) {
    if (const Field* field = find(member.first)) {
      field->shape.check(member.second, pointer_to(pointer, field->name), faults);
    } else {
      faults.push_back({pointer_to(pointer, beginning(member.first, 100)), "unknown_field",
                        "There is no such field here."});
    }
  }
  for (const Field& field : fields()) {
    if (field.required && !value.has(field.name))
      faults.push_back({pointer_to(pointer, field.name), "required", "This field is required."});
  }
}

void Shape::check_text(const std::string& text, const std::string& pointer, Faults& faults) const {
  const auto wrong = [&](const char* code, std::string message) {
    faults.push_back({pointer, code, std::move(message)});
  };
  switch (type_) {
    case Type::money:
      if (!is_plain_decimal(text, negative_, 4)) wrong("format", fmt::format("Write {}.", wanted(type_)));
      return;
    case Type::decimal:
      if (!is_plain_decimal(text, true, 6)) wrong("format", fmt::format("Write {}.", wanted(type_)));
      return;
    case Type::instant:
      if (!Instant::parse(text)) wrong("format", fmt::format("Write {}.", wanted(type_)));
      return;
    case Type::date:
      if (!Date::parse(text)) wrong("format", fmt::format("Write {}.", wanted(type_)));
      return;
    default:
      break;
  }
  if (!choices_.empty()) {
    if (std::find(choices_.begin(), choices_.end(), text) == choices_.end())
      wrong("choice", fmt::format("Choose one of: {}.", fmt::join(choices_, ", ")));
    return;
  }
  const std::size_t characters = character_count(text);
  if (characters > longest_) return wrong("too_long", fmt::format("At most {} characters.", longest_));
  if (characters < shortest_) return wrong("too_short", "This must not be empty.");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F)
      return wrong("format", "Control characters are not taken.");
  }
}

Json Shape::schema(std::vector<const Shape*>* named) const {
  if (named && !name_.empty()) {
    const bool known =
        std::any_of(named->begin(), named->end(), [&](const Shape* one) { return one->name_ == name_; });
    if (!known) named->push_back(this);
    Json reference = Json::object({{"$ref", "#/components/schemas/" + name_}});
    if (!nullable_) return reference;
    Json either = Json::list();
    either.push(std::move(reference));
    either.push(Json::object({{"type", "null"}}));
    return Json::object({{"anyOf", std::move(either)}});
  }
  return own_schema(named);
}

Json Shape::own_schema(std::vector<const Shape*>* named) const {
  Json schema = Json::object();
  if (type_ == Type::any) return schema;
  if (nullable_ && (!named || name_.empty())) {
    Json types = Json::list();
    types.push(type_name(type_));
    types.push("null");
    schema.set("type", std::move(types));
  } else {
    schema.set("type", type_name(type_));
  }
  switch (type_) {
    case Type::object: {
      Json properties = Json::object(), names = Json::list();
      for (const Field& field : fields()) {
        Json one = field.shape.schema(named);
        if (!field.description.empty()) one.set("description", field.description);
        properties.set(field.name, std::move(one));
        if (field.required) names.push(field.name);
      }
      schema.set("properties", std::move(properties));
      if (!names.items().empty()) schema.set("required", std::move(names));
      schema.set("additionalProperties", false);
      break;
    }
    case Type::list:
      schema.set("items", item_->schema(named));
      schema.set("maxItems", longest_);
      if (shortest_ > 0) schema.set("minItems", shortest_);
      break;
    case Type::integer:
      schema.set("minimum", least_);
      schema.set("maximum", most_);
      break;
    case Type::money:
      schema.set("pattern", negative_ ? signed_money_pattern : money_pattern);
      break;
    case Type::decimal:
      schema.set("pattern", decimal_pattern);
      break;
    case Type::instant:
      schema.set("format", "date-time");
      break;
    case Type::date:
      schema.set("format", "date");
      break;
    case Type::text: {
      if (!choices_.empty()) {
        Json choices = Json::list();
        for (const std::string& choice : choices_) choices.push(choice);
        if (nullable_) choices.push(Json());
        schema.set("enum", std::move(choices));
        break;
      }
      schema.set("maxLength", longest_);
      if (shortest_ > 0) schema.set("minLength", shortest_);
      if (!format_.empty()) schema.set("format", format_);
      break;
    }
    default:
      break;
  }
  return schema;
}

}  // namespace plenary::api
