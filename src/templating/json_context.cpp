#include "templating/json_context.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "base/text.hpp"
#include "templating/python.hpp"

namespace plenary::templating {
namespace {

constexpr std::size_t max_depth = 64;

[[noreturn]] void refuse(const std::string& message) {
  throw std::invalid_argument("the context: " + message);
}

Value moment_from(std::string_view given, TimeZone zone) {
  // A blank for the T and missing seconds are as clear.
  std::string text(given);
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.size() == 16 || (text.size() > 16 && text[16] != ':')) text.insert(16, ":00");
  if (const auto at = Instant::parse(text)) {
    // Keep the offset as it was written: it shows in {{ value.hour }}.
    const bool utc = text.back() == 'Z' || text.back() == 'z';
    if (utc) return Value(*at);
    const std::string tail = text.substr(text.size() - 6);
    const int minutes = (tail[1] - '0') * 600 + (tail[2] - '0') * 60 + (tail[4] - '0') * 10 + (tail[5] - '0');
    return Value::datetime_with_offset(*at, (tail[0] == '-' ? -minutes : minutes) * 60);
  }
  // Without offset: a wall-clock time of the zone.
  if (const auto naive = Instant::parse(text + "Z")) {
    const LocalTime t = TimeZone::utc().local(*naive);
    const Instant at = zone.instant(t.date, t.hour, t.minute, t.second);
    return Value(at + Duration::microseconds(t.microsecond), zone);
  }
  refuse(fmt::format("__datetime__ is written \"2027-05-14T09:00:00Z\"; found \"{}\"", given));
}

Value time_from(std::string_view text) {
  const auto at = Instant::parse("1970-01-01T" + std::string(text) + (text.size() == 5 ? ":00Z" : "Z"));
  if (!at || text.size() < 5) refuse(fmt::format("__time__ is written \"09:00:00\"; found \"{}\"", text));
  const LocalTime t = TimeZone::utc().local(*at);
  return Value(TimeOfDay{t.hour, t.minute, t.second, t.microsecond});
}

// The one-key objects. Undefined: an object like any other.
Value special(const Dict& dict, TimeZone zone) {
  if (dict.size() != 1) return Value::undefined();
  const auto& [key, value] = dict.entries()[0];
  if (key.size() < 5 || key.substr(0, 2) != "__") return Value::undefined();
  const bool known = key == "__datetime__" || key == "__date__" || key == "__time__" ||
                     key == "__decimal__" || key == "__safe__";
  if (!known) return Value::undefined();
  if (!value.is_string()) refuse(fmt::format("{} needs a text; found {}", key, python::repr(value)));
  const std::string_view text = value.str();
  if (key == "__safe__") return Value::safe(text);
  if (key == "__datetime__") return moment_from(text, zone);
  if (key == "__time__") return time_from(text);
  if (key == "__date__") {
    if (const auto date = Date::parse(text)) return Value(*date);
    refuse(fmt::format("__date__ is written \"2027-05-14\"; found \"{}\"", text));
  }
  if (const auto decimal = Decimal::parse(text)) return Value(*decimal);
  refuse(fmt::format("__decimal__ is written \"12.50\"; found \"{}\"", text));
}

// Builds values while nlohmann-json reads; big whole numbers stay exact.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(TimeZone zone) : zone_(zone) {}

  bool null() override { return put(Value()); }
  bool boolean(bool b) override { return put(Value(b)); }
  bool number_integer(number_integer_t n) override { return put(Value(n)); }
  bool number_unsigned(number_unsigned_t n) override {
    if (n <= 9223372036854775807ull) return put(Value(n));
    return put(Value(Decimal::scaled(static_cast<__int128>(n), 0)));
  }
  bool number_float(number_float_t d, const string_t& text) override {
    if (text.find_first_of(".eE") == string_t::npos) {
      if (const auto whole = Decimal::parse(text)) return put(Value(*whole));
    }
    return put(Value(d));
  }
  bool string(string_t& text) override { return put(Value(text)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool key(string_t& name) override {
    stack_.back().key = name;
    return true;
  }
  bool end_object() override {
    const Ref<Dict> dict = stack_.back().dict;
    stack_.pop_back();
    Value value = special(*dict, zone_);
    return put(value.is_undefined() ? Value(dict) : std::move(value));
  }
  bool end_array() override {
    Value value(stack_.back().list);
    stack_.pop_back();
    return put(std::move(value));
  }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& error) override {
    std::string what = error.what();
    const std::size_t colon = what.find(": ");
    if (colon != std::string::npos) what = what.substr(colon + 2);
    refuse(fmt::format("not valid JSON at byte {}: {} (last read: {})", position, what, token));
  }

  Value result;

 private:
  struct Level {
    Ref<Dict> dict;
    Ref<List> list;
    std::string key;
  };
  bool open(bool object) {
    if (stack_.size() >= max_depth) refuse(fmt::format("JSON nested more than {} deep", max_depth));
    stack_.push_back(object ? Level{make<Dict>(), {}, {}} : Level{{}, make<List>(), {}});
    return true;
  }
  bool put(Value value) {
    if (stack_.empty()) {
      result = std::move(value);
    } else if (stack_.back().dict) {
      stack_.back().dict->set(stack_.back().key, std::move(value));
    } else {
      stack_.back().list->add(std::move(value));
    }
    return true;
  }

  TimeZone zone_;
  std::vector<Level> stack_;
};

}  // namespace

Value value_from_json(std::string_view json, TimeZone zone) {
  Builder builder(zone);
  nlohmann::json::sax_parse(json.begin(), json.end(), &builder);
  return std::move(builder.result);
}

void fill_from_json(Context& context, std::string_view json) {
  const Value value = value_from_json(json, context.time_zone);
  if (value.kind() != Value::Kind::dict)
    refuse("an object with the variables is expected, {\"name\": value}");
  for (const Dict::Entry& entry : value.dict().entries()) context.set(entry.key, entry.value);
}

}  // namespace plenary::templating
