// Value: what a template sees of the program's data. 24 bytes, cheap to copy, immutable once built, safe to
// share between threads. Strings may be borrowed (no allocation) or owned; containers and objects are
// reference counted. Domain structs are exposed without copying by deriving from Object, or with
// templating/fields.hpp. What a value prints, compares and counts as follows the Django template language.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace plenary::templating {

// Base of everything a Value can own. The count is inside, so that a Value needs one pointer.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) noexcept {}
  Counted& operator=(const Counted&) noexcept { return *this; }
  virtual ~Counted() = default;

  void retain() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  mutable std::atomic<std::uint32_t> count_{0};
};

template <class T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) noexcept : object_(object) {
    if (object_) object_->retain();
  }
  Ref(const Ref& other) noexcept : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U, class = std::enable_if_t<std::is_convertible_v<U*, T*>>>
  Ref(Ref<U> other) noexcept : object_(other.detach()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->release();
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  T* detach() noexcept { return std::exchange(object_, nullptr); }

 private:
  T* object_ = nullptr;
};

template <class T, class... Arguments>
Ref<T> make(Arguments&&... arguments) {
  return Ref<T>(new T(std::forward<Arguments>(arguments)...));
}

class List;
class Dict;
class Object;

// A wall-clock time without date or zone.
struct TimeOfDay {
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  friend constexpr auto operator<=>(const TimeOfDay&, const TimeOfDay&) = default;
};

class Value {
 public:
  enum class Kind : std::uint8_t {
    undefined,  // "there is no such thing": what Object::get answers for an unknown name
    null,
    boolean,
    integer,
    real,
    decimal,
    string,
    date,
    datetime,
    time,
    list,
    dict,
    object
  };

  Value() noexcept : kind_(Kind::null) {}
  Value(std::nullptr_t) noexcept : Value() {}
  Value(bool b) noexcept : kind_(Kind::boolean) { integer_ = b; }
  template <class I, std::enable_if_t<std::is_integral_v<I> && !std::is_same_v<I, bool>, int> = 0>
  Value(I n) noexcept : kind_(Kind::integer) {
    integer_ = static_cast<std::int64_t>(n);
  }
  Value(double d) noexcept : kind_(Kind::real) { real_ = d; }
  Value(const Decimal& d);
  // The bytes are copied. UTF-8.
  Value(std::string_view text);
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(Date date) noexcept : kind_(Kind::date) { integer_ = date.days_since_1970(); }
  Value(TimeOfDay time) noexcept;
  // A moment; shown in the context's time zone.
  Value(Instant moment) noexcept : Value(moment, TimeZone::utc()) {}
  Value(Instant moment, TimeZone zone) noexcept;
  Value(Ref<const List> list) noexcept;
  Value(Ref<List> list) noexcept;
  Value(Ref<const Dict> dict) noexcept;
  Value(Ref<Dict> dict) noexcept;
  template <class T, std::enable_if_t<std::is_base_of_v<Object, T>, int> = 0>
  Value(Ref<T> object) noexcept : Value(ObjectTag{}, static_cast<const Object*>(object.get())) {}
  template <class T>
  Value(T*) = delete;  // never a pointer as a boolean

  static Value undefined() noexcept {
    Value v;
    v.kind_ = Kind::undefined;
    return v;
  }
  // No copy: `text` must stay alive as long as any copy of the value (a literal, the template, a domain
  // struct that outlives the render).
  static Value borrowed(std::string_view text) noexcept;
  static Value borrowed_safe(std::string_view text) noexcept { return borrowed(text).marked_safe(); }
  // Markup that must not be escaped again. The bytes are copied.
  static Value safe(std::string_view markup) { return Value(markup).marked_safe(); }
  // Keeps `owner` alive with the string.
  static Value shared(std::string_view text, std::shared_ptr<const void> owner);
  // No ownership: `object` must outlive every copy.
  static Value reference(const Object& object) noexcept;
  // A moment with a fixed offset east of UTC instead of a zone.
  static Value datetime_with_offset(Instant moment, int offset_seconds) noexcept;
  static Value list(std::vector<Value> items);
  static Value dict(const std::vector<std::pair<std::string, Value>>& entries);
  static Value dict(std::initializer_list<std::pair<std::string_view, Value>> entries);

  Value(const Value& other) noexcept { copy_from(other); }
  Value(Value&& other) noexcept {
    raw_copy(other);
    other.kind_ = Kind::null;
    other.flags_ = 0;
  }
  Value& operator=(const Value& other) noexcept {
    if (this != &other) {
      drop();
      copy_from(other);
    }
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      drop();
      raw_copy(other);
      other.kind_ = Kind::null;
      other.flags_ = 0;
    }
    return *this;
  }
  ~Value() { drop(); }

  Kind kind() const noexcept { return kind_; }
  bool is_undefined() const noexcept { return kind_ == Kind::undefined; }
  bool is_null() const noexcept { return kind_ == Kind::null; }
  bool is_string() const noexcept { return kind_ == Kind::string; }
  // True for strings that are markup already.
  bool is_safe() const noexcept { return flags_ & safe_flag; }
  Value marked_safe() const&;
  Value marked_safe() &&;
  Value marked_unsafe() const;

  // Each is valid for its own kind only.
  bool boolean() const noexcept { return integer_ != 0; }
  std::int64_t integer() const noexcept { return integer_; }
  double real() const noexcept { return real_; }
  Decimal decimal() const;
  std::string_view str() const noexcept { return {text_, size_}; }
  Date date() const noexcept { return Date::from_days(static_cast<std::int32_t>(integer_)); }
  TimeOfDay time() const noexcept;
  Instant instant() const noexcept { return Instant{integer_}; }
  // The wall clock of a datetime in its own zone.
  LocalTime local() const;
  // A datetime seen in another zone; `pinned` keeps templates from converting it again.
  Value in_zone(TimeZone zone, bool pinned = false) const;
  Value pinned() const;  // of a datetime: shown in its own zone
  bool has_fixed_offset() const noexcept { return flags_ & offset_flag; }
  bool is_pinned() const noexcept { return flags_ & pinned_flag; }
  TimeZone zone() const noexcept { return zone_; }  // of a datetime without fixed offset
  const List& list() const noexcept { return *reinterpret_cast<const List*>(counted_); }
  const Dict& dict() const noexcept { return *reinterpret_cast<const Dict*>(counted_); }
  const Object& object() const noexcept { return *reinterpret_cast<const Object*>(counted_); }

  // False: null, undefined, false, zero, empty string, list, dict.
  bool truth() const;
  // What Python's str() gives.
  std::string to_text() const;
  void append_text(std::string& out) const;

  // Same object, or the same singleton or small integer: the operator `is`.
  bool is_same(const Value& other) const noexcept;

 private:
  struct ObjectTag {};
  Value(ObjectTag, const Object* object) noexcept;
  static constexpr std::uint8_t safe_flag = 1, owned_flag = 2, offset_flag = 4, pinned_flag = 8,
                                wide_flag = 16;

  void raw_copy(const Value& other) noexcept {
    kind_ = other.kind_;
    flags_ = other.flags_;
    size_ = other.size_;
    integer_ = other.integer_;
    owner_ = other.owner_;
  }
  void copy_from(const Value& other) noexcept {
    raw_copy(other);
    if (flags_ & owned_flag) owner_->retain();
  }
  void drop() noexcept {
    if (flags_ & owned_flag) owner_->release();
  }
  void own(const Counted* owner) noexcept;

  Kind kind_;
  std::uint8_t flags_ = 0;
  std::uint32_t size_ =
      0;  // bytes of a string, scale of a decimal, microsecond of a time, offset of a datetime
  union {
    std::int64_t integer_ = 0;
    double real_;
    const char* text_;
    const void* counted_;  // List, Dict or Object
  };
  union {
    const Counted* owner_ = nullptr;
    TimeZone zone_;
  };
};
static_assert(sizeof(Value) == 24);

// A Python list, or a tuple where the language prints and groups differently.
class List final : public Counted {
 public:
  enum class Form : std::uint8_t { list, tuple, keys, values, items, group };
  List() = default;
  explicit List(std::vector<Value> items, Form form = Form::list) : items_(std::move(items)), form_(form) {}
  void add(Value value) { items_.push_back(std::move(value)); }  // before it is shared
  void reserve(std::size_t n) { items_.reserve(n); }
  std::size_t size() const { return items_.size(); }
  const Value& operator[](std::size_t i) const { return items_[i]; }
  const std::vector<Value>& items() const { return items_; }
  Form form() const { return form_; }

 private:
  std::vector<Value> items_;
  Form form_ = Form::list;
};

// A mapping with string keys that keeps the order of insertion.
class Dict final : public Counted {
 public:
  struct Entry {
    std::string key;
    Value value;
  };
  Dict() = default;
  Dict(std::initializer_list<std::pair<std::string_view, Value>> entries);
  void set(std::string_view key, Value value);  // before it is shared
  void reserve(std::size_t n) { entries_.reserve(n); }
  const Value* find(std::string_view key) const;
  std::size_t size() const { return entries_.size(); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> sorted_;  // kept once there are many
};

// Something with named attributes, read when the template asks. Called from the rendering thread only.
class Object : public Counted {
 public:
  // The attribute, or Value::undefined(). A name that begins with an underscore is never asked for.
  virtual Value get(std::string_view name) const = 0;
  // {{ object }}. A safe string is printed as it is: a form field answers with its markup.
  virtual Value text() const;
  // What text() says, appended to a page without a copy between. Only where that is a safe string; false, and
  // nothing appended: it is not.
  virtual bool append_markup(std::string& out) const {
    (void)out;
    return false;
  }
  virtual bool truth() const { return is_sequence() ? size() != 0 : true; }
  // Objects that can be looped over and indexed answer true and override the other two.
  virtual bool is_sequence() const { return false; }
  virtual std::size_t size() const { return 0; }
  virtual Value at(std::size_t index) const;
  virtual bool equals(const Object& other) const { return this == &other; }
};

}  // namespace plenary::templating
