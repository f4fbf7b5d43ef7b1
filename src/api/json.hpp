// JSON values as this room hands them about: read strictly (no duplicate names, no deep nesting, whole
// numbers exact), written in the order in which members were added. Money and rates are texts here, never
// numbers. Plain values, any thread. source: RFC 8259; design 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace plenary::api {

class Json {
 public:
  enum class Kind : unsigned char { null, flag, integer, number, text, list, object };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : kind_(Kind::flag), integer_(value ? 1 : 0) {}
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Json(T value)
      : kind_(Kind::integer), integer_(static_cast<std::int64_t>(value)) {}
  Json(std::string value) : kind_(Kind::text), text_(std::move(value)) {}
  Json(std::string_view value) : kind_(Kind::text), text_(value) {}
  Json(const char* value) : kind_(Kind::text), text_(value) {}
  template <class T>
  Json(const std::optional<T>& value) = delete;

  static Json list() { return Json(Kind::list); }
  static Json list(std::vector<Json> items);
  static Json object() { return Json(Kind::object); }
  static Json object(std::initializer_list<Member> members);
  // A number with a fraction or an exponent, or one beyond 64 bits, as it was written.
  static Json number(std::string as_written);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_integer() const { return kind_ == Kind::integer; }
  bool is_flag() const { return kind_ == Kind::flag; }
  bool flag() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  const std::string& text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  std::vector<Json>& items() { return items_; }
  const std::vector<Member>& members() const { return members_; }
  std::vector<Member>& members() { return members_; }

  // Of an object; null when it has no such member.
  const Json* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // Adds the member, or replaces it. Makes an object of a null.
  Json& set(std::string_view name, Json value);
  bool remove(std::string_view name);
  void push(Json value) {
    kind_ = Kind::list;
    items_.push_back(std::move(value));
  }

  std::string dump() const;

 private:
  explicit Json(Kind kind) : kind_(kind) {}
  void dump_to(std::string& out) const;

  Kind kind_ = Kind::null;
  std::int64_t integer_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

inline constexpr std::size_t deepest_json = 16;

// What was wrong with a text that is no JSON of ours.
struct JsonFault {
  std::string message;   // for a person: what and where
  std::size_t byte = 0;  // from the beginning of the text
};
// False and `fault`: not JSON, a name that comes twice in one object, nested too deeply, not UTF-8.
bool read_json(std::string_view text, Json& value, JsonFault& fault);

// "/billing/vat_id": `pointer` with one more segment, escaped as RFC 6901 says.
std::string pointer_to(std::string_view pointer, std::string_view name);
std::string pointer_to(std::string_view pointer, std::size_t index);

}  // namespace plenary::api
