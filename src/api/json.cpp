#include "api/json.hpp"

#include "base/beginning.hpp"

#include <optional>

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace plenary::api {

Json Json::list(std::vector<Json> items) {
  Json value(Kind::list);
  value.items_ = std::move(items);
  return value;
}

Json Json::object(std::initializer_list<Member> members) {
  Json value(Kind::object);
  value.members_.assign(members.begin(), members.end());
  return value;
}

Json Json::number(std::string as_written) {
  Json value(Kind::number);
  value.text_ = std::move(as_written);
  return value;
}

const Json* Json::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.first == name) return &member.second;
  return nullptr;
}

Json& Json::set(std::string_view name, Json value) {
  kind_ = Kind::object;
  for (Member& member : members_) {
    if (member.first != name) continue;
    member.second = std::move(value);
    return *this;
  }
  members_.emplace_back(std::string(name), std::move(value));
  return *this;
}

bool Json::remove(std::string_view name) {
  return std::erase_if(members_, [&](const Member& member) { return member.first == name; }) > 0;
}

namespace {

void quote_to(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          out += "\\u00";
          out += digits[byte >> 4];
          out += digits[byte & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace

void Json::dump_to(std::string& out) const {
  bool first = true;
  switch (kind_) {
    case Kind::null:
      out += "null";
      break;
    case Kind::flag:
      out += integer_ ? "true" : "false";
      break;
    case Kind::integer:
      fmt::format_to(std::back_inserter(out), "{}", integer_);
      break;
    case Kind::number:
      out += text_;
      break;
    case Kind::text:
      quote_to(out, text_);
      break;
    case Kind::list:
      out += '[';
      for (const Json& item : items_) {
        if (!std::exchange(first, false)) out += ',';
        item.dump_to(out);
      }
      out += ']';
      break;
    case Kind::object:
      out += '{';
      for (const Member& member : members_) {
        if (!std::exchange(first, false)) out += ',';
        quote_to(out, member.first);
        out += ':';
        member.second.dump_to(out);
      }
      out += '}';
      break;
  }
}

std::string Json::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

namespace {

// Takes the events of the parser; a false ends it.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Reader(Json& root) : root_(root) {}

  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(Json(value)); }
  bool number_integer(number_integer_t value) override { return put(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(INT64_MAX))
      return put(Json(static_cast<std::int64_t>(value)));
    return put(Json::number(fmt::format("{}", value)));
  }
  bool number_float(number_float_t, const string_t& as_written) override {
    return put(Json::number(as_written));
  }
  bool string(string_t& value) override { return put(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return begin(Json::object()); }
  bool key(string_t& name) override {
    if (open_.back()->find(name)) {
      problem_ = fmt::format("The name \"{}\" comes twice in one object.", beginning(name, 60));
      return false;
    }
    name_ = std::move(name);
    return true;
  }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return begin(Json::list()); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    position_ = position;
    return false;
  }

  const std::string& problem() const { return problem_; }
  std::size_t position() const { return position_; }

 private:
  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_list()) {
      parent.items().push_back(std::move(value));
      return &parent.items().back();
    }
    parent.members().emplace_back(std::move(name_), std::move(value));
    name_.clear();
    return &parent.members().back().second;
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool begin(Json value) {
    if (open_.size() == deepest_json) {
      problem_ = fmt::format("It is nested deeper than {} levels.", deepest_json);
      return false;
    }
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool end() {
    open_.pop_back();
    return true;
  }

  Json& root_;
  std::vector<Json*> open_;  // a parent's vector does not grow while one of its values is open
  std::string name_, problem_;
  std::size_t position_ = 0;
};

}  // namespace

bool read_json(std::string_view text, Json& value, JsonFault& fault) {
  value = Json();
  Reader reader(value);
  if (nlohmann::json::sax_parse(text, &reader)) return true;
  fault.byte = reader.position();
  fault.message = !reader.problem().empty() ? reader.problem()
                                            : fmt::format("This is no JSON from byte {} on.", fault.byte);
  return false;
}

std::string pointer_to(std::string_view pointer, std::string_view name) {
  std::string longer(pointer);
  longer += '/';
  for (const char c : name) {
    if (c == '~')
      longer += "~0";
    else if (c == '/')
      longer += "~1";
    else
      longer += c;
  }
  return longer;
}

std::string pointer_to(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

}  // namespace plenary::api
